"""The build hook: adds files of npm packages, pinned by hash: the query editor, and JSON-LD contexts.

A package that cannot be fetched is left out with a warning; all else works without it.
"""

import base64
import contextlib
import hashlib
import io
import json
import os
import re
import tarfile
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DEFAULT_REGISTRY = "https://registry.npmjs.org/"
"""The default registry of npm."""
SECONDS = 30
"""Timeout of a request, so that a build without a network does not hang."""
MANIFEST = "package.json"
"""Unpacked last, so that its presence marks a complete copy; it also states the license and authors of the package."""


@dataclass(frozen=True)
class Package:
    """One row of `[[tool.hatch.build.hooks.custom.packages]]`.

    integrity: hash of the tarball as npm writes it, `sha512-...` (Subresource Integrity). files: paths in the tarball,
    below `package/`. folder: target, relative to the root of the project; subfolders of the tarball are not kept.
    """

    name: str
    version: str
    integrity: str
    files: Sequence[str]
    folder: str


class FrontEnd(BuildHookInterface):  # type: ignore[type-arg]
    """Fetches the packages before the files of a wheel, a source archive or an editable install are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add every package; warn about one that cannot be fetched or does not match its hash."""
        for package in (Package(**row) for row in self.config["packages"]):
            try:
                place(package, Path(self.root), registry(os.environ, Path.home()), cache(os.environ, Path.home()))
            except (OSError, HTTPException, ValueError, KeyError, tarfile.TarError) as error:
                self.app.display_warning(f"Built without {package.name}: {error}. All else works without it.")


def registry(environment: Mapping[str, str], home: Path) -> str:
    """The registry that npm is configured for: by environment variable, else in ~/.npmrc, else the default."""
    settings = {name.lower(): value for name, value in environment.items()}
    found = settings.get("npm_config_registry", "")
    npmrc = home / ".npmrc"
    if not found and npmrc.is_file():
        stated = re.findall(r"^\s*registry\s*=\s*(\S+)\s*$", npmrc.read_text(encoding="utf-8"), re.MULTILINE)
        found = stated[-1] if stated else ""
    return (found or DEFAULT_REGISTRY).rstrip("/") + "/"


def cache(environment: Mapping[str, str], home: Path) -> Path:
    """The folder that keeps tarballs between builds (XDG Base Directory Specification)."""
    return Path(environment.get("XDG_CACHE_HOME") or home / ".cache") / "ma-coalitions" / "npm"


def place(package: Package, root: Path, address: str, kept: Path) -> None:
    """Put the files of a package into its folder, unless they are there already, as in an unpacked source archive.

    Raises OSError if the registry cannot be reached, ValueError if the tarball does not match its hash.
    """
    folder = root / package.folder
    manifest = folder / MANIFEST
    if manifest.is_file() and json.loads(manifest.read_bytes())["version"] == package.version:
        return
    data = tarball(package, address, kept)
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        members = {Path(path).name: archive.extractfile(f"package/{path}") for path in (*package.files, MANIFEST)}
        folder.mkdir(parents=True, exist_ok=True)
        for name, member in members.items():
            if member is None:
                raise ValueError(f"{name} is not a file in the tarball")
            (folder / name).write_bytes(member.read())


def tarball(package: Package, address: str, kept: Path) -> bytes:
    """The tarball of a package, from the cache, else from the registry; a fetched one is kept."""
    file = kept / f"{package.name.replace('/', '-')}-{package.version}.tgz"
    if file.is_file() and integrity(file.read_bytes()) == package.integrity:
        return file.read_bytes()
    base = package.name.rpartition("/")[2]
    url = f"{address}{package.name}/-/{base}-{package.version}.tgz"
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{address} is not an http or https URL")
    with urllib.request.urlopen(url, timeout=SECONDS) as response:  # noqa: S310
        data: bytes = response.read()
    if integrity(data) != package.integrity:
        raise ValueError(f"{url} does not match the pinned hash")
    keep(file, data)
    return data


def keep(file: Path, data: bytes) -> None:
    """Write a file to the cache, and ignore errors: the cache is optional, and hashes are checked when it is read."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def integrity(data: bytes) -> str:
    """The SHA-512 of data as npm writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
