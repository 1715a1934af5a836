"""Writing lists: computes the columns and facets of lists when a release is compiled, into tables of the index."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import pyoxigraph as ox

from publisher.dataset.iris import KINDS, THING_PATH, Names
from publisher.rdf.labels import LABELS, choose_labels
from publisher.rdf.namespaces import compact
from publisher.release.columns import COLUMNS, ORDER, PREFIXES, Column

LABELLED: Final = 100_000
"""Labels of values that are kept while a release is compiled."""
VALUES: Final = 500
"""Values of a facet, at most: a column with more is no facet, and its rows are found by their words."""
WORKING: Final = (
    "CREATE TEMP TABLE cell (thing INTEGER NOT NULL, place INTEGER NOT NULL, text TEXT NOT NULL, iri TEXT);"
)


class ListWriter:
    """Writes the lists of a release.

    Args:
        connection: Of the index, whose things are written. It knows the function `sort_key`.
        store: The store of the release, with its derived statements.
    """

    def __init__(self, connection: sqlite3.Connection, store: ox.Store, names: Names) -> None:
        self._connection = connection
        self._store = store
        self._names = names
        self._label = _make_label(store, names)

    def write(self) -> None:
        """Write the rows, the keys by which they are sorted, the facets and the words of every list."""
        self._connection.executescript(WORKING)
        for kind in KINDS:
            columns = COLUMNS.get(kind, ())
            for place, column in enumerate(columns):
                cells = self._count(kind, column) if column.counts else self._find(kind, column)
                rows = ((thing, place, text, iri) for thing, text, iri in cells)
                self._connection.executemany("INSERT INTO cell VALUES (?, ?, ?, ?)", rows)
            self._write_rows(kind, len(columns))
            self._write_keys(kind, columns)
            self._write_facets(kind, columns)
            self._connection.execute("DELETE FROM cell")
        self._connection.execute("DROP TABLE cell")

    def _select(self, kind: str, query: str) -> Iterator[tuple[int, Any]]:
        """The number of each thing of a kind that a query selects, with what else it selects."""
        result: Any = self._store.query(PREFIXES + query)
        start = f"{self._names.base}{THING_PATH}{kind}/"
        find = "SELECT number FROM thing WHERE iri = ?"
        for solution in result:
            thing, value = solution[0], solution[1]
            if isinstance(thing, ox.NamedNode) and thing.value.startswith(start):
                for (number,) in self._connection.execute(find, (thing.value,)):
                    yield number, value

    def _count(self, kind: str, column: Column) -> Iterator[tuple[int, str, str]]:
        """How many values each thing has in a column."""
        query = f"SELECT ?thing (COUNT(DISTINCT ?value) AS ?n) {{ {column.pattern} }} GROUP BY ?thing"
        for number, value in self._select(kind, query):
            yield number, value.value, ""

    def _find(self, kind: str, column: Column) -> Iterator[tuple[int, str, str]]:
        """The values that each thing has in a column, as (number of the thing, text, IRI or empty)."""
        for number, value in self._select(kind, f"SELECT DISTINCT ?thing ?value {{ {column.pattern} }}"):
            if isinstance(value, ox.Literal):
                yield number, value.value, ""
            elif isinstance(value, ox.NamedNode):
                yield number, self._label(value.value), value.value

    def _write_rows(self, kind: str, columns: int) -> None:
        """Write the cells of each thing, and the words by which its row is found."""
        query = (
            "SELECT number, label, (SELECT group_concat(text, ' ') FROM name WHERE name.thing = number) FROM thing"
            " WHERE kind = ? ORDER BY number"
        )
        cells = self._connection.execute(
            "SELECT thing, place, text, iri FROM cell ORDER BY thing, place, sort_key(text)"
        )
        groups = groupby(cells, key=itemgetter(0))
        following = next(groups, None)
        for number, label, names in self._connection.execute(query, (kind,)):
            row: list[list[tuple[str, str]]] = [[] for _ in range(columns)]
            if following is not None and following[0] == number:
                for _, place, text, iri in following[1]:
                    row[place].append((text, iri))
                following = next(groups, None)
            words = " ".join([label, names or "", *(text for cell in row for text, _ in cell)])
            self._connection.execute("INSERT INTO row VALUES (?, ?)", (number, json.dumps(row, ensure_ascii=False)))
            self._connection.execute("INSERT INTO row_words (rowid, text) VALUES (?, ?)", (number, words))

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
                f" {first}) AS rank FROM cell WHERE place = ? GROUP BY thing) AS ranked"
                " WHERE ranked.thing = sorted.thing",
                (place,),
            )
        places = {column.name: place for place, column in enumerate(found)}
        order = [
            f"key{places[name.lstrip('-')]} IS NULL, key{places[name.lstrip('-')]}{' DESC' if name[0] == '-' else ''}"
            for name in ORDER.get(kind, ())
        ]
        if order:
            self._connection.execute(
                "UPDATE sorted SET place = ranked.place FROM (SELECT thing, row_number() OVER (ORDER BY"  # noqa: S608
                f" {', '.join([*order, 'thing'])}) AS place FROM sorted JOIN thing ON thing.number = sorted.thing"
                " WHERE kind = ?) AS ranked WHERE ranked.thing = sorted.thing",
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
            for (iri, text, number), slug in zip(values, slugs, strict=True):
                facet = (kind, column.name, slug)
                self._connection.execute("INSERT INTO facet_value VALUES (?, ?, ?, ?, ?)", (*facet, text, number))
                self._connection.execute(
                    "INSERT INTO facet SELECT ?, ?, ?, thing FROM cell WHERE place = ? AND iri = ? AND text = ?",
                    (*facet, place, iri, text),
                )


def _make_label(store: ox.Store, names: Names) -> Callable[[str], str]:
    """Return what names an IRI. It refers to no writer: a cycle would keep the store open after it is written."""

    @lru_cache(LABELLED)
    def label(iri: str) -> str:
        node = ox.NamedNode(iri)
        named = (quad.triple for label in LABELS for quad in store.quads_for_pattern(node, label, None, None))
        return choose_labels(named).get(node) or compact(iri, names.vocabularies)

    return label


def name_values(values: list[tuple[str, str]]) -> list[str]:
    """Return the names of the values of a facet in addresses, each once: the last part of an IRI, else the text.

    Where two values have the same last part, both get their whole IRI.
    """
    short = [iri.rpartition("#")[2].rstrip("/").rpartition("/")[2] or iri if iri else text for iri, text in values]
    times = Counter(short)
    return [name if times[name] == 1 else iri or text for name, (iri, text) in zip(short, values, strict=True)]
