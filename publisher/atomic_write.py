"""Atomic writes: a file is replaced as a whole or not at all, and a folder is made beside its place."""

import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from publisher.errors import CannotRunError
from publisher.platform_support import FolderLock, exclusive

_MAKING: Final = ".making-"
"""The start of the names of folders that are being made."""
_LOCKED_SECONDS: Final = 60
"""Seconds after which a folder that is being made is locked; it takes microseconds."""


@contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Open a file that replaces `path` when it is closed without an error. Raises CannotRunError if it cannot.

    The permissions of the replaced file are kept. Devices and pipes, such as /dev/stdout, are written directly.
    """
    target = path.resolve()
    with _translate_errors(path), target.open("wb") if _is_device(target) else _open_replacement(target) as out:
        yield out


def write(path: Path, text: str) -> None:
    """Write text, in UTF-8, to a file, as `open_atomically` does."""
    with open_atomically(path) as out:
        out.write(text.encode())


def append(path: Path, text: str) -> None:
    """Append text, in UTF-8, to a file. Raises CannotRunError if it cannot."""
    with _translate_errors(path), path.open("a", encoding="utf-8", newline="\n") as out:
        out.write(text)


@contextmanager
def make_folder(parent: Path) -> Iterator[Path]:
    """Make a folder as `open_workspace` does. Raises CannotRunError where it cannot be written."""
    try:
        with open_workspace(parent) as making:
            yield making
    except OSError as error:
        raise CannotRunError(f"{parent} cannot be written: {error.strerror}.") from error


@contextmanager
def open_workspace(parent: Path) -> Iterator[Path]:
    """Make a folder in `parent`, for the caller to fill and rename; what is left of it is removed at the end.

    Those that killed processes left behind are removed first: nobody holds their lock. Raises OSError.
    """
    parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(parent)
    making = Path(tempfile.mkdtemp(prefix=_MAKING, dir=parent))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, making, ignore_errors=True)
        with suppress(OSError):  # Some file systems have no locks; nothing is removed there.
            stack.callback(FolderLock(making).release)
        yield making


def _remove_abandoned(parent: Path) -> None:
    for place in parent.glob(f"{_MAKING}*"):
        with suppress(OSError):  # It is in use, already removed, or belongs to another user.
            if place.stat().st_mtime < time.time() - _LOCKED_SECONDS:
                with exclusive(place):
                    shutil.rmtree(place)


@contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotRunError(f"Cannot write {path}: {error.strerror}.") from error


def _is_device(target: Path) -> bool:
    return target.exists() and not target.is_file()


@contextmanager
def _open_replacement(target: Path) -> Iterator[BinaryIO]:
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with beside.open("xb") as out:
            yield out
        if target.exists():
            beside.chmod(target.stat().st_mode)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
