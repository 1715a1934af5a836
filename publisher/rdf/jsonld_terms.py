"""JSON-LD terms: what one context makes of properties, types and kinds of values. PyLD is asked once for each."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from publisher.rdf.namespaces import RDF

Ask = Callable[[ox.Triple, Mapping[str, Any], str], Mapping[str, Any]]
"""Returns what PyLD makes of one statement with a context, as a tree with a root (an IRI). Raises UnusualError."""

MOST: Final = 4096
"""Answers that are kept; a query may invent any number of properties."""
TYPE: Final = ox.NamedNode(RDF + "type")
_ONE: Final = ox.NamedNode("urn:uuid:00000000-0000-0000-0000-000000000001")
_OTHER: Final = ox.NamedNode("urn:uuid:00000000-0000-0000-0000-000000000002")
_WORD: Final = "word"
_DEFINED: Final = frozenset(["@id", "@type", "@language", "@container", "@reverse"])


class ProcessingError(Exception):
    """A graph that PyLD cannot process."""


class UnusualError(Exception):
    """Something that only PyLD itself can write."""


class Form(NamedTuple):
    """How values of one kind are written.

    term: the key. is_set: always in an array. key: of an object that holds the value; empty where it stands alone.
    around: what that object has beside it. below: the key of an object that holds the term itself, or empty.
    """

    term: str
    is_set: bool
    key: str
    around: Mapping[str, Any]
    below: str

    def wrap(self, value: str) -> Any:
        """The text of a literal, or a reference, as it is written."""
        return {**self.around, self.key: value} if self.key else value


class Terms:
    """What one context makes of properties, types and values.

    usable: whether all that the context has is known here; else only PyLD knows what it means. prefixes: those of the
    context. id, type: the names of these keywords.

    Args:
        context: The value of an `@context`.
        ask: Asks PyLD about it.
    """

    def __init__(self, context: Mapping[str, Any], ask: Ask) -> None:
        self.usable = all(_is_known(key, value) for key, value in context.items())
        self.prefixes: dict[str, str] = {key: value for key, value in context.items() if _is_prefix(value)}
        self._context = context
        self._meant: dict[str, list[str]] = defaultdict(list)
        for key, value in context.items():
            if key not in self.prefixes:
                self._meant[self._expand(value)].append(key)
        self._ask_pyld = ask
        self._forms: dict[tuple[str, str, str], Form] = {}
        self._types: dict[str, str] = {}
        found = self._ask(ox.Triple(_ONE, TYPE, _OTHER)) if self.usable else {}
        named = {value: key for key, value in found.items() if isinstance(value, str)}
        self.id, self.type = named.get(_ONE.value, ""), named.get(_OTHER.value, "")

    def select(self, mentioned: Collection[str]) -> dict[str, Any]:
        """The context without the terms of properties and classes that are not mentioned. mentioned: IRIs."""
        keys = [key for iri in {"", *mentioned} for key in self._meant.get(iri, ())]
        ordered = sorted(mentioned)
        for prefix, namespace in self.prefixes.items():
            place = bisect_left(ordered, namespace)
            if place < len(ordered) and ordered[place].startswith(namespace):
                keys.append(prefix)
        return {key: self._context[key] for key in keys}

    def _expand(self, value: Any) -> str:
        """The IRI that a term stands for; empty for keywords and settings."""
        short = value.get("@id", value.get("@reverse")) if isinstance(value, dict) else value
        if not isinstance(short, str) or short.startswith("@"):
            return ""
        prefix, _, local = short.partition(":")
        return self.prefixes.get(prefix, prefix + ":") + local

    def _ask(self, triple: ox.Triple) -> Mapping[str, Any]:
        """What PyLD makes of a statement, as a tree whose root is `_ONE`."""
        value: Any = triple.object
        meant = value.datatype.value if isinstance(value, ox.Literal) else value.value
        mentioned = {triple.predicate.value, meant}
        return self._ask_pyld(triple, self.select(mentioned), _ONE.value)

    def literal(self, predicate: ox.NamedNode, value: ox.Literal) -> Form:
        """How literals of the kind of `value` are written for a property. Raises UnusualError."""
        kind, language = value.datatype, value.language
        word = ox.Literal(_WORD, language=language) if language else ox.Literal(_WORD, datatype=kind)
        return self._find((predicate.value, kind.value, language or ""), ox.Triple(_ONE, predicate, word), _WORD)

    def reference(self, predicate: ox.NamedNode) -> Form:
        """How references are written for a property. Raises UnusualError."""
        return self._find((predicate.value, "", ""), ox.Triple(_ONE, predicate, _OTHER), _OTHER.value)

    def reverse(self, predicate: ox.NamedNode) -> Form:
        """How nodes that refer to one by a property are written below it. Raises UnusualError."""
        return self._find((predicate.value, "@reverse", ""), ox.Triple(_OTHER, predicate, _ONE), _OTHER.value)

    def name(self, type_: ox.NamedNode) -> str:
        """The name of a type. Raises UnusualError."""
        name: Any = self._types.get(type_.value)
        if name is None:
            name = self._ask(ox.Triple(_ONE, TYPE, type_)).get(self.type)
            if not isinstance(name, str):
                raise UnusualError
            if len(self._types) >= MOST:
                self._types.clear()
            self._types[type_.value] = name
        return str(name)

    def _find(self, kind: tuple[str, str, str], triple: ox.Triple, value: str) -> Form:
        found = self._forms.get(kind)
        if found is None:
            found = _read_form(self._without_id(self._ask(triple)), value)
            if len(self._forms) >= MOST:
                self._forms.clear()
            self._forms[kind] = found
        return found

    def _without_id(self, found: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in found.items() if key not in ("@context", self.id)}


def _read_form(found: Mapping[str, Any], value: str) -> Form:
    """The form of a value in a node that has nothing else. Raises UnusualError where it is written in another way."""
    below = ""
    if set(found) == {"@reverse"}:
        below, found = "@reverse", found["@reverse"]
    if len(found) != 1:
        raise UnusualError
    [(term, written)] = found.items()
    is_set = isinstance(written, list)
    [alone] = written if is_set else [written]
    if alone == value:
        return Form(term, is_set, "", {}, below)
    if not isinstance(alone, dict) or value not in alone.values():
        raise UnusualError
    key = next(key for key, each in alone.items() if each == value)
    return Form(term, is_set, key, {name: each for name, each in alone.items() if name != key}, below)


def _is_known(key: str, value: Any) -> bool:
    """Whether an entry of a context is a prefix, a name of a keyword, or a definition without special rules."""
    if key == "@version":
        return True
    if key.startswith("@") or ":" in key:
        return False
    if isinstance(value, dict):
        return value.keys() <= _DEFINED and value.get("@container", "@set") == "@set"
    if not isinstance(value, str) or value[-1:] in (":", "?", "[", "]", "@"):
        return False
    return value in ("@id", "@type") or (not value.startswith("@") and (not _is_prefix(value) or "://" in value))


def _is_prefix(value: Any) -> bool:
    return isinstance(value, str) and value.endswith(("#", "/"))
