"""The ASGI application: queries on the event loop, pages in a bounded thread pool, responses at the client's pace.

ASGI 3.0 with HTTP connection scope 2.3 and lifespan 2.0. Everything that a client makes the application hold has a
total (`budget`) and a time limit.
"""

import asyncio
import contextlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from publisher.errors import PublisherError
from publisher.sparql.engine import Limits, QueryEngine
from publisher.web.budget import Budget, make_overload_error
from publisher.web.cache import Cache, Kept, Key, revalidate
from publisher.web.client import Client, Threads
from publisher.web.endpoint import Endpoint
from publisher.web.forwarded import TrustedProxies
from publisher.web.headers import VARY_AGENT, CommonHeaders, encode
from publisher.web.requests import ClientLeftError, Receive, Request, Scope, Send, read_body, read_head
from publisher.web.responses import Reply, Responses, as_problem
from publisher.web.routes import Routes
from publisher.web.sending import Sender
from publisher.web.wsgi import call_wsgi, forget_frames

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

REDIRECTS: Final = (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.SEE_OTHER, HTTPStatus.PERMANENT_REDIRECT)
REQUESTS: Final = 1000
"""Requests that are read, answered and sent at the same time."""
BODIES: Final = 64 << 20
"""Bytes of request bodies that are held at the same time."""


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
        proxies: TrustedProxies,
        threads: int,
    ) -> None:
        """pages: the application of the pages; it raises errors. threads: number of threads that call it."""
        self.resources = responses.resources
        self._pages = pages
        self._routes = routes
        self._responses = responses
        self._endpoint = endpoint
        self._cache = cache
        self._limits = limits
        self._proxies = proxies
        self.threads = Threads(threads)
        self.sender = Sender(common, responses, limits)
        self._requests = Budget(REQUESTS, "requests")
        self._bodies = Budget(BODIES, "bytes of requests")
        self._making: dict[Key, asyncio.Future[None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the start and the end of a server (ASGI, "Lifespan Protocol")."""
        self._run_here()
        if scope["type"] == "lifespan":
            await self._handle_lifespan(receive, send)
            return
        if scope["type"] != "http":
            raise NotImplementedError(f"There is no answer to the scope {scope['type']!r}.")
        with contextlib.suppress(ClientLeftError, TimeoutError):
            # The client does not read the response, or too slowly.
            await self._serve(scope, receive, send)

    def _run_here(self) -> None:
        """Make the engine use this event loop."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self.engine.run_in(self._loop)

    async def _handle_lifespan(self, receive: Receive, send: Send) -> None:
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
        """Stop answering: waiting requests get 503 with Retry-After. The engine ends, before it could put new
        processes in the place of those whose queries are cancelled."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        self.engine.close()
        self.threads.stop()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = Client(self.threads, receive)
        try:
            self._requests.take(1)
        except PublisherError as problem:
            await self.sender.send(scope["method"], self._responses.plain_problem(problem), client, send)
            return
        try:
            reply = await self._reply_unless_stopped(scope, receive, client)
            await self.sender.send(scope["method"], reply, client, send)
        finally:
            client.forget()
            self._requests.give_back(1)

    async def _reply_unless_stopped(self, scope: Scope, receive: Receive, client: Client) -> Reply | Kept:
        """The reply; 503 where the server stops before it is there."""
        if self._stopping:
            return self._reject_when_stopped()
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            return await self._reply(scope, receive, client)
        except asyncio.CancelledError:
            if not self._stopping:
                raise
            task.uncancel()
            return self._reject_when_stopped()
        finally:
            self._tasks.discard(task)

    def _reject_when_stopped(self) -> Reply:
        problem = make_overload_error("The server is stopping.")
        problem.headers["Connection"] = "close"
        return self._responses.plain_problem(problem)

    async def _reply(self, scope: Scope, receive: Receive, client: Client) -> Reply | Kept:
        """The reply to a request, an error of any kind included."""
        try:
            request = self._proxies.resolve(read_head(scope))
        except PublisherError as problem:
            return self._responses.plain_problem(problem)
        try:
            if request.method != "POST":
                return await self._answer(request, client)
            with self._bodies.share() as held:
                body = await read_body(request, receive, self._limits.length, held)
                return await self._answer(request._replace(body=body), client)
        except ClientLeftError:
            raise
        except Exception as error:  # The client gets a problem document for any error.
            return await self._problem(error, request, client)

    async def _answer(self, request: Request, client: Client) -> Reply | Kept:
        if self._endpoint.owns(request.path):
            return await self._endpoint.respond(request, client)
        reduced, key, reads_agent = self._routes.reduce(request)
        reply = await self._page(request, reduced, key, client)
        if reply.status in REDIRECTS and isinstance(reply, Reply):
            return self._responses.keep_query_string(reply, request)
        if not reads_agent or reply.status not in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            return reply
        if isinstance(reply, Kept):
            return reply._replace(headers=[*reply.headers, *encode([VARY_AGENT])])
        return reply._replace(headers=[*reply.headers, VARY_AGENT])

    async def _problem(self, error: Exception, request: Request, client: Client) -> Reply:
        """An error as a reply; where no thread is free to make a page of it, as a problem document.

        A client that seems to have left may have sent malformed chunks, and wait for the response.
        """
        try:
            return await client.in_page_thread(self._responses.problem, error, request.path[1:], request.accept)
        except PublisherError as problem:
            return self._responses.plain_problem(problem)
        except ClientLeftError:
            return self._responses.plain_problem(as_problem(error))

    # Pages

    async def _page(self, request: Request, reduced: Request, key: Key | None, client: Client) -> Reply | Kept:
        """The reply of a page, kept or made now. Requests for a page that is being made wait for it."""
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
            reply = await self._make(request, reduced, client)
            if isinstance(reply.body, bytes) and self._cache.keeps(reply.status, reply.headers):
                self._cache.keep(key, reply.headers, reply.body)
            return self._cache.find(key, reduced) or revalidate(reply, reduced)
        finally:
            self._making.pop(key).set_result(None)

    async def _make(self, request: Request, reduced: Request, client: Client) -> Reply:
        return await client.in_page_thread(self._call, request, reduced)

    def _call(self, request: Request, reduced: Request) -> Reply:
        """Call the application of the pages; an error in the form that the request itself accepts."""
        try:
            return call_wsgi(self._pages, reduced)
        except Exception as error:
            try:
                return self._responses.problem(error, request.path[1:], request.accept)
            finally:
                forget_frames(error)
