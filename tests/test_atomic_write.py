"""Writing a file whole or not at all."""

import errno
import os
import stat
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
