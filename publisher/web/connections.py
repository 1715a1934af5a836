"""Open connections: a client that holds more than its part loses idle ones while connections are scarce.

The HTTP server accepts a fixed number of connections and lets each be idle for a while, whoever holds them. The sockets
are found among the descriptors of this process; where the platform does not list those, nothing is ended.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Final

from publisher.platform_support import count_descriptors, find_sockets

SECONDS: Final = 1.0
"""Time between two looks: a flood of connections keeps others out for about as long."""
SCARCE: Final = 50
"""Percentage of all connections that are open before any is ended."""

Peer = tuple[str, int]
"""The address and the port of the other end."""


class Connections:
    """The connections to one port.

    Args:
        port: The port.
        most: Connections that may be open at the same time.
        percent: Of them that one client may have.
        part_of: Whose part an address uses; empty for nobody's.
        busy: Peers whose requests are read, answered or sent.
    """

    def __init__(
        self, port: int, most: int, percent: int, part_of: Callable[[str], str], busy: Collection[Peer]
    ) -> None:
        self._port = port
        self._scarce = most * SCARCE // 100
        self._each = max(most * percent // 100, 1)
        self._part_of = part_of
        self._busy = busy

    async def watch(self) -> None:
        """Look at the connections again and again, until the task is cancelled."""
        while True:
            await asyncio.sleep(SECONDS)
            if count_descriptors() > self._scarce:
                self.end_excess()

    def end_excess(self) -> int:
        """End the idle connections of each client that are beyond its part; return how many."""
        held = Counter(self._part_of(address) for address, _ in self._busy)
        ended = 0
        for found in find_sockets(self._port):
            with suppress(OSError):  # It listens, or the client has just left.
                address, port, *_ = found.getpeername()
                client = self._part_of(address)
                if not client or (address, port) in self._busy:
                    continue
                held[client] += 1
                if held[client] > self._each:
                    found.shutdown(socket.SHUT_RDWR)
                    ended += 1
        return ended
