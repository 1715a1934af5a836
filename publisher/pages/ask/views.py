"""Views: which pictures fit the columns of a table, and the picture that a view draws."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import combinations
from typing import Final, NamedTuple

from publisher.pages.ask.tables import Column, Table
from publisher.pages.pictures.bars import Figure, draw_bars, draw_grouped_bars
from publisher.pages.pictures.matrix import draw_matrix
from publisher.pages.pictures.network import Edge, Node, draw_network
from publisher.pages.pictures.svg import Label, Picture
from publisher.pages.pictures.timeline import Event, draw_timeline

TABLE: Final = "table"
BARS: Final = 40
"""The most labels of a bar chart."""
SERIES: Final = 6
"""The most series of grouped bars."""
EVENTS: Final = 60
"""The most events of a time line."""
NODES: Final = 150
"""The most points of a network."""
ROWS: Final = 60
COLUMNS: Final = 40
"""The most rows and columns of a matrix."""
AT_ONCE: Final = 15
"""Bars of a chart that is shown unless the visitor asks for another view."""
_NO_AMOUNTS: Final = ("number", "ordinal", "code", "year", "rank", "goal", "position")
"""Last words of the titles of columns whose numbers are names rather than amounts."""
_ENDS: Final = ("end", "until", "to", "left", "last", "through", "ended")
"""Last words of the titles of columns with the end of a period."""


class Shape(NamedTuple):
    """What a view draws of a table. columns: those that it uses. left_out: rows that are not in the picture."""

    view: str
    label: str
    columns: Sequence[Column]
    left_out: int = 0


def shapes_of(table: Table) -> list[Shape]:
    """The views that fit a table, without the table itself."""
    if table.rows < 2:
        return []
    found = [_find_bars(table), _find_groups(table), _find_timeline(table), _find_network(table), _find_matrix(table)]
    return [shape for shape in found if shape]


def default_view(shapes: Sequence[Shape], rows: int, wanted: str = "") -> str:
    """The view of a table where the visitor asks for none. wanted: by the question; bars if they are few, else the
    table."""
    views = [shape.view for shape in shapes]
    if wanted in views:
        return wanted
    return "bars" if "bars" in views and rows <= AT_ONCE else TABLE


def draw(shape: Shape, title: str, table: Table) -> Picture:
    """Draw a view of a table."""
    return _DRAWERS[shape.view](shape, title, table)


# Which columns


def _name_columns(table: Table) -> list[Column]:
    return [column for column in table.columns if column.names]


def _amount_columns(table: Table) -> list[Column]:
    """The columns of numbers that are amounts."""
    return [c for c in table.columns if c.numbers and c.title.split(" ")[-1] not in _NO_AMOUNTS]


def _find_label(table: Table, number: Column) -> Column | None:
    """The column of labels for a column of numbers: the last bound column of texts before it, else the first after it;
    a column of numbers that are names will do where there is none."""
    place = list(table.columns).index(number)
    bound = [column for column in table.columns if column.is_bound and not column.dates]
    plain = [c for c in bound if not c.numbers] or [c for c in bound if c not in _amount_columns(table)]
    before = [c for c in plain if list(table.columns).index(c) < place]
    return before[-1] if before else plain[0] if plain else None


def _find_bars(table: Table) -> Shape | None:
    number = next((column for column in _amount_columns(table) if column.is_bound), None)
    label = _find_label(table, number) if number else None
    if number is None or label is None:
        return None
    return Shape("bars", "Bars", [label, number], max(0, table.rows - BARS))


def _find_groups(table: Table) -> Shape | None:
    numbers = _amount_columns(table)
    label = _find_label(table, numbers[0]) if numbers else None
    if label is None:
        return None
    if len(numbers) > 1:
        return Shape("grouped", "Grouped bars", [label, *numbers[:SERIES]], max(0, table.rows - BARS))
    names = [column for column in _name_columns(table) if column.is_bound]
    for first, second in combinations(names, 2):
        pairs = set(_pairs(first, second))
        series, groups = len({b for _, b in pairs}), len({a for a, _ in pairs})
        if len(pairs) == table.rows and 1 < series <= SERIES and groups < table.rows and groups <= BARS:
            return Shape("grouped", "Grouped bars", [first, second, numbers[0]])
    return None


def _find_timeline(table: Table) -> Shape | None:
    dates = [column for column in table.columns if column.dates]
    names = [column for column in table.columns if column.names] or [c for c in table.columns if not c.dates]
    if not dates or not names:
        return None
    ends = [column for column in dates[1:] if column.title.split(" ")[-1] in _ENDS]
    known = sum(day is not None for day in dates[0].dates)
    return Shape("timeline", "Time line", [names[0], dates[0], *ends[:1]], table.rows - min(known, EVENTS))


def _find_network(table: Table) -> Shape | None:
    for first, second in _find_related(table):
        nodes = {*first.keys, *second.keys}
        if 3 <= len(nodes) <= NODES:
            weights = [column for column in _amount_columns(table) if column.is_bound]
            return Shape("network", "Network", [first, second, *weights[:1]])
    return None


def _find_matrix(table: Table) -> Shape | None:
    for first, second in _find_related(table):
        rows, columns = set(first.keys), set(second.keys)
        if 2 <= min(len(rows), len(columns)) <= COLUMNS and max(len(rows), len(columns)) <= ROWS:
            weights = [column for column in _amount_columns(table) if column.is_bound]
            return Shape("matrix", "Matrix", [first, second, *weights[:1]])
    return None


def _find_related(table: Table) -> Iterator[tuple[Column, Column]]:
    """Pairs of columns of names of which both have repeated values: those that relate things."""
    names = [column for column in _name_columns(table) if column.is_bound]
    for first, second in combinations(names, 2):
        pairs = set(_pairs(first, second))
        if all(len({pair[side] for pair in pairs}) < len(pairs) for side in (0, 1)):
            yield first, second


def _pairs(first: Column, second: Column) -> Iterator[tuple[str, str]]:
    return zip(first.keys, second.keys, strict=True)


# What is drawn


def _draw_bars(shape: Shape, title: str, table: Table) -> Picture:
    label, number = shape.columns
    return draw_bars(title, _labels(label, BARS), [figure for figure in _figures(number)[:BARS] if figure])


def _draw_groups(shape: Shape, title: str, table: Table) -> Picture:
    if shape.columns[1].numbers:
        label, *numbers = shape.columns
        rows = list(zip(*(_figures(number)[:BARS] for number in numbers), strict=True))
        return draw_grouped_bars(title, _labels(label, BARS), [number.title for number in numbers], rows)
    first, second, number = shape.columns
    groups, series = _distinct(first), _distinct(second)
    found = dict(zip(_pairs(first, second), _figures(number), strict=True))
    rows = [tuple(found.get((group, one)) for one in series) for group in groups]
    return draw_grouped_bars(title, list(groups.values()), [one.text for one in series.values()], rows)


def _draw_timeline(shape: Shape, title: str, table: Table) -> Picture:
    label, start, *ends = shape.columns
    found = []
    for place, day in enumerate(start.dates):
        if day:
            end = ends[0].dates[place] if ends else None
            period = _read_day(end) if end else None
            written = start.shown[place].text + (f" to {ends[0].shown[place].text}" if ends and end else "")
            found.append(Event(_label(label, place), _read_day(day), written, period))
    found.sort(key=lambda event: event.start)
    return draw_timeline(title, found[:EVENTS])


def _draw_network(shape: Shape, title: str, table: Table) -> Picture:
    first, second, *weights = shape.columns
    shared = {*first.keys} & {*second.keys}
    left, right = _distinct(first), _distinct(second)
    places = {key: place for place, key in enumerate(left | right)}
    nodes = [Node(label, int(not shared and key not in left)) for key, label in (left | right).items()]
    sums: dict[tuple[int, int], float] = {}
    values = weights[0].numbers if weights else [1.0] * table.rows
    for (a, b), value in zip(_pairs(first, second), values, strict=True):
        ends = (min(places[a], places[b]), max(places[a], places[b]))
        if a != b:
            sums[ends] = sums.get(ends, 0) + max(0.0, value or 0)
    edges = [Edge(*ends, weight) for ends, weight in sorted(sums.items())]
    return draw_network(title, nodes, edges, () if shared else (first.title, second.title))


def _draw_matrix(shape: Shape, title: str, table: Table) -> Picture:
    first, second, *weights = shape.columns
    if len(set(second.keys)) > len(set(first.keys)):
        first, second = second, first  # rather long than wide
    rows, columns = _distinct(first), _distinct(second)
    places = [{key: place for place, key in enumerate(keys)} for keys in (rows, columns)]
    cells: dict[tuple[int, int], float] = {}
    values = weights[0].numbers if weights else [1.0] * table.rows
    for (a, b), value in zip(_pairs(first, second), values, strict=True):
        place = (places[0][a], places[1][b])
        cells[place] = cells.get(place, 0) + (value or 0)
    return draw_matrix(title, list(rows.values()), list(columns.values()), cells)


_DRAWERS: Final[dict[str, Callable[[Shape, str, Table], Picture]]] = {
    "bars": _draw_bars,
    "grouped": _draw_groups,
    "timeline": _draw_timeline,
    "network": _draw_network,
    "matrix": _draw_matrix,
}
VIEWS: Final = (TABLE, *_DRAWERS)
"""The values of the parameter `view`."""


def _label(column: Column, place: int) -> Label:
    shown = column.shown[place]
    return Label(shown.text, shown.href)


def _labels(column: Column, most: int) -> list[Label]:
    return [_label(column, place) for place in range(min(len(column.cells), most))]


def _distinct(column: Column) -> dict[str, Label]:
    """The different values of a column with their labels, in the order of the rows."""
    found: dict[str, Label] = {}
    for place, key in enumerate(column.keys):
        found.setdefault(key, _label(column, place))
    return found


def _figures(column: Column) -> list[Figure | None]:
    values = zip(column.numbers, column.shown, strict=True)
    return [None if number is None else Figure(number, shown.text) for number, shown in values]


def _read_day(text: str) -> date:
    return date.fromisoformat(text)
