"""The release store: opens a compiled release with an engine."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from publisher.dataset.repository import find_root
from publisher.errors import CannotRunError
from publisher.platform_support import FolderLock
from publisher.release.archive import Archive, Edition
from publisher.release.compiler import compile_release
from publisher.release.index import Index
from publisher.release.lookup import Lookup
from publisher.settings import Settings
from publisher.sparql.embedded import Embedded
from publisher.sparql.engine import Limits, QueryEngine


@dataclass(frozen=True)
class Store:
    """An open release: its index, the engine that answers queries, and the look-up for trusted callers.

    lock: on the release's folder, so that no other process removes it. archive: the frozen releases of the root.
    edition: which of them it is.
    """

    index: Index
    engine: QueryEngine
    lookup: Lookup
    lock: FolderLock
    archive: Archive
    edition: Edition

    @property
    def release(self) -> str:
        """The release's identifier, in hexadecimal."""
        return self.index.release

    def close(self) -> None:
        """End the engine and unlock the release."""
        self.engine.close()
        self.index.close()
        self.lock.release()


def open_store(settings: Settings, place: Path | None = None, *, past: bool = False) -> Store:
    """Open the release in a folder, or that of the settings' root, compiled before or now.

    past: whether it is served as an earlier state, beside the current one.

    Raises UnreadableFilesError or CannotRunError as `compile_release` does, and CannotRunError where the release cannot
    be opened, or the query processes do not start.
    """
    root = find_root(settings.root)
    path = place or compile_release(root, settings.store_folder())
    archive = Archive(root, settings.store_folder())
    services = settings.query_services.split()
    try:
        index, lookup, lock = Index(path), Lookup(path), FolderLock(path)
    except (OSError, sqlite3.Error) as error:
        raise CannotRunError(f"The compiled release in {path} cannot be opened: {error}.") from error
    names = index.names
    try:
        engine = Embedded(
            path,
            names.base,
            names.prefixes,
            limits(settings),
            settings.query_workers,
            services,
            uncontained=bool(settings.uncontained_queries),
        )
    except BaseException:
        lock.release()
        raise
    return Store(index, engine, lookup, lock, archive, archive.identify(index.release, past=past))


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
