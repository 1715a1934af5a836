"""Shape coverage: targets that match no node, and constructs that the engines pass over."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import pyoxigraph as ox

from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.namespaces import RDF, RDFS
from publisher.validation.shapes.graph import ShapesGraph

_PASSED_OVER: Final = ("expression", "js", "rule", "target")
"""What SHACL Advanced Features and SHACL JavaScript Extensions add to shapes."""


def unmatched(graph: ShapesGraph, data: Sequence[ox.Triple], *, strict: bool) -> list[Diagnostic]:
    """Shapes that have targets and look at nothing in the data, mostly for a misspelt class (SHACL, section 2.1.3).

    strict: whether that is a violation rather than a warning.
    """
    used = {triple.predicate for triple in data}
    present = {"targetClass": _classes(data), "targetSubjectsOf": used, "targetObjectsOf": used}
    targets: dict[Any, list[tuple[str, Any, Any]]] = {}
    for shape, *target in graph.targets():
        if graph.is_active(shape):
            targets.setdefault(shape, []).append((target[0], target[1], target[2]))
    severity = Severity.VIOLATION if strict else Severity.WARNING
    found = []
    for stated in targets.values():
        if not any(term in present.get(name, {term}) for name, term, _ in stated):
            names = ", ".join(dict.fromkeys(str(term) for _, term, _ in stated))
            message = f"The shape looks at nothing: nothing in the data is reached by its target {names}."
            found.append(graph.finding("unmatched-shape", severity, message, stated[0][2], 2))
    return found


def _classes(data: Sequence[ox.Triple]) -> set[Any]:
    """The classes that something is an instance of, and those above them as far as the data says."""
    found = {triple.object for triple in data if triple.predicate.value == RDF + "type"}
    above = [(t.subject, t.object) for t in data if t.predicate.value == RDFS + "subClassOf"]
    while more := {upper for lower, upper in above if lower in found} - found:
        found |= more
    return found


def passed_over(graph: ShapesGraph) -> list[Diagnostic]:
    """What in shapes is not judged, or not by every engine, as warnings."""
    said = (*_extensions(graph), *_circles(graph))
    return [graph.finding("unsupported-shape", Severity.WARNING, *each) for each in said]


def _extensions(graph: ShapesGraph) -> Iterator[tuple[str, Any, int]]:
    for name, triple in graph.all(_PASSED_OVER):
        yield f"sh:{name} is an extension of SHACL that is not supported: nothing looks at it.", triple, 1


def _circles(graph: ShapesGraph) -> Iterator[tuple[str, Any, int]]:
    """The statements that lead back to a shape on the way to which they were met, depth first."""
    message = "This shape refers to itself in the end; SHACL leaves open what that means, and engines differ."
    done: set[Any] = set()
    for start in list(graph.stated):
        way: dict[Any, Iterator[tuple[Any, Any]]] = {} if start in done else {start: graph.references(start)}
        while way:
            shape, left = next(reversed(way.items()))
            below, triple = next(left, (None, None))
            if triple is None:
                done.add(shape)
                del way[shape]
            elif below in way:
                yield message, triple, 2
            elif below not in done:
                way[below] = graph.references(below)
