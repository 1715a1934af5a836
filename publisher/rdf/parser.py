"""The RDF parser: what is accepted, and the position of the error in what is not.

pyoxigraph decides on the grammar. What it would crash on, run for hours on or fill the memory with is bounded here
before it sees the text, and what it takes without a word though half of it is missing is refused.
"""

import re
import xml.parsers.expat
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Final

import pyoxigraph as ox

from publisher.diagnostic import Diagnostic, Severity, UnreadableFilesError
from publisher.rdf import jsonld_contexts, terms
from publisher.rdf.jsonld_contexts import Edit
from publisher.rdf.source_map import FORMATS, first_mark

MAX_NESTING: Final = 500
"""Depth of JSON-LD and RDF/XML. pyoxigraph needs time and memory in the square of it, for JSON-LD 60 MB at 500 and
800 MB at 2,000, and dies before 10,000; nothing that people write comes near it."""
MAX_EXPANSION: Final = 10_000_000
"""Characters that the entities of RDF/XML, or contexts of JSON-LD, may add to a text: far from the 10^9 of a "billion
laughs"."""

_BRACKET: Final = re.compile(r'(?:[^][{}"]++|"(?:[^"\\]++|\\.)*+")*+([][{}])', re.DOTALL)
_REFERENCE: Final = re.compile(r"&([^#;&\s]+);")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_NO_LOADER: Final = "No LoadDocumentCallback"


def triples(
    text: str, name: str, format_: ox.RdfFormat, stem: str, context: jsonld_contexts.Find = jsonld_contexts.none
) -> list[ox.Triple]:
    """The triples of an RDF text, in the order of the parser, whatever their graphs.

    name: what findings call the text. stem: how the names of its blank nodes are to begin; the same text always gives
    the same names. context: finds the JSON-LD contexts that are at hand.
    Raises UnreadableFilesError, with the position of the error where it is known.
    """
    mistake = _CHECKS.get(format_, _checked_turtle)(text)
    if mistake:
        raise UnreadableFilesError([_finding(name, *mistake)])
    whole, edits = jsonld_contexts.written_out(text, context) if format_ == ox.RdfFormat.JSON_LD else (text, [])
    if len(whole) - len(text) > MAX_EXPANSION:
        raise UnreadableFilesError([_finding(name, _TOO_MANY, *_at(text, edits[0].start))])
    try:
        found = [quad.triple for quad in ox.parse(whole, format=format_)]
    except SyntaxError as error:
        raise UnreadableFilesError([_finding(name, *_reason(text, whole, edits, error, context))]) from error
    except MemoryError as error:  # What pyoxigraph says of a literal, IRI, name or comment of more than 16 MiB.
        raise UnreadableFilesError([_finding(name, _TOO_LONG, None, None)]) from error
    if _has_new(found, text, format_):
        raise UnreadableFilesError([_finding(name, _NEW, *_at(text, first_mark(text) if format_ in FORMATS else None))])
    return _renamed(found, stem) if terms.has_blank_nodes(found) else found


Mistake = tuple[str, int | None, int | None]
"""A message, the line and the column."""
_NEW: Final = "This is RDF 1.2 (a triple term, a reifier or a base direction), which RDF 1.1 readers reject."

_TOO_MANY: Final = "The context is named so often that the text would grow out of all bounds; name it once, on top."
_TOO_LONG: Final = "One literal, IRI, name or comment is longer than 16 MiB, which is not read."


def _finding(name: str, message: str, line: int | None, column: int | None) -> Diagnostic:
    return Diagnostic("syntax", Severity.VIOLATION, message, name, line, column)


def _at(text: str, offset: int | None) -> tuple[int | None, int | None]:
    """Line and column of an offset."""
    if offset is None:
        return None, None
    ends = [match.end() for match in _LINE_END.finditer(text, 0, offset)]
    return len(ends) + 1, offset - (ends[-1] if ends else 0) + 1


def _reason(text: str, whole: str, edits: Sequence[Edit], error: SyntaxError, context: jsonld_contexts.Find) -> Mistake:
    """What is wrong with a text. whole, edits: the text as it was parsed, with contexts written out."""
    if error.msg.startswith(_NO_LOADER):
        unknown = (named for named in jsonld_contexts.named(text) if not (named.whole and context(named.address)))
        remote = next(unknown, None)
        address = f" {remote.address}" if remote else ""
        where = _at(text, remote.start + 1 if remote else None)
        return f"The remote context{address} is not fetched, since nothing is; write out what it says.", *where
    message = re.sub(r"^Parser error [^:]*\d: ", "", error.msg)
    if not edits or not error.lineno or not error.offset:
        return message, error.lineno, error.offset
    lines = whole.split("\n")[: error.lineno - 1]
    offset = sum(len(line) + 1 for line in lines) + error.offset - 1
    return message, *_at(text, jsonld_contexts.before(offset, edits))


def _has_new(found: Sequence[ox.Triple], text: str, format_: ox.RdfFormat) -> bool:
    """Whether triples have what only RDF 1.2 has. A base direction stands in Turtle and its kin as `@ar--rtl`."""
    if ox.Triple in {type(triple.object) for triple in found}:
        return True
    directed = format_ not in FORMATS or "--ltr" in text or "--rtl" in text
    return directed and any(isinstance(t.object, ox.Literal) and t.object.direction is not None for t in found)


def _renamed(found: list[ox.Triple], stem: str) -> list[ox.Triple]:
    """The triples with their blank nodes numbered as they appear."""
    names: dict[Any, ox.BlankNode] = {}

    def renamed(term: Any) -> Any:
        return names.setdefault(term, ox.BlankNode(f"{stem}{len(names)}")) if isinstance(term, ox.BlankNode) else term

    return [
        ox.Triple(renamed(triple.subject), triple.predicate, renamed(triple.object))
        if isinstance(triple.subject, ox.BlankNode) or isinstance(triple.object, ox.BlankNode)
        else triple
        for triple in found
    ]


def _checked_turtle(text: str) -> Mistake | None:
    """A byte order mark; and triple terms, before pyoxigraph dies of half a million nested ones."""
    if text.startswith("\ufeff"):
        return "The file begins with a byte order mark, which has no meaning here; save it as UTF-8 without one.", 1, 1
    mark = first_mark(text) if "<<" in text else None
    return None if mark is None else (_NEW, *_at(text, mark))


def _checked_json(text: str) -> Mistake | None:
    depth = 0
    for match in _BRACKET.finditer(text):
        depth += 1 if match[1] in "[{" else -1
        if depth > MAX_NESTING:
            return f"This is nested more than {MAX_NESTING} deep.", *_at(text, match.start(1))
    return None


def _checked_xml(text: str) -> Mistake | None:
    """That the text is well-formed XML to its end, how deep it is nested, and what its entities expand to.

    Nothing outside the text is read: expat only does so through a handler, and there is none.
    """
    check = _XmlCheck(text)
    try:
        check.parser.Parse(text.removeprefix("\ufeff"), True)
    except xml.parsers.expat.ExpatError as error:
        return f"{str(error).partition(':')[0].capitalize()}.", error.lineno, error.offset + 1
    except _TooMuchError as error:
        return str(error), check.parser.CurrentLineNumber, check.parser.CurrentColumnNumber + 1
    return None


class _TooMuchError(Exception):
    """What stops expat."""


class _XmlCheck:
    """One text on its way through expat."""

    def __init__(self, text: str) -> None:
        self.text, self.depth, self.expanded = text, 0, 0
        self.sizes: dict[str, int] = {}
        self.parser = xml.parsers.expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.EntityDeclHandler = self._entity

    def _start(self, *_: object) -> None:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise _TooMuchError(f"This is nested more than {MAX_NESTING} deep.")

    def _end(self, _: str) -> None:
        self.depth -= 1

    def _entity(self, name: str, _: object, value: str | None, *__: object) -> None:
        """Add up what the entities come to, each reference counted where it stands."""
        if value is None:
            raise _TooMuchError(f"The entity {name} is to be fetched from elsewhere, and nothing is.")
        within = _REFERENCE.findall(value)
        self.sizes[name] = len(value) + sum(self.sizes.get(other, 0) for other in within)
        self.expanded += self.sizes[name] * (1 + self.references[name])
        if self.expanded > MAX_EXPANSION:
            raise _TooMuchError(f"With the entity {name}, the text expands by more than {MAX_EXPANSION:,} characters.")

    @cached_property
    def references(self) -> Counter[str]:
        """How often each entity is referred to."""
        return Counter(_REFERENCE.findall(self.text))


_CHECKS: Final[dict[ox.RdfFormat, Callable[[str], Mistake | None]]] = {
    ox.RdfFormat.JSON_LD: _checked_json,
    ox.RdfFormat.RDF_XML: _checked_xml,
}
"""What is looked at before pyoxigraph reads a text, by format; the formats of the Turtle family have one in common."""
