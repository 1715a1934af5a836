"""Freezing: writes the folder of a release, with the statements that were added and removed since the one before."""

import gzip
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyoxigraph as ox

from publisher import __version__
from publisher.atomic_write import make_folder
from publisher.dataset import releases
from publisher.dataset.released_iris import write_list
from publisher.dataset.releases import (
    ADDED,
    CONTEXT,
    LIST,
    MANIFEST,
    PACKED,
    QUERIES,
    REMOVED,
    Release,
    compare,
    order_of,
    replay,
)
from publisher.dataset.repository import Repository, read_repository
from publisher.dataset.shortcuts import DERIVED
from publisher.errors import CannotRunError
from publisher.rdf.canonical_quads import CanonicalQuads
from publisher.release.checksums import sync
from publisher.release.compiler import Report, compile_release, ignore
from publisher.release.downloads import quads_path
from publisher.release.index import Index
from publisher.release.lookup import StoreLookup

LARGE: Final = 16 << 20
"""Bytes beyond which a file of N-Quads is compressed: git shows no difference of larger ones, and some hosts refuse
files of 50 MB."""


def check_version(root: Path, version: str, *, replace: bool = False) -> list[Release]:
    """Return the releases before a new one. Raises CannotRunError if its version is not one that can follow them.

    replace: whether it may take the place of the last release.
    """
    order, found = order_of(version), releases.read_releases(root)
    if replace and found and version == found[-1].version:
        return found[:-1]
    if version in [release.version for release in found]:
        raise CannotRunError(f"Release {version} exists. A release never changes: choose a higher version.")
    if found and order < order_of(found[-1].version):
        raise CannotRunError(f"{version} is not higher than the last release, {found[-1].version}.")
    return found


def freeze(
    root: Path, version: str, day: date, store_folder: Path, report: Report = ignore, *, replace: bool = False
) -> Release:
    """Freeze the state of a root as a release: write its folder, as a whole or not at all, and return it.

    day: of the release. store_folder: of compiled releases. replace: whether it may take the place of the last release.

    Raises UnreadableFilesError or CannotRunError as `compile_release` does, and CannotRunError if the version cannot
    follow the releases that there are, if these cannot be replayed, or if nothing has changed since the last one.
    """
    before = check_version(root, version, replace=replace)
    repository = read_repository(root)
    place = compile_release(root, store_folder, report)
    report("comparing", 0, 0)
    folder = releases.folder_of(root)
    with closing(Index(place)) as index:
        id_ = index.release
    with make_folder(folder) as making, quads_path(place, repository.names).open("rb") as lines:
        making.chmod(0o755)
        if before and before[-1].id == id_:
            raise CannotRunError(f"The statements are those of release {before[-1].version}: nothing has changed.")
        counts = _write_differences(making, before, lines)
        lines.seek(0)
        texts = {
            LIST: write_list(repository, lines),
            CONTEXT: repository.context_text,
            QUERIES: json.dumps(queries_of(repository), indent=1, ensure_ascii=False, sort_keys=True) + "\n",
        }
        for name, text in texts.items():
            (making / name).write_bytes(text.encode())
        stated = {
            "version": version,
            "id": id_,
            "date": day.isoformat(),
            "previous": before[-1].version if before else "",
            "software": __version__,
            "base": repository.names.base,
            **_count(place, repository, counts | {"iris": texts[LIST].count("\n")}),
            "files": {path.name.removesuffix(PACKED): _digest(path) for path in sorted(making.iterdir())},
        }
        (making / MANIFEST).write_text(json.dumps(stated, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        _publish(making, folder / version)
    return releases.find_release(releases.read_releases(root), version)


def _publish(making: Path, place: Path) -> None:
    """Move a complete folder to its place, in one step, and remove a former one."""
    for path in (*making.iterdir(), making):
        sync(path)
    if place.exists():
        place.rename(making.with_name(f"{making.name}-replaced"))
    making.rename(place)
    shutil.rmtree(making.with_name(f"{making.name}-replaced"), ignore_errors=True)
    sync(place.parent)


def queries_of(repository: Repository) -> dict[str, str]:
    """The queries of a repository by their paths: those that answers and pages depend on."""
    return dict((*repository.checks, *repository.questions, *repository.shortcuts))


def _write_differences(folder: Path, before: Sequence[Release], lines: BinaryIO) -> dict[str, int]:
    """Write the lines that were added and removed since the last release, and return the numbers of lines."""
    lines.seek(0)
    counts = {"asserted": 0, "added": 0, "removed": 0}
    paths = {True: folder / ADDED, False: folder / REMOVED}
    with paths[True].open("wb") as added, paths[False].open("wb") as removed:
        for is_new, line in compare(_check_replay(before), iter(lines)):
            (added if is_new else removed).write(line)
            counts["added" if is_new else "removed"] += 1
    for path in paths.values():
        _pack_if_large(path)
    counts["asserted"] = before[-1].counts["asserted"] if before else 0
    counts["asserted"] += counts["added"] - counts["removed"]
    return counts


def _check_replay(before: Sequence[Release]) -> Iterator[bytes]:
    """The lines of the last release. Raises CannotRunError at their end if its identifier is another."""
    found = hashlib.sha256()
    for line in replay(before):
        found.update(line)
        yield line
    if before and found.hexdigest() != before[-1].id:
        raise CannotRunError(f"The files of the releases do not give the statements of release {before[-1].version}.")


def _pack_if_large(path: Path) -> None:
    """Compress a large file, the same content always to the same bytes."""
    if path.stat().st_size <= LARGE:
        return
    packed = path.with_name(path.name + PACKED)
    with path.open("rb") as plain, packed.open("wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as pack:
        shutil.copyfileobj(plain, pack)
    path.unlink()


def _digest(path: Path) -> str:
    """The SHA-256, in hexadecimal, of a file's content before compression."""
    with gzip.open(path) if path.suffix == PACKED else path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _count(place: Path, repository: Repository, counts: Mapping[str, int]) -> dict[str, Any]:
    """The numbers of a release, and the digests of its computed graphs. place: of the compiled release."""
    asserted = {file.graph for file in repository.files}
    lookup = StoreLookup(place)
    with closing(Index(place)) as index:
        computed = {iri: number for iri, number in index.graphs if iri not in asserted}
        things = sum(index.kinds.values())
    derived = computed.get(repository.names.iri(DERIVED), 0)
    numbers = {"total": counts["asserted"] + derived, "derived": derived, "things": things, **counts}
    return {"counts": numbers, "derived": {iri: digest_graph(iri, lookup.graph(iri)) for iri in computed}}


def digest_graph(iri: str, triples: Sequence[ox.Triple]) -> str:
    """Return the SHA-256, in hexadecimal, of the canonical N-Quads of one graph."""
    with CanonicalQuads() as quads:
        quads.add(iri, triples)
        return quads.digest()
