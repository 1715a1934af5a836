"""Writing lists: computes the columns and facets of lists when a release is compiled, into tables of the index."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Final

import pyoxigraph as ox

from publisher.dataset.iris import KINDS, THING_PATH, Names
from publisher.rdf.labels import choose_labels
from publisher.rdf.namespaces import make_compact
from publisher.release.columns import COLUMNS, ORDER, PREFIXES, Column
from publisher.release.index import natural

LABELLED: Final = 100_000
"""Labels of values that are kept while a release is compiled."""
HELD: Final = 10_000
"""Rows that are held before they are written."""
VALUES: Final = 500
"""Values of a facet, at most: a column with more is no facet, and its rows are found by their words."""
WORKING: Final = """
CREATE TEMP TABLE value (
    kind TEXT NOT NULL, thing TEXT NOT NULL, place INTEGER NOT NULL, text TEXT, iri TEXT NOT NULL);
CREATE TEMP TABLE cell (thing INTEGER NOT NULL, place INTEGER NOT NULL, text TEXT NOT NULL, iri TEXT NOT NULL);
CREATE TEMP TABLE slug (iri TEXT NOT NULL, text TEXT NOT NULL, slug TEXT NOT NULL, PRIMARY KEY (iri, text));
"""
"""value: what queries found; without a text where it is an IRI, which is named by its label. cell: the same, for the
numbers of things. slug: the names of the values of one facet."""
_CELLS: Final = """
INSERT INTO cell SELECT number, place, coalesce(value.text, label.text, label_of(value.iri)), value.iri
    FROM value CROSS JOIN thing ON thing.iri = value.thing LEFT JOIN label ON label.iri = value.iri
    WHERE value.kind = ? ORDER BY value.rowid
"""
_Value = tuple[str, str, str | None, str]
"""A value of a thing: the kind and the IRI of the thing; a text, or None and the IRI of a thing."""
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False).encode


class ListWriter:
    """Writes the lists of a release.

    Args:
        connection: Of the index, whose things are written, with their labels in the table `label`. It knows the
            function `sort_key`.
        store: The store of the release, with its derived statements.
    """

    def __init__(self, connection: sqlite3.Connection, store: ox.Store, names: Names) -> None:
        self._connection = connection
        self._store = store
        self._names = names
        connection.create_function("label_of", 1, _make_label(store, names))

    def write(self) -> None:
        """Write the rows, the keys by which they are sorted, the facets and the words of every list."""
        self._connection.executescript(WORKING)
        self._write_values()
        for kind in KINDS:
            columns = COLUMNS.get(kind, ())
            self._write_cells(kind)
            self._write_rows(kind, len(columns))
            self._write_keys(kind, columns)
            self._write_facets(kind, columns)
        self._connection.execute("CREATE UNIQUE INDEX sorted_place ON sorted (place)")
        for place in range(max(map(len, COLUMNS.values()))):
            self._connection.execute(f"CREATE INDEX sorted_key{place} ON sorted (key{place}, place)")
        self._connection.create_function("label_of", 1, None)  # It refers to the store.

    def _write_values(self) -> None:
        """Write the values of all things in all columns. Columns of several kinds may have the same pattern."""
        uses: dict[tuple[str, bool], dict[str, list[int]]] = {}
        for kind, columns in COLUMNS.items():
            for place, column in enumerate(columns):
                uses.setdefault((column.pattern, column.counts), {}).setdefault(kind, []).append(place)
        for (pattern, counts), used in uses.items():
            found = self._count(pattern) if counts else self._find(pattern)
            rows = ((kind, thing, place, text, iri) for kind, thing, text, iri in found for place in used.get(kind, ()))
            self._connection.executemany("INSERT INTO value VALUES (?, ?, ?, ?, ?)", rows)
        self._connection.execute("CREATE INDEX temp.value_kind ON value (kind)")

    def _select(self, query: str) -> Iterator[tuple[str, str, Any]]:
        """The kind and the IRI of each thing that a query selects, with what else it selects."""
        result: Any = self._store.query(PREFIXES + query)
        start = f"{self._names.base}{THING_PATH}"
        for thing, value in result:
            if isinstance(thing, ox.NamedNode) and thing.value.startswith(start):
                yield thing.value[len(start) :].partition("/")[0], thing.value, value

    def _count(self, pattern: str) -> Iterator[_Value]:
        """How many values each thing has in a column."""
        query = f"SELECT ?thing (COUNT(DISTINCT ?value) AS ?n) {{ {pattern} }} GROUP BY ?thing"
        for kind, thing, value in self._select(query):
            yield kind, thing, value.value, ""

    def _find(self, pattern: str) -> Iterator[_Value]:
        """The values that each thing has in a column."""
        for kind, thing, value in self._select(f"SELECT DISTINCT ?thing ?value {{ {pattern} }}"):
            if isinstance(value, ox.Literal):
                yield kind, thing, value.value, ""
            elif isinstance(value, ox.NamedNode):
                yield kind, thing, None, value.value

    def _write_cells(self, kind: str) -> None:
        """Write the values that were found for the things of a kind, with their labels."""
        self._connection.execute("DELETE FROM cell")
        self._connection.execute(_CELLS, (kind,))

    def _write_rows(self, kind: str, columns: int) -> None:
        """Write the cells of each thing, and the words by which its row is found."""
        rows = self._list_rows(kind, columns)
        while some := list(islice(rows, HELD)):
            cells = ((number, _ENCODE(row)) for number, row, _ in some)
            self._connection.executemany("INSERT INTO row VALUES (?, ?)", cells)
            words = ((number, words) for number, _, words in some)
            self._connection.executemany("INSERT INTO row_words (rowid, text) VALUES (?, ?)", words)

    def _list_rows(self, kind: str, columns: int) -> Iterator[tuple[int, list[list[tuple[str, str]]], str]]:
        """The number of each thing of a kind, its cells, and its words."""
        query = (
            "SELECT number, label, (SELECT group_concat(text, ' ') FROM name WHERE name.thing = number) FROM thing"
            " WHERE kind = ? ORDER BY number"
        )
        cells = self._connection.execute("SELECT thing, place, text, iri FROM cell ORDER BY thing, rowid")
        groups = groupby(cells, key=itemgetter(0))
        following = next(groups, None)
        for number, label, names in self._connection.execute(query, (kind,)):
            row: list[list[tuple[str, str]]] = [[] for _ in range(columns)]
            if following is not None and following[0] == number:
                for _, place, text, iri in following[1]:
                    row[place].append((text, iri))
                for values in row:
                    if len(values) > 1:
                        values.sort(key=lambda value: natural(value[0]))
                following = next(groups, None)
            yield number, row, " ".join([label, names or "", *(text for cell in row for text, _ in cell)])

    def _write_keys(self, kind: str, columns: Iterable[Column]) -> None:
        """Write the place of each thing when its list is sorted by a column, and its place in the list as it is."""
        self._connection.execute(
            "INSERT INTO sorted (thing, place) SELECT number, number FROM thing WHERE kind = ?", (kind,)
        )
        found = list(columns)
        for place, column in enumerate(found):
            first = "printf('%09d', count(*)) || sort_key(min(text))" if column.ranks else "sort_key(min(text))"
            self._connection.execute(
                f"UPDATE sorted SET key{place} = ranked.rank FROM (SELECT thing, dense_rank() OVER (ORDER BY"  # noqa: S608
                f" {first}) - 1 + (SELECT min(number) FROM thing WHERE kind = ?) AS rank"
                " FROM cell WHERE place = ? GROUP BY thing) AS ranked WHERE ranked.thing = sorted.thing",
                (kind, place),
            )
        places = {column.name: place for place, column in enumerate(found)}
        order = [
            f"key{places[name.lstrip('-')]} IS NULL, key{places[name.lstrip('-')]}{' DESC' if name[0] == '-' else ''}"
            for name in ORDER.get(kind, ())
        ]
        if order:
            self._connection.execute(
                "UPDATE sorted SET place = ranked.place FROM (SELECT thing, row_number() OVER (ORDER BY"  # noqa: S608
                f" {', '.join([*order, 'thing'])}) - 1 + min(thing) OVER () AS place FROM sorted JOIN thing"
                " ON thing.number = sorted.thing WHERE kind = ?) AS ranked WHERE ranked.thing = sorted.thing",
                (kind,),
            )

    def _write_facets(self, kind: str, columns: Iterable[Column]) -> None:
        """Write which things have which value of the columns that are facets, and how many have each."""
        for place, column in enumerate(columns):
            if not column.facet:
                continue
            query = (
                "SELECT iri, text, count(*) FROM cell WHERE place = ? GROUP BY iri, text ORDER BY sort_key(text), iri"
            )
            values = self._connection.execute(query, (place,)).fetchmany(VALUES + 1)
            if len(values) > VALUES:
                continue
            slugs = name_values([(iri, text) for iri, text, _ in values])
            rows = [
                (kind, column.name, slug, text, number, iri)
                for slug, (iri, text, number) in zip(slugs, values, strict=True)
            ]
            self._connection.executemany("INSERT INTO facet_value VALUES (?, ?, ?, ?, ?, ?)", rows)
            named = [(iri, text, slug) for slug, (iri, text, _) in zip(slugs, values, strict=True)]
            self._connection.execute("DELETE FROM slug")
            self._connection.executemany("INSERT INTO slug VALUES (?, ?, ?)", named)
            self._connection.execute(
                "INSERT INTO facet SELECT ?, ?, slug, thing FROM cell JOIN slug USING (iri, text) WHERE place = ?"
                " ORDER BY slug, thing",
                (kind, column.name, place),
            )


def _make_label(store: ox.Store, names: Names) -> Callable[[str], str]:
    """Return what names an IRI. It refers to no writer: a cycle would keep the store open after it is written."""
    short = make_compact(names.vocabularies)

    @lru_cache(LABELLED)
    def label(iri: str) -> str:
        node = ox.NamedNode(iri)
        stated = (quad.triple for quad in store.quads_for_pattern(node, None, None, None))
        return choose_labels(stated).get(node) or short(iri)

    return label


def name_values(values: list[tuple[str, str]]) -> list[str]:
    """Return the names of the values of a facet in addresses, each once: the last part of an IRI, else the text.

    Where two values have the same last part, both get their whole IRI.
    """
    short = [iri.rpartition("#")[2].rstrip("/").rpartition("/")[2] or iri if iri else text for iri, text in values]
    times = Counter(short)
    return [name if times[name] == 1 else iri or text for name, (iri, text) in zip(short, values, strict=True)]
