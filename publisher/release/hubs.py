"""Hubs: the things at which very many statements point, and these statements, sorted, when a release is compiled."""

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf.canonical_quads import CanonicalQuads

VERY_MANY: Final = 1000
"""Statements that point at one thing and are not sorted for each request."""
COUNTED: Final = 50_000
"""Values that are counted at once."""
READ: Final = 1 << 20
"""Bytes of statements that are read at once."""
SCHEMA: Final = """
CREATE TABLE incoming (
    thing INTEGER NOT NULL, place INTEGER NOT NULL, subject TEXT NOT NULL, property INTEGER NOT NULL,
    PRIMARY KEY (thing, place)) WITHOUT ROWID;
CREATE TABLE incoming_property (
    number INTEGER PRIMARY KEY, thing INTEGER NOT NULL, iri TEXT NOT NULL, statements INTEGER NOT NULL,
    UNIQUE (thing, iri));
"""
"""incoming: the statements that point at a hub, in the order of N-Triples. incoming_property: how many there are by
property."""
_INDEX: Final = "CREATE INDEX incoming_by_property ON incoming (property, place)"


class Frequent:
    """Counts values in bounded memory; none that is frequent enough is forgotten (Misra and Gries, 1982)."""

    def __init__(self) -> None:
        self._counts: Counter[bytes] = Counter()
        self._forgotten = 0

    def add(self, values: Iterable[bytes]) -> None:
        """Count values."""
        self._counts.update(values)
        if len(self._counts) > COUNTED:
            least = sorted(self._counts.values())[len(self._counts) // 2]
            self._counts = Counter({value: n - least for value, n in self._counts.items() if n > least})
            self._forgotten += least

    def find(self, bound: int) -> list[bytes]:
        """Return, in order, all values that were counted more often than a bound, and perhaps some others."""
        return sorted(value for value, number in self._counts.items() if number + self._forgotten > bound)


def write_incoming(connection: sqlite3.Connection, store: ox.Store, objects: Iterable[bytes]) -> None:
    """Write the statements of the default graph that point at hubs.

    connection: of the index, whose things are written. objects: IRIs in angle brackets, all hubs among them.
    """
    totals: dict[tuple[int, str], list[int]] = {}
    for iri in (value[1:-1].decode() for value in objects if value[:1] == b"<"):
        found = connection.execute("SELECT number FROM thing WHERE iri = ?", (iri,)).fetchone()
        if found is not None and _count(store, iri) > VERY_MANY:
            rows = _number(found[0], _list_pointing(store, iri), totals)
            connection.executemany("INSERT INTO incoming VALUES (?, ?, ?, ?)", rows)
    numbered = ((number, *key, statements) for key, (number, statements) in totals.items())
    connection.executemany("INSERT INTO incoming_property VALUES (?, ?, ?, ?)", numbered)
    connection.execute(_INDEX)


def _number(
    thing: int, pointing: Iterable[Sequence[str]], totals: dict[tuple[int, str], list[int]]
) -> Iterator[tuple[int, int, str, int]]:
    """The rows of a hub. totals: gets the number of each of its properties, and of the statements with it."""
    for place, (subject, property_) in enumerate(pointing):
        total = totals.setdefault((thing, property_), [len(totals), 0])
        total[1] += 1
        yield thing, place, subject, total[0]


def _count(store: ox.Store, iri: str) -> int:
    result: Any = store.query(f"SELECT (COUNT(*) AS ?n) {{ ?subject ?property <{iri}> }}")
    return int(next(iter(result))[0].value)


def _list_pointing(store: ox.Store, iri: str) -> Iterator[Sequence[str]]:
    """The subject and property of each statement that points at a thing, without its own and those of its parts, in
    the order of N-Triples."""
    result: Any = store.query(f"SELECT ?subject ?property {{ ?subject ?property <{iri}> }}")
    own = (f"<{iri}>\t".encode(), f"<{iri}/".encode())
    with tempfile.TemporaryFile() as file, CanonicalQuads() as lines:
        result.serialize(file, format=ox.QueryResultsFormat.TSV)
        file.seek(0)
        file.readline()
        while text := b"".join(file.readlines(READ)):
            lines.add_lines(text)
        for line in chain.from_iterable(lines.blocks()):
            if line[:1] == b"<" and not line.startswith(own):
                yield line[1:-2].decode().split(">\t<")
