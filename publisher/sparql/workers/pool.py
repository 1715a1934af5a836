"""The worker pool: which query process serves which request, who waits, and how a process is replaced.

All of it runs in one event loop, so nothing here needs a lock, and a request that waits holds no thread.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import BinaryIO, Final

from publisher.errors import BusyError, CannotRunError, TooSlowError, UnavailableError
from publisher.sparql.engine import Limits, always, check_wanted
from publisher.sparql.workers.fair_queue import FairQueue, T
from publisher.sparql.workers.process import Message, ProcessEndedError, Work, Worker
from publisher.sparql.workers.spool import Result

SLICE: Final = 0.03
"""Processor seconds that a request may use before it counts as long; most queries take a tenth of that. The processor's
clock, so that no load on the machine makes a short query long."""
PATIENCE: Final = 2.0
"""Seconds after which a request counts as long by the wall clock: one that waits for an endpoint uses no processor."""
REMEMBERED: Final = 1000
"""Shapes of long requests that are remembered: whoever sends one again waits for a slot without a first attempt."""
LOOK: Final = 0.1
"""Seconds between two looks at a request that runs."""
RESTART_SECONDS: Final = 1
"""Delay before a process that did not start, or ended before its first request, is started again."""
STOP_SECONDS: Final = 5
"""Seconds that closing a pool in another thread waits for its event loop."""

logger = logging.getLogger("publisher")

Outcome = tuple[Message, BinaryIO, int]
"""The closing message of a request, its result from its start, and the result's size in bytes."""


@dataclass
class Job:
    """One request. result_limit: bytes. wanted: whether the client still waits. client: whose turn it uses."""

    request: bytes
    result_limit: int
    wanted: Callable[[], bool] = always
    client: str = ""

    @cached_property
    def shape(self) -> int:
        """A hash of the request without digits: the same for a query that is sent again with other numbers."""
        return hash(self.request.translate(None, b"0123456789"))


class Pool:
    """A fixed number of query processes; each works on one request at a time. It is used in one event loop.

    Every request gets a process soon and keeps it for `SLICE`. A longer one needs one of the slots for long requests,
    which are half as many as processes. If none is free, its process is killed, and the request starts again, with all
    its time, when it gets a slot. One of the same shape waits for a slot at once the next time. So long requests,
    however many, hardly delay short ones. Waiting requests are served fairly by client, for processes as for slots.
    """

    def __init__(self, opener: str, argument: str, limits: Limits, size: int, descriptors: int = 0) -> None:
        """Start the processes and wait until they are ready. Raises CannotRunError where they do not start.

        opener: `module:function`, called in each process with `argument`. size: long requests that run at the same
        time, at least 1. descriptors: files and connections that a process may have open.
        """
        self.limits = limits
        self._threads = ThreadPoolExecutor(2 * size)
        self._opening = (opener, argument, limits, descriptors, self._threads)
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._workers: set[Worker] = set()
        self._idle: FairQueue[Worker] = FairQueue(limits.waiting)
        self._slots: FairQueue[int] = FairQueue(limits.waiting)
        self._long: dict[int, None] = {}
        for slot in range(size):
            self._slots.put(slot)
        try:
            for starting in [self._threads.submit(self._start) for _ in range(2 * size)]:
                self._idle.put(starting.result())
        except RuntimeError as error:  # No more threads.
            self.close()
            raise CannotRunError(f"The query processes cannot be started: {error}.") from error
        except BaseException:
            self.close()
            raise

    async def call(self, job: Job) -> Outcome:
        """Run one request.

        Raises BusyError where too many wait or its turn does not come in time, UnavailableError where the processes
        cannot work, and the error of an exceeded limit; a process that exceeded one is killed and replaced.
        """
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            for worker in self._workers:
                worker.listen(self._replace_lost)
        for again in range(len(self._workers) + 1):
            try:
                return await self._run(job)
            except ProcessEndedError as ended:  # It was killed from outside: another one can answer.
                if again and not ended.at_once:
                    break
        raise UnavailableError("The system ended the query process; it may be short of memory.")

    async def _run(self, job: Job) -> Outcome:
        """Run a request for a slice, and a long one from its start once it has a slot."""
        if job.shape not in self._long:
            outcome = await self._attempt(job, has_slot=False)
            if outcome:
                return outcome
        slot = await self._wait_for(self._slots, job)
        try:
            outcome = await self._attempt(job, has_slot=True)
            assert outcome
            return outcome
        finally:
            self._slots.put(slot)

    async def _attempt(self, job: Job, *, has_slot: bool) -> Outcome | None:
        """Run a request in a process; returns None where it is long and no slot is free."""
        worker = await self._wait_for(self._idle, job, urgent=has_slot)
        result = Result(job.result_limit)
        message = None
        try:
            check_wanted(job.wanted)
            if job.shape in self._long and not has_slot:  # One of its shape was long meanwhile.
                return None
            work = worker.begin(job.request, result)
            message = await (self._finish(worker, work, job) if has_slot else self._try(worker, work, job))
        except EOFError:
            at_once = _now() - worker.begun < LOOK
            exit_error = partial(worker.exit_error, at_once=at_once)
            raise await asyncio.get_running_loop().run_in_executor(self._threads, exit_error) from None
        finally:
            self._release(worker)
            if message is None:
                result.close()
        if message is None:
            return None
        result.file.seek(0)
        return message, result.file, result.size

    async def _try(self, worker: Worker, work: Work, job: Job) -> Message | None:
        """Wait for a request for a slice, and on while there is a slot."""
        if await _is_short(worker, work):
            return work.result()
        self._remember(job)
        slot = self._slots.take()
        if slot is None:
            return None
        try:
            return await self._finish(worker, work, job)
        finally:
            self._slots.put(slot)

    async def _finish(self, worker: Worker, work: Work, job: Job) -> Message:
        """Wait for a request that has a slot, as long as its client does and the wall clock allows."""
        until = worker.begun + self.limits.wall
        while work.outcome is None:
            left = until - _now()
            if left <= 0:
                wall = self.limits.wall
                raise TooSlowError(
                    f"Query exceeded the wall-clock limit of {wall:g} s.", limit="wall-clock", value=wall
                )
            check_wanted(job.wanted)
            await work.wait(min(left, LOOK))
        if worker.processor_seconds() - worker.used < SLICE and _now() - worker.begun < PATIENCE:
            self._long.pop(job.shape, None)
        return work.result()

    def _remember(self, job: Job) -> None:
        """Remember the shape of a long request, and forget the oldest."""
        self._long.pop(job.shape, None)
        self._long[job.shape] = None
        if len(self._long) > REMEMBERED:
            del self._long[next(iter(self._long))]

    async def _wait_for(self, queue: FairQueue[T], job: Job, *, urgent: bool = False) -> T:
        try:
            return await queue.get(job.client, self.limits.wall, urgent=urgent)
        except asyncio.QueueFull:
            raise self._busy(f"The queue is full: at most {self.limits.waiting} queries wait.") from None
        except TimeoutError:
            raise self._busy(f"The query waited {self.limits.wall:g} s without a turn.") from None

    def _busy(self, words: str) -> BusyError:
        problem = BusyError(words, limit="queue", value=self.limits.waiting)
        problem.headers["Retry-After"] = "2"
        return problem

    # Processes

    def _start(self) -> Worker:
        """Start a process and wait until it is ready. Raises CannotRunError."""
        try:
            worker = Worker(*self._opening)
        except OSError as error:
            raise CannotRunError(f"The query processes cannot be started: {error.strerror}.") from error
        self._workers.add(worker)
        try:
            worker.wait_ready()
        except BaseException:
            self._end(worker)
            raise
        return worker

    def _end(self, worker: Worker) -> None:
        if worker in self._workers:
            self._workers.discard(worker)
            worker.kill()

    def _release(self, worker: Worker) -> None:
        """Give a worker to the next request, or replace it where it failed, is still busy or has served enough."""
        if worker.idle and not self._closed:
            self._idle.put(worker)
        elif not self._closed:
            worker.leave()
            self._replace(worker)

    def _replace_lost(self, worker: Worker) -> None:
        """Replace a worker whose process ended while it was idle."""
        self._idle.remove(worker)
        asyncio.get_running_loop().call_later(0 if worker.served else RESTART_SECONDS, self._replace, worker)

    def _replace(self, worker: Worker | None) -> None:
        """End a process and start another in a thread: both take a moment."""
        if self._closed:
            return
        renewing = asyncio.get_running_loop().run_in_executor(self._threads, self._renew, worker)
        renewing.add_done_callback(self._add)

    def _renew(self, worker: Worker | None) -> Worker:
        if worker:
            self._end(worker)
        return self._start()

    def _add(self, renewing: "asyncio.Future[Worker]") -> None:
        if renewing.cancelled():
            return
        error = renewing.exception()
        if self._closed:  # A process that was about to start has been ended.
            return
        if error is None:
            renewing.result().listen(self._replace_lost)
            self._idle.put(renewing.result())
            return
        logger.error("A query process cannot be replaced: %s", error)
        if not self._workers:
            self._idle.fail(UnavailableError("The query processes cannot be started; the log has the cause."))
        renewing.get_loop().call_later(RESTART_SECONDS, self._replace, None)

    def close(self) -> None:
        """End all processes and all waiting. In any thread; the event loop need not run any more."""
        if self._closed:
            return
        self._closed = True
        if self._loop and self._loop.is_running():
            self._stop_waiting(self._loop)
        for worker in list(self._workers):
            self._end(worker)
        self._threads.shutdown()
        for worker in list(self._workers):  # Started meanwhile.
            self._end(worker)

    def _stop_waiting(self, loop: asyncio.AbstractEventLoop) -> None:
        """Fail what waits and what runs, in the loop."""
        stopped = threading.Event()

        def stop() -> None:
            error = UnavailableError("The server is stopping.")
            self._idle.fail(error)
            self._slots.fail(error)
            for worker in self._workers:
                worker.leave(error)
            stopped.set()

        if _running_loop() is loop:
            stop()
        else:
            loop.call_soon_threadsafe(stop)
            stopped.wait(STOP_SECONDS)


async def _is_short(worker: Worker, work: Work) -> bool:
    """Whether a request ends within its slice; False as soon as it does not."""
    await work.wait(LOOK)
    while work.outcome is None:
        if worker.processor_seconds() - worker.used >= SLICE or _now() - worker.begun >= PATIENCE:
            return False
        await work.wait(LOOK)
    return True


def _now() -> float:
    """Return seconds of the running loop's clock."""
    return asyncio.get_running_loop().time()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop of this thread, if one runs here."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
