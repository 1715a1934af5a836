"""The GitLab Code Quality report."""

from typing import Final

from publisher.diagnostic import Diagnostic, Severity
from publisher.reports.fingerprints import number_fingerprints
from publisher.reports.renderers.json_report import dump_json
from publisher.reports.report import Report, message_of

_GITLAB_LEVELS: Final = {Severity.VIOLATION: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(report: Report) -> str:
    """Render a GitLab Code Quality report: each finding has a unique fingerprint and, as GitLab requires, a line."""
    return dump_json(
        [
            {
                "description": message_of(finding),
                "check_name": finding.rule,
                "fingerprint": print_,
                "severity": _GITLAB_LEVELS[finding.severity],
                "location": {"path": finding.file or ".", "lines": _render_lines(finding)},
            }
            for finding, print_ in zip(report.findings, number_fingerprints(report.findings), strict=True)
        ]
    )


def _render_lines(finding: Diagnostic) -> dict[str, int]:
    return {"begin": finding.line or 1} | ({"end": finding.end_line} if finding.end_line else {})
