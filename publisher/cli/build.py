"""The build command: writes the site as files."""

import re
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

import click

from publisher.cli.compile import compile_with_progress
from publisher.cli.options import choose_root, print_raw, print_text, release_option, root_option, say
from publisher.cli.progress import Bar
from publisher.diagnostic import FindingsError
from publisher.settings import Settings, cache_folder

LINE: Final = 5000
"""Addresses after which a line tells the progress where there is no terminal."""
_URL: Final = re.compile(r"https?://[\w.-]+(:\d+)?(/[\w.~-]+)*/?", re.ASCII)
"""An address that becomes a part of rules for web servers: of plain characters only."""


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@root_option
@release_option
@click.option(
    "--public-url", metavar="URL", help="Address under which visitors reach the copy [default: the base IRI]."
)
@click.option("--live", metavar="URL", default="", help="Server that answers what the copy cannot: queries and forms.")
@click.option(
    "--past-releases", is_flag=True, help="Write all frozen releases too; each takes as much as the current state."
)
@click.option("--check", is_flag=True, help="Write nothing; compare the files with the manifest of the build.")
def build(
    folder: Path,
    root: str | None,
    version: str,
    public_url: str | None,
    live: str,
    past_releases: bool,
    check: bool,
) -> None:
    """Write the site as files into DIR, for a web server without this program.

    DIR is empty, or holds an earlier build, of which only what changed is written; one of the same release and software
    is only checked. The files are those that `serve`
    sends, byte for byte; DIR/.build has the rules for nginx, and .htaccess those for Apache.

    Exit code 0: done; 1: --check found damage; 2: could not run.
    """
    if check:
        _check(folder)
        return
    if live and not _URL.fullmatch(live):
        raise click.UsageError(f"--live is {live!r}; it must be an http or https URL without a query.")
    # Slow to import: checking does without.
    from publisher.build import static_site
    from publisher.release.store import open_store

    settings = Settings.read().having(public_url=public_url, query_workers=1).check()
    settings = settings.having(root=str(choose_root(root)))
    place = compile_with_progress(Path(settings.root), settings, version)
    with closing(open_store(settings.having(endpoint=""), place)) as store, Bar(sys.stderr, every=LINE) as bar:
        settings = settings.having(endpoint="", public_url=settings.public_url or store.index.names.base).check()
        done = static_site.build(
            settings, store, folder, live.rstrip("/"), bar, past_releases=past_releases, stamps=cache_folder("builds")
        )
    say(f"{done.files} files: {done.written} written, {done.removed} removed.")
    print_raw(f"{folder}\n")


def _check(folder: Path) -> None:
    """Print the files that are missing or damaged; exit with 1 if there are any."""
    from publisher.build.folder import find_damage

    damaged = list(find_damage(folder))
    print_text("".join(f"{path}: missing or changed\n" for path in damaged))
    say(f"{len(damaged)} file(s) differ from the manifest.")
    if damaged:
        sys.exit(FindingsError.exit_code)
