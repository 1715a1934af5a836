"""The text report, for terminals: a line for each finding, its source line and details; and `--explain`."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Final

from publisher.diagnostic import Diagnostic, Rule, Severity
from publisher.reports.report import Report, are, clean, count_noun, level, message_of, visible

WIDTH: Final = 120
"""Maximum number of characters of a source line; of a longer line, those around the location are shown."""

_COMMANDS: Final = ("::", "##[")
"""The start of a workflow command of GitHub Actions."""

_COLORS: Final = {Severity.VIOLATION: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}

Paint = Callable[[str, str], str]
"""Colors text: `paint(text, "red")`."""


def leave_plain(words: str, color: str) -> str:
    """Return the text without color."""
    return words


def render_line(finding: Diagnostic, paint: Paint = leave_plain) -> str:
    """Render one finding as `file:line:column: level: message [rule]`, which editors and terminals link."""
    file = clean(finding.file)
    file = f"./{file}" if file.startswith(_COMMANDS) else file
    place = ":".join(str(part) for part in (file, finding.line, finding.column) if part)
    words = paint(f"{level(finding)}:", _COLORS[finding.severity])
    return f"{place}{': ' if place else ''}{words} {message_of(finding)} [{clean(finding.rule)}]"


def render(report: Report, paint: Paint = leave_plain) -> str:
    """Render the findings and, below them, the counts of infos that are not listed, and the sentences of the report.

    paint: colors text, for a terminal.
    """
    below = "\n".join([*_render_folded(report), *report.sentences]) + "\n"
    above = render_findings(report, paint)
    return f"{above}\n{below}" if above else below


def render_findings(report: Report, paint: Paint = leave_plain) -> str:
    """Render the findings, grouped by file, each with its source line; the first of each rule with its help."""
    blocks: list[str] = []
    met: set[str] = set()
    listed = [finding for finding in report.findings if not report.fold_infos or finding.severity > Severity.INFO]
    for _, group in groupby(listed, key=lambda finding: finding.file):
        lines: list[str] = []
        for finding in group:
            rule = report.rules.get(finding.rule) if finding.rule not in met else None
            met.add(finding.rule)
            lines += [render_line(finding, paint), *_render_source(finding, paint)]
            lines += [*_list_details(finding), *_render_help(finding, rule)]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def render_statistics(report: Report, paint: Paint = leave_plain) -> str:
    """Render the number of findings of each rule, the most frequent first, and the sentences of the report."""
    counts: Counter[tuple[str, Severity]] = Counter()
    for finding in report.findings:
        counts[finding.rule, finding.severity] += 1 + finding.more
    width = len(str(max(counts.values(), default=0)))
    rows = [
        f"{number:>{width}}  {paint(severity.name.lower(), _COLORS[severity]):9}  {clean(rule)}"
        for (rule, severity), number in sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    ]
    above = "\n".join(rows) + "\n\n" if rows else ""
    return f"{above}{chr(10).join(report.sentences)}\n"


def _render_folded(report: Report) -> Iterator[str]:
    """Render the number of infos of each rule that are not listed, in one line."""
    if report.folded:
        total = report.folded.total()
        rules = ", ".join(f"{number} {clean(rule)}" for rule, number in sorted(report.folded.items()))
        yield f"{count_noun(total, 'info')} {are(total)} not listed: {rules}. --fail-on info lists all."


def _render_source(finding: Diagnostic, paint: Paint) -> Iterator[str]:
    """Render the source line, and a caret under the location, with a tail to its end if known."""
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
        caret = "^" + "~" * (_count_cells(shown[start - cut : end - cut]) - 1)
        indent = " " * (_count_cells(shown[: start - cut]) + len(left))
        yield f"      | {indent}{paint(caret, _COLORS[finding.severity])}"


def _count_cells(text: str) -> int:
    """Count the columns of a terminal that a text takes (Unicode Standard Annex 11)."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(bool(unicodedata.combining(c)) for c in text)


def _list_details(finding: Diagnostic, indent: str = "      ") -> Iterator[str]:
    """List focus node, path, value and shape, related places, nested findings, and how many similar ones there are."""
    shape = "" if finding.shape.startswith("_:") else finding.shape  # The label of a blank node holds in this run only.
    name = f" ({finding.label})" if finding.focus and finding.label else finding.label
    stated = (
        ("focus node", finding.focus + name),
        ("path", finding.path),
        ("value", finding.value),
        ("shape", shape),
    )
    yield from (f"{indent}{word}: {clean(term)}" for word, term in stated if term)
    for each in finding.related:
        place = ":".join(str(part) for part in (clean(each.file), each.line, each.column) if part)
        yield f"{indent}related: {place}: {clean(each.message)}"
    for detail in finding.details:
        yield f"{indent}- {message_of(detail)} [{detail.rule}]"
        yield from _list_details(detail, indent + "    ")
    if finding.more:
        yield f"{indent}{count_noun(finding.more, 'more finding')} like this {are(finding.more)} not listed."


def _render_help(finding: Diagnostic, rule: Rule | None) -> Iterator[str]:
    """Render the fix, unless the message says the same, and the link to the page of the rule."""
    fix = clean(rule.fix) if rule and rule.fix != finding.message else ""
    if rule and (fix or rule.link):
        yield f"      help: {' '.join(part for part in (fix, rule.link) if part)}"


def list_rules(rules: Sequence[Rule]) -> str:
    """Render a line for each rule: its name, its severity and its title, or its meaning if the title is the name."""
    width = max((len(clean(rule.name)) for rule in rules), default=0)
    level = max(len(severity.name) for severity in Severity)
    return "".join(
        f"{clean(rule.name):{width}}  {rule.severity.name.lower():{level}}"
        f"  {clean(rule.meaning if rule.title == rule.name else rule.title)}\n"
        for rule in rules
    )


def explain_rule(rule: Rule) -> str:
    """Render one rule: its meaning, reason, fix, and an invalid and a valid example."""
    parts = [f"{rule.name}: {clean(rule.title)} ({rule.severity.name.lower()}, {rule.kind})", clean(rule.meaning)]
    parts += [f"{word}: {clean(words)}" for word, words in (("Why", rule.why), ("Fix", rule.fix)) if words]
    for word, examples in (("Wrong", rule.wrong), ("Right", rule.right)):
        for name, turtle in examples:
            code = "\n".join(f"    {line}".rstrip() for line in turtle.strip("\n").split("\n"))
            parts.append(f"{word} ({name}):\n\n{code}")
    if rule.link:
        parts.append(f"See {rule.link}")
    return "\n\n".join(part for part in parts if part) + "\n"
