"""Query hints: why a query over the release may have no result, from its tokens and the terms of the store.

It runs in a query process, under the limits of the query. Every step is bounded by a number, so that a small query
stays a short one whatever the size of the store.
"""

import json
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import chain, islice
from typing import Any, Final, NamedTuple, cast

import pyoxigraph as ox

from publisher.sparql.hidden_characters import find_hidden, name_hidden
from publisher.sparql.lexer import Token, tokenize

HINTS: Final = 5
"""Hints for one query at most."""
LONGEST: Final = 300
"""Characters of one hint at most."""
TOKENS: Final = 1000
"""Tokens of a query that are looked at."""
TERMS: Final = 20
"""Terms and texts of a query that are looked up at most."""
QUADS: Final = 10_000
"""Statements that are searched for properties when the store is opened."""
TYPED: Final = 4000
"""Statements about types that are searched for classes and things then: they cost more, for most name a new thing."""
LITERALS: Final = 500
"""Literals that are searched for language tags then."""
LANGUAGES: Final = 20
"""Language tags that are tried for a text."""
COMPARED: Final = 100
"""Names that are compared with an unknown one: those whose lengths are nearest to its own."""
LONGEST_NAME: Final = 200
"""Characters of a name or a text that is compared or looked up."""
SAMPLE: Final = 100
"""Values of a property whose datatypes are looked at."""
ALIKE: Final = 0.7
"""Similarity of names that are suggested (`difflib`, 0 to 1)."""
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
DATES: Final = ("date", "dateTime", "gYear", "gYearMonth")
"""The datatypes of points in time, in XSD; values of different ones do not compare."""
RDF_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
NAMES: Final = ("variable", "name", "iri")
"""Kinds of tokens that name something."""
NOT_TERMS: Final = ("BASE", "SERVICE", "SILENT", "^^")
"""What stands before IRIs that are not terms of a pattern."""
_ESCAPE: Final = re.compile(r"\\(.)")


class _Asked(NamedTuple):
    """What a query names. declared: prefix -> namespace. terms: IRIs of its patterns, as (IRI, how it is written).
    datatypes: local names of the datatypes of points in time. texts: strings as (value, language tag or empty)."""

    declared: dict[str, str]
    terms: dict[str, str]
    datatypes: set[str]
    texts: list[tuple[str, str]]


_PROPERTIES: Final = f"SELECT DISTINCT ?p {{ {{ SELECT ?p {{ ?s ?p ?o }} LIMIT {QUADS} }} }}"
_TYPED: Final = f"SELECT ?type ?s {{ ?s a ?type }} LIMIT {TYPED}"
_LANGUAGES: Final = (
    f"SELECT DISTINCT (LANG(?o) AS ?l) {{ {{ SELECT ?o {{ ?s ?p ?o FILTER(isLiteral(?o)) }} LIMIT {LITERALS} }} }}"
)


class Hints:
    """Explains empty results over one open store. Terms for suggestions are read when it is made.

    base: of relative IRIs. prefixes: prefix -> namespace, the usual ones.
    """

    def __init__(self, store: ox.Store, base: str, prefixes: Mapping[str, str]) -> None:
        self._store = store
        self._base = base
        self._prefixes = prefixes
        self._in_namespace: dict[str, dict[str, str]] = {}
        self._with_name: dict[str, str] = {}
        for iri in self._read_iris():
            namespace, local = _split(iri)
            self._in_namespace.setdefault(namespace, {})[local] = iri
            self._with_name.setdefault(local, iri)
        tags = {tag.value for (tag,) in self._select(_LANGUAGES)}
        self._languages = sorted(tags - {""})[:LANGUAGES]

    def _select(self, query: str) -> Iterator[Any]:
        return iter(cast(ox.QuerySolutions, self._store.query(query)))

    def _read_iris(self) -> dict[str, None]:
        """Return IRIs of the data set, properties and classes first."""
        properties = [node for (node,) in self._select(_PROPERTIES)]
        typed = [(kind, thing) for kind, thing in self._select(_TYPED)]
        nodes = chain(properties, (kind for kind, _ in typed), (thing for _, thing in typed))
        return dict.fromkeys(node.value for node in nodes if isinstance(node, ox.NamedNode))

    def find(self, text: str) -> list[str]:
        """Return sentences that may explain why a query, which parses, has no result; code is between backticks."""
        asked = _read(text, self._base)
        found = []
        for hint in self._all(asked):
            found.append("".join(c if c.isprintable() else " " for c in hint)[:LONGEST])
            if len(found) == HINTS:
                break
        return found

    def _all(self, asked: _Asked) -> Iterator[str]:
        yield from self._prefix_hints(asked.declared)
        terms = list(asked.terms.items())[:TERMS]
        for iri, written in terms:
            if not self._knows(iri):
                yield self._term_hint(iri, written)
        for value, language in asked.texts[:TERMS]:
            yield from self._text_hints(value, language)
        if asked.datatypes:
            for iri, written in terms:
                yield from self._date_hints(iri, written, asked.datatypes)

    def _prefix_hints(self, declared: Mapping[str, str]) -> Iterator[str]:
        for prefix, namespace in declared.items():
            usual = self._prefixes.get(prefix, namespace)
            if usual != namespace:
                yield f"The prefix `{prefix}:` is `<{usual}>` in this data set; the query has `<{namespace}>`."

    def _knows(self, iri: str) -> bool:
        node = ox.NamedNode(iri)
        patterns = ((node, None, None, None), (None, node, None, None), (None, None, node, None))
        places = (self._store.quads_for_pattern(*pattern) for pattern in (*patterns, (None, None, None, node)))
        return any(next(place, None) is not None for place in places)

    def _term_hint(self, iri: str, written: str) -> str:
        namespace, local = _split(iri)
        names = self._in_namespace.get(namespace, {})
        compared = sorted(names, key=lambda name: abs(len(name) - len(local)))[:COMPARED]
        compared = compared if len(local) <= LONGEST_NAME else []
        near = [names[name] for name in get_close_matches(local, compared, 1, ALIKE)]
        meant = near[0] if near else self._with_name.get(local, "") if local else ""
        return f"The data set has no `{written}`." + (f" Did you mean `{self._spell(meant)}`?" if meant else "")

    def _spell(self, iri: str) -> str:
        namespace, local = _split(iri)
        prefix = next((prefix for prefix, space in self._prefixes.items() if space == namespace), None)
        return f"<{iri}>" if prefix is None else f"{prefix}:{local}"

    def _has(self, literal: ox.Literal) -> bool:
        return next(self._store.quads_for_pattern(None, None, literal), None) is not None

    def _text_hints(self, value: str, language: str) -> Iterator[str]:
        asked = ox.Literal(value, language=language) if language else ox.Literal(value)
        if self._has(asked):
            return
        others = [(f'"{value}"', ox.Literal(value))]
        others += [(f'"{value}"@{tag}', ox.Literal(value, language=tag)) for tag in self._languages]
        found = [written for written, literal in others if literal != asked and self._has(literal)]
        if found:
            absent = _quote(value, language)
            yield f"The data set has no text `{absent}`, but `{found[0]}`: a language tag is part of it."

    def _date_hints(self, iri: str, written: str, asked: set[str]) -> Iterator[str]:
        quads = self._store.quads_for_pattern(None, ox.NamedNode(iri), None)
        values = [quad.object for quad in islice(quads, SAMPLE)]
        types = {value.datatype.value.removeprefix(XSD) for value in values if isinstance(value, ox.Literal)}
        others = sorted(types & set(DATES) - asked)
        if others:
            held, compared = (" and ".join(f"`xsd:{name}`" for name in names) for names in (others, sorted(asked)))
            yield f"`{written}` has values of type {held}, which do not compare with {compared}: compare `STR(...)`."


def find_hidden_names(text: str) -> list[str]:
    """Return sentences about names with hidden characters, which are other names than the same without."""
    tokens = islice(tokenize(text), TOKENS) if find_hidden(text) else ()
    names = dict.fromkeys(token.text for token in tokens if token.kind in NAMES and find_hidden(token.text))
    return [
        f"The name `{''.join(c for c in name if not find_hidden(c))[:LONGEST_NAME]}` has the invisible character"
        f" {name_hidden(find_hidden(name))}: it is another name than the same without it."
        for name in islice(names, HINTS)
    ]


def decode_hints(header: str | None) -> list[str]:
    """Return the hints in a header of another endpoint; none where it is not such an array."""
    try:
        found = json.loads(header or "[]")
    except (ValueError, RecursionError):
        return []
    texts = [hint for hint in found if isinstance(hint, str)] if isinstance(found, list) else []
    return ["".join(c if c.isprintable() else " " for c in hint)[:LONGEST] for hint in texts[:HINTS]]


def _read(text: str, base: str) -> _Asked:
    """Read what a query names from its tokens."""
    tokens = [token for token in islice(tokenize(text), TOKENS) if token.kind != "comment"]
    asked = _Asked({}, {}, set(), [])
    for before, token, after in zip([Token("", "", 0), *tokens], tokens, [*tokens[1:], Token("", "", 0)], strict=False):
        if token.kind == "string":
            _read_text(token, after, asked)
        elif token.kind == "name" and before.text.upper() == "PREFIX":
            asked.declared[token.text[:-1]] = _resolve(after.text[1:-1], base)
        elif token.kind in ("name", "iri") and not (before.kind == "name" and before.text.endswith(":")):
            _read_term(token, before, after, asked, base)
    return asked


def _read_text(token: Token, after: Token, asked: _Asked) -> None:
    if "\\" in token.text or after.text == "^^" or len(token.text) > LONGEST_NAME:
        return
    quotes = 3 if token.text[:3] in ('"""', "'''") else 1
    language = after.text[1:] if after.kind == "language" else ""
    asked.texts.append((token.text[quotes:-quotes], language))


def _read_term(token: Token, before: Token, after: Token, asked: _Asked, base: str) -> None:
    if token.kind == "iri":
        iri = _resolve(token.text[1:-1], base)
    else:
        prefix, _, local = token.text.partition(":")
        if prefix not in asked.declared:
            return
        iri = asked.declared[prefix] + _ESCAPE.sub(r"\1", local)
    if iri.startswith(XSD):
        asked.datatypes.update({iri.removeprefix(XSD)} & set(DATES))
    elif before.text.upper() not in NOT_TERMS and after.text != "(" and "\\" not in iri:
        asked.terms.setdefault(iri, token.text)


def _resolve(iri: str, base: str) -> str:
    return iri if ":" in iri else base + iri


def _split(iri: str) -> tuple[str, str]:
    """Split an IRI into namespace and local name."""
    place = max(iri.rfind("#"), iri.rfind("/"), iri.rfind(":")) + 1
    return iri[:place], iri[place:]


def _quote(value: str, language: str) -> str:
    return f'"{value}"' + (f"@{language}" if language else "")
