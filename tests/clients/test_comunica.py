"""Comunica against real servers: as a SPARQL source, by dereferencing, and joining two data sets."""

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import rdflib
from support import fork_root
from support.node import environment, install, program

from publisher.formats import N_TRIPLES, RESULTS_JSON

LOCKED = Path(__file__).with_name("comunica")
"""The folder with package.json and package-lock.json, which pins every package by its hash."""
RUN_SECONDS = 120
MA = "https://w3id.org/ma-coalitions/"
SHARED = [f"{MA}id/issue/{slug}" for slug in ("minimum-wage", "clean-rivers")]
"""Issues that the other state's data set is made to map its own to."""
PREFIXES = f"PREFIX coal: <{MA}ontology#>\nPREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"

Rows = list[dict[str, str]]
Ask = Callable[..., Rows]


@pytest.fixture(scope="session")
def comunica() -> Path:
    """The command."""
    return install(LOCKED) / "@comunica" / "query-sparql" / "bin" / "query.js"


def run(comunica: Path, sources: Sequence[str], query: str, media_type: str) -> str:
    words = [program("node"), str(comunica), *sources, "-q", PREFIXES + query, "-t", media_type]
    done = subprocess.run(words, capture_output=True, text=True, timeout=RUN_SECONDS, env=environment())
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def ask(comunica: Path) -> Ask:
    """Asks sources and returns the rows, in no order: `ask(query, source, ...)`."""

    def asked(query: str, *sources: str) -> Rows:
        found: list[dict[str, Any]] = json.loads(run(comunica, sources, query, RESULTS_JSON.media_type))["results"][
            "bindings"
        ]
        return [{name: term["value"] for name, term in row.items()} for row in found]

    return asked


@pytest.fixture(scope="session")
def neighbour(
    serving: Callable[..., AbstractContextManager[Any]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a server over another state's data set, whose one issue is mapped to two of ours."""
    own = fork_root.FILES["data/issues.ttl"]
    mapped = "".join(f"    skos:exactMatch <{iri}> ;\n" for iri in SHARED)
    issues = own.replace("    skos:inScheme", mapped + "    skos:inScheme", 1)
    root = fork_root.build(tmp_path_factory.mktemp("neighbour"), {"data/issues.ttl": issues}, lean=True)
    with serving("--root", str(root)) as running:
        yield running.url


@pytest.mark.parametrize("kind", ["", "sparql@"], ids=["found by its description", "said to be an endpoint"])
def test_comunica_selects_and_asks(ask: Ask, server: str, kind: str) -> None:
    query = "SELECT ?agenda (COUNT(?c) AS ?n) { ?c coal:advances/skos:prefLabel ?agenda } GROUP BY ?agenda"
    assert sorted(int(row["n"]) for row in ask(query, f"{kind}{server}/sparql")) == [1, 2, 3]


def test_comunica_constructs_and_describes(comunica: Path, server: str) -> None:
    source = f"{server}/sparql"
    text = run(comunica, [source], "CONSTRUCT { ?c a coal:Coalition } { ?c a coal:Coalition }", N_TRIPLES.media_type)
    assert len(rdflib.Graph().parse(data=text, format="nt")) == 6


@pytest.mark.parametrize(
    "address", ["id/coalition/clear-water", "doc/coalition/clear-water", "doc/coalition/clear-water.ttl"]
)
def test_comunica_reads_thing_by_iri(ask: Ask, server: str, address: str) -> None:
    query = f"SELECT ?label {{ <{MA}id/coalition/clear-water> skos:prefLabel ?label }}"
    assert ask(query, f"{server}/{address}") == [{"label": "Clear Water"}]


def test_comunica_joins_documents(ask: Ask, server: str) -> None:
    """The vocabulary describes what a coalition's page only names."""
    query = f"""SELECT DISTINCT ?word {{ <{MA}id/coalition/clear-water> ?property ?value .
      ?property <http://www.w3.org/2000/01/rdf-schema#label> ?word }}"""
    found = ask(query, f"{server}/doc/coalition/clear-water", f"{server}/ontology")
    assert {"word": "works on"} in found


JOIN = "?theirs coal:worksOn ?mapped . ?mapped skos:exactMatch ?issue . ?ours coal:worksOn ?issue"


def expected(ask: Ask, server: str) -> set[str]:
    """The coalitions that the join has to find, from our endpoint alone."""
    listed = " ".join(f"<{iri}>" for iri in SHARED)
    rows = ask(f"SELECT ?ours {{ VALUES ?issue {{ {listed} }} ?ours coal:worksOn ?issue }}", f"{server}/sparql")
    return {row["ours"] for row in rows}


def test_comunica_joins_two_endpoints(ask: Ask, server: str, neighbour: str) -> None:
    """It plans with COUNT and ASK, and sends what one answers as part of its questions to the other."""
    rows = ask(f"SELECT ?theirs ?ours {{ {JOIN} }}", f"{server}/sparql", f"{neighbour}/sparql")
    ours = {row["ours"] for row in rows if row["ours"].startswith(MA)}
    assert ours == expected(ask, server)
    assert len(ours) > 3
    assert {row["theirs"] for row in rows} == {fork_root.COALITION}


def test_comunica_joins_endpoint_with_document(ask: Ask, server: str, neighbour: str) -> None:
    query = "SELECT DISTINCT ?ours { ?mapped skos:exactMatch ?issue . ?ours coal:worksOn ?issue }"
    rows = ask(query, f"{server}/sparql", f"{neighbour}/doc/issue/water")
    assert {row["ours"] for row in rows} - {fork_root.COALITION} == expected(ask, server)


def test_comunica_joins_values_over_two_endpoints(ask: Ask, server: str, neighbour: str) -> None:
    listed = f"<{SHARED[0]}> <{fork_root.BASE}id/issue/water>"
    query = f"SELECT DISTINCT ?issue ?label {{ VALUES ?issue {{ {listed} }} ?issue skos:prefLabel ?label }}"
    rows = ask(query, f"{server}/sparql", f"{neighbour}/sparql")
    assert {row["issue"] for row in rows} == {SHARED[0], f"{fork_root.BASE}id/issue/water"}


def test_comunica_counts_over_two_endpoints(ask: Ask, server: str, neighbour: str) -> None:
    query = "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?c a coal:Coalition }"
    assert ask(query, f"{server}/sparql", f"{neighbour}/sparql") == [{"n": "7"}]


def test_comunica_reports_syntax_error(comunica: Path, server: str) -> None:
    words = [
        program("node"),
        str(comunica),
        f"sparql@{server}/sparql",
        "-q",
        "SELECT * { SERVICE <urn:x> { ?s ?p ?o } }",
    ]
    done = subprocess.run(words, capture_output=True, text=True, timeout=RUN_SECONDS, env=environment())
    assert "problem/refused" in done.stderr
