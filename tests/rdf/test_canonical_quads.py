"""Canonical N-Quads: lines, order, blank nodes, runs on disk."""

import hashlib
import random

import pyoxigraph as ox
import pytest
from support.each import each

from publisher.rdf import canonical_quads
from publisher.rdf.canonical_quads import CanonicalQuads, merge

G, H = "https://example.org/g", "https://example.org/h"
A, P, Q = (ox.NamedNode(f"https://example.org/{name}") for name in "apq")


def parse(turtle: str) -> list[ox.Triple]:
    """The triples of a text; each parse gives blank nodes other labels."""
    return [quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)]


def lines(*graphs: tuple[str, list[ox.Triple]], held: int = canonical_quads.HELD) -> list[str]:
    with CanonicalQuads(held) as quads:
        for graph, triples in graphs:
            quads.add(graph, triples)
        return [line.decode() for block in quads.blocks() for line in block]


def test_lines_are_sorted_and_unique() -> None:
    found = lines((H, [ox.Triple(A, P, A)]), (G, [ox.Triple(A, Q, A), ox.Triple(A, P, A)]), (G, [ox.Triple(A, P, A)]))
    assert found == [f"{A} {P} {A} <{G}> .\n", f"{A} {P} {A} <{H}> .\n", f"{A} {Q} {A} <{G}> .\n"]


def test_literals_are_escaped_as_canonical_n_quads() -> None:
    """RDF Dataset Canonicalization, section 5, with a text that looks like the end of a statement."""
    text = 'a\tb\nc\rd"e\\f\b\f\x01 .\n_:x> _:y \x7f'
    (found,) = lines((G, [ox.Triple(A, P, ox.Literal(text))]))
    assert found == (f'{A} {P} "a\\tb\\nc\\rd\\"e\\\\f\\b\\f\\u0001 .\\n_:x> _:y \\u007F" <{G}> .\n')


def test_ground_graphs_are_canonical_as_rdfc_1_0_says() -> None:
    triples = parse('@prefix : <https://example.org/> . :a :p :b, "x"@en, 7, "é\\n" . :b :q :a .')
    data_set = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(G)) for t in triples)
    data_set.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    written = ox.serialize(data_set, format=ox.RdfFormat.N_QUADS).decode().splitlines(keepends=True)
    assert lines((G, triples)) == sorted(written)


TREES = """@prefix : <https://example.org/> .
:a :p [ :q ( 1 2 [ :p :a ] ) ; :p "x" ] , [ :p "y" ] , [ ] , [ ] .
[ :p :a ] .
"""


def test_labels_follow_from_content_alone() -> None:
    first, second = parse(TREES), parse(TREES)
    random.Random(7).shuffle(second)
    assert {str(t) for t in first} != {str(t) for t in second}
    found = lines((G, first))
    assert found == lines((G, second))
    assert len(found) == len(first), "equal siblings are different nodes"


def test_labels_are_those_of_the_stated_rule() -> None:
    def digest(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    content = digest(f'["{G}",[["{P.value}","","[\\"x\\",null,\\"http://www.w3.org/2001/XMLSchema#string\\"]"]]]')
    label = digest(f'["{G}",["<{A.value}>","{Q.value}","{content}",1]]')[:32]
    assert lines((G, parse(f'{A} {Q} [ {P} "x" ] .'))) == [
        f"{A} {Q} _:b{label} <{G}> .\n",
        f'_:b{label} {P} "x" <{G}> .\n',
    ]


def test_an_edit_elsewhere_changes_no_label() -> None:
    before = lines((G, parse(TREES)))
    after = lines((G, parse(TREES + ":b :p [ :q 3 ] .")))
    assert set(before) < set(after)
    assert len(after) == len(before) + 2


def test_labels_of_two_graphs_differ() -> None:
    labels = {line.split()[0] for line in lines((G, parse("[ <urn:p> 1 ] .")), (H, parse("[ <urn:p> 1 ] .")))}
    assert len(labels) == 2


def test_many_lines_are_sorted_in_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical_quads, "READ", 200)
    source = random.Random(3)
    pieces = [(G, [ox.Triple(A, P, ox.Literal(str(source.randrange(400)))) for _ in range(20)]) for _ in range(30)]
    pieces.append((G, parse(TREES)))
    assert lines(*pieces, held=500) == lines(*pieces)


@each(
    ("runs", "expected"),
    [
        ([], []),
        ([[[b"a"]], []], [b"a"]),
        ([[[b"a", b"c"], [b"d"]], [[b"b", b"c"]], [[b"c"]]], [b"a", b"b", b"c", b"d"]),
        ([[[b"a"], [b"b"]], [[b"z"]]], [b"a", b"b", b"z"]),
    ],
)
def test_runs_are_merged_without_repeated_lines(runs: list[list[list[bytes]]], expected: list[bytes]) -> None:
    assert [line for block in merge(map(iter, runs)) for line in block] == expected


def test_digest_is_that_of_the_lines() -> None:
    triples = parse(TREES)
    with CanonicalQuads() as quads:
        quads.add(G, triples)
        assert quads.digest() == hashlib.sha256("".join(lines((G, triples))).encode()).hexdigest()


def test_no_graph_has_no_lines() -> None:
    assert lines() == lines((G, [])) == []
