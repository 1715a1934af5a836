"""Node selection: the focus nodes of a shape's targets, and the value nodes of its path (SHACL, 2.1.3 and 2.3.1)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf.namespaces import RDF, RDFS
from publisher.validation.shapes.graph import ShapesGraph
from publisher.validation.shapes.property_paths import SEQUENCE

MAX_DEPTH: Final = 20
"""Shapes within shapes that are followed from a node."""

_TYPE: Final = ox.NamedNode(RDF + "type")
_SUBCLASS: Final = ox.NamedNode(RDFS + "subClassOf")


class Nodes:
    """The nodes of a data graph as the shapes select them.

    by_predicate: the statements of the data. targets: the nodes that targets select, if those are of other statements.
    """

    def __init__(
        self,
        graph: ShapesGraph,
        by_predicate: Mapping[ox.NamedNode, Sequence[ox.Triple]],
        targets: "Nodes | None" = None,
    ) -> None:
        self.graph, self._by_predicate, self._targets = graph, by_predicate, targets
        self._indexes: dict[tuple[ox.NamedNode, bool], dict[Any, list[Any]]] = {}

    def _ends(self, node: Any, predicate: ox.NamedNode, *, inverse: bool) -> Sequence[Any]:
        """The objects of a subject and a predicate; or the subjects of an object. Only what is asked for is indexed."""
        key = predicate, inverse
        if key not in self._indexes:
            found: dict[Any, list[Any]] = {}
            for triple in self._by_predicate.get(predicate, ()):
                start, end = (triple.object, triple.subject) if inverse else (triple.subject, triple.object)
                found.setdefault(start, []).append(end)
            self._indexes[key] = found
        return self._indexes[key].get(node, ())

    @cached_property
    def _about(self) -> Mapping[Any, list[ox.Triple]]:
        """Subject -> the statements about it."""
        found: dict[Any, list[ox.Triple]] = {}
        for triple in (triple for stated in self._by_predicate.values() for triple in stated):
            found.setdefault(triple.subject, []).append(triple)
        return found

    def focus_nodes(self, shape: Any) -> list[Any]:
        """The nodes that the targets of a shape select, each once."""
        if self._targets:
            return self._targets.focus_nodes(shape)
        found: dict[Any, None] = {}
        for kind, term, _ in self.graph.targets_of(shape):
            if kind == "targetNode":
                found[term] = None
            elif kind == "targetClass":
                classes = _close([term], lambda one: self._ends(one, _SUBCLASS, inverse=True))
                found |= dict.fromkeys(n for c in classes for n in self._ends(c, _TYPE, inverse=True))
            else:
                ends = self._by_predicate.get(term, [])
                found |= dict.fromkeys(t.subject if kind == "targetSubjectsOf" else t.object for t in ends)
        return list(found)

    def value_nodes(self, shape: Any, node: Any) -> list[Any]:
        """The value nodes of a shape for a focus node: those of its path, else the focus node itself."""
        path = next(iter(self.graph.values(shape, "path")), None)
        return [node] if path is None else self.follow(node, path)

    def find_unexpected(self, shape: Any, node: Any) -> list[Any]:
        """The statements about a node with properties that a closed shape does not name (SHACL, section 4.8.1)."""
        named = {path for held in self.graph.values(shape, "property") for path in self.graph.values(held, "path")}
        ignored = (self.graph.paths.items(head) or [] for head in self.graph.values(shape, "ignoredProperties"))
        named.update(term for terms in ignored for term in terms)
        return [triple for triple in self._about.get(node, []) if triple.predicate not in named]

    def follow(self, node: Any, path: Any, *, inverse: bool = False) -> list[Any]:
        """The nodes that a path leads to from a node, each once; or from which it leads there."""
        if isinstance(path, ox.NamedNode):
            return list(dict.fromkeys(self._ends(node, path, inverse=inverse)))
        kind, parts = self.graph.paths.read(path)
        if kind == SEQUENCE:
            found = [node] if parts else []
            for part in reversed(parts) if inverse else parts:
                found = list(dict.fromkeys(n for one in found for n in self.follow(one, part, inverse=inverse)))
            return found
        if kind == "inversePath":
            return self.follow(node, parts[0], inverse=not inverse)
        steps = list(dict.fromkeys(n for part in parts for n in self.follow(node, part, inverse=inverse)))
        if kind in ("zeroOrMorePath", "oneOrMorePath"):
            steps = _close(steps, lambda one: self.follow(one, parts[0], inverse=inverse))
        start = [node] if kind in ("zeroOrMorePath", "zeroOrOnePath") else []
        return list(dict.fromkeys([*start, *steps]))

    def expand_shape(self, shape: Any, node: Any, depth: int = 0) -> Iterator[tuple[Any, Any]]:
        """Each active shape that applies if a shape is applied to a node, with its focus node: the shape itself, and
        those that it holds as `sh:property`, as deep as they go."""
        if depth > MAX_DEPTH or not self.graph.is_active(shape):
            return
        yield shape, node
        held = self.graph.values(shape, "property")
        for value in self.value_nodes(shape, node) if held else ():
            for one in held:
                yield from self.expand_shape(one, value, depth + 1)


def _close(start: Iterable[Any], step: Callable[[Any], Iterable[Any]]) -> list[Any]:
    """What is reached from some nodes in any number of steps, themselves included."""
    found = dict.fromkeys(start)
    pending = list(found)
    while pending:
        more = [node for node in step(pending.pop()) if node not in found]
        found |= dict.fromkeys(more)
        pending += more
    return list(found)
