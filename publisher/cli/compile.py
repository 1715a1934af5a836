"""The compile command: makes the release that `serve` opens."""

import os
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Final

import click

from publisher.cli.options import choose_root, collect_rarely, print_raw, release_option, root_option, say
from publisher.cli.progress import Bar
from publisher.dataset.repository import read_repository
from publisher.diagnostic import Severity, UnreadableFilesError
from publisher.errors import PublisherError
from publisher.platform_support import lower_priority
from publisher.settings import Settings

NICENESS: Final = 10
"""How much a compilation beside a server yields to it (nice(2))."""


@click.command("compile")
@root_option
@release_option
@click.option("--validate", is_flag=True, help="Refuse a graph that violates a shape.")
@click.option("--beside-server", is_flag=True, hidden=True, help="Yield to a server; end with standard input.")
def compile_(root: str | None, version: str, validate: bool, beside_server: bool) -> None:
    """Compile the release of a root, and print its folder; nothing is done if it is compiled already.

    `serve` does the same at its start; a release that is compiled before lets it start at once.
    """
    settings = Settings.read().check()
    folder = choose_root(root)
    if beside_server:
        lower_priority(NICENESS)
        threading.Thread(target=_end_with_input, daemon=True).start()
    collect_rarely()
    if validate:
        reject_violations(folder)
    place = compile_with_progress(folder, settings, version)
    print_raw(f"{place}\n")


def reject_violations(root: Path) -> None:
    """Raise UnreadableFilesError where the graph of a root violates a shape."""
    from publisher.validation import context, validator

    findings = validator.validate(context.of_repository(read_repository(root), tidy=False))
    violations = [finding for finding in findings if finding.severity is Severity.VIOLATION]
    if violations:
        raise UnreadableFilesError(violations)


def _end_with_input() -> None:
    """End this process when its standard input does: the server that started it has ended."""
    while os.read(sys.stdin.fileno(), 1):  # Not through its buffer, which would be locked at a regular exit.
        pass
    os._exit(PublisherError.exit_code)


def compile_with_progress(root: Path, settings: Settings, version: str = "") -> Path:
    """Compile the release of a root, with a progress bar on a terminal, print its identifier, and return its folder.

    version: of a frozen release; the current state if empty.
    """
    from publisher.release import archive, compiler, index

    with Bar(sys.stderr) as bar:
        if version:
            place = archive.Archive(root, settings.store_folder()).compile(version, bar)
        else:
            place = compiler.compile_release(root, settings.store_folder(), bar, settings.download_statements)
    with closing(index.Index(place)) as opened:
        say(f"Release: {opened.release}")
    return place
