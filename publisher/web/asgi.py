"""The ASGI application: queries on the event loop, pages in a bounded thread pool, responses at the client's pace.

ASGI 3.0 with HTTP connection scope 2.3 and lifespan 2.0. Everything that a client makes the application hold has a
total (`budget`) and a time limit.
"""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeVar

from publisher.errors import PublisherError
from publisher.sparql.engine import CHUNK, Limits, QueryEngine
from publisher.web.budget import Budget, overloaded
from publisher.web.cache import Cache, Kept, Key, validated
from publisher.web.endpoint import Endpoint
from publisher.web.headers import CommonHeaders, Encoded, Header, encode
from publisher.web.requests import ClientLeftError, Receive, Request, Scope, Send, read_body, read_head
from publisher.web.responses import Reply, Responses, close
from publisher.web.routes import Routes, key_of_page

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

REQUESTS: Final = 1000
"""Requests that are read, answered and sent at the same time."""
BODIES: Final = 64 << 20
"""Bytes of request bodies that are held at the same time."""
LARGE: Final = 200
"""Responses of more than `CHUNK` bytes that are sent at the same time: the HTTP server holds half a MiB of each."""
SPOOLED: Final = 16
"""How many times the limit of one result all results that are being sent may have in temporary files."""
PAGES: Final = 100
"""Requests that are in a page thread or wait for one."""
FILE_THREADS: Final = 4
"""Threads that read temporary files."""
SEND_SECONDS: Final = 60
"""Time in which a client has to take `CHUNK` bytes of a response; a slower one is cut off."""
PIECE: Final = 4 * CHUNK
"""Bytes of a temporary file that are read at once."""

T = TypeVar("T")


class Application:
    """Answers requests over one open release."""

    def __init__(
        self,
        pages: "WSGIApplication",
        routes: Routes,
        responses: Responses,
        endpoint: Endpoint,
        cache: Cache,
        common: CommonHeaders,
        limits: Limits,
        threads: int,
    ) -> None:
        """pages: makes what is not the endpoint's; it raises what goes wrong. threads: how many it is called in."""
        self.resources = responses.resources
        self._pages = pages
        self._routes = routes
        self._responses = responses
        self._endpoint = endpoint
        self._cache = cache
        self._limits = limits
        self._common = common
        self.threads = threads
        self.page_threads = ThreadPoolExecutor(threads, "page")
        self.file_threads = ThreadPoolExecutor(FILE_THREADS, "file")
        self.waiting_pages = Budget(PAGES, "requests for pages")
        self._requests = Budget(REQUESTS, "requests")
        self._bodies = Budget(BODIES, "bytes of requests")
        self._large = Budget(LARGE, "large responses")
        self._spooled = Budget(SPOOLED * limits.result, "bytes of results")
        self._making: dict[Key, asyncio.Future[None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the start and the end of a server (ASGI, "Lifespan Protocol")."""
        self._run_here()
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            raise NotImplementedError(f"There is no answer to the scope {scope['type']!r}.")
        with contextlib.suppress(ClientLeftError, TimeoutError):  # Nobody reads the response, or too slowly.
            await self._serve(scope, receive, send)

    def _run_here(self) -> None:
        """Have the engine wait in this event loop."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self.engine.run_in(self._loop)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return

    @property
    def engine(self) -> QueryEngine:
        """The engine that answers queries."""
        return self.resources.store.engine

    def stop(self) -> None:
        """Answer no more: whoever waits gets 503 and is told to ask again."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        self.page_threads.shutdown(wait=False, cancel_futures=True)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._requests.take(1)
        except PublisherError as problem:
            await self._send(scope["method"], self._responses.plain_problem(problem), send)
            return
        client = Client(self, receive)
        try:
            with self._bodies.share() as body:
                reply = await self._reply_unless_stopped(scope, receive, client, body)
            await self._send(scope["method"], reply, send)
        finally:
            client.forget()
            self._requests.give_back(1)

    async def _reply_unless_stopped(self, scope: Scope, receive: Receive, client: "Client", body: Any) -> Reply | Kept:
        """The reply; 503 where the server stops before it is there."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if self._stopping:
                return self._stopped()
            return await self._reply(scope, receive, client, body)
        except asyncio.CancelledError:
            if not self._stopping:
                raise
            task.uncancel()
            return self._stopped()
        finally:
            self._tasks.discard(task)

    def _stopped(self) -> Reply:
        problem = overloaded("The server is stopping.")
        problem.headers["Connection"] = "close"
        return self._responses.plain_problem(problem)

    async def _reply(self, scope: Scope, receive: Receive, client: "Client", body: Any) -> Reply | Kept:
        """The reply to a request, an error of any kind included."""
        try:
            request = read_head(scope)
        except PublisherError as problem:
            return self._responses.plain_problem(problem)
        try:
            if request.method == "POST":
                request = request._replace(body=await read_body(request, receive, self._limits.length, body))
            if self._endpoint.owns(request.path):
                return await self._endpoint.respond(request, client)
            return await self._page(request, client)
        except ClientLeftError:
            raise
        except Exception as error:  # Whatever it is, the client gets a problem document.
            return await self._problem(error, request, client)

    async def _problem(self, error: Exception, request: Request, client: "Client") -> Reply:
        """An error as a reply; where no thread is free to make a page of it, as a problem document."""
        try:
            return await client.in_page_thread(self._responses.problem, error, request.path[1:], request.accept)
        except PublisherError as problem:
            return self._responses.plain_problem(problem)

    # Pages

    async def _page(self, request: Request, client: "Client") -> Reply | Kept:
        """The reply of a page, kept or made now. Requests for a page that is being made wait for it."""
        reduced = self._routes.reduce(request)
        key = key_of_page(reduced)
        while key is not None:
            kept = self._cache.find(key, reduced)
            if kept:
                return kept
            if key not in self._making:
                break
            await asyncio.shield(self._making[key])
        if key is None:
            return await self._make(request, reduced, client)
        self._making[key] = asyncio.get_running_loop().create_future()
        try:
            return validated(await self._make_and_keep(key, request, reduced, client), reduced)
        finally:
            self._making.pop(key).set_result(None)

    async def _make_and_keep(self, key: Key, request: Request, reduced: Request, client: "Client") -> Reply:
        reply = await self._make(request, reduced, client)
        if isinstance(reply.body, bytes) and self._cache.keeps(reply.status, reply.headers):
            self._cache.keep(key, reply.headers, reply.body)
        return reply

    async def _make(self, request: Request, reduced: Request, client: "Client") -> Reply:
        return await client.in_page_thread(self._call, request, reduced)

    def _call(self, request: Request, reduced: Request) -> Reply:
        """Call the application of the pages; an error in the form that the request itself accepts."""
        try:
            return call_wsgi(self._pages, reduced)
        except Exception as error:
            try:
                return self._responses.problem(error, request.path[1:], request.accept)
            finally:
                _forget_frames(error)

    # Sending

    async def _send(self, method: str, reply: Reply | Kept, send: Send) -> None:
        """Send a reply as fast as the client takes it. Raises TimeoutError where that is too slow."""
        headers = reply.headers if isinstance(reply, Kept) else encode(self._common.complete(method, reply.headers))
        body = reply.body
        if method == "HEAD":
            close(body)
            body = b""
        if isinstance(body, bytes) and len(body) <= CHUNK:
            await send({"type": "http.response.start", "status": reply.status, "headers": headers})
            await send({"type": "http.response.body", "body": body})
        else:
            await self._send_large(reply.status, headers, body, send)

    async def _send_large(self, status: int, headers: Sequence[Encoded], body: bytes | BinaryIO, send: Send) -> None:
        """Send a large body piece by piece; a file is closed here."""
        with self._large.share() as large, self._spooled.share() as spooled:
            try:
                large.take(1)
                spooled.take(0 if isinstance(body, bytes) else int(dict(headers)[b"content-length"]))
            except PublisherError as problem:
                close(body)
                await self._send("GET", self._responses.plain_problem(problem), send)
                return
            await send({"type": "http.response.start", "status": status, "headers": headers})
            if isinstance(body, bytes):
                await _send_pieces(body, send)
            else:
                await self._send_file(body, send)
            await send({"type": "http.response.body", "body": b""})

    async def _send_file(self, body: BinaryIO, send: Send) -> None:
        loop = asyncio.get_running_loop()
        with body as file:
            while piece := await loop.run_in_executor(self.file_threads, file.read, PIECE):
                await _send_pieces(piece, send)


class Client:
    """The client of one request, which is watched from when somebody asks whether it still waits.

    Args:
        application: Whose threads are used.
        receive: Of the request, whose body has been read.
    """

    def __init__(self, application: Application, receive: Receive) -> None:
        self._application = application
        self._receive = receive
        self._left = False
        self._watching: asyncio.Task[None] | None = None

    def is_waiting(self) -> bool:
        """Whether the client still waits for its response."""
        if not self._watching:
            self._watching = asyncio.get_running_loop().create_task(self._watch())
        return not self._left

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._left = True

    def forget(self) -> None:
        """Watch no more."""
        if self._watching:
            self._watching.cancel()

    async def in_page_thread(self, function: Callable[..., T], *arguments: object) -> T:
        """Call a function in a page thread. Raises OverloadedError where too many wait, ClientLeftError if it left."""
        application = self._application
        with application.waiting_pages.share() as share:
            share.take(1)
            if application.waiting_pages.used > application.threads:
                self.is_waiting()
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(application.page_threads, self._unless_left, function, arguments)

    def _unless_left(self, function: Callable[..., T], arguments: tuple[object, ...]) -> T:
        if self._left:
            raise ClientLeftError
        return function(*arguments)

    async def in_file_thread(self, function: Callable[..., T], *arguments: object) -> T:
        """Call a function in one of the threads that read files."""
        return await asyncio.get_running_loop().run_in_executor(self._application.file_threads, function, *arguments)


async def _send_pieces(body: bytes, send: Send) -> None:
    """Send bytes in pieces that the HTTP server passes on one after the other. Raises TimeoutError."""
    for start in range(0, len(body), CHUNK):
        async with asyncio.timeout(SEND_SECONDS):
            await send({"type": "http.response.body", "body": body[start : start + CHUNK], "more_body": True})


# Flask is a WSGI application


def call_wsgi(app: "WSGIApplication", request: Request) -> Reply:
    """Call a WSGI application (PEP 3333), and read all of its response."""
    started: list[tuple[str, list[Header]]] = []

    def start(status: str, headers: list[Header], _error: Any = None) -> "Callable[[bytes], object]":
        started[:] = [(status, headers)]
        return _refuse_writing

    pieces = app(_environment(request), start)
    try:
        body = b"".join(pieces)
    finally:
        getattr(pieces, "close", lambda: None)()
    status, headers = started[0]
    return Reply(HTTPStatus(int(status[:3])), headers, body)


def _forget_frames(error: BaseException | None) -> None:
    """Release the frames that an error went through: one of them refers to the error (in Flask), and the garbage
    collector would have to find the circle."""
    while error:
        error.__traceback__ = None
        error = error.__context__


def _refuse_writing(_data: bytes) -> object:
    raise NotImplementedError("No application here writes by itself.")


def _environment(request: Request) -> "WSGIEnvironment":
    """The environment of a request without a body; HEAD is GET, whose body is not sent."""
    name, _, port = request.host.rpartition(":") if request.host.rstrip("0123456789")[-1:] == ":" else ("", "", "")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": "GET" if request.method == "HEAD" else request.method,
        "SCRIPT_NAME": request.root,
        "PATH_INFO": request.path,
        "QUERY_STRING": request.query_string,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": name or request.host,
        "SERVER_PORT": port or "80",
        "REMOTE_ADDR": request.client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name not in ("content-type", "content-length", "transfer-encoding"):
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    environ["HTTP_HOST"] = request.host
    return environ
