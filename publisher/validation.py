"""Owns the verdict on a graph: shapes and checks, turned into diagnostics at their place in the files."""

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pyoxigraph as ox

from publisher import coverage, literals, references, sources, tidiness, turtle, unknown_terms, well_formed
from publisher.evaluation import read_words
from publisher.labels import Labels
from publisher.names import SH, Names
from publisher.places import Places
from publisher.problems import CannotRun, Diagnostic, Severity
from publisher.published import NOTHING, Published
from publisher.results import Result, results
from publisher.rules import Check, read_check
from publisher.shape_rules import Shapes, rule_of
from publisher.shapes_graph import ShapesGraph
from publisher.sources import File, Repository

Progress = Callable[[str, int, int], None]
"""Called with the phase of a run, how many of its steps are done, and how many there are."""

ENGINES: Final = {"pyshacl": "reference_engine", "fast": "fast_engine"}
"""What judges by shapes -> its room: a function `report` from the shapes and the data to the validation report."""
REFERENCE: Final = "pyshacl"

_SEVERITIES: Final = {SH + "Warning": Severity.WARNING, SH + "Info": Severity.INFO}
"""What is not a violation; severities of the shapes' own count as one (SHACL, section 2.1.4)."""


def validate(
    repository: Repository,
    given: Sequence[File] = (),
    *,
    tidy: bool = True,
    strict: bool = False,
    progress: Progress | None = None,
    engine: str = REFERENCE,
) -> list[Diagnostic]:
    """Every finding about a repository, or about the files given, sorted by place.

    given: files to report on, the repository's own or others; empty for the whole repository. Others are read as data
    next to the repository's. tidy: whether to look at the spelling of the repository's own files. strict:
    whether a shape that looks at nothing is a violation. progress: called with the phase, the number of its steps done
    and their total. engine: one of ENGINES.
    Raises UnreadableFiles where shapes are broken, and CannotRun where checks are, or where the engine cannot judge.
    """
    own = {file.path: file for file in repository.files}
    others = [file for file in given if file.path not in own]
    files = [*repository.files, *others]
    reported = [own.get(file.path, file) for file in given] or list(repository.files)
    shapes = [file for file in repository.files if file.path.startswith("shapes/")]
    data = [file for file in files if not file.path.startswith("shapes/")]
    names, tell = repository.names, progress or _silent
    graph = _required(shapes)
    place, label = Places(reported, names, graph.file_of), Labels(data)
    tell("literals", 0, 1)
    found = literals.findings(reported, names)
    found += sources.findings(reported, files)
    published = Published.of(repository)
    found += references.findings(reported, others, published, names.prefixes, Severity.VIOLATION)
    found += unknown_terms.findings(reported, others, published, names.prefixes)
    found += _repeated(files, reported, names)
    tell("shapes", 0, 1)
    found += shape_findings(graph, data, [place], label, engine)
    if strict and not given:  # A fork need not have every kind of thing that the shapes it shares are about.
        found += coverage.unmatched(graph, _triples(data), strict=True)
    if not given:
        found += coverage.passed_over(graph)
    tell("checks", 0, 1)
    found += check_findings(checks(repository), data, place, label)
    if tidy:
        tell("tidiness", 0, 1)
        found += [d for file in reported if file.path in own for d in tidiness.findings(file, names)]
    return sorted(set(found), key=lambda finding: finding.order)


def validate_against(
    shapes: Sequence[File],
    data: Sequence[File],
    *,
    prefixes: Mapping[str, str],
    strict: bool = False,
    progress: Progress | None = None,
    engine: str = REFERENCE,
    published: Published = NOTHING,
) -> list[Diagnostic]:
    """Every finding about data, by shapes that need not be this repository's, sorted by place.

    prefixes: prefix -> namespace IRI, for spelling terms. strict, progress, engine and errors: as for `validate`.
    published: what references are compared with, and what imports of ours stand for.
    """
    names, tell = Names("", prefixes), progress or _silent
    graph = _required([*shapes, *published.imported(shapes)])
    tell("literals", 0, 1)
    given, described = [*data, *shapes], [*data, *published.imported(data)]
    found = literals.findings(data, names) + sources.findings(given, resolved=published.resolved(given))
    found += references.findings(given, given, published, prefixes, Severity.WARNING)
    found += unknown_terms.findings(given, given, published, prefixes)
    tell("shapes", 0, 1)
    found += coverage.unmatched(graph, _triples(described), strict=strict)
    found += coverage.passed_over(graph)
    # What a shape asks of a node that the data does not name at all is told where the shape names it.
    places = [Places(files, names, graph.file_of) for files in (data, shapes)]
    found += shape_findings(graph, described, places, Labels(data), engine)
    return sorted(set(found), key=lambda finding: finding.order)


def _silent(phase: str, done: int, total: int) -> None:
    """Nobody asked how far the run has come."""


def _required(shapes: Sequence[File]) -> ShapesGraph:
    graph = ShapesGraph(shapes)
    well_formed.require(graph)
    return graph


def _triples(files: Iterable[File]) -> list[ox.Triple]:
    return [triple for file in files for triple in file.triples]


# Shapes


def shape_findings(
    graph: ShapesGraph, data: Sequence[File], places: Sequence[Places], label: Labels, engine: str = REFERENCE
) -> list[Diagnostic]:
    """What the shapes find in the data (SHACL, section 3.4); what is in none of the places is left out.

    Raises CannotRun where the engine is not there, or cannot judge by the shapes.
    """
    found = results(_engine(engine)(list(graph.file_of), _triples(data)))
    said = Shapes(graph.file_of if found else (), places[0].names.prefixes)
    diagnostics = [_shape_finding(result, said, places, label) for result in found]
    return _folded(finding for finding in diagnostics if finding)


def _engine(name: str) -> Callable[[Sequence[ox.Triple], Sequence[ox.Triple]], list[ox.Triple]]:
    try:
        module = importlib.import_module(f"publisher.{ENGINES[name]}")
    except ModuleNotFoundError as error:
        words = f"The engine {name} needs {error.name}, which the extra {name} brings: pip install '.[{name}]'."
        raise CannotRun(words) from error
    report: Callable[[Sequence[ox.Triple], Sequence[ox.Triple]], list[ox.Triple]] = module.report
    return report


def _shape_finding(result: Result, said: Shapes, places: Sequence[Places], label: Labels) -> Diagnostic | None:
    """The finding about a result: in the words of its author, else of what it rests on, else of the rule; at the place
    of what is wrong in the end."""
    whole = _placed(result, said, places, label)
    if whole is None or not result.details:
        return whole
    leaves = _folded(leaf for leaf in (_placed(each, said, places, label) for each in result.leaves) if leaf)
    if not leaves:
        return whole
    place = {key: getattr(leaves[0], key) for key in ("file", "line", "column", "end_line", "end_column", "source")}
    message = whole.message if result.message else " ".join(dict.fromkeys(leaf.message for leaf in leaves))
    return replace(whole, message=message, details=tuple(leaves), **place)


def _placed(result: Result, said: Shapes, places: Sequence[Places], label: Labels) -> Diagnostic | None:
    path = result.path if isinstance(result.path, ox.NamedNode) else said.path(result.shape)
    found = (
        place.finding(
            rule_of(result.shape, result.component),
            _SEVERITIES.get(result.severity, Severity.VIOLATION),
            result.message or said.asks(result.shape, result.component),
            result.focus,
            path,
            result.value,
            label=label(result.focus),
            shape=result.shape.value if isinstance(result.shape, ox.NamedNode) else str(result.shape),
            component=result.component,
        )
        for place in places
    )
    return next((finding for finding in found if finding), None)


def _folded(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings in order, of those that say the same at the same place only the first: a shape that asks for
    several things of one value in one sentence says that sentence once."""
    ordered = sorted(findings, key=lambda finding: (*finding.order, finding.component))
    return list({finding.order: finding for finding in reversed(ordered)}.values())[::-1]


# Checks


def checks(repository: Repository) -> list[Check]:
    """The SPARQL checks of a repository. Raises CannotRun where a header is incomplete."""
    return [read_check(path, text) for path, text in repository.checks]


def check_findings(found: Sequence[Check], files: Sequence[File], place: Places, label: Labels) -> list[Diagnostic]:
    """What the checks find in the files taken together. Raises CannotRun where a check's query is broken."""
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for file in files for t in file.triples)
    rows = ((check, row) for check in found for row in check_rows(check, store))
    diagnostics = [_check_finding(check, row, label, place) for check, row in rows]
    return [finding for finding in diagnostics if finding]


def check_rows(check: Check, store: ox.Store) -> list[dict[str, Any]]:
    """The rows of a check as {focus, path, value}. Raises CannotRun where its query is broken."""
    if read_words(check.query).services:
        raise CannotRun(f"The check {check.rule} is broken: it calls a SERVICE, and checks make no connections.")
    try:
        rows = store.query(check.query)
    except SyntaxError as error:
        raise CannotRun(f"The check {check.rule} is broken: {error}") from error
    if not isinstance(rows, ox.QuerySolutions) or "focus" not in {variable.value for variable in rows.variables}:
        raise CannotRun(f"The check {check.rule} is broken: it must be a SELECT with ?focus.")
    bound = {variable.value for variable in rows.variables} & {"focus", "path", "value"}
    return [{name: row[name] for name in bound} for row in rows]


def _check_finding(check: Check, row: dict[str, Any], label: Labels, place: Places) -> Diagnostic | None:
    focus, path, value = row["focus"], row.get("path"), row.get("value")
    message = check.message.replace("{focus}", _called(focus, label)).replace("{value}", _called(value, label))
    return place.finding(check.rule, check.severity, message, focus, path, value, label=label(focus))


def _called(term: Any, label: Labels) -> str:
    """The name of a term, else its IRI or text."""
    return label(term) or getattr(term, "value", "")


# Repeated statements


def _repeated(files: Sequence[File], reported: Sequence[File], names: Names) -> list[Diagnostic]:
    """Statements that stand in two files: each is to be said, sourced and corrected in one place."""
    first: dict[ox.Triple, File] = {}
    places = {file.path: Places([file], names) for file in reported}
    found: list[Diagnostic | None] = []
    for file in files:
        for triple in file.triples:
            other = first.setdefault(triple, file)
            if other is not file and file.path in places and isinstance(triple.subject, ox.NamedNode):
                message = f"This statement stands in {other.path} too; keep it in one place."
                finding = places[file.path].finding
                found.append(finding("repeated-statement", Severity.VIOLATION, message, *turtle.terms(triple)))
    return [finding for finding in found if finding]
