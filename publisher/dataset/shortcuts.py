"""Shortcuts: the statements that a release derives from those of its files, by CONSTRUCT queries.

The queries are files of the root, in `ontology/shortcuts/` and `data/shortcuts/`, and run in the order of their names;
each sees what those before it derived.
"""

from collections.abc import Sequence
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
_ABOUT: Final = "Statements that follow from those of the other named graphs, so that queries are short:"


def derive(repository: Repository, store: ox.Store) -> list[ox.Triple]:
    """Add what the shortcuts of a repository derive to the default graph of a store; return it.

    The result describes its named graph too. It is without statements that the files make. Raises CannotRunError if a
    query is broken.
    """
    found: dict[ox.Triple, None] = {}
    titles = []
    for path, text in repository.shortcuts:
        titles.append(read_header(path, text, ("title", "why"))["title"])
        new = dict.fromkeys(triple for triple in _construct(path, text, store) if not _is_stated(store, triple))
        store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in new)
        found |= new
    return [*found, *_describe_graph(repository, titles)] if found else []


def check_shortcut(path: str, text: str) -> None:
    """Raise CannotRunError if a shortcut has no complete header or is not a valid CONSTRUCT query."""
    read_header(path, text, ("title", "why"))
    _construct(path, text, ox.Store())


def _construct(path: str, text: str, store: ox.Store) -> list[ox.Triple]:
    if read_words(text).services:
        raise CannotRunError(f"{path} is broken: it calls a SERVICE, and shortcuts make no connections.")
    try:
        result = store.query(text)
    except SyntaxError as error:
        raise CannotRunError(f"{path} is broken: {error}") from error
    if not isinstance(result, ox.QueryTriples):
        raise CannotRunError(f"{path} is broken: a shortcut is a CONSTRUCT query.")
    return list(result)


def _is_stated(store: ox.Store, triple: ox.Triple) -> bool:
    return ox.Quad(triple.subject, triple.predicate, triple.object) in store


def _describe_graph(repository: Repository, titles: Sequence[str]) -> list[ox.Triple]:
    """The statements by which the named graph says what it is."""
    graph = ox.NamedNode(repository.names.iri(DERIVED))
    about = f"{_ABOUT} {'; '.join(titles)}."
    return [
        ox.Triple(graph, ox.NamedNode(RDFS + "label"), ox.Literal("Derived statements", language="en")),
        ox.Triple(graph, ox.NamedNode(DCTERMS + "description"), ox.Literal(about, language="en")),
        ox.Triple(graph, ox.NamedNode(PROV + "wasDerivedFrom"), ox.NamedNode(repository.names.dataset)),
    ]
