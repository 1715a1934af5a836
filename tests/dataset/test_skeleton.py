"""The skeleton of a data set: its questions, and a folder that is written completely or not at all."""

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from support.each import each

from publisher.cli.main import main
from publisher.dataset import skeleton
from publisher.dataset.repository import home_of, read_repository
from publisher.dataset.skeleton import LICENSES, License, check_base, check_title, read_license, write_skeleton
from publisher.errors import CannotRunError

BY = LICENSES["CC-BY-4.0"]
BASE = "https://example.org/state/"


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["new", *words], input=typed)


@each("text", ["CC-BY-4.0", "cc-by-4.0", " CC-BY-4.0 ", BY.iri])
def test_known_license_by_identifier_or_url(text: str) -> None:
    assert read_license(text) == BY


def test_unknown_license_has_no_name() -> None:
    assert read_license("https://example.org/license") == License("https://example.org/license", "")


@each("text", ["", "CC BY", "urn:x", "javascript:alert(1)", "https://example.org/a b", "https://<x>"])
def test_invalid_license_is_rejected(text: str) -> None:
    with pytest.raises(CannotRunError, match="is not a license"):
        read_license(text)


@pytest.mark.parametrize("text", [BASE, "http://localhost:8000/", f" {BASE} "])
def test_base_is_url_ending_in_slash(text: str) -> None:
    assert check_base(text) == text.strip()


@each(
    "text",
    [
        "",
        "https://example.org",
        "https://example.org/state",
        "https://example.org/state#",
        "https://example.org/?x=/",
        "https://example.org/#/",
        "example.org/",
        "ftp://example.org/",
        "https:///",
        "https://example.org/a b/",
        'https://example.org/"/',
    ],
)
def test_invalid_base_is_rejected(text: str) -> None:
    with pytest.raises(CannotRunError, match="is not a base"):
        check_base(text)


def test_base_of_vocabulary_is_rejected() -> None:
    with pytest.raises(CannotRunError, match="base of another data set"):
        check_base("https://w3id.org/ma-coalitions/")


@each("text", ["", "  ", "two\nlines", "\x1b[31m"])
def test_title_is_one_line(text: str) -> None:
    with pytest.raises(CannotRunError, match="one line"):
        check_title(text)


def test_title_is_written_unchanged(tmp_path: Path) -> None:
    title = 'A "quoted" \\ state of $name'
    write_skeleton(tmp_path / "new", title, BASE, BY)
    triples = [triple for file in read_repository(tmp_path / "new").files for triple in file.triples]
    assert title in {getattr(triple.object, "value", "") for triple in triples}
    assert (tmp_path / "new" / "README.md").read_text().startswith(f"# {title}\n")


def test_skeleton_has_data_only(tmp_path: Path) -> None:
    write_skeleton(tmp_path / "new", "State", BASE, BY)
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [".github", "README.md", "data"]
    assert home_of(tmp_path / "new", "shapes") != tmp_path / "new"


def test_skeleton_workflow_validates_data(tmp_path: Path) -> None:
    write_skeleton(tmp_path / "new", "State", BASE, BY)
    workflow = yaml.safe_load((tmp_path / "new" / ".github" / "workflows" / "validate.yml").read_text())
    steps = [step["run"] for step in workflow["jobs"]["validate"]["steps"] if "run" in step]
    assert steps == [
        'pip install --quiet "$PUBLISHER"',
        "publisher tidy --check --root .",
        "publisher validate --root .",
    ]


def test_skeleton_turtle_files_explain_next_step(tmp_path: Path) -> None:
    write_skeleton(tmp_path / "new", "State", BASE, BY)
    for path in (tmp_path / "new" / "data").glob("*.ttl"):
        assert "Write next:" in path.read_text().partition("\n\n")[0], path.name


def test_empty_folder_is_filled(tmp_path: Path) -> None:
    write_skeleton(tmp_path, "State", BASE, BY)
    assert (tmp_path / "data" / "dataset.ttl").is_file()


def test_nonempty_folder_is_unchanged(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CannotRunError, match="is not an empty folder"):
        write_skeleton(tmp_path, "State", BASE, BY)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(skeleton.formatting, "canonicalize", fail)
    with pytest.raises(CannotRunError, match="No space left on device"):
        write_skeleton(tmp_path / "new", "State", BASE, BY)
    assert list(tmp_path.iterdir()) == []


def test_new_asks_three_questions(tmp_path: Path) -> None:
    result = run(str(tmp_path / "new"), typed=f"State\n{BASE}\nCC-BY-4.0\n")
    assert result.exit_code == 0
    assert result.stdout.count(": ") == 3
    assert (tmp_path / "new" / "data" / "dataset.ttl").is_file()


def test_new_rejects_folder_before_questions(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run(str(tmp_path), typed=f"State\n{BASE}\nCC-BY-4.0\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is not an empty folder" in result.stderr


def test_new_with_options_asks_nothing(tmp_path: Path) -> None:
    result = run(str(tmp_path / "new"), "--title", "State", "--base", BASE, "--license", "CC-BY-4.0")
    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.parametrize("words", [("--base", "x"), ("--licence", "x"), ("--title", " ")], ids=lambda words: words[0])
def test_new_rejects_invalid_answers(tmp_path: Path, words: tuple[str, str]) -> None:
    given = {"--title": "State", "--base": BASE, "--licence": "CC-BY-4.0"} | dict([words])
    result = run(str(tmp_path / "new"), *(word for option in given.items() for word in option))
    assert result.exit_code == 2
    assert result.stderr.startswith("publisher: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_new_warns_of_unnamed_license(tmp_path: Path) -> None:
    license_ = "https://example.org/license"
    result = run(str(tmp_path / "new"), "--title", "State", "--base", BASE, "--licence", license_)
    assert f"<{license_}> rdfs:label" in result.stderr
    report = CliRunner().invoke(main, ["validate", "--root", str(tmp_path / "new")])
    assert "[licence-without-name]" in report.stdout
    assert report.exit_code == 0
