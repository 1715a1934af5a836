"""The fast engine: the package `shacl`, which finds what pySHACL finds in a fraction of its time and memory.

It names blank nodes anew and tells of them by these names; here they get back the names that they have in what is
given. It gives no details of a result (SHACL, section 3.6.2.7).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pyoxigraph as ox
import shacl

from publisher.errors import CannotRunError
from publisher.rdf.blank_nodes import blank_nodes
from publisher.rdf.namespaces import RDF, SH
from publisher.validation.shapes.property_paths import KEYS

_STEM: Final = "urn:publisher:blank-node:"
"""Begins the IRIs that stand for blank nodes on their way through the engine."""
_TOLD: Final = ox.NamedNode(_STEM)
"""Leads from such an IRI to its blank node."""
_TELLING: Final = f"""<{_STEM}telling> <{RDF}type> <{SH}NodeShape> .
<{_STEM}telling> <{SH}targetSubjectsOf> {_TOLD} .
<{_STEM}telling> <{SH}property> <{_STEM}told> .
<{_STEM}told> <{SH}path> {_TOLD} .
<{_STEM}told> <{SH}nodeKind> <{SH}IRI> .
"""
"""A shape of which each result names a blank node as we do, and as the engine does."""
_TELLER: Final = ox.NamedNode(_STEM + "told")
_SHAPE, _FOCUS, _VALUE = (ox.NamedNode(SH + name) for name in ("sourceShape", "focusNode", "value"))
_PATH_KEYS: Final = frozenset(SH + key for key in KEYS)


def report(shapes: Sequence[ox.Triple], data: Sequence[ox.Triple]) -> list[ox.Triple]:
    """The validation report about data (SHACL, section 3.6).

    Blank nodes have the names that they have in what is given; messages are those of the shapes' authors only.
    Raises CannotRunError where the engine cannot judge by the shapes.
    """
    iris: dict[Any, Any] = {node: ox.NamedNode(_STEM + node.value) for node in _blank_shapes(shapes)}
    shapes_text, data_text = _written(_renamed(shapes, iris)), _written(data)
    found = _report(shapes_text, data_text)
    names: dict[Any, Any] = {iri: node for node, iri in iris.items()}
    if any(t.predicate in (_FOCUS, _VALUE) and isinstance(t.object, ox.BlankNode) for t in found):
        tellers = (ox.Triple(ox.NamedNode(_STEM + node.value), _TOLD, node) for node in blank_nodes(data))
        found, told = _told(_report(shapes_text + _TELLING, data_text + _written(tellers)))
        names |= told
    return list(_renamed(found, names))


def _report(shapes: str, data: str) -> list[ox.Triple]:
    """The report as the engine gives it. shapes, data: N-Triples."""
    try:
        report = shacl.Shapes.from_text(shapes, format="ntriples").validate_text(data, format="ntriples")
    except ValueError as error:
        raise CannotRunError(f"The fast engine cannot judge by these shapes: {error}") from error
    return list(ox.parse(report.serialize("ntriples"), format=ox.RdfFormat.N_TRIPLES))


def _written(triples: Iterable[ox.Triple]) -> str:
    return "".join(f"{triple} .\n" for triple in triples)


def _renamed(triples: Iterable[ox.Triple], names: Mapping[Any, Any]) -> Iterable[ox.Triple]:
    return (ox.Triple(names.get(t.subject, t.subject), t.predicate, names.get(t.object, t.object)) for t in triples)


def _blank_shapes(shapes: Sequence[ox.Triple]) -> set[ox.BlankNode]:
    """The blank nodes that SHACL says something of; paths and lists must stay what they are."""
    stated = ((t.subject, t.predicate.value) for t in shapes if isinstance(t.subject, ox.BlankNode))
    return {node for node, predicate in stated if predicate.startswith(SH) and predicate not in _PATH_KEYS}


def _told(found: Sequence[ox.Triple]) -> tuple[list[ox.Triple], dict[Any, Any]]:
    """The report without what tells of blank nodes, and the engine's blank node -> ours."""
    telling = {t.subject for t in found if t.predicate == _SHAPE and t.object == _TELLER}
    focus: dict[Any, Any] = {t.subject: t.object for t in found if t.predicate == _FOCUS}
    values = {t.subject: t.object for t in found if t.predicate == _VALUE}
    names = {values[node]: ox.BlankNode(focus[node].value.removeprefix(_STEM)) for node in telling}
    return [t for t in found if t.subject not in telling and t.object not in telling], names
