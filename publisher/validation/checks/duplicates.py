"""Duplicate statements: the same triple stated in two files."""

from collections.abc import Iterator

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.diagnostic import Diagnostic, Severity
from publisher.validation.context import Context
from publisher.validation.locator import OBJECT


def check(context: Context) -> Iterator[Diagnostic]:
    """Report statements that two files of a repository have: each must be stated, sourced and corrected in one
    place."""
    if context.repository is None:
        return
    first: dict[ox.Triple, File] = {}
    judged = {file.path for file in context.judged}
    for file in (*context.repository.files, *(file for file in context.additions if file.path in judged)):
        for triple in file.triples:
            other = first.setdefault(triple, file)
            if other is not file and file.path in judged and isinstance(triple.subject, ox.NamedNode):
                message = f"{other.path} states this too; keep it in one file."
                yield context.locator.locate_term(
                    "repeated-statement", Severity.VIOLATION, message, file, triple, OBJECT
                )
