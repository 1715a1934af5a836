"""Owns running a function in a process of its own under limits, and killing it.

A worker process is started with the name of an opening function and its argument. The function opens what it needs and
returns the handler of requests; only then the limits fall (address space, descriptors, processor time), so that nothing
a request says can open a file or a connection. Parent and worker speak in frames over two pipes; a third pipe, which
only the parent holds open, ends the worker when the parent is gone, however it went.
"""

import contextlib
import importlib
import json
import os
import queue
import resource
import select
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import BinaryIO, Final, Protocol, cast

from publisher.problems import Busy, CannotRun, CpuLimit, EngineCrash, MemoryLimit, Problem, ResultLimit, TooSlow
from publisher.promise import Limits

Send = Callable[[bytes], None]
Handler = Callable[[dict[str, object], Send], dict[str, object]]
"""Takes a request and a function that sends result bytes; returns the closing message."""

START_SECONDS: Final = 30
"""A worker that is not ready by then never will be: it only opens a store."""
NICENESS: Final = 10
"""How far workers stand back for the web process, which answers everybody (nice(2))."""
SPOOL_MEMORY: Final = 1 << 20
"""Bytes of a result that stay in memory; the rest goes to an unlinked temporary file."""
CHUNK: Final = 1 << 16
"""Bytes a read: the capacity of a Linux pipe."""

_HEAD: Final = struct.Struct(">cI")
_DATA, _END, _READY = b"d", b"e", b"r"


# In the worker process


def main(opener: str, argument: str, lifeline: int, limits: Limits) -> None:
    """Be a worker: open, take the limits, answer requests from standard input until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides when we end.
    threading.Thread(target=_end_with_parent, args=(lifeline,), daemon=True).start()
    module, _, name = opener.partition(":")
    handler: Handler = getattr(importlib.import_module(module), name)(argument)
    os.nice(NICENESS)
    _take_limits(limits)
    _send_frame(_READY, b"")
    while (size := os.read(0, 4)) and len(size) == 4:
        request = json.loads(_read_exactly(0, int.from_bytes(size, "big")))
        _allow_cpu(limits.cpu)
        _send_frame(_END, json.dumps(_handle(handler, request)).encode())


def _handle(handler: Handler, request: dict[str, object]) -> dict[str, object]:
    try:
        return handler(request, lambda data: _send_frame(_DATA, data))
    except MemoryError:
        return {"problem": "MemoryLimit"}


def _end_with_parent(lifeline: int) -> None:
    os.read(lifeline, 1)
    os._exit(0)


def _take_limits(limits: Limits) -> None:
    with open("/proc/self/statm") as statm:
        size = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + limits.memory,) * 2)
    for nothing in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
        resource.setrlimit(nothing, (0, 0))


def _allow_cpu(seconds: int) -> None:
    """The kernel counts a process's whole life, so the limit is set anew for each request."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _send_frame(kind: bytes, data: bytes) -> None:
    view = memoryview(_HEAD.pack(kind, len(data)) + data)
    while view:
        view = view[os.write(1, view) :]


def _read_exactly(descriptor: int, size: int) -> bytes:
    parts = []
    while size and (part := os.read(descriptor, min(size, CHUNK))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


# In the parent process


class Spool(Protocol):
    """Where result bytes go."""

    def write(self, data: bytes, /) -> int:
        """Take the next bytes."""


class _Worker:
    """One worker process, used by one thread at a time."""

    def __init__(self, opener: str, argument: str, limits: Limits) -> None:
        self.limits = limits
        self.answered = 0
        self.ready = False
        theirs, self.lifeline = os.pipe()
        program = (
            "import sys; from publisher.workers import main; from publisher.promise import Limits; main(%r, %r, %d, %r)"
        )
        command = [sys.executable, "-P", "-c", program % (opener, argument, theirs, limits)]
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(theirs,),
                bufsize=0,
            )
        finally:
            os.close(theirs)
        assert self.process.stdin
        assert self.process.stdout
        assert self.process.stderr
        self.stdin, self.stdout, self.stderr = self.process.stdin, self.process.stdout, self.process.stderr
        self.buffer = bytearray()

    def call(self, request: bytes, spool: Spool, result_limit: int) -> dict[str, object]:
        """Send one request, spool its result, return the closing message. Raises the Problem of a breached limit."""
        if not self.ready:
            self._frame(time.monotonic() + START_SECONDS)
            self.ready = True
        deadline = time.monotonic() + self.limits.wall
        self._write(len(request).to_bytes(4, "big") + request, deadline)
        size = 0
        while True:
            kind, data = self._frame(deadline)
            if kind == _END:
                self.answered += 1
                return dict(json.loads(data))
            size += len(data)
            if size > result_limit:
                raise ResultLimit(f"It may have {result_limit} bytes.", limit="result", value=result_limit)
            spool.write(data)

    def _write(self, data: bytes, deadline: float) -> None:
        """The request may be longer than the pipe, and the worker may die while reading it."""
        view = memoryview(data)
        try:
            while view:
                self._await(self.stdin.fileno(), deadline, writing=True)
                view = view[os.write(self.stdin.fileno(), view[:4096]) :]
        except BrokenPipeError as error:
            raise self._death() from error

    def _frame(self, deadline: float) -> tuple[bytes, bytes]:
        kind, size = _HEAD.unpack(self._take(_HEAD.size, deadline))
        return kind, self._take(size, deadline)

    def _take(self, size: int, deadline: float) -> bytes:
        while len(self.buffer) < size:
            self._await(self.stdout.fileno(), deadline)
            data = os.read(self.stdout.fileno(), CHUNK)
            if not data:
                raise self._death()
            self.buffer += data
        taken = bytes(self.buffer[:size])
        del self.buffer[:size]
        return taken

    def _await(self, descriptor: int, deadline: float, *, writing: bool = False) -> None:
        """Wait until the pipe can be read or written; poll, since select takes no descriptor above 1023."""
        poll = select.poll()
        poll.register(descriptor, select.POLLOUT if writing else select.POLLIN)
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            limit = self.limits.wall
            raise TooSlow(f"It may take {limit:g} seconds.", limit="wall-clock", value=limit)

    def _death(self) -> Problem:
        """Why the process died by itself."""
        words = self.stderr.read(CHUNK) or b""
        code = self.process.wait()
        if code == -signal.SIGXCPU:
            return CpuLimit(f"It may use {self.limits.cpu} seconds.", limit="cpu", value=self.limits.cpu)
        if b"memory allocation" in words or b"MemoryError" in words:
            return memory_limit(self.limits)
        if not self.ready:
            return CannotRun(f"A query process did not start: {words.decode(errors='replace').strip()[-500:]}")
        return EngineCrash("Its process crashed. This mostly means that the query is nested too deep.", limit="nesting")

    def kill(self) -> None:
        """End the process now and let go of the pipes."""
        self.process.kill()
        self.process.wait()
        for stream in (self.stdin, self.stdout, self.stderr):
            with contextlib.suppress(OSError):
                stream.close()
        os.close(self.lifeline)


def memory_limit(limits: Limits) -> MemoryLimit:
    """The Problem of a query that ran out of memory."""
    return MemoryLimit(f"It may use {limits.memory >> 20} MiB.", limit="memory", value=limits.memory)


class Pool:
    """A fixed number of worker processes; each serves one request at a time."""

    def __init__(self, opener: str, argument: str, limits: Limits, size: int) -> None:
        """opener: `module:function`, called in each worker with `argument`. size: processes, at least 1."""
        self._start: Callable[[], _Worker] = lambda: _Worker(opener, argument, limits)
        self.limits = limits
        self._places = threading.BoundedSemaphore(size + limits.waiting)
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        self._closed = False
        for _ in range(max(size, 1)):
            self._idle.put(self._start())

    def call(self, request: dict[str, object], result_limit: int) -> tuple[dict[str, object], BinaryIO, int]:
        """Run one request. Returns the closing message, the spooled result from its start, and its size in bytes.

        Raises Busy where the queue is full or a worker does not come free in time, and the Problem of a breached limit;
        a worker that breached one is killed, and another takes its place.
        """
        if not self._places.acquire(blocking=False):
            raise self._busy()
        try:
            worker = self._worker()
            spool = tempfile.SpooledTemporaryFile(max_size=SPOOL_MEMORY)  # noqa: SIM115 - the caller closes it
            try:
                message = worker.call(json.dumps(request).encode(), spool, result_limit)
            except BaseException:
                spool.close()
                self._replace(worker)
                raise
            self._release(worker)
        finally:
            self._places.release()
        size = spool.tell()
        spool.seek(0)
        return message, cast(BinaryIO, spool), size

    def _worker(self) -> _Worker:
        try:
            return self._idle.get(timeout=self.limits.wall)
        except queue.Empty:
            raise self._busy() from None

    def _busy(self) -> Busy:
        problem = Busy(f"At most {self.limits.waiting} queries may wait.", limit="queue", value=self.limits.waiting)
        problem.headers["Retry-After"] = "2"
        return problem

    def _release(self, worker: _Worker) -> None:
        if worker.answered >= self.limits.repeats:
            self._replace(worker)
        else:
            self._idle.put(worker)

    def _replace(self, worker: _Worker) -> None:
        worker.kill()
        if not self._closed:
            self._idle.put(self._start())

    def close(self) -> None:
        """Kill every idle worker; those at work end with this process."""
        self._closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().kill()
