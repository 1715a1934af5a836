"""Shape syntax: shapes that are not written as SHACL requires. What is broken is left out, and the rest is used."""

from collections.abc import Iterator
from typing import Final

from publisher.diagnostic import Diagnostic, Severity
from publisher.validation.context import Context

BROKEN_SHAPE: Final = "broken-shape"
"""The rule of shapes that cannot be used."""


def check(context: Context) -> Iterator[Diagnostic]:
    """Report the mistakes in the shapes."""
    for mistake in context.mistakes if context.uses_shapes else ():
        warns = mistake.harmless or context.allow_broken
        severity = Severity.WARNING if warns else Severity.VIOLATION
        file = context.written.file_of[mistake.triple]
        yield context.shape_locator.locate_term(
            BROKEN_SHAPE, severity, mistake.message, file, mistake.triple, mistake.part
        )
