"""The worker pool: limits of worker processes, queues, and replacement of processes."""

import asyncio
import concurrent.futures
import contextlib
import errno
import gc
import io
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support.tiers import EVERYTHING
from support.waiting import PATIENCE, eventually

from publisher.errors import (
    BusyError,
    CannotRunError,
    CpuLimitError,
    EngineCrashError,
    MemoryLimitError,
    PublisherError,
    ResultLimitError,
    TooSlowError,
    UnavailableError,
)
from publisher.sparql.contained import start_loop, stop_loop
from publisher.sparql.engine import Limits
from publisher.sparql.workers.fair_queue import Expected
from publisher.sparql.workers.pool import AHEAD, REMEMBERED, Outcome, Pool
from publisher.sparql.workers.process import Job, Worker
from publisher.sparql.workers.spool import SPOOL_MEMORY

LIMITS = Limits(wall=10, cpu=5, memory=256 << 20, result=64 << 20, length=1 << 20, nesting=64, repeats=1000, waiting=8)
Call = Callable[..., tuple[dict[str, object], bytes]]


class Called(Pool):
    """A pool that is called from threads, when all of its processes are ready."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.loop = loop
        concurrent.futures.wait(self._starting)

    def wait(self, coroutine: Coroutine[Any, Any, Outcome]) -> Outcome:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()


@pytest.fixture(scope="module")
def pools() -> Iterator[Callable[..., Called]]:
    """Makes pools over the example openers, and closes them."""
    made: list[Called] = []
    loop, thread = start_loop()

    def make(opener: str = "open_example", size: int = 1, argument: str = "the argument", **limits: Any) -> Called:
        values = {field: getattr(LIMITS, field) for field in LIMITS.__dataclass_fields__} | limits
        made.append(Called(loop, f"support.worker_examples:{opener}", argument, Limits(**values), size))
        return made[-1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
        yield make
    stop_loop(loop, thread)
    for pool in made:
        pool.close()


@pytest.fixture(scope="module")
def pool(pools: Callable[..., Called]) -> Called:
    """A pool for the tests that leave it as it was."""
    return pools()


def call(pool: Called, do: str, client: str = "", **request: object) -> tuple[dict[str, object], bytes]:
    asked = json.dumps({"do": do, **request}).encode()
    message, body, size = pool.wait(pool.call(Job(asked, pool.limits.result, client=client)))
    with body:
        data = body.read()
    assert len(data) == size
    return json.loads(message), data


def ended(pid: int) -> bool:
    """Whether a process has ended; a zombie has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):  # The latter where it goes while it is read.
        return True


def test_worker_returns_data_and_message(pool: Called) -> None:
    message, data = call(pool, "echo", text="héllo\n\0", id=7)
    assert data.decode() == "héllo\n\0"
    assert (message["argument"], message["id"]) == ("the argument", 7)


def test_argument_may_be_large_and_is_not_among_the_words_of_the_command(pools: Callable[..., Called]) -> None:
    argument = "secret " * 50_000
    message, _ = call(pools(argument=argument), "echo", text="")
    assert message["argument"] == argument
    assert b"secret" not in Path(f"/proc/{message['pid']}/cmdline").read_bytes()


def test_workers_are_reused(pool: Called) -> None:
    assert len({call(pool, "echo", text=str(i))[0]["pid"] for i in range(9)}) == 2


def test_worker_has_lower_priority(pool: Called) -> None:
    pid = int(str(call(pool, "echo", text="")[0]["pid"]))
    assert os.getpriority(os.PRIO_PROCESS, pid) > os.getpriority(os.PRIO_PROCESS, 0)


def test_worker_is_replaced_after_repeats(pools: Callable[..., Called]) -> None:
    pool = pools(repeats=2)
    pids = Counter(call(pool, "echo", text="")[0]["pid"] for _ in range(12))
    assert set(pids.values()) == {2}


def test_large_result_is_spooled(pool: Called) -> None:
    _, data = call(pool, "send", times=40, size=SPOOL_MEMORY // 8)
    assert data == b"x" * (5 * SPOOL_MEMORY)


def test_large_request_is_complete(pool: Called) -> None:
    text = "0123456789" * 100_000
    assert call(pool, "echo", text=text)[1] == text.encode()


def test_queued_requests_are_complete(pools: Callable[..., Called]) -> None:
    pool = pools(waiting=32)
    texts = [str(number) * (50_000 if number % 2 else 1) for number in range(24)]
    with concurrent.futures.ThreadPoolExecutor(24) as threads:
        assert [data.decode() for _, data in threads.map(lambda text: call(pool, "echo", text=text), texts)] == texts


BREACHES: list[tuple[str, dict[str, object], dict[str, object], type[PublisherError]]] = [
    ("sleep", {"seconds": 60}, {"wall": 0.5}, TooSlowError),
    ("spin", {}, {"cpu": 1, "wall": 120}, CpuLimitError),
    ("eat", {"bytes": 1 << 30}, {}, MemoryLimitError),
    ("send", {"times": 3, "size": 1000}, {"result": 2000}, ResultLimitError),
    ("half, then crash", {}, {}, EngineCrashError),
]


@pytest.mark.parametrize(("do", "request_", "limits", "expected"), BREACHES, ids=[row[0] for row in BREACHES])
def test_exceeded_limit_is_named_and_next_request_answered(
    pools: Callable[..., Called],
    do: str,
    request_: dict[str, object],
    limits: dict[str, Any],
    expected: type[PublisherError],
) -> None:
    pool = pools(**limits)
    if expected is MemoryLimitError:  # Python reports it and lives; the engine dies of it, see test_embedded.
        assert call(pool, do, **request_)[0] == {"problem": "MemoryLimitError"}
    else:
        with pytest.raises(PublisherError) as caught:
            call(pool, do, **request_)
        assert type(caught.value) is expected
        assert {"limit", "value"} <= caught.value.members.keys()
    assert call(pool, "echo", text="after")[1] == b"after"


def test_exceeded_wall_limit_kills_process(pools: Callable[..., Called]) -> None:
    pool = pools(wall=1)
    pids = [int(str(call(pool, "echo", text="")[0]["pid"])) for _ in range(2)]
    with pytest.raises(TooSlowError) as caught:
        call(pool, "sleep", seconds=60)
    assert "Retry-After" not in caught.value.headers, "no client repeats it by itself"
    until(lambda: any(map(ended, pids)))


def test_internal_error_in_worker_returns_500(pool: Called, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(PublisherError) as caught:
        call(pool, "raise")
    assert (type(caught.value), caught.value.status) == (PublisherError, 500)
    assert "a fault of ours" in caplog.text


def test_killed_idle_worker_is_replaced(pool: Called) -> None:
    for _ in range(3):
        for worker in list(pool._workers):
            with contextlib.suppress(ProcessLookupError):  # One that was killed before may still be among them.
                os.kill(worker._process.pid, signal.SIGKILL)
        assert [call(pool, "echo", text=str(number))[1] for number in range(4)] == [b"0", b"1", b"2", b"3"]


def test_worker_killed_while_it_starts_is_replaced(pool: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    wait_ready, killed = Worker.wait_ready, []

    def kill_first(worker: Worker) -> None:
        if not killed:
            killed.append(worker)
            os.kill(worker._process.pid, signal.SIGKILL)
        wait_ready(worker)

    monkeypatch.setattr(Worker, "wait_ready", kill_first)
    for worker in list(pool._workers):
        os.kill(worker._process.pid, signal.SIGKILL)
    assert call(pool, "echo", text="again")[1] == b"again"
    assert killed


def test_request_waits_while_one_of_two_replacements_starts(
    pools: Callable[..., Called], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pool = pools()
    renew, failing = pool._renew, threading.Lock()

    def renew_one(worker: Worker | None) -> Worker:
        """End the process; the first replacement fails when the request waits, the second starts after that."""
        assert worker
        pool._end(worker)
        if failing.acquire(blocking=False):
            until(lambda: bool(pool._jobs) and not pool._workers)
            raise CannotRunError("There is no process.")
        until(lambda: "cannot be replaced" in caplog.text)
        return renew(None)

    pids = {call(pool, "echo", text=str(number))[0]["pid"] for number in range(2)}
    monkeypatch.setattr(pool, "_renew", renew_one)
    for pid in pids:
        os.kill(int(str(pid)), signal.SIGKILL)
    assert call(pool, "echo", text="again")[1] == b"again"
    assert len(pids) == 2


def test_request_of_killed_worker_is_repeated(pool: Called) -> None:
    killed = []

    def kill_one() -> None:
        until(lambda: any(worker.jobs for worker in pool._workers))
        killed.extend(worker for worker in pool._workers if worker.jobs)
        os.kill(killed[0]._process.pid, signal.SIGKILL)

    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        killing = threads.submit(kill_one)
        assert call(pool, "slowly", text="part,", times=5, seconds=0.2)[1] == b"part,part,part,part,part,"
        killing.result()
    assert len(killed) == 1


def test_request_of_worker_killed_twice_returns_503(pool: Called) -> None:
    with pytest.raises(UnavailableError, match="system ended") as caught:
        call(pool, "be killed")
    assert caught.value.headers["Retry-After"]
    assert call(pool, "echo", text="after")[1] == b"after"


def test_full_temporary_folder_returns_503_and_is_logged(
    pool: Called, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "TemporaryFile", full)
        with pytest.raises(UnavailableError, match="temporary folder"):
            call(pool, "send", times=3, size=SPOOL_MEMORY)
    assert [(record.exc_info, "No space left" in record.getMessage()) for record in caplog.records] == [(None, True)]
    assert len(call(pool, "send", times=3, size=SPOOL_MEMORY)[1]) == 3 * SPOOL_MEMORY


@dataclass
class SlowDisk:
    """A disk whose writes wait until it is let go on. begun: set at the first write. files: what was opened on it."""

    begun: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    files: list[io.BytesIO] = field(default_factory=list)

    def open(self) -> io.BytesIO:
        disk = self

        class File(io.BytesIO):
            def write(self, data: Any, /) -> int:
                disk.begun.set()
                disk.go_on.wait(PATIENCE)
                return super().write(data)

        self.files.append(File())
        return self.files[-1]


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    disk = SlowDisk()
    monkeypatch.setattr(tempfile, "TemporaryFile", disk.open)
    yield disk
    disk.go_on.set()


def test_slow_disk_does_not_delay_other_requests(pools: Callable[..., Called], slow_disk: SlowDisk) -> None:
    pool = pools(wall=PATIENCE)
    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        large = threads.submit(call, pool, "send", times=6, size=SPOOL_MEMORY // 4)
        assert slow_disk.begun.wait(PATIENCE)
        for _ in range(5):
            assert call(pool, "echo", text="meanwhile")[1] == b"meanwhile"
        assert not large.done()
        slow_disk.go_on.set()
        assert large.result()[1] == b"x" * (6 * SPOOL_MEMORY // 4)


def test_abandoned_result_file_is_closed(pools: Callable[..., Called], slow_disk: SlowDisk) -> None:
    pool = pools(wall=0.5)
    with pytest.raises(TooSlowError):
        call(pool, "send", times=100, size=SPOOL_MEMORY // 4)
    slow_disk.go_on.set()
    assert slow_disk.files
    until(lambda: all(file.closed for file in slow_disk.files))
    assert call(pool, "echo", text="after")[1] == b"after"


@pytest.mark.skipif(not EVERYTHING, reason="takes a second of processor time; see also `test_child.py`")
def test_cpu_limit_is_per_request(pools: Callable[..., Called]) -> None:
    pool = pools(cpu=1, wall=120)
    pool._idle.pop()  # so that one process gets all
    used = [float(str(call(pool, "work", seconds=0.55)[0]["used"])) for _ in range(2)]
    assert used[-1] > 1, "the process did more than one request may take"


def test_worker_cannot_open_files(pool: Called) -> None:
    assert call(pool, "open a file")[0]["refused"] == "OSError"


def test_worker_cannot_write_files(pool: Called, tmp_path: Path) -> None:
    assert call(pool, "write a file", path=str(tmp_path / "x"))[0]["refused"] == "OSError"
    assert not list(tmp_path.iterdir())


def test_worker_cannot_connect(pool: Called) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        assert call(pool, "connect", port=listener.getsockname()[1])[0]["refused"] == "OSError"
        with pytest.raises(TimeoutError):
            listener.accept()


def test_results_are_not_mixed_up_after_crashes(pools: Callable[..., Called]) -> None:
    pool = pools(size=2, waiting=64, wall=20, cpu=1)

    def one(number: int) -> bool:
        if number % 10 == 0:
            with pytest.raises(EngineCrashError):
                call(pool, "half, then crash")
            return True
        message, data = call(pool, "echo", text=f"answer {number}", id=number)
        return message["id"] == number and data == f"answer {number}".encode()

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        assert all(threads.map(one, range(80)))


def busy(pool: Called, most: int) -> Callable[[], bool]:
    """Whether so many long requests wait for a slot."""
    return lambda: len(pool._for_slot) >= most


def until(condition: Callable[[], bool]) -> None:
    assert eventually(condition)


def test_full_queue_rejects_long_requests_only(
    pools: Callable[..., Called],
) -> None:
    pool = pools(size=1, waiting=2, wall=60, cpu=60)
    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        running = [threads.submit(call, pool, "linger", id=name) for name in "abc"]
        until(busy(pool, 2))
        with pytest.raises(BusyError) as caught:
            call(pool, "linger", id="d")
        assert caught.value.headers["Retry-After"]
        assert caught.value.members == {"limit": "queue", "value": 2}
        assert call(pool, "echo", text="short")[1] == b"short", "a full queue of long requests delays no short one"
        assert not any(future.done() for future in running)
        pool.loop.call_soon_threadsafe(pool.close)
        assert {type(future.exception()) for future in running} == {UnavailableError}


def test_full_queue_makes_room_for_modest_client(pools: Callable[..., Called]) -> None:
    pool = pools(size=1, waiting=3, wall=60, cpu=60)
    with concurrent.futures.ThreadPoolExecutor(5) as threads:
        greedy = [threads.submit(call, pool, "linger", client="greedy", id=name) for name in "abcd"]
        until(busy(pool, 3))
        modest = threads.submit(call, pool, "linger", client="modest", id="e")
        until(lambda: any(future.done() for future in greedy))
        assert [type(future.exception()) for future in greedy if future.done()] == [BusyError]
        until(lambda: "modest" in pool._for_slot._waiting)
        pool.loop.call_soon_threadsafe(pool.close)
        assert type(modest.exception()) is UnavailableError


def test_restarted_long_request_returns_result_once(pools: Callable[..., Called]) -> None:
    pool = pools(size=1, waiting=8, wall=PATIENCE)
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        running = [threads.submit(call, pool, "slowly", text=f"part {i},", times=5, seconds=0.1) for i in range(4)]
        assert [future.result()[1] for future in running] == [f"part {i},".encode() * 5 for i in range(4)]


def test_long_request_without_turn_times_out(pools: Callable[..., Called]) -> None:
    pool = pools(size=1, waiting=8, wall=1)
    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        running = [threads.submit(call, pool, "sleep", seconds=60) for _ in range(3)]
        found = [type(future.exception()) for future in running]
    assert set(found) <= {TooSlowError, BusyError}
    assert TooSlowError in found


def test_cancelled_requests_free_queue_and_slot(
    pools: Callable[..., Called],
) -> None:
    pool = pools(size=1, waiting=1, wall=60, cpu=60)

    def make(do: str, **request: object) -> Job:
        return Job(json.dumps({"do": do, **request}).encode(), 1000)

    def start(do: str, **request: object) -> concurrent.futures.Future[Outcome]:
        return asyncio.run_coroutine_threadsafe(pool.call(make(do, **request)), pool.loop)

    running = start("linger", id="runs")
    until(lambda: pool._slots == 0)
    pool.loop.call_soon_threadsafe(pool._remember, make("work", seconds=0.1), Expected.LONG)  # So it waits at once.
    leaving = start("linger", id="leaves")
    until(busy(pool, 1))
    leaving.cancel()
    until(lambda: len(pool._for_slot) == 0)
    staying = start("work", seconds=0.1)
    until(busy(pool, 1))
    running.cancel()
    assert b"used" in staying.result()[0]
    until(lambda: pool._slots == 1 and not pool._jobs)


def test_timed_out_request_leaves_queue(pools: Callable[..., Called]) -> None:
    pool = pools(size=1, waiting=1, wall=1, cpu=60)
    pool.loop.call_soon_threadsafe(setattr, pool, "_slots", 0)
    for _ in range(2):
        with pytest.raises(BusyError, match="without a turn"):
            call(pool, "linger")
    assert len(pool._for_slot) == 0


def test_short_requests_are_answered_beside_twenty_long_ones(pools: Callable[..., Called]) -> None:
    pool = pools(size=2, waiting=24, wall=60, cpu=60)
    with concurrent.futures.ThreadPoolExecutor(20) as threads:
        running = [threads.submit(call, pool, "linger", client="greedy", id="x" * number) for number in range(20)]
        until(busy(pool, 1))
        for _ in range(5):
            assert call(pool, "echo", text="x", client="other")[1] == b"x"
        assert not any(future.done() for future in running), "all twenty were there all the time"
        pool.loop.call_soon_threadsafe(pool.close)
        assert {type(future.exception()) for future in running} == {UnavailableError}


def test_known_long_request_waits_for_slot_directly(
    pools: Callable[..., Called],
) -> None:
    pool = pools(size=1, wall=60, cpu=60)
    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        threads.submit(call, pool, "linger", id="number 1")
        until(lambda: bool(pool._long))
        served = {worker: worker.served for worker in pool._workers}
        second = threads.submit(call, pool, "linger", id="number 22")
        until(busy(pool, 1))
        assert {worker: worker.served for worker in pool._workers} == served
        pool.loop.call_soon_threadsafe(pool.close)
        assert type(second.exception()) is UnavailableError


def test_shape_of_short_request_is_forgotten(pool: Called) -> None:
    for seconds in (0, 9):
        pool._long[Job(json.dumps({"do": "sleep", "seconds": seconds}).encode(), 1).shape] = None
    call(pool, "sleep", seconds=0)
    assert not pool._long


def test_remembered_shapes_are_bounded(pools: Callable[..., Called]) -> None:
    pool = pools()
    for number in range(REMEMBERED + 5):
        pool._remember(Job(b"." * number, 1), Expected.LONG)
    assert len(pool._long) == len(pool._outlines) == REMEMBERED
    assert Job(b"...", 1).shape not in pool._long
    assert Job(b"...", 1).outline not in pool._outlines


def test_abandoned_long_request_is_cancelled(pools: Callable[..., Called]) -> None:
    pool = pools(size=1, wall=PATIENCE)
    there = True

    def long() -> Any:
        asked = json.dumps({"do": "sleep", "seconds": PATIENCE}).encode()
        return pool.wait(pool.call(Job(asked, 1000, lambda: there)))

    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        requests = [threads.submit(long) for _ in range(2)]
        until(busy(pool, 1))
        there = False
        for request in requests:
            with pytest.raises(PublisherError, match="Client disconnected"):
                request.result()
    assert call(pool, "slowly", text="x", times=3, seconds=0.1)[1] == b"xxx", "the turn is free again"


def test_client_of_short_request_is_not_polled(pools: Callable[..., Called], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.sparql.workers.pool.LOOK", PATIENCE)
    looked: list[bool] = []

    def wanted() -> bool:
        looked.append(True)
        return True

    pool = pools(waiting=32)
    jobs = [Job(json.dumps({"do": "echo", "text": "x"}).encode(), 1000, wanted) for _ in range(16)]
    for call in [asyncio.run_coroutine_threadsafe(pool.call(job), pool.loop) for job in jobs]:
        with call.result()[1] as body:
            assert body.read() == b"x"
    assert not looked


def test_waiting_requests_of_shape_found_long_wait_for_slot_behind_it(pools: Callable[..., Called]) -> None:
    pool = pools(size=1, waiting=8, wall=60, cpu=60)
    jobs = [Job(json.dumps({"do": "spin", "id": f"number {number}"}).encode(), 1) for number in range(6)]

    async def wait_all() -> list[Any]:
        tasks = [asyncio.ensure_future(pool.call(job)) for job in jobs]
        await asyncio.sleep(0)
        assert (len(pool._for_worker), len(pool._for_slot)) == (4, 0)
        while not pool._long:
            await asyncio.sleep(0.01)
        found = [job.worker is not None for job in jobs if job.has_slot]
        waiting = len(pool._for_worker), len(pool._for_slot) + sum(job.worker is not None for job in jobs)
        pool.close()
        assert (found, waiting) == ([True], (0, 6)), "the first goes on; the others wait behind it"
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers = asyncio.run_coroutine_threadsafe(wait_all(), pool.loop).result()
    assert {type(answer) for answer in answers} == {UnavailableError}


def test_client_with_waiting_long_request_leaves_processes_to_others(pools: Callable[..., Called]) -> None:
    pool = pools(size=2, waiting=8, wall=60, cpu=60)

    def start(client: str, do: str, name: str) -> "asyncio.Future[Outcome]":
        job = Job(json.dumps({"do": do, "text": "x", "id": name}).encode(), 1000, client=client)
        return asyncio.ensure_future(pool.call(job))

    async def call_all() -> None:
        pool._slots = 0
        pool._remember(Job(json.dumps({"do": "spin", "text": "x", "id": "known"}).encode(), 1), Expected.LONG)
        tasks = [start("greedy", "spin", name) for name in ("known", "a", "b", "c", "d")]
        await asyncio.sleep(0)
        assert (len(pool._for_slot), len(pool._for_worker), len(pool._idle)) == (1, 1, 1)
        _, body, _ = await start("other", "echo", "e")
        body.close()
        assert not any(task.done() for task in tasks)
        pool.close()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(answer) for answer in answers} == {UnavailableError}

    asyncio.run_coroutine_threadsafe(call_all(), pool.loop).result()


def test_short_requests_pass_long_ones_of_the_same_client(pools: Callable[..., Called]) -> None:
    """Sixty long ones, each with other names, wait for a first attempt or a slot; the short one is answered at once."""
    pool = pools(size=1, waiting=4, wall=60, cpu=60)

    async def call_all() -> None:
        jobs = [Job(json.dumps({"do": "spin", "id": f"name {chr(97 + number)}"}).encode(), 1) for number in range(60)]
        tasks = [asyncio.ensure_future(pool.call(job)) for job in jobs]
        await asyncio.sleep(0)
        for _ in range(3):
            _, body, _ = await pool.call(Job(json.dumps({"do": "echo", "text": "x", "more": []}).encode(), 1000))
            body.close()
        assert len(pool._for_slot) + len(pool._for_worker) <= 8, "long ones beyond the bound were refused"
        pool.close()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(answer) for answer in answers} == {BusyError, UnavailableError}

    asyncio.run_coroutine_threadsafe(call_all(), pool.loop).result()


def test_outline_of_a_request_omits_names_and_values() -> None:
    queries = ("ASK {?s a <http://a.org/x>}", "ask { ?thing a\n<http://\u00e4.org/12-3> }")
    first, second = (Job(text.encode(), 1) for text in queries)
    assert first.outline == second.outline != Job(b"ASK {?s a ?t}", 1).outline
    assert first.shape != second.shape


async def call_together(pool: Called, *requests: dict[str, object]) -> list[object]:
    """Send requests at the same time, so that a process gets several of them; their results, or their errors."""

    async def call(request: dict[str, object]) -> bytes:
        _, body, _ = await pool.call(Job(json.dumps(request).encode(), 1000))
        with body:
            return body.read()

    return await asyncio.gather(*map(call, requests), return_exceptions=True)


def sent_ahead(pool: Called, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many requests each worker gets at once, from now on."""
    numbers: list[int] = []
    begin = Worker.begin

    def count(worker: Worker, jobs: Sequence[Job], now: float) -> None:
        numbers.append(len(jobs))
        begin(worker, jobs, now)

    monkeypatch.setattr(Worker, "begin", count)
    return numbers


def echoes(number: int) -> list[dict[str, object]]:
    return [{"do": "echo", "text": str(place)} for place in range(number)]


def test_worker_gets_several_of_many_waiting_requests(
    pools: Callable[..., Called], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = pools(waiting=32)
    numbers = sent_ahead(pool, monkeypatch)
    answers = asyncio.run_coroutine_threadsafe(call_together(pool, *echoes(16)), pool.loop).result()
    assert answers == [str(place).encode() for place in range(16)]
    assert (max(numbers), sum(numbers)) == (AHEAD, 16)
    numbers.clear()
    asyncio.run_coroutine_threadsafe(call_together(pool, *echoes(3)), pool.loop).result()
    assert numbers == [1, 1, 1]


@pytest.mark.parametrize(
    ("do", "expected"),
    [("half, then crash", EngineCrashError), ("be killed", UnavailableError), ("send", ResultLimitError)],
)
def test_requests_behind_failed_one_are_answered(
    pools: Callable[..., Called], monkeypatch: pytest.MonkeyPatch, do: str, expected: type[PublisherError]
) -> None:
    pool = pools(waiting=32)
    numbers = sent_ahead(pool, monkeypatch)
    failing = {"do": do, "times": 2, "size": 1000}
    requests = [*echoes(2), failing, *echoes(10)]
    answers = asyncio.run_coroutine_threadsafe(call_together(pool, *requests), pool.loop).result()
    assert type(answers.pop(2)) is expected
    assert answers == [str(place).encode() for place in (*range(2), *range(10))]
    assert max(numbers) == AHEAD


@pytest.mark.parametrize("slots", [0, 1])
def test_requests_behind_long_one_are_answered(pools: Callable[..., Called], slots: int) -> None:
    pool = pools(waiting=32, cpu=60, wall=60)
    pool.loop.call_soon_threadsafe(setattr, pool, "_slots", slots)
    pool.loop.call_soon_threadsafe(setattr, pool, "_size", slots)
    requests = [*echoes(2), {"do": "spin"}, *echoes(10)]

    async def call_all() -> list[object]:
        first, last, long, *others = [asyncio.ensure_future(call_together(pool, request)) for request in requests]
        answers = await asyncio.gather(first, last, *others)
        assert not long.done()
        pool.close()
        assert type((await long)[0]) is UnavailableError
        return [answer for (answer,) in answers]

    answers = asyncio.run_coroutine_threadsafe(call_all(), pool.loop).result()
    assert answers == [str(place).encode() for place in (*range(2), *range(10))]


def test_worker_with_requests_taken_back_is_replaced(
    pools: Callable[..., Called],
) -> None:
    pool = pools(waiting=32, cpu=60, wall=60)
    before = set(pool._workers)
    requests = [*echoes(2), {"do": "work", "seconds": 0.5}, *echoes(10)]
    asyncio.run_coroutine_threadsafe(call_together(pool, *requests), pool.loop).result()
    until(lambda: len(pool._idle) == 2)
    assert len(before - set(pool._workers)) == 1
    assert pool._slots == 1


def test_cancelled_request_behind_another_spares_the_others(pools: Callable[..., Called]) -> None:
    pool = pools(waiting=32)

    async def call_all() -> list[object]:
        jobs = [Job(json.dumps(request).encode(), 1000) for request in echoes(16)]
        tasks = {job: asyncio.ensure_future(pool.call(job)) for job in jobs}
        while not (waiting := [worker.jobs[1] for worker in pool._workers if len(worker.jobs) > 1]):
            await asyncio.sleep(0)
        tasks.pop(waiting[0]).cancel()
        answers = await asyncio.gather(*tasks.values())
        for _, body, _ in answers:
            body.close()
        return answers

    assert len(asyncio.run_coroutine_threadsafe(call_all(), pool.loop).result()) == 15
    until(lambda: len(pool._idle) == 2 and not pool._jobs)


def test_failed_worker_start_is_one_sentence(pools: Callable[..., Called]) -> None:
    with pytest.raises(CannotRunError, match=r"did not start: RuntimeError: there is no the argument$"):
        pools("open_failing")


def test_failed_worker_replacement_returns_503_without_path(
    pools: Callable[..., Called], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    pool = pools("open_folder", argument=str(folder))
    folder.rmdir()
    for worker in list(pool._workers):
        os.kill(worker._process.pid, signal.SIGKILL)
    with pytest.raises(UnavailableError) as caught:
        call(pool, "echo", text="")
    assert str(tmp_path) not in caught.value.detail
    assert str(tmp_path) in caplog.text, "the log has the cause"
    folder.mkdir()
    until(lambda: bool(pool._idle))
    assert call(pool, "echo", text="again")[1] == b"again"


def test_request_is_answered_before_all_processes_are_ready(
    pools: Callable[..., Called], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, first, going_on = Worker.wait_ready, threading.Event(), threading.Event()

    def wait_ready(worker: Worker) -> None:
        usual(worker)
        if first.is_set():
            going_on.wait(10)
        first.set()

    monkeypatch.setattr(Worker, "wait_ready", wait_ready)
    monkeypatch.setattr(concurrent.futures, "wait", lambda _: None)
    pool = pools(size=2)
    assert call(pool, "echo", text="a")[1] == b"a"
    assert len(pool._idle) == 1
    going_on.set()
    until(lambda: len(pool._idle) == 4)


def test_worker_prepares_when_no_request_waits(pools: Callable[..., Called]) -> None:
    pool = pools("open_preparing")
    until(lambda: call(pool, "")[0] == {"prepared": True, "argument": "the argument"})


def test_failed_pool_start_leaks_no_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any, **__: Any) -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", failing)
    gc.collect()  # What earlier tests left must not be closed between the two counts.
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with pytest.raises(CannotRunError, match="cannot be started: Resource temporarily unavailable"):
            Pool("support.worker_examples:open_example", "", LIMITS, 1)
    assert len(os.listdir("/proc/self/fd")) <= before


def test_missing_thread_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", failing)
    with pytest.raises(CannotRunError, match="can't start new thread"):
        Pool("support.worker_examples:open_example", "", LIMITS, 1)


@pytest.mark.parametrize("in_loop", [True, False])
def test_close_ends_all_requests_with_503(pools: Callable[..., Called], in_loop: bool) -> None:
    pool = pools(wall=60, cpu=60)
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        running = [threads.submit(call, pool, "linger", id=name) for name in "abcd"]
        until(busy(pool, 3))
        pool.loop.call_soon_threadsafe(pool.close) if in_loop else pool.close()
        assert {type(future.exception()) for future in running} == {UnavailableError}


def test_close_ends_processes(pools: Callable[..., Called]) -> None:
    pool = pools(size=2)
    pid = call(pool, "echo", text="")[0]["pid"]
    pool.loop.call_soon_threadsafe(pool.close)
    assert isinstance(pid, int)
    until(lambda: ended(pid))


def settled() -> tuple[int, int]:
    """How many descriptors and threads there are, once no process is being replaced any more."""
    before, now = None, (0, 0)
    while before != now:
        before = now
        time.sleep(0.5)
        now = len(os.listdir("/proc/self/fd")), threading.active_count()
    return now


def test_crashes_leak_no_descriptors_or_threads(pools: Callable[..., Called]) -> None:
    pool = pools()

    def crash() -> None:
        with pytest.raises(EngineCrashError):
            call(pool, "half, then crash")

    for sleeping in [pool._threads.submit(time.sleep, 0.1) for _ in range(4)]:
        sleeping.result()  # All threads are there now that ever will be.
    crash()
    before = settled()
    for _ in range(5):
        crash()
    assert settled() == before
