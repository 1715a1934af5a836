"""Isolation: finds the shapes that an engine cannot use, so that the others are validated."""

from collections.abc import Callable, Sequence
from typing import Any

import pyoxigraph as ox

from publisher.errors import CannotRunError
from publisher.validation.engines.results import Result, read_results
from publisher.validation.shapes.graph import ShapesGraph
from publisher.validation.shapes.nodes import Nodes
from publisher.validation.shapes.preparation import prepare_for

Engine = Callable[[Sequence[ox.Triple], Sequence[ox.Triple]], list[ox.Triple]]


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
