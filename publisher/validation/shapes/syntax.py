"""SHACL syntax rules: checks a shapes graph against SHACL's requirements, and locates each error.

Engines stop at the first mistake, or ignore it; here all mistakes are found.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from publisher.rdf.datatypes import is_ill_typed
from publisher.rdf.namespaces import RDF, SH, XSD
from publisher.validation.shapes.graph import SHAPE_LISTS, SHAPES, ShapesGraph
from publisher.validation.shapes.property_paths import Paths
from publisher.validation.shapes.queries import (
    VALIDATORS,
    bound_variables,
    core_validators,
    find_ambiguous_prefix,
    find_fault,
    read_prefixes,
)

_INTEGERS: Final = {
    *("minCount", "maxCount", "minLength", "maxLength"),
    *("qualifiedMinCount", "qualifiedMaxCount"),
}
_BOOLEANS: Final = {"uniqueLang", "closed", "deactivated", "optional", "qualifiedValueShapesDisjoint"}
_IRIS: Final = {
    *("class", "datatype", "nodeKind", "severity", "equals", "disjoint", "lessThan", "lessThanOrEquals"),
    *("targetClass", "targetSubjectsOf", "targetObjectsOf", "shapesGraph", "entailment"),
}
_BOUNDS: Final = {"minExclusive", "minInclusive", "maxExclusive", "maxInclusive"}
_LITERALS: Final = _BOUNDS | {"name", "description"}
_STRINGS: Final = {"pattern", "flags", "prefix"}
_TEXTS: Final = {"message", "labelTemplate"}
_NODES: Final = SHAPES | {"sparql", "parameter", "group", "prefixes", "declare"}
_NUMBERS: Final = {XSD + name for name in ("integer", "decimal", "double", "float", "int", "long", "positiveInteger")}
_LISTS: Final = {"in", "languageIn", "ignoredProperties"} | SHAPE_LISTS
_SINGLE: Final = (
    *(_INTEGERS | _BOOLEANS | _BOUNDS | {"pattern", "flags", "datatype", "nodeKind", "severity", "path"}),
    *("qualifiedValueShape", *(_LISTS - SHAPE_LISTS)),
)
"""Properties that a shape states at most once (SHACL, sections 2 to 5)."""
_WITH_PATH: Final = {"minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals", "qualifiedValueShape"}
"""Properties that only a property shape may state (SHACL, section 4)."""
_WITHOUT_EFFECT: Final = {
    "flags": "pattern",
    "qualifiedMinCount": "qualifiedValueShape",
    "qualifiedMaxCount": "qualifiedValueShape",
    "qualifiedValueShapesDisjoint": "qualifiedValueShape",
}
"""Property -> another one without which it has no effect."""
_HARMLESS: Final = frozenset(
    SH + name
    for name in ("name", "description", "order", "group", "labelTemplate", "declare", "prefix", "namespace", "prefixes")
)
"""Properties whose values no result depends on, or whose mistakes show where a query uses them."""
_PROPERTY_SHAPE: Final = ox.NamedNode(SH + "PropertyShape")
_NODE_KINDS: Final = frozenset(
    SH + kind for kind in ("BlankNode", "IRI", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")
)
_XML_CLASSES: Final = re.compile(r"\\[pP]\{\w+\}|\\[iIcC]")
"""Classes of characters that XPath's regular expressions have, and Python's have not (XPath Functions 3.1, 5.6.1)."""
_FLAGS: Final = re.compile(r"[smixq]*\Z")
"""The flags of regular expressions (XPath Functions 3.1, 5.6.2)."""


_RESERVED: Final = frozenset({"this", "shapesGraph", "currentShape", "path", "PATH", "value"})
"""Names that parameters of constraint components must not have (SHACL, section 6.2.1)."""
_VARIABLE: Final = re.compile(r"[^\W\d]\w*\Z")


class Mistake(NamedTuple):
    """A violation of a syntax rule: a message, the statement it is about, and which of its terms (0, 1 or 2).

    harmless: whether the shape is used all the same, because no result depends on it.
    """

    message: str
    triple: Any
    part: int
    harmless: bool = False


def find_mistakes(graph: ShapesGraph) -> list[Mistake]:
    """Return the violations of SHACL's syntax rules in the shapes, each once."""
    return list(dict.fromkeys(mistake for rule in _RULES for mistake in rule(graph)))


def _boolean(term: Any) -> bool:
    typed = isinstance(term, ox.Literal) and term.datatype.value == XSD + "boolean"
    return typed and term.value in ("true", "false", "1", "0")


def _integer(term: Any) -> bool:
    return isinstance(term, ox.Literal) and term.datatype.value == XSD + "integer" and term.value.isdecimal()


def _iri(term: Any) -> bool:
    return isinstance(term, ox.NamedNode)


def _literal(term: Any) -> bool:
    return isinstance(term, ox.Literal)


def _string(term: Any) -> bool:
    return isinstance(term, ox.Literal) and term.datatype.value == XSD + "string"


def _text(term: Any) -> bool:
    return _string(term) or (isinstance(term, ox.Literal) and bool(term.language))


def _number(term: Any) -> bool:
    return isinstance(term, ox.Literal) and term.datatype.value in _NUMBERS and not is_ill_typed(term)


def _iri_or_literal(term: Any) -> bool:
    return isinstance(term, ox.NamedNode | ox.Literal)


def _node(term: Any) -> bool:
    return not isinstance(term, ox.Literal)


_VALUES: Final[Sequence[tuple[Iterable[str], Callable[[Any], bool], str]]] = (
    (_INTEGERS, _integer, "a non-negative xsd:integer"),
    (_BOOLEANS, _boolean, "true or false"),
    (_IRIS, _iri, "an IRI"),
    (_LITERALS, _literal, "a literal"),
    (_STRINGS, _string, "a string"),
    (_TEXTS, _text, "a string or a text with a language tag"),
    (("order",), _number, "a number"),
    (("namespace",), _literal, "a literal of the datatype xsd:anyURI"),
    (("targetNode",), _iri_or_literal, "an IRI or a literal"),
    (_NODES, _node, "an IRI or a blank node"),
)
_ITEMS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "languageIn": (_string, "language tags, as strings"),
    "ignoredProperties": (_iri, "IRIs"),
    **dict.fromkeys(SHAPE_LISTS, (_node, "shapes")),
}
"""Property whose value is a list -> what its items must be."""


def _find_wrong_values(graph: ShapesGraph) -> Iterator[Mistake]:
    for names, fits, words in _VALUES:
        for name, triple in graph.all(names):
            if not fits(triple.object):
                message = f"The value of sh:{name} must be {words}."
                yield Mistake(message, triple, 2, triple.predicate.value in _HARMLESS)
    for _, triple in graph.all(["nodeKind"]):
        if _iri(triple.object) and triple.object.value not in _NODE_KINDS:
            yield Mistake(f"{triple.object} is not a node kind of SHACL.", triple, 2)


def _find_wrong_patterns(graph: ShapesGraph) -> Iterator[Mistake]:
    for _, triple in graph.all(["pattern"]):
        try:
            re.compile(_XML_CLASSES.sub(".", triple.object.value) if _string(triple.object) else "")
        except (re.error, OverflowError, RecursionError) as error:
            yield Mistake(f"The pattern is not a valid regular expression: {error}.", triple, 2)
    for _, triple in graph.all(["flags"]):
        if _string(triple.object) and not _FLAGS.match(triple.object.value):
            yield Mistake("The value of sh:flags may have the letters s, m, i, x and q only.", triple, 2)


def _find_parts_without_effect(graph: ShapesGraph) -> Iterator[Mistake]:
    for name, triple in graph.all(_WITHOUT_EFFECT):
        other = _WITHOUT_EFFECT[name]
        if not graph.of(triple.subject, other):
            yield Mistake(f"sh:{name} has no effect without sh:{other}.", triple, 1, harmless=True)


def _find_repeated(graph: ShapesGraph) -> Iterator[Mistake]:
    first: dict[tuple[Any, str], Any] = {}
    for name, triple in graph.all(_SINGLE):
        if first.setdefault((triple.subject, name), triple) is not triple:
            yield Mistake(f"A shape may have only one sh:{name}.", triple, 2)


def _find_missing_lists(graph: ShapesGraph) -> Iterator[Mistake]:
    for name, triple in graph.all(sorted(_LISTS)):
        items = graph.paths.items(triple.object)
        if items is None:
            yield Mistake(f"The value of sh:{name} must be a list.", triple, 2)
        elif name in _ITEMS and not all(map(_ITEMS[name][0], items)):
            yield Mistake(f"The items of sh:{name} must be {_ITEMS[name][1]}.", triple, 2)


def _call(triple: ox.Triple) -> str:
    """The object of a triple in a message; the label of a blank node would say nothing."""
    is_blank = isinstance(triple.object, ox.BlankNode)
    return f"The value of sh:{triple.predicate.value.removeprefix(SH)}" if is_blank else str(triple.object)


def _find_path_errors(graph: ShapesGraph) -> Iterator[Mistake]:
    without_path = set()
    for _, triple in graph.all(["property"]):
        if triple.object in graph.stated and not graph.of(triple.object, "path"):
            without_path.add(triple.object)
            yield Mistake(f"{_call(triple)} is not a property shape: it has no sh:path.", triple, 2)
    for _, triple in graph.all(["node"]):
        if graph.of(triple.object, "path"):
            yield Mistake(f"{_call(triple)} is not a node shape: it has an sh:path.", triple, 2)
    for _, triple in graph.all(["path"]):
        if not _is_path(triple.object, graph.paths):
            yield Mistake("The value of sh:path is not a valid property path.", triple, 2)
    for name, triple in graph.all(sorted(_WITH_PATH)):
        typed = _PROPERTY_SHAPE in graph.values(triple.subject, RDF + "type")
        if triple.subject not in without_path and not typed and not graph.of(triple.subject, "path"):
            yield Mistake(f"sh:{name} needs an sh:path, and this shape has none.", triple, 1)


def _find_missing_counts(graph: ShapesGraph) -> Iterator[Mistake]:
    """A qualified shape without counts checks nothing (SHACL, section 4.7.3); one engine refuses it."""
    for _, triple in graph.all(["qualifiedValueShape"]):
        if not any(graph.of(triple.subject, f"qualified{bound}Count") for bound in ("Min", "Max")):
            yield Mistake("sh:qualifiedValueShape needs an sh:qualifiedMinCount or sh:qualifiedMaxCount.", triple, 1)


def _find_wrong_types(graph: ShapesGraph) -> Iterator[Mistake]:
    held = {triple.object for _, triple in graph.all(["property"])}
    for shape, stated in graph.stated.items():
        types = {triple.object.value: triple for triple in stated.get(RDF + "type", []) if _iri(triple.object)}
        path = graph.of(shape, "path")
        if SH + "NodeShape" in types and path:
            yield Mistake("A shape of type sh:NodeShape may not have an sh:path.", path[0], 1)
        if _PROPERTY_SHAPE.value in types and not path and shape not in held:
            yield Mistake("A shape of type sh:PropertyShape needs an sh:path.", types[_PROPERTY_SHAPE.value], 2)
        for target in graph.targets_of(shape) if isinstance(shape, ox.BlankNode) else ():
            if target[1] == shape:
                yield Mistake("A shape that is a class must have an IRI.", target[2], 2)


def _find_wrong_parameters(graph: ShapesGraph) -> Iterator[Mistake]:
    """Parameters of constraint components whose names cannot be variables of a query (SHACL, section 6.2.1)."""
    with_validators = {triple.subject for _, triple in graph.all(VALIDATORS)}
    for _, triple in graph.all(["parameter"]):
        for path in graph.of(triple.object, "path") if triple.subject in with_validators else ():
            if not _iri(path.object):
                yield Mistake("The sh:path of a parameter must be an IRI.", path, 2)
            elif (name := re.split("[/#]", path.object.value)[-1]) in _RESERVED or not _VARIABLE.match(name):
                yield Mistake(f"The parameter {name!r} cannot be a variable of a query.", path, 2)


def _find_undefined(graph: ShapesGraph) -> Iterator[Mistake]:
    for shape in graph.stated:
        for below, triple in graph.references(shape):
            if isinstance(below, ox.NamedNode) and below not in graph.stated:
                yield Mistake(f"The shape {below} is not defined.", triple, 2)


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
            yield Mistake("A SPARQL constraint must state one sh:select.", triple, 2)
    constraints = {triple.object for _, triple in graph.all(["sparql"])}
    used = (constraints | {triple.object for _, triple in graph.all(VALIDATORS)}) - core_validators(graph)
    for name, triple in graph.all(["select", "ask"]):
        if triple.subject not in used:
            continue
        fault = "it is not a string"
        if _string(triple.object):
            prefixes, bound = read_prefixes(graph, triple.subject), bound_variables(graph, triple.subject)
            base = graph.file_of[triple].base
            fault = find_ambiguous_prefix(graph, triple.subject, triple.object.value)
            fault = fault or find_fault(triple.object.value, prefixes, base, bound, asks=name == "ask")
        if fault:
            yield Mistake(f"The query of sh:{name} cannot be used: {fault}.", triple, 2)


_RULES: Final = (
    _find_wrong_values,
    _find_wrong_patterns,
    _find_parts_without_effect,
    _find_repeated,
    _find_missing_lists,
    _find_path_errors,
    _find_missing_counts,
    _find_wrong_types,
    _find_wrong_parameters,
    _find_undefined,
    _find_bad_queries,
)
