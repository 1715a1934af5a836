"""GitHub workflow commands, which become annotations."""

from typing import Final

from publisher.diagnostic import Diagnostic, Severity
from publisher.reports.report import FAILED, Report, clean, message_of, visible

_GITHUB_LEVELS: Final = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report) -> str:
    """Render a workflow command for each finding, which GitHub shows on its line, and one for each failure."""
    failures = (f"::error title={FAILED}::{_escape_data(clean(failure))}\n" for failure in report.failures)
    findings = (
        f"::{_GITHUB_LEVELS[f.severity]} {_render_properties(f, report)}::{_escape_data(message_of(f))}\n"
        for f in report.findings
    )
    return "".join([*failures, *findings])


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
