"""Views: which pictures fit which columns, and what they draw."""

import re
from typing import Any

import pytest

from publisher.pages.ask.tables import Cell, Table, make_table
from publisher.pages.ask.views import AT_ONCE, BARS, VIEWS, default_view, draw, shapes_of
from publisher.pages.terms import DisplayedTerm
from publisher.rdf.namespaces import XSD


def cell(value: Any) -> Cell:
    if isinstance(value, int):
        return {"type": "literal", "value": str(value), "datatype": XSD + "integer"}
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return {"type": "literal", "value": value, "datatype": XSD + "date"}
    return {"type": "literal", "value": value}


def table(names: str, rows: Any) -> Table:
    bindings = [{n: cell(v) for n, v in zip(names.split(), row, strict=True) if v is not None} for row in rows]
    return make_table(names.split(), bindings, lambda c, *_: DisplayedTerm(str(c["value"]) if c else ""))


def views(names: str, rows: Any) -> list[str]:
    return [shape.view for shape in shapes_of(table(names, rows))]


def picture(names: str, rows: Any, view: str) -> Any:
    found = table(names, rows)
    return draw(next(shape for shape in shapes_of(found) if shape.view == view), "t", found)


COUNTS = [["a", 3], ["b", 1], ["c", 2]]
RELATED = [["a", "x"], ["a", "y"], ["b", "x"]]


def test_numbers_with_labels_are_bars() -> None:
    assert views("agenda n", COUNTS) == ["bars"]
    assert views("n agenda", [row[::-1] for row in COUNTS]) == ["bars"]
    assert views("agenda number", COUNTS) == []  # a name rather than an amount
    assert views("agenda n", COUNTS[:1]) == []
    assert views("n", [[1], [2]]) == []
    assert views("goal n", [[1, 5], [2, 3]]) == ["bars"]


def test_labels_are_the_column_before_the_numbers() -> None:
    found = shapes_of(table("a b n c", [["p", "q", 1, "r"], ["s", "t", 2, "u"]]))[0]
    assert [column.name for column in found.columns] == ["b", "n"]


def test_long_tables_have_a_bar_for_the_first_rows() -> None:
    rows = [[f"name {n}", n] for n in range(BARS + 5)]
    assert shapes_of(table("name n", rows))[0].left_out == 5
    assert picture("name n", rows, "bars").content.count("<rect") == BARS


def test_several_numbers_are_grouped_bars() -> None:
    rows = [["a", 3, 1], ["b", 1, None]]
    assert "grouped" in views("c aims bills", rows)
    assert picture("c aims bills", rows, "grouped").content.count('class="mark s1"') == 2  # legend and one bar


def test_numbers_by_two_names_are_grouped_bars() -> None:
    rows = [["a", "won", 3], ["a", "lost", 1], ["b", "won", 2]]
    assert "grouped" in views("c outcome n", rows)
    assert picture("c outcome n", rows, "grouped").content.count("<rect") == 2 + 3
    assert "grouped" not in views("c outcome n", [*rows, ["b", "won", 5]])


def test_dates_are_a_time_line() -> None:
    rows = [["a", "2020-01-01"], ["b", "1999-05-05"], ["c", None]]
    assert views("coalition founded", rows) == ["timeline"]
    drawn = picture("coalition founded", rows, "timeline").content
    assert re.findall(r">(\S+: \w)<", drawn) == ["1999-05-05: b", "2020-01-01: a"]
    periods = [["a", "2020-01-01", "2021-01-01"], ["b", "1999-05-05", None]]
    assert "2020-01-01 to 2021-01-01: a" in picture("c start end", periods, "timeline").content


@pytest.mark.slow
def test_repeated_names_are_a_network_and_a_matrix() -> None:
    assert views("coalition issue", RELATED) == ["network", "matrix"]
    assert views("coalition issue", [["a", "x"], ["b", "y"]]) == []
    assert views("coalition issue", [["a", "x"], ["a", "y"]]) == []
    drawn = picture("coalition issue", RELATED, "network").content
    assert (drawn.count("<circle"), drawn.count('class="edge"')) == (4, 3)
    drawn = picture("coalition issue n", [[*row, 2] for row in [*RELATED, RELATED[0]]], "matrix").content
    assert re.findall(r"<title>(.*?)</title>", drawn) == ["a, x: 4", "a, y: 2", "b, x: 2"]


def test_network_of_one_kind_has_one_color_and_no_loops() -> None:
    drawn = picture("a b", [["p", "q"], ["q", "r"], ["p", "r"], ["p", "p"]], "network").content
    assert (drawn.count("<circle"), drawn.count('class="edge"'), "s1" in drawn) == (3, 3, False)


def test_default_view_is_bars_if_few() -> None:
    found = shapes_of(table("c issue n", [[*row, 1] for row in RELATED]))
    assert default_view(found, 3) == "bars"
    assert default_view(found, AT_ONCE + 1) == "table"
    assert default_view(found, 3, "matrix") == "matrix"
    assert default_view(found, 3, "timeline") == "bars"
    assert {shape.view for shape in found} <= set(VIEWS)
