"""The SPARQL 1.1 Protocol: the three legal ways to send a query, read into one value.

The text of the query is not read here: only query processes parse it.
"""

import codecs
import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import urlencode

from werkzeug.http import parse_options_header

from publisher.errors import (
    MalformedError,
    NotAcceptableError,
    RefusedError,
    TooLargeRequestError,
    UnsupportedMediaTypeError,
)
from publisher.formats import FORM, GRAPHS, HTML, RESULTS, SPARQL_QUERY, Format
from publisher.negotiation import choose, find
from publisher.sparql.engine import Query, format_bytes
from publisher.suggestions import ALIKE, suggest

HTML_RESULT: Final = 2 << 20
"""Bytes of a result that a page shows; an excerpt is smaller."""
HTML_ROWS: Final = 500
"""Rows, or statements, that a page shows of a result of any size."""
DATA_SET: Final = ("default-graph-uri", "named-graph-uri")
"""The parameters that name the data set of a query."""
UTF_8: Final = "utf-8"
BYTE_ORDER_MARK: Final = "\ufeff"
"""The byte order mark, which some editors put before a text; no query starts with it."""
NO_QUERY: Final = (
    "The parameter `query` is missing: no query arrived. If a redirect led here, it dropped the query; send it to "
    "this address directly."
)
FIELDS: Final = 1000
"""Parameters that one request may have."""
OTHER_NAMES: Final = ("q", "sparql", "statement")
"""Names that other programs give to the parameter `query`."""
COMPARED: Final = 20
"""Unknown parameters of a request that are compared with those of the protocol."""
_STRAY: Final = re.compile("%(?![0-9A-Fa-f]{2})")
"""A percent sign that begins no escape; it stands for itself."""


class Operation(NamedTuple):
    """A request to the endpoint.

    page: whether the answer is an HTML page. query: None where none was sent.
    """

    page: bool
    query: Query | None


def read(
    method: str, query_string: bytes, content_type: str, body: bytes, accept: str | None, suffix: str = ""
) -> Operation:
    """Read a request (SPARQL 1.1 Protocol, section 2.1).

    content_type: the header as it was sent. suffix: of the fixed address (`csv` for `sparql.csv`), which decides the
    format alone.
    Raises MalformedError, RefusedError (updates), UnsupportedMediaTypeError or NotAcceptableError.
    """
    in_address = _decode_parameters(query_string, "The address")
    parameters = _read_post(content_type, body, in_address) if method == "POST" else in_address
    if "update" in in_address or "update" in parameters:
        raise RefusedError("Updates are not supported: the data set is read-only.")
    queries = parameters.get("query", [])
    _refuse_misspelled(parameters)
    if len(queries) > 1:
        raise MalformedError("The parameter `query` was sent more than once.")
    wanted = next((parameters[key][0] for key in ("format", "output", "results") if parameters.get(key)), None)
    if not queries:
        asks = suffix or not parameters.keys().isdisjoint(DATA_SET) or _prefers_results(accept, wanted)
        if method == "POST" or asks:
            raise MalformedError(NO_QUERY)
        page = choose(accept, (*GRAPHS, HTML), wanted) is HTML
        return Operation(page, None)
    if suffix:
        results, graph = _format_of(RESULTS, suffix), _format_of(GRAPHS, suffix)
    else:
        results, graph = find(accept, (*RESULTS, HTML), wanted), find(accept, (*GRAPHS, HTML), wanted)
    if results is None and graph is None:
        alternatives = [offer.media_type for offer in (*RESULTS, *GRAPHS, HTML)]
        raise NotAcceptableError(f"Available: {', '.join(alternatives)}.", alternatives=alternatives)
    page = HTML in (results, graph)
    return Operation(page, _make_query(queries[0], parameters, results, graph, page=page))


def _refuse_misspelled(parameters: Mapping[str, list[str]]) -> None:
    """Raise MalformedError where a parameter is surely meant to be one of the protocol: without it, the answer would be
    to another request."""
    known = ("query", *DATA_SET)
    unknown = [name for name in parameters if name not in known][:COMPARED]
    for name in unknown:
        other = name.lower() in OTHER_NAMES and "query" not in parameters
        near = ["query"] if other else suggest(name, known, alike=ALIKE)
        if near:
            raise MalformedError(f"There is no parameter `{name[:40]}`. Did you mean `{near[0]}`?")


def _read_post(content_type: str, body: bytes, in_address: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Read the parameters of a POST (sections 2.1.2 and 2.1.3): a form holds all of them, a query as the body is beside
    those of the address. A parameter in any other place would silently change the answer, so it is refused."""
    media_type, options = parse_options_header(content_type)
    if not body and "query" not in in_address and media_type.lower() in ("", FORM, SPARQL_QUERY):
        raise MalformedError(NO_QUERY)
    charset = options.get("charset", UTF_8).lower()
    if media_type.lower() == SPARQL_QUERY:
        if charset not in (UTF_8, "utf8"):
            raise _unsupported_error(f"A query in the body must be UTF-8, not {charset!r}.")
        if "query" in in_address:
            raise MalformedError("The address and the body both contain a query: send one.")
        return {**in_address, "query": [_decode(body, "The body")]}
    if media_type.lower() == FORM:
        astray = [f"`{name}`" for name in ("query", *DATA_SET) if name in in_address]
        if astray:
            raise MalformedError(f"With a form, send {' and '.join(astray)} in the body, not in the address.")
        return _decode_parameters(body, "The body")
    named = f"The Content-Type {media_type!r} is not supported" if media_type else "The request has no Content-Type"
    raise _unsupported_error(f"{named}: send {FORM} or {SPARQL_QUERY}.")


def _prefers_results(accept: str | None, wanted: str | None) -> bool:
    """Whether a request asks for results rather than for a graph or a page: by a result format that it names, with the
    highest quality. Of equal qualities it decides wherever it stands: rdflib names a graph format first."""
    if find(accept, (*GRAPHS, HTML, *RESULTS), wanted) in RESULTS:
        return True
    result = find(accept, (*RESULTS, *GRAPHS, HTML), wanted)
    return result in RESULTS and result is not None and result.media_type in (accept or "").lower()


def _unsupported_error(detail: str) -> UnsupportedMediaTypeError:
    """Return the error for an unsupported body, with the header that names the supported ones (LDP 1.0, 7.1)."""
    problem = UnsupportedMediaTypeError(detail)
    problem.headers["Accept-Post"] = f"{FORM}, {SPARQL_QUERY}"
    return problem


def _make_query(
    text: str, parameters: Mapping[str, list[str]], results: Format | None, graph: Format | None, *, page: bool
) -> Query:
    default, named = map(parameters.get, DATA_SET)
    query = Query(
        text.removeprefix(BYTE_ORDER_MARK),
        results.media_type if results else None,
        graph.media_type if graph else None,
        tuple(dict.fromkeys(default)) if default else () if named else None,
        tuple(dict.fromkeys(named)) if named else () if default else None,
    )
    return for_page(query) if page else query


def for_page(query: Query) -> Query:
    """The query as a page asks it: for an excerpt of the result, in the formats that pages read."""
    return query._replace(
        results=RESULTS[0].media_type,
        graph=GRAPHS[0].media_type,
        result_limit=HTML_RESULT,
        excerpt=HTML_ROWS,
    )


def _format_of(offers: Sequence[Format], suffix: str) -> Format | None:
    return next((offer for offer in offers if offer.suffix == suffix), None)


def _decode_parameters(encoded: bytes, where: str) -> dict[str, list[str]]:
    """Decode form-encoded parameters, in order. where: what error messages call the text."""
    found: dict[str, list[str]] = {}
    if encoded.count(b"&") >= FIELDS:
        raise MalformedError(f"{where} has more than {FIELDS} fields.")
    try:
        for field in filter(None, encoded.decode("ascii").replace("+", " ").split("&")):
            key, _, value = field.partition("=")
            found.setdefault(_unquote(key), []).append(_unquote(value))
    except UnicodeDecodeError as error:
        raise MalformedError(f"{where} is not percent-encoded UTF-8: {error.reason}.") from error
    return found


def _unquote(text: str) -> str:
    """Decode the percent-escapes of an ASCII text (RFC 3986, section 2.1). Raises UnicodeDecodeError if not UTF-8.

    It does what `urllib.parse.unquote` does, by a decoder in C: that one takes ten times as long, 50 ms for a long
    body, in which nobody else is answered.
    """
    if "%" not in text:
        return text
    try:
        octets = _unescape(text)
    except UnicodeDecodeError:
        octets = _unescape(_STRAY.sub("%25", text))
    return octets.encode("latin-1").decode()


def _unescape(text: str) -> str:
    """Replace percent-escapes by characters of the same number. Raises UnicodeDecodeError at a stray percent sign."""
    return codecs.decode(text.replace("\\", "%5C").replace("%", "\\x"), "unicode_escape")


def _decode(body: bytes, where: str) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(f"{where} is not UTF-8: invalid byte at {error.start}.") from error


def check_length(length: int, most: int) -> None:
    """Raise TooLargeRequestError where a request of `length` bytes is longer than `most`."""
    if length > most:
        detail = f"Request body exceeds the limit of {format_bytes(most)}."
        raise TooLargeRequestError(detail, limit="length", value=most)


def parameters(query: Query) -> list[tuple[str, str]]:
    """Return a query and its data set as the protocol's parameters (SPARQL 1.1 Protocol, section 2.1)."""
    graphs = (("default-graph-uri", query.default_graphs), ("named-graph-uri", query.named_graphs))
    return [("query", query.text), *((name, iri) for name, iris in graphs for iri in iris or ())]


def reference(query: Query, address: str) -> str:
    """Return the address that answers a query. address: of the endpoint, absolute or relative."""
    return f"{address}?{urlencode(parameters(query))}"
