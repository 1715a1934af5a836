"""Owns the embedded engine: an Oxigraph store on disk, opened read-only by this process and by each query process."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final, cast

import pyoxigraph as ox

from publisher import problems
from publisher.problems import Problem
from publisher.promise import Answer, Limits, Query
from publisher.workers import Handler, Pool, Send, memory_limit

BUFFER: Final = 1 << 16
"""Bytes that the serializer collects before they go through the pipe: one frame fills the pipe once."""

_WORDS: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r"|<[^<>\"{}|^`\\\s]*>"
    r"|#[^\n]*"
    r"|[?$][\w·]+"
    r"|(?P<node>_:|\[)"
    r"|[\w.·-]*:(?:(?:[\w:]|%[0-9A-F]{2}|\\.)(?:[\w.·:-]|%[0-9A-F]{2}|\\.)*)?"
    r"|(?P<service>\bSERVICE\b)"
    r"|(?P<changing>\b(?:RAND|NOW|UUID|STRUUID|BNODE)\s*\()"
    r"|(?P<construct>\bCONSTRUCT\b)",
    re.DOTALL | re.IGNORECASE,
)
"""Words that decide about a query, and what may contain them without being them: strings, IRIs, comments, variables,
names."""
_CLASSES: Final = re.compile(r"\['[^\]]*\](, )?|(, )?\[_\]")
"""Character classes among what the parser expected: they tell a person nothing that `":"` and `"?"` do not."""
_POSITION: Final = re.compile(r"error at (\d+):(\d+)(?:-\S+)?: (.*)", re.DOTALL)


class Embedded:
    """The engine over one compiled release.

    path: the store's folder. prefixes: prefix -> namespace, for graphs in Turtle and RDF/XML. size: query processes.
    """

    def __init__(self, path: Path, prefixes: Mapping[str, str], limits: Limits, size: int) -> None:
        self._store = ox.Store.read_only(str(path))
        self._limits = limits
        argument = json.dumps({"path": str(path), "prefixes": dict(prefixes)})
        self._pool = Pool("publisher.embedded:open_store", argument, limits, size)

    def ask(self, query: Query) -> Answer:
        """Answer a query in a process of its own. Raises the Problem that says why not."""
        limit = min(query.result_limit or self._limits.result, self._limits.result)
        message, body, size = self._pool.call(
            {
                "text": query.text,
                "results": query.results,
                "graph": query.graph,
                "default": query.default_graphs,
                "named": query.named_graphs,
            },
            limit,
        )
        if "problem" in message:
            body.close()
            raise self._problem(message)
        return Answer(str(message["kind"]), str(message["format"]), body, size, bool(message["repeatable"]))

    def _problem(self, message: dict[str, Any]) -> Problem:
        kind: type[Problem] = getattr(problems, message.pop("problem"))
        return memory_limit(self._limits) if kind is problems.MemoryLimit else kind(**message)

    def find(
        self, subject: ox.NamedNode | None, predicate: ox.NamedNode | None, object_: ox.NamedNode | None
    ) -> Iterator[ox.Triple]:
        """The triples of the default graph that match; None matches anything."""
        found = self._store.quads_for_pattern(subject, predicate, object_, ox.DefaultGraph())
        return (quad.triple for quad in found)

    def graph(self, name: str) -> Sequence[ox.Triple]:
        """The triples of one named graph."""
        found = self._store.quads_for_pattern(None, None, None, ox.NamedNode(name))
        return [quad.triple for quad in found]

    def close(self) -> None:
        """End the query processes."""
        self._pool.close()


# In the query process


def open_store(argument: str) -> Handler:
    """Open the release for one query process; returns the handler of its requests.

    argument: JSON with the `path` of the store and the `prefixes` for graphs.
    """
    opened = json.loads(argument)
    prefixes: dict[str, str] = opened["prefixes"]
    store = ox.Store.read_only(opened["path"])
    _open_files(store)

    def handle(request: dict[str, Any], send: Send) -> dict[str, object]:
        return _answer(store, prefixes, request, send)

    return handle


def _open_files(store: ox.Store) -> None:
    """Read from every index, so that the store's files are open before descriptors are taken away."""
    quad = next(iter(store), None)
    if quad is None:
        return
    s, p, o, g = quad.subject, quad.predicate, quad.object, quad.graph_name
    for graph in (None, g, ox.DefaultGraph()):
        for subject, predicate, object_ in ((s, None, None), (None, p, None), (None, None, o), (s, None, o)):
            next(store.quads_for_pattern(subject, predicate, object_, graph), None)
    for _ in store:
        pass


def _answer(store: ox.Store, prefixes: dict[str, str], request: dict[str, Any], send: Send) -> dict[str, object]:
    if calls_service(request["text"]):
        return {"problem": "Refused", "detail": "SERVICE is not answered here: queries make no connections."}
    try:
        data_set = _data_set(request)
    except ValueError as error:
        return {"problem": "Malformed", "detail": f"A graph of the data set is no IRI: {error}."}
    try:
        result = store.query(request["text"], **data_set)
        kind = "graph" if isinstance(result, ox.QueryTriples) else "results"
        if request[kind] is None:
            return {"problem": "NotAcceptable", "detail": _NOT_ACCEPTABLE[kind]}
        _serialize(result, request[kind], prefixes, send)
    except SyntaxError as error:
        return _syntax(str(error), request["text"])
    except (OSError, RuntimeError, ValueError) as error:
        return {"problem": "Unanswerable", "detail": _sentence(str(error))}
    repeatable = not any(match["changing"] for match in _WORDS.finditer(request["text"]))
    return {"kind": kind, "format": request[kind], "repeatable": repeatable and not _makes_nodes(request["text"])}


_NOT_ACCEPTABLE: Final = {
    "graph": "The query gives a graph; ask for Turtle, JSON-LD, N-Triples or RDF/XML.",
    "results": "The query gives rows or a truth value; ask for SPARQL results in JSON, XML, CSV or TSV.",
}


def calls_service(text: str) -> bool:
    """Whether a query has the keyword SERVICE; strings, comments, IRIs and names that contain the word do not count."""
    return any(match["service"] for match in _WORDS.finditer(text))


def _makes_nodes(text: str) -> bool:
    """Whether a template may make new blank nodes: the query constructs, and blank nodes stand somewhere in it."""
    found = {match.lastgroup for match in _WORDS.finditer(text)}
    return {"construct", "node"} <= found


def _data_set(request: dict[str, Any]) -> dict[str, Any]:
    """A protocol data set names both kinds of graph, even when one is empty: else all named graphs stay visible."""
    if request["default"] is None and request["named"] is None:
        return {}
    return {
        "default_graph": [ox.NamedNode(iri) for iri in request["default"] or []],
        "named_graphs": [ox.NamedNode(iri) for iri in request["named"] or []],
    }


def _serialize(result: Any, media_type: str, prefixes: dict[str, str], send: Send) -> None:
    buffer = _Buffer(send)
    output = cast(IO[bytes], buffer)  # the engine calls nothing but write
    if isinstance(result, ox.QueryTriples):
        ox.serialize(result, output, format=ox.RdfFormat.from_media_type(media_type), prefixes=prefixes)
    else:
        result.serialize(output, format=ox.QueryResultsFormat.from_media_type(media_type))
    buffer.flush()


class _Buffer:
    """A binary file that sends what is written to it in large pieces."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._kept = bytearray()

    def write(self, data: bytes) -> int:
        self._kept += data
        if len(self._kept) >= BUFFER:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if self._kept:
            self._send(bytes(self._kept))
            self._kept.clear()


def _syntax(message: str, text: str) -> dict[str, object]:
    found = _POSITION.match(message)
    if not found:
        return {"problem": "QuerySyntax", "detail": message}
    line, column = int(found[1]), int(found[2])
    expected = _CLASSES.sub("", found[3]).rstrip(", ")
    lines = text.split("\n")
    offending = lines[line - 1] if line <= len(lines) else ""
    detail = f"Line {line}, column {column}: {expected}"
    return {"problem": "QuerySyntax", "detail": detail, "line": line, "column": column, "text": offending}


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:]
