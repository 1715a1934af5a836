"""Trusted queries over HTTP: those that the publisher makes of terms itself; for threads without an event loop.

The requests run in an event loop of their own, where the time limit of a request holds whatever the endpoint does.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

import httpx
import pyoxigraph as ox

from publisher.errors import EndpointTimeoutError, PublisherError
from publisher.formats import FORM, TURTLE, Format
from publisher.sparql.contained import start_loop, stop_loop
from publisher.sparql.http_client import (
    Access,
    accept,
    announced_size,
    client_options,
    connection_error,
    display_address,
    endpoint_error,
    find_format,
    fix_virtuoso,
    flatten,
    is_virtuoso,
    status_error,
)
from publisher.sparql.workers.frames import CHUNK
from publisher.sparql.workers.spool import result_limit

ATTEMPTS: Final = 2
"""Times that a request is sent: the endpoint may close a kept connection just when it is used again."""

T = TypeVar("T")
Fields = Sequence[tuple[str, str]]


class TrustedEndpoint:
    """An endpoint that is asked with trusted queries.

    access: to it. seconds: in which a query has to be answered. connections: open at the same time; further requests
    wait. limit: bytes of an answer.
    Its methods raise EndpointFailedError, EndpointTimeoutError, BusyError, MalformedError or ResultLimitError.
    """

    def __init__(self, access: Access, seconds: float, connections: int, limit: int, name: str = "") -> None:
        """name: of the endpoint in messages; its address if empty.

        address: as messages for the operator show it."""
        self.url = access.url
        self.address = display_address(access.url)
        self._name = name or self.address
        self._seconds = seconds
        self._limit = limit
        self._client = httpx.AsyncClient(**client_options(access, seconds, connections))
        self._loop, self._thread = start_loop()

    def close(self) -> None:
        """Close the connections."""
        self._run(self._client.aclose())
        stop_loop(self._loop, self._thread)

    def construct(self, query: str, seconds: float = 0) -> list[ox.Triple]:
        """Return the triples of a CONSTRUCT query. seconds: in which it has to be answered, if not as usual."""
        body, form = self._run(self._ask(query, "graph", seconds or self._seconds))
        try:
            return [quad.triple for quad in ox.parse(body, format=ox.RdfFormat.from_media_type(form.media_type))]
        except (SyntaxError, ValueError) as error:
            raise self._syntax_error(form, error) from error

    def select(self, query: str, seconds: float = 0) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT query, each with the values of its terms; None where one is unbound."""
        body, form = self._run(self._ask(query, "results", seconds or self._seconds))
        try:
            rows: Any = ox.parse_query_results(body, format=ox.QueryResultsFormat.from_media_type(form.media_type))
            return [tuple(term and term.value for term in row) for row in rows]
        except (SyntaxError, ValueError, TypeError) as error:
            raise self._syntax_error(form, error) from error

    def update(self, update: str, *, once: bool = False) -> None:
        """Run a SPARQL Update. once: whether it is not sent again where the connection breaks: it may have been run."""
        self._run(self._send_form([("update", update)], "*/*", self._seconds, once=once))

    def change_graph(self, method: str, graph: str, turtle: str = "", *, once: bool = False) -> None:
        """Change a graph of a graph store (SPARQL 1.1 Graph Store HTTP Protocol, section 5).

        method: PUT replaces it, POST adds to it, DELETE removes it, if there is one. turtle: what is added, in Turtle.
        once: as in `update`.
        """
        address = f"{self.url}{'&' if '?' in self.url else '?'}{urlencode({'graph': graph})}"
        build = partial(
            self._client.build_request,
            method,
            address,
            content=turtle.encode() or None,
            headers={"Content-Type": TURTLE.media_type},
        )
        self._run(self._send(build, self._seconds, [httpx.codes.NOT_FOUND] * (method == "DELETE"), once=once))

    def _run(self, task: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(task, self._loop).result()

    async def _ask(self, query: str, kind: str, seconds: float) -> tuple[bytes, Format]:
        response, body = await self._send_form([("query", query)], accept([kind]), seconds)
        found, form = find_format(self._name, response)
        if found != kind:
            raise endpoint_error(self._name, f"returned {form.label}, which does not fit the query")
        return body, form

    async def _send_form(
        self, form: Fields, accepted: str, seconds: float, *, once: bool = False
    ) -> tuple[httpx.Response, bytes]:
        headers = {"Accept": accepted, "Content-Type": FORM}
        build = partial(self._client.build_request, "POST", self.url, content=urlencode(form), headers=headers)
        return await self._send(build, seconds, once=once)

    async def _send(
        self,
        build: Callable[..., httpx.Request],
        seconds: float,
        allowed: Sequence[int] | None = None,
        *,
        once: bool = False,
    ) -> tuple[httpx.Response, bytes]:
        """Send a request; return the response, and its whole body.

        allowed: error statuses that are none here; given where the body of the response does not matter.
        """
        timeout = httpx.Timeout(seconds, connect=self._client.timeout.connect)
        for last in range(0 if once else 1 - ATTEMPTS, 1):
            request = build(timeout=timeout)
            try:
                async with asyncio.timeout(seconds):
                    response = await self._client.send(request, stream=True)
                    try:
                        return response, await self._receive(response, allowed)
                    finally:
                        await response.aclose()
            except TimeoutError:
                raise EndpointTimeoutError(f"{self._name} did not answer in {seconds:g} s.") from None
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
                if last == 0:
                    raise connection_error(self._name, error) from error
            except httpx.HTTPError as error:
                raise connection_error(self._name, error) from error
        raise AssertionError("the last attempt returns or raises")

    async def _receive(self, response: httpx.Response, allowed: Sequence[int] | None) -> bytes:
        """Receive the body. Raises the error of an error status."""
        if not response.is_success and response.status_code not in (allowed or ()):
            start = await anext(response.aiter_raw(), b"")
            raise status_error(self._name, response, start[:CHUNK])
        if allowed is not None:
            return b""
        announced_size(self._name, response)
        body = bytearray()
        async for piece in response.aiter_raw():
            body += piece
            if len(body) > self._limit:
                raise result_limit(self._limit)
        return b"".join(fix_virtuoso([bytes(body)])) if is_virtuoso(response) else bytes(body)

    def _syntax_error(self, form: Format, error: Exception) -> PublisherError:
        return endpoint_error(self._name, f"sent invalid {form.label}: {flatten(str(error))}")
