"""The JSON report: every field of a finding."""

import json
from dataclasses import fields

from support.findings import REPORT

from publisher.diagnostic import Diagnostic
from publisher.reports.renderers import json_report


def test_json_has_every_finding_field() -> None:
    value = json.loads(json_report.render(REPORT))
    assert set(value) == {
        "version",
        "summary",
        "known",
        "suppressed",
        "stale",
        "notes",
        "failures",
        "findings",
        "rules",
    }
    assert value["version"] == json_report.JSON_VERSION
    for finding in value["findings"]:
        assert set(finding) == {field.name for field in fields(Diagnostic)} - {"merged"} | {"fingerprint"}
    assert value["findings"][0]["details"][0]["severity"] == "warning"
    assert set(value["rules"]) == {"Aim-definition-count", "tidy"}


def test_dump_json_writes_as_the_standard_library_does() -> None:
    value = {"a": [], "b": {}, "c": [1, True, None, 1.5, 'x"\n\u00e9'], "d": {"e": ({"f": [[]]}, ())}, "g": -3}
    assert json_report.dump_json(value) == json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    assert json_report.dump_json([]) == "[]\n"
