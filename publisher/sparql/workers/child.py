"""The inside of a worker process: its limits, its frames, and its end.

It imports little, so that a worker starts fast: what the parent does is in `workers`.
"""

import importlib
import json
import os
import signal
import struct
import sys
import time
from collections.abc import Callable, Iterator

from publisher.platform_support import fcntl, lower_priority, resource

NICENESS = 5
"""How far workers stand back for the web process, which answers everybody (nice(2)). More would leave them too little
of a processor where all are at work: the web process would wait for them in turn."""
CHUNK = 1 << 16
"""Bytes a read, and bytes that are collected before they are sent: the capacity of a Linux pipe."""
REQUEST = 1 << 14
"""Bytes that are read of a request at first: few are longer, and room for more would have the heap tidied each time."""
HEAD = struct.Struct(">cI")
"""Before each frame: its kind and its length in bytes."""
DATA, END, READY = b"d", b"e", b"r"


class Output:
    """What a handler writes its result to, as to a binary file; it goes to the parent in large pieces."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def write(self, data: bytes, /) -> int:
        """Take the next bytes of the result."""
        self._kept += data
        if len(self._kept) >= CHUNK:
            self._send(self._framed())
        return len(data)

    def flush(self) -> None:
        """Nothing: what is left is sent with the closing message."""

    def end(self, message: bytes) -> None:
        """Send what is left of the result and the closing message, at once: each writing wakes the parent."""
        self._send(self._framed() + HEAD.pack(END, len(message)) + message)

    def _framed(self) -> bytes:
        framed = HEAD.pack(DATA, len(self._kept)) + self._kept if self._kept else b""
        self._kept.clear()
        return framed

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(1, view) :]


Handler = Callable[[bytes, Output], bytes]
"""Takes a request and what its result is written to; returns the closing message, in JSON."""


def main() -> None:
    """Be a worker: open, take the limits, answer requests from standard input until the parent is gone.

    sys.argv[1]: JSON with `opener` (`module:function`), its `argument`, the descriptor `lifeline`, and the limits `cpu`
    (seconds), `memory` (bytes beyond the start) and `descriptors`.
    """
    given = json.loads(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides when we end.
    _end_with_parent(given["lifeline"])
    module, _, name = given["opener"].partition(":")
    handler: Handler = getattr(importlib.import_module(module), name)(given["argument"])
    lower_priority(NICENESS)
    _take_limits(given["memory"], given["descriptors"])
    os.write(1, HEAD.pack(READY, 0))
    allowance = _Allowance(given["cpu"])
    for request in _requests():
        allowance.renew()
        output = Output()
        output.end(_handle(handler, request, output))


def _handle(handler: Handler, request: bytes, output: Output) -> bytes:
    try:
        return handler(request, output)
    except MemoryError:
        return b'{"problem": "MemoryLimitError"}'


def _end_with_parent(lifeline: int) -> None:
    """Have the kernel end this process when the parent, which alone holds the pipe's other end, is gone.

    SIGIO on its closing: it needs no thread, and comes in the middle of the engine's work too (fcntl(2), F_SETOWN).
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    try:
        if os.read(lifeline, 1) == b"":
            os._exit(0)  # It was closed before the kernel was told.
    except BlockingIOError:
        pass


def _take_limits(memory: int, descriptors: int) -> None:
    with open("/proc/self/statm") as statm:
        size = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + memory,) * 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors,) * 2)
    for nothing in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(nothing, (0, 0))


class _Allowance:
    """The processor time of each request. seconds: what one may use at least.

    The kernel counts a process's whole life, in whole seconds, so the limit is set anew from time to time; telling the
    kernel for each request would take as long as parsing one.
    """

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._renewed = float("-inf")

    def renew(self) -> None:
        """Allow the next request its time. What was used since the last time is at most as long ago as that."""
        now = time.monotonic()
        if now < self._renewed + 1:
            return
        self._renewed = now
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + 2 + self._seconds
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _requests() -> Iterator[bytes]:
    """The requests, each after its length in four bytes, until the parent is gone. Some are sent ahead."""
    data = b""
    while True:
        while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], "big"):
            part = os.read(0, CHUNK if data else REQUEST)
            if not part:
                return
            data = data + part if data else part
        end = 4 + int.from_bytes(data[:4], "big")
        yield data[4:end]
        data = data[end:]
