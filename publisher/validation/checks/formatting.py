"""Formatting: files of the repository that are not their own canonical text."""

from collections.abc import Iterator

from publisher.dataset import formatting
from publisher.diagnostic import Diagnostic
from publisher.validation.context import Context


def check(context: Context) -> Iterator[Diagnostic]:
    """The layout of the repository's own files; the files of others may be laid out as they like."""
    if context.repository and context.tidy:
        for file in context.own:
            yield from formatting.check(file, context.repository.names)
