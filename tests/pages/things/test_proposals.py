"""Proposals: families of filings, with sessions, titles and outcomes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from publisher.pages.things.proposals import Family, group_by_family, read_family, word_status
from publisher.pages.things.reader import Reader
from publisher.release.neighbors import Neighbors

UNTITLED = """
@prefix bill: <https://w3id.org/ma-coalitions/id/bill/> .
@prefix coal: <https://w3id.org/ma-coalitions/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix schema: <https://schema.org/> .
@prefix session: <https://w3id.org/ma-coalitions/id/session/> .

bill:11-h1
    a coal:Bill ;
    dcterms:title "An Act on trees"@en ;
    schema:legislationIdentifier "H.1" ;
    coal:session session:11 ;
.

bill:12-h2
    a coal:Bill ;
    schema:legislationIdentifier "H.2" ;
    coal:refiledFrom bill:11-h1 ;
    coal:session session:12 ;
.

bill:12-s3
    a coal:Bill ;
    schema:legislationIdentifier "S.3" ;
    coal:companionOf bill:12-h2 ;
    coal:session session:12 ;
.
"""


def numbers(family: Family) -> list[str]:
    return [filing.number for filing in family.filings]


def test_family_has_filings_of_both_chambers_and_sessions(read: Callable[[str], tuple[Reader, str]]) -> None:
    reader, bill = read("bill/12-h120")
    family = read_family(reader, bill)
    assert family.name == "Raising the minimum wage"
    assert numbers(family) == ["H.101 (11th)", "S.55 (11th)", "H.120 (12th)", "S.60 (12th)", "HD.402 (12th)"]
    assert [(s.number, s.years, s.latest) for s in family.sessions] == [
        ("12", "2025–2026", True),
        ("11", "2023–2024", False),
    ]
    assert [filing.chamber for filing in family.in_session(family.sessions[0])] == ["House", "Senate", "House"]
    assert read_family(reader, family.proposal) == family


def test_outcome_is_worded_with_its_date(read: Callable[[str], tuple[Reader, str]]) -> None:
    family = read_family(*read("proposal/ending-sewage-in-rivers"))
    fates = {filing.number: filing.fate for filing in family.filings if not filing.docket}
    assert fates == {
        "H.70 (12th)": "Replaced by a new draft (House), January 2026",
        "H.77 (12th)": "Enacted, 14 March 2026",
    }
    assert word_status("no-enactment-known", "x") == "No enactment known"
    assert word_status("struck-down", "Struck down") == "Struck down"


@pytest.fixture(scope="module")
def untitled(fork: Callable[[Mapping[str, str]], Path], opened: Callable[..., Any]) -> Reader:
    store = opened(fork({"data/bills/trees.ttl": UNTITLED})).resources.store
    return Reader(Neighbors(store.lookup, store.index), store.index.names, "doc/bill/12-s3")


@pytest.mark.slow
def test_family_without_proposal_follows_companions_and_refilings(untitled: Reader) -> None:
    family = read_family(untitled, untitled.names.iri("id/bill/12-s3"))
    assert numbers(family) == ["H.1 (11th)", "H.2 (12th)", "S.3 (12th)"]
    assert (family.proposal, family.name) == ("", "An Act on trees")


@pytest.mark.slow
def test_untitled_filing_has_title_of_nearest_titled_relative(untitled: Reader) -> None:
    family = read_family(untitled, untitled.names.iri("id/bill/12-h2"))
    assert {filing.title for filing in family.filings} == {"An Act on trees"}
    lenders = [filing.lender.rpartition("/")[2] for filing in family.filings]
    assert lenders == ["", "11-h1", "11-h1"]


def test_filings_are_grouped_by_matter(read: Callable[[str], tuple[Reader, str]]) -> None:
    reader, _ = read("bill/12-h120")
    items = [reader.names.iri(f"id/bill/{slug}") for slug in ("12-s60", "12-h77", "11-h101")]
    found = group_by_family(reader, [*items, items[0]])
    assert [(family.name, [iri.rpartition("/")[2] for iri in iris]) for family, iris in found] == [
        ("Ending sewage in rivers", ["12-h77"]),
        ("Raising the minimum wage", ["12-s60", "11-h101"]),
    ]
