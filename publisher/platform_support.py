"""Platform support: features of some operating systems, and the fallback on others.

Linux has everything. Elsewhere folders are not locked, and query processes cannot be contained.
"""

import contextlib
import errno
import importlib
import os
import signal
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop


def _optional(name: str) -> Any:
    """Import a module; None if this platform does not have it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


fcntl: Final[Any] = _optional("fcntl")
resource: Final[Any] = _optional("resource")

DESCRIPTORS: Final = "/proc/self/fd"
"""The folder that lists what this process has open, on Linux."""
NONBLOCK: Final[int] = getattr(os, "O_NONBLOCK", 0)
"""The flag with which opening a named pipe does not wait for a writer; 0 where there is none."""


def missing_containment() -> str:
    """Return what this platform lacks to limit the memory and the CPU time of a query process; empty if it lacks
    nothing."""
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
        """End the lock, if it has not ended."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


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
    if not os.path.isdir(DESCRIPTORS):
        return None
    names = []
    for descriptor in os.listdir(DESCRIPTORS):
        with contextlib.suppress(OSError):  # The descriptor of the listing itself is closed by now.
            names.append(os.readlink(f"{DESCRIPTORS}/{descriptor}").rpartition("/")[2])
    return names


def allow_descriptors(wanted: int) -> int:
    """Raise the limit of open files of this process toward `wanted`. Return the new limit."""
    if resource is None:
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else int(soft)


def count_descriptors() -> int:
    """How many descriptors this process has open; 0 where the platform does not list them."""
    return len(os.listdir(DESCRIPTORS)) if os.path.isdir(DESCRIPTORS) else 0


def find_sockets(port: int) -> Iterator[socket.socket]:
    """Yield duplicates of this process's sockets with a local port, each open until the next; none where the platform
    does not list descriptors."""
    for descriptor in map(int, os.listdir(DESCRIPTORS) if os.path.isdir(DESCRIPTORS) else ()):
        with contextlib.suppress(OSError):  # The descriptor of the listing itself is closed by now.
            if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                continue
            with socket.socket(fileno=os.dup(descriptor)) as found:
                if found.family in (socket.AF_INET, socket.AF_INET6) and found.getsockname()[1] == port:
                    yield found


def close_unread(port: int, seconds: int) -> None:
    """Make the system close connections to a port whose client reads nothing of a response for some seconds.

    Connections inherit the option (TCP_USER_TIMEOUT, tcp(7)) from the listening socket, which is found among our
    descriptors. Where the platform does not list them, nothing is done.
    """
    option: int = getattr(socket, "TCP_USER_TIMEOUT", 0)
    for found in find_sockets(port) if option else ():
        if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            found.setsockopt(socket.IPPROTO_TCP, option, seconds * 1000)


def address_space() -> int | None:
    """Return the bytes of address space that this process may use (setrlimit(2)); None for no limit."""
    if resource is None or not hasattr(resource, "RLIMIT_AS"):
        return None
    soft = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if soft == resource.RLIM_INFINITY else int(soft)


def count_processors() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def lower_priority(niceness: int) -> None:
    """Let other processes go first (nice(2)), and be preempted less often (sched(7), SCHED_BATCH), where possible."""
    with contextlib.suppress(AttributeError, OSError):  # Some containers do not allow it.
        os.nice(niceness)
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""Names of mallopt(3), from malloc.h."""
ARENAS: Final = 2
"""Heaps of the web process: more help only threads that allocate at the same time, which the interpreter rarely
allows."""
LARGE: Final = 1 << 17
"""Minimum size in bytes of a block with its own pages, which are returned when it is freed: the initial value of
glibc."""


def return_freed_memory() -> None:
    """Make glibc return freed memory to the system; other C libraries do so by default.

    By default it has a heap for each thread, and once a large block was freed takes large blocks from these heaps too:
    whole answers, made by many threads and kept in the cache for a while, leave holes in all of them.
    """
    import ctypes  # Query processes start faster without.

    with contextlib.suppress(AttributeError, OSError, TypeError):  # TypeError: Windows has no library without a name.
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_ARENA_MAX, ARENAS)
        mallopt(M_MMAP_THRESHOLD, LARGE)


def release_freed_memory() -> None:
    """Return the memory that is free now to the system (malloc_trim(3)), where the C library can: a thread does not
    reuse what another has freed."""
    import ctypes  # As above.

    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def call_on_hangup(loop: "AbstractEventLoop", callback: Callable[[], None]) -> None:
    """Call back in an event loop on SIGHUP, where the platform has it."""
    with contextlib.suppress(AttributeError, NotImplementedError):
        loop.add_signal_handler(signal.SIGHUP, callback)


def has_lost_terminal(descriptor: int) -> bool:
    """Whether a descriptor is a terminal that was closed: it was one and cannot be asked any more (tcgetpgrp(3))."""
    try:
        os.tcgetpgrp(descriptor)
    except OSError as error:
        return error.errno == errno.EIO
    return False


def call_on_stop(loop: "AbstractEventLoop", callback: Callable[[], None]) -> None:
    """Call back in an event loop on SIGINT and SIGTERM."""
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, callback)
        except NotImplementedError:  # Windows, where a loop has no handlers of its own.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(callback))
