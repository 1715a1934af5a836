"""Owns which worker serves which request: who waits, who may take long, and what takes a dead worker's place.

All of it is done in one event loop, so nothing here needs a lock, and a request that waits holds no thread.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, Final, cast

from publisher.problems import Busy, Problem
from publisher.promise import Limits
from publisher.workers import Clock, Message, Result, Worker, now, too_slow, wake

SLICE: Final = 0.1
"""Seconds that a request runs before it counts as a long one: most queries take a hundredth of that."""
AGAIN_SECONDS: Final = 1
"""After which starting a process is tried again that could not be started."""


class _Waiter:
    """A request that waits for a worker, and the worker that has it then."""

    def __init__(self, request: bytes, result: Result) -> None:
        self.request = request
        self.result = result
        self.awaited: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.worker: Worker | None = None


class _Line:
    """Idle workers, and requests that wait for one.

    Who has a turn for a long request is served first. Of the others the last and the first who came are, by turns: when
    many come at once, most of them with long requests, a line served from its front alone would make everybody late;
    one served from its end alone would let some wait for ever. most: how many others may wait.
    """

    def __init__(self, most: int, clock: Clock) -> None:
        self._most = most
        self._clock = clock
        self.idle: deque[Worker] = deque()
        self._first: deque[_Waiter] = deque()
        self._others: deque[_Waiter] = deque()
        self._last_is_next = True

    def put(self, worker: Worker) -> None:
        """Have a worker begin with the next request, or keep it."""
        waiter = self._next()
        if waiter is None:
            self.idle.append(worker)
        else:
            worker.begin(waiter.request, waiter.result)
            waiter.worker = worker
            wake(waiter.awaited)

    def _next(self) -> _Waiter | None:
        if self._first:
            return self._first.popleft()
        if not self._others:
            return None
        served = self._others.pop() if self._last_is_next else self._others.popleft()
        self._last_is_next = not self._last_is_next
        return served

    async def get(self, request: bytes, result: Result, seconds: float, *, first: bool) -> Worker:
        """A worker that has begun with a request.

        Raises asyncio.QueueFull where too many wait, and TimeoutError where no worker comes free in time.
        """
        if self.idle:
            worker = self.idle.popleft()
            worker.begin(request, result)
            return worker
        line = self._first if first else self._others
        if not first and len(line) >= self._most:
            raise asyncio.QueueFull
        mine = _Waiter(request, result)
        line.append(mine)
        try:
            await self._clock.before(now() + seconds, mine.awaited)
        finally:
            if not mine.worker:
                line.remove(mine)
        if not mine.worker:
            raise TimeoutError
        return mine.worker


class Pool:
    """A fixed number of worker processes; each serves one request at a time. It is used in one event loop.

    Every request gets a process after a short wait and keeps it for `SLICE` seconds. A longer one needs one of the
    turns, which are for half the processes. If none is free, its process is killed, and it starts anew, with all its
    time, when its turn comes. So long requests, however many, never keep short ones waiting.
    """

    def __init__(self, opener: str, argument: str, limits: Limits, size: int, descriptors: int = 0) -> None:
        """opener: `module:function`, called in each worker with `argument`. size: long requests that run at the same
        time, at least 1. descriptors: files and connections that a worker may have open."""
        self.limits = limits
        clock = Clock()
        self._start: Callable[[], Worker] = lambda: Worker(opener, argument, limits, descriptors, clock)
        self._turns = asyncio.Semaphore(size)
        self._waiting = 0
        self._line = _Line(limits.waiting, clock)
        self._closed = False
        self._threads = ThreadPoolExecutor(2 * size)
        self._workers = {self._start() for _ in range(2 * size)}
        for worker in self._workers:
            self._line.put(worker)

    async def call(
        self, request: bytes, result_limit: int, wanted: Callable[[], bool] = lambda: True
    ) -> tuple[Message, BinaryIO, int]:
        """Run one request. Returns the closing message, the spooled result from its start, and its size in bytes.

        wanted: whether anybody still waits for it; looked at while it takes long, and given up where nobody does.
        Raises Busy where too many wait or it does not come to its turn in time, and the Problem of a breached limit;
        a worker that breached one is killed, and another takes its place.
        """
        result = Result(result_limit)
        try:
            message = await self._attempt(request, result, wanted, turn=False)
            if message is None:
                result.clear()
                message = await self._in_turn(request, result, wanted)
        except BaseException:
            result.file.close()
            raise
        result.file.seek(0)
        return message, result.file, result.size

    async def _in_turn(self, request: bytes, result: Result, wanted: Callable[[], bool]) -> Message:
        """Run a long request from its start, once it is its turn."""
        if self._waiting >= max(self.limits.waiting, 1):
            raise self._busy()
        self._waiting += 1
        try:
            await asyncio.wait_for(self._turns.acquire(), self.limits.wall)
        except TimeoutError:
            raise self._busy() from None
        finally:
            self._waiting -= 1
        try:
            _give_up_unless(wanted)
            return cast(Message, await self._attempt(request, result, wanted, turn=True))
        finally:
            self._turns.release()

    async def _attempt(
        self, request: bytes, result: Result, wanted: Callable[[], bool], *, turn: bool
    ) -> Message | None:
        """Run a request in a process. turn: whether it may be long; else None where it is, and no turn is free."""
        try:
            worker = await self._line.get(request, result, self.limits.wall, first=turn)
        except (asyncio.QueueFull, TimeoutError):
            raise self._busy() from None
        if worker.ended:  # While it was idle: no request is to blame for that.
            self._replace(worker)
            return await self._attempt(request, result, wanted, turn=turn)
        try:
            await worker.until_ready()
            start = now()
            message = None if turn else await worker.message(start + SLICE)
            if message is None:
                message = await self._at_length(worker, start + self.limits.wall, wanted, turn=turn)
        except EOFError:
            death = await asyncio.get_running_loop().run_in_executor(self._threads, worker.death)
            self._replace(worker)
            raise death from None
        except BaseException:
            self._replace(worker)
            raise
        if message is None or worker.answered >= self.limits.repeats:
            self._replace(worker)
        else:
            self._line.put(worker)
        return message

    async def _at_length(
        self, worker: Worker, until: float, wanted: Callable[[], bool], *, turn: bool
    ) -> Message | None:
        """Go on with a request that has become long; None where it has no turn and none is free."""
        if not turn:
            if self._turns.locked():
                return None
            await self._turns.acquire()
        try:
            message = None
            while message is None and now() < until:
                _give_up_unless(wanted)
                message = await worker.message(min(until, now() + SLICE))
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
        self._line.idle.clear()
        for worker in self._workers:
            worker.leave()
            worker.kill()


def _give_up_unless(wanted: Callable[[], bool]) -> None:
    if not wanted():
        raise Problem("Nobody waits for the answer any more.")
