"""The files that a run is given: links that lead out of a folder or a glob."""

from pathlib import Path

import pyoxigraph as ox
import pytest

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
    assert choose_format(Path("other/x.owl"), formats) is None
