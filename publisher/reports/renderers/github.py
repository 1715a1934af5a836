"""GitHub workflow commands, which become annotations."""

from typing import Final

from publisher.diagnostic import Diagnostic, Severity
from publisher.reports.report import Report, message_of

_GITHUB_LEVELS: Final = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def github(report: Report) -> str:
    """A workflow command for each finding, which GitHub shows as a comment on the line."""
    return "".join(
        f"::{_GITHUB_LEVELS[f.severity]} {_properties(f, report)}::{_data(message_of(f))}\n" for f in report.findings
    )


def _properties(finding: Diagnostic, report: Report) -> str:
    """The place, and the rule as the title. GitHub takes columns only within one line."""
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
    return ",".join(f"{name}={_property(str(value))}" for name, value in pairs.items() if value)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
