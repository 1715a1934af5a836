"""What query processes share: the head of a request, serialization, closing messages, explanations of errors.

It imports little, so that a query process starts fast.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain, islice
from typing import IO, Any, Final, cast

import pyoxigraph as ox

from publisher.sparql import excerpt
from publisher.sparql.excerpt import Count
from publisher.sparql.syntax_errors import explain
from publisher.sparql.workers.child import Output

LOOKED_AT: Final = 1000
"""Triples of a graph that are searched for the prefixes it needs; a larger graph declares all prefixes."""

Head = dict[str, Any]
"""The line before a query: media types wanted for `results` and for a `graph`, and the data set's graphs, `default` and
`named`; `excerpt`, the rows or triples that are enough, where not all are wanted."""
NOT_ACCEPTABLE: Final = {
    "graph": "The query gives a graph: request Turtle, JSON-LD, N-Triples or RDF/XML.",
    "results": "The query gives rows or a truth value: request SPARQL results in JSON, XML, CSV or TSV.",
}
_IRI: Final = re.compile("<([^<>]*)>")
_NOT_IN_XML: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
"""Characters, in UTF-8, that no XML document can hold (XML 1.0, section 2.2)."""
LONGEST_QUOTE: Final = 500
"""Characters of a message of the engine."""
LONGEST_EMPTY: Final = 1 << 12
"""Bytes of an answer that may be empty: its head names the variables."""
_EMPTY: Final = {
    "results": {
        "json": re.compile(
            rb'"bindings":\[\]|"boolean":false|"vars": ?\["[^]]*\]\},"results":\{"bindings":\[\{'
            rb'(?:(?:, ?)?"[^"]*": ?\{"type": ?"literal", ?"value": ?"0?"(?:, ?"datatype": ?"[^"]*")?\})*\}\]'
        ),
        "xml": re.compile(
            rb"<results></results>|<results ?/>|<boolean>false|<variable .*<results><result ?/?>"
            rb'(?:<binding name="[^"]*"><literal[^>]*>0?(?:</literal>)?</binding>)*(?:</result>)?</results>'
        ),
        "": re.compile(rb'\A(?:[^\n]*\n?|[^\r\n]+\r?\n[,\t]*(?:(?:0|"")[,\t]*)*\r?\n)\Z'),
    },
    "graph": {
        "json": re.compile(rb"\A[\s\[\]]*\Z"),
        "xml": re.compile(rb"<rdf:RDF[^>]*/>|<rdf:RDF[^>]*>\s*</rdf:RDF>"),
        "": re.compile(rb"\A(@prefix[^\n]*\n|\s)*\Z"),
    },
}
"""What an answer without rows or triples looks like, a single row of zeros and unbound variables, and `false`: by the
kind of answer, and by what its media type contains."""


@lru_cache(maxsize=16)
def read_head(head: bytes) -> Head:
    """Parse the line before a query; it is the same for most."""
    return dict(json.loads(head))


@lru_cache
def write_closing(
    kind: str, media_type: str, repeatable: bool, counted: Count | None, about: tuple[str, ...], *hints: str
) -> bytes:
    """Write the closing message of an answer. counted and about: of an excerpt."""
    members: dict[str, Any] = {"kind": kind, "format": media_type, "repeatable": repeatable}
    members |= counted._asdict() if counted else {}
    members |= {"outline": about} if about else {}
    return json.dumps(members | ({"hints": hints} if hints else {})).encode()


def write_problem(problem: str, **members: object) -> bytes:
    """Write the closing message of a query that has no answer."""
    return json.dumps({"problem": problem} | members).encode()


class XmlError(OSError):
    """An answer contains a character that XML cannot hold."""


class _XmlOutput:
    """Passes an answer in XML on, and refuses characters that the engine writes and no XML parser reads."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._tail = b""

    def write(self, data: bytes, /) -> int:
        """Take the next bytes. Raises XmlError."""
        found = _NOT_IN_XML.search(self._tail + data)
        if found:
            raise XmlError(f"XML cannot hold the character U+{ord(found[0].decode()):04X}: request another format.")
        self._tail = data[-2:]
        return self._output.write(data)

    def flush(self) -> None:
        """Do nothing, as `Output` does."""


def write_rows(result: Any, media_type: str, output: Output, most: int | None = None) -> Count | None:
    """Write rows or a truth value. Raises XmlError.

    most: rows that are enough, if not all are wanted; returns how many there are then.
    """
    if most and isinstance(result, ox.QuerySolutions):
        return excerpt.write_rows(result, most, output)
    result.serialize(_as_file(media_type, output), format=ox.QueryResultsFormat.from_media_type(media_type))
    return None


def write_graph(
    triples: Iterable[ox.Triple], media_type: str, prefixes: dict[str, str], output: Output, most: int | None = None
) -> Count | None:
    """Write a graph with the prefixes that it needs. Raises XmlError.

    most: triples that are enough, if not all are wanted; returns how many there are then.
    """
    others, counted = iter(triples), None
    if most:
        first, counted = excerpt.write_triples(others, most)
        others = iter(())
    else:
        first = list(islice(others, LOOKED_AT))
    needed = prefixes if len(first) >= LOOKED_AT and not most else _choose_prefixes(prefixes, first)
    form = ox.RdfFormat.from_media_type(media_type)
    ox.serialize(chain(first, others), _as_file(media_type, output), format=form, prefixes=needed)
    return counted


def is_empty(output: Output, kind: str, media_type: str) -> bool:
    """Whether an answer that is written has nothing to say, as `_EMPTY` describes it."""
    empty = next(empty for part, empty in _EMPTY[kind].items() if part in media_type)
    answer = output.read_short(LONGEST_EMPTY)
    return answer is not None and bool(empty.search(answer))


def _as_file(media_type: str, output: Output) -> IO[bytes]:
    """The output as what the engine takes; it calls nothing but write and flush."""
    return cast(IO[bytes], _XmlOutput(output) if "xml" in media_type else output)


def _choose_prefixes(prefixes: dict[str, str], triples: Iterable[ox.Triple]) -> dict[str, str]:
    """Return the prefixes whose namespace some IRI of a graph starts with."""
    iris = sorted({iri for triple in triples for iri in _IRI.findall(str(triple))})

    def is_used(namespace: str) -> bool:
        place = bisect_left(iris, namespace)
        return place < len(iris) and iris[place].startswith(namespace)

    return {prefix: namespace for prefix, namespace in prefixes.items() if is_used(namespace)}


def refuse_nesting(depth: int, limit: int) -> bytes:
    """Write the closing message of a query whose brackets are nested too deep."""
    detail = f"Brackets are nested {depth} deep; the limit is {limit}."
    return write_problem("NestingLimitError", detail=detail, limit="nesting", value=limit)


def explain_syntax(message: str, text: str, base: str, prefixes: Mapping[str, str]) -> dict[str, object]:
    """Return the members of a syntax error: its position, the source line, and the reason."""

    def parse(other: str) -> str:
        try:
            ox.Store().query(other, base_iri=base)  # over an empty store: only parsing matters
        except SyntaxError as error:
            return str(error)
        except (OSError, RuntimeError, ValueError):  # it parsed, but could not be evaluated
            return ""
        return ""

    found = explain(text, message, parse, prefixes)
    if found is None:
        return {"detail": message}
    lines = text.split("\n")
    offending = lines[found.line - 1] if found.line <= len(lines) else ""
    detail = f"Line {found.line}, column {found.column}: {found.reason}"
    return {"detail": detail, "line": found.line, "column": found.column, "text": offending}


def capitalize(message: str) -> str:
    """Return a message of the engine as a sentence on one line. It may quote all that another endpoint sent."""
    line = " ".join(message[: 2 * LONGEST_QUOTE].split())
    line = line if len(line) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE]} ..."
    return line[:1].upper() + line[1:] + ("" if line.endswith(".") else ".")
