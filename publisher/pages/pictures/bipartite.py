"""Bipartite networks: two columns of names with lines between those that belong together."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from markupsafe import Markup

from publisher.pages.pictures.svg import Label, Picture, element, link, number, percent, text

MOST: Final = 20
"""Names of one column at most."""
LETTERS: Final = 17
"""Characters of a line of a name: what fits at 12 pixels on a narrow phone."""
LEFT: Final = 0.43
RIGHT: Final = 0.57
"""Where the names of the first column end and those of the second begin, as shares of the width."""
LINES: Final = 3
"""Lines of a name at most."""
ROW: Final = 48
"""Height of a name of three lines in pixels."""
HEAD: Final = 26
LOWER: Final = 14
"""From one line of a name to the next."""


class Pair(NamedTuple):
    """A line, by the places of its ends in the two columns."""

    first: int
    second: int


def draw_bipartite(
    title: str, names: tuple[str, str], first: Sequence[Label], second: Sequence[Label], pairs: Iterable[Pair]
) -> Picture:
    """Draw two columns with lines between them; names: the headings of the columns.

    Of each column the MOST names with the most lines are shown, in an order in which few lines cross.
    """
    known = _keep_largest(sorted(set(pairs)))
    left, right = order_columns(known)
    rows = max(len(left), len(right))
    ys = {(0, one): _place(at, len(left), rows) for at, one in enumerate(left)}
    ys |= {(1, one): _place(at, len(right), rows) for at, one in enumerate(right)}
    lines = [_draw_line(ys[0, pair.first], ys[1, pair.second]) for pair in known]
    points = [_draw_name(first[one], ys[0, one], LEFT, "end") for one in left]
    points += [_draw_name(second[one], ys[1, one], RIGHT, "start") for one in right]
    heads = [
        text(names[0], percent(LEFT), 14, kind="small strong", **{"text-anchor": "end"}),
        text(names[1], percent(RIGHT), 14, kind="small strong"),
    ]
    description = f"{names[0]}: {len(left)}. {names[1]}: {len(right)}. {len(known)} lines between them."
    return Picture(title, description, Markup("").join([*heads, *lines, *points]), HEAD + ROW * rows)


def _keep_largest(pairs: Sequence[Pair]) -> list[Pair]:
    """The lines between the names that are shown: first those of the second column with the most lines."""
    found = list(pairs)
    for side in (1, 0):
        counts: dict[int, int] = {}
        for pair in found:
            counts[pair[side]] = counts.get(pair[side], 0) + 1
        kept = sorted(counts, key=lambda one: (-counts[one], one))[:MOST]
        found = [pair for pair in found if pair[side] in kept]
    return found


def order_columns(pairs: Sequence[Pair]) -> tuple[list[int], list[int]]:
    """Return the order of both columns: each name near the middle of those that it is joined to (barycenter method)."""
    columns = sorted({pair.first for pair in pairs}), sorted({pair.second for pair in pairs})
    for side in (1, 0, 1, 0):
        places = {one: place for place, one in enumerate(columns[1 - side])}
        joined: dict[int, list[int]] = {one: [] for one in columns[side]}
        for pair in pairs:
            joined[pair[side]].append(places[pair[1 - side]])
        columns[side].sort(key=lambda one: (sum(joined[one]) / len(joined[one]), one))
    return columns


def _place(at: int, count: int, rows: int) -> float:
    """The middle of a name; the shorter column is spread over the height of the longer one."""
    return HEAD + ROW * rows * (at + 0.5) / count


def _draw_line(start: float, end: float) -> Markup:
    ends = {"x1": percent(LEFT + 0.025), "x2": percent(RIGHT - 0.025), "y1": number(start), "y2": number(end)}
    return element("line", {"class": "edge", **ends})


def _draw_name(label: Label, y: float, x: float, anchor: str) -> Markup:
    """A name of at most LINES lines with its point and, in full, its title."""
    lines = wrap(label.text)
    top = y + 4 - LOWER * (len(lines) - 1) / 2
    shown = [
        element(
            "text", {"x": percent(x), "y": number(top + LOWER * below), "class": "small", "text-anchor": anchor}, line
        )
        for below, line in enumerate(lines)
    ]
    point = {"class": "mark s0", "cx": percent(x + (0.025 if anchor == "end" else -0.025)), "cy": number(y), "r": "4"}
    title = element("title", {}, label.text)
    return link(label, title + element("circle", point) + Markup("").join(shown))


def wrap(name: str, width: int = LETTERS) -> list[str]:
    """Return a name in at most LINES lines of `width` characters, with an ellipsis if it is longer."""
    return textwrap.wrap(name, width, max_lines=LINES, placeholder="…") or [""]
