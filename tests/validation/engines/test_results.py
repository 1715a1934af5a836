"""Results of a validation report as findings: message, location, and nothing repeated."""

import dataclasses

import pyoxigraph as ox
from support import shapes_corpus
from support.each import each
from support.optional_packages import extra

from publisher.dataset.files import parse_text
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.labels import best
from publisher.reports.renderers import text
from publisher.reports.report import Report
from publisher.validation import validator
from publisher.validation.context import of_shapes
from publisher.validation.engines.results import read_results


def findings(shapes: str, data: str) -> list[Diagnostic]:
    """What both engines find, without notes about the shapes."""
    extra("shacl", "fast")
    files = [parse_text(shapes_corpus.PREFIXES + t, n) for t, n in ((shapes, "shapes.ttl"), (data, "data.ttl"))]
    plain, fast = (
        validator.validate(of_shapes(files[:1], files[1:], prefixes={"ex": "http://example.org/"}, engine=engine))
        for engine in ("pyshacl", "fast")
    )
    assert list(map(_without_names, plain)) == list(map(_without_names, fast))
    return plain


def _without_names(finding: Diagnostic) -> Diagnostic:
    """Without the name of a shape that is a blank node."""
    shape = "" if finding.shape.startswith("_:") else finding.shape
    return dataclasses.replace(finding, shape=shape, details=tuple(map(_without_names, finding.details)))


def spot(finding: Diagnostic) -> tuple[int | None, str]:
    """The line below the prefixes, and its text."""
    line = (finding.line or 0) - shapes_corpus.PREFIXES.count("\n")
    return line, finding.source[(finding.column or 1) - 1 : (finding.end_column or 1) - 1]


@each(
    ("texts", "chosen"),
    [
        ([("Zwei", "de"), ("Two", "en")], "Two"),
        ([("Zwei", "de"), ("Two", "en-GB")], "Two"),
        ([("Zwei", "de"), ("Any", None)], "Any"),
        ([("Zwei", "de"), ("Deux", "fr")], "Deux"),
        ([], ""),
    ],
)
def test_english_message_is_preferred(texts: list[tuple[str, str | None]], chosen: str) -> None:
    assert best(ox.Literal(value, language=language) for value, language in texts) == chosen
    assert best(ox.Literal(value, language=language) for value, language in reversed(texts)) == chosen


def test_conforming_report_has_no_results() -> None:
    report = ox.parse(
        "[] a <http://www.w3.org/ns/shacl#ValidationReport> ; <http://www.w3.org/ns/shacl#conforms> true .",
        format=ox.RdfFormat.TURTLE,
    )
    assert read_results(quad.triple for quad in report) == []


NESTED = """ex:S sh:targetClass ex:A ; sh:property ex:S-address .
ex:S-address sh:path ex:address ; sh:node ex:Address ; sh:severity sh:Warning {} .
ex:Address sh:property [ sh:path ex:zip ; sh:minCount 1 ; sh:message "An address needs a zip code." ] ,
    [ sh:path ex:city ; sh:maxCount 1 ; sh:message "One city." ] .
"""
DATA = 'ex:a a ex:A ;\n ex:address ex:b .\nex:b ex:city "A" ,\n "B" .\n'


def test_nested_result_is_reported_at_reference() -> None:
    [finding] = findings(NESTED.format(""), DATA)
    assert (finding.rule, finding.severity) == ("S-address", Severity.WARNING)
    assert finding.message == "An address needs a zip code. One city."
    assert spot(finding) == (2, "ex:b")
    assert [(detail.message, spot(detail)) for detail in finding.details] == [
        ("An address needs a zip code.", (3, "ex:b")),
        ("One city.", (3, "ex:city")),
    ]
    assert (finding.focus, finding.path, finding.value) == ("ex:a", "ex:address", "ex:b")


def test_own_message_precedes_nested_details() -> None:
    [finding] = findings(NESTED.format('; sh:message "A proper address."'), DATA)
    assert finding.message == "A proper address."
    assert len(finding.details) == 2


def test_deepest_nested_result_is_reported() -> None:
    shapes = (
        "ex:S sh:targetClass ex:A ; sh:node [ sh:property [ sh:path ex:p ; sh:node [ sh:property"
        " [ sh:path ex:q ; sh:minCount 1 ; sh:message 'Add q.' ] ] ] ] ."
    )
    [finding] = findings(shapes, "ex:a a ex:A ; ex:p ex:b .\nex:b ex:r ex:c .")
    assert finding.message == "Add q."
    assert spot(finding) == (1, "ex:a")
    assert [spot(detail) for detail in finding.details] == [(2, "ex:b")]
    assert [detail.message for detail in finding.details] == ["Add q."]


def test_shared_message_is_reported_once() -> None:
    shapes = (
        "ex:S sh:targetClass ex:A ; sh:property ex:P ."
        " ex:P sh:path ex:p ; sh:datatype xsd:integer ; sh:nodeKind sh:IRI ; sh:pattern '^a' ; sh:message 'No.' ."
    )
    [finding] = findings(shapes, "ex:a a ex:A ; ex:p 'b' .")
    assert finding.component == "http://www.w3.org/ns/shacl#DatatypeConstraintComponent"


def test_missing_message_gets_generated_sentence() -> None:
    shapes = "ex:S sh:targetClass ex:A ; sh:property [ sh:path ex:p ; sh:minCount 1 ; sh:maxCount 3 ; sh:class ex:B ] ."
    [few, other] = findings(shapes, "ex:a a ex:A .\nex:b a ex:A ; ex:p ex:c .")
    assert (few.rule, few.message) == ("S/ex:p/MinCount", "Every ex:A has at least 1 value of ex:p.")
    assert other.message == "Each value of ex:p, for every ex:A, is an instance of ex:B."
    assert "shape:" not in text.render(Report([few]))  # It has no name that would lead anywhere.


def test_nested_shape_message_names_the_way_to_it() -> None:
    shapes = (
        "ex:S sh:targetClass ex:A ; sh:property [ sh:path ex:p ; sh:node ex:T ] ."
        " ex:T sh:property [ sh:path ex:q ; sh:class ex:B ] ; sh:property [ sh:path ex:r ; sh:minCount 1 ] ."
    )
    [finding] = findings(shapes, "ex:a a ex:A ; ex:p ex:b .\nex:b ex:q ex:c .")
    way = "ach value of ex:p, for every ex:A, "
    assert [detail.message for detail in finding.details] == [
        f"E{way}has at least 1 value of ex:r.",
        f"Each value of ex:q, for e{way}is an instance of ex:B.",
    ]
    assert finding.message == " ".join(detail.message for detail in finding.details)


def test_shape_applied_by_many_names_no_target() -> None:
    shapes = "".join(f"ex:S{n} sh:targetClass ex:A{n} ; sh:node ex:T .\n" for n in range(4))
    [finding] = findings(shapes + "ex:T sh:property [ sh:path ex:q ; sh:class ex:B ] .", "ex:a a ex:A1 ; ex:q ex:c .")
    assert finding.message == "Each value of ex:q is an instance of ex:B."


def test_shape_has_one_name() -> None:
    """A shape's rule is the last part of its IRI, whatever separates it."""
    shapes = "ex:S sh:targetClass ex:A ; sh:closed true . <urn:example:T> sh:targetClass ex:A ; sh:closed true ."
    assert {finding.rule for finding in findings(shapes, "ex:a a ex:A .")} == {"S", "urn:example:T"}


def test_target_node_missing_in_data_is_located_in_shape() -> None:
    shapes = "ex:S\n sh:targetNode ex:nowhere ;\n sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
    [finding] = findings(shapes, "ex:a a ex:A .")
    assert (finding.file, *spot(finding)) == ("shapes.ttl", 2, "ex:nowhere")


def test_path_is_sparql_and_located_at_first_step() -> None:
    shapes = "ex:S sh:targetClass ex:A ; sh:property [ sh:path ( ex:p [ sh:inversePath ex:q ] ) ; sh:minCount 1 ] ."
    [finding] = findings(shapes, "ex:a a ex:A ;\n ex:p ex:b .")
    assert finding.path == "ex:p/^ex:q"
    assert spot(finding) == (2, "ex:p")


def test_custom_severity_is_a_violation() -> None:
    shapes = "ex:S sh:targetClass ex:A ; sh:closed true ; sh:severity ex:Dreadful ."
    [finding] = findings(shapes, "ex:a a ex:A .")
    assert finding.severity is Severity.VIOLATION


def test_findings_name_shape_and_component() -> None:
    [finding] = findings("ex:S sh:targetClass ex:A ; sh:closed true .", "ex:a a ex:A .")
    assert finding.shape == "http://example.org/S"
    assert finding.component == "http://www.w3.org/ns/shacl#ClosedConstraintComponent"
    [blank] = findings("[] sh:targetClass ex:A ; sh:closed true .", "ex:a a ex:A .")
    assert blank.shape.startswith("_:")
    assert blank.rule == "ex:A/Closed"
