"""Dates in words."""

from datetime import date

from support.each import each

from publisher.pages.things.dates import first_day, ordinal, place_date, word_date, word_period, word_time, word_years


@each(
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


@each(
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


@each(
    ("text", "day"),
    [
        ("2023-06-14", date(2023, 6, 14)),
        ("2023-06", date(2023, 6, 1)),
        ("2023", date(2023, 1, 1)),
        ("2023-02-30", None),
        ("0000", None),
        ("soon", None),
    ],
)
def test_date_begins_with_a_day(text: str, day: date | None) -> None:
    assert first_day(text) == day


@each(
    ("first", "last", "worded"),
    [
        ("2026-11-22", "2026-11-29", "22 to 29 November 2026"),
        ("2026-10-22", "2026-11-29", "22 October to 29 November 2026"),
        ("2025-11-22", "2026-11-22", "22 November 2025 to 22 November 2026"),
        ("2026-10", "2026-11-29", "October 2026 to 29 November 2026"),
        ("2025", "2026", "2025 to 2026"),
    ],
)
def test_period_repeats_nothing(first: str, last: str, worded: str) -> None:
    assert word_period(first, last) == worded


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
