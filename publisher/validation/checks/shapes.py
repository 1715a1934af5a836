"""Shapes: runs the SHACL engine, and makes a finding of each validation result."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pyoxigraph as ox

from publisher.diagnostic import Diagnostic, Severity
from publisher.errors import CannotRunError
from publisher.rdf.namespaces import SH
from publisher.validation import ontologies
from publisher.validation.checks.shape_syntax import BROKEN_SHAPE
from publisher.validation.context import Context
from publisher.validation.engines.details import add_details
from publisher.validation.engines.isolation import find_refused_patterns, validate_apart
from publisher.validation.engines.results import Result, read_results
from publisher.validation.engines.selection import FAST, ManyResultsError, choose_engine, load_engine
from publisher.validation.locator import OBJECT, SUBJECT
from publisher.validation.shapes import comparisons
from publisher.validation.shapes.graph import ShapesGraph
from publisher.validation.shapes.preparation import prepare, prepare_for, select_data, split_targets

_BLANK: Final = re.compile(r"(?:_:)?\bb[0-9a-f]{8}n\d+\b")
"""A name of a blank node as files are read; it says nothing to people, and engines spell it differently."""
_SPARQL: Final = SH + "SPARQLConstraintComponent"
_SEVERITIES: Final = {SH + "Warning": Severity.WARNING, SH + "Info": Severity.INFO}
"""The severities below a violation; custom severities count as violations (SHACL, section 2.1.4)."""


_OF_SHACL: Final = frozenset({*_SEVERITIES, SH + "Violation"})


LARGE: Final = 200_000
"""Statements of data that may have very many mistakes."""
MOST: Final = 20_000
"""Results about large data that the fast engine may find in one run: it takes 10 KB for each. If there are more, a part
of the shapes is validated at a time."""
_PARTS: Final = 6


def begin(context: Context) -> None:
    """Begin to validate, if there is a thread for it and the engine is not written in Python."""
    if context.ahead.jobs > 1 and context.uses_shapes and choose_engine(context.engine) == FAST:
        prepared = _prepare_run(context, _select_data(context))
        context.ahead.begin("shapes", lambda: _run(context, *prepared))


def _run(context: Context, shapes: Sequence[ox.Triple], data: Sequence[ox.Triple]) -> Sequence[Result]:
    """The results of the engine: of a part of the shapes after the other where large data has very many."""
    engine = load_engine(context.engine)
    most = MOST if len(data) > LARGE else None
    try:
        return read_results(engine(shapes, data, most))
    except ManyResultsError:
        parts = split_targets(context.graph, shapes, _PARTS)
        return [result for part in parts for result in read_results(engine(part, data))]


def check(context: Context) -> Iterator[Diagnostic]:
    """Validate the data against the shapes (SHACL, section 3.4); results about nodes that no reported file names are
    left out.

    Raises CannotRunError where the engine is not installed, or cannot use the shapes.
    """
    if not context.uses_shapes:
        return
    results, failures = find_results(context)
    context.locator.expect({result.focus for result in results})
    findings = (make_finding(result, context) for result in results)
    yield from _merge(finding for finding in findings if finding)
    severity = Severity.WARNING if context.allow_broken else Severity.VIOLATION
    for shape, problem in failures.items():
        patterns = find_refused_patterns(load_engine(context.engine), context.graph, shape)
        about = next(triple for triples in context.written.stated[shape].values() for triple in triples)
        places = [(pattern, OBJECT, said) for pattern, said in patterns.items()] or [(about, SUBJECT, problem)]
        for triple, part, said in places:
            message = said.replace(" these shapes: ", " this shape: ", 1)
            file = context.written.file_of[triple]
            yield context.shape_locator.locate_term(BROKEN_SHAPE, severity, message, file, triple, part)


def find_results(context: Context) -> tuple[Sequence[Result], Mapping[Any, str]]:
    """The validation results, the same for every engine, and the shapes that the engine cannot use, with its reason."""
    engine, graph = load_engine(context.engine), context.graph
    data = _select_data(context)
    failures: dict[Any, str] = {}
    try:
        results = context.ahead.take("shapes", lambda: _run(context, *_prepare_run(context, data)))
    except CannotRunError as problem:
        # Where broken shapes are accepted, and all are broken, nothing else would make the run fail.
        needed = problem if context.allow_broken else None
        results, failures = validate_apart(engine, graph, context.nodes, data, needed)
        graph = graph.select({shape for shape, *_ in graph.targets()} - failures.keys())
    results = [_drop_assumed_value(result, graph) for result in results]
    if results:
        results = add_details(results, graph, context.nodes, engine, data)
    results = comparisons.complete(context.graph, results, context.nodes)
    results = ontologies.drop_inferred(results, context.stated, context.known) if context.background else results
    return results, failures


def _select_data(context: Context) -> Sequence[ox.Triple]:
    return select_data(context.graph, context.triples, context.by_predicate)


def _prepare_run(context: Context, data: Sequence[ox.Triple]) -> tuple[Sequence[ox.Triple], Sequence[ox.Triple]]:
    """The shapes and the data for the engine."""
    graph = context.graph
    if not context.background:
        return prepare(graph), data
    # Only the data selects focus nodes: ontologies are not validated.
    shapes, added = prepare_for(graph, {shape: context.nodes.focus_nodes(shape) for shape, *_ in graph.targets()})
    return shapes, [*data, *added]


def _drop_assumed_value(result: Result, graph: ShapesGraph) -> Result:
    """The result without the focus node as its value: one engine assumes that where the query of a property shape binds
    no ?value (SHACL, section 5.3.2)."""
    assumed = result.component == _SPARQL and result.value == result.focus and graph.of(result.shape, "path")
    return replace(result, value=None) if assumed else result


def make_finding(result: Result, context: Context) -> Diagnostic | None:
    """The finding about a result: in the words of the shape's author, else of the results it rests on, else of the
    rule."""
    whole = _locate(result, context)
    if whole is None or not result.details:
        return whole
    leaves = _merge(leaf for leaf in (_locate(each, context) for each in result.leaves) if leaf)
    if not leaves:
        return whole
    message = whole.message if result.message else " ".join(dict.fromkeys(leaf.message for leaf in leaves))
    return replace(whole, message=message, details=tuple(leaves))


def _locate(result: Result, context: Context) -> Diagnostic | None:
    finding = _locate_alone(result, context)
    used = context.graph.target_properties(result.shape) if finding else []
    return context.locator.add_use(finding, result.focus, used) if finding and used else finding


def _locate_alone(result: Result, context: Context) -> Diagnostic | None:
    path = result.path if isinstance(result.path, ox.NamedNode) else context.rules.path(result.shape)
    finding = context.locator.locate_node(
        context.rules.rule_name(result.shape, result.component),
        _SEVERITIES.get(result.severity, Severity.VIOLATION),
        _BLANK.sub("[]", result.message) or context.rules.asks(result.shape, result.component),
        result.focus,
        path,
        result.value,
        shape=result.shape.value if isinstance(result.shape, ox.NamedNode) else str(result.shape),
        component=result.component,
    )
    custom = result.severity not in _OF_SHACL
    return replace(finding, custom_severity=result.severity) if finding and custom else finding


def _merge(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings in order; those with the same message about the same terms at the same place as one: a shape with
    several constraints and one message reports it once."""
    groups: dict[Any, list[Diagnostic]] = {}
    for finding in sorted(findings, key=lambda finding: (*finding.order, finding.component)):
        groups.setdefault((*finding.order, finding.terms), []).append(finding)
    return [
        replace(first, merged=tuple((other.shape, other.component) for other in others)) if others else first
        for first, *others in groups.values()
    ]
