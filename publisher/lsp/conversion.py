"""Conversion: findings and changes of a document as the Language Server Protocol (3.17) has them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lsprotocol import types
from pygls.workspace import PositionCodec

from publisher.dataset.files import read_text
from publisher.diagnostic import Diagnostic, Related, Severity
from publisher.errors import PublisherError
from publisher.lsp.documents import Checked, Proposal
from publisher.rdf.lines import LINE_END
from publisher.reports.report import clean, message_of

SOURCE: Final = "publisher"
_LEVELS: Final = {
    Severity.VIOLATION: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}


class Places:
    """Places in a text, in the units of the client's position encoding."""

    def __init__(self, text: str, codec: PositionCodec) -> None:
        self._codec, self._lines = codec, LINE_END.split(text)

    def range_of(self, place: Diagnostic | Related) -> types.Range:
        """The range of a finding: to the end of the line if its end is unknown; the first line if it has none."""
        end_line = (place.end_line or place.line or 1) - 1
        end = place.end_column - 1 if place.end_column else len(self._lines[min(end_line, len(self._lines) - 1)])
        return self._convert((place.line or 1) - 1, (place.column or 1) - 1, end_line, end)

    def edit(self, new: str, old: str) -> types.TextEdit:
        """The edit that makes the text, `old`, another one, without the characters around that are the same."""
        length = min(len(old), len(new))
        start = next((n for n in range(length) if old[n] != new[n]), length)
        same = next((n for n in range(length - start) if old[-1 - n] != new[-1 - n]), length - start)
        first, last = LINE_END.split(old[:start]), LINE_END.split(old[: len(old) - same])
        place = self._convert(len(first) - 1, len(first[-1]), len(last) - 1, len(last[-1]))
        return types.TextEdit(place, new[start : len(new) - same])

    def _convert(self, line: int, column: int, end_line: int, end_column: int) -> types.Range:
        start, end = types.Position(line, column), types.Position(end_line, end_column)
        return self._codec.range_to_client_units(self._lines, types.Range(start, end))


def list_diagnostics(checked: Checked, codec: PositionCodec) -> list[types.Diagnostic]:
    """The findings of a document, after what could not be checked."""
    places = Places(checked.text, codec)
    start = places.range_of(Related("", ""))
    problems = [
        types.Diagnostic(start, problem, severity=types.DiagnosticSeverity.Error, source=SOURCE)
        for problem in checked.problems
    ]
    return [*problems, *(convert_finding(finding, checked, places, codec) for finding in checked.findings)]


def convert_finding(finding: Diagnostic, checked: Checked, places: Places, codec: PositionCodec) -> types.Diagnostic:
    """One finding, with the page of its rule and the places that it is also about."""
    rule = checked.rules.get(finding.rule)
    return types.Diagnostic(
        places.range_of(finding),
        "\n".join([message_of(finding), *(f"- {message_of(detail)}" for detail in finding.details)]),
        severity=_LEVELS[finding.severity],
        code=finding.rule,
        code_description=types.CodeDescription(rule.link) if rule and rule.link else None,
        source=SOURCE,
        related_information=list(_list_related(finding, checked, codec)) or None,
    )


def _list_related(
    finding: Diagnostic, checked: Checked, codec: PositionCodec
) -> Iterator[types.DiagnosticRelatedInformation]:
    for each in finding.related:
        path = checked.files.get(each.file)
        if path:
            place = Places(_read(path, checked), codec).range_of(each)
            location = types.Location((checked.folder / path).absolute().as_uri(), place)
            yield types.DiagnosticRelatedInformation(location, clean(each.message))


def _read(path: Path, checked: Checked) -> str:
    unsaved = checked.request.unsaved if checked.request else {}
    try:
        return unsaved.get(os.path.realpath(path)) or read_text(path)
    except PublisherError:  # It changed in the meantime.
        return ""


def convert_proposal(proposal: Proposal, checked: Checked, uri: str, codec: PositionCodec) -> types.CodeAction:
    """A change as a quick fix."""
    places = Places(checked.text, codec)
    return types.CodeAction(
        proposal.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[convert_finding(proposal.finding, checked, places, codec)],
        is_preferred=proposal.certain or None,
        edit=types.WorkspaceEdit(changes={uri: [places.edit(proposal.text, checked.text)]}),
    )
