"""Reports of a probe: a table for people, and JSON."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from publisher.probe.prober import ADVICE, BROKEN, NOT_ASKED, OK, Finding
from publisher.reports.report import visible

COLUMNS = ("verdict", "level", "case", "client", "expected", "got")
WIDTH = 120
"""Characters of a cell."""


def count_verdicts(findings: Sequence[Finding]) -> dict[str, int]:
    """Return how many findings have each verdict, the worst first."""
    found = Counter(finding.verdict for finding in findings)
    return {verdict: found[verdict] for verdict in (BROKEN, ADVICE, NOT_ASKED, OK)}


def write_text(findings: Sequence[Finding]) -> str:
    """Return a table in the order of the cases, and a line of counts."""
    rows = [COLUMNS, *(tuple(_write_cell(getattr(finding, name)) for name in COLUMNS) for finding in findings)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    counts = ", ".join(f"{number} {verdict}" for verdict, number in count_verdicts(findings).items() if number)
    return "".join(f"{line}\n" for line in lines) + f"\n{counts}.\n"


def _write_cell(text: str) -> str:
    """A text in one line, cut, and without control characters: it may be what a server sent."""
    return visible(" ".join(text.split()))[:WIDTH]


def write_json(findings: Sequence[Finding]) -> str:
    """Return the findings and their counts."""
    report = {"counts": count_verdicts(findings), "findings": [asdict(finding) for finding in findings]}
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"
