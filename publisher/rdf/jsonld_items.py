"""JSON-LD items: the items of the array on top of a JSON-LD text, and markers between them. Pure, no I/O.

A node object for each marker, with an IRI of its own, is put before each item. pyoxigraph makes triples in the order of
the text, so those between two markers are of the item after the first one.
"""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

import pyoxigraph as ox

from publisher.rdf.pieces import Pieces

_BRACKET: Final = re.compile(r'(?:[^][{}"]++|"(?:[^"\\]++|\\.)*+")*+([][{}])', re.DOTALL)
_GRAPH: Final = re.compile(r'"@graph"\s*:\s*\Z')
_LOOK_BACK: Final = 100
"""Characters before the array of a graph in which its key is looked for."""


class TooDeepError(Exception):
    """A text is nested too deep. start: the offset of the bracket."""

    def __init__(self, start: int) -> None:
        super().__init__(start)
        self.start = start


def find_items(text: str, limit: int) -> list[int]:
    """Return the offsets of the items of the array that is the root or its only `@graph`, and of the end of that array,
    all after 0; only 0 if there is none. Raises TooDeepError where the text is nested more than `limit` deep.
    """
    starts, depth, level, arrays = [0], 0, -1, 0
    for match in _BRACKET.finditer(text):
        mark, offset = match[1], match.start(1)
        if mark in "[{":
            depth += 1
            if depth > limit:
                raise TooDeepError(offset)
            if depth == level + 1:
                starts.append(offset)
            elif depth <= 2 and level < 0 and mark == "[" and _holds_items(text, depth, offset):
                level, arrays = depth, arrays + 1
        else:
            if depth == level:
                starts.append(offset)
                level = -1
            depth -= 1
    return starts if arrays == 1 else [0]


def _holds_items(text: str, depth: int, offset: int) -> bool:
    """Whether an array is the root, or the value of `@graph` in the root."""
    return depth == 1 or _GRAPH.search(text, max(0, offset - _LOOK_BACK), offset) is not None


def mark_items(text: str, starts: Sequence[int]) -> tuple[str, ox.NamedNode]:
    """Return a text with a marker before each item and at the end of the array, and the IRI of the markers."""
    stem = "mark:"
    while stem in text:
        stem = "x" + stem
    marker = f'{{"@id":"{stem}item","{stem}item":true}}'
    cuts = [*starts, len(text)]
    parts = [text[begin:end] for begin, end in pairwise(cuts)]
    return f"{f'{marker},'.join(parts[:-1])},{marker}{parts[-1]}", ox.NamedNode(f"{stem}item")


def number_triples(quads: Iterable[ox.Quad], marker: ox.NamedNode, pieces: Pieces) -> Iterator[ox.Quad]:
    """Yield the triples of a marked text without those of the markers, and note the piece of each."""
    numbers = array("L")
    pieces.of_triples = numbers
    piece = 0
    for quad in quads:
        if quad.predicate == marker:
            piece += 1
        else:
            numbers.append(piece)
            yield quad
