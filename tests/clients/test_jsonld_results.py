"""JSON-LD processors on the results of queries: they read the statements that the other formats state."""

import json
import subprocess
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import pytest
from pyld import jsonld
from support.node import environment, install, program

BASE = "https://w3id.org/ma-coalitions/"
SCRIPT = Path(__file__).with_name("jsonld_js") / "to_rdf.js"
QUERIES = {
    "construct": f"CONSTRUCT WHERE {{ ?s a <{BASE}ontology#Coalition> ; ?p ?o }}",
    "describe": f"DESCRIBE <{BASE}id/coalition/fair-wages-coalition>",
    "language and types": 'CONSTRUCT { <urn:a> <urn:p> "x"@en-us, "1.5"^^<urn:t>, 2, true, "\\n" . } {}',
    "blank nodes": "CONSTRUCT { [] <urn:p> [ <urn:q> ( 1 2 ) ] } {}",
    "nothing": "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o FILTER(false) }",
}


def address(server: str, suffix: str, kind: str) -> str:
    return f"{server}/sparql.{suffix}?{urlencode({'query': QUERIES[kind]})}"


def get(url: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(url), timeout=30) as response:
        text: str = response.read().decode()
        return text


def expected(server: str, kind: str) -> list[str]:
    """The statements in N-Triples, with blank nodes named by their content."""
    flat = jsonld.from_rdf(get(address(server, "nt", kind)))
    return canonical(jsonld.normalize(flat, {"algorithm": "URDNA2015", "format": "application/n-quads"}))


def canonical(text: str) -> list[str]:
    return sorted(text.splitlines())


@pytest.fixture(scope="session")
def modules() -> Path:
    return install(SCRIPT.parent)


@pytest.mark.parametrize("kind", QUERIES)
def test_jsonld_js_reads_the_result_of_a_query(modules: Path, server: str, kind: str) -> None:
    words = [program("node"), str(SCRIPT), str(modules), address(server, "jsonld", kind), BASE, f"{server}/"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env=environment())
    assert done.returncode == 0, done.stderr
    assert canonical(done.stdout) == expected(server, kind)


@pytest.mark.parametrize("kind", QUERIES)
def test_pyld_reads_the_result_of_a_query(server: str, kind: str) -> None:
    def load(url: str, _: object) -> dict[str, object]:
        document = json.loads(get(url.replace(BASE, f"{server}/")))
        return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": document}

    options = {"documentLoader": load, "algorithm": "URDNA2015", "format": "application/n-quads"}
    text = jsonld.normalize(address(server, "jsonld", kind), options)
    assert canonical(text) == expected(server, kind)
