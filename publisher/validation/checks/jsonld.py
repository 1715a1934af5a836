"""JSON-LD: members, IRIs and language tags that make no statement."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.lines import MAX_SOURCE, Lines
from publisher.validation.context import Context

if TYPE_CHECKING:
    from publisher.rdf.jsonld_drops import Drop


def check(context: Context) -> Iterator[Diagnostic]:
    """Report the parts of JSON-LD files that make no statement: other checks cannot see them."""
    files = [file for file in context.given if file.format == ox.RdfFormat.JSON_LD]
    if files:
        from publisher.rdf.jsonld_drops import find_drops

        for file in files:
            lines = Lines(file.text)
            for drop in find_drops(file.text, file.context, file.base):
                yield _report(drop, file, lines)


def _report(drop: "Drop", file: File, lines: Lines) -> Diagnostic:
    severity = Severity.VIOLATION if drop.mistake else Severity.WARNING
    if drop.start is None or drop.end is None:
        return Diagnostic("dropped-statement", severity, drop.message, file.path)
    (line, column), (end_line, end_column) = lines.locate(drop.start), lines.locate(drop.end)
    return Diagnostic(
        "dropped-statement",
        severity,
        drop.message,
        file.path,
        line,
        column,
        end_line=end_line,
        end_column=end_column,
        source=lines.source(line) if column <= MAX_SOURCE else "",
    )
