"""Layouts: where the statements of one part of a text are, for other parts that are written alike. Pure, no I/O.

Parts are written alike if they differ only in the values between quotation marks, in numbers, and in texts; then their
statements are at the same values, and nothing has to be parsed to locate them.
"""

import re
from array import array
from bisect import bisect_right
from collections.abc import Hashable, Sequence
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from publisher.rdf.namespaces import RDF

JSON: Final = re.compile(
    r"""(?:"(?:[^"\\]++|\\.)*+"\s*+:|""|[^"\d-]++)*+(?:"((?:[^"\\]++|\\.)++)"|(-?\d[\d.eE+-]*+)|\Z)""", re.DOTALL
)
"""The next string that is no key, or number, of JSON, and what is before it."""
JSON_FOREIGN: Final = re.compile(r'"@context"|\\u00[46]')
"""A context, or an escape that may hide one: then values say what keys mean."""
XML: Final = re.compile(
    r"""(?:\s(?:xmlns(?::[^\s=]*)?|[^\s=<>"']*parseType)\s*=\s*(?:"[^"]*"|'[^']*')"""
    r"""|""|''|>(?![^<])|[^"'>\s]++|\s)*+(?:"([^"]+)"|'([^']+)'|>([^<]+)|\Z)"""
)
"""The next value of an attribute, or text of an element, and what is before it; values that decide how an element is
read are part of that."""
XML_FOREIGN: Final = re.compile(r"<[!?]|>[^<]*&(?!(?:amp|lt|gt|quot|apos|#\w+);)")
"""Comments, sections and instructions, in which anything may stand, and entities, which may have elements."""

SEPARATORS: Final = ", \t\r\n"
"""The characters between parts."""
_TYPE: Final = ox.NamedNode(RDF + "type")
_UNNUMBERED: Final = -1


class Part(NamedTuple):
    """A part of a text. key: what is between its values, the same for parts that are written alike. bounds: where its
    values end and begin in turn, after where the part begins; none of them is empty."""

    key: str
    bounds: list[int]


class Layouts:
    """The layouts of parts of one text that are known. values: finds what may differ. foreign: finds
    what a part must not have."""

    def __init__(self, text: str, values: re.Pattern[str], foreign: re.Pattern[str]) -> None:
        self._text, self._values, self._foreign = text, values, foreign
        self._known: dict[Hashable, tuple[list[int], list[int]]] = {}

    def read(self, start: int, end: int) -> Part | None:
        """Read a part of the text; None if it has what may hide other differences."""
        if self._foreign.search(self._text, start, end):
            return None
        end = start + len(self._text[start:end].rstrip(SEPARATORS))
        matches = self._values.finditer(self._text, start, end)
        spans = (match.span(match.lastindex) for match in matches if match.lastindex)
        bounds = [start, *(offset for span in spans for offset in span), end]
        between = zip(bounds[::2], bounds[1::2], strict=True)
        return Part("\0".join([self._text[begin:stop] for begin, stop in between]), bounds)

    def find(self, part: Part, triples: Sequence[ox.Triple]) -> "array[int] | None":
        """Return where the terms of the triples of a part are, if a part is known that is written alike."""
        found = self._known.get((part.key, describe(triples)))
        if found is None:
            return None
        return array("L", map(int.__add__, map(part.bounds.__getitem__, found[0]), found[1]))

    def keep(self, part: Part, triples: Sequence[ox.Triple], offsets: Sequence[int]) -> None:
        """Keep where the terms of the triples of a part are, if all are at its values."""
        places = [_place(part, offset) for offset in offsets]
        if None not in places:
            numbers, distances = zip(*places, strict=True)
            self._known[part.key, describe(triples)] = list(numbers), list(distances)


def _place(part: Part, offset: int) -> tuple[int, int] | None:
    """Return the number of a bound, and the distance of an offset from it, which is the same where a part is written
    alike; None if the offset is inside of a value."""
    number = bisect_right(part.bounds, offset) - 1
    distance = offset - part.bounds[number]
    return (number, distance) if number >= 0 and (number % 2 == 0 or distance == 0) else None


def describe(triples: Sequence[ox.Triple]) -> Hashable:
    """Return what decides on the places of triples beside the layout of their part: predicates, types, and which nodes
    are the same."""
    numbers: dict[Any, int] = {}
    found: list[Any] = []
    for triple in triples:
        predicate, object_ = triple.predicate, triple.object
        found.append(predicate)
        found.append(numbers.setdefault(triple.subject, len(numbers)))
        if predicate == _TYPE:
            found.append(object_)
        else:
            literal = type(object_) is ox.Literal
            found.append(_UNNUMBERED if literal else numbers.setdefault(object_, len(numbers)))
    return tuple(found)
