"""Pieces: a text that is cut where statements, items or elements begin, and the piece that each triple is stated in.

Turtle, TriG and RDF/XML are given to the parser piece by piece. It asks for the next one when it has read everything
before, so a triple is stated in the last piece that it was given. JSON-LD is parsed as a whole: there `jsonld_items`
marks where each piece begins.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

Span = tuple[int, int]
"""Begin and end offset in a text, in characters from 0, the end exclusive."""

Spans = tuple[Span, Span, Span]
"""The spans of subject, predicate and object of a triple."""
Locate = Callable[[int], Spans | None]
"""Locates a triple, by its number; None if it is not found."""

OFFSETS: Final = 6
"""The offsets of a statement: where each of its terms begins and ends."""


class Placed:
    """The places of the statements of one piece of a text, in 48 bytes each.

    first: the number of the first one. offsets: of each, in the order of the parser; zeros where it is not found.
    """

    __slots__ = ("_first", "_offsets")

    def __init__(self, first: int, offsets: "array[int]") -> None:
        self._first, self._offsets = first, offsets

    def spans(self, number: int) -> Spans | None:
        """Return the spans of a statement; None if it is not found."""
        begin = (number - self._first) * OFFSETS
        found = self._offsets[begin : begin + OFFSETS]
        return ((found[0], found[1]), (found[2], found[3]), (found[4], found[5])) if any(found) else None


def pack(spans: Iterable[Spans]) -> "array[int]":
    """Return the offsets of spans, as for `Placed`."""
    return array("L", [offset for each in spans for span in each for offset in span])


@dataclass(frozen=True)
class Excerpt:
    """A text in which all items but one are left out. text: what is left. triples: those of it, in the order of the
    parser. numbers: their numbers in the whole text. begin, end: the span of the item in it. moved, moved_tail: by how
    much the item, and what is after it, stand earlier than in the whole text."""

    text: str
    triples: Sequence[ox.Triple]
    numbers: Sequence[int]
    begin: int = 0
    end: int = 0
    moved: int = 0
    moved_tail: int = 0

    def move(self, locate: Locate) -> Locate:
        """Return what locates triples in the whole text. locate: locates them in the excerpt."""

        def find(number: int) -> Spans | None:
            spans = locate(bisect_left(self.numbers, number))
            return (self._move(spans[0]), self._move(spans[1]), self._move(spans[2])) if spans else None

        return find

    def _move(self, span: Span) -> Span:
        moved = 0 if span[0] < self.begin else self.moved if span[0] < self.end else self.moved_tail
        return span[0] + moved, span[1] + moved


class Pieces:
    """The pieces of a text. starts: the offset of each. of_triples: for each triple that was read, in order, the number
    of its piece."""

    def __init__(self, text: str, starts: Iterable[int]) -> None:
        self.text, self.starts = text, array("L", starts)
        self.of_triples: Sequence[int] = array("L")
        self._given = -1
        self._left = memoryview(b"")

    def number(self, quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
        """Yield what a parser makes of this stream, and note the piece of each."""
        numbers = array("L")
        self.of_triples = numbers
        for quad in quads:
            numbers.append(self._given)
            yield quad

    def read(self, size: int) -> bytes:
        """Return the next bytes for the parser, of one piece only."""
        if not self._left and self._given + 1 < len(self.starts):
            self._given += 1
            start, end = self.span(self._given)
            self._left = memoryview(self.text[start:end].encode())
        found, self._left = self._left[:size], self._left[size:]
        return bytes(found)

    def span(self, piece: int) -> Span:
        """Return the span of a piece."""
        return self.starts[piece], self.starts[piece + 1] if piece + 1 < len(self.starts) else len(self.text)

    def is_item(self, piece: int) -> bool:
        """Return whether a piece is an item: neither what is before the first one, nor what is after the last."""
        return 0 < piece < len(self.starts) - 1

    def find_triples(self, piece: int) -> Span:
        """Return the number of the first triple of a piece, and that after the last one."""
        return bisect_left(self.of_triples, piece), bisect_right(self.of_triples, piece)

    def excerpt(self, piece: int, triples: Sequence[ox.Triple], separators: str = "") -> Excerpt:
        """Return an excerpt: an item with what is before the first item and after the last; only these for a piece that
        is no item.

        triples: all of the text. separators: the characters that may stand between items.
        """
        last, is_item = len(self.starts) - 1, self.is_item(piece)
        start, end = self.span(piece) if is_item else (self.starts[1], self.starts[1])
        head, item, tail = self.text[: self.starts[1]], self.text[start:end], self.text[self.starts[last] :]
        head, item = (head, item.rstrip(separators)) if is_item else (head.rstrip(separators), "")
        begin = len(head)
        moved_tail = self.starts[last] - begin - len(item)
        pieces = [0, piece, last] if is_item else [0, last]
        numbers = [number for each in pieces for number in range(*self.find_triples(each))]
        whole = [triples[number] for number in numbers]
        return Excerpt(head + item + tail, whole, numbers, begin, begin + len(item), start - begin, moved_tail)
