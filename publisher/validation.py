"""Owns the verdict on a graph: shapes, checks and literals, turned into diagnostics at their place in the files."""

import logging
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import pyoxigraph as ox
import rdflib
from rdflib.namespace import SH

from publisher import references, sources, tidiness, turtle, unknown_terms
from publisher.evaluation import read_words
from publisher.names import DCTERMS, RDFS, SKOS, XSD, Names, compact
from publisher.places import Places
from publisher.problems import CannotRun, Diagnostic, Severity
from publisher.published import NOTHING, Published
from publisher.rules import Check, read_check
from publisher.sources import File, Repository

Progress = Callable[[str, int, int], None]
"""Called with the phase of a run, how many of its steps are done, and how many there are."""

LABELS: Final = tuple(map(rdflib.URIRef, (SKOS + "prefLabel", DCTERMS + "title", RDFS + "label")))
_SEVERITIES: Final = {SH.Violation: Severity.VIOLATION, SH.Warning: Severity.WARNING, SH.Info: Severity.INFO}
_ZONE: Final = r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_YEAR: Final = r"-?([1-9][0-9]{3,}|0[0-9]{3})"
_MONTH: Final = r"-(0[1-9]|1[0-2])"
_DAY: Final = r"-(0[1-9]|[12][0-9]|3[01])"
_TIME: Final = r"(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?|24:00:00(\.0+)?)"
_LEXICAL: Final = {
    name: re.compile(pattern, re.ASCII)
    for name, pattern in {
        "boolean": "true|false|1|0",
        "integer": "[+-]?[0-9]+",
        "decimal": r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)",
        "double": r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN",
        "float": r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN",
        "date": _YEAR + _MONTH + _DAY + _ZONE,
        "gYear": _YEAR + _ZONE,
        "gYearMonth": _YEAR + _MONTH + _ZONE,
        "dateTime": f"{_YEAR}{_MONTH}{_DAY}T{_TIME}{_ZONE}",
        "time": _TIME + _ZONE,
    }.items()
}
"""The lexical spaces that data uses (XML Schema 1.1 Datatypes, section 3.3)."""


def validate(
    repository: Repository,
    given: Sequence[File] = (),
    *,
    tidy: bool = True,
    strict: bool = False,
    progress: Progress | None = None,
) -> list[Diagnostic]:
    """Every finding about a repository, or about the files given, sorted by place.

    given: files to report on, the repository's own or others; empty for the whole repository. Others are read as data
    next to the repository's. tidy: whether to look at the spelling of the repository's own files. strict:
    whether a shape that looks at nothing is a violation. progress: called with the phase, the number of its steps done
    and their total.
    Raises CannotRun where shapes or checks themselves are broken.
    """
    own = {file.path: file for file in repository.files}
    others = [file for file in given if file.path not in own]
    files = [*repository.files, *others]
    reported = [own.get(file.path, file) for file in given] or list(repository.files)
    place = Places(reported, repository.names)
    shapes = [file for file in repository.files if file.path.startswith("shapes/")]
    data = [file for file in files if not file.path.startswith("shapes/")]
    tell = progress or _silent
    tell("literals", 0, 1)
    found = _ill_typed(reported, repository.names)
    found += sources.findings(reported, files)
    published = Published.of(repository)
    found += references.findings(reported, others, published, repository.names.prefixes, Severity.VIOLATION)
    found += unknown_terms.findings(reported, others, published, repository.names.prefixes)
    found += _repeated(files, reported, repository.names)
    tell("shapes", 0, 1)
    found += shape_findings(_graph(data), _graph(shapes), place)
    if strict and not given:  # A fork need not have every kind of thing that the shapes it shares are about.
        found += unmatched_shapes(shapes, data, strict=True)
    tell("checks", 0, 1)
    found += check_findings(checks(repository), data, place)
    if tidy:
        tell("tidiness", 0, 1)
        found += [d for file in reported if file.path in own for d in tidiness.findings(file, repository.names)]
    return sorted(set(found), key=lambda finding: finding.order)


def validate_against(
    shapes: Sequence[File],
    data: Sequence[File],
    *,
    prefixes: Mapping[str, str],
    strict: bool = False,
    progress: Progress | None = None,
    published: Published = NOTHING,
) -> list[Diagnostic]:
    """Every finding about data, by shapes that need not be this repository's, sorted by place.

    prefixes: prefix -> namespace IRI, for spelling terms. strict, progress and errors: as for `validate`. published:
    what references are compared with, and what imports of ours stand for.
    """
    names = Names("", prefixes)
    tell = progress or _silent
    tell("literals", 0, 1)
    given, described = [*data, *shapes], [*data, *published.imported(data)]
    judging = [*shapes, *published.imported(shapes)]
    found = _ill_typed(data, names) + sources.findings(given, resolved=published.resolved(given))
    found += references.findings(given, given, published, prefixes, Severity.WARNING)
    found += unknown_terms.findings(given, given, published, prefixes)
    tell("shapes", 0, 1)
    found += unmatched_shapes(shapes, described, strict=strict)
    found += shape_findings(_graph(described), _graph(judging), Places(data, names))
    return sorted(set(found), key=lambda finding: finding.order)


def _silent(phase: str, done: int, total: int) -> None:
    """Nobody asked how far the run has come."""


# Shapes


def shape_findings(data: rdflib.Graph, shapes: rdflib.Graph, place: Places) -> list[Diagnostic]:
    """What the shapes find in the data, by pySHACL (SHACL, section 3.4).

    Raises CannotRun where the shapes are broken.
    """
    report = shape_report(data, shapes)
    found = [
        _shape_finding(report, result, data, place) for result in report.subjects(rdflib.RDF.type, SH.ValidationResult)
    ]
    return [finding for finding in found if finding]


def shape_report(data: rdflib.Graph, shapes: rdflib.Graph) -> rdflib.Graph:
    """The validation report as a graph. Raises CannotRun where the shapes are broken."""
    import pyshacl

    if next(shapes.subjects(rdflib.RDF.type, SH.NodeShape), None) is None:
        raise CannotRun("There are no shapes, so nothing would be checked.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _, report, text = pyshacl.validate(data, shacl_graph=shapes, inference="none", inplace=True)
    except Exception as error:  # Broken shapes make pySHACL raise its own errors, and those of re and pyparsing.
        raise CannotRun(f"The shapes are broken: {error}") from error
    if not isinstance(report, rdflib.Graph):
        raise CannotRun(f"The shapes are broken: {text}")
    return report


def _shape_finding(report: rdflib.Graph, result: Any, data: rdflib.Graph, place: Places) -> Diagnostic | None:
    def one(predicate: rdflib.URIRef) -> Any:
        return report.value(result, predicate)

    shape = str(one(SH.sourceShape))
    focus = one(SH.focusNode)
    message = str(one(SH.resultMessage) or "")
    name = _name(data, focus)
    return place.finding(
        shape.rpartition("#")[2],
        _SEVERITIES.get(one(SH.resultSeverity), Severity.VIOLATION),
        message,
        *(_term(term) for term in (focus, one(SH.resultPath), one(SH.value))),
        label="" if name == str(focus) else name,
    )


def _name(data: rdflib.Graph, focus: Any) -> str:
    found = (data.value(focus, label) for label in LABELS)
    return str(next((label for label in found if label is not None), focus))


logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
"""rdflib says of ill-typed literals in a traceback what our rule says in a sentence."""


def _graph(files: Iterable[File]) -> rdflib.Graph:
    graph = rdflib.Graph()
    for file in files:
        graph.addN((*_rdflib(triple), graph) for triple in file.triples)
    return graph


def _rdflib(triple: ox.Triple) -> tuple[Any, Any, Any]:
    return _node(triple.subject), _node(triple.predicate), _node(triple.object)


def _node(term: Any) -> Any:
    """A term in rdflib's classes, its lexical form untouched."""
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    plain = term.datatype.value == str(rdflib.XSD.string)
    datatype = None if plain else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, datatype=datatype, normalize=False)


def _term(node: Any) -> Any:
    """A term in pyoxigraph's classes; None for none."""
    if isinstance(node, rdflib.URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return ox.BlankNode(str(node))
    if isinstance(node, rdflib.Literal):
        datatype = ox.NamedNode(str(node.datatype)) if node.datatype else None
        return (
            ox.Literal(str(node), language=node.language) if node.language else ox.Literal(str(node), datatype=datatype)
        )
    return None


def unmatched_shapes(shapes: Sequence[File], data: Sequence[File], *, strict: bool) -> list[Diagnostic]:
    """Shapes that have targets and look at nothing in the data, mostly for a misspelt class (SHACL, section 2.1.3).

    strict: whether that is a violation rather than a warning.
    """
    triples = [triple for file in data for triple in file.triples]
    used = {triple.predicate for triple in triples}
    present = {"targetClass": _classes(triples), "targetSubjectsOf": used, "targetObjectsOf": used}
    found = []
    for file in shapes:
        targets: dict[Any, list[ox.Triple]] = {}
        for triple in file.triples:
            if triple.predicate.value.removeprefix(str(SH)) in (*present, "targetNode"):
                targets.setdefault(triple.subject, []).append(triple)
        found += [
            _unmatched(file, stated, strict=strict)
            for stated in targets.values()
            if not any(t.object in present.get(t.predicate.value.removeprefix(str(SH)), {t.object}) for t in stated)
        ]
    return found


def _classes(triples: Sequence[ox.Triple]) -> set[Any]:
    """The classes that something is an instance of, and those above them as far as the data says."""
    found = {triple.object for triple in triples if triple.predicate.value == str(rdflib.RDF.type)}
    above = [(t.subject, t.object) for t in triples if t.predicate.value == RDFS + "subClassOf"]
    while more := {upper for lower, upper in above if lower in found} - found:
        found |= more
    return found


def _unmatched(file: File, stated: Sequence[ox.Triple], *, strict: bool) -> Diagnostic:
    names = ", ".join(dict.fromkeys(str(triple.object) for triple in stated))
    message = f"The shape looks at nothing: nothing in the data is reached by its target {names}."
    severity = Severity.VIOLATION if strict else Severity.WARNING
    terms = (str(stated[0].subject), str(stated[0].predicate), str(stated[0].object))
    where = file.where(stated[0], 2)
    return Diagnostic("unmatched-shape", severity, message, file.path, value=terms[2], terms=terms, **where)


# Checks


def checks(repository: Repository) -> list[Check]:
    """The SPARQL checks of a repository. Raises CannotRun where a header is incomplete."""
    return [read_check(path, text) for path, text in repository.checks]


def check_findings(found: Sequence[Check], files: Sequence[File], place: Places) -> list[Diagnostic]:
    """What the checks find in the files taken together. Raises CannotRun where a check's query is broken."""
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for file in files for t in file.triples)
    rows = ((check, row) for check in found for row in check_rows(check, store))

    def name(term: Any) -> str:
        if not isinstance(term, ox.NamedNode):
            return getattr(term, "value", "")
        stated = [quad.triple for quad in store.quads_for_pattern(term, None, None)]
        return next((name for label in LABELS for name in turtle.values(stated, str(label))), term.value)

    diagnostics = [_check_finding(check, row, name, place) for check, row in rows]
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


def _check_finding(check: Check, row: dict[str, Any], name: Callable[[Any], str], place: Places) -> Diagnostic | None:
    focus, path, value = row["focus"], row.get("path"), row.get("value")
    message = check.message.replace("{focus}", name(focus)).replace("{value}", name(value))
    return place.finding(check.rule, check.severity, message, focus, path, value)


# Literals and repeated statements


def _ill_typed(files: Iterable[File], names: Names) -> list[Diagnostic]:
    """Literals outside the lexical space of their datatype, such as "29/08/2017"^^xsd:date.

    (RDF 1.1 Concepts, section 3.3.)
    """
    found = []
    for file in files:
        stating = {t.object: t for t in reversed(file.triples) if isinstance(t.object, ox.Literal)}
        for literal in sorted((x for x in stating if not x.language and _is_ill_typed(x)), key=str):
            datatype = compact(literal.datatype.value, names.prefixes)
            message = f"{literal.value!r} is no {datatype}."
            where = file.where(stating[literal], 2)
            found.append(Diagnostic("ill-typed", Severity.VIOLATION, message, file.path, value=str(literal), **where))
    return found


def _is_ill_typed(literal: ox.Literal) -> bool:
    """Outside the lexical space by the pattern of its datatype, or, where a day is named, no day of the calendar.

    rdflib knows the calendar, but takes basic and week dates, years of any length and more, and no year before 1.
    """
    name = literal.datatype.value.removeprefix(XSD)
    pattern = _LEXICAL.get(name)
    if pattern is not None and not pattern.fullmatch(literal.value):
        return True
    before_year_1 = name in ("date", "dateTime", "gYear", "gYearMonth") and literal.value.startswith("-")
    return not before_year_1 and _node(literal).ill_typed is True


def _repeated(files: Sequence[File], reported: Sequence[File], names: Names) -> list[Diagnostic]:
    """Statements that stand in two files: each is to be said, sourced and corrected in one place."""
    first: dict[ox.Triple, File] = {}
    found: list[Diagnostic | None] = []
    for file in files:
        for triple in file.triples:
            other = first.setdefault(triple, file)
            if other is not file and file in reported and isinstance(triple.subject, ox.NamedNode):
                message = f"This statement stands in {other.path} too; keep it in one place."
                place = Places([file], names)
                found.append(place.finding("repeated-statement", Severity.VIOLATION, message, *turtle.terms(triple)))
    return [finding for finding in found if finding]
