"""Fixing: shows or writes the certain proposals of a validation, and says what was fixed."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from publisher.cli.options import print_text, say
from publisher.dataset.formatting import diff_texts
from publisher.diagnostic import Diagnostic
from publisher.reports.report import Report, are, count_noun, visible
from publisher.validation.fixes import Fixes, find_fixes, write_fixes
from publisher.validation.inputs import Request

_ROUNDS: Final = 5
"""Times that what a fix makes visible is fixed too: the form of a literal after its datatype, for example."""


def show_fixes(fixes: Fixes, here: Path) -> None:
    """Print the fixes as a unified diff. here: the folder that names are relative to."""
    for path, file in fixes.files.items():
        name = os.path.relpath(path, here)
        difference = diff_texts(file.old, file.new, name, name)
        print_text(visible(difference) if sys.stdout.isatty() else difference)
    for sentence in _describe(fixes.fixed, len(fixes.files), "can be fixed", fixes.left):
        say(sentence)


def fix_files(request: Request, run: Callable[[Request], Report]) -> Report:
    """Fix what can be fixed, and report what is left. What a fix makes visible is fixed too."""
    report, fixed = run(request), 0
    names: set[Path] = set()
    for _ in range(_ROUNDS):
        fixes = find_fixes(request, report.findings)
        if not fixes.files:
            break
        write_fixes(fixes)
        fixed, names = fixed + fixes.fixed, names | set(fixes.files)
        report = run(request)
    verb = "was fixed" if fixed == 1 else "were fixed"
    return replace(report, notes=[*report.notes, *_describe(fixed, len(names), verb, fixes.left)])


def _describe(fixed: int, files: int, verb: str, unfixed: Sequence[Diagnostic]) -> list[str]:
    """Say how many findings are fixed, and how many are left although it is certain what is meant."""
    found = []
    if fixed:
        found.append(f"{count_noun(fixed, 'finding')} {verb} in {count_noun(files, 'file')}.")
    if unfixed:
        names = ", ".join(sorted({finding.file for finding in unfixed}))
        left = f"{count_noun(len(unfixed), 'proposal')} {are(len(unfixed))} left to you in {names}:"
        found.append(f"{left} --fix replaces nothing where it cannot be exact, in compressed files and in web pages.")
    return found or ["Nothing to fix."]
