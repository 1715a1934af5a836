"""The SHACL validation report (SHACL, section 3.6), as a graph in canonical Turtle."""

from collections.abc import Iterator
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
"""What may stand in an IRI as it is, beside letters and digits (RFC 3987, section 2.2)."""

_TYPE: Final = ox.NamedNode(RDF + "type")
_LABEL: Final = ox.NamedNode(RDFS + "label")


def turtle_report(report: Report) -> str:
    """The report in Turtle; every finding is a result, and the data conforms where there is none.

    A blank node means nothing outside its file, so that in its place, and in the place of a focus node that is not
    known, stands one that is labelled with where it is to be found. What no SHACL constraint says (syntax, tidiness,
    checks) has its rule's page, or the address that it would have, as sh:sourceConstraintComponent.
    """
    root = ox.BlankNode()
    conforms = ox.Literal(not report.findings)
    triples = [ox.Triple(root, _TYPE, _sh("ValidationReport")), ox.Triple(root, _sh("conforms"), conforms)]
    for finding in report.findings:
        triples += _result(root, "result", finding, report)
    return turtle.write(triples, _PREFIXES)


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(SH + name)


def _result(above: ox.BlankNode, property_: str, finding: Diagnostic, report: Report) -> Iterator[ox.Triple]:
    node = ox.BlankNode()
    focus, path, value = map(_term, finding.terms)
    if not isinstance(focus, ox.NamedNode | ox.Literal):
        focus = ox.BlankNode()
        if place := _place(finding):
            yield ox.Triple(focus, _LABEL, ox.Literal(place))
    link = report.rules[finding.rule].link if finding.rule in report.rules else ""
    component = finding.component or quote(link or f"{HOME}rule/{finding.rule}", safe=_IRI)
    yield ox.Triple(above, _sh(property_), node)
    yield ox.Triple(node, _TYPE, _sh("ValidationResult"))
    yield ox.Triple(node, _sh("focusNode"), focus)
    yield ox.Triple(node, _sh("resultMessage"), ox.Literal(finding.message))
    yield ox.Triple(node, _sh("resultSeverity"), _sh(_SEVERITIES[finding.severity]))
    yield ox.Triple(node, _sh("sourceConstraintComponent"), ox.NamedNode(component))
    if isinstance(path, ox.NamedNode):
        yield ox.Triple(node, _sh("resultPath"), path)
    if value is not None:
        yield ox.Triple(node, _sh("value"), ox.BlankNode() if isinstance(value, ox.BlankNode) else value)
    if finding.shape and not finding.shape.startswith("_:"):
        yield ox.Triple(node, _sh("sourceShape"), ox.NamedNode(finding.shape))
    for detail in finding.details:
        yield from _result(node, "detail", detail, report)


def _place(finding: Diagnostic) -> str:
    return ":".join(str(part) for part in (finding.file, finding.line, finding.column) if part)


def _term(text: str) -> Any:
    """A term from N-Triples; None for none."""
    if not text:
        return None
    return next(ox.parse(f"<x:x> <x:x> {text} .", format=ox.RdfFormat.N_TRIPLES)).object
