"""The JSON report."""

import json
from dataclasses import asdict
from typing import Any, Final

from publisher.diagnostic import Diagnostic, Rule, Severity
from publisher.reports.fingerprints import numbered
from publisher.reports.report import Report, level

JSON_VERSION: Final = 1
"""Raised when a field of the JSON report is renamed, removed or changes its meaning; new fields do not raise it."""


def as_json(report: Report) -> str:
    """The findings and the rules they name, field by field as in `Diagnostic` and `Rule`."""
    named = sorted({finding.rule for finding in report.findings})
    counts = {f"{level.name.lower()}s": report.counts[level] for level in sorted(Severity, reverse=True)}
    return _json(
        {
            "version": JSON_VERSION,
            "summary": counts | {"fail_on": report.fail_on.name.lower(), "failed": report.failed},
            "known": report.known,
            "stale": list(report.stale),
            "notes": list(report.notes),
            "findings": [
                _fields(finding) | {"fingerprint": print_}
                for finding, print_ in zip(report.findings, numbered(report.findings), strict=True)
            ],
            "rules": {name: _rule_fields(report.rules[name]) for name in named if name in report.rules},
        }
    )


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _fields(finding: Diagnostic) -> dict[str, Any]:
    details = [_fields(detail) for detail in finding.details]
    terms = dict(zip(("focus", "path", "value"), finding.terms, strict=True))
    return asdict(finding) | {"severity": level(finding), "terms": terms, "details": details}


def _rule_fields(rule: Rule) -> dict[str, Any]:
    wanted = {name: getattr(rule, name) for name in ("kind", "title", "meaning", "why", "mend", "link")}
    return {"severity": rule.severity.name.lower()} | wanted
