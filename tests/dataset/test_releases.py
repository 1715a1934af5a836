"""The folders of releases: their manifests, their lines, and what is wrong with them."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from support import tiny_root
from support.each import each

from publisher.dataset.releases import (
    ADDED,
    FOLDER,
    MANIFEST,
    QUERIES,
    REMOVED,
    compare,
    find_difference,
    find_release,
    order_of,
    read_releases,
    replay,
)
from publisher.errors import CannotRunError

A, B, C, D = (f"<urn:{name}> <urn:p> 1 <urn:g> .\n" for name in "abcd")


def add_release(root: Path, version: str, previous: str, added: str = "", removed: str = "") -> Path:
    """Write a release by hand, and return its folder."""
    folder = root / FOLDER / version
    folder.mkdir(parents=True)
    stated = {
        "version": version,
        "id": "0",
        "date": "2026-11-30",
        "previous": previous,
        "software": "1",
        "base": "urn:",
    }
    (folder / MANIFEST).write_text(json.dumps(stated | {"counts": {"asserted": 1}, "derived": {}, "files": {}}))
    (folder / ADDED).write_text(added)
    (folder / REMOVED).write_text(removed)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tiny root with three releases."""
    found = tiny_root.build(tmp_path)
    add_release(found, "0.1.0", "", added=A + B)
    add_release(found, "0.9.0", "0.1.0", added=C, removed=A)
    add_release(found, "0.10.0", "0.9.0", added=A, removed=B + C)
    return found


def test_versions_are_ordered_by_their_numbers() -> None:
    ordered = ["0.9.0", "0.10.0", "1.0.0-alpha", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc", "1.0.0", "1.0.1", "2.0.0"]
    assert sorted(sorted(ordered), key=order_of) == ordered


@each("text", ["", "1", "1.0", "v1.0.0", "01.0.0", "1.0.0.0", "1.0.0-", "1.0.0\n", "../1.0.0", "1.0.٣"])
def test_other_texts_are_no_versions(text: str) -> None:
    with pytest.raises(CannotRunError, match=r"MAJOR\.MINOR\.PATCH"):
        order_of(text)


def test_releases_are_read_in_the_order_of_versions(root: Path) -> None:
    (root / FOLDER / ".making-x").mkdir()
    assert [release.version for release in read_releases(root)] == ["0.1.0", "0.9.0", "0.10.0"]


def test_root_without_releases_has_none(tmp_path: Path) -> None:
    assert read_releases(tiny_root.build(tmp_path)) == []


@pytest.mark.parametrize(("version", "lines"), [("0.1.0", A + B), ("0.9.0", B + C), ("0.10.0", A), ("", A)])
def test_replayed_releases_have_their_lines(root: Path, version: str, lines: str) -> None:
    assert b"".join(replay(read_releases(root), version)).decode() == lines


def test_compressed_lines_are_read(root: Path) -> None:
    plain = root / FOLDER / "0.1.0" / ADDED
    plain.with_name(f"{ADDED}.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    assert b"".join(replay(read_releases(root), "0.9.0")).decode() == B + C


def test_latest_and_versions_are_found(root: Path) -> None:
    releases = read_releases(root)
    assert find_release(releases, "latest") is releases[-1]
    assert find_release(releases, "0.9.0") is releases[1]
    with pytest.raises(
        CannotRunError, match=r"no release 7\.0\.0 in data/releases; there are 0\.1\.0, 0\.9\.0, 0\.10\.0"
    ):
        find_release(releases, "7.0.0")
    with pytest.raises(CannotRunError, match=r"no release latest in data/releases; there are none"):
        find_release([], "latest")


@each(
    ("before", "after", "expected"),
    [
        ([], [], []),
        (["a", "b"], ["b", "c"], ["-a", "+c"]),
        (["a"], [], ["-a"]),
        ([], ["a", "b"], ["+a", "+b"]),
        (["a", "c"], ["a", "b", "c"], ["+b"]),
    ],
)
def test_lines_are_compared(before: Sequence[str], after: Sequence[str], expected: list[str]) -> None:
    found = compare((line.encode() for line in before), (line.encode() for line in after))
    assert [("+" if new else "-") + line.decode() for new, line in found] == expected


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        (MANIFEST, "", "Not JSON"),
        (MANIFEST, "[]", "Not a JSON object"),
        (MANIFEST, "{}", "Not the manifest of a release"),
        (MANIFEST, '{"counts": 7}', "Not the manifest of a release"),
    ],
)
def test_malformed_manifest_is_rejected(root: Path, file: str, text: str, reason: str) -> None:
    (root / FOLDER / "0.9.0" / file).write_text(text)
    with pytest.raises(CannotRunError, match=f"{FOLDER}/0.9.0/{file}: {reason}"):
        read_releases(root)


def test_manifest_of_another_version_is_rejected(root: Path) -> None:
    (root / FOLDER / "0.9.0").rename(root / FOLDER / "0.9.1")
    with pytest.raises(CannotRunError, match=r"0\.9\.1/manifest\.json is of version 0\.9\.0"):
        read_releases(root)


def test_missing_release_between_two_is_reported(root: Path) -> None:
    for path in (root / FOLDER / "0.9.0").iterdir():
        path.unlink()
    (root / FOLDER / "0.9.0").rmdir()
    with pytest.raises(CannotRunError, match=r"states that the release before it is 0\.9\.0, but it is 0\.1\.0"):
        read_releases(root)


def test_removed_line_that_was_not_there_is_reported(root: Path) -> None:
    (root / FOLDER / "0.9.0" / REMOVED).write_text(D)
    with pytest.raises(CannotRunError, match=r"0\.9\.0/removed\.nq has a statement that was not there"):
        list(replay(read_releases(root)))


@pytest.mark.parametrize("damage", ["missing", "half"])
def test_damaged_lines_are_reported(root: Path, damage: str) -> None:
    plain = root / FOLDER / "0.1.0" / ADDED
    if damage == "half":
        plain.with_name(f"{ADDED}.gz").write_bytes(gzip.compress(plain.read_bytes())[:-9])
    plain.unlink()
    with pytest.raises(CannotRunError, match=r"0\.1\.0/added\.nq cannot be read"):
        list(replay(read_releases(root)))


def test_malformed_queries_are_reported(root: Path) -> None:
    (root / FOLDER / "0.1.0" / QUERIES).write_text("[")
    with pytest.raises(CannotRunError, match=r"0\.1\.0/queries\.json: Not JSON"):
        _ = read_releases(root)[0].queries


@pytest.mark.parametrize("before", ["0.1.0", "0.9.0", "0.10.0"])
@pytest.mark.parametrize("after", ["0.1.0", "0.9.0", "0.10.0"])
def test_difference_leads_from_one_release_to_any_other(root: Path, before: str, after: str) -> None:
    releases = read_releases(root)
    added, removed = find_difference(releases, before, after)
    have = set(replay(releases, before))
    assert set(removed) <= have
    assert not set(added) & have
    assert sorted(have - set(removed) | set(added)) == list(replay(releases, after))
    assert added == sorted(added)


def test_difference_of_unknown_release_is_an_error(root: Path) -> None:
    with pytest.raises(CannotRunError, match=r"There is no release 2\.0\.0"):
        find_difference(read_releases(root), "0.1.0", "2.0.0")
