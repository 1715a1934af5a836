"""Revisions: the files of a root as they were at earlier commits, read through git."""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from publisher.dataset.history import History, Past
from publisher.dataset.repository import CONTEXT_FILE
from publisher.errors import CannotRunError

GIT_SECONDS: Final = 120
"""Time limit of one git command, in seconds: far more than a large repository takes."""

_FOLDERS: Final = ("ontology/", "data/", "shapes/")
_EXAMPLES: Final = "shapes/examples/"
_FILE_MODES: Final = ("100644", "100755")
"""Neither symbolic links nor submodules (git-fast-import(1), filemodify)."""


# The whole working tree


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
def check_out(revision: str) -> Iterator[Earlier]:
    """Check out the working tree at a revision into a temporary folder. Raises CannotRunError if git, the repository or
    the revision is missing.
    """
    here = Path.cwd()
    top = Path(_git(here, "rev-parse", "--show-toplevel").strip()).resolve()
    commit = _commit(here, revision)
    if not commit:
        raise CannotRunError(f"{revision!r} is not a revision of this repository (a shallow clone may lack it).")
    with tempfile.TemporaryDirectory(prefix="publisher-") as folder:
        archive = Path(folder, "archive.tar")
        _git(top, "archive", "--format=tar", f"--output={archive}", commit)
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


# The published files of a root


@dataclass(frozen=True)
class Bases:
    """The commits that a root is compared with. commits: name, in messages -> commit. day: the date of the last commit;
    None without one, or where there are uncommitted changes. missing: why there are none; empty where nothing was
    committed before."""

    commits: Mapping[str, str] = field(default_factory=dict)
    day: date | None = None
    missing: str = ""


def read_history(root: Path, since: str = "") -> History:
    """Read the earlier states of a root: those of `find_bases`."""
    bases = find_bases(root, since)
    try:
        states = tuple(_read_past(root, name, commit) for name, commit in bases.commits.items())
    except CannotRunError as problem:
        return History(missing=problem.detail, day=bases.day)
    return History(states, bases.missing, bases.day)


def find_bases(root: Path, since: str = "") -> Bases:
    """Find the commits that a root is compared with.

    They are the last commit where there are uncommitted changes in the root, else the one before the last change of the
    root; the latest tag before that; and the revision `since`, where one is given.
    """
    day = None
    try:
        last = _last_change(root)
        changed, day = _find_day(root)
        return Bases(_bases(root, last, since, changed=changed), day)
    except CannotRunError as problem:
        outside = "not a git repository" in problem.detail
        return Bases({}, day, "The root is not in a git repository." if outside else problem.detail)


def read_day(root: Path) -> date | None:
    """Read the date of the last commit of a root; None without one, or where there are uncommitted changes."""
    try:
        _last_change(root)
        return _find_day(root)[1]
    except CannotRunError:
        return None


def _find_day(root: Path) -> tuple[bool, date | None]:
    """Whether there are uncommitted changes in a root, and the date of the last commit where there are none."""
    if _git(root, "status", "--porcelain", "--", *_FOLDERS).strip():
        return True, None
    return False, date.fromisoformat(_git(root, "log", "-1", "--format=%cs", "HEAD").strip())


def _last_change(root: Path) -> str:
    """The last commit that changed a root. Raises CannotRunError where there is none."""
    if not _commit(root, "HEAD"):
        raise CannotRunError("Nothing is committed yet.")
    last = _git(root, "rev-list", "-1", "--first-parent", "HEAD", "--", *_FOLDERS).strip()
    if not last:
        raise CannotRunError("The root is not in the last commit.")
    return last


def _bases(root: Path, last: str, since: str, *, changed: bool) -> dict[str, str]:
    """Return the commits to compare with, by name. Raises CannotRunError if one is missing from the clone."""
    found = {since: _commit(root, since)} if since else {}
    base = _commit(root, "HEAD" if changed else f"{last}^")
    if not base and _git(root, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise CannotRunError("The clone is shallow; fetch the history (fetch-depth: 0).")
    if base:
        found["the last commit" if changed else f"commit {base[:7]}"] = base
        tag = _try_git(root, "describe", "--tags", "--abbrev=0", base)
        found |= {f"tag {tag}": _commit(root, tag)} if tag else {}
    return {name: commit for name, commit in found.items() if commit}


def _read_past(root: Path, name: str, commit: str) -> Past:
    blobs = {}
    for entry in _git(root, "ls-tree", "-r", "-z", commit).split("\0"):
        head, _, path = entry.partition("\t")
        mode, _, digest = head.rpartition(" blob ")
        if mode in _FILE_MODES and _is_published(path):
            blobs[path] = digest
    changed = {path: digest for path, digest in blobs.items() if _digest(root / path, digest) != digest}
    return Past(name, frozenset(blobs), dict(zip(changed, _read_blobs(root, list(changed.values())), strict=True)))


def _is_published(path: str) -> bool:
    """Whether a file below a root is read as a part of it."""
    inside = path.startswith(_FOLDERS) and not path.startswith(_EXAMPLES)
    return inside and (path.endswith((".ttl", ".rq")) or path == CONTEXT_FILE)


def _digest(path: Path, like: str) -> str:
    """The object name that git gives to the content of a file (gitglossary(7)); empty where there is no such file."""
    try:
        data = path.read_bytes()
    except OSError:
        return ""
    make = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    return make(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _read_blobs(root: Path, digests: Sequence[str]) -> list[str]:
    """The texts of blobs, in order (git-cat-file(1), --batch)."""
    if not digests:
        return []
    rest = _run_git(root, "cat-file", "--batch", given="".join(f"{digest}\n" for digest in digests).encode())
    texts = []
    for _ in digests:
        head, _, rest = rest.partition(b"\n")
        size = int(head.rsplit(b" ", 1)[-1])
        texts.append(rest[:size].decode(errors="replace"))
        rest = rest[size + 1 :]
    return texts


def is_tagged(root: Path, tag: str) -> bool:
    """Whether the repository of a root has a tag; False outside of a repository and without git."""
    return bool(_try_git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"refs/tags/{tag}"))


# git


def _commit(folder: Path, revision: str) -> str:
    """The name of the commit that a revision stands for; empty where there is none. Raises CannotRunError without git
    or outside a repository."""
    _git(folder, "rev-parse", "--git-dir")
    return _try_git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")


def _try_git(folder: Path, *words: str) -> str:
    try:
        return _git(folder, *words).strip()
    except CannotRunError:
        return ""


def _git(folder: Path, *words: str) -> str:
    return _run_git(folder, *words).decode(errors="surrogateescape")


def _run_git(folder: Path, *words: str, given: bytes = b"") -> bytes:
    """The output of a git command that changes nothing. Raises CannotRunError."""
    program = shutil.which("git")
    if program is None:
        raise CannotRunError("git is not installed; it is needed to read earlier revisions.")
    command = [program, "--no-optional-locks", "-C", str(folder), *words]
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=GIT_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise CannotRunError(f"git did not answer within {GIT_SECONDS} s.") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["it gave no reason"]
        raise CannotRunError(f"git {words[0]} failed: {said[-1].removeprefix('fatal: ')}.")
    return done.stdout
