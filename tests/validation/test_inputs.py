"""The files that a run is given: folders, globs, suffixes, and links that lead out of a folder or a glob."""

import os
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from support.each import each

from publisher.dataset.files import is_rdf
from publisher.errors import CannotRunError
from publisher.validation.inputs import choose_format, find_files


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file beside the working folder, in which there is a folder `sub`."""
    (tmp_path / "work" / "sub").mkdir(parents=True)
    (tmp_path / "work" / "sub" / "x.ttl").write_text("")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.ttl").write_text("")
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "elsewhere" / "secret.ttl"


@pytest.mark.parametrize("pattern", ["sub", "s*", "sub/*.ttl", "**/*.ttl"])
def test_symlink_out_of_folder_or_glob_is_rejected(outside: Path, pattern: str) -> None:
    Path("sub/leak.ttl").symlink_to(outside)
    with pytest.raises(CannotRunError, match=r"sub/leak\.ttl: The symbolic link leads out of"):
        find_files([pattern])


def test_symlink_to_outside_folder_is_rejected(outside: Path) -> None:
    Path("sub/leak").symlink_to(outside.parent)
    with pytest.raises(CannotRunError, match=r"sub/leak: The symbolic link leads out of"):
        find_files(["sub"])


def test_symlink_given_by_name_is_read(outside: Path) -> None:
    Path("sub/leak.ttl").symlink_to(outside)
    assert find_files(["sub/leak.ttl"]) == [Path("sub/leak.ttl")]


def test_symlink_within_working_folder_is_read(outside: Path) -> None:
    Path("beside.ttl").write_text("")
    Path("sub/near.ttl").symlink_to("../beside.ttl")
    assert find_files(["sub"]) == [Path("sub/near.ttl"), Path("sub/x.ttl")]


def test_stated_format_overrides_suffix(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.json").write_text("{}")
    (tmp_path / "data" / "x.owl").write_text("")
    formats = [("*.json", ox.RdfFormat.JSON_LD), ("data/*.owl", ox.RdfFormat.TURTLE)]
    assert find_files(["data"]) == [Path("data/x.owl")]
    assert find_files(["data"], formats) == [Path("data/x.json"), Path("data/x.owl")]
    assert find_files(["data/*.json"], formats) == [Path("data/x.json")]
    assert choose_format(Path("data/x.owl"), formats) == ox.RdfFormat.TURTLE
    assert choose_format(Path("data/x.owl.gz"), formats) == ox.RdfFormat.TURTLE
    assert choose_format(Path("other/x.owl"), formats) is None


STATEMENT = "<urn:a> <urn:p> <urn:c> .\n"


@each("name", ["x.json", "x.xml", "x.txt", "x.docx", "x"])
def test_ambiguous_suffixes_are_skipped_in_folders(name):
    assert not is_rdf(name)


# What is given


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with files of several kinds."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "b.ttl",
        "a.nt",
        "sub/C.TTL",
        "sub/deep/d.trig",
        "sub.ttl/e.ttl",
        "notes.txt",
        ".hidden/x.ttl",
        ".y.ttl",
    ):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(STATEMENT)
    return tmp_path


def given(*patterns: str) -> list[str]:
    return [path.as_posix() for path in find_files(patterns)]


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["b.ttl", "a.nt"], ["b.ttl", "a.nt"]),
        (["b.ttl", "./b.ttl", "sub/../b.ttl"], ["b.ttl"]),
        (["notes.txt"], ["notes.txt"]),
        (["sub"], ["sub/C.TTL", "sub/deep/d.trig"]),
        (["sub.ttl"], ["sub.ttl/e.ttl"]),
        (["."], ["a.nt", "b.ttl", "sub/C.TTL", "sub/deep/d.trig", "sub.ttl/e.ttl"]),
        (["*"], ["a.nt", "b.ttl", "sub/C.TTL", "sub/deep/d.trig", "sub.ttl/e.ttl"]),
        (["**/*.t*"], ["b.ttl", "sub.ttl/e.ttl", "sub/deep/d.trig"]),
        (["s?b", "a.nt"], ["sub/C.TTL", "sub/deep/d.trig", "a.nt"]),
        ([".hidden"], [".hidden/x.ttl"]),
    ],
)
def test_paths_expand_to_sorted_unique_files(folder, patterns, found):
    assert given(*patterns) == found


def test_file_named_like_a_glob_is_found(folder):
    Path("[b].ttl").write_text(STATEMENT)
    assert given("[b].ttl") == ["[b].ttl"]


def test_symlink_cycles_end(folder):
    Path("sub/loop").symlink_to(folder / "sub")
    Path("elsewhere").mkdir()
    Path("elsewhere/x.ttl").write_text(STATEMENT)
    Path("sub/elsewhere").symlink_to(folder / "elsewhere")
    assert given("sub") == ["sub/C.TTL", "sub/deep/d.trig", "sub/elsewhere/x.ttl"]


@pytest.mark.parametrize("pattern", ["nowhere", "nowhere.ttl", "*.nq", "nowhere/**/*.ttl", "empty", "emp*", ""])
def test_pattern_without_match_is_rejected(folder, pattern):
    Path("empty").mkdir()
    with pytest.raises(CannotRunError, match=f"^{re.escape(pattern)}: "):
        find_files(["b.ttl", pattern])


def test_unlistable_folder_is_rejected(folder, monkeypatch):
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(CannotRunError, match=r"^sub: Permission denied"):
        find_files(["sub"])


@pytest.mark.parametrize("pattern", [".", "data", "data/**/*", "da*"])
def test_releases_of_a_root_are_left_out_of_folders_and_globs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    frozen = tmp_path / "data" / "releases" / "1.0.0"
    frozen.mkdir(parents=True)
    (frozen / "added.nq").write_text("")
    (tmp_path / "data" / "dataset.ttl").write_text("")
    monkeypatch.chdir(tmp_path)
    assert find_files([pattern]) == [Path("data/dataset.ttl")]
    assert find_files([str(frozen / "added.nq")]) == [frozen / "added.nq"]
    (tmp_path / "data" / "dataset.ttl").rename(tmp_path / "data" / "other.ttl")
    assert len(find_files([pattern])) == 2
