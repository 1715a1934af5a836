"""rdflib and SPARQLWrapper against a real server, in breadth: every kind of address, every format, named graphs."""

import re
from typing import Any, Final
from urllib.error import HTTPError

import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import EndPointInternalError, QueryBadFormed
from support.tiers import some

from publisher.dataset.iris import KINDS
from publisher.rdf.namespaces import SKOS, VOCABULARY

pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated, use Dataset:DeprecationWarning")  # rdflib's own use

BASE = "https://w3id.org/ma-coalitions/"
THING = rdflib.URIRef(f"{BASE}id/coalition/fair-wages-coalition")
FORMATS = [None, "turtle", "nt", "xml", "json-ld"]


@pytest.fixture(scope="module")
def first(server: str) -> dict[str, str]:
    """A thing of each kind: kind -> path."""
    iris = SPARQLStore(f"{server}/sparql").query("SELECT DISTINCT ?s { ?s ?p ?o FILTER(ISIRI(?s)) } ORDER BY ?s")
    found: dict[str, str] = {}
    for row in iris:
        path = str(row[0]).removeprefix(BASE)
        if match := re.fullmatch(r"id/([a-z]+)/[^/]+", path):
            found.setdefault(match[1], path)
    return found


def test_sample_has_every_kind(first: dict[str, str]) -> None:
    assert sorted(first) == sorted(KINDS)


@pytest.mark.parametrize("kind", some(KINDS, every=4))
def test_rdflib_parses_every_kind_in_every_format(server: str, first: dict[str, str], kind: str) -> None:
    graphs = [set(rdflib.Graph().parse(f"{server}/{first[kind]}", format=form)) for form in FORMATS]
    assert any(str(subject) == BASE + first[kind] for subject, _, _ in graphs[0])
    assert all(graph == graphs[0] for graph in graphs)


@pytest.mark.parametrize("path", ["", "ontology", "shapes", "dataset", "sparql", "graph/agendas", "doc/issue"])
def test_rdflib_parses_documents_in_every_format(server: str, path: str) -> None:
    """Blank nodes are named anew at each reading, so that graphs with them are compared by size."""
    sizes = {len(rdflib.Graph().parse(f"{server}/{path}", format=form)) for form in FORMATS}
    assert len(sizes) == 1
    assert sizes.pop() > 5


@pytest.fixture
def dataset(server: str) -> rdflib.ConjunctiveGraph:
    return rdflib.ConjunctiveGraph(SPARQLStore(f"{server}/sparql", context_aware=True))


def test_rdflib_store_lists_named_graphs(dataset: rdflib.ConjunctiveGraph) -> None:
    named = {str(graph.identifier) for graph in dataset.contexts()}
    assert {f"{BASE}ontology", f"{BASE}shapes", f"{BASE}graph/coalitions"} <= named


def test_rdflib_store_finds_graph_of_statement(dataset: rdflib.ConjunctiveGraph) -> None:
    found = {str(graph.identifier) for graph in dataset.contexts((THING, rdflib.SKOS.prefLabel, None))}
    assert found == {f"{BASE}graph/coalitions"}


def test_rdflib_store_reads_one_named_graph(server: str) -> None:
    store = SPARQLStore(f"{server}/sparql", context_aware=True)
    graph = rdflib.Graph(store, identifier=rdflib.URIRef(f"{BASE}graph/agendas"))
    assert len(graph) == len(rdflib.Graph().parse(f"{server}/graph/agendas"))
    assert set(graph) == set(rdflib.Graph().parse(f"{server}/graph/agendas"))


def asked(server: str, query: str, form: str, method: str = "GET", request: str = "") -> Any:
    asking = SPARQLWrapper(f"{server}/sparql")
    asking.setQuery(query)
    asking.setReturnFormat(form)
    asking.setMethod(method)
    if request:
        asking.setRequestMethod(request)
    return asking.query()


SENT: Final = [("GET", ""), (POST, ""), (POST, POSTDIRECTLY)]


@pytest.mark.parametrize(("method", "request_method"), SENT)
@pytest.mark.parametrize(
    ("form", "content_type"),
    [(JSON, "sparql-results+json"), (XML, "sparql-results+xml"), (CSV, "text/csv"), (TSV, "text/tab-separated-values")],
)
@pytest.mark.parametrize("query", ["ASK { ?s ?p ?o }", f"SELECT ?l {{ <{THING}> <{SKOS}prefLabel> ?l }}"])
def test_sparqlwrapper_gets_rows_and_boolean_in_named_format(
    server: str, query: str, form: str, content_type: str, method: str, request_method: str
) -> None:
    response = asked(server, query, form, method, request_method)
    assert content_type in response.info()["content-type"]
    assert (b"true" if query.startswith("ASK") else b"Fair Wages Coalition") in response.response.read()


@pytest.mark.parametrize(("method", "request_method"), SENT)
@pytest.mark.parametrize(
    ("form", "content_type"),
    [
        (TURTLE, "text/turtle"),
        (N3, "text/turtle"),
        (RDFXML, "rdf+xml"),
        (XML, "rdf+xml"),
        (JSONLD, "ld+json"),
    ],
)
@pytest.mark.parametrize("query", [f"DESCRIBE <{THING}>", "CONSTRUCT WHERE { ?s <" + VOCABULARY + "advances> ?a }"])
def test_sparqlwrapper_gets_graphs_in_named_format(
    server: str, query: str, form: str, content_type: str, method: str, request_method: str
) -> None:
    response = asked(server, query, form, method, request_method)
    media_type = response.info()["content-type"].partition(";")[0]
    assert content_type in media_type
    graph = rdflib.Graph().parse(data=response.response.read(), format=media_type)
    assert list(graph.objects(THING, rdflib.URIRef(VOCABULARY + "advances")))


@pytest.mark.parametrize(
    ("query", "error", "words"),
    [
        ("SELECT * { ?s ?p", QueryBadFormed, "Line 1, column"),
        ("SELECT * { SERVICE <urn:x> { ?s ?p ?o } }", Exception, "403|Forbidden"),
    ],
)
def test_sparqlwrapper_raises_on_error(server: str, query: str, error: Any, words: str) -> None:
    with pytest.raises(error, match=words) as raised:
        asked(server, query, JSON)
    for answer in (raised.value, raised.value.__context__):
        if isinstance(answer, HTTPError):  # SPARQLWrapper leaves it open.
            answer.close()
    assert not isinstance(raised.value, EndPointInternalError)
