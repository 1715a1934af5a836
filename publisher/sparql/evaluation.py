"""Query evaluation inside a query process: refusals before parsing, the data set, the bytes of the answer.

It imports little, so that a query process starts fast.
"""

import json
import os
from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, islice
from typing import IO, Any, Final, cast

import pyoxigraph as ox

from publisher.platform_support import open_descriptors
from publisher.sparql.lexer import _IRI, _PLAIN, Words, is_plain, read_words
from publisher.sparql.syntax_errors import explain
from publisher.sparql.workers.child import Handler, Output

LOOKED_AT: Final = 1000
"""Triples of a graph that are looked at for the prefixes it needs; one that has more declares all that there are."""


Asked = dict[str, Any]
"""What a request says beside the query: media types wanted for `results` and for a `graph`, and the data set's graphs,
`default` and `named`."""
_NOT_ACCEPTABLE: Final = {
    "graph": "The query gives a graph; ask for Turtle, JSON-LD, N-Triples or RDF/XML.",
    "results": "The query gives rows or a truth value; ask for SPARQL results in JSON, XML, CSV or TSV.",
}


def open_store(argument: str) -> Handler:
    """Open the release for one query process; returns the handler of its requests.

    argument: JSON with the `path` of the store, the `prefixes` for graphs, the `nesting` allowed, and the `services`
    that this process may ask, None where that is for another process to do.
    """
    opened = json.loads(argument)
    store = ox.Store.read_only(opened["path"])
    _open_files(store, opened["path"])

    def handle(request: bytes, output: Output) -> bytes:
        head, _, query = request.partition(b"\n")
        asked, text = _asked(head), query.decode()
        words = _PLAIN if is_plain(text, opened["nesting"]) else read_words(text)
        refused = _refusal(words, opened["nesting"], opened["services"])
        return refused or _answer(store, opened, asked, text, words, output)

    return handle


def _open_files(store: ox.Store, path: str) -> None:
    """Have every file of the store open before descriptors are taken away: the engine opens some when it needs them.

    One look into each index opens the files of a compacted store; where some are closed yet, everything is read.
    """
    quad = next(iter(store), None)
    if quad is None:
        return
    s, p, o, g = quad.subject, quad.predicate, quad.object, quad.graph_name
    for graph in (None, g, ox.DefaultGraph()):
        for subject, predicate, object_ in ((s, None, None), (None, p, None), (None, None, o), (s, None, o)):
            next(store.quads_for_pattern(subject, predicate, object_, graph), None)
    tables = {name for name in os.listdir(path) if name.endswith(".sst")}
    if not tables <= set(open_descriptors() or ()):
        for _ in store:
            pass


def _refusal(words: Words, nesting: int, services: list[str] | None) -> bytes | None:
    if words.depth > nesting:
        detail = f"Brackets may be nested {nesting} deep, and are {words.depth} deep here."
        return _problem("NestingLimitError", detail=detail, limit="nesting", value=nesting)
    if services is None:
        return b'{"federated": true}' if words.services else None
    if services and words.doubtful:
        return _problem("RefusedError", detail="No prefix may contain the word service where SERVICE is used.")
    for iri in words.services:
        if iri not in services:
            return _problem("RefusedError", detail=_unserved(iri, services))
    return None


def _unserved(iri: str, services: list[str]) -> str:
    if not services:
        return "SERVICE is not answered here: queries make no connections."
    named = f"<{iri}> is not among them" if iri else "name the endpoint by its full IRI"
    return f"SERVICE may ask these endpoints only: {', '.join(f'<{known}>' for known in services)}; {named}."


# The answer


def _answer(store: ox.Store, opened: dict[str, Any], asked: Asked, text: str, words: Words, output: Output) -> bytes:
    prefixes = opened["prefixes"]
    try:
        data_set = _data_set(asked)
    except ValueError as error:
        return _problem("MalformedError", detail=f"A graph of the data set is no IRI: {error}.")
    try:
        result = store.query(text, base_iri=opened["base"], **data_set)
        kind = "graph" if isinstance(result, ox.QueryTriples) else "results"
        media_type = asked[kind]
        if media_type is None:
            return _problem("NotAcceptableError", detail=_NOT_ACCEPTABLE[kind])
        _serialize(result, media_type, prefixes, output)
    except SyntaxError as error:
        return _problem("QuerySyntaxError", **_mistake(str(error), text, prefixes))
    except OSError as error:  # All files are read: what is left is a connection, not to be had here, or that failed.
        if not words.services:
            return _problem("RefusedError", detail=_unserved("", []))
        return _problem("ServiceFailedError", detail=_sentence(str(error)))
    except (RuntimeError, ValueError) as error:
        return _problem("UnanswerableError", detail=_sentence(str(error)))
    return _done(kind, media_type, words.repeatable)


@lru_cache(maxsize=16)
def _asked(head: bytes) -> Asked:
    """What stands in a request before the text of the query: the same for most."""
    return dict(json.loads(head))


@lru_cache
def _done(kind: str, media_type: str, repeatable: bool) -> bytes:
    return json.dumps({"kind": kind, "format": media_type, "repeatable": repeatable}).encode()


def _problem(problem: str, **members: object) -> bytes:
    return json.dumps({"problem": problem} | members).encode()


def _data_set(asked: Asked) -> dict[str, Any]:
    """A protocol data set names both kinds of graph, even when one is empty: else all named graphs stay visible."""
    if asked["default"] is None and asked["named"] is None:
        return {}
    return {
        "default_graph": [ox.NamedNode(iri) for iri in asked["default"] or []],
        "named_graphs": [ox.NamedNode(iri) for iri in asked["named"] or []],
    }


def _serialize(result: Any, media_type: str, prefixes: dict[str, str], output: Output) -> None:
    file = cast(IO[bytes], output)  # the engine calls nothing but write and flush
    if isinstance(result, ox.QueryTriples):
        first = list(islice(result, LOOKED_AT))
        needed = _needed(prefixes, first) if len(first) < LOOKED_AT else prefixes
        triples = chain(first, result)
        ox.serialize(triples, file, format=ox.RdfFormat.from_media_type(media_type), prefixes=needed)
    else:
        result.serialize(file, format=ox.QueryResultsFormat.from_media_type(media_type))


def _needed(prefixes: dict[str, str], triples: Iterable[ox.Triple]) -> dict[str, str]:
    """The prefixes with whose namespace some IRI in a graph begins."""
    iris = sorted({iri for triple in triples for iri in _IRI.findall(str(triple))})

    def some(namespace: str) -> bool:
        place = bisect_left(iris, namespace)
        return place < len(iris) and iris[place].startswith(namespace)

    return {prefix: namespace for prefix, namespace in prefixes.items() if some(namespace)}


def _mistake(message: str, text: str, prefixes: dict[str, str]) -> dict[str, object]:
    """A syntax error with its place, the line there, and what is wrong."""

    def complaint(other: str) -> str:
        try:
            ox.Store().query(other)  # over nothing: only whether it parses counts
        except SyntaxError as error:
            return str(error)
        except (OSError, RuntimeError, ValueError):  # it parsed, and could not be evaluated
            return ""
        return ""

    found = explain(text, message, complaint, prefixes)
    if found is None:
        return {"detail": message}
    lines = text.split("\n")
    offending = lines[found.line - 1] if found.line <= len(lines) else ""
    detail = f"Line {found.line}, column {found.column}: {found.reason}"
    return {"detail": detail, "line": found.line, "column": found.column, "text": offending}


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:] + ("" if message.endswith(".") else ".")
