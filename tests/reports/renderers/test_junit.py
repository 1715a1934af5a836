"""The JUnit report: a case for each rule and file."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from support.findings import INFO, REPORT, V, W

from publisher.diagnostic import Diagnostic
from publisher.reports.renderers import junit
from publisher.reports.report import Report


def test_junit_has_case_per_rule_and_file() -> None:
    root = ET.fromstring(junit.render(REPORT))
    cases = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(cases)) == len(cases)
    assert set(cases) == {
        ("data/a, b: c.ttl", "Backing-node"),
        ("data/aims.ttl", "Aim-definition-count"),
        ("data/aims.ttl", "tidy"),
        ("validation", "unmatched-shape"),
        ("syntax", "syntax"),
    }
    suite = root.find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("5", "2")


@pytest.mark.parametrize(("fail_on", "failing"), [(V, 2), (W, 3), (INFO, 4)])
def test_junit_case_fails_on_failing_severity(fail_on, failing) -> None:
    root = ET.fromstring(junit.render(replace(REPORT, fail_on=fail_on)))
    assert len(root.findall(".//failure")) == failing
    assert len(root.findall(".//system-out")) == 4 - failing


def test_junit_is_well_formed_for_any_character() -> None:
    odd = Diagnostic("r", V, 'Bad: \x00 \x0b \ufffe \ud800 ]]> & < "', "a&b.ttl", 1, value="\x01")
    failure = ET.fromstring(junit.render(Report([odd]))).find(".//failure")
    assert failure is not None
    assert ']]> & < "' in (failure.text or "")
