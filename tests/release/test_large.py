"""What is done otherwise for large releases gives the same release: sorting on disk, and sorted hubs."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from support import sample_root, tiny_root
from support.asgi_client import OpenApp

from publisher.errors import CannotRunError
from publisher.rdf import canonical_quads
from publisher.release import change_writer, compiler, hubs, list_writer, loader, tally
from publisher.release.compiler import compile_release
from publisher.release.index import Index


def test_release_that_exceeds_memory_is_stored_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "data/marked.ttl": "\ufeff<https://example.org/a> <https://example.org/b> <https://example.org/c> .",
        "data/based.ttl": "@base <https://example.org/> . <d> <e> <f> .",
        "data/unended.ttl": "<https://example.org/g> <https://example.org/h> 7 . # no line end",
    }
    root = tiny_root.build(tmp_path / "root", files)
    first = compile_release(root, tmp_path / "first")
    monkeypatch.setattr(canonical_quads.CanonicalQuads.__init__, "__defaults__", (1000,))
    monkeypatch.setattr(canonical_quads, "READ", 1000)
    monkeypatch.setattr(loader, "HELD", 0)
    monkeypatch.setattr(loader, "FEW", 0)
    monkeypatch.setattr(loader, "BATCH", 1000)
    monkeypatch.setattr(loader, "FILE", 1000)
    monkeypatch.setattr(list_writer, "HELD", 2)
    monkeypatch.setattr(change_writer, "HELD", 2)
    monkeypatch.setattr(tally, "SHAPES", 2)
    monkeypatch.setattr(tally, "EDGES", 2)
    second = compile_release(root, tmp_path / "second")
    assert set(ox.Store.read_only(str(first))) == set(ox.Store.read_only(str(second)))
    assert Index(first).release == Index(second).release
    assert list(Index(first).partitions) == list(Index(second).partitions)
    for table in ("row", "facet", "name", "identifier", "change"):
        assert Index(first).select(f"SELECT * FROM {table}") == Index(second).select(f"SELECT * FROM {table}")
    for name in "adg":
        found = ox.Store.read_only(str(second)).quads_for_pattern(
            ox.NamedNode(f"https://example.org/{name}"), None, None
        )
        assert len({quad.graph_name for quad in found}) == 2


def test_hubs_are_described_alike(
    opened: Callable[..., OpenApp], app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "VERY_MANY", 2)
    (tmp_path / "store").mkdir()
    large = opened(sample_root.build(tmp_path / "root"), incoming=3, store_dir=str(tmp_path / "store")).resources
    monkeypatch.setattr(app.resources, "_incoming", 3)
    found = [iri for iri in app.resources.things() if large.store.index.count_incoming(iri)]
    assert len(found) > 5
    for iri in found:
        expected = app.resources.describe(iri)
        for page in range(1, expected.pages + 1):
            wanted = dataclasses.asdict(app.resources.describe(iri, page))
            assert dataclasses.asdict(large.describe(iri, page)) == wanted


def test_files_that_keep_changing_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tiny_root.build(tmp_path / "root")
    file = root / "data" / "dataset.ttl"
    read, texts = compiler.read_sources, []

    def change_after(*arguments: Path) -> object:
        found = read(*arguments)
        texts.append(file.read_text())
        file.write_text(texts[-1] + "# Changed.\n")
        return found

    monkeypatch.setattr(compiler, "read_sources", change_after)
    with pytest.raises(CannotRunError, match="change while they are read"):
        compile_release(root, tmp_path / "store")
    assert len(texts) == compiler.ATTEMPTS
    assert [path.name for path in (tmp_path / "store").iterdir()] in ([], ["roots"])
