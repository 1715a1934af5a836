"""The ASGI application: what is bounded, and what happens when a client leaves or the server stops."""

import asyncio
import gc
import io
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from support.asgi_client import Client, OpenApp
from support.each import each
from support.tiers import EVERYTHING

from publisher.errors import CannotRunError
from publisher.release.store import Store, open_store
from publisher.settings import Settings
from publisher.sparql.engine import CHUNK, Answer, Query
from publisher.web import client as web_client
from publisher.web import sending
from publisher.web.app import create_app
from publisher.web.asgi import Application
from publisher.web.requests import Request
from publisher.web.routes import VARIATIONS

DOCUMENT = "/doc/coalition/clear-water"
BROWSER = {"Accept": "text/html"}
SECONDS = 60
"""After which something that should have happened is given up."""


@pytest.fixture(scope="module")
def own_store(settings: Settings) -> Iterator[Store]:
    """A store whose engine waits in the event loop of the test."""
    found = open_store(settings)
    yield found
    found.close()


class FakeEngine:
    """An engine with the test's results."""

    def __init__(self, answer: Callable[..., Awaitable[Answer]]) -> None:
        self.answer = answer

    def run_in(self, loop: asyncio.AbstractEventLoop) -> None:
        """Nothing waits elsewhere."""

    def close(self) -> None:
        """There are no processes."""


def application(
    settings: Settings, store: Store, answer: Callable[..., Awaitable[Answer]] | None = None
) -> Application:
    async def refuse(*_: object) -> Answer:
        raise AssertionError("no query was expected")

    engine = FakeEngine(answer or refuse)
    return create_app(settings, replace(store, engine=engine))  # type: ignore[arg-type]


def rows(size: int) -> Answer:
    return Answer("results", "text/csv", io.BytesIO(b"x" * size), size, repeatable=False)


async def ask(
    app: Any,
    target: str,
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    left: asyncio.Event | None = None,
    send: Callable[[dict[str, Any]], Awaitable[None]] | None = None,
    incomplete: bool = False,
) -> tuple[int, dict[str, str], bytes]:
    """Send one request. left: set when the client leaves. send: in place of taking everything at once. incomplete:
    whether its body does not end."""
    path, _, query = target.partition("?")
    fields = {"host": "example.org"} | (headers or {})
    scope = {
        "type": "http",
        "method": method,
        "http_version": "1.1",
        "scheme": "http",
        "root_path": "",
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in fields.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "more_body": incomplete}]

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop()
        await (left or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    async def keep(message: dict[str, Any]) -> None:
        sent.append(message)

    await asyncio.wait_for(app(scope, receive, send or keep), SECONDS)
    start = sent[0] if sent else {"status": 0, "headers": []}
    named = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    return start["status"], named, b"".join(message.get("body", b"") for message in sent[1:])


# What a response depends on


@each(
    "target",
    [
        f"{DOCUMENT}?x=1",
        f"{DOCUMENT}?format=nonsense",
        f"{DOCUMENT}?{'x' * 5000}=1",
        f"{DOCUMENT}?format=turtle&format=html",
    ],
)
def test_unknown_parameter_shares_cached_page(app: OpenApp, client: Client, target: str) -> None:
    """Otherwise each number in `?x=N` costs a page and an entry of the cache."""
    expected = client.get(DOCUMENT)
    entries = len(app.application.release.cache._entries)
    assert client.get(target).data == expected.data
    assert len(app.application.release.cache._entries) == entries


def test_equivalent_accept_headers_share_cached_page(app: OpenApp, client: Client) -> None:
    expected = client.get(DOCUMENT, headers={"Accept": "text/turtle"})
    entries = len(app.application.release.cache._entries)
    for accept in ("text/turtle;q=0.9, a/b", "text/turtle, text/html;q=0.1", "a/b1, a/b2, text/turtle"):
        assert client.get(DOCUMENT, headers={"Accept": accept}).data == expected.data
    assert len(app.application.release.cache._entries) == entries


@pytest.mark.parametrize("first", sorted(VARIATIONS.keys() - {"changes/"}))  # It needs releases: `test_changes`.
def test_response_varies_only_as_listed(client: Client, first: str) -> None:
    """A response that depends on more would be sent to those who did not ask for it."""
    path = {
        "": "/",
        "correct": "/correct?about=id/coalition/clear-water",
        "doc": DOCUMENT,
        "download/": "/download/ma-coalitions.ttl",
        "graph": "/graph/agendas",
        "opensearch": "/opensearch.xml",
        "problem": "/problem/not-found",
        "robots": "/robots.txt",
        "rule": "/rule/unsourced",
        "sitemap": "/sitemap.xml",
        "static": "/static/style.css",
    }.get(first, f"/{first}")
    vary = VARIATIONS[first]
    for accept in ("text/html, a/b;q=0.3", "application/ld+json, text/html;q=0.5")[: 2 if EVERYTHING else 1]:
        here = client.get(path, headers={"Accept": accept, "User-Agent": "one"})
        there = client.get(path, headers={"Accept": accept, "User-Agent": "two", "X-Forwarded-Host": "other.example"})
        assert (here.status_code, here.data) == (there.status_code, there.data)
        elsewhere = client.get(path, headers={"Accept": accept}, base_url="http://other.example")
        assert (here.data == elsewhere.data) is not vary.host
    if not vary.offers:
        assert (
            client.get(path, headers={"Accept": "text/html"}).data == client.get(path, headers={"Accept": "a/b"}).data
        )


def test_query_page_is_cached_per_host(app: OpenApp, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first = client.get("/sparql", headers=BROWSER)

    def fail(*_: object) -> None:
        raise AssertionError("made again")

    monkeypatch.setattr(app.application.release._endpoint, "_description", fail)
    assert client.get("/sparql?x=1", headers=BROWSER).data == first.data
    assert client.get("/sparql?x=2", headers=BROWSER | {"If-None-Match": first.headers["ETag"]}).status_code == 304


# Pages


@pytest.mark.slow
def test_page_threads_are_limited_by_setting(settings: Settings, own_store: Store) -> None:
    app = application(settings.having(page_threads=2, cache_mb=0), own_store)
    running, most, hold, lock = 0, 0, threading.Event(), threading.Lock()
    make = app.release._pages

    def count(environ: Any, start: Any) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        hold.wait(SECONDS)
        with lock:
            running -= 1
        return make(environ, start)

    app.release._pages = count

    async def run() -> list[int]:
        asked = [asyncio.ensure_future(ask(app, f"/doc/{kind}")) for kind in ("agenda", "aim", "bill", "issue", "role")]
        while running < 2:
            await asyncio.sleep(0.001)
        hold.set()
        return [status for status, _, _ in await asyncio.gather(*asked)]

    assert asyncio.run(run()) == [200] * 5
    assert most == 2


def test_abandoned_page_is_not_rendered(settings: Settings, own_store: Store) -> None:
    app = application(settings.having(page_threads=1, cache_mb=0), own_store)
    made: list[str] = []
    hold = threading.Event()
    make = app.release._pages

    def note(environ: Any, start: Any) -> Any:
        made.append(environ["PATH_INFO"])
        hold.wait(SECONDS)
        return make(environ, start)

    app.release._pages = note

    async def run() -> None:
        left = asyncio.Event()
        first = asyncio.ensure_future(ask(app, "/doc/agenda"))
        gone = asyncio.ensure_future(ask(app, "/doc/aim", left=left))
        while not made:
            await asyncio.sleep(0.001)
        left.set()
        for _ in range(10):
            await asyncio.sleep(0.001)
        hold.set()
        assert (await first)[0] == 200
        assert (await gone)[0] == 0

    asyncio.run(run())
    assert made == ["/doc/agenda"]


def test_malformed_chunks_return_400_if_page_threads_are_busy(settings: Settings, own_store: Store) -> None:
    """The HTTP server reports malformed chunks as a client that left."""
    app = application(settings.having(page_threads=1, cache_mb=0), own_store)
    started, hold = threading.Event(), threading.Event()
    make = app.release._pages

    def wait(environ: Any, start: Any) -> Any:
        started.set()
        hold.wait(SECONDS)
        return make(environ, start)

    app.release._pages = wait

    async def run() -> int:
        left = asyncio.Event()
        first = asyncio.ensure_future(ask(app, "/doc/agenda"))
        while not started.is_set():
            await asyncio.sleep(0.001)
        left.set()
        malformed = asyncio.ensure_future(ask(app, "/dataset", method="POST", left=left, incomplete=True))
        for _ in range(10):
            await asyncio.sleep(0.001)
        hold.set()
        await first
        return (await malformed)[0]

    assert asyncio.run(run()) == 400


def test_concurrent_requests_render_page_once(settings: Settings, own_store: Store) -> None:
    app = application(settings, own_store)
    made: list[str] = []
    make = app.release._pages

    def note(environ: Any, start: Any) -> Any:
        made.append(environ["PATH_INFO"])
        return make(environ, start)

    app.release._pages = note

    async def run() -> list[tuple[int, dict[str, str], bytes]]:
        return await asyncio.gather(
            *[ask(app, f"{DOCUMENT}?x={number}", headers={"accept": "*/*"}) for number in range(20)]
        )

    replies = asyncio.run(run())
    assert {(status, len(body) > 0) for status, _, body in replies} == {(200, True)}
    assert made == [DOCUMENT]


def test_too_many_page_requests_return_503(
    settings: Settings, own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_client, "PAGES", 3)
    app = application(settings.having(page_threads=1, cache_mb=0, client_percent=100), own_store)
    hold = threading.Event()
    make = app.release._pages

    def wait(environ: Any, start: Any) -> Any:
        hold.wait(SECONDS)
        return make(environ, start)

    app.release._pages = wait

    async def run() -> None:
        asked = [asyncio.ensure_future(ask(app, f"/doc/{kind}")) for kind in ("agenda", "aim", "bill")]
        await asyncio.sleep(0)
        status, headers, body = await ask(app, "/doc/role")
        assert (status, headers["retry-after"], json.loads(body)["status"]) == (503, "5", 503)
        hold.set()
        assert [reply[0] for reply in await asyncio.gather(*asked)] == [200] * 3

    asyncio.run(run())


# Totals and clocks of responses


def test_stalled_client_is_disconnected(settings: Settings, own_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SEND_SECONDS", 0.05)
    answer = rows(10 * CHUNK)

    async def take(_query: Query, _wanted: object) -> Answer:
        return answer

    async def stuck(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    app = application(settings, own_store, take)
    assert asyncio.run(ask(app, "/sparql?query=x", send=stuck))[0] == 0
    assert answer.body.closed
    assert app.sender.large.used == app.sender.spooled.used == app._requests.used == 0


def test_file_reading_stops_when_client_disconnects(settings: Settings, own_store: Store) -> None:
    size, left, sent = 100 * CHUNK, asyncio.Event(), []

    async def take(_query: Query, _wanted: object) -> Answer:
        return rows(size)

    async def send(message: dict[str, Any]) -> None:
        sent.append(len(message.get("body", b"")))
        left.set()
        await asyncio.sleep(0.001)

    assert asyncio.run(ask(application(settings, own_store, take), "/sparql?query=x", left=left, send=send))[0] == 0
    assert 0 < sum(sent) < size // 4


def test_large_responses_and_temporary_files_share_a_limit(settings: Settings, own_store: Store) -> None:
    async def take(_query: Query, _wanted: object) -> Answer:
        return rows(2 * CHUNK)

    app = application(settings, own_store, take)
    for budget, most in ((app.sender.large, app.sender.large._total), (app.sender.spooled, app.sender.spooled._total)):
        budget.used = most
        status, headers, _ = asyncio.run(ask(app, "/sparql?query=x"))
        assert (status, headers["retry-after"]) == (503, "5")
        budget.used = 0
        app._loop = None
    status, headers, body = asyncio.run(ask(app, "/sparql?query=x"))
    assert (status, headers["content-length"], len(body)) == (200, str(2 * CHUNK), 2 * CHUNK)


def test_total_of_requests_is_limited(settings: Settings, own_store: Store) -> None:
    app = application(settings, own_store)
    app._requests.used = app._requests._total
    status, headers, _ = asyncio.run(ask(app, DOCUMENT))
    assert (status, headers["retry-after"]) == (503, "5")


# Clients that leave, and the end


def test_one_client_has_a_part_of_all_requests(settings: Settings, own_store: Store) -> None:
    app = application(settings.having(trusted_proxies="127.0.0.1", client_percent=1), own_store)

    async def run() -> tuple[list[int], tuple[int, dict[str, str], bytes]]:
        done = asyncio.Event()

        def post(client: str) -> "asyncio.Task[tuple[int, dict[str, str], bytes]]":
            headers = {"x-forwarded-for": client} if client else {}
            asking = ask(app, "/sparql", method="POST", headers=headers, left=done, incomplete=True)
            return asyncio.ensure_future(asking)

        held = [post(f"2001:db8::{number}") for number in range(10)]
        held += [post(client) for client in ("2001:db8:0:1::1", "192.0.2.1", *[""] * 20)]
        while app.in_progress < len(held):
            await asyncio.sleep(0)
        assert app.busy == {("127.0.0.1", 1)}
        rejected = await post("2001:db8::ffff")
        done.set()
        return [status for status, _, _ in await asyncio.gather(*held)], rejected

    statuses, (status, headers, body) = asyncio.run(run())
    assert set(statuses) == {400}, "the bodies that were not sent"
    assert (status, headers["retry-after"]) == (429, "5")
    assert "at most 10 requests" in json.loads(body)["detail"]
    assert (app.in_progress, app.busy) == (0, set())


def test_engine_is_notified_of_disconnect(settings: Settings, own_store: Store) -> None:
    left = asyncio.Event()

    async def answer(_query: Query, wanted: Callable[[], bool]) -> Answer:
        assert wanted()
        left.set()
        while wanted():
            await asyncio.sleep(0.001)
        raise CannotRunError("nobody waits")

    assert asyncio.run(ask(application(settings, own_store, answer), "/sparql?query=x", left=left))[0] in (0, 503)


def test_waiting_request_at_shutdown_returns_503(settings: Settings, own_store: Store) -> None:
    begun = asyncio.Event()

    async def answer(*_: object) -> Answer:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    app = application(settings, own_store, answer)

    async def run() -> None:
        asked = asyncio.ensure_future(ask(app, "/sparql?query=x"))
        await begun.wait()
        app.stop()
        for status, headers, _ in (await asked, await ask(app, DOCUMENT)):
            assert (status, headers["retry-after"], headers["connection"]) == (503, "5", "close")

    asyncio.run(run())


def test_internal_error_reason_is_logged_only(
    settings: Settings, own_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    async def answer(*_: object) -> Answer:
        raise CannotRunError('A process did not start: File "/secret/place.py", line 1')

    for accept in ("text/csv", "text/html"):
        app = application(settings, own_store, answer)
        status, _, body = asyncio.run(ask(app, "/sparql?query=x", headers={"accept": accept}))
        assert (status, b"secret" in body) == (503, False)
    assert "/secret/place.py" in caplog.text


def test_lifespan_events_are_answered(settings: Settings, own_store: Store) -> None:
    app, sent = application(settings, own_store), []
    coming = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    async def receive() -> dict[str, str]:
        return coming.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message["type"])

    asyncio.run(app({"type": "lifespan"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


@pytest.mark.slow
def test_request_leaves_no_reference_cycles(settings: Settings, own_store: Store) -> None:
    """What refers to itself stays until the collector finds it, which holds everybody up meanwhile."""

    async def answer(*_: object) -> Answer:
        return rows(1)

    app = application(settings.having(cache_mb=0), own_store, answer)

    async def run() -> int:
        targets = [DOCUMENT + "?{}", "/sparql?query={}", "/nothing/{}"]
        for target in targets:
            await ask(app, target.format("first"))
        gc.collect()
        gc.disable()
        try:
            for number in range(60):
                await ask(app, targets[number % 3].format(number))
            return len([found for found in gc.get_objects() if isinstance(found, web_client.Client | Request)])
        finally:
            gc.enable()

    assert asyncio.run(run()) < 20, "each thread may still hold its last request"
