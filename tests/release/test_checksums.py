"""Checksums: every kind of damage to a folder is found, and only that."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from publisher.release import checksums
from publisher.release.checksums import NAME, find_damage, write_checksums


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in {"CURRENT": b"MANIFEST-1", "MANIFEST-1": b"x" * 3000, "1.sst": bytes(9000), "LOG": b""}.items():
        (tmp_path / name).write_bytes(data)
    write_checksums(tmp_path)
    return tmp_path


def test_unchanged_folder_has_no_damage(folder: Path) -> None:
    assert find_damage(folder) == ""


def test_other_files_may_change(folder: Path) -> None:
    (folder / "LOG").write_text("opened")
    (folder / "LOCK").touch()
    assert find_damage(folder) == ""


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lambda folder: os.truncate(folder / "MANIFEST-1", 1500), "MANIFEST-1"),
        (lambda folder: os.truncate(folder / "1.sst", 0), "1.sst"),
        (lambda folder: (folder / "1.sst").write_bytes(bytes(8999) + b"x"), "1.sst"),
        (lambda folder: (folder / "CURRENT").unlink(), "CURRENT"),
        (lambda folder: (folder / NAME).unlink(), NAME),
        (lambda folder: os.truncate(folder / NAME, 0), NAME),
        (lambda folder: (folder / NAME).write_bytes(b"\xff\xfe"), NAME),
    ],
    ids=["cut", "emptied", "changed", "missing", "no checksums", "empty checksums", "unreadable checksums"],
)
def test_damaged_file_is_named(folder: Path, damage: Callable[[Path], object], named: str) -> None:
    damage(folder)
    assert find_damage(folder) == named


@pytest.mark.parametrize("place", [0, 9000, 19_999])
def test_ends_and_size_of_large_file_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int) -> None:
    monkeypatch.setattr(checksums, "WHOLE", 10_000)
    monkeypatch.setattr(checksums, "END", 100)
    large = tmp_path / "1.sst"
    large.write_bytes(bytes(20_000))
    write_checksums(tmp_path)
    assert find_damage(tmp_path) == ""
    data = bytearray(20_000)
    data[place] = 1
    large.write_bytes(data)
    assert find_damage(tmp_path) == ("" if place == 9000 else "1.sst")
    os.truncate(large, 19_000)
    assert find_damage(tmp_path) == "1.sst"


def test_files_are_synced_before_checksums(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    (tmp_path / "1.sst").write_bytes(b"x")
    monkeypatch.setattr(os, "fsync", note)
    write_checksums(tmp_path)
    assert {Path(name) for name in synced} == {tmp_path, tmp_path / "1.sst", tmp_path / NAME}
    assert synced[-1] == str(tmp_path), "the folder comes last"
