"""Namespaces: IRIs of the vocabularies in use, and prefixed names. Pure, no I/O."""

from collections.abc import Callable, Mapping
from typing import Final

VOCABULARY: Final = "https://w3id.org/ma-coalitions/ontology#"
"""The namespace of our own terms. It stays the same in forks, whatever their base."""

HOME: Final = VOCABULARY.removesuffix("ontology#")
"""The base of the vocabulary and the shapes."""

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DCTERMS: Final = "http://purl.org/dc/terms/"
ORG: Final = "http://www.w3.org/ns/org#"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
PROV: Final = "http://www.w3.org/ns/prov#"
SCHEMA: Final = "https://schema.org/"
SH: Final = "http://www.w3.org/ns/shacl#"
VS: Final = "http://www.w3.org/2003/06/sw-vocab-status/ns#"
VOID: Final = "http://rdfs.org/ns/void#"
DCAT: Final = "http://www.w3.org/ns/dcat#"
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
ENTAILMENT: Final = "http://www.w3.org/ns/entailment/"
XHV: Final = "http://www.w3.org/1999/xhtml/vocab#"
GEOF: Final = "http://www.opengis.net/def/function/geosparql/"


def compact(iri: str, prefixes: Mapping[str, str]) -> str:
    """Return an IRI in short form: `prefix:local` if a prefix fits, else the IRI."""
    return make_compact(prefixes)(iri)


def make_compact(prefixes: Mapping[str, str]) -> Callable[[str], str]:
    """Return what compacts IRIs with some prefixes: with the longest namespace that fits, and its first prefix."""
    names = {namespace: prefix for prefix, namespace in sorted(prefixes.items(), reverse=True) if namespace}
    lengths = sorted({len(namespace) for namespace in names}, reverse=True)

    def short(iri: str) -> str:
        for length in lengths:
            prefix = names.get(iri[:length])
            if prefix is not None:
                return f"{prefix}:{iri[length:]}"
        return iri

    return short
