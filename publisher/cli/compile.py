"""The compile command: makes the release that `serve` opens."""

import sys
from contextlib import closing
from pathlib import Path

import click

from publisher.cli.options import choose_root, print_raw, root_option, say
from publisher.cli.progress import Bar
from publisher.settings import Settings


@click.command("compile")
@root_option
def compile_(root: str | None) -> None:
    """Compile the release of a root, and print its folder; nothing is done if it is compiled already.

    `serve` does the same at its start; a release that is compiled before lets it start at once.
    """
    settings = Settings.read().check()
    folder = choose_root(root)
    place = compile_with_progress(folder, settings)
    print_raw(f"{place}\n")


def compile_with_progress(root: Path, settings: Settings) -> Path:
    """Compile the release of a root, with a progress bar on a terminal, print its identifier, and return its folder."""
    from publisher.release import compiler, index

    with Bar(sys.stderr) as bar:
        place = compiler.compile_release(root, settings.store_folder(), bar)
    with closing(index.Index(place)) as opened:
        say(f"Release: {opened.release}")
    return place
