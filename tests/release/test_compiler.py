"""Compiled releases: damage, versions of what is stored, and the removal of old ones."""

import errno
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from support import tiny_root
from support.tiers import EVERYTHING

from publisher.errors import CannotRunError
from publisher.release import compiler, loader, sources
from publisher.release.checksums import find_damage
from publisher.release.compiler import UNUSED_SECONDS, compile_release, find_last, remove_older
from publisher.release.store import open_store
from publisher.settings import Settings


@pytest.fixture
def edition(tmp_path: Path) -> Callable[[str], Path]:
    """Changes a comment in a root, and returns the root."""
    root = tiny_root.build(tmp_path / "root")
    file = root / "data" / "things.ttl"
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


def use(place: Path, number: int) -> None:
    """Make it look used at a time not long ago; later for a greater number."""
    when = time.time() - 1000 + number
    os.utime(place, (when, when))


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
    """What is stored, without the sizes and digests of downloads: compressed ones depend on the library's version."""
    return sorted(text for text in map(str, ox.Store.read_only(str(place))) if "/download/" not in text)


STORED = {
    4: "91035cff341929b84b64e506e4ef5e3744b970d1f4348a6b85a6c30c6620877e",
    5: "91035cff341929b84b64e506e4ef5e3744b970d1f4348a6b85a6c30c6620877e",
    6: "be057542db41485cd1cbe863369629500a93c263923e62638ed819b4f86d4e03",
    7: "be057542db41485cd1cbe863369629500a93c263923e62638ed819b4f86d4e03",
    8: "be057542db41485cd1cbe863369629500a93c263923e62638ed819b4f86d4e03",
    9: "be057542db41485cd1cbe863369629500a93c263923e62638ed819b4f86d4e03",
    10: "be057542db41485cd1cbe863369629500a93c263923e62638ed819b4f86d4e03",
    11: "be057542db41485cd1cbe863369629500a93c263923e62638ed819b4f86d4e03",
    12: "be057542db41485cd1cbe863369629500a93c263923e62638ed819b4f86d4e03",
    13: "be057542db41485cd1cbe863369629500a93c263923e62638ed819b4f86d4e03",
    14: "be057542db41485cd1cbe863369629500a93c263923e62638ed819b4f86d4e03",
    15: "be057542db41485cd1cbe863369629500a93c263923e62638ed819b4f86d4e03",
    16: "be057542db41485cd1cbe863369629500a93c263923e62638ed819b4f86d4e03",
    17: "be057542db41485cd1cbe863369629500a93c263923e62638ed819b4f86d4e03",
    18: "be057542db41485cd1cbe863369629500a93c263923e62638ed819b4f86d4e03",
    19: "be057542db41485cd1cbe863369629500a93c263923e62638ed819b4f86d4e03",
    20: "be057542db41485cd1cbe863369629500a93c263923e62638ed819b4f86d4e03",
}
"""What is stored for the tiny root, by version: SHA-256 of its sorted quads. Add a version, never change one."""


def test_stored_quads_change_only_with_version(tmp_path: Path) -> None:
    """Where this fails, raise `compiler.VERSION` and record what is stored now under it."""
    quads = stored(compile_release(tiny_root.build(tmp_path / "root"), tmp_path / "store"))
    assert hashlib.sha256("\n".join(quads).encode()).hexdigest() == STORED[compiler.VERSION], quads


def test_blank_nodes_keep_their_labels_when_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        b'<urn:a> <urn:p> "> _:y" <urn:g> .\n',
        b'<urn:a> <urn:p> "_:x" <urn:g> .\n',
        b"<urn:a> <urn:p> <urn:_:b> <urn:g> .\n",
        b"<urn:a> <urn:p> _:c <urn:g> .\n",
        b"_:c <urn:p> <urn:a> <urn:g> .\n",
        b'_:c <urn:p> "1" <urn:g> .\n',
    ]
    monkeypatch.setattr(loader, "FEW", 0)
    store = ox.Store()
    loader.load_both(store, [lines[:4], lines[4:]])
    stated = [str(quad) for quad in ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS)]
    assert sorted(str(quad) for quad in store if quad.graph_name != ox.DefaultGraph()) == sorted(stated)
    assert sorted(str(quad.triple) for quad in store if quad.graph_name == ox.DefaultGraph()) == sorted(
        text.removesuffix(" <urn:g>") for text in stated
    )


def test_older_releases_of_same_root_are_removed(edition: Callable[[str], Path], tmp_path: Path) -> None:
    folder = tmp_path / "store"
    places = []
    for number in range(4):
        places.append(compile_release(edition(str(number)), folder))
        use(places[-1], number)
    other = compile_release(tiny_root.build(tmp_path / "other"), folder)
    (folder / "notes").mkdir()
    opened = open_store(Settings(store_dir=str(folder), query_workers=1), places[0])
    remove_older(places[3], 1)
    assert set(compiled(folder)) == {places[3], places[2], places[0], other, folder / "notes"}
    opened.close()
    remove_older(places[3], 0)
    assert set(compiled(folder)) == {places[3], other, folder / "notes"}


def test_last_release_is_newest_whole_one_of_root(edition: Callable[[str], Path], tmp_path: Path) -> None:
    folder, root = tmp_path / "store", edition("1")
    assert find_last(folder, root) is None
    first, second, third = (compile_release(edition(name), folder) for name in "123")
    for time_of_use, place in enumerate((first, second, third)):
        use(place, time_of_use)
    compile_release(tiny_root.build(tmp_path / "other"), folder)
    assert find_last(folder, root) == third
    next(third.glob("*.sqlite*")).write_bytes(b"damaged")
    assert find_last(folder, root) == second
    second.rename(folder / second.name.replace(f"-{compiler.VERSION}-", "-1-"))
    assert find_last(folder, root) == first


KILLED = """
import os, signal, sys
from pathlib import Path
from publisher.release.compiler import compile_release
left = int(sys.argv[3])
def count(event, arguments):
    global left
    if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.utime", "sqlite3.connect"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
compile_release(Path(sys.argv[1]), Path(sys.argv[2]))
print(left)
"""
"""Compiles a root, and kills itself at the Nth time that it touches the file system."""


def test_kill_at_any_point_leaves_whole_releases(edition: Callable[[str], Path], tmp_path: Path) -> None:
    folder = tmp_path / "store"
    first = compile_release(edition("1"), folder)
    root = edition("2")

    def compile_until(point: int) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-c", KILLED, str(root), str(folder), str(point)]
        return subprocess.run(words, capture_output=True, text=True)

    total = 10**6 - int(compile_until(10**6).stdout) if EVERYTHING else 0
    points = range(1, total - 8, max(total // 12, 1)) if EVERYTHING else (40,)  # It differs by a few.
    for number, point in enumerate(points):
        edition(f"changed {number}")
        done = compile_until(point)
        assert done.returncode == -signal.SIGKILL, done.stderr
        places = [place for place in compiled(folder) if not place.name.startswith(".making-")]
        assert first in places
        assert [find_damage(place) for place in places] == [""] * len(places)
        assert find_last(folder, root) in places
    assert compile_release(root, folder).is_dir()
