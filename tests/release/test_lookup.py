"""The look-up: triples of the default graph by pattern, and of one named graph."""

import os
from itertools import groupby
from pathlib import Path

import pyoxigraph as ox
import pytest

from publisher.platform_support import DESCRIPTORS
from publisher.release.downloads import quads_path
from publisher.release.lookup import StoreLookup
from publisher.release.store import Store

A, B, P, GRAPH = (ox.NamedNode(f"http://example.org/{name}") for name in ("a", "b", "p", "graph"))


@pytest.fixture
def lookup(tmp_path: Path) -> StoreLookup:
    store = ox.Store(str(tmp_path))
    store.extend([ox.Quad(A, P, B), ox.Quad(B, P, A), ox.Quad(A, P, B, GRAPH)])
    store.flush()
    del store
    return StoreLookup(tmp_path)


def test_pattern_matches_default_graph_only(lookup: StoreLookup) -> None:
    assert list(lookup.find(A, None, None)) == [ox.Triple(A, P, B)]
    assert len(list(lookup.find(None, P, None))) == 2
    assert list(lookup.find(None, None, P)) == []


def test_named_graph_has_its_triples(lookup: StoreLookup) -> None:
    assert lookup.graph(GRAPH.value) == [ox.Triple(A, P, B)]
    assert lookup.graph(A.value) == []


def test_large_store_is_opened_anew_when_much_was_read(lookup: StoreLookup, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(small: int) -> int:
        monkeypatch.setattr("publisher.release.lookup.SMALL", small)
        fresh, stores = StoreLookup(lookup._path), set()
        begun = fresh.find(None, P, None)
        first = next(begun)
        for _ in range(10):
            assert len(list(fresh.find(None, P, None))) == 2
            stores.add(id(fresh._store))
        assert {first, *begun} == {ox.Triple(A, P, B), ox.Triple(B, P, A)}, "what was begun is read to its end"
        return len(stores)

    monkeypatch.setattr("publisher.release.lookup.READ", 5)
    assert read(1 << 30) == 1
    assert read(-1) > 1


def test_closed_large_store_is_not_opened_again(lookup: StoreLookup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.release.lookup.SMALL", -1)
    monkeypatch.setattr("publisher.release.lookup.READ", 0)
    fresh = StoreLookup(lookup._path)
    assert len(list(fresh.find(None, P, None))) == 2
    fresh.close()
    with pytest.raises(AttributeError):
        fresh.find(None, P, None)


@pytest.mark.skipif(not Path(DESCRIPTORS).is_dir(), reason="the platform does not list descriptors")
def test_closed_look_up_has_no_file_open_though_it_is_referred_to(lookup: StoreLookup, tmp_path: Path) -> None:
    def opened() -> list[str]:
        links = [os.path.realpath(f"{DESCRIPTORS}/{name}") for name in os.listdir(DESCRIPTORS)]
        return [link for link in links if link.startswith(f"{tmp_path}/")]

    assert list(lookup.find(A, None, None))
    begun = lookup.find(None, P, None)
    assert next(begun)
    assert opened()
    lookup.close()
    lookup.close()
    assert list(begun), "what was begun is read to its end"
    del begun
    assert opened() == []


def test_missing_store_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        StoreLookup(tmp_path / "nowhere")


def test_stream_of_a_large_store_has_the_triples_of_its_graph(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    index = store.index
    quads = quads_path(index.folder, index.names)
    graphs = [graph for (graph,) in index.select("SELECT DISTINCT graph FROM source WHERE kind = 'data'")]
    from_store = StoreLookup(index.folder, quads, graphs)
    monkeypatch.setattr("publisher.release.lookup.SMALL", -1)
    from_file = StoreLookup(index.folder, quads, graphs)
    monkeypatch.setattr(from_file, "_store", None)
    assert sum(number for graph, number in index.graphs if graph in graphs) > 0
    for graph in graphs:
        found = list(from_file.stream_graph(graph))
        assert len(found) == dict(index.graphs).get(graph, 0)
        assert set(found) == set(from_store.stream_graph(graph))
        subjects = [subject for subject, _ in groupby(triple.subject for triple in found)]
        assert len(subjects) == len(set(subjects)), "those of a subject together"


def test_small_graph_of_a_large_store_is_read_from_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    index = store.index
    monkeypatch.setattr("publisher.release.lookup.SMALL", -1)
    lookup = StoreLookup(index.folder, quads_path(index.folder, index.names), index.main_graphs())
    graph, number = next((iri, n) for iri, n in index.graphs if iri not in index.main_graphs() and n > 1)
    assert len(list(lookup.stream_graph(graph))) == number
    first, second = lookup.stream_graph(graph), lookup.stream_graph(graph)
    assert next(first) == next(second)
    shared = lookup._for_streams
    assert len(list(second)) == number - 1
    assert lookup._for_streams is shared is not None, "the first still reads it"
    first.close()  # type: ignore[attr-defined] # a generator
    assert lookup._for_streams is None
