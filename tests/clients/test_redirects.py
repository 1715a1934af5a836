"""Clients of the permanent endpoint, which redirects as w3id.org does, and clients that repeat requests."""

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from rdflib.query import Result
from SPARQLWrapper import JSON, POST, SPARQLWrapper
from support.optional_packages import extra

from publisher.rdf.namespaces import VOCABULARY

COUNT = f"SELECT (COUNT(*) AS ?n) {{ ?s a <{VOCABULARY}Coalition> }}"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@pytest.fixture(scope="module")
def permanent(server: str) -> Iterator[str]:
    """The permanent address of the endpoint, which answers 302 to every method."""

    class Redirect(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(302)
            self.send_header("Location", server + self.path.removeprefix("/ma-coalitions"))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Redirect) as redirecting:
        threading.Thread(target=redirecting.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{redirecting.server_port}/ma-coalitions"
        redirecting.shutdown()


def test_rdflib_gets_rows_by_get_over_the_redirect(permanent: str) -> None:
    [row] = rdflib.Graph(SPARQLStore(f"{permanent}/sparql")).query(COUNT)
    assert int(row[0]) == 6  # type: ignore[index, arg-type]


def test_rdflib_gets_no_rows_where_the_redirect_loses_its_query(permanent: str) -> None:
    """It returns the status and the reason in place of a result."""
    answer: Any = rdflib.Graph(SPARQLStore(f"{permanent}/sparql", method="POST")).query(COUNT)
    assert not isinstance(answer, Result)
    assert tuple(answer)[:2] == (400, "HTTP Error 400: Bad Request")


def test_sparqlwrapper_gets_an_error_where_the_redirect_loses_its_query(permanent: str) -> None:
    wrapper = SPARQLWrapper(f"{permanent}/sparql")
    wrapper.setQuery(COUNT)
    wrapper.setReturnFormat(JSON)
    wrapper.setMethod(POST)
    with pytest.raises(Exception, match=r"400|Bad Request|has no query") as caught:
        wrapper.query().convert()
    for error in (caught.value, caught.value.__context__):
        getattr(error, "close", lambda: None)()


def test_rdflib_reads_a_thing_by_its_permanent_address(permanent: str) -> None:
    found = rdflib.Graph().parse(f"{permanent}/id/coalition/clear-water")
    assert (None, rdflib.SKOS.prefLabel, rdflib.Literal("Clear Water", "en")) in found


@pytest.fixture(scope="module")
def urllib3() -> Any:
    return extra("urllib3")


def test_urllib3_does_not_repeat_a_query_that_exceeds_its_limit(
    urllib3: Any, serving: Callable[..., AbstractContextManager[Any]]
) -> None:
    with (
        serving(PUBLISHER_QUERY_SECONDS="1", PUBLISHER_QUERY_CPU_SECONDS="1") as running,
        urllib3.PoolManager() as pool,
    ):
        start = time.monotonic()
        response = pool.request("GET", f"{running.url}/sparql", fields={"query": ENDLESS})
    assert (response.status, response.retries.history) == (422, ())
    assert "retry-after" not in response.headers
    assert time.monotonic() - start < 30


def test_urllib3_follows_a_merged_thing(urllib3: Any, server: str) -> None:
    with urllib3.PoolManager() as pool:
        response = pool.request("GET", f"{server}/id/coalition/fair-wages")
    assert [step.status for step in response.retries.history] == [308, 303]
    assert response.status == 200
