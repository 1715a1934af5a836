"""Values: what things have for a property, as the reconciliation service shows and compares them."""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

import pyoxigraph as ox

from publisher.linking.queries import Value
from publisher.linking.types import Named
from publisher.matching.addresses import address_key, looks_like_address
from publisher.matching.spellings import clean, spell
from publisher.rdf.namespaces import RDF, VOCABULARY, XSD
from publisher.release.resources import Resources

MOST: Final = 1000
"""Values of one property of one thing, at most."""
SHOWN: Final = 100
"""Values of one property of one thing where the request does not say how many."""
SAMPLE: Final = 20
"""Things of a kind whose properties are proposed."""
_HIDDEN: Final = frozenset({RDF + "type"})
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?)?")
_INTEGERS: Final = frozenset(XSD + name for name in ("integer", "int", "long", "nonNegativeInteger", "positiveInteger"))
_FLOATS: Final = frozenset(XSD + name for name in ("decimal", "double", "float"))
_DATES: Final = frozenset(XSD + name for name in ("date", "dateTime"))


class Values:
    """Reads the values of the things of one release."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._names = resources.names
        self._lookup = resources.store.lookup

    def find_property(self, text: str) -> Named | None:
        """Return the property that an identifier means: an IRI, a prefixed name, the local name of one of ours, or a
        local name that one vocabulary alone has.

        None where no statement has it.
        """
        prefix, colon, local = text.partition(":")
        namespace = self._names.vocabularies.get(prefix, "") if colon else ""
        meant = [text, namespace + local if namespace else "", VOCABULARY + text]
        if found := [named for iri in meant if (named := self._find_used(iri))]:
            return found[0]
        spaces = set() if colon else set(self._names.vocabularies.values())
        others = [named for space in spaces if (named := self._find_used(space + text))]
        return others[0] if len(others) == 1 else None

    def _find_used(self, iri: str) -> Named | None:
        """A property by its IRI; None where no statement has it, or the text is no IRI."""
        try:
            node = ox.NamedNode(iri)
        except ValueError:
            return None
        used = next(self._lookup.find(None, node, None), None) is not None
        return Named(iri, self._name(iri)) if used else None

    def properties(self, kind: str, limit: int) -> list[Named]:
        """Return the properties that things of a kind have, the most frequent first."""
        numbers: dict[str, int] = {}
        for thing in self._resources.store.index.things(kind, 0, SAMPLE):
            found = self._lookup.find(ox.NamedNode(thing.iri), None, None)
            for iri in {triple.predicate.value for triple in islice(found, MOST)} - _HIDDEN:
                numbers[iri] = numbers.get(iri, 0) + 1
        ordered = sorted(numbers, key=lambda iri: (-numbers[iri], iri))
        return [Named(iri, self._name(iri)) for iri in ordered[:limit]]

    def _name(self, iri: str) -> str:
        """The label of a property, else its local name in words."""
        label = self._resources.label(iri)
        local = re.split("[#/]", iri)[-1]
        return label if label != iri else re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local).lower()

    def of(self, thing: str, property_: str, limit: int = SHOWN) -> list[ox.NamedNode | ox.Literal]:
        """Return the values that a thing has for a property, sorted, at most `limit`."""
        found = self._lookup.find(ox.NamedNode(thing), ox.NamedNode(property_), None)
        values = [triple.object for triple in islice(found, MOST)]
        kept = [value for value in values if isinstance(value, ox.NamedNode | ox.Literal)]
        return sorted(kept, key=str)[: min(limit or SHOWN, MOST)]

    def show(self, value: ox.NamedNode | ox.Literal) -> dict[str, Any]:
        """Return a value as a data extension response has it (section 7.4)."""
        if isinstance(value, ox.NamedNode):
            if self._names.thing(value.value) == value.value:
                return {"id": value.value, "name": self._resources.label(value.value)}
            label = self._resources.label(value.value) if self._names.path(value.value) else value.value
            return {"str": label}
        return _show_literal(value)

    def having(self, property_: str, value: Value, limit: int) -> list[str]:
        """Return things that have a value, at most `limit`."""
        nodes: list[Any] = [ox.Literal(value.text), ox.Literal(value.text, language="en")]
        try:
            nodes = [ox.NamedNode(value.text)] if value.entity else [*nodes, ox.NamedNode(value.text)]
        except ValueError:
            nodes = [] if value.entity else nodes
        found = (
            triple.subject.value
            for node in nodes
            for triple in islice(self._lookup.find(None, ox.NamedNode(property_), node), MOST)
            if isinstance(triple.subject, ox.NamedNode)
        )
        things = (thing for iri in found if (thing := self._names.thing(iri)) is not None and thing == iri)
        return list(dict.fromkeys(islice(things, limit)))

    def agree(self, thing: str, property_: str, wanted: Iterable[Value]) -> float | None:
        """Return the part of some wanted values that a thing has; None where it has no value for the property."""
        own = self.of(thing, property_, MOST)
        if not own:
            return None
        keys = {key for value in own for key in self._keys(value)}
        asked = list(wanted)
        return sum(bool(_wanted_keys(value) & keys) for value in asked) / max(len(asked), 1)

    def _keys(self, value: ox.NamedNode | ox.Literal) -> set[str]:
        """What a value is compared by: its text, its address, its name."""
        if isinstance(value, ox.Literal):
            return {spell(clean(value.value)) or value.value, value.value}
        label = spell(clean(self._resources.label(value.value)))
        return {value.value, address_key(value.value), label} - {""}


def _wanted_keys(value: Value) -> set[str]:
    if value.entity:
        return {value.text}
    address = address_key(value.text) if looks_like_address(value.text) else ""
    return {value.text, spell(clean(value.text)), address} - {""}


def _show_literal(value: ox.Literal) -> dict[str, Any]:
    datatype = value.datatype.value
    try:
        if datatype in _INTEGERS:
            return {"int": int(value.value)}
        if datatype in _FLOATS:
            return {"float": float(value.value)}
    except ValueError:
        return {"str": value.value}
    if datatype in _DATES and _TIME.fullmatch(value.value):
        return {"date": value.value if "T" in value.value else f"{value.value}T00:00:00Z"}
    return {"str": value.value}
