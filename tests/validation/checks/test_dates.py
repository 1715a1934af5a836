"""Dates that lie after the reference date."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import fork_root
from support.git_repository import GitRepository

from publisher.cli.main import main
from publisher.validation.checks.dates import is_after

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("value", "after"),
    [
        ("2026-11-23", False),
        ("2026-11-24", True),
        ("2026-11", False),
        ("2026-12", True),
        ("2026", False),
        ("2027", True),
        ("2026-11-24T00:00:00Z", True),
        ("2026-11-23T23:59:59-05:00", False),
        ("2026-11-24Z", True),
        ("2026+01:00", False),
        ("2027+01:00", True),
        ("9999 or so", False),
        ("20261", False),
        ("29/08/2029", False),
        ("", False),
    ],
)
def test_partial_dates_compare_by_start(value: str, after: bool) -> None:
    assert is_after(value, DAY) is after


SOURCE = fork_root.FILES["data/sources.ttl"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Validates a root whose source was read on a day, committed on another; returns the report and the exit code."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)

    def validate(read_on: str, *words: str, committed: str = "2026-11-23", changed: bool = False) -> tuple[str, int]:
        text = SOURCE.replace("2026-11-22", read_on)
        work = GitRepository.init(fork_root.build(tmp_path / "work", {"data/sources.ttl": text}, lean=True))
        work.commit("One", committed)
        if changed:
            work.write("data/new.ttl", "# New.\n")
        monkeypatch.chdir(work.top)
        result = CliRunner().invoke(main, ["validate", "--ignore", "tidy", "--ignore", "empty", *words])
        return result.stdout, result.exit_code

    return validate


def test_reference_date_defaults_to_last_commit(run) -> None:
    report, code = run("2026-11-24")
    assert code == 1
    assert "2026-11-24 is after the reference date 2026-11-23. [future-date]" in report
    assert "Reference date: 2026-11-23 (last commit)." in report


def test_date_of_commit_day_is_not_in_future(run) -> None:
    assert run("2026-11-23")[1] == 0


def test_reference_date_is_today_with_uncommitted_changes(run) -> None:
    report, code = run("2026-11-24", committed="2020-01-01", changed=True)
    assert code == 0
    assert f"Reference date: {date.today()} (today)." in report
    assert run("9026-11-24", changed=True)[1] == 1


def test_reference_date_option(run) -> None:
    report, code = run("2026-11-24", "--as-of", "2026-11-24")
    assert code == 0
    assert "Reference date: 2026-11-24 (--as-of)." in report


def test_given_files_are_checked(run) -> None:
    assert run("2026-11-24", "data/sources.ttl")[1] == 1


def test_malformed_reference_date_is_usage_error(run) -> None:
    assert run("2026-11-24", "--as-of", "24/11/2026")[1] == 2


ANNOUNCED = """@prefix coal: <https://w3id.org/ma-coalitions/ontology#> .

<https://w3id.org/ma-coalitions/id/measure/2024-question-2>
    coal:electionDate "{}"^^<http://www.w3.org/2001/XMLSchema#date> ;
.
"""


@pytest.mark.parametrize(
    ("day", "words", "found"),
    [
        ("2024-11-05", ["--as-of", "2026-11-22"], ["passed-date"]),
        ("2024-11-05", ["--as-of", "today"], ["passed-date"]),
        ("2999-11-05", ["--as-of", "today"], []),
        ("2024-11-05", [], []),
    ],
    ids=["day", "today", "to-come", "no-date-given"],
)
def test_announced_date_is_checked_with_reference_date_only(root, tmp_path, day, words, found) -> None:
    path = tmp_path / "measure.ttl"
    path.write_text(ANNOUNCED.format(day))
    select = ["--select", "passed-date", "--format", "json", "--root", str(root)]
    result = CliRunner().invoke(main, ["validate", *select, *words, str(path)])
    assert [finding["rule"] for finding in json.loads(result.stdout)["findings"]] == found
