"""Push targets: how statements are written to an endpoint, by SPARQL 1.1 Update or by the Graph Store Protocol."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import pyoxigraph as ox

from publisher.rdf.terms import has_blank_nodes
from publisher.sparql.trusted import TrustedEndpoint

Placed = tuple[str, ox.Triple]
"""A statement and its graph at the endpoint."""


class Stated(NamedTuple):
    """A value that something has in a graph, in place of any former one. value: in N-Triples."""

    graph: str
    subject: str
    property: str
    value: str


class Target(Protocol):
    """Where a push writes. Its methods raise as `TrustedEndpoint` does.

    Blank nodes that were sent twice would be others: what has them is not sent again where the connection breaks.
    """

    def load(self, batch: Sequence[Placed], then: Stated) -> None:
        """Add statements, and state a value after that. Equal labels of blank nodes in a batch are one node."""

    def state(self, value: Stated) -> None:
        """State a value."""

    def forget(self, graph: str, subject: str) -> None:
        """Remove all statements about a subject in a graph."""

    def drop(self, graph: str) -> None:
        """Remove a graph, if there is one."""


class UpdateTarget:
    """An endpoint that takes SPARQL 1.1 Update; a batch and the value after it are one request."""

    def __init__(self, endpoint: TrustedEndpoint) -> None:
        self._endpoint = endpoint

    def load(self, batch: Sequence[Placed], then: Stated) -> None:
        """Add statements, and state a value after that."""
        inside = "".join(
            f"GRAPH {ox.NamedNode(graph)} {{\n{lines}}}\n" for graph, lines in _write_graphs(batch).items()
        )
        # INSERT DATA may not have blank nodes everywhere; the condition is true once.
        blank = has_blank_nodes([triple for _, triple in batch])
        insert = f"INSERT {{ {inside} }} WHERE {{ SELECT * {{}} LIMIT 1 }}" if blank else f"INSERT DATA {{ {inside} }}"
        self._endpoint.update(f"{insert};\n{_replace(then)}", once=blank)

    def state(self, value: Stated) -> None:
        """State a value."""
        self._endpoint.update(_replace(value))

    def forget(self, graph: str, subject: str) -> None:
        """Remove all statements about a subject in a graph."""
        pattern = f"GRAPH {ox.NamedNode(graph)} {{ {ox.NamedNode(subject)} ?p ?o }}"
        self._endpoint.update(f"DELETE WHERE {{ {pattern} }}")

    def drop(self, graph: str) -> None:
        """Remove a graph, if there is one."""
        self._endpoint.update(f"DROP SILENT GRAPH {ox.NamedNode(graph)}")


class GraphStoreTarget:
    """An endpoint that takes the SPARQL 1.1 Graph Store HTTP Protocol.

    A request is about one graph, so a blank node in two graphs becomes two. What changes in a graph is read first, by a
    query, and then replaces it.

    query: the endpoint's address for queries. store: that of its graph store.
    """

    def __init__(self, query: TrustedEndpoint, store: TrustedEndpoint) -> None:
        self._query = query
        self._store = store

    def load(self, batch: Sequence[Placed], then: Stated) -> None:
        """Add statements, and state a value after that."""
        for graph, lines in _write_graphs(batch).items():
            self._store.change_graph("POST", graph, lines, once=has_blank_nodes([triple for _, triple in batch]))
        self.state(then)

    def state(self, value: Stated) -> None:
        """State a value."""
        start = f"{ox.NamedNode(value.subject)} {ox.NamedNode(value.property)} "
        others = [line for line in self._read(value.graph) if not line.startswith(start)]
        self._replace(value.graph, [*others, f"{start}{value.value} .\n"])

    def forget(self, graph: str, subject: str) -> None:
        """Remove all statements about a subject in a graph."""
        lines = self._read(graph)
        others = [line for line in lines if not line.startswith(f"{ox.NamedNode(subject)} ")]
        if len(others) < len(lines):
            self._replace(graph, others)

    def drop(self, graph: str) -> None:
        """Remove a graph, if there is one."""
        self._store.change_graph("DELETE", graph)

    def _read(self, graph: str) -> list[str]:
        triples = self._query.construct(f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH {ox.NamedNode(graph)} {{ ?s ?p ?o }} }}")
        return [f"{triple} .\n" for triple in triples]

    def _replace(self, graph: str, lines: Iterable[str]) -> None:
        self._store.change_graph("PUT", graph, "".join(lines))


def _replace(value: Stated) -> str:
    """The update that states a value in place of any former one."""
    graph, subject, property_ = (ox.NamedNode(iri) for iri in value[:3])
    before = f"GRAPH {graph} {{ {subject} {property_} ?former }}"
    after = f"GRAPH {graph} {{ {subject} {property_} {value.value} }}"
    return f"DELETE WHERE {{ {before} }};\nINSERT DATA {{ {after} }}"


def _write_graphs(batch: Iterable[Placed]) -> dict[str, str]:
    """The statements of each graph, in N-Triples."""
    graphs: dict[str, list[str]] = {}
    for graph, triple in batch:
        graphs.setdefault(graph, []).append(f"{triple} .\n")
    return {graph: "".join(lines) for graph, lines in graphs.items()}
