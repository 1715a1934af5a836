"""Tables: what a release states as CSV files with metadata (CSV on the Web), and as one SQLite file.

A kind of things is a table, and so is a class of their parts; a thing or a part is a row, and a property is a column. A
cell may have several values. A column whose values are IRIs has a second one with their names. What only links a thing
with its parts is left out: the table of the parts says what each belongs to.
"""

import csv
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from publisher.dataset.iris import KINDS, THING_PATH, Names
from publisher.rdf.labels import LABELS, choose_labels
from publisher.rdf.namespaces import RDF, VOCABULARY, XSD

SEPARATORS: Final = (" | ", " || ", " ||| ", "\n")
"""Between the values of a cell: in a column the first that no value has."""
METADATA: Final = "csv-metadata.json"
"""The file that describes the tables (Metadata Vocabulary for Tabular Data, section 5)."""
KEPT: Final = 10_000
"""Rows whose values are kept: all are read twice, first for the columns."""
OF: Final = "part_of"
"""The column of what a part belongs to."""
_TYPE: Final = ox.NamedNode(RDF + "type")
_DATATYPES: Final = {
    XSD + name: name
    for name in ("boolean", "date", "dateTime", "decimal", "double", "gYear", "gYearMonth", "integer", "anyURI")
}
"""The datatypes that the metadata names; values of others are strings (section 5.11.1)."""
_NAMES: Final = "_name"
"""The end of the name of a column with names."""
_FIRST: Final = ("acronym", "altLabel")
"""The columns on the left, after the label."""

Find = Callable[[ox.NamedNode | None, ox.NamedNode | None, ox.NamedNode | None], Iterator[ox.Triple]]
"""Finds the triples that match; None matches anything."""
Values = Mapping[str, Sequence[Any]]
"""The values of a row by property, in order."""


@dataclass
class Column:
    """A column.

    property_: its IRI. iris: whether its values are IRIs. several: whether a row has several of them. named: whether
    some of the IRIs have names. datatypes: of its literals, and languages with a leading `@`. separator: the number of
    the separator.
    """

    property_: str
    name: str = ""
    iris: bool = False
    several: bool = False
    named: bool = False
    datatypes: set[str] = field(default_factory=set)
    separator: int = 0

    def note(self, values: Sequence[Any], label: Callable[[Any], str]) -> None:
        """Note what the values of one cell have."""
        names = [label(value) for value in values]
        self.several |= len(values) > 1
        self.iris |= any(map(_is_iri, values))
        self.named |= any(names)
        self.datatypes |= {_describe_literal(value) for value in values if isinstance(value, ox.Literal)}
        texts = [*(value.value for value in values), *names] if len(values) > 1 else []
        while any(SEPARATORS[self.separator] in text for text in texts) and self.separator < len(SEPARATORS) - 1:
            self.separator += 1

    def join(self, texts: Iterable[str]) -> str:
        """Write the texts of one cell."""
        return SEPARATORS[self.separator].join(texts)


@dataclass
class Table:
    """A table. iris: of its rows, in order. parts: whether the rows are parts of things. columns: in order."""

    name: str
    class_: str
    iris: Sequence[str]
    parts: bool
    columns: Sequence[Column] = ()

    @property
    def header(self) -> list[str]:
        """The names of the columns."""
        pairs = ([column.name, column.name + _NAMES] if column.named else [column.name] for column in self.columns)
        return ["iri", "label", *([OF, OF + _NAMES] if self.parts else []), *(name for pair in pairs for name in pair)]


class Tables:
    """The tables of a release.

    find: finds statements about the subject. stated: those of them that are stated, and not derived.
    """

    def __init__(self, find: Find, stated: Find, names: Names) -> None:
        self._find = find
        self._stated = stated
        self._names = names
        self._prefixes = {namespace: prefix for prefix, namespace in names.prefixes.items()}
        self._labels: dict[str, str] = {}
        self._rows: dict[str, Values] = {}
        self.tables = [table for table in self._list_tables() if table.iris]
        for table in self.tables:
            table.columns = self._list_columns(table)

    def _list_tables(self) -> Iterator[Table]:
        """The tables without their columns: those of kinds of things, then those of parts."""
        for kind, class_ in KINDS.items():
            start = self._names.iri(f"{THING_PATH}{kind}/")
            found = [iri for iri in self._list_instances(class_) if iri.startswith(start)]
            yield Table(kind, class_, [iri for iri in found if self._names.thing(iri) == iri], parts=False)
        for class_, iris in sorted(self._sort_parts().items()):
            yield Table(_write_name(class_), class_, iris, parts=True)

    def _sort_parts(self) -> dict[str, list[str]]:
        """The parts of things by class; one of several classes by the first of the vocabulary, or else of all."""
        classes: dict[str, list[str]] = defaultdict(list)
        for triple in self._stated(None, _TYPE, None):
            part, class_ = triple.subject, triple.object
            is_named = isinstance(part, ox.NamedNode) and isinstance(class_, ox.NamedNode)
            if is_named and self._names.thing(part.value) not in (None, part.value):  # type: ignore[union-attr]
                classes[part.value].append(class_.value)  # type: ignore[union-attr]
        found: dict[str, list[str]] = defaultdict(list)
        for iri in sorted(classes):
            found[min(classes[iri], key=lambda class_: (not class_.startswith(VOCABULARY), class_))].append(iri)
        return found

    def _list_instances(self, class_: str) -> list[str]:
        subjects = (triple.subject for triple in self._stated(None, _TYPE, ox.NamedNode(class_)))
        return sorted({term.value for term in subjects if isinstance(term, ox.NamedNode)})

    def _list_columns(self, table: Table) -> list[Column]:
        columns: dict[str, Column] = {}
        for iri in table.iris:
            for property_, values in self._read(iri).items():
                columns.setdefault(property_, Column(property_)).note(values, self._label)
        self._name_columns(columns.values())
        order = {name: number for number, name in enumerate(_FIRST)}
        return sorted(columns.values(), key=lambda column: (order.get(column.name, len(order)), column.name))

    def _name_columns(self, columns: Iterable[Column]) -> None:
        """Name columns by the local names of their properties, with the prefix where a name is not the only one."""
        by_name: dict[str, list[Column]] = defaultdict(list)
        for column in columns:
            by_name[re.sub(r"\W", "_", _local(column.property_)) or "value"].append(column)
        for name, same in by_name.items():
            for column in same:
                namespace = column.property_.removesuffix(_local(column.property_))
                taken = len(same) > 1 or name in ("iri", "label", OF)
                column.name = f"{self._prefixes.get(namespace, 'other')}_{name}" if taken else name

    def _read(self, iri: str) -> Values:
        """The values of a subject by property, in order, without its types, its label and its parts."""
        if iri in self._rows:
            return self._rows[iri]
        found: dict[str, list[Any]] = defaultdict(list)
        for triple in self._stated(ox.NamedNode(iri), None, None):
            part = isinstance(triple.object, ox.NamedNode) and triple.object.value.startswith(iri + "/")
            if triple.predicate not in (_TYPE, LABELS[0]) and not part:
                found[triple.predicate.value].append(triple.object)
        values = {property_: sorted(dict.fromkeys(values), key=str) for property_, values in found.items()}
        if len(self._rows) < KEPT:
            self._rows[iri] = values
        return values

    def _label(self, term: Any) -> str:
        """The name of an IRI; empty where it has none, and for a literal."""
        if not isinstance(term, ox.NamedNode):
            return ""
        if term.value not in self._labels:
            stated = (triple for property_ in LABELS for triple in self._find(term, property_, None))
            self._labels[term.value] = choose_labels(stated).get(term, "")
        return self._labels[term.value]

    def _row(self, table: Table, iri: str, values: Values) -> list[str]:
        row = [iri, self._label(ox.NamedNode(iri))]
        if table.parts:
            whole = self._names.thing(iri) or ""
            row += [whole, self._label(ox.NamedNode(whole))]
        for column in table.columns:
            cell = values.get(column.property_, [])
            row.append(column.join(value.value for value in cell))
            if column.named:
                row.append(column.join(map(self._label, cell)))
        return row

    # Files

    def write(self, folder: Path, database: Path, about: Mapping[str, Any]) -> list[Path]:
        """Write each table as CSV (RFC 4180) and the metadata of all into a folder, and all into one SQLite file.

        about: what the metadata says of the whole. Returns the paths of the files in the folder.
        """
        connection = sqlite3.connect(database)
        connection.execute("PRAGMA journal_mode = OFF")
        paths = [folder / f"{table.name}.csv" for table in self.tables]
        for table, path in zip(self.tables, paths, strict=True):
            self._write_table(table, path, connection)
        connection.commit()
        connection.close()
        described = {"@context": "http://www.w3.org/ns/csvw", **about, "tables": list(map(_describe, self.tables))}
        metadata = folder / METADATA
        metadata.write_text(json.dumps(described, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return [*paths, metadata]

    def _write_table(self, table: Table, path: Path, connection: sqlite3.Connection) -> None:
        """Write one table; in SQLite each value of a column with several is a row of a table of its own."""
        insert = _create(connection, table.name, table.header, "iri")
        several = [column for column in table.columns if column.several]
        add = [_create(connection, f"{table.name}_{c.name}", ["iri", "value", "name"], "iri, value") for c in several]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(table.header)
            for iri in table.iris:
                values = self._read(iri)
                row = self._row(table, iri, values)
                writer.writerow(row)
                connection.execute(insert, row)
                for column, command in zip(several, add, strict=True):
                    cell = values.get(column.property_, [])
                    connection.executemany(command, [(iri, value.value, self._label(value)) for value in cell])


def _create(connection: sqlite3.Connection, name: str, header: Sequence[str], key: str) -> str:
    """Create a table in SQLite, and return the command that inserts a row."""
    columns = ", ".join(f'"{column}" TEXT NOT NULL' for column in header)
    connection.execute(f'CREATE TABLE "{name}" ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID')
    places = ", ".join("?" * len(header))
    return f'INSERT OR IGNORE INTO "{name}" VALUES ({places})'  # noqa: S608 - the name is made of local names


def _is_iri(term: Any) -> bool:
    return isinstance(term, ox.NamedNode)


def _local(iri: str) -> str:
    return re.split("[#/]", iri)[-1]


def _write_name(class_: str) -> str:
    """The local name of a class as the name of a table: `PurposeStatement` is `purpose_statement`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|\W", "_", _local(class_)).lower()


def _describe_literal(literal: ox.Literal) -> str:
    return f"@{literal.language}" if literal.language else literal.datatype.value


def _describe(table: Table) -> dict[str, Any]:
    """A table in the metadata."""
    silent: dict[str, Any] = {"suppressOutput": True}
    columns = [{"name": "iri", "titles": "iri", "datatype": "anyURI", "required": True, **silent}]
    columns += [{"name": name, "titles": name, **silent} for name in table.header[1 : 4 if table.parts else 2]]
    for column in table.columns:
        columns.append(_describe_column(column))
        if column.named:
            separated = {"separator": SEPARATORS[column.separator]} if column.several else {}
            columns.append({"name": column.name + _NAMES, "titles": column.name + _NAMES, **separated, **silent})
    schema = {"aboutUrl": "{+iri}", "primaryKey": "iri", "columns": columns}
    return {"url": f"{table.name}.csv", "tableSchema": schema}


def _describe_column(column: Column) -> dict[str, Any]:
    """A column in the metadata: its datatype and language where all its values have the same."""
    found: dict[str, Any] = {"name": column.name, "titles": column.name, "propertyUrl": column.property_}
    only = next(iter(column.datatypes)) if len(column.datatypes) == 1 and not column.iris else ""
    if column.iris and not column.datatypes:
        found |= {"datatype": "anyURI"} if column.several else {"valueUrl": f"{{+{column.name}}}"}
    elif only.startswith("@"):
        found |= {"lang": only[1:]}
    else:
        found |= {"datatype": _DATATYPES.get(only, "string")}
    return found | ({"separator": SEPARATORS[column.separator]} if column.several else {})
