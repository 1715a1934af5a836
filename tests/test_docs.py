"""The README: its commands are the ones that work, its queries and curl lines are run, its tables are true."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from publisher import settings
from publisher.built_in_rules import BUILT_IN
from publisher.cli import main
from publisher.problems import Findings, Problem

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def lines(language: str, start: str) -> list[str]:
    return [line for block in blocks(language) for line in block.splitlines() if line.startswith(start)]


def test_the_first_two_blocks_are_the_two_commands_and_each_is_one_line() -> None:
    serve, test = blocks("sh")[:2]
    assert serve == "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/publisher serve\n"
    assert test == "python3 -m venv .venv && .venv/bin/pip install '.[test]' && .venv/bin/pytest\n"
    assert "python3-venv" in README[: README.index(serve)]


def test_ci_runs_the_test_command_of_this_page() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    pattern = re.search(r'grep -m1 "(.+?)" README.md', script)
    assert pattern
    found = subprocess.run(
        ["grep", "-m1", pattern[1], "README.md"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout == blocks("sh")[1]


def test_there_are_five_queries() -> None:
    assert len(blocks("sparql")) == 5


@pytest.mark.parametrize("query", blocks("sparql"))
def test_a_query_of_the_readme_is_answered_with_rows(client: FlaskClient, query: str) -> None:
    response = client.get("/sparql", query_string={"query": query})
    assert response.status_code == 200
    assert json.loads(response.data)["results"]["bindings"]


def test_the_first_query_counts_the_coalitions_of_each_agenda(client: FlaskClient) -> None:
    answer = json.loads(client.get("/sparql", query_string={"query": blocks("sparql")[0]}).data)
    assert [row["coalitions"]["value"] for row in answer["results"]["bindings"]] == ["13", "10", "3", "2", "1"]


@pytest.mark.parametrize("line", lines("sh", "curl"))
def test_a_curl_line_of_the_readme_works(server: str, line: str) -> None:
    words = shlex.split(line.replace("http://localhost:8000", server))
    done = subprocess.run(
        [*words, "-sS", "-f", "-w", "\n%{content_type}"], capture_output=True, text=True, timeout=30, check=True
    )
    body, _, content_type = done.stdout.rpartition("\n")
    wanted = re.search(r"Accept: ([^']+)", line)
    assert content_type.partition(";")[0] == (wanted[1] if wanted else "application/n-triples")
    assert body.strip()


@pytest.mark.parametrize(
    "line", [re.sub(r"\s*#.*", "", line) for line in lines("sh", ".venv/bin/publisher") if "FILE" not in line]
)
def test_a_command_of_the_readme_exists(line: str) -> None:
    program, command, *options = shlex.split(line)
    assert program == ".venv/bin/publisher"
    publisher = Path(sys.executable).with_name("publisher")
    done = subprocess.run([publisher, command, "--help"], capture_output=True, text=True, timeout=30, check=True)
    assert all(option in done.stdout for option in options if option.startswith("-"))


def test_the_settings_of_the_readme_are_the_settings() -> None:
    found = re.findall(r"^\| `PUBLISHER_(\w+)` \| (?:`(.+?)`)? ?\| (.+) \|$", README, re.MULTILINE)
    assert found == [(name.upper(), str(default), sentence) for name, default, sentence in settings.rows()]


def test_the_exit_codes_of_the_readme_are_those_of_the_problems() -> None:
    codes = re.findall(r"^\| (\d) \| ", README, re.MULTILINE)
    assert codes == ["0", str(Findings.exit_code), str(Problem.exit_code)]


def test_the_options_of_the_readme_are_those_of_validate() -> None:
    told = dict(re.findall(r"^\| `(--[\w-]+)[^`]*` \| (.+) \|$", README, re.MULTILINE))
    real = {option.opts[0]: option for option in main.commands["validate"].params if option.opts[0].startswith("--")}
    assert list(told) == list(real)
    assert told == {name: getattr(option, "help", "") for name, option in real.items()}


def test_every_folder_named_exists() -> None:
    for folder in re.findall(r"^\| `(\w+)/` \|", README, re.MULTILINE):
        assert (ROOT / folder).is_dir(), folder
    assert (ROOT / "data" / "LICENSE").is_file()


GUIDE = (ROOT / "data" / "README.md").read_text(encoding="utf-8")


def test_the_data_guide_leads_to_a_coalition_that_is_valid_tidy_and_served(
    tmp_path: Path, opened: Callable[..., Flask]
) -> None:
    """Follow it: every block goes where the words before it say, then `tidy` and `validate` are run."""
    for folder in ("ontology", "data", "shapes"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("examples"))
    blocks = re.findall(
        r"(Add|Write|write) to `(data/[^`]+)`[^`]*?:\n\n```turtle\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL
    )
    assert [path.count("/") for _, path, _ in blocks] == [1, 1, 2, 1]
    for how, path, text in blocks:
        with (tmp_path / path).open("a" if how == "Add" else "w", encoding="utf-8") as file:
            file.write(text)
    done = [
        CliRunner().invoke(main, [command, "--root", str(tmp_path)], catch_exceptions=False)
        for command in ("tidy", "validate")
    ]
    assert [result.exit_code for result in done] == [0, 0]
    assert done[1].stdout.splitlines()[-1].startswith("0 violations, 0 warnings")
    client = opened(tmp_path).test_client()
    page = client.get("/doc/coalition/example-tenants-coalition.html").text
    assert "Right to a lawyer in eviction cases" in page
    moved = client.get("/id/coalition/the-deleted-one")
    assert (moved.status_code, moved.headers["Location"]) == (308, "../../id/coalition/example-tenants-coalition")


def test_the_files_that_the_data_guide_names_exist() -> None:
    named = set(re.findall(r"`(data/[a-z/.-]+)`", GUIDE)) - {"data/retired.ttl"}
    missing = {path for path in named if not (ROOT / path).is_file()}
    assert missing == {"data/coalitions/example-tenants-coalition.ttl"}


def test_the_rules_that_the_data_guide_quotes_exist() -> None:
    known = {path.stem for path in (ROOT / "shapes" / "checks").glob("*.rq")} | {rule.name for rule in BUILT_IN}
    assert set(re.findall(r"\[([a-z-]+)\]` \|", GUIDE)) <= known
