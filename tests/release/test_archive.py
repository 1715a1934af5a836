"""The archive: releases rebuilt from their N-Quads, compiled, and identified."""

import hashlib
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest
from support import tiny_root

from publisher.dataset.releases import ADDED, FOLDER, QUERIES
from publisher.dataset.repository import read_repository
from publisher.errors import CannotRunError
from publisher.release.archive import Archive
from publisher.release.compiler import compile_release
from publisher.release.freezing import freeze
from publisher.release.index import Index

BLANK = f'<{tiny_root.BASE}shapes#more> <{tiny_root.BASE}ns#list> ( [ <{tiny_root.BASE}ns#unit> "m" ] 7 ) .\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tiny root with two releases, and changes since."""
    found = tiny_root.build(tmp_path / "root", {"shapes/more.ttl": BLANK})
    freeze(found, "0.1.0", date(2026, 11, 29), tmp_path / "store")
    (found / "data" / "things.ttl").write_text((found / "data" / "things.ttl").read_text().replace("7", "8"))
    freeze(found, "0.2.0", date(2026, 11, 30), tmp_path / "store")
    (found / "data" / "shortcuts" / "01-far.rq").unlink()
    (found / "data" / "things.ttl").write_text((found / "data" / "things.ttl").read_text().replace("8", "9"))
    return found


@pytest.fixture
def archive(root: Path, tmp_path: Path) -> Archive:
    return Archive(root, tmp_path / "other")


def test_rebuilt_root_makes_the_same_release(archive: Archive) -> None:
    for release in archive.releases:
        rebuilt = archive.rebuild(release.version)
        assert read_repository(rebuilt).release == release.id


def test_compiled_release_answers_as_it_did(root: Path, archive: Archive, tmp_path: Path) -> None:
    store = ox.Store.read_only(str(archive.compile("0.1.0")))
    size, far = (ox.NamedNode(f"{tiny_root.BASE}ns#{name}") for name in ("size", "nearOf"))
    assert [q.object.value for q in store.quads_for_pattern(None, size, None, ox.DefaultGraph())] == ["7"]
    assert len(list(store.quads_for_pattern(None, far, None, ox.DefaultGraph()))) == 1, "derived as it was then"


def test_change_log_of_a_rebuilt_release_ends_with_it(archive: Archive) -> None:
    for number, release in enumerate(archive.releases, 1):
        editions = Index(archive.compile(release.version)).changes.editions
        assert [each.version for each in editions] == [each.version for each in archive.releases[:number]][::-1]
        assert (editions[0].added, editions[0].removed) == (release.counts["added"], release.counts["removed"])


def test_release_is_rebuilt_and_compiled_once(archive: Archive) -> None:
    first = archive.compile("0.1.0")
    inode = archive.rebuild("0.1.0").stat().st_ino
    assert archive.compile("0.1.0") == first
    assert archive.rebuild("0.1.0").stat().st_ino == inode


def test_stores_are_identified_by_their_statements(root: Path, archive: Archive, tmp_path: Path) -> None:
    first = archive.identify(Index(archive.compile("0.1.0")).release, past=True)
    assert (first.release, first.exact, first.past) == (archive.releases[0], True, True)
    now = archive.identify(Index(compile_release(root, tmp_path / "store")).release)
    assert (now.release, now.exact, now.past) == (archive.releases[1], False, False)
    assert Archive(tiny_root.build(tmp_path / "empty"), tmp_path).identify("0").release is None


def test_damaged_release_is_not_rebuilt(root: Path, archive: Archive, tmp_path: Path) -> None:
    path = root / FOLDER / "0.1.0" / ADDED
    path.write_bytes(path.read_bytes().replace(b"Thing", b"Thin"))
    with pytest.raises(CannotRunError, match=r"do not give the statements of release 0\.1\.0"):
        archive.compile("0.1.0")
    assert not any((tmp_path / "other" / "rebuilt").iterdir())


def test_queries_stay_in_the_rebuilt_root(root: Path, archive: Archive, tmp_path: Path) -> None:
    (root / FOLDER / "0.1.0" / QUERIES).write_text('{"../../escaped.rq": "ASK {}"}')
    with pytest.raises(CannotRunError, match=r"a query outside of its folders: \.\./\.\./escaped\.rq"):
        archive.rebuild("0.1.0")
    assert list(tmp_path.rglob("escaped.rq")) == []


def test_graph_without_a_file_is_reported(tmp_path: Path) -> None:
    root = tiny_root.build(tmp_path / "root")
    freeze(root, "0.1.0", date(2026, 11, 29), tmp_path / "store")
    for path in (root / FOLDER / "0.1.0").iterdir():
        path.write_bytes(path.read_bytes().replace(b"graph/things", b"graph/../x"))
    archive = Archive(root, tmp_path / "other")
    lines = (root / FOLDER / "0.1.0" / ADDED).read_bytes()
    manifest = root / FOLDER / "0.1.0" / "manifest.json"
    manifest.write_text(manifest.read_text().replace(archive.releases[0].id, hashlib.sha256(lines).hexdigest()))
    with pytest.raises(CannotRunError, match=r"a graph that no file of a root is published in: .*/graph/\.\./x"):
        Archive(root, tmp_path / "other").rebuild("0.1.0")
