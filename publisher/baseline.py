"""Owns what was found before: the baseline file of known findings, and the files as they were at another revision."""

import json
import shutil
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from publisher import writing
from publisher.fingerprints import fingerprint
from publisher.problems import CannotRun, Diagnostic

VERSION: Final = 1
"""Raised when the baseline file changes its shape."""

GIT_SECONDS: Final = 120
"""Longer than git needs for the files of a large repository; a git that waits for something else ends then."""


@dataclass(frozen=True)
class Entry:
    """One known finding of a baseline. count: how many findings have the fingerprint."""

    fingerprint: str
    count: int
    rule: str
    file: str
    message: str


@dataclass(frozen=True)
class Earlier:
    """A working tree as it was at a revision. top: where the working tree is; folder: where its files then are."""

    top: Path
    folder: Path

    def path(self, now: Path) -> Path:
        """Where a path was then; one outside the working tree has not changed."""
        absolute = now.resolve()
        return self.folder / absolute.relative_to(self.top) if absolute.is_relative_to(self.top) else absolute


def entries(findings: Iterable[Diagnostic]) -> list[Entry]:
    """The findings as entries of a baseline, ordered by file, rule and message."""
    findings = list(findings)
    counts = Counter(map(fingerprint, findings))
    first = {fingerprint(finding): finding for finding in reversed(findings)}
    found = [Entry(print_, counts[print_], f.rule, f.file, " ".join(f.message.split())) for print_, f in first.items()]
    return sorted(found, key=lambda entry: (entry.file, entry.rule, entry.message, entry.fingerprint))


def write(path: Path, findings: Iterable[Diagnostic]) -> None:
    """Write the findings down as known. Raises CannotRun where the file cannot be written."""
    value = {"version": VERSION, "findings": [vars(entry) for entry in entries(findings)]}
    writing.write(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read(path: Path) -> list[Entry]:
    """The entries of a baseline file. Raises CannotRun where there is none."""
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise CannotRun(f"{path}: {error.strerror}.") from error
    except ValueError as error:
        raise CannotRun(f"{path} is no baseline: {error}.") from error
    try:
        if value["version"] != VERSION:
            raise CannotRun(f"{path} is a baseline of version {value['version']}; this program reads {VERSION}.")
        return [_entry(**fields) for fields in value["findings"]]
    except (KeyError, TypeError) as error:
        raise CannotRun(f"{path} is no baseline that `publisher validate --write-baseline` wrote.") from error


def _entry(**fields: Any) -> Entry:
    entry = Entry(**fields)
    if not isinstance(entry.count, int):
        raise TypeError
    return entry


def unknown(findings: Sequence[Diagnostic], known: Iterable[Entry]) -> tuple[list[Diagnostic], list[Entry]]:
    """The findings that no entry knows, and the entries of which fewer occur than they count."""
    left = Counter({entry.fingerprint: entry.count for entry in known})
    new = []
    for finding in findings:
        print_ = fingerprint(finding)
        if left[print_] > 0:
            left[print_] -= 1
        else:
            new.append(finding)
    return new, [entry for entry in known if left[entry.fingerprint] > 0]


@contextmanager
def at(revision: str) -> Iterator[Earlier]:
    """The working tree around the working folder as it was at a revision, in a folder that is removed at the end.

    Raises CannotRun where there is no git, no repository or no such revision.
    """
    top = Path(_git("rev-parse", "--show-toplevel").strip()).resolve()
    try:
        commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    except CannotRun as problem:
        hint = "a shallow clone may lack it"
        raise CannotRun(f"{revision!r} is no revision of this repository ({hint}).") from problem
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
        raise CannotRun("git is not installed, and earlier findings are read through it.")
    try:
        done = subprocess.run([program, *words], capture_output=True, text=True, timeout=GIT_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise CannotRun(f"git did not answer within {GIT_SECONDS} s.") from error
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise CannotRun(f"git {words[0]} failed: {said[-1].removeprefix('fatal: ')}.")
    return done.stdout
