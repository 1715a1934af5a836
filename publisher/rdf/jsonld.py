"""The JSON-LD writer: the description of a thing as a tree.

The part of the published context that it needs is inlined, so that it parses offline.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any, Final, NoReturn

import pyoxigraph as ox
from pyld import jsonld

FAILURES: Final = (jsonld.JsonLdError, RecursionError)
"""What PyLD raises for a graph that it cannot compact: one with an IRI that reads as a prefixed name, for example."""
DEPTH: Final = 20
"""Steps from the root of a tree to its last node: PyLD calls itself at each."""


def write(triples: Collection[ox.Triple], context: Mapping[str, Any], root: str | None) -> bytes:
    """Write triples as JSON-LD 1.1, compacted with the terms that they use of `context` (the value of an `@context`).

    root: the IRI of the thing at the root of the tree; statements that refer to it are nested below it by the reverse
    terms of the context (JSON-LD Framing 1.1). None writes a flat list of nodes. Nothing is fetched.
    """
    context = _select_terms(context, triples)
    options = {"documentLoader": refuse_to_load}
    expanded = jsonld.from_rdf({"@default": [_convert(triple) for triple in sorted(triples, key=str)]}, options)
    if root is None:
        compacted = jsonld.compact(expanded, context, {"graph": True} | options)
    else:
        frame = {"@context": context, "@id": root} | _frame_references(triples, {ox.NamedNode(root)}, set())
        compacted = jsonld.frame(expanded, frame, {"omitDefault": True} | options)
    return json.dumps(compacted, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def find_root(triples: Collection[ox.Triple]) -> str | None:
    """Return the IRI of the only node that no other refers to, where all others are at most `DEPTH` steps from it.

    None where there is no such node: a tree would leave statements out, or be too deep.
    """
    subjects = {triple.subject for triple in triples}
    below: dict[Any, set[Any]] = {subject: set() for subject in subjects}
    for triple in triples:
        if triple.object in subjects and triple.object != triple.subject:
            below[triple.subject].add(triple.object)
    roots = subjects - {node for nodes in below.values() for node in nodes}
    if len(roots) != 1 or not isinstance(root := next(iter(roots)), ox.NamedNode):
        return None
    reached, last = {root}, {root}
    for _ in range(DEPTH):
        last = {node for parent in last for node in below[parent]} - reached
        reached |= last
    return root.value if reached == subjects else None


def _select_terms(context: Mapping[str, Any], triples: Collection[ox.Triple]) -> dict[str, Any]:
    """Return the context without the terms of properties and classes that the triples do not mention."""
    objects = {t.object.value for t in triples if isinstance(t.object, ox.NamedNode)}
    mentioned = {_predicate(t) for t in triples} | objects | {_datatype(t) for t in triples}
    prefixes = {key: value for key, value in context.items() if isinstance(value, str) and value.endswith(("#", "/"))}

    def iri(value: Any) -> str:
        """Return the IRI that a term stands for; empty for keywords and settings."""
        short = value.get("@id", value.get("@reverse")) if isinstance(value, dict) else value
        if not isinstance(short, str) or short.startswith("@"):
            return ""
        prefix, _, local = short.partition(":")
        return prefixes.get(prefix, prefix + ":") + local

    def keeps(key: str, value: Any) -> bool:
        if key in prefixes:
            return any(used.startswith(value) for used in mentioned)
        return not iri(value) or iri(value) in mentioned

    return {key: value for key, value in context.items() if keeps(key, value)}


def _datatype(triple: ox.Triple) -> str:
    return triple.object.datatype.value if isinstance(triple.object, ox.Literal) else ""


def _convert(triple: ox.Triple) -> dict[str, dict[str, str]]:
    """Convert a triple to the form of PyLD's parser, which unescapes literals wrongly itself."""
    return {"subject": _node(triple.subject), "predicate": _node(triple.predicate), "object": _node(triple.object)}


def _node(term: Any) -> dict[str, str]:
    if isinstance(term, ox.NamedNode):
        return {"type": "IRI", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "blank node", "value": str(term)}
    node = {"type": "literal", "value": term.value, "datatype": term.datatype.value}
    return node | ({"language": term.language} if term.language else {})


def _frame_references(triples: Collection[ox.Triple], nodes: set[Any], above: set[Any]) -> dict[str, Any]:
    """Return the part of a frame for the statements that refer to the nodes, from nodes that are not above them."""
    found: dict[str, set[Any]] = {}
    for triple in triples:
        if triple.object in nodes and triple.subject not in above | nodes:
            found.setdefault(_predicate(triple), set()).add(triple.subject)
    reverse = {predicate: _frame_references(triples, found[predicate], above | nodes) for predicate in sorted(found)}
    return {"@reverse": reverse} if reverse else {}


def _predicate(triple: ox.Triple) -> str:
    return str(triple.predicate.value)


def refuse_to_load(url: str, _options: object) -> NoReturn:
    """The loader of contexts for PyLD: nothing is fetched. Raises ValueError, which PyLD makes a JsonLdError."""
    raise ValueError(f"contexts are not fetched: {url}")
