"""The SARIF report: valid by its schema, bounded as GitHub requires."""

import json
import re
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import pytest
from jsonschema.protocols import Validator
from support.findings import FINDINGS, REPORT, RULES

from publisher.reports.renderers import sarif
from publisher.reports.report import Report

TESTS = Path(__file__).parents[1]
EMPTY = Report((), RULES)


@pytest.fixture(autouse=True)
def fixed_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "__version__", "1.2.3")


@pytest.fixture(scope="module")
def sarif_schema() -> Validator:
    """The schema of OASIS, as schemastore.org gives it (Apache License 2.0)."""
    schema = json.loads((TESTS / "schemas" / "sarif-2.1.0.json").read_text())
    return jsonschema.Draft7Validator(schema)


@pytest.mark.parametrize(
    "report", [REPORT, EMPTY, Report(FINDINGS), Report(failures=["Nothing was checked."])], ids=[*"abcd"]
)
def test_sarif_is_valid(sarif_schema: Validator, report: Report) -> None:
    assert list(sarif_schema.iter_errors(json.loads(sarif.render(report)))) == []


def test_sarif_schema_rejects_mistake(sarif_schema: Validator) -> None:
    value = json.loads(sarif.render(REPORT))
    value["runs"][0]["results"][0]["level"] = "fatal"
    assert list(sarif_schema.iter_errors(value))


def test_sarif_has_rule_help_and_locations() -> None:
    run = json.loads(sarif.render(REPORT))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    aim = next(rule for rule in rules if rule["id"] == "Aim-definition-count")
    assert aim["helpUri"] == "https://example.org/rule/Aim-definition-count"
    assert "Keep one definition & delete the others." in aim["help"]["text"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["region"] | {"snippet": 0} == {
        "startLine": 12,
        "startColumn": 5,
        "endLine": 12,
        "endColumn": 20,
        "snippet": 0,
    }
    uris = {
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"] if "locations" in r
    }
    assert {unquote(uri) for uri in uris} == {"data/aims.ttl", "data/a, b: c.ttl"}
    assert not any(re.search(r"[ ,:]", uri) for uri in uris)


def test_sarif_keeps_worst_results_within_github_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "SARIF_RESULTS", 2)
    results = json.loads(sarif.render(REPORT))["runs"][0]["results"]
    assert [result["level"] for result in results] == ["error", "error"]
