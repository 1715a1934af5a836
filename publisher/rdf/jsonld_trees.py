"""JSON-LD trees: plain descriptions nested exactly as PyLD does it, in a fraction of the time.

The order and the nesting are decided here (JSON-LD Framing 1.1, section 4); how values are written, PyLD told once.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf.jsonld_terms import TYPE, Form, Terms, UnusualError
from publisher.rdf.namespaces import RDF

Node = dict[str, Any]
Frame = Mapping[ox.NamedNode, Any]
"""The properties by which nodes refer to a node, each with the frame of those nodes."""

KINDS: Final = 500
"""Properties with kinds of values, and types, in one graph, up to which PyLD is asked about each; a graph that has more
is written by it as a whole."""
_NIL: Final = ox.NamedNode(RDF + "nil")
_TEXT: Final = RDF + "langString"
_NULL: Final = "@null"
"""A text that PyLD takes for a missing value."""


def write_tree(triples: Iterable[ox.Triple], terms: Terms, prefixes: Collection[str], root: str) -> Node:
    """Return a tree without its context. prefixes: those that its context has.

    Raises UnusualError where only PyLD can write it.
    """
    nodes = _Nodes(triples, terms, prefixes)
    top = ox.NamedNode(root)
    if top not in nodes.own and top not in nodes.incoming:
        raise UnusualError
    return nodes.write(top, [], set(), nodes.frame({top}, set()))


def write_list(triples: Iterable[ox.Triple], terms: Terms, prefixes: Collection[str]) -> Node:
    """Return a flat list of nodes without its context, as `write_tree` does."""
    nodes = _Nodes(triples, terms, prefixes)
    return {"@graph": [nodes.write_flat(node) for node in sorted(nodes.own, key=_iri)]}


class _Nodes:
    """The nodes of a graph. own: their properties and values, in order. incoming: what refers to them, in order."""

    def __init__(self, triples: Iterable[ox.Triple], terms: Terms, prefixes: Collection[str]) -> None:
        self._terms = terms
        self._prefixes = [(f"{prefix}:", terms.prefixes[prefix]) for prefix in sorted(prefixes)]
        self._short: dict[str, str] = {}
        self.own: dict[ox.NamedNode, dict[ox.NamedNode, list[Any]]] = {}
        self.incoming: dict[ox.NamedNode, dict[ox.NamedNode, list[ox.NamedNode]]] = {}
        kinds = set()
        for triple in dict.fromkeys(triples):
            node: Any = triple.subject
            predicate, value = triple.predicate, triple.object
            _require_plain(node, predicate, value)
            kinds.add(_kind(predicate, value))
            self.own.setdefault(node, {}).setdefault(predicate, []).append(value)
            if isinstance(value, ox.NamedNode) and predicate != TYPE:
                self.incoming.setdefault(value, {}).setdefault(predicate, []).append(node)
        if len(kinds) > KINDS:
            raise UnusualError
        self.own = {node: _sort(properties, str) for node, properties in self.own.items()}
        self.incoming = {node: _sort(properties, _iri) for node, properties in self.incoming.items()}

    def frame(self, nodes: Collection[ox.NamedNode], above: set[ox.NamedNode]) -> Frame:
        """The statements that refer to nodes, from nodes that are not above them."""
        found: dict[ox.NamedNode, set[ox.NamedNode]] = defaultdict(set)
        for node in nodes:
            for predicate, subjects in self.incoming.get(node, {}).items():
                found[predicate].update(subjects)
        above = above.union(nodes)
        lower = {predicate: subjects - above for predicate, subjects in found.items()}
        return {each: self.frame(lower[each], above) for each in lower if lower[each]}

    def write(self, node: ox.NamedNode, path: list[ox.NamedNode], placed: set[ox.NamedNode], frame: Frame) -> Node:
        """A node with all that it says, and below it what refers to it.

        path: the nodes from the root to it. placed: those that are written in the same compartment of the tree already,
        to which the others refer. frame: what is nested below it.
        """
        placed.add(node)
        path.append(node)
        written = self._begin(node)
        for predicate, values in self.own.get(node, {}).items():
            for value in values if predicate != TYPE else ():
                self._add_value(written, predicate, value, path, placed)
        for predicate, lower in frame.items():
            form = self._terms.reverse(predicate)
            place = written.setdefault(form.below, {}) if form.below else written
            for subject in self.incoming.get(node, {}).get(predicate, ()):
                _add(place, form, self.write(subject, path, set(), lower))
            if form.below and not place:
                del written[form.below]
        path.pop()
        return written

    def write_flat(self, node: ox.NamedNode) -> Node:
        """A node with references to others."""
        written = self._begin(node)
        for predicate, values in self.own[node].items():
            for value in values if predicate != TYPE else ():
                self._add_plain(written, predicate, value)
        return written

    def _begin(self, node: ox.NamedNode) -> Node:
        """A node with its types."""
        terms = self._terms
        types = [terms.name(each) for each in self.own.get(node, {}).get(TYPE, ())]
        kinds = {terms.type: types if len(types) > 1 else types[0]} if types else {}
        return {terms.id: self._shorten(node.value), **kinds}

    def _add_value(
        self,
        written: Node,
        predicate: ox.NamedNode,
        value: Any,
        path: list[ox.NamedNode],
        placed: set[ox.NamedNode],
    ) -> None:
        if isinstance(value, ox.Literal) or value in placed or value not in self.own or value in path[:-1]:
            self._add_plain(written, predicate, value)
        else:
            _add(written, self._terms.reference(predicate), self.write(value, path, placed, {}))

    def _add_plain(self, written: Node, predicate: ox.NamedNode, value: Any) -> None:
        """Add a literal or a reference."""
        if isinstance(value, ox.Literal):
            form = self._terms.literal(predicate, value)
            _add(written, form, form.wrap(value.value))
        else:
            form = self._terms.reference(predicate)
            _add(written, form, form.wrap(self._shorten(value.value)))

    def _shorten(self, iri: str) -> str:
        """An IRI with the prefix that makes it shortest. Raises UnusualError where it looks as if it had one."""
        short = self._short.get(iri)
        if short is None:
            fitting = [prefix + iri[len(ns) :] for prefix, ns in self._prefixes if iri.startswith(ns) and iri != ns]
            if not fitting and any(iri.startswith(prefix) for prefix, _ in self._prefixes):
                raise UnusualError
            short = self._short[iri] = min(fitting, key=lambda each: (len(each), each)) if fitting else iri
        return short


def _require_plain(node: Any, predicate: ox.NamedNode, value: Any) -> None:
    """Raise UnusualError for blank nodes, lists, and literals that JSON-LD writes by rules of their own."""
    if not isinstance(node, ox.NamedNode):
        raise UnusualError
    if isinstance(value, ox.NamedNode):
        if value == _NIL:
            raise UnusualError
    elif (
        not isinstance(value, ox.Literal)
        or predicate == TYPE
        or value.value == _NULL
        or (value.datatype.value.startswith(RDF) and value.datatype.value != _TEXT)
    ):
        raise UnusualError


def _kind(predicate: ox.NamedNode, value: Any) -> object:
    """What PyLD is asked about once."""
    if predicate == TYPE:
        return value
    return (predicate, value.datatype, value.language) if isinstance(value, ox.Literal) else predicate


def _sort(values: dict[ox.NamedNode, list[Any]], key: Callable[[Any], str]) -> dict[ox.NamedNode, list[Any]]:
    """Properties in order of their IRIs, and the values of each by a key."""
    return {each: sorted(values[each], key=key) for each in sorted(values, key=_iri)}


def _iri(node: ox.NamedNode) -> str:
    return node.value


def _add(written: Node, form: Form, value: Any) -> None:
    """Add a value below its term: in an array where there are several, or always."""
    if form.term not in written:
        written[form.term] = [value] if form.is_set else value
    elif isinstance(written[form.term], list):
        written[form.term].append(value)
    else:
        written[form.term] = [written[form.term], value]
