"""The worker pool: assigns requests to query processes, queues them, and replaces processes.

All of it runs in one event loop, so nothing here needs a lock, and a request that waits holds no thread.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import BinaryIO, Final

from publisher.errors import BusyError, CannotRunError, PublisherError, TooSlowError, UnavailableError
from publisher.sparql.engine import Limits, Load, check_wanted
from publisher.sparql.workers.fair_queue import Expected, FairQueue
from publisher.sparql.workers.process import Job, Message, ProcessEndedError, Worker

SLICE: Final = 0.03
"""Processor seconds that a request may use before it counts as long; most queries take a tenth of that. The processor's
clock, so that no load on the machine makes a short query long."""
PATIENCE: Final = 2.0
"""Seconds after which a request counts as long by the wall clock: one that waits for an endpoint uses no processor."""
REMEMBERED: Final = 1000
"""Shapes of long requests that are remembered: whoever sends one again waits for a slot without a first attempt. Of as
many outlines of requests it is remembered whether the last one was long."""
LOOK: Final = 0.1
"""Seconds between two looks at all requests: one timer for all costs less than one for each."""
AHEAD: Final = 4
"""Requests that a worker gets at once while none is long and more wait than there are workers: it need not be woken for
each, which takes as long as half a small query."""
RESTART_SECONDS: Final = 1
"""Delay before a process that did not start, or ended before its first request, is started again."""
STOP_SECONDS: Final = 5
"""Seconds that closing a pool in another thread waits for its event loop."""

logger = logging.getLogger("publisher")

Outcome = tuple[Message, BinaryIO, int]
"""The closing message of a request, its result from its start, and the result's size in bytes."""


class Pool:
    """A fixed number of query processes; each works on one request at a time. It is used in one event loop.

    Every request gets a process soon and keeps it for `SLICE`. A longer one needs one of the slots for long requests,
    which are half as many as processes. If none is free, its process is killed, and the request starts again, with all
    its time, when it gets a slot. One of the same shape waits for a slot at once the next time. One of the outline of a
    long one gets a process after the others of its client. So long requests, however many, hardly delay short ones, not
    even those of the same client. Waiting requests are served fairly by client, for processes as for slots.
    While none is long, a process gets several of those that wait at once; others get them if the first is long.
    """

    def __init__(self, opener: str, argument: str, limits: Limits, size: int, descriptors: int = 0) -> None:
        """Start the processes and wait until one is ready; the others follow. Raises CannotRunError where it is not.

        opener: `module:function`, called in each process with `argument`. size: long requests that run at the same
        time, at least 1. descriptors: files and connections that a process may have open.
        """
        self.limits = limits
        self._threads = ThreadPoolExecutor(2 * size)
        self._opening = (opener, argument, limits, descriptors, self._threads)
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._workers: set[Worker] = set()
        self._idle: deque[Worker] = deque()
        self._renewing: set[asyncio.Future[Worker]] = set()
        self._size = self._slots = size
        self._jobs: set[Job] = set()
        self._looking = False
        self._for_worker: FairQueue[Job] = FairQueue(limits.waiting)
        self._for_slot: FairQueue[Job] = FairQueue(limits.waiting)
        self._long: dict[int, None] = {}
        self._outlines: dict[int, Expected] = {}
        self._starting: list[Future[Worker]] = []
        try:
            first = self._threads.submit(self._start)
            self._starting = [self._threads.submit(self._start_after, first) for _ in range(2 * size - 1)]
            self._idle.append(first.result())
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
            self._listen()
        for again in range(2 * self._size + 1):
            try:
                message = await self._attempt(job, self._loop)
            except ProcessEndedError as ended:  # It was killed from outside: another one can answer.
                if again and not ended.at_once:
                    break
            else:
                job.result.file.seek(0)
                return message, job.result.file, job.result.size
        raise UnavailableError("The system ended the query process; it may be short of memory.")

    async def _attempt(self, job: Job, loop: asyncio.AbstractEventLoop) -> Message:
        """Place a request and wait for its outcome; the callbacks of workers and of the timer do the rest."""
        job.outcome = loop.create_future()
        self._jobs.add(job)
        self._place(job)
        if not self._looking:
            self._looking = True
            loop.call_later(LOOK, self._look, loop)
        message = None
        try:
            message = await job.outcome
        except EOFError:
            assert job.worker
            exit_error = partial(job.worker.exit_error, at_once=loop.time() - job.worker.begun < LOOK)
            raise await loop.run_in_executor(self._threads, exit_error) from None
        finally:
            self._jobs.discard(job)
            if message is None:
                self._withdraw(job)
        return message

    def _place(self, job: Job, *, again: bool = False) -> None:
        """Begin a request, or let it wait. again: it had a worker before, and waits before all others.

        Whether its client still waits is left to `_look`: to watch a client takes longer than most queries.
        """
        if not self._admit(job):
            return
        urgent, expected = again or job.has_slot, self._expect(job)
        if self._idle and (urgent or expected is Expected.SHORT or not self._is_kept_back(job.client)):
            self._idle.popleft().begin([job], _now())
        else:
            self._wait_in(self._for_worker, job, expected, urgent=urgent)

    def _expect(self, job: Job) -> Expected:
        """How long a request will take, by the last one of its outline."""
        return self._outlines.get(job.outline, Expected.UNKNOWN)

    def _admit(self, job: Job) -> bool:
        """Whether a request may begin; one that was long before needs a slot, and waits where none is free."""
        if job.outcome.done():
            return False
        if not job.has_slot and self._long and job.shape in self._long:
            if not self._slots:
                self._wait_in(self._for_slot, job)
                return False
            self._take_slot(job)
        return True

    def _is_kept_back(self, client: str) -> bool:
        """Whether a client gets none of the idle processes: it has long requests that wait for a slot, so its others
        are likely to be long too, and their processes to be killed. Half of those without a slot are kept for others,
        and for those of its own that are expected to be short.
        """
        return len(self._idle) <= self._size // 2 and self._for_slot.has(client)

    def _wait_in(
        self, queue: FairQueue[Job], job: Job, expected: Expected = Expected.LONG, *, urgent: bool = False
    ) -> None:
        job.until = _now() + self.limits.wall
        refused = queue.add(job, job.client, expected, urgent=urgent)
        if refused:
            refused.fail(self._busy(f"The queue is full: at most {self.limits.waiting} long queries wait."))

    def _handle_end(self, worker: Worker, job: Job | None, outcome: Message | Exception) -> None:
        """Pass the outcome of a request on, and its worker to the next."""
        if job is None:
            self._replace_lost(worker)
        elif isinstance(outcome, Exception):
            job.fail(outcome)
        else:
            if not (job.has_slot and _is_long(worker, _now())):
                self._remember(job, Expected.SHORT)
            job.worker = None
            if not worker.jobs:
                self._serve(worker)
            if job.has_slot:
                self._free_slot(job)
            if job.outcome.done():
                job.result.close()
            else:
                job.outcome.set_result(outcome)

    def _serve(self, worker: Worker) -> None:
        """Give a worker its next requests, keep it, or replace it where it has served enough."""
        if not worker.idle:
            self._retire(worker)
            return
        self._idle.append(worker)
        jobs: list[Job] = []
        while len(jobs) < self._share() and (job := self._for_worker.pop(self._is_kept_back)):
            if self._admit(job):
                jobs.append(job)
        if jobs:
            self._idle.pop().begin(jobs, _now())

    def _share(self) -> int:
        """How many requests a worker gets at once: one where there are long ones, behind which others would wait."""
        if self._slots < self._size:
            return 1
        return min(AHEAD, 1 + len(self._for_worker) // 2)

    def _withdraw(self, job: Job) -> None:
        """Let a request wait no more and hold nothing; a worker that is still busy with it is replaced."""
        self._for_worker.remove(job, job.client)
        self._for_slot.remove(job, job.client)
        if job.worker:
            worker, job.worker = job.worker, None
            job.result.close()
            self._retire(worker)
        if job.has_slot:
            self._free_slot(job)

    def _take_slot(self, job: Job) -> None:
        self._slots -= 1
        job.has_slot = True

    def _free_slot(self, job: Job) -> None:
        """Pass the slot of a request on."""
        job.has_slot = False
        self._slots += 1
        while self._slots and (waiting := self._for_slot.pop()):
            self._place(waiting)

    # Requests that take long

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look at all requests, and again as long as there are some."""
        self._looking = bool(self._jobs) and not self._closed
        if self._looking:
            loop.call_later(LOOK, self._look, loop)
        for job in self._jobs:
            self._judge(job, loop.time())
        for _ in range(len(self._idle)):  # Some clients may be kept back no more.
            self._serve(self._idle.popleft())

    def _judge(self, job: Job, now: float) -> None:
        """Fail a request that is late or that nobody waits for; one that is long needs a slot."""
        worker, wall = job.worker, self.limits.wall
        tried = worker is not None and not job.has_slot  # For a slice; no client is looked after so soon.
        waits = worker is not None and worker.jobs[0] is not job  # For the one before it.
        if job.outcome.done() or waits or not (tried or _is_live(job)):
            return
        if now >= job.until:
            words = f"Query exceeded the wall-clock limit of {wall:g} s."
            late = self._busy(f"The query waited {wall:g} s without a turn.")
            job.fail(TooSlowError(words, limit="wall-clock", value=wall) if worker else late)
        elif worker and tried and _is_long(worker, now):
            self._remember(job, Expected.LONG)
            if self._slots:
                self._take_slot(job)
                self._place_again(worker.take_back())
            else:
                self._withdraw(job)
                self._place(job)
            self._move_alike(job)

    def _remember(self, job: Job, length: Expected) -> None:
        """Remember the outline of a request, and the shape of a long one; forget the oldest."""
        self._long.pop(job.shape, None)
        if length is Expected.LONG:
            self._long[job.shape] = None
        self._outlines.pop(job.outline, None)
        self._outlines[job.outline] = length
        for remembered in (self._long, self._outlines):
            if len(remembered) > REMEMBERED:
                del remembered[next(iter(remembered))]

    def _move_alike(self, job: Job) -> None:
        """Let waiting requests of the shape of a long one wait for a slot, and those of its outline behind others."""
        for other in [other for other in self._for_worker if other.outline == job.outline]:
            self._for_worker.remove(other, other.client)
            self._place(other)

    def _busy(self, words: str) -> BusyError:
        problem = BusyError(words, limit="queue", value=self.limits.waiting)
        problem.headers["Retry-After"] = "2"
        return problem

    # Processes

    def _listen(self) -> None:
        """Listen to the processes that are ready, and to the others as soon as they are."""
        for starting in self._starting:
            if starting.done() and not starting.exception():
                self._idle.append(starting.result())
            else:
                self._use_when_ready(asyncio.wrap_future(starting))
        self._starting.clear()
        for worker in self._idle:
            worker.listen(self._handle_end)

    def _start_after(self, first: Future[Worker]) -> Worker:
        """Start a process when the first one is ready, which would else take as long as all. Raises CannotRunError."""
        first.result()
        return self._start()

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

    def _retire(self, worker: Worker) -> None:
        """Replace a worker that failed, is still busy or has served enough; others get what it still has."""
        if not self._closed:
            worker.leave()
            self._replace(worker)
            self._place_again([job for job in worker.jobs if job.worker])
            worker.jobs.clear()

    def _place_again(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            job.worker = None
            job.result.close()
            self._place(job, again=True)

    def _replace_lost(self, worker: Worker) -> None:
        """Replace a worker whose process ended while it was idle."""
        self._idle.remove(worker)
        asyncio.get_running_loop().call_later(0 if worker.served else RESTART_SECONDS, self._replace, worker)

    def _replace(self, worker: Worker | None) -> None:
        """End a process and start another in a thread: both take a moment."""
        if self._closed:
            return
        self._use_when_ready(asyncio.get_running_loop().run_in_executor(self._threads, self._renew, worker))

    def _use_when_ready(self, renewing: "asyncio.Future[Worker]") -> None:
        self._renewing.add(renewing)
        renewing.add_done_callback(self._add)

    def _renew(self, worker: Worker | None) -> Worker:
        """End a process and start another; and one more where that was killed while it started."""
        if worker:
            self._end(worker)
        try:
            return self._start()
        except CannotRunError:
            if self._closed:
                raise
            return self._start()

    def _add(self, renewing: "asyncio.Future[Worker]") -> None:
        """Use a process that was started. Where it cannot be, requests fail unless another one works or starts."""
        self._renewing.discard(renewing)
        if renewing.cancelled():
            return
        error = renewing.exception()
        if self._closed:  # A process that was about to start has been ended.
            return
        if error is None:
            renewing.result().listen(self._handle_end)
            self._serve(renewing.result())
            return
        logger.error("A query process cannot be replaced: %s", error)
        if not (self._workers or self._renewing):
            self._fail_all(UnavailableError("The query processes cannot be started; the log has the cause."))
        renewing.get_loop().call_later(RESTART_SECONDS, self._replace, None)

    def _fail_all(self, error: Exception) -> None:
        for job in self._jobs:
            job.fail(error)

    def load(self) -> Load:
        """How busy the processes are; from any thread."""
        waiting = len(self._for_worker) + len(self._for_slot)
        return Load(len(self._workers), len(self._idle), self._size - self._slots, waiting)

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
            self._fail_all(UnavailableError("The server is stopping."))
            for worker in list(self._workers):  # Threads may add to them meanwhile.
                worker.leave()
            stopped.set()

        if _running_loop() is loop:
            stop()
        else:
            loop.call_soon_threadsafe(stop)
            stopped.wait(STOP_SECONDS)


def _is_long(worker: Worker, now: float) -> bool:
    """Whether a worker has spent more than a slice on its last request."""
    return worker.processor_seconds() - worker.used >= SLICE or now - worker.begun >= PATIENCE


def _is_live(job: Job) -> bool:
    """Whether a request has no outcome yet; it fails where its client no longer waits."""
    try:
        check_wanted(job.wanted)
    except PublisherError as error:
        job.fail(error)
    return not job.outcome.done()


def _now() -> float:
    """Return seconds of the running loop's clock."""
    return asyncio.get_running_loop().time()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop of this thread, if one runs here."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
