"""Comparisons: what `sh:minInclusive`, `sh:lessThan` and their like find, by SPARQL's operators (SHACL, 4.3 and 4.5).

A value that cannot be compared is a result, because the comparison does not return true. pySHACL accepts some of these
and stops at others (docs/pyshacl-comparison.md), so these constraints are checked here, for every engine. So is
`sh:closed` of property shapes, which the fast engine applies to the focus node (4.8.1).
"""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf.datatypes import is_ill_typed
from publisher.rdf.labels import best
from publisher.rdf.namespaces import RDF, SH, XSD
from publisher.validation.engines.results import Result
from publisher.validation.shapes.graph import ShapesGraph
from publisher.validation.shapes.nodes import MAX_DEPTH, Nodes

RANGES: Final = {"minExclusive": ">", "minInclusive": ">=", "maxExclusive": "<", "maxInclusive": "<="}
PAIRS: Final = {"lessThan": "<", "lessThanOrEquals": "<="}
PARAMETERS: Final = frozenset({*RANGES, *PAIRS})


def component_of(parameter: str) -> str:
    """The IRI of the constraint component that one of the parameters belongs to."""
    return f"{SH}{parameter[0].upper()}{parameter[1:]}ConstraintComponent"


_COMPONENTS: Final = frozenset(map(component_of, PARAMETERS))
_CLOSED: Final = component_of("closed")
_MERGED: Final = frozenset({component_of("node"), component_of("and")})
"""The components of which a report has one result for a focus node and a value."""
_ORDERED: Final = frozenset(
    {RDF + "langString"}
    | {XSD + name for name in ("string", "boolean", "date", "dateTime", "dateTimeStamp", "time")}
    | {XSD + name for name in ("duration", "dayTimeDuration", "yearMonthDuration")}
)
"""Datatypes whose values can be compared, besides numbers."""
_NOTHING: Final = ox.Store()


def complete(graph: ShapesGraph, found: Iterable[Result], nodes: Nodes) -> list[Result]:
    """The results of an engine, with ours in place of its own about comparisons and closed property shapes.

    Those inside `sh:not`, `sh:or`, `sh:xone` and qualified shapes are left to the engine.
    """
    if not any(graph.all(PARAMETERS)) and not graph.closed:
        return list(found)
    kept = [result for result in found if not _is_ours(graph, result)]
    return merge(kept, [result for shape in graph.stated for result in _check_targets(graph, nodes, shape)])


def _is_ours(graph: ShapesGraph, result: Result) -> bool:
    return result.component in _COMPONENTS or (result.component == _CLOSED and result.shape in graph.closed)


def merge(results: Iterable[Result], others: Iterable[Result]) -> list[Result]:
    """The results of both, each once, with the details of both."""
    found: dict[tuple[Any, ...], Result] = {}
    repeated: list[Result] = []
    for result in (*results, *others):
        key = result.focus, result.value, result.shape, result.component
        if key not in found:
            found[key] = result
        elif result.component in _MERGED:
            found[key] = replace(found[key], details=tuple(merge(found[key].details, result.details)))
        else:
            repeated.append(result)
    return [*found.values(), *repeated]


def _check_targets(graph: ShapesGraph, nodes: Nodes, shape: Any) -> Iterator[Result]:
    if any(graph.targets_of(shape)) and _has_comparison(graph, shape):
        for node in nodes.focus_nodes(shape):
            yield from _check(graph, nodes, shape, node)


def _has_comparison(graph: ShapesGraph, shape: Any) -> bool:
    """Whether a shape, or one that it refers to, compares: most do not, and need no second look."""
    pending, met = [shape], {shape}
    while pending:
        one = pending.pop()
        if one in graph.closed or any(graph.of(one, name) for name in PARAMETERS):
            return True
        below = {node for node, _ in graph.references(one)} - met
        met |= below
        pending += below
    return False


def _check(graph: ShapesGraph, nodes: Nodes, shape: Any, node: Any, depth: int = 0) -> Iterator[Result]:
    """The results of a shape that is applied to a node."""
    if depth > MAX_DEPTH or not graph.is_active(shape):
        return
    values = nodes.value_nodes(shape, node)
    for parameter, value in _find_failures(graph, nodes, shape, node, values):
        yield _make_result(graph, shape, node, value, component_of(parameter))
    for triple in (t for v in values for t in nodes.find_unexpected(shape, v)) if shape in graph.closed else ():
        yield replace(_make_result(graph, shape, node, triple.object, _CLOSED), path=triple.predicate)
    held = graph.values(shape, "property")
    for value in values if held else ():
        for one in held:
            yield from _check(graph, nodes, one, value, depth + 1)
    for parameter, below in _conjunctions(graph, shape):
        for value in values:
            details = tuple(result for one in below for result in _check(graph, nodes, one, value, depth + 1))
            if details:
                yield replace(_make_result(graph, shape, node, value, component_of(parameter)), details=details)


def _conjunctions(graph: ShapesGraph, shape: Any) -> Iterator[tuple[str, list[Any]]]:
    yield from (("node", [one]) for one in graph.values(shape, "node"))
    yield from (("and", graph.paths.items(head) or []) for head in graph.values(shape, "and"))


def _find_failures(
    graph: ShapesGraph, nodes: Nodes, shape: Any, node: Any, values: list[Any]
) -> Iterator[tuple[str, Any]]:
    """Each parameter and value of which the comparison does not return true."""
    for parameter, operator in RANGES.items():
        for bound in graph.values(shape, parameter):
            yield from ((parameter, value) for value in values if not _holds(operator, value, bound))
    for parameter, operator in PAIRS.items():
        for property_ in graph.values(shape, parameter):
            others = nodes.follow(node, property_)
            pairs = ((value, other) for value in values for other in others)
            yield from ((parameter, value) for value, other in pairs if not _holds(operator, value, other))


def _make_result(graph: ShapesGraph, shape: Any, focus: Any, value: Any, component: str) -> Result:
    severity = next((term.value for term in graph.values(shape, "severity")), SH + "Violation")
    message = best(term for term in graph.values(shape, "message") if isinstance(term, ox.Literal))
    path = next(iter(graph.values(shape, "path")), None)
    return Result(focus, path, value, severity, message, shape, component)


def _holds(operator: str, one: Any, other: Any) -> bool:
    """Whether the SPARQL expression returns true for two terms; it does not for what cannot be compared."""
    both = isinstance(one, ox.Literal) and isinstance(other, ox.Literal)
    return both and _compare(operator, one, other)


@functools.cache
def _compare(operator: str, one: ox.Literal, other: ox.Literal) -> bool:
    if one == other and operator in ("<=", ">="):  # pyoxigraph takes the same term as equal whatever its datatype.
        return _has_order(one)
    return bool(_NOTHING.query(f"ASK {{ FILTER({one} {operator} {other}) }}"))


def _has_order(literal: ox.Literal) -> bool:
    """Whether a literal has a value that can be compared (SPARQL 1.1, section 17.3, and times and durations)."""
    if literal.datatype.value in _ORDERED:
        return not is_ill_typed(literal)
    return bool(_NOTHING.query(f"ASK {{ FILTER(isNumeric({literal}) && {literal} = {literal}) }}"))
