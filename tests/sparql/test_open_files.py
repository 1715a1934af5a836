"""Opening every file of a store before a query process may open none."""

import os
from pathlib import Path

import pyoxigraph as ox
import pytest

from publisher.platform_support import open_descriptors
from publisher.sparql import evaluation

EX = "https://example.org/"


class Unread:
    """A store that is not to be read as a whole."""

    def __init__(self, store: ox.Store) -> None:
        self.quads_for_pattern, self.named_graphs = store.quads_for_pattern, store.named_graphs

    def __iter__(self) -> None:
        raise AssertionError("the store is read as a whole")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of many files, since it was filled in several steps."""
    store = ox.Store(str(tmp_path))
    used = ox.NamedNode("http://rdfs.org/ns/void#property")
    store.bulk_extend(ox.Quad(ox.NamedNode(EX), used, ox.NamedNode(f"{EX}p{n}")) for n in range(3))
    for step in range(5):
        texts = (ox.Literal(f"{step} {number}" * (1 + number % 9)) for number in range(50))
        quads = [
            ox.Quad(ox.NamedNode(f"{EX}{step}{n}"), ox.NamedNode(f"{EX}p{n % 3}"), text, ox.NamedNode(f"{EX}g{n % 2}"))
            for n, text in enumerate(texts)
        ]
        store.bulk_extend([*quads, *(ox.Quad(q.subject, q.predicate, q.object) for q in quads)])
    store.flush()
    return tmp_path


def closed(path: Path) -> set[str]:
    return {name for name in os.listdir(path) if name.endswith(".sst")} - set(open_descriptors() or ())


def test_all_files_are_opened_by_look_ups(path: Path) -> None:
    store = ox.Store.read_only(str(path))
    before = closed(path)
    evaluation._open_files(Unread(store), str(path), [])  # type: ignore[arg-type]
    assert before
    assert not closed(path)


def test_whole_store_is_read_where_look_ups_do_not_suffice(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "ROUNDS", 0)
    with pytest.raises(AssertionError, match="read as a whole"):
        evaluation._open_files(Unread(ox.Store.read_only(str(path))), str(path), [])  # type: ignore[arg-type]


def test_files_of_hubs_are_looked_for_in_every_graph(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub may fill files of its own, which made-up objects do not reach. The store of this test is too small."""
    store, hub, asked = ox.Store.read_only(str(path)), ox.NamedNode(f"{EX}hub"), []

    def record(subject, property_, value, graph=None):
        asked.append((subject, value, graph))
        return store.quads_for_pattern(subject, property_, value, graph)

    recorder = Unread(store)
    recorder.quads_for_pattern = record
    monkeypatch.setattr(evaluation, "ROUNDS", 1)
    list(evaluation._look_everywhere(recorder, [hub.value]))  # type: ignore[arg-type]
    graphs = {graph for subject, value, graph in asked if value == hub and subject is not None}
    assert graphs == {None, ox.DefaultGraph(), *store.named_graphs()}
