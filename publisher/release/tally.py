"""The tally: counts the statements of a release while they are loaded, in one pass over sorted lines of N-Quads.

The statements about one subject stand together in sorted lines. Subjects with the same classes, predicates, graphs and
kinds of values have the same shape; shapes are counted, and each is taken apart once. The classes of objects are joined
at the end, in a temporary SQLite database, and different objects are sorted on disk, so that memory stays bounded.
"""

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress, pairwise
from operator import and_, itemgetter, not_
from typing import Final, Self

from publisher.rdf.canonical_quads import CanonicalQuads
from publisher.rdf.namespaces import RDF, XSD
from publisher.release.hubs import Frequent
from publisher.release.stored_literals import is_doubtful, is_kept, store_literal

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
_Column = tuple[bytes, ...]
"""One of the terms of `_Line`, of each line about a subject."""


@dataclass
class _Shape:
    """Subjects whose statements are alike but for their values.

    classes: of the subjects, and their number among all sets of classes. pick: picks the objects that are no literals
    from the values of the lines. keys: what leads to each of these. number: how many subjects have the shape.
    """

    rows: Sequence[_Row]
    classes: _Column
    set_: int
    pick: Callable[[_Column], _Column]
    keys: Sequence[int]
    number: int = 0


@dataclass
class _Outline:
    """What subjects with the same predicates, graphs and kinds of values have in common.

    doubtful: the places of literals that the engine may spell in another way. repeated: of lines that may have the
    statement of the line before. pick: picks the objects of rdf:type from the values. shapes: by these, and by which of
    the repeated lines have the statement before.
    """

    doubtful: Sequence[int]
    repeated: Sequence[int]
    pick: Callable[[_Column], _Column]
    shapes: dict[tuple[_Column, tuple[bool, ...]], _Shape] = field(default_factory=dict)


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
        self._outlines: dict[tuple[_Column, _Column, _Column], _Outline] = {}
        self._held = 0
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

    def count(self, blocks: Iterable[Sequence[bytes]]) -> None:
        """Count lists of lines."""
        for _ in self.watch(blocks):
            pass

    def watch(self, blocks: Iterable[Sequence[bytes]]) -> Iterator[Sequence[bytes]]:
        """Yield all lists of lines, and count what passes. The counts are complete at the end."""
        begun: list[_Line] = []
        for block in blocks:
            lines = begun + _LINE.findall(b"".join(block))
            subject, start = lines[-1][0], len(lines) - 1
            while start and lines[start - 1][0] == subject:
                start -= 1
            begun = lines[start:]
            self._count_lines(lines[:start])
            yield block
        self._count_lines(begun)
        self._take_apart()
        self._write()
        self._join()
        self.different = sum(map(len, self._values.blocks()))

    def _count_lines(self, lines: Sequence[_Line]) -> None:
        """Count all statements about some subjects."""
        if not lines:
            return
        subjects, predicates, values, ends, graphs = zip(*lines, strict=True)
        self.objects.add(compress(values, map(not_, ends)))
        self._add_values(values, ends)
        start = 0
        for subject, number in Counter(subjects).items():
            own = slice(start, start + number)
            self._count_subject(subject, predicates[own], values[own], ends[own], graphs[own])
            start += number

    def _add_values(self, values: _Column, ends: _Column) -> None:
        """Sort objects, as they are stored."""
        different = set(values)
        doubtful = set(filter(is_doubtful, set(ends)))
        if doubtful:
            found = {(value, end) for value, end in zip(values, ends, strict=True) if end in doubtful}
            loose = {value for value, end in found if not is_kept(value, end)}
            different = (different - loose) | set(map(store_literal, loose))
        self._values.add_lines(b"\n".join([*different, b""]))

    def _count_subject(
        self,
        subject: bytes,
        predicates: _Column,
        values: _Column,
        ends: _Column,
        graphs: _Column,
        *,
        settled: bool = False,
    ) -> None:
        """Count the statements about one subject. settled: whether all literals are spelled as they are stored."""
        outline = self._outlines.get((predicates, ends, graphs))
        if outline is None:
            outline = self._outlines[predicates, ends, graphs] = _make_outline(predicates, ends, graphs)
        if not settled and any(not is_kept(values[place], ends[place]) for place in outline.doubtful):
            self._count_loose(subject, predicates, values, ends, graphs)
            return
        repeats = tuple([values[place] == values[place - 1] for place in outline.repeated])
        kind = outline.pick(values), repeats
        shape = outline.shapes.get(kind)
        if shape is None:
            new = _find_new(outline.repeated, repeats, len(values))
            shape = outline.shapes[kind] = self._make_shape(predicates, values, ends, graphs, new)
            self._held += 1
        shape.number += 1
        if shape.classes:
            self._typed.append((subject, shape.set_))
            self._edges += zip(shape.pick(values), shape.keys, strict=True)
        self._release()

    def _count_loose(self, subject: bytes, *columns: _Column) -> None:
        """Count the statements about one subject with their literals as they are stored."""
        stated = sorted({_settle(*line) for line in zip(*columns, strict=True)})
        self._count_subject(subject, *zip(*stated, strict=True), settled=True)

    def _make_shape(
        self, predicates: _Column, values: _Column, ends: _Column, graphs: _Column, new: Sequence[bool]
    ) -> _Shape:
        """The shape of a subject. new: whether no graph before has the statement, by line."""
        kinds = [_LANGUAGE if end[1:2] == b"@" else end for end in ends]
        types = [predicate == _TYPE for predicate in predicates]
        told = [kind or value if type_ else kind for kind, value, type_ in zip(kinds, values, types, strict=True)]
        classes = tuple(compress(values, map(and_, types, new)))
        links = [place for place, end in enumerate(ends) if not end and new[place]]
        keys = self._keys[classes]
        for place in links:
            if predicates[place] not in keys:
                keys[predicates[place]] = len(self._keyed)
                self._keyed.append((classes, predicates[place]))
        set_ = self._classes.setdefault(classes, len(self._classes))
        rows = list(zip(predicates, graphs, told, new, strict=True))
        return _Shape(rows, classes, set_, _pick(links), [keys[predicates[place]] for place in links])

    def _release(self) -> None:
        """Write what is held where it is much."""
        if self._held >= SHAPES:
            self._take_apart()
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
        for shape in chain.from_iterable(outline.shapes.values() for outline in self._outlines.values()):
            own = [_iri(class_) for class_ in shape.classes if _is_iri(class_)]
            self.subjects += shape.number
            self.kinds.update(shape.classes)
            self.classes.update(dict.fromkeys(own, shape.number))
            pairs = {(_iri(graph), _iri(predicate)) for predicate, graph, _, _ in shape.rows}
            self.graph_subjects.update(dict.fromkeys(pairs, shape.number))
            for row in shape.rows:
                self._add(own, row, shape.number)
        self._outlines.clear()
        self._held = 0

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


def _make_outline(predicates: _Column, ends: _Column, graphs: _Column) -> _Outline:
    """The outline of subjects. Lines that have the same statement follow each other, in the order of their graphs."""
    doubtful = [place for place, end in enumerate(ends) if is_doubtful(end)]
    pairs = enumerate(pairwise(zip(predicates, graphs, strict=True)), 1)
    repeated = [place for place, (before, here) in pairs if before[0] == here[0] and before[1] != here[1]]
    return _Outline(doubtful, repeated, _pick([place for place, term in enumerate(predicates) if term == _TYPE]))


def _find_new(repeated: Sequence[int], repeats: Iterable[bool], lines: int) -> list[bool]:
    """Whether no graph before has the statement, by line."""
    old = set(compress(repeated, repeats))
    return [place not in old for place in range(lines)]


def _pick(places: Sequence[int]) -> Callable[[_Column], _Column]:
    """What picks the items at some places from a tuple, as a tuple."""
    if len(places) > 1:
        return itemgetter(*places)
    return itemgetter(slice(places[0], places[0] + 1) if places else slice(0))


def _settle(predicate: bytes, value: bytes, end: bytes, graph: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """A line with a literal as it is stored."""
    if end:
        value = store_literal(value)
        end = value[value.rindex(b'"') :]
    return predicate, value, end, graph


def _is_iri(term: bytes) -> bool:
    return term[:1] == b"<"


def _iri(term: bytes) -> str:
    return term[1:-1].decode()


def _datatype(kind: bytes) -> str:
    """The datatype of a literal. kind: what follows its text: a quotation mark, then a language tag or a datatype."""
    if kind[1:2] == b"@":
        return RDF + "langString"
    return kind[4:-1].decode() or XSD + "string"
