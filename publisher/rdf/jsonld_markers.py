"""JSON-LD markers: a JSON-LD text with a marker before each member of its node objects. Pure, no I/O.

Contexts are not interpreted, except for what decides where a marker is allowed: which terms stand for keywords, for
maps, and for JSON literals. A term that any context of the text defines so is taken to be one everywhere.
"""

import json
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any, Final, NamedTuple

from publisher.rdf import json_positions, jsonld_contexts
from publisher.rdf.json_positions import Array, Object, Text

END: Final = "end"
"""The name of the marker at the end of a node object within another."""
_MAPS: Final = frozenset({"@language", "@index", "@id", "@type"})
"""Containers whose keys are not properties (JSON-LD 1.1, section 4.6)."""
_INDEPENDENT: Final = frozenset({"@graph", "@included"})
"""Keywords whose values are nodes that are no values of a property."""
_WITHOUT_MARKER: Final = frozenset({"@context", "@id", "@index", "@type"}) | _INDEPENDENT


class Member(NamedTuple):
    """A member of a node object. key: None if the marker is of the whole object."""

    owner: Object
    key: Text | None
    value: Any
    reverse: bool = False


class Marked:
    """A JSON-LD text with markers.

    text: with markers, and with known contexts inlined. stem: the beginning of the IRIs of markers, followed by the
    number of a member or END. members: the members that have a marker, and those of types. types: identity of a node
    object -> the number of its member with the types.
    """

    def __init__(self, text: str, context: jsonld_contexts.Find) -> None:
        context = jsonld_contexts.restrict(text, context)
        whole, edits = jsonld_contexts.inline(text, context)
        self.stem = "mark:"
        while self.stem in whole:
            self.stem = "x" + self.stem
        self.members: list[Member] = []
        self.types: dict[int, int] = {}
        self._text = text
        self._tree = json_positions.read(text)
        self._terms = _Terms(_find_contexts(text, self._tree), context)
        self._maps: dict[int, Object] = {}
        self._nodes: set[int] = set()
        self._described: dict[int, tuple[int, int]] = {}
        self._insertions: list[tuple[int, int, str]] = []
        self._mark()
        moved = 0
        for edit in edits:
            start = edit.start + moved
            self._insertions.append((edit.start, edit.end, whole[start : start + edit.length]))
            moved += edit.length - (edit.end - edit.start)
        self.text = self._insert()

    def is_node(self, value: Object) -> bool:
        """Return whether an object states something about a node."""
        return id(value) in self._nodes

    def contents(self, value: Object) -> Mapping[Text, Any] | None:
        """Return the members that contain the values of a set, a list or a map; None if it is something else."""
        if id(value) in self._maps:
            return dict(value.members())
        words = self._terms.keywords
        return {key: item for key, item in value.members() if words.get(key, key) in ("@set", "@list")} or None

    def describe(self, node: Object) -> tuple[int, int]:
        """Return the span that stands for a node object: its IRI or label, else its bracket."""
        if id(node) not in self._described:
            words = self._terms.keywords
            found = next((value for key, value in node.items() if words.get(key, key) == "@id"), None)
            start, end = (found.start + 1, found.end - 1) if isinstance(found, Text) else (node.start, node.start + 1)
            self._described[id(node)] = start, end
        return self._described[id(node)]

    def _insert(self) -> str:
        parts: list[str] = []
        done = 0
        for start, end, new in sorted(self._insertions, key=itemgetter(0)):
            parts += [self._text[done:start], new]
            done = end
        return "".join([*parts, self._text[done:]])

    def _mark(self) -> None:
        pending: list[tuple[Any, bool]] = [(self._tree, False)]
        while pending:
            value, nested = pending.pop()
            if isinstance(value, Array):
                pending += ((item, nested) for item in value if isinstance(item, Array | Object))
            elif isinstance(value, Object):
                pending += self._mark_object(value, nested)

    def _mark_object(self, found: Object, nested: bool) -> list[tuple[Any, bool]]:
        """Mark the members of an object; return the values below it, with whether they are within another."""
        if len(found) == 1 and "@id" in found:
            return []
        names = {self._terms.keywords.get(key, key): (key, value) for key, value in found.members()}
        if "@value" in names:
            return []
        before = len(self.members)
        types = names.get("@type")
        if types and (names.keys() <= _WITHOUT_MARKER or names.keys() & _INDEPENDENT):
            self._add(Member(found, None, None), next(iter(found.members()))[0].start)
        below: list[tuple[Any, bool]] = []
        for key, value in found.members():
            below += self._mark_member(found, key, value, nested)
        if len(self.members) > before:
            self._nodes.add(id(found))
            if nested:
                self._insertions.append((found.end - 1, found.end - 1, f',"{self.stem}{END}":true'))
            if types:
                self.types[id(found)] = len(self.members)
                self.members.append(Member(found, *types))
        return below

    def _mark_member(self, owner: Object, key: Text, value: Any, nested: bool) -> Iterator[tuple[Any, bool]]:
        word = self._terms.keywords.get(key, key)
        if word in _INDEPENDENT:
            yield value, nested
        elif word in ("@set", "@list"):
            yield value, True
        elif word == "@reverse":
            for name, item in value.members() if isinstance(value, Object) else ():
                self._add(Member(owner, name, item, reverse=True), name.start)
                yield item, True
        elif word == "@nest":
            for item in value if isinstance(value, Array) else [value]:
                for name, below in item.members() if isinstance(item, Object) else ():
                    yield from self._mark_member(owner, name, below, nested)
        elif not word.startswith("@"):
            self._add(Member(owner, key, value), key.start)
            yield from self._values(key, value)

    def _values(self, key: Text, value: Any) -> Iterator[tuple[Any, bool]]:
        if key in self._terms.maps and isinstance(value, Object):
            self._maps[id(value)] = value
            yield from ((item, True) for item in value.values())
        elif key not in self._terms.literals and isinstance(value, Array | Object):
            yield value, True

    def _add(self, member: Member, offset: int) -> None:
        node = f'{{"@id":"{self.stem}"}}' if member.reverse else "true"
        self._insertions.append((offset, offset, f'"{self.stem}{len(self.members)}":{node},'))
        self.members.append(member)


def _find_contexts(text: str, tree: Any) -> list[Any]:
    """Return the values of the contexts of a text; of one context on top, without looking further."""
    if text.count("context") == 1 and isinstance(tree, Object) and "@context" in tree:
        return [tree["@context"]]
    return [value for key, value in json_positions.walk(tree) if key == "@context"]


class _Terms:
    """What the contexts of a text say about terms.

    keywords: term -> the keyword that it stands for. maps: terms whose values are maps. literals: terms of JSON.
    """

    def __init__(self, contexts: list[Any], context: jsonld_contexts.Find) -> None:
        self._context = context
        self.keywords: dict[str, str] = {}
        self.maps: set[str] = set()
        self.literals: set[str] = set()
        others: dict[str, str] = {}
        for term, definition in self._definitions(contexts):
            self._define(term, definition, others)
        for _ in others:  # An alias of an alias.
            found = {term: self.keywords[name] for term, name in others.items() if name in self.keywords}
            if found.items() <= self.keywords.items():
                break
            self.keywords |= found

    def _definitions(self, contexts: list[Any]) -> Iterator[tuple[str, Any]]:
        pending = contexts
        while pending:
            found = pending.pop()
            if isinstance(found, list):
                pending += found
            elif isinstance(found, str):
                pending += [json.loads(self._context(found) or "null")]
            elif isinstance(found, dict):
                yield from found.items()
                pending += [found["@import"]] if isinstance(found.get("@import"), str) else []
                pending += [
                    value["@context"] for value in found.values() if isinstance(value, dict) and "@context" in value
                ]

    def _define(self, term: str, definition: Any, others: dict[str, str]) -> None:
        details = definition if isinstance(definition, dict) else {"@id": definition}
        name = details.get("@id")
        if isinstance(name, str) and not term.startswith("@"):
            (self.keywords if name.startswith("@") else others)[term] = name
        container = details.get("@container")
        if _MAPS.intersection(container if isinstance(container, list) else [container]):
            self.maps.add(term)
        if details.get("@type") == "@json":
            self.literals.add(term)
