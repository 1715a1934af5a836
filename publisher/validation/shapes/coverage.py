"""Shape coverage: targets that match no node, and constructs that the engines ignore."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pyoxigraph as ox

from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.namespaces import RDF, RDFS
from publisher.validation.context import Context
from publisher.validation.locator import OBJECT
from publisher.validation.shapes.graph import ShapesGraph
from publisher.validation.shapes.preparation import EXTENSIONS, find_unusable_validators

_TYPE: Final = ox.NamedNode(RDF + "type")
_SUBCLASS: Final = ox.NamedNode(RDFS + "subClassOf")


def check(context: Context) -> Iterator[Diagnostic]:
    """Constructs that the engines ignore, and, if the run is strict, shapes whose targets match no node.

    Only where the shapes apply to a whole data set.
    """
    if context.whole:
        if context.strict:
            yield from _check_targets(context)
        for message, triple, part in (*_extensions(context.graph), *_circles(context.graph)):
            file = context.graph.file_of[triple]
            yield context.shape_locator.locate_term("unsupported-shape", Severity.WARNING, message, file, triple, part)


def count_targets(context: Context) -> tuple[int, int]:
    """How many active shapes have targets, and how many of these match no node in the data."""
    targeted = {shape for shape, *_ in context.graph.targets() if context.graph.is_active(shape)}
    return len(targeted), len(find_unmatched(context.graph, context.target_statements))


def _check_targets(context: Context) -> Iterator[Diagnostic]:
    for targets in find_unmatched(context.graph, context.target_statements):
        names = list(dict.fromkeys(context.shape_locator.spell(term) or str(term) for term, _ in targets))
        triple = targets[0][1]
        what = (
            f"The target {names[0]} matches no node"
            if len(names) == 1
            else f"None of {', '.join(names)} matches a node"
        )
        message = f"{what} in the data, so the shape checks nothing."
        file = context.graph.file_of[triple]
        yield context.shape_locator.locate_term("unmatched-shape", Severity.VIOLATION, message, file, triple, OBJECT)


def find_unmatched(
    graph: ShapesGraph, by_predicate: Mapping[ox.NamedNode, Sequence[ox.Triple]]
) -> list[list[tuple[Any, Any]]]:
    """The targets, as (term, statement), of each active shape that has targets of which none matches a node in the
    data (SHACL, section 2.1.3). by_predicate: the statements of the data."""
    used = by_predicate.keys()
    present = {"targetClass": _classes(by_predicate), "targetSubjectsOf": used, "targetObjectsOf": used}
    targets: dict[Any, list[tuple[str, Any, Any]]] = {}
    for shape, *target in graph.targets():
        if graph.is_active(shape):
            targets.setdefault(shape, []).append((target[0], target[1], target[2]))
    return [
        [(term, triple) for _, term, triple in stated]
        for stated in targets.values()
        if not any(term in present.get(name, {term}) for name, term, _ in stated)
    ]


def _classes(by_predicate: Mapping[ox.NamedNode, Sequence[ox.Triple]]) -> set[Any]:
    """The classes that something is an instance of, and those above them as far as the data says."""
    found = {triple.object for triple in by_predicate.get(_TYPE, ())}
    above = [(triple.subject, triple.object) for triple in by_predicate.get(_SUBCLASS, ())]
    while more := {upper for lower, upper in above if lower in found} - found:
        found |= more
    return found


def _extensions(graph: ShapesGraph) -> Iterator[tuple[str, Any, int]]:
    for name, triple in graph.all(EXTENSIONS):
        yield f"sh:{name} belongs to an extension of SHACL that is not supported; it is ignored.", triple, 1
    for _, triple in graph.all(["entailment"]):
        yield "sh:entailment is not supported; it is ignored. --ontology adds subclasses and subproperties.", triple, 1
    for name, triple in find_unusable_validators(graph):
        if any(graph.of(triple.object, key) for key in ("jsFunctionName", "jsLibrary")):
            yield f"The value of sh:{name} is not in SPARQL, which is not supported; it is ignored.", triple, 2


def _circles(graph: ShapesGraph) -> Iterator[tuple[str, Any, int]]:
    """The statements that lead back to a shape on the way to which they were met, depth first."""
    message = "This shape refers to itself. SHACL does not define what that means, and engines differ."
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
