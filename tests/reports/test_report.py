"""The report: the order of findings."""

from support.findings import INFO, V

from publisher.diagnostic import Diagnostic
from publisher.reports.report import message_of


def test_findings_are_sorted_by_location_and_rule() -> None:
    ordered = [
        Diagnostic("z", V, "No.", "a.ttl"),
        Diagnostic("z", INFO, "No.", "a.ttl", 2),
        Diagnostic("a", V, "No.", "a.ttl", 10, 2),
        Diagnostic("b", V, "No.", "a.ttl", 10, 2),
        Diagnostic("a", V, "No.", "a.ttl", 10, 11),
        Diagnostic("a", V, "No.", "b.ttl", 1),
    ]
    assert sorted([*ordered[3:], *ordered[:3]], key=lambda finding: finding.order) == ordered


def test_focus_node_is_named_once() -> None:
    message = "The node ex:pond has at least 1 value of ex:pondage."
    assert message_of(Diagnostic("a", V, message, focus="ex:pond")) == message
    assert message_of(Diagnostic("a", V, message, focus="ex:p")) == f"ex:p: {message}"
