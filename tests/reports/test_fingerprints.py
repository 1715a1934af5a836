"""Fingerprints: stable where lines move, different for different findings."""

from dataclasses import replace

import pytest
from support.each import each
from support.findings import COUNT, NESTED

from publisher.diagnostic import Diagnostic, Severity
from publisher.reports.fingerprints import fingerprint, number_fingerprints, relabel_blank_nodes

# Fingerprints


@pytest.mark.parametrize(
    "changed",
    [
        {"line": 99, "column": 1, "end_line": 99, "end_column": 7},
        {"source": "something else"},
        {"label": "Cleaner rivers"},
        {"message": "An aim\n  has one definition."},
        {"severity": Severity.INFO},
        {"more": 3},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_fingerprint_is_stable(changed) -> None:
    assert fingerprint(replace(COUNT, **changed)) == fingerprint(COUNT)


@each(
    "changed",
    [
        {"rule": "other"},
        {"file": "other.ttl"},
        {"message": "Other."},
        *({"terms": tuple("<x:y>" if n == m else term for m, term in enumerate(COUNT.terms))} for n in range(3)),
    ],
)
def test_fingerprint_distinguishes_findings(changed) -> None:
    assert fingerprint(replace(COUNT, **changed)) != fingerprint(COUNT)


def test_fingerprint_without_terms_uses_text() -> None:
    one, other = (Diagnostic("r", Severity.INFO, "No.", "a.ttl", value=value) for value in "ab")
    assert fingerprint(one) != fingerprint(other)


def test_fingerprint_ignores_line_numbers() -> None:
    one, other = (Diagnostic("r", Severity.INFO, f"Opened on line {n}, column {n}.", "a.ttl") for n in (3, 17))
    assert fingerprint(one) == fingerprint(other)


def test_fingerprint_ignores_blank_node_labels() -> None:
    renamed = replace(NESTED, focus="_:zz", terms=("_:zz", *NESTED.terms[1:]))
    assert fingerprint(renamed) == fingerprint(NESTED)


def test_equal_findings_are_numbered() -> None:
    first, second, other, third = number_fingerprints([COUNT, COUNT, NESTED, replace(COUNT, line=1)])
    assert (second, third) == (f"{first}-2", f"{first}-3")
    assert other not in (first, second, third)


def test_blank_nodes_are_numbered_by_appearance() -> None:
    found = relabel_blank_nodes([replace(NESTED, value="x _:n1f"), NESTED])
    assert [finding.focus for finding in found] == ["_:b0", "_:b0"]
    assert found[0].terms == ("_:b0", *NESTED.terms[1:])
    assert found[0].value == "x _:n1f"
    assert found[0].details[0].terms[2] == "_:b1"
