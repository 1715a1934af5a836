"""Imports and empty files: `owl:imports` that nothing given resolves, and files without statements."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.diagnostic import Diagnostic, Severity

_IMPORTS: Final = ox.NamedNode("http://www.w3.org/2002/07/owl#imports")


def check_imports(
    given: Sequence[File], known: Iterable[File] = (), resolved: Collection[str] = frozenset()
) -> list[Diagnostic]:
    """What is odd about files that could be read: they state nothing, or import what is not there.

    known: further files, in which what is imported may be described. resolved: further IRIs that stand for files at
    hand. Nothing is fetched (OWL 2, section 3.4).
    """
    found = [
        Diagnostic("empty", Severity.WARNING, "The file states nothing, so nothing in it was checked.", file.path, 1, 1)
        for file in given
        if not file.triples
    ]
    naming = (file for file in given if "imports" in file.text)
    imports: list[tuple[File, ox.Triple, Any]]
    imports = [(file, triple, triple.object) for file in naming for triple in file.triples if _is_import(triple)]
    if imports:
        described = {iri.rstrip("#/") for file in (*given, *known) for iri in file.subjects} | set(resolved)
        found += [_unresolved(*each) for each in imports if each[2].value.rstrip("#/") not in described]
    return found


def _is_import(triple: ox.Triple) -> bool:
    return triple.predicate == _IMPORTS and isinstance(triple.object, ox.NamedNode)


def _unresolved(file: File, triple: ox.Triple, imported: Any) -> Diagnostic:
    message = f"{imported} is imported, is in none of the files given, and nothing is fetched: it was left out."
    terms = (str(triple.subject), str(triple.predicate), str(imported))
    return Diagnostic(
        "unresolved-import",
        Severity.WARNING,
        message,
        file.path,
        value=str(imported),
        terms=terms,
        **file.where(triple, 2),
    )
