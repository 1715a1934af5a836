"""Tables: the rows of a SPARQL result as columns of a page; names are links, and IRI columns are folded away."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from publisher.pages.terms import DisplayedTerm, words
from publisher.rdf.namespaces import XSD

Cell = Mapping[str, Any] | None
"""One value of SPARQL 1.1 Query Results JSON Format; None if unbound."""
NUMERIC: Final = frozenset(XSD + name for name in ("integer", "decimal", "double", "float"))
"""Datatypes of numbers; the store turns the derived integer types into `integer`."""
DATES: Final = frozenset(XSD + name for name in ("date", "dateTime", "gYear", "gYearMonth"))
NAME: Final = 90
"""Characters of a text that may be a name."""
SHORT: Final = 12
"""Characters of a short text."""
_IRI_OF: Final = re.compile(r"(\w+?)_?(?:Iri|IRI|Uri|URI|iri|uri)\Z")
_LABEL: Final = "Label"


@dataclass(frozen=True)
class Column:
    """One column as a page shows it.

    name: its variable. title: that in words. cells: its values. shown: the values as the page shows them, with links to
    what they name.
    """

    name: str
    title: str
    cells: Sequence[Cell]
    shown: Sequence[DisplayedTerm]

    @cached_property
    def keys(self) -> Sequence[str]:
        """What makes two values the same: the IRI of what they name, or else the value."""
        return [shown.iri or repr(cell) for cell, shown in zip(self.cells, self.shown, strict=True)]

    @cached_property
    def numbers(self) -> Sequence[float | None]:
        """The values as numbers, None where unbound; empty if one is not a finite number, or all are unbound."""
        return _read_all(self.cells, NUMERIC, _read_number)

    @cached_property
    def dates(self) -> Sequence[str | None]:
        """The values as dates, None where unbound; empty if one of them is not a date, or all are unbound."""
        return _read_all(self.cells, DATES, _read_date)

    @cached_property
    def names(self) -> bool:
        """Whether the values are names: things, or short texts."""
        if self.numbers or self.dates or not any(self.cells):
            return False
        return all(cell is None or (cell["type"] != "triple" and len(cell["value"]) <= NAME) for cell in self.cells)

    @property
    def is_short(self) -> bool:
        """Whether all values are short, so that the column needs little room."""
        return all(len(shown.text) <= SHORT for shown in self.shown)

    @property
    def is_bound(self) -> bool:
        """Whether there is a value in each row."""
        return all(self.cells)


@dataclass(frozen=True)
class Table:
    """A table: its columns, and the names of the columns of IRIs that are folded into others."""

    columns: Sequence[Column]
    rows: int
    folded: Sequence[str]

    @property
    def shown(self) -> Sequence[Sequence[DisplayedTerm]]:
        """The values row by row."""
        return list(zip(*(column.shown for column in self.columns), strict=True)) if self.columns else [()] * self.rows


def make_table(
    names: Sequence[str], rows: Sequence[Mapping[str, Any]], show: Callable[[Cell, str, str], DisplayedTerm]
) -> Table:
    """Make the table of a result.

    names: its variables. rows: its bindings. show: the displayed form of a value, the variable of its column, and the
    IRI of what it names or an empty text.
    """
    cells = {name: [row.get(name) for row in rows] for name in names}
    pairs = _pair(names, cells)
    columns = []
    for name in names:
        if name in pairs.values():
            continue
        targets = cells[pairs[name]] if name in pairs else [None] * len(rows)
        iris = [target["value"] if target else "" for target in targets]
        shown = [show(cell, name, iri) for cell, iri in zip(cells[name], iris, strict=True)]
        columns.append(Column(name, title_of(name.removesuffix(_LABEL) if name in pairs else name), cells[name], shown))
    return Table(columns, len(rows), [name for name in names if name in pairs.values()])


def _pair(names: Sequence[str], cells: Mapping[str, Sequence[Cell]]) -> dict[str, str]:
    """The columns of texts with the column of IRIs that they name: `x` with `xIri`, `xLabel` with `x`."""
    pairs: dict[str, str] = {}
    for name in names:
        if not all(cell is None or cell["type"] == "uri" for cell in cells[name]) or not any(cells[name]):
            continue
        named = _IRI_OF.match(name)
        text = named[1] if named and named[1] in cells else name + _LABEL
        if text in cells and all(cell is None or cell["type"] == "literal" for cell in cells[text]):
            pairs.setdefault(text, name)
    return pairs


def title_of(name: str) -> str:
    """A variable in words: `agendaNumber` becomes `agenda number`."""
    found = words(name.replace("_", " ").strip())
    return re.sub(r"(?<=\w) iri\b", "", found) if found != "iri" else found


def _read_all(cells: Sequence[Cell], kinds: frozenset[str], read: Callable[[str], Any]) -> Sequence[Any]:
    found = []
    for cell in cells:
        value = read(cell["value"]) if cell and cell.get("datatype") in kinds else None
        if cell and value is None:
            return []
        found.append(value)
    return found if any(cells) else []


def _read_number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _read_date(text: str) -> str | None:
    """The date that a value begins with, its missing month and day being the first; None for years before 1 or after
    9998."""
    found = re.match(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text)
    if not found or not 0 < int(found[1]) < 9999:
        return None
    return f"{found[1]}-{found[2] or '01'}-{found[3] or '01'}"
