"""The build hook: adds files of npm packages, pinned by hash: the query editor, and JSON-LD contexts, with the
licenses of all that is in them.

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
import time
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
"""Time for a tarball, so that a build without a network, or with a slow one, does not hang."""
MOST = 16 << 20
"""Bytes that a tarball may have."""
LICENSE_FILE = re.compile(r"[^/]+/licen[cs]e(\.\w+)?", re.IGNORECASE)
LICENSES = "licenses.txt"
"""The licenses of a package and of those that its files contain."""
MANIFEST = "package.json"
"""States the license and the authors of a package."""


@dataclass(frozen=True)
class Package:
    """One row of `[[tool.hatch.build.hooks.custom.packages]]`.

    integrity: hash of the tarball as npm writes it, `sha512-...` (Subresource Integrity). files: paths in the tarball,
    below `package/`. folder: target, relative to the root of the project; subfolders of the tarball are not kept.
    placed: hash of what is placed there (`digest`). bundled: the packages that its files contain, each as
    "name version integrity"; only their licenses are placed.
    """

    name: str
    version: str
    integrity: str
    files: Sequence[str]
    folder: str
    placed: str
    bundled: Sequence[str] = ()


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

    Raises OSError if the registry cannot be reached, ValueError if a tarball or what is placed does not match its hash.
    """
    folder = root / package.folder
    names = sorted({*(Path(path).name for path in package.files), MANIFEST, LICENSES})
    if all((folder / name).is_file() for name in names):
        there = {name: (folder / name).read_bytes() for name in names}
        if digest(there) == package.placed:
            return
    entries = [entry.split(" ") for entry in package.bundled]
    bundled = [Package(name, version, pinned, (), "", "") for name, version, pinned in entries]
    archives = [(one, tarball(one, address, kept)) for one in (package, *bundled)]
    found = unpack(archives[0][1], package.files)
    found[LICENSES] = "\n".join(license_of(one, data) for one, data in archives).encode()
    if digest(found) != package.placed:
        raise ValueError(f"the files do not match the pinned hash, they have {digest(found)}")
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in found.items():
        (folder / name).write_bytes(body)


def unpack(data: bytes, paths: Sequence[str]) -> dict[str, bytes]:
    """The files of a tarball and its manifest, by their names without folders."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        members = {Path(path).name: archive.extractfile(f"package/{path}") for path in (*paths, MANIFEST)}
        missing = [name for name, member in members.items() if member is None]
        if missing:
            raise ValueError(f"{missing[0]} is not a file in the tarball")
        return {name: member.read() for name, member in members.items() if member}


def license_of(package: Package, data: bytes) -> str:
    """The name, the stated license and the license text of a package; some packages have no such text."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        names = [name for name in archive.getnames() if LICENSE_FILE.fullmatch(name)]
        stated = json.loads(unpack(data, ())[MANIFEST])
        member = archive.extractfile(min(names)) if names else None
        text = member.read().decode() if member else f"License: {stated.get('license')}, {stated.get('author', '')}\n"
    heading = f"{package.name} {package.version} ({stated.get('license')})"
    return f"{heading}\n{'=' * len(heading)}\n\n{text.strip()}\n"


def digest(files: Mapping[str, bytes]) -> str:
    """The SHA-256 of the names and contents of files."""
    lines = [f"{name} {hashlib.sha256(body).hexdigest()}\n" for name, body in sorted(files.items())]
    return "sha256-" + hashlib.sha256("".join(lines).encode()).hexdigest()


def tarball(package: Package, address: str, kept: Path) -> bytes:
    """The tarball of a package, from the cache, else from the registry; a fetched one is kept."""
    file = kept / f"{package.name.replace('/', '-')}-{package.version}.tgz"
    if file.is_file() and integrity(file.read_bytes()) == package.integrity:
        return file.read_bytes()
    base = package.name.rpartition("/")[2]
    url = f"{address}{package.name}/-/{base}-{package.version}.tgz"
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{address} is not an http or https URL")
    data = download(url)
    if integrity(data) != package.integrity:
        raise ValueError(f"{url} does not match the pinned hash")
    keep(file, data)
    return data


def download(url: str) -> bytes:
    """The body of an address. Raises ValueError if it is too large, TimeoutError if it takes too long."""
    end = time.monotonic() + SECONDS
    data = bytearray()
    with urllib.request.urlopen(url, timeout=SECONDS) as response:  # noqa: S310
        while piece := response.read1(1 << 16):
            data += piece
            if len(data) > MOST:
                raise ValueError(f"{url} exceeds the limit of {MOST >> 20} MiB")
            if time.monotonic() > end:
                raise TimeoutError(f"{url} took more than {SECONDS} s")
    return bytes(data)


def keep(file: Path, data: bytes) -> None:
    """Write a file to the cache, and ignore errors: the cache is optional, and hashes are checked when it is read."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def integrity(data: bytes) -> str:
    """The SHA-512 of data as npm writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
