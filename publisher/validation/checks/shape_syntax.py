"""Shape syntax: shapes that are not written as SHACL requires. They are left out, and the others are used."""

from collections.abc import Iterator

from publisher.diagnostic import Diagnostic, Severity
from publisher.validation.context import Context


def check(context: Context) -> Iterator[Diagnostic]:
    """Report the mistakes in the shapes."""
    severity = Severity.WARNING if context.allow_broken else Severity.VIOLATION
    for message, triple, part in context.mistakes if context.uses_shapes else ():
        yield context.shape_locator.at("broken-shape", severity, message, context.written.file_of[triple], triple, part)
