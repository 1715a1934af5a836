"""The push: a whole release or none, resumed where it was interrupted, beside other releases."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from support import sparql_server
from support.sparql_server import SparqlServer
from support.tiers import EVERYTHING
from support.tiny_root import BASE, build

from publisher.errors import CannotRunError, EndpointFailedError, PublisherError
from publisher.rdf.namespaces import SKOS
from publisher.release import pusher
from publisher.release.compiler import compile_release
from publisher.release.placement import CURRENT, RELEASE, Register, hash_statement
from publisher.release.push_targets import UpdateTarget
from publisher.release.pusher import Pushed, Pusher, _connect, _join, _split
from publisher.sparql.http_client import Access
from publisher.sparql.trusted import TrustedEndpoint

Steps = list[tuple[str, int, int]]
SHAPES = "".join(
    f"""
<{BASE}shapes#list{number}> <{BASE}ns#in> ( 1 [ <{BASE}ns#deep> [ <{BASE}ns#deep> "x"@en ] ] "three" ) ."""
    for number in range(4)
)
THINGS = "".join(
    f'''
<{BASE}id/coalition/thing-{number}> a <{BASE}ns#Thing> ; <{SKOS}prefLabel> "Thing \u00e4 \\"{number}\\""@en ;
    <{BASE}ns#size> {number} ; <{BASE}ns#near> <{BASE}id/coalition/thing-{number + 1}> .'''
    for number in range(10)
)
FILES = {"shapes/lists.ttl": SHAPES, "data/more.ttl": THINGS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compiled release with blank nodes, and statements in several graphs."""
    root = build(tmp_path_factory.mktemp("root"), FILES)
    return compile_release(root, tmp_path_factory.mktemp("releases"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SparqlServer]:
    monkeypatch.setattr(pusher, "BATCH", 30)
    found = SparqlServer()
    yield found
    found.stop()


def push(folder: Path, server: SparqlServer, steps: Steps | None = None, **options: bool) -> Pushed:
    with closing(TrustedEndpoint(Access(server.url), 60, 1, 1 << 24)) as endpoint:
        report = (lambda *step: steps.append(step)) if steps is not None else (lambda *_: None)
        return Pusher(folder, endpoint, UpdateTarget(endpoint), report).push(**options)


def graphs(store: ox.Store, place: str) -> dict[str, Counter[str]]:
    """The statements of a release at an endpoint, without labels of blank nodes, by graph."""
    found: dict[str, Counter[str]] = {}
    for quad in store:
        name = getattr(quad.graph_name, "value", "default")
        if name.startswith(place):
            found.setdefault(name.removeprefix(place), Counter())[hash_statement(quad.triple)] += 1
    return found


def place_of(store: ox.Store) -> list[str]:
    return [quad.object.value for quad in store.quads_for_pattern(None, ox.NamedNode(CURRENT), None)]


def count_updates(server: SparqlServer) -> int:
    return sum(
        "INSERT" in form["update"][0] and "GRAPH" in form["update"][0] for form in server.received if "update" in form
    )


def test_endpoint_has_the_statements_of_the_release(folder: Path, server: SparqlServer) -> None:
    steps: Steps = []
    done = push(folder, server, steps)
    compiled = ox.Store.read_only(str(folder))
    (place,) = place_of(server.store)
    found = graphs(server.store, place)
    base = place.partition("pushed/")[0]
    expected: dict[str, Counter[str]] = {}
    for quad in compiled:
        name = quad.graph_name
        graph = "graph/" + name.value.removeprefix(base) if isinstance(name, ox.NamedNode) else "default"
        expected.setdefault(graph, Counter())[hash_statement(quad.triple)] += 1
    assert {name: counts for name, counts in found.items() if name != "names"} == expected
    assert sum(found["names"].values()) == len(expected) - 1
    assert done.statements == len(compiled)
    assert done.loaded > 3
    loading = [step for step in steps if step[0] == "loading"]
    assert [number for _, number, _ in loading] == list(range(1, done.loaded + 1))
    assert all(number <= total for _, number, total in loading)


def test_blank_nodes_stay_connected_in_and_between_graphs(folder: Path, server: SparqlServer) -> None:
    push(folder, server)
    lists = "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> SELECT (COUNT(*) AS ?n) { %s }"
    pattern = "?s ?p ?o . ?o rdf:rest*/rdf:first ?f FILTER isBlank(?o)"
    both = "?s ?p ?b . GRAPH ?g { ?b ?q ?o } FILTER isBlank(?b)"
    compiled = ox.Store.read_only(str(folder))
    (place,) = place_of(server.store)
    default = ox.NamedNode(f"{place}default")
    others = [graph for graph in server.store.named_graphs() if graph != default]
    for text in (pattern, both):
        there: Any = server.store.query(lists % text, default_graph=default, named_graphs=others)
        here: Any = compiled.query(lists % text)
        number = next(here)[0]
        assert int(number.value) >= 4
        assert next(there)[0] == number


def test_second_push_sends_no_statement(folder: Path, server: SparqlServer) -> None:
    first = push(folder, server)
    server.received.clear()
    second = push(folder, server)
    assert (second.loaded, second.statements) == (-1, first.statements)
    assert count_updates(server) == 1  # of the pointer


@pytest.mark.parametrize("interrupted", [1, 8] if EVERYTHING else [8])
def test_interrupted_push_goes_on_and_is_not_current_before(folder, server, interrupted: int) -> None:
    whole = push(folder, server).loaded
    server.store.clear()
    left = [interrupted + 4]  # the requests before the first batch

    def lose(handler: sparql_server.Handler) -> None:
        form = handler.server.received[-1]
        if "update" not in form:
            handler.respond(200, *handler.server.answer(form))
            return
        left[0] -= 1
        if left[0] >= 0:
            handler.server.update(form["update"][0])
        if left[0] > 0:
            handler.respond(204, "", b"")
        else:  # what was sent may be done, or not
            handler.close_connection = True

    server.fault = lose
    with pytest.raises(EndpointFailedError):
        push(folder, server)
    assert place_of(server.store) == []
    server.fault = None
    done = push(folder, server)
    assert done.loaded <= whole
    (place,) = place_of(server.store)
    found = graphs(server.store, place)
    assert sum(sum(counts.values()) for name, counts in found.items() if name != "names") == done.statements


def test_blank_nodes_are_not_sent_again_where_the_connection_breaks(folder: Path, server: SparqlServer) -> None:
    lost: list[str] = []

    def lose(handler: sparql_server.Handler) -> None:
        form = handler.server.received[-1]
        if "update" not in form:
            handler.respond(200, *handler.server.answer(form))
            return
        handler.server.update(form["update"][0])
        if "_:" in form["update"][0]:
            lost.append(form["update"][0])
            handler.close_connection = True
        else:
            handler.respond(204, "", b"")

    server.fault = lose
    with pytest.raises(EndpointFailedError):
        push(folder, server)
    assert len(lost) == 1
    server.fault = None
    assert push(folder, server).loaded > 0


def test_complete_release_that_lost_statements_is_reported(folder: Path, server: SparqlServer) -> None:
    push(folder, server)
    for quad in list(server.store.quads_for_pattern(None, ox.NamedNode(f"{BASE}ns#size"), None)):
        server.store.remove(quad)
    with pytest.raises(CannotRunError, match=r"\d+ statements, not \d+, .* --restart"):
        push(folder, server)
    assert push(folder, server, restart=True).loaded > 0


def test_restart_loads_all_again(folder: Path, server: SparqlServer) -> None:
    first = push(folder, server)
    assert push(folder, server, restart=True) == first


def test_endpoint_that_loses_statements_does_not_get_a_current_release(folder, server) -> None:
    update = server.update

    def lose(text: str) -> None:
        update(text)
        for quad in server.store.quads_for_pattern(None, ox.NamedNode(f"{BASE}ns#size"), None):
            server.store.remove(quad)

    server.update = lose
    with pytest.raises(CannotRunError, match=r"The endpoint has \d+ statements, not \d+, after the push"):
        push(folder, server)
    assert place_of(server.store) == []


def test_endpoint_that_changes_statements_is_found_by_their_digest(folder, server) -> None:
    server.update = lambda text: server.store.update(text.replace("Thing ", "Thong "))
    with pytest.raises(CannotRunError, match="other statements than were sent"):
        push(folder, server)


@pytest.mark.parametrize("lost", [CURRENT, "#complete"])
def test_endpoint_that_does_not_keep_the_register_is_reported(folder, server, lost: str) -> None:
    update = server.update
    server.update = lambda text: None if lost in text else update(text)
    with pytest.raises(CannotRunError, match="accepted the register of releases, but did not keep it"):
        push(folder, server)
    server.update = update
    assert push(folder, server).loaded in {-1, 0}


def test_other_releases_are_removed_on_request_only(folder, server, tmp_path: Path) -> None:
    other = compile_release(
        build(tmp_path / "root", FILES | {"data/more.ttl": THINGS.replace("Thing", "Thong")}), tmp_path
    )
    push(folder, server)
    (before,) = place_of(server.store)
    push(other, server)
    (now,) = place_of(server.store)
    assert before != now
    assert graphs(server.store, before).keys() == graphs(server.store, now).keys()
    assert push(other, server, remove_old=True).removed == 1
    assert graphs(server.store, before) == {}
    assert graphs(server.store, now)
    register = Register(now.partition("pushed/")[0])
    assert len(list(server.store.quads_for_pattern(None, ox.NamedNode(RELEASE), None, ox.NamedNode(register.iri)))) == 1


@pytest.mark.parametrize(
    "fault", [sparql_server.answer_html, sparql_server.answer_other_type, sparql_server.break_connection]
)
def test_what_is_no_endpoint_is_reported(folder: Path, server: SparqlServer, fault: sparql_server.Fault) -> None:
    server.fault = fault
    with pytest.raises(PublisherError, match=r"http://127\.0\.0\.1"):
        push(folder, server)


def test_statements_are_grouped_by_their_blank_nodes() -> None:
    nodes = [ox.BlankNode(f"n{number}") for number in range(6)]
    p, x = ox.NamedNode("urn:p"), ox.NamedNode("urn:x")
    pairs = [(x, nodes[0]), (nodes[1], nodes[2]), (nodes[3], x), (nodes[0], nodes[1]), (nodes[4], nodes[5])]
    groups = list(_connect((f"g{number}", ox.Triple(s, p, o)) for number, (s, o) in enumerate(pairs)))
    assert sorted(sorted(graph for graph, _ in group) for group in groups) == [["g0", "g1", "g3"], ["g2"], ["g4"]]


def test_groups_are_joined_up_to_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pusher, "BATCH", 3)
    triple = ox.Triple(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.NamedNode("urn:o"))
    groups = [[("g", triple)] * size for size in (1, 2, 1, 5, 1)]
    assert [len(group) for group in _join(groups)] == [3, 1, 5, 1]


def test_batches_are_bounded_in_number_and_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pusher, "BATCH", 3)
    monkeypatch.setattr(pusher, "CHARACTERS", 10)
    s, p = ox.NamedNode("urn:s"), ox.NamedNode("urn:p")
    values = ["a", "b", "c", "d", "12345", "123456", "x" * 50, "e"]
    batches = _split(("g", ox.Triple(s, p, ox.Literal(value))) for value in values)
    assert [[triple.object.value for _, triple in batch] for batch in batches] == [
        ["a", "b", "c"],
        ["d", "12345"],
        ["123456"],
        ["x" * 50],
        ["e"],
    ]
