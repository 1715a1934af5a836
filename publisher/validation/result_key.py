"""The key of a result: a digest of everything that decides what a validation finds."""

import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import publisher
from publisher.dataset.releases import folder_of
from publisher.dataset.repository import find_root, source_paths
from publisher.errors import CannotRunError
from publisher.validation.clean_files import digest
from publisher.validation.inputs import STDIN, Request, find_files

_UNDECIDED: Final = frozenset(
    {"stdin", "fail_on", "baseline", "write_baseline", "fail_on_stale", "parsed", "clean", "jobs"}
)
"""Fields of a request that decide nothing, or only what is done with the findings; standard input has a digest."""
_CHANGING: Final = re.compile(rb"\b(?:NOW|RAND|UUID|STRUUID)\s*\(\s*\)", re.IGNORECASE)
"""The functions of SPARQL that have another value in each run (SPARQL 1.1 Query Language, section 17.4)."""


def make_key(request: Request, here: Path) -> str:
    """Return the key of what `request` finds from a folder: SHA-256, in hexadecimal; empty where there is none.

    It covers the bytes of every file that is read, and its name; the request; the working folder; the commits that the
    root is compared with, and the reference date; and the software, with all distributions that are installed. There
    is none if a file is missing or not a regular file, since a pipe can be read only once; for unsaved texts; and for
    shapes with queries that ask for the time or for random values.
    """
    if request.unsaved:
        return ""
    try:
        parts = [*describe_software(), *_describe_request(request), str(here), *_describe_root(request, here)]
        return digest([*parts, *_describe_given(request)])
    except (CannotRunError, OSError, ValueError):  # The run itself reports it. ValueError: a NUL in a path.
        return ""


@cache
def describe_software() -> tuple[str, ...]:
    """Describe the interpreter, the files of this package, and the names of all distributions installed, with versions.

    Sizes and times of the files: reading a thousand of them would take longer than many a validation.
    """
    found = [sys.version]
    home = Path(publisher.__file__).parent
    for folder, folders, names in os.walk(home):
        folders[:] = sorted(each for each in folders if each != "__pycache__")
        states = [(name, os.stat(os.path.join(folder, name))) for name in sorted(names)]
        found += [f"{folder} {name} {state.st_size} {state.st_mtime_ns}" for name, state in states]
    for entry in dict.fromkeys(sys.path):
        if os.path.isdir(entry or "."):
            found += sorted(name for name in os.listdir(entry or ".") if name.endswith((".dist-info", ".egg-info")))
    return tuple(found)


def _describe_request(request: Request) -> Iterator[str]:
    yield from (
        f"{each.name}={getattr(request, each.name)!r}" for each in fields(request) if each.name not in _UNDECIDED
    )
    yield hashlib.sha256(request.stdin).hexdigest()


def _describe_given(request: Request) -> Iterator[str]:
    """The files that a request names, each kind by itself: a file may be both data and shape, under several names."""
    data = [path for path in request.paths if path != STDIN]
    for patterns in (data, request.shapes, request.ontologies):
        files = find_files(patterns, request.format_of, request.exclude) if patterns else []
        yield str(len(files))
        yield from _describe_files({str(path): path for path in files}, repeatable=patterns is request.shapes)
    yield from _describe_files({file: Path(file) for _, file in request.contexts})


def _describe_root(request: Request, here: Path) -> Iterator[str]:
    """The root that is validated or that references are compared with, and what it is compared with itself."""
    try:
        root = find_root(request.root, here)
        files = source_paths(root)
    except CannotRunError:
        if not request.shapes:
            raise
        return  # References are not compared with anything.
    releases = folder_of(root)
    files |= {str(path): path for path in releases.rglob("*") if path.is_file()}
    yield str(root)
    for name, path in files.items():
        yield from _describe_files({name: path}, repeatable=name.startswith(("ontology/", "shapes/")))
    if not request.shapes:
        yield from _describe_time(request, root)


def _describe_time(request: Request, root: Path) -> Iterator[str]:
    """The commits and the reference date."""
    from publisher.dataset import revisions  # Slow to import.

    day = request.as_of
    if request.with_history:
        bases = revisions.find_bases(root, request.since)
        yield from (repr(sorted(bases.commits.items())), str(bases.day), bases.missing)
        day = day or bases.day
    yield str(day or date.today())


def _describe_files(files: Mapping[str, Path], *, repeatable: bool = False) -> Iterator[str]:
    """The names of files, where links lead, and the digests of their bytes.

    repeatable: whether queries in them must find the same in each run. Raises CannotRunError where they may not.
    """
    for name, path in files.items():
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise CannotRunError(f"{name}: Not a regular file.")
        with path.open("rb") as file:
            if repeatable and _CHANGING.search(file.read()):
                raise CannotRunError(f"{name}: A query whose results change.")
            file.seek(0)
            yield f"{name} {os.path.realpath(path)} {hashlib.file_digest(file, 'sha256').hexdigest()}"
