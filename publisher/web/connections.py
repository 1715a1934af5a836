"""HTTP connections: bounds on request heads and bodies, and the shutdown.

Nothing else imports the HTTP server, whose class of connections is extended here: its version is pinned for that.
"""

import asyncio
import logging
import socket
from collections.abc import Callable
from http import HTTPStatus
from types import FrameType
from typing import Any, Final

import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from publisher.sparql.engine import ADDRESS
from publisher.web.asgi import AT_ONCE, TOO_LONG, Front
from publisher.web.cache import Reply
from publisher.web.endpoint import WANTED

HEAD: Final = 1 << 16
"""Bytes that the head of a request may have beside its address."""
HEAD_SECONDS: Final = 30
"""In which the head of a request has to be here; else the connection is closed."""
BODY_SECONDS: Final = 60
"""In which its body has to be here after that."""
KEEP_SECONDS: Final = 75
"""For which a connection is kept without a request: longer than proxies keep theirs, so that they are who closes."""
END_SECONDS: Final = 0.5
"""A response that is not sent by then when the server ends is cut off: pages are, and queries can be asked again."""


def serve(front: Front, listening: socket.socket, longest: int, ready: Callable[[], None]) -> None:
    """Answer requests on a socket until SIGINT or SIGTERM.

    longest: bytes of the longest address that `front` is to see. ready: called when requests are answered.
    """
    config = uvicorn.Config(
        front,
        http=type("Bounded", (Connection,), {"longest": longest}),
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_SECONDS,
        timeout_graceful_shutdown=END_SECONDS,  # type: ignore[arg-type] # it is only handed to asyncio.wait_for
    )
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # Odd requests are no news.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_Server(config, ready).serve([listening]))


class _Server(uvicorn.Server):
    """A server that says when it is ready, and whose end by a signal is no failure."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End; at once where it was told to before."""
        self.force_exit = self.should_exit
        self.should_exit = True


class Connection(HttpToolsProtocol):
    """One connection of a client. longest: as for `serve`."""

    longest = 0

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._head: int | None = 0
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of it."""
        super().connection_lost(exc)
        self._expect_no_more()

    def data_received(self, data: bytes) -> None:
        """Read what a client sends; no head is read without end."""
        if self._head is not None:
            self._head += len(data)
        super().data_received(data)
        if self._head is not None and self._head > self.longest + HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._head != 0 and not self._late:
            self._expect()

    def on_headers_complete(self) -> None:
        """Begin with a request."""
        self._head = None
        self._expect_no_more()
        scope: Any = self.scope
        scope["extensions"] = {}
        if len(self.url) > ADDRESS:
            self.url = self.url.partition(b"?")[0][:ADDRESS]
            scope["extensions"][TOO_LONG] = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Be ready for the next request."""
        self._head = 0
        self._expect_no_more()
        super().on_message_complete()
        if self.cycle.response_complete and not self.cycle.keep_alive:
            self.transport.close()

    def _expect(self) -> None:
        """Wait for the rest of a request, for a while."""
        seconds = BODY_SECONDS if self._head is None else HEAD_SECONDS
        self._late = self.loop.call_later(seconds, self._be_late)

    def _be_late(self) -> None:
        if self.pipeline:  # Nothing is read meanwhile: it is not the client who is late.
            self._expect()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _expect_no_more(self) -> None:
        if self._late:
            self._late.cancel()
            self._late = None

    def _refuse(self, status: HTTPStatus) -> None:
        """End the connection; say why, unless the client would take that for the response to another request."""
        cycle, has_head = self.cycle, self._head is None
        if cycle and (cycle.response_started if has_head else not cycle.response_complete):
            self.transport.close()
            return
        words = f"{status.phrase}.\n".encode()
        head = b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length: %d\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head % len(words) + words)
        self.transport.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Answer a request: at once if its response is kept, else in a task."""
        if self._late:  # It waited for its turn, and nothing of its body was read meanwhile.
            self._expect_no_more()
            self._expect()

        def at_once(response: Reply) -> bool:
            return _write(cycle, response)

        def wanted() -> bool:
            return not cycle.disconnected

        scope: Any = cycle.scope
        extensions = scope["extensions"]
        extensions.update({AT_ONCE: at_once, WANTED: wanted})
        asked_ahead = cycle is not self.cycle  # A thousand such, each begun where the one before it ends, are too deep.
        plain = scope["method"] in ("GET", "HEAD") and TOO_LONG not in extensions
        if isinstance(app, Front) and plain and not asked_ahead:
            kept = app.kept(scope)
            if kept and at_once(kept):
                return
        super()._start_asgi_task(cycle, app)


def _write(cycle: RequestResponseCycle, response: Reply) -> bool:
    """Do at once what `send` does in two steps, looking at every header; whether it was done.

    The headers are ours: all that may not be in them is the end of a line.
    """
    if cycle.flow.write_paused or cycle.disconnected or not isinstance(response.body, bytes):
        return False
    head = "".join([f"{name}: {value}\r\n" for name, value in response.headers]).encode("latin-1")
    if head.count(b"\n") != len(response.headers) or head.count(b"\r") != len(response.headers):
        return False
    closing = b"" if cycle.keep_alive else b"connection: close\r\n"
    default = b"".join([b"%s: %s\r\n" % header for header in cycle.default_headers])
    body = b"" if cycle.scope["method"] == "HEAD" else response.body
    cycle.transport.write(b"".join([STATUS_LINE[response.status], default, head, closing, b"\r\n", body]))
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.message_event.set()
    cycle.scope["extensions"].clear()  # It refers to the cycle: without that, nobody has to look for such circles.
    if not cycle.keep_alive and not cycle.more_body:  # A client that still sends would not see the response.
        cycle.transport.close()
    cycle.on_response()
    return True
