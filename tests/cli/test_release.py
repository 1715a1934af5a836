"""The release command."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import tiny_root
from support.git_repository import GitRepository

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


def test_release_is_queried_and_compiled_after_the_data_changed(run, tmp_path: Path) -> None:
    root = tmp_path / "root"
    assert run("0.1.0").exit_code == 0
    (root / "data" / "things.ttl").write_text((root / "data" / "things.ttl").read_text().replace("7", "8"))
    text = "SELECT ?size { ?s <https://example.org/ns#size> ?size }"
    answers = [
        CliRunner().invoke(main, ["query", "--root", str(root), *words, text])
        for words in ([], ["--release", "0.1.0"], ["--release", "latest"])
    ]
    assert [answer.stdout.split() for answer in answers] == [["size", "8"], ["size", "7"], ["size", "7"]]
    stated = json.loads((root / FOLDER / "0.1.0" / MANIFEST).read_text())
    compiled = CliRunner().invoke(main, ["compile", "--root", str(root), "--release", "0.1.0"])
    assert f"Release: {stated['id']}\n" in compiled.stderr


@pytest.mark.parametrize("command", ["query", "serve", "compile"])
def test_release_that_is_not_there_exits_2(run, tmp_path: Path, command: str) -> None:
    assert run("0.1.0").exit_code == 0
    more = ["ASK {}"] if command == "query" else []
    result = CliRunner().invoke(main, [command, "--root", str(tmp_path / "root"), "--release", "0.2.0", *more])
    assert result.exit_code == 2
    assert "There is no release 0.2.0 in data/releases; there are 0.1.0." in result.output


def test_unpublished_release_is_replaced(run, tmp_path: Path) -> None:
    root = tmp_path / "root"
    assert run("0.1.0", "--replace").exit_code == 0
    things = root / "data" / "things.ttl"
    things.write_text(things.read_text() + f"<{tiny_root.BASE}id/coalition/b> a <{tiny_root.BASE}ns#Thing> .\n")
    assert run("0.1.0").exit_code == 2
    assert run("0.2.0").exit_code == 0
    things.write_text(tiny_root.FILES["data/things.ttl"].replace("7", "8"))
    assert run("0.1.0", "--replace").exit_code == 2, "not the last one"
    assert run("0.2.0", "--replace").exit_code == 0, "what only the replaced release had may go"
    assert sorted(path.name for path in (root / FOLDER).iterdir()) == ["0.1.0", "0.2.0"]
    assert "coalition/b>" not in (root / FOLDER / "0.2.0" / "added.nq").read_text().replace("near> <", "")


def test_published_release_is_not_replaced(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert run("0.1.0").exit_code == 0
    repository = GitRepository.init(tmp_path / "root")
    repository.commit("One")
    repository.run("tag", "v0.1.0")
    result = run("0.1.0", "--replace")
    assert (result.exit_code, "there is a tag v0.1.0" in result.stderr) == (2, True)


def test_release_of_an_endpoint_exits_2() -> None:
    result = CliRunner().invoke(main, ["query", "--endpoint", "http://localhost/", "--release", "0.1.0", "ASK {}"])
    assert result.exit_code == 2
    assert "an endpoint of a release has an address of its own" in result.output
