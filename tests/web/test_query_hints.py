"""Results without rows: the header that explains them, and the line on the page."""

import json

import pytest
from support.asgi_client import Client
from support.each import each

PREFIX = "PREFIX coal: <https://w3id.org/ma-coalitions/ontology#> "
MISSPELT = PREFIX + "SELECT * { ?x a coal:Coaliton }"
BROWSER = {"Accept": "text/html"}


@each(
    "media_type",
    [
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    ],
)
def test_empty_result_has_hint_header(client: Client, media_type: str) -> None:
    for _ in range(2):  # answered, then kept
        response = client.get("/sparql", query_string={"query": MISSPELT}, headers={"Accept": media_type})
        [hint] = json.loads(response.headers["Query-Hints"])
        assert (response.status_code, "Did you mean `coal:Coalition`?" in hint) == (200, True)
    assert "Query-Hints" in response.headers["Access-Control-Expose-Headers"]


@each("media_type", ["text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml"])
def test_empty_graph_has_hint(client: Client, media_type: str) -> None:
    text = PREFIX + "CONSTRUCT { ?x a coal:Coaliton } { ?x a coal:Coaliton }"
    response = client.get("/sparql", query_string={"query": text}, headers={"Accept": media_type})
    assert len(json.loads(response.headers["Query-Hints"])) == 1


@each(
    "text",
    [
        "SELECT (COUNT(*) AS ?n) { ?s <urn:none> ?o }",
        "SELECT (MAX(?o) AS ?m) (COUNT(*) AS ?n) (GROUP_CONCAT(?o) AS ?g) (SUM(?o) AS ?s) { ?s <urn:none> ?o }",
        "SELECT ?s ?o { OPTIONAL { ?s <urn:none> ?o } }",
    ],
)
@each("suffix", ["json", "xml", "csv", "tsv"])
def test_row_of_zeros_and_unbound_variables_has_hint(client: Client, text: str, suffix: str) -> None:
    response = client.get(f"/sparql.{suffix}", query_string={"query": text})
    assert json.loads(response.headers["Query-Hints"]) == ["The data set has no `<urn:none>`."]
    page = client.get("/sparql", query_string={"query": text}, headers=BROWSER).text
    assert "The data set has no <code>&lt;urn:none&gt;</code>." in page


def test_false_ask_has_hint(client: Client) -> None:
    response = client.get("/sparql", query_string={"query": PREFIX + "ASK { ?x a coal:Coaliton }"})
    assert "coal:Coalition" in response.headers["Query-Hints"]


@each(
    "text",
    [
        PREFIX + "SELECT * { ?x a coal:Coalition OPTIONAL { ?x coal:nothing ?y } }",
        "SELECT (10 AS ?n) { OPTIONAL { ?s <urn:none> ?o } }",
        "ASK {}",
        "SELECT * {}",
    ],
)
@each("media_type", ["application/sparql-results+json", "application/sparql-results+xml", "text/csv"])
def test_result_with_rows_has_no_hints(client: Client, text: str, media_type: str) -> None:
    response = client.get("/sparql", query_string={"query": text}, headers={"Accept": media_type})
    assert (response.status_code, response.headers.get("Query-Hints")) == (200, None)


def test_page_shows_hints(client: Client) -> None:
    page = client.get("/sparql", query_string={"query": MISSPELT}, headers=BROWSER).text
    assert "Did you mean <code>coal:Coalition</code>?" in page.partition('id="answer"')[2]


@pytest.mark.parametrize(("name", "words"), [("csv", "<code>sparql.csv</code>"), ("bogus", "names no format")])
def test_page_reports_parameter_without_effect(client: Client, name: str, words: str) -> None:
    response = client.get("/sparql", query_string={"query": "ASK {}", "format": name}, headers=BROWSER)
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert words in response.text.partition('id="answer"')[2]
    plain = client.get("/sparql", query_string={"query": "ASK {}"}, headers=BROWSER)
    assert "The parameter" not in plain.text
