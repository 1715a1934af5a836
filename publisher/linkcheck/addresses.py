"""Addresses: what the files of a data set cite on the web, and where."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urldefrag, urlsplit

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.dataset.iris import is_web
from publisher.rdf.namespaces import DCTERMS, OWL, RDF, RDFS, SKOS
from publisher.rdf.vocabularies import NAMESPACES

NAMES: Final = frozenset(
    (
        RDF + "type",
        DCTERMS + "license",
        OWL + "imports",
        OWL + "versionIRI",
        RDFS + "isDefinedBy",
        *(SKOS + f"{name}Match" for name in ("exact", "close", "broad", "narrow", "related")),
    )
)
"""Properties whose values are names, which are checked only on request."""


@dataclass(frozen=True)
class Citation:
    """Where an address is cited first: a file, a line from 1 (0 if unknown), and the IRI of the subject. more: how many
    further statements cite it."""

    file: str
    line: int
    subject: str
    more: int = 0


def find_addresses(files: Iterable[File], base: str, *, names: bool = False) -> dict[str, Citation]:
    """Return the addresses on the web that statements have as objects, without fragments, each with its citation.

    base: of the data set; addresses below it are left out, as are terms of well-known vocabularies. names: whether to
    include what identifies things elsewhere, such as licenses and mappings.
    """
    found: dict[str, Citation] = {}
    for file in files:
        for triple in file.triples:
            if not isinstance(triple.object, ox.NamedNode) or (triple.predicate.value in NAMES and not names):
                continue
            address = urldefrag(triple.object.value).url
            if (
                not is_web(address)
                or address.startswith(base)
                or not urlsplit(address).hostname
                or _is_term(triple.object)
            ):
                continue
            if address in found:
                first = found[address]
                found[address] = Citation(first.file, first.line, first.subject, first.more + 1)
            else:
                line = file.where(triple, 2).get("line") or 0
                found[address] = Citation(file.path, line, str(getattr(triple.subject, "value", "")))
    return found


def _is_term(node: ox.NamedNode) -> bool:
    return any(node.value.startswith(namespace) for namespace in NAMESPACES)
