"""Compiled releases: damage, versions of what is stored, and the removal of old ones."""

import errno
import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyoxigraph as ox
import pytest
from support import fork_root

from publisher.dataset.files import File
from publisher.dataset.iris import Names
from publisher.errors import CannotRunError
from publisher.rdf.namespaces import RDF, SKOS
from publisher.release import compiler, sources
from publisher.release.compiler import UNUSED_SECONDS, compile_release
from publisher.release.store import open_store
from publisher.settings import Settings

THING = ox.NamedNode("https://example.org/id/coalition/thing")


@pytest.fixture
def edition(tmp_path: Path) -> Callable[[str], Path]:
    """Changes a comment in a root, and returns the root."""
    root = fork_root.build(tmp_path / "root", lean=True)
    file = root / "data" / "agendas.ttl"
    text = file.read_text()

    def make(name: str) -> Path:
        file.write_text(f"# {name}\n{text}")
        return root

    return make


def compiled(folder: Path) -> list[Path]:
    """The compiled releases in a folder, and what is left of attempts."""
    return [path for path in folder.iterdir() if path.name != sources.FOLDER]


def age(place: Path) -> None:
    """Make it look unused for long."""
    long_ago = time.time() - UNUSED_SECONDS - 60
    os.utime(place, (long_ago, long_ago))


def test_unused_release_is_removed_on_compile(edition: Callable[[str], Path], tmp_path: Path) -> None:
    folder = tmp_path / "store"
    old, recent, half = (
        compile_release(edition("1"), folder),
        compile_release(edition("2"), folder),
        folder / ".making-x",
    )
    half.mkdir()
    age(old)
    age(half)
    new = compile_release(edition("3"), folder)
    assert set(compiled(folder)) == {recent, new}


def test_reopened_release_is_kept(edition: Callable[[str], Path], tmp_path: Path) -> None:
    folder = tmp_path / "store"
    old = compile_release(edition("1"), folder)
    age(old)
    assert compile_release(edition("1"), folder) == old
    compile_release(edition("2"), folder)
    assert old.is_dir()


def test_open_release_is_kept(edition: Callable[[str], Path], tmp_path: Path) -> None:
    folder = tmp_path / "store"
    opened = open_store(Settings(root=str(edition("1")), store_dir=str(folder), query_workers=1))
    (place,) = compiled(folder)
    age(place)
    compile_release(edition("2"), folder)
    assert place.is_dir()
    opened.close()
    age(place)
    compile_release(edition("3"), folder)
    assert not place.exists()


def test_other_files_in_store_folder_are_kept(edition: Callable[[str], Path], tmp_path: Path) -> None:
    folder = tmp_path / "store"
    theirs = [folder / "photographs", folder / f"{'a' * 64}-notes"]
    for place in theirs:
        place.mkdir(parents=True)
        age(place)
    compile_release(edition("1"), folder)
    assert all(place.is_dir() for place in theirs)


def damaged(place: Path, size: int) -> None:
    """Cut the list of the store's files, as a crash of the machine may."""
    (manifest,) = place.glob("MANIFEST-*")
    os.truncate(manifest, size)


@pytest.mark.parametrize("size", [0, 1000, 1548])
def test_damaged_release_is_compiled_again(
    edition: Callable[[str], Path], tmp_path: Path, caplog: pytest.LogCaptureFixture, size: int
) -> None:
    root, folder = edition("1"), tmp_path / "store"
    place = compile_release(root, folder)
    whole = stored(place)
    damaged(place, size)
    assert compile_release(root, folder) == place
    assert stored(place) == whole
    assert compiled(folder) == [place], "nothing else is left"
    assert "is damaged (MANIFEST-" in caplog.text


def test_damaged_release_that_cannot_be_replaced_is_rejected(
    edition: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    root, folder = edition("1"), tmp_path / "store"
    damaged(compile_release(root, folder), 1000)
    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with pytest.raises(CannotRunError, match=r"compiled in .*: No space left on device\. Set PUBLISHER_STORE_DIR"):
        compile_release(root, folder)


def test_full_disk_during_compile_leaves_nothing(
    edition: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise RuntimeError("IO error: No space left on device")

    monkeypatch.setattr(compiler, "_fill", full)
    with pytest.raises(CannotRunError, match="No space left on device"):
        compile_release(edition("1"), tmp_path / "store")
    assert compiled(tmp_path / "store") == []


def test_concurrently_compiled_release_is_kept(
    edition: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, folder = edition("1"), tmp_path / "store"
    fill = compiler._fill

    def slower(*arguments: Any) -> Any:
        monkeypatch.setattr(compiler, "_fill", fill)
        inodes.append(compile_release(root, folder).stat().st_ino)
        return fill(*arguments)

    inodes: list[int] = []
    monkeypatch.setattr(compiler, "_fill", slower)
    assert compile_release(root, folder).stat().st_ino == inodes[0]
    assert len(compiled(folder)) == 1


def test_small_address_space_is_rejected(
    edition: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiler, "address_space", lambda: 400_000 << 10)
    with pytest.raises(CannotRunError, match=r"limited to 400000 KiB \(ulimit -v\); 1024 MiB are needed"):
        compile_release(edition("1"), tmp_path / "store")


def stored(place: Path) -> list[str]:
    return sorted(map(str, ox.Store.read_only(str(place))))


STORED = dict.fromkeys((1, 2), "3d866f0f0aeb05a8f90a41c1940bac0b453a137f23435546c3ce16b0cb1d3640") | {
    3: "421d68ea79d9c542b252c3e0f504ed219b67bd27e4b8c2982ba9ae8df89207aa",
}
"""What is stored for `FROZEN`, by version: SHA-256 of its sorted quads. Add a version, never change one."""
FAR = (
    "# title: Far\n# why: A reason.\n"
    "CONSTRUCT { ?o <https://example.org/ns#nearOf> ?s } { ?s <https://example.org/ns#near> ?o }\n"
)
FROZEN = SimpleNamespace(
    names=Names("https://example.org/", {"ex": "https://example.org/ns#", "skos": SKOS}),
    files=[
        File(
            "data/things.ttl",
            "",
            [
                ox.Triple(THING, ox.NamedNode(RDF + "type"), ox.NamedNode("https://example.org/ns#Thing")),
                ox.Triple(THING, ox.NamedNode(SKOS + "prefLabel"), ox.Literal("Thing", language="en")),
                ox.Triple(THING, ox.NamedNode("https://example.org/ns#size"), ox.Literal(7)),
                ox.Triple(THING, ox.NamedNode("https://example.org/ns#near"), ox.NamedNode("https://example.org/b")),
            ],
            "https://example.org/graph/things",
        )
    ],
    questions=[("ontology/questions/01-size.rq", "# title: Size\n# question: How large?\n# keywords: size\nASK {}\n")],
    shortcuts=[("data/shortcuts/01-far.rq", FAR)],
)


def test_stored_quads_change_only_with_version(tmp_path: Path) -> None:
    """Where this fails, raise `compiler.VERSION` and record what is stored now under it."""
    filled = ox.Store(str(tmp_path))
    compiler._fill(filled, FROZEN)  # type: ignore[arg-type]
    quads = "\n".join(sorted(map(str, filled)))
    assert hashlib.sha256(quads.encode()).hexdigest() == STORED[compiler.VERSION], quads
