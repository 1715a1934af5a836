"""Search over the data: names as people write them, and the records that they mean, among the first three results."""

import pytest
from support.asgi_client import OpenApp

from publisher.release.finder import Finder
from publisher.release.search import Search

FIRST = 3
NAMES = {
    "MEJA": "coalition/massachusetts-education-justice-alliance",
    "TOPA": "coalition/tenant-opportunity-to-purchase-act-coalition",
    "LWOP": "coalition/ending-life-without-parole-coalition",
    "Clean Slate/Second Chance Coalition": "coalition/clean-slate-ma",
    "clean slat": "coalition/clean-slate-ma",
    "raise up mass": "coalition/raise-up-massachusetts",
    "Raiseup Massachusets": "coalition/raise-up-massachusetts",
    "common strat": "coalition/common-start-coalition",
    "mass care": "coalition/mass-care",
    "plastic free MA": "coalition/plastic-free-massachusetts",
    "HERO Coalition": "coalition/ahead-coalition",
    "neighbour to neighbour": "organization/neighbor-to-neighbor",
    "ACLU Mass": "organization/aclu-of-massachusetts",
    "greater boston legal servces": "organization/greater-boston-legal-services",
    "H 1811": "bill/194-h1811",
    "h.1811": "bill/194-h1811",
    "S1114": "bill/194-s1114",
    "HD.4328": "docket/194-hd4328",
    "rent control": "issue/rent-stabilization",
    "minimum wage": "issue/minimum-wage",
}
"""Acronyms, former names, typing errors, numbers of bills, and words for an issue -> the record."""


@pytest.fixture(scope="module")
def search(app: OpenApp) -> Search:
    index = app.resources.store.index
    return Search(app.resources, Finder(index.by_name, index.names))


@pytest.mark.parametrize("name", NAMES)
def test_name_finds_its_record_among_the_first_three(app: OpenApp, search: Search, name: str) -> None:
    found = [result.iri for group in search.search(name).groups for result in group.results]
    assert app.resources.names.iri(f"id/{NAMES[name]}") in found[:FIRST]


def test_word_that_resembles_initials_finds_what_has_the_word(app: OpenApp, search: Search) -> None:
    found = [result.iri for group in search.search("rent").groups for result in group.results]
    assert found[0] == app.resources.names.iri("id/issue/rent-stabilization")
    assert app.resources.names.iri("id/organization/reproductive-equity-now") not in found
