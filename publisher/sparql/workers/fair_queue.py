"""The fair queue: hands items out to those who wait for one, to their clients in turn."""

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """Items, and those who wait for one. It is used in one event loop.

    The clients that wait are served in turn, each from its oldest request on: a client with forty requests delays
    another one's request by one item, not by forty. When the queue is full, the client with the most requests in it
    loses its newest one to a client with fewer.

    most: requests that may wait, at least 1.
    """

    def __init__(self, most: int) -> None:
        self._most = max(most, 1)
        self._items: deque[T] = deque()
        self._urgent: deque[asyncio.Future[T]] = deque()
        self._waiting: dict[str, deque[asyncio.Future[T]]] = {}

    def put(self, item: T) -> None:
        """Hand an item to the next who waits, or keep it."""
        future = next(self._served(), None)
        if future is None:
            self._items.append(item)
        else:
            future.set_result(item)

    def take(self) -> T | None:
        """Take an item if there is one now."""
        return self._items.popleft() if self._items else None

    def remove(self, item: T) -> None:
        """Remove an item that nobody took yet."""
        if item in self._items:
            self._items.remove(item)

    async def get(self, client: str, seconds: float, *, urgent: bool = False) -> T:
        """Wait for an item.

        client: whose turn it uses. urgent: served before all others, and not refused.
        Raises asyncio.QueueFull where too many wait, TimeoutError after so many seconds.
        """
        if self._items:
            return self._items.popleft()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if urgent:
            self._urgent.append(future)
        else:
            self._make_room(client)
            self._waiting.setdefault(client, deque()).append(future)
        late = future.get_loop().call_later(seconds, _expire, future)  # asyncio.timeout takes twice as long
        try:
            return await future
        except BaseException:
            self._leave(client, future)
            raise
        finally:
            late.cancel()

    def fail(self, error: Exception) -> None:
        """End all waiting with an error."""
        for future in self._served():
            future.set_exception(error)

    def _served(self) -> Iterator["asyncio.Future[T]"]:
        """Those who wait, in the order in which they are served; they wait no more."""
        while self._urgent or self._waiting:
            if self._urgent:
                future = self._urgent.popleft()
            else:
                client = next(iter(self._waiting))
                requests = self._waiting.pop(client)
                future = requests.popleft()
                if requests:
                    self._waiting[client] = requests  # behind the other clients
            if not future.done():
                yield future

    def _make_room(self, client: str) -> None:
        """Raise QueueFull in the newest request of the client that has the most, or here where none has more."""
        if sum(map(len, self._waiting.values())) < self._most:
            return
        greediest = max(self._waiting.values(), key=len)
        if len(greediest) <= len(self._waiting.get(client, ())) + 1:
            raise asyncio.QueueFull
        dropped = greediest.pop()
        if not dropped.done():
            dropped.set_exception(asyncio.QueueFull())

    def _leave(self, client: str, future: "asyncio.Future[T]") -> None:
        """Stop waiting; an item that came at the same moment goes to the next."""
        if future in self._urgent:
            self._urgent.remove(future)
        requests = self._waiting.get(client, deque())
        if future in requests:
            requests.remove(future)
            if not requests:
                del self._waiting[client]
        if future.done() and not future.cancelled() and future.exception() is None:
            self.put(future.result())


def _expire(future: "asyncio.Future[T]") -> None:
    if not future.done():
        future.set_exception(TimeoutError())
