"""Neighbors: bounded look-ups, the same for things with few and with very many statements that point to them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from publisher.dataset.iris import Names
from publisher.rdf.namespaces import DCTERMS, ORG, SKOS, VOCABULARY
from publisher.release import neighbors
from publisher.release.neighbors import Neighbors
from publisher.release.store import Store

MANY = 1010
PREFIXES = (
    "@prefix coal: <https://w3id.org/ma-coalitions/ontology#> .\n"
    "@prefix dcterms: <http://purl.org/dc/terms/> .\n"
    "@prefix organization: <https://w3id.org/ma-coalitions/id/organization/> .\n"
    "@prefix source: <https://w3id.org/ma-coalitions/id/source/> .\n\n"
)


@pytest.fixture
def near(store: Store) -> Neighbors:
    return Neighbors(store.lookup, store.index)


def iri(names: Names, path: str) -> str:
    return names.iri(f"id/{path}")


def test_values_are_read_by_property(near: Neighbors, store: Store) -> None:
    names = store.index.names
    fair = iri(names, "coalition/fair-wages-coalition")
    assert near.iris(fair, VOCABULARY + "worksOn") == [
        iri(names, "issue/minimum-wage"),
        iri(names, "issue/paid-sick-leave"),
    ]
    assert near.iri(fair, VOCABULARY + "advances") == iri(names, "agenda/fair-work-agenda")
    assert near.iri(fair, VOCABULARY + "none") == ""
    assert near.text(fair, VOCABULARY + "none", SKOS + "prefLabel") == near.label(fair) == "Fair Wages Coalition"
    assert near.texts(fair, VOCABULARY + "acronym") == ["FWC"]
    assert near.label("urn:nothing") == ""
    assert len(near.sessions()) == 2


def test_subjects_are_in_order_and_counted(near: Neighbors, store: Store) -> None:
    names = store.index.names
    work = iri(names, "issue/work")
    found = near.subjects(SKOS + "broader", work)
    assert list(found.iris) == [iri(names, f"issue/{s}") for s in ("minimum-wage", "night-buses", "paid-sick-leave")]
    assert found.total == 3
    assert near.subjects(SKOS + "broader", work, limit=1) == (found.iris[:1], 3)
    assert near.subjects(ORG + "member", work) == ((), 0)


@pytest.mark.slow
def test_hubs_are_read_from_the_index(
    fork: Callable[[dict[str, str]], Path], opened: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    things = "".join(
        f"organization:o{number:04}\n    dcterms:source source:our-partners ;\n.\n\n" for number in range(MANY)
    )
    app = opened(fork({"data/many.ttl": PREFIXES + things}))
    store: Store = app.resources.store  # type: ignore[attr-defined]
    near = Neighbors(store.lookup, store.index)
    hub = iri(store.index.names, "source/our-partners")
    found = near.subjects(DCTERMS + "source", hub, limit=5)
    assert len(found.iris) == 5
    assert list(found.iris) == sorted(found.iris)
    assert found.total > MANY > neighbors.LIMIT
    assert near.subjects(DCTERMS + "publisher", hub).total == 0
