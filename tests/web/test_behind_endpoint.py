"""The site in front of another endpoint: the same answers, and what visitors get while that endpoint misbehaves."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support import sparql_server
from support.asgi_client import OpenApp, close, open_app
from support.sparql_server import SparqlServer
from support.tiny_root import BASE, build

from publisher.release.compiler import compile_release, ignore
from publisher.release.push_targets import UpdateTarget
from publisher.release.pusher import Pusher
from publisher.release.store import Store, open_store
from publisher.settings import Settings
from publisher.sparql.http_client import Access
from publisher.sparql.trusted import TrustedEndpoint

THING = "/doc/coalition/thing"
ROWS, CSV = "application/sparql-results+json", "text/csv"


@pytest.fixture(scope="module")
def server() -> Iterator[SparqlServer]:
    found = SparqlServer()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory, server: SparqlServer) -> Path:
    folder = compile_release(build(tmp_path_factory.mktemp("root")), tmp_path_factory.mktemp("releases"))
    with closing(TrustedEndpoint(Access(server.url), 30, 1, 1 << 20)) as endpoint:
        Pusher(folder, endpoint, UpdateTarget(endpoint), ignore).push()
    return folder


@pytest.fixture(scope="module")
def stores(release: Path, server: SparqlServer) -> Iterator[tuple[Store, Store]]:
    """The release in this program, and at the endpoint."""
    settings = Settings(query_workers=1, query_seconds=60, endpoint_seconds=60, query_result_mb=1, cache_mb=0)
    found = [open_store(each, release) for each in (settings, settings.having(endpoint=server.url))]
    yield found[0], found[1]
    for store in found:
        close(store)


@pytest.fixture(scope="module")
def apps(stores: tuple[Store, Store]) -> tuple[OpenApp, OpenApp]:
    here, there = (open_app(Settings(cache_mb=0), store) for store in stores)
    return here, there


@pytest.fixture
def fault(server: SparqlServer, apps: tuple[OpenApp, OpenApp]) -> Iterator[SparqlServer]:
    """The endpoint, to be told a fault; it works again afterwards."""
    server.received.clear()
    yield server
    server.fault = None


def query(app: OpenApp, text: str, accept: str = CSV, **fields: str) -> tuple[int, str]:
    response = app.test_client().post("/sparql", data={"query": text, **fields}, headers={"Accept": accept})
    return response.status_code, response.text


def look_up(app: OpenApp, path: str, accept: str) -> tuple[int, str, str]:
    forget = app.resources.store.lookup.__dict__.get("_known")
    if forget:
        forget.clear()
    response = app.test_client().get(path, headers={"Accept": accept})
    return response.status_code, response.headers["Content-Type"], response.text


@pytest.mark.parametrize(
    "path", [THING, "/", "/doc/coalition", "/dataset", "/graph/things", "/ontology", "/id/coalition/x"]
)
@pytest.mark.parametrize("accept", ["text/turtle", "text/html"])
def test_documents_are_the_same(apps: tuple[OpenApp, OpenApp], path: str, accept: str) -> None:
    here, there = (look_up(app, path, accept) for app in apps)
    assert there == here


@pytest.mark.parametrize(
    ("text", "accept"),
    [
        ("SELECT ?s ?o { ?s a ?o } ORDER BY ?s ?o", CSV),
        ("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g", CSV),
        ("SELECT * { GRAPH ?g { <id/coalition/thing> a ?o } }", ROWS),
        ("SELECT * FROM <graph/things> { ?s a ?o } ORDER BY ?s", "application/sparql-results+xml"),
        ("ASK { ?s ?p 7 }", ROWS),
        ("ASK { ?s ?p 8 }", CSV),
        ("CONSTRUCT { ?s a ?o } { GRAPH <graph/things> { ?s a ?o } }", "text/turtle"),
        ("SELECT nonsense", CSV),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", CSV),
        ("SELECT (<urn:f>(1) AS ?x) {}", CSV),
        (f"ASK {'{' * 70}{'}' * 70}", CSV),
        ("ASK {}", "text/turtle"),
        ("SELECT * { ?s a <ontology#Nothing> }", CSV),
    ],
)
def test_queries_have_the_same_answers(apps: tuple[OpenApp, OpenApp], text: str, accept: str) -> None:
    here, there = (query(app, text, accept) for app in apps)
    assert there == here


def test_empty_results_are_explained_alike(apps: tuple[OpenApp, OpenApp]) -> None:
    for text in ("SELECT * { ?s a <ns#Thin> }", 'ASK { ?s ?p "no such text" ; <ns#sise> 7 }', "ASK { ?s ?p 7 }"):
        found = [app.test_client().post("/sparql", data={"query": text}).headers.get("Query-Hints") for app in apps]
        assert found[0] == found[1]
        assert bool(found[0]) == ("ns#" in text)


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
def test_data_set_of_the_protocol_is_the_same(apps: tuple[OpenApp, OpenApp], name: str) -> None:
    text = "SELECT ?s ?g { { ?s a ?o } UNION { GRAPH ?g { ?s a ?o } } } ORDER BY ?s ?g"
    here, there = (query(app, text, **{name: f"{BASE}graph/things"}) for app in apps)
    assert here[1].count("\n") > 1
    assert there == here


def test_rejected_query_is_not_sent(apps: tuple[OpenApp, OpenApp], fault: SparqlServer) -> None:
    for text in (
        "SELECT * { SERVICE <urn:x> {} }",
        "SELECT nonsense",
        "SELECT (<bif:now>() AS ?x) {}",
        "DEFINE x SELECT",
    ):
        assert query(apps[1], text)[0] >= 400
    assert [form for form in fault.received if "default-graph-uri" in form] == []


def wait_for(ask: Callable[[], tuple[int, str, str]], status: int) -> tuple[int, str, str]:
    """The answer, asked for again until it has a status: what was asked before may still arrive and be kept."""
    for _ in range(20):
        if (found := ask())[0] == status:
            break
        time.sleep(0.05)
    return found


@pytest.mark.parametrize(
    ("misbehavior", "status", "words"),
    [
        (sparql_server.answer_html, 502, "returned text/html"),
        (sparql_server.answer_truncated, 502, "sent invalid"),
        (sparql_server.answer_other_type, 502, "returned application/pdf"),
        (sparql_server.break_connection, 502, "connection broke"),
        (sparql_server.answer_busy, 503, "restarting"),
    ],
)
def test_misbehavior_is_reported_and_forgotten(apps, fault, misbehavior, status, words) -> None:
    fault.fault = misbehavior
    found, text = query(apps[1], "SELECT * { ?s ?p ?o } LIMIT 3")
    assert found == status
    assert words in json.loads(text)["detail"]
    assert "127.0.0.1" not in text
    page = wait_for(lambda: look_up(apps[1], THING, "text/html"), status)
    assert page[:2] == (status, "text/html; charset=utf-8")
    assert "<main" in page[2]
    assert wait_for(lambda: look_up(apps[1], THING, "application/problem+json"), status)[0] == status
    fault.fault = None
    assert query(apps[1], "SELECT ?s { ?s ?p 7 }")[0] == 200
    assert look_up(apps[1], THING, "text/html")[0] == 200


def test_busy_endpoint_says_when_to_retry(apps, fault) -> None:
    fault.fault = lambda handler: handler.respond(429, "text/plain", b"busy", Retry_After="17")
    asked = apps[1].test_client().post("/sparql", data={"query": "SELECT * { ?s ?p ?o } LIMIT 4"})
    assert (asked.status_code, asked.headers["Retry-After"]) == (503, "17")


@pytest.mark.parametrize(
    ("misbehavior", "words"),
    [
        (sparql_server.answer_other_query, "has other variables than the query"),
        (sparql_server.answer_other_form, "is of another kind than the query"),
        (sparql_server.answer_other_kind, "does not fit the query"),
    ],
)
def test_answer_to_another_query_is_not_passed_on(apps, stores, fault, misbehavior, words) -> None:
    text = "SELECT ?s { ?s ?p 7 }"
    fault.fault = misbehavior
    status, body = query(apps[1], text)
    assert (status, words in json.loads(body)["detail"]) == (502, True), body
    fault.fault = None
    for _ in range(20):  # A look that began before may still find another register.
        stores[1].check.__self__.look()
        if query(apps[1], text)[0] == 200:
            break
        time.sleep(0.05)
    time.sleep(0.2)  # The looks that the failure asked for have begun by then.
    stores[1].check.__self__.look()
    assert query(apps[1], text)[0] == 200


def test_endless_answers_end(apps: tuple[OpenApp, OpenApp], fault: SparqlServer) -> None:
    fault.fault = sparql_server.answer_endlessly
    assert query(apps[1], "SELECT * { ?s ?p ?o } LIMIT 3")[0] == 422
    assert look_up(apps[1], THING, "text/html")[0] == 502


def test_hanging_endpoint_gives_504(apps, fault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps[1].resources.store.lookup._endpoint, "_seconds", 0.3)
    fault.fault = sparql_server.answer_never
    status, _, text = look_up(apps[1], THING, "application/problem+json")
    assert status == 504
    assert "did not answer in 0.3 s" in text


@pytest.mark.parametrize(
    ("accept", "form", "misbehavior"),
    [
        (CSV, "application/problem+json", sparql_server.answer_never),
        ("text/html", "text/html", sparql_server.answer_in_drops),
    ],
)
def test_endpoint_that_hangs_on_a_query_gives_504(release, server, fault, accept, form, misbehavior) -> None:
    store = open_store(Settings(query_workers=1, query_seconds=1, endpoint=server.url), release)
    try:
        app = open_app(Settings(), store)
        fault.fault = misbehavior
        response = app.test_client().post("/sparql", data={"query": "ASK {}"}, headers={"Accept": accept})
        assert (response.status_code, response.headers["Content-Type"].partition(";")[0]) == (504, form)
        assert "did not answer the query in 1 s" in response.text
        assert "Retry-After" not in response.headers, "the query may be the cause"
        fault.fault = None
        assert wait_for(lambda: (*query(app, "ASK { ?s ?p 7 }"), ""), 200)[0] == 200
    finally:
        fault.fault = None
        close(store)


def test_wrong_release_closes_pages_and_queries_until_it_is_back(apps, fault, stores) -> None:
    monitor = stores[1].check.__self__
    kept = list(fault.store)
    fault.store.clear()
    monitor.look()
    try:
        for path in ("/", THING, "/doc/coalition", "/sparql"):
            code, form, text = look_up(apps[1], path, "text/html")
            assert (code, form) == (503, "text/html; charset=utf-8")
            assert "does not have release" in text
        assert look_up(apps[1], "/static/style.css", "*/*")[0] == 200
        found, text = query(apps[1], "ASK {}")
        assert (found, json.loads(text)["status"]) == (503, 503)
    finally:
        fault.store.extend(kept)
        monitor.look()
    assert look_up(apps[1], "/", "text/html")[0] == 200
    assert query(apps[1], "ASK {}")[0] == 200


def test_server_starts_while_the_endpoint_is_down_and_uses_it_when_it_is_there(release: Path, server) -> None:
    other = SparqlServer()
    port, url = other.server_address[1], other.url
    other.stop()
    store = open_store(Settings(query_workers=1, endpoint=url, endpoint_seconds=60), release)
    try:
        app = open_app(Settings(), store)
        code, _, text = look_up(app, THING, "text/html")
        assert code == 502
        assert "cannot be reached" in text
        other = SparqlServer(port, server.store)
        store.check.__self__.look()
        assert look_up(app, THING, "text/html")[0] == 200
        other.stop()
    finally:
        close(store)
