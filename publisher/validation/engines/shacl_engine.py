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
_LABEL: Final = re.compile(r"_:(\w+)")
_NUMBER: Final = re.compile(r"\d+\Z")
_VALUES: Final = _STEM + "closed-values:"
"""Prefix of the IRIs of property shapes whose value nodes are those of a closed property shape."""
_SHAPE, _MESSAGE = ox.NamedNode(SH + "sourceShape"), ox.NamedNode(SH + "resultMessage")
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
    renamed = list(_rename(shapes, iris))
    shapes_text, data_text = _write(renamed), _write(data)
    report = _validate(shapes_text, data_text)
    names: dict[Any, Any] = {iri: node for node, iri in iris.items()}
    if named := {label for result in report.results for label in _blank_labels(result)}:
        nodes = _list_blank_nodes(data)
        traced = _trace(report, shapes_text, data_text, _guess(named, nodes, len(_list_blank_nodes(renamed))))
        if traced is None:
            report, traced = _trace_all(shapes_text, data_text, nodes)
        names |= traced
        found = [_rename_in_message(triple, traced) for triple in _parse(report)]
    else:
        found = _parse(report)
    dropped = {t.subject for t in found if t.predicate == _SHAPE and _is_added(t.object)}
    if dropped:
        found = [t for t in found if t.subject not in dropped and t.object not in dropped]
    return list(_rename(found, names)) if names else found


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


def _blank_labels(result: shacl.Result) -> list[str]:
    """The engine's labels of the blank nodes that a result names."""
    written = (label for text in result.messages if "_:" in text for label in _LABEL.findall(text))
    return [*_blank_terms(result), *written]


def _blank_terms(result: shacl.Result) -> list[str]:
    """The engine's labels of the blank nodes that a result is about."""
    return [term[2:] for term in (result.focus_node, result.value or "") if term.startswith("_:")]


def _list_blank_nodes(triples: Iterable[ox.Triple]) -> list[ox.BlankNode]:
    """The blank nodes of some triples, in the order in which they appear."""
    terms = (term for t in triples for term in (t.subject, t.object))
    found = (term for term in terms if isinstance(term, ox.BlankNode))
    return list(dict.fromkeys(found))


def _guess(labels: Iterable[str], nodes: Sequence[ox.BlankNode], before: int) -> list[ox.BlankNode]:
    """Guess our names of the engine's blank nodes: it numbers them in order, those of the shapes first.

    Tracing shows whether that is right. To trace all takes the engine longer than the validation.
    """
    numbers = {int(number[0]) - before for label in labels if (number := _NUMBER.search(label))}
    return [nodes[number] for number in sorted(numbers) if 0 <= number < len(nodes)]


def _trace(
    report: shacl.Report, shapes: str, data: str, nodes: Iterable[ox.BlankNode]
) -> dict[ox.BlankNode, ox.BlankNode] | None:
    """The engine's blank node -> ours, for those that a report names; None where these are not the nodes given.

    The engine runs again, with tracers for the nodes. Its labels mean the same where all results are the same.
    """
    again, traced = _trace_all(shapes, data, nodes)
    results = [result for result in again.results if result.source_shape != str(_TRACED)]
    complete = all(ox.BlankNode(label) in traced for result in results for label in _blank_terms(result))
    same = Counter(map(_describe, results)) == Counter(map(_describe, report.results))
    return traced if same and complete else None


def _trace_all(
    shapes: str, data: str, nodes: Iterable[ox.BlankNode]
) -> tuple[shacl.Report, dict[ox.BlankNode, ox.BlankNode]]:
    """The report with results about blank nodes of ours, and the engine's blank node -> ours."""
    tracers = "".join(f"<{_STEM}{node.value}> {_TRACER} {node} .\n" for node in nodes)
    report = _validate(shapes + _TRACING, data + tracers)
    traced = {
        ox.BlankNode((result.value or "").removeprefix("_:")): ox.BlankNode(result.focus_node[len(_STEM) + 1 : -1])
        for result in report.results
        if result.source_shape == str(_TRACED)
    }
    return report, traced


def _describe(result: shacl.Result) -> tuple[Any, ...]:
    shape = (result.source_shape, result.component_iri, result.severity_iri, result.path)
    return (result.focus_node, result.value, *shape, *result.messages)


def _rename_in_message(triple: ox.Triple, names: Mapping[Any, Any]) -> ox.Triple:
    """A message that names blank nodes, with our names for them."""
    if triple.predicate != _MESSAGE or not isinstance(triple.object, ox.Literal) or "_:" not in triple.object.value:
        return triple

    def rename(match: re.Match[str]) -> str:
        return str(names.get(ox.BlankNode(match[1]), match[0]))

    text = _LABEL.sub(rename, triple.object.value)
    return ox.Triple(triple.subject, triple.predicate, ox.Literal(text, language=triple.object.language))


def _validate(shapes: str, data: str) -> shacl.Report:
    """The report as the engine gives it. shapes, data: N-Triples."""
    try:
        return shacl.Shapes.from_text(shapes, format="ntriples").validate_text(data, format="ntriples")
    except Exception as error:
        raise CannotRunError(f"The fast engine cannot use these shapes: {_first_line(error)}") from error


def _parse(report: shacl.Report) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(report.serialize("ntriples"), format=ox.RdfFormat.N_TRIPLES)]


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
