"""The index: things in the order of lists, their files and names, and opening a release without its sources."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support import tiny_root
from support.asgi_client import OpenApp, close

from publisher.dataset.iris import KINDS
from publisher.dataset.repository import Repository
from publisher.release import compiler
from publisher.release.index import Index, natural
from publisher.release.store import Store, open_store
from publisher.settings import Settings


@pytest.fixture
def index(store: Store) -> Index:
    return store.index


def test_things_are_listed_by_kind_and_name(index: Index) -> None:
    found = index.things()
    kinds = [iri.split("/")[-2] for iri, _ in found]
    assert kinds == sorted(kinds, key=list(KINDS).index)
    assert [thing for kind in index.kinds for thing in index.things(kind)] == found
    for kind, number in index.kinds.items():
        labels = [thing.label for thing in index.things(kind)]
        assert (len(labels), labels) == (number, sorted(labels, key=natural))


def test_numbers_in_names_are_sorted_by_value() -> None:
    names = ["H.2591 (194th)", "h.26 (194th)", "H.26 (193rd)", "S.7", "H.2608"]
    assert sorted(names, key=natural) == ["H.26 (193rd)", "h.26 (194th)", "H.2591 (194th)", "H.2608", "S.7"]


def test_part_of_a_list_is_returned(index: Index) -> None:
    everything = index.things("coalition")
    assert index.things("coalition", 1, 2) == everything[1:3]
    assert index.things("coalition", len(everything), 2) == []


def test_things_are_read_from_where_they_begin(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last part of a list costs no more than the first: none before it is read."""
    plans = []
    usual = Index._rows
    monkeypatch.setattr(Index, "_rows", lambda own, query, *values: plans.append((query, values)) or [])
    index.things("", 5, 2), index.things("bill", 5, 2)
    for query, values in plans:
        assert "OFFSET" not in query
        steps = [row[3] for row in usual(index, f"EXPLAIN QUERY PLAN {query}", *values)]
        assert not [step for step in steps if step.startswith("SCAN") or "USE TEMP" in step]


def test_file_of_a_thing_states_it(index: Index, repository: Repository) -> None:
    files = {file.path: file for file in repository.files}
    for iri, _ in index.things():
        assert iri in files[index.file_of(iri)].subjects
    assert index.file_of("https://w3id.org/ma-coalitions/id/coalition/none") == ""


def test_definitions_are_those_of_the_repository(index: Index, repository: Repository) -> None:
    own = [file for file in repository.files if not file.path.startswith("data/")]
    found = index.definitions
    assert [(file.path, file.graph, file.text) for file in found.files] == [(f.path, f.graph, f.text) for f in own]
    assert [set(file.triples) for file in found.files] == [set(file.triples) for file in own]
    assert (list(found.checks), list(found.questions)) == (list(repository.checks), list(repository.questions))
    assert found.context == repository.context


def test_graphs_are_counted(index: Index, store: Store) -> None:
    assert {iri: len(store.lookup.graph(iri)) for iri, _ in index.graphs} == dict(index.graphs)


def test_main_graphs_are_large_ones_that_files_state(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    stated = {graph for (graph,) in index.select("SELECT graph FROM source WHERE kind = 'data'")}
    monkeypatch.setitem(vars(index), "counts", (0, 0, 0))
    assert set(index.main_graphs()) == stated & dict(index.graphs).keys()
    monkeypatch.setitem(vars(index), "counts", (0, 10 * max(number for _, number in index.graphs) + 1, 0))
    assert index.main_graphs() == []


def test_release_opens_without_reading_its_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tiny_root.build(tmp_path / "root")
    settings = Settings(root=str(root), store_dir=str(tmp_path / "store"), query_workers=1)
    first = open_store(settings)
    release = first.release
    first.close()

    def refuse(*_: object) -> None:
        raise AssertionError("the sources are read")

    monkeypatch.setattr(compiler, "_fill", refuse)
    second = open_store(settings)
    assert second.release == release
    second.close()


def test_damaged_index_is_compiled_again(tmp_path: Path) -> None:
    root = tiny_root.build(tmp_path / "root")
    place = compiler.compile_release(root, tmp_path / "store")
    with (place / "index.sqlite").open("r+b") as file:
        file.write(b"no database at all")
    assert compiler.compile_release(root, tmp_path / "store") == place
    assert Index(place).kinds


def test_example_that_changes_is_shown(fork: Callable[..., Path], opened: Callable[..., OpenApp]) -> None:
    root = fork({"shapes/examples/Agenda/invalid/Agenda-notation-count.ttl": "# First.\n"})
    settings = Settings(root=str(root), store_dir=str(root / "store"), query_workers=1)
    path = root / "shapes/examples/Agenda/invalid/Agenda-notation-count.ttl"
    texts = []
    for text in ("# First.\n", "# Second.\n"):
        path.write_text(text)
        store = open_store(settings)
        texts.append(store.index.examples[path.relative_to(root).as_posix()])
        close(store)
    assert texts == ["# First.\n", "# Second.\n"]
