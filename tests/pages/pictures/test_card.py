"""Cards: what stands on them, how long texts are wrapped and cut, and what a font cannot show."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from support.each import each
from support.tiers import few

from publisher.pages.pictures.card import ACCENT, FOOT, INK, LEFT, QUIET, ROOM, Card, place_lines, wrap
from publisher.pages.pictures.typeface import Typeface

ASCII = {chr(code): 0.5 for code in range(32, 127)} | {"…": 0.5}
REGULAR = Typeface(Path("r.ttf"), "Plain 1", 400, ASCII)
BOLD = Typeface(Path("b.ttf"), "Plain 1", 700, ASCII)
CARD = Card("Mill Pond", "Pond", "A pond with a mill.", "Vermont Ponds", "mill pond")


def texts(card: Card) -> list[tuple[int, int, str]]:
    """The lines of a card, from the top: (place, size, text)."""
    return [(line.baseline, line.size, line.text) for line in place_lines(card, REGULAR, BOLD)]


def test_card_has_kind_title_line_and_site() -> None:
    lines = place_lines(CARD, REGULAR, BOLD)
    assert [line.text for line in lines] == ["Pond", "Mill Pond", "A pond with a mill.", "Vermont Ponds"]
    assert [line.face for line in lines] == [REGULAR, BOLD, REGULAR, BOLD]
    assert [line.ink for line in lines] == [ACCENT, INK, QUIET, ACCENT]
    assert {line.left for line in lines} == {LEFT}


@pytest.mark.parametrize("words", few([1, 4, 8, 12, 20, 60, 4000]))
def test_lines_never_overlap_nor_leave_the_card(words: int) -> None:
    shown = texts(replace(CARD, title="Pondering " * words, line="A long sentence on it. " * words))
    places = [place for place, _, _ in shown]
    assert places == sorted(places)
    assert all(below - above >= size for (above, _, _), (below, size, _) in pairwise(shown))
    assert places[-1] == FOOT
    assert all(REGULAR.measure(text, size) <= ROOM for _, size, text in shown)


def test_long_title_is_smaller_then_cut() -> None:
    sizes = [texts(replace(CARD, title="Pond " * words))[1][1] for words in (1, 12, 20)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3
    assert any(text.endswith("…") for _, _, text in texts(replace(CARD, title="Pond " * 200))[1:-2])


@each(
    ("text", "lines"),
    [
        ("", []),
        ("Mill Pond", ["Mill Pond"]),
        ("Mill " * 20 + "x" * 20, [("Mill " * 20).strip(), "x" * 20]),
        ("a" * 110, ["a" * 102, "a" * 8]),
        ("word " * 60, [("word " * 20).strip(), ("word " * 20).strip() + "…"]),
        ("end. " * 60, [("end. " * 20).strip(), "end. " * 19 + "end…"]),
    ],
)
def test_text_is_wrapped_at_words(text: str, lines: list[str]) -> None:
    assert ROOM == 1020
    assert wrap(text.strip(), REGULAR, 20, 2) == lines


def test_title_that_the_font_cannot_show_is_the_name_in_the_address() -> None:
    shown = [text for _, _, text in texts(Card("日本の池", "池", "深い池", "Ponds of 日", "deep pond"))]
    assert shown == ["deep pond", "Ponds of"]
