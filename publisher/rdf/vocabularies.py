"""Standard vocabularies: the terms that each defines, from lists in the package.

The lists are generated from those of rdflib and read without it, because importing rdflib takes longer than most runs.
"""

from functools import cache
from pathlib import Path
from typing import Final

from publisher.rdf.namespaces import DCTERMS, FOAF, OWL, PROV, RDF, RDFS, SCHEMA, SH, SKOS, VOID, XSD

_FOLDER: Final = Path(__file__).parent / "terms"
_HEADER_LINES: Final = 2
"""The source and the namespace; then one term a line."""

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
"""Namespace -> prefix, of the vocabularies whose terms are known. Terms are searched in this order. schema.org is used
with http and with https."""

GROWING: Final = frozenset({"schema"})
"""Vocabularies that often get new terms: a term that is not in the list may still be defined."""

PREFIXES: Final = {prefix: namespace for namespace, prefix in reversed(NAMESPACES.items())}
"""Prefix -> namespace."""


DRAFT_TERMS: Final = frozenset(
    (
        *("maxListLength", "memberShape", "minListLength", "nodeByExpression", "reificationRequired", "reifierShape"),
        *("rootClass", "singleLine", "someValue", "subsetOf", "targetWhere", "uniqueMembers"),
    )
)
"""The parameters and targets that SHACL 1.2, a working draft, adds to SHACL (SHACL 1.2 Core)."""


@cache
def terms(prefix: str) -> frozenset[str]:
    """Return the local names that a vocabulary defines."""
    lines = (_FOLDER / f"{prefix}.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(lines[_HEADER_LINES:]) | (DRAFT_TERMS if prefix == "sh" else frozenset())
