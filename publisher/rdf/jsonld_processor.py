"""The JSON-LD processor, PyLD: writes any graph, however unusual, without fetching anything."""

from collections.abc import Collection, Mapping
from typing import Any, Final, NoReturn

import pyoxigraph as ox
from pyld import jsonld

from publisher.rdf.jsonld_terms import ProcessingError

FAILURES: Final = (jsonld.JsonLdError, RecursionError)
"""What PyLD raises for what it cannot process."""


def write(triples: Collection[ox.Triple], context: Mapping[str, Any], root: str | None) -> Any:
    """Return a graph as JSON-LD, compacted with a context, which is written as it is.

    root: the IRI of the thing at the root of the tree; None for a flat list of nodes. Raises ProcessingError for a
    graph that PyLD cannot process.
    """
    options = {"documentLoader": refuse_to_load}
    try:
        expanded = jsonld.from_rdf({"@default": [_convert(triple) for triple in sorted(triples, key=str)]}, options)
        if root is None:
            return jsonld.compact(expanded, context, {"graph": True} | options)
        references = _frame_references(triples, {ox.NamedNode(root)}, set())
        return jsonld.frame(expanded, {"@context": context, "@id": root} | references, {"omitDefault": True} | options)
    except FAILURES as error:
        raise ProcessingError from error


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
            found.setdefault(triple.predicate.value, set()).add(triple.subject)
    reverse = {predicate: _frame_references(triples, found[predicate], above | nodes) for predicate in sorted(found)}
    return {"@reverse": reverse} if reverse else {}


def refuse_to_load(url: str, _options: object) -> NoReturn:
    """The loader of contexts for PyLD: nothing is fetched. Raises ValueError, which PyLD makes a JsonLdError."""
    raise ValueError(f"contexts are not fetched: {url}")
