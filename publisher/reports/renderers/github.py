"""GitHub workflow commands, which become annotations."""

import re
from collections.abc import Iterator
from typing import Final

from publisher.diagnostic import Diagnostic, Severity
from publisher.reports.report import FAILED, Report, clean, message_of, visible

_PLACE: Final = re.compile(r"(?P<file>[^\s:][^:]*):(?P<line>\d+):(?P<column>\d+): (?P<message>.+)")
_GITHUB_LEVELS: Final = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report) -> str:
    """Render a workflow command for each finding, which GitHub shows on its line, and one for each failure."""
    failures = (line for failure in report.failures for line in _render_failure(failure))
    findings = (
        f"::{_GITHUB_LEVELS[f.severity]} {_render_properties(f, report)}::{_escape_data(message_of(f))}\n"
        for f in report.findings
    )
    return "".join([*failures, *findings])


def _render_failure(failure: str) -> Iterator[str]:
    """Render an annotation for each line of a failure if all begin with a place, else one."""
    places = [_PLACE.match(line) for line in failure.splitlines()]
    if not all(places):
        yield f"::error title={FAILED}::{_escape_data(clean(failure))}\n"
        return
    for place in filter(None, places):
        pairs = {"file": place["file"], "line": place["line"], "col": place["column"], "title": FAILED}
        properties = ",".join(f"{name}={_escape_property(visible(value))}" for name, value in pairs.items())
        yield f"::error {properties}::{_escape_data(clean(place['message']))}\n"


def _render_properties(finding: Diagnostic, report: Report) -> str:
    """Render the location, and the rule as the title. GitHub accepts columns only within one line."""
    rule = report.rules.get(finding.rule)
    one_line = finding.end_line == finding.line
    pairs = {
        "file": finding.file,
        "line": finding.line,
        "endLine": finding.end_line,
        "col": finding.column if one_line or not finding.end_line else None,
        "endColumn": finding.end_column if one_line else None,
        "title": f"{rule.title} [{finding.rule}]" if rule and rule.title else finding.rule,
    }
    return ",".join(f"{name}={_escape_property(visible(str(value)))}" for name, value in pairs.items() if value)


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")
