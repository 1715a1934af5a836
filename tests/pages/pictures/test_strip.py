"""Strips: a box for each filing, in the column of its period and the row of its name."""

import re

from publisher.pages.pictures.strip import Box, Column, Row, draw_strip
from publisher.pages.pictures.svg import Label

COLUMNS = [Column("11th", "2023–24"), Column("12th", "2025–26")]
LAW = Box(Label("H.1", "h1"), "H.1 (11th). An Act. Enacted", ended=True)
BILL, DOCKET = Box(Label("S.2", "s2"), "S.2 (12th)"), Box(Label("SD.9", "sd9"), "SD.9 (12th)", minor=True)


def test_boxes_stand_in_their_column_and_row_with_link_and_title() -> None:
    picture = draw_strip("t", COLUMNS, [Row("House", [[LAW], []]), Row("Senate", [[], [BILL, DOCKET]])], "enacted")
    found = re.findall(r'<a href="(\w+)"><title>([^<]+)</title><rect class="([\w ]+)" x="([\d.]+)%"', picture.content)
    assert found == [
        ("h1", "H.1 (11th). An Act. Enacted", "box done", "16.28"),
        ("s2", "S.2 (12th)", "box", "58.77"),
        ("sd9", "SD.9 (12th)", "box minor", "58.77"),
    ]
    assert re.findall(r'"box[^>]* y="(\d+)"', picture.content) == ["48", "86", "118"]
    assert "Filled: enacted; dashed: minor" in picture.content


def test_strip_names_only_kinds_of_boxes_that_it_has() -> None:
    picture = draw_strip("t", COLUMNS, [Row("Senate", [[], [BILL]])])
    assert "Filled" not in picture.content
    assert "ashed" not in picture.content
    assert picture == draw_strip("t", COLUMNS, [Row("Senate", [[], [BILL]])])
    assert "style=" not in picture.inline
