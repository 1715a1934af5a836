"""Writing a file whole or not at all."""

import errno
import os
import stat
import time
from pathlib import Path

import pytest
from support.files import write_file

from publisher import atomic_write
from publisher.errors import CannotRunError


def test_replaced_file_keeps_permissions_and_links(tmp_path):
    path = write_file(tmp_path, "deep/a.txt", "old")
    path.chmod(0o640)
    (tmp_path / "link").symlink_to(path)
    atomic_write.write(tmp_path / "link", "new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o640)
    assert (tmp_path / "link").is_symlink()


def test_failed_write_keeps_file(tmp_path, monkeypatch):
    path = write_file(tmp_path, "a.txt", "old")
    monkeypatch.setattr(Path, "replace", _fails)
    with pytest.raises(CannotRunError, match=r"^Cannot write .*a\.txt: No space left"):
        atomic_write.write(path, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "old"


def _fails(*arguments: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_device_is_written_in_place():
    atomic_write.write(Path("/dev/null"), "text")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_file_that_a_killed_process_left_behind_is_no_obstacle(tmp_path, monkeypatch):
    path = write_file(tmp_path, "a.txt", "old")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_, **__: None)  # as if it were killed before
        patch.setattr(Path, "replace", _fails)
        with pytest.raises(CannotRunError):
            atomic_write.write(path, "half")
    assert len(list(tmp_path.iterdir())) == 2
    atomic_write.write(path, "new")
    assert path.read_text() == "new"


def test_folders_of_killed_processes_are_removed_and_those_in_use_kept(tmp_path):
    long_ago = time.time() - 3600
    abandoned, theirs = tmp_path / ".making-abandoned", tmp_path / "theirs"
    for place in (abandoned, theirs):
        write_file(place, "half", "text")
        os.utime(place, (long_ago, long_ago))
    with atomic_write.make_folder(tmp_path) as first:
        os.utime(first, (long_ago, long_ago))
        with atomic_write.make_folder(tmp_path) as second:
            assert set(tmp_path.iterdir()) == {first, second, theirs}
    assert list(tmp_path.iterdir()) == [theirs]


def test_folder_that_was_just_made_is_kept(tmp_path):
    (tmp_path / ".making-now").mkdir()
    with atomic_write.make_folder(tmp_path):
        assert (tmp_path / ".making-now").is_dir()
