"""Open documents: validates the texts of an editor, and finds the changes that findings propose."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from publisher.dataset.files import FORMATS, ParsedFiles, suffix_of
from publisher.dataset.repository import find_root
from publisher.diagnostic import Diagnostic, Rule
from publisher.errors import PublisherError
from publisher.validation import runner
from publisher.validation.fixes import find_fixes, is_fixable
from publisher.validation.inputs import Request, choose_format, find_reported, name_reported
from publisher.validation.suppressions import find_insertion

Prepare = Callable[[Path], tuple[Path, Request] | None]
"""Returns the working folder and the request with which a file is validated; None if it is not. Raises
PublisherError."""

_NEVER_SUPPRESSED: Final = ("syntax", "unused-suppression")


@dataclass(frozen=True)
class Checked:
    """The result for one text. folder: of the run. findings: those in the text. rules: name -> rule. problems: why not
    everything was checked. files: name of a file in findings -> its path. request: None if there was no run."""

    path: Path
    text: str
    folder: Path = field(default_factory=Path)
    request: Request | None = None
    findings: Sequence[Diagnostic] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    problems: Sequence[str] = ()
    files: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Proposal:
    """A change that resolves a finding. text: the new text. certain: whether the finding is surely a mistake."""

    title: str
    finding: Diagnostic
    text: str
    certain: bool


def check(path: Path, prepare: Prepare, texts: Mapping[str, str], parsed: ParsedFiles | None = None) -> Checked | None:
    """Validate an open document; None if it is not validated. Changes the working folder, so only one thread may.

    texts: real path -> text of every open document. parsed: files that need not be parsed again.
    """
    text = texts[os.path.realpath(path)]
    try:
        prepared = prepare(path)
        if prepared is None:
            return None
        folder, request = prepared
        with contextlib.chdir(folder):
            return _run(path, text, folder, replace(request, unsaved=texts, parsed=parsed))
    except PublisherError as error:
        return Checked(path, text, problems=[error.detail])
    except Exception as error:  # The server goes on.
        return Checked(path, text, problems=[f"Internal error, please report it: {error!r}."])


def _run(path: Path, text: str, folder: Path, request: Request) -> Checked:
    report = runner.run(request, lambda *_: None)
    root = None if request.shapes else find_root(request.root, folder)
    name = name_reported(path, root, folder)
    found = [finding for finding in report.findings if finding.file == name]
    others = sorted({each.file for each in report.findings if each.rule == "syntax" and each.file != name})
    unread = [f"{other} cannot be read, so not everything was checked." for other in others]
    names = {each.file for finding in found for each in finding.related}
    files = {each: place for each in names if (place := find_reported(each, root, folder))}
    return Checked(path, text, folder, request, found, report.rules, [*unread, *report.failures], files)


def find_proposals(checked: Checked, findings: Sequence[Diagnostic]) -> Iterator[Proposal]:
    """The changes that resolve findings of a document. Changes the working folder, as `check` does."""
    request = checked.request or Request()  # Without a run there are no findings.
    ignored = set()
    with contextlib.chdir(checked.folder):
        for finding in findings:
            for file in find_fixes(request, [finding]).files.values() if is_fixable(finding) else ():
                yield Proposal(f"Replace with {finding.proposal}", finding, file.new, True)
            key = finding.rule, finding.line
            if key not in ignored and (new := _suppress(checked, request, finding)):
                ignored.add(key)
                yield Proposal(f"Ignore {finding.rule} on this line", finding, new, False)


def _suppress(checked: Checked, request: Request, finding: Diagnostic) -> str:
    """The text with a comment that suppresses a finding; empty if no comment can."""
    path = Path(os.path.relpath(checked.path))
    format_ = choose_format(path, request.format_of) or FORMATS.get(suffix_of(path.name))
    if format_ is None or finding.rule in _NEVER_SUPPRESSED:
        return ""
    place = find_insertion(checked.text, format_, finding)
    return f"{checked.text[: place[0]]}{place[1]}{checked.text[place[0] :]}" if place else ""
