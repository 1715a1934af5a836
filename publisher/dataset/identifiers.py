"""The identifier registry: what a root has published - IRIs, terms, context, shapes - and what is retired.

It is read as it is asked for, and once: most data refers to nothing of ours.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, NoReturn

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.dataset.iris import CONTEXT_PATH, Names
from publisher.dataset.repository import Repository, find_root, read_context, read_names, read_repository
from publisher.diagnostic import UnreadableFilesError
from publisher.errors import CannotRunError
from publisher.rdf import terms
from publisher.rdf.namespaces import DCTERMS, HOME, OWL, PROV, SKOS, VOCABULARY
from publisher.rdf.terms import values


@dataclass(frozen=True)
class Retired:
    """The end of a thing: what it was merged into, or the day it was withdrawn and why."""

    successor: str
    withdrawn: str = ""
    why: str = ""


class Published:
    """What one root publishes.

    names: its addresses. read: reads the repository; what it raises becomes `problem`. context: reads the context.
    """

    def __init__(self, names: Names, read: Callable[[], Repository], context: Callable[[], str]) -> None:
        self.names = names
        self._read, self._context = read, context
        self.problem = ""

    @classmethod
    def of(cls, repository: Repository) -> "Published":
        """What a repository that was read publishes."""
        return cls(repository.names, lambda: repository, lambda: repository.context_text)

    @classmethod
    def nearby(cls, given: str, here: Path) -> "Published":
        """What is published by the root that a run in this folder would use; nothing, where there is none to read."""
        try:
            root = find_root(given, here)
            names = read_names(root)
        except (CannotRunError, UnreadableFilesError):
            return NOTHING
        return cls(names, lambda: read_repository(root), lambda: read_context(root))

    @cached_property
    def repository(self) -> Repository | None:
        """The files; None where they cannot be read, of which `problem` then says why."""
        try:
            return self._read()
        except UnreadableFilesError as problem:
            self.problem = f"{problem.diagnostics[0].file} of the root cannot be read."
        except CannotRunError as problem:
            self.problem = problem.detail
        return None

    def context(self, address: str) -> str | None:
        """The value of our JSON-LD context, as JSON in one line, if that stands at an address, else None.

        With http the address leads to the same document.
        """
        wanted = address.replace("http:", "https:", 1)
        ours = {base.replace("http:", "https:", 1) + CONTEXT_PATH for base in (self.names.base, HOME)}
        return self._context_value if wanted in ours else None

    @cached_property
    def _context_value(self) -> str | None:
        try:
            return json.dumps(json.loads(self._context())["@context"], separators=(",", ":"))
        except (CannotRunError, UnreadableFilesError):
            return None

    def imported(self, files: Sequence[File]) -> list[File]:
        """The files of our ontology and of our shapes, where the files given import them (OWL 2, section 3.4)."""
        folders = tuple(f"{self._importable[iri]}/" for iri in _imports(files) & self._importable.keys())
        found = self.repository.files if folders and self.repository else ()
        return [file for file in found if file.path.startswith(folders)]

    def resolved(self, files: Sequence[File]) -> set[str]:
        """The IRIs among the imports of the files that `imported` has the files of."""
        found = _imports(files) & self._importable.keys()
        return found if found and self.repository else set()

    @cached_property
    def _importable(self) -> dict[str, str]:
        """The IRIs of ontology and shapes, at the base and at home -> their folders."""
        return {base + folder: folder for base in (self.names.base, HOME) for folder in ("ontology", "shapes")}

    @cached_property
    def iris(self) -> frozenset[str]:
        """The IRIs below the base of which something is stated, retired ones left out."""
        files = self.repository.files if self.repository else ()
        subjects = {iri for file in files if file.path != RETIRED_FILE for iri in file.subjects}
        return frozenset(iri for iri in subjects if self.names.path(iri) is not None) - self.retired.keys()

    @cached_property
    def terms(self) -> frozenset[str]:
        """The local names of the terms of our own vocabulary."""
        files = self.repository.files if self.repository else ()
        subjects = (iri for file in files if file.path.startswith("ontology/") for iri in file.subjects)
        return frozenset(iri.removeprefix(VOCABULARY) for iri in subjects if iri.startswith(VOCABULARY))

    @cached_property
    def retired(self) -> dict[str, Retired]:
        """What was published once and is not any more."""
        if self.repository is None:
            return {}
        merged, withdrawn = read_retired(self.repository)
        found = {
            iri: Retired("", day[:10], next(iter(values(stated, SKOS + "changeNote")), ""))
            for iri, stated in withdrawn.items()
            for day in values(stated, PROV + "invalidatedAtTime")[:1]
        }
        return found | {iri: Retired(_last(iri, merged)) for iri in merged}


def _imports(files: Sequence[File]) -> set[str]:
    return {iri.rstrip("#/") for file in files for iri in values(file.triples, OWL + "imports")}


def _last(iri: str, merged: Mapping[str, str]) -> str:
    """What a merged thing became, through any number of mergers."""
    seen = {iri}
    while iri in merged and merged[iri] not in seen:
        iri = merged[iri]
        seen.add(iri)
    return iri


def _no_root() -> NoReturn:
    raise CannotRunError("There is no root folder.")


NOTHING: Final = Published(Names(""), _no_root, _no_root)
"""Where there is no root."""


RETIRED_FILE: Final = "data/retired.ttl"


def read_retired(repository: Repository) -> tuple[dict[str, str], dict[str, list[ox.Triple]]]:
    """What the retired list says: merged IRI -> its successor, and withdrawn IRI -> the statements of its tombstone."""
    merged: dict[str, str] = {}
    withdrawn: dict[str, list[ox.Triple]] = {}
    triples = [t for file in repository.files if file.path == RETIRED_FILE for t in file.triples]
    for node in {triple.subject for triple in triples if isinstance(triple.subject, ox.NamedNode)}:
        stated = [triple for triple in triples if triple.subject == node]
        for successor in terms.values(stated, DCTERMS + "isReplacedBy"):
            merged[node.value] = successor
        if terms.values(stated, PROV + "invalidatedAtTime"):
            withdrawn[node.value] = stated
    return merged, withdrawn
