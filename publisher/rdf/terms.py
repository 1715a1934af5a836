"""RDF terms: type aliases and small helpers over triples."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import pyoxigraph as ox

from publisher.errors import BlankNodeError

Subject = ox.NamedNode | ox.BlankNode
Term = ox.NamedNode | ox.BlankNode | ox.Literal


def has_blank_nodes(triples: Collection[ox.Triple]) -> bool:
    """Return whether a blank node is the subject or object of a triple."""
    return ox.BlankNode in {type(triple.object) for triple in triples} | {type(triple.subject) for triple in triples}


def group_by_predicate(triples: Iterable[ox.Triple]) -> dict[ox.NamedNode, list[ox.Triple]]:
    """Return the triples with each predicate, in order."""
    found: defaultdict[ox.NamedNode, list[ox.Triple]] = defaultdict(list)
    for triple in triples:
        found[triple.predicate].append(triple)
    return dict(found)


def values(triples: Iterable[ox.Triple], predicate: str) -> list[str]:
    """Return the IRIs and lexical forms of the objects of a predicate, in the order of the triples."""
    found = (triple.object for triple in triples if triple.predicate.value == predicate)
    return [term.value for term in found if isinstance(term, ox.NamedNode | ox.Literal)]


def terms(triple: ox.Triple) -> tuple[Any, ox.NamedNode, Any]:
    """The three terms of an RDF 1.1 triple. Raises BlankNodeError on what only RDF 1.2 has."""
    subject, predicate = triple.subject, triple.predicate
    object_: Any = triple.object
    kind = type(object_)
    if kind is ox.Triple or type(subject) is ox.Triple:
        raise BlankNodeError("is a triple term (RDF 1.2), which RDF 1.1 readers reject", str(triple))
    if kind is ox.Literal and object_.direction is not None:
        raise BlankNodeError("has a base direction (RDF 1.2), which RDF 1.1 readers reject", str(object_))
    return subject, predicate, object_
