"""Writes random graphs as Turtle in random layouts and knows where it put every term, for the tests of source maps."""

import re
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf.namespaces import RDF, XSD

Span = tuple[int, int]
NAMESPACES: Final = ("http://a.example/", "http://a.example/b#", "urn:ü:", "https://𝄞.example/x/")
LOCALS: Final = ("", "a", "b.c", "1", "é", "x-y_z", "c:d", "%41", "𝄞x", "ab.c.d")
TEXTS: Final = (
    "",
    "x",
    'say "#no" .',
    "it's [ ] ( ) ; , .",
    "line\nline",
    "é 日本 𝄞",
    "\\ \t",
    '""',
    "''",
    "@prefix x: <y> .",
)
COMMENTS: Final = ("# plain", '# "quoted" . <x> [', "#", "# ''' \"\"\" @base <x> .", "# 𝄞 é")
NUMBERS: Final = (
    ("integer", ("0", "007", "-1", "+5")),
    ("decimal", (".5", "1.50", "-0.0")),
    ("double", ("1e0", "1.E5", ".5e-3", "-1.5E+10")),
    ("boolean", ("true", "false")),
)


def escape(match: re.Match[str]) -> str:
    return f"\\{match[0]}"


@dataclass
class Layout:
    """A text being written. stated: (subject, predicate, object) -> their spans, where first stated.

    Blank nodes are named as the writer thinks of them.
    """

    random: Random
    format: ox.RdfFormat
    parts: list[str] = field(default_factory=list)
    length: int = 0
    stated: dict[tuple[Any, Any, Any], tuple[Span, Span, Span]] = field(default_factory=dict)
    prefixes: dict[str, str] = field(default_factory=dict)
    base: str = ""
    blank: int = 0

    @property
    def text(self) -> str:
        return "".join(self.parts)

    @property
    def lines_only(self) -> bool:
        return self.format in (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)

    def put(self, text: str) -> Span:
        start = self.length
        self.parts.append(text)
        self.length += len(text)
        return start, self.length

    def gap(self) -> None:
        """What may be between two tokens: nothing after those that end by themselves."""
        if (
            self.parts
            and self.parts[-1][-1:] in (">", "[", "]", "(", ")", "{", ";", ",")
            and self.random.random() < 0.3
        ):
            return
        if self.lines_only:
            self.put(self.random.choice((" ", "\t", "  ")))
            return
        end = self.random.choice(("\n", "\r\n"))
        comment = self.random.choice(COMMENTS) + end
        self.put(self.random.choice((" ", " ", " ", "\t", end, end + "    ", f" {comment}", f"{end}{comment}  ")))

    # Terms

    def escaped(self, text: str) -> str:
        """Some of the characters as \\u escapes."""
        return "".join(f"\\U{ord(c):08X}" if self.random.random() < 0.1 else c for c in text)

    def iri(self, value: str) -> Span:
        ways = [f"<{self.escaped(value)}>"]
        if not self.lines_only:
            ways += [
                f"{prefix}:{self.random.choice((local, re.sub('[-_.]', escape, local)))}"
                for prefix, namespace in self.prefixes.items()
                for local in [value.removeprefix(namespace)]
                if value.startswith(namespace) and local in LOCALS
            ]
            if self.base and value.startswith(self.base) and ":" not in value[len(self.base) :]:
                ways.append(f"<{value.removeprefix(self.base)}>")
        return self.put(self.random.choice(ways))

    def any_iri(self) -> str:
        return self.random.choice(NAMESPACES) + self.random.choice(LOCALS)

    def string(self, value: str) -> str:
        quote = self.random.choice(('"',) if self.lines_only else ('"', "'", '"""', "'''"))
        table = {"\\": "\\\\", quote[0]: f"\\{quote[0]}"}
        if len(quote) == 1:
            table |= {"\n": "\\n", "\r": "\\r"}
        return quote + "".join(table.get(c, self.escaped(c)) for c in value) + quote

    def literal(self) -> tuple[ox.Literal, Span]:
        value = self.random.choice(TEXTS)
        kind = self.random.randrange(4)
        if kind == 0 and not self.lines_only:
            name, forms = self.random.choice(NUMBERS)
            form = self.random.choice(forms)
            return ox.Literal(form, datatype=ox.NamedNode(XSD + name)), self.put(form)
        start, _ = self.put(self.string(value))
        if kind == 1:
            self.put("@" + "en-us")
            return ox.Literal(value, language="en-us"), (start, self.length)
        if kind == 2:
            if not self.lines_only and self.random.random() < 0.2:
                self.gap()
            self.put("^^")
            datatype = self.any_iri()
            self.iri(datatype)
            return ox.Literal(value, datatype=ox.NamedNode(datatype)), (start, self.length)
        return ox.Literal(value), (start, self.length)

    def new_blank(self) -> ox.BlankNode:
        self.blank += 1
        return ox.BlankNode(f"w{self.blank}")

    def label(self) -> tuple[ox.BlankNode, Span]:
        name = self.random.choice(("a", "n", "n1", "nn2", "b-1", "x.y"))
        return ox.BlankNode(name), self.put(f"_:{name}")

    def named(self) -> tuple[ox.NamedNode, Span]:
        value = self.any_iri()
        return ox.NamedNode(value), self.iri(value)

    def bracket(self, depth: int) -> tuple[ox.BlankNode, Span]:
        """`[]`, or `[` with statements, whose place is the bracket alone."""
        node = self.new_blank()
        span = self.put("[")
        if depth <= 0 or self.random.random() < 0.3:
            if self.random.random() < 0.5:
                self.gap()
            self.put("]")
            return node, (span[0], self.length)
        self.predicates(node, span, depth - 1)
        self.put("]")
        return node, span

    def list(self, depth: int) -> tuple[Any, Span]:
        head: Any = self.new_blank()
        span = self.put("(")
        length = self.random.randrange(4) if depth > 0 else 0
        cell, place = head, span
        for number in range(length):
            self.gap()
            rank = len(self.stated)
            item, at = self.object(depth - 1)
            if number:
                new = self.new_blank()
                self.state((cell, ox.NamedNode(RDF + "rest"), new), (place, place, at))
                cell, place = new, at
            self.state((cell, ox.NamedNode(RDF + "first"), item), (place, at, at))
            assert len(self.stated) > rank
        self.gap()
        closing = self.put(")")
        if not length:
            return ox.NamedNode(RDF + "nil"), (span[0], self.length)
        self.state((cell, ox.NamedNode(RDF + "rest"), ox.NamedNode(RDF + "nil")), (place, place, closing))
        return head, span

    def object(self, depth: int) -> tuple[Any, Span]:
        if self.lines_only:
            return self.random.choice((self.named, self.literal, self.label))()
        kind = self.random.randrange(7)
        if kind < 5:
            return (self.named, self.literal, self.literal, self.label, self.named)[kind]()
        return self.bracket(depth) if kind == 5 else self.list(depth)

    # Statements

    def state(self, triple: tuple[Any, Any, Any], spans: tuple[Span, Span, Span]) -> None:
        self.stated.setdefault(triple, spans)

    def predicates(self, subject: Any, place: Span, depth: int) -> None:
        for number in range(self.random.randrange(1, 4)):
            if number:
                self.put(";" * self.random.randrange(1, 3))
            self.gap()
            if self.random.random() < 0.2:
                verb, at = ox.NamedNode(RDF + "type"), self.put("a")
            else:
                verb, at = self.named()
            self.gap()
            for other in range(self.random.randrange(1, 3)):
                if other:
                    self.put(",")
                    self.gap()
                object_, there = self.object(depth)
                self.state((subject, verb, object_), (place, at, there))
                self.gap()
        if self.random.random() < 0.3:
            self.put(";")

    def triples(self) -> None:
        kind = self.random.randrange(6)
        if kind == 0:
            subject, place = self.list(2)
        else:
            subject, place = (self.named, self.named, self.named, self.label, lambda: self.bracket(2))[kind - 1]()
        if kind == 5 and place[1] - place[0] == 1 and self.random.random() < 0.5:
            return
        self.gap()
        self.predicates(subject, place, 3)

    def declare(self) -> None:
        """A prefix or a base, new or anew."""
        namespace = self.random.choice(NAMESPACES)
        old = self.random.random() < 0.5
        if self.random.random() < 0.3:
            self.base = self.random.choice(("http://a.example/", "https://𝄞.example/x/"))
            self.put(f"@base <{self.base}>" if old else f"bAsE <{self.base}>")
        else:
            prefix = self.random.choice(("", "p", "prefix", "base", "a", "é.x"))
            self.prefixes[prefix] = namespace
            self.put(f"@prefix {prefix}: <{namespace}>" if old else f"PREFIX {prefix}: <{namespace}>")
        if old:
            self.put(".")

    def line(self) -> None:
        """One statement of N-Triples or N-Quads."""
        subject, place = self.random.choice((self.named, self.label))()
        self.gap()
        verb, at = self.named()
        self.gap()
        object_, there = self.object(0)
        self.gap()
        if self.format == ox.RdfFormat.N_QUADS and self.random.random() < 0.5:
            self.random.choice((self.named, self.label))()
            self.gap()
        self.state((subject, verb, object_), (place, at, there))
        self.put("." + self.random.choice(("\n", "\r\n", " # x . \n")))

    def graph(self) -> None:
        if self.random.random() < 0.5:
            self.put(self.random.choice(("GRAPH ", "graph\n")))
            self.random.choice((self.named, self.label, lambda: self.bracket(0)))()
        elif self.random.random() < 0.8:
            self.random.choice((self.named, self.label))()
        self.gap()
        self.put("{")
        for number in range(self.random.randrange(3)):
            if number:
                self.put(".")
            self.gap()
            self.triples()
        self.gap()
        self.put("}")

    def write(self) -> None:
        for _ in range(self.random.randrange(1, 6)):
            if self.lines_only:
                self.line()
                continue
            self.gap()
            kind = self.random.randrange(5)
            if kind == 0:
                self.declare()
            elif kind == 1 and self.format == ox.RdfFormat.TRIG:
                self.graph()
            else:
                self.triples()
                self.gap()
                self.put(".")
            self.gap()


def random_layout(random: Random, format_: ox.RdfFormat) -> Layout:
    """A random text in Turtle, TriG, N-Triples or N-Quads, and the positions of everything in it."""
    layout = Layout(random, format_)
    layout.write()
    return layout
