"""The baseline: a file of known findings, so that only new ones are reported."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from publisher import atomic_write
from publisher.diagnostic import Diagnostic
from publisher.errors import CannotRunError
from publisher.reports.fingerprints import fingerprint

VERSION: Final = 1
"""Raised when the baseline file changes its shape."""


@dataclass(frozen=True)
class Entry:
    """One known finding of a baseline. count: how many findings have the fingerprint."""

    fingerprint: str
    count: int
    rule: str
    file: str
    message: str


def entries(findings: Iterable[Diagnostic]) -> list[Entry]:
    """The findings as entries of a baseline, ordered by file, rule and message."""
    findings = list(findings)
    counts = Counter(map(fingerprint, findings))
    first = {fingerprint(finding): finding for finding in reversed(findings)}
    found = [Entry(print_, counts[print_], f.rule, f.file, " ".join(f.message.split())) for print_, f in first.items()]
    return sorted(found, key=lambda entry: (entry.file, entry.rule, entry.message, entry.fingerprint))


def write(path: Path, findings: Iterable[Diagnostic]) -> None:
    """Write the findings down as known. Raises CannotRunError where the file cannot be written."""
    value = {"version": VERSION, "findings": [vars(entry) for entry in entries(findings)]}
    atomic_write.write(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read(path: Path) -> list[Entry]:
    """The entries of a baseline file. Raises CannotRunError where there is none."""
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise CannotRunError(f"{path}: {error.strerror}.") from error
    except ValueError as error:
        raise CannotRunError(f"{path} is no baseline: {error}.") from error
    try:
        if value["version"] != VERSION:
            raise CannotRunError(f"{path} is a baseline of version {value['version']}; this program reads {VERSION}.")
        return [_entry(**fields) for fields in value["findings"]]
    except (KeyError, TypeError) as error:
        raise CannotRunError(f"{path} is no baseline that `publisher validate --write-baseline` wrote.") from error


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
