"""The look-up at an endpoint: the same statements as in the compiled store, by few bounded queries."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyoxigraph as ox
import pytest
from support import sparql_server
from support.sparql_server import SparqlServer
from support.tiny_root import BASE, build

from publisher.errors import EndpointFailedError, EndpointTimeoutError, UnavailableError
from publisher.release.compiler import VERSION, compile_release, ignore
from publisher.release.endpoint_lookup import AT_ONCE, EndpointLookup
from publisher.release.index import Index
from publisher.release.lookup import StoreLookup
from publisher.release.placement import place_release
from publisher.release.push_targets import UpdateTarget
from publisher.release.pusher import Pusher
from publisher.sparql.http_client import Access
from publisher.sparql.trusted import TrustedEndpoint

THING = ox.NamedNode(f"{BASE}id/coalition/thing")
LIMIT = 1 << 20


class Opened:
    """A look-up and what it works with."""

    def __init__(self, folder: Path, endpoint: TrustedEndpoint, server: SparqlServer) -> None:
        self.server = server
        self.endpoint = endpoint
        self.compiled = StoreLookup(folder)
        self.problem: Exception | None = None
        self.suspected = 0
        with closing(Index(folder)) as index:
            placement, names = place_release(index, VERSION), index.names
            self.graphs = placement.graphs
        self.lookup = EndpointLookup(
            endpoint, placement, names, self.compiled, check=self._check, suspect=self._suspect
        )
        server.received.clear()

    def _check(self) -> None:
        if self.problem:
            raise self.problem

    def _suspect(self) -> None:
        self.suspected += 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_release(build(tmp_path_factory.mktemp("root")), tmp_path_factory.mktemp("releases"))


@pytest.fixture
def opened(folder: Path) -> Iterator[Opened]:
    server = SparqlServer()
    with closing(TrustedEndpoint(Access(server.url), 60, 2, LIMIT, "The endpoint")) as endpoint:
        Pusher(folder, endpoint, UpdateTarget(endpoint), ignore).push()
        yield Opened(folder, endpoint, server)
    server.stop()


@pytest.mark.parametrize(
    ("subject", "predicate", "object_"),
    [
        (THING, None, None),
        (THING, ox.NamedNode(f"{BASE}ns#size"), None),
        (THING, None, ox.NamedNode(f"{BASE}ns#Thing")),
        (None, None, ox.NamedNode(f"{BASE}id/coalition/b")),
        (None, ox.NamedNode(f"{BASE}ns#near"), None),
        (None, ox.NamedNode(f"{BASE}ns#near"), ox.NamedNode(f"{BASE}id/coalition/b")),
        (ox.NamedNode(f"{BASE}dataset"), None, None),
        (ox.NamedNode(f"{BASE}id/coalition/nothing"), None, None),
    ],
)
def test_look_up_finds_what_the_store_has(opened: Opened, subject, predicate, object_) -> None:
    found = sorted(map(str, opened.lookup.find(subject, predicate, object_)))
    assert found == sorted(map(str, opened.compiled.find(subject, predicate, object_)))


def test_graphs_are_those_of_the_store(opened: Opened) -> None:
    assert len(opened.graphs) > 3
    for name in (*opened.graphs, f"{BASE}graph/nothing"):
        assert sorted(map(str, opened.lookup.graph(name))) == sorted(map(str, opened.compiled.graph(name)))


def test_statements_about_many_things_are_asked_for_at_once_and_kept(opened: Opened) -> None:
    things = [ox.NamedNode(f"{BASE}id/coalition/{number}") for number in range(AT_ONCE)]
    opened.lookup.prefetch([THING, *things, THING, ox.Literal("text"), ox.NamedNode(f"{BASE}ns#Thing")])
    assert len(opened.server.received) == 2
    assert len(list(opened.lookup.find(THING, None, None))) > 3
    for thing in things:
        assert list(opened.lookup.find(thing, None, None)) == []
    assert len(opened.server.received) == 2


def test_description_of_the_data_set_needs_no_endpoint(opened: Opened) -> None:
    opened.problem = UnavailableError("lost")
    assert list(opened.lookup.find(ox.NamedNode(f"{BASE}dataset"), None, None))
    assert opened.lookup.graph(f"{BASE}graph/catalogue")


def test_endpoint_that_is_not_verified_is_not_asked(opened: Opened) -> None:
    opened.problem = UnavailableError("other release")
    with pytest.raises(UnavailableError, match="other release"):
        list(opened.lookup.find(THING, None, None))
    assert opened.server.received == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (sparql_server.answer_html, EndpointFailedError),
        (sparql_server.break_connection, EndpointFailedError),
        (sparql_server.answer_never, EndpointTimeoutError),
    ],
)
def test_failure_is_reported_and_the_next_look_up_works(opened: Opened, fault, kind) -> None:
    opened.server.fault = fault
    opened.endpoint._seconds = 0.3 if fault is sparql_server.answer_never else 60
    with pytest.raises(kind, match="The endpoint"):
        list(opened.lookup.find(THING, None, None))
    assert opened.suspected == 1
    opened.server.fault, opened.endpoint._seconds = None, 60
    assert list(opened.lookup.find(THING, None, None))


def test_endless_answer_ends_at_the_limit(opened: Opened) -> None:
    opened.server.fault = sparql_server.answer_endlessly
    with pytest.raises(EndpointFailedError, match=r"sent too much.*1 MiB"):
        list(opened.lookup.find(THING, None, None))
