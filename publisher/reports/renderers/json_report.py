"""The JSON report."""

import json
from collections.abc import Sequence
from json.encoder import encode_basestring
from typing import Any, Final

from publisher.diagnostic import Diagnostic, Rule, Severity
from publisher.reports.fingerprints import number_fingerprints
from publisher.reports.report import Report, level

JSON_VERSION: Final = 1
"""The version of the JSON report: increased when a field is renamed, removed or changes its meaning."""
_WORDS: Final = {None: "null", True: "true", False: "false"}


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
    """Return a value as JSON with an indent of 2.

    As json.dumps(indent=2, ensure_ascii=False) writes it, which has no C code for that and takes six times as long.
    """
    return _dump(value, "\n") + "\n"


def _dump(value: Any, line: str) -> str:
    """Return a value as JSON. line: a line end, and the indent."""
    if type(value) is str:
        return encode_basestring(value)
    if value is None or value is True or value is False:
        return _WORDS[value]
    inner = f"{line}  "
    if isinstance(value, dict) and value:
        members = [f"{encode_basestring(name)}: {_dump(each, inner)}" for name, each in value.items()]
        return f"{{{inner}{f',{inner}'.join(members)}{line}}}"
    if isinstance(value, list | tuple) and value:
        return f"[{inner}{f',{inner}'.join([_dump(each, inner) for each in value])}{line}]"
    return str(value) if type(value) is int else json.dumps(value, ensure_ascii=False)


def _render_finding(finding: Diagnostic) -> dict[str, Any]:
    details = [_render_finding(detail) for detail in finding.details]
    terms = dict(zip(("focus", "path", "value"), finding.terms, strict=True))
    related = [vars(each) for each in finding.related]
    fields = {name: value for name, value in vars(finding).items() if name != "merged"}
    return fields | {"severity": level(finding), "terms": terms, "details": details, "related": related}


def _render_rule(rule: Rule) -> dict[str, Any]:
    wanted = {name: getattr(rule, name) for name in ("kind", "title", "meaning", "why", "fix", "link")}
    return {"severity": rule.severity.name.lower()} | wanted
