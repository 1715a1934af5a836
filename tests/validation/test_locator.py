"""The location of findings: the value, else the predicate, else the subject, in the file that has the statement."""

import pyoxigraph as ox
import pytest
from support.each import each

from publisher.dataset.files import File, parse_text
from publisher.dataset.repository import read_repository
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf import turtle
from publisher.rdf.labels import Labels
from publisher.rdf.namespaces import RDF, SH
from publisher.validation.locator import Locator
from publisher.validation.shapes.property_paths import Paths

PREFIXES = {"ex": "http://example.org/ns#"}
HEAD = "@prefix ex: <http://example.org/ns#> .\n"
ONE = HEAD + 'ex:a ex:p "1", 2 ;\n  ex:q ex:b .\nex:b ex:q ex:c .\n[] ex:q [ ex:r 3 ] .\n'
TWO = HEAD + "ex:a ex:r ex:d ;\n  ex:q ex:e .\n"


def ex(name: str) -> ox.NamedNode:
    return ox.NamedNode(f"http://example.org/ns#{name}")


def files() -> list[File]:
    return [parse_text(ONE, "one.ttl"), parse_text(TWO, "two.ttl")]


def found(
    focus: object, path: object = None, value: object = None, *, paths: list[ox.Triple] | None = None
) -> Diagnostic:
    finding = Locator([files()], PREFIXES, paths=Paths(paths or [])).locate_node(
        "rule", Severity.WARNING, "Words.", focus, path, value
    )
    assert finding is not None
    return finding


def spelled(finding: Diagnostic) -> tuple[str, int | None, str]:
    """The file, the line, and the text at the location."""
    return finding.file, finding.line, finding.source[(finding.column or 1) - 1 : (finding.end_column or 1) - 1]


@each(
    ("literal", "expected"),
    [
        ('"2"^^<http://www.w3.org/2001/XMLSchema#integer>', '"2"^^xsd:integer'),
        ('"2"^^<urn:other>', '"2"^^<urn:other>'),
        ('"two"', '"two"'),
        ('"two"@en', '"two"@en'),
    ],
)
def test_literal_has_compact_datatype(literal: str, expected: str) -> None:
    term = next(iter(ox.parse(f"<urn:s> <urn:p> {literal} .", format=ox.RdfFormat.TURTLE))).object
    assert Locator([files()], {"xsd": "http://www.w3.org/2001/XMLSchema#"}).spell(term) == expected


INTEGER = ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")


@each(
    ("focus", "path", "value", "expected"),
    [
        (ex("a"), ex("p"), ox.Literal("1"), ("one.ttl", 2, '"1"')),
        (ex("a"), ex("p"), ox.Literal("2", datatype=INTEGER), ("one.ttl", 2, "2")),
        (ex("a"), ex("p"), None, ("one.ttl", 2, "ex:p")),
        (ex("a"), ex("p"), ox.Literal("9"), ("one.ttl", 2, "ex:p")),
        (ex("a"), ex("missing"), None, ("one.ttl", 2, "ex:a")),
        (ex("a"), None, None, ("one.ttl", 2, "ex:a")),
        (ex("a"), None, ex("a"), ("one.ttl", 2, "ex:a")),
        (ex("a"), None, ex("b"), ("one.ttl", 3, "ex:b")),
        (ex("a"), ex("q"), ex("e"), ("two.ttl", 3, "ex:e")),
        (ex("a"), ex("r"), None, ("two.ttl", 2, "ex:r")),
        (ex("c"), None, None, ("one.ttl", 4, "ex:c")),
        (ex("c"), ex("p"), None, ("one.ttl", 4, "ex:c")),
        (ox.Literal("1"), None, None, ("one.ttl", 2, '"1"')),
    ],
)
def test_location_is_value_then_predicate_then_subject(focus, path, value, expected):
    assert spelled(found(focus, path, value)) == expected


def test_unmentioned_node_has_no_location():
    assert Locator([files()], PREFIXES).locate_node("rule", Severity.WARNING, "Words.", ex("nowhere")) is None


def test_blank_node_is_located_at_bracket():
    read = files()
    inner = next(t for t in read[0].triples if t.predicate == ex("r"))
    finding = Locator([read], PREFIXES).locate_node("rule", Severity.WARNING, "Words.", inner.subject, ex("s"))
    assert spelled(finding) == ("one.ttl", 5, "[")
    assert finding.column == 9


PATH, REST = ox.BlankNode("path"), ox.BlankNode("rest")


@each(
    ("paths", "focus", "value", "expected"),
    [
        ([(PATH, SH + "inversePath", ex("q"))], ex("b"), ex("a"), ("one.ttl", 2, "ex:a")),
        ([(PATH, SH + "inversePath", ex("q"))], ex("b"), None, ("one.ttl", 3, "ex:q")),
        ([(PATH, SH + "inversePath", ex("q"))], ex("a"), None, ("one.ttl", 2, "ex:a")),
        ([(PATH, RDF + "first", ex("q")), (PATH, RDF + "rest", REST)], ex("a"), ex("c"), ("one.ttl", 3, "ex:q")),
        ([(PATH, SH + "alternativePath", REST), (REST, RDF + "first", ex("p"))], ex("a"), None, ("one.ttl", 2, "ex:p")),
        ([(PATH, SH + "zeroOrMorePath", ex("q"))], ex("a"), ex("b"), ("one.ttl", 3, "ex:b")),
        ([(PATH, SH + "zeroOrMorePath", PATH)], ex("a"), None, ("one.ttl", 2, "ex:a")),
        ([], ex("a"), ex("b"), ("one.ttl", 3, "ex:b")),
        ([], ex("b"), ex("a"), ("one.ttl", 2, "ex:a")),
    ],
)
def test_path_is_located_at_first_step(paths, focus, value, expected):
    triples = [ox.Triple(s, ox.NamedNode(p), o) for s, p, o in paths]
    assert spelled(found(focus, PATH, value, paths=triples)) == expected


def test_finding_has_all_report_fields():
    read = files()
    labels = Labels([parse_text('<http://example.org/ns#a> <http://www.w3.org/2000/01/rdf-schema#label> "A" .', "l")])
    finding = Locator([read], PREFIXES, labels).locate_node(
        "rule", Severity.INFO, "Words.", ex("a"), ex("p"), ox.Literal("1"), shape="ex:S", component="ex:C"
    )
    assert finding == Diagnostic(
        "rule",
        Severity.INFO,
        "Words.",
        "one.ttl",
        2,
        11,
        "ex:a",
        "ex:p",
        '"1"',
        2,
        14,
        "A",
        'ex:a ex:p "1", 2 ;',
        "ex:S",
        "ex:C",
        ("<http://example.org/ns#a>", "<http://example.org/ns#p>", '"1"'),
    )


@pytest.mark.parametrize(
    ("text", "format_", "line"),
    [
        ('{\n"@id": "urn:ab",\n "urn:p": {\n "@id": "urn:a",\n"urn:p": 1}}', ox.RdfFormat.JSON_LD, 4),
        (
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="urn:">\n'
            '<r:Description r:about="urn:ab"/><r:Description\nr:about="urn:a"><p>1</p></r:Description></r:RDF>',
            ox.RdfFormat.RDF_XML,
            3,
        ),
        ('{"@context": {"@base": "urn:"},\n"@id": "urn:\\u0061", "urn:p": 1}', ox.RdfFormat.JSON_LD, 2),
    ],
)
def test_node_in_other_format_is_located(text, format_, line):
    file = parse_text(text, "x", format_)
    finding = Locator([[file]], PREFIXES).locate_node(
        "rule", Severity.INFO, "Words.", ox.NamedNode("urn:a"), None, None
    )
    assert (finding.file, finding.line) == ("x", line)


def test_every_statement_of_root_is_located(root):
    """In canonical files each object follows its predicate and precedes a semicolon."""
    repository = read_repository(root)
    chosen = [file for file in repository.files if file.path.startswith("data/coalitions/")][::3]
    place = Locator([chosen], repository.names.prefixes)
    for file in chosen:
        for triple in file.triples:
            terms = (triple.subject, triple.predicate, triple.object)
            finding = place.locate_node("rule", Severity.INFO, "Words.", *terms)
            assert finding.file == file.path
            assert finding.source[finding.end_column - 1 :] == " ;"
            words = finding.source[4 : finding.end_column - 1]
            verb, object_ = (turtle.spell(term, repository.names.file_prefixes(file.path)) for term in terms[1:])
            assert words in (f"{verb} {object_}", f"a {object_}")
