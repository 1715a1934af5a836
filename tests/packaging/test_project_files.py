"""The files about the project: workflows, forms, citation, changelog, Makefile, image; each agrees with the others."""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import check_jsonschema
import pytest
import yaml
from click.testing import CliRunner

import publisher.settings
from publisher.dataset.iris import READY_PATH

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text()) for path in sorted((GITHUB / "workflows").glob("*.yml"))}
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
STEPS = [step for workflow in WORKFLOWS.values() for job in workflow["jobs"].values() for step in job["steps"]]
MAKEFILE = (ROOT / "Makefile").read_text()


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", [".github/workflows/ci.yml", ".github/workflows/release.yml"]),
        ("custom.github-workflows-require-timeout", [".github/workflows/ci.yml", ".github/workflows/release.yml"]),
        ("vendor.github-actions", [".github/actions/validate/action.yml"]),
        (
            "vendor.github-issue-forms",
            [f".github/ISSUE_TEMPLATE/{name}.yml" for name in ("bug", "data-correction", "feature")],
        ),
        ("vendor.github-issue-config", [".github/ISSUE_TEMPLATE/config.yml"]),
        ("vendor.citation-file-format", ["CITATION.cff"]),
        ("vendor.gitlab-ci", ["docs/gitlab-ci.yml"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_file_matches_schema(schema: str, files: list[str]) -> None:
    done = CliRunner().invoke(
        check_jsonschema.main, ["--builtin-schema", schema, *(str(ROOT / file) for file in files)]
    )
    assert done.exit_code == 0, done.output


def test_workflows_and_forms_have_a_schema() -> None:
    assert set(WORKFLOWS) == {"ci", "release"}
    forms = {path.stem for path in (GITHUB / "ISSUE_TEMPLATE").iterdir()}
    assert forms == {"bug", "config", "data-correction", "feature"}


# Workflows


def test_workflows_call_existing_targets() -> None:
    commands = " ".join(step.get("run", "") for step in STEPS)
    targets = set(re.findall(r"\bmake ([a-z-]+)", commands))
    assert targets == {"test", "check-code", "check-data"}
    assert targets <= set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    for path in re.findall(r"\b(?:bash |--file |tests/)(\S+)", commands):
        assert (ROOT / path).is_file() or (ROOT / "tests" / path.strip('"')).is_file(), path


def test_actions_are_pinned_and_scripts_have_no_expressions() -> None:
    """An expression in a script is replaced before the shell reads it, so its value could inject commands."""
    assert all(re.search(r"@(v\d+|release/v\d+)$", step["uses"]) for step in STEPS if "uses" in step)
    assert not [step for step in STEPS if "${{" in step.get("run", "")]


def test_only_publishing_has_write_permission() -> None:
    release: dict[Any, Any] = WORKFLOWS["release"]
    assert list(release[True]) == ["workflow_dispatch"]  # YAML 1.1 reads `on` as a boolean
    publish = release["jobs"]["publish"]
    assert publish["environment"] == "release"
    assert publish["if"] == "inputs.publish"
    assert set(publish["needs"]) == set(release["jobs"]) - {"publish"}
    for workflow in WORKFLOWS.values():
        assert workflow["permissions"] == {"contents": "read"}
        assert all("permissions" not in job for job in workflow["jobs"].values() if job is not publish)


def test_matrix_and_classifiers_agree() -> None:
    matrix = WORKFLOWS["ci"]["jobs"]["tests"]["strategy"]["matrix"]["python-version"]
    assert PROJECT["requires-python"] == f">={matrix[0]}"
    claimed = {found[1] for line in PROJECT["classifiers"] if (found := re.search(r":: (3\.\d+)$", line))}
    assert {matrix[0]} <= claimed <= set(matrix)


# Citation, changelog, image


def test_version_matches_changelog_and_citation() -> None:
    versions = re.findall(r"^## \[(\S+)\] - (Unreleased|\d{4}-\d\d-\d\d)$", CHANGELOG, re.MULTILINE)
    assert [version for version, _ in versions] == sorted((version for version, _ in versions), reverse=True)
    assert versions[0][0] == publisher.__version__ == CITATION["version"]
    assert "Unreleased" not in [date for _, date in versions[1:]]


def test_changelog_follows_keep_a_changelog() -> None:
    headings = re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE)
    assert headings
    assert set(headings) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert len(re.findall(r"^## ", CHANGELOG, re.MULTILINE)) == len(re.findall(r"^## \[", CHANGELOG, re.MULTILINE))


def test_image_uses_existing_settings() -> None:
    text = (ROOT / "Containerfile").read_text()
    oldest = PROJECT["requires-python"].removeprefix(">=")
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {f"python:{oldest}-slim"}
    names = {f"PUBLISHER_{name.upper()}" for name, _, _ in publisher.settings.rows()}
    assert set(re.findall(r"(PUBLISHER_\w+)=", text)) <= names
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)
    probe = re.search(r"^HEALTHCHECK .*CMD (\[.*\])$", text, re.MULTILINE)
    assert probe is not None
    compile(json.loads(probe[1])[2], "probe", "exec")
    assert f"/{READY_PATH}'" in probe[1]


def test_make_lists_its_targets() -> None:
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["help", "setup", "serve", "test", "check", "docs"]


def test_contributing_describes_every_ci_stage() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    merge, more = (re.search(rf"^{name}=\((.*)\)$", script, re.MULTILINE) for name in ("MERGE", "MORE"))
    assert merge
    assert more
    stages = [(stage, "`.ci/run`") for stage in merge[1].split()] + [(stage, "`--all`") for stage in more[1].split()]
    described = re.findall(r"^\| `(\w+)` \| (\S+) \|", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert described == stages
    assert all(f"\n{stage}() {{" in script for stage, _ in stages)
