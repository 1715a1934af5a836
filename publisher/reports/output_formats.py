"""The table of report formats."""

from collections.abc import Callable
from typing import Final

from publisher.reports.renderers import shacl, text
from publisher.reports.renderers.github import github
from publisher.reports.renderers.gitlab import gitlab
from publisher.reports.renderers.json_report import as_json
from publisher.reports.renderers.junit import junit
from publisher.reports.renderers.sarif import sarif
from publisher.reports.report import Report

PRINTERS: Final[dict[str, Callable[[Report], str]]] = {
    "text": text.render_text,
    "json": as_json,
    "junit": junit,
    "sarif": sarif,
    "github": github,
    "gitlab": gitlab,
    "turtle": shacl.turtle_report,
}
"""Name of a format -> what prints a report in it."""
