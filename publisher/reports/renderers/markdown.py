"""The Markdown report, for job summaries and comments."""

from typing import Final

from publisher.diagnostic import Diagnostic
from publisher.reports.report import Report, clean, level, message_of

MARKDOWN_ROWS: Final = 500
"""Findings that the Markdown lists: GitHub takes 1 MiB a job summary, and a row has some hundred characters."""


def render_markdown(report: Report) -> str:
    """The findings as a table, worst first, for the summary of a job."""
    worst = sorted(report.findings, key=lambda finding: -finding.severity)
    rows = [f"| {level(f)} | {_cell(_spot(f))} | {_cell(message_of(f))} | {_linked(f.rule, report)} |" for f in worst]
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
