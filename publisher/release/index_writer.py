"""Writing the index: fills the tables of `index` from the files of a release."""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from publisher.dataset.identifiers import RETIRED_FILE, read_retired
from publisher.dataset.iris import KINDS, THING_PATH, Names
from publisher.dataset.repository import Repository
from publisher.rdf.labels import LABELS, labels_of
from publisher.rdf.namespaces import SKOS, VOCABULARY
from publisher.release import index, statistics
from publisher.release.index import SCHEMA, fold

NAMES: Final = frozenset({*LABELS, ox.NamedNode(SKOS + "altLabel"), ox.NamedNode(VOCABULARY + "acronym")})
"""The properties whose values name a thing."""
SHORTEST: Final = 2
"""Letters that a name has at least."""


def write_index(
    folder: Path, repository: Repository, examples: Mapping[str, str], computed: Mapping[str, Sequence[ox.Triple]]
) -> None:
    """Write the index of a release into its folder.

    examples: of the shapes, path -> text. computed: the triples of the graphs that no file states. Raises sqlite3.Error
    where it cannot be written.
    """
    connection = sqlite3.connect(folder / index.NAME)
    try:
        connection.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {SCHEMA}")
        with connection:
            connection.executemany("INSERT INTO meta VALUES (?, ?)", _meta(repository))
            connection.executemany("INSERT INTO source VALUES (?, ?, ?, ?)", _sources(repository, examples))
            connection.executemany("INSERT INTO retired VALUES (?, ?, ?, ?, ?)", _retired(repository))
            connection.executemany("INSERT INTO graph VALUES (?, ?, ?)", _graphs(repository, computed))
            _write_things(connection, repository)
        connection.execute("INSERT INTO words (words) VALUES ('rebuild')")
        connection.commit()
        connection.execute("PRAGMA optimize")
    finally:
        connection.close()


def _meta(repository: Repository) -> Iterator[tuple[str, str]]:
    yield "release", repository.release
    yield "root", str(repository.root)
    yield "base", repository.names.base
    yield "vocabularies", json.dumps(dict(repository.names.vocabularies))
    yield "context", repository.context_text


def _sources(repository: Repository, examples: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    for file in repository.files:
        data = file.path.startswith("data/")
        yield file.path, index.DATA if data else index.DEFINITION, file.graph, "" if data else file.text
    for kind, texts in ((index.CHECK, repository.checks), (index.QUESTION, repository.questions)):
        yield from ((path, kind, "", text) for path, text in texts)
    yield from ((path, index.EXAMPLE, "", text) for path, text in examples.items())


def _retired(repository: Repository) -> Iterator[tuple[str, str, str, str, str]]:
    for iri, retired in read_retired(repository).items():
        tombstone = "".join(f"{triple} .\n" for triple in retired.tombstone)
        yield iri, retired.successor, retired.withdrawn, retired.why, tombstone


def _graphs(repository: Repository, computed: Mapping[str, Sequence[ox.Triple]]) -> Iterator[tuple[str, int, str]]:
    contents = {iri: list(triples) for iri, triples in computed.items()}
    for file in repository.files:
        contents.setdefault(file.graph, []).extend(file.triples)
    for iri, triples in contents.items():
        parts = statistics.partition_graph(repository.names, iri, triples)
        yield iri, len(triples), "".join(f"{triple} .\n" for triple in parts)


# Things


def _write_things(connection: sqlite3.Connection, repository: Repository) -> None:
    """Write the things, numbered in the order of lists, and their names."""
    files = _files_of_things(repository)
    triples = chain.from_iterable(file.triples for file in repository.files)
    naming = [triple for triple in triples if triple.predicate in NAMES]
    labels = labels_of(naming)
    kinds = list(KINDS)

    def place(iri: str) -> tuple[int, list[str], str]:
        return kinds.index(_address(iri, repository.names)[0]), natural(labels.get(iri, iri)), iri

    ordered = sorted(files, key=place)
    numbers = {iri: number for number, iri in enumerate(ordered)}
    rows = ((numbers[iri], iri, *_address(iri, repository.names), labels.get(iri, iri), files[iri]) for iri in ordered)
    connection.executemany("INSERT INTO thing VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.executemany("INSERT INTO name VALUES (NULL, ?, ?, ?)", _names(ordered, numbers, naming))


def _files_of_things(repository: Repository) -> dict[str, str]:
    """The live things that have a document of their own -> the file that states something about each first."""
    found: dict[str, str] = {}
    for file in repository.files:
        if file.path != RETIRED_FILE:
            for iri in file.subjects:
                if repository.names.thing(iri) == iri:
                    found.setdefault(iri, file.path)
    for iri in read_retired(repository):
        found.pop(iri, None)
    return found


def _address(iri: str, names: Names) -> tuple[str, str]:
    """The kind and the slug of a thing."""
    kind, _, slug = iri.removeprefix(names.base + THING_PATH).partition("/")
    return kind, slug


def _names(
    ordered: Sequence[str], numbers: Mapping[str, int], naming: Sequence[ox.Triple]
) -> Iterator[tuple[int, str, str]]:
    """Everything that things are called: their slugs and the initials of these, names, acronyms."""
    for iri in ordered:
        slug = iri.rpartition("/")[2]
        yield numbers[iri], "", slug
        initials = "".join(word[0] for word in slug.split("-"))
        if len(initials) > SHORTEST:
            yield numbers[iri], initials, initials
    for triple in naming:
        number = numbers.get(getattr(triple.subject, "value", ""))
        if number is not None and isinstance(triple.object, ox.Literal) and len(fold(triple.object.value)) >= SHORTEST:
            yield number, fold(triple.object.value), triple.object.value


def natural(text: str) -> list[str]:
    """The sort key of a text: without case, and numbers by their value (`H.26` before `H.2591`)."""
    return [piece.zfill(12) if piece.isdecimal() else piece for piece in re.split(r"(\d+)", text.casefold())]
