"""Owns writing to files: a file is replaced whole or not at all, whoever reads it meanwhile."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from publisher.problems import CannotRun


def write(path: Path, text: str) -> None:
    """Put text, in UTF-8, in a file, in place of what was there. Raises CannotRun where that cannot be done.

    The permissions of a file that is replaced are kept. Devices and pipes, such as /dev/stdout, are written to as
    they are.
    """
    target = path.resolve()
    with _refusing(path):
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8", newline="\n")
        else:
            _replace(target, text)


def append(path: Path, text: str) -> None:
    """Add text, in UTF-8, to a file that others add to as well. Raises CannotRun where that cannot be done."""
    with _refusing(path), path.open("a", encoding="utf-8", newline="\n") as out:
        out.write(text)


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotRun(f"{path} cannot be written: {error.strerror}.") from error


def _replace(target: Path, text: str) -> None:
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with beside.open("x", encoding="utf-8", newline="\n") as out:
            out.write(text)
        if target.exists():
            beside.chmod(target.stat().st_mode)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
