"""The sources of a release: the digests of its files. A file that has not changed is not read again.

Beside the compiled releases stands, for each root, a list of its files with size, times and digest. As in git's index,
a file is left out that was changed so shortly before the list was written that a later change could have the same time.
The time of the last change of the file's state (ctime, stat(2)) counts too: programs that copy files set the other one.
"""

import contextlib
import hashlib
import json
import os
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from publisher.atomic_write import write
from publisher.dataset.releases import FOLDER as FOLDER_OF_RELEASES
from publisher.dataset.releases import MANIFEST, folder_of
from publisher.dataset.repository import combine_digests, example_paths, source_paths
from publisher.errors import CannotRunError

FOLDER: Final = "roots"
"""The folder of the lists, in that of the compiled releases."""
PARTS: Final = 4
"""Parts of an entry of a list: size, times of the last change of content and of state in nanoseconds, SHA-256."""
UNCERTAIN: Final = 2_000_000_000
"""Nanoseconds in which two changes of a file may have the same time: file systems store times in steps of up to 2 s."""


class ChangedError(Exception):
    """A file is not what it was when its digest was computed."""


@dataclass(frozen=True)
class Sources:
    """The digests of the sources of one root, by name.

    examples: those of the examples of the shapes, and of the manifests of frozen releases. options: what else decides
    what is compiled, where it is not the default.
    """

    files: dict[str, str]
    examples: dict[str, str]
    options: Mapping[str, str] = field(default_factory=dict)

    def check(self, texts: Mapping[str, str]) -> None:
        """Raise ChangedError if one of the texts, by name, has another digest."""
        known = self.files | self.examples
        for name, text in texts.items():
            if hashlib.sha256(text.encode()).hexdigest() != known.get(name):
                raise ChangedError(name)

    @cached_property
    def key(self) -> str:
        """The digest of everything that is compiled, the examples included."""
        return combine_digests({**self.files, **self.examples, **self.options})


def read_sources(root: Path, folder: Path) -> Sources:
    """Return the digests of the sources of a root. folder: of the compiled releases.

    Raises CannotRunError where a file cannot be read.
    """
    place = folder / FOLDER / f"{hashlib.sha256(str(root).encode()).hexdigest()}.json"
    known, now = _read_list(place), time.time_ns()
    entries: dict[str, Any] = {}
    found = {f"{FOLDER_OF_RELEASES}/{path.parent.name}": path for path in folder_of(root).glob(f"*/{MANIFEST}")}
    groups = (source_paths(root), example_paths(root) | dict(sorted(found.items())))
    digests = [{name: _digest(path, name, known, entries) for name, path in paths.items()} for paths in groups]
    if entries != known:
        sure = {name: entry for name, entry in entries.items() if max(entry[1:3]) < now - UNCERTAIN}
        with contextlib.suppress(OSError, CannotRunError):  # The list only saves time.
            place.parent.mkdir(parents=True, exist_ok=True)
            write(place, json.dumps(sure))
    return Sources(*digests)


def _read_list(place: Path) -> dict[str, Any]:
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    entries = found.items() if isinstance(found, dict) else ()
    return {name: entry for name, entry in entries if isinstance(entry, list) and len(entry) == PARTS}


def _digest(path: Path, name: str, known: dict[str, Any], entries: dict[str, Any]) -> str:
    """The digest of a file, from the list where the file is unchanged. entries: gets the file's entry."""
    try:
        state = os.stat(path)
        if not stat.S_ISREG(state.st_mode):
            raise CannotRunError(f"{name}: Not a regular file.")
        entry, seen = known.get(name), [state.st_size, state.st_mtime_ns, state.st_ctime_ns]
        if entry is None or entry[:-1] != seen:
            with path.open("rb") as file:
                entry = [*seen, hashlib.file_digest(file, "sha256").hexdigest()]
    except OSError as error:
        raise CannotRunError(f"{name}: {error.strerror}.") from error
    entries[name] = entry
    return str(entry[-1])
