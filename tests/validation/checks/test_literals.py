"""Literals that the store would rewrite."""

import dataclasses

import pyoxigraph as ox
import pytest
from support import fork_root
from support.each import each
from support.validation import found, line_of, read_lean

from publisher.dataset.files import File, parse_text
from publisher.dataset.repository import Repository, read_repository
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.namespaces import SH, XSD
from publisher.reports.fingerprints import fingerprint
from publisher.validation.checks import literals
from publisher.validation.context import of_repository

DECLARED = "@prefix ex: <http://example.org/ns#> .\n\n"


def read(text: str) -> File:
    return parse_text(DECLARED + text, "data/x.ttl")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return read_repository(fork_root.build(tmp_path_factory.mktemp("small"), lean=True))


@pytest.fixture
def loose(small):
    def check(file: File) -> list[Diagnostic]:
        return list(literals.check_form(of_repository(dataclasses.replace(small, files=[file]))))

    return check


@each(
    ("written", "stored"),
    [
        ("007", '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("+5", '"5"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("1.50", '"1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("1e0", '"1"^^<http://www.w3.org/2001/XMLSchema#double>'),
        (f'"1"^^<{XSD}boolean>', '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        (f'"5"^^<{XSD}int>', '"5"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    ],
)
def test_rewritten_literal_is_found_with_stored_form(written, stored, loose):
    file = read(f"ex:a\n    ex:p {written} ;\n.\n")
    [found] = loose(file)
    assert (found.rule, found.line, found.severity) == ("literal-form", 4, Severity.VIOLATION)
    assert stored in found.message
    assert found.value == str(next(iter(file.triples)).object).replace(f"<{XSD}", "xsd:").replace(">", "")


@each(
    "written",
    ["7", "-7", "1.5", "true", '"x"', '"x"@en-gb', f'"2026"^^<{XSD}gYear>', f'"five"^^<{XSD}integer>', '"x"^^ex:y'],
)
def test_literal_in_stored_form_passes(written, loose):
    assert loose(read(f"ex:a\n    ex:p {written} ;\n.\n")) == []


def test_foreign_literals_are_not_checked(small):
    context = of_repository(small, [parse_text("<urn:a> <urn:p> 007 .", "outside.ttl")])
    assert list(literals.check_form(context)) == []


# Literals

ILL_TYPED = [
    *(("date", value) for value in ("29/08/2017", "2026-02-30", "2026-13-01", "2026-1-1", "20261122", "2026", "")),
    *(("date", value) for value in ("2026-11-22T00:00:00", "2026-W47-1")),
    *(("gYear", value) for value in ("26", "02026", "2026-11", "x")),
    *(("gYearMonth", value) for value in ("2026-13", "202611", "2026", "2026-11-22")),
    *(
        ("dateTime", value)
        for value in ("2026-11-22", "2026-01-01 00:00:00", "20260101T000000Z", "2026-01-01T25:00:00")
    ),
    *(("time", value) for value in ("10:00", "10h")),
    *(("integer", value) for value in ("five", "5.0", "", " 5", "1_000", "٣")),
    *(("decimal", value) for value in ("1e5", "NaN", "1,5")),
    *(("double", value) for value in ("infinity", "nan", "1_0", "x")),
    *(("boolean", value) for value in ("yes", "TRUE", "")),
    ("nonNegativeInteger", "-1"),
]
WELL_TYPED = [
    *(("date", value) for value in ("2026-11-22", "2026-11-22Z", "2024-02-29", "2026-11-22-05:00", "-0044-03-15")),
    *(("gYear", value) for value in ("2026", "0044", "2026Z")),
    ("gYearMonth", "2026-11"),
    *(("dateTime", value) for value in ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5-05:00", "2026-01-01T00:00:00")),
    ("time", "10:00:00"),
    ("duration", "P1Y2M3DT4H"),
    *(("integer", value) for value in ("5", "-5", "+5", "007")),
    *(("decimal", value) for value in ("1.5", "5", "-.5")),
    *(("double", value) for value in ("1e0", "INF", "NaN", "1.5")),
    *(("boolean", value) for value in ("true", "false", "1")),
    ("anyURI", "https://example.org/é"),
    ("string", "anything"),
]


def text_with_literals() -> str:
    """A file at which no shape looks."""
    rows = [ox.Literal(value, datatype=ox.NamedNode(XSD + datatype)) for datatype, value in [*ILL_TYPED, *WELL_TYPED]]
    return fork_root.text("skos", "<urn:x>\n" + "".join(f"    skos:note {literal} ;\n" for literal in rows) + ".\n")


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The messages about the literals."""
    repository = read_lean(tmp_path_factory.mktemp("literals"), {"ontology/literals.ttl": text_with_literals()})
    findings = found(repository, "ill-typed")
    assert {(finding.file, finding.severity) for finding in findings} == {("ontology/literals.ttl", Severity.VIOLATION)}
    return [finding.message.partition(" Did you mean ")[0] for finding in findings]


@each(("datatype", "value"), ILL_TYPED)
def test_ill_typed_literal_is_found_without_shape(messages, datatype, value):
    assert f"{value!r} is not a valid xsd:{datatype}." in messages


@each(("datatype", "value"), WELL_TYPED)
def test_well_typed_literal_passes(messages, datatype, value):
    assert f"{value!r} is not a valid xsd:{datatype}." not in messages


def test_ill_typed_date_has_line(tmp_path):
    text = fork_root.FILES["data/sources.ttl"].replace('"2026-11-22"^^xsd:date', '"22 November 2026"^^xsd:date')
    repository = read_lean(tmp_path, {"data/sources.ttl": text})
    [finding] = found(repository, "ill-typed")
    assert line_of(repository, finding) == '    coal:readOn "22 November 2026"^^xsd:date ;'
    assert finding.value == '"22 November 2026"^^xsd:date'


DATATYPE = SH + "DatatypeConstraintComponent"


def placed(rule: str, line: int, severity: Severity = Severity.VIOLATION, component: str = "") -> Diagnostic:
    terms = ("<urn:a>", "<urn:p>", f'"x"^^<{XSD}date>')
    proposal = "meant" if rule == literals.ILL_TYPED else ""
    return Diagnostic(rule, severity, rule, "x.ttl", line, 5, component=component, terms=terms, proposal=proposal)


def test_a_shape_and_the_rule_report_one_literal_once() -> None:
    shape, literal = placed("S/ex:p/Datatype", 3, component=DATATYPE), placed("ill-typed", 3)
    [merged] = literals.merge_results([shape, literal])
    assert (merged.rule, merged.message, merged.proposal) == (shape.rule, shape.message, "meant")
    assert [(each.message, each.line) for each in merged.related] == [("ill-typed", 3)]
    assert fingerprint(merged) == fingerprint(shape)


@pytest.mark.parametrize(
    "other",
    [
        placed("S/ex:p/Datatype", 4, component=DATATYPE),
        placed("S/ex:p/Datatype", 3, Severity.WARNING, DATATYPE),
        placed("S/ex:p/In", 3, component=SH + "InConstraintComponent"),
    ],
)
def test_other_findings_leave_the_literal(other: Diagnostic) -> None:
    found = [placed("ill-typed", 3), other]
    assert literals.merge_results(found) == found
