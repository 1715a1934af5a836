"""The finder: what a text may mean, in order, and what is certain."""

from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import pytest
from support.asgi_client import OpenApp

from publisher.release import finder, name_index
from publisher.release.finder import Finder, choose_certain
from publisher.release.store import Store

BASE = "https://w3id.org/ma-coalitions/id/"
FAIR = "coalition/fair-wages-coalition"
WATER = "coalition/clear-water"


@pytest.fixture(scope="module")
def found_by(store: Store) -> Finder:
    return Finder(store.index.by_name, store.index.names)


@pytest.fixture
def find(found_by: Finder) -> Callable[..., list[str]]:
    """The paths of the things that a text may mean."""
    return lambda text, *kinds, **more: [one.iri.removeprefix(BASE) for one in found_by.find(text, kinds, **more)]


@pytest.fixture
def certain(found_by: Finder) -> Callable[..., str | None]:
    """The path of the one thing that a text identifies."""

    def choose(text: str, *kinds: str) -> str | None:
        found = choose_certain(found_by.find(text, kinds))
        return found and found.iri.removeprefix(BASE)

    return choose


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("Fair Wages Coalition", FAIR),
        ("FAIR WAGES COALITION*", FAIR),
        ("The Fair-Wages Coalition", FAIR),
        ("Fair Wages Coalition (FWC)", FAIR),
        ("Fair Wages", FAIR),
        ("Fair Wage Campaign", FAIR),
        ("FWC", FAIR),
        ("@FairWages", FAIR),
        ("fairwages.example", FAIR),
        ("https://www.facebook.com/FairWages/", FAIR),
        ("https://x.com/clearwater", WATER),
        ("https://twitter.com/intent/clearwater?hl=en", WATER),
        ("twitter: @clearwater", WATER),
        ("http://clearwater.example/index.html", WATER),
        ("ClearWater", WATER),
        ("question 1 of 2024", "measure/2024-question-1"),
        ("Wage floor", "issue/minimum-wage"),
        ("H.101 (11th)", "bill/11-h101"),
        ("HB 101, 2023-2024", "bill/11-h101"),
        ("s60 12", "bill/12-s60"),
        ("HD 402 (12th session)", "docket/12-hd402"),
        ("https://legislature.arcadia.example/bills/12/h120/", "bill/12-h120"),
        ("http://eurovoc.europa.eu/3784", "issue/minimum-wage"),
        (BASE + WATER, WATER),
        ("http://localhost:8000/doc/coalition/clear-water.ttl", WATER),
    ],
)
def test_names_and_identifiers_are_certain(certain: Callable[..., str | None], text: str, thing: str) -> None:
    assert certain(text) == thing


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("fwc", FAIR),
        ("Fair Wages Coaltion", FAIR),
        ("Fair Wages Coalition of Boston", FAIR),
        ("Fair Wages Coalition (Boston)", FAIR),
        ("Wages Coalition, Fair", FAIR),
        ("https://www.fairwages.example/contact", FAIR),
        ("living wage campaign", FAIR),
        ("clear waters", WATER),
        ("rvr towns", "coalition/river-towns-coalition"),
        ("H 101", "bill/11-h101"),
        ("H.101 (12th)", "bill/11-h101"),
        ("H.101 of 2025", "bill/11-h101"),
        ("H.101 (11th) and S.55 (11th)", "bill/11-h101"),
    ],
)
def test_similar_names_are_offered_only(
    find: Callable[..., list[str]], certain: Callable[..., str | None], text: str, thing: str
) -> None:
    assert find(text)[0] == thing
    assert certain(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "?!", "--", "🙂🙂", "the and of", "coalition", "of", "a", "\x00", "\ud800", "12345", "zzzzzzz"),
        *("https://twitter.com/", "https://www.facebook.com", "https://other.example/", "@nobody", "H.99999"),
        *('"', '""" OR "', "(NEAR", "x" * 100_000, "fair wages " * 10_000, "ab" * 50 + " " + "ba" * 50),
    ],
)
def test_strangers_are_not_certain(certain: Callable[..., str | None], text: str) -> None:
    assert certain(text) is None


def test_kind_restricts_what_is_found(find: Callable[..., list[str]], certain: Callable[..., str | None]) -> None:
    assert find("Fair Wages Network")[0] == "organization/fair-wages-network"
    assert find("Fair Wages Network", "coalition")[0] == FAIR
    assert certain("Fair Wages Network", "coalition") is None
    assert find("Fair Wages", "bill") == []


def test_page_of_a_source_is_of_the_site_too(find: Callable[..., list[str]]) -> None:
    page = "www.homes.example/petition/"
    assert find(page)[0].startswith("source/")
    assert find(page, "coalition")[0] == "coalition/homes-for-all-coalition"


def test_retired_things_are_found_where_wanted(find: Callable[..., list[str]]) -> None:
    assert "coalition/made-up" in find("made up", former=True)
    assert "coalition/made-up" not in find("made up")
    assert find("living wage campaign", former=True)[0] == "coalition/living-wage-campaign"


def test_limit_and_least_score_hold(find: Callable[..., list[str]]) -> None:
    assert len(find("coalition", limit=2, least=0)) == 2
    assert find("Fair Wages Coaltion", least=0.999) == []


def test_exact_names_are_first_and_scores_fall(found_by: Finder) -> None:
    found = found_by.find("Fair Wages Coalition", limit=5, least=0)
    assert (found[0].iri, found[0].score, found[0].exact) == (BASE + FAIR, 1, True)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(one.score < 1 and not one.exact for one in found[1:])


def test_comparisons_are_bounded(found_by: Finder, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    score = finder.scores.score

    def count(*arguments: object) -> object:
        compared.append(1)
        return score(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(finder.scores, "score", count)
    found_by.find("the fair clear open water wages coalition of river towns and night bus " * 100)
    assert 0 < len(compared) <= finder.SHORTLIST + 4 * name_index.CANDIDATES


def test_terms_of_very_many_names_are_not_ranked(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    index = store.index.by_name
    monkeypatch.setattr(name_index, "BUDGET", 1)
    query, ranked = index._choose_terms(name_index.SPELLINGS, ["coalition", "fair"])
    assert (query.count(" OR "), ranked) == (0, False)
    assert index.find_alike(name_index.SPELLINGS, ["coalition"], ["coalition"])


def test_names_of_a_kind_follow_each_other(store: Store) -> None:
    kinds = store.index.select("SELECT kind FROM name LEFT JOIN thing ON thing.number = thing ORDER BY name.number")
    order = [kind for kind, _ in groupby(kinds)]
    assert len(order) == len(set(order))


@pytest.mark.parametrize("budget", [0, name_index.BUDGET])
def test_names_of_a_kind_are_found_without_those_of_others(
    store: Store, monkeypatch: pytest.MonkeyPatch, budget: int
) -> None:
    """Neither names nor things of other kinds are read one by one: of a full-text table, a span of rows."""
    index = store.index.by_name
    monkeypatch.setattr(name_index, "BUDGET", budget)
    queries = [
        index._select_alike(name_index.SPELLINGS, ["bill", "role"], ranked=bool(budget)),
        index._select_beginning(["bill", "role"]),
    ]
    for (query, values), given in zip(queries, (["fair"], ["a", "b"]), strict=True):
        steps = [row[3] for row in store.index.select(f"EXPLAIN QUERY PLAN {query}", *given, *values, 5)]
        scans = [step for step in steps if step.startswith("SCAN") and "subquery" not in step]
        assert all("VIRTUAL TABLE" in step and step.endswith("><") for step in scans)
        assert not [step for step in steps if "LIST SUBQUERY" in step or "USING INDEX name_thing" in step]


def test_kinds_restrict_beginnings_alike_names_and_passages(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    index, things = store.index.by_name, dict(store.index.select("SELECT number, kind FROM thing"))
    alike = index.find_alike(name_index.SPELLINGS, ["12", "clear"], ["coalition", "session"])
    assert {things[name.thing] for name in alike} == {"coalition", "session"}
    begun = index.find_beginning("clear", ["coalition"])
    assert {things[name.thing] for name in begun} == {"coalition"}
    monkeypatch.setattr(name_index, "BUDGET", 20)
    assert index.find_beginning("clear", ["coalition"]) == begun
    passages = store.index.select("SELECT thing, stems FROM passage ORDER BY number")
    stem = next(stems.split()[0] for thing, stems in passages if things[thing] == "coalition")
    assert {things[thing] for thing, _ in index.find_passages([stem], ["coalition", "role"])} == {"coalition"}
    assert index.find_beginning("clear", ["no-such-kind"]) == []


@pytest.mark.slow
def test_name_of_two_things_is_not_certain(fork: Callable[..., Path], opened: Callable[..., OpenApp]) -> None:
    second = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://w3id.org/ma-coalitions/id/organization/clear-water> skos:prefLabel "Clear Water"@en .
"""
    index = opened(fork({"data/second.ttl": second})).resources.store.index
    found = Finder(index.by_name, index.names).find("clear water")
    assert [one.kind for one in found if one.exact] == ["coalition", "organization"]
    assert choose_certain(found) is None
