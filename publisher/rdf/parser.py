"""The RDF parser: the triples of a text, or its syntax error and where it is.

pyoxigraph decides on the grammar.
Limits here keep texts from it that would crash it or take hours or all memory; incomplete XML, which it accepts, is
rejected.
"""

import html
import re
import xml.parsers.expat
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from publisher.diagnostic import Diagnostic, Severity, UnreadableFilesError
from publisher.rdf import (
    jsonld_chains,
    jsonld_contexts,
    jsonld_errors,
    jsonld_items,
    rdfxml_positions,
    syntax_messages,
)
from publisher.rdf.canonical_quads import mentions_blank_nodes
from publisher.rdf.jsonld_contexts import Edit
from publisher.rdf.lines import MAX_SOURCE, Lines, blank_mark
from publisher.rdf.pieces import Pieces
from publisher.rdf.source_map import FORMATS, LINES
from publisher.rdf.syntax_messages import Mistake
from publisher.rdf.turtle_tokens import find_pieces, find_rdf12

MAX_NESTING: Final = 500
"""Depth of JSON-LD and RDF/XML. pyoxigraph needs time and memory in the square of it, for JSON-LD 60 MB at 500 and
800 MB at 2,000, and crashes before 10,000; files written by people are far below."""
MAX_PIECE: Final = 1 << 20
"""Characters of a piece. pyoxigraph reads a stream in blocks, and starts a long token again with each of them: one of
16 MiB took 25 s."""
MAX_EXPANSION: Final = 10_000_000
"""Characters that the entities of RDF/XML, or contexts of JSON-LD, may add to a text: far below the 10^9 of a "billion
laughs"."""

_ITEMS: Final = 2
"""The depth of the elements in the root."""
_REFERENCE: Final = re.compile(r"&([^#;&\s]+);")
_QUOTED: Final = re.compile(r"'(?P<quoted>.*?)'|^(?P<first>\S.*?) is not |: (?P<last>\S+)\Z")
_NO_LOADER: Final = "No LoadDocumentCallback"


class Parsed(NamedTuple):
    """What the parser read from a text. triples: in its order, of all graphs. prefixes: prefix -> namespace. pieces:
    where the triples are, if the text is cut."""

    triples: list[ox.Triple]
    prefixes: dict[str, str]
    pieces: Pieces | None


def parse(
    text: str,
    name: str,
    format_: ox.RdfFormat,
    stem: str,
    context: jsonld_contexts.Find = jsonld_contexts.find_none,
    base: str = "",
) -> Parsed:
    """Parse an RDF text.

    name: of the text, for findings. stem: the beginning of the labels of blank nodes; the same text always gives the
    same labels. context: finds the JSON-LD contexts that are known. base: the IRI that relative ones resolve against
    (RFC 3986, section 5.1); empty if they are errors.
    Raises UnreadableFilesError, with the position of the error where it is known.
    """
    try:
        starts = _CUTS.get(format_, _cut_turtle)(text)
    except _RejectedError as problem:
        raise _unreadable(text, name, problem.mistake) from problem
    whole, edits = _inline(text, name, context) if format_ == ox.RdfFormat.JSON_LD else (blank_mark(text), [])
    try:
        if format_ == ox.RdfFormat.JSON_LD:
            found = _read_items(text, starts, stem, context, base) or _read_jsonld(whole, stem, base)
        else:
            found = _read(whole, _make_pieces(whole, starts), format_, stem, base)
    except SyntaxError as error:
        raise _unreadable(text, name, _explain(text, whole, edits, error, format_, context, base)) from error
    except MemoryError as error:  # pyoxigraph's error for a literal, IRI, name or comment of more than 16 MiB.
        raise _unreadable(text, name, (_TOO_LONG, None, None)) from error
    if _has_rdf12(found.triples, text, format_):
        mark = find_rdf12(text) if format_ in FORMATS else None
        raise _unreadable(text, name, (_RDF12, mark, None))
    return found


def read_lines(text: str) -> bytes | None:
    """Return the statements of a Turtle text as N-Triples, in a fifth of the time of `parse`.

    Returns None where only `parse` can tell: errors, terms of RDF 1.2, blank nodes.
    """
    if any(mark in text for mark in _RDF12_MARKS):
        return None
    try:
        quads = ox.parse(blank_mark(text), format=ox.RdfFormat.TURTLE)
        lines = ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""
    except (SyntaxError, MemoryError):
        return None
    return None if mentions_blank_nodes(lines) or b"<<(" in lines else lines


def _make_pieces(text: str, starts: Sequence[int]) -> Pieces | None:
    """The pieces of a text; None where it has none, or one that is too long to be read in blocks."""
    ends = [*starts[1:], len(text)]
    longest = max((end - start for start, end in zip(starts, ends, strict=False)), default=0)
    return Pieces(text, starts) if 0 < longest <= MAX_PIECE else None


def _read(whole: str, pieces: Pieces | None, format_: ox.RdfFormat, stem: str, base: str) -> Parsed:
    quads = ox.parse(pieces or whole, format=format_, base_iri=base or None)  # type: ignore[arg-type]
    triples = _collect(pieces.number(quads) if pieces else quads, stem)
    return Parsed(triples, dict(quads.prefixes), pieces)


def _read_jsonld(whole: str, stem: str, base: str) -> Parsed:
    try:
        return _read(whole, None, ox.RdfFormat.JSON_LD, stem, base)
    except SyntaxError as error:
        from publisher.rdf import jsonld_expansion  # PyLD takes a while to import

        quads = None if jsonld_expansion.is_supported(error.msg) else jsonld_expansion.read_quads(whole, base)
        if quads is None:
            raise
        return Parsed(_collect(quads, stem), {}, None)


def _read_items(text: str, starts: Sequence[int], stem: str, context: jsonld_contexts.Find, base: str) -> Parsed | None:
    """Parse JSON-LD with markers between its items; None if there are no items, or it cannot be parsed like that."""
    if len(starts) < len(("head", "item", "tail")):
        return None
    pieces = Pieces(text, starts)
    marked, marker = jsonld_items.mark_items(text, starts)
    try:
        whole, _ = jsonld_contexts.inline(marked, jsonld_contexts.restrict(text, context))
        quads = ox.parse(whole, format=ox.RdfFormat.JSON_LD, base_iri=base or None)
        triples = _collect(jsonld_items.number_triples(quads, marker, pieces), stem)
    except SyntaxError:
        return None
    return Parsed(triples, dict(quads.prefixes), pieces)


def _inline(text: str, name: str, context: jsonld_contexts.Find) -> tuple[str, list[Edit]]:
    """Put the contexts that are known into a JSON-LD text. Raises UnreadableFilesError where the parser would crash."""
    whole, edits = jsonld_contexts.inline(text, jsonld_contexts.restrict(text, context))
    if len(whole) - len(text) > MAX_EXPANSION:
        raise _unreadable(text, name, (_TOO_MANY, edits[0].start, edits[0].end))
    if term := jsonld_chains.find_long_chain(whole):
        raise _unreadable(text, name, (_LONG_CHAIN.format(term[:40]), *_find_quoted(text, f"'{term}'")))
    return whole, edits


_RDF12_MARKS: Final = ("<<", "--ltr", "--rtl")
_RDF12: Final = "This is RDF 1.2 (a triple term, a reifier or a base direction), which RDF 1.1 parsers reject."
_TOO_MANY: Final = (
    "The context is referenced so often that the expanded text would exceed the limit; reference it once, at the top."
)
_LONG_CHAIN: Final = (
    f"The context defines the term {{!r}} by a chain of more than {jsonld_chains.MAX_CHAIN} other terms;"
    " define it by an IRI."
)
_TOO_LONG: Final = "A literal, IRI, name or comment exceeds the limit of 16 MiB."


def read_labeled(text: str, format_: ox.RdfFormat, base: str = "") -> tuple[list[ox.Triple], dict[str, str]]:
    """Return the triples of a text that `parse` accepts, with the labels of its blank nodes, and its prefixes."""
    found = ox.parse(blank_mark(text), format=format_, base_iri=base or None)
    triples = [quad.triple for quad in found]
    return triples, dict(found.prefixes)


def _unreadable(text: str, name: str, mistake: Mistake) -> UnreadableFilesError:
    """The error for one mistake, with its line, columns and source line. A merge conflict is the cause of any other."""
    conflict = syntax_messages.find_conflict(text)
    message, start, end = (syntax_messages.CONFLICT, *conflict) if conflict else mistake
    if start is None:
        return UnreadableFilesError([Diagnostic("syntax", Severity.VIOLATION, message, name)])
    lines = Lines(text)
    line, column = lines.locate(start)
    end_line, end_column = lines.locate(end) if end is not None and end > start else (None, None)
    source = lines.source(line) if column <= MAX_SOURCE else ""
    finding = Diagnostic(
        "syntax",
        Severity.VIOLATION,
        message,
        name,
        line,
        column,
        end_line=end_line,
        end_column=end_column,
        source=source,
    )
    return UnreadableFilesError([finding])


def _offset(text: str, line: int, column: int) -> int:
    """The offset of a line and column as pyoxigraph and expat count them: lines end in LF, CR LF or, in XML, CR."""
    lines = text.split("\n", line - 1)
    return min(sum(len(text) + 1 for text in lines[: line - 1]) + column - 1, len(text))


def _explain(
    text: str,
    whole: str,
    edits: Sequence[Edit],
    error: SyntaxError,
    format_: ox.RdfFormat,
    context: jsonld_contexts.Find,
    base: str,
) -> Mistake:
    """Explain a syntax error. whole, edits: the text as it was parsed, with contexts inlined."""
    if _NO_LOADER in error.msg:
        return _explain_remote_context(text, context)
    message = re.sub(r"^Parser error .*?\d: ", "", error.msg)
    if not error.lineno or not error.offset:
        if format_ == ox.RdfFormat.JSON_LD and (found := jsonld_errors.find_error(whole, error.msg, base)):
            start, end = (jsonld_contexts.original_offset(offset, edits) for offset in found)
            return syntax_messages.tidy(message), start, end
        place = _find_quoted(text, message)
        if place == (None, None) and format_ == ox.RdfFormat.RDF_XML:
            place = rdfxml_positions.find_error(text)
        return syntax_messages.tidy(message), *place
    start = _offset(whole, error.lineno, error.offset)
    end = _offset(whole, error.end_lineno or error.lineno, error.end_offset or error.offset)
    if edits:
        start, end = (jsonld_contexts.original_offset(offset, edits) for offset in (start, end))
    if format_ in FORMATS:
        return syntax_messages.explain(text, message, start, end)
    return syntax_messages.tidy(message), start, end


def _explain_remote_context(text: str, context: jsonld_contexts.Find) -> Mistake:
    for found in jsonld_contexts.find_addresses(text):
        value = context(found.address)
        if value is None:
            return _name_remote(found.address), found.start + 1, found.end - 1
        if below := jsonld_contexts.find_addresses(f'{{"@context":{value}}}'):
            address = below[0].address
            itself = f"The context {found.address} names {address}, which leads back to it."
            other = f"The context {found.address} names another. {_name_remote(address)}"
            return other if context(address) is None else itself, found.start + 1, found.end - 1
    return "A remote context is not fetched: validation makes no connections.", None, None


def _name_remote(address: str) -> str:
    return (
        f"The remote context {address} is not fetched: validation makes no connections. Save it to a file and add"
        f" --context {address}=FILE."
    )


def _find_quoted(text: str, message: str) -> tuple[int, int] | tuple[None, None]:
    """Find what a message quotes, for errors without a position: most of RDF/XML, and values of JSON-LD."""
    for quoted in _QUOTED.finditer(message):
        wanted = quoted[quoted.lastgroup or 0]
        for written in (wanted, html.escape(wanted, quote=False), wanted.rpartition("#")[2]):
            found = (
                re.search(rf"(?<=[\"'>:\s]){re.escape(written)}(?=[\"'<\s=/>])", text, re.IGNORECASE)
                if written
                else None
            )
            if found:
                return found.span()
    return None, None


def _has_rdf12(found: Sequence[ox.Triple], text: str, format_: ox.RdfFormat) -> bool:
    """Whether triples have terms of RDF 1.2. In the Turtle family a base direction is written `@ar--rtl`."""
    if ox.Triple in {type(triple.object) for triple in found}:
        return True
    directed = format_ not in FORMATS or "--ltr" in text or "--rtl" in text
    return directed and any(isinstance(t.object, ox.Literal) and t.object.direction is not None for t in found)


def _collect(quads: Iterable[ox.Quad], stem: str) -> list[ox.Triple]:
    """Return the triples, with the blank nodes numbered in the order in which they appear."""
    labels = _Labels(stem)
    blank = ox.BlankNode
    found: list[ox.Triple] = []
    for quad in quads:
        subject: Any = quad.subject
        object_: Any = quad.object
        if type(subject) is blank:
            subject = labels[subject]
            object_ = labels[object_] if type(object_) is blank else object_
            found.append(ox.Triple(subject, quad.predicate, object_))
        elif type(object_) is blank:
            found.append(ox.Triple(subject, quad.predicate, labels[object_]))
        else:
            found.append(quad.triple)
    return found


class _Labels(dict[ox.BlankNode, ox.BlankNode]):
    """Blank node of the parser -> ours, which is made when it is first looked up."""

    def __init__(self, stem: str) -> None:
        super().__init__()
        self.stem = stem

    def __missing__(self, node: ox.BlankNode) -> ox.BlankNode:
        self[node] = ox.BlankNode(f"{self.stem}{len(self)}")
        return self[node]


class _RejectedError(Exception):
    """A text is not given to pyoxigraph."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake)
        self.mistake = mistake


def _cut_turtle(text: str) -> list[int]:
    """Return where pieces of a Turtle text begin. Rejects triple terms, before pyoxigraph crashes on half a million
    nested ones."""
    mark = find_rdf12(text) if "<<" in text else None
    if mark is not None:
        raise _RejectedError((_RDF12, mark, mark + 2))
    return find_pieces(text)


def _cut_lines(text: str) -> list[int]:
    """Do not cut N-Triples and N-Quads: most of their pieces are never looked for."""
    _cut_turtle(text if "<<" in text else "")
    return []


def _cut_json(text: str) -> list[int]:
    try:
        return jsonld_items.find_items(text, MAX_NESTING)
    except jsonld_items.TooDeepError as error:
        words = f"The nesting is deeper than {MAX_NESTING} levels."
        raise _RejectedError((words, error.start, error.start + 1)) from error


def _cut_xml(text: str) -> list[int]:
    """Return where the elements in the root begin, and where the root ends. Checks that the text is well-formed XML to
    its end, its depth, and the size of its entities.

    Nothing outside of the text is read: expat reads it only through a handler, and there is none.
    """
    check = _XmlCheck(text)
    plain = text.removeprefix("\ufeff")
    try:
        check.parser.Parse(plain, True)
    except xml.parsers.expat.ExpatError as error:
        words = str(error).partition(":")[0].capitalize()
        raise _RejectedError((f"{words}.", _offset(text, error.lineno, error.offset + 1), None)) from error
    except _TooMuchError as error:
        start = _offset(text, check.parser.CurrentLineNumber, check.parser.CurrentColumnNumber + 1)
        raise _RejectedError((str(error), start, None)) from error
    return _count_characters(text, len(text) - len(plain), check.starts)


def _count_characters(text: str, start: int, offsets: Sequence[int]) -> list[int]:
    """Return offsets in characters for offsets in bytes after a start, and 0 before them."""
    if text.isascii():
        return [0, *offsets]
    data, found, done = text[start:].encode(), [0, start], 0
    for offset in offsets:
        found.append(found[-1] + len(data[done:offset].decode()))
        done = offset
    return [0, *found[2:]]


class _TooMuchError(Exception):
    """Stops expat."""


class _XmlCheck:
    """Counts depth and entities while expat parses a text. starts: the offset in bytes of each element in the root, and
    of the end of the root."""

    def __init__(self, text: str) -> None:
        self.text, self.depth, self.expanded = text, 0, 0
        self.starts: list[int] = []
        self.sizes: dict[str, int] = {}
        self.parser = xml.parsers.expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.EntityDeclHandler = self._entity

    def _start(self, *_: object) -> None:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise _TooMuchError(f"The nesting is deeper than {MAX_NESTING} levels.")
        if self.depth == _ITEMS:
            self.starts.append(self.parser.CurrentByteIndex)

    def _end(self, _: str) -> None:
        self.depth -= 1
        if self.depth == 0:
            self.starts.append(self.parser.CurrentByteIndex)

    def _entity(self, name: str, _: object, value: str | None, *__: object) -> None:
        """Add up the sizes of the entities, once for each reference."""
        if value is None:
            raise _TooMuchError(f"The external entity {name} is not fetched: validation makes no connections.")
        within = _REFERENCE.findall(value)
        self.sizes[name] = len(value) + sum(self.sizes.get(other, 0) for other in within)
        self.expanded += self.sizes[name] * (1 + self.references[name])
        if self.expanded > MAX_EXPANSION:
            raise _TooMuchError(f"The entity {name} expands the text by more than {MAX_EXPANSION:,} characters.")

    @cached_property
    def references(self) -> Counter[str]:
        """The number of references to each entity."""
        return Counter(_REFERENCE.findall(self.text))


_CUTS: Final[dict[ox.RdfFormat, Callable[[str], list[int]]]] = {
    ox.RdfFormat.JSON_LD: _cut_json,
    ox.RdfFormat.RDF_XML: _cut_xml,
    **dict.fromkeys(LINES, _cut_lines),
}
"""What cuts a text, and checks it, before pyoxigraph parses it, by format; Turtle and TriG have one in common."""
