"""SHACL syntax rules: what SHACL requires of a shapes graph, reported at the place of each error.

Engines stop at the first mistake, or ignore it; here all mistakes are found.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import pyoxigraph as ox

from publisher.diagnostic import Diagnostic, Severity, UnreadableFilesError
from publisher.errors import CannotRunError
from publisher.rdf.namespaces import OWL, RDF, RDFS, SH, XSD
from publisher.sparql.lexer import read_words
from publisher.validation.context import Context
from publisher.validation.shapes.graph import SHAPE_LISTS, SHAPES, ShapesGraph
from publisher.validation.shapes.property_paths import Paths

MAX_NESTING: Final = 64
"""Levels of brackets in the query of a constraint, as in a visitor's; parsers crash at some thousands."""

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
"""What a shape states once at most (SHACL, sections 2 to 5)."""
_WITH_PATH: Final = {"minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals", "qualifiedValueShape"}
"""What only a property shape may state (SHACL, section 4)."""
_NODE_KINDS: Final = frozenset(
    SH + kind for kind in ("BlankNode", "IRI", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral")
)
_ALWAYS: Final = {"rdf": RDF, "rdfs": RDFS, "owl": OWL, "xsd": XSD, "sh": SH}
"""Prefixes that need no declaration in queries."""
_XML_CLASSES: Final = re.compile(r"\\[pP]\{\w+\}|\\[iIcC]")
"""Classes of characters that XPath's regular expressions have, and Python's have not (XPath Functions 3.1, 5.6.1)."""
_BOUND_PATH: Final = re.compile(r"[$?]PATH\b")
_SHAPES_GRAPH: Final = re.compile(r"[$?]shapesGraph\b")


def require(context: Context) -> None:
    """Raise UnreadableFilesError, with all mistakes, where shapes are broken; CannotRunError if none has a target."""
    if mistakes := set(find_mistakes(context)):
        raise UnreadableFilesError(sorted(mistakes, key=lambda finding: finding.order))
    if not any(context.graph.is_active(shape) for shape, *_ in context.graph.targets()):
        raise CannotRunError("The shapes have no targets, so nothing would be checked.")


def find_mistakes(context: Context) -> Iterator[Diagnostic]:
    """What in the shapes is not as SHACL requires."""
    for rule in _RULES:
        for message, triple, part in rule(context.graph):
            file = context.graph.file_of[triple]
            yield context.shape_locator.at("broken-shape", Severity.VIOLATION, message, file, triple, part)


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


def _wrong_values(graph: ShapesGraph) -> Iterator[Mistake]:
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


def _repeated(graph: ShapesGraph) -> Iterator[Mistake]:
    first: dict[tuple[Any, str], Any] = {}
    for name, triple in graph.all(_SINGLE):
        if first.setdefault((triple.subject, name), triple) is not triple:
            yield f"A shape may have only one sh:{name}.", triple, 2


def _no_lists(graph: ShapesGraph) -> Iterator[Mistake]:
    for name, triple in graph.all(sorted(_LISTS)):
        items = graph.paths.items(triple.object)
        if items is None:
            yield f"The value of sh:{name} must be a list.", triple, 2
        elif name in SHAPE_LISTS and not all(map(_node, items)):
            yield f"The items of sh:{name} must be shapes.", triple, 2


def _no_paths(graph: ShapesGraph) -> Iterator[Mistake]:
    for _, triple in graph.all(["property"]):
        if triple.object in graph.stated and not graph.of(triple.object, "path"):
            yield f"{triple.object} is not a property shape: it has no sh:path.", triple, 2
    for _, triple in graph.all(["node"]):
        if graph.of(triple.object, "path"):
            yield f"{triple.object} is not a node shape: it has an sh:path.", triple, 2
    for _, triple in graph.all(["path"]):
        if not _is_path(triple.object, graph.paths):
            yield "The value of sh:path is not a valid property path.", triple, 2
    for name, triple in graph.all(sorted(_WITH_PATH)):
        if not graph.of(triple.subject, "path"):
            yield f"sh:{name} needs an sh:path, and this shape has none.", triple, 1


def _undefined(graph: ShapesGraph) -> Iterator[Mistake]:
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


def _bad_queries(graph: ShapesGraph) -> Iterator[Mistake]:
    prefixes = _prefixes(graph)
    for _, triple in graph.all(["sparql"]):
        if _node(triple.object) and len(graph.of(triple.object, "select")) != 1:
            yield "A SPARQL constraint must state one sh:select.", triple, 2
    for name, triple in graph.all(["select", "ask"]):
        fault = _find_fault(triple.object.value, prefixes) if _literal(triple.object) else "it is not a string"
        if fault:
            yield f"The query of sh:{name} cannot be used: {fault}.", triple, 2


def _prefixes(graph: ShapesGraph) -> dict[str, str]:
    """prefix -> namespace, of all declarations (SHACL, section 5.2.1)."""
    declared = (triple.object for _, triple in graph.all(["declare"]))
    pairs = ((graph.of(node, "prefix"), graph.of(node, "namespace")) for node in declared)
    return _ALWAYS | {p.object.value: n.object.value for prefix, space in pairs for p in prefix for n in space}


def _find_fault(query: str, prefixes: Mapping[str, str]) -> str:
    """Why a query cannot be used; empty where it can."""
    words = read_words(query)
    if words.services:
        return "it calls a SERVICE, and validation makes no connections"
    if words.depth > MAX_NESTING:
        return f"its brackets are nested more than {MAX_NESTING} levels deep"
    if _SHAPES_GRAPH.search(query):
        return "it uses $shapesGraph, which is not supported"
    heading = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in prefixes.items())
    try:
        ox.Store().query(heading + _BOUND_PATH.sub("<x:x>", query))
    except (SyntaxError, ValueError) as error:
        return str(error).rstrip(".")
    return ""


_RULES: Final = (_wrong_values, _repeated, _no_lists, _no_paths, _undefined, _bad_queries)
