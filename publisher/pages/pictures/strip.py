"""Strips: what was filed in each period, as boxes in columns of periods and rows of chambers."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from markupsafe import Markup

from publisher.pages.pictures.svg import Label, Picture, element, link, number, percent, text

LEFT: Final = 0.15
"""Share of the width that the names of rows take."""
BOX: Final = 26
"""Height of a box in pixels: as large as a target of a finger has to be (WCAG 2.2, 2.5.8)."""
GAP: Final = 6
HEAD: Final = 42
FOOT: Final = 26


class Box(NamedTuple):
    """A box: its text and link; what it says in full. ended: whether it came to an end. minor: less than the others."""

    label: Label
    said: str
    ended: bool = False
    minor: bool = False


class Column(NamedTuple):
    """A period: its name and when it was."""

    name: str
    years: str = ""


class Row(NamedTuple):
    """The boxes of one name, those of each column."""

    name: str
    cells: Sequence[Sequence[Box]]


def draw_strip(
    title: str, columns: Sequence[Column], rows: Sequence[Row], ended: str = "ended", minor: str = "minor"
) -> Picture:
    """Draw a strip that takes the width of what it stands in; its text is small enough for five columns on a phone.

    ended, minor: what boxes of these kinds are called below the strip, where there are any.
    """
    wide = (1 - LEFT) / max(1, len(columns))
    parts, y = [], HEAD
    for row in rows:
        parts.append(_draw_row(row, y, wide))
        y += _measure(row) + 2 * GAP
    heads = [_draw_head(column, LEFT + wide * place, wide, y) for place, column in enumerate(columns)]
    boxes = [box for row in rows for cell in row.cells for box in cell]
    named = (
        (f"filled: {ended}", any(box.ended for box in boxes)),
        (f"dashed: {minor}", any(box.minor for box in boxes)),
    )
    kinds = "; ".join(name for name, present in named if present).capitalize()
    foot = text(kinds, "0", y + 18, kind="small quiet") if kinds else Markup("")
    description = f"{len(boxes)} boxes in {len(columns)} columns, each with its number and a link."
    return Picture(title, description, Markup("").join([*heads, *parts, foot]), y + (FOOT if foot else 0))


def _measure(row: Row) -> int:
    """The height of the boxes of a row, in pixels."""
    return (BOX + GAP) * max((len(cell) for cell in row.cells), default=1) - GAP


def _draw_head(column: Column, x: float, wide: float, bottom: int) -> Markup:
    """The name and years of a column, and the line at its left."""
    middle, anchor = percent(x + wide / 2), {"text-anchor": "middle"}
    rule = element("line", {"class": "rule", "x1": percent(x), "x2": percent(x), "y1": "0", "y2": str(bottom)})
    years = text(column.years, middle, 31, kind="small quiet", **anchor) if column.years else Markup("")
    return rule + text(column.name, middle, 14, kind="small strong", **anchor) + years


def _draw_row(row: Row, y: int, wide: float) -> Markup:
    rule = element("line", {"class": "rule", "x1": "0", "x2": "100%", "y1": str(y), "y2": str(y)})
    name = text(row.name, "0", y + GAP + 17, kind="small")
    boxes = [
        _draw_box(box, LEFT + wide * place, wide, y + GAP + (BOX + GAP) * below)
        for place, cell in enumerate(row.cells)
        for below, box in enumerate(cell)
    ]
    return rule + name + Markup("").join(boxes)


def _draw_box(box: Box, x: float, wide: float, y: int) -> Markup:
    kind = " ".join(["box", *(["done"] if box.ended else []), *(["minor"] if box.minor else [])])
    edges = {"x": percent(x + wide * 0.03), "width": percent(wide * 0.94), "y": str(y), "height": str(BOX), "rx": "4"}
    place = {"x": percent(x + wide / 2), "y": number(y + BOX / 2 + 4), "class": "small", "text-anchor": "middle"}
    shown = element("rect", {"class": kind, **edges}) + element("text", place, box.label.text)
    return link(box.label, element("title", {}, box.said) + shown)
