"""Queries of shapes: their prefixes (SHACL, section 5.2.1), and why one cannot be used."""

import re
from collections.abc import Iterator, Mapping, Set
from itertools import product
from typing import Any, Final

import pyoxigraph as ox

from publisher.rdf.namespaces import OWL, RDF, RDFS, SH, XSD
from publisher.sparql.lexer import read_words, tokenize, undeclared_prefixes
from publisher.validation.shapes.graph import ShapesGraph

VALIDATORS: Final = ("validator", "nodeValidator", "propertyValidator")
"""Properties of constraint components whose values have a query (SHACL, section 6.2.3)."""
MAX_NESTING: Final = 64
"""Levels of brackets in the query of a constraint, as in a visitor's; parsers crash at some thousands."""

_ALWAYS: Final = {"rdf": RDF, "rdfs": RDFS, "owl": OWL, "xsd": XSD, "sh": SH}
"""Prefixes that need no declaration in queries."""
_BOUND_PATH: Final = re.compile(r"[$?]PATH\b")
_SHAPES_GRAPH: Final = re.compile(r"[$?]shapesGraph\b")
_FORBIDDEN: Final = frozenset({"MINUS", "VALUES"})
"""Keywords that queries with pre-bound variables must not have (SHACL, appendix A.1)."""
_SCHEMES: Final = frozenset({"http", "https", "mailto", "urn"})
_OPTIONAL: Final = frozenset({"shapesGraph", "currentShape"})
"""Variables that subqueries need not select, though they may have a value before."""
_SCHEME: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
_PARSER: Final = re.compile(r"error at (\d+):(\d+): expected (.*)", re.DOTALL)
_FUNCTION: Final = re.compile(r"The custom function (\S+) is not supported")


def read_prefixes(graph: ShapesGraph, constraint: Any) -> dict[str, str]:
    """prefix -> namespace, as the nodes that `sh:prefixes` names declare them, and those that these import."""
    return _ALWAYS | dict(_list_declarations(graph, constraint))


def find_ambiguous_prefix(graph: ShapesGraph, constraint: Any, query: str) -> str:
    """Return why a query cannot be used if it uses a prefix that has two namespaces (SHACL, section 5.2.1)."""
    namespaces: dict[str, set[str]] = {}
    for prefix, namespace in _list_declarations(graph, constraint):
        namespaces.setdefault(prefix, set()).add(namespace)
    several = {prefix for prefix, found in namespaces.items() if len(found) > 1}
    used = sorted(undeclared_prefixes(query) & several) if several else []
    return f"the prefix {used[0]}: is declared with several namespaces" if used else ""


def _list_declarations(graph: ShapesGraph, constraint: Any) -> Iterator[tuple[str, str]]:
    pending, met = graph.values(constraint, "prefixes"), set()
    while pending:
        node = pending.pop()
        if node in met:
            continue
        met.add(node)
        pending += graph.values(node, OWL + "imports")
        for declared in graph.values(node, "declare"):
            pairs = product(graph.values(declared, "prefix"), graph.values(declared, "namespace"))
            yield from ((prefix.value, namespace.value) for prefix, namespace in pairs)


def declare(query: str, prefixes: Mapping[str, str], base: str = "") -> str:
    """The query with declarations of the prefixes that it uses, and of the base if it has relative IRIs.

    base: the IRI of the file, which the query is embedded in (RFC 3986, section 5.1.2); empty if there is none.
    """
    used = sorted(undeclared_prefixes(query) & prefixes.keys())
    heading = f"BASE <{base}>\n" if base and _has_relative(query) else ""
    return heading + "".join(f"PREFIX {prefix}: <{prefixes[prefix]}>\n" for prefix in used) + query


def _has_relative(query: str) -> bool:
    return any(token.kind == "iri" and not _SCHEME.match(token.text) for token in tokenize(query))


def core_components(graph: ShapesGraph) -> set[Any]:
    """The constraint components in the namespace of SHACL that the shapes define."""
    named = {triple.subject for _, triple in graph.all((*VALIDATORS, "parameter"))}
    return {node for node in named if isinstance(node, ox.NamedNode) and node.value.startswith(SH)}


def core_validators(graph: ShapesGraph) -> set[Any]:
    """The validators that only components of SHACL Core have."""
    core = core_components(graph)
    uses = [(triple.object, triple.subject in core) for _, triple in graph.all(VALIDATORS)]
    return {node for node, is_core in uses if is_core} - {node for node, is_core in uses if not is_core}


def bound_variables(graph: ShapesGraph, node: Any) -> frozenset[str]:
    """The variables that may have a value before the query of a node runs (SHACL, sections 5.3.1 and 6.2.1)."""
    components = [t.subject for _, t in graph.all(VALIDATORS) if t.object == node]
    paths = [path for one in components for p in graph.values(one, "parameter") for path in graph.values(p, "path")]
    names = {re.split("[/#]", path.value)[-1] for path in paths} | ({"value"} if components else set())
    return frozenset({"this", "shapesGraph", "currentShape", *names})


def _find_rebound(query: str, bound: Set[str]) -> str:
    """The first variable of `bound` that a query assigns with AS; empty if it assigns none."""
    before = ""
    for token in tokenize(query):
        if before == "as" and token.kind == "variable" and token.text[1:] in bound:
            return token.text
        before = token.text.lower() if token.kind != "comment" else before
    return ""


def _find_forbidden(query: str) -> str:
    """The first keyword of a query that no query with values bound before may use; empty if there is none."""
    words = (token.text.upper() for token in tokenize(query))
    return next((word for word in words if word in _FORBIDDEN), "")


def _find_unnamed(query: str, bound: Set[str]) -> str:
    """The first variable of `bound` that a subquery of a query does not name in its SELECT, as it must (SHACL, appendix
    A.1); empty if there is none. An engine that binds values before cannot bind others."""
    needed = sorted(bound - _OPTIONAL)
    depth, brackets = 0, 0
    named: set[str] | None = None
    for token in tokenize(query):
        word = token.text.upper()
        if named is not None and (word == "{" or (word == "WHERE" and not brackets)):
            if missing := [name for name in needed if name not in named]:
                return f"${missing[0]}"
            named = None
        if token.kind == "symbol":
            depth += word.count("{") - word.count("}")
            brackets += (word.count("(") - word.count(")")) if named is not None else 0
        elif word == "SELECT" and depth:
            named, brackets = set(), 0
        elif token.kind == "variable" and named is not None and not brackets:
            named.add(token.text[1:])
    return ""


def _find_fault_of_words(query: str, bound: Set[str]) -> str:
    """Why a query cannot be used, as far as its words tell; empty if they do not."""
    words = read_words(query)
    if words.services:
        return "it calls a SERVICE, and validation makes no connections"
    if words.depth > MAX_NESTING:
        return f"its brackets are nested more than {MAX_NESTING} levels deep"
    if _SHAPES_GRAPH.search(query):
        return "it uses $shapesGraph, which is not supported"
    if bound and (forbidden := _find_forbidden(query)):
        return f"it has the keyword {forbidden}, which SHACL forbids where variables have values before a query runs"
    if rebound := _find_rebound(query, bound):
        return f"it assigns {rebound}, which has a value before the query runs"
    if unnamed := _find_unnamed(query, bound):
        return f"a subquery does not name {unnamed} after SELECT, which SHACL requires"
    return ""


def _find_undeclared(query: str, prefixes: Mapping[str, str]) -> str:
    """Why a query cannot be used if it uses prefixes that are not declared; empty if it uses none."""
    unknown = sorted(undeclared_prefixes(query) - prefixes.keys())
    if not unknown:
        return ""
    if schemes := [prefix for prefix in unknown if prefix.lower() in _SCHEMES]:
        return f"the IRI that begins with {schemes[0]}: is not in angle brackets"
    listed = ", ".join(f"{prefix}:" for prefix in unknown)
    said = f"prefixes {listed} are" if len(unknown) > 1 else f"prefix {listed} is"
    return f"the {said} not declared for this query (sh:prefixes, sh:declare)"


def find_fault(
    query: str, prefixes: Mapping[str, str], base: str = "", bound: Set[str] = frozenset(), *, asks: bool = False
) -> str:
    """Return why a query of a constraint or validator cannot be used; empty if it can.

    base: as for `declare`. bound: the variables that have a value before it runs. asks: whether it must be an ASK
    query; else it must select the focus node (SHACL, sections 5.2.1 and 6.2.3).
    """
    if fault := _find_fault_of_words(query, bound) or _find_undeclared(query, prefixes):
        return fault
    heading = "".join(f"PREFIX {prefix}: <{namespace}> " for prefix, namespace in prefixes.items())
    try:
        found = ox.Store().query(heading + _BOUND_PATH.sub("<x:x>", query), base_iri=base or None)
    except Exception as error:  # Errors of syntax, and RuntimeError for a function that is not known.
        return _describe(str(error), len(heading))
    if asks:
        return "" if isinstance(found, ox.QueryBoolean) else "it is not an ASK query"
    names = [variable.value for variable in found.variables] if isinstance(found, ox.QuerySolutions) else []
    return "" if "this" in names else "it does not select $this"


def _describe(message: str, heading: int) -> str:
    """The parser's message with the place in the query as its author wrote it."""
    if function := _FUNCTION.search(message):
        return f"the function {function[1]} is not known"
    if syntax := _PARSER.match(message):
        line, column = int(syntax[1]), int(syntax[2])
        column -= heading if line == 1 else 0
        return f"there is a syntax error at line {line}, column {column}"
    return message.strip().partition("\n")[0].rstrip(".")
