"""The change log: what each release added, changed, merged and withdrew, from the index of a compiled release."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from publisher.dataset.identifiers import Retired

SCHEMA: Final = """
CREATE TABLE edition (
    number INTEGER PRIMARY KEY, version TEXT NOT NULL, id TEXT NOT NULL, date TEXT NOT NULL, added INTEGER NOT NULL,
    removed INTEGER NOT NULL);
CREATE TABLE change (
    edition INTEGER NOT NULL, thing TEXT NOT NULL, place INTEGER NOT NULL, sort TEXT NOT NULL, label TEXT NOT NULL,
    added INTEGER NOT NULL, removed INTEGER NOT NULL, PRIMARY KEY (edition, thing)) WITHOUT ROWID;
CREATE INDEX change_thing ON change (thing, edition);
CREATE INDEX change_place ON change (edition, sort, place);
"""
"""edition: the frozen releases, numbered from 1 in their order, and as the last one, without a version, the state that
was compiled where it is none of them. change: the things of which statements were added or removed, parts included.
place: in the order of their IRIs, numbers by value. sort: one of `SORTS`. label: the name of the thing in that edition,
or the last one that it had."""
OTHER: Final = "other"
"""In place of a thing: statements that are about none, such as those of vocabulary and shapes."""
ADDED: Final = "added"
CHANGED: Final = "changed"
REMOVED: Final = "removed"
SORTS: Final = (ADDED, CHANGED, REMOVED)


@dataclass(frozen=True)
class Change:
    """A change of one thing.

    added, removed: statements about it and its parts. end: what became of one that was removed; None otherwise, or
    where that is not stated.
    """

    thing: str
    sort: str
    label: str
    added: int
    removed: int
    end: Retired | None = None


@dataclass(frozen=True)
class EditionChanges:
    """What one edition changed against the one before it.

    version, date: empty for changes that are not released. id: of its statements. added, removed: statements, those
    that remain of retired things included. numbers: things by sort. previous: the version before it; empty
    for the first.
    """

    number: int
    version: str
    id: str
    date: str
    added: int
    removed: int
    numbers: Mapping[str, int]
    previous: str

    @property
    def title(self) -> str:
        """The edition in words."""
        return f"Release {self.version}" if self.version else "Not released yet"

    @property
    def anchor(self) -> str:
        """Its fragment on the page of changes, and in the IRI of its changes."""
        return self.version or "unreleased"


class ChangeLog:
    """The change log in an open index. find_retired: tells what became of a thing that is gone."""

    def __init__(self, connection: sqlite3.Connection, find_retired: Callable[[str], Retired | None]) -> None:
        self._connection = connection
        self._find_retired = find_retired

    @cached_property
    def editions(self) -> Sequence[EditionChanges]:
        """All editions, the newest first. Every change is counted for it once: pages of things ask for it too."""
        query = "SELECT edition, sort, count(*) FROM change WHERE thing <> ? GROUP BY edition, sort"
        numbers: dict[int, dict[str, int]] = {}
        for edition, sort, number in self._connection.execute(query, (OTHER,)):
            numbers.setdefault(edition, {})[sort] = number
        rows = self._connection.execute("SELECT * FROM edition ORDER BY number DESC").fetchall()
        previous = [*(version for _, version, *_ in rows[1:]), ""]
        return [
            EditionChanges(number, version, id_, date, added, removed, numbers.get(number, {}), before)
            for (number, version, id_, date, added, removed), before in zip(rows, previous, strict=True)
        ]

    def changes(self, edition: int, sort: str, limit: int) -> list[Change]:
        """Return the changes of one sort in an edition, by kind and address with numbers by value, at most `limit`."""
        query = (
            "SELECT thing, sort, label, added, removed FROM change"
            " WHERE edition = ? AND sort = ? AND thing <> ? ORDER BY place LIMIT ?"
        )
        return [self._complete(*row) for row in self._connection.execute(query, (edition, sort, OTHER, limit))]

    def history(self, thing: str) -> list[tuple[EditionChanges, Change]]:
        """Return the editions that changed a thing, the newest first, each with its change."""
        query = "SELECT edition, thing, sort, label, added, removed FROM change WHERE thing = ? ORDER BY edition DESC"
        rows = self._connection.execute(query, (thing,)).fetchall()
        known = {edition.number: edition for edition in self.editions} if rows else {}
        return [(known[number], self._complete(*row)) for number, *row in rows]

    def last_changed(self, thing: str) -> str:
        """Return the date of the release that last changed a thing; empty where that is not released, or unknown."""
        query = (
            "SELECT date FROM change JOIN edition ON edition.number = change.edition WHERE thing = ?"
            " ORDER BY edition DESC LIMIT 1"
        )
        row = self._connection.execute(query, (thing,)).fetchone()
        return str(row[0]) if row else ""

    def _complete(self, thing: str, sort: str, label: str, added: int, removed: int) -> Change:
        end = self._find_retired(thing) if sort == REMOVED else None
        return Change(thing, sort, label, added, removed, end)
