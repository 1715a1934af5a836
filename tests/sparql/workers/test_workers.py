"""What a worker process may do, and what becomes of one that does more."""

import asyncio
import concurrent.futures
import errno
import io
import json
import os
import signal
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
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
)
from publisher.sparql.embedded import Background, wait
from publisher.sparql.engine import Limits
from publisher.sparql.workers import child
from publisher.sparql.workers.pool import Pool, _Line
from publisher.sparql.workers.process import Job
from publisher.sparql.workers.spool import SPOOL_MEMORY, Result

LIMITS = Limits(wall=10, cpu=5, memory=256 << 20, result=64 << 20, length=1 << 20, nesting=64, repeats=1000, waiting=8)
Call = Callable[..., tuple[dict[str, object], bytes]]


class Called(Pool):
    """A pool that is called from threads."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.loop = loop
        self.turns = self._turns._value


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Called]]:
    """Makes pools over the example openers, and closes them."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    made: list[Called] = []
    background = Background()

    def make(opener: str = "open_example", size: int = 1, **limits: Any) -> Called:
        values = {field: getattr(LIMITS, field) for field in LIMITS.__dataclass_fields__} | limits
        made.append(
            Called(background.loop, f"support.worker_examples:{opener}", "the argument", Limits(**values), size)
        )
        return made[-1]

    yield make
    background.close()
    for pool in made:
        pool.close()


def call(pool: Called, do: str, **request: object) -> tuple[dict[str, object], bytes]:
    asked = json.dumps({"do": do, **request}).encode()
    message, body, size = wait(pool.call(asked, pool.limits.result), pool.loop)
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


def long_ones(pool: Called, running: int, waiting: int) -> bool:
    """Whether so many long requests run and wait for their turn, at last."""
    return eventually(lambda: pool._turns._value == pool.turns - running and pool._waiting == waiting)


def test_a_worker_answers_with_what_it_sent_and_its_closing_message(pools: Callable[..., Called]) -> None:
    message, data = call(pools(), "echo", text="héllo\n\0", id=7)
    assert data.decode() == "héllo\n\0"
    assert (message["argument"], message["id"]) == ("the argument", 7)


def test_the_same_workers_serve_one_request_after_another(pools: Callable[..., Called]) -> None:
    pool = pools()
    assert len({call(pool, "echo", text=str(i))[0]["pid"] for i in range(9)}) == 2


def test_a_worker_stands_back_for_the_web_process(pools: Callable[..., Called]) -> None:
    pid = int(str(call(pools(), "echo", text="")[0]["pid"]))
    assert os.getpriority(os.PRIO_PROCESS, pid) > os.getpriority(os.PRIO_PROCESS, 0)


def test_a_worker_is_replaced_after_its_number_of_requests(pools: Callable[..., Called]) -> None:
    pool = pools(repeats=2)
    pids = Counter(call(pool, "echo", text="")[0]["pid"] for _ in range(12))
    assert set(pids.values()) == {2}


def test_a_large_result_is_spooled_and_complete(pools: Callable[..., Called]) -> None:
    _, data = call(pools(), "send", times=40, size=SPOOL_MEMORY // 8)
    assert data == b"x" * (5 * SPOOL_MEMORY)


def test_a_large_request_arrives_whole(pools: Callable[..., Called]) -> None:
    text = "0123456789" * 100_000
    assert call(pools(), "echo", text=text)[1] == text.encode()


def test_large_and_small_requests_that_wait_for_a_worker_arrive_whole(pools: Callable[..., Called]) -> None:
    pool = pools(waiting=32)
    texts = [str(number) * (50_000 if number % 2 else 1) for number in range(24)]
    with concurrent.futures.ThreadPoolExecutor(24) as threads:
        assert [data.decode() for _, data in threads.map(lambda text: call(pool, "echo", text=text), texts)] == texts


class Idle:
    """A worker that takes what it is given, and is done with it when it is told to."""

    def __init__(self, *, quick: bool = False) -> None:
        self.quick = quick
        self.jobs: list[Job] = []
        self.begun: list[bytes] = []

    def send(self, jobs: list[Job]) -> None:
        self.jobs += jobs
        self.begun += [job.request for job in jobs]


def asked(name: str, *, long: bool = False) -> Job:
    return Job(name.encode(), Result(1), long=long)


def waiting_in(line: _Line, *names: str) -> None:
    for name in names:
        line.join(asked(name, long=name.startswith("long")))


def served(line: _Line, worker: Idle) -> list[bytes]:
    """What a worker is given next, after it is done with all that it has."""
    worker.jobs.clear()
    worker.begun.clear()
    line.put(worker)  # type: ignore[arg-type]
    return worker.begun


async def crowd() -> None:
    line, worker = _Line(6, 10), Idle()
    waiting_in(line, *"012345")
    with pytest.raises(asyncio.QueueFull):
        line.join(asked("one too many"))
    assert [served(line, worker)[0] for _ in range(6)] == [b"5", b"0", b"4", b"1", b"3", b"2"]
    assert not served(line, worker)


def test_of_those_who_wait_the_last_and_the_first_are_served_by_turns() -> None:
    """So nobody waits for ever, and who comes last does not wait for a crowd."""
    asyncio.run(crowd())


async def ahead() -> None:
    line, slow, quick = _Line(9, 10), Idle(), Idle(quick=True)
    waiting_in(line, *"01234")
    assert served(line, slow) == [b"4"]
    assert served(line, quick) == [b"0", b"3"]
    quick.jobs.pop()
    line.put(quick)  # type: ignore[arg-type]
    assert quick.begun == [b"0", b"3", b"1"]
    waiting_in(line, "long")
    quick.jobs.pop()
    line.put(quick)  # type: ignore[arg-type]
    assert quick.begun == [b"0", b"3", b"1"], "a long one has a worker for itself"
    assert served(line, quick) == [b"long"]


def test_only_a_quick_worker_is_sent_its_next_job_ahead() -> None:
    asyncio.run(ahead())


async def given_back() -> None:
    line, worker = _Line(2, 10), Idle()
    waiting_in(line, "0", "1")
    line.join_again([asked("back"), asked("again")])  # however many wait
    line.leave(line._others[-1])
    assert [served(line, worker)[0] for _ in range(3)] == [b"0", b"back", b"again"]
    assert not served(line, worker)
    line.join_again([asked("idle")])
    assert worker.begun == [b"idle"]


def test_jobs_that_another_worker_was_sent_are_next_unless_one_is_idle() -> None:
    asyncio.run(given_back())


BREACHES: list[tuple[str, dict[str, object], dict[str, object], type[PublisherError]]] = [
    ("sleep", {"seconds": 60}, {"wall": 0.5}, TooSlowError),
    ("spin", {}, {"cpu": 1, "wall": 120}, CpuLimitError),
    ("eat", {"bytes": 1 << 30}, {}, MemoryLimitError),
    ("send", {"times": 3, "size": 1000}, {"result": 2000}, ResultLimitError),
    ("half, then crash", {}, {}, EngineCrashError),
]


@pytest.mark.parametrize(("do", "request_", "limits", "expected"), BREACHES, ids=[row[0] for row in BREACHES])
def test_a_breach_names_its_limit_and_the_next_request_is_answered(
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


def test_a_breach_kills_the_process_and_not_only_the_waiting_for_it(pools: Callable[..., Called]) -> None:
    pool = pools(wall=1)
    pids = [int(str(call(pool, "echo", text="")[0]["pid"])) for _ in range(2)]
    with pytest.raises(TooSlowError) as caught:
        call(pool, "sleep", seconds=60)
    assert caught.value.headers["Retry-After"]
    assert eventually(lambda: any(map(ended, pids)))


def test_a_fault_of_ours_is_not_blamed_on_the_query(
    pools: Callable[..., Called], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(PublisherError) as caught:
        call(pools(), "raise")
    assert (type(caught.value), caught.value.status) == (PublisherError, 500)
    assert "a fault of ours" in caplog.text


def test_a_process_that_ended_while_it_was_idle_is_blamed_on_no_request(pools: Callable[..., Called]) -> None:
    pool = pools()
    for _ in range(3):
        pids = {int(str(call(pool, "echo", text="")[0]["pid"])) for _ in range(4)}
        killed = {process for process in pool._workers if process._process.pid in pids}
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda killed=killed: not killed & pool._workers), "each was replaced"
        assert call(pool, "echo", text="after")[1] == b"after"


def test_a_result_that_cannot_be_kept_is_a_fault_of_ours_and_told_at_once(
    pools: Callable[..., Called], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    pool = pools()
    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "TemporaryFile", full)
        with pytest.raises(OSError, match="No space left"):
            call(pool, "send", times=3, size=SPOOL_MEMORY)
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


def test_a_slow_disk_under_a_large_result_holds_nobody_else_up(
    pools: Callable[..., Called], slow_disk: SlowDisk
) -> None:
    pool = pools(wall=PATIENCE)
    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        large = threads.submit(call, pool, "send", times=6, size=SPOOL_MEMORY // 4)
        assert slow_disk.begun.wait(PATIENCE)
        for _ in range(5):
            assert call(pool, "echo", text="meanwhile")[1] == b"meanwhile"
        assert not large.done()
        slow_disk.go_on.set()
        assert large.result()[1] == b"x" * (6 * SPOOL_MEMORY // 4)


def test_a_result_that_is_given_up_while_it_is_written_is_let_go_of(
    pools: Callable[..., Called], slow_disk: SlowDisk
) -> None:
    pool = pools(wall=0.5)
    with pytest.raises(TooSlowError):
        call(pool, "send", times=100, size=SPOOL_MEMORY // 4)
    slow_disk.go_on.set()
    assert slow_disk.files
    assert eventually(lambda: all(file.closed for file in slow_disk.files))
    assert call(pool, "echo", text="after")[1] == b"after"


def test_processor_time_is_counted_for_each_request_alone(pools: Callable[..., Called]) -> None:
    pool = pools(cpu=1, wall=120)
    used = [float(str(call(pool, "work", seconds=0.6)[0]["used"])) for _ in range(3)]
    assert max(used) > 1, "one of the two processes did more than one request may take"


def test_a_worker_opens_no_file(pools: Callable[..., Called]) -> None:
    assert call(pools(), "open a file")[0]["refused"] == "OSError"


def test_a_worker_writes_no_file(pools: Callable[..., Called], tmp_path: Path) -> None:
    assert call(pools(), "write a file", path=str(tmp_path / "x"))[0]["refused"] == "OSError"
    assert not list(tmp_path.iterdir())


def test_a_worker_makes_no_connection(pools: Callable[..., Called]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        assert call(pools(), "connect", port=listener.getsockname()[1])[0]["refused"] == "OSError"
        with pytest.raises(TimeoutError):
            listener.accept()


def test_answers_are_never_mixed_up_even_between_breaches(pools: Callable[..., Called]) -> None:
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


class Crowd:
    """Long requests that run and wait in a pool until all who asked for them leave."""

    def __init__(self, pool: Called, threads: concurrent.futures.ThreadPoolExecutor, size: int) -> None:
        asked = json.dumps({"do": "sleep", "seconds": PATIENCE}).encode()
        self.there = True
        self.requests = [threads.submit(self.ask, pool, asked) for _ in range(size)]

    def ask(self, pool: Called, request: bytes) -> Any:
        return wait(pool.call(request, 1000, lambda: self.there), pool.loop)

    def leave(self) -> None:
        assert not any(request.done() for request in self.requests), "all of them were there all the time"
        self.there = False
        for request in self.requests:
            with pytest.raises(PublisherError, match="Client disconnected"):
                request.result()


def test_a_full_queue_refuses_long_requests_only_and_says_when_to_come_back(pools: Callable[..., Called]) -> None:
    pool = pools(size=1, waiting=2, wall=PATIENCE)
    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        crowd = Crowd(pool, threads, 3)
        assert long_ones(pool, running=1, waiting=2)
        with pytest.raises(BusyError) as caught:
            call(pool, "sleep", seconds=PATIENCE)
        assert caught.value.headers["Retry-After"]
        assert caught.value.members == {"limit": "queue", "value": 2}
        assert call(pool, "echo", text="short")[1] == b"short", "a full queue of long requests is none for short ones"
        crowd.leave()


def test_a_long_request_that_waits_for_its_turn_gives_all_of_its_answer_once(pools: Callable[..., Called]) -> None:
    pool = pools(size=1, waiting=8, wall=PATIENCE)
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        running = [threads.submit(call, pool, "slowly", text=f"part {i},", times=5, seconds=0.1) for i in range(4)]
        assert [future.result()[1] for future in running] == [f"part {i},".encode() * 5 for i in range(4)]


def test_a_long_request_whose_turn_never_comes_is_told_so(pools: Callable[..., Called]) -> None:
    pool = pools(size=1, waiting=8, wall=1)
    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        running = [threads.submit(call, pool, "sleep", seconds=60) for _ in range(3)]
        found = [type(future.exception()) for future in running]
    assert set(found) <= {TooSlowError, BusyError}
    assert TooSlowError in found


def test_short_requests_are_answered_while_twenty_long_ones_run_and_wait(pools: Callable[..., Called]) -> None:
    pool = pools(size=2, waiting=24, wall=PATIENCE)
    with concurrent.futures.ThreadPoolExecutor(20) as threads:
        crowd = Crowd(pool, threads, 20)
        assert long_ones(pool, running=2, waiting=18)
        for _ in range(5):
            assert call(pool, "echo", text="x")[1] == b"x"
        crowd.leave()


def test_a_long_request_that_nobody_waits_for_is_given_up(pools: Callable[..., Called]) -> None:
    pool = pools(size=1, wall=PATIENCE)
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        crowd = Crowd(pool, threads, 2)
        assert long_ones(pool, running=1, waiting=1)
        crowd.leave()
    assert call(pool, "slowly", text="x", times=3, seconds=0.1)[1] == b"xxx", "the turn is free again"


Outcome = dict[str, object] | BaseException


async def behind(pool: Called, ahead: dict[str, object], *, leaves: bool = False) -> tuple[Outcome, Outcome]:
    """What becomes of a request, and of another that is sent to the same worker while it works on that.

    Two idle workers begin with the first two. Who is done first gets the last of the others, and the first behind it.
    leaves: whether who asked for that one leaves before its worker is done with the first.
    """

    async def one(asked: dict[str, object]) -> dict[str, object]:
        started = time.monotonic()
        message, body, _ = await pool.call(json.dumps(asked).encode(), 1000)
        with body:
            closing: dict[str, object] = json.loads(message)
            return closing | {"data": body.read(), "seconds": time.monotonic() - started}

    echoes: list[dict[str, object]] = [{"do": "echo", "text": str(number)} for number in range(5)]
    await asyncio.gather(*map(one, echoes[:2]))  # Both are ready now, and known to be quick.
    asked = [asyncio.ensure_future(one(ask)) for ask in [*echoes, ahead]]
    while leaves and not asked[2].done():
        await asyncio.sleep(0.001)
        if any([json.loads(job.request) for job in worker.jobs] == [ahead, echoes[2]] for worker in pool._workers):
            leaves = not asked[2].cancel()
    found = await asyncio.gather(*asked, return_exceptions=True)
    return found[5], found[2]


AHEAD: list[tuple[dict[str, object], object]] = [
    ({"do": "slowly", "text": "part,", "times": 5, "seconds": 0.2}, b"part,part,part,part,part,"),
    ({"do": "half, then crash"}, EngineCrashError),
    ({"do": "send", "times": 3, "size": 1000}, ResultLimitError),
    ({"do": "spin"}, TooSlowError),
]


@pytest.mark.parametrize(("ahead", "expected"), AHEAD, ids=[str(row[0]["do"]) for row in AHEAD])
def test_who_was_sent_ahead_behind_a_bad_request_is_answered_by_another_worker(
    pools: Callable[..., Called], ahead: dict[str, object], expected: object
) -> None:
    pool = pools(wall=1.5)
    first, second = wait(behind(pool, ahead), pool.loop)
    assert (first["data"] if isinstance(first, dict) else type(first)) == expected
    assert isinstance(second, dict)
    assert second["data"] == b"2"
    assert float(str(second["seconds"])) < 0.8, "it does not wait for the one before it"
    assert [call(pool, "echo", text=str(number))[1] for number in range(5)] == [b"0", b"1", b"2", b"3", b"4"]


def test_who_leaves_while_its_request_is_sent_ahead_takes_nobody_along(pools: Callable[..., Called]) -> None:
    pool = pools()
    first, second = wait(behind(pool, {"do": "sleep", "seconds": 0.09}, leaves=True), pool.loop)
    assert isinstance(first, dict)
    assert isinstance(second, asyncio.CancelledError)
    assert first["pid"] not in {call(pool, "echo", text="")[0]["pid"] for _ in range(4)}, "it was replaced"


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_requests_are_read_one_by_one_however_they_come(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    requests = [b"one", b"", b"x" * 300, b"last"]
    sent = b"".join(len(request).to_bytes(4, "big") + request for request in requests)
    pieces = [sent[start : start + size] for start in range(0, len(sent), size)]
    monkeypatch.setattr(os, "read", lambda _descriptor, _size: pieces.pop(0) if pieces else b"")
    assert list(child._requests()) == requests


def test_a_worker_that_cannot_open_is_told_with_its_reason(pools: Callable[..., Called]) -> None:
    with pytest.raises(CannotRunError, match="there is no the argument"):
        call(pools("open_failing"), "echo", text="")


def test_closing_a_pool_ends_its_processes(pools: Callable[..., Called]) -> None:
    pool = pools(size=2)
    pid = call(pool, "echo", text="")[0]["pid"]
    pool.loop.call_soon_threadsafe(pool.close)
    assert isinstance(pid, int)
    assert eventually(lambda: ended(pid))


def settled() -> tuple[int, int]:
    """How many descriptors and threads there are, once no process is being replaced any more."""
    before, now = None, (0, 0)
    while before != now:
        before = now
        time.sleep(0.5)
        now = len(os.listdir("/proc/self/fd")), threading.active_count()
    return now


def test_breaches_leave_no_descriptors_and_no_threads_behind(pools: Callable[..., Called]) -> None:
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
