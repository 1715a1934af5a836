"""The inside of a query process: its limits, its frames, and its end.

It imports little, so that it starts fast: what the parent does is in `process`.
"""

import importlib
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator

from publisher.platform_support import fcntl, lower_priority, resource
from publisher.sparql.workers.frames import CHUNK, DATA, END, HEAD, LENGTH, READY

NICENESS = 5
"""Priority below that of the web process, which serves everybody (nice(2)). A larger value would starve queries on a
busy machine, and the web process would wait for them in turn."""
GRACE = 0.02
"""Seconds in which a first request comes that waited for this process."""
REQUEST = 1 << 14
"""Bytes that are read of a request at first: few are longer, and a larger buffer costs time for each."""


class Output:
    """The file-like object to which a handler writes its result; it is sent to the parent in large pieces."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._size = 0

    def write(self, data: bytes, /) -> int:
        """Take the next bytes of the result."""
        self._kept += data
        self._size += len(data)
        if len(self._kept) >= CHUNK:
            self._send(self._take_frame())
        return len(data)

    def flush(self) -> None:
        """Do nothing: the rest is sent with the closing message."""

    def read_short(self, most: int) -> bytes | None:
        """Return the result so far; None if it is longer than `most` bytes, of which none is sent yet."""
        return bytes(self._kept) if self._size <= min(most, len(self._kept)) else None

    def end(self, message: bytes) -> None:
        """Send the rest of the result and the closing message in one write: each one wakes the parent."""
        self._send(self._take_frame() + HEAD.pack(END, len(message)) + message)

    def _take_frame(self) -> bytes:
        framed = HEAD.pack(DATA, len(self._kept)) + self._kept if self._kept else b""
        self._kept.clear()
        return framed

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(1, view) :]


Handler = Callable[[bytes, Output], bytes]
"""Takes a request and the output for its result; returns the closing message, in JSON."""
Prepare = Callable[[], object]
"""Does what a handler would else do at its first request that needs it."""


def split(opened: Handler | tuple[Handler, Prepare]) -> tuple[Handler, Prepare | None]:
    """Return what an opener returned: a handler, and what is prepared when no request waits, if anything."""
    return opened if isinstance(opened, tuple) else (opened, None)


def main() -> None:
    """Run a query process: open, set the limits, answer requests from standard input until the parent is gone.

    sys.argv[1]: JSON with `opener` (`module:function`), the descriptor `lifeline`, and the limits `cpu` (seconds),
    `memory` (bytes beyond the start) and `descriptors`. The argument of the opener is the first request.
    """
    given = json.loads(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides when this ends.
    _end_with_parent(given["lifeline"])
    requests = _requests()
    argument = next(requests, None)
    if argument is None:
        return
    module, _, name = given["opener"].partition(":")
    handler, prepare = split(getattr(importlib.import_module(module), name)(argument.decode()))
    lower_priority(NICENESS)
    _take_limits(given["memory"], given["descriptors"])
    allowance = _Allowance(given["cpu"])
    os.write(1, HEAD.pack(READY, 0))
    prepare = _prepare_unless_waiting(prepare, GRACE)
    for request in requests:
        if not allowance.renew():
            return
        output = Output()
        output.end(_handle(handler, request, output))
        prepare = _prepare_unless_waiting(prepare, 0)


def _prepare_unless_waiting(prepare: Prepare | None, seconds: float) -> Prepare | None:
    """Prepare, unless a request comes within some seconds; returns what is left to prepare."""
    if prepare is None or select.select([0], [], [], seconds)[0]:
        return prepare
    prepare()
    return None


def _handle(handler: Handler, request: bytes, output: Output) -> bytes:
    try:
        return handler(request, output)
    except MemoryError:
        return b'{"problem": "MemoryLimitError"}'


def _end_with_parent(lifeline: int) -> None:
    """Make the kernel end this process when the parent, the only holder of the other end of the pipe, is gone.

    Closing it raises SIGIO, which needs no thread and interrupts the engine too (fcntl(2), F_SETOWN).
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    try:
        if os.read(lifeline, 1) == b"":
            os._exit(0)  # It was closed before the kernel watched it.
    except BlockingIOError:
        pass


def _take_limits(memory: int, descriptors: int) -> None:
    with open("/proc/self/statm") as statm:
        size = int(statm.read().split()[0]) * resource.getpagesize()
    _limit(resource.RLIMIT_AS, size + memory)
    _limit(resource.RLIMIT_NOFILE, descriptors)
    for nothing in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        _limit(nothing, 0)


def _limit(kind: int, value: int) -> None:
    """Set a limit permanently; a lower limit that is already in force stays."""
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


class _Allowance:
    """The processor time of each request. seconds: what one may use at least.

    The kernel counts a process's whole life, in whole seconds, so the limit is raised from time to time; a system call
    for each request would take as long as parsing one. A hard limit of the system (`ulimit -t`) ends the process
    between two requests, and at its start where no request could use its time.
    """

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._renewed = float("-inf")
        if not self.renew():
            raise SystemExit("the system's limit of processor time (ulimit -t) is below that of a query")

    def renew(self) -> bool:
        """Allow the next request its time; returns False where the system does not."""
        now = time.monotonic()
        if now < self._renewed + 1:
            return True
        self._renewed = now
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + 2 + self._seconds
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        if hard != resource.RLIM_INFINITY and soft > hard:
            return False
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
        return True


def _requests() -> Iterator[bytes]:
    """Read requests, each after its length, until the parent is gone."""
    data = b""
    while True:
        while len(data) < LENGTH or len(data) < LENGTH + int.from_bytes(data[:LENGTH], "big"):
            part = os.read(0, CHUNK if data else REQUEST)
            if not part:
                return
            data += part
        end = LENGTH + int.from_bytes(data[:LENGTH], "big")
        yield data[LENGTH:end]
        data = data[end:]
