"""The fast engine: the package `shacl`, which finds what pySHACL finds in a fraction of its time and memory.

It gives blank nodes new names; here they get back the names that they have in what is given. It gives no details of a
result (SHACL, section 3.6.2.7). Closed property shapes judge their value nodes here, but without results of their own:
those are left to `shapes.comparisons`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pyoxigraph as ox
import shacl

from publisher.errors import CannotRunError
from publisher.platform_support import release_freed_memory
from publisher.rdf.namespaces import RDF, SH
from publisher.validation.ahead import call_apart
from publisher.validation.engines.selection import ManyResultsError
from publisher.validation.shapes.property_paths import KEYS

NAME: Final = f"shacl {shacl.__version__}"
_N_TRIPLES: Final = "ntriples"
_LARGE: Final = 1 << 20
"""Characters of a report after which the memory of the engine is returned to the system, which takes milliseconds."""
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
_LABEL: Final = re.compile(r"_:(\w+)")
_NUMBER: Final = re.compile(r"(.*?)(0|[1-9]\d*)\Z")
_MARKS: Final = 16
"""Blank nodes that show how the engine numbers all."""
_VALUES: Final = _STEM + "closed-values:"
"""Prefix of the IRIs of property shapes whose value nodes are those of a closed property shape."""
_SHAPE, _MESSAGE, _FOCUS, _VALUE = (
    ox.NamedNode(SH + name) for name in ("sourceShape", "resultMessage", "focusNode", "value")
)
_QUERIES: Final = frozenset(ox.NamedNode(SH + name) for name in ("select", "ask"))
_PATH, _PROPERTY, _CLOSED, _IGNORED, _ZERO_OR_ONE = (
    ox.NamedNode(SH + name) for name in ("path", "property", "closed", "ignoredProperties", "zeroOrOnePath")
)
_PATH_KEYS: Final = frozenset(SH + key for key in KEYS)


def report(shapes: Sequence[ox.Triple], data: Sequence[ox.Triple], most: int | None = None) -> list[ox.Triple]:
    """The validation report about data (SHACL, section 3.6).

    Blank nodes have the names that they have in what is given; messages are those of the shapes' authors only.
    Raises CannotRunError where the engine cannot use the shapes, and ManyResultsError where there are `most` results.
    """
    shapes = list(_open_property_shapes(shapes))
    iris: dict[Any, Any] = {node: ox.NamedNode(_STEM + node.value) for node in _blank_shapes(shapes)}
    found, traced = _run(list(_rename(shapes, iris)), data, most)
    names: dict[Any, Any] = {**{iri: node for node, iri in iris.items()}, **traced}
    dropped = {t.subject for t in found if t.predicate == _SHAPE and _is_added(t.object)}
    if dropped:
        found = [t for t in found if t.subject not in dropped and t.object not in dropped]
    if traced:
        found = [_rename_in_message(t, traced) if t.predicate == _MESSAGE else t for t in found]
    return list(_rename(found, names)) if names else found


def _run(
    shapes: Sequence[ox.Triple], data: Sequence[ox.Triple], most: int | None
) -> tuple[list[ox.Triple], Mapping[Any, Any]]:
    """The report, and the engine's blank node -> ours, for those that results name.

    Queries could notice tracers: where shapes have some, the engine runs again to trace, with the same results.
    """
    shapes_text, data_text = _write(shapes), _write(data)
    nodes = _list_blank_nodes(data) if "_:" in data_text else []
    marks = _choose_marks(nodes)
    if any(triple.predicate in _QUERIES for triple in shapes):
        report = _validate(shapes_text, data_text, most)
        found = _parse(report.serialize(_N_TRIPLES))
        again = _validate(shapes_text + _TRACING, data_text + _write_tracers(marks)) if _list_named(found) else None
        same = again is not None and _count(again) == _count(report)
        traced = _trace(_parse(again.serialize(_N_TRIPLES)), found, nodes) if again is not None and same else None
    else:
        report = _validate(shapes_text + _TRACING, data_text + _write_tracers(marks), most)
        found = _parse(report.serialize(_N_TRIPLES))
        traced = _trace(found, found, nodes)
    if traced is None and _list_named(found):
        found = _parse(_validate(shapes_text + _TRACING, data_text + _write_tracers(nodes)).serialize(_N_TRIPLES))
        traced = _read_tracers(found)
    return found, traced or {}


def _is_added(shape: Any) -> bool:
    """Whether a shape is none of those given."""
    return isinstance(shape, ox.NamedNode) and (shape == _TRACED or shape.value.startswith(_VALUES))


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


def _list_named(report: Iterable[ox.Triple]) -> set[Any]:
    """The engine's blank nodes that results are about."""
    return {t.object for t in report if isinstance(t.object, ox.BlankNode) and t.predicate in (_FOCUS, _VALUE)}


def _list_mentioned(report: Iterable[ox.Triple]) -> set[Any]:
    """What messages mention that may be blank nodes."""
    texts = (t.object.value for t in report if t.predicate == _MESSAGE and isinstance(t.object, ox.Literal))
    return {ox.BlankNode(label) for text in texts if "_:" in text for label in _LABEL.findall(text)}


def _list_blank_nodes(triples: Iterable[ox.Triple]) -> list[ox.BlankNode]:
    """The blank nodes of some triples, in the order in which they appear."""
    terms = (term for t in triples for term in (t.subject, t.object))
    found = (term for term in terms if isinstance(term, ox.BlankNode))
    return list(dict.fromkeys(found))


def _choose_marks(nodes: Sequence[ox.BlankNode]) -> list[ox.BlankNode]:
    """A few blank nodes at equal distances, the first and the last among them."""
    return list(dict.fromkeys([*nodes[:: len(nodes) // _MARKS + 1], *nodes[-1:]]))


def _write_tracers(nodes: Iterable[ox.BlankNode]) -> str:
    return "".join(f"<{_STEM}{node.value}> {_TRACER} {node} .\n" for node in nodes)


def _read_tracers(report: Sequence[ox.Triple]) -> dict[Any, Any]:
    """The engine's blank node -> ours, for those with tracers."""
    results = {t.subject for t in report if t.predicate == _SHAPE and t.object == _TRACED}
    stated = {(t.subject, t.predicate): t.object for t in report if t.subject in results}
    return {
        stated[result, _VALUE]: ox.BlankNode(str(stated[result, _FOCUS])[len(_STEM) + 1 : -1]) for result in results
    }


def _trace(
    marked: Sequence[ox.Triple], report: Sequence[ox.Triple], nodes: Sequence[ox.BlankNode]
) -> dict[Any, Any] | None:
    """The engine's blank node -> ours, for those that a report names: it numbers them in order of appearance.

    marked: a report with tracers for some. nodes: all of ours. None if those with tracers have other numbers. To trace
    all takes the engine longer than the validation.
    """
    traced = _read_tracers(marked)
    places = {node: place for place, node in enumerate(nodes)}
    labels = [(number, places[ours]) for theirs, ours in traced.items() if (number := _NUMBER.match(theirs.value))]
    starts = {(number[1], int(number[2]) - place) for number, place in labels}
    if len(starts) > 1 or len(labels) != len(_choose_marks(nodes)):
        return None
    found: dict[Any, Any] = {}
    for stem, first in starts:
        for theirs in _list_named(report) | _list_mentioned(report):
            number = _NUMBER.match(theirs.value)
            if number and number[1] == stem and 0 <= int(number[2]) - first < len(nodes):
                found[theirs] = nodes[int(number[2]) - first]
    return found if _list_named(report) <= found.keys() else None


def _count(report: shacl.Report) -> Counter[tuple[Any, ...]]:
    """How often a report has each result, without those of tracers."""
    return Counter(
        (one.focus_node, one.value, one.source_shape, one.component_iri, one.severity_iri, one.path, *one.messages)
        for one in report.results
        if one.source_shape != str(_TRACED)
    )


def _rename_in_message(triple: ox.Triple, names: Mapping[Any, Any]) -> ox.Triple:
    """A message that names blank nodes, with our names for them."""
    if not isinstance(triple.object, ox.Literal) or "_:" not in triple.object.value:
        return triple

    def rename(match: re.Match[str]) -> str:
        return str(names.get(ox.BlankNode(match[1]), match[0]))

    text = _LABEL.sub(rename, triple.object.value)
    return ox.Triple(triple.subject, triple.predicate, ox.Literal(text, language=triple.object.language))


def _validate(shapes: str, data: str, most: int | None = None) -> shacl.Report:
    """The report as the engine gives it. shapes, data: N-Triples. Raises ManyResultsError."""

    def validate() -> shacl.Report:
        compiled = shacl.Shapes.from_text(shapes, format=_N_TRIPLES)
        return compiled.validate_text(data, format=_N_TRIPLES, max_results=most)

    try:
        found = call_apart(validate)
    except Exception as error:
        raise CannotRunError(f"The fast engine cannot use these shapes: {_first_line(error)}") from error
    if most and len(found) >= most:
        del found
        release_freed_memory()
        raise ManyResultsError
    return found


def _parse(report: str) -> list[ox.Triple]:
    """The statements of a report. The engine's form of it, which takes ten times the memory, has ended before if it is
    large."""
    if len(report) > _LARGE:
        release_freed_memory()
    return [quad.triple for quad in ox.parse(report, format=ox.RdfFormat.N_TRIPLES)]


def _first_line(error: Exception) -> str:
    """What an error says in one line; a parser shows the text below its first line, and says what is wrong last."""
    first, _, rest = str(error).strip().partition("\n")
    return f"{first} {rest.splitlines()[-1].strip()}" if first.endswith(":") and rest else first or type(error).__name__


def _write(triples: Iterable[ox.Triple]) -> str:
    return (ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").decode()


def _rename(triples: Iterable[ox.Triple], names: Mapping[Any, Any]) -> Iterable[ox.Triple]:
    for triple in triples:
        subject, object_ = triple.subject, triple.object
        if subject in names or object_ in names:
            yield ox.Triple(names.get(subject, subject), triple.predicate, names.get(object_, object_))
        else:
            yield triple


def _blank_shapes(shapes: Sequence[ox.Triple]) -> set[ox.BlankNode]:
    """The blank nodes that SHACL states something about; paths and lists must stay as they are."""
    stated = ((t.subject, t.predicate.value) for t in shapes if isinstance(t.subject, ox.BlankNode))
    return {node for node, predicate in stated if predicate.startswith(SH) and predicate not in _PATH_KEYS}
