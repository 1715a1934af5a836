"""Time lines: events and periods on an axis of years, one below the other."""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from markupsafe import Markup

from publisher.pages.pictures.svg import LINE, Label, Picture, element, number, percent, series, text

LEFT: Final = 0.02
ROOM: Final = 0.94
"""Where the axis begins, and how much of the width it takes."""
STEPS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
TICKS: Final = 6
"""Years named on the axis, at most: as many as fit beside each other on a phone."""
HEAD: Final = 26
ROW: Final = LINE + 18


class Event(NamedTuple):
    """An event, or a period if it has an end. written: its time as the data state it."""

    label: Label
    start: date
    written: str
    end: date | None = None


def draw_timeline(title: str, events: Sequence[Event]) -> Picture:
    """Draw events in the order given. Raises ValueError if there are none."""
    first = min(event.start.year for event in events)
    last = max((event.end or event.start).year for event in events) + 1
    scale = _Scale(first, last)
    height = HEAD + ROW * len(events)
    ticks = [_draw_tick(year, scale, height) for year in scale.ticks]
    rows = [_draw_event(event, scale, HEAD + ROW * place) for place, event in enumerate(events)]
    description = f"Time line. {len(events)} events from {first} to {last - 1}."
    return Picture(title, description, Markup("").join([*ticks, *rows]), height)


class _Scale:
    """Places of dates on the axis. first and last: years."""

    def __init__(self, first: int, last: int) -> None:
        self._first = first
        self._years = last - first
        step = next((step for step in STEPS if self._years / step <= TICKS - 1), STEPS[-1])
        self.ticks = [year for year in range(first, last + 1) if year % step == 0]

    def place(self, year: float) -> float:
        """The share of the width at which a point in time is."""
        return LEFT + ROOM * (year - self._first) / self._years

    def place_date(self, day: date) -> float:
        """The share of the width at which a date is."""
        return self.place(day.year + (day.timetuple().tm_yday - 1) / 366)


def _draw_tick(year: int, scale: _Scale, height: int) -> Markup:
    x = percent(scale.place(year))
    line = {"class": "rule", "x1": x, "x2": x, "y1": "18", "y2": number(height)}
    anchor = {"text-anchor": "middle"} if scale.place(year) < 0.9 else {"text-anchor": "end"}
    anchor = {"text-anchor": "start"} if scale.place(year) < 0.05 else anchor
    return element("line", line) + text(str(year), x, 13, kind="quiet small", **anchor)


def _draw_event(event: Event, scale: _Scale, y: float) -> Markup:
    shown = Label(f"{event.written}: {event.label.text}", event.label.href)
    start, middle = scale.place_date(event.start), y + LINE + 6
    if event.end and event.end > event.start:
        box = {"x": percent(start), "width": percent(scale.place_date(event.end) - start), "y": number(middle - 4)}
        mark = element("rect", {"class": series(0), **box, "height": "8"})
    else:
        mark = element("circle", {"class": series(0), "cx": percent(start), "cy": number(middle), "r": "5"})
    return text(shown, "0", y + 15, kind="small") + mark
