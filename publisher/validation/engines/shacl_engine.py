"""The fast engine: the package `shacl`, which finds what pySHACL finds in a fraction of its time and memory.

It gives blank nodes new names; here they get back the names that they have in what is given. It gives no details of a
result (SHACL, section 3.6.2.7). Closed property shapes judge their value nodes here, but without results of their own:
those are left to `shapes.comparisons`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pyoxigraph as ox
import shacl

from publisher.errors import CannotRunError
from publisher.rdf.blank_nodes import blank_nodes
from publisher.rdf.namespaces import RDF, SH
from publisher.validation.shapes.property_paths import KEYS

NAME: Final = f"shacl {shacl.__version__}"
_STEM: Final = "urn:publisher:blank-node:"
"""Prefix of the IRIs that stand for blank nodes while the engine runs."""
_TRACER: Final = ox.NamedNode(_STEM)
"""Leads from such an IRI to its blank node."""
_TRACING: Final = f"""<{_STEM}trace> <{RDF}type> <{SH}NodeShape> .
<{_STEM}trace> <{SH}targetSubjectsOf> {_TRACER} .
<{_STEM}trace> <{SH}property> <{_STEM}traced> .
<{_STEM}traced> <{SH}path> {_TRACER} .
<{_STEM}traced> <{SH}nodeKind> <{SH}IRI> .
"""
"""A shape whose results pair our name of a blank node with the engine's."""
_TRACED: Final = ox.NamedNode(_STEM + "traced")
_VALUES: Final = _STEM + "closed-values:"
"""Prefix of the IRIs of property shapes whose value nodes are those of a closed property shape."""
_SHAPE, _FOCUS, _VALUE, _MESSAGE = (
    ox.NamedNode(SH + name) for name in ("sourceShape", "focusNode", "value", "resultMessage")
)
_PATH, _PROPERTY, _CLOSED, _IGNORED, _ZERO_OR_ONE = (
    ox.NamedNode(SH + name) for name in ("path", "property", "closed", "ignoredProperties", "zeroOrOnePath")
)
_PATH_KEYS: Final = frozenset(SH + key for key in KEYS)


def report(shapes: Sequence[ox.Triple], data: Sequence[ox.Triple]) -> list[ox.Triple]:
    """The validation report about data (SHACL, section 3.6).

    Blank nodes have the names that they have in what is given; messages are those of the shapes' authors only.
    Raises CannotRunError where the engine cannot use the shapes.
    """
    shapes = list(_open_property_shapes(shapes))
    iris: dict[Any, Any] = {node: ox.NamedNode(_STEM + node.value) for node in _blank_shapes(shapes)}
    shapes_text, data_text = _write(_rename(shapes, iris)), _write(data)
    found = _report(shapes_text, data_text)
    names: dict[Any, Any] = {iri: node for node, iri in iris.items()}
    if any(map(_names_blank_node, found)):
        tracers = (ox.Triple(ox.NamedNode(_STEM + node.value), _TRACER, node) for node in blank_nodes(data))
        found, traced = _read_tracers(_report(shapes_text + _TRACING, data_text + _write(tracers)))
        names |= traced
        found = [_rename_in_message(triple, traced) for triple in found]
    dropped = {t.subject for t in found if t.predicate == _SHAPE and _is_closed_values(t.object)}
    kept = [t for t in found if t.subject not in dropped and t.object not in dropped]
    return list(_rename(kept, names))


def _is_closed_values(shape: Any) -> bool:
    return isinstance(shape, ox.NamedNode) and shape.value.startswith(_VALUES)


def _open_property_shapes(shapes: Sequence[ox.Triple]) -> Iterable[ox.Triple]:
    """The shapes, with sh:closed of property shapes moved to a node shape for their value nodes: the engine takes it as
    if it were about the focus node."""
    with_path = {t.subject for t in shapes if t.predicate == _PATH}
    closed = {t.subject for t in shapes if t.predicate == _CLOSED and t.object.value in ("true", "1")}  # type: ignore[union-attr]
    numbers = {shape: n for n, shape in enumerate(sorted(with_path & closed, key=str))}
    for triple in shapes:
        closing = triple.subject in numbers and triple.predicate in (_CLOSED, _IGNORED)
        if triple.subject in numbers and (closing or triple.predicate == _PROPERTY):
            closed_shape = ox.NamedNode(f"{_STEM}closed:{numbers[triple.subject]}")
            yield ox.Triple(closed_shape, triple.predicate, triple.object)
        if not closing:
            yield triple
    for shape, number in numbers.items():
        values, itself = ox.NamedNode(f"{_VALUES}{number}"), ox.BlankNode()
        yield ox.Triple(itself, _ZERO_OR_ONE, ox.NamedNode(_STEM + "never"))
        yield ox.Triple(values, _PATH, itself)
        yield ox.Triple(values, ox.NamedNode(SH + "node"), ox.NamedNode(f"{_STEM}closed:{number}"))
        yield ox.Triple(shape, _PROPERTY, values)


def _names_blank_node(triple: ox.Triple) -> bool:
    """Whether a statement of a report names a blank node of the data."""
    if triple.predicate == _MESSAGE:
        return isinstance(triple.object, ox.Literal) and "_:" in triple.object.value
    return triple.predicate in (_FOCUS, _VALUE) and isinstance(triple.object, ox.BlankNode)


def _rename_in_message(triple: ox.Triple, names: Mapping[Any, Any]) -> ox.Triple:
    """A message that names blank nodes, with our names for them."""
    if triple.predicate != _MESSAGE or not _names_blank_node(triple) or not isinstance(triple.object, ox.Literal):
        return triple

    def rename(match: re.Match[str]) -> str:
        return str(names.get(ox.BlankNode(match[1]), match[0]))

    text = re.sub(r"_:(\w+)", rename, triple.object.value)
    return ox.Triple(triple.subject, triple.predicate, ox.Literal(text, language=triple.object.language))


def _report(shapes: str, data: str) -> list[ox.Triple]:
    """The report as the engine gives it. shapes, data: N-Triples."""
    try:
        report = shacl.Shapes.from_text(shapes, format="ntriples").validate_text(data, format="ntriples")
    except Exception as error:
        raise CannotRunError(f"The fast engine cannot use these shapes: {_first_line(error)}") from error
    return list(ox.parse(report.serialize("ntriples"), format=ox.RdfFormat.N_TRIPLES))


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _write(triples: Iterable[ox.Triple]) -> str:
    return "".join(f"{triple} .\n" for triple in triples)


def _rename(triples: Iterable[ox.Triple], names: Mapping[Any, Any]) -> Iterable[ox.Triple]:
    return (ox.Triple(names.get(t.subject, t.subject), t.predicate, names.get(t.object, t.object)) for t in triples)


def _blank_shapes(shapes: Sequence[ox.Triple]) -> set[ox.BlankNode]:
    """The blank nodes that SHACL states something about; paths and lists must stay as they are."""
    stated = ((t.subject, t.predicate.value) for t in shapes if isinstance(t.subject, ox.BlankNode))
    return {node for node, predicate in stated if predicate.startswith(SH) and predicate not in _PATH_KEYS}


def _read_tracers(found: Sequence[ox.Triple]) -> tuple[list[ox.Triple], dict[Any, Any]]:
    """The report without the tracing results, and the engine's blank node -> ours."""
    tracing = {t.subject for t in found if t.predicate == _SHAPE and t.object == _TRACED}
    focus: dict[Any, Any] = {t.subject: t.object for t in found if t.predicate == _FOCUS}
    values = {t.subject: t.object for t in found if t.predicate == _VALUE}
    names = {values[node]: ox.BlankNode(focus[node].value.removeprefix(_STEM)) for node in tracing}
    return [t for t in found if t.subject not in tracing and t.object not in tracing], names
