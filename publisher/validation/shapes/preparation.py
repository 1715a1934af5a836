"""Preparation: rewrites the shapes so that both engines interpret them in the same way."""

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from publisher.rdf.namespaces import SH
from publisher.validation.shapes.graph import ShapesGraph
from publisher.validation.shapes.queries import declare, read_prefixes

EXTENSIONS: Final = ("expression", "js", "rule", "target")
"""Properties of SHACL Advanced Features and SHACL JavaScript Extensions, which are ignored."""

_QUERIES: Final = frozenset({SH + "select", SH + "ask"})
_LEFT_OUT: Final = frozenset(SH + name for name in (*EXTENSIONS, "prefixes"))
_TARGET_CLASS: Final = ox.NamedNode(SH + "targetClass")
_SEVERITY: Final = SH + "severity"
_UNIQUE_LANG: Final = SH + "uniqueLang"


def prepare(graph: ShapesGraph) -> list[ox.Triple]:
    """The statements for an engine: prefixes of queries written out, implicit targets stated, extensions left out, and
    no severity but that of shapes (SHACL, section 2.1.4)."""
    shapes = {triple.subject for _, triple in graph.all(["sparql"])}  # One of the suite is its own constraint.
    constraints = {triple.object for _, triple in graph.all(["sparql"])} - shapes
    return list(dict.fromkeys((*_rewrite(graph, constraints), *_targets(graph))))


def _rewrite(graph: ShapesGraph, constraints: set[object]) -> Iterator[ox.Triple]:
    for triple in graph.file_of:
        predicate, value = triple.predicate.value, triple.object
        if predicate in _QUERIES and isinstance(value, ox.Literal):
            query = declare(value.value, read_prefixes(graph, triple.subject))
            yield ox.Triple(triple.subject, triple.predicate, ox.Literal(query))
        elif predicate == _UNIQUE_LANG and isinstance(value, ox.Literal) and value.value != "true":
            continue  # Only the literal true counts (SHACL, section 4.4.5); engines also take "1".
        elif predicate not in _LEFT_OUT and not (predicate == _SEVERITY and triple.subject in constraints):
            yield triple


def _targets(graph: ShapesGraph) -> Iterator[ox.Triple]:
    return (ox.Triple(shape, _TARGET_CLASS, term) for shape, kind, term, _ in graph.targets() if kind == "targetClass")
