"""Details: the results that a `sh:node` result rests on (SHACL, section 3.6.2.7), for engines that leave them out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf.namespaces import SH
from publisher.validation.engines.results import Result, read_results
from publisher.validation.shapes.graph import ShapesGraph
from publisher.validation.shapes.nodes import Nodes
from publisher.validation.shapes.preparation import prepare_for

MAX_ROUNDS: Final = 10
"""Shapes within shapes that are explained."""
MAX_NESTED: Final = 20
"""Pairs of a shape and a node that are added for each that has a result."""

_NODE: Final = SH + "NodeConstraintComponent"

Engine = Callable[[Sequence[ox.Triple], Sequence[ox.Triple]], list[ox.Triple]]
Pair = tuple[Any, Any]
"""A shape, and a node that it is applied to."""


def add_details(
    results: Sequence[Result], graph: ShapesGraph, nodes: Nodes, engine: Engine, data: Sequence[ox.Triple]
) -> list[Result]:
    """The results with the details of those of `sh:node`.

    The engine runs again over the same data, with the nodes in question as the only targets.
    """
    found: dict[Pair, list[Result]] = {}
    wanted = _add_nested(_pairs(results, graph), graph, nodes)
    done: set[Pair] = set()
    for _ in range(MAX_ROUNDS):
        if not wanted - done:
            break
        chosen: dict[Any, list[Any]] = {}
        for shape, node in sorted(wanted - done, key=str):
            chosen.setdefault(shape, []).append(node)
        shapes, added = prepare_for(graph, chosen)
        more = read_results(engine(shapes, [*data, *added]))
        for result in more:
            place = found.setdefault((result.shape, result.focus), [])
            place += [result] if result not in place else []
        done |= wanted
        wanted = _pairs(more, graph)
    return _unite([_explain(result, graph, nodes, found, 0) for result in results])


def _unite(results: Sequence[Result]) -> list[Result]:
    """The results, those of `sh:node` for the same node and shape with the details of all: one engine states for each
    value of `sh:node` those of that one."""
    details: dict[Any, dict[Result, None]] = {}
    for result in results:
        if result.component == _NODE:
            key = result.focus, result.value, result.shape
            details.setdefault(key, {}).update(dict.fromkeys(_unite(result.details)))
    return [
        replace(result, details=tuple(details[result.focus, result.value, result.shape]))
        if result.component == _NODE
        else result
        for result in results
    ]


def _add_nested(pairs: set[Pair], graph: ShapesGraph, nodes: Nodes) -> set[Pair]:
    """The pairs, with those that their results may rest on, so that one run explains all levels.

    Where these are too many, further runs explain those that the first one finds.
    """
    found, pending = set(pairs), list(pairs)
    while pending and len(found) < MAX_NESTED * len(pairs):
        below = [
            each
            for shape, node in nodes.expand_shape(*pending.pop())
            for each in _list_nested(shape, node, graph, nodes)
        ]
        pending += dict.fromkeys(pair for pair in below if pair not in found)
        found.update(below)
    return found


def _list_nested(shape: Any, node: Any, graph: ShapesGraph, nodes: Nodes) -> list[Pair]:
    nested = graph.values(shape, "node")
    return [(one, value) for value in nodes.value_nodes(shape, node) for one in nested] if nested else []


def _pairs(results: Iterable[Result], graph: ShapesGraph) -> set[Pair]:
    """The shapes that the results rest on, and the nodes that these are applied to."""
    return {
        pair
        for result in results
        if result.component == _NODE and not result.details
        for pair in _find_nested(result, graph)
    }


def _find_nested(result: Result, graph: ShapesGraph) -> list[Pair]:
    node = result.focus if result.value is None else result.value
    return [(shape, node) for shape in graph.values(result.shape, "node")]


def _explain(result: Result, graph: ShapesGraph, nodes: Nodes, found: dict[Pair, list[Result]], depth: int) -> Result:
    if result.component != _NODE or result.details or depth > MAX_ROUNDS:
        return result
    leaves = [
        leaf
        for pair in _find_nested(result, graph)
        for key in dict.fromkeys(nodes.expand_shape(*pair))
        for leaf in found.get(key, [])
    ]
    return replace(result, details=tuple(_explain(leaf, graph, nodes, found, depth + 1) for leaf in leaves))
