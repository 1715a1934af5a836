"""What the parts of compiling cost: python tests/benchmarks/compile_parts.py ROOT.

Compiles a root into a temporary folder, and prints, as Markdown, the CPU seconds of each part of the work beside those
of `oxigraph load`, which stores the same statements once, in one named graph.
"""

import argparse
import functools
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from cost_curve import list_files, load

from publisher.rdf.canonical_quads import CanonicalQuads
from publisher.release import compiler, downloads, name_writer, statistics
from publisher.release.index_writer import IndexWriter
from publisher.release.tally import Tally

READ: Final = "read the files, sort and write canonical N-Quads, their digest"
STORE: Final = "the engine: store each statement in the default graph and in its named graph"
COMPACT: Final = "the engine: compact the store"
DERIVE: Final = "the engine: derive statements, in a store of their own"
COUNT: Final = "count: VoID statistics, partitions of each graph"
THINGS: Final = "things, parts, labels, addresses, statements at hubs"
NAMES: Final = "names and the text index of search"
LISTS: Final = "lists: columns, facets, orders, words"
CHANGES: Final = "the change log"
DOWNLOADS: Final = "downloads, checksums"
PARTS: Final = (STORE, COMPACT, DERIVE, READ, COUNT, THINGS, NAMES, LISTS, CHANGES, DOWNLOADS)
CALLS: Final[tuple[tuple[Any, str, str], ...]] = (
    (compiler, "stream_files", READ),
    (CanonicalQuads, "add_lines", READ),
    (CanonicalQuads, "blocks", READ),
    (downloads, "write_quads", READ),
    (compiler, "open_working", DERIVE),
    (compiler, "load_both", STORE),
    (compiler, "load_named", STORE),
    (compiler, "load_now", DERIVE),
    (compiler, "compact", COMPACT),
    (compiler, "_derive", DERIVE),
    (Tally, "count", COUNT),
    (Tally, "watch", COUNT),
    (statistics, "graphs", COUNT),
    (statistics, "partition_graphs", COUNT),
    (IndexWriter, "write_file", THINGS),
    (IndexWriter, "write_things", THINGS),
    (IndexWriter, "write_incoming", THINGS),
    (IndexWriter, "write_identifiers", THINGS),
    (name_writer, "write_names", NAMES),
    (IndexWriter, "write_lists", LISTS),
    (IndexWriter, "write_changes", CHANGES),
    (downloads, "write_downloads", DOWNLOADS),
    (compiler, "write_checksums", DOWNLOADS),
)
"""What is measured: where it is, its name, the part that it belongs to. What it calls of others is theirs."""


class Clock:
    """Divides CPU time among parts that call each other."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._inside: list[str] = ["rest"]
        self._since = time.process_time()

    @contextmanager
    def measure(self, part: str) -> Iterator[None]:
        """Count the time of a block as that of a part."""
        self._turn()
        self._inside.append(part)
        try:
            yield
        finally:
            self._turn()
            self._inside.pop()

    def _turn(self) -> None:
        now = time.process_time()
        self.seconds[self._inside[-1]] += now - self._since
        self._since = now

    def watch(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        """Return a function that is measured; so is every step of an iterator that it returns."""

        @functools.wraps(function)
        def measured(*arguments: Any, **options: Any) -> Any:
            with self.measure(part):
                found = function(*arguments, **options)
            return self._step(found, part) if isinstance(found, Iterator) else found

        return measured

    def _step(self, steps: Iterator[Any], part: str) -> Iterator[Any]:
        while True:
            with self.measure(part):
                found = next(steps, self)
            if found is self:
                return
            yield found


def measure(root: Path) -> Counter[str]:
    """CPU seconds by part, of compiling a root."""
    clock = Clock()
    originals = [(owner, name, getattr(owner, name)) for owner, name, _ in CALLS]
    for owner, name, part in CALLS:
        setattr(owner, name, clock.watch(getattr(owner, name), part))
    try:
        with tempfile.TemporaryDirectory() as folder, clock.measure("rest"):
            compiler.compile_release(root.resolve(), Path(folder))
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)
    return clock.seconds


def write_table(seconds: Counter[str], unit: float) -> str:
    """The table, in Markdown. unit: CPU seconds of `oxigraph load`."""
    lines = ["| part of compiling | CPU seconds | to `oxigraph load` |", "|---|---:|---:|"]
    shown = [*((part, seconds[part]) for part in PARTS), ("rest", seconds["rest"]), ("all", seconds.total())]
    return "\n".join([*lines, *(f"| {name} | {value:.1f} | {value / unit:.2f} |" for name, value in shown)])


def main() -> None:
    """Measure, and print the table, or figures for other programs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--json", action="store_true", help="print the CPU seconds by part only")
    options = parser.parse_args()
    seconds = measure(options.root)
    if options.json:
        print(json.dumps(seconds))
        return
    with tempfile.TemporaryDirectory() as folder:
        print(write_table(seconds, load(list_files(options.root), Path(folder, "bare"))))


if __name__ == "__main__":
    main()
