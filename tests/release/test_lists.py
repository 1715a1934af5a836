"""Lists: their order, what words and facets leave in them, and what is counted."""

from dataclasses import replace
from typing import Any

import pytest

from publisher.errors import MalformedError, NotFoundError
from publisher.release import lists as release_lists
from publisher.release.columns import COLUMNS, MOST, ORDER
from publisher.release.index import Index
from publisher.release.list_writer import name_values
from publisher.release.lists import Lists, Selection, find_phrases, parameter_names, read_selection
from publisher.release.store import Store


@pytest.fixture
def lists(store: Store) -> Lists:
    return Lists(store.index)


def slugs(lists: Lists, kind: str, **selection: object) -> list[str]:
    """The slugs of the things in a list."""
    return [row.thing.iri.rpartition("/")[2] for row in lists.rows(lists.choose(kind, Selection(**selection)))]


def column(lists: Lists, kind: str, name: str, **selection: object) -> dict[str, list[str]]:
    """The texts in a column by slug."""
    place = [column.name for column in COLUMNS[kind]].index(name)
    rows = lists.rows(lists.choose(kind, Selection(**selection)))
    return {row.thing.iri.rpartition("/")[2]: [value.text for value in row.cells[place]] for row in rows}


def test_columns_are_named_once_and_orders_exist() -> None:
    for kind, columns in COLUMNS.items():
        names = [column.name for column in columns]
        assert len(names) == len(set(names)) <= MOST
        assert not {"q", "sort", "name", "iri", "format"} & set(names)
        assert all(name.lstrip("-") in names for name in ORDER.get(kind, ()))


def test_bills_are_sorted_by_newest_session_and_number(lists: Lists) -> None:
    assert slugs(lists, "bill") == ["12-h70", "12-h77", "12-h120", "12-s60", "11-h101", "11-h140", "11-s55"]


def test_list_is_sorted_by_column_in_both_directions(lists: Lists) -> None:
    numbers = [[int(text) for text in cell] for cell in column(lists, "coalition", "members", sort="members").values()]
    stated = [cell for cell in numbers if cell]
    assert stated == sorted(stated)
    assert numbers == stated + [[]] * (len(numbers) - len(stated))
    backwards = list(column(lists, "coalition", "members", sort="-members").values())
    assert [[int(text) for text in cell] for cell in backwards if cell] == stated[::-1]
    assert backwards[len(stated) :] == [[]] * (len(numbers) - len(stated))
    assert slugs(lists, "bill", sort="-name") == slugs(lists, "bill", sort="name")[::-1]


def test_page_of_whole_list_reads_an_index_only(lists: Lists, store: Store) -> None:
    """Nothing is sorted, but for things that have the same value, and of no table all is read."""
    for kind in store.index.kinds:
        names = ["name", *(column.name for column in lists.columns(kind))]
        for sort in ("", *names, *(f"-{name}" for name in names)):
            query, values = lists._select(lists.choose(kind, Selection(sort=sort)))
            steps = [row[3] for row in store.index.select(f"EXPLAIN QUERY PLAN {query} LIMIT 5", *values)]
            found = [step for step in steps if "USE TEMP" in step or step.startswith("SCAN")]
            assert not {*found} - {"USE TEMP B-TREE FOR RIGHT PART OF ORDER BY", *(f for f in found if "subquery" in f)}


def test_reduced_list_in_the_order_of_names_is_not_sorted(
    lists: Lists, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_lists, "COUNTED", 0)
    facets = {"agenda": lists.facets(lists.choose("coalition", Selection()))[0].choices[0].name}
    for selection in (Selection("c"), Selection(facets=facets), Selection("c", facets)):
        for sort in ("", "name", "-name"):
            query, values = lists._select(lists.choose("coalition", replace(selection, sort=sort)))
            steps = [row[3] for row in store.index.select(f"EXPLAIN QUERY PLAN {query} LIMIT 5", *values)]
            assert not [
                step for step in steps if "USE TEMP" in step or (step.startswith("SCAN") and "VIRTUAL" not in step)
            ]


def test_things_of_a_reduced_list_are_looked_for_once(
    lists: Lists, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, read = Index.select, []

    def select(index: Index, query: str, *values: str | int) -> list[tuple[Any, ...]]:
        read.append(query)
        return usual(index, query, *values)

    monkeypatch.setattr(Index, "select", select)
    chosen = lists.choose("bill", Selection("h", {"session": "11"}))
    assert chosen.total == len(lists.rows(chosen)) == 2
    assert {facet.chosen for facet in lists.facets(chosen)} >= {"11"}
    assert sum("row_words" in query for query in read) == 1


def test_long_and_short_reduced_lists_have_the_same_things(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    selections = [
        Selection("h"),
        Selection("h", {"session": "11"}),
        Selection(facets={"session": "12"}),
        Selection("..."),
    ]
    for sort in ("", "name", "-name", "number", "-backers"):
        short = [lists.rows(lists.choose("bill", replace(selection, sort=sort))) for selection in selections]
        with monkeypatch.context() as patched:
            patched.setattr(release_lists, "COUNTED", 0)
            found = [lists.choose("bill", replace(selection, sort=sort)) for selection in selections]
            assert [lists.rows(chosen) for chosen in found] == short
            assert [chosen.total for chosen in found] == list(map(len, short))


def test_list_is_streamed_in_its_order(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_lists, "READ", 2)
    for selection in (Selection(), Selection(sort="-backers"), Selection(text="h", sort="number")):
        chosen = lists.choose("bill", selection)
        blocks = list(lists.stream(chosen))
        assert [row for block in blocks for row in block] == lists.rows(chosen)
        assert max(map(len, blocks)) == 2


def test_cells_name_what_patterns_find(lists: Lists) -> None:
    assert column(lists, "bill", "session")["12-h77"] == ["12th session (2025-2026)"]
    assert column(lists, "bill", "backers")["12-h77"] == ["Clear Water"]
    assert column(lists, "coalition", "agenda")["clear-water"] == ["Clean Water Agenda"]


def test_outcome_counts_before_status(lists: Lists) -> None:
    assert column(lists, "bill", "outcome") == {
        "12-h70": ["Replaced by a new draft"],
        "12-h77": ["Enacted"],
        "12-h120": ["Session not ended when last read"],
        "12-s60": ["Session not ended when last read"],
        "11-h101": ["No enactment known when its session ended"],
        "11-h140": ["Vetoed"],
        "11-s55": ["Sent to study"],
    }
    facets = {facet.column.name: facet.choices for facet in lists.facets(lists.choose("bill", Selection()))}
    assert [(choice.name, choice.number) for choice in facets["outcome"]] == [
        ("enacted", 1),
        ("no-enactment-known", 1),
        ("replaced-by-new-draft", 1),
        ("sent-to-study", 1),
        ("session-not-ended", 2),
        ("vetoed", 1),
    ]
    assert list(column(lists, "measure", "outcome").values()) == [[], ["Approved by voters"]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("H.7", ["12-h70", "12-h77"]),
        ("h77", ["12-h77"]),
        ("clear water", ["12-h77"]),
        ("no-such-word", []),
        ("...", ["12-h70", "12-h77", "12-h120", "12-s60", "11-h101", "11-h140", "11-s55"]),
        ('" OR "', []),
    ],
)
def test_words_reduce_list(lists: Lists, text: str, found: list[str]) -> None:
    assert slugs(lists, "bill", text=text) == found
    assert lists.choose("bill", Selection(text)).total == len(found)


def test_facets_reduce_list_together(lists: Lists) -> None:
    assert slugs(lists, "bill", facets={"session": "11"}) == ["11-h101", "11-h140", "11-s55"]
    assert slugs(lists, "bill", facets={"session": "11"}, text="h") == ["11-h101", "11-h140"]


def test_facets_are_counted_within_reduced_list(lists: Lists) -> None:
    whole = {facet.column.name: facet.choices for facet in lists.facets(lists.choose("bill", Selection()))}
    assert [(choice.name, choice.label, choice.number) for choice in whole["session"]] == [
        ("11", "11th session (2023-2024)", 3),
        ("12", "12th session (2025-2026)", 4),
    ]
    chosen = Selection(facets={"session": "11"})
    reduced = {facet.column.name: facet for facet in lists.facets(lists.choose("bill", chosen))}
    assert reduced["session"].chosen == "11"
    for name, facet in reduced.items():
        counted = {choice.name: choice.number for choice in facet.choices}
        expected = {
            choice.name: len(slugs(lists, "bill", facets={"session": "11", name: choice.name}))
            for choice in whole[name]
        }
        assert counted == {value: number for value, number in expected.items() if number} or name == "session"


def test_values_of_very_long_lists_are_not_counted(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.release.lists.COUNTED", 2)
    chosen = Selection("h")
    facets = lists.facets(lists.choose("bill", chosen))
    assert {choice.number for facet in facets for choice in facet.choices} == {None}


def test_unknown_value_or_column_raises(lists: Lists) -> None:
    with pytest.raises(NotFoundError, match="'99' of 'session'"):
        lists.choose("bill", Selection(facets={"session": "99"}))
    with pytest.raises(MalformedError, match="no column 'none'"):
        lists.rows(lists.choose("bill", Selection(sort="none")))


def test_kind_without_columns_has_names(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COLUMNS, "place", ())
    assert slugs(lists, "place") == ["arcadia"]
    assert parameter_names("place") == ("q", "sort")


def test_selection_is_read_and_written_in_one_order() -> None:
    found = read_selection("bill", {"sort": "-session", "session": "11", "x": "1", "q": " a  b ", "theme": ""})
    assert found == Selection("a b", {"session": "11"}, "-session")
    assert found.query == "?q=a+b&session=11&sort=-session"
    assert Selection().query == ""


def test_phrases_have_no_operators() -> None:
    assert find_phrases('H.26 "x" AND -y * ') == ['"H 26"*', '"x"*', '"AND"*', '"y"*']


def test_values_with_equal_ends_keep_their_iris() -> None:
    values = [("https://x.example/a/one", "One"), ("https://x.example/b/one", "Other"), ("urn:x:y", "Y"), ("", "2024")]
    assert name_values(values) == ["https://x.example/a/one", "https://x.example/b/one", "urn:x:y", "2024"]
