"""The shapes graph: what SHACL states about each node, in which file, and which shapes a shape refers to."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cached_property
from typing import Any, Final

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.rdf.namespaces import OWL, RDF, RDFS, SH
from publisher.validation.shapes.property_paths import Paths

TARGETS: Final = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
SHAPES: Final = frozenset({"node", "property", "not", "qualifiedValueShape"})
"""Properties of SHACL whose values are shapes."""
SHAPE_LISTS: Final = frozenset({"and", "or", "xone"})
"""Properties of SHACL whose values are lists of shapes."""

_CLASSES: Final = frozenset({RDFS + "Class", OWL + "Class"})


class ShapesGraph:
    """The shapes of some files, by subject and property.

    file_of: each statement -> the first file that states it. stated: node -> property -> statements. left_out:
    statements of the files that do not count.
    """

    def __init__(self, files: Sequence[File], left_out: Set[ox.Triple] = frozenset()) -> None:
        self._files, self._left_out = files, left_out
        self.file_of: dict[ox.Triple, File] = {}
        self.stated: dict[Any, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self._by_property: dict[str, list[Any]] = defaultdict(list)
        for file in files:
            for triple in file.triples:
                if triple not in self.file_of and triple not in left_out:
                    self.file_of[triple] = file
                    self.stated[triple.subject][triple.predicate.value].append(triple)
                    self._by_property[triple.predicate.value].append(triple)

    @cached_property
    def paths(self) -> Paths:
        """The property paths and the lists."""
        return Paths(self.file_of)

    def of(self, node: Any, name: str) -> list[Any]:
        """The statements of a node with a property: the local name of one of SHACL's, or an IRI."""
        return self.stated.get(node, {}).get(name if ":" in name else SH + name, [])

    def values(self, node: Any, name: str) -> list[Any]:
        """The values of a property of a node: the local name of one of SHACL's, or an IRI."""
        return [triple.object for triple in self.of(node, name)]

    def all(self, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """Every statement with one of some properties of SHACL's, and which."""
        for name in names:
            yield from ((name, triple) for triple in self._by_property.get(SH + name, []))

    def target_properties(self, shape: Any) -> list[Any]:
        """The properties whose values a shape is about: those of its sh:targetObjectsOf, or of that of its node
        shape."""
        if not self._by_property.get(SH + "targetObjectsOf"):
            return []
        holders = [holder for holder in self.holders.get(shape, ()) if not self.of(holder, "path")]
        return [property_ for one in (shape, *holders) for property_ in self.values(one, "targetObjectsOf")]

    def targets(self) -> Iterator[tuple[Any, str, Any, Any]]:
        """Each target of each shape: the shape, which of TARGETS, the term, and the statement that says so."""
        for node in self.stated:
            yield from ((node, *target) for target in self.targets_of(node))

    def targets_of(self, node: Any) -> Iterator[tuple[str, Any, Any]]:
        """The targets that a node states: which of TARGETS, the term, and the statement that says so.

        A shape that is also a class has itself as its target class (SHACL, section 2.1.3.3).
        """
        stated = self.stated.get(node, {})
        for name in TARGETS:
            yield from ((name, triple.object, triple) for triple in stated.get(SH + name, []))
        types = {triple.object: triple for triple in stated.get(RDF + "type", [])}
        classes = sorted((kind for kind in types if kind in self.class_types), key=str)
        if classes and self._is_shape(stated):
            yield "targetClass", node, types[classes[0]]

    def _is_shape(self, stated: dict[str, list[Any]]) -> bool:
        """Whether a node is a shape (SHACL, section 2.1): by its type, or by a property of SHACL's."""
        typed = any(triple.object in self._shape_types for triple in stated.get(RDF + "type", []))
        return typed or any(name.startswith(SH) for name in stated)

    @cached_property
    def class_types(self) -> frozenset[Any]:
        """rdfs:Class, owl:Class, and the classes below them as far as the shapes say."""
        return self._find_instances(_CLASSES)

    @cached_property
    def _shape_types(self) -> frozenset[Any]:
        return self._find_instances({SH + "NodeShape", SH + "PropertyShape"})

    def _find_instances(self, classes: Iterable[str]) -> frozenset[Any]:
        found: set[Any] = {ox.NamedNode(iri) for iri in classes}
        stated = [(t.subject, t.object) for t in self._by_property.get(RDFS + "subClassOf", [])]
        while more := {lower for lower, upper in stated if upper in found} - found:
            found |= more
        return frozenset(found)

    def is_active(self, shape: Any) -> bool:
        """Whether a shape is not deactivated."""
        return all(value.value not in ("true", "1") for value in self.values(shape, "deactivated"))

    @cached_property
    def closed(self) -> frozenset[Any]:
        """The closed property shapes, which look at the value nodes (SHACL, section 4.8.1)."""
        stated = (t.subject for _, t in self.all(["closed"]) if t.object.value in ("true", "1"))
        return frozenset(shape for shape in stated if self.of(shape, "path"))

    def references(self, shape: Any) -> Iterator[tuple[Any, Any]]:
        """The shapes that a shape refers to, and by which statement (SHACL, section 3.4.3)."""
        for name in sorted(SHAPES | SHAPE_LISTS):
            for triple in self.of(shape, name):
                nodes = self.paths.items(triple.object) if name in SHAPE_LISTS else [triple.object]
                yield from ((node, triple) for node in nodes or [])

    @cached_property
    def holders(self) -> dict[Any, list[Any]]:
        """Each shape that is a value of `sh:property` -> the shapes that hold it."""
        found: dict[Any, list[Any]] = defaultdict(list)
        for _, triple in self.all(["property"]):
            found[triple.object].append(triple.subject)
        return found

    @cached_property
    def appliers(self) -> dict[Any, list[Any]]:
        """Each shape that is a value of `sh:property` or `sh:node` -> the shapes that apply it so."""
        found: dict[Any, list[Any]] = defaultdict(list)
        for _, triple in self.all(["property", "node"]):
            found[triple.object].append(triple.subject)
        return found

    @cached_property
    def parents(self) -> dict[Any, list[Any]]:
        """Each shape that is referred to -> the shapes that do so, in the order of the files."""
        found: dict[Any, list[Any]] = defaultdict(list)
        for shape in list(self.stated):
            for node, _ in self.references(shape):
                found[node].append(shape)
        return found

    def describe(self, shape: Any) -> list[ox.Triple]:
        """The statements about a shape, with those about the blank nodes below it."""
        found: list[ox.Triple] = []
        pending, seen = [shape], {shape}
        while pending:
            for triples in self.stated.get(pending.pop(), {}).values():
                found += triples
                below = [t.object for t in triples if isinstance(t.object, ox.BlankNode) and t.object not in seen]
                seen.update(below)
                pending += below
        return found

    def select(self, shapes: Iterable[Any]) -> "ShapesGraph":
        """The part of the graph that some shapes lead to, with the constraint components that it uses."""
        pending, met, used = list(shapes), set(shapes), set[ox.Triple]()
        while pending:
            for predicate, triples in self.stated.get(pending.pop(), {}).items():
                used.update(triples)
                more = {triple.object for triple in triples} | set(self._components.get(predicate, ()))
                pending += (more & self.stated.keys()) - met
                met |= more
        return ShapesGraph(self._files, self._left_out | (self.file_of.keys() - used))

    @cached_property
    def _components(self) -> dict[str, list[Any]]:
        """Property -> the constraint components that have it as a parameter (SHACL, section 6.2)."""
        found: dict[str, list[Any]] = defaultdict(list)
        for _, triple in self.all(["parameter"]):
            for path in self.values(triple.object, "path"):
                if isinstance(path, ox.NamedNode):
                    found[path.value].append(triple.subject)
        return found
