"""Open connections: what a client holds beyond its part is ended while it is idle, and nothing else."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

import pytest

from publisher import platform_support
from publisher.web import connections
from publisher.web.connections import Connections, Peer
from publisher.web.forwarded import fair_share

GREEDY, OTHER = "127.0.0.1", "127.0.0.2"


class Listener:
    """A port with connections that are accepted: open, by the client's side."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self._server = stack.enter_context(socket.create_server((GREEDY, 0)))
        self.port = self._server.getsockname()[1]

    def connect(self, client: str) -> socket.socket:
        opened = socket.create_connection((GREEDY, self.port), timeout=5, source_address=(client, 0))
        self._stack.enter_context(opened)
        self._stack.enter_context(self._server.accept()[0])
        return opened


@pytest.fixture
def listener() -> Iterator[Listener]:
    with contextlib.ExitStack() as stack:
        yield Listener(stack)


def is_open(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return bool(connection.recv(1))
    except BlockingIOError:
        return True


def watch(
    listener: Listener, most: int, busy: set[Peer] | None = None, part_of: Callable[[str], str] = fair_share
) -> Connections:
    return Connections(listener.port, most, 50, part_of, busy or set())


def test_client_loses_what_it_holds_beyond_its_part(listener: Listener) -> None:
    greedy, other = ([listener.connect(client) for _ in range(number)] for client, number in ((GREEDY, 5), (OTHER, 4)))
    assert watch(listener, 8).end_excess() == 1
    assert [sum(map(is_open, opened)) for opened in (greedy, other)] == [4, 4]


def test_busy_connections_count_and_stay(listener: Listener) -> None:
    greedy = [listener.connect(GREEDY) for _ in range(6)]
    busy: set[Peer] = {connection.getsockname() for connection in greedy[3:]}
    assert watch(listener, 8, busy).end_excess() == 2
    assert all(map(is_open, greedy[3:]))
    assert sum(map(is_open, greedy)) == 4


def test_proxy_is_no_client(listener: Listener) -> None:
    opened = [listener.connect(GREEDY) for _ in range(5)]
    assert watch(listener, 2, part_of=lambda _address: "").end_excess() == 0
    assert all(map(is_open, opened))


def test_connections_are_ended_only_while_they_are_scarce(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = [listener.connect(GREEDY) for _ in range(5)]
    looks = iter([3, 5])

    def count() -> int:
        found = next(looks, None)
        if found is None:
            raise asyncio.CancelledError
        return found

    monkeypatch.setattr(connections, "SECONDS", 0)
    monkeypatch.setattr(connections, "count_descriptors", count)
    watching = watch(listener, 8)
    ended: list[int] = []
    watching.end_excess = lambda: ended.append(len(opened))  # type: ignore[assignment, method-assign]
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(watching.watch())
    assert ended == [5]


def test_nothing_is_ended_where_descriptors_are_not_listed(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = [listener.connect(GREEDY) for _ in range(5)]
    monkeypatch.setattr(platform_support, "DESCRIPTORS", "/nothing")
    assert platform_support.count_descriptors() == 0
    assert watch(listener, 2).end_excess() == 0
    assert all(map(is_open, opened))
