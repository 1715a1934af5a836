"""The Markdown report, for job summaries and comments."""

from typing import Final

from publisher.diagnostic import Diagnostic
from publisher.reports.report import FAILED, Report, are, clean, count_noun, level, message_of

MARKDOWN_ROWS: Final = 500
"""Findings that are listed: GitHub accepts 1 MiB for a job summary, and a row has some hundred characters."""


def render(report: Report) -> str:
    """Render the findings as a table, most severe first."""
    worst = sorted(report.findings, key=lambda finding: -finding.severity)
    rows = [_render_row(finding, report) for finding in worst]
    table = ["| level | location | finding | rule |", "|---|---|---|---|", *rows[:MARKDOWN_ROWS]] if rows else []
    more = len(rows) - MARKDOWN_ROWS
    left = [f"{count_noun(more, 'more finding')} {are(more)} in the log."] if more > 0 else []
    failed = [f"**{FAILED}.**"] if report.failures else []
    sentences = (_escape(clean(sentence)) for sentence in report.sentences)
    parts = ["### Validation", *failed, "\n".join(table), *left, *sentences]
    return "\n\n".join(part for part in parts if part) + "\n"


def _render_row(finding: Diagnostic, report: Report) -> str:
    message, location = _escape(message_of(finding)), _escape(_render_location(finding))
    return f"| {level(finding)} | {location} | {message} | {_link_rule(finding.rule, report)} |"


def _render_location(finding: Diagnostic) -> str:
    return clean(finding.file) + (f":{finding.line}" if finding.line else "")


def _escape(words: str) -> str:
    """Escape everything that Markdown and HTML interpret."""
    escaped = words.replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{c}" if c in "\\|`*_[]~#@$" else c for c in escaped)


def _link_rule(name: str, report: Report) -> str:
    link = report.rules[name].link if name in report.rules else ""
    return f"[{_escape(name)}]({link})" if link else _escape(name)
