"""Canonical N-Quads: the sorted lines of a set of graphs, and their digest, in bounded memory.

A line is a statement as the canonical form of N-Quads spells it (RDF Dataset Canonicalization, section 5), blank nodes
are labelled by `blank_nodes.label_canonically`, lines are in the order of their bytes, and none is repeated. Without
blank nodes this is the canonical form of RDFC-1.0.
"""

import hashlib
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, islice
from operator import eq
from pathlib import Path
from typing import IO, Final, Self

import pyoxigraph as ox

from publisher.rdf.blank_nodes import label_canonically

HELD: Final = 32 << 20
"""Bytes of lines that are held in memory; more are sorted in runs on disk."""
READ: Final = 1 << 20
"""Bytes of a run that are read at once."""
_END: Final = b" .\n"
_GRAPH: Final = b" <"


class CanonicalQuads:
    """Collects graphs, in any number of pieces, and returns their canonical N-Quads; a context manager.

    held: bytes of lines that are held in memory. Triples that have blank nodes are held until the end.
    """

    def __init__(self, held: int = HELD) -> None:
        self._limit = held
        self._held: list[bytes] = []
        self._size = 0
        self._runs: list[IO[bytes]] = []
        self._blank: dict[str, list[ox.Triple]] = {}
        self._rest: list[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove what is on disk."""
        for run in self._runs:
            run.close()

    def add(self, graph: str, triples: Sequence[ox.Triple]) -> None:
        """Add triples of a graph. graph: its IRI."""
        text = _serialize(triples)
        if mentions_blank_nodes(text):
            lines = text.splitlines(keepends=True)
            marks = [
                mentions_blank_nodes(line) and _has_blank_node(triple)
                for line, triple in zip(lines, triples, strict=True)
            ]
            self._blank.setdefault(graph, []).extend(compress(triples, marks))
            text = b"".join(line for line, is_blank in zip(lines, marks, strict=True) if not is_blank)
        self._hold(_name_graph(text, graph))

    def add_lines(self, text: bytes, graph: str = "") -> None:
        """Add lines of canonical N-Quads, each with its line end. graph: of lines of N-Triples. Blank nodes
        keep their labels."""
        self._hold(_name_graph(text, graph) if graph else text)

    def _hold(self, text: bytes) -> None:
        self._held.append(text)
        self._size += len(text)
        if self._size > self._limit:
            run = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `__exit__`
            run.writelines(self._sort())
            self._runs.append(run)

    def _sort(self) -> list[bytes]:
        lines = _sort_lines(b"".join(self._held).splitlines(keepends=True))
        self._held.clear()
        self._size = 0
        return lines

    def blocks(self) -> Iterator[list[bytes]]:
        """Yield all lines in order, each with its line end, in lists of bounded size. No line may be added after it."""
        if self._rest is None:
            for graph, triples in self._blank.items():
                self._hold(_name_graph(_serialize(label_canonically(triples, graph)), graph))
            self._blank.clear()
            self._rest = self._sort()
        if self._runs:
            yield from merge([*map(_read_run, self._runs), iter([self._rest])])
        elif self._rest:
            yield self._rest

    def digest(self) -> str:
        """Return the SHA-256, in hexadecimal, of the canonical N-Quads."""
        found = hashlib.sha256()
        for block in self.blocks():
            found.update(b"".join(block))
        return found.hexdigest()


def merge(runs: Iterable[Iterator[list[bytes]]]) -> Iterator[list[bytes]]:
    """Merge sorted runs into one, without repeated lines. Each run, and the result, is in lists of lines."""
    open_runs = [(run, block) for run in runs if (block := next(run, None))]
    while open_runs:
        # No line that is still to be read is before the last one of a list.
        bound = min(block[-1] for _, block in open_runs)
        ready: list[bytes] = []
        left = []
        for run, block in open_runs:
            end = bisect_right(block, bound)
            ready += block[:end]
            rest = block[end:] or next(run, [])
            if rest:
                left.append((run, rest))
        yield _sort_lines(ready)
        open_runs = left


def _read_run(run: IO[bytes]) -> Iterator[list[bytes]]:
    run.seek(0)
    while lines := run.readlines(READ):
        yield lines


def read_blocks(path: Path) -> Iterator[list[bytes]]:
    """Yield the lines of a file of canonical N-Quads, each with its line end, in lists of bounded size."""
    with path.open("rb") as file:
        yield from _read_run(file)


def _sort_lines(lines: list[bytes]) -> list[bytes]:
    """Lines in order, each once."""
    lines.sort()
    repeats = any(map(eq, lines, islice(lines, 1, None)))
    return list(dict.fromkeys(lines)) if repeats else lines


def _serialize(triples: Sequence[ox.Triple]) -> bytes:
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


def _name_graph(text: bytes, graph: str) -> bytes:
    """N-Triples as N-Quads of a graph. A line end stands nowhere but at the end of a statement."""
    return text.replace(_END, f" <{graph}> .\n".encode())


def remove_graphs(lines: Iterable[bytes]) -> bytes:
    """Return lines of N-Quads as N-Triples. The graph is the last IRI of a line."""
    return _END.join([*[line.rsplit(_GRAPH, 1)[0] for line in lines], b""])


def mentions_blank_nodes(text: bytes) -> bool:
    """Return whether N-Triples or N-Quads may have blank nodes; a literal may look as if they had."""
    return text.startswith(b"_:") or b"\n_:" in text or b"> _:" in text


def _has_blank_node(triple: ox.Triple) -> bool:
    return isinstance(triple.subject, ox.BlankNode) or isinstance(triple.object, ox.BlankNode)
