"""The tally: the same counts as the engine's, over graphs that share statements and have loose literals."""

from collections.abc import Sequence
from typing import Any

import pyoxigraph as ox
import pytest
from support.each import each

from publisher.release import tally
from publisher.release.tally import Tally

TEXT = """
PREFIX : <urn:>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
GRAPH :g1 {
  :a a :A, :B ; :p :b, :c, _:x ; :n 1, "one", "un"@fr ; :d "2026-01-01"^^xsd:date .
  :b a :A ; :p :a, :hub ; :n 1, "007"^^xsd:integer, 7 .
  _:x a :A ; :p :b .
  :untyped :p :a ; :n 2 .
}
GRAPH :g2 {
  :a a :A ; :p :b ; :n "01"^^xsd:integer, 1.50 ; :more :hub .
  :c a :C, _:y ; :p :hub ; :n "1"^^xsd:int ; :e 1.5e1 .
  :d a "a text" ; :p :c .
}
"""
QUERIES = {
    "properties": "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p",
    "classes": "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c FILTER isIRI(?c) } GROUP BY ?c",
    "class_properties": "SELECT ?c ?p (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o FILTER isIRI(?c) } GROUP BY ?c ?p",
    "targets": "SELECT ?c ?p ?t (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o . ?o a ?t FILTER (isIRI(?c) && isIRI(?t)) }"
    " GROUP BY ?c ?p ?t",
    "datatypes": "SELECT ?c ?p ?t (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o FILTER (isIRI(?c) && isLiteral(?o))"
    " BIND (DATATYPE(?o) AS ?t) } GROUP BY ?c ?p ?t",
    "graph_properties": "SELECT ?g ?p (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ?p",
    "graph_subjects": "SELECT ?g ?p (COUNT(DISTINCT ?s) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ?p",
    "graph_classes": "SELECT ?g ?c (COUNT(*) AS ?n) { GRAPH ?g { ?s a ?c FILTER isIRI(?c) } } GROUP BY ?g ?c",
}


@pytest.fixture(scope="module")
def quads() -> Sequence[ox.Quad]:
    return list(ox.parse(TEXT, format=ox.RdfFormat.TRIG))


@pytest.fixture(scope="module")
def store(quads: Sequence[ox.Quad]) -> ox.Store:
    found = ox.Store()
    found.extend(quads)
    found.extend(ox.Quad(q.subject, q.predicate, q.object) for q in quads)
    return found


def count(quads: Sequence[ox.Quad], counts: Tally, size: int = 1000) -> list[bytes]:
    lines = sorted(f"{quad} .\n".encode() for quad in quads)
    blocks = [lines[start : start + size] for start in range(0, len(lines), size)]
    return [line for block in counts.watch(blocks) for line in block]


@each("name", QUERIES)
def test_counts_are_those_of_the_engine(quads: Sequence[ox.Quad], store: ox.Store, name: str) -> None:
    with Tally() as counts:
        count(quads, counts)
    result: Any = store.query(QUERIES[name])
    expected = {tuple(term.value for term in list(row)[:-1]): int(row["n"].value) for row in result}
    assert len(expected) > 1
    assert {key if isinstance(key, tuple) else (key,): n for key, n in getattr(counts, name).items()} == expected


def test_totals_are_those_of_the_engine(quads: Sequence[ox.Quad], store: ox.Store) -> None:
    query = "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?m) (COUNT(DISTINCT ?o) AS ?k) { ?s ?p ?o }"
    kinds = "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }"
    result: Any = [[int(term.value) for term in row] for text in (query, kinds) for row in store.query(text)]  # type: ignore[union-attr]
    with Tally() as counts:
        count(quads, counts)
    assert [[counts.triples, counts.subjects, counts.different], [len(counts.kinds)]] == result


def test_lines_pass_unchanged_in_any_number_of_blocks(
    quads: Sequence[ox.Quad], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "SHAPES", 1)
    monkeypatch.setattr(tally, "EDGES", 1)
    with Tally() as whole, Tally() as parts:
        assert count(quads, whole) == count(quads, parts, 2) == sorted(f"{quad} .\n".encode() for quad in quads)
        assert all(getattr(whole, name) == getattr(parts, name) for name in QUERIES)


def test_objects_are_counted_by_lines(quads: Sequence[ox.Quad]) -> None:
    with Tally() as counts:
        count(quads, counts, 3)
    assert counts.objects.find(2) == [b"<urn:A>", b"<urn:b>", b"<urn:hub>"]


def test_nothing_is_counted_without_lines() -> None:
    with Tally() as counts:
        assert count([], counts) == []
    assert (counts.triples, counts.subjects, counts.properties) == (0, 0, {})
