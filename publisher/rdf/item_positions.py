"""Item positions: where the statements of JSON-LD and RDF/XML are, item by item. Pure, no I/O."""

from array import array
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

import pyoxigraph as ox

from publisher.rdf import jsonld_positions, layouts, rdfxml_positions
from publisher.rdf.jsonld_contexts import Find, restrict
from publisher.rdf.layouts import Layouts, Places, describe
from publisher.rdf.pieces import OFFSETS, Excerpt, Locate, Pieces, Placed, Spans, pack

_UNKNOWN: Final = array("L", bytes(OFFSETS * array("L").itemsize))
"""The offsets of a triple that is not found."""


class ItemPositions:
    """The places of the statements of one text.

    text, triples: as in `source_map.Positions`. pieces: as the parser read them; without them the text is read as a
    whole.
    """

    def __init__(
        self,
        text: str,
        format_: ox.RdfFormat,
        triples: Sequence[ox.Triple],
        base: str,
        context: Find,
        pieces: Pieces | None,
    ) -> None:
        self._text, self._triples, self._base, self._pieces = text, triples, base, pieces
        self._json = format_ == ox.RdfFormat.JSON_LD
        self._context = restrict(text, context) if self._json else context
        self._located: dict[int, Locate] = {}
        self._placed: dict[int, Placed] = {}
        rules = (layouts.JSON, layouts.JSON_FOREIGN) if self._json else (layouts.XML, layouts.XML_FOREIGN)
        self._layouts = Layouts(text, *rules)

    def find(self, number: int) -> Spans | None:
        """Return the spans of a triple, by its number; None if it is not found."""
        piece = self._pieces.of_triples[number] if self._pieces else 0
        if self._pieces and self._pieces.is_item(piece):
            if piece not in self._placed:
                self._placed[piece] = self._place(self._pieces, piece)
            return self._placed[piece].spans(number)
        if piece not in self._located:
            self._located[piece] = self._locate(piece)
        return self._located[piece](number)

    def _place(self, pieces: Pieces, piece: int) -> Placed:
        """Return the places of all triples of an item."""
        first, last = pieces.find_triples(piece)
        about = describe(self._triples[first:last])
        read = partial(self._read, piece, range(first, last))
        return Placed(first, self._layouts.place(*pieces.span(piece), about, read))

    def _read(self, piece: int, numbers: Iterable[int]) -> Places:
        locate, offsets = self._locate(piece), array("L")
        for spans in map(locate, numbers):
            offsets.extend(pack([spans]) if spans else _UNKNOWN)
        return Places(offsets, True)

    def _locate(self, piece: int) -> Locate:
        """Return what locates the triples of one item of JSON-LD or one element of RDF/XML."""
        excerpt = Excerpt(self._text, self._triples, range(len(self._triples)))
        if self._pieces:
            excerpt = self._pieces.excerpt(piece, self._triples, layouts.SEPARATORS if self._json else "")
        if self._json:
            read = jsonld_positions.Statements(excerpt.text, excerpt.triples, self._context, self._base)
            return excerpt.move(read.find)
        return excerpt.move(rdfxml_positions.locate(excerpt.text, excerpt.triples))
