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
"""The version of the file format."""


@dataclass(frozen=True)
class Entry:
    """One known finding of a baseline. count: how many findings have the fingerprint."""

    fingerprint: str
    count: int
    rule: str
    file: str
    message: str


def list_entries(findings: Iterable[Diagnostic]) -> list[Entry]:
    """Return the findings as entries of a baseline, ordered by file, rule and message."""
    findings = list(findings)
    counts = Counter(map(fingerprint, findings))
    first = {fingerprint(finding): finding for finding in reversed(findings)}
    found = [Entry(print_, counts[print_], f.rule, f.file, " ".join(f.message.split())) for print_, f in first.items()]
    return sorted(found, key=lambda entry: (entry.file, entry.rule, entry.message, entry.fingerprint))


def write(path: Path, findings: Iterable[Diagnostic]) -> None:
    """Write a baseline file. Raises CannotRunError if it cannot be written."""
    value = {"version": VERSION, "findings": [vars(entry) for entry in list_entries(findings)]}
    atomic_write.write(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read(path: Path) -> list[Entry]:
    """Read a baseline file. Raises CannotRunError if it is missing or not a baseline."""
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise CannotRunError(f"{path}: {error.strerror}.") from error
    except ValueError as error:
        raise CannotRunError(f"{path} is not a baseline: {error}.") from error
    try:
        if value["version"] != VERSION:
            raise CannotRunError(
                f"{path} is a baseline of version {value['version']}; this program reads version {VERSION}."
            )
        return [_read_entry(**fields) for fields in value["findings"]]
    except (KeyError, TypeError) as error:
        raise CannotRunError(f"{path} is not a baseline written by `publisher validate --write-baseline`.") from error


def _read_entry(**fields: Any) -> Entry:
    entry = Entry(**fields)
    if not isinstance(entry.count, int):
        raise TypeError
    return entry


def subtract(findings: Sequence[Diagnostic], known: Iterable[Entry]) -> tuple[list[Diagnostic], list[Entry]]:
    """Return the findings that are not in the baseline, and the entries that occur less often than they count."""
    left = Counter({entry.fingerprint: entry.count for entry in known})
    new = []
    for finding in findings:
        print_ = fingerprint(finding)
        if left[print_] > 0:
            left[print_] -= 1
        else:
            new.append(finding)
    return new, [entry for entry in known if left[entry.fingerprint] > 0]
