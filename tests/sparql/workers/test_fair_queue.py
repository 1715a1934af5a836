"""The fair queue: clients in turn, a bound that the greediest client pays for, and no item lost."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

import pytest

from publisher.errors import UnavailableError
from publisher.sparql.workers.fair_queue import FairQueue


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(coroutine, 60))


class Waiting:
    """Requests that wait in a queue, by name; the first letter is the client. served: in order."""

    def __init__(self, most: int = 100) -> None:
        self.queue: FairQueue[int] = FairQueue(most)
        self.served: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def join(self, *names: str, urgent: bool = False) -> None:
        for name in names:
            self.tasks[name] = asyncio.create_task(self._wait(name, urgent))
        await asyncio.sleep(0)

    async def _wait(self, name: str, urgent: bool) -> None:
        await self.queue.get(name[0], 60, urgent=urgent)
        self.served.append(name)

    async def serve(self, items: int) -> list[str]:
        for item in range(items):
            self.queue.put(item)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        return self.served

    async def refused(self) -> list[str]:
        await asyncio.sleep(0)
        done = {name: task for name, task in self.tasks.items() if task.done()}
        return [name for name, task in done.items() if isinstance(task.exception(), asyncio.QueueFull)]

    async def __aenter__(self) -> "Waiting":
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


def test_one_client_is_served_in_order() -> None:
    async def go() -> None:
        async with Waiting() as waiting:
            await waiting.join("a1", "a2", "a3")
            assert await waiting.serve(3) == ["a1", "a2", "a3"]

    run(go())


def test_clients_are_served_in_turn_however_many_requests_one_has() -> None:
    async def go() -> None:
        async with Waiting() as waiting:
            await waiting.join(*(f"a{number}" for number in range(40)), "b1", "c1", "b2")
            assert await waiting.serve(6) == ["a0", "b1", "c1", "a1", "b2", "a2"]

    run(go())


def test_an_urgent_request_is_served_first_and_never_refused() -> None:
    async def go() -> None:
        async with Waiting(2) as waiting:
            await waiting.join("a1", "b1")
            await waiting.join("a2", urgent=True)
            assert await waiting.serve(3) == ["a2", "a1", "b1"]

    run(go())


def test_a_full_queue_refuses_the_client_that_has_the_most() -> None:
    async def go() -> None:
        async with Waiting(4) as waiting:
            await waiting.join("a1", "a2", "a3", "a4", "a5")
            assert await waiting.refused() == ["a5"]
            await waiting.join("b1")
            assert await waiting.refused() == ["a4", "a5"], "the newest of the greediest client made room"
            await waiting.join("b2", "c1")
            assert sorted(await waiting.refused()) == ["a2", "a3", "a4", "a5"]
            assert await waiting.serve(4) == ["a1", "b1", "c1", "b2"]

    run(go())


def test_an_item_that_nobody_waits_for_is_kept() -> None:
    async def go() -> None:
        queue: FairQueue[str] = FairQueue(1)
        for item in ("one", "two", "three"):
            queue.put(item)
        queue.remove("two")
        assert await queue.get("", 1) == "one"
        assert queue.take() == "three"
        assert queue.take() is None

    run(go())


def test_a_request_that_waited_too_long_leaves_its_place() -> None:
    async def go() -> None:
        queue: FairQueue[str] = FairQueue(1)
        with pytest.raises(TimeoutError):
            await queue.get("a", 0.01)
        with pytest.raises(TimeoutError):
            await queue.get("a", 0.01)  # not QueueFull
        queue.put("item")
        assert queue.take() == "item"

    run(go())


@pytest.mark.parametrize("urgent", [False, True])
def test_an_item_given_to_a_request_that_leaves_goes_to_the_next(urgent: bool) -> None:
    async def go() -> None:
        queue: FairQueue[str] = FairQueue(9)
        leaving = asyncio.create_task(queue.get("a", 60, urgent=urgent))
        staying = asyncio.create_task(queue.get("b", 60))
        await asyncio.sleep(0)
        queue.put("item")
        leaving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await leaving
        assert await staying == "item"

    run(go())


def test_waiting_can_be_ended_for_all() -> None:
    async def go() -> None:
        queue: FairQueue[str] = FairQueue(9)
        waiting = [asyncio.create_task(queue.get(client, 60)) for client in "ab"]
        await asyncio.sleep(0)
        queue.fail(UnavailableError())
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(error) for error in ended] == [UnavailableError] * 2

    run(go())
