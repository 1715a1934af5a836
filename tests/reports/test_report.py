"""The report: the order of findings."""

from support.findings import INFO, V

from publisher.diagnostic import Diagnostic


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
