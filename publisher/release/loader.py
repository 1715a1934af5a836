"""Loading: fills the store of a release from sorted lines of N-Quads, in bulk.

Each triple about the subject is stored in its file's named graph and in the default graph: a real default graph, since
the engine's union flag would count a triple of two graphs twice and ignore FROM. What is computed about the data set is
stored in named graphs only.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import pyoxigraph as ox

from publisher.byte_streams import JoinedPieces
from publisher.rdf.canonical_quads import mentions_blank_nodes

FEW: Final = 10_000
"""Triples that are loaded faster without a new file of the store."""
READ: Final = 1 << 20
"""Bytes that the engine reads at once."""
_GRAPH: Final = re.compile(rb" <[^<>]*> \.\n")
"""Matches the end of a line of N-Quads: no other place of one has an IRI before a line end."""


def load_default(store: ox.Store, blocks: Iterable[Sequence[bytes]]) -> None:
    """Load lists of lines into the default graph of a store, without their graph names."""
    _load(store, (_GRAPH.sub(b" .\n", b"".join(block)) for block in blocks))


def load_named(store: ox.Store, blocks: Iterable[Sequence[bytes]]) -> None:
    """Load lists of lines into their named graphs."""
    _load(store, map(b"".join, blocks))


def load_few(store: ox.Store, blocks: Iterable[Sequence[bytes]]) -> None:
    """Load lists of lines, not many, into their named graphs, without new files of the store."""
    store.extend(ox.parse(b"".join(line for block in blocks for line in block), format=ox.RdfFormat.N_QUADS))


def load_now(store: ox.Store, triples: Sequence[ox.Triple]) -> None:
    """Load triples into the default graph, so that the next query finds them."""
    quads = (ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    if len(triples) < FEW:
        store.extend(quads)
    else:
        store.bulk_extend(quads)


def _load(store: ox.Store, texts: Iterable[bytes]) -> None:
    """Load N-Quads. The bulk loader renames blank nodes, anew each time, so they take another way."""
    blank: list[bytes] = []
    stream = io.BufferedReader(JoinedPieces(_set_apart(texts, blank)), READ)
    store.bulk_load(stream, ox.RdfFormat.N_QUADS)
    store.extend(ox.parse(b"".join(blank), format=ox.RdfFormat.N_QUADS))


def _set_apart(texts: Iterable[bytes], blank: list[bytes]) -> Iterator[bytes]:
    """Yield texts without the lines that may have blank nodes, which are added to `blank`."""
    for text in texts:
        if not mentions_blank_nodes(text):
            yield text
            continue
        plain: list[bytes] = []
        for line in text.splitlines(keepends=True):
            (blank if mentions_blank_nodes(line) else plain).append(line)
        yield b"".join(plain)
