"""A served release: one immutable value that answers every request from one open release, and nothing of another."""

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from publisher.dataset.iris import STATIC_PATH
from publisher.errors import MalformedError, PublisherError
from publisher.pages.site import Pages
from publisher.release.store import Store
from publisher.sparql.engine import QueryEngine
from publisher.web.ask import Asking
from publisher.web.cache import Cache, Key
from publisher.web.client import Client
from publisher.web.endpoint import METHODS, Endpoint
from publisher.web.headers import CommonHeaders, vary_by_agent
from publisher.web.requests import ClientLeftError, Request
from publisher.web.responses import Complete, Reply, Responses, as_problem, list_methods
from publisher.web.routes import Routes
from publisher.web.selection import Selection
from publisher.web.wsgi import call_wsgi, forget_frames

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

REDIRECTS: Final = (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.SEE_OTHER, HTTPStatus.PERMANENT_REDIRECT)


class ServedRelease:
    """Answers requests over one open release. Its cache holds responses of this release only.

    Args:
        store: The open release.
        pages: The application of the pages; it raises errors.
        routes: The addresses of the pages.
        responses: Makes responses, errors too.
        endpoint: Answers queries.
        asking: Answers questions on pages.
        cache: The response cache.
        common: Completes headers.
        selection: Selects the copy to send.
    """

    def __init__(
        self,
        store: Store,
        pages: "WSGIApplication",
        routes: Routes,
        responses: Responses,
        endpoint: Endpoint,
        asking: Asking,
        cache: Cache,
        common: CommonHeaders,
        selection: Selection,
    ) -> None:
        self.store = store
        self.resources = responses.resources
        self.cache = cache
        self._pages = pages
        self._routes = routes
        self._responses = responses
        self._endpoint = endpoint
        self._asking = asking
        self._common = common
        self._selection = selection
        self._making: dict[Key, asyncio.Future[None]] = {}

    @property
    def site(self) -> Pages:
        """The pages of the release."""
        return self._responses.pages

    @property
    def engine(self) -> QueryEngine:
        """The engine that answers queries."""
        return self.store.engine

    async def respond(self, request: Request, client: Client) -> Complete:
        """The response to a request with its body. Raises any error."""
        if request.path == "*":
            return self._respond_for_all(request)
        if not request.path.startswith(f"/{STATIC_PATH}"):  # which the page of an error needs
            self.store.check()
        if self._endpoint.owns(request.path):
            return await self._endpoint.respond(request, client)
        if self._asking.owns(request.path):
            return await self._asking.respond(request, client)
        reduced, key, reads_agent = self._routes.reduce(request)
        response = await self._page(request, reduced, key, client)
        if response.status in REDIRECTS:
            return self._responses.keep_query_string(response, request)
        if not reads_agent or response.status not in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            return response
        return response._replace(headers=vary_by_agent(response.headers))

    async def code(self, plain: Complete, request: Request, client: Client) -> Complete:
        """A plain response in the content coding that a request accepts."""
        return await self._selection.code(None, plain, request, client)

    def _respond_for_all(self, request: Request) -> Complete:
        """The response to OPTIONS for the whole server (RFC 9110, section 9.3.7). Raises MalformedError for others."""
        if request.method != "OPTIONS":
            raise MalformedError("The target `*` has a meaning for OPTIONS only.")
        return self.complete(list_methods(METHODS), request.method)

    async def report(self, error: Exception, request: Request, client: Client) -> Complete:
        """An error as a response; where no thread is free to make a page of it, as a problem document.

        A client that seems to have left may have sent malformed chunks, and wait for the response.
        """
        try:
            accept = request.accept
            reply = await client.in_page_thread(self._responses.problem, error, request.path[1:], accept)
            return await self._selection.complete(None, reply, request, client)
        except (PublisherError, ClientLeftError):
            return self.plain_problem(as_problem(error), request.method)

    def plain_problem(self, problem: PublisherError, method: str = "GET") -> Complete:
        """An error as a problem document, whatever the client accepts."""
        return self.complete(self._responses.plain_problem(problem), method)

    def complete(self, reply: Reply, method: str = "GET") -> Complete:
        """A reply that is sent as it is, with the headers of every response."""
        return Complete(reply.status, self._common.complete(method, reply.headers), reply.body)

    # Pages

    async def _page(self, request: Request, reduced: Request, key: Key | None, client: Client) -> Complete:
        """The response of a page, kept or made now. Requests for a page that is being made wait for it."""
        while key is not None:
            kept = self._selection.find(key, reduced)
            if kept:
                return kept
            if key not in self._making:
                break
            await asyncio.shield(self._making[key])
        if key is None:
            return await self._make(request, reduced, key, client)
        self._making[key] = asyncio.get_running_loop().create_future()
        try:
            kept = await self._selection.find_or_code(key, reduced, client)
            return kept or await self._make(request, reduced, key, client)
        finally:
            self._making.pop(key).set_result(None)

    async def _make(self, request: Request, reduced: Request, key: Key | None, client: Client) -> Complete:
        reply = await client.in_page_thread(self._call, request, reduced)
        return await self._selection.complete(key, reply, reduced, client)

    def _call(self, request: Request, reduced: Request) -> Reply:
        """Call the application of the pages; an error in the form that the request itself accepts."""
        try:
            return call_wsgi(self._pages, reduced)
        except Exception as error:
            try:
                return self._responses.problem(error, request.path[1:], request.accept)
            finally:
                forget_frames(error)
