"""Owns the evaluation of one query, inside a query process: what is refused unparsed, the data set, the answer's bytes.

It imports little, so that a query process starts fast.
"""

import json
import os
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import IO, Any, Final, NamedTuple, cast

import pyoxigraph as ox

from publisher.mistakes import explain
from publisher.worker import Handler, Output

_WORDS: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r"|(?P<iri><(?:[^<>\"{}|^`\\\s]|\\[uU][0-9A-Fa-f]+)*>)"
    r"|(?P<comment>#[^\n]*)"
    r"|[?$][\w·]+|@[\w-]+"
    r"|(?P<node>_:)"
    r"|(?P<open>[\[({])"
    r"|(?P<close>[\])}])"
    r"|(?P<prefix>(?:[^\W\d_][\w.·-]{0,99})?):(?:(?:[\w:]|%[0-9A-F]{2}|\\.)(?:[\w.·:-]|%[0-9A-F]{2}|\\.)*)?"
    r"|(?P<service>SERVICE)"
    r"|\b(?P<silent>SILENT)\b"
    r"|\b(?P<construct>CONSTRUCT)\b"
    r"|\b(?P<changing>RAND|NOW|UUID|STRUUID|BNODE)\b",
    re.DOTALL | re.IGNORECASE,
)
"""Words that decide about a query, and what may contain them without being them: strings, IRIs, comments, variables,
language tags, names. A longer prefix counts by its parts: looking for an end at every letter of a long text takes as
long as the square of its length."""
_IRI: Final = re.compile("<([^<>]*)>")
LOOKED_AT: Final = 1000
"""Triples of a graph that are looked at for the prefixes it needs; one that has more declares all that there are."""
_KEYWORDS: Final = ("service", "construct", "rand", "now", "uuid", "bnode")
"""What every keyword among the words contains, in lower case."""
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
        return refused or _answer(store, opened["prefixes"], asked, text, words, output)

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
    if not tables <= set(_open_names()):
        for _ in store:
            pass


def _open_names() -> Iterator[str]:
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            yield os.readlink(f"/proc/self/fd/{descriptor}").rpartition("/")[2]
        except OSError:  # The descriptor of the listing itself is closed by now.
            continue


# What is seen without parsing


class Words(NamedTuple):
    """What the words of a query tell.

    services: what follows each SERVICE: an IRI, or empty for anything else. doubtful: whether a prefix contains the
    word, which the engine's parser may take for the keyword. depth: how deep brackets are nested. repeatable: whether
    the same query over the same data gives the same answer: it asks for no chance, no time, no new blank nodes and no
    other endpoint.
    """

    services: tuple[str, ...]
    doubtful: bool
    depth: int
    repeatable: bool


def read_words(text: str) -> Words:
    """Look at the words of a query; strings, comments, IRIs and names that contain a keyword do not count."""
    found: set[str | None] = set()
    services: list[str] = []
    depth = deepest = 0
    awaited = doubtful = False
    for match in _WORDS.finditer(text):
        kind = match.lastgroup
        found.add("node" if match[0] == "[" else kind)
        if awaited and kind not in ("silent", "comment"):
            services.append(match[0][1:-1] if kind == "iri" else "")
            awaited = False
        if kind == "open":
            depth += 1
            deepest = max(deepest, depth)
        elif kind == "close":
            depth -= 1
        elif kind == "service":
            awaited = True
        elif kind == "prefix":
            doubtful = doubtful or "service" in match["prefix"].lower()
    services += [""] * awaited
    changing = "changing" in found or bool(services) or {"construct", "node"} <= found
    return Words(tuple(services), doubtful, deepest, not changing)


_PLAIN: Final = Words((), False, 0, True)


def is_plain(text: str, nesting: int) -> bool:
    """Whether no look at the words is needed: no keyword can be among them, nor too deep a nesting.

    Most small queries are plain, and looking at each of their words would take as long as answering them. Beyond ASCII,
    upper and lower case are not one to one.
    """
    if not text.isascii() or text.count("(") + text.count("{") + text.count("[") > nesting:
        return False
    lower = text.lower()
    for word in _KEYWORDS:  # noqa: SIM110 - a generator takes longer than all the rest
        if word in lower:
            return False
    return True


def _refusal(words: Words, nesting: int, services: list[str] | None) -> bytes | None:
    if words.depth > nesting:
        detail = f"Brackets may be nested {nesting} deep, and are {words.depth} deep here."
        return _problem("NestingLimit", detail=detail, limit="nesting", value=nesting)
    if services is None:
        return b'{"federated": true}' if words.services else None
    if services and words.doubtful:
        return _problem("Refused", detail="No prefix may contain the word service where SERVICE is used.")
    for iri in words.services:
        if iri not in services:
            return _problem("Refused", detail=_unserved(iri, services))
    return None


def _unserved(iri: str, services: list[str]) -> str:
    if not services:
        return "SERVICE is not answered here: queries make no connections."
    named = f"<{iri}> is not among them" if iri else "name the endpoint by its full IRI"
    return f"SERVICE may ask these endpoints only: {', '.join(f'<{known}>' for known in services)}; {named}."


# The answer


def _answer(store: ox.Store, prefixes: dict[str, str], asked: Asked, text: str, words: Words, output: Output) -> bytes:
    try:
        data_set = _data_set(asked)
    except ValueError as error:
        return _problem("Malformed", detail=f"A graph of the data set is no IRI: {error}.")
    try:
        result = store.query(text, **data_set)
        kind = "graph" if isinstance(result, ox.QueryTriples) else "results"
        media_type = asked[kind]
        if media_type is None:
            return _problem("NotAcceptable", detail=_NOT_ACCEPTABLE[kind])
        _serialize(result, media_type, prefixes, output)
    except SyntaxError as error:
        return _problem("QuerySyntax", **_mistake(str(error), text, prefixes))
    except OSError as error:  # All files are read: what is left is a connection, not to be had here, or that failed.
        if not words.services:
            return _problem("Refused", detail=_unserved("", []))
        return _problem("ServiceFailed", detail=_sentence(str(error)))
    except (RuntimeError, ValueError) as error:
        return _problem("Unanswerable", detail=_sentence(str(error)))
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
