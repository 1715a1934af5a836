"""The linkcheck command: asks the addresses that the data cites whether they still answer."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from publisher.cli.options import choose_root, print_text, root_option
from publisher.cli.progress import Bar
from publisher.dataset.repository import read_repository
from publisher.errors import CannotRunError
from publisher.settings import Settings

if TYPE_CHECKING:
    from publisher.linkcheck.checker import Manners
    from publisher.linkcheck.results import Result

FORMATS = ("text", "turtle")


@click.command()
@root_option
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="Of the report [default: text].")
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("linkcheck.jsonl"),
    help="File that keeps the results; a check that was interrupted goes on there [default: linkcheck.jsonl].",
)
@click.option(
    "--max-age", type=click.IntRange(0), default=7, help="Days after which a result is asked for again [default: 7]."
)
@click.option("--limit", type=click.IntRange(1), help="Ask this many addresses at most.")
@click.option("--pause", type=click.FloatRange(0), default=1.0, help="Seconds between requests to a host [default: 1].")
@click.option("--timeout", type=click.FloatRange(0.1), default=20.0, help="Seconds for one answer [default: 20].")
@click.option("--names", is_flag=True, help="Check identifiers too: licenses, mappings to other vocabularies.")
@click.option("--local", is_flag=True, help="Ask hosts that are not public, too.")
@click.option("--verbose", is_flag=True, help="List the addresses that answer, too.")
def linkcheck(
    root: str | None,
    format_: str,
    state: Path,
    max_age: int,
    limit: int | None,
    pause: float,
    timeout: float,
    names: bool,
    local: bool,
    verbose: bool,
) -> None:
    """Ask the addresses that the data cites whether they still answer. Exits with 1 if some do not."""
    from publisher.linkcheck.addresses import find_addresses
    from publisher.linkcheck.checker import Manners
    from publisher.linkcheck.results import BROKEN, describe, read_state, write_text
    from publisher.rdf import turtle

    repository = read_repository(choose_root(root))
    data = [file for file in repository.files if file.path.startswith("data/")]
    citations = find_addresses(data, repository.names.base, names=names)
    known = {address: result for address, result in read_state(state).items() if address in citations}
    since = (datetime.now(UTC) - timedelta(days=max_age)).isoformat(timespec="seconds")
    due = [address for address in citations if address not in known or known[address].time <= since][:limit]
    contact = Settings.read().contact
    name = f"{Manners().name} (+{contact})" if contact else Manners().name
    manners = Manners(name, timeout, pause, local)
    found = [*(known | _ask(due, manners, state)).values()]
    if format_ == "turtle":
        print_text(turtle.write(describe(found, citations), repository.names.prefixes))
    else:
        print_text(write_text(found, citations, verbose=verbose))
    if any(result.verdict in BROKEN for result in found):
        sys.exit(1)


def _ask(due: list[str], manners: "Manners", state: Path) -> dict[str, "Result"]:
    """Ask addresses, and add each result to the file at once."""
    if not due:
        return {}
    try:
        with state.open("a", encoding="utf-8") as file, Bar(sys.stderr) as bar:
            return asyncio.run(_ask_all(due, manners, file, bar))
    except OSError as error:
        raise CannotRunError(f"{state}: {error.strerror}.") from error


async def _ask_all(due: list[str], manners: "Manners", file: TextIO, bar: Bar) -> dict[str, "Result"]:
    from publisher.linkcheck.checker import Checker
    from publisher.linkcheck.results import write_line

    found = {}
    async with Checker(manners) as checker:
        async for result in checker.check_all(due):
            found[result.address] = result
            file.write(write_line(result))
            file.flush()
            bar("asking", len(found), len(due))
    return found
