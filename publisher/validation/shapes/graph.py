"""The shapes graph: what SHACL says of a node, in which file, and what it refers to."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.namespaces import OWL, RDF, RDFS, SH
from publisher.validation.shapes.property_paths import Paths

TARGETS: Final = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
SHAPES: Final = frozenset({"node", "property", "not", "qualifiedValueShape"})
"""Properties of SHACL whose values are shapes."""
SHAPE_LISTS: Final = frozenset({"and", "or", "xone"})
"""Properties of SHACL whose values are lists of shapes."""

_CLASSES: Final = frozenset({RDFS + "Class", OWL + "Class"})
_SHAPE_TYPES: Final = frozenset({SH + "NodeShape", SH + "PropertyShape"})


class ShapesGraph:
    """The shapes of some files, by subject and property."""

    def __init__(self, files: Sequence[File]) -> None:
        self.file_of: dict[ox.Triple, File] = {}
        self.stated: dict[Any, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self._by_property: dict[str, list[Any]] = defaultdict(list)
        for file in files:
            for triple in file.triples:
                if triple not in self.file_of:
                    self.file_of[triple] = file
                    self.stated[triple.subject][triple.predicate.value].append(triple)
                    self._by_property[triple.predicate.value].append(triple)
        self.paths = Paths(self.file_of)

    def of(self, node: Any, name: str) -> list[Any]:
        """The statements of a node with a property of SHACL's."""
        return self.stated.get(node, {}).get(SH + name, [])

    def all(self, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """Every statement with one of some properties of SHACL's, and which."""
        for name in names:
            yield from ((name, triple) for triple in self._by_property.get(SH + name, []))

    def targets(self) -> Iterator[tuple[Any, str, Any, Any]]:
        """Each target of each shape: the shape, which of TARGETS, the term, and the statement that says so.

        What is a class as well as a shape has itself for a target class (SHACL, section 2.1.3.3).
        """
        for node, stated in self.stated.items():
            for name in TARGETS:
                yield from ((node, name, triple.object, triple) for triple in stated.get(SH + name, []))
            types = {triple.object.value: triple for triple in stated.get(RDF + "type", [])}
            if types.keys() & _CLASSES and types.keys() & _SHAPE_TYPES:
                yield node, "targetClass", node, types[min(types.keys() & _CLASSES)]

    def is_active(self, shape: Any) -> bool:
        """Whether a shape is not switched off."""
        return all(triple.object.value not in ("true", "1") for triple in self.of(shape, "deactivated"))

    def finding(self, rule: str, severity: Severity, message: str, triple: ox.Triple, part: int) -> Diagnostic:
        """The diagnostic at the term of a statement."""
        file = self.file_of[triple]
        terms = (str(triple.subject), str(triple.predicate), str(triple.object))
        value = terms[2] if part == 2 else ""
        return Diagnostic(rule, severity, message, file.path, value=value, terms=terms, **file.where(triple, part))

    def references(self, shape: Any) -> Iterator[tuple[Any, Any]]:
        """The shapes that a shape refers to, and by which statement (SHACL, section 3.4.3)."""
        for name in sorted(SHAPES | SHAPE_LISTS):
            for triple in self.of(shape, name):
                nodes = self.paths.items(triple.object) if name in SHAPE_LISTS else [triple.object]
                yield from ((node, triple) for node in nodes or [])
