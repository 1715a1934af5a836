"""Writing the change log: compares the frozen releases of a root, and the state that is compiled, by their statements.

Lines of canonical N-Quads are compared. Those that remain of retired things count as statements of the edition, not as
changes of these things. What is held in memory is a number and a name for each thing, and some lines.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Final, TypeVar

import pyoxigraph as ox

from publisher.dataset.identifiers import RETIRED_FILE
from publisher.dataset.iris import Names
from publisher.dataset.releases import Release, compare, replay
from publisher.rdf.labels import LABELS
from publisher.release.change_log import ADDED, CHANGED, OTHER, REMOVED
from publisher.release.index import natural

HELD: Final = 10_000
"""Lines that are counted at once."""
_NAMING: Final = frozenset(str(property_).encode() for property_ in LABELS)

T = TypeVar("T")


class ChangeWriter:
    """Writes the change log into the tables of `change_log`."""

    def __init__(self, connection: sqlite3.Connection, names: Names) -> None:
        self._connection = connection
        self._names = names
        self._retired = f" <{names.graph(RETIRED_FILE)}> .\n".encode()
        self._stated: dict[str, int] = defaultdict(int)
        self._labels: dict[str, str] = {}

    def write(self, releases: Sequence[Release], quads: Path, id_: str) -> None:
        """Write the changes of each release, and of the state that is compiled where it is not the last release.

        quads: its canonical N-Quads. id_: their SHA-256. Raises CannotRunError where the files of the releases do not
        fit together.
        """
        for number, release in enumerate(releases, 1):
            changed = chain(_mark(release.read_removed(), False), _mark(release.read_added(), True))
            self._write_edition(number, (release.version, release.id, release.date), _divide(changed))
        if releases and releases[-1].id == id_:
            return
        with quads.open("rb") as file:
            changes = _divide(compare(replay(releases), iter(file))) if releases else (([], new) for new in _take(file))
            self._write_edition(len(releases) + 1, ("", id_, ""), changes)

    def _write_edition(
        self, number: int, about: tuple[str, str, str], changes: Iterable[tuple[list[bytes], list[bytes]]]
    ) -> None:
        """Write the changes of one edition, as lists of removed and of added lines."""
        added: dict[str, int] = defaultdict(int)
        removed: dict[str, int] = defaultdict(int)
        labels: dict[str, str] = {}
        total = {True: 0, False: 0}
        for gone, new in changes:
            total[False] += len(gone)
            total[True] += len(new)
            self._count(gone, removed)
            self._read_labels(self._count(new, added), labels)
        self._labels |= labels
        rows = list(self._list_rows(number, added, removed))
        numbers = (number, *about, total[True], total[False])
        self._connection.execute("INSERT INTO edition VALUES (?, ?, ?, ?, ?, ?)", numbers)
        self._connection.executemany("INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def _list_rows(
        self, number: int, added: dict[str, int], removed: dict[str, int]
    ) -> Iterator[tuple[int, str, int, str, str, int, int]]:
        for place, thing in enumerate(sorted(added.keys() | removed.keys(), key=natural)):
            before = self._stated[thing]
            self._stated[thing] = after = before + added[thing] - removed[thing]
            sort = ADDED if not before else REMOVED if not after else CHANGED
            yield number, thing, place, sort, self._labels.get(thing, thing), added[thing], removed[thing]

    def _count(self, lines: Iterable[bytes], numbers: dict[str, int]) -> list[bytes]:
        """Add the numbers of lines about each thing, itself or a part of it, without those that remain of retired ones.
        Returns the lines that name something."""
        stated = [line for line in lines if not line.endswith(self._retired)]
        parts = [line.split(b" ", 2) for line in stated]
        for subject, number in Counter([part[0] for part in parts]).items():
            numbers[self._names.thing(subject[1:-1].decode()) or OTHER] += number
        return [line for line, part in zip(stated, parts, strict=True) if part[1] in _NAMING]

    def _read_labels(self, lines: Iterable[bytes], labels: dict[str, str]) -> None:
        """Add the names that lines give to things: the English one, of the best property."""
        for quad in ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS, lenient=True):
            subject, text = quad.subject, quad.object
            if not isinstance(subject, ox.NamedNode) or not isinstance(text, ox.Literal):
                continue
            is_better = subject.value not in labels or quad.predicate == LABELS[0]
            if is_better and (text.language or "en").startswith("en"):
                labels[subject.value] = text.value


def _mark(lines: Iterable[bytes], is_added: bool) -> Iterator[tuple[bool, bytes]]:
    return ((is_added, line) for line in lines)


def _divide(lines: Iterable[tuple[bool, bytes]]) -> Iterator[tuple[list[bytes], list[bytes]]]:
    """Yield removed and added lines apart, some at once."""
    for some in _take(lines):
        yield [line for is_added, line in some if not is_added], [line for is_added, line in some if is_added]


def _take(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield items, some at once."""
    rest = iter(items)
    while some := list(islice(rest, HELD)):
        yield some
