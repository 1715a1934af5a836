"""The release command: freezes the state of a root as a release."""

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import click

from publisher.cli.options import choose_root, print_raw, root_option, say
from publisher.cli.progress import Bar
from publisher.dataset.history import History
from publisher.dataset.released_iris import read_lists
from publisher.dataset.releases import FOLDER
from publisher.dataset.repository import read_repository
from publisher.diagnostic import FindingsError
from publisher.errors import CannotRunError
from publisher.settings import Settings


@click.command()
@click.argument("version")
@click.option(
    "--date",
    "day",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Date of the release, as YYYY-MM-DD [default: today, UTC].",
)
@click.option(
    "--replace", is_flag=True, help="Write the last release again, if no git tag vVERSION marks it as published."
)
@root_option
def release(version: str, day: datetime | None, replace: bool, root: str | None) -> None:
    """Freeze the state of a root as the release VERSION, in data/releases/VERSION.

    The folder gets the manifest, the list of published IRIs, and the statements that were added and removed since the
    release before. Nothing is written if a published IRI is gone or means something else (`publisher validate`).

    Exit code 0: done; 1: the contract of published IRIs is broken; 2: could not run.
    """
    from publisher.dataset.revisions import is_tagged
    from publisher.release import freezing

    settings = Settings.read().check()
    folder = choose_root(root, whole=True)
    if replace and is_tagged(folder, f"v{version}"):
        raise CannotRunError(f"Release {version} was published: there is a tag v{version}. Choose a higher version.")
    before = freezing.check_version(folder, version, replace=replace)
    _check_contract(folder, [release.version for release in before])
    with Bar(sys.stderr) as bar:
        made = freezing.freeze(folder, version, _date_of(day), settings.store_folder(), bar, replace=replace)
    say(f"Release: {made.id}")
    say(f"{made.counts['added']} statements added, {made.counts['removed']} removed.")
    print_raw(f"{FOLDER}/{made.version}\n")


def _date_of(day: datetime | None) -> date:
    return day.date() if day else datetime.now(UTC).date()


def _check_contract(root: Path, versions: Sequence[str]) -> None:
    """Raise FindingsError if something that one of some releases published is gone or means another thing."""
    from publisher.validation import context
    from publisher.validation.checks import contract

    history = History(released=read_lists(root, versions))
    found = list(contract.check(context.of_repository(read_repository(root), history=history)))
    if found:
        raise FindingsError(found)
