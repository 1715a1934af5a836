"""The folder of a build: files that are written only where they changed, and a manifest of their checksums."""

import hashlib
import os
import re
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final

from publisher.atomic_write import open_atomically
from publisher.errors import CannotRunError

PRIVATE: Final = ".build"
"""The folder of what is no part of the site: the manifest and the rules of web servers."""
MANIFEST: Final = f"{PRIVATE}/manifest.sha256"
"""A line for each file, sorted by path: its SHA-256, two spaces, its path. `sha256sum --check` reads it."""
JOURNAL: Final = f"{PRIVATE}/unfinished"
"""The paths that a build writes, each before its file. It is there until the build is done: the next build knows by it
that one was interrupted, and removes what that left."""
PIECE: Final = 1 << 18
"""Bytes of a file that are read at once."""
NEW: Final = ".new"
"""What the name of a file ends with until all of it is written, and it is known whether it changed."""
FOLDERS: Final = 1 << 10
"""Folders that are known to be there, the last ones."""
LONGEST: Final = 240
"""Characters of a name: file systems take 255 bytes, and replacing a file adds some for a moment."""
UNKNOWN: Final = ""
"""Stands for the checksum of a file that an interrupted build wrote, or was about to write."""
_SEGMENT: Final = re.compile(r"(?!\.\.?\Z)[A-Za-z0-9._~-]+")
_SHOWN: Final = 5
_SCHEMA: Final = """
PRAGMA journal_mode = OFF;
CREATE TABLE former (path TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE present (path TEXT PRIMARY KEY COLLATE NOCASE, digest TEXT NOT NULL) WITHOUT ROWID;
"""


class Folder:
    """The folder of one build while it is written. Its lists are in a temporary file, not in memory.

    written, removed: how many files were.
    """

    def __init__(self, place: Path) -> None:
        """Raises CannotRunError where the folder has files, and neither a manifest nor a journal of a build."""
        self._place = place
        self.written = self.removed = 0
        self._journal: BinaryIO | None = None
        self._make_folder = lru_cache(FOLDERS)(_make_folder)
        self._lists = sqlite3.connect("")
        self._lists.executescript(_SCHEMA)
        if (place / MANIFEST).is_file():
            former = ((path, digest) for digest, path in _read(place))
            self._lists.executemany("INSERT INTO former VALUES (?, ?)", former)
        elif not (place / JOURNAL).is_file():
            _require_empty(place)
        unfinished = ((path, UNKNOWN) for path in _read_journal(place))
        self._lists.executemany("INSERT OR REPLACE INTO former VALUES (?, ?)", unfinished)

    def close(self) -> None:
        """Forget the lists."""
        self._lists.close()
        if self._journal:
            self._journal.close()

    def add(self, path: str, body: bytes | BinaryIO) -> None:
        """Write a file unless it is there already. path: below the folder. body: a file is read and closed.

        Raises CannotRunError where the name cannot be written on every file system, or differs from another in case
        only.
        """
        check_path(path)
        digest = self._write(path, body) if isinstance(body, bytes) else self._copy(path, body)
        try:
            self._lists.execute("INSERT INTO present VALUES (?, ?)", (path, digest))
        except sqlite3.IntegrityError:
            raise CannotRunError(f"Two addresses have the same file, if case is ignored: {path}.") from None

    def open(self, path: str) -> BinaryIO:
        """Open a file that was added. It must be closed."""
        return (self._place / path).open("rb")

    def count(self) -> int:
        """Return how many files were added."""
        return int(self._lists.execute("SELECT count(*) FROM present").fetchone()[0])

    def finish(self) -> None:
        """Remove what the manifest of the former build lists and this build lacks; write the manifest."""
        gone = "SELECT path FROM former WHERE NOT EXISTS (SELECT * FROM present WHERE present.path = former.path)"
        for (path,) in self._lists.execute(gone).fetchall():
            self._remove(path)
        lines = self._lists.execute("SELECT digest, path FROM present ORDER BY path COLLATE BINARY")
        manifest = self._place / MANIFEST
        manifest.parent.mkdir(parents=True, exist_ok=True)
        with open_atomically(manifest) as out:
            out.writelines(f"{digest}  {path}\n".encode() for digest, path in lines)
        (self._place / JOURNAL).unlink(missing_ok=True)

    def _write(self, path: str, body: bytes) -> str:
        digest, target = hashlib.sha256(body).hexdigest(), f"{self._place}/{path}"
        if not self._is_current(path, digest, len(body)):
            self._note(path)
            self._make_folder(os.path.dirname(target))
            with open(f"{target}{NEW}", "wb") as out:
                out.write(body)
            os.replace(f"{target}{NEW}", target)
            self.written += 1
        return digest

    def _copy(self, path: str, body: BinaryIO) -> str:
        """Write a file that is read piece by piece; it takes its place where it differs."""
        found, size, target = hashlib.sha256(), 0, self._place / path
        self._note(path)
        self._make_folder(os.path.dirname(target))
        beside = target.with_name(f"{target.name}{NEW}")
        with body, beside.open("wb") as out:
            while piece := body.read(PIECE):
                found.update(piece)
                size += out.write(piece)
        if self._is_current(path, found.hexdigest(), size):
            beside.unlink()
        else:
            beside.replace(target)
            self.written += 1
        return found.hexdigest()

    def _note(self, path: str) -> None:
        """Write a path into the journal, before its file is written."""
        if self._journal is None:
            self._make_folder(os.path.dirname(self._place / JOURNAL))
            self._journal = (self._place / JOURNAL).open("ab", buffering=0)
        self._journal.write(f"{path}\n".encode())

    def _is_current(self, path: str, digest: str, size: int) -> bool:
        """Whether the former build wrote the same, and it is there. What an interrupted one wrote is read."""
        former = self._lists.execute("SELECT digest FROM former WHERE path = ?", (path,)).fetchone()
        if former is None:
            return False
        target = self._place / path
        try:
            found = target.lstat()
        except OSError:
            return False
        if not stat.S_ISREG(found.st_mode) or found.st_size != size:
            return False
        return former[0] == digest or (former[0] == UNKNOWN and _digest(target) == digest)

    def _remove(self, path: str) -> None:
        """Remove a file, and the folders that it leaves empty."""
        target = self._place / path
        if not target.parent.resolve().is_relative_to(self._place.resolve()):
            return
        target.unlink(missing_ok=True)
        self.removed += 1
        parents = [parent for parent in target.parents if parent != self._place and self._place in parent.parents]
        for parent in parents:
            if any(parent.iterdir()):
                return
            parent.rmdir()


def check_path(path: str) -> None:
    """Raise CannotRunError where a path cannot be a file on every file system."""
    if all(_SEGMENT.fullmatch(part) and len(part) <= LONGEST for part in path.split("/")):
        return
    raise CannotRunError(f"No file can have the name of this address: {path[:LONGEST]!r}.")


def find_damage(place: Path) -> Iterator[str]:
    """Yield the paths of the files of a build that are missing or differ from its manifest, in order.

    Raises CannotRunError where the folder is no build.
    """
    if not (place / MANIFEST).is_file():
        raise CannotRunError(f"{place} is not a build: it has no {MANIFEST}.")
    for digest, path in _read(place):
        file = place / path
        if not file.is_file() or _digest(file) != digest:
            yield path


def count_files(place: Path) -> int:
    """Return how many files the manifest of a build lists."""
    return sum(1 for _ in _read(place))


def _read(place: Path) -> Iterator[tuple[str, str]]:
    """The lines of a manifest as (digest, path). Raises CannotRunError where one is malformed or leads outside."""
    with (place / MANIFEST).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            digest, _, path = line.rstrip("\n").partition("  ")
            if not re.fullmatch("[0-9a-f]{64}", digest):
                raise CannotRunError(f"{place / MANIFEST}, line {number}: not a checksum and a path.")
            check_path(path)
            yield digest, path


def _read_journal(place: Path) -> Iterator[str]:
    """The paths that interrupted builds wrote; removes what the last one left beside the file that it was writing."""
    journal, path = place / JOURNAL, ""
    if not journal.is_file():
        return
    with journal.open(encoding="utf-8") as lines:
        for line in lines:
            path = line.rstrip("\n")
            check_path(path)
            yield path
    target = place / path
    if path and target.parent.resolve().is_relative_to(place.resolve()):
        target.with_name(f"{target.name}{NEW}").unlink(missing_ok=True)


def _digest(file: Path) -> str:
    with closing(file.open("rb")) as body:
        return hashlib.file_digest(body, "sha256").hexdigest()


def _require_empty(place: Path) -> None:
    if place.exists() and not place.is_dir():
        raise CannotRunError(f"{place} is not a folder.")
    if place.is_dir() and (found := sorted(path.name for path in place.iterdir())):
        names = ", ".join(found[:_SHOWN]) + (", …" if len(found) > _SHOWN else "")
        raise CannotRunError(f"{place} has files, and is not a build: {names}. Name an empty folder.")


def _make_folder(folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise CannotRunError(f"Cannot write {folder}: {error.strerror}.") from error
