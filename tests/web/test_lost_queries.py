"""Requests that lost their query, mostly on a redirect: an error that states it, never a graph as results."""

import pytest
import rdflib
from support.asgi_client import Client, open_app
from support.each import each

from publisher.formats import FORM, SPARQL_QUERY
from publisher.release.store import Store
from publisher.settings import Settings

RDFLIB = "application/sparql-results+xml,application/sparql-results+json,application/rdf+xml,text/turtle"


@each(
    "accept",
    [
        "application/sparql-results+json",
        "application/sparql-results+json,application/json,text/javascript,application/javascript",
        "application/sparql-results+xml, application/rdf+xml;q=0.9",
        "text/csv;q=1.0, */*;q=0.1",
        RDFLIB,
        "application/rdf+xml, application/sparql-results+xml",  # rdflib's SPARQLStore
        "text/turtle, application/rdf+xml, application/sparql-results+xml",
    ],
)
def test_results_without_query_return_400(client: Client, accept: str) -> None:
    response = client.get("/sparql", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert "redirect" in response.json["detail"]


@each(
    ("accept", "media_type"),
    [
        ("text/turtle, application/rdf+xml, application/sparql-results+xml;q=0.9", "text/turtle"),
        ("application/n-triples;q=0.9, application/sparql-results+json;q=0.6", "application/n-triples"),
        ("application/rdf+xml, */*;q=0.1", "application/rdf+xml"),
        ("application/*", "application/ld+json"),
        ("application/json", "application/ld+json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("*/*", "text/turtle"),
        ("", "text/turtle"),
    ],
)
def test_graph_or_page_without_query_returns_description(client: Client, accept: str, media_type: str) -> None:
    response = client.get("/sparql", headers={"Accept": accept} if accept else {})
    assert (response.status_code, response.mimetype) == (200, media_type)


@pytest.mark.parametrize("name", ["csv", "json", "tsv"])
def test_format_parameter_for_results_without_query_returns_400(client: Client, name: str) -> None:
    assert client.get(f"/sparql?format={name}").status_code == 400


@each("accept", ["", "text/csv", "text/html"])
@each(
    ("sent", "meant"),
    [
        ("qurey=ASK%7B%7D", "query"),
        ("Query=ASK%7B%7D", "query"),
        ("QUERY=ASK%7B%7D", "query"),
        ("quer%79y=ASK%7B%7D", "query"),
        ("q=ASK%7B%7D", "query"),
        ("sparql=ASK%7B%7D", "query"),
        ("query=ASK%7B%7D&default_graph_uri=urn%3Aa", "default-graph-uri"),
        ("query=ASK%7B%7D&named-graph-url=urn%3Aa", "named-graph-uri"),
    ],
)
def test_misspelled_parameter_returns_400_with_suggestion(client: Client, sent: str, meant: str, accept: str) -> None:
    response = client.get(f"/sparql?{sent}", headers={"Accept": accept} if accept else {})
    assert response.status_code == 400
    assert f"Did you mean {'<code>' if accept == 'text/html' else '`'}{meant}" in response.text
    posted = client.post("/sparql", data=sent, content_type=FORM)
    assert (posted.status_code, meant in posted.text) == (400, True)


@each("name", ["user", "question", "questions", "results", "graph", "timeout", "x" * 5000, "q"])
def test_parameters_of_other_programs_are_ignored(client: Client, name: str) -> None:
    assert client.get(f"/sparql?query=ASK%7B%7D&{name}=1").status_code == 200


@pytest.mark.parametrize("content_type", [None, FORM, SPARQL_QUERY])
def test_post_without_body_returns_400(client: Client, content_type: str | None) -> None:
    response = client.post("/sparql", headers={"Accept": "text/turtle"}, content_type=content_type)
    assert response.status_code == 400
    assert "redirect" in response.json["detail"]


def test_dataset_names_endpoint_if_public_url_is_set(client: Client, settings: Settings, store: Store) -> None:
    named = []
    for one in (client, open_app(settings.having(public_url="https://host.example/coalitions/"), store).test_client()):
        text = one.get("/dataset.ttl").text
        graph = rdflib.Graph().parse(data=text, format="turtle")
        named += [[str(iri) for iri in graph.objects(None, rdflib.VOID.sparqlEndpoint)]]
    assert named == [["https://w3id.org/ma-coalitions/sparql"], ["https://host.example/coalitions/sparql"]]


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip"])
def test_compressed_body_returns_415_with_accept_encoding(client: Client, coding: str) -> None:
    response = client.post("/sparql", data=b"\x1f\x8b", content_type=SPARQL_QUERY, headers={"Content-Encoding": coding})
    assert (response.status_code, response.headers["Accept-Encoding"]) == (415, "identity")


def test_identity_encoded_body_is_read(client: Client) -> None:
    sent = {"Content-Encoding": "identity"}
    assert client.post("/sparql", data=b"ASK {}", content_type=SPARQL_QUERY, headers=sent).json["boolean"]


@pytest.mark.parametrize(
    ("accept", "text", "media_type"),
    [
        (
            "application/n-triples;q=0.9, text/turtle;q=0.8, application/sparql-results+json;q=0.6",
            "SELECT * {}",
            "application/sparql-results+json",
        ),
        ("text/csv; q=1.0, */*; q=0.1", "SELECT * {}", "text/csv"),
        ("text/boolean, application/sparql-results+json;q=0.7", "ASK {}", "application/sparql-results+json"),
    ],
)
def test_accept_headers_of_known_clients(client: Client, accept: str, text: str, media_type: str) -> None:
    response = client.get("/sparql", query_string={"query": text}, headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, media_type)
