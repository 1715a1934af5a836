"""The folder of a build: what is written, what is removed, what is refused."""

import io
from contextlib import closing
from pathlib import Path

import pytest
from support.files import snapshot

from publisher.atomic_write import append
from publisher.build.folder import JOURNAL, MANIFEST, Folder, find_damage
from publisher.errors import CannotRunError


def write(place: Path, files: dict[str, bytes]) -> tuple[int, int]:
    """Write a build of some files; how many were written and removed."""
    with closing(Folder(place)) as folder:
        for path, body in files.items():
            folder.add(path, body)
        folder.finish()
        assert folder.count() == len(files)
        return folder.written, folder.removed


def test_only_changed_files_are_written(tmp_path: Path) -> None:
    place = tmp_path / "site"
    assert write(place, {"a.html": b"a", "b/c.ttl": b"c"}) == (2, 0)
    before = (place / "a.html").stat().st_mtime_ns, (place / MANIFEST).read_bytes()
    assert write(place, {"a.html": b"a", "b/c.ttl": b"c"}) == (0, 0)
    assert ((place / "a.html").stat().st_mtime_ns, (place / MANIFEST).read_bytes()) == before
    assert write(place, {"a.html": b"a", "b/c.ttl": b"d"}) == (1, 0)
    assert (place / "b" / "c.ttl").read_bytes() == b"d"


def test_stale_files_are_removed_with_their_folders(tmp_path: Path) -> None:
    write(tmp_path, {"a.html": b"a", "b/c/d.ttl": b"c", "b/e.ttl": b"e"})
    (tmp_path / "mine.txt").write_text("not of the build")
    assert write(tmp_path, {"a.html": b"a", "b/e.ttl": b"e"}) == (0, 1)
    assert not (tmp_path / "b" / "c").exists()
    assert (tmp_path / "mine.txt").read_text() == "not of the build"


def test_file_that_is_read_in_pieces_is_written_once(tmp_path: Path) -> None:
    for written in (1, 0):
        with closing(Folder(tmp_path)) as folder:
            folder.add("large.nt", io.BytesIO(b"x" * 600_000))
            folder.finish()
            assert folder.written == written
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["large.nt"]


def interrupt(place: Path, files: dict[str, bytes]) -> None:
    """Write some files of a build that ends before it is done, in the middle of another one."""
    with closing(Folder(place)) as folder:
        for path, body in files.items():
            folder.add(path, body)
        append(place / JOURNAL, "b/last.html\n")
        for left in ("last.html.new", "last.html"):
            (place / "b" / left).write_bytes(b"half")


@pytest.mark.parametrize("former", [{}, {"a.html": b"a", "b/old.html": b"old"}])
def test_build_after_an_interrupted_one_is_as_any(tmp_path: Path, former: dict[str, bytes]) -> None:
    place, present = tmp_path / "site", {"a.html": b"new", "b/c.ttl": b"c"}
    if former:
        write(place, former)
    interrupt(place, {"a.html": b"other", "b/gone.ttl": b"gone"})
    if not former:
        with pytest.raises(CannotRunError, match="is not a build"):
            list(find_damage(place))
    write(place, present)
    write(tmp_path / "fresh", present)
    assert snapshot(place) == snapshot(tmp_path / "fresh")
    assert write(place, present) == (0, 0)


def test_build_goes_on_where_the_first_one_was_interrupted(tmp_path: Path) -> None:
    with closing(Folder(tmp_path)) as folder:
        for path in ("a.html", "b.html", "c.html"):
            folder.add(path, b"same")
    (tmp_path / "b.html").write_bytes(b"half")
    assert write(tmp_path, {"a.html": b"same", "b.html": b"same", "c.html": b"text"}) == (2, 0)
    assert (tmp_path / "b.html").read_bytes() == b"same"


def test_lost_file_is_written_again(tmp_path: Path) -> None:
    write(tmp_path, {"a.html": b"a", "b.html": b"b"})
    (tmp_path / "a.html").unlink()
    assert write(tmp_path, {"a.html": b"a", "b.html": b"b"}) == (1, 0)


def test_folder_with_files_of_others_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CannotRunError, match=r"is not a build: thesis\.txt"):
        Folder(tmp_path)
    with pytest.raises(CannotRunError, match="is not a folder"):
        Folder(tmp_path / "thesis.txt")


@pytest.mark.parametrize("path", ["../a", "a/../b", "/a", "a//b", "a b", "a%2fb", "a\\b", "é", "", ".", "a" * 241])
def test_name_that_no_file_can_have_is_rejected(tmp_path: Path, path: str) -> None:
    with closing(Folder(tmp_path / "site")) as folder, pytest.raises(CannotRunError, match="No file can have the name"):
        folder.add(path, b"")
    assert not (tmp_path / "site").exists()


def test_names_that_differ_in_case_only_are_rejected(tmp_path: Path) -> None:
    with closing(Folder(tmp_path)) as folder:
        folder.add("rule/Name.html", b"1")
        with pytest.raises(CannotRunError, match=r"if case is ignored: rule/name\.html"):
            folder.add("rule/name.html", b"2")


def test_manifest_cannot_lead_outside(tmp_path: Path) -> None:
    place = tmp_path / "site"
    write(place, {"a.html": b"a"})
    (tmp_path / "victim").write_text("x")
    (place / MANIFEST).write_text(f"{'0' * 64}  ../victim\n")
    with pytest.raises(CannotRunError, match="No file can have the name"):
        Folder(place)
    assert (tmp_path / "victim").exists()


def test_damage_is_found(tmp_path: Path) -> None:
    write(tmp_path, {"a.html": b"a", "b.html": b"b", "c.html": b"c"})
    assert list(find_damage(tmp_path)) == []
    (tmp_path / "a.html").write_bytes(b"A")
    (tmp_path / "c.html").unlink()
    assert list(find_damage(tmp_path)) == ["a.html", "c.html"]
    with pytest.raises(CannotRunError, match="is not a build"):
        list(find_damage(tmp_path / "nothing"))
