"""The remote engine: any SPARQL 1.1 endpoint over HTTP; an answer counts only if it is complete.

What an endpoint sends is received to its end, read by a strict parser and written anew, so that a page of apologies, a
body cut short or an answer of the wrong kind never passes for data.
"""

import asyncio
import json
import re
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
from publisher.sparql.workers.spool import SPOOL_MEMORY, Capped, result_limit

LONGEST_ADDRESS: Final = 2000
"""Characters of an address that every server takes; a longer query is sent as a form (SPARQL 1.1 Protocol, 2.1.2)."""
LONGEST_EXCUSE: Final = 500
"""Characters that are quoted of an error that is not a problem document."""

_READ: Final[Mapping[str, Sequence[Format]]] = {
    "results": parsable(RESULTS),
    "graph": parsable(GRAPHS),
}
"""What endpoints are asked for, kind -> formats, the simplest to read first."""
_PARTIAL: Final = ("X-SQL-State", "X-SQL-Message", "X-SPARQL-MaxRows")
"""Headers by which Virtuoso says, under status 200, that an answer is a part of the whole."""
_MEMBERS: Final = ("limit", "value", "line", "column", "text")
"""Fields of a problem document that ours have too."""
_CANNOT_HOLD: Final = "The answer is {}, which the format asked for cannot hold."
_KINDS: Final = {"results": "rows or a truth value", "graph": "a graph"}


_FORMS: Final = {"SELECT": "results", "ASK": "results", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
_FORM: Final = re.compile(
    r"(?:\s+|#[^\n]*|BASE\s*<[^>]*>|PREFIX\s+[^\s:]*:\s*<[^>]*>)*+(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE
)
"""What comes before the word that says what a query gives (SPARQL 1.1, section 19.8, rule 4)."""


_WEB: Final = ("http", "https")


class _Redirects(HTTPRedirectHandler):
    """Follows a query in an address, on the web; a form would lose its query on the way and ask for something else."""

    def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        if req.data is not None or urlsplit(newurl).scheme not in _WEB:
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Remote:
    """The engine over somebody's endpoint.

    url: its http or https address. prefixes: prefix -> namespace, for graphs in Turtle and RDF/XML. limits: of these,
    `wall` (seconds for each silence, and from the question to the end of the answer) and `result` (bytes received, and
    bytes written) count.
    Raises CannotRunError where the address is none.
    """

    def __init__(self, url: str, prefixes: Mapping[str, str], limits: Limits) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _WEB or not parts.hostname:
            raise CannotRunError(f"{url!r} is no address of an endpoint: it takes http:// or https://.")
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

        wanted: whether the client still waits; looked at between the pieces of the endpoint's answer.
        """
        deadline = time.monotonic() + self._limits.wall
        limit = min(query.result_limit or self._limits.result, self._limits.result)
        with SpooledTemporaryFile(SPOOL_MEMORY) as received:
            with self._open(query) as response:
                kind, form = self._form(response, query)
                try:
                    self._receive(response, received, limit, deadline, wanted)
                except (OSError, HTTPException) as error:
                    raise self._failure(error) from error
            received.seek(0)
            return self._written(received, kind, form, query, limit)

    def close(self) -> None:
        """Nothing is kept open between queries."""

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
                raise self._refusal(error) from error
        except (OSError, HTTPException) as error:
            raise self._failure(error) from error

    def _form(self, response: HTTPResponse, query: Query) -> tuple[str, Format]:
        """The kind and the format of an answer that may be whole, from its status and headers."""
        headers = response.headers
        partial = next((f"{name}: {headers[name]}" for name in _PARTIAL if name in headers), None)
        if response.status != 200 or partial:
            said = partial or f"status {response.status}"
            raise self._failed(f"says that its answer is not the whole one ({_plain(said)})")
        if headers.get("Content-Encoding", "identity").lower() != "identity":
            raise self._failed("answers in a compressed form that was not asked for")
        media_type = headers.get_content_type()
        offers = [(kind, form) for kind, forms in _READ.items() for form in forms]
        own = [pair for pair in offers if media_type == pair[1].media_type]
        found = next(iter(own + [pair for pair in offers if media_type in pair[1].aliases]), None)
        if found is None:
            raise self._failed(f"answers with {_plain(media_type)}, which is no answer to a query")
        if _gives(query) not in (found[0], None):
            raise self._failed(
                f"answers with {_KINDS[found[0]]}, which this query does not give: it may be no endpoint"
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
        """Take the body to its stated end."""
        if response.length is None and not response.chunked:
            raise self._failed("does not say how long its answer is, so nobody can tell whether it is whole")
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
            raise self._failed(f"ended its answer {response.length} bytes early")

    def _written(self, received: IO[bytes], kind: str, form: Format, query: Query, limit: int) -> Answer:
        """The answer in the format wanted, once all of it has been understood."""
        wanted = str(query.results if kind == "results" else query.graph)
        body = cast(BinaryIO, SpooledTemporaryFile(SPOOL_MEMORY))  # noqa: SIM115 - who asked closes it
        output = cast(IO[bytes], Capped(body, limit))  # the serializer calls nothing but write and flush
        try:
            write = _write_rows if kind == "results" else _write_graph
            write(received, form.media_type, output, wanted, self._prefixes)
        except (SyntaxError, ValueError) as error:
            body.close()
            raise self._failed(f"sent {form.label} that cannot be read: {_plain(str(error))}") from error
        except BaseException:
            body.close()
            raise
        size = body.tell()
        body.seek(0)
        return Answer(kind, wanted, body, size, repeatable=False)

    def _refusal(self, error: HTTPError) -> PublisherError:
        """What an endpoint says under an error status, in its own words where it has some (RFC 9457)."""
        words, members = _excuse(error)
        detail = f"{self._url} answers {error.code} {error.reason}" + (f": {words}" if words else ".")
        if error.code == 400:
            at_line = {"line", "column"} <= members.keys()
            return QuerySyntaxError(words, **members) if at_line else MalformedError(detail, **members)
        if error.code in (429, 503):
            problem = BusyError(detail, **members)
            problem.headers |= {name: value for name, value in error.headers.items() if name == "Retry-After"}
            return problem
        return EndpointFailedError(detail, **members)

    def _failure(self, error: Exception) -> PublisherError:
        """What became of an exchange that broke off."""
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, TimeoutError):
            limit = self._limits.wall
            return TooSlowError(
                f"{self._url} exceeded the wall-clock limit of {limit:g} s.", limit="wall-clock", value=limit
            )
        words = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        return self._failed(f"cannot be reached, or broke off: {_plain(words)}")

    def _failed(self, words: str) -> EndpointFailedError:
        return EndpointFailedError(f"{self._url} {words}.")


def _gives(query: Query) -> str | None:
    """The kind of answer that a query gives, None where its first words do not say."""
    found = _FORM.match(query.text)
    return _FORMS[found[1].upper()] if found else None


def _write_rows(received: IO[bytes], media_type: str, output: IO[bytes], wanted: str, _: Mapping[str, str]) -> None:
    rows = ox.parse_query_results(received, format=ox.QueryResultsFormat.from_media_type(media_type))
    try:
        rows.serialize(output, format=ox.QueryResultsFormat.from_media_type(wanted))
    finally:
        del rows  # only this thread may let go of them, and the traceback of an error would carry them elsewhere


def _write_graph(
    received: IO[bytes], media_type: str, output: IO[bytes], wanted: str, prefixes: Mapping[str, str]
) -> None:
    quads = ox.parse(received, format=ox.RdfFormat.from_media_type(media_type))
    triples = (quad.triple for quad in quads)
    ox.serialize(triples, output, format=ox.RdfFormat.from_media_type(wanted), prefixes=dict(prefixes))


def _excuse(error: HTTPError) -> tuple[str, dict[str, Any]]:
    """The words of an error's body and the members of its problem document; nothing of a web page."""
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
            return _plain(str(document["detail"])), {name: document[name] for name in _MEMBERS if name in document}
    return ("", {}) if "html" in media_type else (_plain(body)[:LONGEST_EXCUSE], {})


def _plain(words: str) -> str:
    """Somebody else's words on one line, without what would speak to a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())
