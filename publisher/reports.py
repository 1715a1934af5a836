"""Owns turning diagnostics into text for people."""

from collections import Counter
from collections.abc import Sequence

from publisher.problems import Diagnostic, Severity


def line(finding: Diagnostic) -> str:
    """One finding: `file:line:column: level: message [rule]`, as editors and terminals link it."""
    place = ":".join(str(part) for part in (finding.file, finding.line, finding.column) if part)
    message = " ".join(finding.message.split())
    return f"{place}: {finding.severity.name.lower()}: {message} [{finding.rule}]"


def text(findings: Sequence[Diagnostic]) -> str:
    """All findings, one a line, and a sentence that sums them up."""
    return "\n".join([*map(line, findings), summary(findings)]) + "\n"


def summary(findings: Sequence[Diagnostic]) -> str:
    """How many findings there are of each level, and what that means."""
    counts = Counter(finding.severity for finding in findings)
    words = ", ".join(_count(counts[level], level.name.lower()) for level in sorted(Severity, reverse=True))
    mend = "mend the violations" if counts[Severity.VIOLATION] else "nothing has to be mended"
    return f"{words}: {mend}."


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
