"""Matrices: a dot where a row and a column meet."""

import re

from publisher.pages.pictures.matrix import draw_matrix
from publisher.pages.pictures.svg import Label

ROWS, COLUMNS = (
    [Label("Clear Water"), Label("Open Books", "doc/b")],
    [Label("Climate"), Label("Schools"), Label("Work")],
)


def test_dots_are_where_labels_meet_and_larger_for_more() -> None:
    picture = draw_matrix("t", ROWS, COLUMNS, {(1, 2): 4, (0, 0): 1})
    said = re.findall(r'r="([\d.]+)"><title>([^<]+)</title>', picture.content)
    assert said == [("6.5", "Clear Water, Climate: 1"), ("10", "Open Books, Work: 4")]


def test_labels_are_links_and_size_grows() -> None:
    picture = draw_matrix("t", ROWS, COLUMNS, {})
    assert picture.content.count("<a ") == 1
    assert draw_matrix("t", ROWS, COLUMNS[:2], {}).width < picture.width
    assert draw_matrix("t", ROWS[:1], COLUMNS, {}).height < picture.height
