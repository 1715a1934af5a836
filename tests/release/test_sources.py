"""The digests of a root's files: unchanged files are not read again, changed ones are."""

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from support import tiny_root

from publisher.errors import CannotRunError
from publisher.release import sources
from publisher.release.sources import read_sources

HOUR = 3600 * 10**9
"""In nanoseconds."""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root whose files were not changed for long."""
    found, clock = tiny_root.build(tmp_path / "root"), time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: clock() + HOUR)
    return found


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read."""
    found: list[str] = []
    digest = hashlib.file_digest

    def count(file: Any, name: str) -> Any:
        found.append(Path(file.name).name)
        return digest(file, name)

    monkeypatch.setattr(hashlib, "file_digest", count)
    return found


def test_unchanged_files_are_read_once(root: Path, tmp_path: Path, read: list[str]) -> None:
    first = read_sources(root, tmp_path)
    assert read
    read.clear()
    assert read_sources(root, tmp_path) == first
    assert read == []


def test_changed_file_is_read_again(root: Path, tmp_path: Path, read: list[str]) -> None:
    first = read_sources(root, tmp_path)
    read.clear()
    (root / "data" / "dataset.ttl").write_text("# Changed.\n" + (root / "data" / "dataset.ttl").read_text())
    second = read_sources(root, tmp_path)
    assert read == ["dataset.ttl"]
    assert {name for name in second.files if second.files[name] != first.files[name]} == {"data/dataset.ttl"}


def test_file_changed_with_its_size_and_time_kept_is_read_again(root: Path, tmp_path: Path) -> None:
    file = root / "data" / "dataset.ttl"
    text, times = file.read_text() + "# a\n", file.stat()
    file.write_text(text)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    first = read_sources(root, tmp_path)
    _wait_for_next_tick(tmp_path)
    file.write_text(text.replace("# a\n", "# b\n"))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert read_sources(root, tmp_path).key != first.key


def _wait_for_next_tick(folder: Path) -> None:
    """Wait until the file system gives another time."""
    before = folder.stat().st_ctime_ns
    while folder.stat().st_ctime_ns == before:
        os.utime(folder)


def test_file_changed_just_before_is_not_listed(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = (root / "data" / "dataset.ttl").stat().st_ctime_ns
    for path in root.rglob("*"):
        os.utime(path, ns=(changed - HOUR, changed - HOUR))
    monkeypatch.setattr(time, "time_ns", lambda: changed + 1_000_000_000)
    read_sources(root, tmp_path)
    (place,) = (tmp_path / sources.FOLDER).iterdir()
    assert "data/dataset.ttl" not in json.loads(place.read_text())


@pytest.mark.parametrize("text", ["", "[]", '{"data/dataset.ttl": 7}', '{"data/dataset.ttl": [1, 2]}', "\xff"])
def test_damaged_list_is_ignored(root: Path, tmp_path: Path, text: str) -> None:
    first = read_sources(root, tmp_path)
    (place,) = (tmp_path / sources.FOLDER).iterdir()
    place.write_text(text, encoding="latin-1")
    assert read_sources(root, tmp_path) == first
    assert len(json.loads(place.read_text())) == len(first.files | first.examples)


def test_folder_that_cannot_be_written_is_no_error(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert read_sources(root, tmp_path / "file") == read_sources(root, tmp_path)


def test_examples_change_the_key(root: Path, tmp_path: Path) -> None:
    first = read_sources(root, tmp_path)
    example = root / "shapes" / "examples" / "Aim" / "valid" / "new.ttl"
    example.parent.mkdir(parents=True, exist_ok=True)
    example.write_text("# An example.\n")
    second = read_sources(root, tmp_path)
    assert second.key != first.key


def test_named_pipe_is_rejected(root: Path, tmp_path: Path) -> None:
    os.mkfifo(root / "data" / "pipe.ttl")
    with pytest.raises(CannotRunError, match=r"data/pipe\.ttl: Not a regular file"):
        read_sources(root, tmp_path)
