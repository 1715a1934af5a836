"""The graph stream: the same graph in any number of pieces, in each format."""

from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from support.each import each

from publisher.formats import GRAPHS, TURTLE, Format
from publisher.rdf import graph_stream
from publisher.rdf.graph_stream import write_in_pieces

PREFIXES = {"v": "http://example.org/v#", "s": "http://example.org/s/"}
HARD = "]}\n</rdf:RDF> @prefix é\r\t\"'"
TRIPLES = [
    ox.Triple(ox.NamedNode(f"http://example.org/s/{n // 3}"), ox.NamedNode(f"http://example.org/v#p{n % 2}"), term)
    for n, term in enumerate(
        [ox.Literal(HARD), ox.Literal("x", language="fr"), ox.Literal(7), ox.NamedNode("urn:o")] * 3
    )
]
BLANK = ox.Triple(ox.BlankNode("b"), ox.NamedNode("http://example.org/v#q"), ox.Literal("of a blank node"))


@pytest.mark.parametrize("form", GRAPHS, ids=str)
@pytest.mark.parametrize("size", [1, 5, 12, 1000])
def test_pieces_together_are_the_graph(form: Format, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_stream, "PIECE", size)
    text = b"".join(write_in_pieces([*TRIPLES, BLANK], form, PREFIXES))
    read = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.from_media_type(form.media_type))]
    named = {triple for triple in read if isinstance(triple.subject, ox.NamedNode)}
    assert (named, len(read)) == (set(TRIPLES), len(TRIPLES) + 1)


@each("form", GRAPHS)
def test_empty_graph_is_a_whole_document(form: Format) -> None:
    text = b"".join(write_in_pieces([], form, PREFIXES))
    assert list(ox.parse(text, format=ox.RdfFormat.from_media_type(form.media_type))) == []


def test_prefixes_are_declared_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_stream, "PIECE", 2)
    text = b"".join(write_in_pieces(TRIPLES[1:8:2], TURTLE, PREFIXES)).decode()
    declared = [line.split()[1] for line in text.splitlines() if line.startswith("@prefix")]
    assert declared == ["s:", "v:"]


def test_first_piece_comes_before_the_rest_is_read() -> None:
    read: list[ox.Triple] = []

    def triples() -> Iterator[ox.Triple]:
        for triple in TRIPLES * 1000:
            read.append(triple)
            yield triple

    next(iter(write_in_pieces(triples(), GRAPHS[0], PREFIXES)))
    assert len(read) == graph_stream.PIECE
