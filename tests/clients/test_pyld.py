"""A JSON-LD processor (PyLD) that loads documents and contexts over HTTP from a real server."""

from typing import Any

import pytest
from pyld import jsonld
from support.optional_packages import extra

from publisher.rdf.namespaces import SKOS, VOCABULARY

BASE = "https://w3id.org/ma-coalitions/"
THING = f"{BASE}id/coalition/clear-water"
DOCUMENTS = ["id/coalition/clear-water", "doc/coalition/clear-water", "doc/coalition/clear-water.jsonld"]


@pytest.fixture(scope="module")
def options() -> dict[str, Any]:
    """With a loader that sends what PyLD's sends: its own (3.3) stops at a response with several `alternate` links."""
    requests = extra("requests")

    def load(url: str, _: Any) -> dict[str, Any]:
        response = requests.get(url, headers={"Accept": "application/ld+json, application/json"}, timeout=20)
        response.raise_for_status()
        about = {"contentType": response.headers["Content-Type"], "contextUrl": None, "documentUrl": response.url}
        return about | {"document": response.json()}

    return {"documentLoader": load}


@pytest.mark.parametrize("path", DOCUMENTS)
def test_pyld_expands_thing_by_iri(server: str, options: dict[str, Any], path: str) -> None:
    thing = next(node for node in jsonld.expand(f"{server}/{path}", options) if node.get("@id") == THING)
    assert thing[f"{SKOS}prefLabel"] == [{"@value": "Clear Water", "@language": "en"}]


@pytest.mark.parametrize("path", ["", "dataset", "ontology", "shapes", "sparql", "doc/coalition"])
def test_pyld_expands_documents(server: str, options: dict[str, Any], path: str) -> None:
    assert jsonld.expand(f"{server}/{path}", options)


def test_pyld_reads_same_statements(server: str, options: dict[str, Any]) -> None:
    requests = extra("requests")
    read = jsonld.to_rdf(f"{server}/{DOCUMENTS[0]}", options | {"format": "application/n-quads"})
    written = requests.get(f"{server}/doc/coalition/clear-water.nt", timeout=20).content.decode()
    assert sorted(read.splitlines()) == sorted(written.splitlines())


def test_pyld_loads_context(server: str) -> None:
    extra("requests")
    options = {"documentLoader": jsonld.requests_document_loader(timeout=20)}
    document = {"@context": f"{server}/context.jsonld", "id": THING, "advances": [f"{BASE}id/agenda/x"]}
    expanded = jsonld.expand(document, options)
    assert expanded == [{"@id": THING, f"{VOCABULARY}advances": [{"@id": f"{BASE}id/agenda/x"}]}]
    assert jsonld.compact(expanded, document["@context"], options) == document


def test_pyld_frames_document(server: str, options: dict[str, Any]) -> None:
    frame = {"@context": f"{server}/context.jsonld", "id": THING, "advances": {"@embed": "@always"}}
    framed = jsonld.frame(f"{server}/{DOCUMENTS[0]}", frame, options)
    assert framed["id"] == THING
    assert framed["advances"][0]["prefLabel"]
