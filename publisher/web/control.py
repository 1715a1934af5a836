"""Control files: how `publisher reload` finds the running servers of a store folder, and learns what a reload did."""

import contextlib
import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from publisher.atomic_write import write
from publisher.errors import CannotRunError
from publisher.platform_support import FolderLock, exclusive

FOLDER: Final = "servers"
"""The folder, in that of the compiled releases, with one folder for each server that runs, named by its process."""
_STATE: Final = "state.json"
RESERVED: Final = 1 << 14
"""Bytes of the file, most of them blanks: they can be overwritten when the disk is full."""
SHORT: Final = 1000
"""Characters of an outcome that fit then."""
_LOOK_SECONDS: Final = 0.05


class Outcome(NamedTuple):
    """What a reload did. name: `switched`, `unchanged` or `failed`. code: the exit code that stands for it."""

    name: str
    detail: str
    code: int = 0


class State(NamedTuple):
    """A running server. outcome: of the last reload that has ended; began: when that began, on the monotonic clock of
    the machine, in seconds."""

    pid: int
    root: str
    url: str
    release: str
    began: float = 0
    outcome: Outcome | None = None


class Control:
    """The control file of this process, from its start to `close`.

    folder: of the compiled releases. Where the file cannot be written, nothing is; SIGHUP works without it.
    """

    def __init__(self, folder: Path, root: str, url: str, release: str) -> None:
        self.state = State(os.getpid(), root, url, release)
        self._folder = folder / FOLDER / str(self.state.pid)
        self._lock: FolderLock | None = None
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = FolderLock(self._folder)
        self._write()

    def report(self, outcome: Outcome, release: str, began: float) -> None:
        """Write the outcome of a reload. release: that is served after it. began: as in `State`."""
        self.state = self.state._replace(began=began, outcome=outcome, release=release)
        self._write()

    def close(self) -> None:
        """Remove the file."""
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._lock:
            self._lock.release()

    def _write(self) -> None:
        try:
            write(self._folder / _STATE, self._describe().ljust(RESERVED))
        except (OSError, CannotRunError):
            self._overwrite()

    def _overwrite(self) -> None:
        """Write the file in its place, as far as that is possible: a full disk is what a reload may have to report."""
        outcome = self.state.outcome
        if outcome:
            self.state = self.state._replace(outcome=outcome._replace(detail=outcome.detail[:SHORT]))
        with contextlib.suppress(OSError), (self._folder / _STATE).open("r+") as file:
            file.write(self._describe().ljust(RESERVED))

    def _describe(self) -> str:
        return json.dumps(self.state._asdict())


def find_servers(folder: Path) -> list[State]:
    """The servers that run over compiled releases in a folder; what ended ones left behind is removed."""
    found = []
    for place in sorted((folder / FOLDER).glob("*")):
        with contextlib.suppress(OSError):
            if _remove_if_ended(place):
                continue
        state = _read(place)
        if state:
            found.append(state)
    return found


def request_reload(folder: Path, state: State, seconds: float, clock: Callable[[], float] = time.monotonic) -> State:
    """Make a server reload, and wait until a reload has ended that began after this call; the server's state then.

    One that is under way may have read the files before they were changed.
    Raises CannotRunError where the server cannot be signalled, ends, or takes longer than some seconds.
    """
    place, asked = folder / FOLDER / str(state.pid), clock()
    try:
        os.kill(state.pid, signal.SIGHUP)
    except (OSError, AttributeError) as error:  # Windows has no SIGHUP.
        raise CannotRunError(f"Process {state.pid} cannot be signalled: {error}.") from error
    while clock() < asked + seconds:
        now = _read(place)
        if now and now.outcome and now.began >= asked:
            return now
        with contextlib.suppress(OSError):
            if not place.exists() or _remove_if_ended(place):
                raise CannotRunError(f"The server with process {state.pid} ended before the reload did.")
        time.sleep(_LOOK_SECONDS)
    raise CannotRunError(f"The reload has not ended after {seconds:g} s; the server goes on with it.")


def _remove_if_ended(place: Path) -> bool:
    """Remove the folder of a server that has ended. Raises OSError where it runs, which its lock shows."""
    with exclusive(place):
        shutil.rmtree(place)
    return True


def _read(place: Path) -> State | None:
    try:
        members: dict[str, Any] = json.loads((place / _STATE).read_text(encoding="utf-8"))
        outcome = members.pop("outcome")
        return State(**members, outcome=Outcome(*outcome) if outcome else None)
    except (OSError, ValueError, TypeError, KeyError):
        return None
