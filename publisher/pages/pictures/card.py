"""Cards: what is shown beside a shared link: a title, what it is, a line about it and the name of the site."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from publisher.pages.pictures.typeface import Line, Typeface

WIDTH: Final = 1200
HEIGHT: Final = 630
"""The size in pixels that Open Graph and its readers expect: 1.91 to 1."""
LEFT: Final = 96
ROOM: Final = WIDTH - LEFT - 84
SIZES: Final = ((84, 2), (68, 3), (56, 4))
"""Sizes of the title in pixels, and how many lines it may have in each; the first in which it fits is taken."""
TEXT: Final = 36
"""Size of the line about the thing; a little less for its kind and for the name of the site."""
SPACING: Final = 1.18
"""Distance from one line to the next, in parts of the size."""
LINES: Final = 3
"""Lines of the text about the thing, at most."""
FOOT: Final = HEIGHT - 62
PAPER: Final = "#fbfaf7"
INKS: Final = ("#1c2126", "#565e66", "#0b5d51")
INK, QUIET, ACCENT = range(len(INKS))


@dataclass(frozen=True)
class Card:
    """What a card says. fallback: stands for a title that the typeface has too few characters for."""

    title: str
    kind: str
    line: str
    site: str
    fallback: str


def place_lines(card: Card, regular: Typeface, bold: Typeface) -> list[Line]:
    """The lines of text of a card, from the top."""
    title = card.title if bold.is_legible(card.title) else card.fallback
    size, lines = _fit(bold.spell(title), bold)
    kind = regular.spell(card.kind) if regular.is_legible(card.kind) else ""
    placed = _place(wrap(kind, regular, TEXT - 4, 1), regular, TEXT - 4, 104, ACCENT)
    top = 104 + 34 + size
    placed += _place(lines, bold, size, top, INK)
    below = top + size * SPACING * (len(lines) - 1) + 34 + TEXT
    left = int((FOOT - 76 - below) // (TEXT * SPACING)) + 1
    said = regular.spell(card.line) if regular.is_legible(card.line) else ""
    placed += _place(wrap(said, regular, TEXT, min(LINES, max(left, 0))), regular, TEXT, below, QUIET)
    site = regular.spell(card.site) if regular.is_legible(card.site) else ""
    return [*placed, *_place(wrap(site, bold, TEXT - 4, 1), bold, TEXT - 4, FOOT, ACCENT)]


def wrap(text: str, face: Typeface, size: float, most: int) -> list[str]:
    """The lines of a text, at most `most`; where it has more, the last one ends in an ellipsis.

    A word that is wider than a line is broken.
    """
    lines: list[str] = []
    rest = text
    while rest and len(lines) < most:
        line = _take_line(rest, face, size)
        lines.append(line)
        rest = rest[len(line) :].lstrip()
    if rest and lines:
        lines[-1] = _end_early(lines[-1], face, size)
    return lines


def _fit(title: str, face: Typeface) -> tuple[int, list[str]]:
    """The largest size in which a title fits, and its lines; cut in the smallest."""
    for size, most in SIZES:
        lines = wrap(title, face, size, most)
        if "".join("".join(lines).split()) == "".join(title.split()):
            break
    return size, lines


def _take_line(text: str, face: Typeface, size: float) -> str:
    """What fits on a line of the beginning of a text: whole words if there is one that fits."""
    ends = list(accumulate(face.measure(char, size) for char in text))
    end = bisect_right(ends, ROOM)
    if end == len(text):
        return text
    head = text[: max(end, 1)]
    whole = head if text[end] == " " else head.rpartition(" ")[0]
    return whole.rstrip() or head


def _end_early(line: str, face: Typeface, size: float) -> str:
    while line and face.measure(f"{line}…", size) > ROOM:
        shorter = line.rpartition(" ")[0]
        line = shorter if len(shorter) > len(line) // 2 else line[:-1]
    return f"{line.rstrip(' ,;:.–-')}…"


def _place(lines: Sequence[str], face: Typeface, size: int, top: float, ink: int) -> list[Line]:
    """Lines of text, the first at a baseline."""
    return [Line(line, face, size, LEFT, round(top + place * size * SPACING), ink) for place, line in enumerate(lines)]
