"""The JSON report."""

import json
from collections.abc import Sequence
from typing import Any, Final

from publisher.diagnostic import Diagnostic, Rule, Severity
from publisher.reports.fingerprints import number_fingerprints
from publisher.reports.report import Report, level

JSON_VERSION: Final = 1
"""The version of the JSON report: increased when a field is renamed, removed or changes its meaning."""


def render(report: Report) -> str:
    """Render the findings and their rules, with the fields of `Diagnostic` and `Rule`."""
    named = sorted({finding.rule for finding in report.findings})
    counts = {f"{level.name.lower()}s": report.counts[level] for level in sorted(Severity, reverse=True)}
    return dump_json(
        {
            "version": JSON_VERSION,
            "summary": counts | {"fail_on": report.fail_on.name.lower(), "failed": report.failed},
            "known": report.known,
            "suppressed": len(report.suppressed),
            "stale": list(report.stale),
            "notes": list(report.notes),
            "failures": list(report.failures),
            "findings": [
                _render_finding(finding) | {"fingerprint": print_}
                for finding, print_ in zip(report.findings, number_fingerprints(report.findings), strict=True)
            ],
            "rules": {name: _render_rule(report.rules[name]) for name in named if name in report.rules},
        }
    )


def render_rules(rules: Sequence[Rule]) -> str:
    """Render a list of rules, with the fields that the report has for each."""
    return dump_json({"version": JSON_VERSION, "rules": {rule.name: _render_rule(rule) for rule in rules}})


def dump_json(value: Any) -> str:
    """Return a value as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _render_finding(finding: Diagnostic) -> dict[str, Any]:
    details = [_render_finding(detail) for detail in finding.details]
    terms = dict(zip(("focus", "path", "value"), finding.terms, strict=True))
    related = [vars(each) for each in finding.related]
    fields = {name: value for name, value in vars(finding).items() if name != "merged"}
    return fields | {"severity": level(finding), "terms": terms, "details": details, "related": related}


def _render_rule(rule: Rule) -> dict[str, Any]:
    wanted = {name: getattr(rule, name) for name in ("kind", "title", "meaning", "why", "fix", "link")}
    return {"severity": rule.severity.name.lower()} | wanted
