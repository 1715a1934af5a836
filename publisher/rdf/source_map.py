"""The source map: where the terms of a statement are in a text.

pyoxigraph reports the triples of a text, but not their positions. Other modules locate JSON-LD and RDF/XML. Texts in
Turtle, TriG, N-Triples and N-Quads that pyoxigraph has accepted are cut at the ends of their statements, and the parser
reads them again piece by piece: what it reports before it asks for the next piece is stated in this one. Only pieces
that something is looked for in are split into tokens. The statements of a piece are written one per line, after the
directives in force, and parsed by pyoxigraph again. So only one parser interprets prefixes, bases, escapes and lexical
forms, and every located statement is one that pyoxigraph read at that location. The order in which the parser makes
statements depends on the kinds of tokens alone: pieces of the same kinds of tokens are compared once.
"""

import contextlib
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

import pyoxigraph as ox

from publisher.rdf import blank_nodes, jsonld_positions
from publisher.rdf.item_positions import ItemPositions
from publisher.rdf.jsonld_contexts import Find, find_none
from publisher.rdf.layouts import TURTLE, Layouts, Places
from publisher.rdf.lines import MAX_SOURCE, Lines, blank_mark
from publisher.rdf.namespaces import RDF
from publisher.rdf.pieces import Pieces, Placed, Span, Spans, pack
from publisher.rdf.turtle_tokens import DIRECTIVE, SKIP, TOKEN, find_kind, find_pieces

Node = tuple[str, int, int]
"""A term as it is written for the second parse, and its span."""
Row = tuple[Node, Node, Node]
"""One statement: subject, predicate and object."""

FORMATS: Final = (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
"""The formats of the Turtle family."""

LINES: Final = (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
"""The formats with one statement a line."""
_DIRECTIVE: Final = re.compile(rf"{SKIP}(?=[@PpBbVv])(?:{DIRECTIVE})", re.DOTALL)
_PREFIX: Final = re.compile(rf"{SKIP}@?(?i:prefix){SKIP}([^\s:]*:)")
_BASE: Final = re.compile(rf"{SKIP}@?(?i:base)")

_DOCTYPE: Final = re.compile(r".*?<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
"""The text before the root element, in which entities are declared."""

_ASKED: Final = 8
"""Triples that are looked for without an index, which takes as long as ten searches."""
_RUNS: Final = {"first": ("first",), "second": ("first", "second"), "third": ("first", "second", "third")}


@dataclass(frozen=True)
class Place:
    """A location, with the fields of Diagnostic.

    Lines and columns (code points) count from 1, the end is exclusive. source: the text of the line, cut to MAX_SOURCE;
    empty if the location is behind the cut.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    source: str


class Positions:
    """The locations of the statements of one text.

    text: a text that pyoxigraph has accepted, in RDF 1.1. format_: its format.
    triples: all triples of the text, in the order of the parser, with any blank node labels. base: the IRI that
    relative ones were resolved against, empty if none. context: finds the JSON-LD contexts that are known.
    pieces: as the parser read them; else the text is parsed again.
    """

    def __init__(
        self,
        text: str,
        format_: ox.RdfFormat,
        triples: Sequence[ox.Triple],
        base: str = "",
        context: Find = find_none,
        pieces: Pieces | None = None,
    ) -> None:
        self.text, self.format, self.triples, self.base = blank_mark(text), format_, triples, base
        self._context, self._given = context, pieces
        self._stated: dict[int, Placed] = {}
        self._layouts = Layouts(self.text, TURTLE)
        self._asked = 0
        self._ordered: set[str] = set()
        """The structures of pieces whose statements are known to be in the order of the parser."""

    def find(self, triple: ox.Triple) -> Spans | None:
        """Return the spans of subject, predicate and object of a triple, where it is first stated.

        The span of a blank node is its label or its opening bracket; the spans of list cells are those of the items.
        Of JSON-LD and RDF/XML, the subject is the IRI of the node object or element, else its start; the object is the
        member or property element, or the item of an array. None if the text does not contain the triple.
        """
        number = self._find_number(triple)
        if number is None:
            return None
        if self.format not in FORMATS:
            return self._items.find(number)
        assert self._pieces
        piece = self._pieces.of_triples[number]
        if piece not in self._stated:
            self._stated[piece] = self._place_piece(piece)
        return self._stated[piece].spans(number)

    def place(self, triple: ox.Triple, part: int) -> Place | None:
        """Locate a term of a triple: the subject (part 0), the predicate (1) or the object (2).

        If the triple is not found, the first mention of the IRI of the term, else of the subject; None if the text
        mentions neither.
        """
        spans = self.find(triple)
        terms = (triple.subject, triple.predicate, triple.object)
        named = (self._mention(term.value) for term in (terms[part], terms[0]) if isinstance(term, ox.NamedNode))
        span = spans[part] if spans else next((span for span in named if span), None)
        if span is None:
            return None
        (line, column), (end_line, end_column) = map(self._lines.locate, span)
        return Place(line, column, end_line, end_column, self._lines.source(line) if column <= MAX_SOURCE else "")

    def _mention(self, iri: str) -> Span | None:
        if self.format == ox.RdfFormat.JSON_LD:
            return self._mentions.get(iri)
        doctype = _DOCTYPE.match(self.text) if self.format == ox.RdfFormat.RDF_XML else None
        mention = re.compile(rf"{re.escape(iri)}(?=[\s\"'<>]|\Z)")
        found = mention.search(self.text, doctype.end() if doctype else 0)
        return found.span() if found else None

    @cached_property
    def _mentions(self) -> Mapping[str, Span]:
        return jsonld_positions.find_mentions(self.text)

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.text)

    def _find_number(self, triple: ox.Triple) -> int | None:
        """The number of a triple, where it is first stated; the first few are looked for without an index."""
        if self._asked < _ASKED:
            self._asked += 1
            with contextlib.suppress(ValueError):
                return self.triples.index(triple)
            return None
        return self._numbers.get(triple)

    @cached_property
    def _numbers(self) -> dict[ox.Triple, int]:
        """The number of each triple, where it is first stated."""
        last = len(self.triples) - 1
        return dict(zip(reversed(self.triples), range(last, -1, -1), strict=True))

    @cached_property
    def _pieces(self) -> Pieces | None:
        if self._given or self.format not in FORMATS:
            return self._given
        if self.format in LINES:
            lines = [start for start in self._lines.starts if self.text.startswith(("<", "_"), start)]
            if len(lines) == len(self.triples):  # Each line is a statement, an empty one or a comment.
                pieces = Pieces(self.text, lines)
                pieces.of_triples = range(len(lines))
                return pieces
        pieces = Pieces(self.text, find_pieces(self.text))
        for _ in pieces.number(ox.parse(pieces, format=self.format, base_iri=self.base or None)):  # type: ignore[arg-type]
            pass
        return pieces

    def _place_piece(self, piece: int) -> Placed:
        """Return the places of the statements of one piece of a text of the Turtle family."""
        assert self._pieces
        first, last = self._pieces.find_triples(piece)
        read = partial(self._read_piece, piece, self.triples[first:last])
        return Placed(first, self._layouts.place(*self._pieces.span(piece), last - first, read))

    def _read_piece(self, piece: int, triples: Sequence[ox.Triple]) -> Places:
        assert self._pieces
        start, end = self._pieces.span(piece)
        reader = _Reader(self.text, start, end, self.format)
        if len(reader.rows) == len(triples) and reader.structure in self._ordered:
            return Places(pack((row[0][1:], row[1][1:], row[2][1:]) for row in reader.rows), True)
        compared = _Comparison(reader, self.text, start, end, triples)
        offsets = pack(compared.sort(self._prologue.collect_directives(piece, self.text[start:end]), self.format))
        if compared.same:
            self._ordered.add(reader.structure)
        return Places(offsets, compared.same)

    @cached_property
    def _items(self) -> ItemPositions:
        return ItemPositions(self.text, self.format, self.triples, self.base, self._context, self._given)

    @cached_property
    def _prologue(self) -> "_Prologue":
        assert self._pieces
        return _Prologue(self.text, () if self.format in LINES else self._pieces.starts, self.base)


class _Comparison:
    """Compares the statements that were read from a piece with the triples of the parser.

    given: the triples of the piece. same: whether they are in the same order; after `sort`.
    """

    def __init__(self, reader: "_Reader", text: str, start: int, end: int, given: Sequence[ox.Triple]) -> None:
        self._reader, self._text, self._start, self._end, self._given = reader, text, start, end, given
        self.same = False

    def sort(self, before: str, format_: ox.RdfFormat) -> list[Spans]:
        """Return the spans of the statements in the order of the parser. before: the directives in force."""
        rows = self._reader.rows
        lines = "".join(f"{row[0][0]} {row[1][0]} {row[2][0]} .\n" for row in rows)
        stated = _parse(before + lines, ox.RdfFormat.TURTLE)
        spans = [(row[0][1:], row[1][1:], row[2][1:]) for row in rows]
        self.same = blank_nodes.are_same(self._given, stated)
        if self.same:
            return spans
        # The parser may make the triples in another order.
        read = self._parse_piece(before, format_)
        labels = {node for node in blank_nodes.blank_nodes(stated) if not node.value.startswith(self._reader.stem)}
        agreed = blank_nodes.match(read, stated, labels)
        found = dict(zip(reversed(stated), reversed(spans), strict=True))
        return [found[blank_nodes.rename(triple, agreed)] for triple in read]

    def _parse_piece(self, prologue: str, format_: ox.RdfFormat) -> list[ox.Triple]:
        """Parse the piece as the parser did, with the labels of the text."""
        start = self._start + sum(map(len, _find_directives(self._text, self._start)))
        written = f"{'{' * self._reader.within}{self._text[start : self._end]}{'}' * self._reader.open}"
        return _parse(prologue + written, format_)


def _parse(text: str, format_: ox.RdfFormat) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(text, format=format_)]


class _Prologue:
    """The prefixes and bases of a text, each with the number of the piece that declares it, resolved by the parser."""

    def __init__(self, text: str, starts: Sequence[int], base: str) -> None:
        self._declared: dict[str, tuple[list[int], list[str]]] = {"": ([-1], [base])} if base else {}
        """Prefix with its colon, empty for the base -> the pieces that declare it, and the IRIs."""
        written = list(_list_changes(text, starts))
        lines = "".join(f"{words}\n<x:x> <x:x> {name or '<>'} .\n" for _, name, words in written)
        found = ox.parse(lines, format=ox.RdfFormat.TURTLE, base_iri=base or None)
        for (number, name, _), quad in zip(written, found, strict=True):
            numbers, iris = self._declared.setdefault(name, ([], []))
            numbers.append(number)
            iris.append(quad.object.value)

    def collect_directives(self, piece: int, text: str) -> str:
        """Return the directives in force for the statements of a piece, as far as its text may need them."""
        found = []
        for name, (numbers, iris) in self._declared.items():
            if name in text and (last := bisect_right(numbers, piece)):
                found.append(f"{f'PREFIX {name}' if name else 'BASE'} <{iris[last - 1]}>\n")
        return "".join(found)


def _list_changes(text: str, starts: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    """The directives that change something, as (number of the piece, prefix with its colon, directive): files that are
    made of others repeat their prefixes. The prefix is empty for a base, after which all may have another meaning."""
    current: dict[str, str] = {}
    for number, start in enumerate(starts):
        for words in _find_directives(text, start):
            prefix = _PREFIX.match(words)
            if not prefix and _BASE.match(words):
                current.clear()
                yield number, "", words
            elif prefix and current.get(prefix[1]) != words:
                current[prefix[1]] = words
                yield number, prefix[1], words


def _find_directives(text: str, start: int) -> Iterable[str]:
    """Find the directives at the beginning of a piece."""
    while match := _DIRECTIVE.match(text, start):
        yield match[0]
        start = match.end()


class _Reader:
    """Reads the statements of a part of a text without interpreting their terms.

    rows: the statements, in the order of the parser. structure: the kinds of the tokens. stem: the beginning of the
    labels that unlabeled blank nodes get.
    within, open: whether the part begins and ends inside of a graph, as far as its braces show.
    """

    def __init__(self, text: str, start: int, end: int, format_: ox.RdfFormat) -> None:
        self.within = self.open = self._graphs = False
        self.stem = "n"
        while text.find(f"_:{self.stem}", start, end) >= 0:
            self.stem += "n"
        self.quads = format_ == ox.RdfFormat.N_QUADS
        self.outer: list[tuple[Node | None, Node | None, Node | None]] = []
        self.subject: Node | None = None
        self.predicate: Node | None = None
        self.head: Node | None = None
        """The head of the list that is being read, None outside of a list."""
        self._kinds: list[str] = []
        self._made: list[Row] = []
        self._tokens: list[int] = []
        """For each statement, the offset of the token at which the parser makes it."""
        self._token = start
        self._waiting = False
        """Whether the last statement is made at the next token: after a string, a language or datatype may follow."""
        self._read(TOKEN.scanner(text, start, end).match)  # type: ignore[attr-defined]
        self._begin(end)
        # Of the statements that it makes at one token, the parser reports the last one first.
        order = sorted(range(len(self._made)), key=lambda number: (self._tokens[number], -number))
        self.rows = [self._made[number] for number in order]
        self.structure = "".join(self._kinds)

    def _read(self, next_token: Callable[[], re.Match[str] | None]) -> None:
        while match := next_token():
            kind = match.lastgroup
            if kind == "mark":
                self._mark(match[kind], *match.span(kind))
            elif kind and kind != "directive":
                self._terms([(match[name], *match.span(name)) for name in _RUNS[kind]])

    def _begin(self, token: int) -> None:
        """Begin a token."""
        if self._waiting:
            self._tokens[-1], self._waiting = token, False
        self._token = token

    def _make(self, subject: Node, predicate: Node, object_: Node) -> None:
        self._made.append((subject, predicate, object_))
        self._tokens.append(self._token)

    def _state(self, object_: Node) -> None:
        """Make a statement when its object ends. A literal has further tokens, or ends at the next one."""
        text, start, end = object_
        assert self.subject
        assert self.predicate
        self._make(self.subject, self.predicate, object_)
        if text[0] in "\"'":
            self._tokens[-1], self._waiting = end, text[-1] in "\"'"
        elif start >= self._token:
            self._tokens[-1] = end if text == "()" else start

    def _mark(self, mark: str, start: int, end: int) -> None:
        self._begin(start)
        self._kinds.append(f"{mark[0]}{mark[-1]}")
        if mark == ";":
            self.predicate = None
        elif mark == "[":
            self._begin_item(start, end)
            self._open((self._blank(start), start, end), None)
        elif mark == "(":
            self._begin_item(start, end)
            self._open(None, (self._blank(start), start, end))
        elif mark == "]":
            node = self.subject
            self._close()
            self._node(node)
        elif mark == ")":
            self._link((f"<{RDF}nil>", start, end))
            self._close()
        elif mark[0] in "[(":
            self._begin_item(start, end)
            self._token = end  # It is made at its second bracket.
            self._node((self._blank(start) if mark[0] == "[" else "()", start, end))
        elif mark != ",":  # A statement or graph ends, or a graph begins after its name.
            self.subject = self.predicate = None
            if mark in "{}":
                self.within = self.within or (mark == "}" and not self._graphs)
                self._graphs, self.open = True, mark == "{"

    def _terms(self, run: list[Node]) -> None:
        """Read one to three adjacent terms; the first two branches are shortcuts."""
        self._begin(run[0][1])
        self._kinds += [find_kind(node[0]) for node in run]
        if len(run) == 2 and self.subject and not self.predicate and not self.head:
            self.predicate = run[0]
            self._state(run[1])
        elif len(run) == 3 and not self.subject and not self.head and not self.quads:
            self.subject, self.predicate, object_ = run
            self._state(object_)
        else:
            for node in run:
                self._begin(node[1])
                self._begin_item(node[1], node[2])
                self._node(node)

    def _node(self, node: Node | None) -> None:
        """Read the next term of a statement."""
        assert node
        if self.head:
            _, start, end = node
            self.predicate = (f"<{RDF}first>", start, end)
            self._state(node)
        elif not self.subject:
            self.subject = node
        elif not self.predicate:
            self.predicate = node
        else:
            self._state(node)
            if self.quads:
                self.predicate = None  # The graph name, which follows, is read as a predicate and ignored.

    def _begin_item(self, start: int, end: int) -> None:
        """Begin an item, if a list is being read; its cell has the location of the item, the first cell that of the
        list."""
        if not self.head:
            return
        if self.subject:
            cell = (f"{self._blank(start)}c", start, end)
            self._link(cell)
            self.subject = cell
        else:  # Only now the parser knows that the list is not empty.
            head = self.head
            self._close()
            self._node(head)
            self._open(head, head)

    def _link(self, rest: Node) -> None:
        """Link the last cell of a list to the next."""
        assert self.subject
        _, start, end = self.subject
        self._make(self.subject, (f"<{RDF}rest>", start, end), rest)

    def _blank(self, start: int) -> str:
        return f"_:{self.stem}{start}"

    def _open(self, subject: Node | None, head: Node | None) -> None:
        self.outer.append((self.subject, self.predicate, self.head))
        self.subject, self.predicate, self.head = subject, None, head

    def _close(self) -> None:
        self.subject, self.predicate, self.head = self.outer.pop()
