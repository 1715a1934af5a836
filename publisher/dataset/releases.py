"""Releases: the folders `data/releases/<version>/`, each with what one release published, and how to replay them.

A folder has `manifest.json`, the list `iris.tsv` (`released_iris`), the canonical N-Quads that were added and removed
since the release before it, the JSON-LD context, and the queries: shortcuts, questions and checks. `docs/releases.md`
describes the files.
"""

import gzip
import heapq
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from publisher.dataset.files import read_text
from publisher.dataset.repository import home_of
from publisher.errors import CannotRunError

FOLDER: Final = "data/releases"
"""The folder of releases, below a root."""
LATEST: Final = "latest"
"""Stands for the last release."""
MANIFEST: Final = "manifest.json"
ADDED: Final = "added.nq"
REMOVED: Final = "removed.nq"
CONTEXT: Final = "context.jsonld"
QUERIES: Final = "queries.json"
LIST: Final = "iris.tsv"
"""The files of a release."""
FILES: Final = (MANIFEST, ADDED, REMOVED, LIST)
"""Those that a server publishes as they are."""
PACKED: Final = ".gz"
"""What the names of large N-Quads files end with: these are compressed."""
VERSION: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([a-z]+)(?:\.(0|[1-9]\d*))?)?\Z", re.ASCII)
"""Matches versions: MAJOR.MINOR.PATCH, also with `-rc.1` or the like (Semantic Versioning 2.0.0)."""


@dataclass(frozen=True)
class Release:
    """One release that was frozen.

    folder: its files. id: the SHA-256 of its canonical N-Quads. date: the day on which it was made, as `YYYY-MM-DD`.
    previous: the version before it; empty for the first. software: the version of the software that made it. base: of
    its IRIs. counts: numbers by name: of statements (`asserted`, `derived`, `total`, `added`, `removed`), of `things`
    and of `iris`. derived: the graphs that are computed when it is compiled -> the SHA-256 of their canonical N-Quads.
    files: name -> the SHA-256 of its content, before compression.
    """

    folder: Path
    version: str
    id: str
    date: str
    previous: str
    software: str
    base: str
    counts: Mapping[str, int]
    derived: Mapping[str, str]
    files: Mapping[str, str]

    def read_added(self) -> Iterator[bytes]:
        """The lines that were added since the release before, in order."""
        return self._lines(ADDED)

    def read_removed(self) -> Iterator[bytes]:
        """The lines that were removed since the release before, in order."""
        return self._lines(REMOVED)

    def open(self, name: str) -> BinaryIO:
        """Open a file of the release, unpacked where it is compressed. Raises OSError."""
        plain, packed = self.folder / name, self.folder / f"{name}{PACKED}"
        return cast(BinaryIO, gzip.open(packed)) if packed.exists() else plain.open("rb")

    def _lines(self, name: str) -> Iterator[bytes]:
        try:
            with self.open(name) as file:
                yield from file
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or "not a complete gzip file"
            raise CannotRunError(f"{FOLDER}/{self.version}/{name} cannot be read: {reason}.") from error

    @property
    def context(self) -> str:
        """The text of the JSON-LD context."""
        return read_text(self.folder / CONTEXT, f"{FOLDER}/{self.version}/{CONTEXT}")

    @property
    def queries(self) -> Mapping[str, str]:
        """The shortcuts, questions and checks: path below a root -> text. Raises CannotRunError."""
        place = f"{FOLDER}/{self.version}/{QUERIES}"
        found = _read_json(self.folder / QUERIES, place)
        return {str(path): str(text) for path, text in found.items()}


def order_of(version: str) -> tuple[Any, ...]:
    """The sort key of a version (Semantic Versioning 2.0.0, section 11). Raises CannotRunError where it is none."""
    found = VERSION.match(version)
    if found is None:
        raise CannotRunError(f"{version!r} is not a version: it has the form MAJOR.MINOR.PATCH, or 1.0.0-rc.1.")
    numbers = tuple(map(int, found.group(1, 2, 3)))
    return (*numbers, found[4] is None, found[4] or "", int(found[5] or -1))


def folder_of(root: Path) -> Path:
    """Return the folder of the releases of a root."""
    return home_of(root, "data") / FOLDER


def read_releases(root: Path) -> list[Release]:
    """Read the manifests of a root's releases, in the order of their versions.

    Raises CannotRunError if one cannot be read, or names another release before it than there is.
    """
    folders = [place for place in folder_of(root).glob("*") if VERSION.match(place.name) and place.is_dir()]
    found = [_read_manifest(place) for place in sorted(folders, key=lambda place: order_of(place.name))]
    for before, release in zip(["", *(each.version for each in found)], found, strict=False):
        if release.previous != before:
            said = f"{FOLDER}/{release.version}/{MANIFEST} states that the release before it is"
            raise CannotRunError(f"{said} {release.previous or 'none'}, but it is {before or 'none'}.")
    return found


def _read_manifest(folder: Path) -> Release:
    place = f"{FOLDER}/{folder.name}/{MANIFEST}"
    stated = _read_json(folder / MANIFEST, place)
    try:
        texts = {name: str(stated[name]) for name in ("version", "id", "date", "previous", "software", "base")}
        counts = {str(name): int(number) for name, number in stated["counts"].items()}
        digests = [{str(name): str(digest) for name, digest in stated[key].items()} for key in ("derived", "files")]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CannotRunError(f"{place}: Not the manifest of a release ({error}).") from error
    if texts["version"] != folder.name:
        raise CannotRunError(f"{place} is of version {texts['version']}.")
    return Release(folder, **texts, counts=counts, derived=digests[0], files=digests[1])


def _read_json(path: Path, place: str) -> dict[str, Any]:
    try:
        found = json.loads(read_text(path, place))
    except (ValueError, RecursionError) as error:
        raise CannotRunError(f"{place}: Not JSON ({error}).") from error
    if not isinstance(found, dict):
        raise CannotRunError(f"{place}: Not a JSON object.")
    return found


def find_release(releases: Iterable[Release], version: str) -> Release:
    """Return the release of a version, or the last one for `latest`. Raises CannotRunError, with the versions that
    there are."""
    known = list(releases)
    found = known[-1:] if version == LATEST else [release for release in known if release.version == version]
    if not found:
        there = f"there are {', '.join(release.version for release in known)}" if known else "there are none"
        raise CannotRunError(f"There is no release {version} in {FOLDER}; {there}.")
    return found[0]


# Lines


def replay(releases: Sequence[Release], version: str = "") -> Iterator[bytes]:
    """Return the canonical N-Quads of a release, line by line, in order. version: which; the last one if empty.

    Raises CannotRunError where the files do not fit together.
    """
    lines: Iterator[bytes] = iter(())
    for release in releases:
        lines = heapq.merge(_leave_out(lines, release), release.read_added())
        if release.version == version:
            break
    return lines


def _leave_out(lines: Iterator[bytes], release: Release) -> Iterator[bytes]:
    """The lines without those that a release removed."""
    removed = release.read_removed()
    gone = next(removed, None)
    for line in lines:
        if line == gone:
            gone = next(removed, None)
        else:
            yield line
    if gone is not None:
        raise CannotRunError(f"{FOLDER}/{release.version}/{REMOVED} has a statement that was not there.")


def find_difference(releases: Sequence[Release], before: str, after: str) -> tuple[list[bytes], list[bytes]]:
    """Return the lines that release `after` has and `before` has not, and those that only `before` has, in order.

    Either may be the older one. Raises CannotRunError if there is no such release.
    """
    versions = [release.version for release in releases]
    first, last = sorted(versions.index(find_release(releases, version).version) for version in (before, after))
    added: set[bytes] = set()
    removed: set[bytes] = set()
    for release in releases[first + 1 : last + 1]:
        for line in release.read_removed():
            (added if line in added else removed).symmetric_difference_update((line,))
        for line in release.read_added():
            (removed if line in removed else added).symmetric_difference_update((line,))
    is_forward = versions.index(find_release(releases, after).version) == last
    return (sorted(added), sorted(removed)) if is_forward else (sorted(removed), sorted(added))


def compare(before: Iterator[bytes], after: Iterator[bytes]) -> Iterator[tuple[bool, bytes]]:
    """Compare two sets of sorted lines: yield each line that only one of them has; True for one of the second."""
    old, new = next(before, None), next(after, None)
    while old is not None or new is not None:
        if old == new:
            old, new = next(before, None), next(after, None)
        elif new is None or (old is not None and old < new):
            yield False, old or b""
            old = next(before, None)
        else:
            yield True, new
            new = next(after, None)
