"""Owns what programs read of findings: one small printer for each format of CI systems, and the table of them."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any, Final
from urllib.parse import quote
from xml.etree import ElementTree as ET

from publisher import __version__, reports, shacl_report
from publisher.fingerprints import numbered
from publisher.problems import Diagnostic, Rule, Severity
from publisher.reports import Report, clean, level, said

JSON_VERSION: Final = 1
"""Raised when a field of the JSON report is renamed, removed or changes its meaning; new fields do not raise it."""

SARIF_RESULTS: Final = 25_000
"""What GitHub accepts of one run; the worst findings are kept."""

_SARIF_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_SARIF_LEVELS: Final = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_GITHUB_LEVELS: Final = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_GITLAB_LEVELS: Final = {Severity.VIOLATION: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


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


def junit(report: Report) -> str:
    """A test case for each rule in each file with findings, and one for each rule that found nothing.

    A case fails where a finding counts. GitLab shows class name and name, and tells cases apart by them, and shows what
    stands inside a failure; Jenkins shows its message too.
    """
    cases = [_case(report, *key, list(group)) for key, group in groupby(_by_rule(report.findings), key=_file_and_rule)]
    silent = sorted(report.rules.keys() - {finding.rule for finding in report.findings})
    cases += [ET.Element("testcase", classname=report.rules[name].kind, name=name) for name in silent]
    failures = sum(len(case.findall("failure")) for case in cases)
    root = ET.Element("testsuites", tests=str(len(cases)), failures=str(failures))
    suite = ET.SubElement(root, "testsuite", name="publisher validate", tests=str(len(cases)), failures=str(failures))
    suite.extend(cases)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _file_and_rule(finding: Diagnostic) -> tuple[str, str]:
    return finding.file, finding.rule


def _by_rule(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    return sorted(findings, key=lambda finding: (*_file_and_rule(finding), finding.order))


def _case(report: Report, file: str, rule: str, findings: Sequence[Diagnostic]) -> ET.Element:
    place = {"file": clean(file)} if file else {}
    case = ET.Element("testcase", {"classname": clean(file) or "validation", "name": rule} | place)
    lines = "\n".join(reports.line(finding) for finding in findings)
    if any(finding.severity >= report.fail_on for finding in findings):
        ET.SubElement(case, "failure", message=said(findings[0]), type=level(findings[0])).text = lines
    else:
        ET.SubElement(case, "system-out").text = lines
    return case


def sarif(report: Report) -> str:
    """SARIF 2.1.0, with what GitHub code scanning reads: rules with help, places, fingerprints."""
    names = sorted({*report.rules, *(finding.rule for finding in report.findings)})
    index = {name: number for number, name in enumerate(names)}
    prints = zip(report.findings, numbered(report.findings), strict=True)
    kept = sorted(prints, key=lambda pair: -pair[0].severity)[:SARIF_RESULTS]
    notes = [{"level": "note", "message": {"text": sentence}} for sentence in report.sentences]
    driver = {
        "name": "publisher",
        "semanticVersion": __version__,
        "rules": [_sarif_rule(name, report) for name in names],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The folder that was checked."}}},
        "invocations": [{"executionSuccessful": not report.broken, "toolExecutionNotifications": notes}],
        "results": [_sarif_result(finding, print_, index[finding.rule]) for finding, print_ in kept],
    }
    return _json({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def _sarif_rule(name: str, report: Report) -> dict[str, Any]:
    rule = report.rules.get(name)
    if rule is None:
        return {"id": name}
    help_ = "\n\n".join(part for part in (rule.meaning, rule.why, rule.mend) if part)
    found: dict[str, Any] = {
        "id": name,
        "shortDescription": {"text": rule.title or name},
        "fullDescription": {"text": rule.meaning or rule.title or name},
        "help": {"text": help_ or rule.title or name},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.severity]},
        "properties": {"tags": [rule.kind]},
    }
    return found | ({"helpUri": rule.link} if rule.link else {})


def _sarif_result(finding: Diagnostic, print_: str, index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": said(finding)},
        "partialFingerprints": {"primaryLocationLineHash": print_},
    }
    if finding.file:
        location: dict[str, Any] = {"artifactLocation": {"uri": quote(finding.file), "uriBaseId": "%SRCROOT%"}}
        if finding.line:
            location["region"] = _region(finding)
        result["locations"] = [{"physicalLocation": location}]
    terms = {name: term for name, term in _terms(finding).items() if term}
    return result | ({"properties": terms} if terms else {})


def _region(finding: Diagnostic) -> dict[str, Any]:
    found = (
        ("startLine", finding.line),
        ("startColumn", finding.column),
        ("endLine", finding.end_line),
        ("endColumn", finding.end_column),
    )
    region: dict[str, Any] = {name: number for name, number in found if number}
    return region | ({"snippet": {"text": finding.source}} if finding.source else {})


def _terms(finding: Diagnostic) -> dict[str, str]:
    terms = {"focusNode": finding.focus, "path": finding.path, "value": finding.value, "shape": finding.shape}
    return terms | {"proposal": finding.proposal}


def github(report: Report) -> str:
    """A workflow command for each finding, which GitHub shows as a comment on the line."""
    return "".join(
        f"::{_GITHUB_LEVELS[f.severity]} {_properties(f, report)}::{_data(said(f))}\n" for f in report.findings
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


def gitlab(report: Report) -> str:
    """The code quality report of GitLab: each finding with a fingerprint of its own. GitLab asks for a line."""
    return _json(
        [
            {
                "description": said(finding),
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


PRINTERS: Final[dict[str, Callable[[Report], str]]] = {
    "text": reports.text,
    "json": as_json,
    "junit": junit,
    "sarif": sarif,
    "github": github,
    "gitlab": gitlab,
    "turtle": shacl_report.turtle_report,
}
"""Name of a format -> what prints a report in it."""
