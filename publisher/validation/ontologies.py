"""Ontologies: statements that shapes may rely on and that are not validated, and what follows from them (RDFS)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf.namespaces import RDFS, SH
from publisher.validation.engines.results import Result

_SUBCLASS: Final = ox.NamedNode(RDFS + "subClassOf")
_SUBPROPERTY: Final = ox.NamedNode(RDFS + "subPropertyOf")
_CLOSED: Final = SH + "ClosedConstraintComponent"


def extend_data(data: Sequence[ox.Triple], known: Sequence[ox.Triple]) -> list[ox.Triple]:
    """The statements of the data and of the ontologies, and those that follow by rdfs:subPropertyOf.

    What follows by rdfs:subClassOf is left to the engines, which look for it (SHACL, section 1.1, "SHACL instance").
    """
    stated = dict.fromkeys((*data, *known))
    return [*stated, *_infer(stated, stated)]


def extend_targets(data: Sequence[ox.Triple], known: Sequence[ox.Triple]) -> list[ox.Triple]:
    """The statements that targets are matched with: those of the data, and what follows from them."""
    classes = (triple for triple in known if triple.predicate == _SUBCLASS)
    stated = dict.fromkeys((*data, *classes))
    return [*stated, *_infer(stated, (*data, *known))]


def _infer(stated: Iterable[ox.Triple], axioms: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """The statements that follow by rdfs:subPropertyOf (RDF Semantics, rules rdfs5 and rdfs7), each once."""
    above: dict[Any, list[Any]] = {}
    for triple in axioms:
        if triple.predicate == _SUBPROPERTY and isinstance(triple.object, ox.NamedNode):
            above.setdefault(triple.subject, []).append(triple.object)
    if not above:
        return
    closed = {property_: _close(property_, above) for property_ in above}
    done = set(stated)
    for triple in list(done):
        for property_ in closed.get(triple.predicate, ()):
            inferred = ox.Triple(triple.subject, property_, triple.object)
            if inferred not in done:
                done.add(inferred)
                yield inferred


def _close(property_: Any, above: dict[Any, list[Any]]) -> list[Any]:
    """The properties above one, in any number of steps."""
    found = dict.fromkeys(above[property_])
    pending = list(found)
    while pending:
        more = [each for each in above.get(pending.pop(), ()) if each not in found]
        found |= dict.fromkeys(more)
        pending += more
    return list(found)


def drop_inferred(results: Iterable[Result], data: Sequence[ox.Triple], known: Sequence[ox.Triple]) -> list[Result]:
    """The results without those of closed shapes about statements that only follow from ontologies."""
    stated = {*data, *known}
    return [
        result
        for result in results
        if result.component != _CLOSED or ox.Triple(result.focus, result.path, result.value) in stated
    ]
