"""Blank-node matching: which blank nodes of two parses of one text are the same."""

from collections.abc import Iterable, Set
from typing import Any

import pyoxigraph as ox


def blank_nodes(triples: Iterable[ox.Triple]) -> set[ox.BlankNode]:
    """Return the blank nodes that are subjects or objects."""
    return {node for t in triples for node in (t.subject, t.object) if isinstance(node, ox.BlankNode)}


def match(
    first: Iterable[ox.Triple], second: Iterable[ox.Triple], labels: Set[ox.BlankNode]
) -> dict[ox.BlankNode, ox.BlankNode]:
    """Match the blank nodes of the first graph to those of the second, so that the graphs are the same.

    labels: the blank nodes that have the same label in both. Every other one must be the object of at most one triple,
    and not below itself: these form a forest, so that the time is linear except for sorting, and the result is exact
    (if nothing distinguishes two blank nodes, either is correct).
    """
    numbers: dict[object, int] = {}
    one, other = (_Forest(triples, labels, numbers).identities() for triples in (first, second))
    by_identity = {identity: node for node, identity in other.items()}
    return {node: by_identity[identity] for node, identity in one.items()} | {node: node for node in labels}


class _Forest:
    """The unlabeled blank nodes of one graph, as trees.

    numbers: content -> its number; shared by the graphs that are compared. A tree is identified by the number of its
    content, which avoids recursion.
    """

    def __init__(self, triples: Iterable[ox.Triple], labels: Set[ox.BlankNode], numbers: dict[object, int]) -> None:
        self.numbers = numbers
        self.edges: dict[Any, list[tuple[str, Any]]] = {}
        self.above: dict[Any, tuple[Any, str]] = {}
        for triple in dict.fromkeys(triples):
            subject, predicate, object_ = triple.subject, triple.predicate.value, triple.object
            if isinstance(subject, ox.BlankNode) and subject not in labels:
                self.edges.setdefault(subject, []).append((predicate, object_))
            if isinstance(object_, ox.BlankNode) and object_ not in labels:
                self.edges.setdefault(object_, [])
                self.above[object_] = (subject, predicate)

    def identities(self) -> dict[Any, int]:
        """Return the identity of each node: its parent, its content, and its number among equal siblings."""
        order = self._downward()
        content: dict[Any, int] = {}
        for node in reversed(order):
            below = [(p, content[o], "") if o in self.edges else (p, -1, str(o)) for p, o in self.edges[node]]
            content[node] = self._number(tuple(sorted(below)))
        found: dict[Any, int] = {}
        equals: dict[object, int] = {}
        for node in order:
            parent, predicate = self.above.get(node, ("", ""))
            place = (found[parent] if parent in self.edges else str(parent), predicate, content[node])
            equals[place] = equals.get(place, 0) + 1
            found[node] = self._number((*place, equals[place]))
        return found

    def _downward(self) -> list[Any]:
        """Return every node before those below it."""
        order = [node for node in self.edges if self.above.get(node, ("", ""))[0] not in self.edges]
        for node in order:  # The list grows during the loop.
            order += [object_ for _, object_ in self.edges[node] if object_ in self.edges]
        return order

    def _number(self, thing: object) -> int:
        return self.numbers.setdefault(thing, len(self.numbers))
