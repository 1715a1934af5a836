"""RDF/XML positions: where the statements of an RDF/XML text are, and where it is wrong. Pure, no I/O.

expat reports the offset of each element. The statements that elements and attributes make are listed in the order in
which pyoxigraph makes them (RDF/XML, section 7.2), so that each triple is matched with its element without resolving
IRIs, datatypes or blank nodes a second time.
"""

import re
import xml.parsers.expat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import IO, Final, cast

import pyoxigraph as ox

from publisher.rdf.namespaces import RDF
from publisher.rdf.pieces import Locate, Span, Spans

Attributes = dict[str, Spans]
"""Name of an attribute -> the spans of the attribute, of its name, and of its value without quotation marks."""

_START: Final = re.compile(r"<[^\s/>]+")
_ATTRIBUTE: Final = re.compile(r"""\s+([^\s=]+)\s*=\s*("[^"]*"|'[^']*')""")
_CLOSE: Final = re.compile(r"\s*/>")
_SEPARATOR: Final = " "
_RDF: Final = RDF + _SEPARATOR
_XML: Final = f"http://www.w3.org/XML/1998/namespace{_SEPARATOR}"
_TYPE: Final = _RDF + "type"
_NAMING: Final = (_RDF + "about", _RDF + "ID", _RDF + "nodeID")
_REFERRING: Final = (_RDF + "resource", _RDF + "nodeID")
_SYNTAX: Final = frozenset({*_NAMING, *_REFERRING, _RDF + "datatype", _RDF + "parseType"})
_CONTENTS: Final = {"": "nodes", "Collection": "nodes", "Resource": "properties"}
"""rdf:parseType -> what the element contains; any other contains XML."""


_PIECE: Final = re.compile(
    r"""[^<]* (?: <!--.*?--> | <!\[CDATA\[.*?\]\]> | < (?: "[^"]*" | '[^']*' | [^"'>] )* > ) | .+""",
    re.DOTALL | re.VERBOSE,
)
"""A tag, comment or section of an XML text, with the text before it; what is behind the last of them."""


def find_error(text: str) -> Span | tuple[None, None]:
    """Find where pyoxigraph rejects an RDF/XML text, which must be well-formed XML: its errors have no positions.

    It is given one tag after another, so that the mistake is in the last one that it read, or in the text before that.
    """
    pieces = _Pieces(text)
    try:
        for _ in ox.parse(cast("IO[bytes]", pieces), format=ox.RdfFormat.RDF_XML, base_iri="http://relative.invalid/"):
            pass
    except SyntaxError:
        return pieces.last
    return None, None


class _Pieces:
    """A text as a file of which each read returns at most one piece. last: the span of the piece read last."""

    def __init__(self, text: str) -> None:
        self._pieces = _PIECE.finditer(text)
        self._rest = b""
        self.last: Span = (0, 0)

    def read(self, size: int = -1) -> bytes:
        """Read at most `size` bytes, all of a piece if it is negative; none at the end."""
        if not self._rest and (piece := next(self._pieces, None)):
            self.last = (piece.end() - len(piece[0].lstrip()), piece.end())
            self._rest = piece[0].encode()
        end = len(self._rest) if size < 0 else size
        found, self._rest = self._rest[:end], self._rest[end:]
        return found


def locate(text: str, triples: Sequence[ox.Triple]) -> Locate:
    """Return what locates the triples of an RDF/XML text, by their numbers.

    text: a text that pyoxigraph has accepted. triples: all of the text, in the order of the parser. None is found if
    the text does not make these triples in the expected order.
    """
    rows = _Reader(text).rows
    if len(rows) != len(triples) or not all(map(_is_stated, rows, triples)):
        return lambda _: None
    return lambda number: rows[number][1]


def _is_stated(row: tuple[str, Spans], triple: ox.Triple) -> bool:
    predicate = triple.predicate.value
    return row[0] == predicate or (row[0] == RDF + "li" and predicate.startswith(RDF + "_"))


@dataclass(slots=True)
class _Element:
    """An element that is open.

    content: what it may contain: nodes, properties or "" (XML). start: the span of its first bracket and name. subject:
    the span that stands for the node that its content describes. predicate: the IRI of a property element. items: the
    spans of the nodes in it. end: the offset of its end if it is an empty-element tag, else 0.
    """

    content: str
    start: Span
    subject: Span
    predicate: str = ""
    kind: str = ""
    attributes: Attributes = field(default_factory=dict)
    items: list[Span] = field(default_factory=list)
    end: int = 0


class _Reader:
    """Lists the statements of a text. rows: the predicate of each, and its spans, in the order of the parser."""

    def __init__(self, text: str) -> None:
        self.rows: list[tuple[str, Spans]] = []
        self._text = text
        mark = len(text) - len(text.lstrip(" \ufeff"))  # A byte order mark, or the space in its place.
        self._data = text[mark:].encode()
        self._seen = (0, mark)
        self._open = [_Element("nodes", (0, 0), (0, 0))]
        self._parser = xml.parsers.expat.ParserCreate("utf-8", _SEPARATOR)
        self._parser.ordered_attributes = True
        self._parser.specified_attributes = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.Parse(self._data, True)

    def _offset(self) -> int:
        """Return the offset of the current event, in characters."""
        index = self._parser.CurrentByteIndex
        last, characters = self._seen
        self._seen = index, characters + len(self._data[last:index].decode())
        return self._seen[1]

    def _start(self, name: str, attributes: list[str]) -> None:
        offset = self._offset()
        parent = self._open[-1]
        found = _START.match(self._text, offset)
        span = found.span() if found else (offset, offset + 1)  # An entity, if there is a reference in its place.
        end, places = self._find_attributes(span, attributes[::2])
        if parent.content == "nodes":
            element = self._start_node(parent, name, span, places)
        elif parent.content:
            kind = dict(zip(attributes[::2], attributes[1::2], strict=True)).get(_RDF + "parseType", "")
            element = self._start_property(parent, name, span, places, kind)
        else:
            element = _Element("", span, span)
        closed = _CLOSE.match(self._text, end)
        element.end = closed.end() if closed else 0
        self._open.append(element)

    def _find_attributes(self, start: Span, names: Sequence[str]) -> tuple[int, Attributes]:
        """Return the offset after the attributes, and their spans."""
        spans: list[Spans] = []
        end = start[1]
        while match := _ATTRIBUTE.match(self._text, end):
            end = match.end()
            if not re.match(r"xmlns(:|\Z)", match[1]):
                spans.append(((match.start(1), end), match.span(1), (match.start(2) + 1, end - 1)))
        if len(names) != len(spans):
            return end, dict.fromkeys(names, (start, start, start))
        return end, dict(zip(names, spans, strict=True))

    def _start_node(self, parent: _Element, name: str, span: Span, places: Attributes) -> _Element:
        if name == _RDF + "RDF" and len(self._open) == 1:
            return _Element("nodes", span, span)
        subject = _first_value(places, _NAMING, span)
        parent.items.append(subject)
        if name != _RDF + "Description":
            self.rows.append((RDF + "type", (subject, span, span)))
        self._add_attributes(subject, places)
        return _Element("properties", span, subject)

    def _start_property(self, parent: _Element, name: str, span: Span, places: Attributes, kind: str) -> _Element:
        predicate = name.replace(_SEPARATOR, "")
        element = _Element(_CONTENTS.get(kind, ""), span, parent.subject, predicate, kind, places)
        if kind == "Resource":
            self._add(element, span)
            element.subject = span
        return element

    def _end(self, _: str) -> None:
        offset = self._offset()
        element = self._open.pop()
        if not element.predicate or element.kind == "Resource":
            return
        if not element.items and not element.kind:
            self._add_attributes(_first_value(element.attributes, _REFERRING, element.start), element.attributes)
        end = element.end or self._text.find(">", offset) + 1
        self._add(element, element.start if element.items else (element.start[0], end))
        if element.kind == "Collection":
            for item in element.items:
                self.rows += [(RDF + name, (item, item, item)) for name in ("rest", "first")]

    def _add(self, element: _Element, value: Span) -> None:
        """Add the statement of a property element, and those about it if it has an rdf:ID (section 7.3)."""
        start = element.start
        self.rows.append((element.predicate, (element.subject, start, value)))
        if _RDF + "ID" in element.attributes:
            about = element.attributes[_RDF + "ID"][2]
            self.rows += [(RDF + name, (about, start, start)) for name in ("object", "predicate", "subject", "type")]

    def _add_attributes(self, subject: Span, places: Attributes) -> None:
        """Add the statements of property attributes: the type first, then the others from the last to the first."""
        others = [name for name in places if name not in _SYNTAX and name != _TYPE and not name.startswith(_XML)]
        for name in [_TYPE] * (_TYPE in places) + others[::-1]:
            whole, key, value = places[name]
            self.rows.append((name.replace(_SEPARATOR, ""), (subject, key, value if name == _TYPE else whole)))


def _first_value(places: Attributes, names: Iterable[str], default: Span) -> Span:
    return next((places[name][2] for name in names if name in places), default)
