"""Loading: fills the store of a release from sorted lines of N-Quads, in bulk.

Each triple about the subject is stored in its file's named graph and in the default graph: a real default graph, since
the engine's union flag would count a triple of two graphs twice and ignore FROM. What is computed about the data set is
stored in named graphs only.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final

import pyoxigraph as ox

from publisher.rdf.canonical_quads import mentions_blank_nodes, remove_graphs

FEW: Final = 10_000
"""Triples that are loaded faster without a new file of the store."""
BATCH: Final = 250_000
"""Statements that are loaded at once: the engine takes a kilobyte of memory for each."""


def load_default(store: ox.Store, blocks: Iterable[Sequence[bytes]]) -> None:
    """Load lists of lines into the default graph of a store, without their graph names."""
    for lines in _batch(blocks):
        _load(store, len(lines), remove_graphs(lines))


def load_named(store: ox.Store, blocks: Iterable[Sequence[bytes]]) -> None:
    """Load lists of lines into their named graphs."""
    for lines in _batch(blocks):
        _load(store, len(lines), b"".join(lines))


def load_now(store: ox.Store, text: bytes) -> None:
    """Load lines of N-Triples into the default graph, so that the next query finds them."""
    _load(store, text.count(b"\n"), text)


def compact(store: ox.Store) -> None:
    """Compact a store that is filled: queries are twice as fast then."""
    store.optimize()


def _batch(blocks: Iterable[Sequence[bytes]]) -> Iterator[list[bytes]]:
    lines = chain.from_iterable(blocks)
    while some := list(islice(lines, BATCH)):
        yield some


def _load(store: ox.Store, number: int, text: bytes) -> None:
    """Load a number of lines. The bulk loader renames blank nodes, anew each time, so they take another way."""
    single = text
    if number >= FEW:
        single = b""
        if mentions_blank_nodes(text):
            lines = text.splitlines(keepends=True)
            single = b"".join([line for line in lines if line[:2] == b"_:" or b"> _:" in line])
            text = b"".join([line for line in lines if line[:2] != b"_:" and b"> _:" not in line])
        store.bulk_load(text, ox.RdfFormat.N_QUADS, lenient=True)
    if single:
        store.extend(ox.parse(single, format=ox.RdfFormat.N_QUADS, lenient=True))
