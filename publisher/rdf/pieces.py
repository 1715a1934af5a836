"""Pieces: a text of the Turtle family, cut where statements end, and the piece from which the parser read each triple.

The parser asks for a piece when it has read everything before it. So a triple is stated in the last piece that the
parser was given.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

import pyoxigraph as ox

from publisher.rdf.turtle_tokens import PIECE

Span = tuple[int, int]
"""Begin and end offset in a text, in characters from 0, the end exclusive."""


class Pieces:
    """The pieces of a text. starts: the offset of each. of_triples: for each triple that was read, in order, the number
    of its piece."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts: Sequence[int] = array("L", (match.start() for match in PIECE.finditer(text) if match[0]))
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

    def select(self, piece: int, triples: Sequence[ox.Triple]) -> Sequence[ox.Triple]:
        """Return the triples of a piece. triples: all of the text, in the order of the parser."""
        return triples[bisect_left(self.of_triples, piece) : bisect_right(self.of_triples, piece)]
