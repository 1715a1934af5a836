"""Push targets: the same release by Update and by the Graph Store Protocol, resumed, and beside others."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pyoxigraph as ox
import pytest
from support import sparql_server
from support.sparql_server import SparqlServer
from support.tiny_root import BASE, build

from publisher.errors import EndpointFailedError, PublisherError
from publisher.release import pusher
from publisher.release.compiler import compile_release, ignore
from publisher.release.placement import CURRENT, hash_statement
from publisher.release.push_targets import GraphStoreTarget, Stated, Target, UpdateTarget
from publisher.release.pusher import Pushed, Pusher
from publisher.sparql.http_client import Access
from publisher.sparql.trusted import TrustedEndpoint

LISTS = f"<{BASE}shapes#list> <{BASE}ns#in> ( 1 [ <{BASE}ns#deep> [ <{BASE}ns#deep> 'x'@en ] ] 'three' ) ."
THINGS = "\n".join(f"<{BASE}id/coalition/thing-{n}> a <{BASE}ns#Thing> ; <{BASE}ns#size> {n} ." for n in range(20))
FILES = {"shapes/lists.ttl": LISTS, "data/more.ttl": THINGS}
GRAPH, SUBJECT = f"{BASE}a-graph", f"{BASE}a-subject"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_release(build(tmp_path_factory.mktemp("root"), FILES), tmp_path_factory.mktemp("releases"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SparqlServer]:
    monkeypatch.setattr(pusher, "BATCH", 30)
    found = SparqlServer()
    yield found
    found.stop()


Open = Callable[[SparqlServer], tuple[TrustedEndpoint, Target]]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens the graph store of a server, as (address for queries, target)."""
    with ExitStack() as stack:

        def endpoint(url: str) -> TrustedEndpoint:
            return stack.enter_context(closing(TrustedEndpoint(Access(url), 60, 1, 1 << 24)))

        def open_store(server: SparqlServer) -> tuple[TrustedEndpoint, Target]:
            query = endpoint(server.url)
            return query, GraphStoreTarget(query, endpoint(server.graph_store))

        yield open_store


def push(folder: Path, opened: tuple[TrustedEndpoint, Target], **options: bool) -> Pushed:
    return Pusher(folder, *opened, ignore).push(**options)


def statements(store: ox.Store) -> Counter[tuple[str, str]]:
    """The statements of an endpoint without labels of blank nodes, with their graphs."""
    return Counter((str(quad.graph_name), hash_statement(quad.triple)) for quad in store)


def test_graph_store_gets_what_update_gets(folder: Path, server: SparqlServer, opened: Open) -> None:
    done = push(folder, opened(server))
    assert done.loaded > 3
    assert not [form for form in server.received if "update" in form]
    found = statements(server.store)
    server.store.clear()
    with closing(TrustedEndpoint(Access(server.url), 60, 1, 1 << 24)) as endpoint:
        assert Pusher(folder, endpoint, UpdateTarget(endpoint), ignore).push() == done
    assert statements(server.store) == found


def test_second_push_sends_no_statement(folder: Path, server: SparqlServer, opened: Open) -> None:
    push(folder, opened(server))
    server.received.clear()
    assert push(folder, opened(server)).loaded == -1
    assert [form["graph"][0] for form in server.received if "graph" in form] == ["PUT"]  # of the register


@pytest.mark.parametrize("interrupted", [6, 12])
def test_interrupted_push_goes_on(folder: Path, server: SparqlServer, opened: Open, interrupted: int) -> None:
    """After a batch with blank nodes that may be there or not, and after another one."""
    whole = push(folder, opened(server))
    expected = statements(server.store)
    server.store.clear()
    change, left = server.change_graph, [interrupted]

    def lose(method: str, graph: ox.NamedNode, turtle: str) -> int:
        left[0] -= 1
        if left[0] < 0:
            server.fault = sparql_server.break_connection
        return change(method, graph, turtle)

    server.change_graph = lose  # type: ignore[method-assign]
    with pytest.raises(EndpointFailedError):
        push(folder, opened(server))
    assert not list(server.store.quads_for_pattern(None, ox.NamedNode(CURRENT), None))
    server.fault, left[0] = None, 1000
    assert push(folder, opened(server)).loaded <= whole.loaded
    assert statements(server.store) == expected


def test_other_releases_are_removed(folder: Path, server: SparqlServer, opened: Open, tmp_path: Path) -> None:
    other = compile_release(build(tmp_path / "root", {"data/more.ttl": THINGS.replace("ns#size", "ns#n")}), tmp_path)
    push(other, opened(server))
    before = set(server.store.named_graphs())
    push(folder, opened(server))
    assert before < set(server.store.named_graphs())
    assert push(folder, opened(server), remove_old=True).removed == 1
    (register,) = before & set(server.store.named_graphs())
    assert register.value == f"{BASE}pushed/"


@pytest.mark.parametrize("by", ["update", "graph store"])
def test_value_replaces_the_former_one(server: SparqlServer, opened: Open, by: str) -> None:
    query, target = opened(server)
    target = UpdateTarget(query) if by == "update" else target
    for value in ('"1"', '"2"', f"<{SUBJECT}>"):
        target.state(Stated(GRAPH, SUBJECT, f"{BASE}p", value))
        target.state(Stated(GRAPH, SUBJECT, f"{BASE}p-{value[1:2]}", '"kept"'))
    target.state(Stated(GRAPH, f"{SUBJECT}-2", f"{BASE}p", '"of another"'))
    assert sorted(quad.object.value for quad in server.store) == [SUBJECT, "kept", "kept", "kept", "of another"]
    target.forget(GRAPH, SUBJECT)
    assert [quad.subject.value for quad in server.store] == [f"{SUBJECT}-2"]
    target.drop(GRAPH)
    target.drop(f"{GRAPH}-nothing")
    assert len(server.store) == 0


def test_what_is_no_graph_store_is_reported(folder: Path, server: SparqlServer, opened: Open) -> None:
    server.change_graph = lambda *_: 405  # type: ignore[method-assign]
    with pytest.raises(PublisherError, match=r"http://127\.0\.0\.1.*/store answers 405"):
        push(folder, opened(server))
