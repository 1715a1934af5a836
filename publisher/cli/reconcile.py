"""The reconcile command: a column of names in a CSV file becomes a column of IRIs, without a server."""

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.atomic_write import open_atomically
from publisher.cli.compile import compile_with_progress
from publisher.cli.options import choose_root, print_raw, release_option, root_option, say
from publisher.cli.progress import Bar
from publisher.errors import CannotRunError, MalformedError
from publisher.settings import Settings

if TYPE_CHECKING:
    from publisher.linking import tables


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--column", metavar="NAME", required=True, help="Column with the names.")
@click.option(
    "--type",
    "wanted",
    metavar="TYPE",
    multiple=True,
    help="Type of the records wanted, such as Coalition, Organization or Bill. May be repeated [default: any].",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File to write; it may be FILE itself [default: standard output].",
)
@click.option("--encoding", default="", help="Encoding of FILE [default: by its byte order mark, else utf-8].")
@click.option("--delimiter", default="", help="Delimiter of cells [default: comma, semicolon, tab or |, as fits].")
@root_option
@release_option
def reconcile(
    file: Path,
    column: str,
    wanted: tuple[str, ...],
    output: Path | None,
    encoding: str,
    delimiter: str,
    root: str | None,
    version: str,
) -> None:
    """Add columns to the CSV table FILE: the URI of the record that each name means, its label, a score from 0 to 100,
    and whether it is sure. Check the rows that are not sure.

    Exit code 0: done; 2: could not run, and nothing was written.
    """
    if len(delimiter) > 1:
        raise CannotRunError("--delimiter must be one character; write a tab as $'\\t' in the shell.")
    text, outcome = _match(file, column, wanted, (encoding, delimiter), root, version)
    if output is None:
        print_raw(text)
    else:
        with open_atomically(output) as out:
            out.write(text.encode())
    rows = sum(outcome)
    say(f"{rows} rows: {outcome.sure} sure, {outcome.unsure} to check, {outcome.strangers} without a candidate.")


def _match(
    file: Path, column: str, wanted: tuple[str, ...], form: tuple[str, str], root: str | None, version: str
) -> "tuple[str, tables.Outcome]":
    """The table with its new columns. form: encoding and delimiter, empty if not given."""
    from publisher.linking import tables, types
    from publisher.release import finder, index, lookup

    text = tables.decode(_read(file, tables.MOST), str(file), form[0])
    table = tables.read_table(text, str(file), column, form[1])
    place = compile_with_progress(choose_root(root), Settings.read().check(), version)
    with closing(index.Index(place)) as opened, Bar(sys.stderr) as bar:
        try:
            kinds = types.Types(opened, lookup.StoreLookup(place)).choose(wanted)
        except MalformedError as error:
            raise CannotRunError(f"--type: {error.detail}") from None
        found = finder.Finder(opened.by_name, opened.names)
        return tables.reconcile_table(table, column, found, kinds, lambda done, rows: bar("matching", done, rows))


def _read(file: Path, most: int) -> bytes:
    """The bytes of a file. Raises CannotRunError where there are more than `most`, or it cannot be read."""
    try:
        if file.stat().st_size > most:
            raise CannotRunError(f"{file} exceeds the limit of {most >> 20} MiB.")
        return file.read_bytes()
    except OSError as error:
        raise CannotRunError(f"Cannot read {file}: {error.strerror}.") from error
