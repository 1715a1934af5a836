"""Loading: fills the store of a release from its files, in bulk, and without holding all of them.

Each triple about the subject is stored in its file's named graph and in the default graph: a real default graph, since
the engine's union flag would count a triple of two graphs twice and ignore FROM. What is computed about the data set is
stored in named graphs only.
"""

import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from publisher.dataset.files import File
from publisher.rdf.terms import has_blank_nodes
from publisher.release.sources import ChangedError, Sources

BUFFERED: Final = 250_000
"""Triples that are held before they are loaded; files beyond that are read by the engine."""
FEW: Final = 10_000
"""Triples that are loaded faster without a new file of the store."""
_ALONE: Final = re.compile(r"\A\ufeff|^[ \t]*@?base\b", re.IGNORECASE | re.MULTILINE)
"""Matches a text that cannot follow another one: a byte order mark, or a base, which would hold for the next one."""


class Loader:
    """Loads files into an empty store.

    sources: the digests of the files; one that differs is a ChangedError.
    """

    def __init__(self, store: ox.Store, sources: Sources) -> None:
        self._store = store
        self._sources = sources
        self._buffer: list[tuple[str, Sequence[ox.Triple]]] = []
        self._held = 0
        self._waiting: dict[str, list[tuple[Path, str]]] = defaultdict(list)

    def add(self, file: File, path: Path) -> None:
        """Take a file that was read from a path. It is loaded now or by `flush`.

        Where there are many, the engine reads them itself, which is fastest, if they can be read as one: blank nodes of
        two files may have the same label, and those of two graphs are the same ones.
        """
        self._sources.check({file.path: file.text})
        if self._held < BUFFERED or has_blank_nodes(file.triples) or _ALONE.search(file.text):
            self.load(file.graph, file.triples)
        else:
            self._waiting[file.graph].append((path, self._sources.files[file.path]))

    def load(self, graph: str, triples: Sequence[ox.Triple]) -> None:
        """Take triples of a graph. They are loaded now or by `flush`."""
        self._buffer.append((graph, triples))
        self._held += len(triples)
        if sum(len(held) for _, held in self._buffer) > BUFFERED:
            self._load_buffer()

    def load_now(self, graph: str, triples: Sequence[ox.Triple]) -> None:
        """Load triples of a graph, so that the next query sees them."""
        places = (ox.NamedNode(graph), ox.DefaultGraph())
        quads = (ox.Quad(t.subject, t.predicate, t.object, place) for place in places for t in triples)
        if len(triples) < FEW:
            self._store.extend(quads)
        else:
            self._store.bulk_extend(quads)

    def load_apart(self, graph: str, triples: Iterable[ox.Triple]) -> None:
        """Load triples into a named graph only."""
        place = ox.NamedNode(graph)
        self._store.extend(ox.Quad(t.subject, t.predicate, t.object, place) for t in triples)

    def flush(self) -> None:
        """Load what was taken, and compact the store: queries are twice as fast then. Raises ChangedError."""
        self._load_buffer()
        turtle = ox.RdfFormat.TURTLE
        everything = [file for files in self._waiting.values() for file in files]
        if everything:
            self._store.bulk_load(io.BufferedReader(_Joined(everything)), turtle)
        for graph, files in self._waiting.items():
            self._store.bulk_load(io.BufferedReader(_Joined(files)), turtle, to_graph=ox.NamedNode(graph))
        self._waiting.clear()
        self._store.optimize()

    def _load_buffer(self) -> None:
        self._store.bulk_extend(
            ox.Quad(t.subject, t.predicate, t.object, place)
            for graph, triples in self._buffer
            for place in (ox.NamedNode(graph), ox.DefaultGraph())
            for t in triples
        )
        self._buffer.clear()


class _Joined(io.RawIOBase):
    """Files as one stream, with a line end between two. files: as (path, digest). Raises ChangedError at the end of one
    that has another digest."""

    def __init__(self, files: Iterable[tuple[Path, str]]) -> None:
        self._files = iter(files)
        self._open: io.BufferedReader | None = None
        self._digest, self._seen = "", hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while True:
            if self._open is None:
                path, self._digest = next(self._files, (None, ""))
                if path is None:
                    return 0
                self._open, self._seen = path.open("rb"), hashlib.sha256()
            number = self._open.readinto(buffer)
            if number:
                self._seen.update(buffer[:number])
                return number
            self._end()
            buffer[:1] = b"\n"
            return 1

    def _end(self) -> None:
        """Close the file that was read."""
        if self._open is not None:
            name = self._open.name
            self._open.close()
            self._open = None
            if self._seen.hexdigest() != self._digest:
                raise ChangedError(name)
