"""Streams: large graphs are made while they are sent, a few at the same time; their pages show some statements."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from support.asgi_client import Client, OpenApp

from publisher.errors import OverloadedError
from publisher.formats import GRAPHS, Format
from publisher.release.store import Store
from publisher.web.streams import PATIENCE, Streams
from publisher.web.views import graphs

GRAPH = "https://w3id.org/ma-coalitions/graph/bills"


@pytest.fixture(scope="module")
def app(opened: Callable[..., OpenApp], root: Path) -> OpenApp:
    """Without a cache, which may have whole graphs from other tests."""
    return opened(root, cache_mb=0)


@pytest.fixture
def client(app: OpenApp) -> Client:
    return app.test_client()


@pytest.fixture(autouse=True)
def all_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphs, "LARGE", 1)
    monkeypatch.setattr(graphs, "WHOLE", 1)
    monkeypatch.setattr(graphs, "SHOWN", 20)


@pytest.mark.parametrize("form", GRAPHS, ids=str)
def test_large_graph_is_streamed_whole(client: Client, store: Store, form: Format) -> None:
    response = client.get(f"/graph/bills.{form.suffix}", headers={"Accept-Encoding": "identity"})
    assert (response.status_code, response.mimetype) == (200, form.media_type)
    assert "Content-Length" not in response.headers
    found = ox.parse(response.data, format=ox.RdfFormat.from_media_type(form.media_type))
    assert {quad.triple for quad in found} == set(store.lookup.graph(GRAPH))


def test_streamed_graph_is_negotiated_compressed_and_revalidated(client: Client) -> None:
    headers = {"Accept": "text/turtle", "Accept-Encoding": "gzip"}
    first = client.get("/graph/bills", headers=headers)
    assert (first.status_code, first.headers["Content-Encoding"]) == (200, "gzip")
    assert first.headers["Content-Location"] == "bills.ttl"
    again = client.get("/graph/bills", headers={**headers, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_page_of_large_graph_shows_some_statements(client: Client, store: Store) -> None:
    page = client.get("/graph/bills", headers={"Accept": "text/html"}).text
    assert f"The first 20 of {len(store.lookup.graph(GRAPH)):,} statements." in page
    assert 1 <= page.count('<section class="part"') <= 20


def test_page_may_show_some_statements_of_a_graph_that_is_no_stream(
    client: Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = len(store.lookup.graph(GRAPH))
    monkeypatch.setattr(graphs, "LARGE", number + 1)
    assert f"The first 20 of {number:,} statements." in client.get("/graph/bills", headers={"Accept": "text/html"}).text
    assert "Content-Length" in client.get("/graph/bills.nt").headers
    monkeypatch.setattr(graphs, "WHOLE", number)
    assert "The first" not in client.get("/graph/bills", headers={"Accept": "text/html"}).text


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20 * PATIENCE
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()


def threads() -> int:
    return sum(thread.name == "stream" for thread in threading.enumerate())


def test_thread_ends_with_its_stream() -> None:
    made: list[int] = []

    def make() -> Iterator[bytes]:
        for number in range(1000):
            made.append(number)
            yield b"x"

    stream = Streams().open(make)
    assert made == []
    assert stream.read(10) == b"x"
    stream.close()
    wait_until(lambda: threads() == 0)
    assert len(made) < 10


def test_error_in_the_making_is_raised_where_it_is_read() -> None:
    def make() -> Iterator[bytes]:
        yield b"x"
        raise OSError("the disk is gone")

    with Streams().open(make) as stream, pytest.raises(OSError, match="the disk is gone"):
        stream.readall()


def test_streams_are_few() -> None:
    streams = Streams(2)
    first, _second = streams.open(list), streams.open(list)
    with pytest.raises(OverloadedError):
        streams.open(list)
    first.close()
    first.close()
    streams.open(list)
    with pytest.raises(OverloadedError):
        streams.open(list)
