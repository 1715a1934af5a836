"""The release store: compiles the files into a store that never changes, and opens it with an engine."""

import contextlib
import logging
import os
import re
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from publisher.dataset.repository import Repository, find_root, read_repository
from publisher.errors import CannotRunError
from publisher.platform_support import FolderLock, address_space, exclusive
from publisher.release import statistics
from publisher.release.checksums import find_damage, sync, write_checksums
from publisher.release.lookup import Lookup
from publisher.settings import ENVIRONMENT_PREFIX, Settings
from publisher.sparql.embedded import Embedded
from publisher.sparql.engine import Limits, QueryEngine, format_bytes

VERSION: Final = 1
"""The version of what is stored: raise it when a change of the code stores anything else for the same files."""
LAYOUT: Final = f"{VERSION}-{ox.__version__}"
"""The end of a compiled release's name: with another version or engine the release is compiled again."""

NEW: Final = "new"
"""The folder in which a release is made."""
ADDRESS_SPACE: Final = 1 << 30
"""Bytes of address space that a store needs, most of them reserved and never used; with 0.6 GB the engine aborts."""
UNUSED_SECONDS: Final = 30 * 86_400
"""Age after which a compiled release is removed, if it was not opened since and is not open."""
_COMPILED: Final = re.compile(r"[0-9a-f]{64}-[0-9a-f]+-[\w.+-]+|\.making-\w+")
"""Names of compiled releases; other contents of the folder are left alone."""

logger = logging.getLogger("publisher")


@dataclass(frozen=True)
class Store:
    """An open release: what was read, the engine that answers queries, and the look-up for trusted callers.

    lock: on the release's folder, so that no other process removes it.
    """

    repository: Repository
    engine: QueryEngine
    lookup: Lookup
    lock: FolderLock

    @property
    def release(self) -> str:
        """The release's identifier, in hexadecimal."""
        return self.repository.release

    def close(self) -> None:
        """End the engine and unlock the release."""
        self.engine.close()
        self.lock.release()


def open_store(settings: Settings, repository: Repository | None = None) -> Store:
    """Compile the release of the settings' root, unless that was done before, and open it.

    Raises UnreadableFilesError or CannotRunError as `read_repository` does, and CannotRunError where the release cannot
    be compiled or opened, or the query processes do not start.
    """
    found = repository or read_repository(find_root(settings.root))
    path = compile_release(found, settings.store_folder())
    services = settings.query_services.split()
    try:
        lookup, lock = Lookup(path), FolderLock(path)
    except OSError as error:
        raise CannotRunError(f"The compiled release in {path} cannot be opened: {error}.") from error
    try:
        engine = Embedded(
            path,
            found.names.base,
            found.names.prefixes,
            limits(settings),
            settings.query_workers,
            services,
            uncontained=bool(settings.uncontained_queries),
        )
    except BaseException:
        lock.release()
        raise
    return Store(found, engine, lookup, lock)


def limits(settings: Settings) -> Limits:
    """Return the limits of one query, from the settings."""
    return Limits(
        wall=settings.query_seconds,
        cpu=settings.query_cpu_seconds,
        memory=settings.query_memory_mb << 20,
        result=settings.query_result_mb << 20,
        length=settings.query_length_kb << 10,
        nesting=settings.query_nesting,
        repeats=settings.query_repeats,
        waiting=settings.query_waiting,
    )


def compile_release(repository: Repository, folder: Path) -> Path:
    """Return the folder of the compiled release below `folder`; compile it where it is missing or damaged.

    It is made beside its place and moved there in one step, so that no reader ever sees half of it, and two makers do
    not disturb each other. Old releases are removed. Raises CannotRunError if the folder cannot be written.
    """
    _check_address_space()
    place = folder / f"{repository.release}-{LAYOUT}"
    damaged = find_damage(place) if place.is_dir() else ""
    if place.is_dir() and not damaged:
        with contextlib.suppress(OSError):  # It may belong to another user.
            os.utime(place)
        return place
    if damaged:
        logger.warning("The compiled release in %s is damaged (%s) and is compiled again.", place, damaged)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=".making-", dir=folder))
        try:
            _fill(ox.Store(str(making / NEW)), repository)
            write_checksums(making / NEW)
            _move(making, place)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    except (OSError, RuntimeError) as error:  # The engine raises either where the disk is full.
        reason = getattr(error, "strerror", None) or error
        hint = f"Set {ENVIRONMENT_PREFIX}STORE_DIR to another folder."
        raise CannotRunError(f"The release cannot be compiled in {folder}: {reason}. {hint}") from error
    _remove_unused(folder)
    return place


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


def _fill(store: ox.Store, repository: Repository) -> None:
    """Store each triple in its file's named graph and in the default graph.

    A real default graph, since the engine's union flag would count a triple of two graphs twice and ignore FROM. Loaded
    at once and compacted: query processes must have all its files open before they lose the right to open any.
    """
    graphs = [*((file.graph, file.triples) for file in repository.files), *statistics.graphs(repository).items()]
    store.bulk_extend(
        ox.Quad(t.subject, t.predicate, t.object, place)
        for graph, triples in graphs
        for place in (ox.NamedNode(graph), ox.DefaultGraph())
        for t in triples
    )
    store.optimize()
    store.flush()
