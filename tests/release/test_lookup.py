"""The look-up: triples of the default graph by pattern, and of one named graph."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from publisher.release.lookup import StoreLookup

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


def test_missing_store_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        StoreLookup(tmp_path / "nowhere")
