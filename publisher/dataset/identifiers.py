"""The identifier registry: what a root publishes (IRIs, terms, context, shapes), and which IRIs are retired.

Everything is read once, on first use: most data does not refer to this data set.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, NoReturn

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.dataset.iris import CONTEXT_PATH, RELEASE_PATH, Names
from publisher.dataset.releases import read_releases
from publisher.dataset.repository import Repository, find_root, read_context, read_names, read_repository
from publisher.diagnostic import UnreadableFilesError
from publisher.errors import CannotRunError
from publisher.rdf.namespaces import DCTERMS, HOME, OWL, PROV, SKOS, VOCABULARY
from publisher.rdf.terms import values

_IMPORTS: Final = ox.NamedNode(OWL + "imports")


@dataclass(frozen=True)
class Retired:
    """The end of a published IRI: merged, or withdrawn.

    successor: the live IRI that it was merged into, through any number of mergers; empty if withdrawn. withdrawn: the
    day, and why: the reason, where stated. tombstone: the statements that remain of a withdrawn one.
    """

    successor: str = ""
    withdrawn: str = ""
    why: str = ""
    tombstone: Sequence[ox.Triple] = ()


class Published:
    """What one root publishes.

    names: its address scheme. read: reads the repository; an error becomes `problem`. context: reads the context.
    """

    def __init__(self, names: Names, read: Callable[[], Repository], context: Callable[[], str]) -> None:
        self.names = names
        self._read, self._context = read, context
        self.problem = ""

    @classmethod
    def of(cls, repository: Repository) -> "Published":
        """Return what a repository publishes."""
        return cls(repository.names, lambda: repository, lambda: repository.context_text)

    @classmethod
    def nearby(cls, given: str, here: Path) -> "Published":
        """Return the identifiers of the root that a run in this folder uses; `NOTHING` if it cannot be read."""
        try:
            root = find_root(given, here)
            names = read_names(root)
        except (CannotRunError, UnreadableFilesError):
            return NOTHING
        return cls(names, lambda: read_repository(root), lambda: read_context(root))

    @cached_property
    def repository(self) -> Repository | None:
        """The repository; None if it cannot be read (`problem` then has the reason)."""
        try:
            return self._read()
        except UnreadableFilesError as problem:
            self.problem = f"{problem.diagnostics[0].file} of the root cannot be read."
        except CannotRunError as problem:
            self.problem = problem.detail
        return None

    def context(self, address: str) -> str | None:
        """Return the value of our JSON-LD context, as JSON in one line, if this is its address, with http or https: the
        current one, or that of a release."""
        wanted = address.replace("http:", "https:", 1)
        for base in (self.names.base.replace("http:", "https:", 1), HOME):
            if wanted == base + CONTEXT_PATH:
                return self._context_value
            version = wanted.removeprefix(f"{base}{RELEASE_PATH}/").removesuffix(f"/{CONTEXT_PATH}")
            if wanted == f"{base}{RELEASE_PATH}/{version}/{CONTEXT_PATH}":
                return self._find_released_context(version)
        return None

    def _find_released_context(self, version: str) -> str | None:
        """The context of a release; None if there is no such release."""
        try:
            releases = read_releases(self.repository.root) if self.repository else []
            return next((_read_value(release.context) for release in releases if release.version == version), None)
        except (CannotRunError, UnreadableFilesError):
            return None

    @cached_property
    def _context_value(self) -> str | None:
        try:
            return _read_value(self._context())
        except (CannotRunError, UnreadableFilesError):
            return None

    def find_imported_files(self, files: Sequence[File]) -> list[File]:
        """Return the files of our ontology and shapes if the given files import them (OWL 2, section 3.4)."""
        folders = tuple(f"{self._importable[iri]}/" for iri in _imports(files) & self._importable.keys())
        found = self.repository.files if folders and self.repository else ()
        return [file for file in found if file.path.startswith(folders)]

    def find_resolved_imports(self, files: Sequence[File]) -> set[str]:
        """Return the imported IRIs whose files `find_imported_files` returns."""
        found = _imports(files) & self._importable.keys()
        return found if found and self.repository else set()

    @cached_property
    def _importable(self) -> dict[str, str]:
        """The IRIs of ontology and shapes, at the base and at home -> their folders."""
        return {base + folder: folder for base in (self.names.base, HOME) for folder in ("ontology", "shapes")}

    @cached_property
    def iris(self) -> frozenset[str]:
        """The live IRIs: below the base, with statements about them, and not retired."""
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
        """The IRIs that were published and no longer are."""
        return read_retired(self.repository.files) if self.repository else {}


def _read_value(text: str) -> str:
    return json.dumps(json.loads(text)["@context"], separators=(",", ":"))


def published_in(file: File, names: Names) -> frozenset[str]:
    """The IRIs that a file of a root publishes: things and parts below the base, and terms and shapes at home too.

    An IRI in the retired list is published: its address answers with the successor or the tombstone.
    """
    spaces = (names.base,) if file.path.startswith("data/") else (names.base, HOME)
    return frozenset(iri for iri in file.subjects if iri.startswith(spaces))


def context_terms(text: str) -> frozenset[str]:
    """The terms that a JSON-LD context defines (JSON-LD 1.1, section 9.15); none where the text is not a context."""
    try:
        terms = json.loads(text)["@context"]
    except (ValueError, KeyError, TypeError):
        return frozenset()
    return frozenset(term for term in terms if not term.startswith("@")) if isinstance(terms, dict) else frozenset()


def _imports(files: Sequence[File]) -> set[str]:
    stated = (triple for file in files for triple in file.by_predicate.get(_IMPORTS, ()))
    return {iri.rstrip("#/") for iri in values(stated, _IMPORTS.value)}


def _follow_mergers(iri: str, merged: Mapping[str, str]) -> str:
    """Return the final successor of a merged IRI, through any number of mergers; empty where they lead back to one."""
    seen = set()
    while iri in merged:
        if iri in seen:
            return ""
        seen.add(iri)
        iri = merged[iri]
    return iri


def _no_root() -> NoReturn:
    raise CannotRunError("There is no root folder.")


NOTHING: Final = Published(Names(""), _no_root, _no_root)
"""The identifiers of no root."""


RETIRED_FILE: Final = "data/retired.ttl"


def read_retired(files: Iterable[File]) -> dict[str, Retired]:
    """Read the list of retired IRIs among files. One that was both merged and withdrawn counts as merged.

    One whose successors lead in a circle has none: it counts as withdrawn, so that its address never redirects to
    itself.
    """
    stated: dict[str, list[ox.Triple]] = {}
    for triple in (t for file in files if file.path == RETIRED_FILE for t in file.triples):
        if isinstance(triple.subject, ox.NamedNode):
            stated.setdefault(triple.subject.value, []).append(triple)
    into = {iri: _find_successors(about) for iri, about in stated.items()}
    merged = {iri: successors[0] for iri, successors in into.items() if successors}
    found: dict[str, Retired] = {}
    for iri, about in stated.items():
        successor = _follow_mergers(iri, merged) if iri in merged else ""
        days = values(about, PROV + "invalidatedAtTime")
        reasons = values(about, SKOS + "changeNote")
        if successor:
            found[iri] = Retired(successor)
        elif iri in merged or days:
            found[iri] = Retired("", days[0][:10] if days else "", reasons[0] if reasons else "", about)
    return found


def _find_successors(stated: Iterable[ox.Triple]) -> list[str]:
    found = (triple.object for triple in stated if triple.predicate.value == DCTERMS + "isReplacedBy")
    return [term.value for term in found if isinstance(term, ox.NamedNode)]
