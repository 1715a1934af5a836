"""The source map: where the terms of a statement are in a text.

pyoxigraph reports the triples of a text, but not their positions. Other modules locate JSON-LD and RDF/XML. Texts in
Turtle, TriG, N-Triples and N-Quads that pyoxigraph has accepted are read again by a small reader here: it splits them
into tokens and groups these into statements without interpreting them. The statements are written one per line, after
the directives in force, and parsed by pyoxigraph again. So only one parser interprets prefixes, bases, escapes and
lexical forms, and every located statement is one that pyoxigraph read at that location.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf import blank_nodes, jsonld_positions, rdfxml_positions
from publisher.rdf.jsonld_contexts import Find, find_none
from publisher.rdf.lines import MAX_SOURCE, Lines, blank_mark
from publisher.rdf.namespaces import RDF
from publisher.rdf.turtle_tokens import IRI, TOKEN

Span = tuple[int, int]
"""Begin and end offset in a text, in characters from 0, the end exclusive."""
Node = tuple[str, int, int]
"""A term as it is written for the second parse, and its span."""
Row = tuple[int, Node, Node, Node]
"""One statement: the number of directives before it, then subject, predicate and object."""

FORMATS: Final = (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
"""The formats of the Turtle family."""

LINES: Final = (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
"""The formats with one statement a line."""
_BEGINNING: Final = re.compile(rf"[ \t]*({IRI})")

_DOCTYPE: Final = re.compile(r".*?<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
"""The text before the root element, in which entities are declared."""

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
    triples: the triples of the text, in the order of the parser, with any blank node labels; repeated triples may be
    missing in the Turtle family. base: the IRI that relative ones were resolved against, empty if none. context: finds
    the JSON-LD contexts that are known.
    """

    def __init__(
        self,
        text: str,
        format_: ox.RdfFormat,
        triples: Sequence[ox.Triple],
        base: str = "",
        context: Find = find_none,
    ) -> None:
        self.text, self.format, self.triples, self.base = blank_mark(text), format_, triples, base
        self._context = context
        self._found: dict[ox.Triple, Row] = {}
        self._read_subjects: set[Any] = set()

    def find(self, triple: ox.Triple) -> tuple[Span, Span, Span] | None:
        """Return the spans of subject, predicate and object of a triple, where it is first stated.

        The span of a blank node is its label or its opening bracket; the spans of list cells are those of the items.
        Of JSON-LD and RDF/XML, the subject is the IRI of the node object or element, else its start; the object is the
        member or property element, or the item of an array. None if the text does not contain the triple.
        """
        if self.format == ox.RdfFormat.JSON_LD:
            return self._json.find(triple)
        if self.format == ox.RdfFormat.RDF_XML:
            return self._xml.get(triple)
        subject, object_ = self._relabel(triple.subject), self._relabel(triple.object)
        if subject not in self._read_subjects:
            self._read_subjects.add(subject)
            rows = self._rows(subject)
            for stated, row in zip(self._parse_rows(rows), rows, strict=True):
                self._found.setdefault(stated, row)
        found = self._found.get(ox.Triple(subject, triple.predicate, object_))
        return (found[1][1:], found[2][1:], found[3][1:]) if found else None

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
            return self._json.mention(iri)
        doctype = _DOCTYPE.match(self.text) if self.format == ox.RdfFormat.RDF_XML else None
        mention = re.compile(rf"{re.escape(iri)}(?=[\s\"'<>]|\Z)")
        found = mention.search(self.text, doctype.end() if doctype else 0)
        return found.span() if found else None

    @cached_property
    def _json(self) -> jsonld_positions.Statements:
        return jsonld_positions.Statements(self.text, self.triples, self._context, self.base)

    @cached_property
    def _xml(self) -> dict[ox.Triple, tuple[Span, Span, Span]]:
        return rdfxml_positions.locate(self.text, self.triples)

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.text)

    def _rows(self, subject: Any) -> list[Row]:
        """Return the statements of a subject; of N-Triples and N-Quads, only lines that begin with it are read."""
        if self.format not in LINES or not isinstance(subject, ox.NamedNode):
            return self._by_subject.get(subject, [])
        return [
            row for start, end in self._lines_by_subject.get(f"<{subject.value}>", []) for row in self._line(start, end)
        ]

    def _line(self, start: int, end: int) -> list[Row]:
        """Return the statement of one line, with spans in the whole text."""

        def shift(node: Node) -> Node:
            return node[0], node[1] + start, node[2] + start

        rows = _Reader(self.text[start:end], self.format).rows
        return [(known, shift(s), shift(p), shift(o)) for known, s, p, o in rows]

    @cached_property
    def _lines_by_subject(self) -> dict[str, list[Span]]:
        """IRI at the beginning of a line -> the spans of such lines."""
        found: dict[str, list[Span]] = {}
        for start, end in pairwise([*self._lines.starts, len(self.text)]):
            if match := _BEGINNING.match(self.text, start, end):
                found.setdefault(_unescape(match[1]), []).append((start, end))
        return found

    @cached_property
    def _reader(self) -> "_Reader":
        return _Reader(self.text, self.format)

    @cached_property
    def _by_subject(self) -> dict[Any, list[Row]]:
        """The statements of each subject, with our labels of blank nodes."""
        written: dict[tuple[int, str], list[Row]] = {}
        for row in self._reader.rows:
            written.setdefault((row[0], row[1][0]), []).append(row)
        anything: Node = ("<x:x>", 0, 0)
        subjects = self._parse_rows([(known, (name, 0, 0), anything, anything) for known, name in written])
        found: dict[Any, list[Row]] = {}
        for triple, rows in zip(subjects, written.values(), strict=True):
            found.setdefault(triple.subject, []).extend(rows)
        return found

    def _parse_rows(self, rows: Iterable[Row]) -> list[ox.Triple]:
        """Parse statements with pyoxigraph: one triple for each."""
        parts: list[str] = []
        known = 0
        for before, (subject, *_), (predicate, *_), (object_, *_) in rows:
            if before > known:
                parts += self._reader.directives[known:before]
                known = before
            parts.append(f"{subject} {predicate} {object_} .\n")
        quads = ox.parse("".join(parts), format=ox.RdfFormat.TURTLE, base_iri=self.base or None)
        return [quad.triple for quad in quads]

    def _relabel(self, term: Any) -> Any:
        return self._blank_nodes.get(term, term) if isinstance(term, ox.BlankNode) else term

    @cached_property
    def _blank_nodes(self) -> dict[ox.BlankNode, ox.BlankNode]:
        """Blank node of the given triples -> blank node with our label.

        The same parser over the same text gives the same order, which matches the given labels to those of the text.
        Blank nodes without a label are mentioned once at most, by grammar, so they are matched as nodes of a forest.
        """
        quads = ox.parse(self.text, format=self.format, base_iri=self.base or None)
        theirs = list(dict.fromkeys(quad.triple for quad in quads))
        given = list(dict.fromkeys(self.triples))
        ours = self._parse_rows(self._reader.rows)
        labels = {node for node in blank_nodes.blank_nodes(ours) if not node.value.startswith(self._reader.stem)}
        agreed = blank_nodes.match(theirs, ours, labels)
        pairs = zip(theirs, given, strict=True)
        ends = (
            (t, g) for their, give in pairs for t, g in ((their.subject, give.subject), (their.object, give.object))
        )
        return {g: agreed[t] for t, g in ends if isinstance(g, ox.BlankNode) and isinstance(t, ox.BlankNode)}


def _unescape(iri: str) -> str:
    """Resolve the `\\u` escapes of an IRI (RDF 1.1 N-Triples, section 2.2)."""
    return (
        re.sub(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})", lambda m: chr(int(m[1] or m[2], 16)), iri)
        if "\\" in iri
        else iri
    )


class _Reader:
    """Reads the statements of a text without interpreting their terms.

    rows: the statements, in the order in which they end. directives: the declarations of prefixes and bases. stem: the
    beginning of the labels that unlabeled blank nodes get.
    """

    def __init__(self, text: str, format_: ox.RdfFormat) -> None:
        self.rows: list[Row] = []
        self.directives: list[str] = []
        self.stem = "n"
        while f"_:{self.stem}" in text:
            self.stem += "n"
        self.quads = format_ == ox.RdfFormat.N_QUADS
        self.text = text
        self.outer: list[tuple[Node | None, Node | None, Node | None]] = []
        self.subject: Node | None = None
        self.predicate: Node | None = None
        self.head: Node | None = None
        """The head of the list that is being read, None outside of a list."""
        self._read()

    def _read(self) -> None:
        next_token = TOKEN.scanner(self.text).match  # type: ignore[attr-defined]
        while match := next_token():
            kind = match.lastgroup
            if kind == "mark":
                self._mark(match[kind], *match.span(kind))
            elif kind == "directive":
                self.directives.append(match[kind] + "\n")
            else:
                self._terms([(match[name], *match.span(name)) for name in _RUNS[kind]])

    def _mark(self, mark: str, start: int, end: int) -> None:
        if mark == ";":
            self.predicate = None
        elif mark == "[":
            self._open((self._blank(start), start, end), None)
        elif mark == "(":
            self._open(None, (self._blank(start), start, end))
        elif mark == "]":
            self._close(self.subject)
        elif mark == ")":
            self._link((f"<{RDF}nil>", start, end))
            self._close(self.head)
        elif mark[0] in "[(":
            self._node((self._blank(start) if mark[0] == "[" else "()", start, end))
        elif mark != ",":  # A statement or graph ends, or a graph begins after its name.
            self.subject = self.predicate = None

    def _terms(self, run: list[Node]) -> None:
        """Read one to three adjacent terms; the first two branches are shortcuts."""
        if len(run) == 2 and self.subject and not self.predicate and not self.head:
            self.predicate = run[0]
            self.rows.append((len(self.directives), self.subject, run[0], run[1]))
        elif len(run) == 3 and not self.subject and not self.head and not self.quads:
            self.subject, self.predicate, object_ = run
            self.rows.append((len(self.directives), self.subject, self.predicate, object_))
        else:
            for node in run:
                self._node(node)

    def _node(self, node: Node) -> None:
        """Read the next term of a statement."""
        if self.head:
            self._item(node)
        elif not self.subject:
            self.subject = node
        elif not self.predicate:
            self.predicate = node
        else:
            self.rows.append((len(self.directives), self.subject, self.predicate, node))
            if self.quads:
                self.predicate = None  # The graph name, which follows, is read as a predicate and ignored.

    def _item(self, node: Node) -> None:
        """Read the next item of a list; its cell has the location of the item, the first cell that of the list."""
        assert self.head
        _, start, end = node
        cell = (f"{self._blank(start)}c", start, end) if self.subject else self.head
        self._link(cell)
        self.rows.append((len(self.directives), cell, (f"<{RDF}first>", start, end), node))
        self.subject = cell

    def _link(self, rest: Node) -> None:
        """Link the last cell of a list, if there is one, to the next."""
        if self.subject:
            _, start, end = self.subject
            self.rows.append((len(self.directives), self.subject, (f"<{RDF}rest>", start, end), rest))

    def _blank(self, start: int) -> str:
        return f"_:{self.stem}{start}"

    def _open(self, subject: Node | None, head: Node | None) -> None:
        self.outer.append((self.subject, self.predicate, self.head))
        self.subject, self.predicate, self.head = subject, None, head

    def _close(self, node: Node | None) -> None:
        assert node
        self.subject, self.predicate, self.head = self.outer.pop()
        self._node(node)
