"""Owns what people read of findings: the report of a run, its text, its Markdown, the explanation of a rule."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from publisher.problems import Diagnostic, Rule, Severity

WIDTH: Final = 120
"""Characters of a source line that are shown; of a longer one, those around the place."""

MARKDOWN_ROWS: Final = 500
"""Findings that the Markdown lists: GitHub takes 1 MiB a job summary, and a row has some hundred characters."""

_LEVELS: Final = sorted(Severity, reverse=True)
_COLOURS: Final = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}

Paint = Callable[[str, str], str]
"""Gives words a colour: `paint(words, "red")`."""


def _plain(words: str, colour: str) -> str:
    return words


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


def said(finding: Diagnostic) -> str:
    """The message with the name of what it is about in front, on one line, without control characters."""
    focus = "" if finding.focus.startswith("_:") else finding.focus
    message, name = clean(finding.message), clean(finding.label or focus)
    return f"{name}: {message}" if name and name not in message else message


def clean(text: str) -> str:
    """Text as one line in which nothing steers a terminal or hides."""
    return _visible(" ".join(text.split()))


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def line(finding: Diagnostic, paint: Paint = _plain) -> str:
    """One finding: `file:line:column: level: message [rule]`, as editors and terminals link it."""
    place = ":".join(str(part) for part in (clean(finding.file), finding.line, finding.column) if part)
    words = paint(f"{level(finding)}:", _COLOURS[finding.severity])
    return f"{place}{': ' if place else ''}{words} {said(finding)} [{clean(finding.rule)}]"


def text(report: Report, paint: Paint = _plain) -> str:
    """The findings, grouped by file, each with its source line, and what to do.

    paint: colours words, for a terminal. How to mend is said at the first finding of each rule.
    """
    blocks: list[str] = []
    met: set[str] = set()
    for _, group in groupby(report.findings, key=lambda finding: finding.file):
        lines: list[str] = []
        for finding in group:
            rule = report.rules.get(finding.rule) if finding.rule not in met else None
            met.add(finding.rule)
            lines += [line(finding, paint), *_source(finding, paint), *_facts(finding), *_help(finding, rule)]
        blocks.append("\n".join(lines))
    return "\n\n".join([*blocks, "\n".join(report.sentences)]) + "\n"


def _source(finding: Diagnostic, paint: Paint) -> Iterator[str]:
    """The source line, and a caret under the place, with a tail to its end where that is known."""
    if not finding.line or not finding.source.strip():
        return
    source = "".join(" " if c.isspace() else c for c in finding.source.rstrip())
    start = (finding.column or 1) - 1
    cut = max(0, start - WIDTH // 3) if len(source) > WIDTH else 0
    shown = _visible(source[cut : cut + WIDTH])
    left, right = "\N{HORIZONTAL ELLIPSIS}" * (cut > 0), "\N{HORIZONTAL ELLIPSIS}" * (cut + WIDTH < len(source))
    yield f"{finding.line:>5} | {left}{shown}{right}"
    if finding.column and start <= len(source):
        within = finding.end_line == finding.line and finding.end_column
        end = (finding.end_column or 1) - 1 if within else len(source) if finding.end_line else start + 1
        caret = "^" + "~" * (_cells(shown[start - cut : end - cut]) - 1)
        yield f"      | {' ' * (_cells(shown[: start - cut]) + len(left))}{paint(caret, _COLOURS[finding.severity])}"


def _cells(text: str) -> int:
    """The columns of a terminal that a text takes (Unicode Standard Annex 11)."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(bool(unicodedata.combining(c)) for c in text)


def _facts(finding: Diagnostic, indent: str = "      ") -> Iterator[str]:
    """Focus node, path, value and shape, the findings that this one rests on, and how many are left out."""
    name = f" ({finding.label})" if finding.focus and finding.label else finding.label
    stated = (
        ("focus node", finding.focus + name),
        ("path", finding.path),
        ("value", finding.value),
        ("shape", "" if finding.shape.startswith("_:") else finding.shape),  # Such a name leads nowhere.
    )
    yield from (f"{indent}{word}: {clean(term)}" for word, term in stated if term)
    for detail in finding.details:
        yield f"{indent}- {said(detail)} [{detail.rule}]"
        yield from _facts(detail, indent + "    ")
    if finding.more:
        yield f"{indent}{finding.more} more like this {'is' if finding.more == 1 else 'are'} left out."


def _help(finding: Diagnostic, rule: Rule | None) -> Iterator[str]:
    """How to mend, unless the message says just that, and the page of the rule."""
    mend = clean(rule.mend) if rule and rule.mend != finding.message else ""
    if rule and (mend or rule.link):
        yield f"      help: {' '.join(part for part in (mend, rule.link) if part)}"


def explain(rule: Rule) -> str:
    """Everything about one rule: what it asks, why, how to mend, a wrong and a right example."""
    parts = [f"{rule.name}: {clean(rule.title)} ({rule.severity.name.lower()}, {rule.kind})", clean(rule.meaning)]
    parts += [f"{word}: {clean(words)}" for word, words in (("Why", rule.why), ("Mend", rule.mend)) if words]
    for word, examples in (("Wrong", rule.wrong), ("Right", rule.right)):
        for name, turtle in examples:
            code = "\n".join(f"    {line}".rstrip() for line in turtle.strip("\n").split("\n"))
            parts.append(f"{word} ({name}):\n\n{code}")
    if rule.link:
        parts.append(f"See {rule.link}")
    return "\n\n".join(part for part in parts if part) + "\n"


def markdown(report: Report) -> str:
    """The findings as a table, worst first, for the summary of a job."""
    worst = sorted(report.findings, key=lambda finding: -finding.severity)
    rows = [f"| {level(f)} | {_cell(_spot(f))} | {_cell(said(f))} | {_linked(f.rule, report)} |" for f in worst]
    table = ["| level | place | finding | rule |", "|---|---|---|---|", *rows[:MARKDOWN_ROWS]] if rows else []
    left = [f"{len(rows) - MARKDOWN_ROWS} more are in the log."] if len(rows) > MARKDOWN_ROWS else []
    parts = ["### Validation", "\n".join(table), *left, *(_cell(clean(sentence)) for sentence in report.sentences)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _spot(finding: Diagnostic) -> str:
    return clean(finding.file) + (f":{finding.line}" if finding.line else "")


def _cell(words: str) -> str:
    """Words in which Markdown and HTML find nothing to do."""
    escaped = words.replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{c}" if c in "\\|`*_[]~#@$" else c for c in escaped)


def _linked(name: str, report: Report) -> str:
    link = report.rules[name].link if name in report.rules else ""
    return f"[{_cell(name)}]({link})" if link else _cell(name)
