"""Dates in words, as exact as they are stated. Pure, no I/O."""

import re
from datetime import date
from typing import Final

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DATE: Final = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?")


def word_date(text: str) -> str:
    """Return a date in words: `2023-06-14` becomes `14 June 2023`; what is no date stays as it is."""
    found = _DATE.fullmatch(text)
    if not found or not found[2]:
        return text
    month = MONTHS[int(found[2]) - 1]
    return f"{int(found[3])} {month} {found[1]}" if found[3] else f"{month} {found[1]}"


def first_day(text: str) -> date | None:
    """Return the day on which a day, a month or a year begins; None for what is no date."""
    found = _DATE.fullmatch(text)
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1)) if found else None
    except ValueError:  # 30 February, year 0
        return None


def place_date(text: str) -> str:
    """Return a date with its preposition: `on 14 June 2023`, `in June 2023`, `in 2023`."""
    return ("on " if len(text) == len("2023-06-14") else "in ") + word_date(text)


def word_time(as_of: str, start: str, end: str) -> str:
    """Return the time of a relation in words. as_of: the day of the page. Empty if no time is stated."""
    if start and end:
        return f"{word_date(start)} to {word_date(end)}"
    if end:
        return f"until {word_date(end)}"
    if start:
        return f"since {word_date(start)}"
    return f"stated {place_date(as_of)}" if as_of else ""


def word_period(first: str, last: str) -> str:
    """Return two dates as a period, without repeating what they share: `22 to 29 November 2026`."""
    start, end = word_date(first), word_date(last)
    shared = 0
    while start.split()[-1 - shared :] == end.split()[-1 - shared :]:
        shared += 1
    words = start.split()
    return f"{' '.join(words[: len(words) - shared])} to {end}" if len(first) == len(last) else f"{start} to {end}"


def word_years(start: str, end: str) -> str:
    """Return a period in years: `2025–2026`; empty if no year is stated."""
    years = dict.fromkeys(year[:4] for year in (start, end) if year)
    return "–".join(years)


def ordinal(number: str) -> str:
    """Return an ordinal number: `193` becomes `193rd`."""
    if not number.isascii() or not number.isdigit():
        return number
    tens, ones = int(number) % 100, int(number) % 10
    suffix = "th" if 10 <= tens <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(ones, "th")
    return number + suffix
