"""Query translation: a query has the same answer over the graphs at an endpoint as over those that are published."""

from typing import Any

import pyoxigraph as ox
import pytest
from support.each import each

from publisher.errors import MalformedError
from publisher.sparql.translation import NAME, Placement, translate

BASE = "http://example.org/"
ONE, TWO = f"{BASE}graph/one", f"{BASE}ontology"
PLACEMENT = Placement(f"{BASE}pushed/1/", BASE, (ONE, TWO))
OTHER = Placement(f"{BASE}pushed/0/", BASE, (ONE, TWO))


def quad(subject: str, object_: str, graph: str = "") -> ox.Quad:
    place = ox.NamedNode(graph) if graph else ox.DefaultGraph()
    return ox.Quad(ox.NamedNode(BASE + subject), ox.NamedNode(f"{BASE}p"), ox.NamedNode(BASE + object_), place)


@pytest.fixture(scope="module")
def published() -> ox.Store:
    store = ox.Store()
    store.extend([quad("a", "b", ONE), quad("ontology", "c", TWO), quad("d", "graph/one", TWO)])
    store.extend([quad("a", "b"), quad("ontology", "c"), quad("d", "graph/one")])
    return store


@pytest.fixture(scope="module")
def placed(published: ox.Store) -> ox.Store:
    """What an endpoint has: this release, and an older one with other statements."""
    store = ox.Store()
    for found in published:
        name = found.graph_name
        graph = PLACEMENT.locate(name.value) if isinstance(name, ox.NamedNode) else PLACEMENT.default
        store.add(ox.Quad(found.subject, found.predicate, found.object, ox.NamedNode(graph)))
    store.extend([quad("old", "b", OTHER.locate(ONE)), quad("old", "b", OTHER.default)])
    for place in (PLACEMENT, OTHER):
        for graph in (ONE, TWO):
            names = ox.NamedNode(place.labels)
            store.add(ox.Quad(ox.NamedNode(place.locate(graph)), ox.NamedNode(NAME), ox.NamedNode(graph), names))
    return store


def rows(store: ox.Store, text: str, default: Any = None, named: Any = None) -> Any:
    more = {}
    if default is not None or named is not None:
        more["default_graph"] = [ox.NamedNode(iri) for iri in default or ()]
        more["named_graphs"] = [ox.NamedNode(iri) for iri in named or ()]
    found: Any = store.query(text, base_iri=BASE, **more)
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    if isinstance(found, ox.QueryTriples):
        return sorted(map(str, found))
    return [v.value for v in found.variables], sorted(str([str(term) for term in row]) for row in found)


QUERIES = [
    "SELECT * { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
    "SELECT * { GRAPH ?g { ?s ?p ?o } }",
    "SELECT DISTINCT * WHERE { GRAPH ?g {} }",
    "select*{graph?g{?s ?p ?o}}",
    "SELECT ?g { GRAPH ?g { ?g ?p ?o } }",
    "SELECT * { { SELECT * { GRAPH ?g { ?s ?p ?o } } } }",
    "SELECT * { GRAPH <graph/one> { ?s ?p ?o } }",
    "PREFIX g: <http://example.org/graph/> SELECT * { GRAPH g:one { ?s ?p ?o } # GRAPH ?x {\n }",
    r"SELECT * { GRAPH <http://example.org/graph/\u006fne> { ?s ?p ?o } }",
    "BASE <http://example.org/graph/> SELECT * { GRAPH <one> { ?s ?p ?o } }",
    "SELECT * { GRAPH <http://example.org/pushed/0/graph/graph/one> { ?s ?p ?o } }",
    "SELECT * { GRAPH <http://example.org/pushed/1/names> { ?s ?p ?o } }",
    "SELECT * FROM <ontology> { ?s ?p ?o }",
    "SELECT * FROM <ontology> FROM <graph/one> { ?s ?p ?o OPTIONAL { GRAPH ?g { ?s ?p ?o } } }",
    "SELECT * FROM NAMED <ontology> { GRAPH ?g { ?s ?p ?o } }",
    "SELECT * FROM NAMED <ontology> { ?s ?p ?o }",
    "SELECT * FROM NAMED <ontology> { GRAPH <graph/one> { ?s ?p ?o } }",
    "SELECT * FROM <nowhere> { ?s ?p ?o }",
    "SELECT ?s { ?s ?p ?o FILTER EXISTS { GRAPH ?g { ?s ?p ?o } FILTER (STRENDS(STR(?g), 'one')) } }",
    "SELECT ?s { ?s ?p ?o MINUS { GRAPH ?g { ?s ?p ?o } } }",
    "SELECT * { BIND (<graph/one> AS ?g) GRAPH ?g { ?s ?p ?o } }",
    "SELECT * { GRAPH ?g { ?s ?p ?o } GRAPH ?h { ?x ?q ?g } }",
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o FILTER (?s != <a>) } } GROUP BY ?g HAVING (COUNT(*) > 1)",
    "SELECT * { ?s ?p 'GRAPH ?g { }' }",
    "ASK { GRAPH <ontology> { <ontology> ?p ?o } }",
    "CONSTRUCT { ?g ?p ?o } { GRAPH ?g { ?s ?p ?o } }",
    "DESCRIBE <ontology>",
    "SELECT ?graph_at_endpoint0 { GRAPH ?graph_at_endpoint0 { ?s ?p ?o } }",
]


def translated(placed: ox.Store, text: str, default: Any = None, named: Any = None) -> Any:
    parsed: Any = ox.Store().query(text, base_iri=BASE)
    names = [v.value for v in parsed.variables] if isinstance(parsed, ox.QuerySolutions) else []
    found = translate(text, PLACEMENT, default, named, names)
    return rows(placed, found.text, found.default_graphs, found.named_graphs)


@each("text", QUERIES)
def test_translated_query_has_the_same_answer(published: ox.Store, placed: ox.Store, text: str) -> None:
    assert translated(placed, text) == rows(published, text)


@each(
    ("repeated", "text"),
    [
        ("SELECT * FROM <graph/one> FROM <graph/one> { ?s ?p ?o }", "SELECT * FROM <graph/one> { ?s ?p ?o }"),
        (
            "SELECT * FROM NAMED <ontology> FROM NAMED <ontology> { GRAPH ?g { ?s ?p ?o } }",
            "SELECT * FROM NAMED <ontology> { GRAPH ?g { ?s ?p ?o } }",
        ),
    ],
)
def test_graph_named_twice_counts_once(published: ox.Store, placed: ox.Store, repeated: str, text: str) -> None:
    assert translated(placed, repeated) == rows(published, text)


@each(
    ("default", "named"), [([TWO], None), (None, [TWO]), ([ONE, TWO], [ONE]), ([], [ONE]), ([f"{BASE}x"], [f"{BASE}y"])]
)
@each(
    "text",
    [
        "SELECT * { ?s ?p ?o OPTIONAL { GRAPH ?g { ?s ?p ?o } } }",
        "SELECT * FROM <graph/one> { ?s ?p ?o }",
        "SELECT * { GRAPH <graph/one> { ?s ?p ?o } }",
    ],
)
def test_data_set_of_the_protocol_takes_precedence(published, placed, text: str, default, named) -> None:
    expected = rows(published, text.replace("FROM <graph/one>", ""), default, named)
    assert translated(placed, text, default, named) == expected


@pytest.mark.parametrize(
    "text",
    ["SELECT * { GRAPHg:one { ?s ?p ?o } }", "SELECT * FROMNAMED <ontology> { }", "SELECT * { { } UNIONGRAPH ?g { } }"],
)
def test_keywords_that_only_a_parser_could_find_are_rejected(text: str) -> None:
    with pytest.raises(MalformedError, match="Write a space"):
        translate(text, PLACEMENT, None, None, [])


def test_names_of_graphs_carry_the_release_and_no_other() -> None:
    located = [PLACEMENT.locate(iri) for iri in (ONE, TWO, "urn:x y", f"{BASE}pushed/0/default")]
    assert all(iri.startswith(PLACEMENT.place) for iri in located)
    assert len({*located, PLACEMENT.default, PLACEMENT.labels, PLACEMENT.nowhere}) == 7
