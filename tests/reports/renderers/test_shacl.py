"""The SHACL validation report: a graph in canonical Turtle."""

from dataclasses import replace

import pyoxigraph as ox
from support.findings import FINDINGS, NESTED, REPORT, RULES, V

from publisher.diagnostic import Diagnostic
from publisher.rdf.namespaces import SH
from publisher.reports.output_formats import RENDERERS
from publisher.reports.report import Report

EMPTY = Report((), RULES)


def _graph(report: Report) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(RENDERERS["turtle"](report), format=ox.RdfFormat.TURTLE)]


def test_turtle_report_is_a_shacl_validation_report() -> None:
    """Each result has exactly one focus node, severity and component (SHACL, sections 3.6.2.1 to 3.6.2.8)."""
    triples = _graph(REPORT)
    results = {t.subject for t in triples if t.object == ox.NamedNode(SH + "ValidationResult")}
    assert len(results) == len(FINDINGS) + 1
    for name in ("focusNode", "resultSeverity", "sourceConstraintComponent", "resultMessage"):
        assert sorted(str(t.subject) for t in triples if t.predicate.value == SH + name) == sorted(map(str, results))
    assert sum(t.predicate.value == SH + "detail" for t in triples) == 1
    assert any(t.object == ox.Literal(False) for t in triples)


def test_turtle_report_without_findings_conforms() -> None:
    assert any(t.predicate.value == SH + "conforms" and t.object == ox.Literal(True) for t in _graph(EMPTY))


def test_turtle_report_rule_names_become_iris() -> None:
    printed = RENDERERS["turtle"](Report([Diagnostic("a check <of> mine", V, "No.", "a.ttl")]))
    assert "rule/a%20check%20%3Cof%3E%20mine>" in printed


def test_turtle_report_with_shared_blank_nodes() -> None:
    shared = [replace(NESTED, line=n) for n in (3, 5)]
    assert RENDERERS["turtle"](Report(shared)).count("sh:focusNode [") == 4


NAMES = ("resultSeverity", "sourceConstraintComponent", "sourceShape", "resultPath", "alternativePath", "inversePath")


def test_turtle_report_states_path_severity_and_shape_of_any_kind() -> None:
    finding = Diagnostic(
        "S/p/MinCount",
        V,
        "Words.",
        "d.ttl",
        terms=("<urn:a>", f"( <d.ttl#p> [ <{SH}alternativePath> ( <urn:q> [ <{SH}inversePath> <urn:r> ] ) ] )", ""),
        shape="_:s",
        component=SH + "MinCountConstraintComponent",
        custom_severity="urn:serious",
        merged=(("urn:T", SH + "ClassConstraintComponent"),),
    )
    text = RENDERERS["turtle"](Report([finding]))
    graph = list(ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri="file:///x/"))
    stated = {name: [quad.object for quad in graph if quad.predicate.value == SH + name] for name in NAMES}
    assert stated["resultSeverity"] == [ox.NamedNode("urn:serious")] * 2
    assert {term.value.removeprefix(SH) for term in stated["sourceConstraintComponent"]} == {
        "MinCountConstraintComponent",
        "ClassConstraintComponent",
    }
    blank, named = sorted(stated["sourceShape"], key=lambda term: isinstance(term, ox.NamedNode))
    assert named == ox.NamedNode("urn:T")
    assert [quad.object.value for quad in graph if quad.subject == blank] == ["S/p/MinCount"]
    assert text.count("<d.ttl#p>") == 2
    assert len(stated["resultPath"]) == len(stated["alternativePath"]) == len(stated["inversePath"]) == 2
