"""Broken shapes: which statements are left out so that the rest of the shapes means what it did.

A constraint with a mistake is left out, and the shape accepts more without it. A shape that negates, counts or selects
among others by what such a shape accepts would then accept less: that constraint is left out too.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf.namespaces import RDF, SH
from publisher.rdf.vocabularies import DRAFT_TERMS
from publisher.validation.shapes.graph import TARGETS, ShapesGraph
from publisher.validation.shapes.queries import VALIDATORS
from publisher.validation.shapes.syntax import Mistake

_WHOLE: Final = frozenset({SH + "path", SH + "deactivated", SH + "select", SH + "ask", RDF + "type"})
"""Properties without which nothing is known of what a shape, a constraint or a validator accepts."""
_SILENT: Final = frozenset(
    SH + name for name in (*TARGETS, "message", "severity", "name", "description", "order", "group", "labelTemplate")
)
"""Properties that say nothing of what a shape accepts."""
_MANY: Final = frozenset(
    SH + name
    for name in (
        *("node", "property", "not", "and", "or", "xone", "sparql", "parameter", *VALIDATORS),
        *("class", "equals", "disjoint", "lessThan", "lessThanOrEquals"),
    )
)
"""Properties of which each value is a constraint of its own."""
_QUALIFIED: Final = ("qualifiedValueShape", "qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShapesDisjoint")
_GROUPS: Final = (("pattern", "flags"), ("closed", "ignoredProperties"), _QUALIFIED)
"""Properties that make one constraint together."""
_TOGETHER: Final = {SH + name: [SH + each for each in group] for group in _GROUPS for name in group}
_HOLDING: Final = frozenset(SH + name for name in ("property", "sparql", "parameter", *VALIDATORS))
"""Properties whose value is a part of the shape or component: it has the mistake itself."""
_NOT_MONOTONE: Final = frozenset({SH + "not", SH + "xone", SH + "qualifiedValueShape"})
"""Properties of which a value that accepts more may make the shape accept less."""
_IGNORED: Final = ("expression", "js", *sorted(DRAFT_TERMS - {"targetWhere"}))
"""Constraints of extensions of SHACL, which are ignored."""


@dataclass(frozen=True)
class Broken:
    """What is left out. statements: all of it. relying: the statements among them that have no mistake themselves and
    are no part of something that has, but rely on it."""

    statements: frozenset[ox.Triple]
    relying: tuple[ox.Triple, ...] = ()


def find_broken(graph: ShapesGraph, mistakes: Iterable[Mistake]) -> Broken:
    """The statements to leave out so that all others can be used."""
    search = _Search(graph)
    for mistake in mistakes:
        if not mistake.harmless:
            search.leave_out(mistake.triple)
    for _, triple in graph.all(_IGNORED):
        search.weaken(triple.subject)
    search.spread()
    off = search.off
    found = {t for t in graph.file_of if t.subject in off or t.object in off} if off else set()
    relying = (triple for triple in search.relying if triple.subject not in off)
    return Broken(frozenset(found | search.dropped), tuple(relying))


class _Search:
    """Finds what must be left out. dropped: statements. off: shapes, constraints and validators that cannot be used.
    relying: as in Broken."""

    def __init__(self, graph: ShapesGraph) -> None:
        self._graph = graph
        self.dropped: set[ox.Triple] = set()
        self.off: set[Any] = set()
        self.relying: dict[ox.Triple, None] = {}
        self._weak: set[Any] = set()
        """Shapes that accept more than they did."""
        self._pending: list[Any] = []

    def leave_out(self, triple: ox.Triple) -> None:
        """Leave out what a statement with a mistake belongs to."""
        name, shape = triple.predicate.value, triple.subject
        if name in _WHOLE:
            self.off.add(shape)
            self.weaken(shape)
        elif name in _SILENT:
            self.dropped.add(triple)
        else:
            self._drop(triple)

    def weaken(self, shape: Any) -> None:
        """Note that a shape accepts more."""
        if shape not in self._weak:
            self._weak.add(shape)
            self._pending.append(shape)

    def _drop(self, triple: ox.Triple, *, relies: bool = False) -> None:
        """Leave out the constraint that a statement belongs to. relies: whether it has no mistake itself."""
        name, shape = triple.predicate.value, triple.subject
        names = _TOGETHER.get(name, [name])
        group = [triple] if name in _MANY else [each for other in names for each in self._graph.of(shape, other)]
        if self.dropped >= set(group):
            return
        self.dropped.update(group)
        self.relying |= {triple: None} if relies else {}
        self._weak.add(shape)
        self._pending.append(shape)  # Also where it is weak: its siblings are looked at again.
        if name == SH + "parameter":
            self.off.add(shape)
        elif name == SH + "property":  # Closed, the shape would refuse the property.
            for closed in self._graph.of(shape, "closed"):
                self._drop(closed, relies=True)

    def spread(self) -> None:
        """Go on to what relies on shapes that accept more, or that cannot be used."""
        referring = self._index_references() if self._pending else {}
        while self._pending:
            node = self._pending.pop()
            for triple in referring.get(node, ()):
                if triple.predicate.value in _NOT_MONOTONE or node in self.off:
                    self._drop(triple, relies=triple.predicate.value not in _HOLDING)
                self.weaken(triple.subject)
            self._release_siblings(node)

    def _index_references(self) -> dict[Any, list[ox.Triple]]:
        """Each shape, constraint, validator and component -> the statements that rely on it."""
        found: dict[Any, list[ox.Triple]] = defaultdict(list)
        for shape in self._graph.stated:
            for node, triple in self._graph.references(shape):
                found[node].append(triple)
        for _, triple in self._graph.all(("sparql", "parameter", *VALIDATORS)):
            found[triple.object].append(triple)
        for component, triple in self._list_uses():
            found[component].append(triple)
        return found

    def _list_uses(self) -> Iterator[tuple[Any, ox.Triple]]:
        """The constraint components, each with the statements that use one of its parameters."""
        for _, triple in self._graph.all(["parameter"]):
            paths = {path.value for path in self._graph.values(triple.object, "path")}
            for stated in self._graph.stated.values():
                yield from ((triple.subject, used) for path in paths for used in stated.get(path, ()))

    def _release_siblings(self, shape: Any) -> None:
        """What a qualified shape with sh:qualifiedValueShapesDisjoint counts depends on those beside it."""
        counted = self._graph.of(shape, "qualifiedValueShape")
        if not counted or not (shape in self.off or self.dropped.intersection(counted)):
            return
        held = [
            each for holder in self._graph.holders.get(shape, ()) for each in self._graph.values(holder, "property")
        ]
        for sibling in held:
            for triple in self._graph.of(sibling, "qualifiedValueShapesDisjoint"):
                if triple.object.value in ("true", "1"):
                    self._drop(triple, relies=True)
