"""A worker process as its parent sees it: start, limits, clock and kill.

A worker process is started with the name of an opening function and its argument. The function opens what it needs and
returns the handler of requests; only then the limits fall (address space, descriptors, processor time), so that nothing
a request says can open a file or a connection. Parent and worker speak in frames over a pair of sockets; a pipe, which
only the parent holds open, ends the worker when the parent is gone, however it went. `worker` is the inside of one.

A worker is heard in one event loop, so nothing here needs a lock. Which worker is for whom `pool` knows.
"""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Final

from publisher.errors import (
    CannotRunError,
    CpuLimitError,
    EngineCrashError,
    MemoryLimitError,
    PublisherError,
    TooSlowError,
)
from publisher.sparql.engine import Limits
from publisher.sparql.workers.child import CHUNK, DATA, END, HEAD
from publisher.sparql.workers.spool import Result

START_SECONDS: Final = 30
"""A worker that is not ready by then never will be: it only opens a store."""
SLICE: Final = 0.1
"""Seconds that a request runs before it counts as a long one: most queries take a hundredth of that."""
QUICK: Final = 0.01
"""Seconds: a worker whose last request took no longer is likely to be done with the next one soon."""
HEAP: Final = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=200:glibc.malloc.tcache_max=4096"}
"""How a worker keeps what it freed (glibc manual, "Memory Allocation Tunables"): the engine takes and frees many small
blocks for each query, more of a size than are kept at hand otherwise. Other C libraries do not look at it."""
TICK: Final = 0.025
"""Seconds between two looks at the clock: no limit of time is kept more exactly."""


_MAIN: Final = "from publisher.sparql.workers.child import main; main()"

Message = bytes
"""The closing message of a request, in JSON."""


class Job:
    """One request. request: as it is sent. long: whether it is known to take long. result: what is here of its answer.

    worker: the one that it was sent to. outcome: its closing message, or why there is none; None as long as it is open.
    until: when whoever waits for it is woken at the latest, in seconds of the loop's clock.
    """

    __slots__ = ("long", "outcome", "request", "result", "until", "woken", "worker")

    def __init__(self, request: bytes, result: "Result", *, long: bool = False) -> None:
        self.request = request
        self.result = result
        self.long = long
        self.until = 0.0
        self.worker: Worker | None = None
        self.outcome: Message | BaseException | None = None
        self.woken: asyncio.Future[None] | None = None

    def end(self, outcome: Message | BaseException) -> None:
        """Have an outcome, and wake whoever waits for it."""
        self.outcome = outcome
        self.wake()

    def wake(self) -> None:
        """Have whoever waits for it go on, unless it does so already."""
        if self.woken and not self.woken.done():
            self.woken.set_result(None)


class Worker:
    """One worker process, which works on its jobs one after the other.

    changed: called with the worker, in its loop, when it is done with a job or fails. threads: where files are written.
    jobs: those that it was sent; it works on the first. ready: whether it has started. quick: whether it was soon done
    with the last job. ends: whether it is to end after its jobs. left: whether it is heard no more; then the reason is
    its first job's outcome, if any.
    """

    def __init__(
        self,
        opener: str,
        argument: str,
        limits: Limits,
        descriptors: int,
        changed: Callable[["Worker"], None],
        threads: Executor,
    ) -> None:
        self.jobs: deque[Job] = deque()
        self.ready = self.quick = self.left = self.ends = False
        self._limits = limits
        self._remaining = limits.repeats
        self._changed = changed
        self._threads = threads
        theirs, self._lifeline = os.pipe()
        given = {"opener": opener, "argument": argument, "lifeline": theirs, "descriptors": descriptors}
        given |= {"cpu": limits.cpu, "memory": limits.memory}
        self._channel, channel = socket.socketpair()
        self._channel.setblocking(False)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _MAIN, json.dumps(given)],
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
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sending = self._writing = False
        self._unsent = b""
        self._heard = b""
        self._begun = 0.0

    def send(self, jobs: Sequence[Job]) -> None:
        """Have it work on jobs after those that it has."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._channel, self._hear)
        for job in jobs:
            job.worker = self
        idle = not self.jobs
        self.jobs += jobs
        if idle:
            self._begin()
        self._remaining -= len(jobs)
        self.ends = self._remaining <= 0
        self._unsent += b"".join([part for job in jobs for part in (len(job.request).to_bytes(4, "big"), job.request)])
        self._send()

    def _begin(self) -> None:
        """Have the time of its first job begin."""
        self._begun = now()
        self.jobs[0].until = self._begun + (SLICE if self.ready else START_SECONDS)

    def keep_first(self) -> list[Job]:
        """The jobs that it has not begun with, which are for others to do now: it ends after its first."""
        others = list(self.jobs)[1:]
        if others:
            self.jobs = deque([self.jobs[0]])
            self.ends = True
        return others

    def _hear(self) -> None:
        """Take what it has sent."""
        try:
            heard = self._channel.recv(CHUNK)
        except BlockingIOError:
            return
        except ConnectionError:
            heard = b""
        if heard:
            self._go_on(self._heard + heard)
        else:
            self._fail(EOFError())

    def _go_on(self, data: bytes) -> None:
        had = len(self.jobs)
        try:
            self._take(data)
        except Exception as error:  # Too large a result, or a fault of ours.
            self._fail(error)
        else:
            if len(self.jobs) < had:
                self._changed(self)

    def _fail(self, error: BaseException) -> None:
        """Be of no use any more; the first job is to blame."""
        self.leave()
        if self.jobs:
            self.jobs[0].end(error)
        self._changed(self)

    def _take(self, data: bytes) -> None:
        """Take the frames that are here as a whole, and keep the rest."""
        start = 0
        while len(data) - start >= HEAD.size and not self.left and not self._writing:
            kind, size = HEAD.unpack_from(data, start)
            begin, end = start + HEAD.size, start + HEAD.size + size
            if end > len(data):
                break
            if kind == DATA:
                self._write(self.jobs[0].result.add(data[begin:end]))
            elif kind == END:
                self._be_done(data[begin:end])
            else:
                self.ready = True
                if self.jobs:
                    self._begin()
            start = end
        self._heard = data[start:]

    def _write(self, work: Callable[[], object] | None) -> None:
        """Have a thread write to a file, and hear nothing more meanwhile: a slow disk holds up nobody else."""
        if work:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._channel)
            self._writing = True
            loop.run_in_executor(self._threads, work).add_done_callback(self._written)

    def _written(self, writing: "asyncio.Future[object]") -> None:
        self._writing = False
        error = writing.exception()
        if error and not self.left:  # A full disk, mostly.
            self._fail(error)
        elif not self.left:
            writing.get_loop().add_reader(self._channel, self._hear)
            self._go_on(self._heard)

    def _be_done(self, message: Message) -> None:
        """Be done with the first job, and go on with the next."""
        self.jobs.popleft().end(message)
        self.quick = now() < self._begun + QUICK
        if self.jobs:
            self._begin()
        elif self.ends:
            self.leave()

    def _send(self) -> None:
        """Send what the kernel takes: a request may be longer than what it keeps for a reader."""
        try:
            self._unsent = self._unsent[self._channel.send(self._unsent) :]
        except BlockingIOError:
            pass
        except ConnectionError:  # That the process is gone is met in hearing from it.
            self._unsent = b""
        if self._loop and self._sending != bool(self._unsent):
            self._sending = not self._sending
            if self._sending:
                self._loop.add_writer(self._channel, self._send)
            else:
                self._loop.remove_writer(self._channel)

    def leave(self) -> None:
        """Neither hear from it nor send to it any more."""
        self.left = True
        if self._loop and not self._loop.is_closed():
            self._loop.remove_reader(self._channel)
            self._loop.remove_writer(self._channel)

    def death(self) -> PublisherError:
        """Why the process ended by itself. Waits for its end."""
        words = self._stderr.read(CHUNK) or b""
        code = self._process.wait()
        if code == -signal.SIGXCPU:
            return CpuLimitError(f"It may use {self._limits.cpu} seconds.", limit="cpu", value=self._limits.cpu)
        if b"memory allocation" in words or b"MemoryError" in words:
            return memory_limit(self._limits)
        if not self.ready:
            return CannotRunError(f"A query process did not start: {words.decode(errors='replace').strip()[-500:]}")
        if code > 0:
            logging.getLogger("publisher").error("A query process failed: %s", words.decode(errors="replace"))
            return PublisherError("A query process failed for a reason that is ours; it has been logged.")
        detail = "Its process crashed. Mostly, such a query is nested too deep, if only by a chain of many operators."
        return EngineCrashError(detail, limit="nesting", value=self._limits.nesting)

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
        self._waited_for: set[Job] = set()
        self._ticking = False

    async def wait(self, job: Job) -> None:
        """Wait until a job has its outcome, or it is late, give or take a `TICK`."""
        while job.outcome is None and now() < job.until:
            job.woken = asyncio.get_running_loop().create_future()
            self._waited_for.add(job)
            if not self._ticking:
                self._tick()
            try:
                await job.woken
            finally:
                self._waited_for.discard(job)

    def _tick(self) -> None:
        late = now()
        for job in self._waited_for:
            if job.until <= late:
                job.wake()
        self._ticking = bool(self._waited_for)
        if self._ticking:
            asyncio.get_running_loop().call_later(TICK, self._tick)


def now() -> float:
    """Seconds of the running loop's clock."""
    return asyncio.get_running_loop().time()


def memory_limit(limits: Limits) -> MemoryLimitError:
    """The error of a query that ran out of memory."""
    return MemoryLimitError(f"It may use {limits.memory >> 20} MiB.", limit="memory", value=limits.memory)


def too_slow(limits: Limits) -> TooSlowError:
    """The error of a query that ran out of time."""
    problem = TooSlowError(f"It may take {limits.wall:g} seconds.", limit="wall-clock", value=limits.wall)
    problem.headers["Retry-After"] = "60"
    return problem
