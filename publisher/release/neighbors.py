"""Neighbors: bounded look-ups around one thing, which cost the same however large the release is."""

from itertools import islice
from typing import Final, NamedTuple

import pyoxigraph as ox

from publisher.rdf.labels import LABELS, best
from publisher.rdf.terms import Term
from publisher.release.index import Index
from publisher.release.lookup import Lookup

LIMIT: Final = 1000
"""Statements that one look-up reads at most. What has more of them has its statements counted in the index."""
SESSIONS: Final = 500
"""Legislative sessions among which the latest is looked for."""


class Found(NamedTuple):
    """The subjects that a look-up found. iris: in order, a limited number. total: how many there are."""

    iris: tuple[str, ...]
    total: int


class Neighbors:
    """What statements say of a thing, and what points at it. It remembers what it read: make one for each page."""

    def __init__(self, lookup: Lookup, index: Index) -> None:
        self._lookup = lookup
        self._index = index
        self._objects: dict[tuple[str, str], list[Term]] = {}
        self._labels: dict[str, str] = {}
        self._counts: dict[str, dict[str, int]] = {}

    def objects(self, subject: str, property_: str) -> list[Term]:
        """Return the values of a property of a thing, in order, at most LIMIT; none for an empty IRI."""
        if not subject:
            return []
        key = (subject, property_)
        if key not in self._objects:
            found = self._lookup.find(ox.NamedNode(subject), ox.NamedNode(property_), None)
            values = (t.object for t in islice(found, LIMIT) if not isinstance(t.object, ox.Triple))
            self._objects[key] = sorted(values, key=str)
        return self._objects[key]

    def iris(self, subject: str, *properties: str) -> list[str]:
        """Return the IRIs among the values of some properties of a thing, each once, in order."""
        found = (term for property_ in properties for term in self.objects(subject, property_))
        return list(dict.fromkeys(term.value for term in found if isinstance(term, ox.NamedNode)))

    def iri(self, subject: str, *properties: str) -> str:
        """Return the first IRI among the values of some properties of a thing; empty if there is none."""
        return next(iter(self.iris(subject, *properties)), "")

    def text(self, subject: str, *properties: str) -> str:
        """Return the text to show of the first of the properties that has one; empty if none has."""
        for property_ in properties:
            found = [term for term in self.objects(subject, property_) if isinstance(term, ox.Literal)]
            if found:
                return best(found)
        return ""

    def texts(self, subject: str, property_: str) -> list[str]:
        """Return the texts of a property of a thing, each once, in order."""
        found = (term.value for term in self.objects(subject, property_) if isinstance(term, ox.Literal))
        return list(dict.fromkeys(found))

    def subjects(self, property_: str, thing: str, limit: int = LIMIT) -> Found:
        """Return what points at a thing by a property: the first in order, and how many in all."""
        if thing not in self._counts:
            self._counts[thing] = self._index.count_pointing(thing)
        total = self._counts[thing].get(property_, 0)
        if total > LIMIT:
            return Found(tuple(self._index.pointing(thing, property_, limit)), total)
        found = self._lookup.find(None, ox.NamedNode(property_), ox.NamedNode(thing))
        iris = sorted(t.subject.value for t in islice(found, LIMIT + 1) if isinstance(t.subject, ox.NamedNode))
        self._lookup.prefetch(map(ox.NamedNode, iris[:limit]))
        return Found(tuple(iris[:limit]), len(iris))

    def label(self, iri: str) -> str:
        """Return the name of a thing; empty if it has none."""
        if iri not in self._labels:
            found = (self.text(iri, label.value) for label in LABELS)
            self._labels[iri] = next((name for name in found if name), "")
        return self._labels[iri]

    def sessions(self) -> list[str]:
        """Return the legislative sessions of the release, in the order of lists."""
        return [thing.iri for thing in self._index.things("session", 0, SESSIONS)]
