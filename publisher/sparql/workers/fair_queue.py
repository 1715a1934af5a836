"""The fair queue: who waits for something, and whose client's turn it is."""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """Requests that wait.

    The clients that wait are served in turn, each from its oldest request on: a client with forty requests delays
    another one's request by one place, not by forty. When the queue is full, the client with the most requests in it
    loses its newest one to a client with fewer.

    most: requests that may wait, at least 1.
    """

    def __init__(self, most: int) -> None:
        self._most = max(most, 1)
        self._size = 0
        self._urgent: deque[T] = deque()
        self._waiting: dict[str, deque[T]] = {}

    def __len__(self) -> int:
        """Return how many requests wait, without the urgent ones."""
        return self._size

    def __iter__(self) -> Iterator[T]:
        """Go through the requests that wait, without the urgent ones."""
        return chain.from_iterable(self._waiting.values())

    def has(self, client: str) -> bool:
        """Whether a request of a client waits."""
        return client in self._waiting

    def add(self, request: T, client: str, *, urgent: bool = False) -> T | None:
        """Let a request wait. Returns the one that is refused for it where the queue is full; it may be the same.

        client: whose turn it uses. urgent: served before all others, and not refused.
        """
        if urgent:
            self._urgent.append(request)
            return None
        refused = None
        if self._size >= self._most:
            greediest = max(self._waiting.values(), key=len)
            if len(greediest) <= len(self._waiting.get(client, ())) + 1:
                return request
            refused = greediest.pop()
            self._size -= 1
        requests = self._waiting.get(client)
        if requests is None:
            requests = self._waiting[client] = deque()
        requests.append(request)
        self._size += 1
        return refused

    def pop(self, is_kept_back: Callable[[str], bool] = lambda _client: False) -> T | None:
        """Take the request whose turn it is; None where none waits. is_kept_back: of which clients none is taken."""
        if self._urgent:
            return self._urgent.popleft()
        client = next((client for client in self._waiting if not is_kept_back(client)), None)
        if client is None:
            return None
        requests = self._waiting.pop(client)
        request = requests.popleft()
        self._size -= 1
        if requests:
            self._waiting[client] = requests  # behind the other clients
        return request

    def remove(self, request: T, client: str) -> None:
        """Remove a request, if it waits here."""
        if request in self._urgent:
            self._urgent.remove(request)
        requests = self._waiting.get(client, ())
        if request in requests:
            self._waiting[client].remove(request)
            self._size -= 1
            if not requests:
                del self._waiting[client]
