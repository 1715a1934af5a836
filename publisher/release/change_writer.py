"""Writing the change log: compares the frozen releases of a root, and the state that is compiled, by their statements.

Lines of canonical N-Quads are compared, without what remains of retired things. What is held in memory is a number and
a name for each thing.
"""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from publisher.dataset.identifiers import RETIRED_FILE
from publisher.dataset.iris import Names
from publisher.dataset.releases import Release, compare, replay
from publisher.rdf.labels import LABELS
from publisher.release.change_log import ADDED, CHANGED, OTHER, REMOVED

_SUBJECT: Final = re.compile(rb"<([^>]*)>")
_NAMING: Final = tuple(f"> {property_} ".encode() for property_ in LABELS)


class ChangeWriter:
    """Writes the change log into the tables of `change_log`."""

    def __init__(self, connection: sqlite3.Connection, names: Names) -> None:
        self._connection = connection
        self._names = names
        self._retired = f" <{names.graph(RETIRED_FILE)}> .\n".encode()
        self._stated: dict[str, int] = defaultdict(int)
        self._labels: dict[str, str] = {}
        self._things: dict[bytes, str] = {}

    def write(self, releases: Sequence[Release], quads: Path, id_: str) -> None:
        """Write the changes of each release, and of the state that is compiled where it is not the last release.

        quads: its canonical N-Quads. id_: their SHA-256. Raises CannotRunError where the files of the releases do not
        fit together.
        """
        for number, release in enumerate(releases, 1):
            lines = chain(_mark(release.read_removed(), False), _mark(release.read_added(), True))
            self._write_edition(number, (release.version, release.id, release.date), lines)
        if releases and releases[-1].id == id_:
            return
        with quads.open("rb") as file:
            self._write_edition(len(releases) + 1, ("", id_, ""), compare(replay(releases), iter(file)))

    def _write_edition(self, number: int, about: tuple[str, str, str], lines: Iterable[tuple[bool, bytes]]) -> None:
        added: dict[str, int] = defaultdict(int)
        removed: dict[str, int] = defaultdict(int)
        labels: dict[str, str] = {}
        for is_added, line in lines:
            if line.endswith(self._retired):
                continue
            thing = self._find_thing(line)
            (added if is_added else removed)[thing] += 1
            if is_added and any(naming in line for naming in _NAMING):
                labels |= self._read_label(line, labels)
        self._labels |= labels
        rows = list(self._list_rows(number, added, removed))
        total = (sum(added.values()), sum(removed.values()))
        self._connection.execute("INSERT INTO edition VALUES (?, ?, ?, ?, ?, ?)", (number, *about, *total))
        self._connection.executemany("INSERT INTO change VALUES (?, ?, ?, ?, ?, ?)", rows)

    def _list_rows(
        self, number: int, added: dict[str, int], removed: dict[str, int]
    ) -> Iterator[tuple[int, str, str, str, int, int]]:
        for thing in added.keys() | removed.keys():
            before = self._stated[thing]
            self._stated[thing] = after = before + added[thing] - removed[thing]
            sort = ADDED if not before else REMOVED if not after else CHANGED
            yield number, thing, sort, self._labels.get(thing, thing), added[thing], removed[thing]

    def _find_thing(self, line: bytes) -> str:
        """The thing that a line is about, itself or a part of it."""
        subject = _SUBJECT.match(line)
        if subject is None:
            return OTHER
        if subject[1] not in self._things:
            self._things[subject[1]] = self._names.thing(subject[1].decode()) or OTHER
        return self._things[subject[1]]

    def _read_label(self, line: bytes, known: dict[str, str]) -> dict[str, str]:
        """The name that a line gives to a thing: the English one, of the best property."""
        [quad] = ox.parse(line, format=ox.RdfFormat.N_QUADS)
        subject, text = quad.subject, quad.object
        if not isinstance(subject, ox.NamedNode) or not isinstance(text, ox.Literal):
            return {}
        is_better = subject.value not in known or quad.predicate == LABELS[0]
        return {subject.value: text.value} if is_better and (text.language or "en").startswith("en") else {}


def _mark(lines: Iterable[bytes], is_added: bool) -> Iterator[tuple[bool, bytes]]:
    return ((is_added, line) for line in lines)
