"""The Markdown report: escaping, and a bounded table."""

import re

from support.findings import INFO, V

from publisher.diagnostic import Diagnostic
from publisher.reports.renderers import markdown
from publisher.reports.report import Report


def test_markdown_escapes_messages() -> None:
    said = "| <img src=x> `a` [b](c) @you #1 *x* \\ &amp;"
    row = markdown.render(Report([Diagnostic("r", V, said, "a_b.ttl", 1)])).splitlines()[4]
    assert re.sub(r"\\([^\w\s])", "", row).count("|") == 5
    assert not re.search(r"(?<!\\)[`\[\]#@*_]|<|&(?!amp;|lt;)", row)


def test_markdown_table_is_sorted_and_bounded() -> None:
    found = [Diagnostic("r", INFO, "No.", "a.ttl", n) for n in range(markdown.MARKDOWN_ROWS)]
    table = markdown.render(Report([*found, Diagnostic("r", V, "Bad.", "z.ttl")]))
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == markdown.MARKDOWN_ROWS
    assert rows[0].startswith("| violation |")
    assert "1 more finding is in the log." in table
