"""The GitLab Code Quality report: its required fields."""

import json

from support.findings import FINDINGS, REPORT

from publisher.reports.renderers import gitlab


def test_gitlab_findings_have_required_fields() -> None:
    issues = json.loads(gitlab.render(REPORT))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == len(FINDINGS)
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["location"]["path"]
        assert issue["location"]["lines"]["begin"] >= 1
