"""Exchanges: what is recorded of requests, whatever happens to them, and classes of addresses that stay few."""

from typing import Any

import pytest
from support.asgi_client import Client, OpenApp
from support.each import each

from publisher.errors import BusyError, TooSlowError
from publisher.release.store import Store
from publisher.sparql.engine import Answer, Query
from publisher.web.exchanges import CLIENT_LEFT, OTHER, Exchange, Tally, classify_route
from publisher.web.requests import ClientLeftError

PAGE = "/doc/coalition/clear-water"


class Records:
    """A recorder that keeps what it gets."""

    def __init__(self) -> None:
        self.found: list[Exchange] = []

    def record(self, exchange: Exchange) -> None:
        self.found.append(exchange)


@pytest.fixture
def records(app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> Records:
    found = Records()
    monkeypatch.setattr(app.application, "recorders", [found])
    return found


def test_exchange_has_facts_of_request_and_response(client: Client, records: Records, store: Store) -> None:
    response = client.get(f"{PAGE}?format=ttl", headers={"User-Agent": "robot", "Accept-Encoding": "gzip"})
    [found] = records.found
    assert found[:9] == (
        "GET",
        PAGE,
        "format=ttl",
        "127.0.0.1",
        "robot",
        200,
        len(response.data),
        "gzip",
        store.release,
    )
    assert 0 <= found.ready_seconds <= found.seconds
    assert (found.complete, found.route) == (True, "doc")


def test_rejected_requests_and_probes_are_recorded(client: Client, records: Records) -> None:
    client.get("/", headers={"Host": "not a host"})
    client.get("/health/live")
    client.post("/nothing", data=b"x")
    assert [(found.status, found.route, found.address) for found in records.found] == [
        (400, "home", ""),
        (200, "health", ""),
        (404, OTHER, "127.0.0.1"),
    ]


def test_request_of_departed_client_is_recorded(
    app: OpenApp, records: Records, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def leave(_query: Query, *_: Any) -> Answer:
        raise ClientLeftError

    monkeypatch.setattr(store.engine, "answer", leave)
    with pytest.raises(ValueError, match="unpack"):  # There is no response.
        app.test_client().get("/sparql?query=ASK%7B%7D%23left")
    [found] = records.found
    assert (found.status, found.complete, found.size) == (CLIENT_LEFT, False, None)


@each(
    ("path", "route"),
    [
        ("/", "home"),
        ("", "home"),
        ("/doc/a/b.ttl", "doc"),
        ("/dataset.jsonld", "dataset"),
        ("/sparql", "sparql"),
        ("/sparql.csv", "sparql"),
        ("/.well-known/void", ".well-known"),
        ("/.git/config", OTHER),
        ("/wp-login.php", OTHER),
        ("//", "home"),
        ("/doc%2Fx", OTHER),
    ],
)
def test_route_class_is_first_segment_if_known(path: str, route: str) -> None:
    assert classify_route(path) == route


def test_every_address_has_a_class(app: OpenApp) -> None:
    rules = [rule.rule for rule in app.application.release._pages.url_map.iter_rules()]  # type: ignore[attr-defined]
    assert {classify_route(rule) for rule in rules if "<any(" not in rule} >= {"home", "doc", "id", "favicon"}
    assert [rule for rule in rules if "<any(" not in rule and classify_route(rule) == OTHER] == []


def test_tally_counts_queries_and_cache(app: OpenApp, client: Client) -> None:
    tally, text = app.application.tally, "ASK {} # counted"
    before = (tally.queries["answered", ""], tally.hits, tally.misses)
    for _ in range(3):
        client.get("/sparql", query_string={"query": text})
    client.get("/sparql", query_string={"query": "ASK {"})
    assert (tally.queries["answered", ""], tally.hits, tally.misses) == (before[0] + 1, before[1] + 2, before[2] + 1)
    assert tally.queries["query-syntax", ""] >= 1


def test_tally_names_limits() -> None:
    tally = Tally()
    for error in (TooSlowError("x", limit="wall-clock"), BusyError("x", limit="queue"), OSError("x"), None):
        tally.count_query(error)
    assert tally.queries == {
        ("too-slow", "wall-clock"): 1,
        ("busy", "queue"): 1,
        ("internal-error", ""): 1,
        ("answered", ""): 1,
    }
