"""CONSTRUCT and DESCRIBE as JSON-LD: compact with the published context, a tree where there is one root."""

import json

import pyoxigraph as ox
from support.asgi_client import Client
from support.each import each

BASE = "https://w3id.org/ma-coalitions/"
SKOS = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>"
TREE = f"""{SKOS} PREFIX coal: <{BASE}ontology#>
CONSTRUCT {{ ?c skos:prefLabel ?name ; coal:worksOn ?issue . ?issue skos:prefLabel ?label }} WHERE {{
  VALUES ?c {{ <{BASE}id/coalition/clear-water> }}
  ?c skos:prefLabel ?name . OPTIONAL {{ ?c coal:worksOn ?issue . ?issue skos:prefLabel ?label }} }}"""
SEVERAL = f"{SKOS} CONSTRUCT {{ ?s skos:prefLabel ?o }} WHERE {{ ?s skos:prefLabel ?o }}"
CIRCLE = "CONSTRUCT { <urn:a> <urn:p> <urn:b> . <urn:b> <urn:p> <urn:a> } {}"
BLANK = "CONSTRUCT { <urn:a> <urn:p> _:b . _:b <urn:p> 1 } {}"
SELF = "CONSTRUCT { <urn:a> <urn:p> <urn:a>, 'x'@en, 2.50 } {}"
PREFIXED = "CONSTRUCT { <skos:a> <urn:p> <foaf:b> ; <coal:p> 1 } {}"
LIST = "CONSTRUCT { <urn:a> <urn:p> (1 2 <urn:b>), () } {}"
NOTHING = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(false) }"
CHAIN = "CONSTRUCT { " + " . ".join(f"<urn:{i}> <urn:p> <urn:{i + 1}>" for i in range(60)) + " } {}"


def ask(client: Client, text: str, media_type: str) -> str:
    response = client.get("/sparql", query_string={"query": text}, headers={"Accept": media_type})
    assert (response.status_code, response.mimetype) == (200, media_type)
    assert int(response.headers["Content-Length"]) == len(response.data)
    return response.text


def canonical(text: str, form: ox.RdfFormat) -> ox.Dataset:
    found = ox.Dataset(ox.parse(text, format=form))
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return found


@each("text", [TREE, SEVERAL, CIRCLE, BLANK, SELF, PREFIXED, LIST, NOTHING, CHAIN])
def test_compact_jsonld_is_same_graph(client: Client, text: str) -> None:
    expected = canonical(ask(client, text, "application/n-triples"), ox.RdfFormat.N_TRIPLES)
    assert canonical(ask(client, text, "application/ld+json"), ox.RdfFormat.JSON_LD) == expected


def test_graph_with_one_root_is_framed_as_tree(client: Client) -> None:
    found = json.loads(ask(client, TREE, "application/ld+json"))
    assert found["id"] == f"{BASE}id/coalition/clear-water"
    assert "prefLabel" in found
    assert "@graph" not in found


def test_graph_with_several_roots_is_framed_as_list(client: Client) -> None:
    found = json.loads(ask(client, SEVERAL, "application/ld+json"))
    assert len(found["@graph"]) > 1
    assert all("prefLabel" in node for node in found["@graph"])


def test_large_graph_is_complete_uncompacted(client: Client) -> None:
    text = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    found = ask(client, text, "application/ld+json")
    assert len(found) > 1 << 18
    rows = ask(client, text, "application/n-triples").splitlines()
    assert len(canonical(found, ox.RdfFormat.JSON_LD)) == len(set(rows))
