"""Usage: which classes and properties the data use, how often, and what the properties lead to; from the statistics.

The numbers were counted when the release was compiled (VoID partitions), so that looking them up takes the same time
for any size of data.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pyoxigraph as ox

from publisher.rdf.namespaces import VOID
from publisher.rdf.terms import terms
from publisher.release.statistics import VOID_EXT


class Use(NamedTuple):
    """A class, a property or a datatype, and how often it is used: things of a class, statements otherwise."""

    iri: str
    number: int


@dataclass(frozen=True)
class PropertyUse:
    """How the things of a class use a property. classes and datatypes: of the values."""

    iri: str
    number: int
    classes: Sequence[Use] = ()
    datatypes: Sequence[Use] = ()


@dataclass(frozen=True)
class Usage:
    """What the data use. properties_of: class -> its properties, the most used first."""

    classes: Sequence[Use] = ()
    properties: Sequence[Use] = ()
    properties_of: Mapping[str, Sequence[PropertyUse]] = field(default_factory=dict)


def read_usage(dataset: str, statistics: Iterable[ox.Triple]) -> Usage:
    """Read the usage from the statistics of a data set."""
    stated: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, object_ in map(terms, statistics):
        stated[subject.value][predicate.value].append(object_.value)

    def uses(entry: str, vocabulary: str, kind: str, measure: str) -> list[Use]:
        parts = stated[entry][f"{vocabulary}{kind}Partition"]
        found = [Use(stated[part][vocabulary + kind][0], int(stated[part][VOID + measure][0])) for part in set(parts)]
        return sorted(found, key=lambda use: (-use.number, use.iri))

    properties_of: dict[str, list[PropertyUse]] = {}
    for entry in stated[dataset][f"{VOID}classPartition"]:
        parts = {stated[part][VOID + "property"][0]: part for part in stated[entry][f"{VOID}propertyPartition"]}
        properties_of[stated[entry][VOID + "class"][0]] = [
            PropertyUse(
                iri,
                number,
                uses(parts[iri], VOID, "class", "triples"),
                uses(parts[iri], VOID_EXT, "datatype", "triples"),
            )
            for iri, number in uses(entry, VOID, "property", "triples")
        ]
    return Usage(uses(dataset, VOID, "class", "entities"), uses(dataset, VOID, "property", "triples"), properties_of)
