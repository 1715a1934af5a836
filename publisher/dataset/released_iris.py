"""The lists of released IRIs: what each release published, and what later states must publish or retire.

A list is a text file `data/releases/<version>/iris.tsv`: two columns, sorted. The first is an IRI, the second its
classes. A term of the JSON-LD context has the context's address with the term as fragment, and in the second column
what the term stands for.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from publisher.dataset.files import read_text
from publisher.dataset.history import ReleasedIris
from publisher.dataset.identifiers import published_in
from publisher.dataset.iris import CONTEXT_PATH, SPARQL_PATH
from publisher.dataset.query_files import anchor_of
from publisher.dataset.repository import Repository, home_of
from publisher.errors import CannotRunError
from publisher.rdf.namespaces import RDF, SH, compact
from publisher.rdf.terms import terms

FOLDER: Final = "data/releases"
FILE: Final = "iris.tsv"
_QUESTION: Final = SH + "SPARQLExecutable"
_TYPE: Final = ox.NamedNode(RDF + "type")


def read_lists(root: Path) -> list[ReleasedIris]:
    """Read the lists of a root, by path. Raises CannotRunError if one cannot be read or a line has not two columns."""
    found = []
    home = home_of(root, "data")
    for place in sorted((home / FOLDER).glob(f"*/{FILE}")):
        path = place.relative_to(home).as_posix()
        rows = [tuple(line.split("\t")) for line in read_text(place, path).splitlines()]
        wrong = next((number for number, row in enumerate(rows, 1) if len(row) != 2), 0)
        if wrong:
            raise CannotRunError(f"{path}:{wrong}: A line has two columns, separated by one tab.")
        found.append(ReleasedIris(path, place.parent.name, {row[0]: row[1] for row in rows}))
    return found


def write_list(repository: Repository) -> str:
    """The text of the list for the current state of a repository."""
    rows = published_meanings(repository)
    return "".join(f"{iri}\t{rows[iri]}\n" for iri in sorted(rows))


def published_meanings(repository: Repository) -> dict[str, str]:
    """Everything that a repository publishes: IRI -> its classes, or what a term of the context stands for."""
    return dict(_subjects(repository)) | dict(_questions(repository)) | dict(_context_terms(repository))


def _subjects(repository: Repository) -> Iterator[tuple[str, str]]:
    """Things, parts, terms, shapes and concepts, with their classes."""
    classes: dict[str, set[str]] = {}
    for file in repository.files:
        for iri in published_in(file, repository.names):
            classes.setdefault(iri, set())
        for subject, predicate, object_ in map(terms, file.triples):
            iris = isinstance(subject, ox.NamedNode) and isinstance(object_, ox.NamedNode)
            if iris and predicate == _TYPE and subject.value in classes:
                classes[subject.value].add(compact(object_.value, repository.names.prefixes))
    for iri, found in classes.items():
        yield iri, " ".join(sorted(found))


def _questions(repository: Repository) -> Iterator[tuple[str, str]]:
    """The example queries, as the service description names them."""
    for path, _ in repository.questions:
        iri = repository.names.iri(f"{SPARQL_PATH}#{anchor_of(path)}")
        yield iri, compact(_QUESTION, repository.names.prefixes)


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
