"""Terms that their vocabulary does not define: found at their first use, with a suggestion."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from support import fork_root, sample_root
from support.each import each

from publisher.dataset.files import File, parse_text, read_file
from publisher.dataset.identifiers import NOTHING, Published
from publisher.dataset.repository import Repository, example_files, read_repository
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.namespaces import VOCABULARY
from publisher.validation import validator
from publisher.validation.checks import terms
from publisher.validation.context import Context, of_repository, of_shapes

HEAD = """@prefix coal: <https://w3id.org/ma-coalitions/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix sdo: <http://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <urn:> .
"""
FIRST = HEAD.count("\n") + 1


@pytest.fixture(scope="module")
def repository(root: Path) -> Repository:
    return read_repository(root)


@pytest.fixture(scope="module")
def published(repository: Repository) -> Published:
    return Published.of(repository)


def check(files: Sequence[File], published: Published, prefixes: Mapping[str, str] | None = None) -> list[Diagnostic]:
    context = Context(files, [], files, files, files, declared=prefixes or {}, published=published)
    return list(terms.check(context))


def found(text: str, published: Published) -> list[Diagnostic]:
    file = parse_text(HEAD + text, "x.ttl")
    return check([file], published)


WRONG = {
    "a property": ("", "skos:prefLable", ' "x"', "skos:prefLabel"),
    "a property of Dublin Core": ("", "dcterms:descripton", ' "x"', "dcterms:description"),
    "capitals": ("", "skos:preflabel", ' "x"', "skos:prefLabel"),
    "a class": ("a ", "org:Organisation", "", "org:Organization"),
    "a class of ours": ("a ", "coal:Colaition", "", "coal:Coalition"),
    "a property of ours": ("", "coal:worksOnn", " :i", "coal:worksOn"),
    "a datatype": (":p ", '"2017"^^xsd:gYaer', "", "xsd:gYear"),
    "a term of another vocabulary": ("", "rdfs:type", " :C", "rdf:type"),
    "a term of another vocabulary than ours": ("", "coal:prefLabel", ' "x"', "skos:prefLabel"),
    "the wrong scheme": ("", "<https://www.w3.org/2004/02/skos/core#notation>", " 1", "skos:notation"),
    "the wrong end of a namespace": ("", "<http://purl.org/dc/terms#title>", " 1", "dcterms:title"),
    "a vocabulary that grows": ("", "schema:foundingDat", " 1", "schema:foundingDate"),
    "the other scheme of schema.org": ("", "sdo:foundingDat", " 1", "http://schema.org/foundingDate"),
    "nothing like it": ("", "foaf:zzzzz", " 1", ""),
    "a parameter of a shape": ("sh:path :p ; ", "sh:minCnt", " 1", "sh:minCount"),
    "a path": ("sh:path ", "skos:brodaer", "", "skos:broader"),
    "a step of a path": ("sh:path ( :p ", "skos:brodaer", " )", "skos:broader"),
    "a target": ("sh:targetClass ", "coal:Colaition", "", "coal:Coalition"),
    "a severity": ("sh:severity ", "sh:Warnin", "", "sh:Warning"),
    "a superclass": ("rdfs:subClassOf ", "foaf:Persn", "", "foaf:Person"),
    "a term of ours anywhere": ("dcterms:subject ", "coal:Colaition", "", "coal:Coalition"),
}


@each(("before", "term", "after", "meant"), WRONG.values())
def test_undefined_term_has_location_and_suggestion(published, before, term, after, meant):
    line = f":s {before}{term}{after} ."
    [finding] = found(line, published)
    rule = "undefined-term" if term.startswith("coal:") else "unknown-term"
    assert (finding.rule, finding.severity, finding.line) == (rule, Severity.WARNING, FIRST)
    assert finding.column == line.index(term) + 1
    assert finding.end_column == finding.column + len(term)
    assert finding.message.endswith(f"Did you mean {meant}?" if meant else "is not defined by its vocabulary.")
    assert bool(finding.proposal) is bool(meant)


def test_undefined_own_term_is_a_violation_in_root_only(repository):
    file = parse_text(HEAD + ":s coal:seek :a .", "x.ttl")
    [inside] = list(terms.check(of_repository(repository, [file])))
    assert (inside.rule, inside.severity) == ("undefined-term", Severity.VIOLATION)
    assert "Did you mean coal:seeks?" in inside.message


RIGHT = [
    "rdf:_1 :x ; rdf:_23 :y",
    'skos:prefLabel "x"@en ; dcterms:conformsTo <http://purl.org/dc/terms/>',
    'a schema:Consortium, sdo:Consortium ; schema:brandNewTermOfThisYear "x"',
    '<http://www.w3.org/ns/dcat#inSeries> :series ; :p "1"^^xsd:nonNegativeInteger',
    'a void:Dataset ; void:class skos:Concept ; :p "<p>x</p>"^^rdf:HTML',
    'schema:source "x" ; sdo:hasProductReturnPolicy :x',
    "rdfs:isDefinedBy <http://xmlns.com/foaf/0.1/index.rdf> ; rdfs:seeAlso skos:noSuchTerm",
    "owl:imports <http://www.w3.org/2004/02/skos/core> ; void:vocabulary skos:, coal:",
    ':p "POINT"^^<http://www.opengis.net/ont/geosparql#wktLiteral> ; <http://example.org/skos/prefLable> 1',
    "sh:path [ sh:zeroOrMorePath rdf:rest ] ; sh:nodeKind sh:BlankNodeOrIRI ; sh:in ( 1 2 )",
]


@each("text", RIGHT)
def test_defined_terms_and_open_vocabularies_pass(published, text):
    assert found(f":s {text} .", published) == []


def test_undefined_term_is_reported_once_per_file_with_count(published):
    text = ':a skos:prefLable "x" .\n:b skos:prefLable "y" ; skos:altLable "z" .\n:c skos:prefLable "x" .'
    assert [(d.line, d.value or d.path, d.more) for d in found(text, published)] == [
        (FIRST, "skos:prefLable", 2),
        (FIRST + 1, "skos:altLable", 0),
    ]


def test_term_typed_in_data_is_defined(published):
    assert found("skos:broaderYet a rdf:Property . :a skos:broaderYet :b .", published) == []
    [finding] = found('skos:broaderYet :p "x" . :a skos:broaderYet :b .', published)
    assert finding.column == 29


def test_finding_has_subject_label(published):
    [finding] = found(':s rdfs:label "The thing" ; skos:prefLable "x" .', published)
    assert (finding.label, finding.focus, finding.path) == ("The thing", "urn:s", "skos:prefLable")


def test_terms_use_prefixes_of_file(published):
    file = parse_text('@prefix k: <http://www.w3.org/2004/02/skos/core#> . <urn:s> k:prefLable "x" .', "x.ttl")
    [finding] = check([file], published, {"k": "http://www.w3.org/2004/02/skos/core#"})
    assert finding.message == "k:prefLable is not defined by its vocabulary. Did you mean k:prefLabel?"


def test_own_terms_are_not_checked_without_root():
    assert [d.value or d.path for d in found(":s a coal:Colaition ; skos:prefLable 1 .", NOTHING)] == ["skos:prefLable"]


def test_own_files_use_defined_terms(repository, published):
    examples = [read_file(path, path.name) for path in example_files(repository.root)]
    for files in (repository.files, examples):
        wrong = {d.file for d in check(files, published, repository.names.prefixes)}
        assert {name for name in wrong if "closed" not in name and "unused-term" not in name} == set()


def test_removed_own_term_is_found_in_foreign_data(tmp_path):
    """By the vocabulary of the root, and not by a list."""
    text = (sample_root.CHECKOUT / "ontology" / "coalitions.ttl").read_text(encoding="utf-8")
    repository = read_repository(
        fork_root.build(tmp_path, {"ontology/coalitions.ttl": text.replace("coal:seeks\n", "coal:wants\n")}, lean=True)
    )
    [finding] = found(":s coal:seeks :a .", Published.of(repository))
    assert finding.value == ""
    assert finding.path == "coal:seeks"


def test_undefined_terms_in_foreign_shapes_are_found():
    """They make a shape that never speaks."""
    shapes = (
        HEAD + "<urn:S> a sh:NodeShape ; sh:targetNode <urn:s> ; sh:property [ sh:path skos:prefLable ; sh:minCnt 1 ] ."
    )
    files = parse_text(shapes, "s.ttl"), parse_text(HEAD + '<urn:s> skos:altLable "x" .', "d.ttl")
    wrong = validator.validate(of_shapes([files[0]], [files[1]]))
    assert [(d.file, d.proposal.partition("#")[2]) for d in wrong if d.rule == "unknown-term"] == [
        ("d.ttl", "altLabel"),
        ("s.ttl", "prefLabel"),
        ("s.ttl", "minCount"),
    ]


def test_own_namespace_is_the_same_in_forks(tmp_path):
    fork = Published.of(read_repository(fork_root.build(tmp_path, lean=True)))
    [finding] = found(":s a coal:Colaition .", fork)
    assert finding.proposal == VOCABULARY + "Coalition"
