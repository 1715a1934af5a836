"""What a release derives from the statements of files, without compiling it."""

from collections.abc import Iterable

import pyoxigraph as ox

from publisher.dataset.repository import Repository
from publisher.dataset.shortcuts import derive


def derive_from(repository: Repository, triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """The statements that the shortcuts of a repository derive from triples."""
    store, found = ox.Store(), []
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)

    def load(lines: bytes) -> None:
        new = list(ox.parse(lines, format=ox.RdfFormat.N_TRIPLES))
        store.extend(new)
        found.extend(quad.triple for quad in new)

    derive(repository, store, load)
    return list(dict.fromkeys(found))
