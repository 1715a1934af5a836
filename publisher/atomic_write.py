"""Atomic writes: a file is replaced as a whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from publisher.errors import CannotRunError


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of what was there once all of it is written. Raises CannotRunError where it cannot.

    The permissions of a file that is replaced are kept. Devices and pipes, such as /dev/stdout, are written to as
    they are.
    """
    target = path.resolve()
    with _refusing(path), target.open("wb") if _is_device(target) else _replacing(target) as out:
        yield out


def write(path: Path, text: str) -> None:
    """Put text, in UTF-8, in a file, as `whole` does."""
    with whole(path) as out:
        out.write(text.encode())


def append(path: Path, text: str) -> None:
    """Add text, in UTF-8, to a file that others add to as well. Raises CannotRunError where that cannot be done."""
    with _refusing(path), path.open("a", encoding="utf-8", newline="\n") as out:
        out.write(text)


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotRunError(f"{path} cannot be written: {error.strerror}.") from error


def _is_device(target: Path) -> bool:
    return target.exists() and not target.is_file()


@contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with beside.open("xb") as out:
            yield out
        if target.exists():
            beside.chmod(target.stat().st_mode)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
