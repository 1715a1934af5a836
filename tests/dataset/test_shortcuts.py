"""Shortcuts: what a release derives from the statements of its files, over small graphs and the sample."""

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from support.derived import derive_from
from support.each import each

from publisher.dataset.repository import SHORTCUTS_FOLDERS, read_repository
from publisher.dataset.shortcuts import DERIVED, check_shortcut
from publisher.errors import CannotRunError

ROOT = Path(__file__).resolve().parents[2]
PREFIXES = """
@prefix : <https://w3id.org/ma-coalitions/id/> .
@prefix coal: <https://w3id.org/ma-coalitions/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix event: <https://w3id.org/ma-coalitions/id/scheme/legislative-events/> .
@prefix outcome: <https://w3id.org/ma-coalitions/id/scheme/outcomes/> .
@prefix stance: <https://w3id.org/ma-coalitions/id/scheme/stances/> .
@prefix status: <https://w3id.org/ma-coalitions/id/scheme/statuses/> .
@prefix basis: <https://w3id.org/ma-coalitions/id/scheme/address-bases/> .
"""
KINDS = """
event:passed-chamber coal:impliesOutcome outcome:passed-one-chamber .
event:study-order coal:impliesOutcome outcome:sent-to-study .
event:signed coal:impliesOutcome outcome:enacted .
event:vetoed coal:impliesOutcome outcome:vetoed .
event:veto-overridden coal:impliesOutcome outcome:enacted .
"""


def triples(text: str) -> set[ox.Triple]:
    return {q.triple for q in ox.parse(PREFIXES + text, format=ox.RdfFormat.TURTLE)}


@pytest.fixture(scope="module")
def shortcuts() -> list[tuple[str, str]]:
    paths = [path for folder in SHORTCUTS_FOLDERS for path in (ROOT / folder).glob("*.rq")]
    return [(path.name, path.read_text()) for path in sorted(paths, key=lambda path: path.name)]


@pytest.fixture
def derived(shortcuts: list[tuple[str, str]]) -> Callable[[str], set[ox.Triple]]:
    """What all shortcuts together derive from a text."""

    def run(text: str) -> set[ox.Triple]:
        store = ox.Store()
        store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples(KINDS + text))
        before = set(store)
        for _, query in shortcuts:
            found = store.query(query)
            assert isinstance(found, ox.QueryTriples)
            store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in list(found))
        return {quad.triple for quad in set(store) - before}

    return run


CASES = {
    "backing": (
        ":a coal:backing :backing . :backing coal:backs :b .",
        ":a coal:supports :b ; coal:takesPosition :backing ."
        ":backing a coal:Position ; coal:stance stance:supports ; coal:positionOn :b .",
    ),
    "opposition": (
        ":a coal:takesPosition :p . :p coal:stance stance:opposes ; coal:positionOn :m .",
        ":a coal:opposes :m .",
    ),
    "member": (
        "[] org:organization :a ; org:member :o .",
        ":a org:hasMember :o ; schema:member :o .:o org:memberOf :a ; schema:memberOf :a .",
    ),
    "founding": (
        ':a coal:founding [ coal:foundedOn "2013"^^xsd:gYear ] .',
        ':a schema:foundingDate "2013"^^xsd:gYear .',
    ),
    "purpose": (':a coal:hasPurposeStatement [ schema:text "Seeks b."@en ] .', ':a coal:statedPurpose "Seeks b."@en .'),
    "theme": (
        ":a coal:worksOn :i . :i skos:broader :t . :t skos:topConceptOf :s .",
        ":a coal:worksOnTheme :t . :t skos:narrower :i . :s skos:hasTopConcept :t .",
    ),
    "codes": (
        ':i coal:primaryCapCode "107" ; coal:secondaryCapCode "201" .',
        ':i coal:capCode "107" , "201" .',
    ),
    "name": (":a skos:prefLabel 'A'@en .", ":a rdfs:label 'A'@en ."),
    "account": (
        ":a foaf:accountServiceHomepage <https://www.facebook.com/> ; foaf:accountName 'Clean Slate' .",
        ":a schema:url <https://www.facebook.com/Clean%20Slate> ; coal:addressBasis basis:built-by-pattern .",
    ),
    "identifiers": (
        ":x a coal:Bill ; coal:session :s ; schema:legislationIdentifier 'H.15' . :s coal:ordinal 194 .",
        ":x schema:identifier '194-H15' ; schema:sameAs <https://www.mapletestimony.org/bills/194/H15> ;"
        " coal:apiAddress <https://malegislature.gov/api/GeneralCourts/194/Documents/H15> .",
    ),
}


@pytest.mark.parametrize(("stated", "expected"), CASES.values(), ids=CASES)
def test_shortcuts_derive(derived: Callable[[str], set[ox.Triple]], stated: str, expected: str) -> None:
    found = {
        triple for triple in derived(stated) if "#label>" not in str(triple) or "#label>" in str(triples(expected))
    }
    assert found == triples(expected)


@pytest.mark.parametrize(
    "stated",
    [
        '[] org:organization :a ; org:member :o ; schema:endDate "2020"^^xsd:gYear .',
        ':a coal:hasPurposeStatement [ schema:text "Seeks b."@en ; schema:endDate "2020"^^xsd:gYear ] .',
        ":a foaf:accountServiceHomepage <https://unknown.example/> ; foaf:accountName 'x' .",
    ],
    ids=["former-member", "former-purpose", "unknown-service"],
)
def test_what_has_ended_or_is_unknown_derives_nothing(derived: Callable[[str], set[ox.Triple]], stated: str) -> None:
    assert derived(stated) == set()


def bill(events: str, end: str = "2024") -> str:
    rows = [row.split() for row in events.split(",") if row]
    made = "".join(f" ; coal:hasEvent :event-{kind}-{day}" for kind, day in rows)
    kinds = {4: "gYear", 7: "gYearMonth", 10: "date"}
    said = "".join(
        f':event-{kind}-{day} coal:eventKind event:{kind} ; coal:eventDate "{day}"^^xsd:{kinds[len(day)]} .'
        for kind, day in rows
    )
    session = f':s schema:endDate "{end}"^^xsd:gYear . :r coal:readOn "2026-11-22"^^xsd:date .'
    return f":x a coal:Bill ; coal:session :s{made} . {said} {session}"


@pytest.mark.parametrize(
    ("events", "end", "outcome", "status"),
    [
        ("", "2024", "", "no-enactment-known"),
        ("", "2026", "", "session-not-ended"),
        ("passed-chamber 2024-06-20,signed 2024-08-23", "2024", "enacted", "enacted"),
        ("passed-chamber 2024-06-20,study-order 2024-09", "2024", "sent-to-study", "no-enactment-known"),
        ("passed-chamber 2024-06-20,signed 2024", "2024", "enacted", "enacted"),
        ("vetoed 2024-07-01,veto-overridden 2024-07-20", "2024", "enacted", "enacted"),
        ("veto-overridden 2024-07-20,vetoed 2024-07-01", "2026", "enacted", "enacted"),
    ],
)
def test_last_or_final_event_decides(derived, events: str, end: str, outcome: str, status: str) -> None:
    found = {
        (t.predicate.value.rpartition("#")[2], str(t.object).rpartition("/")[2].rstrip(">"))
        for t in derived(bill(events, end))
    }
    assert {value for name, value in found if name == "outcome"} == ({outcome} if outcome else set())
    assert {value for name, value in found if name == "status"} == {status}


def test_stated_outcome_is_kept(derived: Callable[[str], set[ox.Triple]]) -> None:
    found = derived(bill("signed 2024-08-23") + " :x coal:outcome outcome:enacted-through-another-act .")
    assert not [t for t in found if t.predicate.value.endswith(("#outcome", "#outcomeDate"))]
    assert [t.object for t in found if t.predicate.value.endswith("#status")] == [
        ox.NamedNode("https://w3id.org/ma-coalitions/id/scheme/statuses/enacted-through-another-act")
    ]


@pytest.mark.parametrize(("source", "basis"), [("H15", "read"), ("H15.Html", "read"), ("H16", "built-by-pattern")])
def test_addresses_are_read_if_a_source_has_them(derived, source: str, basis: str) -> None:
    page = "https://legislature.example/"
    found = derived(
        f":x a coal:Bill ; coal:session :s ; schema:url <{page}H15> .:r a coal:Source ; schema:url <{page}{source}> ."
    )
    [stated] = [t.object for t in found if t.predicate.value.endswith("#addressBasis")]
    assert str(stated).endswith(f"/{basis}>")


def test_relations_have_labels(derived: Callable[[str], set[ox.Triple]]) -> None:
    found = derived(
        ":a skos:prefLabel 'A'@en ; coal:backing :b . :b coal:backs :x . :x skos:prefLabel 'H.1'@en ."
        "stance:supports skos:prefLabel 'Supports'@en . [] org:organization :a ; org:member :o ; org:role :r ."
        ":o skos:prefLabel 'O'@en . :r skos:prefLabel 'Member'@en ."
    )
    labels = {t.object.value for t in found if t.predicate.value.endswith("#label")}
    assert {"A supports H.1", "O: member in A"} <= labels


# Over a root


def test_derived_statements_are_in_one_graph_that_says_so(store) -> None:
    graph = ox.NamedNode(store.index.names.iri(DERIVED))
    found = store.lookup.graph(graph.value)
    assert len(found) > 100
    about = {t.predicate.value.rpartition("/")[2].rpartition("#")[2]: t.object for t in found if t.subject == graph}
    assert about["label"] == ox.Literal("Derived statements", language="en")
    assert about["wasDerivedFrom"] == ox.NamedNode(store.index.names.dataset)
    assert "Members in the terms of ORG" in about["description"].value


def test_root_replaces_and_adds_shortcuts(fork) -> None:
    own = (
        "# title: {}\n# why: A reason.\nCONSTRUCT {{ ?s <urn:{}> ?o }} {{ ?s <http://purl.org/dc/terms/source> ?o }}\n"
    )
    root = fork(
        {
            "data/shortcuts/13-labels-of-things.rq": own.format("One", "one"),
            "data/shortcuts/99-x.rq": own.format("X", "x"),
        }
    )
    repository = read_repository(root)
    stated = [triple for file in repository.files for triple in file.triples]
    predicates = {triple.predicate.value for triple in derive_from(repository, stated)}
    assert {"urn:one", "urn:x"} <= predicates


@each(
    ("text", "message"),
    [
        ("CONSTRUCT WHERE { ?s ?p ?o }", "its header must state a title"),
        ("# title: T\n# why: W.\nSELECT * { ?s ?p ?o }", "a shortcut is a CONSTRUCT query"),
        ("# title: T\n# why: W.\nCONSTRUCT {", "is broken"),
        ("# title: T\n# why: W.\nCONSTRUCT { ?s ?p ?o } { SERVICE <urn:x> { ?s ?p ?o } }", "make no connections"),
    ],
)
def test_broken_shortcut_is_rejected(text: str, message: str) -> None:
    with pytest.raises(CannotRunError, match=message):
        check_shortcut("ontology/shortcuts/01-x.rq", text)
