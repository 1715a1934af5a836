"""Time lines of lists: the things of one page of a list by their dates, beside the table that states the same."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import pyoxigraph as ox

from publisher.pages.pictures.svg import Label, Picture
from publisher.pages.pictures.timeline import Event, draw_timeline
from publisher.pages.terms import TermFormatter
from publisher.pages.things.dates import first_day, word_date, word_years
from publisher.release.lists import Row
from publisher.release.resources import Listing

FEWEST: Final = 2
MOST: Final = 40
"""Things with a date that a time line shows."""


class Dates(NamedTuple):
    """Which columns of a list have dates. end: of a period; empty for events. heading: of the picture."""

    start: str
    end: str
    heading: str


DATES: Final[Mapping[str, Dates]] = {
    "coalition": Dates("founded", "", "When they were founded"),
    "measure": Dates("election", "", "When they were voted on"),
    "session": Dates("start", "end", "When they were"),
}
"""By kind of thing."""


class TimeLine(NamedTuple):
    """A time line. dated: how many things it shows. total: how many the page of the list has."""

    picture: Picture
    dated: int
    total: int


def draw_list(listing: Listing, formatter: TermFormatter, path: str) -> TimeLine | None:
    """Draw the things of a page of a list that have a date, the first one first; None where few or very many have one.

    path: of the page, from which links lead to the things.
    """
    dates = DATES.get(listing.kind)
    if dates is None:
        return None
    places = {column.name: place for place, column in enumerate(listing.columns)}
    found = (_make_event(row, dates, places, formatter, path) for row in listing.rows)
    events = sorted((event for event in found if event), key=lambda event: (event.start, event.label.text))
    if not FEWEST <= len(events) <= MOST:
        return None
    return TimeLine(draw_timeline(dates.heading, events), len(events), len(listing.rows))


def _make_event(row: Row, dates: Dates, places: Mapping[str, int], formatter: TermFormatter, path: str) -> Event | None:
    """The event or the period of a thing; None without a date. Of several dates the first counts."""
    start, end = (_read_first(row, places.get(name)) for name in (dates.start, dates.end))
    day = first_day(start)
    if day is None:
        return None
    shown = formatter.format(ox.NamedNode(row.thing.iri), {row.thing.iri: row.thing.label}, path)
    written = word_years(start, end) if end else word_date(start)
    return Event(Label(shown.text, shown.href), day, written, first_day(end))


def _read_first(row: Row, place: int | None) -> str:
    """The first of the values in a cell; empty if there is none."""
    return min((value.text for value in row.cells[place]), default="") if place is not None else ""
