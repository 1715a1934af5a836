"""Standard vocabularies: the terms that each defines, from lists in the package, read when needed.

They are made from those that rdflib carries, and read without it: rdflib takes longer to import than many a run.
"""

from functools import cache
from pathlib import Path
from typing import Final

from publisher.rdf.namespaces import DCTERMS, FOAF, OWL, PROV, RDF, RDFS, SCHEMA, SH, SKOS, VOID, XSD

_FOLDER: Final = Path(__file__).parent / "terms"
_HEADER_LINES: Final = 2
"""Where a list comes from, and the namespace; then a term a line."""

NAMESPACES: Final = {
    RDF: "rdf",
    RDFS: "rdfs",
    OWL: "owl",
    XSD: "xsd",
    SKOS: "skos",
    DCTERMS: "dcterms",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/dcmitype/": "dcmitype",
    FOAF: "foaf",
    "http://www.w3.org/ns/org#": "org",
    PROV: "prov",
    SCHEMA: "schema",
    VOID: "void",
    "http://purl.org/vocab/vann/": "vann",
    SH: "sh",
    SCHEMA.replace("https:", "http:"): "schema",
}
"""Namespace -> prefix, of the vocabularies that are known in full. A term of another one is looked for in this order.
Schema.org is written with http as often as with https, and both count."""

GROWING: Final = frozenset({"schema"})
"""Vocabularies that get new terms all the time: what is not in the list of one may still be right."""

PREFIXES: Final = {prefix: namespace for namespace, prefix in reversed(NAMESPACES.items())}
"""Prefix -> namespace."""


@cache
def terms(prefix: str) -> frozenset[str]:
    """The local names that the vocabulary of a prefix defines."""
    lines = (_FOLDER / f"{prefix}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(lines[_HEADER_LINES:])
