"""The report of a validation run: findings, counts, verdict and summary."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from publisher.diagnostic import Diagnostic, Rule, Severity

_LEVELS: Final = sorted(Severity, reverse=True)


MAX_PER_RULE: Final = 50
"""Findings of one rule in one file that reports for people list by default."""


FAILED: Final = "Validation could not run completely"
"""The title of a failure in reports."""


@dataclass(frozen=True)
class Report:
    """The result of a validation run.

    findings: in the order of their locations. rules: name -> rule, of every rule that was checked. fail_on: the lowest
    severity that fails the run. known: how many findings the baseline removed. stale: messages of baseline entries that
    no longer occur. notes: further sentences about the run.
    failures: why the run could not check everything that it had to; it then ends with exit code 2. fold_infos: whether
    the text report only counts infos. suppressed: the findings that comments in the files suppress.
    """

    findings: Sequence[Diagnostic] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    fail_on: Severity = Severity.VIOLATION
    known: int = 0
    stale: Sequence[str] = ()
    notes: Sequence[str] = ()
    failures: Sequence[str] = ()
    fold_infos: bool = False
    suppressed: Sequence[Diagnostic] = ()

    def cap(self, limit: int) -> "Report":
        """The report with at most so many findings of each rule in each file; the last of them counts the others.

        limit: 0 lists all.
        """
        met = Counter((finding.rule, finding.file) for finding in self.findings)
        listed: Counter[tuple[str, str]] = Counter()
        kept = []
        for finding in self.findings:
            key = finding.rule, finding.file
            listed[key] += 1
            if not limit or listed[key] < limit:
                kept.append(finding)
            elif listed[key] == limit:
                kept.append(replace(finding, more=finding.more + met[key] - limit))
        return replace(self, findings=kept)

    @property
    def counts(self) -> Counter[Severity]:
        """The number of findings of each severity, including those that are not listed (`Diagnostic.more`)."""
        found: Counter[Severity] = Counter()
        for finding in self.findings:
            found[finding.severity] += 1 + finding.more
        return found

    @property
    def failed(self) -> bool:
        """Whether a finding is at least as severe as `fail_on`."""
        return any(finding.severity >= self.fail_on for finding in self.findings)

    @property
    def folded(self) -> Counter[str]:
        """The number of infos of each rule that the text report does not list; none unless infos are folded."""
        found: Counter[str] = Counter()
        for finding in self.findings if self.fold_infos else ():
            if finding.severity is Severity.INFO:
                found[finding.rule] += 1 + finding.more
        return found

    @property
    def sentences(self) -> list[str]:
        """The sentences after the findings; the last one counts them."""
        found = [*self.notes]
        if self.known:
            found.append(f"{count_noun(self.known, 'known finding')} {are(self.known)} not listed.")
        if self.stale:
            entries, verb = count_noun(len(self.stale), "finding"), "occurs" if len(self.stale) == 1 else "occur"
            found.append(f"The baseline lists {entries} that no longer {verb}; write it again.")
        return [*found, *self.failures, *self._summary]

    @property
    def _summary(self) -> list[str]:
        counts = [count_noun(self.counts[level], level.name.lower()) for level in _LEVELS if self.counts[level]]
        counts += [f"{len(self.suppressed)} suppressed"] if self.suppressed else []
        if not self.findings:
            return [] if self.failures else [", ".join(["No findings", *counts]) + "."]
        return [f"{', '.join(counts)}. Run `publisher validate --explain RULE` for details of a rule."]


def count_noun(number: int, noun: str) -> str:
    """Return a number with its noun in singular or plural."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def are(number: int) -> str:
    """Return the verb for a number of things."""
    return "is" if number == 1 else "are"


def level(finding: Diagnostic) -> str:
    """Return the severity as reports spell it."""
    return finding.severity.name.lower()


def message_of(finding: Diagnostic) -> str:
    """Return the message after the name of its focus node, on one line, without control characters."""
    focus = "" if finding.focus.startswith("_:") else finding.focus
    message, name = clean(finding.message), clean(finding.label or focus)
    named = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", message)
    return message if not name or named else f"{name}: {message}"


def clean(text: str) -> str:
    """Return text as one line without control and invisible characters."""
    return visible(" ".join(text.split()))


def visible(text: str) -> str:
    """Replace the characters that steer a terminal or do not show; line ends, tabs and no-break spaces stay."""
    return "".join(c if c.isprintable() or c in "\n\t\xa0" else "\N{REPLACEMENT CHARACTER}" for c in text)
