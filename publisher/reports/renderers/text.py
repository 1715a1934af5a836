"""The text report, for people at a terminal: a line per finding, its source, its facts, and `--explain`."""

import unicodedata
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Final

from publisher.diagnostic import Diagnostic, Rule, Severity
from publisher.reports.report import Report, clean, level, message_of, visible

WIDTH: Final = 120
"""Characters of a source line that are shown; of a longer one, those around the place."""


_COLOURS: Final = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}

Paint = Callable[[str, str], str]
"""Gives words a colour: `paint(words, "red")`."""


def _plain(words: str, colour: str) -> str:
    return words


def line(finding: Diagnostic, paint: Paint = _plain) -> str:
    """One finding: `file:line:column: level: message [rule]`, as editors and terminals link it."""
    place = ":".join(str(part) for part in (clean(finding.file), finding.line, finding.column) if part)
    words = paint(f"{level(finding)}:", _COLOURS[finding.severity])
    return f"{place}{': ' if place else ''}{words} {message_of(finding)} [{clean(finding.rule)}]"


def render_text(report: Report, paint: Paint = _plain) -> str:
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
    shown = visible(source[cut : cut + WIDTH])
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
        yield f"{indent}- {message_of(detail)} [{detail.rule}]"
        yield from _facts(detail, indent + "    ")
    if finding.more:
        yield f"{indent}{finding.more} more like this {'is' if finding.more == 1 else 'are'} left out."


def _help(finding: Diagnostic, rule: Rule | None) -> Iterator[str]:
    """How to mend, unless the message says just that, and the page of the rule."""
    mend = clean(rule.mend) if rule and rule.mend != finding.message else ""
    if rule and (mend or rule.link):
        yield f"      help: {' '.join(part for part in (mend, rule.link) if part)}"


def explain_rule(rule: Rule) -> str:
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
