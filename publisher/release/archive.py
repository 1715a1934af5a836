"""The archive: the frozen releases of a root, and their compiled stores, which are rebuilt from their N-Quads."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, Final

from publisher.atomic_write import make_folder
from publisher.dataset.iris import GRAPH_PATH, ONTOLOGY_PATH, RELEASE_PATH, SHAPES_PATH, Names
from publisher.dataset.releases import FOLDER as RELEASES
from publisher.dataset.releases import MANIFEST, Release, find_release, read_releases, replay
from publisher.dataset.repository import CONTEXT_FILE, PREFIXES_FILE
from publisher.errors import CannotRunError, NotFoundError
from publisher.release.compiler import Report, compile_release, ignore

FOLDER: Final = "rebuilt"
"""The folder of rebuilt roots, in that of the compiled releases."""
_FORM: Final = b"2"
"""The form of a rebuilt root: change it when a root is filled otherwise. Since 2, it has the releases up to its own."""
_DATA_GRAPH: Final = re.compile(r"[a-z0-9][\w.-]*", re.ASCII)


@dataclass(frozen=True)
class Edition:
    """Which release an open store is.

    id: of its statements. release: the one that it is, or else the last one before it; None if there is none. exact:
    whether it is that one; otherwise there are unreleased changes. past: whether it is served as an earlier state.
    """

    id: str
    release: Release | None = None
    exact: bool = False
    past: bool = False


def describe_edition(edition: Edition) -> str:
    """The words by which a citation names the state of a store."""
    if edition.release is None:
        return f"state {edition.id[:12]}"
    if edition.exact:
        return f"release {edition.release.version} of {edition.release.date}"
    return f"state {edition.id[:12]}, with unreleased changes since release {edition.release.version}"


def file_suffix(edition: Edition) -> str:
    """The words that names of files have for the state of a store: its release, or the last one before it."""
    if edition.release is None:
        return ""
    return f"-{edition.release.version}" if edition.exact else f"-after-{edition.release.version}"


def name_with_release(title: str, edition: Edition) -> str:
    """The title of a data set with the words that name its state; alone where nothing was released yet."""
    return f"{title}, {describe_edition(edition)}" if edition.release else title


def date_of(edition: Edition, modified: str) -> str:
    """The date that citations state: that of the release, or else that of the last change, which may be empty."""
    return edition.release.date if edition.release and edition.exact else modified


class Archive:
    """The frozen releases of a root. folder: of the compiled releases. Raises CannotRunError where a manifest is
    malformed."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.releases: Sequence[Release] = read_releases(root)
        self._folder = folder

    def find(self, version: str) -> Release:
        """Return the release of a version, or the last one for `latest`. Raises CannotRunError."""
        return find_release(self.releases, version)

    def require(self, version: str, names: Names) -> Release:
        """Return the release of a version. Raises NotFoundError, with the releases that there are."""
        found = next((release for release in self.releases if release.version == version), None)
        if found is not None:
            return found
        known = [release.version for release in self.releases]
        there = f"There are {', '.join(known)}." if known else "There are none."
        members = {"suggestions": [names.iri(f"{RELEASE_PATH}/{each}") for each in known[::-1]]} if known else {}
        raise NotFoundError(f"There is no release {version}. {there}", **members)

    def identify(self, id_: str, *, past: bool = False) -> Edition:
        """Return which release a store with an identifier is. past: whether it is served as an earlier state."""
        same = [release for release in self.releases if release.id == id_]
        known = same or self.releases[-1:]
        return Edition(id_, known[-1] if known else None, bool(same), past)

    def compile(self, version: str, report: Report = ignore) -> Path:
        """Return the folder of the compiled store of a release; rebuild and compile it where it is missing.

        Raises CannotRunError if there is no such release, or its files do not give its statements.
        """
        return compile_release(self.rebuild(version), self._folder, report)

    def rebuild(self, version: str) -> Path:
        """Return a root with the statements, the context and the queries of a release, made now or before."""
        release = self.find(version)
        manifests = [(each.folder / MANIFEST).read_bytes() for each in self._up_to(release)]
        key = hashlib.sha256(_FORM + b"".join(manifests)).hexdigest()[:16]
        place = self._folder / FOLDER / f"{release.id}-{key}"
        if not place.is_dir():
            with make_folder(place.parent) as making:
                self._fill(making, release)
                with suppress(*((OSError,) if place.is_dir() else ())):  # Another process made it meanwhile.
                    making.rename(place)
        with suppress(OSError):  # It may belong to another user.
            os.utime(place)
        return place

    def _up_to(self, release: Release) -> Sequence[Release]:
        return self.releases[: self.releases.index(release) + 1]

    def _fill(self, root: Path, release: Release) -> None:
        for folder in ("data", "ontology", "shapes"):
            (root / folder).mkdir(parents=True)
        if _write_graphs(root, replay(self.releases, release.version), release.base) != release.id:
            raise CannotRunError(f"The files of the releases do not give the statements of release {release.version}.")
        for path, text in {CONTEXT_FILE: release.context, **release.queries}.items():
            place = root / path
            if not place.resolve().is_relative_to(root.resolve()):
                raise CannotRunError(f"Release {release.version} has a query outside of its folders: {path}.")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode())
        for each in self._up_to(release):  # Its change log ends with the release itself.
            shutil.copytree(each.folder, root / RELEASES / each.version)


def _write_graphs(root: Path, lines: Iterable[bytes], base: str) -> str:
    """Write N-Quads as one file of N-Triples for each graph, which is Turtle too. Return their SHA-256, in
    hexadecimal."""
    files: dict[bytes, BinaryIO] = {}
    found = hashlib.sha256()
    try:
        for graph, group in groupby(lines, lambda line: line[:-3].rpartition(b" ")[2]):
            if graph not in files:
                path = root / _path_of(graph.decode()[1:-1], base)
                files[graph] = path.open("wb")
            for line in group:
                found.update(line)
                files[graph].write(line[: -len(graph) - 3] + b".\n")
    finally:
        for file in files.values():
            file.close()
    return found.hexdigest()


def _path_of(graph: str, base: str) -> str:
    """The file of a root from which a named graph is read. Raises CannotRunError where there is none."""
    name = graph.removeprefix(base)
    if name == ONTOLOGY_PATH:
        return PREFIXES_FILE
    if name == SHAPES_PATH:
        return f"{SHAPES_PATH}/{SHAPES_PATH}.ttl"
    family = name.removeprefix(GRAPH_PATH)
    if name == family or not _DATA_GRAPH.fullmatch(family):
        raise CannotRunError(f"A release has a graph that no file of a root is published in: {graph}.")
    return f"data/{family}.ttl"
