"""Where people use validation: the GitHub Action, the pre-commit hooks, the GitLab job, and the page about them."""

import itertools
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from support import fork_root
from support.tiers import EVERYTHING

from publisher.cli.main import main
from publisher.diagnostic import Diagnostic
from publisher.reports.output_formats import RENDERERS
from publisher.reports.renderers.json_report import JSON_VERSION
from publisher.reports.report import MAX_PER_RULE

ROOT = fork_root.CHECKOUT
ACTION_FOLDER = ROOT / ".github" / "actions" / "validate"
ACTION = yaml.safe_load((ACTION_FOLDER / "action.yml").read_text())
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
GITLAB = yaml.safe_load((ROOT / "docs" / "gitlab-ci.yml").read_text())
PAGE = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
PROGRAM = Path(sys.executable).with_name("publisher")
VIOLATING = fork_root.text("coal", "<urn:a> a coal:Coalition .\n")
OPTIONS_THAT_FAIL = [
    ({"paths": "data/good.ttl", "since": "nowhere"}, 2),
    ({"paths": "data/good.ttl", "baseline": "missing.json"}, 2),
]
"""Inputs of the action, and the exit code."""
CONFORMING = fork_root.text("coal", "<urn:b> a coal:Coalition ; coal:worksOn <urn:c> .\n")


def _options() -> dict[str, list[str]]:
    """Every option of `publisher validate`, with the values that it takes where they are listed."""
    return {
        name: list(getattr(option.type, "choices", []))
        for option in main.commands["validate"].params
        for name in option.opts
    }


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder as a job has it: data that violates a shape, and data that does not."""
    for name, text in {
        "shapes/s.ttl": fork_root.LEAN_SHAPES,
        "data/bad file.ttl": VIOLATING,
        "data/good.ttl": CONFORMING,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


# GitHub


def _step(name: str) -> dict[str, Any]:
    return next(step for step in ACTION["runs"]["steps"] if step.get("name") == name)


def _run_step(name: str, work: Path, given: Mapping[str, str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step as the runner does: inputs with their defaults, the script by bash with -e and pipefail."""
    inputs = {key: value["default"] for key, value in ACTION["inputs"].items()} | given
    step = _step(name)
    values = {
        key: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], value)
        for key, value in step.get("env", {}).items()
    }
    surroundings = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(ACTION_FOLDER),
        "GITHUB_STEP_SUMMARY": str(work / "summary.md"),
        "RUNNER_TEMP": str(work / "tmp"),
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=work,
        env=os.environ | surroundings | values | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def installed(work: Path) -> Path:
    """The folder after the step that installs: its virtual environment has this very command."""
    binaries = work / "tmp" / "publisher" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "publisher").symlink_to(PROGRAM)
    return work


def test_action_writes_annotations_summary_and_sarif(installed: Path) -> None:
    given = {
        "shapes": "shapes\n",
        "paths": "data/bad file.ttl\ndata/good.ttl\n",
        "sarif": "out.sarif",
        "junit": "j.xml",
    }
    done = _run_step("Validate", installed, given)
    assert done.returncode == 1, done.stderr
    assert re.search(r"^::error file=data/bad file\.ttl,", done.stdout, re.MULTILINE)
    assert "good.ttl" not in done.stdout
    assert "| violation |" in (installed / "summary.md").read_text()
    assert "Lean-worksOn" in (installed / "out.sarif").read_text()
    assert "Lean-worksOn" in (installed / "j.xml").read_text()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"paths": "data/good.ttl", "fail-on": "info", "strict": "true", "format": "json"}, 0),
        ({"paths": "$(touch ran)\n`touch ran`\n--help"}, 2),
        *(OPTIONS_THAT_FAIL if EVERYTHING else []),
    ],
)
def test_action_inputs_are_passed_and_not_executed(installed: Path, given, code) -> None:
    done = _run_step("Validate", installed, {"shapes": "shapes"} | given)
    assert done.returncode == code, done.stderr
    assert not (installed / "ran").exists()


def test_action_without_inputs_validates_root(installed: Path) -> None:
    root = fork_root.build(installed / "root", lean=True)
    done = _run_step("Validate", root, {}, RUNNER_TEMP=str(installed / "tmp"))
    assert f"Root: {root}\n" in done.stderr
    assert re.search(r"^\d+ violations?[.,] ", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(("engine", "extra"), [("pyshacl", ""), ("fast", "[fast]")])
def test_action_installs_own_checkout(work: Path, engine: str, extra: str) -> None:
    """With commands in the place of python and pip that record their arguments."""
    notes, commands = work / "notes", work / "commands"
    commands.mkdir()
    told = f'#!/bin/sh\necho "$@" >> {shlex.quote(str(notes))}\n'
    (work / "tmp" / "publisher" / "bin").mkdir(parents=True)
    for path in (commands / "python", work / "tmp" / "publisher" / "bin" / "pip"):
        path.write_text(told)
        path.chmod(0o755)
    done = _run_step("Install", work, {"engine": engine}, PATH=f"{commands}:{os.environ['PATH']}")
    assert done.returncode == 0, done.stderr
    venv, install = notes.read_text().splitlines()
    assert venv == f"-m venv {work}/tmp/publisher"
    assert install == f"install --quiet {ROOT}{extra}"
    assert (ROOT / "pyproject.toml").is_file()


def test_action_inputs_are_described_and_used() -> None:
    used = set(re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", str(ACTION["runs"])))
    assert used == set(ACTION["inputs"])
    assert all(value["description"] for value in ACTION["inputs"].values())
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        assert not ({"run", "uses"} <= set(step))
        assert step.get("shell", "bash") == "bash"


# pre-commit


def _run(command: str, work: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> Result:
    """Run a command line of a recipe in a folder, with more words."""
    monkeypatch.chdir(work)
    program, *words = shlex.split(command)
    assert program == "publisher"
    return CliRunner().invoke(main, [*words, *more])


def test_validate_hook_reports_given_files(
    work: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    hook = HOOKS["publisher-validate"]
    done = _run(hook["entry"], work, monkeypatch, "--shapes", "shapes", "data/bad file.ttl")
    assert done.exit_code == 1
    printed = capfd.readouterr().out  # of the process that has a time limit
    assert "data/bad file.ttl: violation: " in re.sub(r":[\d:]+: violation", ": violation", printed)


def test_tidy_hook_rewrites_given_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = fork_root.build(tmp_path / "root", {"data/aims.ttl": fork_root.FILES["data/aims.ttl"] + "\n\n"}, lean=True)
    hook = HOOKS["publisher-tidy"]
    assert _run(hook["entry"], root, monkeypatch, "data/aims.ttl").exit_code == 0
    assert (root / "data/aims.ttl").read_text() == fork_root.FILES["data/aims.ttl"]


@pytest.mark.parametrize(
    ("name", "hooks"),
    [
        ("data/a.ttl", {"publisher-validate", "publisher-tidy"}),
        ("data/a.jsonld", {"publisher-validate"}),
        ("a.nt", {"publisher-validate"}),
        ("README.md", set()),
        ("shapes/examples/Aim/invalid/x.ttl", {"publisher-tidy"}),
    ],
)
def test_hook_file_patterns(name: str, hooks: set[str]) -> None:
    """The examples of shapes that are wrong on purpose are not for validation."""
    taken = {
        id_
        for id_, hook in HOOKS.items()
        if re.search(hook["files"], name) and not re.search(hook.get("exclude", "^$"), name)
    }
    assert taken == hooks


# GitLab


def test_gitlab_job_writes_report_artifacts(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = GITLAB["validate-rdf"]
    assert _run(job["script"][-1], work, monkeypatch).exit_code == 1
    assert all((work / path).stat().st_size for path in job["artifacts"]["reports"].values())
    assert job["artifacts"]["when"] == "always"


# The page


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "command", [line for block in _blocks("sh") for line in block.splitlines() if "publisher validate" in line]
)
def test_page_commands_have_existing_options(command: str) -> None:
    known = _options()
    words = shlex.split(re.sub(r"\s{2,}#.*", "", command.partition("publisher validate")[2]))
    for option, value in itertools.pairwise([*words, ""]):
        if option.startswith("--"):
            assert option in known
            assert not known[option] or value in known[option]
        if option == "--output" and "=" in value:
            assert value.partition("=")[0] in RENDERERS


def test_page_lists_formats_and_json_fields() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == set(RENDERERS) | set(Diagnostic.__dataclass_fields__) | {"fingerprint"}


def test_page_numbers_match_code() -> None:
    words = " ".join(PAGE.split())
    assert f"at most {MAX_PER_RULE} findings" in words
    assert f"`version` ({JSON_VERSION};" in words


def test_page_yaml_uses_existing_inputs_and_hooks() -> None:
    action, hooks = (yaml.safe_load(block) for block in _blocks("yaml"))
    steps = action["jobs"]["validate"]["steps"]
    ours = next(step for step in steps if step["uses"].startswith("OWNER/REPOSITORY/.github/actions/validate@"))
    assert set(ours["with"]) <= set(ACTION["inputs"])
    upload = next(step for step in steps if "upload-sarif" in step["uses"])
    assert upload["with"]["sarif_file"] == ours["with"]["sarif"]
    assert {hook["id"] for repo in hooks["repos"] for hook in repo["hooks"]} == set(HOOKS)


def test_options_have_help() -> None:
    help_ = CliRunner().invoke(main, ["validate", "--help"]).stdout
    for option in main.commands["validate"].params:
        if option.opts[0].startswith("--"):
            assert option.opts[0] in help_
            assert option.help.endswith((".", "]."))
