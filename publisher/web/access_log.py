"""The access log: a line of JSON for each request, without query text and full addresses unless a setting adds them."""

import contextlib
import ipaddress
import json
import logging
import logging.handlers
import re
import sys
import threading
import time
from collections import deque
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from publisher.errors import CannotRunError
from publisher.web.exchanges import Exchange

STANDARD_OUTPUT: Final = "-"
IPV4_BITS: Final = 24
IPV6_BITS: Final = 48
"""Bits of an address that are logged: its network, which many share; the rest becomes zero."""
PATH: Final = 500
"""Characters of a path or another text of the client that are logged."""
WAITING: Final = 10_000
"""Lines that may wait to be written; where the disk is slower, further ones are left out and counted."""
PAUSE: Final = 0.25
"""Seconds between two looks at what waits: writing many lines at once costs little more than writing one."""
STOP_SECONDS: Final = 5

_ENCODED_QUERY: Final = re.compile("%3f", re.IGNORECASE)
"""Where a query string begins that a client encoded as a part of the path."""

Entry = tuple[float, Exchange]


class AccessLog:
    """Writes exchanges in a thread of its own, some at a time, so that no request waits for a disk.

    A file that was moved away is opened anew (logrotate needs no signal).

    Args:
        target: A file, or `-` for standard output.
        full: Whether full addresses, query strings and User-Agent are logged.

    Raises CannotRunError where the file cannot be written.
    """

    def __init__(self, target: str, *, full: bool) -> None:
        self._full = full
        self._waiting: deque[Entry] = deque()
        self._dropped = 0
        self._stopping = threading.Event()
        try:
            self._handler: logging.Handler = _Output() if target == STANDARD_OUTPUT else _File(target, encoding="utf-8")
        except OSError as error:
            raise CannotRunError(f"The access log {target} cannot be written: {error.strerror}.") from error
        self._thread = threading.Thread(target=self._write_all, name="access log", daemon=True)
        self._thread.start()

    def record(self, exchange: Exchange) -> None:
        """Log one exchange; less than a microsecond, the rest is done in the thread."""
        if len(self._waiting) < WAITING:
            self._waiting.append((time.time(), exchange))
        else:
            self._dropped += 1

    def close(self) -> None:
        """Write what waits, and end."""
        self._stopping.set()
        self._thread.join(STOP_SECONDS)
        with contextlib.suppress(OSError):  # The disk is full; that has been reported.
            self._handler.close()

    def _write_all(self) -> None:
        while not self._stopping.wait(PAUSE):
            self._write_waiting()
        self._write_waiting()

    def _write_waiting(self) -> None:
        entries = [self._waiting.popleft() for _ in range(len(self._waiting))]
        lines = [json.dumps(describe_exchange(*entry, full=self._full)) for entry in entries]
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            lines.append(json.dumps({"time": format_time(time.time()), "lines_left_out": dropped}))
        try:
            if lines:
                self._handler.handle(logging.makeLogRecord({"msg": "\n".join(lines)}))
        except OSError:  # The file was moved away, and another one cannot be opened in its place.
            self._dropped += len(entries)
            self._handler.handleError(logging.makeLogRecord({}))


class _ReportsOnce(logging.Handler):
    """Reports once that lines cannot be written, without a traceback for each."""

    _reported = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name of the base class
        """Called where a line was not written."""
        if not self._reported:
            self._reported = True
            logging.getLogger("publisher").error("The access log cannot be written: %s", sys.exc_info()[1])


class _File(_ReportsOnce, logging.handlers.WatchedFileHandler):
    pass


class _Output(_ReportsOnce, logging.StreamHandler):  # type: ignore[type-arg] # not generic while it runs
    def __init__(self) -> None:
        super().__init__(sys.stdout)


def describe_exchange(when: float, exchange: Exchange, *, full: bool) -> dict[str, Any]:
    """The members of a line; cookies, Referer and bodies are never among them. when: seconds since the epoch."""
    members: dict[str, Any] = {
        "time": format_time(when),
        "client": exchange.address if full else truncate_address(exchange.address),
        "method": exchange.method[:PATH],
        "path": exchange.path[:PATH] if full else _ENCODED_QUERY.split(exchange.path, 1)[0][:PATH],
        "route": exchange.route,
        "status": exchange.status,
        "bytes": exchange.size,
        "coding": exchange.coding,
        "complete": exchange.complete,
        "ready_seconds": round(exchange.ready_seconds, 6),
        "seconds": round(exchange.seconds, 6),
        "release": exchange.release[:12],
    }
    if full:
        members |= {"query": exchange.query[:PATH], "agent": exchange.agent[:PATH]}
    return members


def format_time(when: float) -> str:
    """A time, in seconds since the epoch, in UTC (ISO 8601)."""
    return datetime.fromtimestamp(when, UTC).isoformat(timespec="milliseconds")


@lru_cache(maxsize=1024)
def truncate_address(text: str) -> str:
    """The network of an address; empty where it is none."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    address = getattr(address, "ipv4_mapped", None) or address
    bits = IPV4_BITS if address.version == 4 else IPV6_BITS
    return str(ipaddress.ip_network((address, bits), strict=False).network_address)
