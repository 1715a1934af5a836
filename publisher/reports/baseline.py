"""The baseline: a file of known findings, so that only new ones are reported."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from publisher import atomic_write
from publisher.diagnostic import Diagnostic
from publisher.errors import CannotRunError
from publisher.reports.fingerprints import fingerprint, forget_places

VERSION: Final = 1
"""The version of the file format."""
_FINGERPRINT: Final = re.compile(r'"fingerprint": *"([^"]+)"')
_TEXTS: Final = ("file", "rule", "focus", "message", "fingerprint")


@dataclass(frozen=True)
class Entry:
    """One known finding of a baseline. focus: the focus node in N-Triples, `[]` for a blank node, empty if there is
    none. count: how many findings have the fingerprint."""

    file: str
    rule: str
    focus: str
    message: str
    count: int
    fingerprint: str

    @property
    def content(self) -> tuple[str, str, str]:
        """What stays the same if the file is renamed: IRIs relative to the file are compared without its name."""
        focus, message = (_forget(self.file, text) for text in (self.focus, self.message))
        return self.rule, focus, forget_places(message)


def _forget(file: str, text: str) -> str:
    return text.replace(quote(file), "").replace(file, "") if file else text


def _make_entry(finding: Diagnostic, count: int = 1) -> Entry:
    focus = finding.terms[0] or finding.focus
    focus = "[]" if focus.startswith("_:") else focus
    message = " ".join(finding.message.split())
    return Entry(finding.file, finding.rule, focus, message, count, fingerprint(finding))


def list_entries(findings: Iterable[Diagnostic]) -> list[Entry]:
    """Return the findings as entries of a baseline, ordered by file, rule, focus node and message."""
    findings = list(findings)
    counts = Counter(map(fingerprint, findings))
    first = {fingerprint(finding): finding for finding in reversed(findings)}
    found = [_make_entry(finding, counts[print_]) for print_, finding in first.items()]
    return sorted(found, key=lambda entry: (entry.file, entry.rule, entry.focus, entry.message, entry.fingerprint))


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


def _read_entry(focus: str = "", **fields: Any) -> Entry:
    entry = Entry(focus=focus, **fields)
    if not isinstance(entry.count, int) or not all(isinstance(vars(entry)[name], str) for name in _TEXTS):
        raise TypeError
    return entry


def find_lines(path: Path) -> dict[str, int]:
    """Return the line of each fingerprint in a baseline file."""
    lines = enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
    return {found: number for number, line in lines for found in _FINGERPRINT.findall(line)}


def subtract(
    findings: Sequence[Diagnostic], known: Sequence[Entry], exists: Callable[[str], bool]
) -> tuple[list[Diagnostic], list[Entry]]:
    """Return the findings that are not in the baseline, and the entries that occur less often than they count.

    A finding is known, too, if an entry that no longer occurs has its content: its file was renamed, or its focus node
    was moved to another file. exists: whether there is a file of a name; only if there is none, an entry without an IRI
    as focus node counts for another file.
    """
    if not known:
        return list(findings), []
    left = Counter({entry.fingerprint: entry.count for entry in known})
    unmatched = []
    for finding in findings:
        print_ = fingerprint(finding)
        if left[print_] > 0:
            left[print_] -= 1
        else:
            unmatched.append(finding)
    moved: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in known:
        if left[entry.fingerprint] > 0 and (entry.focus.startswith("<") or not exists(entry.file)):
            moved.setdefault(entry.content, []).append(entry)
    new = []
    for finding in unmatched:
        candidates = moved.get(_make_entry(finding).content, [])
        while candidates and left[candidates[-1].fingerprint] == 0:
            candidates.pop()
        if candidates:
            left[candidates[-1].fingerprint] -= 1
        else:
            new.append(finding)
    return new, [entry for entry in known if left[entry.fingerprint] > 0]
