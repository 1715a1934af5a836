"""Freezing a release: what is written, that it can be replayed to the byte, and what is refused."""

import hashlib
import json
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pytest
from support import tiny_root

from publisher import __version__
from publisher.dataset.released_iris import read_list
from publisher.dataset.releases import (
    ADDED,
    CONTEXT,
    FOLDER,
    LIST,
    MANIFEST,
    QUERIES,
    REMOVED,
    Release,
    read_releases,
    replay,
)
from publisher.dataset.repository import read_repository
from publisher.errors import CannotRunError
from publisher.release import freezing
from publisher.release.freezing import freeze

DAY = date(2026, 11, 30)
THING = f"{tiny_root.BASE}id/coalition/thing"
MORE = f'<{tiny_root.BASE}id/coalition/b> <{tiny_root.BASE}ns#size> 8 , [ <{tiny_root.BASE}ns#unit> "m" ] .\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tiny_root.build(tmp_path / "root")


@pytest.fixture
def make(root: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    def run(version: str, day: date = DAY) -> Release:
        return freeze(root, version, day, tmp_path / "store")

    return run


def test_first_release_adds_every_statement(root: Path, make) -> None:
    release = make("0.1.0")
    assert sorted(path.name for path in (root / FOLDER / "0.1.0").iterdir()) == sorted(
        [ADDED, REMOVED, CONTEXT, LIST, MANIFEST, QUERIES]
    )
    assert (release.version, release.date, release.previous) == ("0.1.0", "2026-11-30", "")
    assert (release.software, release.base) == (__version__, tiny_root.BASE)
    assert release.id == read_repository(root).release
    added = (root / FOLDER / "0.1.0" / ADDED).read_bytes()
    assert hashlib.sha256(added).hexdigest() == release.id
    quads = list(ox.parse(added, format=ox.RdfFormat.N_QUADS))
    assert release.counts == {
        "total": len(quads) + 4,
        "derived": 4,
        "things": 1,
        "asserted": len(quads),
        "added": len(quads),
        "removed": 0,
        "iris": 5,
    }
    assert [iri.removeprefix(tiny_root.BASE) for iri in release.derived] == [
        "graph/catalogue",
        "graph/derived",
        "graph/examples",
    ]


def test_release_keeps_context_and_queries(root: Path, make) -> None:
    release = make("0.1.0")
    assert release.context == (root / "ontology/context.jsonld").read_text()
    for path in ("data/shortcuts/01-far.rq", "ontology/questions/01-size.rq"):
        assert release.queries[path] == (root / path).read_text()


def test_manifest_states_digests_of_its_files(root: Path, make) -> None:
    release = make("0.1.0")
    assert release.files == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((root / FOLDER / "0.1.0").iterdir())
        if path.name != MANIFEST
    }


def test_list_has_classes_and_digests_of_own_statements(root: Path, make) -> None:
    make("0.1.0")
    (root / "data" / "more.ttl").write_text(MORE)
    make("0.2.0")
    first, second = (read_list(root, version) for version in ("0.1.0", "0.2.0"))
    assert first.meanings[THING] == "ex:Thing"
    assert first.digests[THING] == second.digests[THING], "what others state is not its own"
    assert f"{tiny_root.BASE}id/coalition/b" not in first.digests
    assert f"{tiny_root.BASE}id/coalition/b" in second.digests
    (root / "data" / "things.ttl").write_text((root / "data" / "things.ttl").read_text().replace("7", "8"))
    make("0.3.0")
    assert read_list(root, "0.3.0").digests[THING] != first.digests[THING]


def test_releases_are_replayed_to_the_byte(root: Path, make) -> None:
    texts = [MORE, MORE.replace("8", "9"), ""]
    states = []
    for number, text in enumerate(texts):
        (root / "data" / "more.ttl").write_text(text)
        states.append((make(f"0.{number}.0"), read_repository(root).release))
    releases = read_releases(root)
    for release, id_ in states:
        lines = b"".join(replay(releases, release.version))
        assert hashlib.sha256(lines).hexdigest() == release.id == id_
    assert [release.counts["removed"] for release in releases] == [0, 1, 3]
    assert [release.counts["added"] for release in releases][1:] == [1, 0]


def test_large_differences_are_compressed_alike(root: Path, make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freezing, "LARGE", 100)
    release = make("0.1.0")
    packed = (root / FOLDER / "0.1.0" / f"{ADDED}.gz").read_bytes()
    assert packed[4:8] == bytes(4), "no time in its head"
    assert hashlib.sha256(b"".join(replay([release]))).hexdigest() == release.id == release.files[ADDED]


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("0.2", "MAJOR.MINOR.PATCH"),
        ("0.2.0", r"Release 0\.2\.0 exists"),
        ("0.1.9", r"0\.1\.9 is not higher than the last release, 0\.2\.0"),
        ("0.2.1", r"The statements are those of release 0\.2\.0: nothing has changed"),
    ],
)
def test_version_that_cannot_follow_is_rejected(root: Path, make, version: str, reason: str) -> None:
    make("0.2.0")
    with pytest.raises(CannotRunError, match=reason):
        make(version)
    assert [path.name for path in (root / FOLDER).iterdir()] == ["0.2.0"]


def test_releases_that_do_not_fit_are_rejected(root: Path, make) -> None:
    make("0.1.0")
    path = root / FOLDER / "0.1.0" / ADDED
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    (root / "data" / "more.ttl").write_text(MORE)
    with pytest.raises(CannotRunError, match=r"do not give the statements of release 0\.1\.0"):
        make("0.2.0")
    assert [path.name for path in (root / FOLDER).iterdir()] == ["0.1.0"]


def test_unfinished_release_leaves_nothing(root: Path, make, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(freezing, "_publish", fail)
    with pytest.raises(CannotRunError, match="No space left on device"):
        make("0.1.0")
    assert list((root / FOLDER).iterdir()) == []


def test_manifest_is_written_in_one_spelling(root: Path, make) -> None:
    make("0.1.0")
    text = (root / FOLDER / "0.1.0" / MANIFEST).read_text()
    assert text == json.dumps(json.loads(text), indent=2) + "\n"
