"""The SHACL validation report (SHACL, section 3.6), as a graph in canonical Turtle."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox

from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf import turtle
from publisher.rdf.namespaces import HOME, RDF, RDFS, SH
from publisher.reports.report import Report

_PREFIXES: Final = {"rdfs": RDFS, "sh": SH}
_SEVERITIES: Final = {Severity.VIOLATION: "Violation", Severity.WARNING: "Warning", Severity.INFO: "Info"}
_IRI: Final = "!#$%&'()*+,/:;=?@[]~"
"""Characters that IRIs may contain unescaped, besides letters and digits (RFC 3987, section 2.2)."""

_RELATIVE: Final = "relative:///"
"""The base of IRIs below the working folder, which findings name relative to it, and so does the report."""
_TYPE: Final = ox.NamedNode(RDF + "type")
_COMMENT: Final = ox.NamedNode(RDFS + "comment")
_LABEL: Final = ox.NamedNode(RDFS + "label")


def render(report: Report) -> str:
    """Render the report in Turtle: every finding is a result, and the data conforms if there is none, and no failure.
    Failures are comments of the report.

    A blank node has no identity outside of its file: a blank focus node, or an unknown one, is replaced by a new blank
    node that is labeled with the location, and a blank shape by one that is labeled with the name of the rule. Findings
    without a SHACL constraint (syntax, tidiness, checks) have the page of their rule, or the address that it would
    have, as sh:sourceConstraintComponent.
    """
    root = ox.BlankNode()
    conforms = ox.Literal(not report.findings and not report.failures)
    triples = [ox.Triple(root, _TYPE, _shacl("ValidationReport")), ox.Triple(root, _shacl("conforms"), conforms)]
    triples += [ox.Triple(root, _COMMENT, ox.Literal(failure)) for failure in report.failures]
    for finding in report.findings:
        for shape, component in ((finding.shape, finding.component), *finding.merged):
            one = replace(finding, shape=shape, component=component)
            triples += _render_result(root, "result", one, report)
    return turtle.write(triples, _PREFIXES).replace(f"<{_RELATIVE}", "<")


def _shacl(name: str) -> ox.NamedNode:
    return ox.NamedNode(SH + name)


def _render_result(above: ox.BlankNode, property_: str, finding: Diagnostic, report: Report) -> Iterator[ox.Triple]:
    node = ox.BlankNode()
    focus, (path, *steps), value = (
        _parse_term(finding.terms[0]),
        _parse_path(finding.terms[1]),
        _parse_term(finding.terms[2]),
    )
    if not isinstance(focus, ox.NamedNode | ox.Literal):
        focus = ox.BlankNode()
        if place := _render_location(finding):
            yield ox.Triple(focus, _LABEL, ox.Literal(place))
    link = report.rules[finding.rule].link if finding.rule in report.rules else ""
    component = finding.component or quote(link or f"{HOME}rule/{finding.rule}", safe=_IRI)
    yield ox.Triple(above, _shacl(property_), node)
    yield ox.Triple(node, _TYPE, _shacl("ValidationResult"))
    yield ox.Triple(node, _shacl("focusNode"), focus)
    yield ox.Triple(node, _shacl("resultMessage"), ox.Literal(finding.message))
    severity = finding.custom_severity or SH + _SEVERITIES[finding.severity]
    yield ox.Triple(node, _shacl("resultSeverity"), _parse_term(f"<{severity}>"))
    yield ox.Triple(node, _shacl("sourceConstraintComponent"), _parse_term(f"<{component}>"))
    if path is not None:
        yield ox.Triple(node, _shacl("resultPath"), path)
        yield from steps
    if value is not None:
        yield ox.Triple(node, _shacl("value"), ox.BlankNode() if isinstance(value, ox.BlankNode) else value)
    if finding.shape:
        yield from _render_shape(node, finding)
    for detail in finding.details:
        yield from _render_result(node, "detail", detail, report)


def _render_shape(node: ox.BlankNode, finding: Diagnostic) -> Iterator[ox.Triple]:
    blank = finding.shape.startswith("_:")
    shape = ox.BlankNode() if blank else _parse_term(f"<{finding.shape}>")
    yield ox.Triple(node, _shacl("sourceShape"), shape)
    if blank:
        yield ox.Triple(shape, _LABEL, ox.Literal(finding.rule))


def _render_location(finding: Diagnostic) -> str:
    return ":".join(str(part) for part in (finding.file, finding.line, finding.column) if part)


def _parse_term(text: str) -> Any:
    """Parse a term from N-Triples, perhaps with a relative IRI; None for the empty string."""
    return _parse_path(text)[0]


def _parse_path(text: str) -> list[Any]:
    """Parse a term or a property path from Turtle: the term, None for the empty string, and the statements about it."""
    if not text:
        return [None]
    start = ox.NamedNode("x:x")
    quads = list(ox.parse(f"{start} {start} {text} .", format=ox.RdfFormat.TURTLE, base_iri=_RELATIVE))
    [term] = [quad.object for quad in quads if quad.predicate == start]
    return [term, *(quad.triple for quad in quads if quad.predicate != start)]
