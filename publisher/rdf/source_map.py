"""The source map: where in a text the terms of a statement stand (Turtle, TriG, N-Triples, N-Quads).

pyoxigraph says what a text means, but not where. So a small reader of our own, for texts that pyoxigraph has accepted,
cuts the text into tokens and groups them into statements, without asking what a token means. Written out flat, one
statement a line with the directives in force before it, they go through pyoxigraph again: prefixes, bases, escapes and
lexical forms are understood by one parser only, and every statement found is one that it read at that place.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf import blank_nodes
from publisher.rdf.namespaces import RDF

Span = tuple[int, int]
"""Where something begins and ends in a text, in characters from 0, the end exclusive."""
Node = tuple[str, int, int]
"""A term as it is written out flat, and its span."""
Row = tuple[int, Node, Node, Node]
"""One statement: how many directives stand before it, then subject, predicate and object."""

FORMATS: Final = (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
"""The formats whose statements are found."""

MAX_SOURCE: Final = 500
"""Characters of a line that a place quotes: enough for a screen, far from a file that is one line."""

_SKIP: Final = r"(?:[ \t\r\n]++|\#[^\r\n]*+)*+"
_IRI: Final = r"<[^<>\s]*+>"
_INSIDE: Final = r"""[^\s.,;<>"'\[\](){}\#@^|~\\]"""
_NAME: Final = rf"(?!\.)(?:{_INSIDE}++|\\.|\.+(?={_INSIDE}|\\))++"
_STRING: Final = (
    r'(?:"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"""'
    r"|'''(?:[^'\\]++|\\.|'{1,2}(?!'))*+'''"
    r'|"(?:[^"\\]++|\\.)*+"'
    r"|'(?:[^'\\]++|\\.)*+')"
)
_NUMBER: Final = r"[+-]?(?:(?:\d+\.\d*|\.?\d+)[eE][+-]?\d+|\d*\.\d+|\d+)"
_TERM: Final = rf"{_IRI}|{_NUMBER}|{_NAME}|{_STRING}(?:{_SKIP}(?:@[\w-]+|\^\^{_SKIP}(?:{_IRI}|{_NAME})))?"
_DIRECTIVE: Final = (
    rf"@(?i:prefix){_SKIP}[^\s:]*:{_SKIP}{_IRI}{_SKIP}\.|(?i:prefix)(?=[\s\#]){_SKIP}[^\s:]*:{_SKIP}{_IRI}"
    rf"|@(?i:base){_SKIP}{_IRI}{_SKIP}\.|(?i:base){_SKIP}{_IRI}"
    rf"|@(?i:version){_SKIP}{_STRING}{_SKIP}\.|(?i:version){_SKIP}{_STRING}"
)
_TOKEN: Final = re.compile(
    rf"{_SKIP}(?:(?P<directive>(?=[@PpBbVv])(?:{_DIRECTIVE}))"
    rf"|(?P<mark>\.(?!\d)|[;,)}}\]]|\{{(?!\|)|\[(?:{_SKIP}\])?|\((?:{_SKIP}\))?|<<|\{{\||~|(?i:graph)(?=[\s\#<\[]))"
    rf"|(?P<first>{_TERM})(?:{_SKIP}(?P<second>{_TERM})(?:{_SKIP}(?P<third>{_TERM}))?)?)",
    re.ASCII | re.DOTALL,
)
"""What stands in Turtle 1.1 (section 6.5), TriG 1.1, N-Triples and N-Quads, as wide as valid texts allow; and `<<`,
`{|` and `~`, with which terms of RDF 1.2 begin. Three terms are taken at once, since Python is slow at every step."""

LINES: Final = (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
"""The formats with one statement a line."""
_BEGINNING: Final = re.compile(rf"[ \t]*({_IRI})")

_RUNS: Final = {"first": ("first",), "second": ("first", "second"), "third": ("first", "second", "third")}
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Place:
    """Where something stands, in the words of Diagnostic.

    Lines and characters (code points) are counted from 1, the end is exclusive. source: the text of the line, cut where
    it is long, and empty where the place is behind the cut.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    source: str


def first_mark(text: str) -> int | None:
    """Where the first term of RDF 1.2 begins in a text of one of FORMATS, valid or not; None where none does."""
    next_token = _TOKEN.scanner(text).match  # type: ignore[attr-defined]
    while match := next_token():
        if match["mark"] in ("<<", "{|", "~"):
            return int(match.start("mark"))
    return None


class Positions:
    """The places of the statements of one text.

    text: what pyoxigraph has accepted, in RDF 1.1. format_: its format; statements are found in FORMATS. triples: what
    was read from it, in the order of the parser, repeated ones perhaps left out, under any names of blank nodes.
    """

    def __init__(self, text: str, format_: ox.RdfFormat, triples: Sequence[ox.Triple]) -> None:
        self.text, self.format, self.triples = text, format_, triples
        self._found: dict[ox.Triple, Row] = {}
        self._read_subjects: set[Any] = set()

    def find(self, triple: ox.Triple) -> tuple[Span, Span, Span] | None:
        """The spans of subject, predicate and object of one of the triples, where it is stated first.

        Of a blank node, the span of its label or of its opening bracket; of the links of a list, those of its items.
        None where the text does not hold the triple, or is in JSON-LD or RDF/XML.
        """
        if self.format not in FORMATS:
            return None
        subject, object_ = self._ours(triple.subject), self._ours(triple.object)
        if subject not in self._read_subjects:
            self._read_subjects.add(subject)
            rows = self._rows(subject)
            for stated, row in zip(self._parsed(rows), rows, strict=True):
                self._found.setdefault(stated, row)
        found = self._found.get(ox.Triple(subject, triple.predicate, object_))
        return (found[1][1:], found[2][1:], found[3][1:]) if found else None

    def place(self, triple: ox.Triple, part: int) -> Place | None:
        """Where a term of a triple stands: the subject (part 0), the predicate (1) or the object (2).

        Where the triple itself is not found: where the IRI is named first, of the term or else of the subject; None
        where the text names neither.
        """
        spans = self.find(triple)
        terms = (triple.subject, triple.predicate, triple.object)
        named = (self._mention(term.value) for term in (terms[part], terms[0]) if isinstance(term, ox.NamedNode))
        span = spans[part] if spans else next((span for span in named if span), None)
        if span is None:
            return None
        (line, column), (end_line, end_column) = map(self._coordinates, span)
        return Place(line, column, end_line, end_column, self._source(line) if column <= MAX_SOURCE else "")

    def _source(self, line: int) -> str:
        start = self._lines[line - 1]
        return _LINE_END.split(self.text[start : start + MAX_SOURCE], maxsplit=1)[0]

    def _mention(self, iri: str) -> Span | None:
        found = re.search(rf"{re.escape(iri)}(?=[\s\"'<>]|\Z)", self.text)
        return found.span() if found else None

    def _coordinates(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    @cached_property
    def _lines(self) -> list[int]:
        """Where each line begins."""
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    def _rows(self, subject: Any) -> list[Row]:
        """The statements of a subject, a term of ours; of lines, only those that begin with it are read."""
        if self.format not in LINES or not isinstance(subject, ox.NamedNode):
            return self._by_subject.get(subject, [])
        return [row for start, end in self._begun.get(f"<{subject.value}>", []) for row in self._line(start, end)]

    def _line(self, start: int, end: int) -> list[Row]:
        """The statement of one line, at its place in the text."""

        def placed(node: Node) -> Node:
            return node[0], node[1] + start, node[2] + start

        rows = _Reader(self.text[start:end], self.format).rows
        return [(known, placed(s), placed(p), placed(o)) for known, s, p, o in rows]

    @cached_property
    def _begun(self) -> dict[str, list[Span]]:
        """How a line begins, if with an IRI -> where such lines begin and end."""
        found: dict[str, list[Span]] = {}
        for start, end in pairwise([*self._lines, len(self.text)]):
            if match := _BEGINNING.match(self.text, start, end):
                found.setdefault(_unescaped(match[1]), []).append((start, end))
        return found

    @cached_property
    def _reader(self) -> "_Reader":
        return _Reader(self.text, self.format)

    @cached_property
    def _by_subject(self) -> dict[Any, list[Row]]:
        """The statements of each subject, a term of ours."""
        written: dict[tuple[int, str], list[Row]] = {}
        for row in self._reader.rows:
            written.setdefault((row[0], row[1][0]), []).append(row)
        anything: Node = ("<x:x>", 0, 0)
        subjects = self._parsed([(known, (name, 0, 0), anything, anything) for known, name in written])
        found: dict[Any, list[Row]] = {}
        for triple, rows in zip(subjects, written.values(), strict=True):
            found.setdefault(triple.subject, []).extend(rows)
        return found

    def _parsed(self, rows: Iterable[Row]) -> list[ox.Triple]:
        """What pyoxigraph understands by the statements, one each."""
        parts: list[str] = []
        known = 0
        for before, (subject, *_), (predicate, *_), (object_, *_) in rows:
            if before > known:
                parts += self._reader.directives[known:before]
                known = before
            parts.append(f"{subject} {predicate} {object_} .\n")
        return [quad.triple for quad in ox.parse("".join(parts), format=ox.RdfFormat.TURTLE)]

    def _ours(self, term: Any) -> Any:
        return self._blank_nodes.get(term, term) if isinstance(term, ox.BlankNode) else term

    @cached_property
    def _blank_nodes(self) -> dict[ox.BlankNode, ox.BlankNode]:
        """Blank node of the triples given -> blank node of ours.

        The same parser over the same text gives the same order, so the names given are known by the labels of the text.
        Blank nodes without a label are mentioned once at most, by grammar, so they agree as the nodes of a forest do.
        """
        theirs = list(dict.fromkeys(quad.triple for quad in ox.parse(self.text, format=self.format)))
        given = list(dict.fromkeys(self.triples))
        ours = self._parsed(self._reader.rows)
        labels = {node for node in blank_nodes.blank_nodes(ours) if not node.value.startswith(self._reader.stem)}
        agreed = blank_nodes.agree(theirs, ours, labels)
        pairs = zip(theirs, given, strict=True)
        ends = (
            (t, g) for their, give in pairs for t, g in ((their.subject, give.subject), (their.object, give.object))
        )
        return {g: agreed[t] for t, g in ends if isinstance(g, ox.BlankNode) and isinstance(t, ox.BlankNode)}


def _unescaped(iri: str) -> str:
    """An IRI without `\\u` escapes (RDF 1.1 N-Triples, section 2.2)."""
    return (
        re.sub(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})", lambda m: chr(int(m[1] or m[2], 16)), iri)
        if "\\" in iri
        else iri
    )


class _Reader:
    """The statements of a text as they are written.

    rows: in the order in which they end. directives: what declares prefixes and bases. stem: how the names begin that
    blank nodes without a label get.
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
        """The head of the list that is being read, None outside a list."""
        self._read()

    def _read(self) -> None:
        next_token = _TOKEN.scanner(self.text).match  # type: ignore[attr-defined]
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
        elif mark != ",":  # A statement or graph ends, or a graph begins and what stood before was its name.
            self.subject = self.predicate = None

    def _terms(self, run: list[Node]) -> None:
        """Take one to three terms that stand beside each other; the first two ways are shortcuts."""
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
        """Take the next term of a statement."""
        if self.head:
            self._item(node)
        elif not self.subject:
            self.subject = node
        elif not self.predicate:
            self.predicate = node
        else:
            self.rows.append((len(self.directives), self.subject, self.predicate, node))
            if self.quads:
                self.predicate = None  # The graph's name, which comes next, is taken for a predicate and left.

    def _item(self, node: Node) -> None:
        """Take the next item of a list; its cell stands where it does, and the first cell where the list begins."""
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
