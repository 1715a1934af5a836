"""JSON-LD positions: where the statements of a JSON-LD text are. Pure, no I/O.

Only a JSON-LD processor knows what a key stands for, and none reports positions. So a marker, a member with an IRI of
its own, is put before the members of each node object, and pyoxigraph parses the text again. It makes triples in the
order of the text, the types of a node first: those between two markers are of the member after the first one.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf import json_positions, jsonld_contexts
from publisher.rdf.json_positions import Array, Object, Text
from publisher.rdf.jsonld_markers import END, Marked, Member
from publisher.rdf.namespaces import RDF
from publisher.rdf.pieces import Span, Spans

_TYPE: Final = ox.NamedNode(RDF + "type")
_FIRST: Final = ox.NamedNode(RDF + "first")
_REST: Final = ox.NamedNode(RDF + "rest")
_SCALAR: Final = re.compile(r"[\s,:]*([^\s,:\]}]+)")


def find_mentions(text: str) -> dict[str, Span]:
    """Return the strings outside of contexts, each with the span, without quotation marks, where it is first."""
    found: dict[str, Span] = {}
    pending: list[Any] = [json_positions.read(text)]
    while pending:
        value = pending.pop()
        if isinstance(value, Text):
            found.setdefault(value, (value.start + 1, value.end - 1))
        elif isinstance(value, Array):
            pending += reversed(value)
        elif isinstance(value, Object):
            pending += reversed([item for key, item in value.items() if key != "@context"])
    return found


class Statements:
    """The places of the statements of one text.

    text: a text that pyoxigraph has accepted. triples: all of the text, in the order of the parser. context: finds the
    contexts that are known. base: as for the parser.
    """

    def __init__(self, text: str, triples: Sequence[ox.Triple], context: jsonld_contexts.Find, base: str) -> None:
        self._text = text
        self._marked = Marked(text, context)
        self._parsed = _Parsed(self._marked, base)
        self._found: dict[int, dict[int, Spans]] = {}
        self._agrees = [t.predicate for t in self._parsed.triples] == [t.predicate for t in triples]

    def find(self, number: int) -> Spans | None:
        """Return the spans of a triple, by its number; None if it is not found."""
        member = self._parsed.member_of.get(number) if self._agrees else None
        if member is None:
            return None
        if member not in self._found:
            self._found[member] = dict(self._locate(member))
        return self._found[member].get(number)

    def _locate(self, number: int) -> Iterator[tuple[int, Spans]]:
        """Return the number and the spans of each triple of a member."""
        member = self._marked.members[number]
        if member.key is None:
            return
        made = [(each, self._parsed.triples[each]) for each in self._parsed.made[number]]
        is_list = any(triple.predicate == _REST for _, triple in made)
        values = iter(self._values(member, sum(t.predicate == _FIRST for _, t in made) if is_list else len(made)))
        key = (member.key.start, member.key.end)
        value, owner = key, self._marked.describe(member.owner)
        for each, triple in made:
            if not is_list or triple.predicate == _FIRST:
                value = next(values)
            if is_list and triple.predicate in (_FIRST, _REST):
                yield each, (value, value, value)
            elif triple.subject != self._parsed.subjects[number]:
                yield each, (value, key, key)
            else:
                yield each, (owner, key, key if is_list else value)

    def _values(self, member: Member, count: int) -> Sequence[Span]:
        """Return the spans of the values of a member: its key for each, if they are not as many as there should be."""
        assert member.key is not None
        key = (member.key.start, member.key.end)
        value = member.value
        spans = list(self._flatten(value, member.key.end)) if count else []
        if len(spans) != count:
            return [key] * count
        if count > 1 or isinstance(value, Array):
            return spans
        if isinstance(value, Object) and self._marked.is_node(value):
            return [key]
        end = value.end if isinstance(value, Text | Object) else spans[0][1]
        return [(member.key.start, end) if "\n" not in self._text[member.key.start : end] else key]

    def _flatten(self, value: Any, start: int) -> Iterator[Span]:
        """Return the span of each value, of arrays, sets, lists and maps of each that is in them."""
        if isinstance(value, Array):
            start = value.start + 1
            for item in value:
                yield from self._flatten(item, start)
                start = self._end(item, start)
        elif isinstance(value, Object):
            within = self._marked.contents(value)
            if within is None:
                is_short = not self._marked.is_node(value) and "\n" not in self._text[value.start : value.end]
                yield (value.start, value.end) if is_short else self._marked.describe(value)
            for key, item in (within or {}).items():
                yield from self._flatten(item, key.end)
        elif isinstance(value, Text):
            yield value.start, value.end
        elif value is not None:
            match = _SCALAR.match(self._text, start)
            yield match.span(1) if match else (start, start)

    def _end(self, value: Any, start: int) -> int:
        if isinstance(value, Text | Object | Array):
            return value.end
        match = _SCALAR.match(self._text, start)
        return match.end() if match else start


class _Parsed:
    """The triples of a marked text. triples: in order, without those of the markers; none if it cannot be parsed.

    made: number of a member -> the numbers of its triples. member_of: the reverse. subjects: number of a member -> the
    node that it is about.
    """

    def __init__(self, marked: Marked, base: str) -> None:
        self._marked, self._members = marked, marked.members
        self.triples: list[ox.Triple] = []
        self.subjects: dict[int, Any] = {}
        self.made: dict[int, list[int]] = {}
        self._open: list[int] = []
        """The members that are being read, one for each node object that is open, the outermost first."""
        self._owners: set[int] = set()
        self._done = 0
        try:
            self._follow(
                [quad.triple for quad in ox.parse(marked.text, format=ox.RdfFormat.JSON_LD, base_iri=base or None)]
            )
        except SyntaxError:  # There is a marker in a place where the context does not allow it.
            self.triples = []
        self.member_of = {each: member for member, numbers in self.made.items() for each in numbers}

    def _follow(self, parsed: Sequence[ox.Triple]) -> None:
        stem = self._marked.stem
        for triple in parsed:
            predicate = triple.predicate.value
            if not predicate.startswith(stem):
                self.triples.append(triple)
            elif predicate == stem + END:
                self._assign(len(self.triples))
                self._close()
            else:
                self._begin(int(predicate[len(stem) :]), triple)
        self._assign(len(self.triples))

    def _begin(self, number: int, mark: ox.Triple) -> None:
        """Begin a member, and its node object if that is not open."""
        member = self._members[number]
        owner = id(member.owner)
        self.subjects[number] = mark.object if member.reverse else mark.subject
        if owner in self._owners:
            self._assign(len(self.triples))
            while id(self._members[self._open[-1]].owner) != owner:
                self._close()
            self._open[-1] = number
        else:
            self._assign(self._take_types(owner, self.subjects[number]))
            self._owners.add(owner)
            self._open.append(number)
        self._done = len(self.triples)

    def _take_types(self, owner: int, subject: Any) -> int:
        """Assign the types of a node object, which stand before its first marker; return the number of the first."""
        begin = end = len(self.triples)
        member = self._marked.types.get(owner)
        if member is not None:
            value = self._members[member].value
            first = max(self._done, end - (len(value) if isinstance(value, Array) else 1))
            while begin > first and self._is_type(self.triples[begin - 1], subject):
                begin -= 1
            self.made[member] = list(range(begin, end))
            self.subjects[member] = subject
        return begin

    @staticmethod
    def _is_type(triple: ox.Triple, subject: Any) -> bool:
        return triple.predicate == _TYPE and triple.subject == subject

    def _assign(self, end: int) -> None:
        """Assign the triples since the last marker to the member that is being read."""
        if self._open and self._done < end:
            self.made.setdefault(self._open[-1], []).extend(range(self._done, end))
        self._done = len(self.triples)

    def _close(self) -> None:
        if self._open:
            self._owners.discard(id(self._members[self._open.pop()].owner))
