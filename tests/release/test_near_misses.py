"""Addresses that nearly name a thing: redirects where it is certain, suggestions where it is not; merged things."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import pytest
from support.asgi_client import Client, OpenApp, open_app
from support.each import each

from publisher.settings import Settings

BASE = "https://w3id.org/ma-coalitions/"
MERGED = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix coalition: <https://w3id.org/ma-coalitions/id/coalition/> .
coalition:older dcterms:isReplacedBy coalition:clear-water .
coalition:moved-away dcterms:isReplacedBy <https://example.org/elsewhere> .
coalition:moved-to-a-script dcterms:isReplacedBy <javascript://example.org/%0aalert(1)> .
coalition:moved-far dcterms:isReplacedBy <https://example.org/\N{LATIN SMALL LETTER L WITH STROKE}> .
"""


@each(
    ("path", "target"),
    [
        ("id/coalition/clear-water/", "id/coalition/clear-water"),
        ("id/Coalition/Clear-Water", "id/coalition/clear-water"),
        ("doc/coalition/clear-water/", "doc/coalition/clear-water"),
        ("doc/coalition/Clear-Water.TTL", "doc/coalition/clear-water.ttl"),
        ("doc/COALITION/clear-water.jsonld/", "doc/coalition/clear-water.jsonld"),
        ("doc/coalition/", "doc/coalition"),
        ("doc/Coalition.html", "doc/coalition.html"),
    ],
)
def test_other_spelling_redirects_relatively(client: Client, path: str, target: str) -> None:
    response = client.get(f"/{path}")
    assert response.status_code == 301
    assert "://" not in response.headers["Location"]
    assert urljoin(f"http://host/prefix/{path}", response.headers["Location"]) == f"http://host/prefix/{target}"
    assert client.get(f"/{target}", headers={"Accept": "text/turtle"}).status_code in (200, 303)


@each(
    ("path", "meant"),
    [
        ("id/coalition/clear-watter", "id/coalition/clear-water"),
        ("id/coalition/clear", "id/coalition/clear-water"),
        ("id/coalition/fwc", "id/coalition/fair-wages-coalition"),
        ("id/coalition/FWC", "id/coalition/fair-wages-coalition"),
        ("id/coalition/night-bus", "id/coalition/night-bus-coalition"),
        ("id/organization/clear-water", "id/coalition/clear-water"),
        ("id/coalitions/clear-water", "id/coalition/clear-water"),
        ("doc/coalition/clear-watter", "doc/coalition/clear-water"),
        ("doc/coalition/clear-watter.ttl", "doc/coalition/clear-water"),
        ("doc/issue/rent-stabilization", "doc/issue/rent-control"),
        ("id/clear-water", "id/coalition/clear-water"),
        ("doc/clear-water.ttl", "doc/coalition/clear-water"),
        ("doc/coalitions", "doc/coalition"),
        ("doc/coallition.csv", "doc/coalition"),
        ("id/coalition", "doc/coalition"),
        ("id/coalition/", "doc/coalition"),
        ("id/Bills", "doc/bill"),
    ],
)
def test_near_miss_returns_404_with_suggestions(client: Client, path: str, meant: str) -> None:
    response = client.get(f"/{path}", headers={"Accept": "application/json"})
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    assert response.json["suggestions"][0] == BASE + meant


def test_page_names_suggested_list(client: Client) -> None:
    response = client.get("/doc/coalitions", headers={"Accept": "text/html"})
    assert '<a href="../doc/coalition">Coalitions</a>' in response.text


@pytest.mark.parametrize("path", ["id/coalition/clear-watter", "doc/coalition/clear-watter", "doc/x/clear-water.html"])
def test_near_miss_page_links_suggestions(client: Client, path: str) -> None:
    response = client.get(f"/{path}", headers={"Accept": "text/html"})
    folder = path.partition("/")[0]
    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert f'<a href="../../{folder}/coalition/clear-water">Clear Water</a>' in response.text


@each("path", ["id/coalition/zzzzzzzz", "doc/zzz", "id/zzz/", "id/a/b/c/d", "doc/a/b/c/d", "id/"])
def test_unlike_anything_returns_404_without_suggestions(client: Client, path: str) -> None:
    response = client.get(f"/{path}")
    assert response.status_code == 404
    assert "suggestions" not in response.json


@pytest.fixture(scope="module")
def merged(fork: Callable[..., Path], opened: Callable[..., OpenApp]) -> OpenApp:
    return opened(fork({"data/retired.ttl": MERGED}))


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("id/coalition/older", "http://host.example/mount/id/coalition/clear-water"),
        ("doc/coalition/older.ttl", "http://host.example/mount/doc/coalition/clear-water.ttl"),
        ("id/coalition/moved-away", "https://example.org/elsewhere"),
    ],
)
def test_merged_thing_redirects_to_absolute_address(merged: OpenApp, path: str, target: str) -> None:
    forwarded = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    response = merged.test_client().get(f"/{path}", base_url="http://host.example/mount", headers=forwarded)
    assert (response.status_code, response.headers["Location"]) == (308, target)


def test_merged_thing_redirects_below_public_url(merged: OpenApp, settings: Settings) -> None:
    public = open_app(settings.having(public_url="https://public.example/data"), merged.resources.store)
    response = public.test_client().get("/id/coalition/older")
    assert response.headers["Location"] == "https://public.example/data/id/coalition/clear-water"


def test_merged_thing_in_other_case_redirects(merged: OpenApp) -> None:
    response = merged.test_client().get("/id/coalition/Older")
    assert (response.status_code, response.headers["Location"]) == (301, "../../id/coalition/older")


def test_merged_thing_redirect_is_ascii(merged: OpenApp) -> None:
    response = merged.test_client().get("/id/coalition/moved-far")
    assert (response.status_code, response.headers["Location"]) == (308, "https://example.org/%C5%82")


@pytest.mark.parametrize("path", ["id/coalition/moved-to-a-script", "doc/coalition/moved-to-a-script.ttl"])
def test_successor_that_is_not_http_gets_no_redirect(merged: OpenApp, path: str) -> None:
    response = merged.test_client().get(f"/{path}", headers={"Accept": "application/json"})
    assert (response.status_code, "Location" in response.headers) == (410, False)


@each(
    ("address", "location"),
    [
        ("/id/Coalition/Clear-Water?x=1&y=%26", "../../id/coalition/clear-water?x=1&y=%26"),
        ("/id/coalition/clear-water?format=jsonld", "../../doc/coalition/clear-water?format=jsonld"),
        ("/doc/coalition/Clear-Water?format=jsonld", "../../doc/coalition/clear-water?format=jsonld"),
        ("/id/coalition/older?a=b", "http://localhost/id/coalition/clear-water?a=b"),
        ("/id/coalition/moved-away?a=b", "https://example.org/elsewhere"),
        (f"/id/coalition/clear-water?{'x' * 5000}", "../../doc/coalition/clear-water"),
    ],
)
def test_redirect_keeps_query_string(merged: OpenApp, address: str, location: str) -> None:
    assert merged.test_client().get(address).headers["Location"] == location


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [("/rule", 303, "shapes"), ("/rule/", 303, "../shapes"), ("/problem/", 301, "../problem")],
)
def test_rule_and_problem_folders_redirect_to_lists(client: Client, path: str, status: int, location: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.headers["Location"]) == (status, location)


@each("path", ["dataset", "ontology", "shapes", "graph", "docs", "about", "changes", "sparql"])
def test_slash_at_the_end_redirects_where_the_address_is_known(client: Client, path: str) -> None:
    response = client.get(f"/{path}/?format=ttl", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.headers["Location"]) == (301, f"../{path}?format=ttl")
    assert client.get(f"/{path}-unknown/").status_code == 404


def test_slash_at_the_end_keeps_the_method_and_body_of_a_query(client: Client) -> None:
    response = client.post("/sparql/", data={"query": "ASK {}"})
    assert (response.status_code, response.headers["Location"]) == (308, "../sparql")
    assert client.post("/nothing/").status_code in {404, 405}
