"""Time lines: events in their order, on an axis of years."""

import re
from datetime import date
from itertools import pairwise

from publisher.pages.pictures.svg import Label
from publisher.pages.pictures.timeline import TICKS, Event, draw_timeline

EVENTS = [
    Event(Label("Founded", "doc/a"), date(1990, 1, 1), "1990"),
    Event(Label("Campaign"), date(2000, 1, 1), "2000", date(2010, 1, 1)),
    Event(Label("Ended"), date(2029, 12, 31), "2029-12-31"),
]


def test_events_are_at_their_time() -> None:
    content = draw_timeline("t", EVENTS).content
    places = [float(place) for place in re.findall(r'cx="([\d.]+)%"', content)]
    assert places == sorted(places)
    assert places[0] == 2
    assert 95 < places[1] <= 96
    assert re.findall(r'<rect class="mark s0" x="([\d.]+)%" width="([\d.]+)%"', content) == [("25.5", "23.5")]


def test_texts_have_the_time_as_written() -> None:
    content = draw_timeline("t", EVENTS).content
    assert re.findall(r">(\S+: \w+)<", content) == ["1990: Founded", "2000: Campaign", "2029-12-31: Ended"]


def test_axis_names_few_years() -> None:
    for last in (1990, 1991, 1999, 2027, 2190):
        content = draw_timeline("t", [EVENTS[0], EVENTS[0]._replace(start=date(last, 1, 1))]).content
        years = re.findall(r">(\d{4})</text>", content)
        assert 1 <= len(years) <= TICKS


def test_many_near_dates_do_not_cover_each_other() -> None:
    many = [Event(Label(f"Event {place}"), date(2020, 1, 1 + place % 28), "2020-01") for place in range(60)]
    content = draw_timeline("t", many).content
    texts = [float(y) for y in re.findall(r'<text x="0" y="([\d.]+)"', content)]
    marks = [float(y) for y in re.findall(r'cy="([\d.]+)" r="5"', content)]
    assert len(texts) == len(marks) == 60
    edges = sorted([*((y - 10, y + 3) for y in texts), *((y - 5, y + 5) for y in marks)])
    assert all(above[1] <= below[0] for above, below in pairwise(edges))
