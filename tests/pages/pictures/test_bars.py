"""Bars: to scale, with figures as the data have them."""

import re

from publisher.pages.pictures.bars import Figure, draw_bars, draw_grouped_bars
from publisher.pages.pictures.svg import Label

LABELS = [Label("a", "doc/a"), Label("b"), Label("c")]


def widths(svg: str) -> list[float]:
    return [float(width) for width in re.findall(r'<rect class="mark[^>]* width="([\d.]+)%"', svg)]


def test_bars_are_to_scale() -> None:
    picture = draw_bars("t", LABELS, [Figure(8, "8"), Figure(2, "2"), Figure(0, "0")])
    assert widths(picture.content) == [82, 20.5, 0]
    assert re.findall(r">([\d.]+)</text>", picture.content) == ["8", "2", "0"]
    assert '<a href="doc/a">' in picture.content


def test_negative_bars_end_at_zero() -> None:
    picture = draw_bars("t", LABELS[:2], [Figure(-1, "-1.0"), Figure(3, "3")])
    starts = re.findall(r'class="mark s0" x="([\d.]+)%"', picture.content)
    assert (starts, widths(picture.content)) == (["0", "20.5"], [20.5, 61.5])
    assert ">-1.0<" in picture.content


def test_groups_have_a_legend_and_a_color_for_each_series() -> None:
    rows = [[Figure(1, "1"), Figure(2, "2")], [None, Figure(4, "4")], [Figure(0, "0"), None]]
    picture = draw_grouped_bars("t", LABELS, ["aims", "bills"], rows)
    assert re.findall(r'"mark (s\d)" x="0%?"', picture.content) == ["s0", "s1", "s0", "s1", "s1", "s0"]
    assert widths(picture.content) == [20.5, 41, 82, 0]
    assert picture.height > draw_bars("t", LABELS, [Figure(1, "1")] * 3).height


def test_zeros_and_no_bars_are_drawn() -> None:
    assert widths(draw_bars("t", LABELS[:1], [Figure(0, "0")]).content) == [0]
    assert draw_bars("t", [], []).height == 0
