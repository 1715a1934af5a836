"""Query hints: why a query over the release may have no result, from its tokens and the terms of the store.

It runs in a query process, under the limits of the query. Every step is bounded by a number, so that a small query
stays a short one whatever the size of the store.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches
from itertools import chain, islice
from typing import Any, Final, cast

import pyoxigraph as ox

from publisher.sparql.asked import LONGEST_NAME, TOKENS, XSD, read_asked
from publisher.sparql.hidden_characters import find_hidden, name_hidden
from publisher.sparql.lexer import tokenize
from publisher.sparql.value_hints import ValueHints

HINTS: Final = 5
"""Hints for one query at most."""
LONGEST: Final = 300
"""Characters of one hint at most."""
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
ALIKE: Final = 0.7
"""Similarity of names that are suggested (`difflib`, 0 to 1)."""
CLOSER: Final = 0.1
"""How much more similar a name of another namespace has to be than one of the same."""
GRAPHS: Final = 1000
"""Named graphs whose names are suggested."""
NAMES: Final = ("variable", "name", "iri")
"""Kinds of tokens that name something."""
_SCHEME: Final = re.compile(r"\Ahttps?://(www\.)?")
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
        self._vocabulary: dict[str, str] = {}
        for iri in self._read_iris():
            namespace, local = _split(iri)
            self._in_namespace.setdefault(namespace, {})[local] = iri
            self._with_name.setdefault(local, iri)
        tags = {tag.value for (tag,) in self._select(_LANGUAGES)}
        self._languages = sorted(tags - {""})[:LANGUAGES]
        self._values = ValueHints(store, self._languages)

    def _select(self, query: str) -> Iterator[Any]:
        return iter(cast(ox.QuerySolutions, self._store.query(query)))

    def _read_iris(self) -> dict[str, None]:
        """Return IRIs of the data set, properties and classes first; these also make the vocabulary."""
        properties = [node for (node,) in self._select(_PROPERTIES)]
        typed = [(kind, thing) for kind, thing in self._select(_TYPED)]
        graphs = islice(self._store.named_graphs(), GRAPHS)
        terms = [
            node.value for node in chain(properties, (kind for kind, _ in typed)) if isinstance(node, ox.NamedNode)
        ]
        for iri in terms:
            self._vocabulary.setdefault(_split(iri)[1], iri)
        others = (node.value for node in chain((thing for _, thing in typed), graphs) if isinstance(node, ox.NamedNode))
        return dict.fromkeys(chain(terms, others))

    def find(self, text: str, graphs: Sequence[str] = ()) -> list[str]:
        """Return sentences that may explain why a query, which parses, has no result; code is between backticks.

        graphs: what the request names as default graph, in place of those after FROM.
        """
        found: dict[str, None] = {}
        for hint in self._all(text, graphs):
            found["".join(c if c.isprintable() else " " for c in hint)[:LONGEST]] = None
            if len(found) == HINTS:
                break
        return list(found)

    def _all(self, text: str, graphs: Sequence[str]) -> Iterator[str]:
        asked = read_asked(text, self._base)
        asked.terms.update((graph, f"<{graph}>") for graph in graphs)
        graphs = graphs or asked.graphs
        yield from self._prefix_hints(asked.declared)
        terms = dict(list(asked.terms.items())[:TERMS])
        known = {iri: written for iri, written in terms.items() if self._knows(iri)}
        for iri, written in terms.items():
            if iri not in known:
                yield from self._term_hints(iri, written)
        yield from asked.slips
        yield from self._values.find(asked)
        if graphs and known.keys() >= set(graphs):
            yield from self._graph_hints([(iri, graphs) for iri in known if iri not in graphs], known)
        yield from self._graph_hints(
            [(iri, [graph]) for iri, graph in asked.placed if {iri, graph} <= known.keys()], known
        )

    def _prefix_hints(self, declared: Mapping[str, str]) -> Iterator[str]:
        for prefix, namespace in declared.items():
            usual = self._prefixes.get(prefix, namespace)
            if usual != namespace:
                yield f"The prefix `{prefix}:` is `<{usual}>` in this data set; the query has `<{namespace}>`."

    def _knows(self, iri: str) -> bool:
        return next(self._quads_with(ox.NamedNode(iri)), None) is not None

    def _quads_with(self, node: ox.NamedNode, graph: ox.NamedNode | None = None) -> Iterator[ox.Quad]:
        """The statements that have an IRI anywhere, in any graph or in one."""
        patterns = [(node, None, None, graph), (None, node, None, graph), (None, None, node, graph)]
        if graph is None:
            patterns.append((None, None, None, node))
        return chain.from_iterable(self._store.quads_for_pattern(*pattern) for pattern in patterns)

    def _term_hints(self, iri: str, written: str) -> Iterator[str]:
        """A term that the data set does not have, unless its prefix alone is at fault, which another hint says."""
        literal = next(
            (f'"{iri}"{shown}' for shown, kind in (("", "string"), ("^^xsd:anyURI", "anyURI")) if self._has(iri, kind)),
            "",
        )
        meant = "" if literal else self._spell(self._find_meant(iri))
        if literal:
            yield f"The data set has no `{written}`, but the text `{literal}`."
        elif meant != written:
            yield f"The data set has no `{written}`." + (f" Did you mean `{meant}`?" if meant else "")

    def _has(self, text: str, kind: str) -> bool:
        literal = ox.Literal(text, datatype=ox.NamedNode(XSD + kind))
        return next(self._store.quads_for_pattern(None, None, literal), None) is not None

    def _find_meant(self, iri: str) -> str:
        """The IRI that an unknown one may be meant to be; empty if none is similar."""
        if len(iri) > 2 * LONGEST_NAME:
            return ""
        namespace, local = _split(iri.rstrip("/#"))
        respelled = self._respell(iri)
        if respelled and self._knows(respelled):
            return respelled
        if namespace not in self._in_namespace and respelled:
            namespace, local = _split(respelled)
        names = self._in_namespace.get(namespace, {})
        near = _find_near(local, names)
        if local in self._with_name and near.casefold() != local.casefold():
            return self._with_name[local]
        other = _find_near(local, self._vocabulary)
        if other and _similarity(other, local) > CLOSER + (_similarity(near, local) if near else ALIKE):
            return self._vocabulary[other]
        return names[near] if near else ""

    def _respell(self, iri: str) -> str:
        """The IRI in a usual namespace that differs by scheme, by what ends the namespace, or by a slash at the end."""
        bare = _SCHEME.sub("", iri).rstrip("/#")
        stems = {_SCHEME.sub("", namespace).rstrip("/#"): namespace for namespace in self._prefixes.values()}
        fitting = [stem for stem in stems if bare.startswith(stem) and len(bare) > len(stem)]
        if not fitting:
            return ""
        stem = max(fitting, key=len)
        return stems[stem] + bare[len(stem) :].lstrip("/#")

    def _spell(self, iri: str) -> str:
        """An IRI as it is written in a query; empty for none."""
        namespace, local = _split(iri)
        prefix = next((prefix for prefix, space in self._prefixes.items() if space == namespace), None)
        return iri and (f"<{iri}>" if prefix is None else f"{prefix}:{local}")

    def _graph_hints(self, placed: Sequence[tuple[str, Sequence[str]]], known: Mapping[str, str]) -> Iterator[str]:
        """Terms that only other graphs have than those in which the query looks for them, as (term, graphs)."""
        for iri, graphs in placed[:TERMS]:
            node, asked = ox.NamedNode(iri), list(map(ox.NamedNode, graphs[:TERMS]))
            if any(next(self._quads_with(node, graph), None) for graph in asked):
                continue
            places = (quad.graph_name for quad in islice(self._quads_with(node), GRAPHS))
            place = next((place for place in places if isinstance(place, ox.NamedNode)), None)
            elsewhere = f"; `<{place.value}>` has it" if place else ""
            named = f"graph `<{graphs[0]}>` has" if len(graphs) == 1 else "graphs that the query names have"
            yield f"The {named} no `{known[iri]}`{elsewhere}."


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


def _find_near(name: str, names: Mapping[str, str]) -> str:
    """The most similar name, one that begins in the same case before others; empty if none is similar enough."""
    compared = sorted(names, key=lambda other: abs(len(other) - len(name)))[:COMPARED]
    near = get_close_matches(name, compared if len(name) <= LONGEST_NAME else [], 3, ALIKE)
    return next((other for other in near if other[:1].isupper() == name[:1].isupper()), near[0] if near else "")


def _similarity(name: str, other: str) -> float:
    return SequenceMatcher(None, name, other).ratio()


def _split(iri: str) -> tuple[str, str]:
    """Split an IRI into namespace and local name."""
    place = max(iri.rfind("#"), iri.rfind("/"), iri.rfind(":")) + 1
    return iri[:place], iri[place:]
