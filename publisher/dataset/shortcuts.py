"""Shortcuts: the statements that a release derives from those of its files, by CONSTRUCT queries.

The queries are files of the root, in `ontology/shortcuts/` and `data/shortcuts/`, and run in the order of their names;
each sees what those before it derived.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

import pyoxigraph as ox

from publisher.dataset.iris import GRAPH_PATH
from publisher.dataset.query_files import read_header
from publisher.dataset.repository import Repository
from publisher.errors import CannotRunError
from publisher.rdf.namespaces import DCTERMS, PROV, RDFS
from publisher.sparql.lexer import read_words

DERIVED: Final = f"{GRAPH_PATH}derived"
"""The path of the named graph of derived statements, below the base."""
BATCH: Final = 100_000
"""Derived triples that are held before they are loaded."""
_ABOUT: Final = "Statements that follow from those of the other named graphs, so that queries are short:"


def derive(repository: Repository, store: ox.Store, load: Callable[[Sequence[ox.Triple]], None]) -> None:
    """Load what the shortcuts of a repository derive from the default graph of a store, without what the files state,
    and a description of its named graph.

    load: loads triples of that graph, so that the next query finds them in the default graph of the store. Raises
    CannotRunError if a query is broken.
    """
    titles, some = [], False
    is_stated = _Stated(store)
    for path, text in repository.shortcuts:
        titles.append(read_header(path, text, ("title", "why"))["title"])
        new = (triple for triple in _construct(path, text, store) if not is_stated(triple))
        while batch := list(islice(new, BATCH)):
            load(batch)
            some = True
    if some:
        load(_describe_graph(repository, titles))


def check_shortcut(path: str, text: str) -> None:
    """Raise CannotRunError if a shortcut has no complete header or is not a valid CONSTRUCT query."""
    read_header(path, text, ("title", "why"))
    list(_construct(path, text, ox.Store()))


def _construct(path: str, text: str, store: ox.Store) -> Iterator[ox.Triple]:
    if read_words(text).services:
        raise CannotRunError(f"{path} is broken: it calls a SERVICE, and shortcuts make no connections.")
    try:
        result = store.query(text)
    except SyntaxError as error:
        raise CannotRunError(f"{path} is broken: {error}") from error
    if not isinstance(result, ox.QueryTriples):
        raise CannotRunError(f"{path} is broken: a shortcut is a CONSTRUCT query.")
    yield from result


class _Stated:
    """Whether a triple is in the default graph of a store. Most shortcuts derive properties that no file states, so
    that one look-up tells it of all their triples; what is derived twice may count as not stated."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._properties: dict[ox.NamedNode, bool] = {}

    def __call__(self, triple: ox.Triple) -> bool:
        property_ = triple.predicate
        if property_ not in self._properties:
            found = self._store.quads_for_pattern(None, property_, None, ox.DefaultGraph())
            self._properties[property_] = any(True for _ in found)
        return self._properties[property_] and ox.Quad(triple.subject, property_, triple.object) in self._store


def _describe_graph(repository: Repository, titles: Sequence[str]) -> list[ox.Triple]:
    """The statements by which the named graph says what it is."""
    graph = ox.NamedNode(repository.names.iri(DERIVED))
    about = f"{_ABOUT} {'; '.join(titles)}."
    return [
        ox.Triple(graph, ox.NamedNode(RDFS + "label"), ox.Literal("Derived statements", language="en")),
        ox.Triple(graph, ox.NamedNode(DCTERMS + "description"), ox.Literal(about, language="en")),
        ox.Triple(graph, ox.NamedNode(PROV + "wasDerivedFrom"), ox.NamedNode(repository.names.dataset)),
    ]
