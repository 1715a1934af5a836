"""The report formats: each as its golden file has it, with every finding, and with none.

The golden files are in `tests/reports/golden/`. After a change that is meant to change them,
`PUBLISHER_TESTS_WRITE_GOLDEN=1 pytest tests/reports/test_output_formats.py` writes them; review the diff.
"""

import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from support.findings import FINDINGS, REPORT, RULES, V

from publisher.diagnostic import Diagnostic
from publisher.reports.output_formats import RENDERERS
from publisher.reports.renderers import markdown, sarif, text
from publisher.reports.report import Report

TESTS = Path(__file__).parent
GOLDEN = TESTS / "golden"
WRITE = bool(os.environ.get("PUBLISHER_TESTS_WRITE_GOLDEN"))
EMPTY = Report((), RULES)
APPROVED: dict[str, Callable[[], str]] = {name: partial(printer, REPORT) for name, printer in RENDERERS.items()} | {
    "markdown": lambda: markdown.render(REPORT),
    "explain": lambda: text.explain_rule(RULES["Aim-definition-count"]),
}
"""Name of an approved text -> what prints it now."""


@pytest.fixture(autouse=True)
def fixed_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "__version__", "1.2.3")


# Every format


@pytest.mark.parametrize("name", APPROVED)
def test_report_equals_golden_file(name: str) -> None:
    path, printed = GOLDEN / f"report.{name}", APPROVED[name]()
    if WRITE:
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(printed, encoding="utf-8")
    assert printed == path.read_text(encoding="utf-8")


def test_every_golden_file_has_a_format() -> None:
    assert {path.suffix[1:] for path in GOLDEN.iterdir()} == set(APPROVED)


@pytest.mark.parametrize("name", RENDERERS)
@pytest.mark.parametrize("report", [EMPTY, Report(FINDINGS), Report([Diagnostic("x", V, "No.")])], ids=[*"abc"])
def test_empty_report_is_written_in_every_format(name: str, report: Report) -> None:
    printed = RENDERERS[name](report)
    assert printed == RENDERERS[name](report)
    assert printed.endswith("\n") or name == "github"


@pytest.mark.parametrize("name", RENDERERS)
def test_formats_contain_every_finding(name: str) -> None:
    alike = [Diagnostic("r", V, f"Message{n}.", "a.ttl", n) for n in range(1, 8)]
    assert sorted(set(re.findall(r"Message\d", RENDERERS[name](Report(alike))))) == [f"Message{n}" for n in range(1, 8)]
