"""The compiler: makes the folder of a release, its store and its index, in one step, and removes old ones."""

import contextlib
import json
import logging
import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from publisher.atomic_write import open_workspace
from publisher.dataset import shortcuts
from publisher.dataset.files import parse_text
from publisher.dataset.identifiers import RETIRED_FILE, read_retired
from publisher.dataset.releases import read_releases
from publisher.dataset.repository import (
    ABOUT_FILE,
    CONTEXT_FILE,
    Repository,
    Source,
    read_about,
    read_examples,
    read_names,
    read_without_data,
    stream_files,
)
from publisher.errors import CannotRunError
from publisher.platform_support import address_space, exclusive, release_freed_memory
from publisher.rdf.canonical_quads import CanonicalQuads, merge, read_blocks
from publisher.release import downloads, hubs, index, statistics
from publisher.release.checksums import find_damage, sync, write_checksums
from publisher.release.index_writer import IndexWriter
from publisher.release.loader import compact, load_both, load_named, load_now, open_working
from publisher.release.sources import ChangedError, Sources, read_sources
from publisher.release.tally import Tally
from publisher.settings import ENVIRONMENT_PREFIX, Settings
from publisher.sparql.engine import format_bytes

VERSION: Final = 20
"""The version of what is stored: raise it when a change of the code stores anything else for the same files."""
LAYOUT: Final = f"{VERSION}-{ox.__version__}"
"""The end of a compiled release's name: with another version or engine the release is compiled again."""

NEW: Final = "new"
"""The folder in which a release is made."""
ADDRESS_SPACE: Final = 1 << 30
"""Bytes of address space that a store needs, most of them reserved and never used; with 0.6 GB the engine aborts."""
LARGE: Final = Settings.download_statements
"""Statements from which a release has only N-Quads as downloads, unless the settings say otherwise."""
UNUSED_SECONDS: Final = 30 * 86_400
"""Age after which a compiled release is removed, if it was not opened since and is not open."""
ATTEMPTS: Final = 3
"""Times that sources are read again because they were changed while they were read."""
_COMPILED: Final = re.compile(r"[0-9a-f]{64}-[0-9a-f]+-[\w.+-]+")
"""Names of compiled releases; other contents of the folder are left alone."""

Report = Callable[[str, int, int], None]


def ignore(phase: str, done: int, total: int) -> None:
    """Report no progress."""


logger = logging.getLogger("publisher")


def compile_release(root: Path, folder: Path, report: Report = ignore, large: int = LARGE) -> Path:
    """Return the folder of the compiled release of a root, below `folder`; compile it where it is missing or damaged.

    report: called with the phase, the number of files that are done, and how many there are (0 where unknown). large:
    statements from which the release has only N-Quads as downloads.

    The sources are read only if they changed. A release is made beside its place and moved there in one step, so that
    no reader ever sees half of it, and two makers do not disturb each other. Old releases are removed.

    Raises UnreadableFilesError or CannotRunError as `read_repository` does, and CannotRunError if the folder cannot be
    written.
    """
    _check_address_space()
    for _ in range(ATTEMPTS):
        sources = replace(read_sources(root, folder), options=_list_options(large))
        place = folder / f"{sources.key}-{LAYOUT}"
        if _is_whole(place):
            with contextlib.suppress(OSError):  # It may belong to another user.
                os.utime(place)
            return place
        with contextlib.suppress(ChangedError):
            _make(place, root, sources, report, large)
            return place
    raise CannotRunError(f"The files in {root} change while they are read. Try again when they are complete.")


def _is_whole(place: Path) -> bool:
    """Whether a release is compiled and not damaged."""
    damaged = find_damage(place) if place.is_dir() else ""
    if damaged:
        logger.warning("The compiled release in %s is damaged (%s) and is compiled again.", place, damaged)
    return place.is_dir() and not damaged


def _list_options(large: int) -> dict[str, str]:
    return {} if large == LARGE else {"downloads": str(large)}


def _make(place: Path, root: Path, sources: Sources, report: Report, large: int) -> None:
    """Make the folder of a release. Raises CannotRunError if it cannot be written, and ChangedError."""
    folder = place.parent
    try:
        with open_workspace(folder) as making:
            _fill(making / NEW, root, sources, report, large)
            write_checksums(making / NEW)
            _move(making, place)
    except (OSError, RuntimeError, sqlite3.Error) as error:  # The engine raises either of two where the disk is full.
        reason = getattr(error, "strerror", None) or error
        hint = f"Set {ENVIRONMENT_PREFIX}STORE_DIR to another folder."
        raise CannotRunError(f"The release cannot be compiled in {folder}: {reason}. {hint}") from error
    _remove_unused(folder)


def _fill(folder: Path, root: Path, sources: Sources, report: Report, large: int) -> None:
    """Fill the store and the index of a release.

    The store is compacted: query processes must have all its files open before they lose the right to open any.
    """
    names = read_names(root)
    beside, examples = read_without_data(root, names), read_examples(root)
    queries = {**dict(beside.checks), **dict(beside.questions), **dict(beside.shortcuts)}
    about = read_about(root)
    sources.check(queries | examples | {CONTEXT_FILE: beside.context_text} | ({ABOUT_FILE: about} if about else {}))
    store = ox.Store(str(folder))
    with IndexWriter(folder, names) as writer, CanonicalQuads() as asserted, CanonicalQuads() as derived:
        writer.write_names()
        writer.write_meta({"key": sources.key, "root": str(root), "context": beside.context_text, "about": about})
        for kind, texts in ((index.CHECK, beside.checks), (index.QUESTION, beside.questions)):
            writer.write_texts(kind, texts)
        writer.write_texts(index.EXAMPLE, examples.items())
        for number, source in enumerate(stream_files(root, names)):
            report("reading", number, len(sources.files))
            _read(source, sources, writer, asserted)
        release = downloads.write_quads(folder, names, asserted)
        writer.write_release(release)
        quads = downloads.quads_path(folder, names)
        report("deriving", 0, 0)
        working = open_working(store, quads)
        _derive(beside, working, derived)
        with Tally() as tally:
            report("sorting", 0, 0)
            tally.count(_list_lines(quads, derived))
            if working is store:
                compact(store)  # The tables ask it much.
            entities = _write_tables(working, writer, tally)
            report("loading", 0, 0)
            load = load_named if working is store else load_both
            del working  # Loading takes its memory.
            release_freed_memory()
            load(store, _list_lines(quads, derived))
            report("writing downloads", 0, 0)
            made = downloads.write_downloads(folder, store, names, large=tally.triples >= large)
            report("describing", 0, 0)
            _describe(beside, store, writer, tally, entities, downloads.describe(made, names, store))
        writer.write_changes(read_releases(root), quads, release)
    store.flush()


def _read(source: Source, sources: Sources, writer: IndexWriter, asserted: CanonicalQuads) -> None:
    """Take one file. Raises ChangedError."""
    sources.check({source.path: source.text})
    if source.triples:
        asserted.add(source.graph, source.triples)
    else:
        asserted.add_lines(source.lines, source.graph)
    writer.write_file(source)
    if source.path == RETIRED_FILE:
        writer.write_retired(read_retired([parse_text(source.text, source.path)]))


def _derive(beside: Repository, store: ox.Store, derived: CanonicalQuads) -> None:
    """Load what follows from the default graph of a store into it, and collect it."""
    graph = beside.names.iri(shortcuts.DERIVED)

    def load(lines: bytes) -> None:
        load_now(store, lines)
        derived.add_lines(lines, graph)

    shortcuts.derive(beside, store, load)


def _list_lines(quads: Path, derived: CanonicalQuads) -> Iterator[list[bytes]]:
    """The sorted lines of what is stated in a file of N-Quads, and of what is derived from it."""
    return merge([read_blocks(quads), derived.blocks()])


def _write_tables(working: ox.Store, writer: IndexWriter, tally: Tally) -> int:
    """Write what the index takes from the statements, and return the number of things.

    working: has the statements in its default graph. tally: of them.
    """
    entities = writer.write_things()
    writer.write_incoming(working, tally.objects.find(hubs.VERY_MANY))
    writer.write_identifiers(working)
    writer.write_lists(working)
    return entities


def _describe(
    beside: Repository,
    store: ox.Store,
    writer: IndexWriter,
    tally: Tally,
    entities: int,
    catalogue: Sequence[ox.Triple],
) -> None:
    """Load the named graphs that describe the data set, and compact the store.

    tally: of the other graphs. entities: the number of things. catalogue: what else is stated in the catalogue.
    """
    names = beside.names
    computed = statistics.graphs(names, tally, beside.questions, entities)
    computed[names.iri(statistics.CATALOGUE)] += catalogue
    with CanonicalQuads() as quads, Tally() as own:
        for graph, triples in computed.items():
            quads.add(graph, triples)
        load_named(store, own.watch(quads.blocks()))
        compact(store)
        writer.write_meta({"counts": json.dumps(statistics.count(names, tally))})
        for graph, (number, partitions) in statistics.partition_graphs(names, store, [tally, own]).items():
            writer.write_graph(graph, number, partitions)


def _check_address_space() -> None:
    """Raise CannotRunError if the address space is too small for the engine, which would abort the process."""
    available = address_space()
    if available is not None and available < ADDRESS_SPACE:
        limit, needed = format_bytes(available), format_bytes(ADDRESS_SPACE)
        raise CannotRunError(f"The address space is limited to {limit} (ulimit -v); {needed} are needed.")


def _move(making: Path, place: Path) -> None:
    """Move a new release to its place.
    A damaged release is replaced; one that another process made meanwhile is kept."""
    if place.is_dir() and not find_damage(place):
        return
    with contextlib.suppress(FileNotFoundError):
        os.rename(place, making / "damaged")
    try:
        os.rename(making / NEW, place)
        sync(place.parent)
    except OSError:
        if not place.is_dir():
            raise


def _remove_unused(folder: Path) -> None:
    """Remove releases that were not opened for long and are not open: a process that opens one locks its folder."""
    for place in folder.iterdir():
        with contextlib.suppress(OSError):  # It is open, already removed, or belongs to another user.
            if not _COMPILED.fullmatch(place.name) or place.stat().st_mtime > time.time() - UNUSED_SECONDS:
                continue
            with exclusive(place):
                shutil.rmtree(place)


def find_last(folder: Path, root: Path) -> Path | None:
    """The compiled release of a root that was used last and is not damaged; None if there is none."""
    places = sorted(_list_releases(folder, root), key=_time_of_use, reverse=True)
    return next((place for place in places if place.name.endswith(f"-{LAYOUT}") and not find_damage(place)), None)


def remove_older(place: Path, keep: int) -> None:
    """Remove former releases of the root of a compiled one: all but the last `keep`, and those that are open."""
    root = _root_of(place)
    others = [other for other in _list_releases(place.parent, root) if other != place] if root else []
    for other in sorted(others, key=_time_of_use, reverse=True)[keep:]:
        with contextlib.suppress(OSError), exclusive(other):  # It is open, or belongs to another user.
            shutil.rmtree(other)


def _list_releases(folder: Path, root: Path | None) -> list[Path]:
    places = [place for place in folder.glob("*-*") if _COMPILED.fullmatch(place.name)]
    return [place for place in places if _root_of(place) == root]


def _root_of(place: Path) -> Path | None:
    """The root that a release was compiled from; None where its index cannot be read."""
    with contextlib.suppress(OSError, sqlite3.Error, KeyError), contextlib.closing(index.Index(place)) as opened:
        return opened.root
    return None


def _time_of_use(place: Path) -> float:
    with contextlib.suppress(OSError):  # Another process removed it.
        return place.stat().st_mtime
    return 0
