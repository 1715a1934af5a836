"""Blank nodes: which of two parses of one text are the same, and labels that follow from their content alone."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any, Final

import pyoxigraph as ox

LABEL: Final = 32
"""Hexadecimal digits of a canonical label."""


def blank_nodes(triples: Iterable[ox.Triple]) -> set[ox.BlankNode]:
    """Return the blank nodes that are subjects or objects."""
    return {node for t in triples for node in (t.subject, t.object) if isinstance(node, ox.BlankNode)}


def are_same(first: Sequence[ox.Triple], second: Sequence[ox.Triple]) -> bool:
    """Whether triples are the same in order but for the names of blank nodes, each of which stands for one other.

    Both have the same length.
    """
    names: dict[Any, Any] = {}
    for one, other in zip(first, second, strict=True):
        if one.predicate != other.predicate:
            return False
        for term, name in ((one.subject, other.subject), (one.object, other.object)):
            if names.setdefault(term, name) != name or type(term) is not type(name):
                return False
            if type(term) is not ox.BlankNode and term != name:
                return False
    return len(set(names.values())) == len(names)


def rename(triple: ox.Triple, names: Mapping[Any, Any]) -> ox.Triple:
    """Return a triple with other names for the nodes that have one."""
    subject, object_ = triple.subject, triple.object
    return ox.Triple(names.get(subject, subject), triple.predicate, names.get(object_, object_))


def match(
    first: Iterable[ox.Triple], second: Iterable[ox.Triple], labels: Set[ox.BlankNode]
) -> dict[ox.BlankNode, ox.BlankNode]:
    """Match the blank nodes of the first graph to those of the second, so that the graphs are the same.

    labels: the blank nodes that have the same label in both. Every other one must be the object of at most one triple,
    and not below itself: these form a forest, so that the time is linear except for sorting, and the result is exact
    (if nothing distinguishes two blank nodes, either is correct).
    """
    numbers: dict[object, str] = {}

    def number(thing: object) -> str:
        return numbers.setdefault(thing, str(len(numbers)))

    one, other = (_Forest(triples, labels, number, str).identities() for triples in (first, second))
    by_identity = {identity: node for node, identity in other.items()}
    return {node: by_identity[identity] for node, identity in one.items()} | {node: node for node in labels}


def label_canonically(triples: Sequence[ox.Triple], graph: str) -> list[ox.Triple]:
    """Return the triples of a graph with canonical labels in place of those of its blank nodes.

    graph: its IRI. Every blank node must be the object of at most one triple, and not below itself.

    The label of a blank node is `b` and the first 32 digits of the SHA-256 of a JSON array: the graph; the label or the
    term that it is the object of, and the predicate (both empty if there is none); the digest of its content; and its
    number among siblings of the same content, from 1. Its content is the sorted array of the predicates and objects of
    its statements, with the digest of its content in place of a blank node. So an edit elsewhere changes no label.
    """
    identities = _Forest(triples, frozenset(), lambda thing: _digest([graph, thing]), _spell).identities()
    labels = {node: ox.BlankNode(f"b{identity[:LABEL]}") for node, identity in identities.items()}
    return [ox.Triple(labels.get(t.subject, t.subject), t.predicate, labels.get(t.object, t.object)) for t in triples]


def _digest(thing: object) -> str:
    return hashlib.sha256(json.dumps(thing, separators=(",", ":")).encode()).hexdigest()


def _spell(term: Any) -> str:
    """A term as a text that no other term has."""
    if isinstance(term, ox.Literal):
        return json.dumps([term.value, term.language, term.datatype.value], separators=(",", ":"))
    return f"<{term.value}>"


class _Forest:
    """The unlabeled blank nodes of one graph, as trees.

    name: the name of a content, different for different ones, and the same for the graphs that are compared; a tree is
    identified by the name of its content, which avoids recursion. spell: the text of a term that is not one of them.
    """

    def __init__(
        self,
        triples: Iterable[ox.Triple],
        labels: Set[ox.BlankNode],
        name: Callable[[object], str],
        spell: Callable[[Any], str],
    ) -> None:
        self._name, self._spell = name, spell
        self.edges: dict[Any, list[tuple[str, Any]]] = {}
        self.above: dict[Any, tuple[Any, str]] = {}
        for triple in dict.fromkeys(triples):
            subject, predicate, object_ = triple.subject, triple.predicate.value, triple.object
            if isinstance(subject, ox.BlankNode) and subject not in labels:
                self.edges.setdefault(subject, []).append((predicate, object_))
            if isinstance(object_, ox.BlankNode) and object_ not in labels:
                self.edges.setdefault(object_, [])
                self.above[object_] = (subject, predicate)

    def identities(self) -> dict[Any, str]:
        """Return the identity of each node: its parent, its content, and its number among equal siblings."""
        order = self._downward()
        content: dict[Any, str] = {}
        for node in reversed(order):
            below = [(p, content[o], "") if o in self.edges else (p, "", self._spell(o)) for p, o in self.edges[node]]
            content[node] = self._name(tuple(sorted(below)))
        found: dict[Any, str] = {}
        equals: dict[object, int] = {}
        for node in order:
            parent, predicate = self.above.get(node, ("", ""))
            above = found[parent] if parent in self.edges else self._spell(parent) if parent else ""
            place = (above, predicate, content[node])
            equals[place] = equals.get(place, 0) + 1
            found[node] = self._name((*place, equals[place]))
        return found

    def _downward(self) -> list[Any]:
        """Return every node before those below it."""
        order = [node for node in self.edges if self.above.get(node, ("", ""))[0] not in self.edges]
        for node in order:  # The list grows during the loop.
            order += [object_ for _, object_ in self.edges[node] if object_ in self.edges]
        return order
