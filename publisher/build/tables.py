"""The tables of a build: what a web server needs beside the files: headers, validators, redirects, tombstones.

They are kept in a temporary file: in memory are only the different sets of headers, which are few.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
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
PRAGMA journal_mode = OFF;
CREATE TABLE row (
    file TEXT PRIMARY KEY, suffix TEXT NOT NULL, type TEXT NOT NULL, headers INTEGER NOT NULL, coded INTEGER NOT NULL,
    tags TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE moved (path TEXT PRIMARY KEY, status INTEGER NOT NULL, target TEXT NOT NULL, keeps_query INTEGER)
    WITHOUT ROWID;
CREATE TABLE gone (path TEXT PRIMARY KEY, file TEXT NOT NULL, form TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE kind (path TEXT PRIMARY KEY, kind TEXT NOT NULL) WITHOUT ROWID;
"""

Headers = Mapping[str, str]
"""The headers of a response by lower-case name."""


class Row(NamedTuple):
    """A file. suffix: of its name. type: its Content-Type. headers: the number of its set. is_coded: whether it is
    there in all codings. tags: its ETags without quotes, plain and in each of `CODINGS`; empty where there is none."""

    file: str
    suffix: str
    type: str
    headers: int
    is_coded: bool
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

    def add_file(self, file: str, headers: Headers, coded: Mapping[str, Headers], last: str = "") -> None:
        """Record a file by the headers of its response.

        coded: those of the codings in which it is there too. last: the last segment of its address; empty for none.
        """
        if not self.constant:
            self.constant = {name: headers[name] for name in CONSTANT}
        own = [(name, value) for name, value in headers.items() if name not in _OWN_COLUMNS]
        kept = tuple((name, value.replace(last, LAST) if last else value) for name, value in own)
        number = self._numbers.setdefault(kept, len(self._numbers) + 1)
        tags = [_bare(each.get("etag", "")) for each in (headers, *(coded.get(coding, {}) for coding in CODINGS))]
        row = (file, _suffix(file), headers["content-type"], number, all(tags[1:]), " ".join(tags))
        self._rows.execute("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?)", row)

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
        for file, suffix, type_, headers, is_coded, tags in self._rows.execute("SELECT * FROM row ORDER BY file"):
            yield Row(file, suffix, type_, headers, bool(is_coded), tags.split(" "))

    def list_sets(self) -> Iterator[tuple[int, bool]]:
        """Yield the sets that files have, as the number of the headers and whether the file is there in all codings, in
        the order of the first file of each."""
        found = self._rows.execute("SELECT headers, coded FROM row GROUP BY headers, coded ORDER BY min(file)")
        return ((headers, bool(coded)) for headers, coded in found)

    def list_suffixes(self) -> Sequence[str]:
        """Return the suffixes of all files, sorted; an empty one where a file has none."""
        return [suffix for (suffix,) in self._rows.execute("SELECT DISTINCT suffix FROM row ORDER BY suffix")]

    def list_with_suffix(self, suffix: str) -> Sequence[str]:
        """Return the files with a suffix, by path."""
        return [
            file for (file,) in self._rows.execute("SELECT file FROM row WHERE suffix = ? ORDER BY file", (suffix,))
        ]

    def measure_paths(self) -> tuple[int, int]:
        """Return how many paths of files and redirects there are, and the length of the longest."""
        sizes = "SELECT count(*), ifnull(max(length(file)), 0) FROM row"
        more = "SELECT count(*), ifnull(max(length(path)), 0) FROM moved"
        counted = [self._rows.execute(each).fetchone() for each in (sizes, more)]
        return sum(number for number, _ in counted), max(longest for _, longest in counted)

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
        counts = "SELECT suffix, type FROM row WHERE suffix != '' GROUP BY suffix, type ORDER BY suffix, count(*), type"
        usual = dict(self._rows.execute(counts).fetchall())
        others: dict[str, str] = {}
        for suffix, type_ in self._rows.execute("SELECT DISTINCT suffix, type FROM row").fetchall():
            if usual.get(suffix) != type_:
                found = self._rows.execute("SELECT file FROM row WHERE suffix = ? AND type = ?", (suffix, type_))
                others |= {file: type_ for (file,) in found}
        return usual, dict(sorted(others.items()))


def _bare(tag: str) -> str:
    """An ETag without its quotes."""
    return tag.replace('"', "")


def _suffix(file: str) -> str:
    return file.rpartition("/")[2].partition(".")[2].rpartition(".")[2]
