"""The report of a validation run: findings, counts, and the verdict."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from publisher.diagnostic import Diagnostic, Rule, Severity

_LEVELS: Final = sorted(Severity, reverse=True)


@dataclass(frozen=True)
class Report:
    """What a run has to say.

    findings: in the order of their places. rules: name -> rule, of every rule that could have spoken. fail_on: the
    lowest severity that counts. known: how many findings are left out as known before. stale: messages of entries of
    the baseline that no longer occur. notes: further sentences about the run. broken: whether the run could not be
    done, so that the findings are about what it was to judge by.
    """

    findings: Sequence[Diagnostic] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    fail_on: Severity = Severity.VIOLATION
    known: int = 0
    stale: Sequence[str] = ()
    notes: Sequence[str] = ()
    broken: bool = False

    @property
    def counts(self) -> Counter[Severity]:
        """How many findings there are of each level, those that were left out as alike included."""
        found: Counter[Severity] = Counter()
        for finding in self.findings:
            found[finding.severity] += 1 + finding.more
        return found

    @property
    def failed(self) -> bool:
        """Whether a finding counts."""
        return any(finding.severity >= self.fail_on for finding in self.findings)

    @property
    def sentences(self) -> list[str]:
        """What is said beside the findings; the last sentence counts them and says what to do."""
        known = [f"Known before, and not listed: {_count(self.known, 'finding')}."]
        stale = [f"In the baseline, and no longer there: {_count(len(self.stale), 'finding')}; write it anew."]
        return [*self.notes, *(known if self.known else []), *(stale if self.stale else []), self._summary]

    @property
    def _summary(self) -> str:
        words = ", ".join(_count(self.counts[level], level.name.lower()) for level in _LEVELS)
        counting = [f"{level.name.lower()}s" for level in _LEVELS if level >= self.fail_on and self.counts[level]]
        if not counting:
            return f"{words}: nothing has to be mended."
        return f"{words}: mend the {' and '.join(counting)}; `publisher validate --explain RULE` says more of a rule."


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def level(finding: Diagnostic) -> str:
    """The severity as reports spell it."""
    return finding.severity.name.lower()


def message_of(finding: Diagnostic) -> str:
    """The message with the name of what it is about in front, on one line, without control characters."""
    focus = "" if finding.focus.startswith("_:") else finding.focus
    message, name = clean(finding.message), clean(finding.label or focus)
    return f"{name}: {message}" if name and name not in message else message


def clean(text: str) -> str:
    """Text as one line in which nothing steers a terminal or hides."""
    return visible(" ".join(text.split()))


def visible(text: str) -> str:
    """Text with every character replaced that steers a terminal or hides; line ends, tabs and wide spaces stay."""
    return "".join(c if c.isprintable() or c in "\n\t\xa0" else "\N{REPLACEMENT CHARACTER}" for c in text)
