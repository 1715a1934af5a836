"""JSON-LD drops: the parts of a JSON-LD text that a processor ignores, and where they are. Pure, no I/O.

A JSON-LD processor ignores keys that no context maps, values that belong to no node, IRIs that are not valid and
language tags that are not well-formed (JSON-LD 1.1 API, sections 5.1.2 and 8.1.2), and keys that stand for blank
nodes (section 7.1.2); of a key that is repeated, some
processors ignore all values but the last. A quick scan finds that a text has nothing to drop; where it
cannot tell, PyLD expands the text and reports what it drops.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final
from urllib.parse import urljoin

import pyoxigraph as ox
from pyld import jsonld

from publisher.rdf import json_positions
from publisher.rdf.json_positions import Text
from publisher.rdf.jsonld_contexts import Find, resolve, restrict
from publisher.rdf.jsonld_items import find_items
from publisher.rdf.jsonld_processor import refuse_to_load

KEYWORDS: Final = frozenset(
    f"@{name}"
    for name in (
        *("base", "container", "context", "default", "direction", "embed", "explicit", "graph", "id", "import"),
        *("included", "index", "json", "language", "list", "nest", "none", "omitDefault", "prefix", "preserve"),
        *("propagate", "protected", "requireAll", "reverse", "set", "type", "value", "version", "vocab"),
    )
)
_NO_BASE: Final = "http://relative.invalid/"
"""The base used for a text that has none: an IRI below it is relative."""
_SEPARATORS: Final = ", \t\r\n"
"""The characters between the items of an array."""
_KEYWORD_LIKE: Final = re.compile(r"@[A-Za-z]+\Z")
_PLAIN_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]*\Z")
_QUOTED: Final = 60
"""Characters of a value that a message shows."""
_TAG: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*\Z")


@dataclass(frozen=True)
class Drop:
    """A part that makes no statement. start, end: its span, None if unknown.

    mistake: whether it is an error of the text, such as an invalid IRI; else a key or type that no context maps.
    """

    message: str
    start: int | None
    end: int | None
    mistake: bool


def find_drops(text: str, context: Find, base: str = "") -> list[Drop]:
    """Find the parts of a JSON-LD text that make no statement. The text must be one that a parser accepts.

    context: finds the contexts that are known. base: the IRI against which relative ones resolve, empty if there is
    none. Ordered by position.
    """
    if _Scan(base).is_complete(text):
        return []
    tree = json_positions.read(_blank_complete_items(text, base))
    search = _Search(tree, base or _NO_BASE)
    options = {"base": base or _NO_BASE, "documentLoader": refuse_to_load}
    try:
        _resolve_contexts(tree, restrict(text, context))
        expanded = jsonld.expand(tree, options, on_property_dropped=search.drop_key)
    except (jsonld.JsonLdError, RecursionError, ValueError) as error:
        reason = str(error.args[0] if error.args else error).partition("\n")[0].rstrip(".")
        return [Drop(f"Not checked for members that make no statement: {reason}.", None, None, mistake=False)]
    search.drop_values(expanded)
    return sorted(dict.fromkeys(search.found), key=lambda drop: (drop.start or 0, drop.message))


def _blank_complete_items(text: str, base: str) -> str:
    """Return a text with spaces in place of the items of its top array in which nothing is dropped: PyLD is slow."""
    starts = find_items(text, sys.maxsize)
    if len(starts) < len(("head", "item", "tail")):
        return text
    head, tail = text[: starts[1]], text[starts[-1] :]
    scan = _Scan(base)
    if not scan.is_complete(head.rstrip(_SEPARATORS) + tail):
        return text
    parts = (text[start:end] for start, end in pairwise(starts[1:]))
    return "".join([head, *(" " * len(part) if scan.is_item_complete(part) else part for part in parts), tail])


def _resolve_contexts(tree: Any, context: Find) -> None:
    """Put known contexts in the place of their addresses: PyLD keeps those that it loads, for all later texts."""
    for _, found in list(json_positions.walk(tree)):
        if isinstance(found, json_positions.Object) and "@context" in found:
            found["@context"] = resolve(found["@context"], context)


_NO_CONTEXT: Final = object()
"""What stands for the context of an object that has none."""


class _Scan:
    """Decides, for texts with at most one context, on top, whether every key, IRI and language tag is kept."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.keys: set[str] = set()
        self.members: defaultdict[str, set[str]] = defaultdict(set)
        self.contexts: list[Any] = []
        self.unusual = False
        self.terms: Mapping[str, Mapping[str, Any]] = {}
        self.vocab = False

    def is_item_complete(self, text: str) -> bool:
        """Whether the scan is certain that nothing is dropped of an item. The text around it was scanned before."""
        self.keys, self.members, contexts = set(), defaultdict(set), len(self.contexts)
        try:
            self.unusual |= not _is_node(self._decode(text.rstrip(_SEPARATORS)))
        except ValueError:  # There is something behind the item.
            return False
        return not self.unusual and len(self.contexts) == contexts and self._are_kept(self.terms, self.vocab)

    def is_complete(self, text: str) -> bool:
        """Whether the scan is certain that nothing is dropped."""
        root = self._decode(text.removeprefix("\ufeff"))
        contexts = self.contexts
        self.unusual |= _has_loose_values(root)
        if self.unusual:
            return False
        top = isinstance(root, dict) and "@context" in root
        if len(contexts) > 1 or (contexts and not (top and isinstance(contexts[0], dict))):
            return False
        context: Mapping[str, Any] = contexts[0] if contexts else {}
        terms, self.vocab = self._read_terms(context), isinstance(context.get("@vocab"), str)
        self.terms = terms or {}
        return terms is not None and self._are_kept(self.terms, self.vocab)

    def _decode(self, text: str) -> Any:
        return json.loads(text, object_pairs_hook=self._collect, parse_int=json_positions.read_integer)

    def _collect(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        self.unusual |= len(found) < len(pairs) or ("@graph" in found and _has_loose_values(found["@graph"]))
        context = found.pop("@context", _NO_CONTEXT)
        self.keys.update(found)
        if context is not _NO_CONTEXT:
            self.contexts.append(context)
            self.keys -= context.keys() if isinstance(context, dict) else set()
        for key, value in found.items():
            if type(value) is str:
                self.members[key].add(value)
            elif type(value) is list and (texts := [item for item in value if type(item) is str]):
                self.members[key].update(texts)
        return dict(pairs) if context is not _NO_CONTEXT else found

    def _read_terms(self, context: Mapping[str, Any]) -> dict[str, dict[str, Any]] | None:
        """The definitions of the terms; None if there are features that this scan does not know."""
        terms: dict[str, dict[str, Any]] = {}
        for term, definition in context.items():
            if term in ("@version", "@vocab", "@base", "@language"):
                continue
            if isinstance(definition, str):
                terms[term] = {"@id": definition}
            elif isinstance(definition, dict) and set(definition) <= {"@id", "@type", "@reverse", "@container"}:
                if definition.get("@container") in ("@language", "@id", "@type", "@index", "@graph"):
                    return None
                terms[term] = definition
            else:
                return None
        if not all(self._is_mapped(str(t.get("@id", t.get("@reverse", name))), terms) for name, t in terms.items()):
            return None
        return terms

    @staticmethod
    def _is_mapped(name: str, terms: Mapping[str, Any]) -> bool:
        return name in KEYWORDS or name in terms or bool(_PLAIN_IRI.match(name))

    def _are_kept(self, terms: Mapping[str, Mapping[str, Any]], vocab: bool) -> bool:
        named = self.keys | {
            value
            for key, values in self.members.items()
            if key == "@type" or terms.get(key, {}).get("@id") == "@type"
            for value in values
        }
        if not all(self._is_mapped(name, terms) or (vocab and re.fullmatch(r"[\w-]+", name)) for name in named):
            return False
        ids = (
            value
            for key, values in self.members.items()
            if key == "@id" or terms.get(key, {}).get("@id") == "@id" or "@type" in terms.get(key, {})
            for value in values
        )
        tags = (value for key, values in self.members.items() if key == "@language" for value in values)
        return all(_PLAIN_IRI.match(value) for value in ids) and all(map(_TAG.match, tags))


class _Search:
    """Collects the drops of one text."""

    def __init__(self, tree: Any, base: str) -> None:
        self._base = base
        self.found: list[Drop] = []
        self._texts: list[Text] = []
        self._ids: list[Text] = []
        self._keys: list[Text] = []
        for key, value in json_positions.walk(tree):
            if isinstance(value, Text):
                self._texts.append(value)
                self._ids += [value] * (key == "@id")
            if isinstance(value, json_positions.Object):
                self.found += (_describe_repeated(again) for again in value.repeated)
            if isinstance(value, dict) and key != "@context":
                self._keys += (below for below in value if isinstance(below, Text))
            if key == "@graph" and not isinstance(value, json_positions.Array):
                self._drop_loose(value)
        self._drop_loose(tree)
        unknown = (key for key in self._keys if _KEYWORD_LIKE.match(key) and key not in KEYWORDS)
        self.found += (Drop(f"{key} is not a keyword of JSON-LD.", key.start, key.end, mistake=True) for key in unknown)

    def _drop_loose(self, value: Any) -> None:
        """Record a value at the top or in a graph that belongs to no node: only nodes make statements there."""
        if isinstance(value, json_positions.Array):
            for item in value:
                self._drop_loose(item)
        elif not _is_node(value) and value is not None:
            place = value if isinstance(value, Text | json_positions.Object) else None
            written = json.dumps(value, ensure_ascii=False)[:_QUOTED]
            self._add(f"The value {written} belongs to no node, so that it makes no statement.", place, mistake=True)

    def drop_key(self, key: str | None) -> None:
        """Record a key that makes no statement; None stands for a term that a context maps to null, on purpose."""
        if key is None:
            return
        place = key if isinstance(key, Text) else self._find(key, self._keys)
        words = f"No context maps the key {_quote(place or key)}, so that it makes no statement."
        if ":" in key:
            words = f"The key {_quote(place or key)} is not a valid IRI, so that it makes no statement."
        self._add(words, place, mistake=":" in key)

    def drop_values(self, value: Any) -> None:
        """Record the IRIs and language tags of an expanded document that make no statement."""
        pending = [value]
        while pending:
            found = pending.pop()
            if isinstance(found, list):
                pending += found
            elif isinstance(found, dict):
                self._check(found)
                pending += (below for key, below in found.items() if key not in ("@id", "@type", "@value", "@language"))

    def _check(self, node: Mapping[str, Any]) -> None:
        for key in map(str, node):  # A plain string: PyLD hands on the IRI of a term as the text in the context.
            if key.startswith("_:"):
                place = self._find(key, self._keys)
                words = f"The key {_quote(place or key)} stands for a blank node, so that it makes no statement."
                self._add(words, place, mistake=False)
            elif not key.startswith("@") and not _is_iri(key):
                self._drop_iri("key", key, self._keys)
        for iri in _list(node.get("@id")):
            if not _is_iri(iri) or iri.startswith(_NO_BASE):
                self._drop_iri("@id", iri, self._texts)
        for iri in _list(node.get("@type")):
            if iri != "@json" and (not _is_iri(iri) or self._is_below_base(iri)):
                self._drop_type(iri)
        if isinstance(tag := node.get("@language"), str) and not _is_tag(tag):
            # A tag is a text, or a key of a language map; case may differ, and nothing else.
            written = (*self._texts, *self._keys)
            place = next((text for text in written if text.casefold() == tag.casefold()), None)
            self._add(f"{_quote(place or tag)} is not a well-formed language tag (BCP 47).", place, mistake=True)

    def _is_below_base(self, iri: str) -> bool:
        """Whether an IRI is a relative one that was resolved against the base."""
        return iri.startswith(self._base.rpartition("/")[0]) and bool(re.fullmatch(r"[\w-]+", iri.rpartition("/")[2]))

    def _drop_type(self, iri: str) -> None:
        place = self._find(iri.rpartition("/")[2] if self._is_below_base(iri) else iri, self._texts)
        if self._is_below_base(iri) and place and ":" not in place:
            self._add(f"No context maps the type {_quote(place)}, so that it makes no statement.", place, mistake=False)
        elif iri.startswith(_NO_BASE) or not _is_iri(iri):
            self._drop_iri("@type", iri, self._texts)

    def _drop_iri(self, kind: str, iri: str, options: list[Text]) -> None:
        """Record an IRI: as an `@id` wherever it is one, else at its first place."""
        relative = _is_iri(iri) and iri.startswith(_NO_BASE)
        reason = "a relative IRI without a base" if relative else "not a valid IRI"
        ids = [text for text in self._ids if kind == "@id"]
        found = self._find(iri, ids) or self._find(iri, options)
        same: list[Text | None] = [text for text in ids if text == found]
        for place in same or [found]:
            self._add(
                f"The {kind} {_quote(place or iri)} is {reason}, so that it makes no statement.", place, mistake=True
            )

    def _add(self, message: str, place: Text | json_positions.Object | None, *, mistake: bool) -> None:
        self.found.append(Drop(message, place.start if place else None, place.end if place else None, mistake=mistake))

    def _find(self, value: str, options: list[Text]) -> Text | None:
        """Find the string that a value comes from: of those that it can come from, the first with the longest end."""
        if isinstance(value, Text):
            return value
        possible = (text for text in options if self._expands_to(text, value))
        return max(possible, key=lambda text: len(text.rpartition(":")[2]), default=None)

    def _expands_to(self, text: Text, value: str) -> bool:
        """Whether a string can be the source of a value: unchanged, resolved against the base, or expanded by a prefix
        or @vocab."""
        folded, end = value.casefold(), text.rpartition(":")[2].casefold()
        return text.casefold() == folded or urljoin(self._base, text) == value or bool(end and folded.endswith(end))


def _has_loose_values(value: Any) -> bool:
    """Whether the value of a graph, or a whole text, has parts that may be no nodes."""
    return not all(_is_node(item) for item in value) if isinstance(value, list) else not _is_node(value)


def _is_node(value: Any) -> bool:
    """Whether a value at the top of a text or in a graph can make statements: a literal or a list cannot."""
    return isinstance(value, dict) and "@value" not in value and "@list" not in value


def _describe_repeated(key: Text) -> Drop:
    words = f"The key {_quote(key)} is repeated in this object: some programs read only its last value."
    return Drop(words, key.start, key.end, mistake=True)


def _list(value: Any) -> Iterator[str]:
    values = value if isinstance(value, list) else [value]
    return (item for item in values if isinstance(item, str))


def _quote(text: str) -> str:
    return json.dumps(str(text), ensure_ascii=False)


def _is_iri(text: str) -> bool:
    if text.startswith("_:"):
        return True
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def _is_tag(text: str) -> bool:
    try:
        ox.Literal("", language=text)
    except ValueError:
        return False
    return True
