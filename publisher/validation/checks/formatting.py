"""Formatting: files of the repository that are not their own canonical text."""

from collections.abc import Iterator
from functools import partial

from publisher.dataset import formatting
from publisher.diagnostic import Diagnostic
from publisher.validation.context import Context


def check(context: Context) -> Iterator[Diagnostic]:
    """Report the layout of the repository's own files; other files may have any layout."""
    if context.repository and context.tidy:
        names = context.repository.names
        for file in context.own:
            parts = file.path, file.text, repr(names.file_prefixes(file.path))
            yield from context.clean.check("formatting", parts, partial(formatting.check, file, names))
