"""Health probes: live as long as requests are answered, ready only when queries are."""

import asyncio
import dataclasses
from typing import Any

import pytest
from support.asgi_client import Client, OpenApp, close, open_app

from publisher.errors import BusyError, QueriesDisabledError
from publisher.release.store import Store, open_store
from publisher.settings import Settings
from publisher.sparql.engine import Answer, Query
from publisher.web import health


@pytest.mark.parametrize(("path", "state"), [("/health/live", "live"), ("/health/ready", "ready")])
def test_healthy_server_answers_probes(client: Client, store: Store, path: str, state: str) -> None:
    plain = client.get(path)
    assert (plain.status_code, plain.text, plain.mimetype) == (200, f"{state}\n", "text/plain")
    assert (plain.headers["Cache-Control"], "ETag" in plain.headers) == ("no-store", False)
    document = client.get(path, headers={"Accept": "application/json"})
    assert document.json == {"status": state, "release": store.release}
    head = client.head(path)
    assert (head.status_code, head.data, dict(head.headers)) == (200, b"", dict(plain.headers))


def test_probe_rejects_other_methods_and_paths(client: Client) -> None:
    response = client.post("/health/live")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
    assert client.get("/health/other").status_code == 404


def test_probe_ignores_host_and_total_of_requests(app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    application = app.application
    monkeypatch.setattr(application._requests, "used", application._requests._total)
    for host in ("10.0.0.1:8000", "bad host/", "x" * 300):
        assert app.test_client().get("/health/ready", headers={"Host": host}).status_code == 200
    assert app.test_client().get("/robots.txt").status_code == 503


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        (BusyError("The queue is full."), 503, "queue"),
        (QueriesDisabledError(), 200, "ready"),
        (OSError("/secret/path"), 503, "cannot be read"),
    ],
)
def test_fault_of_queries_is_not_ready(
    client: Client, store: Store, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, word: str
) -> None:
    async def fail(_query: Query, *_: Any) -> Answer:
        raise error

    monkeypatch.setattr(store.engine, "answer", fail)
    response = client.get("/health/ready")
    assert (response.status_code, word in response.text, "secret" in response.text) == (status, True, False)
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready", headers={"Accept": "application/json"}).json["status"] != "live"


def test_silent_query_process_is_not_ready(client: Client, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def wait(_query: Query, *_: Any) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(store.engine, "answer", wait)
    monkeypatch.setattr(health, "READY_SECONDS", 0.05)
    response = client.get("/health/ready")
    assert (response.status_code, "within" in response.text) == (503, True)


def test_stopped_server_lives_but_is_not_ready(settings: Settings) -> None:
    store = open_store(dataclasses.replace(settings, query_workers=1))
    app = open_app(settings, store)
    client = app.test_client()
    assert client.get("/health/ready").status_code == 200
    app.application.stop()
    assert [client.get(f"/health/{name}").status_code for name in ("live", "ready")] == [200, 503]
    close(store)
