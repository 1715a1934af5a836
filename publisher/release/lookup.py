"""The look-up: finds triples of the compiled release in this process, for trusted callers."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox


class Lookup:
    """The triples of one compiled release.

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
