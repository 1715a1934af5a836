"""The JUnit XML report."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from publisher.diagnostic import Diagnostic
from publisher.reports.renderers import text
from publisher.reports.report import FAILED, Report, clean, level, message_of


def render(report: Report) -> str:
    """Render a test case for each rule in each file with findings, and one for each rule without findings.

    A case fails if the severity of a finding is at least `fail_on`. What the run could not check is a case with an
    error. GitLab identifies and shows cases by class name and
    name, and shows the text of a failure; Jenkins shows its message too.
    """
    cases = [
        _render_case(report, *key, list(group))
        for key, group in groupby(_sort_by_rule(report.findings), key=_file_and_rule)
    ]
    silent = sorted(report.rules.keys() - {finding.rule for finding in report.findings})
    cases += [ET.Element("testcase", classname=report.rules[name].kind, name=name) for name in silent]
    cases += [_render_failures(report.failures)] if report.failures else []
    failures = sum(len(case.findall("failure")) for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "1" if report.failures else "0"}
    root = ET.Element("testsuites", counts)
    suite = ET.SubElement(root, "testsuite", {"name": "publisher validate"} | counts)
    suite.extend(cases)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _render_failures(failures: Sequence[str]) -> ET.Element:
    case = ET.Element("testcase", classname="validation", name="run")
    ET.SubElement(case, "error", message=clean(failures[0]), type=FAILED).text = "\n".join(map(clean, failures))
    return case


def _file_and_rule(finding: Diagnostic) -> tuple[str, str]:
    return finding.file, finding.rule


def _sort_by_rule(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    return sorted(findings, key=lambda finding: (*_file_and_rule(finding), finding.order))


def _render_case(report: Report, file: str, rule: str, findings: Sequence[Diagnostic]) -> ET.Element:
    place = {"file": clean(file)} if file else {}
    case = ET.Element("testcase", {"classname": clean(file) or "validation", "name": rule} | place)
    lines = "\n".join(text.render_line(finding) for finding in findings)
    if any(finding.severity >= report.fail_on for finding in findings):
        ET.SubElement(case, "failure", message=message_of(findings[0]), type=level(findings[0])).text = lines
    else:
        ET.SubElement(case, "system-out").text = lines
    return case
