"""Charts: drawn to scale where a column of numbers has a column of labels."""

from typing import Any

import pytest

from publisher.pages.chart import MOST, Bar, chart
from publisher.rdf.namespaces import XSD

EMPTY: Any = None


def number(text: str, kind: str = "integer") -> dict[str, str]:
    return {"type": "literal", "value": text, "datatype": XSD + kind}


def name(text: str) -> dict[str, str]:
    return {"type": "literal", "value": text}


def test_bars_are_to_scale() -> None:
    found = chart(["agenda", "n"], [[name("a"), number("8")], [name("b"), number("2")], [name("c"), number("0")]])
    assert found is not None
    assert (found.label, found.number, found.left_out) == (0, 1, 0)
    assert found.bars == [Bar(0, "8", 0, 100), Bar(1, "2", 0, 25), Bar(2, "0", 0, 0)]


def test_negative_bars_end_at_zero() -> None:
    found = chart(["x", "n"], [[name("a"), number("-1")], [name("b"), number("3")]])
    assert found is not None
    assert found.bars == [Bar(0, "-1", 0, 25), Bar(1, "3", 25, 75)]


def test_zero_bars_have_no_length() -> None:
    found = chart(["x", "n"], [[name("a"), number("0")], [name("b"), number("0")]])
    assert found is not None
    assert [bar.length for bar in found.bars] == [0, 0]


@pytest.mark.parametrize("kind", ["integer", "decimal", "double", "float"])
def test_figures_are_those_of_the_table(kind: str) -> None:
    found = chart(["x", "n"], [[name("a"), number("1.50", kind)], [name("b"), number("2", kind)]])
    assert found is not None
    assert [bar.figure for bar in found.bars] == ["1.50", "2"]


def test_labels_are_the_column_before_the_numbers() -> None:
    row = [name("iri"), name("label"), number("1"), number("2"), name("note")]
    found = chart(["a", "b", "n", "m", "c"], [row, row])
    assert found is not None
    assert (found.label, found.number) == (1, 2)


def test_labels_may_follow_the_numbers() -> None:
    found = chart(["n", "x"], [[number("1"), name("a")], [number("2"), name("b")]])
    assert found is not None
    assert (found.label, found.number) == (1, 0)


@pytest.mark.parametrize(
    ("why", "rows"),
    [
        ("one row compares nothing", [[name("a"), number("1")]]),
        ("no rows", []),
        ("no numbers", [[name("a"), name("1")], [name("b"), name("2")]]),
        ("no names", [[number("1"), number("1")], [number("2"), number("2")]]),
        ("a number is missing", [[name("a"), number("1")], [name("b"), EMPTY]]),
        ("a name is missing", [[name("a"), number("1")], [EMPTY, number("2")]]),
        ("years are not amounts", [[name("a"), number("2020", "gYear")], [name("b"), number("2021", "gYear")]]),
        ("not finite", [[name("a"), number("INF", "double")], [name("b"), number("1", "double")]]),
        ("not a number", [[name("a"), number("NaN", "double")], [name("b"), number("1", "double")]]),
        ("ill-typed", [[name("a"), number("many")], [name("b"), number("1")]]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_unsuitable_table_has_no_chart(why: str, rows: Any) -> None:
    assert chart(["x", "n"], rows) is None, why


def test_long_table_chart_states_omitted_rows() -> None:
    found = chart(["x", "n"], [[name(str(row)), number(str(row))] for row in range(MOST + 7)])
    assert found is not None
    assert (len(found.bars), found.left_out) == (MOST, 7)
    assert found.bars[-1].length == 100
