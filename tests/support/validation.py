"""Roots that tests validate in process, the findings about them, and the lines that these point at."""

from pathlib import Path

from support import fork_root

from publisher.dataset.repository import Repository, read_repository
from publisher.diagnostic import Diagnostic
from publisher.validation import validator
from publisher.validation.context import of_repository


def read(folder: Path, files: dict[str, str] | None = None) -> Repository:
    """With the shapes of this checkout."""
    return read_repository(fork_root.build(folder, files))


def read_lean(folder: Path, files: dict[str, str] | None = None) -> Repository:
    """With one shape only, where shapes do not matter."""
    return read_repository(fork_root.build(folder, files, lean=True))


def found(repository: Repository, rule: str = "") -> list[Diagnostic]:
    """Findings other than formatting, which most files of these tests do not follow."""
    findings = validator.validate(of_repository(repository, tidy=False))
    return [finding for finding in findings if rule in ("", finding.rule)]


def line_of(repository: Repository, finding: Diagnostic) -> str:
    """The line that a finding points at."""
    [file] = [file for file in repository.files if file.path == finding.file]
    assert finding.line is not None
    return file.text.splitlines()[finding.line - 1]
