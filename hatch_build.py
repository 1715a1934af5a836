"""The build hook that puts npm packages for the pages beside the stylesheet, pinned by hash.

A package that cannot be had is left out with a warning: the pages then keep their plain forms.
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
"""What npm itself asks where nobody configured another."""
SECONDS = 30
"""For each answer of the registry; a build must not hang where it is out of reach."""
MANIFEST = "package.json"
"""Unpacked last, so that it stands for a complete copy; it also states the package's licence and authors."""


@dataclass(frozen=True)
class Package:
    """One row of `[[tool.hatch.build.hooks.custom.packages]]`.

    integrity: `sha512-...` of the registry's tarball, as npm writes it (Subresource Integrity). files: paths in the
    tarball below `package/`. folder: where they go, below the project's root, without folders of their own.
    """

    name: str
    version: str
    integrity: str
    files: Sequence[str]
    folder: str


class FrontEnd(BuildHookInterface):  # type: ignore[type-arg]
    """Fetches the packages before the files of a wheel, a source archive or an editable install are gathered."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Put every package at its place; warn of one that is out of reach or not what was pinned."""
        for package in (Package(**row) for row in self.config["packages"]):
            try:
                place(package, Path(self.root), registry(os.environ, Path.home()), cache(os.environ, Path.home()))
            except (OSError, HTTPException, ValueError, KeyError, tarfile.TarError) as error:
                self.app.display_warning(f"Built without {package.name}: {error}. The pages keep their plain forms.")


def registry(environment: Mapping[str, str], home: Path) -> str:
    """The registry's address as npm is configured: by environment, else in ~/.npmrc, else npm's default."""
    settings = {name.lower(): value for name, value in environment.items()}
    found = settings.get("npm_config_registry", "")
    npmrc = home / ".npmrc"
    if not found and npmrc.is_file():
        stated = re.findall(r"^\s*registry\s*=\s*(\S+)\s*$", npmrc.read_text(encoding="utf-8"), re.MULTILINE)
        found = stated[-1] if stated else ""
    return (found or DEFAULT_REGISTRY).rstrip("/") + "/"


def cache(environment: Mapping[str, str], home: Path) -> Path:
    """The folder in which tarballs are kept between builds (XDG Base Directory Specification)."""
    return Path(environment.get("XDG_CACHE_HOME") or home / ".cache") / "ma-coalitions" / "npm"


def place(package: Package, root: Path, address: str, kept: Path) -> None:
    """Put a package's files into its folder, unless they are there already, as in an unpacked source archive.

    Raises OSError where the registry cannot be reached, ValueError where it sends other bytes than were pinned.
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
                raise ValueError(f"{name} is no file")
            (folder / name).write_bytes(member.read())


def tarball(package: Package, address: str, kept: Path) -> bytes:
    """The pinned bytes of a package, from the cache or else from the registry, and then kept."""
    file = kept / f"{package.name.replace('/', '-')}-{package.version}.tgz"
    if file.is_file() and integrity(file.read_bytes()) == package.integrity:
        return file.read_bytes()
    base = package.name.rpartition("/")[2]
    url = f"{address}{package.name}/-/{base}-{package.version}.tgz"
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{address} is no address of a registry")
    with urllib.request.urlopen(url, timeout=SECONDS) as response:  # noqa: S310
        data: bytes = response.read()
    if integrity(data) != package.integrity:
        raise ValueError(f"{url} has other bytes than were pinned")
    keep(file, data)
    return data


def keep(file: Path, data: bytes) -> None:
    """Write a file of the cache; one that cannot be written is done without, as its hash is checked when it is read."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def integrity(data: bytes) -> str:
    """The SHA-512 of data as npm writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
