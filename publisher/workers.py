"""Owns running a function in a process of its own under limits, and killing it.

A worker process is started with the name of an opening function and its argument. The function opens what it needs and
returns the handler of requests; only then the limits fall (address space, descriptors, processor time), so that nothing
a request says can open a file or a connection. Parent and worker speak in frames over two pipes; a third pipe, which
only the parent holds open, ends the worker when the parent is gone, however it went. `worker` is the inside of one.
"""

import contextlib
import json
import logging
import os
import queue
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, cast

from publisher.problems import Busy, CannotRun, CpuLimit, EngineCrash, MemoryLimit, Problem, ResultLimit, TooSlow
from publisher.promise import Limits
from publisher.worker import CHUNK, END, HEAD

START_SECONDS: Final = 30
"""A worker that is not ready by then never will be: it only opens a store."""
SLICE: Final = 0.1
"""Seconds that a request runs before it counts as a long one: most queries take a hundredth of that."""
SPOOL_MEMORY: Final = 1 << 20
"""Bytes of a result that stay in memory; the rest goes to an unlinked temporary file."""
PIECE: Final = 4096
"""Bytes that a pipe ready for writing is sure to take (PIPE_BUF of pipe(7))."""

Message = dict[str, object]
"""The closing message of a request."""


class _Worker:
    """One worker process, used by one thread at a time."""

    def __init__(self, opener: str, argument: str, limits: Limits, descriptors: int) -> None:
        self.limits = limits
        self.answered = 0
        self.ready = False
        theirs, self.lifeline = os.pipe()
        given = {"opener": opener, "argument": argument, "lifeline": theirs, "descriptors": descriptors}
        given |= {"cpu": limits.cpu, "memory": limits.memory}
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", "from publisher.worker import main; main()", json.dumps(given)],
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

    def begin(self, request: bytes) -> None:
        """Send a request, which may be longer than the pipe. Raises CannotRun where the worker does not start."""
        if not self.ready:
            if self._frame(time.monotonic() + START_SECONDS) is None:
                raise CannotRun(f"A query process was not ready after {START_SECONDS} seconds.")
            self.ready = True
        deadline = time.monotonic() + self.limits.wall
        view = memoryview(len(request).to_bytes(4, "big") + request)
        try:
            while view:
                if not self._awaited(self.stdin.fileno(), select.POLLOUT, deadline):
                    raise too_slow(self.limits)
                view = view[os.write(self.stdin.fileno(), view[:PIECE]) :]
        except BrokenPipeError as error:
            raise self._death() from error

    def proceed(self, spool: BinaryIO, result_limit: int, until: float) -> Message | None:
        """Spool the result and return the closing message; None if it has not come at `until` (monotonic seconds).

        Raises the Problem of a breached limit.
        """
        while frame := self._frame(until):
            kind, data = frame
            if kind == END:
                self.answered += 1
                return dict(json.loads(data))
            spool.write(data)
            if spool.tell() > result_limit:
                raise ResultLimit(f"It may have {result_limit} bytes.", limit="result", value=result_limit)
        return None

    def _frame(self, until: float) -> tuple[bytes, bytes] | None:
        """The next frame once it is there as a whole; None if it is not at `until`."""
        wanted = HEAD.size
        while True:
            if len(self.buffer) >= wanted:
                kind, size = HEAD.unpack_from(self.buffer)
                wanted = HEAD.size + size
                if len(self.buffer) >= wanted:
                    data = bytes(self.buffer[HEAD.size : wanted])
                    del self.buffer[:wanted]
                    return kind, data
            if not self._awaited(self.stdout.fileno(), select.POLLIN, until):
                return None
            data = os.read(self.stdout.fileno(), CHUNK)
            if not data:
                raise self._death()
            self.buffer += data

    def _awaited(self, descriptor: int, event: int, until: float) -> bool:
        """Whether the pipe can be read or written before `until`; poll, since select takes no descriptor above 1023."""
        poll = select.poll()
        poll.register(descriptor, event)
        return bool(poll.poll(max(until - time.monotonic(), 0) * 1000))

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
        if code > 0:
            logging.getLogger("publisher").error("A query process failed: %s", words.decode(errors="replace"))
            return Problem("A query process failed for a reason that is ours; it has been logged.")
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


def too_slow(limits: Limits) -> TooSlow:
    """The Problem of a query that ran out of time."""
    problem = TooSlow(f"It may take {limits.wall:g} seconds.", limit="wall-clock", value=limits.wall)
    problem.headers["Retry-After"] = "60"
    return problem


class _Line:
    """Idle workers, and those who wait for one.

    Who has a turn for a long request is served first. Of the others the last who came is: when many come at once, most
    of them with long requests, a line served from its front would make everybody late.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: deque[_Worker] = deque()
        self._first: deque[queue.SimpleQueue[_Worker]] = deque()
        self._others: deque[queue.SimpleQueue[_Worker]] = deque()

    def put(self, worker: _Worker) -> None:
        """Give a worker to one who waits, or keep it."""
        with self._lock:
            if self._first:
                self._first.popleft().put(worker)
            elif self._others:
                self._others.pop().put(worker)
            else:
                self._idle.append(worker)

    def get(self, seconds: float, *, first: bool) -> _Worker:
        """A worker. Raises queue.Empty where none comes free in time."""
        line = self._first if first else self._others
        mine: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        with self._lock:
            if self._idle:
                return self._idle.popleft()
            line.append(mine)
        try:
            return mine.get(timeout=seconds)
        except queue.Empty:
            with self._lock:
                if mine in line:
                    line.remove(mine)
                    raise
            return mine.get_nowait()  # It came in this very moment.

    def drain(self) -> Iterator[_Worker]:
        """All idle workers, which are taken out."""
        with self._lock:
            while self._idle:
                yield self._idle.popleft()


class Pool:
    """A fixed number of worker processes; each serves one request at a time.

    Every request gets a process after a short wait and keeps it for `SLICE` seconds. A longer one needs one of the
    turns, which are for half the processes. If none is free, its process is killed, and it starts anew, with all its
    time, when its turn comes. So long requests, however many, never keep short ones waiting.
    """

    def __init__(self, opener: str, argument: str, limits: Limits, size: int, descriptors: int = 0) -> None:
        """opener: `module:function`, called in each worker with `argument`. size: long requests that run at the same
        time, at least 1. descriptors: files and connections that a worker may have open."""
        self.limits = limits
        self._start: Callable[[], _Worker] = lambda: _Worker(opener, argument, limits, descriptors)
        self._turns = threading.BoundedSemaphore(size)
        self._entered = threading.BoundedSemaphore(2 * size + limits.waiting)
        self._waiting = threading.BoundedSemaphore(max(limits.waiting, 1))
        self._line = _Line()
        self._closed = False
        for _ in range(2 * size):
            self._line.put(self._start())

    def call(self, request: dict[str, object], result_limit: int) -> tuple[Message, BinaryIO, int]:
        """Run one request. Returns the closing message, the spooled result from its start, and its size in bytes.

        Raises Busy where too many wait or it does not come to its turn in time, and the Problem of a breached limit;
        a worker that breached one is killed, and another takes its place.
        """
        data = json.dumps(request).encode()
        spool = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=SPOOL_MEMORY))  # noqa: SIM115 - the caller closes
        try:
            with self._place(self._entered):
                message = self._attempt(data, spool, result_limit, turn=False)
            if message is None:
                message = self._in_turn(data, spool, result_limit)
        except BaseException:
            spool.close()
            raise
        size = spool.tell()
        spool.seek(0)
        return message, spool, size

    def _in_turn(self, data: bytes, spool: BinaryIO, result_limit: int) -> Message:
        """Run a long request from its start, once it is its turn."""
        with self._place(self._waiting):
            if not self._turns.acquire(timeout=self.limits.wall):
                raise self._busy()
        try:
            spool.seek(0)
            spool.truncate()
            return cast(Message, self._attempt(data, spool, result_limit, turn=True))
        finally:
            self._turns.release()

    def _attempt(self, data: bytes, spool: BinaryIO, result_limit: int, *, turn: bool) -> Message | None:
        """Run a request in a process. turn: whether it may be long; else None where it is, and no turn is free."""
        try:
            worker = self._line.get(self.limits.wall, first=turn)
        except queue.Empty:
            raise self._busy() from None
        try:
            worker.begin(data)
            start = time.monotonic()
            message = None if turn else worker.proceed(spool, result_limit, start + SLICE)
            if message is None:
                message = self._at_length(worker, spool, result_limit, start + self.limits.wall, turn=turn)
        except BaseException:
            self._replace(worker)
            raise
        if message is None or worker.answered >= self.limits.repeats:
            self._replace(worker)
        else:
            self._line.put(worker)
        return message

    def _at_length(
        self, worker: _Worker, spool: BinaryIO, result_limit: int, until: float, *, turn: bool
    ) -> Message | None:
        """Go on with a request that has become long; None where it has no turn and none is free."""
        if not turn and not self._turns.acquire(blocking=False):
            return None
        try:
            message = worker.proceed(spool, result_limit, until)
        finally:
            if not turn:
                self._turns.release()
        if message is None:
            raise too_slow(self.limits)
        return message

    @contextlib.contextmanager
    def _place(self, places: threading.BoundedSemaphore) -> Iterator[None]:
        if not places.acquire(blocking=False):
            raise self._busy()
        try:
            yield
        finally:
            places.release()

    def _busy(self) -> Busy:
        problem = Busy(f"At most {self.limits.waiting} queries may wait.", limit="queue", value=self.limits.waiting)
        problem.headers["Retry-After"] = "2"
        return problem

    def _replace(self, worker: _Worker) -> None:
        worker.kill()
        if not self._closed:
            self._line.put(self._start())

    def close(self) -> None:
        """Kill every idle worker; those at work end with this process."""
        self._closed = True
        for worker in self._line.drain():
            worker.kill()
