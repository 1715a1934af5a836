"""The index of a release: what lists, addresses and suggestions need beside the statements, in one SQLite file.

It is written when the release is compiled (`index_writer`) and never changes. Opening it reads nothing of the sources,
and no look-up reads all of it.
"""

import json
import re
import sqlite3
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from publisher.dataset.files import File, parse_text
from publisher.dataset.identifiers import Retired
from publisher.dataset.iris import KINDS, Names
from publisher.dataset.repository import Repository
from publisher.release.change_log import ChangeLog
from publisher.release.columns import MOST
from publisher.release.name_index import FIRST, LAST, NameIndex

NAME: Final = "index.sqlite"
"""The name of the index in the folder of a compiled release."""
_KEYS: Final = ", ".join(f"key{place} INTEGER" for place in range(MOST))
SCHEMA: Final = f"""
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE source (path TEXT PRIMARY KEY, kind TEXT NOT NULL, graph TEXT NOT NULL, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE thing (
    number INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, slug TEXT NOT NULL, label TEXT NOT NULL,
    file TEXT NOT NULL);
CREATE INDEX thing_kind ON thing (kind, number);
CREATE INDEX thing_slug ON thing (slug);
CREATE TABLE part (thing TEXT NOT NULL, iri TEXT NOT NULL, PRIMARY KEY (thing, iri)) WITHOUT ROWID;
CREATE TABLE row (thing INTEGER PRIMARY KEY, cells TEXT NOT NULL);
CREATE VIRTUAL TABLE row_words USING fts5 (
    text, content = '', prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2');
CREATE TABLE sorted (thing INTEGER PRIMARY KEY, place INTEGER NOT NULL, {_KEYS});
CREATE TABLE facet_value (
    kind TEXT NOT NULL, facet TEXT NOT NULL, value TEXT NOT NULL, label TEXT NOT NULL, number INTEGER NOT NULL,
    iri TEXT NOT NULL, PRIMARY KEY (kind, facet, value)) WITHOUT ROWID;
CREATE TABLE facet (
    kind TEXT NOT NULL, facet TEXT NOT NULL, value TEXT NOT NULL, thing INTEGER NOT NULL,
    PRIMARY KEY (kind, facet, value, thing)) WITHOUT ROWID;
CREATE INDEX facet_thing ON facet (thing, facet, value);
CREATE TABLE retired (
    iri TEXT PRIMARY KEY, successor TEXT NOT NULL, withdrawn TEXT NOT NULL, why TEXT NOT NULL, tombstone TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE graph (iri TEXT PRIMARY KEY, triples INTEGER NOT NULL, partitions TEXT NOT NULL) WITHOUT ROWID;
"""
"""meta: the release, its address scheme, its context. source: the files that the release is made of; the text of those
that do not grow with the data. thing: numbered in the order of lists. part: what lies under the IRI of a thing. row:
the cells of a thing in the list of its kind (`columns`), as JSON; row_words: the words in it. sorted: the place of a
thing among all, by kind and in the order of its list, and its rank by each column; places and ranks of a kind are among
its numbers. facet: which things have a value of a column by which lists can be reduced. facet_value: that value, its
IRI where it has one, and the number of the things. The tables of names are in `name_index`."""
_DIGITS: Final = re.compile(r"\d+")
DEFINITION: Final = "definition"
CHECK: Final = "check"
QUESTION: Final = "question"
EXAMPLE: Final = "example"
DATA: Final = "data"
"""The kinds of sources. Definitions are the files of ontology and shapes."""


class Thing(NamedTuple):
    """A live thing that has a document of its own."""

    iri: str
    label: str


class Index:
    """The index of one compiled release.

    release: its identifier, the SHA-256 of its canonical N-Quads. key: the digest of all files that it was compiled
    from, queries and examples included; what is answered depends on it.

    folder: of the release. Raises sqlite3.Error where it cannot be opened.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        address = f"{(folder / NAME).resolve().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        self._meta = dict(self._rows("SELECT name, value FROM meta"))
        self.release: str = self._meta["release"]
        self.key: str = self._meta["key"]
        self.names = Names(self._meta["base"], json.loads(self._meta["vocabularies"]))
        self.by_name = NameIndex(self._connection)

    @property
    def root(self) -> Path:
        """The folder that the release was compiled from."""
        return Path(self._meta["root"])

    @cached_property
    def changes(self) -> ChangeLog:
        """The change log."""
        return ChangeLog(self._connection, self.find_retired)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _rows(self, query: str, *values: str | int) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()

    def select(self, query: str, *values: str | int) -> list[tuple[Any, ...]]:
        """Return the rows of a query in SQL, for modules that read tables of their own."""
        return self._rows(query, *values)

    def numbers(self, query: str, *values: str | int) -> "array[int]":
        """Return the numbers that a query in SQL selects, eight bytes each."""
        return array("q", (number for (number,) in self._connection.execute(query, values)))

    # What is published beside data

    @cached_property
    def context(self) -> Any:
        """The value of the published JSON-LD context."""
        return json.loads(self._meta["context"])["@context"]

    @property
    def about(self) -> str:
        """The text for the page about the data set, in Markdown; empty if there is none."""
        return str(self._meta["about"])

    @cached_property
    def questions(self) -> Sequence[tuple[str, str]]:
        """The competency questions as (path, text), in order."""
        return self._texts(QUESTION)

    @cached_property
    def examples(self) -> Mapping[str, str]:
        """The examples of the shapes: path -> text."""
        return dict(self._texts(EXAMPLE))

    @cached_property
    def definitions(self) -> Repository:
        """The repository without its data: ontology, shapes, checks, questions and context."""
        rows = self._rows("SELECT path, graph, text FROM source WHERE kind = ? ORDER BY path", DEFINITION)
        files = [_read_file(*row) for row in rows]
        checks, context = self._texts(CHECK), self._meta["context"]
        return Repository(Path(self._meta["root"]), self.names, files, context, checks, self.questions)

    def _texts(self, kind: str) -> list[tuple[str, str]]:
        return self._rows("SELECT path, text FROM source WHERE kind = ? ORDER BY path", kind)

    # Named graphs

    @cached_property
    def counts(self) -> tuple[int, int, int]:
        """The statements about the subject: in all, stated in files, and derived from these."""
        total, asserted, derived = json.loads(self._meta["counts"])
        return total, asserted, derived

    @cached_property
    def graphs(self) -> Sequence[tuple[str, int]]:
        """The named graphs as (IRI, triples), in order."""
        return self._rows("SELECT iri, triples FROM graph ORDER BY iri")

    def main_graphs(self) -> list[str]:
        """Return the IRIs of the graphs of which each has a tenth of what files state, or more."""
        query = (
            "SELECT iri FROM graph WHERE triples * 10 >= ? AND iri IN (SELECT graph FROM source WHERE kind = ?)"
            " ORDER BY iri"
        )
        return _first(self._rows(query, self.counts[1], DATA))

    @cached_property
    def partitions(self) -> Sequence[ox.Triple]:
        """Each named graph by property and by class (VoID, section 4.5)."""
        texts = (text for (text,) in self._rows("SELECT partitions FROM graph ORDER BY iri"))
        return _read_triples("".join(texts))

    # Things

    def things(self, kind: str = "", start: int = 0, limit: int = -1) -> list[Thing]:
        """Return live things in the order of lists: by kind, then by name.

        kind: empty for all. start: how many to leave out. limit: how many to return at most; -1 for all.
        """
        if kind:
            query = f"SELECT iri, label FROM thing WHERE kind = ? AND number >= {FIRST} + ? ORDER BY number LIMIT ?"  # noqa: S608
            return [Thing(*row) for row in self._rows(query, kind, kind, start, limit)]
        query = "SELECT iri, label FROM thing WHERE number >= ? ORDER BY number LIMIT ?"
        return [Thing(*row) for row in self._rows(query, start, limit)]

    @cached_property
    def kinds(self) -> Mapping[str, int]:
        """The kinds of things that there are, in order, with the number of things of each."""
        ends = (self._rows(f"SELECT {FIRST}, {LAST}", kind, kind)[0] for kind in sorted(KINDS))
        found = zip(sorted(KINDS), ends, strict=True)
        return {kind: last - first + 1 for kind, (first, last) in found if last is not None}

    def parts(self, thing: str) -> list[str]:
        """Return the parts of a thing that have statements, in order."""
        return _first(self._rows("SELECT iri FROM part WHERE thing = ? ORDER BY iri", thing))

    def is_stated(self, iri: str, thing: str) -> bool:
        """Whether the files describe a thing, or a part of it."""
        query = "SELECT 1 FROM thing WHERE iri = ? UNION ALL SELECT 1 FROM part WHERE thing = ? AND iri = ?"
        return bool(self._rows(query, iri, thing, iri))

    def count_incoming(self, thing: str) -> int:
        """Return the number of statements that point at a thing; 0 if there are not very many."""
        return sum(self.count_pointing(thing).values())

    def incoming(self, thing: str, start: int, limit: int) -> list[ox.Triple]:
        """Return some of the very many statements that point at a thing, by subject. start: how many to leave out."""
        query = (
            "SELECT subject, incoming_property.iri FROM thing JOIN incoming ON incoming.thing = thing.number"
            " JOIN incoming_property ON incoming_property.number = property"
            " WHERE thing.iri = ? AND place >= ? ORDER BY place LIMIT ?"
        )
        node = ox.NamedNode(thing)
        rows = self._rows(query, thing, start, limit)
        return [ox.Triple(ox.NamedNode(subject), ox.NamedNode(property_), node) for subject, property_ in rows]

    def find_hubs(self, limit: int) -> list[str]:
        """Return the IRIs of the things at which the most statements point, if there are very many."""
        query = (
            "SELECT thing.iri FROM incoming_property JOIN thing ON thing.number = thing"
            " GROUP BY thing ORDER BY sum(statements) DESC, thing LIMIT ?"
        )
        return _first(self._rows(query, limit))

    def count_pointing(self, thing: str) -> dict[str, int]:
        """Return the statements that point at a thing by property, where there are very many; else none."""
        query = (
            "SELECT incoming_property.iri, statements FROM thing"
            " JOIN incoming_property ON incoming_property.thing = thing.number WHERE thing.iri = ?"
        )
        return dict(self._rows(query, thing))

    def pointing(self, thing: str, property_: str, limit: int) -> list[str]:
        """Return the first of the very many things that point at a thing by a property."""
        query = (
            "SELECT subject FROM thing JOIN incoming_property ON incoming_property.thing = thing.number"
            " JOIN incoming ON property = incoming_property.number"
            " WHERE thing.iri = ? AND incoming_property.iri = ? ORDER BY place LIMIT ?"
        )
        return _first(self._rows(query, thing, property_, limit))

    def file_of(self, iri: str) -> str:
        """Return the path of the file that states what a thing is; empty if there is no such thing."""
        return next((file for (file,) in self._rows("SELECT file FROM thing WHERE iri = ?", iri)), "")

    def find_retired(self, iri: str) -> Retired | None:
        """Return what became of a retired IRI; None where it is not retired."""
        query = "SELECT successor, withdrawn, why, tombstone FROM retired WHERE iri = ?"
        for successor, withdrawn, why, tombstone in self._rows(query, iri):
            return Retired(successor, withdrawn, why, _read_triples(tombstone))
        return None


def natural(text: str) -> str:
    """The sort key of a text: without case, and numbers by their value (`H.26` before `H.2591`)."""
    return _DIGITS.sub(lambda digits: digits[0].zfill(12), text.casefold())


def _first(rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [row[0] for row in rows]


def _read_file(path: str, graph: str, text: str) -> File:
    found = parse_text(text, path)
    return replace(found, triples=list(dict.fromkeys(found.triples)), graph=graph)


def _read_triples(text: str) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)]
