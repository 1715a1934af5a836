"""The remote engine: any SPARQL 1.1 endpoint over HTTP; an answer counts only if it is complete.

An answer is received to its end, read by a strict parser and written anew, so that an error page, a truncated body or
an answer of the wrong kind never passes for data.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException, HTTPResponse
from tempfile import SpooledTemporaryFile
from typing import IO, Any, BinaryIO, Final, cast
from urllib.error import HTTPError, URLError
from urllib.parse import urldefrag, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

import pyoxigraph as ox

from publisher import __version__
from publisher.errors import (
    BusyError,
    CannotRunError,
    EndpointFailedError,
    MalformedError,
    NotAcceptableError,
    PublisherError,
    QuerySyntaxError,
    TooSlowError,
)
from publisher.formats import GRAPHS, RESULTS, Format, parsable
from publisher.sparql.engine import CHUNK, Answer, Limits, Query, always, check_wanted
from publisher.sparql.hints import decode_hints
from publisher.sparql.lexer import tokenize
from publisher.sparql.workers.spool import SPOOL_MEMORY, Capped, result_limit

LONGEST_ADDRESS: Final = 2000
"""Characters of an address that every server accepts; a longer query is sent as a form (SPARQL 1.1 Protocol, 2.1.2)."""
LONGEST_QUOTE: Final = 500
"""Characters that are quoted from an error that is not a problem document."""

_READ: Final[Mapping[str, Sequence[Format]]] = {
    "results": parsable(RESULTS),
    "graph": parsable(GRAPHS),
}
"""Kind of answer -> the formats requested, the simplest to read first."""
_PARTIAL: Final = ("X-SQL-State", "X-SQL-Message", "X-SPARQL-MaxRows")
"""Headers by which Virtuoso reports, under status 200, that an answer is partial."""
_MEMBERS: Final = ("limit", "value", "line", "column", "text")
"""Fields of a problem document that are passed on."""
_CANNOT_HOLD: Final = "The answer is {}, which the requested format cannot hold."
_KINDS: Final = {"results": "rows or a truth value", "graph": "a graph"}


_FORMS: Final = {"SELECT": "results", "ASK": "results", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
_PROLOGUE: Final = frozenset({"comment", "iri", "name", "string"})
"""Kinds of tokens that may stand before the form of a query, with the keywords BASE, PREFIX and VERSION."""
_WEB: Final = ("http", "https")


class _Redirects(HTTPRedirectHandler):
    """Follows redirects of GET to http and https only; a redirected form would lose its query."""

    def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        if req.data is not None or urlsplit(newurl).scheme not in _WEB:
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Remote:
    """The query engine over another endpoint.

    url: its http or https address. prefixes: prefix -> namespace, for graphs in Turtle and RDF/XML. limits: of these,
    `wall` (seconds without data, and from the request to the end of the answer) and `result` (bytes received, and
    bytes written) count.
    Raises CannotRunError if the address is not valid.
    """

    def __init__(self, url: str, prefixes: Mapping[str, str], limits: Limits) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _WEB or not parts.hostname:
            raise CannotRunError(f"{url!r} is not the address of an endpoint: it needs http:// or https://.")
        self._url = urldefrag(url).url
        self._prefixes = prefixes
        self._limits = limits
        self._opener: OpenerDirector = build_opener(_Redirects)

    def run_in(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do nothing: each query has a thread of its own."""

    async def answer(self, query: Query, wanted: Callable[[], bool] = always) -> Answer:
        """Answer a query in a thread. Raises as `ask` does."""
        return await asyncio.to_thread(self.ask, query, wanted)

    def ask(self, query: Query, wanted: Callable[[], bool] = always) -> Answer:
        """Answer a query.
        Raises EndpointFailedError, MalformedError, BusyError, TooSlowError, ResultLimitError or NotAcceptableError.

        wanted: whether the client still waits; checked between the pieces of the endpoint's answer.
        """
        deadline = time.monotonic() + self._limits.wall
        limit = min(query.result_limit or self._limits.result, self._limits.result)
        with SpooledTemporaryFile(SPOOL_MEMORY) as received:
            with self._open(query) as response:
                kind, form = self._check_headers(response, query)
                hints = decode_hints(response.headers.get("Query-Hints"))
                try:
                    self._receive(response, received, limit, deadline, wanted)
                except (OSError, HTTPException) as error:
                    raise self._connection_error(error) from error
            received.seek(0)
            return self._convert(received, kind, form, query, limit)._replace(hints=hints)

    def close(self) -> None:
        """Do nothing: no connection stays open between queries."""

    def _open(self, query: Query) -> HTTPResponse:
        fields = [("query", query.text)]
        fields += [("default-graph-uri", iri) for iri in query.default_graphs or ()]
        fields += [("named-graph-uri", iri) for iri in query.named_graphs or ()]
        form = urlencode(fields)
        address = f"{self._url}{'&' if '?' in self._url else '?'}{form}"
        wanted = {"results": query.results, "graph": query.graph}
        kinds = [kind for kind in _READ if wanted[kind] and _gives(query) in (kind, None)]
        if not kinds:
            raise NotAcceptableError(_CANNOT_HOLD.format(_KINDS[_gives(query) or "graph"]))
        accept = [offer for kind in kinds for offer in _READ[kind]]
        headers = {
            "Accept": ", ".join(f"{f.media_type};q={1 - place / 10:g}" for place, f in enumerate(accept)),
            "User-Agent": f"ma-coalitions-publisher/{__version__}",
        }
        if len(address) <= LONGEST_ADDRESS:
            request = Request(address, headers=headers)  # noqa: S310 - the scheme was looked at
        else:
            request = Request(self._url, form.encode(), headers)  # noqa: S310
        try:
            return cast(HTTPResponse, self._opener.open(request, timeout=self._limits.wall))
        except HTTPError as error:
            with error:
                raise self._status_error(error) from error
        except (OSError, HTTPException) as error:
            raise self._connection_error(error) from error

    def _check_headers(self, response: HTTPResponse, query: Query) -> tuple[str, Format]:
        """Return the kind and the format of an answer that may be complete, from its status and headers."""
        headers = response.headers
        partial = next((f"{name}: {headers[name]}" for name in _PARTIAL if name in headers), None)
        if response.status != 200 or partial:
            said = partial or f"status {response.status}"
            raise self._endpoint_error(f"returned a partial answer ({_flatten(said)})")
        if headers.get("Content-Encoding", "identity").lower() != "identity":
            raise self._endpoint_error("returned a compressed answer that was not requested")
        media_type = headers.get_content_type()
        offers = [(kind, form) for kind, forms in _READ.items() for form in forms]
        own = [pair for pair in offers if media_type == pair[1].media_type]
        found = next(iter(own + [pair for pair in offers if media_type in pair[1].aliases]), None)
        if found is None:
            raise self._endpoint_error(f"returned {_flatten(media_type)}, which is not a query result")
        if _gives(query) not in (found[0], None):
            raise self._endpoint_error(
                f"returned {_KINDS[found[0]]}, which does not fit the query: it may not be a SPARQL endpoint"
            )
        if (query.results if found[0] == "results" else query.graph) is None:
            raise NotAcceptableError(_CANNOT_HOLD.format(_KINDS[found[0]]))
        return found

    def _receive(
        self,
        response: HTTPResponse,
        received: IO[bytes],
        limit: int,
        deadline: float,
        wanted: Callable[[], bool],
    ) -> None:
        """Receive the body to its announced end."""
        if response.length is None and not response.chunked:
            raise self._endpoint_error("sent no Content-Length, so a truncated answer could not be detected")
        size = response.length or 0
        while size <= limit and (piece := response.read1(CHUNK)):
            received.write(piece)
            size = max(size, received.tell())
            if time.monotonic() > deadline:
                raise TimeoutError
            check_wanted(wanted)
        if size > limit:
            raise result_limit(limit)
        if response.length:
            raise self._endpoint_error(f"sent {response.length} bytes less than announced")

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
            raise self._endpoint_error(f"sent invalid {form.label}: {_flatten(str(error))}") from error
        except BaseException:
            body.close()
            raise
        size = body.tell()
        body.seek(0)
        return Answer(kind, wanted, body, size, repeatable=False)

    def _status_error(self, error: HTTPError) -> PublisherError:
        """Return the error for an endpoint's error status, with the endpoint's own message if it sent one (RFC
        9457)."""
        words, members = _read_error(error)
        detail = f"{self._url} answers {error.code} {error.reason}" + (f": {words}" if words else ".")
        if error.code == 400:
            at_line = {"line", "column"} <= members.keys()
            return QuerySyntaxError(words, **members) if at_line else MalformedError(detail, **members)
        if error.code in (429, 503):
            problem = BusyError(detail, **members)
            problem.headers |= {name: value for name, value in error.headers.items() if name == "Retry-After"}
            return problem
        return EndpointFailedError(detail, **members)

    def _connection_error(self, error: Exception) -> PublisherError:
        """Return the error of a connection that failed."""
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, TimeoutError):
            limit = self._limits.wall
            return TooSlowError(
                f"{self._url} exceeded the wall-clock limit of {limit:g} s.", limit="wall-clock", value=limit
            )
        words = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        return self._endpoint_error(f"cannot be reached, or the connection broke: {_flatten(words)}")

    def _endpoint_error(self, words: str) -> EndpointFailedError:
        return EndpointFailedError(f"{self._url} {words}.")


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


def _read_error(error: HTTPError) -> tuple[str, dict[str, Any]]:
    """Return the text of an error's body and the members of its problem document; empty if it is a web page."""
    try:
        body = error.read(CHUNK).decode(errors="replace")
    except (OSError, HTTPException):
        return "", {}
    media_type = error.headers.get_content_type()
    if media_type.endswith("json"):
        try:
            document = json.loads(body)
        except ValueError:
            document = None
        if isinstance(document, dict) and "detail" in document:
            return _flatten(str(document["detail"])), {name: document[name] for name in _MEMBERS if name in document}
    return ("", {}) if "html" in media_type else (_flatten(body)[:LONGEST_QUOTE], {})


def _flatten(words: str) -> str:
    """Return foreign text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())
