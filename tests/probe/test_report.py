"""Reports of a probe."""

import json

from publisher.probe.prober import Finding
from publisher.probe.report import write_json, write_text

FINDINGS = [
    Finding("get", "all", "must", "JSON results", "200 text/html\x1b[2J\nmore", "broken"),
    Finding("head", "crawlers", "", "", "x" * 500, "not asked"),
    Finding("ask", "all", "must", "true", "200", "ok"),
]


def test_table_has_a_line_for_each_finding() -> None:
    lines = write_text(FINDINGS).splitlines()
    assert lines[0].split() == ["verdict", "level", "case", "client", "expected", "got"]
    assert [line.split()[0] for line in lines[1:4]] == ["broken", "not", "ok"]
    assert lines[4:] == ["", "1 broken, 1 not asked, 1 ok."]
    assert len({line.index(text) for line, text in zip(lines[:2], ("got", "200 text"), strict=True)}) == 1


def test_what_a_server_sent_stays_in_its_cell() -> None:
    report = write_text(FINDINGS)
    assert "\x1b" not in report
    assert max(map(len, report.splitlines())) < 200


def test_json_has_counts_and_findings() -> None:
    report = json.loads(write_json(FINDINGS))
    assert report["counts"] == {"broken": 1, "advice": 0, "not asked": 1, "ok": 1}
    assert [finding["case"] for finding in report["findings"]] == ["get", "head", "ask"]
