"""The release store: compiles the files into a store that never changes, and opens it with an engine."""

import contextlib
import hashlib
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
from publisher.platform_support import FolderLock, exclusive
from publisher.release import statistics
from publisher.release.lookup import Lookup
from publisher.settings import Settings
from publisher.sparql.embedded import Embedded
from publisher.sparql.engine import Limits, QueryEngine

_WRITERS = b"".join(Path(str(module)).read_bytes() for module in (__file__, statistics.__file__))
LAYOUT = f"{hashlib.sha256(_WRITERS).hexdigest()[:12]}-{ox.__version__}"
"""Changes where a compiled store would be another: with the code that fills it, and with the engine."""

UNUSED_SECONDS: Final = 30 * 86_400
"""A compiled release that was not opened for so long, and that nobody has open, goes: it can be compiled again."""
_COMPILED: Final = re.compile(r"[0-9a-f]{64}-[0-9a-f]{12}-[\w.+-]+|\.making-\w+")
"""Names of what is ours in the folder of compiled releases, which may be anybody's."""


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

    Raises UnreadableFilesError or CannotRunError as `sources.read` does.
    """
    found = repository or read_repository(find_root(settings.root))
    path = compile_release(found, settings.store_folder())
    services = settings.query_services.split()
    lock = FolderLock(path)
    engine = Embedded(
        path,
        found.names.base,
        found.names.prefixes,
        limits(settings),
        settings.query_workers,
        services,
        uncontained=bool(settings.uncontained_queries),
    )
    return Store(found, engine, Lookup(path), lock)


def limits(settings: Settings) -> Limits:
    """What one query may use, from the settings."""
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
    """The folder of the compiled release below `folder`, made now if it is not there.

    It is made beside its place and moved there in one step, so that no reader ever sees half of it, and two makers do
    not disturb each other. Then old ones go. Raises CannotRunError if the folder cannot be written.
    """
    place = folder / f"{repository.release}-{LAYOUT}"
    if place.is_dir():
        with contextlib.suppress(OSError):  # It may belong to somebody else.
            os.utime(place)
        return place
    try:
        folder.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=".making-", dir=folder))
    except OSError as error:
        raise CannotRunError(f"The release cannot be compiled in {folder}: {error.strerror}.") from error
    try:
        _fill(ox.Store(str(making)), repository)
        os.rename(making, place)
    except OSError:
        if not place.is_dir():
            raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
    _remove_unused(folder)
    return place


def _remove_unused(folder: Path) -> None:
    """Remove what was not opened for long, and is open nowhere: who opens a release has a lock on its folder."""
    for place in folder.iterdir():
        with contextlib.suppress(OSError):  # It is open, gone already, or somebody else's.
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
