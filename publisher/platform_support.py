"""Platform support: what only some operating systems have, and what happens elsewhere.

Linux has everything. Elsewhere folders are not locked, and query processes cannot be contained.
"""

import contextlib
import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final


def _optional(name: str) -> Any:
    """A module, or None where this platform does not have it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


fcntl: Final[Any] = _optional("fcntl")
resource: Final[Any] = _optional("resource")

NONBLOCK: Final[int] = getattr(os, "O_NONBLOCK", 0)
"""The flag with which opening a named pipe does not wait for a writer; 0 where there is none."""


def missing_containment() -> str:
    """What this platform lacks to limit the memory and the processor time of a query process; empty where it can."""
    needed = {
        "the module fcntl": fcntl,
        "the module resource": resource,
        "O_ASYNC (open(2))": hasattr(os, "O_ASYNC"),
        "/proc/self/statm": os.path.exists("/proc/self/statm"),
    }
    return ", ".join(name for name, present in needed.items() if not present)


class FolderLock:
    """A shared lock on a folder, held until `release`: others see that it is in use. Raises OSError.

    Where the platform has no flock(2), nothing is locked; `exclusive` refuses there.
    """

    def __init__(self, folder: Path) -> None:
        self._descriptor: int | None = _open_folder(folder) if fcntl else None
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def release(self) -> None:
        """End the lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """An exclusive lock on a folder. Raises OSError where others hold one, or where folders cannot be locked."""
    if fcntl is None:
        raise OSError("Folders cannot be locked on this platform.")
    descriptor = _open_folder(folder)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _open_folder(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)


def open_descriptors() -> list[str] | None:
    """The names of the files that this process has open; None where the platform does not list them."""
    folder = "/proc/self/fd"
    if not os.path.isdir(folder):
        return None
    names = []
    for descriptor in os.listdir(folder):
        with contextlib.suppress(OSError):  # The descriptor of the listing itself is closed by now.
            names.append(os.readlink(f"{folder}/{descriptor}").rpartition("/")[2])
    return names


def lower_priority(niceness: int) -> None:
    """Let other processes go first (nice(2)), and be preempted less often (sched(7), SCHED_BATCH), where possible."""
    with contextlib.suppress(AttributeError, OSError):  # Some containers do not allow it.
        os.nice(niceness)
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
