"""The release command."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import tiny_root

from publisher.cli.main import main
from publisher.dataset.releases import FOLDER, MANIFEST


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("PUBLISHER_STORE_DIR", str(tmp_path / "store"))
    root = tiny_root.build(tmp_path / "root")
    return lambda *words: CliRunner().invoke(main, ["release", "--root", str(root), *words])


def test_release_is_frozen_with_its_date(run, tmp_path: Path) -> None:
    result = run("0.1.0", "--date", "2026-11-30")
    assert (result.exit_code, result.stdout) == (0, f"{FOLDER}/0.1.0\n")
    stated = json.loads((tmp_path / "root" / FOLDER / "0.1.0" / MANIFEST).read_text())
    assert stated["date"] == "2026-11-30"
    assert f"Release: {stated['id']}\n{stated['counts']['added']} statements added, 0 removed.\n" in result.stderr


@pytest.mark.parametrize("words", [["1.0"], ["0.1.0", "--date", "yesterday"], ["0.1.0", "--date", "2026-13-01"], []])
def test_malformed_version_or_date_exits_2(run, tmp_path: Path, words: list[str]) -> None:
    assert run(*words).exit_code == 2
    assert not (tmp_path / "root" / FOLDER).exists()


def test_broken_contract_exits_1_and_writes_nothing(run, tmp_path: Path) -> None:
    assert run("0.1.0").exit_code == 0
    (tmp_path / "root" / "data" / "things.ttl").write_text("# Nothing is left.\n")
    result = run("0.2.0")
    assert result.exit_code == 1
    assert "was published in release 0.1.0 and is gone" in result.stdout
    assert [path.name for path in (tmp_path / "root" / FOLDER).iterdir()] == ["0.1.0"]
