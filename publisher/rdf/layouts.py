"""Layouts: where the statements of one part of a text are, for other parts that are written alike. Pure, no I/O.

Parts are written alike if they differ only in texts, numbers and, in Turtle, names; then their statements are at the
same values, and nothing has to be parsed to locate them.
"""

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from publisher.rdf.namespaces import RDF
from publisher.rdf.turtle_tokens import INSIDE, NUMBER

JSON: Final = re.compile(
    r"""(?:"(?:[^"\\]++|\\.)*+"\s*+:|""|[^"\d-]++)*+(?:"((?:[^"\\]++|\\.)++)"|(-?\d[\d.eE+-]*+)|\Z|(?P<unread>.))""",
    re.DOTALL,
)
"""The next string that is no key, or number, of JSON, and what is before it."""
JSON_FOREIGN: Final = re.compile(r'"@context"|\\u00[46]')
"""A context, or an escape that may hide one: then values say what keys mean."""
XML: Final = re.compile(
    r"""(?:\s(?:xmlns(?::[^\s=]*)?|[^\s=<>"']*parseType)\s*=\s*(?:"[^"]*"|'[^']*')"""
    r"""|""|''|>(?![^<])|[^"'>\s]++|\s)*+(?:"([^"]+)"|'([^']+)'|>([^<]+)|\Z|(?P<unread>.))""",
    re.DOTALL,
)
"""The next value of an attribute, or text of an element, and what is before it; values that decide how an element is
read are part of that."""
XML_FOREIGN: Final = re.compile(r"<[!?]|>[^<]*&(?!(?:amp|lt|gt|quot|apos|#\w+);)")
"""Comments, sections and instructions, in which anything may stand, and entities, which may have elements."""

_LOCAL: Final = rf"(?:{INSIDE}++|\\.|\.+(?={INSIDE}|\\))++"
_PREFIX: Final = rf"(?!\.|{NUMBER})(?:(?!:){INSIDE}|\.+(?={INSIDE}))*+"
_MARKS: Final = r"""[\s;,\[\](){}|~^]++|\.(?!\d)|@[\w-]++|<>|"{6}|'{6}|""(?!")|''(?!')|\#(?![^\r\n])"""
_WORD: Final = rf"{_PREFIX}(?:(?<=\w)(?!:)|:(?!{_LOCAL}))"
"""A keyword, or a prefixed name without a local one."""
_TEXTS: Final = (
    r""""{3}((?:[^"\\]++|\\.|"{1,2}(?!"))++)"{3}|'{3}((?:[^'\\]++|\\.|'{1,2}(?!'))++)'{3}"""
    r"""|"((?:[^"\\]++|\\.)++)"|'((?:[^'\\]++|\\.)++)'"""
)
TURTLE: Final = re.compile(
    rf"(?:{_MARKS}|{_WORD})*+"
    rf"(?:<([^<>\s]++)>|{_TEXTS}|\#([^\r\n]++)|({NUMBER})|{_PREFIX}:({_LOCAL})|\Z|(?P<unread>.))",
    re.ASCII | re.DOTALL,
)
"""The next IRI, text, comment, number or local name of Turtle, TriG, N-Triples or N-Quads, and what is before it."""
SEPARATORS: Final = ", \t\r\n"
"""The characters between parts."""
MAX_PART: Final = 1 << 16
"""Characters of a part that is compared with others: longer ones are rarely alike."""
_TYPE: Final = ox.NamedNode(RDF + "type")
_UNNUMBERED: Final = -1


class Places(NamedTuple):
    """The places of the triples of a part. offsets: of the terms of each. typical: whether they follow from the layout
    alone."""

    offsets: "array[int]"
    typical: bool


class Part(NamedTuple):
    """A part of a text. key: what is between its values, the same for parts that are written alike. bounds: where its
    values end and begin in turn, after where the part begins; none of them is empty."""

    key: str
    bounds: list[int]


class Layouts:
    """The layouts of parts of one text that are known. values: finds what may differ. foreign: finds what a part must
    not have."""

    def __init__(self, text: str, values: re.Pattern[str], foreign: re.Pattern[str] | None = None) -> None:
        self._text, self._values, self._foreign = text, values, foreign
        self._known: dict[Hashable, tuple[list[int], list[int]]] = {}

    def place(self, start: int, end: int, about: Hashable, read: Callable[[], Places]) -> "array[int]":
        """Return the offsets of the terms of the triples of a part: as in one that is written alike, else as read.

        about: what decides on them beside the layout. read: locates the triples by reading the part.
        """
        part = self.split(start, end)
        found = self._known.get((part.key, about)) if part else None
        if part and found:
            numbers, distances = found
            return array("L", map(int.__add__, map(part.bounds.__getitem__, numbers), distances))
        offsets, typical = read()
        places = [_place(part, offset) for offset in offsets] if part and typical else []
        if part and places and None not in places:
            numbers, distances = map(list, zip(*places, strict=True))
            self._known[part.key, about] = numbers, distances
        return offsets

    def split(self, start: int, end: int) -> Part | None:
        """Split a part into its values and what is between them; None if it is too long, or has what may hide other
        differences."""
        if end - start > MAX_PART or (self._foreign and self._foreign.search(self._text, start, end)):
            return None
        end = start + len(self._text[start:end].rstrip(SEPARATORS))
        matches = list(self._values.finditer(self._text, start, end))
        if any(match.lastgroup for match in matches):
            return None
        spans = (match.span(match.lastindex) for match in matches if match.lastindex)
        bounds = [start, *(offset for span in spans for offset in span), end]
        between = zip(bounds[::2], bounds[1::2], strict=True)
        return Part("\0".join([self._text[begin:stop] for begin, stop in between]), bounds)


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
