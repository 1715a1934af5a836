"""Placement: where an endpoint has a release, what it records of it, and the digest of what it has.

Every graph of a release has a name of its own at an endpoint, which carries the release. The register, one graph,
states for each release whether it is complete, and which one is current.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import pyoxigraph as ox

from publisher.rdf.namespaces import DCTERMS, VOID, XSD
from publisher.release.index import Index
from publisher.sparql.translation import Placement

PLACE: Final = "pushed/"
"""The path below the base of the register, and of everything that is pushed."""
CURRENT: Final = "http://purl.org/pav/hasCurrentVersion"
"""The pointer: leads from the register to the current release (Provenance, Authoring and Versioning 2.3)."""
RELEASE: Final = f"{DCTERMS}identifier"
STATEMENTS: Final = f"{VOID}triples"
SHORT: Final = 16
"""Digits of a release's identifier in the names of its graphs."""
BUCKET: Final = 3
"""Digits of the digest of a statement by which statements are counted: 4096 counts."""
_HASHED: Final = (
    'MD5(CONCAT(IF(isBlank(?s), "", STR(?s)), " ", STR(?p), " ", IF(isBlank(?o), "",'
    f' COALESCE(IF(isIRI(?o) || LANG(?o) != "" || DATATYPE(?o) = <{XSD}string>, STR(?o), ""), ""))))'
)
"""Of a statement without labels of blank nodes, and without values that an engine may write in another way."""


class Record(NamedTuple):
    """What the register of an endpoint states of a release. loaded: batches."""

    release: str = ""
    statements: str = ""
    digest: str = ""
    loaded: int = 0
    complete: bool = False


def place_release(index: Index, version: int) -> Placement:
    """Return where an endpoint has a release. version: of what is stored for the same files."""
    names = index.names
    place = names.iri(f"{PLACE}{index.release[:SHORT]}-{version}/")
    return Placement(place, names.base, tuple(iri for iri, _ in index.graphs))


class Register:
    """The register of an endpoint: its IRI, which is that of its graph too, and its queries.

    base: of the published names.
    """

    def __init__(self, base: str) -> None:
        self.iri = f"{base}{PLACE}"
        self.digest, self.loaded, self.complete = (f"{self.iri}#{name}" for name in ("digest", "loaded", "complete"))

    def in_graph(self, pattern: str) -> str:
        """Return a pattern in the graph of the register."""
        return f"GRAPH <{self.iri}> {{ {pattern} }}"

    def select_record(self, place: str) -> str:
        """Return the query for what is stated of a release, as rows that `read_record` takes."""
        return f"SELECT ?p ?o {{ {self.in_graph(f'<{place}> ?p ?o')} }}"

    def read_record(self, rows: Iterable[tuple[str, str]]) -> Record:
        """Read what is stated of a release. rows: as (property, value)."""
        found = dict(rows)
        loaded = found.get(self.loaded, "")
        return Record(
            found.get(RELEASE, ""),
            found.get(STATEMENTS, ""),
            found.get(self.digest, ""),
            int(loaded) if loaded.isdecimal() else 0,
            self.complete in found,
        )

    def select_current(self) -> str:
        """Return the query for the identifier of the current release."""
        return f"SELECT ?id {{ {self.in_graph(f'<{self.iri}> <{CURRENT}> ?r . ?r <{RELEASE}> ?id')} }}"

    def select_places(self) -> str:
        """Return the query for the places of all releases."""
        return f"SELECT ?r {{ {self.in_graph(f'?r <{RELEASE}> ?id')} }}"


def digest_query(graph: str) -> str:
    """Return the query for the digests of the statements of a graph, counted by their start."""
    graph = str(ox.NamedNode(graph))
    return (
        f"SELECT ?h (COUNT(*) AS ?n) {{ GRAPH {graph} {{ ?s ?p ?o }} BIND(SUBSTR({_HASHED}, 1, {BUCKET}) AS ?h) }}"
        " GROUP BY ?h"
    )


def hash_statement(triple: ox.Triple) -> str:
    """Return what `digest_query` counts a statement by."""
    subject, term = triple.subject, triple.object
    text = ""
    if isinstance(term, ox.NamedNode) or (
        isinstance(term, ox.Literal) and (term.language or term.datatype.value == f"{XSD}string")
    ):
        text = term.value
    named = subject.value if isinstance(subject, ox.NamedNode) else ""
    line = f"{named} {triple.predicate.value} {text}"
    return hashlib.md5(line.encode(), usedforsecurity=False).hexdigest()[:BUCKET]


def combine(counts: Mapping[str, Mapping[str, int]]) -> tuple[int, str]:
    """Return the number of statements and their digest.

    counts: graph -> start of a statement's digest -> number of statements.
    """
    lines = [f"{graph} {start} {number}\n" for graph, found in counts.items() for start, number in found.items()]
    total = sum(sum(found.values()) for found in counts.values())
    return total, hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def count_statements(quads: Iterable[tuple[str, ox.Triple]]) -> dict[str, Counter[str]]:
    """Count statements, each with its graph at the endpoint, as `combine` takes them."""
    counts: dict[str, Counter[str]] = {}
    for graph, triple in quads:
        counts.setdefault(graph, Counter())[hash_statement(triple)] += 1
    return counts
