"""Charts: a bar chart of a query result, with a label column and a number column."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from publisher.rdf.namespaces import XSD

Cell = dict[str, str] | None
"""One value of SPARQL 1.1 Query Results JSON Format; None if unbound."""
NUMERIC: Final = frozenset(XSD + name for name in ("integer", "decimal", "double", "float"))
"""Datatypes that bars are drawn for; the store turns the derived integer types into `integer`."""
MOST: Final = 40
"""The most bars of a chart."""


@dataclass(frozen=True)
class Bar:
    """One row of a chart: its number in the table, the figure as written, where the bar starts and how long it is, in
    hundredths of the width."""

    row: int
    figure: str
    start: float
    length: float


@dataclass(frozen=True)
class Chart:
    """Horizontal bars. label and number: the positions of the two columns. left_out: rows without a bar."""

    label: int
    number: int
    bars: Sequence[Bar]
    left_out: int


def chart(names: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Chart | None:
    """Return the chart of a table with a column of numbers and one of labels; None if the table has no such columns.

    The numbers are the first column of which every value is a finite number,
    and the labels the last column before it that has no numbers, else the first after it.
    """
    columns = [[row[position] for row in rows] for position in range(len(names))]
    numbers = [_numbers(column) for column in columns]
    number = next((position for position, found in enumerate(numbers) if found), None)
    labels = [position for position, found in enumerate(numbers) if not found and all(columns[position])]
    if number is None or not labels or len(rows) < 2:
        return None
    label = max((position for position in labels if position < number), default=labels[0])
    figures = numbers[number][:MOST]
    low, high = min(0, *figures), max(0, *figures)
    scale = 100 / (high - low) if high > low else 0
    bars = [
        Bar(row, (columns[number][row] or {})["value"], round((min(0, f) - low) * scale, 2), round(abs(f) * scale, 2))
        for row, f in enumerate(figures)
    ]
    return Chart(label, number, bars, len(rows) - len(bars))


def _numbers(column: Sequence[Cell]) -> list[float]:
    """The values of a column as numbers; empty where one of them is not a number."""
    if not all(cell and cell.get("datatype") in NUMERIC for cell in column):
        return []
    found = [_number(cell["value"]) for cell in column if cell]
    return found if all(map(math.isfinite, found)) else []


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
