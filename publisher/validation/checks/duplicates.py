"""Duplicate statements: the same triple stated in two files."""

from collections.abc import Sequence

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.dataset.iris import Names
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.terms import terms
from publisher.validation.locator import Places


def find_repeated(files: Sequence[File], reported: Sequence[File], names: Names) -> list[Diagnostic]:
    """Statements that stand in two files: each is to be said, sourced and corrected in one place."""
    first: dict[ox.Triple, File] = {}
    places = {file.path: Places([file], names) for file in reported}
    found: list[Diagnostic | None] = []
    for file in files:
        for triple in file.triples:
            other = first.setdefault(triple, file)
            if other is not file and file.path in places and isinstance(triple.subject, ox.NamedNode):
                message = f"This statement stands in {other.path} too; keep it in one place."
                finding = places[file.path].finding
                found.append(finding("repeated-statement", Severity.VIOLATION, message, *terms(triple)))
    return [finding for finding in found if finding]
