"""Fixing: shows or writes the certain proposals of a validation, and says what was fixed."""

import os
import sys
from dataclasses import replace
from pathlib import Path

from publisher.cli.options import print_text, say
from publisher.dataset.formatting import diff_texts
from publisher.reports.report import Report, are, count_noun, visible
from publisher.validation.fixes import Fixes


def show_fixes(fixes: Fixes, here: Path) -> None:
    """Print the fixes as a unified diff. here: the folder that names are relative to."""
    for path, file in fixes.files.items():
        name = os.path.relpath(path, here)
        difference = diff_texts(file.old, file.new, name, name)
        print_text(visible(difference) if sys.stdout.isatty() else difference)
    for sentence in describe_fixes(fixes, "can be fixed"):
        say(sentence)


def add_fixes(report: Report, fixes: Fixes) -> Report:
    """Add to a report what was fixed before."""
    verb = "was fixed" if fixes.fixed == 1 else "were fixed"
    return replace(report, notes=[*report.notes, *describe_fixes(fixes, verb)])


def describe_fixes(fixes: Fixes, verb: str) -> list[str]:
    """Say how many findings are fixed, and how many are left although it is certain what is meant."""
    found = []
    if fixes.files:
        found.append(f"{count_noun(fixes.fixed, 'finding')} {verb} in {count_noun(len(fixes.files), 'file')}.")
    if fixes.left:
        files = ", ".join(sorted({finding.file for finding in fixes.left}))
        left = f"{count_noun(len(fixes.left), 'proposal')} {are(len(fixes.left))} left to you in {files}:"
        found.append(f"{left} --fix rewrites files in Turtle, TriG, N-Triples and N-Quads that are not compressed.")
    return found or ["Nothing to fix."]
