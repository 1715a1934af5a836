"""The class diagram of a vocabulary: reads the classes that its object properties join, and has them drawn."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import pyoxigraph as ox

from publisher.pages.pictures.classes import Class, Property, draw_classes
from publisher.pages.pictures.svg import Label, Picture
from publisher.rdf import namespaces as n
from publisher.rdf.namespaces import make_compact

_SUBJECTS: Final = (n.SCHEMA + "domainIncludes", n.RDFS + "domain")
_VALUES: Final = (n.SCHEMA + "rangeIncludes", n.RDFS + "range")
_VAGUE: Final = frozenset({n.SKOS + "Concept", n.RDFS + "Resource", n.OWL + "Thing"})
"""Classes that say little of a value; a box for them would be joined to nearly all others."""


class Relation(NamedTuple):
    """An object property with the classes of its subjects and of its values."""

    iri: str
    subjects: Sequence[str]
    values: Sequence[str]


def draw_vocabulary(
    triples: Iterable[ox.Triple], anchors: Mapping[str, str], prefixes: Mapping[str, str]
) -> Picture | None:
    """Return the class diagram of a graph; None where no property joins two classes.

    anchors: the fragments of the page for the terms that it describes; other terms are linked by their IRIs.
    """
    stated = _group_statements(triples)
    relations, parents = read_relations(stated), read_parents(stated)
    joined = sorted({iri for relation in relations for iri in (*relation.subjects, *relation.values)})
    if not joined:
        return None
    compact, places = make_compact(prefixes), {iri: place for place, iri in enumerate(joined)}

    def label(iri: str) -> Label:
        short = compact(iri)
        return Label(short.rpartition(":")[2], f"#{anchors[iri]}") if iri in anchors else Label(short, iri)

    classes = []
    for iri in joined:
        above = [parent for parent in parents.get(iri, ()) if parent in places]
        own = [r for r in relations if iri in r.subjects and not set(above) & set(r.subjects)]
        properties = [Property(label(r.iri), [places[value] for value in r.values]) for r in own]
        classes.append(
            Class(label(iri), properties, ", ".join(label(parent).text.rpartition(":")[2] for parent in above))
        )
    return draw_classes("Classes and the properties that join them", classes)


_Statements = Mapping[str, Mapping[str, Sequence[str]]]
"""IRI of a subject -> IRI of a property -> IRIs of values."""


def _group_statements(triples: Iterable[ox.Triple]) -> _Statements:
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        if isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode):
            found[triple.subject.value][triple.predicate.value].append(triple.object.value)
    return found


def read_relations(stated: _Statements) -> list[Relation]:
    """Return the object properties whose subjects and values are of known classes, by IRI."""
    found = []
    for iri, statements in sorted(stated.items()):
        if n.OWL + "ObjectProperty" in statements.get(n.RDF + "type", ()):
            subjects, values = (
                sorted({value for name in names for value in statements.get(name, ())} - _VAGUE)
                for names in (_SUBJECTS, _VALUES)
            )
            found += [Relation(iri, subjects, values)] if subjects and values else []
    return found


def read_parents(stated: _Statements) -> dict[str, Sequence[str]]:
    """Return the classes that each class is stated to be a kind of."""
    return {iri: sorted(found.get(n.RDFS + "subClassOf", ())) for iri, found in stated.items()}
