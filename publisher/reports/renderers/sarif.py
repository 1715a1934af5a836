"""The SARIF 2.1.0 report."""

from typing import Any, Final
from urllib.parse import quote

from publisher import __version__
from publisher.diagnostic import Diagnostic, Related, Severity
from publisher.reports.fingerprints import number_fingerprints
from publisher.reports.renderers.json_report import dump_json
from publisher.reports.report import Report, message_of

SARIF_RESULTS: Final = 25_000
"""The number of results that GitHub accepts for one run; the most severe findings are kept."""

_SARIF_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_SUPPRESSED: Final = {"suppressions": [{"kind": "inSource"}]}
_SARIF_LEVELS: Final = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(report: Report) -> str:
    """Render SARIF 2.1.0 with what GitHub code scanning reads: rules with help, locations, fingerprints."""
    everything = [*report.findings, *report.suppressed]
    names = sorted({*report.rules, *(finding.rule for finding in everything)})
    index = {name: number for number, name in enumerate(names)}
    hidden = len(report.findings)
    rows = enumerate(zip(everything, number_fingerprints(everything), strict=True))
    kept = sorted(rows, key=lambda row: (row[0] >= hidden, -row[1][0].severity))[:SARIF_RESULTS]
    others = [sentence for sentence in report.sentences if sentence not in report.failures]
    notes = [{"level": "note", "message": {"text": sentence}} for sentence in others]
    errors = [{"level": "error", "message": {"text": sentence}} for sentence in report.failures]
    driver = {
        "name": "publisher",
        "semanticVersion": __version__,
        "rules": [_render_rule(name, report) for name in names],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The checked folder."}}},
        "invocations": [{"executionSuccessful": not errors, "toolExecutionNotifications": [*errors, *notes]}],
        "results": [
            _render_result(finding, print_, index[finding.rule]) | (_SUPPRESSED if number >= hidden else {})
            for number, (finding, print_) in kept
        ],
    }
    return dump_json({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def _render_rule(name: str, report: Report) -> dict[str, Any]:
    rule = report.rules.get(name)
    if rule is None:
        return {"id": name}
    help_ = "\n\n".join(part for part in (rule.meaning, rule.why, rule.fix) if part)
    found: dict[str, Any] = {
        "id": name,
        "shortDescription": {"text": rule.title or name},
        "fullDescription": {"text": rule.meaning or rule.title or name},
        "help": {"text": help_ or rule.title or name},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.severity]},
        "properties": {"tags": [rule.kind]},
    }
    return found | ({"helpUri": rule.link} if rule.link else {})


def _render_result(finding: Diagnostic, print_: str, index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": message_of(finding)},
        "partialFingerprints": {"primaryLocationLineHash": print_},
    }
    if finding.file:
        result["locations"] = [_render_location(finding)]
    if finding.related:
        places = ((_render_location(each), each.message) for each in finding.related)
        result["relatedLocations"] = [place | {"message": {"text": message}} for place, message in places]
    terms = {name: term for name, term in _list_terms(finding).items() if term}
    return result | ({"properties": terms} if terms else {})


def _render_location(place: Diagnostic | Related) -> dict[str, Any]:
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(place.file), "uriBaseId": "%SRCROOT%"}}
    if place.line:
        location["region"] = _render_region(place)
    return {"physicalLocation": location}


def _render_region(place: Diagnostic | Related) -> dict[str, Any]:
    found = (
        ("startLine", place.line),
        ("startColumn", place.column),
        ("endLine", place.end_line),
        ("endColumn", place.end_column),
    )
    region: dict[str, Any] = {name: number for name, number in found if number}
    source = place.source if isinstance(place, Diagnostic) else ""
    return region | ({"snippet": {"text": source}} if source else {})


def _list_terms(finding: Diagnostic) -> dict[str, str]:
    terms = {"focusNode": finding.focus, "path": finding.path, "value": finding.value, "shape": finding.shape}
    return terms | {"proposal": finding.proposal}
