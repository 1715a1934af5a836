"""The look-up: finds triples of a release for trusted callers, without a query of a visitor."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pyoxigraph as ox


class Lookup(Protocol):
    """The triples of one release: in its compiled store, or at an endpoint."""

    def find(
        self, subject: ox.NamedNode | None, predicate: ox.NamedNode | None, object_: ox.NamedNode | None
    ) -> Iterator[ox.Triple]:
        """Find the triples of the default graph that match; None matches anything."""

    def find_stated(self, subject: ox.NamedNode, graph: str) -> Iterator[ox.Triple]:
        """Find the triples about a subject in one named graph."""

    def graph(self, name: str) -> Sequence[ox.Triple]:
        """Return the triples of one named graph; none if there is no such graph."""

    def stream_graph(self, name: str) -> Iterator[ox.Triple]:
        """Yield the triples of one named graph, those of a subject together. Only one thread can read them."""

    def prefetch(self, subjects: Iterable[object]) -> None:
        """Prepare to find the triples about these subjects: an endpoint is then asked for all at once."""


class StoreLookup:
    """The look-up in the compiled store, in this process.

    path: the store's folder. Raises OSError where it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._store = ox.Store.read_only(str(path))

    def find(
        self, subject: ox.NamedNode | None, predicate: ox.NamedNode | None, object_: ox.NamedNode | None
    ) -> Iterator[ox.Triple]:
        """Find the triples of the default graph that match; None matches anything."""
        found = self._store.quads_for_pattern(subject, predicate, object_, ox.DefaultGraph())
        return (quad.triple for quad in found)

    def find_stated(self, subject: ox.NamedNode, graph: str) -> Iterator[ox.Triple]:
        """Find the triples about a subject in one named graph."""
        found = self._store.quads_for_pattern(subject, None, None, ox.NamedNode(graph))
        return (quad.triple for quad in found)

    def graph(self, name: str) -> Sequence[ox.Triple]:
        """Return the triples of one named graph; none if there is no such graph."""
        return list(self.stream_graph(name))

    def stream_graph(self, name: str) -> Iterator[ox.Triple]:
        """Yield the triples of one named graph, those of a subject together. Only one thread can read them."""
        found = self._store.quads_for_pattern(None, None, None, ox.NamedNode(name))
        return (quad.triple for quad in found)

    def prefetch(self, subjects: Iterable[object]) -> None:
        """Do nothing: every look-up is fast."""
