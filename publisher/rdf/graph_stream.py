"""The graph stream: writes a graph of any size in pieces, in each format of graphs, with bounded memory.

Each piece is written by the engine; what belongs around all statements is kept of the first and the last one only.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final

import pyoxigraph as ox

from publisher.formats import JSON_LD, N_TRIPLES, RDF_XML, TURTLE, Format

PIECE: Final = 2000
"""Triples of a piece: a first one of a tenth of a second."""
_FORMATS: Final = {
    TURTLE: ox.RdfFormat.TURTLE,
    JSON_LD: ox.RdfFormat.JSON_LD,
    N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    RDF_XML: ox.RdfFormat.RDF_XML,
}
_WRAPPED: Final = {
    TURTLE: (re.compile(rb"\A(?:@prefix [^\n]*\n)*"), re.compile(rb"\Z")),
    JSON_LD: (re.compile(rb"\A\s*\["), re.compile(rb"\]\s*\Z")),
    N_TRIPLES: (re.compile(rb"\A"), re.compile(rb"\Z")),
    RDF_XML: (re.compile(rb"\A<\?xml[^>]*>\s*<rdf:RDF[^>]*>"), re.compile(rb"\s*</rdf:RDF>\s*\Z")),
}
"""What stands before and after the statements, by format."""


def write_in_pieces(triples: Iterable[ox.Triple], chosen: Format, prefixes: Mapping[str, str]) -> Iterator[bytes]:
    """Write triples in one of `GRAPHS`, piece by piece. JSON-LD is expanded.

    Raises KeyError for another format.
    """
    found = iter(triples)
    separator = {JSON_LD: b",", TURTLE: b"\n"}.get(chosen, b"")
    before, text, after = _write(list(islice(found, PIECE)), chosen, prefixes)
    yield before + text
    while piece := list(islice(found, PIECE)):
        _, text, _ = _write(piece, chosen, prefixes)
        yield separator + text
    yield after


def _write(triples: list[ox.Triple], chosen: Format, prefixes: Mapping[str, str]) -> tuple[bytes, bytes, bytes]:
    """Triples as a whole file: what stands before the statements, these, and what follows."""
    named = dict(prefixes) if chosen in (TURTLE, RDF_XML) else None
    text = ox.serialize(triples, format=_FORMATS[chosen], prefixes=named) or b""
    first, last = _WRAPPED[chosen]
    start, end = first.search(text), last.search(text)
    assert start is not None
    assert end is not None
    before = b"".join(sorted(start[0].splitlines(keepends=True))) if chosen is TURTLE else start[0]
    return before, text[start.end() : end.start()], text[end.start() :]
