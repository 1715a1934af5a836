"""Blank-node matching: the same nodes in two parses of one text."""

import pyoxigraph as ox

from publisher.rdf.blank_nodes import are_same, blank_nodes, match, rename

A, P, Q = (ox.NamedNode(f"urn:{name}") for name in "apq")


def nodes(*names: str) -> list[ox.BlankNode]:
    return [ox.BlankNode(name) for name in names]


def test_blank_nodes_are_subjects_and_objects() -> None:
    one, two = nodes("one", "two")
    assert blank_nodes([ox.Triple(one, P, A), ox.Triple(A, P, two)]) == {one, two}


def test_nodes_are_matched_by_content_and_parent() -> None:
    a, b, inner = nodes("a", "b", "inner")
    x, y, z = nodes("x", "y", "z")
    first = [ox.Triple(A, P, a), ox.Triple(A, P, b), ox.Triple(b, P, inner), ox.Triple(inner, Q, ox.Literal("1"))]
    second = [ox.Triple(A, P, x), ox.Triple(A, P, y), ox.Triple(x, P, z), ox.Triple(z, Q, ox.Literal("1"))]
    assert match(first, second, set()) == {a: y, b: x, inner: z}


def test_equal_siblings_are_matched_one_to_one() -> None:
    a, b, x, y = nodes("a", "b", "x", "y")
    found = match([ox.Triple(A, P, a), ox.Triple(A, P, b)], [ox.Triple(A, P, x), ox.Triple(A, P, y)], set())
    assert set(found) == {a, b}
    assert set(found.values()) == {x, y}


def test_labelled_nodes_keep_their_label() -> None:
    named, a, x = nodes("named", "a", "x")
    first = [ox.Triple(A, P, named), ox.Triple(named, Q, a)]
    second = [ox.Triple(A, P, named), ox.Triple(named, Q, x)]
    assert match(first, second, {named}) == {named: named, a: x}


def test_graphs_are_the_same_if_each_node_stands_for_one_other() -> None:
    a, b, x, y = nodes("a", "b", "x", "y")
    first = [ox.Triple(A, P, a), ox.Triple(A, Q, b)]
    assert are_same(first, [ox.Triple(A, P, x), ox.Triple(A, Q, y)])
    assert not are_same(first, [ox.Triple(A, P, x), ox.Triple(A, Q, x)])
    assert not are_same(first, [ox.Triple(A, Q, x), ox.Triple(A, P, y)])
    assert not are_same(first, [ox.Triple(A, P, x), ox.Triple(A, Q, A)])


def test_subject_and_object_are_renamed() -> None:
    a, x = nodes("a", "x")
    assert rename(ox.Triple(a, P, a), {a: x}) == ox.Triple(x, P, x)
