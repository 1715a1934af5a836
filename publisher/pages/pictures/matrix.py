"""Matrices: rows and columns of labels, with a dot where they meet, larger for a larger number."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup

from publisher.pages.pictures.svg import Label, Picture, element, link, number, series, shorten, text

CELL: Final = 26
"""Pixels of a cell: as large as a target of a finger has to be (WCAG 2.2, 2.5.8)."""
LETTER: Final = 8.2
"""Pixels of a letter, on average."""
LONGEST: Final = 34
"""Characters of a label that are shown."""


def draw_matrix(
    title: str, rows: Sequence[Label], columns: Sequence[Label], cells: Mapping[tuple[int, int], float]
) -> Picture:
    """Draw a matrix. cells: the number at (row, column); no dot where there is none."""
    left = _measure(rows)
    top = _measure(columns)
    width, height = left + CELL * len(columns) + 8, top + CELL * len(rows) + 8
    largest = max(cells.values(), default=1) or 1
    parts = [_draw_row(label, left, top + CELL * place, width) for place, label in enumerate(rows)]
    parts += [_draw_column(label, left + CELL * place, top, height) for place, label in enumerate(columns)]
    for (row, column), value in sorted(cells.items()):
        said = f"{rows[row].text}, {columns[column].text}: {number(value)}"
        parts.append(_draw_dot(left + CELL * (column + 0.5), top + CELL * (row + 0.5), value / largest, said))
    description = f"Matrix of {len(rows)} rows and {len(columns)} columns with {len(cells)} dots."
    return Picture(title, description, Markup("").join(parts), height, width)


def _measure(labels: Sequence[Label]) -> int:
    """The pixels that labels need."""
    return round(LETTER * max((min(len(label.text), LONGEST) for label in labels), default=0)) + 12


def _draw_row(label: Label, left: int, y: float, width: int) -> Markup:
    rule = {"class": "rule", "x1": "0", "x2": str(width), "y1": number(y), "y2": number(y)}
    known = Label(shorten(label.text, LONGEST), label.href)
    return element("line", rule) + text(known, str(left - 8), y + CELL * 0.5 + 5, **{"text-anchor": "end"})


def _draw_column(label: Label, x: float, top: int, height: int) -> Markup:
    rule = {"class": "rule", "x1": number(x), "x2": number(x), "y1": str(top), "y2": str(height)}
    turn = f"rotate(-90 {number(x + CELL * 0.5 + 5)} {top - 8})"
    written = element(
        "text", {"x": number(x + CELL * 0.5 + 5), "y": str(top - 8), "transform": turn}, shorten(label.text, LONGEST)
    )
    return element("line", rule) + link(label, written)


def _draw_dot(x: float, y: float, share: float, said: str) -> Markup:
    """One dot, whose area shows its share of the largest number."""
    radius = 3 + 7 * math.sqrt(max(0.0, share))
    place = {"class": series(0), "cx": number(x), "cy": number(y), "r": number(radius)}
    return element("circle", place, element("title", {}, said))
