"""Tables: a column of names in a CSV file becomes columns of IRIs, labels and scores."""

import codecs
import csv
import io
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from publisher.errors import CannotRunError
from publisher.release.finder import Finder, choose_certain
from publisher.suggestions import suggest

DELIMITERS: Final = (",", ";", "\t", "|")
COLUMNS: Final = ("uri", "label", "score", "sure")
"""What is written beside a column, after its name and a space."""
MOST: Final = 256 << 20
"""Bytes of a table."""
CELL: Final = 1 << 20
"""Characters of one cell."""
_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks -> the encodings that they announce; that of UTF-32 begins as that of UTF-16."""


class Table(NamedTuple):
    """A table as it was read. name: of its file, for messages."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    delimiter: str
    line_end: str


class Outcome(NamedTuple):
    """How many rows were matched: surely, with candidates to check, and not at all."""

    sure: int
    unsure: int
    strangers: int


def decode(data: bytes, name: str, encoding: str = "") -> str:
    """Return the text of a file. encoding: UTF-8 unless given or announced by a byte order mark.

    Raises CannotRunError, with the line and the column of the first byte that the encoding does not have.
    """
    chosen = encoding or next((known for mark, known in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        codecs.lookup(chosen)
        return data.decode(chosen)
    except LookupError:
        raise CannotRunError(f"There is no encoding {encoding!r}. Examples: utf-8, utf-16, cp1252, latin-1.") from None
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        place = f"{name}, line {line}, byte {column}: 0x{data[error.start]:02X} is not {chosen}"
        raise CannotRunError(f"{place}. Name the encoding of the file, for example --encoding cp1252.") from None


def read_table(text: str, name: str, column: str, delimiter: str = "") -> Table:
    """Read CSV (RFC 4180). The delimiter is the one that makes a header with the column, unless it is given.

    Raises CannotRunError where the file has no rows or no such column, or is not CSV; it names the line.
    """
    if "\0" in text.partition("\n")[0]:
        raise CannotRunError(
            f"{name}: the first line has NUL characters, as text in UTF-16 has. Name the encoding of the file, "
            "for example --encoding utf-16-le."
        )
    tables, problems = [], []
    for each in [delimiter] if delimiter else DELIMITERS:
        try:
            tables.append(_parse(text, name, each))
        except CannotRunError as error:
            problems.append(error)
    found = next((table for table in tables if column in table.header), None)
    if found is None:
        raise problems[0] if problems else _miss_column(tables, name, column)
    if found.header.count(column) > 1:
        raise CannotRunError(f"{name} has {found.header.count(column)} columns {column!r}. Rename all but one.")
    _check_rows(found)
    return found


def _miss_column(tables: Sequence[Table], name: str, column: str) -> CannotRunError:
    """The error of a table without a column. tables: by each delimiter; the one with the most columns is right."""
    likeliest = max(tables, key=lambda table: len(table.header))
    near = suggest(column, likeliest.header)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    known = ", ".join(map(repr, likeliest.header))
    return CannotRunError(f"{name} has no column {column!r}.{meant} Columns: {known}.")


def _parse(text: str, name: str, delimiter: str) -> Table:
    csv.field_size_limit(CELL)
    line_end = "\r\n" if "\r\n" in text[:CELL] else "\n"
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next(reader, None)
        rows = list(reader)
    except csv.Error as error:
        raise CannotRunError(f"{name}, line {reader.line_num}: not valid CSV: {error}.") from None
    if not header:
        raise CannotRunError(f"{name} is empty: its first line must name the columns.")
    return Table(name, [cell.strip() for cell in header], rows, delimiter, line_end)


def _check_rows(table: Table) -> None:
    for number, row in enumerate(table.rows, 2):
        if len(row) > len(table.header):
            sizes = f"{len(row)} cells; the header has {len(table.header)}"
            raise CannotRunError(f"{table.name}, row {number}: {sizes}. Quote cells that have the delimiter in them.")


def reconcile_table(
    table: Table, column: str, finder: Finder, kinds: frozenset[str], report: Callable[[int, int], None]
) -> tuple[str, Outcome]:
    """Return a table as CSV with four columns more (`COLUMNS`), and how many rows were matched.

    Columns that an earlier run has written are written anew. report: called with the rows that are done, and all.
    """
    place = table.header.index(column)
    added = [f"{column} {name}" for name in COLUMNS]
    kept = [number for number, name in enumerate(table.header) if name not in added]
    find = lru_cache(maxsize=1 << 16)(lambda text: _find(text, finder, kinds))
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=table.delimiter, lineterminator=table.line_end)
    writer.writerow([*(table.header[number] for number in kept), *added])
    counts = [0, 0, 0]
    for number, row in enumerate(table.rows):
        report(number, len(table.rows))
        cells = [*row, *[""] * (len(table.header) - len(row))]
        found = find(cells[place].strip())
        counts[0 if found[3] == "yes" else 1 if found[0] else 2] += 1
        writer.writerow([*(cells[each] for each in kept), *found])
    return out.getvalue(), Outcome(*counts)


def _find(text: str, finder: Finder, kinds: frozenset[str]) -> tuple[str, str, str, str]:
    """The cells for one name: the IRI and the label of the best candidate, its score, and whether it is sure."""
    found = finder.find(text, kinds) if text else []
    if not found:
        return "", "", "", ""
    best = choose_certain(found) or found[0]
    sure = choose_certain(found) is not None
    return best.iri, best.label, f"{100 * best.score:.1f}", "yes" if sure else "no"
