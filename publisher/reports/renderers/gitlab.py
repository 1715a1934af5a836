"""The GitLab Code Quality report."""

from typing import Any, Final

from publisher.diagnostic import Diagnostic, Severity
from publisher.reports.fingerprints import fingerprint, number_fingerprints
from publisher.reports.renderers.json_report import dump_json
from publisher.reports.report import FAILED, Report, clean, message_of

_FAILURE: Final = "could-not-run"
"""The name of the check of a failure."""
_GITLAB_LEVELS: Final = {Severity.VIOLATION: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(report: Report) -> str:
    """Render a GitLab Code Quality report: each finding has a unique fingerprint and, as GitLab requires, a line.

    A failure is an issue of the most severe level.
    """
    failures = [_render_failure(failure) for failure in report.failures]
    return dump_json(
        failures
        + [
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


def _render_failure(failure: str) -> dict[str, Any]:
    finding = Diagnostic(_FAILURE, Severity.VIOLATION, failure)
    return {
        "description": f"{FAILED}: {clean(failure)}",
        "check_name": finding.rule,
        "fingerprint": fingerprint(finding),
        "severity": "blocker",
        "location": {"path": ".", "lines": {"begin": 1}},
    }


def _render_lines(finding: Diagnostic) -> dict[str, int]:
    return {"begin": finding.line or 1} | ({"end": finding.end_line} if finding.end_line else {})
