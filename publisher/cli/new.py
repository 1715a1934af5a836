"""The new command: writes the skeleton of a new data set."""

from pathlib import Path
from typing import Final

import click

from publisher.cli.options import say
from publisher.dataset import skeleton

_TITLE: Final = 'Title of the data set, such as "Vermont Coalitions"'
_BASE: Final = "Base of its URIs, an address that ends in a slash"
_LICENSE: Final = f"License of the data ({', '.join(skeleton.LICENSES)}, or an address)"


def _check_folder(_context: click.Context, _parameter: click.Parameter, folder: Path) -> Path:
    """Refuse a folder before the questions, not after them."""
    skeleton.check_folder(folder)
    return folder


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path), callback=_check_folder)
@click.option("--title", prompt=_TITLE, help=f"{_TITLE}.")
@click.option("--base", metavar="URL", prompt=_BASE, help=f"{_BASE}.")
@click.option("--licence", "--license", "license_", metavar="NAME", prompt=_LICENSE, help=f"{_LICENSE}.")
def new(folder: Path, title: str, base: str, license_: str) -> None:
    """Write the skeleton of a data set to DIR.

    The skeleton has example records, a README and a CI workflow.

    Asks for what the options do not state. DIR must not exist, or be empty.
    """
    chosen = skeleton.read_license(license_)
    skeleton.write_skeleton(folder, skeleton.check_title(title), skeleton.check_base(base), chosen)
    if not chosen.name:
        say(f'Add the name of the license to {folder / "data" / "dataset.ttl"}: <{chosen.iri}> rdfs:label "..."@en .')
    say(f"Wrote {folder}. Next: publisher serve --root {folder}, and read {folder / 'README.md'}.")
