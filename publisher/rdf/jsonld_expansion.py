"""JSON-LD by expansion: reads with PyLD the texts that use what pyoxigraph's parser does not support."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pyoxigraph as ox
from pyld import jsonld

from publisher.rdf.jsonld_processor import FAILURES, refuse_to_load

_UNSUPPORTED: Final = ("@type must be the first key of an object", "Not supported @container value")
"""How pyoxigraph's messages begin about maps of types and of graphs (JSON-LD 1.1, sections 4.6.4 and 4.9.3)."""


def is_supported(message: str) -> bool:
    """Return whether a message of pyoxigraph is about a mistake, not about a part of JSON-LD that it lacks."""
    return not message.startswith(_UNSUPPORTED)


def read_quads(text: str, base: str) -> list[ox.Quad] | None:
    """Return the statements of a JSON-LD text, None if PyLD rejects it too.

    base: the IRI that relative ones resolve against, empty for none. Nothing is fetched.
    """
    options = {"base": base, "documentLoader": refuse_to_load}
    try:
        data_set = jsonld.to_rdf(json.loads(text), options)
        return list(_convert(data_set))
    except (*FAILURES, ValueError):
        return None


def _convert(data_set: Mapping[str, list[Mapping[str, Mapping[str, str]]]]) -> Iterator[ox.Quad]:
    for name, triples in data_set.items():
        graph = ox.DefaultGraph() if name == "@default" else _name(name)
        for triple in triples:
            subject, predicate, object_ = (_term(triple[place]) for place in ("subject", "predicate", "object"))
            yield ox.Quad(subject, predicate, object_, graph)


def _term(node: Mapping[str, str]) -> Any:
    if node["type"] != "literal":
        return _name(node["value"])
    if "language" in node:
        return ox.Literal(node["value"], language=node["language"])
    return ox.Literal(node["value"], datatype=ox.NamedNode(node["datatype"]))


def _name(text: str) -> ox.NamedNode | ox.BlankNode:
    return ox.BlankNode(text[2:]) if text.startswith("_:") else ox.NamedNode(text)
