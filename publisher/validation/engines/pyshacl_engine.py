"""The reference engine: pySHACL.

pySHACL finds the class of a constraint by its parameter in a table, `pyshacl.shape.CONSTRAINT_PARAMS`. While a report
is made, that table holds subclasses of its own, so that everything else stays as it is in pySHACL.
"""

import functools
import logging
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pyoxigraph as ox
import pyshacl
import pyshacl.shape
import rdflib
from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.core.shape_based_constraints import PropertyConstraintComponent
from rdflib.plugins.sparql import prepareQuery

from publisher.errors import CannotRunError

DEPTH: Final = 100
"""Shapes within shapes that are followed; pySHACL's own 15 stops at nesting that people do write."""

_TABLE: Final = "CONSTRAINT_PARAMS"

logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
"""rdflib says of ill-typed literals in a traceback what a rule of ours says in a sentence."""


def report(shapes: Sequence[ox.Triple], data: Sequence[ox.Triple]) -> list[ox.Triple]:
    """The validation report about data (SHACL, section 3.6).

    Blank nodes have the names that they have in what is given; messages are those of the shapes' authors only.
    Raises CannotRunError where pySHACL cannot judge by the shapes.
    """
    judged = _Data()
    _fill(judged, data)
    shapes_graph = rdflib.Graph()
    _fill(shapes_graph, shapes)
    try:
        with warnings.catch_warnings(), _own_constraints():
            warnings.simplefilter("ignore")
            _, found, text = pyshacl.validate(
                judged, shacl_graph=shapes_graph, inference="none", inplace=True, max_validation_depth=DEPTH
            )
    except Exception as error:  # Broken shapes make pySHACL raise its own errors, and those of re and pyparsing.
        raise _refused(str(error)) from error
    if not isinstance(found, rdflib.Graph):
        raise _refused(text)
    return [ox.Triple(*map(_ours, triple)) for triple in found]


def _refused(words: str) -> CannotRunError:
    """pySHACL's words, of which the first line says what is wrong, and the others what was on the way."""
    return CannotRunError(f"pySHACL cannot judge by these shapes: {words.strip().partition(chr(10))[0]}")


class _Data(rdflib.Graph):
    """The data, which remembers the queries that it was asked: a constraint asks the same one for each focus node.

    Parsed and translated: the translation changes what was parsed, so to remember that alone gives wrong answers.
    """

    def query(self, query_object: Any, *arguments: Any, **named: Any) -> rdflib.query.Result:
        """The result of a query (SPARQL 1.1)."""
        return super().query(_prepared(query_object), *arguments, **named)


@functools.cache
def _prepared(query: str) -> Any:
    return prepareQuery(query)


# Constraints


@contextmanager
def _own_constraints() -> Iterator[None]:
    usual = getattr(pyshacl.shape, _TABLE, (None, None))  # pySHACL fills it when it is first needed.
    setattr(pyshacl.shape, _TABLE, (frozenset(_OWN), _OWN))  # A set: pySHACL looks every predicate up in a list.
    try:
        yield
    finally:
        setattr(pyshacl.shape, _TABLE, usual)


class _Silent:
    """Any constraint without words of pySHACL's own, which take longer to make than most constraints to check."""

    def make_v_result_description(self, *_: Any, **__: Any) -> str:
        """Nothing: it would go into a text that is not used."""
        return ""

    def make_generic_messages(self, *_: Any) -> list[Any]:
        """None: where the author says nothing, the rule has words."""
        return []


def _together(self: Any, executor: Any, shape: Any, graph: Any, nodes: Any, recursive: Any, path: Any) -> Any:
    """How `sh:property` judges all nodes at once: pySHACL sets each property shape up anew for every node."""
    values = list(dict.fromkeys(value for values in nodes.values() for value in values))
    usual: Any = PropertyConstraintComponent._evaluate_property_shape
    return usual(self, executor, shape, graph, {None: [values]} if values else {}, recursive, path)


def _holds(operator: str, one: Any, other: Any) -> bool:
    """Whether two terms compare so: the SPARQL expression returns true; it does not for what cannot be compared."""
    if not isinstance(one, rdflib.Literal) or not isinstance(other, rdflib.Literal):
        return False
    return _compared(operator, _ours(one), _ours(other))


@functools.cache
def _compared(operator: str, one: ox.Literal, other: ox.Literal) -> bool:
    return bool(_NOTHING.query(f"ASK {{ FILTER({one} {operator} {other}) }}"))


_NOTHING: Final = ox.Store()


def _range(operator: str) -> Any:
    """How `sh:minInclusive` and its like judge (SHACL, section 4.3): a value that does not compare is a result."""

    def judge(self: Any, bound: Any, graph: Any, nodes: Any) -> tuple[bool, list[Any]]:
        found = [
            self.make_v_result(graph, focus, value_node=value)
            for focus, values in nodes.items()
            for value in values
            if not _holds(operator, value, bound)
        ]
        return bool(found), found

    return judge


def _pair(operator: str) -> Any:
    """How `sh:lessThan` and its like judge (SHACL, section 4.5): a pair that does not compare is a result."""

    def judge(self: Any, values: Any, others: Any, graph: Any, focus: Any) -> tuple[bool, list[Any]]:
        found = [
            self.make_v_result(graph, focus, value_node=value)
            for value in values
            for other in others
            if not _holds(operator, value, other)
        ]
        return bool(found), found

    return judge


_MENDED: Final[dict[str, dict[str, Any]]] = {
    "PropertyConstraintComponent": {"_evaluate_property_shape": _together},
    "MinExclusiveConstraintComponent": {"_evaluate_min_rule": _range(">")},
    "MinInclusiveConstraintComponent": {"_evaluate_min_rule": _range(">=")},
    "MaxExclusiveConstraintComponent": {"_evaluate_max_rule": _range("<")},
    "MaxInclusiveConstraintComponent": {"_evaluate_max_rule": _range("<=")},
    "LessThanConstraintComponent": {"_compare_lt": _pair("<")},
    "LessThanOrEqualsConstraintComponent": {"_compare_ltoe": _pair("<=")},
}
"""What is judged in a way of our own: component -> method -> how."""


def _own() -> dict[rdflib.URIRef, type]:
    """pySHACL's table, each class with a subclass of its own in its place."""
    classes = set(CONSTRAINT_PARAMETERS_MAP.values())
    own = {each: type(each.__name__, (_Silent, each), _MENDED.get(each.__name__, {})) for each in classes}
    return {parameter: own[each] for parameter, each in CONSTRAINT_PARAMETERS_MAP.items()}


_OWN: Final = _own()


# Terms


def _fill(graph: rdflib.Graph, triples: Iterable[ox.Triple]) -> None:
    theirs = functools.cache(_theirs)
    graph.addN((theirs(t.subject), theirs(t.predicate), theirs(t.object), graph) for t in triples)


def _theirs(term: Any) -> Any:
    """A term in rdflib's classes, its lexical form untouched."""
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    plain = term.datatype.value == str(rdflib.XSD.string)
    datatype = None if plain else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, datatype=datatype, normalize=False)


def _ours(node: Any) -> Any:
    """A term in pyoxigraph's classes."""
    if isinstance(node, rdflib.URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return ox.BlankNode(str(node))
    if node.language:
        return ox.Literal(str(node), language=node.language)
    return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)) if node.datatype else None)
