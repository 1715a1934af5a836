"""The remote engine: any SPARQL 1.1 endpoint over HTTP; an answer counts only if it is complete.

An answer is received to its end, read by a strict parser and written anew, so that an error page, a truncated body or
an answer of the wrong kind never passes for data.
"""

import asyncio
import shutil
import time
from collections.abc import Callable, Mapping
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, Final, cast
from urllib.parse import urlencode

import httpx
import pyoxigraph as ox

from publisher.errors import EndpointTimeoutError, NotAcceptableError, TooSlowError
from publisher.formats import FORM, Format
from publisher.sparql import protocol
from publisher.sparql.engine import CHUNK, Answer, Limits, Load, Query, always
from publisher.sparql.hints import decode_hints
from publisher.sparql.http_client import (
    READ,
    Access,
    Body,
    accept,
    check_address,
    client_options,
    display_address,
    endpoint_error,
    find_format,
    flatten,
    receive,
)
from publisher.sparql.lexer import tokenize
from publisher.sparql.workers.spool import SPOOL_MEMORY, Capped

LONGEST_ADDRESS: Final = 2000
"""Characters of an address that every server accepts; a longer query is sent as a form (SPARQL 1.1 Protocol, 2.1.2)."""
REDIRECTS: Final = 5
"""Redirects of one query that are followed."""
_CANNOT_HOLD: Final = "The answer is {}, which the requested format cannot hold."
_KINDS: Final = {"results": "rows or a truth value", "graph": "a graph"}
_FORMS: Final = {"SELECT": "results", "ASK": "results", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
_PROLOGUE: Final = frozenset({"comment", "iri", "name", "string"})
"""Kinds of tokens that may stand before the form of a query, with the keywords BASE, PREFIX and VERSION."""


class Remote:
    """The query engine over another endpoint, for the command line.

    access: to the endpoint. prefixes: prefix -> namespace, for graphs in Turtle and RDF/XML. limits: of these,
    `wall` (seconds without data, and from the request to the end of the answer) and `result` (bytes received, and
    bytes written) count.
    Raises CannotRunError if the address is not valid.
    """

    def __init__(self, access: Access, prefixes: Mapping[str, str], limits: Limits) -> None:
        self._url = check_address(access.url)
        self._name = display_address(self._url)
        self._prefixes = prefixes
        self._limits = limits
        self._client = httpx.Client(**client_options(access, limits.wall, 1))

    def run_in(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do nothing: each query has a thread of its own."""

    async def answer(self, query: Query, wanted: Callable[[], bool] = always) -> Answer:
        """Answer a query in a thread. Raises as `ask` does."""
        return await asyncio.to_thread(self.ask, query, wanted)

    def ask(self, query: Query, wanted: Callable[[], bool] = always) -> Answer:
        """Answer a query.
        Raises EndpointFailedError, MalformedError, BusyError, TooSlowError, ResultLimitError or NotAcceptableError.

        A redirect of GET is followed, and named in a hint.
        wanted: whether the client still waits; checked between the pieces of the endpoint's answer.
        """
        try:
            return self._ask(query, wanted)
        except EndpointTimeoutError as error:
            limit = self._limits.wall
            detail = f"{self._name} exceeded the wall-clock limit of {limit:g} s."
            raise TooSlowError(detail, limit="wall-clock", value=limit) from error

    def _ask(self, query: Query, wanted: Callable[[], bool]) -> Answer:
        deadline = time.monotonic() + self._limits.wall
        limit = min(query.result_limit or self._limits.result, self._limits.result)
        request = self._request(query)
        with SpooledTemporaryFile(SPOOL_MEMORY) as received:
            with receive(self._client, request, self._name, REDIRECTS) as response:
                kind, form = self._check_kind(response, query)
                moved = [f"The endpoint redirects to {response.url.copy_with(query=None)}."]
                hints = [*moved * (response.request is not request), *decode_hints(response.headers.get("Query-Hints"))]
                shutil.copyfileobj(Body(self._name, response, limit, deadline, wanted), received, CHUNK)
            received.seek(0)
            return self._convert(received, kind, form, query, limit)._replace(hints=hints)

    def load(self) -> Load:
        """Nothing is known of the endpoint's processes."""
        return Load()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _request(self, query: Query) -> httpx.Request:
        form = urlencode(protocol.parameters(query))
        address = f"{self._url}{'&' if '?' in self._url else '?'}{form}"
        wanted = {"results": query.results, "graph": query.graph}
        kinds = [kind for kind in READ if wanted[kind] and _gives(query) in (kind, None)]
        if not kinds:
            raise NotAcceptableError(_CANNOT_HOLD.format(_KINDS[_gives(query) or "graph"]))
        headers = {"Accept": accept(kinds)}
        if len(address) <= LONGEST_ADDRESS:
            return self._client.build_request("GET", address, headers=headers)
        headers["Content-Type"] = FORM
        return self._client.build_request("POST", self._url, content=form.encode(), headers=headers)

    def _check_kind(self, response: httpx.Response, query: Query) -> tuple[str, Format]:
        """Return the kind and the format of an answer, from its headers; check that it fits the query."""
        kind, form = find_format(self._name, response)
        if _gives(query) not in (kind, None):
            raise endpoint_error(
                self._name, f"returned {_KINDS[kind]}, which does not fit the query: it may not be a SPARQL endpoint"
            )
        if (query.results if kind == "results" else query.graph) is None:
            raise NotAcceptableError(_CANNOT_HOLD.format(_KINDS[kind]))
        return kind, form

    def _convert(self, received: IO[bytes], kind: str, form: Format, query: Query, limit: int) -> Answer:
        """Return the answer in the requested format, once all of it is parsed."""
        wanted = str(query.results if kind == "results" else query.graph)
        body = cast(BinaryIO, SpooledTemporaryFile(SPOOL_MEMORY))  # noqa: SIM115 - who asked closes it
        output = cast(IO[bytes], Capped(body, limit))  # the serializer calls nothing but write and flush
        try:
            write = _write_rows if kind == "results" else _write_graph
            write(received, form.media_type, output, wanted, self._prefixes)
        except (SyntaxError, ValueError) as error:
            body.close()
            raise endpoint_error(self._name, f"sent invalid {form.label}: {flatten(str(error))}") from error
        except BaseException:
            body.close()
            raise
        size = body.tell()
        body.seek(0)
        return Answer(kind, wanted, body, size, repeatable=False)


def _gives(query: Query) -> str | None:
    """Return the kind of answer that a query gives; None if its first keyword does not determine it."""
    for token in tokenize(query.text):
        word = token.text.upper()
        if token.kind == "word" and word in _FORMS:
            return _FORMS[word]
        if token.kind not in _PROLOGUE and word not in ("BASE", "PREFIX", "VERSION"):
            return None
    return None


def _write_rows(received: IO[bytes], media_type: str, output: IO[bytes], wanted: str, _: Mapping[str, str]) -> None:
    rows = ox.parse_query_results(received, format=ox.QueryResultsFormat.from_media_type(media_type))
    try:
        rows.serialize(output, format=ox.QueryResultsFormat.from_media_type(wanted))
    finally:
        del rows  # only this thread may release them, and the traceback of an error would carry them elsewhere


def _write_graph(
    received: IO[bytes], media_type: str, output: IO[bytes], wanted: str, prefixes: Mapping[str, str]
) -> None:
    quads = ox.parse(received, format=ox.RdfFormat.from_media_type(media_type))
    triples = (quad.triple for quad in quads)
    ox.serialize(triples, output, format=ox.RdfFormat.from_media_type(wanted), prefixes=dict(prefixes))
