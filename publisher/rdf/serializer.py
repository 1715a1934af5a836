"""The serializer: writes a graph in the negotiated format."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyoxigraph as ox

from publisher.formats import JSON_LD, N_TRIPLES, RDF_XML, TURTLE, Format
from publisher.rdf import jsonld, turtle


def write_graph(
    triples: Sequence[ox.Triple],
    chosen: Format,
    prefixes: Mapping[str, str],
    context: Mapping[str, Any],
    root: str | None = None,
) -> bytes:
    """Write a graph's triples in one of `GRAPHS`; the same graph always gives the same bytes.

    context: the JSON-LD context. root: the IRI of the thing that JSON-LD begins with, if there is one.
    Raises ValueError for another format.
    """
    if chosen is TURTLE:
        return turtle.write(triples, prefixes).encode()
    if chosen is JSON_LD:
        return jsonld.write(triples, context, root)
    ordered = sorted(triples, key=str)
    if chosen is N_TRIPLES:
        return "".join(f"{triple} .\n" for triple in ordered).encode()
    if chosen is not RDF_XML:
        raise ValueError(f"{chosen.name} is not a format of graphs.")
    named = {triple.predicate.value for triple in ordered}
    used = {prefix: ns for prefix, ns in prefixes.items() if any(iri.startswith(ns) for iri in named)}
    return ox.serialize(ordered, format=ox.RdfFormat.RDF_XML, prefixes=used) or b""


def compact_jsonld(flat: bytes, context: Mapping[str, Any]) -> bytes:
    """Compact the JSON-LD that the engine writes, with the published context; as a tree where it has one root.

    A graph with blank nodes is compacted without a tree, which would drop their identifiers. One that cannot be
    compacted stays as it is.
    """
    triples = [quad.triple for quad in ox.parse(flat, format=ox.RdfFormat.JSON_LD)]
    named = all(isinstance(term, ox.NamedNode | ox.Literal) for t in triples for term in (t.subject, t.object))
    try:
        return jsonld.write(triples, context, jsonld.find_root(triples) if named else None)
    except jsonld.FAILURES:
        return flat
