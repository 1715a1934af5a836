"""The ASGI application: queries on the event loop, pages in a thread pool.

It is an ASGI application (ASGI 3.0, HTTP connection scope 2.3); those behind it are WSGI applications (PEP 3333).
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeVar
from urllib.parse import unquote_to_bytes

from publisher.errors import TooLongAddressError
from publisher.sparql.engine import ADDRESS, CHUNK, Answer, Query, QueryEngine, always
from publisher.web.cache import Cache, Header, Key, Reply, key_of
from publisher.web.endpoint import WANTED, Endpoint
from publisher.web.responses import Common

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


PIECE: Final = 4 * CHUNK
"""Bytes of a large answer that are read and sent at once; the next are read when the client has taken most of them."""
AT_ONCE: Final = "publisher.at_once"
"""The extension of a scope (ASGI, section "Extensions") that sends a whole response in one step; false where it cannot:
the client is slow, and has to be waited for."""
TOO_LONG: Final = "publisher.too_long"
"""The extension of a scope whose address was too long, and is cut."""
_ENVIRON: Final = "publisher.environ"
_KEY: Final = "publisher.key"
_COMMON: Final = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}

T = TypeVar("T")
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Front:
    """Answers the HTTP server.

    app: answers everything. cache, endpoint, engine, common: parts of it. length: bytes that a request may have.
    threads: how many requests are answered at the same time beside queries.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        cache: Cache,
        endpoint: Endpoint,
        engine: QueryEngine,
        common: Common,
        length: int,
        threads: int,
    ) -> None:
        self._app = app
        self._cache = cache
        self._endpoint = endpoint
        self._engine = engine
        self._common = common
        self._length = length
        self._threads = ThreadPoolExecutor(threads)
        self._running = False

    def kept(self, scope: Scope) -> Reply | None:
        """The response to a request without a body, if it is kept; else what was found out of the request stays in its
        scope for when it is answered."""
        environ = scope[_ENVIRON] = environment(scope)
        key = scope[_KEY] = key_of(environ)
        return self._cache.find(key, environ)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise NotImplementedError(f"There are no answers to {scope['type']}.")
        if not self._running:
            self._running = True
            self._engine.run_in(asyncio.get_running_loop())
        reply = await self._reply(scope, receive, scope.pop(_ENVIRON, None) or environment(scope))
        if isinstance(reply.body, bytes):
            await send_whole(scope, send, reply)
        else:
            await self._send_file(send, reply, reply.body)

    async def _reply(self, scope: Scope, receive: Receive, environ: "WSGIEnvironment") -> Reply:
        if TOO_LONG in scope.get("extensions", {}):
            words = f"It may have {ADDRESS} bytes; send a long query by POST."
            return await self._refuse(TooLongAddressError(words, limit="address", value=ADDRESS), environ)
        if environ["REQUEST_METHOD"] == "POST" and not await self._read_body(environ, receive):
            return Reply(HTTPStatus.BAD_REQUEST, [], b"")  # to nobody
        key = scope[_KEY] if _KEY in scope else key_of(environ)
        kept = self._cache.find(key, environ)
        if kept:
            return kept
        query = self._endpoint.query_of(environ)
        wanted = scope.get("extensions", {}).get(WANTED, always)
        if query:
            return await self._answer(environ, key, query, wanted)
        environ["wsgi.input"].seek(0)
        environ[WANTED] = wanted
        return await self._in_thread(respond, self._app, environ)

    async def _read_body(self, environ: "WSGIEnvironment", receive: Receive) -> bool:
        """Read the body of a request; of one that is too long only so much that this can be seen. False where the
        client leaves before it is here."""
        declared = environ.get("CONTENT_LENGTH", "")
        if declared.isdecimal() and int(declared) > self._length:
            return True
        body, more = bytearray(), True
        while more and len(body) <= self._length:
            message = await receive()
            if message["type"] == "http.disconnect":
                return False
            body += message.get("body", b"")
            more = message.get("more_body", False)
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)  # It came in pieces, and is whole now.
        return True

    async def _answer(
        self, environ: "WSGIEnvironment", key: Key | None, query: Query, wanted: Callable[[], bool]
    ) -> Reply:
        try:
            answer = await self._engine.answer(query, wanted)
        except Exception as error:  # Whatever it is, the client gets a problem document.
            return await self._refuse(error, environ)
        headers = self._common.complete(environ["REQUEST_METHOD"], self._endpoint.headers(query, answer))
        return await self._whole(key, headers, answer)

    async def _whole(self, key: Key | None, headers: list[Header], answer: Answer) -> Reply:
        """An answer that is here as a whole, and kept if it may be; a large one that may not as its file."""
        place = key if self._cache.keeps(headers) else None
        if answer.size > CHUNK and place is None:
            return Reply(HTTPStatus.OK, headers, answer.body)
        with answer.body as file:
            body = file.read() if answer.size <= CHUNK else await self._in_thread(file.read)
        if place is not None:
            self._cache.keep(place, headers, body)
        return Reply(HTTPStatus.OK, headers, body)

    async def _refuse(self, error: Exception, environ: "WSGIEnvironment") -> Reply:
        return await self._in_thread(respond, self._common.around(self._endpoint.refused(error)), environ)

    async def _send_file(self, send: Send, response: Reply, file: BinaryIO) -> None:
        """Send a file as fast as the client takes it; it is closed here."""
        with file:
            await send(_start(response))
            while piece := await self._in_thread(file.read, PIECE):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    async def _in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)


def environment(scope: Scope) -> "WSGIEnvironment":
    """The environ of a request (PEP 3333), with an empty body."""
    server, client = scope.get("server") or ("", ""), scope.get("client") or ("", "")
    environ = {
        **_COMMON,
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(),
    }
    for name, value in scope["headers"]:
        key = _variable(name)
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


@lru_cache(maxsize=256)
def _variable(header: bytes) -> str:
    """The name that a header of a request has in an environ (RFC 3875, section 4.1.18)."""
    name = header.decode("latin-1").upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + name


def respond(app: "WSGIApplication", environ: "WSGIEnvironment") -> Reply:
    """Ask an application, and read all of its answer."""
    told: list[tuple[str, list[Header]]] = []

    def start(status: str, headers: list[Header], _error: Any = None) -> "Callable[[bytes], object]":
        told[:] = [(status, headers)]
        return _no_writing

    pieces = app(environ, start)
    status, headers = told[0]
    try:
        return Reply(int(status[:3]), headers, b"".join(pieces))
    finally:
        getattr(pieces, "close", lambda: None)()


def _no_writing(_data: bytes) -> object:
    raise NotImplementedError("No application of ours writes by itself.")


async def send_whole(scope: Scope, send: Send, response: Reply) -> None:
    """Send a response that is here as a whole."""
    at_once = scope.get("extensions", {}).get(AT_ONCE)
    if not (at_once and at_once(response)):
        await send(_start(response))
        await send({"type": "http.response.body", "body": response.body})


def _start(response: Reply) -> dict[str, Any]:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    return {"type": "http.response.start", "status": response.status, "headers": headers}
