"""Shortcuts: the statements that a release derives from those of its files, by CONSTRUCT queries.

The queries are files of the root, in `ontology/shortcuts/` and `data/shortcuts/`, and run in the order of their names;
each sees what those before it derived.
"""

import io
import tempfile
from collections.abc import Callable, Sequence
from typing import IO, Final

import pyoxigraph as ox

from publisher.dataset.iris import GRAPH_PATH
from publisher.dataset.query_files import read_header
from publisher.dataset.repository import Repository
from publisher.errors import CannotRunError
from publisher.rdf.namespaces import DCTERMS, PROV, RDFS
from publisher.sparql.lexer import read_words

DERIVED: Final = f"{GRAPH_PATH}derived"
"""The path of the named graph of derived statements, below the base."""
BATCH: Final = 16 << 20
"""Bytes of derived statements that are held before they are loaded."""
_ABOUT: Final = "Statements that follow from those of the other named graphs, so that queries are short:"


def derive(repository: Repository, store: ox.Store, load: Callable[[bytes], None]) -> None:
    """Load what the shortcuts of a repository derive from the default graph of a store, without what the files state,
    and a description of its named graph.

    load: loads lines of N-Triples of that graph, so that the next query finds them in the default graph of the store.
    Raises CannotRunError if a query is broken.
    """
    titles, some = [], False
    stated = _Stated(store)
    for path, text in repository.shortcuts:
        titles.append(read_header(path, text, ("title", "why"))["title"])
        with tempfile.SpooledTemporaryFile(BATCH) as lines:
            _construct(path, text, store, lines)
            lines.seek(0)
            while held := lines.readlines(BATCH):
                if new := b"".join(stated.remove_from(held)):
                    load(new)
                    some = True
    if some:
        load(ox.serialize(_describe_graph(repository, titles), format=ox.RdfFormat.N_TRIPLES) or b"")


def check_shortcut(path: str, text: str) -> None:
    """Raise CannotRunError if a shortcut has no complete header or is not a valid CONSTRUCT query."""
    read_header(path, text, ("title", "why"))
    _construct(path, text, ox.Store(), io.BytesIO())


def _construct(path: str, text: str, store: ox.Store, output: IO[bytes]) -> None:
    """Write what a query constructs as lines of N-Triples, which the engine makes faster than objects."""
    if read_words(text).services:
        raise CannotRunError(f"{path} is broken: it calls a SERVICE, and shortcuts make no connections.")
    try:
        result = store.query(text)
    except SyntaxError as error:
        raise CannotRunError(f"{path} is broken: {error}") from error
    if not isinstance(result, ox.QueryTriples):
        raise CannotRunError(f"{path} is broken: a shortcut is a CONSTRUCT query.")
    result.serialize(output, format=ox.RdfFormat.N_TRIPLES)


class _Stated:
    """Knows which triples are in the default graph of a store. Most shortcuts derive properties that no file states, so
    that one look-up tells it of all their triples; what is derived twice may count as not stated."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._properties: dict[bytes, bool] = {}

    def remove_from(self, lines: Sequence[bytes]) -> Sequence[bytes]:
        """Return the lines of N-Triples that state anything new."""
        properties = [line.split(b" ", 2)[1] for line in lines]
        stated = {property_ for property_ in set(properties) if self._is_stated(property_)}
        if not stated:
            return lines
        quads = ox.parse(b"".join(lines), format=ox.RdfFormat.N_TRIPLES, lenient=True)
        rows = zip(lines, properties, quads, strict=True)
        return [line for line, property_, quad in rows if property_ not in stated or quad not in self._store]

    def _is_stated(self, property_: bytes) -> bool:
        """Whether files state anything with a property, as N-Triples spell it."""
        if property_ not in self._properties:
            node = ox.NamedNode(property_[1:-1].decode())
            found = self._store.quads_for_pattern(None, node, None, ox.DefaultGraph())
            self._properties[property_] = any(True for _ in found)
        return self._properties[property_]


def _describe_graph(repository: Repository, titles: Sequence[str]) -> list[ox.Triple]:
    """The statements by which the named graph says what it is."""
    graph = ox.NamedNode(repository.names.iri(DERIVED))
    about = f"{_ABOUT} {'; '.join(titles)}."
    return [
        ox.Triple(graph, ox.NamedNode(RDFS + "label"), ox.Literal("Derived statements", language="en")),
        ox.Triple(graph, ox.NamedNode(DCTERMS + "description"), ox.Literal(about, language="en")),
        ox.Triple(graph, ox.NamedNode(PROV + "wasDerivedFrom"), ox.NamedNode(repository.names.dataset)),
    ]
