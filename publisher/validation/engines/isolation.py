"""Isolation: finds the shapes that an engine cannot use, so that the others are validated."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import pyoxigraph as ox

from publisher.errors import CannotRunError
from publisher.rdf.namespaces import SH
from publisher.validation.engines.results import Result, read_results
from publisher.validation.shapes.graph import ShapesGraph
from publisher.validation.shapes.nodes import Nodes
from publisher.validation.shapes.preparation import prepare_for, write_flags_once

Engine = Callable[[Sequence[ox.Triple], Sequence[ox.Triple]], list[ox.Triple]]


_PATTERN: Final = ox.NamedNode(SH + "pattern")
_FLAGS: Final = ox.NamedNode(SH + "flags")
_PROBE: Final = ox.NamedNode("urn:publisher:probe")


def find_refused_patterns(engine: Engine, graph: ShapesGraph, shape: Any) -> dict[ox.Triple, str]:
    """The sh:pattern statements of a shape, and of those that it refers to, that an engine cannot use, each with what
    the engine says: regular expressions differ between engines."""
    reached, pending = {shape}, [shape]
    while pending:
        below = {node for node, _ in graph.references(pending.pop())} - reached
        reached |= below
        pending += below
    stated = [triple for _, triple in graph.all(["pattern"]) if triple.subject in reached]
    return {triple: problem for triple in stated if (problem := _try_pattern(engine, graph, triple))}


def _try_pattern(engine: Engine, graph: ShapesGraph, pattern: ox.Triple) -> str:
    """What an engine says against a pattern, with its flags, in a shape of its own; empty where it can use it."""
    shape = [ox.Triple(_PROBE, ox.NamedNode(SH + "targetNode"), _PROBE), ox.Triple(_PROBE, _PATTERN, pattern.object)]
    flags = [value for value in graph.values(pattern.subject, "flags") if isinstance(value, ox.Literal)]
    shape += [ox.Triple(_PROBE, _FLAGS, write_flags_once(value)) for value in flags]
    try:
        engine(shape, [])
    except CannotRunError as error:
        return error.detail
    return ""


def validate_apart(
    engine: Engine, graph: ShapesGraph, nodes: Nodes, data: Sequence[ox.Triple], problem: CannotRunError | None
) -> tuple[list[Result], dict[Any, str]]:
    """The results of the shapes that an engine can use, and the others with what the engine says.

    The engine runs with half of the shapes, and with half of those where it fails: a few times for each bad shape.
    problem: what is raised where it can use none; None to return the failures of all.
    """
    chosen = {shape: found for shape, *_ in graph.targets() if (found := nodes.focus_nodes(shape))}
    results: dict[Result, None] = {}
    failures: dict[Any, str] = {}
    pending = [list(chosen)]
    while pending:
        group = pending.pop()
        shapes, added = prepare_for(graph.select(group), {shape: chosen[shape] for shape in group})
        try:
            results |= dict.fromkeys(read_results(engine(shapes, [*data, *added])))
        except CannotRunError as error:
            half = len(group) // 2
            pending += [group[half:], group[:half]] if half else []
            failures |= {} if half else {group[0]: error.detail}
    if problem and failures.keys() == chosen.keys():
        raise problem
    return list(results), failures
