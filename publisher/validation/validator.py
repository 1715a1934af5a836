"""The validator: runs shapes and checks over a graph, and locates the results in the files."""

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import pyoxigraph as ox

from publisher.dataset import formatting
from publisher.dataset.files import File
from publisher.dataset.identifiers import NOTHING, Published
from publisher.dataset.iris import Names
from publisher.dataset.repository import Repository
from publisher.diagnostic import Diagnostic, Severity
from publisher.errors import CannotRunError
from publisher.rdf.labels import Labels
from publisher.rdf.namespaces import SH
from publisher.validation.checks import literals, references, terms
from publisher.validation.checks.duplicates import find_repeated
from publisher.validation.checks.imports import check_imports
from publisher.validation.checks.sparql import check_findings, checks
from publisher.validation.engines.results import Result, results
from publisher.validation.locator import Places
from publisher.validation.shapes import coverage, syntax
from publisher.validation.shapes.graph import ShapesGraph
from publisher.validation.shapes.shape_rules import Shapes, rule_of

Progress = Callable[[str, int, int], None]
"""Called with the phase of a run, how many of its steps are done, and how many there are."""

ENGINES: Final = {"pyshacl": "pyshacl_engine", "fast": "shacl_engine"}
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
    Raises UnreadableFilesError where shapes are broken, and CannotRunError where checks are or the engine fails.
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
    found += check_imports(reported, files)
    published = Published.of(repository)
    found += references.findings(reported, others, published, names.prefixes, Severity.VIOLATION)
    found += terms.findings(reported, others, published, names.prefixes)
    found += find_repeated(files, reported, names)
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
        found += [d for file in reported if file.path in own for d in formatting.findings(file, names)]
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
    found = literals.findings(data, names) + check_imports(given, resolved=published.resolved(given))
    found += references.findings(given, given, published, prefixes, Severity.WARNING)
    found += terms.findings(given, given, published, prefixes)
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
    syntax.require(graph)
    return graph


def _triples(files: Iterable[File]) -> list[ox.Triple]:
    return [triple for file in files for triple in file.triples]


# Shapes


def shape_findings(
    graph: ShapesGraph, data: Sequence[File], places: Sequence[Places], label: Labels, engine: str = REFERENCE
) -> list[Diagnostic]:
    """What the shapes find in the data (SHACL, section 3.4); what is in none of the places is left out.

    Raises CannotRunError where the engine is not there, or cannot judge by the shapes.
    """
    found = results(_engine(engine)(list(graph.file_of), _triples(data)))
    said = Shapes(graph.file_of if found else (), places[0].names.prefixes)
    diagnostics = [_shape_finding(result, said, places, label) for result in found]
    return _folded(finding for finding in diagnostics if finding)


def _engine(name: str) -> Callable[[Sequence[ox.Triple], Sequence[ox.Triple]], list[ox.Triple]]:
    try:
        module = importlib.import_module(f"publisher.validation.engines.{ENGINES[name]}")
    except ModuleNotFoundError as error:
        words = f"The engine {name} needs {error.name}, which the extra {name} brings: pip install '.[{name}]'."
        raise CannotRunError(words) from error
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
