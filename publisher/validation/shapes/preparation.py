"""Preparation: rewrites the shapes so that both engines interpret them in the same way."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf.namespaces import RDF, RDFS, SH, XSD
from publisher.rdf.vocabularies import DRAFT_TERMS
from publisher.validation.shapes.graph import TARGETS, ShapesGraph
from publisher.validation.shapes.property_paths import KEYS
from publisher.validation.shapes.queries import VALIDATORS, core_components, declare, read_prefixes

EXTENSIONS: Final = ("expression", "js", "rule", "target", "values", *sorted(DRAFT_TERMS))
"""Properties of SHACL Advanced Features, SHACL JavaScript Extensions and the draft of SHACL 1.2, which are ignored."""

_QUERIES: Final = frozenset({SH + "select", SH + "ask"})
_LEFT_OUT: Final = frozenset(SH + name for name in (*EXTENSIONS, "prefixes"))
_TARGET_CLASS: Final = ox.NamedNode(SH + "targetClass")
_TARGET_NODE: Final = ox.NamedNode(SH + "targetNode")
_TARGET_OBJECTS: Final = ox.NamedNode(SH + "targetObjectsOf")
_TARGETS: Final = frozenset(SH + name for name in TARGETS)
_TYPE: Final = ox.NamedNode(RDF + "type")
_COMPONENT: Final = ox.NamedNode(SH + "ConstraintComponent")
_SUBCLASS: Final = ox.NamedNode(RDFS + "subClassOf")
_STEM: Final = "urn:publisher:chosen:"
"""Prefix of the properties that lead to blank nodes, and the subject of the statements with them."""
_SEVERITY: Final = SH + "severity"
_UNIQUE_LANG: Final = SH + "uniqueLang"
_FLAGS: Final = frozenset(SH + name for name in ("closed", "deactivated", "optional", "qualifiedValueShapesDisjoint"))
_IGNORED: Final = SH + "ignoredProperties"
_REGEX_FLAGS: Final = SH + "flags"
_ONE: Final = ox.Literal("1", datatype=ox.NamedNode(XSD + "boolean"))

_PARAMETERS: Final = (
    *("class", "datatype", "nodeKind", "minCount", "maxCount", "minLength", "maxLength", "pattern", "flags"),
    *("minExclusive", "minInclusive", "maxExclusive", "maxInclusive", "languageIn", "uniqueLang", "hasValue", "in"),
    *("equals", "disjoint", "lessThan", "lessThanOrEquals", "and", "or", "xone", "not", "node", "property", "path"),
    *("qualifiedValueShape", "qualifiedValueShapesDisjoint", "qualifiedMinCount", "qualifiedMaxCount"),
)
"""The parameters of SHACL Core but sh:closed, and sh:path: they look only at statements with properties that they
name, at types and at superclasses."""
_REMARKS: Final = (
    *("severity", "message", "deactivated", "name", "description", "order", "group", "defaultValue"),
    *("declare", "prefix", "namespace", "prefixes"),
)
"""Properties that look at no data."""
_BY_NAME: Final = frozenset(SH + name for name in (*TARGETS, *_PARAMETERS, *_REMARKS, *KEYS, *EXTENSIONS))


def select_data(
    graph: ShapesGraph, data: Sequence[ox.Triple], by_predicate: Mapping[ox.NamedNode, Sequence[ox.Triple]]
) -> Sequence[ox.Triple]:
    """The statements of the data that the shapes can look at; all where a shape is closed or has a query.

    by_predicate: predicate -> the statements with it. Engines take time and memory for each statement.
    """
    if not {t.predicate.value for t in graph.file_of if t.predicate.value.startswith(SH)} <= _BY_NAME:
        return data
    named = {_TYPE, _SUBCLASS, *(t.object for t in graph.file_of if isinstance(t.object, ox.NamedNode))}
    return [triple for predicate, stated in by_predicate.items() if predicate in named for triple in stated]


def prepare(graph: ShapesGraph) -> list[ox.Triple]:
    """The statements for an engine: prefixes of queries written out, implicit targets stated, extensions and components
    without a query left out, and no severity but that of shapes (SHACL, section 2.1.4)."""
    shapes = {triple.subject for _, triple in graph.all(["sparql"])}  # One of the suite is its own constraint.
    constraints = {triple.object for _, triple in graph.all(["sparql"])} - shapes
    unusable = frozenset(triple for _, triple in find_unusable_validators(graph)) | _list_unusable_components(graph)
    unusable |= _list_deactivated_constraints(graph)
    return list(dict.fromkeys((*_rewrite(graph, constraints, unusable), *_targets(graph))))


def _list_deactivated_constraints(graph: ShapesGraph) -> frozenset[ox.Triple]:
    """The statements that name a SPARQL constraint which is deactivated (SHACL, section 5.2.1); one engine uses it."""
    off = {triple.subject for _, triple in graph.all(["deactivated"]) if triple.object.value in ("true", "1")}
    return frozenset(triple for _, triple in graph.all(["sparql"]) if triple.object in off)


def find_unusable_validators(graph: ShapesGraph) -> Iterator[tuple[str, ox.Triple]]:
    """The statements, each with the local name of its property, that name a validator without a query: one of the
    JavaScript Extensions, or a broken one."""
    for name, triple in graph.all(VALIDATORS):
        if not graph.of(triple.object, "select") and not graph.of(triple.object, "ask"):
            yield name, triple


def _list_unusable_components(graph: ShapesGraph) -> frozenset[ox.Triple]:
    """The statements about components of which no validator has a query, or is left, and about those of SHACL Core,
    which engines have built in: some shapes define them in SPARQL as well."""
    stated_as = {t.subject for t in graph.file_of if t.predicate == _TYPE and t.object == _COMPONENT}
    without = stated_as | {triple.subject for _, triple in find_unusable_validators(graph)}
    usable = {t.subject for _, t in graph.all(VALIDATORS) if graph.of(t.object, "select") or graph.of(t.object, "ask")}
    left_out = (without - usable) | core_components(graph)
    stated = (triples for component in left_out for triples in graph.stated[component].values())
    return frozenset(triple for triples in stated for triple in triples)


def prepare_for(graph: ShapesGraph, chosen: Mapping[Any, Iterable[Any]]) -> tuple[list[ox.Triple], list[ox.Triple]]:
    """The statements for an engine with chosen focus nodes in place of targets, and those to add to the data.

    chosen: shape -> its focus nodes. Blank nodes cannot be named in the shapes, so a statement leads to each.
    """
    shapes = [triple for triple in prepare(graph) if not _is_target(graph, triple)]
    added: list[ox.Triple] = []
    for number, (shape, nodes) in enumerate(chosen.items()):
        property_ = ox.NamedNode(f"{_STEM}{number}")
        blank = [node for node in nodes if isinstance(node, ox.BlankNode)]
        shapes += [ox.Triple(shape, _TARGET_NODE, node) for node in nodes if not isinstance(node, ox.BlankNode)]
        shapes += [ox.Triple(shape, _TARGET_OBJECTS, property_)] if blank else []
        added += [ox.Triple(ox.NamedNode(_STEM), property_, node) for node in blank]
    return shapes, added


def split_targets(graph: ShapesGraph, shapes: Sequence[ox.Triple], number: int) -> list[list[ox.Triple]]:
    """The statements for an engine, in so many parts: each has all of them but the targets of the shapes that are in
    other parts."""
    targeted = sorted({triple.subject for triple in shapes if _is_target(graph, triple)}, key=str)
    groups = [set(targeted[start::number]) for start in range(min(number, len(targeted)))] or [set()]
    return [[t for t in shapes if t.subject in group or not _is_target(graph, t)] for group in groups]


def _is_target(graph: ShapesGraph, triple: ox.Triple) -> bool:
    """Whether a statement makes a target, also that of a shape that is a class (SHACL, section 2.1.3)."""
    implicit = triple.predicate.value == RDF + "type" and triple.object in graph.class_types
    return implicit or triple.predicate.value in _TARGETS


def _rewrite(graph: ShapesGraph, constraints: set[object], unusable: Set[ox.Triple]) -> Iterator[ox.Triple]:
    for triple, file in graph.file_of.items():
        if triple in unusable:
            continue
        predicate, value = triple.predicate.value, triple.object
        if predicate in _QUERIES and isinstance(value, ox.Literal):
            query = declare(value.value, read_prefixes(graph, triple.subject), file.base)
            yield ox.Triple(triple.subject, triple.predicate, ox.Literal(query))
        elif predicate == _UNIQUE_LANG and isinstance(value, ox.Literal) and value.value != "true":
            continue  # Only the literal true counts (SHACL, section 4.4.5); engines also take "1".
        elif predicate == _IGNORED and not graph.of(triple.subject, "closed"):
            continue  # It has no effect then; one engine refuses it.
        elif predicate == _REGEX_FLAGS and isinstance(value, ox.Literal):
            yield ox.Triple(triple.subject, triple.predicate, write_flags_once(value))
        elif predicate in _FLAGS and value == _ONE:
            yield ox.Triple(triple.subject, triple.predicate, ox.Literal(value=True))  # One engine takes only "true".
        elif predicate not in _LEFT_OUT and not (predicate == _SEVERITY and triple.subject in constraints):
            yield triple


def write_flags_once(flags: ox.Literal) -> ox.Literal:
    """The flags of a pattern, each once: one engine refuses a repeated flag."""
    return ox.Literal("".join(dict.fromkeys(flags.value)))


def _targets(graph: ShapesGraph) -> Iterator[ox.Triple]:
    return (ox.Triple(shape, _TARGET_CLASS, term) for shape, kind, term, _ in graph.targets() if kind == "targetClass")
