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


class Converter:
    """Converts the findings of one document, and changes of it."""

    def __init__(self, checked: Checked, codec: PositionCodec) -> None:
        self._checked, self._codec = checked, codec
        self._places = Places(checked.text, codec)
        self.range_of = self._places.range_of

    def list_diagnostics(self) -> list[types.Diagnostic]:
        """The findings, after what could not be checked, on the first line."""
        start, level = self.range_of(Related("", "")), types.DiagnosticSeverity.Error
        problems = self._checked.problems
        found = [types.Diagnostic(start, problem, severity=level, source=SOURCE) for problem in problems]
        return [*found, *map(self._convert_finding, self._checked.findings)]

    def convert_proposal(self, proposal: Proposal, uri: str) -> types.CodeAction:
        """A change as a quick fix."""
        return types.CodeAction(
            proposal.title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[self._convert_finding(proposal.finding)],
            is_preferred=proposal.certain or None,
            edit=types.WorkspaceEdit(changes={uri: [self._places.edit(proposal.text, self._checked.text)]}),
        )

    def _convert_finding(self, finding: Diagnostic) -> types.Diagnostic:
        rule = self._checked.rules.get(finding.rule)
        return types.Diagnostic(
            self.range_of(finding),
            "\n".join([message_of(finding), *(f"- {message_of(detail)}" for detail in finding.details)]),
            severity=_LEVELS[finding.severity],
            code=finding.rule,
            code_description=types.CodeDescription(rule.link) if rule and rule.link else None,
            source=SOURCE,
            related_information=list(self._list_related(finding)) or None,
        )

    def _list_related(self, finding: Diagnostic) -> Iterator[types.DiagnosticRelatedInformation]:
        for each in finding.related:
            if path := self._checked.files.get(each.file):
                place = Places(self._read(path), self._codec).range_of(each)
                yield types.DiagnosticRelatedInformation(types.Location(path.as_uri(), place), clean(each.message))

    def _read(self, path: Path) -> str:
        unsaved = self._checked.request.unsaved if self._checked.request else {}
        try:
            return unsaved.get(os.path.realpath(path)) or read_text(path)
        except PublisherError:  # It changed in the meantime.
            return ""
