"""The tables of a build: what a web server needs beside the files: headers, validators, redirects, tombstones.

They are kept in a temporary file: in memory are only the different sets of headers, which are few.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from publisher.web.codings import CODINGS

CONSTANT: Final = (
    "access-control-allow-origin",
    "access-control-expose-headers",
    "x-content-type-options",
    "vary",
    "dataset-release",
)
"""The headers that every response has."""
LAST: Final = "\0"
"""Stands in the value of a header for the last segment of the path, without its suffix: so that the documents of one
kind have the same few sets of headers."""
HOME: Final = "home"
"""The kind of addresses of home pages, whose files are named `index`."""
_OWN_COLUMNS: Final = ("content-type", "content-length", "content-encoding", "etag", "server", *CONSTANT)
_SCHEMA: Final = """
CREATE TABLE row (
    file TEXT PRIMARY KEY, type TEXT NOT NULL, headers INTEGER NOT NULL, tag TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE coded (file TEXT NOT NULL, coding TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (file, coding))
    WITHOUT ROWID;
CREATE TABLE moved (path TEXT PRIMARY KEY, status INTEGER NOT NULL, target TEXT NOT NULL, keeps_query INTEGER)
    WITHOUT ROWID;
CREATE TABLE gone (path TEXT PRIMARY KEY, file TEXT NOT NULL, form TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE kind (path TEXT PRIMARY KEY, kind TEXT NOT NULL) WITHOUT ROWID;
"""

Headers = Mapping[str, str]
"""The headers of a response by lower-case name."""


class Row(NamedTuple):
    """A file. type: its Content-Type. headers: the number of its set. tags: its ETags without quotes, plain and in each
    of `CODINGS`; empty where there is none."""

    file: str
    type: str
    headers: int
    tags: Sequence[str]


class Moved(NamedTuple):
    """A redirect. path: below the base. target: the value of Location. keeps_query: whether the query string of the
    request is added to it."""

    path: str
    status: int
    target: str
    keeps_query: bool


class Gone(NamedTuple):
    """A tombstone. file: the path of its file, without the suffix where `form` is empty."""

    path: str
    file: str
    form: str


class Tables:
    """What is recorded while a build is written.

    constant: the headers of every response. sets: the other headers, as (name, value) pairs, by number from 1.
    releases: the paths below which past releases are, each with a slash at its end, and the identifiers of these.
    """

    def __init__(self) -> None:
        self._rows = sqlite3.connect("")
        self._rows.executescript(_SCHEMA)
        self.constant: dict[str, str] = {}
        self.releases: dict[str, str] = {}
        self._numbers: dict[tuple[tuple[str, str], ...], int] = {}

    def close(self) -> None:
        """Forget the tables."""
        self._rows.close()

    @property
    def sets(self) -> Mapping[int, Sequence[tuple[str, str]]]:
        """The sets of headers."""
        return {number: headers for headers, number in self._numbers.items()}

    def add_file(self, file: str, headers: Headers, last: str = "") -> None:
        """Record a file by the headers of its response. last: the last segment of its address; empty for none."""
        if not self.constant:
            self.constant = {name: headers[name] for name in CONSTANT}
        own = [(name, value) for name, value in headers.items() if name not in _OWN_COLUMNS]
        kept = tuple((name, value.replace(last, LAST) if last else value) for name, value in own)
        number = self._numbers.setdefault(kept, len(self._numbers) + 1)
        tag = _bare(headers.get("etag", ""))
        self._rows.execute("INSERT INTO row VALUES (?, ?, ?, ?)", (file, headers["content-type"], number, tag))

    def add_coded(self, file: str, coding: str, headers: Headers) -> None:
        """Record that a file, which was recorded before, is there in a coding too."""
        self._rows.execute("INSERT INTO coded VALUES (?, ?, ?)", (file, coding, _bare(headers.get("etag", ""))))

    def add_moved(self, path: str, status: int, target: str, *, keeps_query: bool) -> None:
        """Record a redirect."""
        self._rows.execute("INSERT OR REPLACE INTO moved VALUES (?, ?, ?, ?)", (path, status, target, keeps_query))

    def add_gone(self, path: str, file: str, form: str) -> None:
        """Record a tombstone."""
        self._rows.execute("INSERT OR REPLACE INTO gone VALUES (?, ?, ?)", (path, file, form))

    def add_kind(self, path: str, kind: str) -> None:
        """Record how an address that is no document chooses its form."""
        self._rows.execute("INSERT OR REPLACE INTO kind VALUES (?, ?)", (path, kind))

    def add_release(self, below: str, release: str) -> None:
        """Record a past release, and that its home page is one."""
        self.releases[below] = release
        self.add_kind(below, HOME)

    def list_files(self) -> Iterator[Row]:
        """Yield the files, by path."""
        found = self._rows.execute("SELECT * FROM row LEFT JOIN coded USING (file) ORDER BY file")
        for (file, type_, headers, tag), rows in groupby(found, lambda row: row[:4]):
            coded = {coding: own for *_, coding, own in rows}
            yield Row(file, type_, headers, [tag, *(coded.get(coding, "") for coding in CODINGS)])

    def list_moved(self) -> Iterator[Moved]:
        """Yield the redirects, by path."""
        return (Moved(*row) for row in self._rows.execute("SELECT * FROM moved ORDER BY path"))

    def list_gone(self) -> Iterator[Gone]:
        """Yield the tombstones, by path."""
        return (Gone(*row) for row in self._rows.execute("SELECT * FROM gone ORDER BY path"))

    def list_kinds(self) -> Iterator[tuple[str, str]]:
        """Yield the addresses that are no documents with their kinds, by path."""
        return iter(self._rows.execute("SELECT * FROM kind ORDER BY path"))

    def types(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Return the Content-Type by suffix, the most frequent one, and that of each file which has another."""
        common: dict[str, tuple[int, str]] = {}
        counts: dict[tuple[str, str], int] = {}
        for row in self.list_files():
            key = (_suffix(row.file), row.type)
            counts[key] = counts.get(key, 0) + 1
        for (suffix, type_), number in sorted(counts.items()):
            if suffix:
                common[suffix] = max(common.get(suffix, (0, "")), (number, type_))
        usual = {suffix: type_ for suffix, (_, type_) in common.items()}
        others = {row.file: row.type for row in self.list_files() if usual.get(_suffix(row.file)) != row.type}
        return usual, others


def _bare(tag: str) -> str:
    """An ETag without its quotes."""
    return tag.replace('"', "")


def _suffix(file: str) -> str:
    return file.rpartition("/")[2].partition(".")[2].rpartition(".")[2]
