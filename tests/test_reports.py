"""What people read of findings."""

import pytest

from publisher import reports
from publisher.problems import Diagnostic, Severity

V, W, INFO = Severity.VIOLATION, Severity.WARNING, Severity.INFO


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (Diagnostic("syntax", V, "No.", "a.ttl", 3, 7), "a.ttl:3:7: violation: No. [syntax]"),
        (Diagnostic("unused-aim", W, "No.", "a.ttl", 3), "a.ttl:3: warning: No. [unused-aim]"),
        (Diagnostic("known", INFO, "No.", "a.ttl"), "a.ttl: info: No. [known]"),
    ],
)
def test_a_finding_is_one_line_that_editors_link(finding, line):
    assert reports.line(finding) == line


@pytest.mark.parametrize(
    ("levels", "sentence"),
    [
        ([], "0 violations, 0 warnings, 0 infos: nothing has to be mended."),
        ([V], "1 violation, 0 warnings, 0 infos: mend the violations."),
        ([W, W, INFO], "0 violations, 2 warnings, 1 info: nothing has to be mended."),
        ([V, V, W], "2 violations, 1 warning, 0 infos: mend the violations."),
    ],
)
def test_the_summary_counts_each_level_and_says_what_to_do(levels, sentence):
    assert reports.summary([Diagnostic("rule", level, "No.", "a.ttl", n) for n, level in enumerate(levels)]) == sentence


def test_the_text_is_a_line_for_each_finding_in_order_and_the_summary():
    findings = [Diagnostic("b", V, "B.", "b.ttl", 1), Diagnostic("a", W, "A.", "a.ttl", 2)]
    assert reports.text(findings) == (
        "b.ttl:1: violation: B. [b]\na.ttl:2: warning: A. [a]\n1 violation, 1 warning, 0 infos: mend the violations.\n"
    )


def test_no_findings_are_said_too():
    assert reports.text([]) == "0 violations, 0 warnings, 0 infos: nothing has to be mended.\n"


def test_a_message_of_several_lines_stays_one_line():
    assert "\n" not in reports.line(Diagnostic("rule", V, "One\ntwo\r\nthree.", "a.ttl", 1))


def test_findings_are_ordered_by_place_and_then_by_rule():
    ordered = [
        Diagnostic("z", V, "No.", "a.ttl"),
        Diagnostic("z", INFO, "No.", "a.ttl", 2),
        Diagnostic("a", V, "No.", "a.ttl", 10, 2),
        Diagnostic("b", V, "No.", "a.ttl", 10, 2),
        Diagnostic("a", V, "No.", "a.ttl", 10, 11),
        Diagnostic("a", V, "No.", "b.ttl", 1),
    ]
    assert sorted([*ordered[3:], *ordered[:3]], key=lambda finding: finding.order) == ordered
