"""The worker pool: which worker serves which job, who waits, and how a dead worker is replaced.

All of it is done in one event loop, so nothing here needs a lock, and a request that waits holds no thread.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, Final, cast

from publisher.errors import BusyError, CannotRunError
from publisher.sparql.engine import Limits, always, check_wanted
from publisher.sparql.workers.process import SLICE, START_SECONDS, Clock, Job, Message, Worker, now, too_slow
from publisher.sparql.workers.spool import Result

AGAIN_SECONDS: Final = 1
"""After which starting a process is tried again that could not be started."""
AHEAD: Final = 4
"""Jobs that a quick worker has at most: it goes on with the next at once, and need not be woken for each."""


class _Line:
    """Idle workers, and jobs that wait for one.

    Who has a turn for a long job is served first. Of the others the last and the first who came are, by turns: when
    many come at once, most of them with long jobs, a line served from its front alone would make everybody late; one
    served from its end alone would let some wait for ever. most: how many others may wait. seconds: how long they may.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._idle: deque[Worker] = deque()
        self._long: deque[Job] = deque()
        self._others: deque[Job] = deque()
        self._last_is_next = True

    def join(self, job: Job) -> None:
        """Have a worker begin with a job, at once or when one comes free. Raises asyncio.QueueFull where too many wait.

        Who is late and has no worker yet has to `leave`.
        """
        if self._idle:
            self._idle.popleft().send([job])
            return
        line = self._long if job.long else self._others
        if not job.long and len(line) >= self._most:
            raise asyncio.QueueFull
        job.until = now() + self._seconds
        line.append(job)

    def join_again(self, jobs: Sequence[Job]) -> None:
        """Have other workers do jobs that were sent to one. They are first of the others, however many wait."""
        for job in reversed(jobs):
            job.worker = None
            job.until = now() + self._seconds
            self._others.appendleft(job)
        while self._idle and self._others:
            self.put(self._idle.popleft())

    def leave(self, job: Job) -> None:
        """Have a job wait no more."""
        (self._long if job.long else self._others).remove(job)

    def put(self, worker: Worker) -> None:
        """Have a worker go on with jobs that wait, or keep it. A long job has its worker for itself."""
        if self._long:
            jobs = [] if worker.jobs else [self._long.popleft()]
        else:
            room = (AHEAD if worker.quick else 1) - len(worker.jobs)
            share = (len(self._others) + 1) // 2  # The rest may be begun with sooner by another.
            jobs = [self._next() for _ in range(min(room, share))]
        if jobs:
            worker.send(jobs)
        elif not worker.jobs:
            self._idle.append(worker)

    def _next(self) -> Job:
        served = self._others.pop() if self._last_is_next else self._others.popleft()
        self._last_is_next = not self._last_is_next
        return served

    def drop(self, worker: Worker) -> None:
        """Keep a worker no more that has ended."""
        if worker in self._idle:
            self._idle.remove(worker)


class Pool:
    """A fixed number of worker processes; each works on one request at a time. It is used in one event loop.

    Every request gets a process after a short wait and keeps it for `SLICE` seconds. A longer one needs one of the
    turns, which are for half the processes. If none is free, its process is killed, and it starts anew, with all its
    time, when its turn comes. So long requests, however many, never keep short ones waiting. A process whose requests
    are quick is sent the next ahead; when the one before turns out not to be quick, another process gets it.
    """

    def __init__(self, opener: str, argument: str, limits: Limits, size: int, descriptors: int = 0) -> None:
        """opener: `module:function`, called in each worker with `argument`. size: long requests that run at the same
        time, at least 1. descriptors: files and connections that a worker may have open."""
        self.limits = limits
        self._threads = ThreadPoolExecutor(4 * size)
        self._start: Callable[[], Worker] = lambda: Worker(
            opener, argument, limits, descriptors, self._changed, self._threads
        )
        self._turns = asyncio.Semaphore(size)
        self._waiting = 0
        self._line = _Line(limits.waiting, limits.wall)
        self._clock = Clock()
        self._closed = False
        self._workers = {self._start() for _ in range(2 * size)}
        for worker in self._workers:
            self._line.put(worker)

    async def call(
        self, request: bytes, result_limit: int, wanted: Callable[[], bool] = always
    ) -> tuple[Message, BinaryIO, int]:
        """Run one request. Returns the closing message, the spooled result from its start, and its size in bytes.

        wanted: whether anybody still waits for it; looked at while it takes long, and given up where nobody does.
        Raises BusyError where too many wait or it does not come to its turn in time, and the error of a breached limit;
        a worker that breached one is killed, and another takes its place.
        """
        result = Result(result_limit)
        try:
            message = await self._attempt(Job(request, result), wanted)
            if message is None:
                result.close()
                result = Result(result_limit)
                message = await self._in_turn(Job(request, result, long=True), wanted)
        except BaseException:
            result.close()
            raise
        result.file.seek(0)
        return message, result.file, result.size

    async def _in_turn(self, job: Job, wanted: Callable[[], bool]) -> Message:
        """Do a long job from its start, once it is its turn."""
        if self._waiting >= max(self.limits.waiting, 1):
            raise self._full()
        self._waiting += 1
        try:
            await asyncio.wait_for(self._turns.acquire(), self.limits.wall)
        except TimeoutError:
            raise self._late() from None
        finally:
            self._waiting -= 1
        try:
            check_wanted(wanted)
            return cast(Message, await self._attempt(job, wanted))
        finally:
            self._turns.release()

    async def _attempt(self, job: Job, wanted: Callable[[], bool]) -> Message | None:
        """Have a job done; None where it is long, and no turn is free."""
        try:
            self._line.join(job)
        except asyncio.QueueFull:
            raise self._full() from None
        try:
            await self._clock.wait(job)
            if job.outcome is None:
                await self._wait_longer(job, wanted)
            if isinstance(job.outcome, EOFError):
                death = cast(Worker, job.worker).death
                job.outcome = await asyncio.get_running_loop().run_in_executor(self._threads, death)
            if isinstance(job.outcome, BaseException):
                raise job.outcome
        except BaseException:
            self._give_up(job)
            raise
        if job.outcome is None:
            self._give_up(job)
        return job.outcome

    async def _wait_longer(self, job: Job, wanted: Callable[[], bool]) -> None:
        """Wait for a job that is late: it has no worker yet, or is long. No outcome where no turn is free for it."""
        worker = job.worker
        if worker is None or worker.jobs[0] is not job:
            raise self._late()
        if not worker.ready:
            raise CannotRunError(f"A query process was not ready after {START_SECONDS} seconds.")
        self._line.join_again(worker.keep_first())
        if not job.long:
            if self._turns.locked():
                return
            await self._turns.acquire()
        try:
            until = job.until - SLICE + self.limits.wall
            while job.outcome is None and now() < until:
                check_wanted(wanted)
                job.until = min(until, now() + SLICE)
                await self._clock.wait(job)
        finally:
            if not job.long:
                self._turns.release()
        if job.outcome is None:
            raise too_slow(self.limits)

    def _full(self) -> BusyError:
        return self._busy(f"At most {self.limits.waiting} queries may wait.")

    def _late(self) -> BusyError:
        return self._busy(f"It waited {self.limits.wall:g} seconds, and it was not its turn yet.")

    def _busy(self, words: str) -> BusyError:
        problem = BusyError(words, limit="queue", value=self.limits.waiting)
        problem.headers["Retry-After"] = "2"
        return problem

    def _give_up(self, job: Job) -> None:
        """Have a job not be done: kill the worker that is at it."""
        worker = job.worker
        if worker is None:
            self._line.leave(job)
        elif job in worker.jobs:
            self._line.join_again([other for other in worker.keep_first() if other is not job])
            if worker.jobs[0] is job:
                self._replace(worker)

    def _changed(self, worker: Worker) -> None:
        """See to a worker that is done with a job, or has failed: then who waits for its first job has it replaced."""
        if self._closed:
            return
        if not worker.left:
            if not worker.ends:
                self._line.put(worker)
            return
        self._line.drop(worker)
        self._line.join_again(worker.keep_first())
        if not worker.jobs:
            asyncio.get_running_loop().call_later(0 if worker.ready else AGAIN_SECONDS, self._replace, worker)

    def _replace(self, worker: Worker | None) -> None:
        """Kill a worker, and start another, in a thread: both take a moment."""
        if self._closed:
            return
        if worker:
            worker.leave()
        renewing = asyncio.get_running_loop().run_in_executor(self._threads, self._renew, worker)
        renewing.add_done_callback(self._renewed)

    def _renew(self, worker: Worker | None) -> Worker:
        if worker:
            self._workers.discard(worker)
            worker.kill()
        started = self._start()
        self._workers.add(started)
        return started

    def _renewed(self, renewing: "asyncio.Future[Worker]") -> None:
        error = renewing.exception()
        if error:
            logging.getLogger("publisher").error("A query process could not be started", exc_info=error)
            renewing.get_loop().call_later(AGAIN_SECONDS, self._replace, None)
        elif not self._closed:
            self._line.put(renewing.result())

    def close(self) -> None:
        """Kill every worker; what they work on is not answered. In the loop, or after its end."""
        if self._closed:
            return
        self._closed = True
        self._threads.shutdown()
        for worker in self._workers:
            self._line.drop(worker)
            worker.leave()
            worker.kill()
