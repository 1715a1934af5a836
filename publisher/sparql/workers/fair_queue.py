"""The fair queue: who waits for something, and whose client's turn it is."""

from collections import deque
from collections.abc import Callable, Iterator
from enum import IntEnum
from itertools import chain
from typing import Generic, TypeVar

T = TypeVar("T")


class Expected(IntEnum):
    """How long a request is expected to take: the order in which those of one client are served."""

    SHORT = 0
    UNKNOWN = 1
    LONG = 2


class FairQueue(Generic[T]):
    """Requests that wait.

    The clients that wait are served in turn: a client with forty requests delays another one's request by one place,
    not by forty. Of one client those that are expected to be short are served first, each kind from the oldest on: long
    ones do not delay its short ones either. Long ones are bounded in number. When there are too many, the client with
    the most of them loses its newest one to a client with fewer.

    most: long requests that may wait, at least 1.
    """

    def __init__(self, most: int) -> None:
        self._most = max(most, 1)
        self._long = 0
        self._size = 0
        self._urgent: deque[T] = deque()
        self._waiting: dict[str, tuple[deque[T], ...]] = {}

    def __len__(self) -> int:
        """Return how many requests wait, without the urgent ones."""
        return self._size

    def __iter__(self) -> Iterator[T]:
        """Go through the requests that wait, without the urgent ones."""
        return chain.from_iterable(chain.from_iterable(self._waiting.values()))

    def has(self, client: str) -> bool:
        """Whether a request of a client waits."""
        return client in self._waiting

    def add(self, request: T, client: str, expected: Expected = Expected.LONG, *, urgent: bool = False) -> T | None:
        """Let a request wait. Returns the one that is refused for it where too many long ones wait; it may be the same.

        client: whose turn it uses. urgent: served before all others, and not refused.
        """
        if urgent:
            self._urgent.append(request)
            return None
        refused = None
        if expected is Expected.LONG:
            refused = self._make_room(request, client)
            if refused is request:
                return request
            self._long += 1
        self._waiting.setdefault(client, tuple(deque() for _ in Expected))[expected].append(request)
        self._size += 1
        return refused

    def _make_room(self, request: T, client: str) -> T | None:
        """Remove a long request if there are too many, and return it; the given one where its client has the most."""
        if self._long < self._most:
            return None
        greediest = max(self._waiting, key=lambda other: len(self._waiting[other][Expected.LONG]))
        theirs = self._waiting[greediest][Expected.LONG]
        own = self._waiting[client][Expected.LONG] if client in self._waiting else ()
        if len(theirs) <= len(own) + 1:
            return request
        refused = theirs[-1]
        self.remove(refused, greediest)
        return refused

    def pop(self, is_kept_back: Callable[[str], bool] = lambda _client: False) -> T | None:
        """Take the request whose turn it is; None where none waits.

        is_kept_back: of which clients only requests that are expected to be short are taken.
        """
        if self._urgent:
            return self._urgent.popleft()
        for client, requests in self._waiting.items():
            if requests[Expected.SHORT] or not is_kept_back(client):
                request = next(filter(None, requests))[0]
                self.remove(request, client)
                if client in self._waiting:
                    self._waiting[client] = self._waiting.pop(client)  # behind the other clients
                return request
        return None

    def remove(self, request: T, client: str) -> None:
        """Remove a request, if it waits here."""
        if request in self._urgent:
            self._urgent.remove(request)
        requests = self._waiting.get(client, ())
        for expected, kind in zip(Expected, requests, strict=False):
            if request in kind:
                kind.remove(request)
                self._size -= 1
                self._long -= expected is Expected.LONG
        if requests and not any(requests):
            del self._waiting[client]
