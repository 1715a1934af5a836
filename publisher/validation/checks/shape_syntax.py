"""Shape syntax: shapes that are not written as SHACL requires. They are left out, and the others are used."""

from collections.abc import Iterator
from typing import Final

from publisher.diagnostic import Diagnostic, Severity
from publisher.validation.context import Context

BROKEN_SHAPE: Final = "broken-shape"
"""The rule of shapes that cannot be used."""


def check(context: Context) -> Iterator[Diagnostic]:
    """Report the mistakes in the shapes."""
    severity = Severity.WARNING if context.allow_broken else Severity.VIOLATION
    for message, triple, part in context.mistakes if context.uses_shapes else ():
        file = context.written.file_of[triple]
        yield context.shape_locator.locate_term(BROKEN_SHAPE, severity, message, file, triple, part)
