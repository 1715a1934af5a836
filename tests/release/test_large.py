"""What is done otherwise for large releases gives the same release: loading by the engine, and sorted hubs."""

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from support import sample_root, tiny_root
from support.asgi_client import OpenApp

from publisher.errors import CannotRunError
from publisher.release import compiler, index_writer, loader
from publisher.release.compiler import compile_release


def quads(place: Path) -> set[ox.Quad]:
    return {quad for quad in ox.Store.read_only(str(place)) if not has_blank_node(quad)}


def has_blank_node(quad: ox.Quad) -> bool:
    return isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode)


def test_files_read_by_the_engine_are_stored_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "data/marked.ttl": "\ufeff<https://example.org/a> <https://example.org/b> <https://example.org/c> .",
        "data/based.ttl": "@base <https://example.org/> . <d> <e> <f> .",
        "data/unended.ttl": "<https://example.org/g> <https://example.org/h> 7 . # no line end",
    }
    root = tiny_root.build(tmp_path / "root", files)
    first = compile_release(root, tmp_path / "first")
    monkeypatch.setattr(loader, "BUFFERED", 0)
    monkeypatch.setattr(loader, "FEW", 0)
    second = compile_release(root, tmp_path / "second")
    assert quads(first) == quads(second)
    assert len(ox.Store.read_only(str(first))) == len(ox.Store.read_only(str(second)))


def test_hubs_are_described_alike(
    opened: Callable[..., OpenApp], app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_writer, "VERY_MANY", 2)
    (tmp_path / "store").mkdir()
    large = opened(sample_root.build(tmp_path / "root"), incoming=3, store_dir=str(tmp_path / "store")).resources
    monkeypatch.setattr(app.resources, "_incoming", 3)
    hubs = [iri for iri in app.resources.things() if large.store.index.count_incoming(iri)]
    assert len(hubs) > 5
    for iri in hubs:
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


def test_file_that_changes_while_the_engine_reads_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tiny_root.build(tmp_path / "root")
    file = root / "data" / "things.ttl"
    flush, texts = loader.Loader.flush, []

    def change_before(self: loader.Loader) -> None:
        if not texts:
            texts.append(file.read_text())
            file.write_text(texts[0] + "<https://example.org/x> a <https://example.org/y> .\n")
            os.utime(file, ns=(1, 1))
        flush(self)

    monkeypatch.setattr(loader, "BUFFERED", 0)
    monkeypatch.setattr(loader.Loader, "flush", change_before)
    place = compile_release(root, tmp_path / "store")
    expected = ox.NamedNode("https://example.org/x")
    assert list(ox.Store.read_only(str(place)).quads_for_pattern(expected, None, None))
