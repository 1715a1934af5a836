"""Imports and empty files: `owl:imports` of files that are not given, and files without statements."""

from collections.abc import Iterator
from typing import Any, Final

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.namespaces import OWL
from publisher.validation.context import Context
from publisher.validation.locator import OBJECT

_IMPORTS: Final = ox.NamedNode(OWL + "imports")


def check(context: Context) -> Iterator[Diagnostic]:
    """Report files without statements, and imports of files that are not given.

    Nothing is fetched (OWL 2, section 3.4).
    """
    for file in context.given:
        if not file.triples:
            message = "The file has no statements, so nothing in it was checked."
            yield Diagnostic("empty", Severity.WARNING, message, file.path, 1, 1)
    imports = [(file, t, t.object) for file in context.given for t in _imports(file)]
    if imports:
        described = _find_described(context)
        for file, triple, iri in imports:
            if iri.value.rstrip("#/") not in described:
                message = f"The import {iri} is not among the files given; it is ignored, because nothing is fetched."
                yield context.locator.locate_term("unresolved-import", Severity.WARNING, message, file, triple, OBJECT)


def _imports(file: File) -> Iterator[Any]:
    return (triple for triple in file.by_predicate.get(_IMPORTS, ()) if isinstance(triple.object, ox.NamedNode))


def _find_described(context: Context) -> set[str]:
    """The IRIs, without a last `#` or `/`, that something is stated about, or that stand for files of ours."""
    repository = context.repository
    files = (*context.given, *context.additions, *(repository.files if repository else ()))
    ours = () if repository else context.published.find_resolved_imports(context.given)
    return {iri.rstrip("#/") for file in files for iri in file.subjects} | set(ours)
