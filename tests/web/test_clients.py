"""Real clients against a real server: rdflib, its SPARQL store, SPARQLWrapper, urllib."""

import json
import urllib.request
from xml.dom.minidom import Document

import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed
from support.each import each

from publisher.rdf.namespaces import DCTERMS, FOAF, SD, SKOS, VOCABULARY

pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated, use Dataset:DeprecationWarning")  # rdflib's own use

BASE = "https://w3id.org/ma-coalitions/"
THING = rdflib.URIRef(f"{BASE}id/coalition/fair-wages-coalition")
AGENDA = rdflib.URIRef(f"{BASE}id/agenda/fair-work-agenda")
COUNTS = ["3", "2", "1"]
PER_AGENDA = f"""PREFIX coal: <{VOCABULARY}>
PREFIX skos: <{SKOS}>
SELECT ?agenda (COUNT(?coalition) AS ?coalitions) WHERE {{
  ?coalition coal:advances/skos:prefLabel ?agenda .  # 100% + more
}} GROUP BY ?agenda ORDER BY DESC(?coalitions)"""
CONSTRUCT = (
    f"CONSTRUCT {{ ?coalition <{VOCABULARY}advances> ?agenda }} WHERE {{ ?coalition <{VOCABULARY}advances> ?agenda }}"
)


def wrapper(server: str, query: str, form: str, method: str = "GET") -> SPARQLWrapper:
    found = SPARQLWrapper(f"{server}/sparql")
    found.setQuery(query)
    found.setReturnFormat(form)
    found.setMethod(method)
    return found


# rdflib


@pytest.mark.parametrize("form", [None, "turtle", "ttl", "n3", "nt", "xml", "json-ld"])
@pytest.mark.parametrize("path", ["id/coalition/fair-wages-coalition", "doc/coalition/fair-wages-coalition"])
def test_rdflib_parses_thing_by_iri(server: str, path: str, form: str | None) -> None:
    graph = rdflib.Graph().parse(f"{server}/{path}", format=form)
    assert str(graph.value(THING, rdflib.SKOS.prefLabel)) == "Fair Wages Coalition"
    assert AGENDA in set(graph.objects(THING, rdflib.URIRef(VOCABULARY + "advances")))
    assert (AGENDA, rdflib.SKOS.prefLabel, rdflib.Literal("Fair Work Agenda", lang="en")) in graph


def test_rdflib_parses_same_graph_in_every_format(server: str) -> None:
    graphs = [
        set(rdflib.Graph().parse(f"{server}/{THING[len(BASE) :]}", format=f)) for f in ("ttl", "nt", "xml", "json-ld")
    ]
    assert graphs[0]
    assert all(graph == graphs[0] for graph in graphs)


@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "nt", "rdf"])
@pytest.mark.parametrize("path", ["dataset", "doc/coalition/fair-wages-coalition"])
def test_rdflib_detects_format_of_fixed_address(server: str, path: str, suffix: str) -> None:
    assert len(rdflib.Graph().parse(f"{server}/{path}.{suffix}")) > 10


def test_rdflib_follows_page_to_jsonld(server: str) -> None:
    """Asked for JSON-LD and given a page, it follows the page's Link header."""
    graph = rdflib.Graph().parse(f"{server}/doc/coalition/fair-wages-coalition.html", format="json-ld")
    assert str(graph.value(THING, rdflib.SKOS.prefLabel)) == "Fair Wages Coalition"


def test_rdflib_parses_ontology_shapes_and_service(server: str) -> None:
    ontology = rdflib.Graph().parse(f"{server}/ontology")
    assert (rdflib.URIRef(VOCABULARY + "Coalition"), rdflib.RDF.type, rdflib.OWL.Class) in ontology
    shapes = rdflib.Graph().parse(f"{server}/shapes")
    assert list(shapes.subjects(rdflib.RDF.type, rdflib.SH.NodeShape))
    service = rdflib.Graph().parse(f"{server}/sparql")
    assert list(service.objects(None, rdflib.URIRef(SD + "endpoint"))) == [rdflib.URIRef(f"{server}/sparql")]


@each("method", ["GET", "POST", "POST_FORM"])
@each("form", ["json", "xml", "csv", "tsv"])
def test_rdflib_store_selects(server: str, method: str, form: str) -> None:
    store = SPARQLStore(f"{server}/sparql", method=method, returnFormat=form)
    rows = list(rdflib.Graph(store).query(PER_AGENDA))
    assert [str(row.coalitions) for row in rows] == COUNTS


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_store_asks_and_constructs(server: str, method: str) -> None:
    graph = rdflib.Graph(SPARQLStore(f"{server}/sparql", method=method))
    assert graph.query(f"ASK {{ <{THING}> ?p ?o }}").askAnswer is True
    assert graph.query("ASK { <urn:none> ?p ?o }").askAnswer is False
    constructed = graph.query(CONSTRUCT).graph
    assert constructed is not None
    assert len(constructed) == 6
    assert (THING, None, AGENDA) in constructed


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_rdflib_store_works_as_graph(server: str, method: str) -> None:
    store = SPARQLStore(f"{server}/sparql", method=method)
    whole = rdflib.Graph(store)
    assert str(whole.value(THING, rdflib.SKOS.prefLabel)) == "Fair Wages Coalition"
    agendas = rdflib.Graph(store, identifier=f"{BASE}graph/agendas")
    assert AGENDA in set(agendas.subjects(rdflib.SKOS.prefLabel))
    assert THING not in set(agendas.subjects(rdflib.SKOS.prefLabel))


# SPARQLWrapper


@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper_reads_json(server: str, method: str) -> None:
    found = wrapper(server, PER_AGENDA, JSON, method).queryAndConvert()
    assert [row["coalitions"]["value"] for row in found["results"]["bindings"]] == COUNTS


def test_sparqlwrapper_posts_query_directly(server: str) -> None:
    asking = wrapper(server, PER_AGENDA, JSON, POST)
    asking.setRequestMethod(POSTDIRECTLY)
    found = asking.queryAndConvert()
    assert [row["coalitions"]["value"] for row in found["results"]["bindings"]] == COUNTS


def test_sparqlwrapper_reads_xml_by_default(server: str) -> None:
    asking = SPARQLWrapper(f"{server}/sparql")
    asking.setQuery(PER_AGENDA)
    found = asking.queryAndConvert()
    assert isinstance(found, Document)
    assert [node.firstChild.data for node in found.getElementsByTagName("literal")][1::2] == COUNTS
    assert isinstance(wrapper(server, PER_AGENDA, XML).queryAndConvert(), Document)


@each(("form", "delimiter"), [(CSV, ","), (TSV, "\t")])
@each("method", ["GET", POST])
def test_sparqlwrapper_reads_tables(server: str, form: str, delimiter: str, method: str) -> None:
    text = wrapper(server, PER_AGENDA, form, method).queryAndConvert().decode()
    assert [line.rpartition(delimiter)[2] for line in text.splitlines()[1:]] == COUNTS


@each(("form", "parser"), [(TURTLE, "turtle"), (N3, "turtle"), (JSONLD, None), (RDFXML, None)])
@each("method", ["GET", POST])
def test_sparqlwrapper_reads_graphs(server: str, form: str, parser: str | None, method: str) -> None:
    found = wrapper(server, CONSTRUCT, form, method).queryAndConvert()
    graph = rdflib.Graph().parse(data=found, format=parser) if parser else found
    assert len(graph) == 6
    assert (THING, None, AGENDA) in graph


def test_sparqlwrapper_reads_describe_result(server: str) -> None:
    graph = wrapper(server, f"DESCRIBE <{THING}>", RDFXML).queryAndConvert()
    assert (THING, rdflib.URIRef(FOAF + "homepage"), rdflib.URIRef("https://www.fairwages.example/")) in graph


@pytest.mark.parametrize(
    ("query", "expected"), [(f"ASK {{ <{THING}> ?p ?o }}", True), ("ASK { <urn:no> ?p ?o }", False)]
)
def test_sparqlwrapper_asks(server: str, query: str, expected: bool) -> None:
    assert wrapper(server, query, JSON).queryAndConvert()["boolean"] is expected


def test_sparqlwrapper_sets_default_graph(server: str) -> None:
    asking = wrapper(server, "SELECT DISTINCT ?type { ?s a ?type }", JSON)
    asking.addDefaultGraph(f"{BASE}graph/agendas")
    found = {row["type"]["value"] for row in asking.queryAndConvert()["results"]["bindings"]}
    assert VOCABULARY + "Agenda" in found
    assert VOCABULARY + "Coalition" not in found


def test_sparqlwrapper_raises_on_syntax_error(server: str) -> None:
    with pytest.raises(QueryBadFormed, match="Line 1, column"):
        wrapper(server, "SELECT * { ?s ?p }", JSON).query()


# urllib


@pytest.mark.parametrize(
    ("accept", "suffix", "content_type"),
    [
        ("text/turtle", "", "text/turtle; charset=utf-8"),
        ("application/ld+json", "", "application/ld+json"),
        ("text/html", "", "text/html; charset=utf-8"),
    ],
)
def test_urllib_follows_thing_to_document(server: str, accept: str, suffix: str, content_type: str) -> None:
    request = urllib.request.Request(f"{server}/id/coalition/fair-wages-coalition", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=20) as response:
        assert response.url == f"{server}/doc/coalition/fair-wages-coalition{suffix}"
        assert response.headers["Content-Type"] == content_type
        assert b"Fair Wages Coalition" in response.read()


def test_urllib_follows_part_to_document(server: str) -> None:
    address = f"{server}/id/coalition/fair-wages-coalition/account/facebook"
    with urllib.request.urlopen(address, timeout=20) as response:
        assert response.url.startswith(f"{server}/doc/coalition/fair-wages-coalition")
        assert b"FairWages on Facebook" in response.read()


def test_urllib_follows_well_known_void(server: str) -> None:
    with urllib.request.urlopen(f"{server}/.well-known/void", timeout=20) as response:
        graph = rdflib.Graph().parse(data=response.read(), format="turtle")
    dataset = rdflib.URIRef(f"{BASE}dataset")
    assert str(graph.value(dataset, rdflib.URIRef(DCTERMS + "title"))) == "Arcadia Coalitions"
    assert graph.value(dataset, rdflib.VOID.sparqlEndpoint) is not None


def test_context_works_by_url(server: str) -> None:
    with urllib.request.urlopen(f"{server}/context.jsonld", timeout=20) as response:
        assert response.headers.get_content_type() == "application/ld+json"
        context = json.load(response)
    assert context["@context"]["advances"]["@id"] == "coal:advances"
    document = {"@context": f"{server}/context.jsonld", "id": str(THING), "advances": str(AGENDA)}
    graph = rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
    assert set(graph) == {(THING, rdflib.URIRef(VOCABULARY + "advances"), AGENDA)}
