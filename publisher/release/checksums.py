"""Checksums: whether the files of a compiled release are those that were written."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

NAME: Final = "CHECKSUMS"
"""The file of checksums in a release's folder."""
WHOLE: Final = 4 << 20
"""Size, in bytes, of files that are read whole. Of a larger one the size and both ends are noted, where its tables are:
the engine checks each block of it when it reads the block."""
END: Final = 1 << 20
"""Bytes that are read at either end of a large file."""
_UNCHECKED: Final = frozenset({NAME, "LOCK", "LOG"})
"""Files that the store does not read."""


def write_checksums(folder: Path) -> None:
    """Write the checksums of all files of a folder, and flush everything to the disk (fsync(2))."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in _UNCHECKED]
    lines = [f"{_digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / NAME).write_text("".join(lines))
    for path in [*folder.rglob("*"), folder]:
        sync(path)


def find_damage(folder: Path) -> str:
    """Return the name of a file that is missing or differs from its checksum; empty if there is none."""
    try:
        expected = [line.partition("  ") for line in (folder / NAME).read_text().splitlines()]
    except (OSError, UnicodeDecodeError):
        return NAME
    return next(_find_damaged_files(folder, expected), "" if expected else NAME)


def _find_damaged_files(folder: Path, expected: list[tuple[str, str, str]]) -> Iterator[str]:
    for digest, _, name in expected:
        try:
            if _digest(folder / name) != digest:
                yield name
        except OSError:
            yield name


def _digest(path: Path) -> str:
    """The SHA-256, in hexadecimal, of a file, or of the size and both ends of a large one."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size <= WHOLE:
            return hashlib.file_digest(file, "sha256").hexdigest()
        start = file.read(END)
        file.seek(-END, os.SEEK_END)
        return hashlib.sha256(b"%d" % size + start + file.read()).hexdigest()


def sync(path: Path) -> None:
    """Flush a file, or the entries of a folder, to the disk, if the platform can open it."""
    if path.is_dir() and not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
