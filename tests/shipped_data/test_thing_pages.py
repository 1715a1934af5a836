"""The pages of all things of the shipped data: plain words, one target for each text, titles, coalitions of themes."""

import re
from dataclasses import dataclass, field

import pytest
from support.asgi_client import Client, OpenApp
from support.thing_pages import ReaderPart

from publisher.pages.layout import TITLE
from publisher.pages.thing import MODELS
from publisher.pages.things.proposals import word_status
from publisher.pages.things.reader import Reader
from publisher.rdf.namespaces import DCTERMS, FOAF, SCHEMA, SKOS, VOCABULARY
from publisher.release.columns import COLUMNS
from publisher.release.lists import Lists, Selection
from publisher.release.neighbors import Neighbors

HEAVIEST = 130_000
"""Bytes of a page at most, before compression."""


@dataclass
class Faults:
    """What is wrong with pages, by kind of fault."""

    words: list[tuple[str, list[str]]] = field(default_factory=list)
    ambiguous: list[tuple[str, object]] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    heavy: list[tuple[str, int]] = field(default_factory=list)
    untitled: list[tuple[str, str]] = field(default_factory=list)
    pages: dict[str, ReaderPart] = field(default_factory=dict)


@pytest.fixture(scope="module")
def near(app: OpenApp) -> Neighbors:
    return Neighbors(app.resources.store.lookup, app.resources.store.index)


@pytest.fixture(scope="module")
def titled(app: OpenApp, near: Neighbors) -> set[str]:
    """The documents of the bills and dockets that have a title, or a relative that has one."""
    found: set[str] = set()
    for iri in app.resources.things():
        if "/id/bill/" in iri or "/id/docket/" in iri:
            proposal = near.iri(iri, VOCABULARY + "filingOf")
            relatives = list(near.subjects(VOCABULARY + "filingOf", proposal).iris) if proposal else []
            relatives += near.iris(iri, VOCABULARY + "companionOf", VOCABULARY + "becameBill")
            if any(near.text(other, DCTERMS + "title") for other in (iri, *relatives)):
                found.add(f"/{app.resources.names.address(iri)}")
    return found


@pytest.fixture(scope="module")
def faults(app: OpenApp, titled: set[str]) -> Faults:
    found = Faults()
    client = Client(app._wsgi)
    for iri in app.resources.things():
        address = f"/{app.resources.names.address(iri)}"
        source = client.get(address, headers={"Accept": "text/html"}).text
        part = ReaderPart(address, source)
        if "/doc/coalition/" in address or "/doc/issue/" in address:
            found.pages[address] = part
        if part.words:
            found.words.append((address, part.words))
        if part.ambiguous:
            found.ambiguous.append((address, part.ambiguous))
        if len(re.findall("<title>(.*?)</title>", source)[0]) > TITLE + 30:  # Escapes count here, and not for readers.
            found.titles.append(address)
        if part.linked_names:
            found.names.append(address)
        if len(source) > HEAVIEST:
            found.heavy.append((address, len(source)))
        found.untitled += [
            (address, link.target)
            for link in part.links
            if link.target in titled and not link.title and "An Act" not in link.around and len(link.around) < 40
        ]
    return found


def test_pages_use_no_words_of_the_model(faults: Faults) -> None:
    assert faults.words == []


def test_links_with_one_text_have_one_target(faults: Faults) -> None:
    assert faults.ambiguous == []


def test_names_of_properties_are_not_links(faults: Faults) -> None:
    assert faults.names == []


def test_page_titles_are_short(faults: Faults) -> None:
    assert faults.titles == []


def test_pages_are_light(faults: Faults) -> None:
    assert faults.heavy == []


def test_bills_with_titled_relative_are_linked_with_title(faults: Faults) -> None:
    assert faults.untitled == []


def test_every_theme_with_coalitions_lists_them(app: OpenApp, near: Neighbors, faults: Faults) -> None:
    themes = [iri for iri in app.resources.things() if "/id/issue/" in iri and near.iris(iri, SKOS + "topConceptOf")]
    assert len(themes) > 10
    for theme in themes:
        part = faults.pages[f"/{app.resources.names.address(theme)}"]
        linked = {link.target for link in part.links}
        expected = near.subjects(VOCABULARY + "worksOnTheme", theme).iris
        assert expected
        assert {f"/{app.resources.names.address(coalition)}" for coalition in expected} <= linked


def test_accounts_with_an_address_are_linked(app: OpenApp, near: Neighbors, faults: Faults) -> None:
    linked = 0
    for address, part in faults.pages.items():
        iri = app.resources.names.iri("id/" + address.removeprefix("/doc/"))
        accounts = near.iris(iri, FOAF + "account")
        named = [account for account in accounts if near.iri(account, SCHEMA + "url")]
        texts = {link.text for link in part.links}
        assert {near.label(account) for account in named} <= texts
        linked += len(named)
    assert linked > 10


def test_coalition_pages_state_a_type_for_search_engines(client: Client) -> None:
    for address, type_ in {
        "/doc/bill/194-h1811": "Legislation",
        "/doc/docket/190-hd1501": "Legislation",
        "/doc/measure/2022-question-1": "Legislation",
        "/doc/coalition/clean-slate-ma": "Organization",
        "/doc/issue/housing": "DefinedTerm",
    }.items():
        source = client.get(address, headers={"Accept": "text/html"}).text
        assert f'"@type": "{type_}"' in source


def word_outcome_in_list(app: OpenApp, kind: str) -> dict[str, str]:
    """What the list of a kind says came of each thing, in the words of pages; nothing where it has no such column."""
    names = [column.name for column in COLUMNS[kind]]
    listed = {}
    lists = Lists(app.resources.store.index)
    for row in lists.rows(lists.choose(kind, Selection())):
        values = row.cells[names.index("outcome")] if "outcome" in names else []
        listed[row.thing.iri] = "; ".join(word_status(value.iri.rpartition("/")[2], value.text) for value in values)
    return listed


@pytest.mark.parametrize("kind", ["bill", "docket", "measure"])
def test_list_and_page_say_the_same_of_outcomes(app: OpenApp, near: Neighbors, kind: str) -> None:
    listed = word_outcome_in_list(app, kind)
    assert listed
    shown = {}
    for iri in listed:
        facts = MODELS[kind](Reader(near, app.resources.names, ""), iri).facts
        said = "; ".join(str(value[0]) for fact in facts if fact.name == "Outcome" for value in fact.values)
        shown[iri] = re.sub(r"( \([^)]*\))?(,.*)?$", "", said)
    assert shown == listed


def test_links_within_page_of_data_set_have_targets(client: Client) -> None:
    page = client.get("/dataset", headers={"Accept": "text/html"}).text
    linked = set(re.findall(r'href="(?:dataset)?#([^"]+)"', page.partition("<main")[2]))
    assert {"contact", "temporal-coverage"} <= linked
    assert linked <= set(re.findall(r'id="([^"]+)"', page))


def test_linked_body_is_not_named_twice(client: Client) -> None:
    page = client.get("/doc/coalition/raise-up-massachusetts", headers={"Accept": "text/html"}).text
    facts = page.partition('<dl class="facts">')[2].partition("</dl>")[0]
    assert re.search(r">Raise Up Massachusetts 2024</a>, a body of its own", facts)
    assert facts.count(">Raise Up Massachusetts 2024</a>") == 1
