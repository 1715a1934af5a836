"""Forwarding inside a query process: a query is checked, translated and sent to a foreign endpoint.

The endpoint's parser may accept more than SPARQL 1.1: only what the local parser accepts, without SERVICE and without
functions that it does not know, is sent.
"""

import io
import json
import math
from typing import IO, Any, Final, NamedTuple, cast
from urllib.parse import urlencode

import httpx
import pyoxigraph as ox

from publisher.errors import PublisherError
from publisher.formats import FORM, Format
from publisher.settings import Settings
from publisher.sparql.answering import (
    NOT_ACCEPTABLE,
    Head,
    XmlError,
    capitalize,
    explain_syntax,
    is_empty,
    read_head,
    refuse_nesting,
    write_closing,
    write_graph,
    write_problem,
    write_rows,
)
from publisher.sparql.excerpt import Count, outline
from publisher.sparql.hints import Hints, find_hidden_names
from publisher.sparql.http_client import (
    NAME,
    Body,
    accept,
    client_options,
    endpoint_access,
    endpoint_error,
    find_format,
    flatten,
    receive,
)
from publisher.sparql.lexer import Words, read_words
from publisher.sparql.translation import Placement, Translated, translate
from publisher.sparql.workers.child import Handler, Output

RECEIVED: Final = 4
"""Times the limit of a result that an endpoint may send: its format may be longer than that of the client."""
LATER: Final = 5
"""Seconds beyond the limit of the query until the endpoint is given up here: the limit counts outside."""
NO_SERVICE: Final = "SERVICE is not supported: queries make no connections."
ASKED: Final = "__ASK_RETVAL"
"""The variable of the one row by which Virtuoso answers ASK; there is no row where the answer is false."""


class _Opened(NamedTuple):
    """What one query process forwards to. url: of the endpoint. hints: over the compiled release, which has the same
    terms. base, prefixes, nesting: as of the embedded engine. seconds and result: limits of a query."""

    client: httpx.Client
    url: str
    placement: Placement
    hints: Hints
    prefixes: dict[str, str]
    nesting: int
    result: int


def open_endpoint(argument: str) -> Handler:
    """Prepare one query process; returns the handler of its requests.

    argument: JSON with `url`, `proxy`, `store` (the folder of the compiled release), `placement`, `prefixes`,
    `nesting`, `result` and `seconds`. Passwords come with the environment: arguments of a process are seen by every
    user of the machine.
    """
    given = json.loads(argument)
    access = endpoint_access(Settings.read().having(endpoint=given["url"], proxy=given["proxy"]))
    client = httpx.Client(**client_options(access, given["seconds"] + LATER, 1))
    place, base, graphs = given["placement"]
    placement = Placement(place, base, tuple(graphs))
    prefixes = given["prefixes"]
    hints = Hints(ox.Store.read_only(given["store"]), base, prefixes)
    opened = _Opened(client, access.url, placement, hints, prefixes, given["nesting"], given["result"])

    def handle(request: bytes, output: Output) -> bytes:
        head, _, query = request.partition(b"\n")
        text = query.decode()
        words = read_words(text)
        return _refuse(words, opened) or _answer(opened, read_head(head), text, words, output)

    return handle


def _refuse(words: Words, opened: _Opened) -> bytes | None:
    if words.depth > opened.nesting:
        return refuse_nesting(words.depth, opened.nesting)
    if words.services:
        return write_problem("RefusedError", detail=NO_SERVICE)
    if words.doubtful:  # The endpoint's lexer may find a keyword there.
        detail = "No prefix may contain the word `service`, and a comparing `<` needs a space after it."
        return write_problem("RefusedError", detail=detail)
    return None


def _answer(opened: _Opened, head: Head, text: str, words: Words, output: Output) -> bytes:
    base = opened.placement.base
    try:
        parsed: Any = ox.Store().query(text, base_iri=base)
        kind = "graph" if isinstance(parsed, ox.QueryTriples) else "results"
        if head[kind] is None:
            return write_problem("NotAcceptableError", detail=NOT_ACCEPTABLE[kind])
        names = [variable.value for variable in parsed.variables] if isinstance(parsed, ox.QuerySolutions) else []
        translated = translate(text, opened.placement, head["default"], head["named"], names)
        ox.Store().query(translated.text)
        counted = _forward(opened, translated, kind, head, parsed, output)
    except SyntaxError as error:
        return write_problem("QuerySyntaxError", **explain_syntax(str(error), text, base, opened.prefixes))
    except XmlError as error:
        return write_problem("NotAcceptableError", detail=str(error))
    except PublisherError as error:
        return write_problem(type(error).__name__, detail=error.detail, headers=error.headers, **error.members)
    except (RuntimeError, ValueError) as error:
        return write_problem("UnanswerableError", detail=capitalize(str(error)))
    about = outline(text) if head.get("excerpt") else []
    hints = [*find_hidden_names(text), *(opened.hints.find(text) if is_empty(output, kind, head[kind]) else [])]
    return write_closing(kind, head[kind], words.repeatable, counted, tuple(about), *hints)


def _forward(opened: _Opened, query: Translated, kind: str, head: Head, parsed: Any, output: Output) -> Count | None:
    """Send a query and write its answer. parsed: the answer over no data, which tells the form of the query."""
    fields = [("query", query.text)]
    fields += [("default-graph-uri", iri) for iri in query.default_graphs]
    fields += [("named-graph-uri", iri) for iri in query.named_graphs]
    headers = {"Accept": accept([kind]), "Content-Type": FORM}
    request = opened.client.build_request("POST", opened.url, content=urlencode(fields).encode(), headers=headers)
    with receive(opened.client, request, NAME) as response:
        found, form = find_format(NAME, response)
        if found != kind:
            raise endpoint_error(NAME, f"returned {form.label}, which does not fit the query")
        body = cast(IO[bytes], io.BufferedReader(Body(NAME, response, opened.result * RECEIVED, math.inf)))
        try:
            if kind == "graph":
                quads = ox.parse(body, format=ox.RdfFormat.from_media_type(form.media_type))
                triples = (quad.triple for quad in quads)
                return write_graph(triples, head[kind], opened.prefixes, output, head.get("excerpt"))
            return write_rows(_parse_rows(parsed, body, form), head[kind], output, head.get("excerpt"))
        except (SyntaxError, ValueError) as error:
            raise endpoint_error(NAME, f"sent invalid {form.label}: {flatten(str(error))}") from error


def _parse_rows(parsed: Any, body: IO[bytes], form: Format) -> Any:
    rows: Any = ox.parse_query_results(body, format=ox.QueryResultsFormat.from_media_type(form.media_type))
    asks = isinstance(parsed, ox.QueryBoolean)
    if asks and isinstance(rows, ox.QuerySolutions) and [v.value for v in rows.variables] == [ASKED]:
        rows = ox.Store().query("ASK {}" if any(True for _ in rows) else "ASK { FILTER (false) }")
    if isinstance(rows, ox.QueryBoolean) != asks:
        raise ValueError("the answer is of another kind than the query")
    if not asks and set(rows.variables) != set(parsed.variables):
        raise ValueError("the answer has other variables than the query")
    return rows
