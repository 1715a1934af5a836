"""Foreign engines behind the site: the same documents, protocol and answers, but for the deviations that are listed."""

import re
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from engines_foreign.conftest import push
from engines_foreign.deviations import DEVIATIONS
from support.asgi_client import OpenApp

from publisher.dataset.repository import Repository
from publisher.settings import Settings

CSV, NT = "text/csv", "application/n-triples"
FORMS = {
    "SELECT ?s ?label { ?s a <ontology#Coalition> ; <http://www.w3.org/2004/02/skos/core#prefLabel> ?label }": (
        "application/sparql-results+json",
        "application/sparql-results+xml",
        CSV,
        "text/tab-separated-values",
    ),
    "CONSTRUCT { ?s a ?type } { ?s a ?type . ?type a <http://www.w3.org/2002/07/owl#Class> }": (
        "text/turtle",
        "application/ld+json",
        NT,
        "application/rdf+xml",
    ),
}
"""Queries, and the media types in which their answers are requested."""
GRAPHS = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
QUERIES = {
    "graphs": (GRAPHS, CSV, {}),
    "all-graphs": ("SELECT * { GRAPH ?g { ?s a <ontology#Coalition> } }", CSV, {}),
    "graph": ("SELECT ?s ?p { GRAPH <graph/coalitions> { ?s ?p ?o } }", CSV, {}),
    "no-such-graph": ("SELECT (COUNT(*) AS ?n) { GRAPH <graph/nothing> { ?s ?p ?o } }", CSV, {}),
    "from": ("SELECT (COUNT(*) AS ?n) FROM <graph/coalitions> FROM <graph/aims> { ?s ?p ?o }", CSV, {}),
    "from-named": (GRAPHS.replace("{ GRAPH", "FROM NAMED <graph/aims> { GRAPH", 1), CSV, {}),
    "count": ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", CSV, {}),
    "default-graph-uri": ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", CSV, {"default-graph-uri": "graph/aims"}),
    "named-graph-uri": (GRAPHS, CSV, {"named-graph-uri": "graph/aims"}),
    "not-in-data-set": ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", CSV, {"named-graph-uri": "graph/aims"}),
    "ask": ("ASK { ?s a ?type }", "application/sparql-results+json", {}),
    "ask-nothing": ("ASK { ?s a <urn:nothing> }", "application/sparql-results+xml", {}),
    "construct": ("CONSTRUCT { ?s <urn:x> ?g } { GRAPH ?g { ?s a <ontology#Coalition> } }", NT, {}),
    "describe": ("DESCRIBE <id/coalition/fair-wages-coalition>", NT, {}),
    "path": ("SELECT (COUNT(*) AS ?n) { ?s (<ontology#near>|<urn:x>)+ ?o }", CSV, {}),
    "division": ("SELECT (STR(2/3 > 0.5) AS ?x) {}", CSV, {}),
    "boolean-expression": ("SELECT (1 < 2 AS ?x) {}", CSV, {}),
    "blank-nodes": ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?o ?q ?z FILTER isBlank(?o) }", CSV, {}),
    "values": ('SELECT * { VALUES (?a ?b) { (1 UNDEF) (2 "x"@en) } }', "text/tab-separated-values", {}),
    "syntax-error": ("SELECT nonsense", CSV, {}),
    "service": ("SELECT * { SERVICE <http://127.0.0.1:9/> {} }", CSV, {}),
    "unknown-function": ("SELECT (<bif:now>() AS ?x) {}", CSV, {}),
    "nesting": (f"ASK {'{' * 70}{'}' * 70}", CSV, {}),
    "not-acceptable": ("ASK {}", "text/turtle", {}),
}
IN_QUESTIONS = dict.fromkeys(
    ("31-bills-refiled", "35-companion-bills", "59-completeness", "68-growth"), "boolean-expression"
) | {"62-overlap-of-coalitions": "division"}
"""Questions whose answers depend on a deviation."""


def deviates(engine: Any, name: str) -> bool:
    return any((row.engine, row.name) == (engine[0], IN_QUESTIONS.get(name, name)) for row in DEVIATIONS)


def ask(app: OpenApp, text: str, accept: str = CSV, **fields: str) -> tuple[int, list[str]]:
    response = app.test_client().post("/sparql", data={"query": text, **fields}, headers={"Accept": accept})
    return response.status_code, sorted(response.text.splitlines())


def test_push_says_what_it_did(engine: Any) -> None:
    assert "Pushed: " in engine[2]


@pytest.mark.parametrize("name", QUERIES)
def test_protocol_and_queries_are_the_same(app: OpenApp, foreign: OpenApp, engine: Any, name: str) -> None:
    text, accept, more = QUERIES[name]
    fields = {key: app.resources.names.iri(path) for key, path in more.items()}
    same = ask(foreign, text, accept, **fields) == ask(app, text, accept, **fields)
    assert same is not deviates(engine, name)


def read_answer(text: str, media_type: str) -> list[str]:
    """What an answer says, whatever its order: the triples of a graph, else the words."""
    if media_type in ("text/turtle", NT, "application/rdf+xml"):
        triples = ox.parse(text, format=ox.RdfFormat.from_media_type(media_type))
        return sorted(str(quad.triple) for quad in triples)
    return sorted(re.findall(r'"[^"]*"|[^\s"<>,{}\[\]]+', text))


@pytest.mark.parametrize("method", ["GET", "form", "direct"])
def test_every_form_and_way_of_asking_is_the_same(app: OpenApp, foreign: OpenApp, method: str) -> None:
    def send(here: OpenApp, text: str, accept: str) -> tuple[int, str, list[str]]:
        client, headers = here.test_client(), {"Accept": accept}
        if method == "GET":
            response = client.get("/sparql", query_string={"query": text}, headers=headers)
        elif method == "form":
            response = client.post("/sparql", data={"query": text}, headers=headers)
        else:
            headers["Content-Type"] = "application/sparql-query"
            response = client.post("/sparql", data=text, headers=headers)
        return response.status_code, response.headers["Content-Type"], read_answer(response.text, accept)

    for text, media_types in FORMS.items():
        for accept in media_types:
            here, there = (send(each, text, accept) for each in (app, foreign))
            assert there == here, accept
            assert (here[0], len(here[2]) > 5) == (200, True)


def test_empty_results_are_explained_alike(app: OpenApp, foreign: OpenApp) -> None:
    text = "PREFIX o: <ontology#> SELECT * { ?s a o:Coalitoin }"
    found = [each.test_client().post("/sparql", data={"query": text}).headers["Query-Hints"] for each in (app, foreign)]
    assert found[0] == found[1]
    assert "Coalition" in found[0]


def test_questions_have_the_same_answers(app: OpenApp, foreign: OpenApp, engine: Any, repository: Repository) -> None:
    differing = {Path(path).stem for path, text in repository.questions if ask(foreign, text) != ask(app, text)}
    assert len(repository.questions) > 60
    assert differing == {name for name in IN_QUESTIONS if deviates(engine, name)}


@pytest.mark.parametrize("accept", ["text/html", "text/turtle", "application/ld+json", NT])
def test_documents_are_the_same(app: OpenApp, foreign: OpenApp, engine: Any, accept: str) -> None:
    things = app.resources.things()
    kinds = {iri.split("/")[-2]: app.resources.names.address(iri) for iri in things}
    paths = ["", "dataset", "ontology", "graph/coalitions", "doc/coalition", *kinds.values()]
    assert len(paths) > 10
    differing = set()
    for path in paths:
        here, there = (each.test_client().get(f"/{path}", headers={"Accept": accept}) for each in (app, foreign))
        assert there.status_code == 200, path
        differing |= {path} if there.data != here.data else set()
    others = accept == "text/html" and deviates(engine, "vocabulary-examples")
    # Which records are the examples there depends on the order in which the engine finds them.
    assert differing <= ({"ontology"} if others else set())


def test_redirects_and_missing_things_are_the_same(app: OpenApp, foreign: OpenApp) -> None:
    thing = "coalition/fair-wages-coalition"
    for path in (f"id/{thing}", f"id/{thing}/", f"ID/{thing}", "id/coalition/nothing", f"doc/{thing}.x", "doc/nothing"):
        here, there = (each.test_client().get(f"/{path}") for each in (app, foreign))
        assert (there.status_code, there.data) == (here.status_code, here.data)
        assert there.headers.get("Location") == here.headers.get("Location")


def test_graph_store_push_loads_the_same(
    engine: Any, foreign: OpenApp, app: OpenApp, root: Path, store_dir: Path
) -> None:
    done = push(engine[1], root, store_dir, "--graph-store", engine[1].graph_store, "--restart")
    assert (done.returncode, "Pushed: " in done.stderr) == (0, True), done.stderr
    foreign.resources.store.check.__self__.look()
    assert ask(foreign, GRAPHS) == ask(app, GRAPHS)


def test_second_push_and_wrong_address(engine: Any, root: Path, store_dir: Path, settings: Settings) -> None:
    again = push(engine[1], root, store_dir)
    assert (again.returncode, "Already there: " in again.stderr) == (0, True)
    wrong = push(engine[1]._replace(query=f"{engine[1].query}-nothing"), root, store_dir)
    assert wrong.returncode == 2
    assert "answers 404" in wrong.stderr
    assert "Traceback" not in wrong.stderr
