"""The result table for terminals: rows of an answer, fitted to a width.

The rows are read twice, once to measure and once to write, so that a table of a million rows takes no more memory than
one of ten.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Any, BinaryIO, Final

import pyoxigraph as ox
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from publisher.rdf import turtle
from publisher.rdf.namespaces import XSD

GAP: Final = "  "
MIN_WIDTH: Final = 8
"""Minimum width of a column, in cells; if the columns do not fit, each row is printed as a list."""
CACHED_TERMS: Final = 1 << 14
"""Size of the cache of cell texts, in terms: most columns repeat the same few."""

_INTEGERS: Final = "byte int integer long negativeInteger nonNegativeInteger nonPositiveInteger positiveInteger short"
_UNSIGNED: Final = "unsignedByte unsignedInt unsignedLong unsignedShort"
_NUMERIC: Final = frozenset(XSD + name for name in f"decimal double float {_INTEGERS} {_UNSIGNED}".split())
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""Characters that control the terminal."""
_ESCAPES: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

Spell = Callable[[Any], str]


@dataclass
class _Column:
    """One variable: its name, the width of its widest cell, and counts of its values and numbers."""

    name: str
    width: int
    values: int = 0
    numbers: int = 0

    def measure(self, term: Any, text: str) -> None:
        self.width = max(self.width, cell_len(text))
        self.values += term is not None
        self.numbers += isinstance(term, ox.Literal) and term.datatype.value in _NUMERIC

    @property
    def right(self) -> bool:
        return 0 < self.values == self.numbers


def render_lines(body: BinaryIO, prefixes: Mapping[str, str], width: int | None) -> Iterator[str]:
    """Render an answer as the lines of a table.

    body: SPARQL results in JSON, readable and seekable. prefixes: prefix -> namespace, for IRIs. width: maximum width
    of a line in cells, None for no limit. A truth value is one line, `true` or `false`.
    """
    found = _read(body)
    if isinstance(found, ox.QueryBoolean):
        yield "true" if found else "false"
        return
    spell = _make_speller(prefixes)
    columns = [_Column(variable.value, cell_len(variable.value)) for variable in found.variables]
    count = 0
    for solution in found:
        count += 1
        for column, term in zip(columns, solution, strict=True):
            column.measure(term, spell(term))
    rows = ([spell(term) for term in solution] for solution in _read(body))
    room = width - len(GAP) * (len(columns) - 1) if width else None
    if room is not None and room < MIN_WIDTH * len(columns) and room < sum(column.width for column in columns):
        yield from _render_records(columns, rows, width or 0)
    elif columns:
        yield from _render_table(columns, rows, _fit_widths([column.width for column in columns], room))
    yield f"({count} row{'' if count == 1 else 's'})"


def _read(body: BinaryIO) -> Any:
    body.seek(0)
    return ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)


def _make_speller(prefixes: Mapping[str, str]) -> Spell:
    """Return the function that renders a term: IRIs with prefixes, literals as plain text, unbound variables empty."""

    @lru_cache(CACHED_TERMS)
    def spell(term: Any) -> str:
        if isinstance(term, ox.NamedNode):
            return turtle.spell(term, prefixes).strip("<>")
        text = term.value if isinstance(term, ox.Literal) else "" if term is None else str(term)
        return _CONTROL.sub(_escape, text)

    return spell


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04X}"


def _fit_widths(natural: Sequence[int], room: int | None) -> list[int]:
    """Return the widths of columns: each as wide as its content, the widest ones reduced equally until all fit."""
    if room is None or sum(natural) <= room:
        return list(natural)
    most = next(most for most in range(room, 0, -1) if sum(min(width, most) for width in natural) <= room)
    return [min(width, most) for width in natural]


def _render_table(columns: Sequence[_Column], rows: Iterator[list[str]], widths: Sequence[int]) -> Iterator[str]:
    yield from _render_row([column.name for column in columns], columns, widths)
    yield GAP.join("-" * width for width in widths)
    for row in rows:
        yield from _render_row(row, columns, widths)


def _render_row(cells: Sequence[str], columns: Sequence[_Column], widths: Sequence[int]) -> Iterator[str]:
    """Render one row, which has as many lines as its tallest cell."""
    wrapped = [_wrap(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for pieces in zip_longest(*wrapped, fillvalue=""):
        padded = [
            " " * (width - cell_len(piece)) + piece if column.right else piece + " " * (width - cell_len(piece))
            for piece, column, width in zip(pieces, columns, widths, strict=True)
        ]
        yield GAP.join(padded).rstrip()


def _render_records(columns: Sequence[_Column], rows: Iterator[list[str]], width: int) -> Iterator[str]:
    """Render each row as a list of variables and values, for tables that are too wide."""
    names = min(max(cell_len(column.name) for column in columns), max(width // 2 - len(GAP), 1))
    widths = (names, max(width - names - len(GAP), 1))
    left = [_Column("", 0), _Column("", 0)]
    for number, row in enumerate(rows, 1):
        yield f"-- {number} --"
        for column, cell in zip(columns, row, strict=True):
            if cell:
                yield from _render_row([column.name, cell], left, widths)


_MEASURE: Final = Console(file=None, width=80)


def _wrap(cell: str, width: int) -> list[str]:
    """Wrap a cell into lines, between words if possible."""
    if cell_len(cell) <= width:
        return [cell]
    return [line.plain.rstrip() for line in Text(cell).wrap(_MEASURE, width, overflow="fold")]
