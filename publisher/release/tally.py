"""The tally: counts the statements of a release while they are loaded, in one pass over sorted lines of N-Quads.

The statements about one subject stand together in sorted lines. Subjects with the same classes, predicates, graphs and
kinds of values have the same shape; shapes are counted, and each is taken apart once. The classes of objects are joined
at the end, in a temporary SQLite database, and different objects are sorted on disk, so that memory stays bounded.
"""

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final, Self

from publisher.rdf.canonical_quads import CanonicalQuads
from publisher.rdf.namespaces import RDF, XSD
from publisher.release.hubs import Frequent
from publisher.release.stored_literals import is_kept, store_literal

SHAPES: Final = 4096
"""Shapes that are held before they are taken apart."""
EDGES: Final = 50_000
"""Objects with what leads to them, held before they are written."""
_TYPE: Final = f"<{RDF}type>".encode()
_LANGUAGE: Final = b'"@'
"""What follows the text of any literal that has a language, as far as it counts."""
_LINE: Final = re.compile(
    rb"(<[^>]*>|_:\S+) (<[^>]*>) "
    rb'(<[^>]*>|_:\S+|"[^"\\]*(?:\\.[^"\\]*)*("\S*)) '
    rb"(<[^>]*>) \.\n"
)
"""Matches a line; the groups are those of `_Line`."""
_Line = tuple[bytes, bytes, bytes, bytes, bytes]
"""Subject; predicate; object; of a literal what follows its text, from its last quotation mark, else nothing; graph."""
_TABLES: Final = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768;
CREATE TABLE typed (iri BLOB PRIMARY KEY, classes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE edge (iri BLOB NOT NULL, key INTEGER NOT NULL, number INTEGER NOT NULL);
"""
_JOIN: Final = "SELECT key, classes, sum(number) FROM edge JOIN typed USING (iri) GROUP BY key, classes"
_Row = tuple[bytes, bytes, bytes, bool]
"""One statement as far as it counts: the predicate; the graph; the class where the predicate is rdf:type, what follows
the text of a literal from its last quotation mark, else nothing; whether no graph before has the statement."""
_Shape = tuple[tuple[bytes, ...], tuple[_Row, ...]]
"""The classes of a subject and its statements."""
_Link = tuple[bytes, bytes]
"""Predicate and object, which is not a literal."""


class Tally:
    """Counts the statements of sorted lines; a context manager.

    Classes, properties, datatypes and graphs are IRIs. A statement of several graphs counts once, but in each count by
    graph. kinds: the objects of rdf:type, of any kind of term. objects: those that are no literals, by the lines that
    have them. different: the number of different objects, of any kind of term.
    """

    def __init__(self) -> None:
        self.triples = 0
        self.subjects = 0
        self.different = 0
        self.kinds: set[bytes] = set()
        self.objects = Frequent()
        self.properties: Counter[str] = Counter()
        self.classes: Counter[str] = Counter()
        self.class_properties: Counter[tuple[str, str]] = Counter()
        self.datatypes: Counter[tuple[str, str, str]] = Counter()
        self.targets: Counter[tuple[str, str, str]] = Counter()
        self.graph_properties: Counter[tuple[str, str]] = Counter()
        self.graph_subjects: Counter[tuple[str, str]] = Counter()
        self.graph_classes: Counter[tuple[str, str]] = Counter()
        self._shapes: Counter[_Shape] = Counter()
        self._edges: list[tuple[bytes, int]] = []
        self._typed: list[tuple[bytes, int]] = []
        self._classes: dict[tuple[bytes, ...], int] = {}
        self._keys: dict[tuple[bytes, ...], dict[bytes, int]] = defaultdict(dict)
        self._keyed: list[tuple[tuple[bytes, ...], bytes]] = []
        self._values = CanonicalQuads()
        self._database = sqlite3.connect("")
        self._database.executescript(_TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._values.close()
        self._database.close()

    def watch(self, blocks: Iterable[Sequence[bytes]]) -> Iterator[Sequence[bytes]]:
        """Yield all lists of lines, and count what passes. The counts are complete at the end."""
        begun: list[_Line] = []
        for block in blocks:
            found = _LINE.findall(b"".join(block))
            self.objects.add([value for _, _, value, kind, _ in found if not kind])
            self._add_values({(value, kind) for _, _, value, kind, _ in found})
            lines = begun + found
            subject, start = lines[-1][0], len(lines) - 1
            while start and lines[start - 1][0] == subject:
                start -= 1
            begun = lines[start:]
            for subject, about in groupby(lines[:start], key=itemgetter(0)):
                self._count(subject, about)
            yield block
        if begun:
            self._count(begun[0][0], begun)
        self._take_apart()
        self._write()
        self._join()
        self.different = sum(map(len, self._values.blocks()))

    def _add_values(self, values: Iterable[tuple[bytes, bytes]]) -> None:
        """Sort objects, as they are stored. values: with what follows the text of a literal."""
        found = [value if not end or is_kept(value, end) else store_literal(value) for value, end in values]
        self._values.add_lines(b"\n".join([*found, b""]))

    def _count(self, subject: bytes, lines: Iterable[_Line], *, settled: bool = False) -> None:
        """Count the statements about one subject. settled: whether all literals are spelled as they are stored."""
        rows: list[_Row] = []
        links: list[_Link] = []
        classes: list[bytes] = []
        before = None
        stated = list(lines)
        for _, predicate, value, end, graph in stated:
            link = (predicate, value)
            new = link != before
            before = link
            kind = end
            if end:
                if end[1:2] == b"@":
                    kind = _LANGUAGE
                elif not settled and end != b'"' and not is_kept(value, end):
                    self._count(subject, sorted(set(map(_settle, stated))), settled=True)
                    return
            elif new:
                links.append(link)
            if predicate == _TYPE:
                kind = end or value
                if new:
                    classes.append(value)
            rows.append((predicate, graph, kind, new))
        self._keep(subject, tuple(classes), tuple(rows), links)

    def _keep(self, subject: bytes, classes: tuple[bytes, ...], rows: tuple[_Row, ...], links: list[_Link]) -> None:
        self._shapes[classes, rows] += 1
        if len(self._shapes) >= SHAPES:
            self._take_apart()
        if classes:
            self._typed.append((subject, self._classes.setdefault(classes, len(self._classes))))
            keys = self._keys[classes]
            for predicate, value in links:
                if predicate not in keys:
                    keys[predicate] = len(self._keyed)
                    self._keyed.append((classes, predicate))
                self._edges.append((value, keys[predicate]))
            if len(self._edges) >= EDGES:
                self._write()

    def _write(self) -> None:
        edges = ((value, key, number) for (value, key), number in Counter(self._edges).items())
        self._database.executemany("INSERT INTO edge VALUES (?, ?, ?)", edges)
        self._database.executemany("INSERT INTO typed VALUES (?, ?)", self._typed)
        self._edges.clear()
        self._typed.clear()

    def _take_apart(self) -> None:
        """Add the shapes that are held to the counts."""
        for (classes, rows), number in self._shapes.items():
            own = [_iri(class_) for class_ in classes if _is_iri(class_)]
            self.subjects += number
            self.kinds.update(classes)
            self.classes.update(dict.fromkeys(own, number))
            pairs = {(_iri(graph), _iri(predicate)) for predicate, graph, _, _ in rows}
            self.graph_subjects.update(dict.fromkeys(pairs, number))
            for row in rows:
                self._add(own, row, number)
        self._shapes.clear()

    def _add(self, own: Sequence[str], row: _Row, number: int) -> None:
        """Add a statement of a number of subjects to the counts. own: their classes."""
        predicate, graph, kind, new = row
        property_, place = _iri(predicate), _iri(graph)
        self.graph_properties[place, property_] += number
        if _is_iri(kind):
            self.graph_classes[place, _iri(kind)] += number
        if not new:
            return
        self.triples += number
        self.properties[property_] += number
        for class_ in own:
            self.class_properties[class_, property_] += number
            if kind[:1] == b'"':
                self.datatypes[class_, property_, _datatype(kind)] += number

    def _join(self) -> None:
        """Count what the properties of each class lead to."""
        sets = list(self._classes)
        for key, classes, number in self._database.execute(_JOIN):
            own, predicate = self._keyed[key]
            for class_ in filter(_is_iri, own):
                for target in filter(_is_iri, sets[classes]):
                    self.targets[_iri(class_), _iri(predicate), _iri(target)] += number


def _settle(line: _Line) -> _Line:
    """A line with a literal as it is stored."""
    subject, predicate, value, kind, graph = line
    if kind:
        value = store_literal(value)
        kind = value[value.rindex(b'"') :]
    return subject, predicate, value, kind, graph


def _is_iri(term: bytes) -> bool:
    return term[:1] == b"<"


def _iri(term: bytes) -> str:
    return term[1:-1].decode()


def _datatype(kind: bytes) -> str:
    """The datatype of a literal. kind: what follows its text: a quotation mark, then a language tag or a datatype."""
    if kind[1:2] == b"@":
        return RDF + "langString"
    return kind[4:-1].decode() or XSD + "string"
