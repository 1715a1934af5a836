"""Owns running a function in a process of its own under limits, and killing it.

A worker process is started with the name of an opening function and its argument. The function opens what it needs and
returns the handler of requests; only then the limits fall (address space, descriptors, processor time), so that nothing
a request says can open a file or a connection. Parent and worker speak in frames over a pair of sockets; a pipe, which
only the parent holds open, ends the worker when the parent is gone, however it went. `worker` is the inside of one.

A worker is waited for in one event loop, so nothing here needs a lock. Which worker is for whom `pool` knows.
"""

import asyncio
import io
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from typing import BinaryIO, Final, cast

from publisher.problems import CannotRun, CpuLimit, EngineCrash, MemoryLimit, Problem, ResultLimit, TooSlow
from publisher.promise import Limits
from publisher.worker import CHUNK, DATA, END, HEAD

START_SECONDS: Final = 30
"""A worker that is not ready by then never will be: it only opens a store."""
TICK: Final = 0.025
"""Seconds between two looks at the clock: no limit of time is kept more exactly."""
HEAP: Final = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=200:glibc.malloc.tcache_max=4096"}
"""How a worker keeps what it freed (glibc manual, "Memory Allocation Tunables"): the engine takes and frees many small
blocks for each query, more of a size than are kept at hand otherwise. Other C libraries do not look at it."""
SPOOL_MEMORY: Final = 1 << 20
"""Bytes of a result that stay in memory; the rest goes to an unlinked temporary file."""
Message = bytes
"""The closing message of a request, in JSON."""


class Worker:
    """One worker process, which works on one request at a time; it is waited for in one event loop.

    answered: requests that it has answered.
    """

    def __init__(self, opener: str, argument: str, limits: Limits, descriptors: int, clock: "Clock") -> None:
        self.answered = 0
        self._limits = limits
        theirs, self._lifeline = os.pipe()
        given = {"opener": opener, "argument": argument, "lifeline": theirs, "descriptors": descriptors}
        given |= {"cpu": limits.cpu, "memory": limits.memory}
        self._channel, channel = socket.socketpair()
        self._channel.setblocking(False)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", "from publisher.worker import main; main()", json.dumps(given)],
                stdin=channel.fileno(),
                stdout=channel.fileno(),
                stderr=subprocess.PIPE,
                pass_fds=(theirs,),
                bufsize=0,
                env=os.environ | HEAP,
            )
        finally:
            os.close(theirs)
            channel.close()
        assert self._process.stderr
        self._stderr = self._process.stderr
        self._clock = clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = False
        self._sending = False
        self._unsent = memoryview(b"")
        self._buffer = bytearray()
        self._room = memoryview(bytearray(CHUNK))
        self._result: Result | None = None
        self._outcome: Message | Exception | None = None
        self._awaited: asyncio.Future[None] | None = None

    def begin(self, request: bytes, result: "Result") -> None:
        """Have it work on a request as soon as it is ready; what it sends is collected in `result`."""
        self._result = result
        self._unsent = memoryview(len(request).to_bytes(4, "big") + request)
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._channel, self._hear)
        self._send()

    @property
    def ended(self) -> bool:
        """Whether the process is known to have ended."""
        return isinstance(self._outcome, EOFError)

    async def until_ready(self) -> None:
        """Wait until it works on its request. Raises CannotRun where it does not start, and EOFError where it ends."""
        if not self._ready and self._outcome is None:
            await self._woken(now() + START_SECONDS)
        if self.ended:
            raise EOFError
        if not self._ready:
            raise CannotRun(f"A query process was not ready after {START_SECONDS} seconds.")

    async def message(self, until: float) -> Message | None:
        """The closing message of its request; None if it has not come at `until` (seconds of the loop's clock).

        Raises ResultLimit, and EOFError where the process ended by itself: then `death` knows why.
        """
        if self._outcome is None:
            await self._woken(until)
        outcome, self._outcome = self._outcome, None
        if isinstance(outcome, Exception):
            raise outcome
        self.answered += outcome is not None
        return outcome

    async def _woken(self, until: float) -> None:
        """Wait until it is ready, its outcome is here, or it is late."""
        self._awaited = asyncio.get_running_loop().create_future()
        try:
            await self._clock.before(until, self._awaited)
        finally:
            self._awaited = None

    def _tell(self, outcome: Message | Exception | None) -> None:
        self._outcome = outcome
        if self._awaited:
            wake(self._awaited)

    def _hear(self) -> None:
        """Take what it has sent."""
        try:
            size = self._channel.recv_into(self._room)
        except BlockingIOError:
            return
        except ConnectionError:
            size = 0
        self._buffer += self._room[:size]
        try:
            if not size:
                raise EOFError
            while frame := self._frame():
                kind, data = frame
                if kind == DATA:
                    cast(Result, self._result).add(data)
                elif kind == END:
                    self._tell(data)
                else:
                    self._ready = True
                    self._tell(None)
        except Exception as error:  # The end, too large a result, or a fault of ours, which a full disk is too.
            self.leave()
            self._tell(error)

    def _frame(self) -> tuple[bytes, bytes] | None:
        """The next frame, if it is here as a whole."""
        if len(self._buffer) >= HEAD.size:
            kind, size = HEAD.unpack_from(self._buffer)
            if len(self._buffer) >= HEAD.size + size:
                data = bytes(self._buffer[HEAD.size : HEAD.size + size])
                del self._buffer[: HEAD.size + size]
                return kind, data
        return None

    def _send(self) -> None:
        """Send what the kernel takes: a request may be longer than what it keeps for a reader."""
        try:
            self._unsent = self._unsent[self._channel.send(self._unsent) :]
        except BlockingIOError:
            pass
        except ConnectionError:  # That the process is gone is met in hearing from it.
            self._unsent = memoryview(b"")
        if self._loop and self._sending != bool(self._unsent):
            self._sending = not self._sending
            if self._sending:
                self._loop.add_writer(self._channel, self._send)
            else:
                self._loop.remove_writer(self._channel)

    def leave(self) -> None:
        """Neither hear from it nor send to it any more."""
        if self._loop and not self._loop.is_closed():
            self._loop.remove_reader(self._channel)
            self._loop.remove_writer(self._channel)

    def death(self) -> Problem:
        """Why the process ended by itself. Waits for its end."""
        words = self._stderr.read(CHUNK) or b""
        code = self._process.wait()
        if code == -signal.SIGXCPU:
            return CpuLimit(f"It may use {self._limits.cpu} seconds.", limit="cpu", value=self._limits.cpu)
        if b"memory allocation" in words or b"MemoryError" in words:
            return memory_limit(self._limits)
        if not self._ready:
            return CannotRun(f"A query process did not start: {words.decode(errors='replace').strip()[-500:]}")
        if code > 0:
            logging.getLogger("publisher").error("A query process failed: %s", words.decode(errors="replace"))
            return Problem("A query process failed for a reason that is ours; it has been logged.")
        return EngineCrash("Its process crashed. This mostly means that the query is nested too deep.", limit="nesting")

    def kill(self) -> None:
        """End the process now and let go of the pipes. Waits for its end; `leave` comes first."""
        self._process.kill()
        self._process.wait()
        self._channel.close()
        self._stderr.close()
        os.close(self._lifeline)


class Clock:
    """Wakes those who wait too long; one timer for all of them costs less than one for each."""

    def __init__(self) -> None:
        self._waits: dict[asyncio.Future[None], float] = {}
        self._ticking = False

    async def before(self, until: float, future: "asyncio.Future[None]") -> None:
        """Wait for a future, or until a time (seconds of the loop's clock), give or take a `TICK`."""
        self._waits[future] = until
        if not self._ticking:
            self._tick()
        try:
            await future
        finally:
            del self._waits[future]

    def _tick(self) -> None:
        late = now()
        for future in [future for future, until in self._waits.items() if until <= late]:
            wake(future)
        self._ticking = bool(self._waits)
        if self._ticking:
            asyncio.get_running_loop().call_later(TICK, self._tick)


def now() -> float:
    """Seconds of the running loop's clock."""
    return asyncio.get_running_loop().time()


def wake(future: "asyncio.Future[None]") -> None:
    """Have whoever waits for a future go on, unless it does so already."""
    if not future.done():
        future.set_result(None)


class Result:
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
