"""Runs that fail: what they write, in every format, so that no CI system takes them for a pass."""

import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from support import ponds
from support.files import write_file

from publisher.cli import validate as command
from publisher.cli.main import main
from publisher.rdf.namespaces import SH
from publisher.validation import runner

FAILED = "Validation could not run completely"
ALL = [
    word
    for name in ("json", "sarif", "junit", "gitlab", "github", "turtle", "text")
    for word in ("--output", f"{name}=out.{name}")
]
BAD = ponds.NAMELESS.format("a")


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A job of GitHub Actions, in a repository of others."""
    ponds.build(tmp_path, ponds.CONFIGURED, bad=BAD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    return tmp_path


def _assert_reported(folder: Path, message: str) -> None:
    """Every file is well-formed, and has the message."""
    value = json.loads((folder / "out.json").read_text())
    assert message in value["failures"][0]
    [invocation] = json.loads((folder / "out.sarif").read_text())["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert message in invocation["toolExecutionNotifications"][0]["message"]["text"]
    assert invocation["toolExecutionNotifications"][0]["level"] == "error"
    suites = ET.fromstring((folder / "out.junit").read_text())
    assert suites.get("errors") == "1"
    assert message in (suites.find(".//testcase/error").text or "")
    [issue] = [i for i in json.loads((folder / "out.gitlab").read_text()) if i["check_name"] == "could-not-run"]
    assert message in issue["description"]
    assert re.match(rf"::error [^:]*title={FAILED}::", (folder / "out.github").read_text())
    conforms = [
        q.object.value
        for q in ox.parse(path=folder / "out.turtle", format=ox.RdfFormat.TURTLE)
        if q.predicate.value == SH + "conforms"
    ]
    assert conforms == ["false"]
    assert f"**{FAILED}.**" in (folder / "summary.md").read_text()


@pytest.mark.parametrize(
    ("change", "words", "message"),
    [
        (("publisher.toml", "data = 3"), [], "data must be a list of strings."),
        (("x", ""), ["--engine", "fats"], "'fats' is not one of"),
        (("x", ""), ["--enigne", "fast"], "No such option"),
        (("x", ""), ["missing.ttl"], "missing.ttl: No such file or directory."),
        (("x", ""), ["--baseline", "missing.json"], "missing.json: No such file or directory."),
        (("x", ""), ["--select", "Pond-nmae"], "There is no rule 'Pond-nmae'."),
        (("shapes/ponds.ttl", "no Turtle"), [], "Nothing was checked, because shapes or ontologies cannot be read."),
        (
            ("shapes/ponds.ttl", ponds.SHAPES.replace("minCount 1", 'minCount "1"')),
            [],
            "What is broken in the shapes was left out",
        ),
        (("data/bad.ttl", "<urn:a> <urn:b> 1 ."), [], "No target of the shapes matches a node in the data"),
    ],
)
def test_report_states_exit_code_2(job: Path, change: tuple[str, str], words: list[str], message: str) -> None:
    write_file(job, *change)
    result = CliRunner().invoke(main, ["validate", *words, *ALL])
    assert result.exit_code == 2
    _assert_reported(job, message)


def test_github_report_prints_annotations_only(job: Path) -> None:
    result = CliRunner().invoke(main, ["validate", "missing.ttl"])
    assert (result.exit_code, result.stdout) == (
        2,
        f"::error title={FAILED}::missing.ttl: No such file or directory.\n",
    )


def test_mistakes_of_the_configuration_are_annotations_at_their_places(job: Path) -> None:
    write_file(job, "publisher.toml", "\nshapse = []\ndata = 3\n")
    assert CliRunner().invoke(main, ["validate"]).stdout.splitlines() == [
        f"::error file=publisher.toml,line=2,col=1,title={FAILED}::"
        "Unknown key 'shapse' in publisher.toml. Did you mean 'shapes'?",
        f"::error file=publisher.toml,line=3,col=1,title={FAILED}::data must be a list of strings.",
    ]


@pytest.mark.parametrize("name", ["json", "sarif", "gitlab"])
def test_printed_report_is_well_formed(job: Path, name: str) -> None:
    result = CliRunner().invoke(main, ["validate", "missing.ttl", "--format", name])
    assert (result.exit_code, "No such file" in str(json.loads(result.stdout))) == (2, True)


def test_argument_after_double_dash_is_no_option(job: Path) -> None:
    result = CliRunner().invoke(main, ["validate", "--", "--output=json=out.json"])
    assert (result.exit_code, (job / "out.json").exists()) == (2, False)


@pytest.mark.parametrize(("error", "message"), [(MemoryError(), "out of memory."), (KeyError("x"), "internal error")])
def test_report_states_internal_error(job: Path, monkeypatch, error: Exception, message: str) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(runner, "run", fail)
    assert CliRunner().invoke(main, ["validate", *ALL]).exit_code == 2
    _assert_reported(job, message)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import time; time.sleep(60)", "Validation exceeded the time limit of 1 s (--timeout)."),
        ("import os; os.kill(os.getpid(), 9)", "The process of the validation ended unexpectedly, with code -9."),
    ],
)
def test_report_states_killed_process(job: Path, monkeypatch, code: str, message: str) -> None:
    fake = write_file(job, "python", f"#!{sys.executable}\n{code}\n")
    fake.chmod(0o755)
    monkeypatch.setattr(command.sys, "executable", str(fake))
    assert CliRunner().invoke(main, ["validate", "--timeout", "1", *ALL]).exit_code == 2
    _assert_reported(job, message)


def test_statistics_exit_0(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS")
    write_file(job, "data/bad.ttl", ponds.HEAD + BAD + "".join(map(ponds.DEEP.format, "bcdefghijkl")))
    result = CliRunner().invoke(main, ["validate", "--statistics", "--exit-zero", "--max-per-rule", "2"])
    assert result.exit_code == 0
    assert result.stdout.startswith("11  warning    Pond-depth\n 1  violation  Pond-name\n\n")
    assert "1 violation, 11 warnings." in result.stdout


def test_ci_formats_name_files_from_the_repository(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the configuration file and the working folder are; baselines stay relative to the configuration file."""
    monkeypatch.setenv("GITHUB_WORKSPACE", str(job.parent))
    name = f"{job.name}/data/bad.ttl"
    result = CliRunner().invoke(main, ["validate", *ALL[:-2], "--format", "text", "--write-baseline", "known.json"])
    assert result.exit_code == 0
    assert '"data/bad.ttl"' in (job / "known.json").read_text()
    monkeypatch.chdir(job / "data")
    result = CliRunner().invoke(main, ["validate", "--output", "sarif=../o.sarif", "--output", "json=../o.json"])
    assert result.exit_code == 1
    assert f"::error file={name}," in result.stdout
    assert "\nbad.ttl:2:1: violation: " in f"\n{result.stdout}"
    assert f'"uri": "{name}"' in (job / "o.sarif").read_text()
    assert json.loads((job / "o.json").read_text())["findings"][0]["file"] == "data/bad.ttl"
    assert name.replace("_", "\\_") in (job / "summary.md").read_text()
