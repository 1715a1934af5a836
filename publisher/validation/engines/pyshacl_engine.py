"""The engine pySHACL, unmodified."""

import functools
import logging
import re
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Final

import pyoxigraph as ox
import pyshacl
import rdflib
from rdflib.plugins.sparql import prepareQuery

from publisher.errors import CannotRunError
from publisher.rdf.namespaces import SH
from publisher.sparql.lexer import tokenize
from publisher.validation.shapes.comparisons import PARAMETERS

DEPTH: Final = 100
"""Shapes within shapes that are followed; pySHACL's default of 15 stops at nesting that people do write."""

NAME: Final = f"pySHACL {pyshacl.__version__}"
_VARIABLE: Final = re.compile(r"(\{[$?]\w+\})")
_COMPARING: Final = frozenset(SH + name for name in PARAMETERS)

_QUERIES: Final = frozenset({SH + "select", SH + "ask"})
_FORBIDDEN: Final = re.compile(r"i(?=nus)|v(?=alues)|e(?=rvice)", re.IGNORECASE)
"""A letter each of keywords, or of parts of them, that pySHACL finds in names, variables and texts too. No query here
has the keywords."""
_ATTACHED_PATH: Final = re.compile(r"(?<![\s{}()])(?=[$?]PATH\b)")
"""Where pySHACL does not see that a variable begins."""

for _name in ("rdflib.term", "pyshacl"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)
    logging.getLogger(_name).addHandler(logging.NullHandler())
logging.getLogger("pyshacl-validate").addFilter(lambda _: False)  # Its level and handler are set in each run.


def report(shapes: Sequence[ox.Triple], data: Sequence[ox.Triple], most: int | None = None) -> list[ox.Triple]:
    """The validation report about data (SHACL, section 3.6).

    Blank nodes have the names that they have in what is given; messages are those of the shapes' authors only.
    most: has no effect. Raises CannotRunError where pySHACL cannot use the shapes.
    """
    try:
        return _validate(shapes, data)
    except Exception as error:  # Broken shapes make pySHACL raise its own errors, and those of re and pyparsing.
        simpler = [triple for triple in shapes if triple.predicate.value not in _COMPARING]
        if len(simpler) == len(shapes):
            raise _make_error(error) from error
    try:  # pySHACL stops at some values that do not compare. Comparisons are checked outside the engine too.
        return _validate(simpler, data)
    except Exception as error:
        raise _make_error(error) from error


def _validate(shapes: Sequence[ox.Triple], data: Sequence[ox.Triple]) -> list[ox.Triple]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rdflib warns of ill-typed literals, which a check of ours reports.
        graph, shapes_graph = _Data(), rdflib.Graph()
        _fill(graph, data)
        _fill(shapes_graph, map(_write_query, shapes))
        _, found, text = pyshacl.validate(
            graph, shacl_graph=shapes_graph, inference="none", inplace=True, max_validation_depth=DEPTH
        )
    if not isinstance(found, rdflib.Graph):
        raise ValueError(text)
    authored = _Authored(shapes_graph.objects(None, rdflib.SH.message))
    kept = (triple for triple in found if triple[1] != rdflib.SH.resultMessage or triple[2] in authored)
    return [ox.Triple(*map(to_oxigraph, triple)) for triple in kept]


def _make_error(error: Exception) -> CannotRunError:
    """The error with pySHACL's message, of which the first line says what is wrong."""
    words = str(error).strip().partition("\n")[0] or type(error).__name__
    return CannotRunError(f"pySHACL cannot use these shapes: {words}")


class _Authored:
    """The messages of the shapes' authors, also with values in place of their variables (SHACL, section 5.3.2)."""

    def __init__(self, messages: Iterable[Any]) -> None:
        self._plain = set(messages)
        templates = ("".join(map(self._escape, _VARIABLE.split(text))) for text in self._plain)
        self._filled = [re.compile(template, re.DOTALL) for template in templates if ".*" in template]

    def __contains__(self, message: Any) -> bool:
        return message in self._plain or any(template.fullmatch(message) for template in self._filled)

    @staticmethod
    def _escape(part: str) -> str:
        return ".*" if _VARIABLE.fullmatch(part) else re.escape(part)


class _Data(rdflib.Graph):
    """The data. It remembers prepared queries: a constraint asks the same one for each focus node.

    Parsed and translated: the translation changes what was parsed, so that keeping only that gives wrong results.
    """

    def query(self, query_object: Any, *arguments: Any, **named: Any) -> rdflib.query.Result:
        """The result of a query (SPARQL 1.1)."""
        return super().query(_prepare(query_object), *arguments, **named)


@functools.cache
def _prepare(query: str) -> Any:
    return prepareQuery(query)


# Terms


def _fill(graph: rdflib.Graph, triples: Iterable[ox.Triple]) -> None:
    convert = functools.cache(to_rdflib)
    graph.addN((convert(t.subject), convert(t.predicate), convert(t.object), graph) for t in triples)


def _write_query(triple: ox.Triple) -> ox.Triple:
    """A statement with its query, if it has one, spelled so that pySHACL does not mistake names for keywords: with a
    letter as an escape sequence (SPARQL 1.1, section 19.2)."""
    if triple.predicate.value not in _QUERIES or not isinstance(triple.object, ox.Literal):
        return triple
    text = triple.object.value
    for comment in reversed([token for token in tokenize(text) if token.kind == "comment"]):
        text = text[: comment.start] + text[comment.start + len(comment.text) :]
    text = _FORBIDDEN.sub(lambda letter: f"\\u{ord(letter[0]):04X}", _ATTACHED_PATH.sub(" ", text))
    return ox.Triple(triple.subject, triple.predicate, ox.Literal(text))


def to_rdflib(term: Any) -> Any:
    """A term in rdflib's classes, its lexical form unchanged."""
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    plain = term.datatype.value == str(rdflib.XSD.string)
    datatype = None if plain else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, datatype=datatype, normalize=False)


def to_oxigraph(node: Any) -> Any:
    """A term in pyoxigraph's classes."""
    if isinstance(node, rdflib.URIRef):
        return ox.NamedNode(str(node))
    if isinstance(node, rdflib.BNode):
        return ox.BlankNode(str(node))
    if node.language:
        return ox.Literal(str(node), language=node.language)
    return ox.Literal(str(node), datatype=ox.NamedNode(str(node.datatype)) if node.datatype else None)
