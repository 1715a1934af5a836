"""Requests that lost their query, mostly on a redirect: an error that says so, never a graph as results."""

import pytest
import rdflib
from support.asgi_client import Client, open_app

from publisher.formats import FORM, SPARQL_QUERY
from publisher.release.store import Store
from publisher.settings import Settings

RDFLIB = "application/sparql-results+xml,application/sparql-results+json,application/rdf+xml,text/turtle"


@pytest.mark.parametrize(
    "accept",
    [
        "application/sparql-results+json",
        "application/sparql-results+json,application/json,text/javascript,application/javascript",
        "application/sparql-results+xml, application/rdf+xml;q=0.9",
        "text/csv;q=1.0, */*;q=0.1",
        RDFLIB,
    ],
)
def test_a_request_for_results_without_a_query_is_400(client: Client, accept: str) -> None:
    response = client.get("/sparql", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert "redirect" in response.json["detail"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/turtle, application/rdf+xml, application/sparql-results+xml", "text/turtle"),
        ("application/n-triples;q=0.9, application/sparql-results+json;q=0.6", "application/n-triples"),
        ("application/rdf+xml, */*;q=0.1", "application/rdf+xml"),
        ("application/*", "application/ld+json"),
        ("application/json", "application/ld+json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("*/*", "text/turtle"),
        ("", "text/turtle"),
    ],
)
def test_a_request_for_a_graph_or_a_page_gets_the_description(client: Client, accept: str, media_type: str) -> None:
    response = client.get("/sparql", headers={"Accept": accept} if accept else {})
    assert (response.status_code, response.mimetype) == (200, media_type)


@pytest.mark.parametrize("name", ["csv", "json", "tsv"])
def test_a_parameter_that_asks_for_results_counts_as_well(client: Client, name: str) -> None:
    assert client.get(f"/sparql?format={name}").status_code == 400


@pytest.mark.parametrize("content_type", [None, FORM, SPARQL_QUERY])
def test_a_post_without_a_body_is_400(client: Client, content_type: str | None) -> None:
    response = client.post("/sparql", headers={"Accept": "text/turtle"}, content_type=content_type)
    assert response.status_code == 400
    assert "redirect" in response.json["detail"]


def test_the_data_set_names_this_servers_endpoint_where_the_public_url_is_known(
    client: Client, settings: Settings, store: Store
) -> None:
    named = []
    for one in (client, open_app(settings.having(public_url="https://host.example/coalitions/"), store).test_client()):
        text = one.get("/dataset.ttl").text
        graph = rdflib.Graph().parse(data=text, format="turtle")
        named += [[str(iri) for iri in graph.objects(None, rdflib.VOID.sparqlEndpoint)]]
    assert named == [["https://w3id.org/ma-coalitions/sparql"], ["https://host.example/coalitions/sparql"]]


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, gzip"])
def test_a_compressed_body_is_415_and_says_what_is_accepted(client: Client, coding: str) -> None:
    response = client.post("/sparql", data=b"\x1f\x8b", content_type=SPARQL_QUERY, headers={"Content-Encoding": coding})
    assert (response.status_code, response.headers["Accept-Encoding"]) == (415, "identity")


def test_a_body_that_is_said_to_be_as_it_is_is_read(client: Client) -> None:
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
def test_lists_of_real_clients_get_the_kind_of_format_that_the_query_gives(
    client: Client, accept: str, text: str, media_type: str
) -> None:
    response = client.get("/sparql", query_string={"query": text}, headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, media_type)
