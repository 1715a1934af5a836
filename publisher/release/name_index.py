"""The index of names: what things are called, their numbers and addresses, and the sentences that tell about them.

Look-ups return candidates; `finder` compares them with a text. Every look-up is bounded, whatever the text.
"""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple

SCHEMA: Final = """
CREATE TABLE name (
    number INTEGER PRIMARY KEY, thing INTEGER NOT NULL, type TEXT NOT NULL, folded TEXT NOT NULL, plain TEXT NOT NULL,
    spelled TEXT NOT NULL, text TEXT NOT NULL);
CREATE VIRTUAL TABLE letters USING fts5 (plain, content = 'name', content_rowid = 'number', tokenize = 'trigram');
CREATE VIRTUAL TABLE spellings USING fts5 (spelled, content = 'name', content_rowid = 'number', tokenize = 'unicode61');
CREATE TABLE passage (
    number INTEGER PRIMARY KEY, thing INTEGER NOT NULL, text TEXT NOT NULL, stems TEXT NOT NULL);
CREATE VIRTUAL TABLE passages USING fts5 (
    stems, content = 'passage', content_rowid = 'number', tokenize = 'unicode61');
CREATE TABLE frequency (
    kind TEXT NOT NULL, term TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (kind, term)) WITHOUT ROWID;
CREATE TABLE identifier (
    key TEXT NOT NULL, thing INTEGER NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (key, thing, type, value)) WITHOUT ROWID;
CREATE TABLE former (number INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE);
"""
"""name: with its type, one of those below, and the forms in which it is compared (`matching.spellings`); `thing` is
negative for retired things, which are in `former`. passage: texts about a thing, the one that tells most first.
frequency: in how many rows of a full-text table a term is. identifier: by the keys of `matching.numbers` and
`matching.addresses`."""
INDEXES: Final = """
CREATE INDEX name_thing ON name (thing);
CREATE INDEX name_folded ON name (folded);
CREATE INDEX name_spelled ON name (spelled);
CREATE INDEX passage_thing ON passage (thing, number);
"""
"""Made when the tables are filled, which is faster."""
LETTERS: Final = "letters"
SPELLINGS: Final = "spellings"
PASSAGES: Final = "passages"
"""The full-text tables, and the kinds of terms in `frequency`."""

PREFERRED: Final = "preferred"
TITLE: Final = "title"
ALTERNATIVE: Final = "alternative"
FORMER: Final = "former"
ACRONYM: Final = "acronym"
PART: Final = "part"
SLUG: Final = "slug"
INITIALS: Final = "initials"
"""Types of names: a part of a name, the slug and the initials alone never identify a thing."""
SITE: Final = "site"
ADDRESS: Final = "address"
ACCOUNT: Final = "account"
NUMBER: Final = "number"
SAME: Final = "same"
CLOSE: Final = "close"
BROADER: Final = "broader"
NARROWER: Final = "narrower"
RELATED: Final = "related"
CODE: Final = "code"
"""Types of identifiers: of the thing itself, down to `same`; the others are of something
else that it has to do with."""

CANDIDATES: Final = 200
"""Names that a text is compared with, from each look-up."""
BUDGET: Final = 20_000
"""Rows that the terms of a full-text query may have together: ranking takes about a microsecond for each. Of the names
of all things that begin as a text does, so many are looked at for those of a kind."""
FIRST: Final = "(SELECT min(number) FROM thing WHERE kind = ?)"
LAST: Final = "(SELECT max(number) FROM thing WHERE kind = ?)"
"""The first and the last number of the things of a kind, in SQL: numbers of a kind follow each other, and so do those
of its names and passages."""
TERMS: Final = 60
"""Terms of a full-text query."""


class Name(NamedTuple):
    """A name of a live or retired thing. thing: its number. rank: the order among names of one thing."""

    thing: int
    type: str
    spelled: str
    text: str


class Known(NamedTuple):
    """A thing as results show it. number: negative for retired ones. kind: empty for these."""

    number: int
    iri: str
    kind: str
    label: str


class Identifier(NamedTuple):
    """An identifier of a thing."""

    thing: int
    type: str
    value: str


class _Chosen(NamedTuple):
    """Things of some kinds, as a condition on the column `thing` in SQL, with its values; empty for all.

    first, last: their rows in a table have numbers from and to these. Some of these rows may be of other things.
    """

    condition: str
    values: Sequence[int]
    first: int
    last: int

    def bound_rows(self, column: str) -> tuple[str, Sequence[int]]:
        """The condition on the rows of a table, and its values. column: has the numbers of the rows."""
        if not self.condition:
            return "", []
        return f" AND {column} BETWEEN ? AND ?{self.condition}", [self.first, self.last, *self.values]


class NameIndex:
    """Finds names in the index of one release, through its open connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        # They are numbered from 1 on; to count them would read the whole table whenever a release is opened.
        self.total = int(self._rows("SELECT coalesce(max(number), 0) FROM name")[0][0])

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, values).fetchall()

    def find_equal(self, folded: str, spelled: str) -> list[Name]:
        """Return names with one of two forms, at most `CANDIDATES` of each."""
        found = []
        for column, value in (("folded", folded), ("spelled", spelled)):
            query = f"SELECT thing, type, spelled, text FROM name WHERE {column} = ? LIMIT ?"  # noqa: S608
            found += self._rows(query, value, CANDIDATES) if value else []
        return [Name(*row) for row in dict.fromkeys(found)]

    def find_beginning(self, folded: str, kinds: Collection[str]) -> list[Name]:
        """Return names that begin with a text, the shortest first among the first in order."""
        if not folded:
            return []
        query, values = self._select_beginning(kinds)
        return [Name(*row) for row in self._rows(query, folded, folded + "\U0010ffff", *values, CANDIDATES)]

    def _select_beginning(self, kinds: Collection[str]) -> tuple[str, Sequence[int]]:
        """SQL that selects names between two texts, and its values after these."""
        chosen = self._choose("name", kinds)
        columns = "SELECT thing, type, spelled, text FROM"
        if chosen.condition and chosen.last - chosen.first < BUDGET:
            condition, values = chosen.bound_rows("number")
            return f"{columns} name WHERE +folded >= ? AND +folded < ?{condition} ORDER BY folded LIMIT ?", values
        first = f"SELECT * FROM name WHERE folded >= ? AND folded < ? ORDER BY folded LIMIT {BUDGET}"  # noqa: S608
        return f"{columns} ({first}) WHERE TRUE{chosen.condition} LIMIT ?", chosen.values

    def find_alike(self, table: str, terms: Iterable[str], kinds: Collection[str]) -> list[Name]:
        """Return the names that have the most and the rarest of some terms. table: whose terms. kinds: of the things;
        none for all."""
        wanted, ranked = self._choose_terms(table, terms)
        if not wanted:
            return []
        query, values = self._select_alike(table, kinds, ranked=ranked)
        return [Name(*row) for row in self._rows(query, wanted, *values, CANDIDATES)]

    def _select_alike(self, table: str, kinds: Collection[str], *, ranked: bool) -> tuple[str, Sequence[int]]:
        """SQL that selects names by a full-text query, and its values after that."""
        condition, values = self._choose("name", kinds).bound_rows(f"{table}.rowid")
        order = f" ORDER BY {table}.rank" if ranked else ""
        joined = f"{table} JOIN name ON name.number = {table}.rowid"
        columns = "thing, type, name.spelled, name.text"
        return f"SELECT {columns} FROM {joined} WHERE {table} MATCH ?{condition}{order} LIMIT ?", values  # noqa: S608

    def find_passages(self, stems: Sequence[str], kinds: Collection[str]) -> list[tuple[int, str]]:
        """Return the things of which a text has all of some words, as (thing, text), the best first, at most
        `CANDIDATES`. stems: of the words. Of words that very many texts have only one is looked up."""
        numbers = self.frequencies(PASSAGES, stems)
        if not stems or len(numbers) < len(set(stems)):
            return []
        ordered = sorted(numbers, key=lambda stem: (numbers[stem], stem))[:TERMS]
        ranked = numbers[ordered[0]] <= BUDGET
        wanted = ordered if ranked else ordered[:1]
        condition, values = self._choose("passage", kinds).bound_rows("passages.rowid")
        order = " ORDER BY passages.rank" if ranked else ""
        query = (
            "SELECT thing, passage.text FROM passages JOIN passage ON passage.number = passages.rowid"  # noqa: S608
            f" WHERE passages MATCH ?{condition}{order} LIMIT ?"
        )
        return self._rows(query, " AND ".join(map(_quote, wanted)), *values, CANDIDATES)

    def _choose(self, table: str, kinds: Collection[str]) -> _Chosen:
        """The things of some kinds, and where their rows are in a table of names or passages; all for no kinds."""
        if not kinds:
            return _Chosen("", [], 0, 0)
        ends = [self._rows(f"SELECT {FIRST}, {LAST}", kind, kind)[0] for kind in sorted(kinds)]
        spans = [(first, last) for first, last in ends if first is not None]
        if not spans:
            return _Chosen(" AND FALSE", [], 0, 0)
        query = (
            f"SELECT (SELECT number FROM {table} WHERE thing >= ? ORDER BY thing, number LIMIT 1),"  # noqa: S608
            f" (SELECT number FROM {table} WHERE thing <= ? ORDER BY thing DESC, number DESC LIMIT 1)"
        )
        first, last = self._rows(query, min(spans)[0], max(spans)[1])[0]
        condition = " OR ".join(["+thing BETWEEN ? AND ?"] * len(spans))
        return _Chosen(f" AND ({condition})", [end for span in spans for end in span], first or 0, last or 0)

    def _choose_terms(self, table: str, terms: Iterable[str]) -> tuple[str, bool]:
        """A full-text query for the rarest of some terms, and whether its results can be ranked within the budget."""
        known = sorted((number, term) for term, number in self.frequencies(table, terms).items())
        wanted: list[str] = []
        total = 0
        for number, term in known[:TERMS]:
            total += number
            if wanted and total > BUDGET:
                break
            wanted.append(term)
        return " OR ".join(map(_quote, wanted)), bool(known) and known[0][0] <= BUDGET

    def frequencies(self, table: str, terms: Iterable[str]) -> dict[str, int]:
        """Return the number of rows that have each of some terms; those of no row are left out."""
        query = "SELECT number FROM frequency WHERE kind = ? AND term = ?"
        found = {term: self._rows(query, table, term) for term in sorted(set(terms))}
        return {term: int(rows[0][0]) for term, rows in found.items() if rows}

    def find_identified(self, key: str) -> list[Identifier]:
        """Return the things with an identifier, by its key, at most `CANDIDATES`."""
        query = "SELECT thing, type, value FROM identifier WHERE key = ? ORDER BY thing, type LIMIT ?"
        return [Identifier(*row) for row in self._rows(query, key, CANDIDATES)] if key else []

    def sessions(self) -> list[tuple[str, str]]:
        """Return the legislative sessions as (slug, label)."""
        return self._rows("SELECT slug, label FROM thing WHERE kind = 'session' ORDER BY number LIMIT ?", CANDIDATES)

    def find_number(self, iri: str) -> int | None:
        """Return the number of a live thing; None if there is none with this IRI."""
        return next((int(number) for (number,) in self._rows("SELECT number FROM thing WHERE iri = ?", iri)), None)

    def known(self, numbers: Iterable[int]) -> dict[int, Known]:
        """Return things by their numbers."""
        found: dict[int, Known] = {}
        for number in set(numbers):
            live = "SELECT number, iri, kind, label FROM thing WHERE number = ?"
            former = "SELECT -number, iri, '', '' FROM former WHERE number = -?"
            rows = self._rows(live if number >= 0 else former, number)
            found |= {row[0]: Known(*row) for row in rows}
        return found

    def describe(self, number: int) -> str:
        """Return the text that tells most about a thing; empty if there is none."""
        query = "SELECT text FROM passage WHERE thing = ? ORDER BY number LIMIT 1"
        return next((str(text) for (text,) in self._rows(query, number)), "")

    def names_of(self, number: int) -> list[Name]:
        """Return the names of a thing, in the order of their types."""
        query = "SELECT thing, type, spelled, text FROM name WHERE thing = ? ORDER BY number"
        return [Name(*row) for row in self._rows(query, number)]


def _quote(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
