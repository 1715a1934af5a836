"""The GitLab Code Quality report."""

from typing import Final

from publisher.diagnostic import Diagnostic, Severity
from publisher.reports.fingerprints import numbered
from publisher.reports.renderers.json_report import _json
from publisher.reports.report import Report, message_of

_GITLAB_LEVELS: Final = {Severity.VIOLATION: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def gitlab(report: Report) -> str:
    """The code quality report of GitLab: each finding with a fingerprint of its own. GitLab asks for a line."""
    return _json(
        [
            {
                "description": message_of(finding),
                "check_name": finding.rule,
                "fingerprint": print_,
                "severity": _GITLAB_LEVELS[finding.severity],
                "location": {"path": finding.file or ".", "lines": _lines(finding)},
            }
            for finding, print_ in zip(report.findings, numbered(report.findings), strict=True)
        ]
    )


def _lines(finding: Diagnostic) -> dict[str, int]:
    return {"begin": finding.line or 1} | ({"end": finding.end_line} if finding.end_line else {})
