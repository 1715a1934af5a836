"""Dates in words."""

import pytest

from publisher.pages.things.dates import ordinal, place_date, word_date, word_time, word_years


@pytest.mark.parametrize(
    ("stated", "worded", "placed"),
    [
        ("2023-06-14", "14 June 2023", "on 14 June 2023"),
        ("2023-06-01", "1 June 2023", "on 1 June 2023"),
        ("2023-06", "June 2023", "in June 2023"),
        ("2023", "2023", "in 2023"),
        ("2023-13", "2023-13", "in 2023-13"),
        ("autumn", "autumn", "in autumn"),
    ],
)
def test_date_is_worded_as_exactly_as_stated(stated: str, worded: str, placed: str) -> None:
    assert (word_date(stated), place_date(stated)) == (worded, placed)


@pytest.mark.parametrize(
    ("as_of", "start", "end", "worded"),
    [
        ("2023-06-14", "", "", "stated on 14 June 2023"),
        ("2023", "", "", "stated in 2023"),
        ("2023", "2013", "", "since 2013"),
        ("2023", "", "2018-06", "until June 2018"),
        ("", "2013", "2018-06", "2013 to June 2018"),
        ("", "", "", ""),
    ],
)
def test_time_of_relation_is_worded(as_of: str, start: str, end: str, worded: str) -> None:
    assert word_time(as_of, start, end) == worded


def test_years_of_a_period_are_joined() -> None:
    assert [word_years("2025", "2026"), word_years("2025-01-01", "2025"), word_years("", "")] == [
        "2025–2026",
        "2025",
        "",
    ]


def test_ordinals_have_the_right_suffix() -> None:
    numbers = ["1", "2", "3", "4", "11", "12", "13", "21", "112", "193", "x", "\N{SUPERSCRIPT TWO}"]
    expected = [
        "1st",
        "2nd",
        "3rd",
        "4th",
        "11th",
        "12th",
        "13th",
        "21st",
        "112th",
        "193rd",
        "x",
        "\N{SUPERSCRIPT TWO}",
    ]
    assert list(map(ordinal, numbers)) == expected
