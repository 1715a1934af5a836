"""Types: the classes of the things of a release, as the reconciliation service and its command name them."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

import pyoxigraph as ox

from publisher.dataset.iris import KINDS
from publisher.errors import MalformedError
from publisher.rdf.labels import LABELS, labels_of
from publisher.rdf.namespaces import RDFS
from publisher.release.finder import ORDER
from publisher.release.index import Index
from publisher.release.lookup import Lookup

_SUBCLASS = ox.NamedNode(RDFS + "subClassOf")


class Named(NamedTuple):
    """A type or a property, with its name."""

    id: str
    name: str
    description: str = ""


class Types:
    """The types of the things of one release."""

    def __init__(self, index: Index, lookup: Lookup) -> None:
        self._index = index
        self._lookup = lookup

    @cached_property
    def by_kind(self) -> Mapping[str, Named]:
        """Kind of thing -> its type, of the kinds that there are, those that are asked for most first."""
        kinds = sorted(self._index.kinds, key=lambda kind: ORDER.index(kind) if kind in ORDER else len(ORDER))
        return {kind: Named(KINDS[kind], self._label_of(kind)) for kind in kinds}

    def _label_of(self, kind: str) -> str:
        node = ox.NamedNode(KINDS[kind])
        found = (triple for label in LABELS for triple in self._lookup.find(node, label, None))
        name = labels_of(found).get(node.value, kind)
        return f"{name[:1].upper()}{name[1:]}"

    @cached_property
    def _kinds(self) -> Mapping[str, frozenset[str]]:
        """Class -> the kinds of its things: its own and those of its subclasses."""
        found: dict[str, set[str]] = {}
        for kind in self._index.kinds:
            above = self._lookup.find(ox.NamedNode(KINDS[kind]), _SUBCLASS, None)
            for class_ in (KINDS[kind], *(t.object.value for t in above if isinstance(t.object, ox.NamedNode))):
                found.setdefault(class_, set()).add(kind)
        return {class_: frozenset(kinds) for class_, kinds in found.items()}

    def choose(self, types: Iterable[str]) -> frozenset[str]:
        """Return the kinds of things that have one of some types; empty for all where there are no types.

        A type is the IRI of its class, the name of the class, or the kind in addresses, in small letters or capitals.
        Raises MalformedError where it is unknown.
        """
        return frozenset(kind for type_ in types for kind in self._choose_one(type_))

    def _choose_one(self, type_: str) -> frozenset[str]:
        if type_ in self._kinds:
            return self._kinds[type_]
        asked = type_.casefold()
        for kind, named in self.by_kind.items():
            if asked in (kind, named.name.casefold(), named.id.rpartition("#")[2].casefold()):
                return self._kinds[named.id]
        known = ", ".join(named.id for named in self.by_kind.values())
        raise MalformedError(f"There is no type {type_[:200]!r}. Types: {known}.")

    def of(self, kind: str) -> list[Named]:
        """Return the types of the things of a kind, its own first."""
        others = [n for k, n in self.by_kind.items() if k != kind and kind in self._kinds.get(n.id, ())]
        return [self.by_kind[kind], *others]
