"""Loading: fills the store of a release from sorted lines of N-Quads, in bulk.

Each triple about the subject is stored in its file's named graph and in the default graph: a real default graph, since
the engine's union flag would count a triple of two graphs twice and ignore FROM. What is computed about the data set is
stored in named graphs only.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from publisher.rdf.canonical_quads import read_blocks, remove_graphs

FEW: Final = 1000
"""Triples that are loaded faster without a new file of the store."""
BATCH: Final = 250_000
"""Statements that are loaded at once: the engine takes a kilobyte of memory for each."""
FILE: Final = 400_000
"""Statements that are loaded at once into both kinds of graphs, up to `HELD`: fewer files of the store are made, and of
few the engine merges none before it compacts all."""
HELD: Final = 192 << 20
"""Bytes of N-Quads whose statements are held in memory while a release is compiled: the engine takes twice as many."""


def open_working(store: ox.Store, quads: Path) -> ox.Store:
    """Return a store whose default graph has the statements of a file of N-Quads: it answers what is asked while a
    release is compiled. It is in memory, where queries take a fifth of the time; of a large file it is the given one.
    """
    working = ox.Store() if quads.stat().st_size <= HELD else store
    for lines in _batch(read_blocks(quads), BATCH):
        _load(working, len(lines), remove_graphs(lines))
    return working


def load_both(store: ox.Store, blocks: Iterable[Sequence[bytes]]) -> None:
    """Load lists of lines into their named graphs, and without these into the default graph."""
    for lines in _batch(blocks, FILE):
        _load(store, len(lines), remove_graphs(lines))
        _load(store, len(lines), b"".join(lines))


def load_named(store: ox.Store, blocks: Iterable[Sequence[bytes]]) -> None:
    """Load lists of lines into their named graphs."""
    for lines in _batch(blocks, BATCH):
        _load(store, len(lines), b"".join(lines))


def load_now(store: ox.Store, text: bytes) -> None:
    """Load lines of N-Triples into the default graph, so that the next query finds them."""
    _load(store, text.count(b"\n"), text)


def compact(store: ox.Store) -> None:
    """Compact a store that is filled: queries are twice as fast then."""
    store.optimize()


def _batch(blocks: Iterable[Sequence[bytes]], size: int) -> Iterator[list[bytes]]:
    lines = chain.from_iterable(blocks)
    while some := list(islice(lines, size)):
        yield some


def _load(store: ox.Store, number: int, text: bytes) -> None:
    """Load a number of lines. The bulk loader renames blank nodes, anew each time, so they take another way."""
    single = text
    if number >= FEW:
        text, single = _divide(text)
        store.bulk_load(text, ox.RdfFormat.N_QUADS, lenient=True)
    if single:
        store.extend(ox.parse(single, format=ox.RdfFormat.N_QUADS, lenient=True))


def _divide(text: bytes) -> tuple[bytes, bytes]:
    """The lines that have no blank nodes, and those that have, or a literal that looks like one."""
    without, having = [], []
    done, mark = 0, text.find(b"_:")
    while mark >= 0:
        start, end = text.rfind(b"\n", 0, mark) + 1, text.find(b"\n", mark) + 1
        if start == mark or b"> _:" in text[start:end]:
            without.append(text[done:start])
            having.append(text[start:end])
            done = end
        mark = text.find(b"_:", end)
    return (b"".join([*without, text[done:]]) if having else text), b"".join(having)
