"""Ontologies beside the data: shapes rely on what they state, and nothing in them is a finding."""

from collections.abc import Sequence

import pyoxigraph as ox
import pytest
from support.each import each
from support.optional_packages import extra

from publisher.dataset.files import parse_text
from publisher.diagnostic import Diagnostic
from publisher.validation import validator
from publisher.validation.checks import shapes as shapes_check
from publisher.validation.context import Context, of_shapes
from publisher.validation.engines.selection import ENGINES, load_engine
from publisher.validation.shapes.coverage import count_targets

PREFIXES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix ex: <http://example.org/> .
"""
ZOO = """ex:Dog rdfs:subClassOf ex:Pet . ex:Pet rdfs:subClassOf ex:Animal .
ex:hasDog rdfs:subPropertyOf ex:hasPet . ex:hasPet rdfs:subPropertyOf ex:has .
"""


def context(shapes: str, data: str, ontology: str = "", engine: str = "pyshacl", **options: object) -> Context:
    if engine == "fast":
        extra("shacl", "fast")
    parsed = [
        parse_text(PREFIXES + text, f"{name}.ttl") for name, text in (("s", shapes), ("d", data), ("o", ontology))
    ]
    return of_shapes(
        parsed[:1],
        parsed[1:2],
        background=parsed[2:] if ontology else (),
        engine=engine,
        prefixes={"ex": "http://example.org/"},
        **options,  # type: ignore[arg-type]
    )


def found(*texts: str, engine: str = "pyshacl") -> list[tuple[str, str, int | None, int | None, str]]:
    """What the shapes find: the last part of the rule, the file, line (of the text alone), column and focus node."""
    findings = validator.validate(context(*texts, engine=engine))
    return [summarize(finding) for finding in findings if finding.shape]


def summarize(finding: Diagnostic) -> tuple[str, str, int | None, int | None, str]:
    line = finding.line and finding.line - PREFIXES.count("\n")
    return finding.rule.rpartition("/")[2], finding.file, line, finding.column, finding.focus


ENGINE = pytest.mark.parametrize("engine", ENGINES)


@ENGINE
def test_ontology_class_applies_to_values(engine: str) -> None:
    shapes = "ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:pet ; sh:property [ sh:path ex:pet ; sh:class ex:Animal ] ."
    data = "ex:jo ex:pet ex:rex , ex:stone . ex:rex a ex:Dog . ex:stone a ex:Stone ."
    assert [rule for rule, *_ in found(shapes, data, engine=engine)] == ["Class", "Class"]
    assert found(shapes, data, ZOO, engine=engine) == [("Class", "d.ttl", 1, 23, "ex:jo")]


@ENGINE
def test_ontology_class_applies_to_targets(engine: str) -> None:
    shapes = "ex:S a sh:NodeShape ; sh:targetClass ex:Animal ; sh:property [ sh:path ex:name ; sh:minCount 1 ] ."
    data = "ex:rex a ex:Dog ."
    assert found(shapes, data, engine=engine) == []
    assert found(shapes, data, ZOO, engine=engine) == [("MinCount", "d.ttl", 1, 1, "ex:rex")]


@ENGINE
@each("property_", ["ex:hasPet", "ex:has"])
def test_subproperty_applies_to_paths(engine: str, property_: str) -> None:
    shapes = f"""ex:S a sh:NodeShape ; sh:targetClass ex:Person ;
    sh:property [ sh:path {property_} ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ."""
    data = "ex:jo a ex:Person ; ex:hasDog ex:rex .\nex:al a ex:Person ; ex:hasDog 'Rex' ."
    assert [rule for rule, *_ in found(shapes, data, engine=engine)] == ["MinCount", "MinCount"]
    assert found(shapes, data, ZOO, engine=engine) == [("NodeKind", "d.ttl", 2, 31, "ex:al")]


@ENGINE
def test_subproperty_applies_to_targets(engine: str) -> None:
    shapes = "ex:S a sh:NodeShape ; sh:targetObjectsOf ex:has ; sh:class ex:Pet ."
    assert found(shapes, "ex:jo ex:hasDog ex:rex .", engine=engine) == []
    assert [rule for rule, *_ in found(shapes, "ex:jo ex:hasDog ex:rex .", ZOO, engine=engine)] == ["S"]


@ENGINE
def test_closed_shape_checks_stated_properties(engine: str) -> None:
    shapes = """ex:S a sh:NodeShape ; sh:targetClass ex:Person ; sh:closed true ;
    sh:ignoredProperties ( <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ) ; sh:property [ sh:path ex:hasDog ] ."""
    data = "ex:jo a ex:Person ; ex:hasDog ex:rex ; ex:other 1 ."
    assert found(shapes, data, ZOO, engine=engine) == [("S", "d.ttl", 1, 49, "ex:jo")]


JUDGING = """ex:S a sh:NodeShape ; sh:targetClass ex:Concept ; sh:property [ sh:path ex:label ; sh:minCount 1 ] .
ex:T a sh:NodeShape ; sh:targetSubjectsOf ex:broader ; sh:nodeKind sh:BlankNode .
ex:U a sh:NodeShape ; sh:targetObjectsOf ex:broader ; sh:property [ sh:path ex:size ; sh:minInclusive 3 ] .
ex:V a sh:NodeShape ; sh:targetClass ex:Kind ;
    sh:property [ sh:path ex:of ; sh:property [ sh:path ex:size ; sh:closed true ; sh:minCount 1 ] ] .
"""
CODES = """ex:red a ex:Concept ; ex:broader ex:color . ex:color a ex:Concept ; ex:size 1 .
ex:k a ex:Kind ; ex:of ex:red .
"""


@ENGINE
def test_ontology_statements_are_no_findings(engine: str) -> None:
    data = "ex:a ex:theme ex:red , ex:color ; ex:kind ex:k ."
    assert len(found(JUDGING, data + CODES, engine=engine)) > 3
    assert found(JUDGING, data, CODES, engine=engine) == []


@ENGINE
def test_ontology_node_is_validated_as_value(engine: str) -> None:
    shapes = """ex:S a sh:NodeShape ; sh:targetClass ex:Dataset ;
    sh:property [ sh:path ex:theme ; sh:property [ sh:path ex:label ; sh:minCount 1 ] ] ."""
    data = "ex:a a ex:Dataset ; ex:theme ex:red ."
    assert found(shapes, data, CODES, engine=engine) == [("MinCount", "d.ttl", 1, 30, "ex:red")]
    assert found(shapes, data, CODES + "ex:red ex:label 'Red' .", engine=engine) == []


@ENGINE
def test_targets_come_from_data_only(engine: str) -> None:
    """What the ontology states about the same node is known; the shapes that this selects are not the data's."""
    assert found(JUDGING, "ex:red a ex:Concept .", CODES, engine=engine) == [("MinCount", "d.ttl", 1, 1, "ex:red")]
    assert found(JUDGING, "ex:red a ex:Concept .", CODES + "ex:red ex:label 'Red' .", engine=engine) == []


@ENGINE
def test_mutually_recursive_shapes_end(engine: str) -> None:
    shapes = """ex:S a sh:NodeShape ; sh:targetClass ex:Person ; sh:property ex:P .
    ex:P sh:path ex:knows ; sh:property ex:P ; sh:minCount 1 ."""
    known = "ex:x a ex:Person ; ex:knows ex:y . ex:y ex:knows ex:x , ex:z ."
    data = "ex:al a ex:Person ; ex:knows ex:z ."
    assert found(shapes, data, known, engine=engine) == [("P", "d.ttl", 1, 30, "ex:z")]
    assert found(shapes, "ex:al ex:sees ex:z .", known, engine=engine) == []


@ENGINE
def test_engine_gets_focus_nodes_of_data_only(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Queries of shapes for each class of a large ontology take minutes."""
    given: list[ox.Triple] = []

    def validate(shapes: Sequence[ox.Triple], data: Sequence[ox.Triple], most: int | None) -> list[ox.Triple]:
        given.extend(shapes)
        return load_engine(engine)(shapes, data, most)

    monkeypatch.setattr(shapes_check, "load_engine", lambda _: validate)
    shapes = """ex:Kind rdfs:subClassOf owl:Class . ex:Concept a ex:Kind , sh:NodeShape ;
    sh:targetSubjectsOf ex:broader , ex:narrower ; sh:property [ sh:path ex:label ; sh:minCount 1 ] ."""
    data = "ex:mine a ex:Concept . ex:yours ex:narrower 1 . [] ex:narrower 2 ."
    assert [focus for *_, focus in found(shapes, data, CODES, engine=engine)] == ["ex:mine", "ex:yours", ""]
    targets = {str(t.object): t.predicate.value for t in given if "target" in t.predicate.value}
    ends = {iri.rpartition("/")[2].strip(">"): name.rpartition("#")[2] for iri, name in targets.items()}
    assert ends == {"mine": "targetNode", "yours": "targetNode", "<urn:publisher:chosen:0": "targetObjectsOf"}


def test_target_in_ontology_only_checks_nothing() -> None:
    shapes = "ex:S a sh:NodeShape ; sh:targetClass ex:Concept ; sh:nodeKind sh:IRI ."
    assert count_targets(context(shapes, "ex:a a ex:Dataset .", CODES)) == (1, 1)
    assert count_targets(context(shapes, "ex:a a ex:Concept .", CODES)) == (1, 0)
    [finding] = validator.validate(context(shapes, "ex:a a ex:Dataset .", CODES, strict=True))
    assert finding.rule == "unmatched-shape"


def test_subproperty_cycle_ends() -> None:
    shapes = "ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property [ sh:path ex:q ; sh:minCount 1 ; sh:maxCount 1 ] ."
    circle = "ex:p rdfs:subPropertyOf ex:q . ex:q rdfs:subPropertyOf ex:p . ex:p rdfs:subPropertyOf [] ."
    assert found(shapes, "ex:a ex:p ex:b .", circle) == []


def test_ontology_that_is_data_too_is_validated() -> None:
    shapes, file = (parse_text(PREFIXES + text, name) for text, name in ((JUDGING, "s.ttl"), (CODES, "d.ttl")))
    alone, both = (validator.validate(of_shapes([shapes], [file], background=known)) for known in ([], [file]))
    assert alone == both != []


# The other checks


def rules(data: str, ontology: str = "") -> Sequence[str]:
    return [
        finding.rule
        for finding in validator.validate(context("ex:S a sh:NodeShape ; sh:targetNode ex:a .", data, ontology))
    ]


def test_ontology_term_is_defined() -> None:
    data = "ex:a foaf:nicknames 'Al' ."
    assert rules(data) == ["unknown-term"]
    assert rules(data, "foaf:nicknames a owl:DatatypeProperty .") == []


def test_import_resolves_to_given_ontology() -> None:
    data = "ex:a owl:imports ex:zoo ."
    assert rules(data) == ["unresolved-import"]
    assert rules(data, "ex:zoo a owl:Ontology ; owl:imports ex:elsewhere .") == []


def test_ontology_label_is_shown() -> None:
    shapes = "ex:S a sh:NodeShape ; sh:targetObjectsOf ex:theme ; sh:nodeKind sh:BlankNode ."
    [finding] = validator.validate(context(shapes, "ex:a ex:theme ex:red .", "ex:red skos:prefLabel 'Red'@en ."))
    assert (finding.label, finding.file) == ("Red", "d.ttl")
