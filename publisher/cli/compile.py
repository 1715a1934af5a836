"""The compile command: makes the release that `serve` opens."""

import sys
from contextlib import closing
from pathlib import Path

import click

from publisher.cli.options import choose_root, print_raw, release_option, root_option, say
from publisher.cli.progress import Bar
from publisher.settings import Settings


@click.command("compile")
@root_option
@release_option
def compile_(root: str | None, version: str) -> None:
    """Compile the release of a root, and print its folder; nothing is done if it is compiled already.

    `serve` does the same at its start; a release that is compiled before lets it start at once.
    """
    settings = Settings.read().check()
    folder = choose_root(root)
    place = compile_with_progress(folder, settings, version)
    print_raw(f"{place}\n")


def compile_with_progress(root: Path, settings: Settings, version: str = "") -> Path:
    """Compile the release of a root, with a progress bar on a terminal, print its identifier, and return its folder.

    version: of a frozen release; the current state if empty.
    """
    from publisher.release import archive, compiler, index

    with Bar(sys.stderr) as bar:
        if version:
            place = archive.Archive(root, settings.store_folder()).compile(version, bar)
        else:
            place = compiler.compile_release(root, settings.store_folder(), bar)
    with closing(index.Index(place)) as opened:
        say(f"Release: {opened.release}")
    return place
