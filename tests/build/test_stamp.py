"""The stamp of a build: when a folder is not made again."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from publisher.build import stamp
from publisher.build.folder import JOURNAL, Folder
from publisher.build.stamp import Stamp

MADE_OF = ["release", "settings"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder that was made of `MADE_OF`."""
    with closing(Folder(tmp_path / "site")) as folder:
        folder.add("a.html", b"a")
        folder.finish()
    Stamp(tmp_path / "stamps", tmp_path / "site", MADE_OF).keep()
    return tmp_path / "site"


def is_current(place: Path, made_of: list[str] = MADE_OF) -> bool:
    return Stamp(place.parent / "stamps", place, made_of).is_current()


def test_folder_that_is_made_of_the_same_is_current(place: Path) -> None:
    assert is_current(place)
    assert not is_current(place, ["release", "other settings"])
    assert not is_current(place, ["releasesettings"])
    assert not Stamp(None, place, MADE_OF).is_current()


def test_another_folder_is_not_current(place: Path) -> None:
    place.rename(place.with_name("moved"))
    assert not is_current(place.with_name("moved"))
    assert not is_current(place)


def test_changed_file_is_found(place: Path) -> None:
    before = os.stat(place / "a.html")
    (place / "a.html").write_bytes(b"b")
    os.utime(place / "a.html", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not is_current(place)


def test_build_that_was_interrupted_later_is_not_current(place: Path) -> None:
    (place / JOURNAL).write_text("b.html\n")
    assert not is_current(place)


def test_build_of_others_is_not_current(place: Path) -> None:
    with closing(Folder(place)) as folder:
        folder.add("b.html", b"b")
        folder.finish()
    assert not is_current(place)


def test_software_and_guides_matter(place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(stamp, "describe_software", lambda: ("newer",))
        assert not is_current(place)
    with monkeypatch.context() as patched:
        patched.setattr(stamp, "guides_folder", lambda: tmp_path)
        assert not is_current(place)
    assert is_current(place)


def test_folder_of_stamps_that_cannot_be_written_is_left_out(place: Path) -> None:
    (place.parent / "file").write_text("")
    unwritable = Stamp(place.parent / "file" / "stamps", place, MADE_OF)
    unwritable.keep()
    assert not unwritable.is_current()
