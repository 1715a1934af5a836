"""The release store: opens a compiled release with an engine."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from publisher.dataset.repository import find_root
from publisher.errors import CannotRunError
from publisher.platform_support import FolderLock
from publisher.release.archive import Archive, Edition
from publisher.release.compiler import VERSION, compile_release
from publisher.release.downloads import quads_path
from publisher.release.index import Index
from publisher.release.lookup import Lookup, StoreLookup
from publisher.settings import Settings
from publisher.sparql.embedded import Embedded
from publisher.sparql.engine import Limits, QueryEngine

HUBS: Final = 100
"""Things at which the most statements point, of which query processes are told."""


def accept_always() -> None:
    """Return: the release in this program can always be used."""


@dataclass(frozen=True)
class Store:
    """An open release: its index, the engine that answers queries, and the look-up for trusted callers.

    lock: on the release's folder, so that no other process removes it. archive: the frozen releases of the root.
    edition: which of them it is. check: raises the reason why the
    engine and the look-up cannot be used at present. stop: called when the store is closed.
    """

    index: Index
    engine: QueryEngine
    lookup: Lookup
    lock: FolderLock
    archive: Archive
    edition: Edition
    check: Callable[[], None] = accept_always
    stop: Callable[[], None] = accept_always

    @property
    def release(self) -> str:
        """The release's identifier, in hexadecimal."""
        return self.index.release

    def close(self) -> None:
        """End the engine, close all files of the release, and unlock it."""
        self.stop()
        self.engine.close()
        self.lookup.close()
        self.index.close()
        self.lock.release()


def open_store(settings: Settings, place: Path | None = None, *, past: bool = False) -> Store:
    """Open the release in a folder, or that of the settings' root, compiled before or now.

    past: whether it is served as an earlier state, beside the current one.

    Statements and answers of the current one come from the endpoint of the settings, if there is one.

    Raises UnreadableFilesError or CannotRunError as `compile_release` does, and CannotRunError where the release cannot
    be opened, or the query processes do not start.
    """
    root = find_root(settings.root)
    path = place or compile_release(root, settings.store_folder(), large=settings.download_statements)
    archive = Archive(root, settings.store_folder())
    try:
        index, lock = Index(path), FolderLock(path)
        lookup = StoreLookup(path, quads_path(path, index.names), index.main_graphs())
    except (OSError, sqlite3.Error) as error:
        raise CannotRunError(f"The compiled release in {path} cannot be opened: {error}.") from error
    try:
        edition = archive.identify(index.release, past=past)
        if settings.endpoint and not past:
            return _open_at_endpoint(settings, path, index, lookup, lock, archive, edition)
        return Store(index, _open_embedded(settings, path, index), lookup, lock, archive, edition)
    except BaseException:
        lock.release()
        raise


def _open_embedded(settings: Settings, path: Path, index: Index) -> Embedded:
    names = index.names
    return Embedded(
        path,
        names.base,
        names.prefixes,
        limits(settings),
        settings.query_workers,
        settings.query_services.split(),
        hubs=index.find_hubs(HUBS),
        uncontained=bool(settings.uncontained_queries),
    )


def _open_at_endpoint(
    settings: Settings,
    path: Path,
    index: Index,
    compiled: Lookup,
    lock: FolderLock,
    archive: Archive,
    edition: Edition,
) -> Store:
    """Open a release whose statements are at the endpoint of the settings."""
    # Slow to import: only a server in front of an endpoint needs them.
    from publisher.release.endpoint_lookup import EndpointLookup
    from publisher.release.endpoint_monitor import Monitor
    from publisher.release.placement import place_release
    from publisher.sparql.forwarder import Forwarder
    from publisher.sparql.http_client import NAME, endpoint_access
    from publisher.sparql.trusted import TrustedEndpoint

    access, placement, allowed = endpoint_access(settings), place_release(index, VERSION), limits(settings)
    endpoint = TrustedEndpoint(access, settings.endpoint_seconds, settings.page_threads + 1, allowed.result, NAME)
    monitor = Monitor(endpoint, placement, index, settings.endpoint_check_seconds)
    lookup = EndpointLookup(endpoint, placement, index.names, compiled, check=monitor.check, suspect=monitor.suspect)
    engine = Forwarder(
        access,
        placement,
        path,
        index.names.prefixes,
        allowed,
        settings.query_workers,
        check=monitor.check,
        suspect=monitor.suspect,
        uncontained=bool(settings.uncontained_queries),
    )

    def stop() -> None:
        monitor.close()
        endpoint.close()

    monitor.start()
    return Store(index, engine, lookup, lock, archive, edition, monitor.check, stop)


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
