"""Comments: which statement each comment of a Turtle file belongs to, so that a rewritten file keeps it there."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.rdf.lines import LINE_END
from publisher.rdf.namespaces import RDF
from publisher.rdf.pieces import Span
from publisher.rdf.turtle import Comments, find_forms
from publisher.rdf.turtle_tokens import COMMENT, IRI, NAME, STRING, find_comments

IGNORE: Final = re.compile(r"#[ \t]*publisher:[ \t]*ignore\b(?P<names>.*)")
"""A comment that suppresses findings on one line."""
_BUILT_IN: Final = re.compile(r"[\s,\[\]a-z0-9-]*\Z")
"""The names of built-in rules; these are about predicates and objects."""
_BETWEEN: Final = re.compile(rf"(?P<term>{IRI}|{STRING}|{NAME})|{COMMENT}|(?P<mark>[\[\]();,.])", re.DOTALL)
_FIRST: Final = ox.NamedNode(RDF + "first")
_REST: Final = ox.NamedNode(RDF + "rest")
_LABEL: Final = re.compile(rf"_:({NAME})")
"""The label of a blank node; in a text it may be something else, but then no blank node has it."""


@dataclass(frozen=True)
class _Stated:
    """A triple, and the spans of its terms where it is first stated."""

    triple: ox.Triple
    subject: Span
    predicate: Span
    object: Span


def attach_comments(file: File, triples: Sequence[ox.Triple]) -> Comments:
    """Attach each comment below the header to the statement after it, or to the one before it on the same line.

    triples: the triples of the file, in the order in which they will be written. A comment inside a list belongs to the
    item before it on the line, else to the one after it; a comment that stands alone inside a blank node, to the
    statement that contains that. What suppresses findings on a line goes to all statements of that line, because each
    gets a line of its own.
    """
    comments = list(find_comments(file.text, file.header_end))
    labels = frozenset(_LABEL.findall(file.text))
    if not comments:
        return Comments(labels=labels)
    index = _Index(file.text, list(_locate(file, triples)), *find_forms(triples, labels))
    attacher = _Attacher(file.text, index, Comments(labels=labels))
    for match in comments:
        attacher.attach(match.start(), match[0].rstrip())
    return attacher.found


def _locate(file: File, triples: Sequence[ox.Triple]) -> Iterator[_Stated]:
    for read, written in zip(file.triples, triples, strict=True):
        if spans := file.positions.find(read):
            yield _Stated(written, *spans)


class _Attacher:
    """Attaches the comments of one text. found: those that are attached."""

    def __init__(self, text: str, index: "_Index", found: Comments) -> None:
        self._text, self._index, self.found = text, index, found

    def attach(self, offset: int, comment: str) -> None:
        """Attach the comment at an offset."""
        is_trailing = bool(self._text[self._find_line(offset) : offset].strip())
        ignore = IGNORE.match(comment)
        if ignore and self._attach_ignore(offset, comment, ignore["names"], is_trailing=is_trailing):
            return
        earlier, later = self._index.find_around(offset)
        words, marks = self._read_between(earlier.object[1] if earlier else 0, offset)
        around = self._index.find_containing(offset)
        last = self._index.find_owner(earlier, marks.count("]")) if earlier and not words else None
        if last and not is_trailing and self._index.ends_list_after(last, offset):
            self.found.after.setdefault(last.triple, []).append(comment)
        elif is_trailing and around:
            self._attach_behind(self._index.find_owner(around), comment)
        elif is_trailing and earlier and not words:
            self._attach_behind(self._index.find_owner(earlier, marks.count("]")), comment)
        elif earlier and not words and "." not in marks and self._ends_block(offset, later):
            owner = self._index.find_outermost(earlier)
            self.found.after.setdefault(owner.triple, []).append(comment)
        elif later is None:
            self.found.end.append(comment)
        elif item := self._index.items.get(later.triple.subject):
            self.found.before.setdefault(item.triple, []).append(comment)
        else:
            self._attach_before(self._index.find_outermost(later), offset, comment)

    def _attach_behind(self, owner: _Stated, comment: str) -> None:
        """Attach a comment behind a statement or item; inside a blank node only one: the next would stand alone."""
        outer = self._index.find_outermost(owner)
        found, triple = self.found.behind, owner.triple
        if owner.triple in found and self._index.is_cell(owner):
            found = self.found.after
        elif owner.triple in found and outer != owner:
            found, triple = self.found.before, outer.triple
        found.setdefault(triple, []).append(comment)

    def _attach_before(self, outer: _Stated, offset: int, comment: str) -> None:
        line_end = LINE_END.search(self._text, offset)
        is_above = line_end is not None and self._index.is_first(outer) and outer.predicate[0] > line_end.start()
        if is_above and (outer.subject[0] > offset or self._find_line(outer.subject[0]) == self._find_line(offset)):
            self.found.subjects.setdefault(outer.triple.subject, []).append(comment)
        else:
            self.found.before.setdefault(outer.triple, []).append(comment)

    def _attach_ignore(self, offset: int, comment: str, names: str, *, is_trailing: bool) -> bool:
        """Attach what suppresses findings to all that stands on its line; return whether anything does."""
        start = self._find_line(offset)
        if not is_trailing:
            while self._text[start:].lstrip(" \t").startswith("#"):
                line_end = LINE_END.search(self._text, start)
                start = line_end.end() if line_end else len(self._text)
        line_end = LINE_END.search(self._text, start)
        end = line_end.start() if line_end else len(self._text)
        statements, subjects, items = self._index.find_on_line(start, end)
        heads = [] if _BUILT_IN.match(names.partition("--")[0]) else subjects
        for stated in statements:
            of_triples = self.found.behind if is_trailing else self.found.before
            of_triples.setdefault(stated.triple, []).append(comment)
        for stated in items:
            self.found.items.setdefault(stated.triple, []).append(comment)
        for subject in heads:
            of_subjects = self.found.subjects if not is_trailing and self._index.is_root(subject) else self.found.heads
            of_subjects.setdefault(subject, []).append(comment)
        return bool(statements or heads)

    def _find_line(self, offset: int) -> int:
        """Return where the line of an offset begins."""
        return max(self._text.rfind("\n", 0, offset), self._text.rfind("\r", 0, offset)) + 1

    def _read_between(self, start: int, end: int) -> tuple[bool, str]:
        """Return whether there are terms between two offsets, and the marks there."""
        found = list(_BETWEEN.finditer(self._text, start, end))
        return any(match["term"] for match in found), "".join(match["mark"] or "" for match in found)

    def _ends_block(self, offset: int, later: _Stated | None) -> bool:
        """Whether the block of a subject ends before the next statement."""
        return later is None or "." in self._read_between(offset, later.predicate[0])[1]


class _Index:
    """Finds statements by their location. labeled: the blank nodes that have their own blocks. cells: those that are
    cells of lists in brackets."""

    def __init__(self, text: str, stated: list[_Stated], labeled: Set[Any], cells: Set[Any]) -> None:
        self._text, self._cells = text, cells
        self._by_begin = sorted(stated, key=lambda each: each.predicate[0])
        self._by_end = sorted(stated, key=lambda each: each.object[1])
        self._begins = [each.predicate[0] for each in self._by_begin]
        self._ends = [each.object[1] for each in self._by_end]
        blank = (each for each in self._by_begin if isinstance(each.triple.object, ox.BlankNode))
        self._containing = {each.triple.object: each for each in blank if each.triple.object not in labeled}
        self._first = {each.triple.subject: each for each in reversed(self._by_begin)}
        rests = (each for each in stated if each.triple.predicate == _REST and each.triple.subject in cells)
        self._ends_of_lists = {each.triple.subject: each for each in rests if self._ends_list(each)}
        firsts = (each for each in stated if each.triple.predicate == _FIRST and each.triple.subject in cells)
        self.items: dict[Any, _Stated] = {each.triple.subject: each for each in firsts}
        """Cell -> the statement of its item."""

    def find_around(self, offset: int) -> tuple[_Stated | None, _Stated | None]:
        """Return the last statement that ends before an offset, and the first that begins after it."""
        before, after = bisect_right(self._ends, offset), bisect_right(self._begins, offset)
        earlier = self._by_end[before - 1] if before else None
        return earlier, (self._by_begin[after] if after < len(self._by_begin) else None)

    def find_containing(self, offset: int) -> _Stated | None:
        """Return the statement whose predicate ends before an offset and whose first object begins after it."""
        before, ended = bisect_right(self._begins, offset), bisect_right(self._ends, offset)
        if not before or (ended and self._ends[ended - 1] > self._begins[before - 1]):
            return None
        first = self._by_begin[bisect_left(self._begins, self._begins[before - 1])]
        return first if first.predicate[1] <= offset <= first.object[0] else None

    def find_on_line(self, start: int, end: int) -> tuple[list[_Stated], list[Any], list[_Stated]]:
        """Return the statements whose objects begin between two offsets, innermost ones only; the subjects whose first
        statements do; and, in place of the items of lists that are there as a whole, these items."""
        first, last = bisect_right(self._ends, start), bisect_right(self._ends, end)
        found = [each for each in self._by_end[first:last] if start <= each.object[0]]
        leaves = [each for each in found if each.triple.object not in self._containing or self._is_empty(each)]
        owners = {owner.triple: owner for owner in map(self.find_owner, leaves)}
        items = [owner for owner in owners.values() if self._is_whole(owner, owners, start)]
        subjects = dict.fromkeys(e.triple.subject for e in found if start <= e.subject[0] < end and self.is_first(e))
        return (
            [owner for owner in owners.values() if owner not in items],
            [subject for subject in subjects if subject not in self._cells],
            items,
        )

    def _is_whole(self, item: _Stated, owners: Mapping[ox.Triple, _Stated], start: int) -> bool:
        """Whether the list of an item begins after an offset, and what it is the object of is among the owners."""
        if not self.is_cell(item):
            return False
        outer = self._find_list(item)
        return outer.triple in owners and outer.object[0] >= start

    def find_owner(self, stated: _Stated, closed: int = 0) -> _Stated:
        """Return the statement or item that contains a statement: an item of the list that it is about; of lists and
        blank nodes that have ended, what these are the object of. closed: how many blank nodes have ended."""
        while stated.triple.subject in self._containing:
            if self.is_cell(stated):
                if not self._ends_list(stated):
                    return self._find_item(stated)
                stated = self._find_list(stated)
            elif closed:
                closed -= 1
                stated = self._containing[stated.triple.subject]
            if not closed and not self.is_cell(stated):
                break
        return stated

    def _find_list(self, stated: _Stated) -> _Stated:
        """Return the statement whose object is the list that a statement is about."""
        while self.is_cell(stated):
            stated = self._containing[stated.triple.subject]
            if stated.triple.predicate != _REST:
                break
        return stated

    def _ends_list(self, stated: _Stated) -> bool:
        return self._text[slice(*stated.object)] == ")"

    def _find_item(self, stated: _Stated) -> _Stated:
        """Return the statement of the item that a statement about a cell is about: in brackets, the next cell is its
        item."""
        following = self.items.get(stated.triple.object) if stated.triple.predicate == _REST else None
        if following and following.object == stated.object:
            return following
        return self.items[stated.triple.subject]

    def ends_list_after(self, item: _Stated, offset: int) -> bool:
        """Whether an item is the last one of a list whose bracket is behind an offset."""
        end = self._ends_of_lists.get(item.triple.subject)
        return end is not None and end.object[0] >= offset

    def find_outermost(self, stated: _Stated) -> _Stated:
        """Return the top-level statement that contains a statement inside a blank node."""
        while stated.triple.subject in self._containing:
            stated = self._containing[stated.triple.subject]
        return stated

    def is_first(self, stated: _Stated) -> bool:
        """Whether a statement is the first of its subject."""
        return self._first[stated.triple.subject] == stated

    def is_root(self, subject: Any) -> bool:
        """Whether a subject has its own block."""
        return subject not in self._containing

    def _is_empty(self, stated: _Stated) -> bool:
        """Whether nothing is stated about the blank node that is the object."""
        return stated.triple.object not in self._first

    def is_cell(self, stated: _Stated) -> bool:
        """Whether a statement is about a cell of a list in brackets."""
        return stated.triple.subject in self._cells
