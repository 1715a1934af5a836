"""Writing the index: fills the tables of `index` from the files of a release, one file after the other.

What is sorted or joined is so by SQLite, on disk, so that the memory that is needed does not grow with the data.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Final

import pyoxigraph as ox

from publisher.dataset.identifiers import RETIRED_FILE, Retired
from publisher.dataset.iris import KINDS, THING_PATH, Names
from publisher.dataset.releases import Release
from publisher.dataset.repository import Source
from publisher.release import change_log, hubs, index, name_index, name_writer
from publisher.release.change_writer import ChangeWriter
from publisher.release.index import SCHEMA, natural
from publisher.release.list_writer import ListWriter

FAST: Final = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
PRAGMA cache_size = -65536; PRAGMA temp.cache_size = -65536;
"""
"""What makes writing faster where a failure leaves nothing to repair; the caches are in KiB."""
WORKING: Final = """
CREATE TEMP TABLE found (iri TEXT PRIMARY KEY, file TEXT NOT NULL) WITHOUT ROWID;
CREATE TEMP TABLE label (iri TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
"""
"""found: the things that the files have. label: the names of IRIs."""
KEYS: Final = 50_000
"""Sort keys that are kept while a release is compiled: many cells of lists have the same text."""
_READ: Final = frozenset(str(property_).encode() for property_ in name_writer.READ)
THINGS: Final = """
DELETE FROM found WHERE iri IN (SELECT iri FROM retired);
INSERT INTO label
    SELECT iri, text FROM (
        SELECT iri, text, row_number() OVER (PARTITION BY iri ORDER BY rank, language, text) AS place
        FROM naming WHERE rank < 10)
    WHERE place = 1;
INSERT INTO thing
    SELECT row_number() OVER (ORDER BY rank_kind(iri), sort_key(coalesce(text, iri)), iri) - 1,
        iri, kind_of(iri), slug_of(iri), coalesce(text, iri), file
    FROM found LEFT JOIN label USING (iri);
"""


class IndexWriter:
    """Writes the index of a release into its folder; a context manager, which closes the file.

    Raises sqlite3.Error where it cannot be written.
    """

    def __init__(self, folder: Path, names: Names) -> None:
        self._names = names
        self._connection = sqlite3.connect(folder / index.NAME)
        self._connection.executescript(f"{FAST} {SCHEMA} {WORKING}")
        self._connection.executescript(change_log.SCHEMA + hubs.SCHEMA)
        self._connection.executescript(name_index.SCHEMA + name_writer.WORKING)
        kinds = list(KINDS)
        self._register("sort_key", lru_cache(KEYS)(natural))
        self._register("kind_of", lambda iri: self._address(iri)[0])
        self._register("slug_of", lambda iri: self._address(iri)[1])
        self._register("rank_kind", lambda iri: kinds.index(self._address(iri)[0]))

    def __enter__(self) -> "IndexWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is None:
            self._connection.commit()
        self._connection.close()

    def _register(self, name: str, function: object) -> None:
        self._connection.create_function(name, 1, function, deterministic=True)  # type: ignore[arg-type]

    def write_meta(self, values: Mapping[str, str]) -> None:
        """Write values that the release has once."""
        self._connection.executemany("INSERT INTO meta VALUES (?, ?)", values.items())

    def write_names(self) -> None:
        """Write the address scheme."""
        self.write_meta({"base": self._names.base, "vocabularies": json.dumps(dict(self._names.vocabularies))})

    def write_release(self, release: str) -> None:
        """Write the identifier of the release."""
        self._connection.execute("INSERT INTO meta VALUES ('release', ?)", (release,))

    def write_texts(self, kind: str, texts: Iterable[tuple[str, str]]) -> None:
        """Write files that are no graph. kind: one of `index`'s. texts: as (path, text)."""
        rows = ((path, kind, "", text) for path, text in texts)
        self._connection.executemany("INSERT INTO source VALUES (?, ?, ?, ?)", rows)

    def write_file(self, source: Source) -> None:
        """Write what one file states: its things, their parts and their names; its text if it defines something."""
        data = source.path.startswith("data/")
        row = (source.path, index.DATA if data else index.DEFINITION, source.graph, "" if data else source.text)
        self._connection.execute("INSERT INTO source VALUES (?, ?, ?, ?)", row)
        if source.path == RETIRED_FILE:
            return
        subjects, lines = _find_named(source.lines)
        own = {iri: thing for iri in subjects if (thing := self._names.thing(iri)) is not None}
        found = ((iri, source.path) for iri, thing in own.items() if iri == thing)
        self._connection.executemany("INSERT OR IGNORE INTO found VALUES (?, ?)", found)
        parts = ((thing, iri) for iri, thing in own.items() if iri != thing)
        self._connection.executemany("INSERT OR IGNORE INTO part VALUES (?, ?)", parts)
        parsed = ox.parse(b"".join(lines), format=ox.RdfFormat.N_TRIPLES, lenient=True)
        triples = [quad.triple for quad in parsed]
        names = name_writer.read_names(triples, own)
        self._connection.executemany("INSERT INTO naming VALUES (?, ?, ?, ?, ?)", names)
        passages = name_writer.read_passages(triples, own)
        self._connection.executemany("INSERT INTO telling VALUES (?, ?, ?, ?)", passages)

    def write_retired(self, retired: Mapping[str, Retired]) -> None:
        """Write what became of the retired IRIs."""
        rows = (
            (iri, end.successor, end.withdrawn, end.why, "".join(f"{triple} .\n" for triple in end.tombstone))
            for iri, end in retired.items()
        )
        self._connection.executemany("INSERT INTO retired VALUES (?, ?, ?, ?, ?)", rows)

    def write_changes(self, releases: Sequence[Release], quads: Path, release: str) -> None:
        """Write the change log. quads: the canonical N-Quads of what is compiled. release: their digest.

        Raises CannotRunError where the files of the frozen releases do not fit together.
        """
        ChangeWriter(self._connection, self._names).write(releases, quads, release)

    def write_graph(self, iri: str, number: int, partitions: Sequence[ox.Triple]) -> None:
        """Write a named graph. number: of its triples. partitions: its description by property and class."""
        text = "".join(f"{triple} .\n" for triple in partitions)
        self._connection.execute("INSERT INTO graph VALUES (?, ?, ?)", (iri, number, text))

    def write_things(self) -> int:
        """Write the things that the files have, and return how many there are."""
        self._connection.commit()
        self._connection.executescript(THINGS)
        name_writer.write_names(self._connection, self._names)
        return int(self._connection.execute("SELECT count(*) FROM thing").fetchone()[0])

    def write_lists(self, store: ox.Store) -> None:
        """Write the rows of the lists of things. store: the store of the release, with what is derived."""
        ListWriter(self._connection, store, self._names).write()

    def write_identifiers(self, store: ox.Store) -> None:
        """Write the addresses, numbers and accounts of things. store: the store of the release."""
        name_writer.write_identifiers(self._connection, store, self._names)

    def write_incoming(self, store: ox.Store, objects: Iterable[bytes]) -> None:
        """Write the statements that point at hubs, when things are written. objects: all hubs among them."""
        hubs.write_incoming(self._connection, store, objects)

    def _address(self, iri: str) -> tuple[str, str]:
        """The kind and the slug of a thing."""
        kind, _, slug = iri.removeprefix(self._names.base + THING_PATH).partition("/")
        return kind, slug


def _find_named(lines: bytes) -> tuple[set[str], list[bytes]]:
    """The IRIs that lines of N-Triples are about, and those lines that name things or tell about them."""
    stated = lines.splitlines(keepends=True)
    parts = [line.split(b" ", 2) for line in stated]
    subjects = {part[0] for part in parts}
    named = [line for line, part in zip(stated, parts, strict=True) if part[1] in _READ]
    return {subject[1:-1].decode() for subject in subjects if subject[:1] == b"<"}, named
