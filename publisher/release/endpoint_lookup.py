"""The look-up at an endpoint: statements about things and the graphs of data, by bounded queries made of terms.

What describes the data set and the vocabulary is read from the compiled release: every page needs it, also the one that
reports that the endpoint failed.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import ONTOLOGY_PATH, SHAPES_PATH, Names
from publisher.errors import EndpointFailedError, EndpointTimeoutError, ResultLimitError
from publisher.release.lookup import Lookup
from publisher.release.statistics import CATALOGUE, EXAMPLES
from publisher.sparql.translation import Placement
from publisher.sparql.trusted import TrustedEndpoint

AT_ONCE: Final = 100
"""Subjects that one query asks for."""
KEPT: Final = 4096
"""Subjects whose statements are kept: those of a release never change."""
MOST: Final = 50_000
"""Statements that a look-up without a subject finds at most; things with more have theirs in the index."""

Triples = Sequence[ox.Triple]


class EndpointLookup:
    """The look-up in a release at an endpoint.

    names: tell things from other terms. compiled: the look-up in the compiled release. check: raises the reason why the
    endpoint cannot be asked. suspect: called when it failed.
    Its methods raise as `check` and `TrustedEndpoint` do.
    """

    def __init__(
        self,
        endpoint: TrustedEndpoint,
        placement: Placement,
        names: Names,
        compiled: Lookup,
        *,
        check: Callable[[], None],
        suspect: Callable[[], None],
    ) -> None:
        self._endpoint = endpoint
        self._placement = placement
        self._default = ox.NamedNode(placement.default)
        self._names = names
        self._compiled = compiled
        self._local = {names.iri(path) for path in (ONTOLOGY_PATH, SHAPES_PATH, CATALOGUE, EXAMPLES)}
        self._check = check
        self._suspect = suspect
        self._known: OrderedDict[str, Triples] = OrderedDict()
        self._lock = threading.Lock()

    def find(
        self, subject: ox.NamedNode | None, predicate: ox.NamedNode | None, object_: ox.NamedNode | None
    ) -> Iterator[ox.Triple]:
        """Find the triples of the default graph that match; None matches anything."""
        if subject is not None and self._names.thing(subject.value) is None:
            return self._compiled.find(subject, predicate, object_)
        if subject is None:
            pattern = f"?s {predicate or '?p'} {object_ or '?o'}"
            where = f"{{ GRAPH {self._default} {{ {pattern} }} }}"
            return iter(self._construct(f"CONSTRUCT {{ {pattern} }} WHERE {where} LIMIT {MOST}"))
        about = self._collect([subject.value])[subject.value]
        return (t for t in about if predicate in (None, t.predicate) and object_ in (None, t.object))

    def find_stated(self, subject: ox.NamedNode, graph: str) -> Iterator[ox.Triple]:
        """Find the triples about a subject in one named graph."""
        if graph in self._local:
            return self._compiled.find_stated(subject, graph)
        place = ox.NamedNode(self._placement.locate(graph))
        pattern = f"{subject} ?p ?o"
        return iter(self._construct(f"CONSTRUCT {{ {pattern} }} WHERE {{ GRAPH {place} {{ {pattern} }} }}"))

    def graph(self, name: str) -> Triples:
        """Return the triples of one named graph; none if there is no such graph."""
        if name in self._local:
            return self._compiled.graph(name)
        if name not in self._placement.graphs:
            return []
        graph = ox.NamedNode(self._placement.locate(name))
        return self._construct(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}")

    def stream_graph(self, name: str) -> Iterator[ox.Triple]:
        """Yield the triples of one named graph, those of a subject together."""
        return iter(sorted(self.graph(name), key=lambda triple: str(triple.subject)))

    def prefetch(self, subjects: Iterable[object]) -> None:
        """Ask for the triples about all these subjects at once, as far as they are things or their parts."""
        iris = dict.fromkeys(term.value for term in subjects if isinstance(term, ox.NamedNode))
        self._collect([iri for iri in iris if self._names.thing(iri) is not None])

    def close(self) -> None:
        """Close the compiled store."""
        self._compiled.close()

    def _collect(self, iris: Sequence[str]) -> dict[str, Triples]:
        """The triples about some things, those kept or asked for now."""
        if not iris:
            return {}
        self._check()
        with self._lock:
            found = {iri: self._known[iri] for iri in iris if iri in self._known}
            for iri in found:
                self._known.move_to_end(iri)
        missing = [iri for iri in iris if iri not in found]
        for start in range(0, len(missing), AT_ONCE):
            found |= self._ask(missing[start : start + AT_ONCE])
        return found

    def _ask(self, iris: Sequence[str]) -> dict[str, Triples]:
        if len(iris) == 1:
            pattern = f"{ox.NamedNode(iris[0])} ?p ?o"
            query = f"CONSTRUCT {{ {pattern} }} WHERE {{ GRAPH {self._default} {{ {pattern} }} }}"
        else:
            values = " ".join(str(ox.NamedNode(iri)) for iri in iris)
            pattern = f"VALUES ?s {{ {values} }} GRAPH {self._default} {{ ?s ?p ?o }}"
            query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}"
        found: dict[str, list[ox.Triple]] = {iri: [] for iri in iris}
        for triple in self._construct(query):
            if isinstance(triple.subject, ox.NamedNode) and triple.subject.value in found:
                found[triple.subject.value].append(triple)
        with self._lock:
            self._known.update(found)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return dict(found)

    def _construct(self, query: str) -> Triples:
        self._check()
        try:
            return self._endpoint.construct(query)
        except (EndpointFailedError, EndpointTimeoutError):
            self._suspect()
            raise
        except ResultLimitError as error:  # What a look-up finds is far smaller.
            self._suspect()
            raise EndpointFailedError(f"The endpoint of this server sent too much. {error.detail}") from error
