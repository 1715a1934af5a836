"""Signposting: the typed links of pages, data and files, and link sets."""

from collections import defaultdict
from urllib.parse import urljoin

import pytest
from support.asgi_client import Client
from werkzeug.http import parse_options_header

BASE = "https://w3id.org/ma-coalitions/"
THING = "id/coalition/clear-water"
PAGE = "doc/coalition/clear-water"
SCHEMA = "https://schema.org/"


def links(client: Client, path: str, accept: str = "*/*", method: str = "HEAD") -> dict[str, set[tuple[str, str]]]:
    """The links of a response by relation: (absolute reference, media type)."""
    response = client.open(f"/{path}", method=method, headers={"Accept": accept})
    assert response.status_code == 200
    found = defaultdict(set)
    for value in response.headers["Link"].split(", <"):
        target, _, rest = value.removeprefix("<").partition(">")
        _, options = parse_options_header("x" + rest)
        found[options["rel"]].add((urljoin(BASE + path, target), options.get("type", "")))
    return found


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_page_leads_to_its_data(client: Client, method: str) -> None:
    found = links(client, f"{PAGE}.html", method=method)
    assert found["cite-as"] == {(BASE + THING, "")}
    assert {(SCHEMA + "AboutPage", ""), (SCHEMA + "Organization", "")} <= found["type"]
    assert ("http://creativecommons.org/publicdomain/zero/1.0/", "") in found["license"]
    assert found["describedby"] == {
        (f"{BASE}{PAGE}.ttl", "text/turtle"),
        (f"{BASE}{PAGE}.jsonld", "application/ld+json"),
        (f"{BASE}{PAGE}.nt", "application/n-triples"),
        (f"{BASE}{PAGE}.rdf", "application/rdf+xml"),
    }
    assert found["collection"] == {(BASE + "dataset", "")}
    assert found["linkset"] == {(f"{BASE}{PAGE}.linkset", "application/linkset+json")}


def test_data_leads_to_its_page(client: Client) -> None:
    found = links(client, f"{PAGE}.ttl")
    assert found["describes"] == {(f"{BASE}{PAGE}.html", "text/html")}
    assert found["cite-as"] == {(BASE + THING, "")}
    assert (SCHEMA + "AboutPage", "") not in found["type"]
    assert not found["describedby"]


@pytest.mark.parametrize("path", ["dataset.html", "download.html"])
def test_page_of_the_data_set_leads_to_files(client: Client, path: str) -> None:
    found = links(client, path)
    assert found["cite-as"] == {(BASE + "dataset", "")}
    assert (f"{BASE}download/ma-coalitions.ttl", "text/turtle") in found["item"]
    assert len(found["item"]) <= 10


def test_file_leads_to_its_page(client: Client) -> None:
    found = links(client, "download/ma-coalitions.ttl.gz")
    assert found["collection"] == {(BASE + "download.html", "text/html")}
    assert found["cite-as"] == {(BASE + "dataset", "")}


def test_link_set_has_the_links_of_page_data_and_files(client: Client) -> None:
    response = client.get("/download.linkset")
    assert response.headers["Content-Type"] == "application/linkset+json"
    contexts = {context.pop("anchor"): context for context in response.json["linkset"]}
    page = contexts[BASE + "download.html"]
    items = {item["href"]: item["type"] for item in page["item"]}
    assert items[f"{BASE}download/ma-coalitions.sqlite"] == "application/vnd.sqlite3"
    assert set(contexts) == {BASE + "download.html", *items, *(each["href"] for each in page["describedby"])}
    for item in items:
        assert contexts[item]["collection"] == [{"href": BASE + "download.html", "type": "text/html"}]
        assert client.head("/" + item.removeprefix(BASE)).status_code == 200


@pytest.mark.parametrize("path", [PAGE, "dataset", "ontology", "shapes", "graph/coalitions"])
def test_links_of_the_header_are_in_the_link_set(client: Client, path: str) -> None:
    contexts = {context.pop("anchor"): context for context in client.get(f"/{path}.linkset").json["linkset"]}
    for suffix in ("html", "ttl"):
        address = f"{path}.{suffix}"
        found = links(client, address)
        for relation in ("cite-as", "type", "license", "describedby", "describes", "item"):
            stated = {(each["href"], each.get("type", "")) for each in contexts[BASE + address].get(relation, [])}
            assert found[relation] <= stated, relation


def test_lists_have_no_link_set(client: Client) -> None:
    assert client.get("/doc/coalition.linkset").status_code == 404
    assert client.get("/doc/coalition/nothing.linkset").status_code == 404
