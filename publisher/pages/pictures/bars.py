"""Bars: horizontal bars for one number per label, or for several numbers per label beside each other."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from markupsafe import Markup

from publisher.pages.pictures.svg import LINE, Label, Picture, element, legend, number, percent, series, text

ROOM: Final = 0.82
"""Part of the width that the longest bar takes; the rest is for its figure."""
THICK: Final = 14
"""Height of a bar, in pixels; bars beside each other are a little thinner."""


class Figure(NamedTuple):
    """One value as a number and as it is written."""

    value: float
    written: str


def draw_bars(title: str, labels: Sequence[Label], figures: Sequence[Figure]) -> Picture:
    """Draw one bar for each label."""
    return draw_grouped_bars(title, labels, [], [[figure] for figure in figures])


def draw_grouped_bars(
    title: str, labels: Sequence[Label], names: Sequence[str], rows: Sequence[Sequence[Figure | None]]
) -> Picture:
    """Draw several bars for each label.

    names: of the series; none for a single one. rows: the figures of each label, one for each series; None where there
    is none.
    """
    head, top = legend(names, 0) if names else (Markup(""), 0)
    values = [figure.value for row in rows for figure in row if figure]
    low, high = min(0, *values, 0), max(0, *values, 0)
    unit = ROOM / (high - low) if high > low else 0
    thick = THICK if len(names) < 2 else THICK - 2
    parts, y = [head], float(top)
    for label, row in zip(labels, rows, strict=True):
        parts.append(text(label, "0", y + 15))
        y += LINE + 1
        for place, figure in enumerate(row):
            parts.append(_draw_bar(figure, place, y, thick, low, unit))
            y += thick + 3
        y += 8
    largest = max(values, default=0)
    description = f"{len(labels)} labels; the largest figure is {number(largest)}"
    return Picture(title, f"Bar chart. {description}.", Markup("").join(parts), round(y))


def _draw_bar(figure: Figure | None, place: int, y: float, thick: int, low: float, unit: float) -> Markup:
    """One bar with its figure. low: the value at the left edge. unit: width of 1."""
    if figure is None:
        return Markup("")
    start, end = (min(0, figure.value) - low) * unit, (max(0, figure.value) - low) * unit
    box = {"x": percent(start), "width": percent(end - start), "y": number(y), "height": str(thick)}
    written = text(figure.written, percent(end), y + thick - 2, dx="6", kind="quiet")
    return element("rect", {"class": series(place), **box}) + written
