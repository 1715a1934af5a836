"""The lists of released IRIs: what each release published, and what later states must publish or retire.

A list is a text file `data/releases/<version>/iris.tsv`: three columns, sorted. The first is an IRI, the second its
classes, the third a digest of its own statements: the first 32 digits of the SHA-256 of their canonical N-Triples. A
term of the JSON-LD context has the context's address with the term as fragment, and in the second column what the term
stands for.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from publisher.dataset.files import read_text
from publisher.dataset.history import Identity, ReleasedIris
from publisher.dataset.identifiers import published_in
from publisher.dataset.iris import CONTEXT_PATH, SPARQL_PATH
from publisher.dataset.query_files import anchor_of
from publisher.dataset.releases import FOLDER, LIST, folder_of, read_releases, replay
from publisher.dataset.repository import Repository
from publisher.errors import CannotRunError
from publisher.rdf.labels import LABELS
from publisher.rdf.namespaces import DCTERMS, RDF, SCHEMA, SH, compact, make_compact
from publisher.rdf.terms import terms

COLUMNS: Final = 3
DIGITS: Final = 32
"""Hexadecimal digits of a digest."""
SOURCES: Final = frozenset({DCTERMS + "source", SCHEMA + "url"})
"""The properties whose values say where a record is from."""
_QUESTION: Final = SH + "SPARQLExecutable"
_TYPE: Final = ox.NamedNode(RDF + "type")


def read_lists(root: Path, versions: Sequence[str] | None = None) -> list[ReleasedIris]:
    """Read the lists of a root, in the order of the versions; the last one with the names and sources of its IRIs.

    versions: of the first releases, where not all are read.
    Raises CannotRunError if one cannot be read or a line has not three columns.
    """
    releases = [release for release in read_releases(root) if versions is None or release.version in versions]
    found = [read_list(root, release.version) for release in releases]
    return [*found[:-1], *(replace(last, identities=read_identities(replay(releases))) for last in found[-1:])]


def read_list(root: Path, version: str) -> ReleasedIris:
    """Read the list of one release. Raises as `read_lists` does."""
    path = f"{FOLDER}/{version}/{LIST}"
    rows = [tuple(line.split("\t")) for line in read_text(folder_of(root) / version / LIST, path).splitlines()]
    wrong = next((number for number, row in enumerate(rows, 1) if len(row) != COLUMNS), 0)
    if wrong:
        raise CannotRunError(f"{path}:{wrong}: A line has three columns, separated by one tab.")
    return ReleasedIris(path, version, {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows})


def write_list(repository: Repository, lines: Iterable[bytes]) -> str:
    """The text of the list for the current state of a repository. lines: its canonical N-Quads, in order."""
    rows, digests = published_meanings(repository), digest_subjects(lines)
    digests |= {_question_iri(repository, path): _digest([text.encode()]) for path, text in repository.questions}
    return "".join(f"{iri}\t{rows[iri]}\t{digests.get(iri) or _digest([rows[iri].encode()])}\n" for iri in sorted(rows))


def digest_subjects(lines: Iterable[bytes]) -> dict[str, str]:
    """The digests of the statements of each subject that is an IRI, whatever graph they are in.

    lines: canonical N-Quads, in order.
    """
    found = {}
    for subject, own in groupby(lines, _subject):
        if subject.startswith(b"<"):
            found[subject[1:-1].decode()] = _digest(dict.fromkeys(line[:-3].rpartition(b" ")[0] for line in own))
    return found


def _subject(line: bytes) -> bytes:
    return line.partition(b" ")[0]


def _digest(lines: Iterable[bytes]) -> str:
    return hashlib.sha256(b"\n".join(lines)).hexdigest()[:DIGITS]


def read_identities(lines: Iterable[bytes]) -> dict[str, Identity]:
    """The names and sources of subjects in canonical N-Quads, as N-Triples spells them."""
    wanted = {f"<{property_.value}>".encode(): 0 for property_ in LABELS} | {f"<{p}>".encode(): 1 for p in SOURCES}
    found: dict[bytes, tuple[set[str], set[str]]] = {}
    for line in lines:
        subject, predicate, rest = line.split(b" ", 2)
        place = wanted.get(predicate)
        if place is not None:
            found.setdefault(subject, (set(), set()))[place].add(rest[:-3].rpartition(b" ")[0].decode())
    return {
        iri[1:-1].decode(): Identity(frozenset(names), frozenset(sources)) for iri, (names, sources) in found.items()
    }


def published_meanings(repository: Repository) -> dict[str, str]:
    """Everything that a repository publishes: IRI -> its classes, or what a term of the context stands for."""
    return dict(_subjects(repository)) | dict(_questions(repository)) | dict(_context_terms(repository))


def _subjects(repository: Repository) -> Iterator[tuple[str, str]]:
    """Things, parts, terms, shapes and concepts, with their classes."""
    classes: dict[str, set[str]] = {}
    compact_class = make_compact(repository.names.prefixes)
    for file in repository.files:
        for iri in published_in(file, repository.names):
            classes.setdefault(iri, set())
        for subject, predicate, object_ in map(terms, file.triples):
            iris = isinstance(subject, ox.NamedNode) and isinstance(object_, ox.NamedNode)
            if iris and predicate == _TYPE and subject.value in classes:
                classes[subject.value].add(compact_class(object_.value))
    for iri, found in classes.items():
        yield iri, " ".join(sorted(found))


def _questions(repository: Repository) -> Iterator[tuple[str, str]]:
    """The example queries, as the service description names them."""
    for path, _ in repository.questions:
        yield _question_iri(repository, path), compact(_QUESTION, repository.names.prefixes)


def _question_iri(repository: Repository, path: str) -> str:
    return repository.names.iri(f"{SPARQL_PATH}#{anchor_of(path)}")


def _context_terms(repository: Repository) -> Iterator[tuple[str, str]]:
    """The terms of the JSON-LD context, with what they stand for; one used backwards begins with `^` (SPARQL 1.1,
    section 9.1)."""
    for term, definition in repository.context.items():
        if not term.startswith("@"):
            yield repository.names.iri(f"{CONTEXT_PATH}#{term}"), _meaning_of(definition)


def _meaning_of(definition: Any) -> str:
    """What a term definition stands for (JSON-LD 1.1, section 9.15.1)."""
    if isinstance(definition, str):
        return definition
    if "@reverse" in definition:
        return f"^{definition['@reverse']}"
    return str(definition["@id"]) if "@id" in definition else json.dumps(definition, sort_keys=True)
