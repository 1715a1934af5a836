"""Repeated queries: who revalidates never makes the same query run twice; only repeatable ones are tagged."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.asgi_client import Client, OpenApp, open_app

from publisher.release.resources import Resources
from publisher.release.store import Store
from publisher.settings import Settings
from publisher.sparql.engine import Query

ASK = "SELECT * { ?s a <https://w3id.org/ma-coalitions/ontology#Agenda> } ORDER BY ?s"
JSON = {"Accept": "application/sparql-results+json"}


def get(client: Client, query: str, headers: dict[str, str] = JSON, **more: str) -> Any:
    return client.get("/sparql", query_string={"query": query, **more}, headers=headers)


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "text/csv", "text/html"])
def test_query_etag_match_returns_304_without_running(client: Client, asked: list[Query], accept: str) -> None:
    first = get(client, ASK, {"Accept": accept})
    assert first.headers["ETag"].startswith('W/"')
    again = get(client, ASK, {"Accept": accept, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert len(asked) == 1


def test_query_etag_depends_on_query_dataset_and_format(client: Client) -> None:
    answers = [
        get(client, ASK),
        get(client, ASK + " "),
        get(client, ASK, {"Accept": "text/csv"}),
        get(client, ASK, {"Accept": "text/html"}),
        get(client, ASK, **{"default-graph-uri": "https://w3id.org/ma-coalitions/graph/agendas"}),
        get(client, ASK, **{"named-graph-uri": "https://w3id.org/ma-coalitions/graph/agendas"}),
    ]
    assert len({answer.headers["ETag"] for answer in answers}) == len(answers)


def test_query_etag_depends_on_shortcuts(
    client: Client, fork: Callable[..., Path], opened: Callable[..., OpenApp]
) -> None:
    """Derived statements are no part of the release, but of answers."""
    more = "# title: More\n# why: A reason.\nCONSTRUCT { <urn:a> <urn:b> 1 } { }\n"
    other = get(opened(fork({"data/shortcuts/99-more.rq": more})).test_client(), ASK)
    here = get(client, ASK)
    assert other.headers["Dataset-Release"] == here.headers["Dataset-Release"]
    assert other.headers["ETag"] != here.headers["ETag"]


def test_query_etag_depends_on_release(
    client: Client, fork: Callable[..., Path], opened: Callable[..., OpenApp], root: Path
) -> None:
    text = (root / "data" / "agendas.ttl").read_text().replace("Fair Work Agenda", "Fair Work")
    other = get(opened(fork({"data/agendas.ttl": text})).test_client(), ASK)
    here = get(client, ASK)
    assert other.data == here.data
    assert other.headers["ETag"] != here.headers["ETag"]
    assert other.headers["Dataset-Release"] != here.headers["Dataset-Release"]


CHANGING = [
    "SELECT (RAND() AS ?x) {}",
    "SELECT (now() AS ?x) {}",
    "SELECT (UUID( ) AS ?x) {}",
    "SELECT (STRUUID () AS ?x) {}",
    "SELECT (BNODE() AS ?x) {}",
    "CONSTRUCT { _:x <urn:p> ?s } WHERE { ?s a <https://w3id.org/ma-coalitions/ontology#Agenda> }",
    "CONSTRUCT { ?s <urn:p> [] } WHERE { ?s a <https://w3id.org/ma-coalitions/ontology#Agenda> }",
]


@pytest.mark.parametrize("query", CHANGING)
def test_nondeterministic_query_is_not_cached(client: Client, asked: list[Query], query: str) -> None:
    first = get(client, query, {"Accept": "*/*"})
    assert first.status_code == 200
    assert "ETag" not in first.headers
    assert first.headers["Cache-Control"] == "no-store"
    get(client, query, {"Accept": "*/*"})
    assert len(asked) == 2


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?now ?rand { ?s a 'NOW()', <urn:UUID()> , <urn:RAND> } # RAND()",
        "SELECT * { _:x a ?class . [] ?p ?o } LIMIT 1",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1",
    ],
)
def test_lookalikes_of_random_functions_are_cached(client: Client, query: str) -> None:
    assert get(client, query, {"Accept": "*/*"}).headers["ETag"].startswith('W/"')


def test_errors_have_no_etag(client: Client) -> None:
    first = get(client, "SELECT * {")
    assert first.status_code == 400
    assert "ETag" not in first.headers


def test_results_and_service_description_name_release(client: Client, app: OpenApp) -> None:
    resources: Resources = app.resources
    assert get(client, ASK).headers["Dataset-Release"] == resources.store.release
    assert resources.store.release in client.get("/sparql", headers={"Accept": "text/turtle"}).text


def test_post_ignores_if_none_match(client: Client) -> None:
    tag = get(client, ASK).headers["ETag"]
    answer = client.post("/sparql", data={"query": ASK}, headers=JSON | {"If-None-Match": tag})
    assert answer.status_code == 200


@pytest.mark.parametrize("cache_mb", [0, 8])
@pytest.mark.parametrize("accept", ["text/csv", "text/html"])
def test_not_modified_has_headers_of_result(settings: Settings, store: Store, cache_mb: int, accept: str) -> None:
    """Those that RFC 9110, section 15.4.5, asks for, and those that every response has."""
    client = open_app(settings.having(cache_mb=cache_mb), store).test_client()
    first = get(client, ASK, {"Accept": accept})
    again = get(client, ASK, {"Accept": accept, "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    kept = {name: value for name, value in first.headers.items() if name not in ("Content-Type", "Content-Length")}
    assert {"Cache-Control", "ETag", "Vary", "Access-Control-Allow-Origin", "Dataset-Release"} <= kept.keys()
    assert dict(again.headers) == kept
