"""RDF terms: helpers over triples."""

import pyoxigraph as ox
import pytest

from publisher.errors import BlankNodeError
from publisher.rdf.terms import group_by_predicate, has_blank_nodes, terms, values

A, P, Q = (ox.NamedNode(f"urn:{name}") for name in "apq")
B = ox.BlankNode("b")
PLAIN = ox.Triple(A, P, ox.Literal("1"))


@pytest.mark.parametrize(
    ("triple", "expected"), [(PLAIN, False), (ox.Triple(B, P, A), True), (ox.Triple(A, P, B), True)]
)
def test_blank_nodes_are_found_as_subject_or_object(triple: ox.Triple, expected: bool) -> None:
    assert has_blank_nodes([PLAIN, triple]) is expected


def test_triples_are_grouped_by_predicate_in_order() -> None:
    triples = [PLAIN, ox.Triple(A, Q, A), ox.Triple(A, P, A)]
    assert group_by_predicate(triples) == {P: [triples[0], triples[2]], Q: [triples[1]]}


def test_values_are_iris_and_lexical_forms() -> None:
    assert values([PLAIN, ox.Triple(A, P, A), ox.Triple(A, P, B), ox.Triple(A, Q, A)], "urn:p") == ["1", "urn:a"]


@pytest.mark.parametrize("object_", [PLAIN, ox.Literal("x", language="ar", direction=ox.BaseDirection.RTL)])
def test_rdf_1_2_terms_are_rejected(object_: ox.Triple | ox.Literal) -> None:
    assert terms(PLAIN) == (A, P, ox.Literal("1"))
    with pytest.raises(BlankNodeError, match=r"RDF 1\.2"):
        terms(ox.Triple(A, P, object_))
