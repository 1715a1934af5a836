"""Where people use validation: the GitHub Action, the pre-commit hooks, the GitLab job, and the page about them."""

import itertools
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support import fork_root
from support.tiers import EVERYTHING, WITH_SLOW

import publisher
from publisher.cli.main import main
from publisher.diagnostic import Diagnostic, Severity
from publisher.reports.output_formats import RENDERERS
from publisher.reports.renderers.json_report import JSON_VERSION
from publisher.reports.report import MAX_PER_RULE, Report

ROOT = fork_root.CHECKOUT
ACTION_FOLDER = ROOT / ".github" / "actions" / "validate"
ACTION = yaml.safe_load((ACTION_FOLDER / "action.yml").read_text())
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
GITLAB = yaml.safe_load((ROOT / "docs" / "gitlab-ci.yml").read_text())
PAGE = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
CI_PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
PROGRAM = Path(sys.executable).with_name("publisher")
VIOLATING = fork_root.text("coal", "<urn:a> a coal:Coalition .\n")
FURTHER_INPUTS = [
    ({"paths": "data/good.ttl", "fail-on": "info", "strict": "true", "format": "json"}, 0),
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
        for name in (*option.opts, *option.secondary_opts)
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
        "GITHUB_OUTPUT": str(work / "outputs"),
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
    (binaries / "python").symlink_to(sys.executable)
    return work


def _outputs(work: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (work / "outputs").read_text().splitlines())


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
    report = installed / "tmp" / "publisher" / "report.json"
    assert _outputs(installed) == {"violations": "1", "warnings": "0", "report": str(report), "exit-code": "1"}
    assert json.loads(report.read_text())["summary"]["violations"] == 1


HOSTILE = 'it\'s "$(touch ran)" `touch ran`; touch ran # \\'
SEVERAL = {"paths", "shapes", "ontology", "context", "select", "ignore"}
"""Inputs with one value on each line."""


@pytest.fixture
def words(installed: Path) -> Callable[[Mapping[str, str]], list[str]]:
    """Runs the action with inputs and a command that writes down the words that it gets, and returns these."""
    command = installed / "tmp/publisher/bin/publisher"
    command.unlink()
    command.write_text('#!/bin/sh\nprintf "%s\\0" "$@" > words\n')
    command.chmod(0o755)

    def run(given: Mapping[str, str]) -> list[str]:
        done = _run_step("Validate", installed, given)
        assert (done.returncode, _outputs(installed)) == (0, {"exit-code": "0"}), done.stderr
        assert not list(installed.rglob("ran"))
        return (installed / "words").read_text().split("\0")[:-1]

    return run


def test_action_inputs_become_options(words) -> None:
    given = {name: f"<{name}>" for name in ACTION["inputs"]} | {"select": "a b\r\n\nc\n", "strict": "true"}
    found = words(given | {"allow-broken-shapes": "false", "fail-on-stale": "true"})
    cut = found.index("--")
    assert found[cut + 1 :] == ["<paths>"]
    plain = ["config", "root", "base", "fail-on", "engine", "max-per-rule", "since", "as-of", "timeout", "baseline"]
    wanted = {f"--{name}=<{name}>" for name in [*plain, "shapes", "ontology", "context", "ignore", "format"]}
    wanted |= {"--select=a b", "--select=c", "--strict", "--no-allow-broken-shapes", "--fail-on-stale"}
    assert {word for word in found[:cut] if word.startswith("--") and word != "--output"} == wanted
    outputs = [value for option, value in itertools.pairwise(found[:cut]) if option == "--output"]
    assert [value.partition("=")[0] for value in outputs] == ["json", "sarif", "junit"]
    assert {word.partition("=")[0] for word in wanted} <= set(_options())


def test_action_inputs_are_never_run_by_a_shell(words) -> None:
    """Quotes, substitutions and line ends reach the command as they are."""
    values = {name: HOSTILE if name in SEVERAL else f"{HOSTILE}\n$(touch ran)" for name in ACTION["inputs"]}
    found = words(values)
    for name in ACTION["inputs"].keys() - {"python-version", "paths", "sarif", "junit"}:
        assert f"--{name}={values[name]}" in found
    assert found[found.index("--") + 1 :] == [HOSTILE]
    assert {f"sarif={values['sarif']}", f"junit={values['junit']}"} <= set(found)


def test_action_without_inputs_leaves_all_to_the_configuration(words) -> None:
    found = words({})
    assert found[:2] == ["validate", "--output"]
    assert found[3:] == ["--timeout=600", "--"]


def test_action_prints_json(installed: Path) -> None:
    done = _run_step("Validate", installed, {"shapes": "shapes", "paths": "data", "format": "json"})
    assert json.loads(done.stdout)["summary"]["violations"] == 1


def test_action_that_cannot_run_says_so(installed: Path) -> None:
    done = _run_step("Validate", installed, {"fail-on": HOSTILE, "sarif": "out.sarif"})
    assert done.returncode == 2
    assert re.search("^::error title=Validation could not run completely::", done.stdout, re.MULTILINE)
    outputs = _outputs(installed)
    assert (outputs["exit-code"], outputs["violations"]) == ("2", "0")
    assert "touch ran" in (installed / "summary.md").read_text()
    [run] = json.loads((installed / "out.sarif").read_text())["runs"]
    assert run["invocations"][0]["executionSuccessful"] is False


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"paths": "--help"}, 2),
        *(FURTHER_INPUTS if EVERYTHING else []),
    ],
)
def test_action_ends_with_the_exit_code(installed: Path, given, code) -> None:
    done = _run_step("Validate", installed, {"shapes": "shapes"} | given)
    assert done.returncode == code, done.stderr


@pytest.mark.skipif(not WITH_SLOW, reason="a further process; .ci/run runs it (PUBLISHER_TESTS_SLOW=1)")
def test_action_without_inputs_validates_root(installed: Path) -> None:
    root = fork_root.build(installed / "root", lean=True)
    done = _run_step("Validate", root, {}, RUNNER_TEMP=str(installed / "tmp"))
    assert f"Root: {root}\n" in done.stderr
    assert re.search(r"^\d+ violations?[.,] ", done.stdout, re.MULTILINE)


def test_action_installs_own_checkout_and_pinned_packages(work: Path) -> None:
    """With commands in the place of python and pip that record their arguments."""
    notes, commands = work / "notes", work / "commands"
    commands.mkdir()
    told = f'#!/bin/sh\necho "$@" >> {shlex.quote(str(notes))}\n'
    (work / "tmp" / "publisher" / "bin").mkdir(parents=True)
    for path in (commands / "python", work / "tmp" / "publisher" / "bin" / "pip"):
        path.write_text(told)
        path.chmod(0o755)
    done = _run_step("Install", work, {}, PATH=f"{commands}:{os.environ['PATH']}")
    assert done.returncode == 0, done.stderr
    assert notes.read_text().splitlines() == [
        f"-m venv {work}/tmp/publisher",
        f"install --quiet --require-hashes --requirement {ACTION_FOLDER}/requirements.txt",
        f"install --quiet --no-deps --no-build-isolation {ROOT}",
    ]
    assert (ROOT / "pyproject.toml").is_file()


def test_action_pins_what_the_package_needs() -> None:
    text = (ACTION_FOLDER / "requirements.txt").read_text().replace("\\\n", "")
    pinned = {}
    for line in re.findall(r"^[^\s#].*", text, re.MULTILINE):
        name, version, rest = re.fullmatch(r"([\w.-]+)==([\w.]+)(.*)", line).groups()
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", rest), line
        pinned[name] = version
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    needed = [*project["project"]["dependencies"], *extras["fast"], *project["build-system"]["requires"]]
    assert needed
    for requirement in map(Requirement, needed):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement


def test_action_names_others_by_commit() -> None:
    used = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name)] == []


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


def test_validate_hook_validates_all_configured_data(
    work: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """pre-commit gives it no names, whatever changed."""
    hook = HOOKS["publisher-validate"]
    assert hook["pass_filenames"] is False
    (work / "publisher.toml").write_text('shapes = ["shapes"]\ndata = ["data"]\n')
    assert _run(hook["entry"], work, monkeypatch).exit_code == 1
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
        ("deep/s.shacl", {"publisher-validate"}),
        ("a.nt.gz", {"publisher-validate"}),
        ("publisher.toml", {"publisher-validate"}),
        ("sub/pyproject.toml", {"publisher-validate"}),
        ("my-publisher.toml", set()),
        ("README.md", set()),
    ],
)
def test_hook_file_patterns(name: str, hooks: set[str]) -> None:
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
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE + CI_PAGE, re.MULTILINE | re.DOTALL)


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
    finding = Diagnostic("rule", Severity.INFO, "Message.")
    [written] = json.loads(RENDERERS["json"](Report([finding])))["findings"]
    assert named == set(RENDERERS) | set(written)


def test_page_numbers_match_code() -> None:
    words = " ".join(PAGE.split())
    assert f"at most {MAX_PER_RULE} findings" in words
    assert f"`version` ({JSON_VERSION};" in words


def test_page_yaml_uses_existing_inputs_and_hooks() -> None:
    action, cached, hooks = (yaml.safe_load(block) for block in _blocks("yaml"))
    steps = action["jobs"]["validate"]["steps"]
    ours = next(step for step in steps if step.get("uses", "").startswith("OWNER/REPOSITORY/.github/actions/validate@"))
    assert set(ours["with"]) <= set(ACTION["inputs"])
    upload = next(step for step in steps if "upload-sarif" in step.get("uses", ""))
    assert upload["with"]["sarif_file"] == ours["with"]["sarif"]
    version = f"v{publisher.__version__}"
    assert ours["uses"].endswith(f"@{version}")
    assert [repo["rev"] for repo in hooks["repos"]] == [version]
    assert GITLAB["validate-rdf"]["variables"]["VERSION"] == version
    assert cached[0]["with"]["path"] in cached[1]["run"]
    assert {hook["id"] for repo in hooks["repos"] for hook in repo["hooks"]} == set(HOOKS)


def test_options_have_help() -> None:
    help_ = CliRunner().invoke(main, ["validate", "--help"]).stdout
    for option in main.commands["validate"].params:
        if option.opts[0].startswith("--"):
            assert option.opts[0] in help_
            assert option.help.endswith((".", "]."))
