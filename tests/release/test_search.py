"""Search: results by kind, what they say, and things found by the words of a text."""

import pytest
from support.asgi_client import OpenApp
from support.each import each

from publisher.release import search as search_module
from publisher.release.finder import Finder
from publisher.release.search import Search
from publisher.release.summaries import LENGTH, shorten

BASE = "https://w3id.org/ma-coalitions/id/"


@pytest.fixture(scope="module")
def search(app: OpenApp) -> Search:
    index = app.resources.store.index
    return Search(app.resources, Finder(index.by_name, index.names))


def test_results_are_grouped_by_kind_the_best_first(search: Search) -> None:
    found = search.search("fair wages")
    assert [group.kind for group in found.groups][:3] == ["coalition", "retired", "organization"]
    assert found.groups[-1].kind == "source"
    assert found.groups[0].results[0].iri == BASE + "coalition/fair-wages-coalition"
    assert found.total == sum(group.total for group in found.groups)


def test_result_says_what_matched_and_what_it_is(search: Search) -> None:
    result = search.search("Fair Wage Campaign").groups[0].results[0]
    assert (result.by, result.text, result.label) == ("former", "Fair Wage Campaign", "Fair Wages Coalition")
    assert result.about
    assert search.search("H.101").groups[0].results[0].about.startswith("Session: 11th session")


def test_words_of_texts_are_found_below_names(search: Search) -> None:
    found = search.search("rents", kind="measure").groups[0].results
    assert found[0].by != "text"
    by_text = [result for group in search.search("arcadia towns").groups for result in group.results]
    assert [result.score for result in by_text if result.by == "text"] == [0] * sum(r.by == "text" for r in by_text)


def _find(search: Search, text: str, kind: str = "") -> list[tuple[str, bool]]:
    return [
        (result.iri.removeprefix(BASE), result.partial)
        for group in search.search(text, kind).groups
        for result in group.results
    ]


def test_identified_thing_leaves_out_what_has_some_of_the_words(search: Search) -> None:
    found = _find(search, "Fair Wages Network")
    assert found[0] == ("organization/fair-wages-network", False)
    assert "coalition/fair-wages-coalition" not in dict(found)


def test_some_words_are_enough_only_where_few_have_all(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    few = _find(search, "fair coalition wages")
    flags = [partial for _, partial in few]
    assert flags == sorted(flags)
    assert set(flags) == {False, True}
    monkeypatch.setattr(search_module, "FEW", flags.count(False))
    assert _find(search, "fair coalition wages") == [result for result in few if not result[1]]


def test_words_that_no_record_has_together_find_those_with_some(search: Search) -> None:
    found = _find(search, "fair river")
    assert {"coalition/fair-wages-coalition", "coalition/river-towns-coalition"} <= {path for path, _ in found}
    assert all(partial for _, partial in found)


def test_long_name_with_all_words_is_found(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "LEAST", 0.99)
    assert ("coalition/fair-wages-coalition", False) in _find(search, "wages")


def test_plural_and_singular_find_the_same_text(search: Search) -> None:
    def texts(query: str) -> set[str]:
        return {result.iri for result in search._find_in_texts(query, [])}

    assert texts("river") == texts("rivers") != set()


def test_retired_things_say_where_they_went(search: Search) -> None:
    merged, withdrawn = (
        next(group for group in search.search(text).groups if group.kind == "retired").results[0]
        for text in ("living wage campaign", "made up")
    )
    assert merged.successor == (BASE + "coalition/fair-wages-coalition", "Fair Wages Coalition")
    assert (withdrawn.successor, withdrawn.about) == (None, "No page names it.")


def test_kinds_have_pages(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "LISTED", 2)
    monkeypatch.setattr(search_module, "SHOWN", 1)
    first = search.search("coalition", "coalition")
    pages = [search.search("coalition", "coalition", page) for page in range(1, first.pages + 1)]
    shown = [result.iri for page in pages for result in page.groups[0].results]
    assert len(shown) == len(set(shown)) == first.total > 2
    assert search.search("coalition", "coalition", first.pages + 1).groups == []
    assert all(len(group.results) == 1 for group in search.search("coalition").groups)


@each("text", ["", "?", "🙂", "the of", '" OR "', "x" * 5000, "\x00"])
def test_any_text_has_an_answer(search: Search, text: str) -> None:
    assert search.search(text).total >= 0


def test_summary_is_one_short_line() -> None:
    text = "word " * 200 + "needle " + "word " * 200
    assert len(shorten(text)) <= LENGTH + 4
    assert "needle" not in shorten(text)
    assert "needle" in shorten(text, ["needle"])
    assert shorten("a\n b") == "a b"
