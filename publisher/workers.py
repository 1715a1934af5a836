"""Owns running a function in a process of its own under limits, and killing it.

A worker process is started with the name of an opening function and its argument. The function opens what it needs and
returns the handler of requests; only then the limits fall (address space, descriptors, processor time), so that nothing
a request says can open a file or a connection. Parent and worker speak in frames over a pair of sockets; a pipe, which
only the parent holds open, ends the worker when the parent is gone, however it went. `worker` is the inside of one.
"""

import contextlib
import io
import json
import logging
import os
import queue
import select
import shutil
import signal
import socket
import struct
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
"""Seconds that a request runs before it counts as a long one: most queries take a hundredth of that. Clocks are looked
at as often, so that no limit of time is kept more exactly."""
SPOOL_MEMORY: Final = 1 << 20
"""Bytes of a result that stay in memory; the rest goes to an unlinked temporary file."""
_TIMEOUT: Final = struct.pack("ll", *divmod(int(SLICE * 1e6), 1_000_000))
"""SLICE as the kernel takes it (socket(7), SO_RCVTIMEO): one call waits and reads, where poll and read would be two."""

AT_ONCE: Final = 1 << 12
"""Bytes of a request that are sent on behalf of somebody else: an empty socket takes them without waiting."""

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
        self.channel, channel = socket.socketpair()
        self.channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _TIMEOUT)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", "from publisher.worker import main; main()", json.dumps(given)],
                stdin=channel.fileno(),
                stdout=channel.fileno(),
                stderr=subprocess.PIPE,
                pass_fds=(theirs,),
                bufsize=0,
            )
        finally:
            os.close(theirs)
            channel.close()
        assert self.process.stderr
        self.stderr = self.process.stderr
        self.buffer = bytearray()
        self.room = memoryview(bytearray(CHUNK))

    def wait_until_ready(self) -> None:
        """Raises CannotRun where the worker does not start."""
        if not self.ready:
            if self._frame(time.monotonic() + START_SECONDS) is None:
                raise CannotRun(f"A query process was not ready after {START_SECONDS} seconds.")
            self.ready = True

    def begin(self, request: bytes) -> None:
        """Send a request, which may be longer than what the kernel keeps for a reader."""
        deadline = time.monotonic() + self.limits.wall
        view = memoryview(len(request).to_bytes(4, "big") + request)
        while view:
            try:
                view = view[self.channel.send(view, socket.MSG_DONTWAIT) :]
            except BlockingIOError:
                if not self._takes_more(deadline):
                    raise too_slow(self.limits) from None
            except ConnectionError as error:
                raise self._death() from error

    def begin_at_once(self, request: bytes) -> bool:
        """Send a request if that takes no waiting; whether it was sent. That a worker is dead is met in reading."""
        if not self.ready or len(request) > AT_ONCE:
            return False
        with contextlib.suppress(ConnectionError):
            self.channel.sendall(len(request).to_bytes(4, "big") + request)
        return True

    def proceed(self, result: "_Result", until: float) -> Message | None:
        """Collect the result and return the closing message; None if it has not come at `until` (monotonic seconds).

        Raises the Problem of a breached limit.
        """
        while frame := self._frame(until):
            kind, data = frame
            if kind == END:
                self.answered += 1
                return dict(json.loads(data))
            result.add(data)
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
            if time.monotonic() >= until:
                return None
            try:
                size = self.channel.recv_into(self.room)
            except BlockingIOError:  # Nothing came for a SLICE.
                continue
            except ConnectionError as error:
                raise self._death() from error
            if not size:
                raise self._death()
            self.buffer += self.room[:size]

    def _takes_more(self, until: float) -> bool:
        """Whether more can be sent before `until`; poll, since select takes no descriptor above 1023."""
        poll = select.poll()
        poll.register(self.channel, select.POLLOUT)
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
        self.channel.close()
        self.stderr.close()
        os.close(self.lifeline)


class _Result:
    """The bytes of a result, in `file`: up to `SPOOL_MEMORY` in memory, more in an unlinked temporary file.

    limit: bytes that it may have.
    """

    def __init__(self, limit: int) -> None:
        self.size = 0
        self.file: BinaryIO = io.BytesIO()
        self._limit = limit

    def add(self, data: bytes) -> None:
        """Take the next bytes. Raises ResultLimit."""
        before, self.size = self.size, self.size + len(data)
        if self.size > self._limit:
            raise ResultLimit(f"It may have {self._limit} bytes.", limit="result", value=self._limit)
        if before <= SPOOL_MEMORY < self.size:
            small, self.file = self.file, cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes
            small.seek(0)
            shutil.copyfileobj(small, self.file)
        self.file.write(data)

    def clear(self) -> None:
        """Be as it was at the start."""
        self.file.close()
        self.size, self.file = 0, io.BytesIO()


def memory_limit(limits: Limits) -> MemoryLimit:
    """The Problem of a query that ran out of memory."""
    return MemoryLimit(f"It may use {limits.memory >> 20} MiB.", limit="memory", value=limits.memory)


def too_slow(limits: Limits) -> TooSlow:
    """The Problem of a query that ran out of time."""
    problem = TooSlow(f"It may take {limits.wall:g} seconds.", limit="wall-clock", value=limits.wall)
    problem.headers["Retry-After"] = "60"
    return problem


class _Waiter:
    """One who waits for a worker, and the request for it. given: the worker, and whether it has the request already."""

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.given: queue.SimpleQueue[tuple[_Worker, bool]] = queue.SimpleQueue()


class _Line:
    """Idle workers, and those who wait for one.

    Who has a turn for a long request is served first. Of the others the last and the first who came are, by turns: when
    many come at once, most of them with long requests, a line served from its front alone would make everybody late;
    one served from its end alone would let some wait for ever. most: how many others may wait.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._idle: deque[_Worker] = deque()
        self._first: deque[_Waiter] = deque()
        self._others: deque[_Waiter] = deque()
        self._last_is_next = True

    def put(self, worker: _Worker) -> None:
        """Give a worker to one who waits, or keep it.

        Who waits needs a moment to wake up; the worker does not wait for that.
        """
        with self._lock:
            waiter = self._next()
            if waiter is None:
                self._idle.append(worker)
        if waiter:
            waiter.given.put((worker, worker.begin_at_once(waiter.request)))

    def _next(self) -> _Waiter | None:
        if self._first:
            return self._first.popleft()
        if not self._others:
            return None
        served = self._others.pop() if self._last_is_next else self._others.popleft()
        self._last_is_next = not self._last_is_next
        return served

    def get(self, request: bytes, seconds: float, *, first: bool) -> tuple[_Worker, bool]:
        """A worker, and whether it has the request already.

        Raises queue.Full where too many wait, and queue.Empty where no worker comes free in time.
        """
        line = self._first if first else self._others
        with self._lock:
            if self._idle:
                return self._idle.popleft(), False
            if not first and len(line) >= self._most:
                raise queue.Full
            mine = _Waiter(request)
            line.append(mine)
        try:
            return mine.given.get(timeout=seconds)
        except queue.Empty:
            with self._lock:
                if mine in line:
                    line.remove(mine)
                    raise
            return mine.given.get()  # It comes in this very moment.

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
        self._waiting = threading.BoundedSemaphore(max(limits.waiting, 1))
        self._line = _Line(limits.waiting)
        self._closed = False
        for _ in range(2 * size):
            self._line.put(self._start())

    def call(self, request: dict[str, object], result_limit: int) -> tuple[Message, BinaryIO, int]:
        """Run one request. Returns the closing message, the spooled result from its start, and its size in bytes.

        Raises Busy where too many wait or it does not come to its turn in time, and the Problem of a breached limit;
        a worker that breached one is killed, and another takes its place.
        """
        data = json.dumps(request).encode()
        result = _Result(result_limit)
        try:
            message = self._attempt(data, result, turn=False)
            if message is None:
                result.clear()
                message = self._in_turn(data, result)
        except BaseException:
            result.file.close()
            raise
        result.file.seek(0)
        return message, result.file, result.size

    def _in_turn(self, data: bytes, result: _Result) -> Message:
        """Run a long request from its start, once it is its turn."""
        if not self._waiting.acquire(blocking=False):
            raise self._busy()
        try:
            if not self._turns.acquire(timeout=self.limits.wall):
                raise self._busy()
        finally:
            self._waiting.release()
        try:
            return cast(Message, self._attempt(data, result, turn=True))
        finally:
            self._turns.release()

    def _attempt(self, data: bytes, result: _Result, *, turn: bool) -> Message | None:
        """Run a request in a process. turn: whether it may be long; else None where it is, and no turn is free."""
        try:
            worker, begun = self._line.get(data, self.limits.wall, first=turn)
        except (queue.Empty, queue.Full):
            raise self._busy() from None
        try:
            worker.wait_until_ready()
            if not begun:
                worker.begin(data)
            start = time.monotonic()
            message = None if turn else worker.proceed(result, start + SLICE)
            if message is None:
                message = self._at_length(worker, result, start + self.limits.wall, turn=turn)
        except BaseException:
            self._replace(worker)
            raise
        if message is None or worker.answered >= self.limits.repeats:
            self._replace(worker)
        else:
            self._line.put(worker)
        return message

    def _at_length(self, worker: _Worker, result: _Result, until: float, *, turn: bool) -> Message | None:
        """Go on with a request that has become long; None where it has no turn and none is free."""
        if not turn and not self._turns.acquire(blocking=False):
            return None
        try:
            message = worker.proceed(result, until)
        finally:
            if not turn:
                self._turns.release()
        if message is None:
            raise too_slow(self.limits)
        return message

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
