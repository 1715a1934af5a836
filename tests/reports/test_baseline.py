"""Findings that are known: fingerprints that survive moved lines, and the baseline file."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.each import each
from support.findings import COUNT, FINDINGS, NESTED

from publisher.diagnostic import Diagnostic
from publisher.errors import CannotRunError
from publisher.reports import baseline
from publisher.reports.fingerprints import fingerprint

# The file


def _everywhere(name: str) -> bool:
    return True


def _nowhere(name: str) -> bool:
    return False


def test_baseline_matches_its_own_findings(tmp_path: Path) -> None:
    baseline.write(tmp_path / "known.json", FINDINGS)
    assert baseline.subtract(FINDINGS, baseline.read(tmp_path / "known.json"), _everywhere) == ([], [])


def test_baseline_is_sorted(tmp_path: Path) -> None:
    texts = set()
    for found in (FINDINGS, FINDINGS[::-1]):
        baseline.write(tmp_path / "known.json", found)
        texts.add((tmp_path / "known.json").read_text())
    assert len(texts) == 1
    listed = json.loads(texts.pop())["findings"]
    assert listed == sorted(listed, key=lambda entry: (entry["file"], entry["rule"], entry["focus"], entry["message"]))
    assert [entry["count"] for entry in listed if entry["rule"] == "unmatched-shape"] == [2]
    assert not any("line" in entry for entry in listed)


def test_additional_equal_finding_is_new(tmp_path: Path) -> None:
    known = baseline.list_entries([COUNT, COUNT])
    third = replace(COUNT, line=90)
    assert baseline.subtract([COUNT, COUNT, third], known, _everywhere) == ([third], [])


def test_absent_finding_is_stale() -> None:
    known = baseline.list_entries([COUNT, COUNT, NESTED])
    new, stale = baseline.subtract([COUNT], known, _everywhere)
    assert new == []
    assert [entry.rule for entry in stale] == ["Backing-node", "Aim-definition-count"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "No such file"),
        ("{", "is not a baseline"),
        ("\xff", "is not a baseline"),
        ("[]", "is not a baseline"),
        ('{"version": 1}', "is not a baseline"),
        ('{"version": 1, "findings": [{"rule": "x"}]}', "is not a baseline"),
        (
            '{"version": 1, "findings": [{"fingerprint": "", "count": "2", "rule": "", "file": "", "message": ""}]}',
            "is not a baseline",
        ),
        ('{"version": 2, "findings": []}', "version 2"),
    ],
)
def test_invalid_baseline_is_rejected(tmp_path: Path, text: str | None, says: str) -> None:
    path = tmp_path / "known.json"
    if text is not None:
        path.write_text(text, encoding="latin-1")
    with pytest.raises(CannotRunError, match=says):
        baseline.read(path)


RELATIVE = replace(COUNT, message="data/aims.ttl#x has none.", terms=("<data/aims.ttl#x>", *COUNT.terms[1:]))


def test_entry_has_focus_node(tmp_path: Path) -> None:
    baseline.write(tmp_path / "known.json", [COUNT, NESTED])
    first, second = json.loads((tmp_path / "known.json").read_text())["findings"]
    assert list(first) == ["file", "rule", "focus", "message", "count", "fingerprint"]
    assert (first["focus"], second["focus"]) == ("[]", "<https://example.org/id/aim/clean-rivers>")


def test_entry_without_focus_node_is_read(tmp_path: Path) -> None:
    """As earlier versions wrote them."""
    baseline.write(tmp_path / "known.json", [COUNT])
    value = json.loads((tmp_path / "known.json").read_text())
    del value["findings"][0]["focus"]
    (tmp_path / "known.json").write_text(json.dumps(value))
    assert baseline.subtract([COUNT], baseline.read(tmp_path / "known.json"), _everywhere) == ([], [])


@each("finding", [COUNT, replace(RELATIVE, file="data/aims.ttl")])
@each("exists", [_everywhere, _nowhere])
def test_finding_in_renamed_file_is_known(finding: Diagnostic, exists) -> None:
    """The file was renamed, or the node was moved."""
    known = baseline.list_entries([finding, finding])
    terms = tuple(term.replace("data/aims.ttl", "new/goals.ttl") for term in finding.terms)
    message = finding.message.replace("data/aims.ttl", "new/goals.ttl")
    moved = replace(finding, file="new/goals.ttl", terms=terms, message=message, line=3)
    assert baseline.subtract([moved, moved], known, exists) == ([], [])
    assert baseline.subtract([moved, finding], known, exists) == ([], [])
    assert baseline.subtract([moved] * 3, known, exists) == ([moved], [])
    assert baseline.subtract([moved], known, exists) == ([], known)


@pytest.mark.parametrize("changed", [{"rule": "other"}, {"message": "Other."}, {"terms": ("<x:y>", "", "")}])
def test_other_finding_in_other_file_is_new(changed) -> None:
    other = replace(COUNT, file="other.ttl", **changed)
    known = baseline.list_entries([COUNT])
    assert baseline.subtract([other], known, _nowhere) == ([other], known)


def test_blank_node_is_known_in_other_file_only_if_moved() -> None:
    known, moved = baseline.list_entries([NESTED]), replace(NESTED, file="new.ttl")
    assert baseline.subtract([moved], known, _everywhere) == ([moved], known)
    assert baseline.subtract([moved], known, _nowhere) == ([], [])


def test_finding_that_still_occurs_is_not_moved() -> None:
    copied = replace(COUNT, file="copy.ttl")
    assert baseline.subtract([copied, COUNT], baseline.list_entries([COUNT]), _nowhere) == ([copied], [])


def test_entry_lines(tmp_path: Path) -> None:
    baseline.write(tmp_path / "known.json", [COUNT, NESTED])
    lines = (tmp_path / "known.json").read_text().splitlines()
    found = baseline.find_lines(tmp_path / "known.json")
    assert fingerprint(COUNT) in lines[found[fingerprint(COUNT)] - 1]
    assert len(found) == 2
