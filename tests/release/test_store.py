"""Compiled releases: old ones go when a new one comes, unless somebody has them open."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support import fork_root

from publisher.dataset.repository import Repository, read_repository
from publisher.release.store import LAYOUT, UNUSED_SECONDS, compile_release, open_store
from publisher.settings import Settings


@pytest.fixture
def edition(tmp_path: Path) -> Callable[[str], Repository]:
    """Makes repositories that differ in a comment."""
    root = fork_root.build(tmp_path / "root")
    file = root / "data" / "agendas.ttl"
    text = file.read_text()

    def make(name: str) -> Repository:
        file.write_text(f"# {name}\n{text}")
        return read_repository(root)

    return make


def age(place: Path) -> None:
    """Have it look as if nobody had opened it for long."""
    long_ago = time.time() - UNUSED_SECONDS - 60
    os.utime(place, (long_ago, long_ago))


def test_a_release_that_was_not_opened_for_long_is_removed_when_another_is_compiled(
    edition: Callable[[str], Repository], tmp_path: Path
) -> None:
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
    assert set(folder.iterdir()) == {recent, new}


def test_a_release_that_is_opened_again_is_recent(edition: Callable[[str], Repository], tmp_path: Path) -> None:
    folder, first = tmp_path / "store", edition("1")
    old = compile_release(first, folder)
    age(old)
    assert compile_release(first, folder) == old
    compile_release(edition("2"), folder)
    assert old.is_dir()


def test_a_release_that_is_open_stays_however_old(edition: Callable[[str], Repository], tmp_path: Path) -> None:
    settings = Settings(store_dir=str(tmp_path / "store"), query_workers=1)
    first, second, third = edition("1"), edition("2"), edition("3")
    opened = open_store(settings, first)
    place = settings.store_folder() / f"{first.release}-{LAYOUT}"
    age(place)
    compile_release(second, settings.store_folder())
    assert place.is_dir()
    opened.close()
    age(place)
    compile_release(third, settings.store_folder())
    assert not place.exists()


def test_what_is_not_ours_in_the_folder_of_releases_stays(edition: Callable[[str], Repository], tmp_path: Path) -> None:
    folder = tmp_path / "store"
    theirs = [folder / "photographs", folder / f"{'a' * 64}-notes"]
    for place in theirs:
        place.mkdir(parents=True)
        age(place)
    compile_release(edition("1"), folder)
    assert all(place.is_dir() for place in theirs)
