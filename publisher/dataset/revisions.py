"""Revisions: the files as they were at another revision, extracted from git while they are read."""

import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from publisher.errors import CannotRunError

GIT_SECONDS: Final = 120
"""Longer than git needs for the files of a large repository; a git that waits for something else ends then."""


@dataclass(frozen=True)
class Earlier:
    """A working tree as it was at a revision. top: where the working tree is; folder: where its files then are."""

    top: Path
    folder: Path

    def path(self, now: Path) -> Path:
        """Where a path was then; one outside the working tree has not changed."""
        absolute = now.resolve()
        return self.folder / absolute.relative_to(self.top) if absolute.is_relative_to(self.top) else absolute


@contextmanager
def at(revision: str) -> Iterator[Earlier]:
    """The working tree around the working folder as it was at a revision, in a folder that is removed at the end.

    Raises CannotRunError where there is no git, no repository or no such revision.
    """
    top = Path(_git("rev-parse", "--show-toplevel").strip()).resolve()
    try:
        commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    except CannotRunError as problem:
        hint = "a shallow clone may lack it"
        raise CannotRunError(f"{revision!r} is no revision of this repository ({hint}).") from problem
    with tempfile.TemporaryDirectory(prefix="publisher-") as folder:
        archive = Path(folder, "archive.tar")
        _git("-C", str(top), "archive", "--format=tar", f"--output={archive}", commit)
        files = Path(folder, "files").resolve()
        with tarfile.open(archive) as tar:
            tar.extractall(files, filter=_safe)  # noqa: S202 - the filter is what the rule asks for
        yield Earlier(top, files)


def _safe(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    """Files, folders and links within them; what leads outside is left out (PEP 706)."""
    try:
        return tarfile.data_filter(member, folder)
    except tarfile.FilterError:
        return None


def _git(*words: str) -> str:
    program = shutil.which("git")
    if program is None:
        raise CannotRunError("git is not installed, and earlier findings are read through it.")
    try:
        done = subprocess.run([program, *words], capture_output=True, text=True, timeout=GIT_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise CannotRunError(f"git did not answer within {GIT_SECONDS} s.") from error
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise CannotRunError(f"git {words[0]} failed: {said[-1].removeprefix('fatal: ')}.")
    return done.stdout
