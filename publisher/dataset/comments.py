"""Comments: which statement each comment of a Turtle file belongs to, so that a rewritten file keeps it there."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.rdf.pieces import Span
from publisher.rdf.turtle import Comments, find_labeled
from publisher.rdf.turtle_tokens import find_comments


@dataclass(frozen=True)
class _Stated:
    """A triple, and the spans of its terms where it is first stated."""

    triple: ox.Triple
    subject: Span
    predicate: Span
    object: Span


def attach_comments(file: File, triples: Sequence[ox.Triple]) -> Comments:
    """Attach each comment below the header to the statement after it, or to the one before it on the same line.

    triples: the triples of the file, in the order in which they will be written. A comment inside a blank node or list
    belongs to the statement that contains it.
    """
    found = Comments()
    comments = [(match.start(), match[0].rstrip()) for match in find_comments(file.text, file.header_end)]
    if not comments:
        return found
    index = _Index(list(_locate(file, triples)), find_labeled(triples))
    for offset, comment in comments:
        line = file.text[max(file.text.rfind("\n", 0, offset), file.text.rfind("\r", 0, offset)) + 1 : offset]
        earlier, later = index.find_around(offset)
        if line.strip() and earlier:
            found.behind.setdefault(index.find_outermost(earlier).triple, []).append(comment)
        elif later is None:
            found.end.append(comment)
        else:
            outer = index.find_outermost(later)
            if index.is_first(outer) and outer.subject[0] > offset:
                found.subjects.setdefault(outer.triple.subject, []).append(comment)
            else:
                found.before.setdefault(outer.triple, []).append(comment)
    return found


def _locate(file: File, triples: Sequence[ox.Triple]) -> Iterator[_Stated]:
    for read, written in zip(file.triples, triples, strict=True):
        if spans := file.positions.find(read):
            yield _Stated(written, *spans)


class _Index:
    """Finds statements by their location. labeled: the blank nodes that have their own blocks."""

    def __init__(self, stated: list[_Stated], labeled: Set[Any]) -> None:
        self._by_begin = sorted(stated, key=lambda each: each.predicate[0])
        self._by_end = sorted(stated, key=lambda each: each.object[1])
        self._begins = [each.predicate[0] for each in self._by_begin]
        self._ends = [each.object[1] for each in self._by_end]
        blank = (each for each in self._by_begin if isinstance(each.triple.object, ox.BlankNode))
        self._containing = {each.triple.object: each for each in blank if each.triple.object not in labeled}
        self._first = {each.triple.subject: each for each in reversed(self._by_begin)}

    def find_around(self, offset: int) -> tuple[_Stated | None, _Stated | None]:
        """Return the last statement that ends before an offset, and the first that begins after it."""
        before, after = bisect_right(self._ends, offset), bisect_right(self._begins, offset)
        earlier = self._by_end[before - 1] if before else None
        return earlier, (self._by_begin[after] if after < len(self._by_begin) else None)

    def find_outermost(self, stated: _Stated) -> _Stated:
        """Return the top-level statement that contains a statement inside a blank node."""
        while stated.triple.subject in self._containing:
            stated = self._containing[stated.triple.subject]
        return stated

    def is_first(self, stated: _Stated) -> bool:
        """Whether a statement is the first of its subject."""
        return self._first[stated.triple.subject] == stated
