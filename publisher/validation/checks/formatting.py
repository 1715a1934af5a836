"""Formatting: files of the repository that are not their own canonical text."""

from collections.abc import Iterator

from publisher.dataset import formatting
from publisher.diagnostic import Diagnostic
from publisher.validation.context import Context


def check(context: Context) -> Iterator[Diagnostic]:
    """Report the layout of the repository's own files; other files may have any layout."""
    if context.repository and context.tidy:
        for file in context.own:
            yield from formatting.check(file, context.repository.names)
