"""The monitor: an endpoint is used only while it has the release, and again as soon as it has it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyoxigraph as ox
import pytest
from support import sparql_server
from support.sparql_server import SparqlServer
from support.tiny_root import BASE, build

from publisher.errors import UnavailableError
from publisher.release.compiler import VERSION, compile_release, ignore
from publisher.release.endpoint_monitor import Monitor
from publisher.release.index import Index
from publisher.release.placement import Register, place_release
from publisher.release.push_targets import UpdateTarget
from publisher.release.pusher import Pusher
from publisher.sparql.http_client import Access
from publisher.sparql.trusted import TrustedEndpoint


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_release(build(tmp_path_factory.mktemp("root")), tmp_path_factory.mktemp("releases"))


@pytest.fixture
def server() -> Iterator[SparqlServer]:
    found = SparqlServer()
    yield found
    found.stop()


@pytest.fixture
def endpoint(server: SparqlServer) -> Iterator[TrustedEndpoint]:
    with closing(TrustedEndpoint(Access(server.url), 60, 2, 1 << 20, "The endpoint")) as found:
        yield found


@pytest.fixture
def monitor(folder: Path, endpoint: TrustedEndpoint) -> Iterator[Monitor]:
    """A monitor whose thread does not run: the tests look."""
    with closing(Index(folder)) as index:
        yield Monitor(endpoint, place_release(index, VERSION), index, 1000)


def push(folder: Path, endpoint: TrustedEndpoint) -> None:
    Pusher(folder, endpoint, UpdateTarget(endpoint), ignore).push()


def test_endpoint_is_not_asked_before_it_is_verified(monitor: Monitor, folder, endpoint) -> None:
    push(folder, endpoint)
    with pytest.raises(UnavailableError, match="not been verified yet"):
        monitor.check()
    monitor.look()
    monitor.check()


def test_endpoint_without_the_release_names_its_own(monitor: Monitor, folder, endpoint, tmp_path: Path) -> None:
    monitor.look()
    with pytest.raises(UnavailableError, match=r"does not have release [0-9a-f]{64}; no release was pushed"):
        monitor.check()
    changed = build(tmp_path / "root", {"data/other.ttl": f"<{BASE}id/coalition/c> a <{BASE}ns#Thing> ."})
    push(compile_release(changed, tmp_path), endpoint)
    monitor.look()
    with pytest.raises(UnavailableError, match=r"its current one is [0-9a-f]{64}"):
        monitor.check()
    push(folder, endpoint)
    monitor.look()
    monitor.check()


def test_half_a_release_is_not_asked(monitor: Monitor, folder, endpoint, server: SparqlServer) -> None:
    push(folder, endpoint)
    complete = ox.NamedNode(Register(BASE).complete)
    for quad in list(server.store.quads_for_pattern(None, complete, None)):
        server.store.remove(quad)
    monitor.look()
    with pytest.raises(UnavailableError, match="is not completely loaded"):
        monitor.check()


def test_missing_statement_is_counted(monitor: Monitor, folder, endpoint, server: SparqlServer) -> None:
    push(folder, endpoint)
    size = ox.NamedNode(f"{BASE}ns#size")
    for quad in list(server.store.quads_for_pattern(None, size, None)):
        server.store.remove(quad)
    monitor.look()
    with pytest.raises(
        UnavailableError, match=r"has \d+ statements in the graph https://example\.org/graph/things, not"
    ):
        monitor.check()


def test_changed_statement_is_found_by_its_digest(monitor: Monitor, folder, endpoint, server: SparqlServer) -> None:
    push(folder, endpoint)
    for quad in list(server.store.quads_for_pattern(None, None, ox.Literal("Thing", language="en"))):
        server.store.remove(quad)
        server.store.add(ox.Quad(quad.subject, quad.predicate, ox.Literal("Thong", language="en"), quad.graph_name))
    monitor.look()
    with pytest.raises(UnavailableError, match="digests differ"):
        monitor.check()


def test_lost_endpoint_may_be_asked_again_and_is_verified_when_it_is_back(monitor, folder, endpoint, server) -> None:
    push(folder, endpoint)
    monitor.look()
    server.fault = sparql_server.break_connection
    monitor.look()
    monitor.check()  # a request may find it working again
    server.fault = None
    server.received.clear()
    monitor.look()
    assert sum("MD5" in form["query"][0] for form in server.received) > 3
    server.received.clear()
    monitor.look()
    assert not any("MD5" in form["query"][0] for form in server.received)


def test_endpoint_that_comes_back_empty_is_not_asked(monitor, folder, endpoint, server, caplog) -> None:
    push(folder, endpoint)
    monitor.look()
    server.store.clear()
    for _ in range(3):
        monitor.look()
    with pytest.raises(UnavailableError, match="does not have release"):
        monitor.check()
    assert sum("cannot be used" in record.message for record in caplog.records) == 1
    push(folder, endpoint)
    monitor.look()
    monitor.check()
    assert f"{server.url} has the release again" in caplog.records[-1].message


def test_monitor_looks_by_itself_and_soon_after_a_failure(folder, endpoint, server, monkeypatch) -> None:
    push(folder, endpoint)
    with closing(Index(folder)) as index:
        monitor = Monitor(endpoint, place_release(index, VERSION), index, 1000)
    seen: list[int] = []
    look = monitor.look
    with closing(monitor):
        monitor.start()
        monitor.check()
        monkeypatch.setattr(monitor, "look", lambda: (look(), seen.append(1)))
        monitor.suspect()
        for _ in range(1000):
            if seen:
                break
            monitor._thread.join(0.01)
    assert seen
