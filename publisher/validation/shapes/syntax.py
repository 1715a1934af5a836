"""SHACL syntax rules: checks a shapes graph against SHACL's requirements, and locates each error.

Engines stop at the first mistake, or ignore it; here all mistakes are found.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf.namespaces import RDF, SH, XSD
from publisher.validation.shapes.graph import SHAPE_LISTS, SHAPES, ShapesGraph
from publisher.validation.shapes.property_paths import Paths
from publisher.validation.shapes.queries import bound_variables, core_validators, find_fault, read_prefixes

_INTEGERS: Final = {
    *("minCount", "maxCount", "minLength", "maxLength"),
    *("qualifiedMinCount", "qualifiedMaxCount"),
}
_BOOLEANS: Final = {"uniqueLang", "closed", "deactivated", "qualifiedValueShapesDisjoint"}
_IRIS: Final = {
    *("class", "datatype", "nodeKind", "severity", "equals", "disjoint", "lessThan", "lessThanOrEquals"),
    *("targetClass", "targetSubjectsOf", "targetObjectsOf"),
}
_LITERALS: Final = {"minExclusive", "minInclusive", "maxExclusive", "maxInclusive", "pattern", "flags"}
_LISTS: Final = {"in", "languageIn", "ignoredProperties"} | SHAPE_LISTS
_SINGLE: Final = _INTEGERS | _BOOLEANS | _LITERALS | {"datatype", "nodeKind", "severity", "path"} | _LISTS - SHAPE_LISTS
"""Properties that a shape states at most once (SHACL, sections 2 to 5)."""
_WITH_PATH: Final = {"minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals", "qualifiedValueShape"}
"""Properties that only a property shape may state (SHACL, section 4)."""
_DETACHABLE: Final = frozenset({SH + "property", SH + "node", SH + "sparql"})
"""Properties of which a value can be left out and the shape means the same otherwise."""
_NOT_MONOTONE: Final = frozenset({SH + "not", SH + "xone", SH + "qualifiedValueShape"})
"""Properties of which a value that accepts more may make the shape accept less."""
_NODE_KINDS: Final = frozenset(
    SH + kind for kind in ("BlankNode", "IRI", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")
)
_XML_CLASSES: Final = re.compile(r"\\[pP]\{\w+\}|\\[iIcC]")
"""Classes of characters that XPath's regular expressions have, and Python's have not (XPath Functions 3.1, 5.6.1)."""
_FLAGS: Final = re.compile(r"[smixq]*\Z")
"""The flags of regular expressions (XPath Functions 3.1, 5.6.2)."""


def find_mistakes(graph: ShapesGraph) -> "list[Mistake]":
    """Return the violations of SHACL's syntax rules in the shapes, each once."""
    return list(dict.fromkeys(mistake for rule in _RULES for mistake in rule(graph)))


def find_broken(graph: ShapesGraph, mistakes: "Iterable[Mistake]") -> frozenset[ox.Triple]:
    """The statements to leave out so that the other shapes can be used.

    A shape with a mistake is left out, and each reference to it. A shape that has it in a list, or that negates or
    counts a shape which accepts more without it, would mean something else, and is left out too. A closed shape that
    lacks a property shape would refuse the property, and is no longer closed.
    """
    dropped = {t for _, t, part in mistakes if part == OBJECT and t.predicate.value in _DETACHABLE}
    off = {t.subject for _, t, _ in mistakes if t not in dropped}
    weak = off | {t.subject for t in dropped}
    _spread(graph, off, weak)
    found = {t for t in graph.file_of if t in dropped or t.subject in off or t.object in off}
    lacking = {t.subject for t in found if t.predicate.value == SH + "property"}
    return frozenset(found | {t for _, t in graph.all(["closed", "ignoredProperties"]) if t.subject in lacking})


def _spread(graph: ShapesGraph, off: set[Any], weak: set[Any]) -> None:
    """Add the shapes to leave out, and those that accept more, because of shapes that they refer to.

    The cost is linear in the references: each shape is visited once when it becomes weak and once when it goes off.
    """
    referring: dict[Any, list[tuple[Any, str]]] = defaultdict(list)
    for shape in graph.stated if weak else ():
        for node, triple in graph.references(shape):
            referring[node].append((shape, triple.predicate.value))
    pending = list(weak)
    while pending:
        node = pending.pop()
        for shape, name in referring[node]:
            leaves = name in _NOT_MONOTONE or (node in off and name not in _DETACHABLE)
            if shape not in (off if leaves else weak):
                pending.append(shape)
                weak.add(shape)
                if leaves:
                    off.add(shape)


OBJECT: Final = 2

Mistake = tuple[str, Any, int]
"""A message, the statement it is about, and which of its terms (0, 1 or 2)."""


def _integer(term: Any) -> bool:
    return isinstance(term, ox.Literal) and term.datatype.value == XSD + "integer" and term.value.isdecimal()


def _boolean(term: Any) -> bool:
    return isinstance(term, ox.Literal) and term.datatype.value == XSD + "boolean"


def _iri(term: Any) -> bool:
    return isinstance(term, ox.NamedNode)


def _literal(term: Any) -> bool:
    return isinstance(term, ox.Literal)


def _node(term: Any) -> bool:
    return not isinstance(term, ox.Literal)


_VALUES: Final[Sequence[tuple[Iterable[str], Callable[[Any], bool], str]]] = (
    (_INTEGERS, _integer, "a non-negative xsd:integer"),
    (_BOOLEANS, _boolean, "true or false"),
    (_IRIS, _iri, "an IRI"),
    (_LITERALS, _literal, "a literal"),
    (SHAPES | {"sparql"}, _node, "an IRI or a blank node"),
)


def _find_wrong_values(graph: ShapesGraph) -> Iterator[Mistake]:
    for names, fits, words in _VALUES:
        for name, triple in graph.all(names):
            if not fits(triple.object):
                yield f"The value of sh:{name} must be {words}.", triple, 2
    for _, triple in graph.all(["nodeKind"]):
        if _iri(triple.object) and triple.object.value not in _NODE_KINDS:
            yield f"{triple.object} is not a node kind of SHACL.", triple, 2
    for _, triple in graph.all(["pattern"]):
        try:
            re.compile(_XML_CLASSES.sub(".", triple.object.value))
        except re.error as error:
            yield f"The pattern is not a valid regular expression: {error}.", triple, 2


def _find_wrong_flags(graph: ShapesGraph) -> Iterator[Mistake]:
    for _, triple in graph.all(["flags"]):
        if _literal(triple.object) and not _FLAGS.match(triple.object.value):
            yield "The value of sh:flags may have the letters s, m, i, x and q only.", triple, 2


def _find_repeated(graph: ShapesGraph) -> Iterator[Mistake]:
    first: dict[tuple[Any, str], Any] = {}
    for name, triple in graph.all(_SINGLE):
        if first.setdefault((triple.subject, name), triple) is not triple:
            yield f"A shape may have only one sh:{name}.", triple, 2


def _find_missing_lists(graph: ShapesGraph) -> Iterator[Mistake]:
    for name, triple in graph.all(sorted(_LISTS)):
        items = graph.paths.items(triple.object)
        if items is None:
            yield f"The value of sh:{name} must be a list.", triple, 2
        elif name in SHAPE_LISTS and not all(map(_node, items)):
            yield f"The items of sh:{name} must be shapes.", triple, 2


def _call(triple: ox.Triple) -> str:
    """The object of a triple in a message; the label of a blank node would say nothing."""
    is_blank = isinstance(triple.object, ox.BlankNode)
    return f"The value of sh:{triple.predicate.value.removeprefix(SH)}" if is_blank else str(triple.object)


def _find_path_errors(graph: ShapesGraph) -> Iterator[Mistake]:
    without_path = set()
    for _, triple in graph.all(["property"]):
        if triple.object in graph.stated and not graph.of(triple.object, "path"):
            without_path.add(triple.object)
            yield f"{_call(triple)} is not a property shape: it has no sh:path.", triple, 2
    for _, triple in graph.all(["node"]):
        if graph.of(triple.object, "path"):
            yield f"{_call(triple)} is not a node shape: it has an sh:path.", triple, 2
    for _, triple in graph.all(["path"]):
        if not _is_path(triple.object, graph.paths):
            yield "The value of sh:path is not a valid property path.", triple, 2
    for name, triple in graph.all(sorted(_WITH_PATH)):
        if triple.subject not in without_path and not graph.of(triple.subject, "path"):
            yield f"sh:{name} needs an sh:path, and this shape has none.", triple, 1


def _find_missing_counts(graph: ShapesGraph) -> Iterator[Mistake]:
    """A qualified shape without counts checks nothing (SHACL, section 4.7.3); one engine refuses it."""
    for _, triple in graph.all(["qualifiedValueShape"]):
        if not any(graph.of(triple.subject, f"qualified{bound}Count") for bound in ("Min", "Max")):
            yield "sh:qualifiedValueShape needs an sh:qualifiedMinCount or sh:qualifiedMaxCount.", triple, 1


def _find_mixed_types(graph: ShapesGraph) -> Iterator[Mistake]:
    for _, triple in graph.all(["path"]):
        types = {kind.value: kind for kind in graph.values(triple.subject, RDF + "type")}
        if SH + "NodeShape" in types:
            yield "A shape of type sh:NodeShape may not have an sh:path.", triple, 1


def _find_undefined(graph: ShapesGraph) -> Iterator[Mistake]:
    for shape in graph.stated:
        for below, triple in graph.references(shape):
            if isinstance(below, ox.NamedNode) and below not in graph.stated:
                yield f"The shape {below} is not defined.", triple, 2


def _is_path(path: Any, paths: Paths, above: tuple[Any, ...] = ()) -> bool:
    """Whether a term is a well-formed property path (SHACL, section 2.3.1)."""
    if isinstance(path, ox.NamedNode):
        return True
    if not isinstance(path, ox.BlankNode) or path in above:
        return False
    parts = paths.parts(path)
    return bool(parts) and all(_is_path(part, paths, (*above, path)) for part in parts)


def _find_bad_queries(graph: ShapesGraph) -> Iterator[Mistake]:
    for _, triple in graph.all(["sparql"]):
        if _node(triple.object) and len(graph.of(triple.object, "select")) != 1:
            yield "A SPARQL constraint must state one sh:select.", triple, 2
    unused, constraints = core_validators(graph), {triple.object for _, triple in graph.all(["sparql"])}
    for name, triple in graph.all(["select", "ask"]):
        if triple.subject in unused:
            continue
        fault = "it is not a string"
        if _literal(triple.object):
            prefixes, bound = read_prefixes(graph, triple.subject), bound_variables(graph, triple.subject)
            # The query of a constraint selects the focus node (SHACL, section 5.2.2).
            selected = "this" if name == "select" and triple.subject in constraints else ""
            fault = find_fault(triple.object.value, prefixes, graph.file_of[triple].base, bound, selected)
        if fault:
            yield f"The query of sh:{name} cannot be used: {fault}.", triple, 2


_RULES: Final = (
    _find_wrong_values,
    _find_wrong_flags,
    _find_repeated,
    _find_missing_lists,
    _find_path_errors,
    _find_missing_counts,
    _find_mixed_types,
    _find_undefined,
    _find_bad_queries,
)
