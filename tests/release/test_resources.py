"""Things: live, merged, withdrawn or unknown; their descriptions."""

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from support.asgi_client import OpenApp
from support.each import each
from support.retired import RETIRED

from publisher.dataset.iris import Names
from publisher.dataset.repository import Repository
from publisher.errors import NotFoundError, WithdrawnError
from publisher.rdf.labels import labels_of
from publisher.rdf.namespaces import DCTERMS, FOAF, RDF, RDFS, SKOS, VOCABULARY, VOID, XHV
from publisher.release.resources import Resources, page_of
from publisher.release.store import Store

RETIRED_FILE = "data/retired.ttl"

LOOPED = """
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix coalition: <https://w3id.org/ma-coalitions/id/coalition/> .

coalition:looped skos:related coalition:looped .
coalition:looped foaf:account <https://w3id.org/ma-coalitions/id/coalition/looped/account/x> .
<https://w3id.org/ma-coalitions/id/coalition/looped/account/x> foaf:page coalition:looped .
coalition:looped-too skos:related coalition:looped .
"""


@pytest.fixture(scope="module")
def resources(app: OpenApp) -> Resources:
    return app.resources


@pytest.fixture(scope="module")
def names(store: Store) -> Names:
    return store.index.names


@pytest.fixture(scope="module")
def retired(fork: Callable[..., Path], opened: Callable[..., OpenApp]) -> Resources:
    """The resources of a root in which some things were merged and one was withdrawn."""
    return opened(fork({"data/retired.ttl": RETIRED, "data/looped.ttl": LOOPED})).resources


@pytest.fixture(scope="module")
def coalition(names: Names) -> str:
    return names.iri("id/coalition/fair-wages-coalition")


def stated(store: Store) -> set[ox.Triple]:
    """What the files state and what follows from it."""
    computed = ("/graph/catalogue", "/graph/examples")
    graphs = [iri for iri, _ in store.index.graphs if not iri.endswith(computed)]
    return {triple for graph in graphs for triple in store.lookup.graph(graph)}


def test_description_has_statements_of_thing_and_parts(resources: Resources, store: Store, coalition: str) -> None:
    expected = {
        t
        for t in stated(store)
        if isinstance(t.subject, ox.NamedNode) and (t.subject.value + "/").startswith(coalition + "/")
    }
    assert set(resources.describe(coalition).own) == expected
    assert {t.subject.value for t in expected} >= {
        coalition,
        f"{coalition}/account/facebook",
        f"{coalition}/founding",
        f"{coalition}/membership/forum-for-arcadia",
    }


def test_description_has_incoming_statements_except_from_parts(
    resources: Resources, store: Store, names: Names
) -> None:
    agenda = ox.NamedNode(names.iri("id/agenda/fair-work-agenda"))
    expected = {t for t in stated(store) if t.object == agenda and t.subject != agenda}
    found = resources.describe(agenda.value)
    assert set(found.incoming) == expected
    assert (found.total, found.page, found.pages) == (len(expected), 1, 1)
    assert ox.NamedNode(VOCABULARY + "advances") in {t.predicate for t in expected}


def test_statements_of_parts_are_not_incoming(retired: Resources) -> None:
    looped = retired.names.iri("id/coalition/looped")
    found = retired.describe(looped)
    assert sorted(t.subject.value for t in found.own) == [looped, looped, f"{looped}/account/x"]
    assert [t.subject.value for t in found.incoming] == [f"{looped}-too"]


def test_description_has_labels_of_mentioned_things(resources: Resources, coalition: str) -> None:
    found = resources.describe(coalition)
    labels = labels_of(found.labels)
    linked = [t for t in found.own if t.predicate.value != RDF + "type" and isinstance(t.object, ox.NamedNode)]
    mentioned = {t.object.value for t in linked} | {t.subject.value for t in found.incoming}
    named = {iri: resources.label(iri) for iri in mentioned if resources.label(iri) != iri}
    assert {iri: labels.get(iri) for iri in named} == named
    assert "Fair Work Agenda" in named.values()


def test_description_describes_document(resources: Resources, names: Names, coalition: str) -> None:
    found = resources.describe(coalition)
    document = names.iri("doc/coalition/fair-wages-coalition")
    assert found.document == document
    assert {(t.subject.value, t.predicate.value, t.object.value) for t in found.about} == {
        (document, FOAF + "primaryTopic", coalition),
        (document, RDF + "type", FOAF + "Document"),
        (document, VOID + "inDataset", names.dataset),
        (document, DCTERMS + "license", "http://creativecommons.org/publicdomain/zero/1.0/"),
    }


def test_description_does_not_mention_release(resources: Resources, store: Store, coalition: str) -> None:
    text = "\n".join(map(str, resources.describe(coalition).triples))
    assert store.release not in text
    assert store.release[:12] not in text


def test_description_has_no_duplicates(resources: Resources) -> None:
    for thing in resources.things():
        triples = resources.describe(thing).triples
        assert len(triples) == len(set(triples))


def test_incoming_pages_are_bounded_and_linked(store: Store, names: Names) -> None:
    few = Resources(store, 4)
    source = names.iri("id/source/our-partners")
    whole = Resources(store, 10_000).describe(source)
    pages = [few.describe(source, page) for page in range(1, few.describe(source).pages + 1)]
    assert len(pages) == -(-whole.total // 4)
    assert [len(page.incoming) for page in pages[:-1]] == [4] * (len(pages) - 1)
    assert sorted((t for page in pages for t in page.incoming), key=str) == list(whole.incoming)
    first = names.document(source)
    following = ox.NamedNode(XHV + "next")
    leading = [[t.object.value for t in page.about if t.predicate == following] for page in pages]
    assert leading == [[page_of(first, page)] for page in range(2, len(pages) + 1)] + [[]]


def test_own_statements_are_on_first_page_only(store: Store, names: Names) -> None:
    source = names.iri("id/source/our-partners")
    few = Resources(store, 4)
    assert set(few.describe(source).own) == set(Resources(store, 100).describe(source).own)
    assert {t.predicate.value for t in few.describe(source, 2).own} == {DCTERMS + "title"}


@each("page", [0, -1, 2, 1_000_000])
def test_missing_page_is_not_found(resources: Resources, coalition: str, page: int) -> None:
    with pytest.raises(NotFoundError):
        resources.describe(coalition, page)


@pytest.mark.parametrize("path", ["id/coalition/no-such", "id/coalition/clear-water/account/none", "dataset/nothing"])
def test_undescribed_iri_is_not_found(resources: Resources, names: Names, path: str) -> None:
    with pytest.raises(NotFoundError, match=path):
        resources.require(names.iri(path))
    with pytest.raises(NotFoundError, match=path):
        resources.describe(names.iri(path))


def test_withdrawn_thing_has_tombstone(retired: Resources) -> None:
    gone = retired.names.iri("id/coalition/gone")
    with pytest.raises(WithdrawnError, match=gone) as caught:
        retired.describe(gone)
    tombstone = caught.value.tombstone
    assert {t.object.value for t in tombstone} == {"2026-01-01T00:00:00Z", "It was listed twice."}
    assert {t.subject.value for t in tombstone} == {gone}


@each(
    ("slug", "successor"),
    [
        ("older", "clear-water"),
        ("oldest", "clear-water"),
        ("heir-of-gone", "gone"),
        ("clear-water", None),
        ("gone", None),
        ("no-such", None),
    ],
)
def test_merged_thing_resolves_to_last_successor(retired: Resources, slug: str, successor: str | None) -> None:
    iri = retired.names.iri("id/coalition/")
    assert retired.successor(iri + slug) == (iri + successor if successor else None)


def test_things_merged_in_a_circle_are_withdrawn(retired: Resources) -> None:
    for iri in map(retired.names.iri, ("id/coalition/hen", "id/coalition/egg")):
        assert retired.successor(iri) is None
        with pytest.raises(WithdrawnError, match=iri):
            retired.describe(iri)


def test_retired_things_are_not_live(retired: Resources, resources: Resources) -> None:
    assert [iri for iri in retired.things() if "/looped" not in iri] == resources.things()


def test_things_have_own_addresses(resources: Resources, repository: Repository, names: Names) -> None:
    stated_of = {iri for file in repository.files if file.path != RETIRED_FILE for iri in file.subjects}
    expected = {iri for iri in stated_of if (names.path(iri) or "").startswith("id/") and iri.count("/") == 6}
    assert sorted(resources.things()) == sorted(expected)


def test_instances_are_sorted_by_label(resources: Resources) -> None:
    agendas = resources.instances(VOCABULARY + "Agenda")
    assert len(agendas) == 3
    assert [name for _, name in agendas] == sorted((name for _, name in agendas), key=str.casefold)
    assert all(name != iri for iri, name in agendas)


def test_unlabelled_thing_is_named_by_iri(resources: Resources) -> None:
    assert resources.label("https://example.org/nameless") == "https://example.org/nameless"


def test_label_preference_is_language_then_property() -> None:
    thing = ox.NamedNode("https://example.org/x")
    label, preferred = ox.NamedNode(RDFS + "label"), ox.NamedNode(SKOS + "prefLabel")
    german, english = ox.Literal("Bündnis", language="de"), ox.Literal("coalition", language="en")
    assert labels_of([ox.Triple(thing, preferred, german), ox.Triple(thing, preferred, english)]) == {
        thing.value: "coalition"
    }
    assert labels_of([ox.Triple(thing, label, german)]) == {thing.value: "Bündnis"}
