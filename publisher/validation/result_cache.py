"""The result cache: outcomes of earlier validations by key, in a folder that is bounded in size.

An entry is one compressed JSON file. What cannot be read counts as absent, and what cannot be written is not kept.
"""

import contextlib
import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, TypeVar

from publisher.atomic_write import open_atomically
from publisher.diagnostic import Diagnostic, Related, Rule, Severity
from publisher.errors import CannotRunError
from publisher.validation.clean_files import CleanFiles, digest
from publisher.validation.inputs import Request
from publisher.validation.outcome import Outcome
from publisher.validation.result_key import describe_software

Value = TypeVar("Value")

MAX_BYTES: Final = 128 << 20
"""Size limit of the folder, in bytes: thousands of usual results."""
MAX_FINDINGS: Final = 50_000
"""Findings of an outcome that is kept; to read more takes about as long as to validate again."""
_SUFFIX: Final = ".json.gz"
_DEFAULTS: Final = {each.name: each.default for each in fields(Diagnostic)}


class ResultCache:
    """The outcomes in a folder, which is made when the first one is kept."""

    def __init__(self, folder: Path, limit: int = MAX_BYTES) -> None:
        self._folder, self._limit = folder, limit

    def find(self, key: str) -> Outcome | None:
        """Return the outcome of a key; None if there is none, or if its entry is damaged."""
        return self._read(key, _read_outcome)

    def find_clean(self, here: Path, request: Request) -> CleanFiles:
        """Return the checks of single files that found nothing in the last run in a folder over the same root."""
        return CleanFiles(self._read(_name_clean(here, request), frozenset) or (), digest(describe_software()))

    def keep_clean(self, here: Path, request: Request, found: CleanFiles) -> None:
        """Keep the checks of single files that found nothing, in place of those of the last run."""
        if found.clean:
            self._write(_name_clean(here, request), sorted(found.clean))

    def _read(self, name: str, convert: Callable[[Any], Value]) -> Value | None:
        """The value of an entry; None if there is none, or if it is damaged."""
        path = self._path(name)
        try:
            with gzip.open(path, "rt", encoding="utf-8") as file:
                found = convert(json.load(file))
            os.utime(path)  # The entries that were used last stay.
        except (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        return found

    def keep(self, key: str, outcome: Outcome) -> None:
        """Keep an outcome, unless it is too large or the folder cannot be written; remove the oldest entries."""
        if len(outcome.findings) + len(outcome.suppressed) > MAX_FINDINGS:
            return
        self._write(key, _write_outcome(outcome))

    def _write(self, name: str, value: Any) -> None:
        with contextlib.suppress(OSError, CannotRunError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            text = json.dumps(value, separators=(",", ":"))
            with open_atomically(self._path(name)) as out:
                out.write(gzip.compress(text.encode(), compresslevel=1, mtime=0))
            self._remove_oldest()

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}{_SUFFIX}"

    def _remove_oldest(self) -> None:
        with os.scandir(self._folder) as entries:
            states = [(each.stat(), each.path) for each in entries if each.name.endswith(_SUFFIX)]
        size = sum(state.st_size for state, _ in states)
        for state, path in sorted(states, key=lambda each: (each[0].st_mtime_ns, each[1])):
            if size <= self._limit:
                return
            size -= state.st_size
            with contextlib.suppress(FileNotFoundError):  # Another run removed it.
                os.unlink(path)


def _name_clean(here: Path, request: Request) -> str:
    return f"clean-{digest([str(here), request.root])}"


def _write_outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "findings": [_write_finding(each) for each in outcome.findings],
        "rules": [vars(rule) for rule in outcome.rules.values()],
        "files": sorted(outcome.files),
        "complete": outcome.complete,
        "failures": list(outcome.failures),
        "notes": list(outcome.notes),
        "suppressed": [_write_finding(each) for each in outcome.suppressed],
    }


def _write_finding(finding: Diagnostic) -> dict[str, Any]:
    """The fields of a finding that have not their default."""
    found = {name: value for name, value in vars(finding).items() if value != _DEFAULTS[name]}
    if finding.details:
        found["details"] = [_write_finding(each) for each in finding.details]
    if finding.related:
        found["related"] = [vars(each) for each in finding.related]
    return found


def _read_outcome(value: Mapping[str, Any]) -> Outcome:
    rules = [_read_rule(each) for each in value["rules"]]
    return Outcome(
        [_read_finding(each) for each in value["findings"]],
        {rule.name: rule for rule in rules},
        frozenset(value["files"]),
        value["complete"],
        value["failures"],
        value["notes"],
        [_read_finding(each) for each in value["suppressed"]],
    )


def _read_rule(value: Mapping[str, Any]) -> Rule:
    known = {**value, "severity": Severity(value["severity"])}
    return Rule(**known | {name: _pairs(value[name]) for name in ("wrong", "right")})


def _read_finding(value: Mapping[str, Any]) -> Diagnostic:
    known = {**value, "severity": Severity(value["severity"])}
    if "terms" in value:
        known["terms"] = tuple(value["terms"])
    if "details" in value:
        known["details"] = tuple(_read_finding(each) for each in value["details"])
    if "related" in value:
        known["related"] = tuple(Related(**each) for each in value["related"])
    if "merged" in value:
        known["merged"] = _pairs(value["merged"])
    return Diagnostic(**known)


def _pairs(values: Iterable[Iterable[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((first, second) for first, second in values)
