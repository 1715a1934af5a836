"""The look-up: finds triples of a release for trusted callers, without a query of a visitor."""

import contextlib
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

import pyoxigraph as ox

from publisher.platform_support import release_freed_memory
from publisher.rdf.canonical_quads import read_blocks

READ: Final = 10_000
"""Triples that are read of a large store until it is opened anew: of ten million the engine keeps 60 MB then."""
SMALL: Final = 64 << 20
"""Bytes of the files of a store that stays open: it has little that could be kept."""


class Lookup(Protocol):
    """The triples of one release: in its compiled store, or at an endpoint."""

    def find(
        self, subject: ox.NamedNode | None, predicate: ox.NamedNode | None, object_: ox.NamedNode | None
    ) -> Iterator[ox.Triple]:
        """Find the triples of the default graph that match; None matches anything."""

    def find_stated(self, subject: ox.NamedNode, graph: str) -> Iterator[ox.Triple]:
        """Find the triples about a subject in one named graph."""

    def graph(self, name: str) -> Sequence[ox.Triple]:
        """Return the triples of one named graph; none if there is no such graph."""

    def stream_graph(self, name: str) -> Iterator[ox.Triple]:
        """Yield the triples of one named graph, those of a subject together. Only one thread can read them."""

    def prefetch(self, subjects: Iterable[object]) -> None:
        """Prepare to find the triples about these subjects: an endpoint is then asked for all at once."""

    def close(self) -> None:
        """Close the compiled store, though somebody may still refer to the look-up: its files may be removed now."""


class StoreLookup:
    """The look-up in the compiled store, in this process.

    The engine keeps what it has read, 128 MB of terms and 32 MB of each index, and has no option for that. So a large
    store is opened anew when many triples have been read, which takes a twentieth of the time of reading them.

    path: the store's folder. quads: the file of its N-Quads. graphs: the IRIs of those that make up most of this file:
    where the store is large, their streams are read from it, in a sixth of the time and without the engine. Raises
    OSError where the store cannot be opened.
    """

    def __init__(self, path: Path, quads: Path | None = None, graphs: Collection[str] = ()) -> None:
        self._path = path
        self._store = ox.Store.read_only(str(path))
        self._read = 0
        self._large = sum(file.stat().st_size for file in path.glob("*.sst")) > SMALL
        self._quads = quads
        self._streams = 0
        self._for_streams: ox.Store | None = None
        self._lock = threading.RLock()  # A stream that nobody reads any more may end at any time.
        self._in_file = frozenset(graphs) if quads and self._large else frozenset()

    def find(
        self, subject: ox.NamedNode | None, predicate: ox.NamedNode | None, object_: ox.NamedNode | None
    ) -> Iterator[ox.Triple]:
        """Find the triples of the default graph that match; None matches anything."""
        return self._count(self._current().quads_for_pattern(subject, predicate, object_, ox.DefaultGraph()))

    def find_stated(self, subject: ox.NamedNode, graph: str) -> Iterator[ox.Triple]:
        """Find the triples about a subject in one named graph."""
        return self._count(self._current().quads_for_pattern(subject, None, None, ox.NamedNode(graph)))

    def graph(self, name: str) -> Sequence[ox.Triple]:
        """Return the triples of one named graph; none if there is no such graph."""
        return list(self._count(self._current().quads_for_pattern(None, None, None, ox.NamedNode(name))))

    def stream_graph(self, name: str) -> Iterator[ox.Triple]:
        """Yield the triples of one named graph, those of a subject together. Only one thread can read them."""
        if self._quads and name in self._in_file:
            yield from _read_graph(self._quads, name)
            return
        with self._open_for_stream() as store:
            for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(name)):
                yield quad.triple

    def prefetch(self, subjects: Iterable[object]) -> None:
        """Do nothing: every look-up is fast."""

    def close(self) -> None:
        """Close the store, as soon as nothing reads it. No look-up is possible after that."""
        with contextlib.suppress(AttributeError):  # It was closed before.
            del self._store

    @contextlib.contextmanager
    def _open_for_stream(self) -> Iterator[ox.Store]:
        """The store as streams read it; a large one is opened once for all of them, so that none keeps another open."""
        if not self._large:
            yield self._store
            return
        with self._lock:
            store = self._for_streams = self._for_streams or ox.Store.read_only(str(self._path))
            self._streams += 1
        try:
            yield store
        finally:
            del store
            with self._lock:
                self._streams -= 1
                if not self._streams:
                    self._for_streams = None
            release_freed_memory()

    def _count(self, found: Iterable[ox.Quad]) -> Iterator[ox.Triple]:
        """The triples of quads, each counted."""
        for quad in found:
            self._read += 1
            yield quad.triple

    def _current(self) -> ox.Store:
        """The open store."""
        if self._large and self._read > READ and hasattr(self, "_store"):  # It may be closed.
            self._renew()
        return self._store

    def _renew(self) -> None:
        """Open the store anew, which frees what the engine keeps. Whatever still reads the former one keeps it open."""
        self._read = 0
        with contextlib.suppress(OSError):  # No descriptor is free: the present one goes on.
            self._store = ox.Store.read_only(str(self._path))
        release_freed_memory()


def _read_graph(quads: Path, name: str) -> Iterator[ox.Triple]:
    """The triples of a graph in a file of canonical N-Quads."""
    end = f" <{name}> .\n".encode()
    for lines in read_blocks(quads):
        text = b"".join(line for line in lines if line.endswith(end))
        yield from (quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_QUADS, lenient=True))
