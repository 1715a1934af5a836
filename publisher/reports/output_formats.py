"""The table of report formats. A new format is a renderer in `renderers/` and a row here."""

from collections.abc import Callable
from typing import Final

from publisher.reports.renderers import github, gitlab, json_report, junit, sarif, shacl, text
from publisher.reports.report import Report

RENDERERS: Final[dict[str, Callable[[Report], str]]] = {
    "text": text.render,
    "json": json_report.render,
    "junit": junit.render,
    "sarif": sarif.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "turtle": shacl.render,
}
"""Name of a format -> what renders a report in it."""

CAPPED: Final = frozenset({"text", "github"})
"""The formats for people, which list only so many findings of each rule in each file; the others are complete."""
