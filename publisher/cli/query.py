"""The query command: reads the query, runs it, and writes the answer in the chosen format."""

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import click

from publisher.atomic_write import open_atomically
from publisher.cli.options import choose_root, release_option, root_option, say
from publisher.dataset.files import read_bounded
from publisher.dataset.repository import read_names
from publisher.errors import (
    CannotRunError,
    MalformedError,
    NotAcceptableError,
    QuerySyntaxError,
)
from publisher.formats import GRAPHS, RESULTS, RESULTS_CSV, RESULTS_JSON, TURTLE
from publisher.settings import Settings
from publisher.sparql.engine import Answer, Query, QueryEngine
from publisher.sparql.protocol import check_length

TABLE: Final = "table"
QUERY_FORMATS: Final = (TABLE, *dict.fromkeys(form.name for form in (*RESULTS, *GRAPHS)))

REGISTERED_SUFFIXES: Final = {".srj": "json", ".srx": "xml"}
"""Further suffixes that are registered for result formats (SPARQL 1.1 Query Results JSON Format, section 6; SPARQL
Query Results XML Format, section 6) -> the names of the formats."""

_POSITION: Final = re.compile(r"Line \d+, column \d+: ")


@click.command()
@click.argument("query", default="-", metavar="[FILE|-|QUERY]")
@click.option(
    "--format",
    "format_",
    type=click.Choice(QUERY_FORMATS),
    help="Format of the answer [default: by the suffix of --output; else table on a terminal and csv elsewhere for"
    " rows, turtle for graphs].",
)
@click.option("--endpoint", metavar="URL", help="Query this SPARQL endpoint instead of the local data.")
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the answer to this file, as a whole or not at all.",
)
@root_option
@release_option
def query(
    query: str, format_: str | None, endpoint: str | None, output: Path | None, root: str | None, version: str
) -> None:
    """Run a SPARQL query on the local data or on an endpoint.

    QUERY is the name of a file, - for standard input, or the query itself.

    Known prefixes need no declaration. The limits in the server's settings apply.

    Exit code 0: answered, even if the result is empty; 2: refused, over a limit, or could not run.
    """
    if endpoint and version:
        raise click.UsageError("--release is of the local data: an endpoint of a release has an address of its own.")
    settings = Settings.read().check().having(root=str(choose_root(root)))
    if query == "-" and sys.stdin.isatty():
        say("Reading the query from the terminal; end it with Ctrl-D.")
    asked = read_query(query, sys.stdin.buffer)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    wanted = choose_form(format_, output, terminal=width is not None)
    source = find_source(endpoint, settings, version)
    if source.release:
        say(f"Release: {source.release}")
    try:
        answer = run_query(source, asked, wanted, settings)
        for hint in answer.hints:
            say(f"Hint: {hint}")
        deliver(answer, wanted, source.prefixes, output, width)
    finally:
        source.engine.close()


@dataclass(frozen=True)
class QueryText:
    """A query as it was written. place: its name in error messages: a file, `stdin` or `query`."""

    place: str
    text: str


@dataclass(frozen=True)
class Source:
    """Where a query runs. prefixes: prefix -> namespace, declared for queries that use them undeclared, and used to
    show IRIs. release: of the local data, empty for an endpoint."""

    engine: QueryEngine
    prefixes: Mapping[str, str]
    release: str = ""


@dataclass(frozen=True)
class Form:
    """The form of an answer. results and graph: the media type for either kind of answer, None where the format cannot
    hold that kind. table: whether rows are printed as a table for people."""

    results: str | None
    graph: str | None
    table: bool = False


def read_query(given: str, stdin: BinaryIO) -> QueryText:
    """Return the query that an argument gives: the name of a file, `-` for standard input, or the query itself.

    Raises CannotRunError if it is none of these, MalformedError if the text is not UTF-8.
    """
    if given == "-":
        return QueryText("stdin", _decode("stdin", read_bounded(stdin, "stdin")))
    if os.path.isfile(given):  # Unlike Path.is_file it accepts text of any length.
        return QueryText(given, _decode(given, _read_bytes(given)))
    if re.search(r"[\s{]", given):
        return QueryText("query", _decode("query", os.fsencode(given)))  # The bytes of the command line.
    raise CannotRunError(f"{given!r} is neither an existing file nor a query (a query contains a space or a brace).")


def _read_bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return read_bounded(file, path)
    except OSError as error:
        raise CannotRunError(f"{path}: {error.strerror}.") from error


def _decode(place: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedError(f"{place}: invalid UTF-8 at byte {error.start}.") from error


def choose_form(name: str | None, output: Path | None, *, terminal: bool) -> Form:
    """The form of the answer: the format of this name, else that of the output file's suffix,
    else the default for a terminal (a table, or Turtle) or for programs (CSV, or Turtle). Raises CannotRunError on an
    unknown suffix."""
    if name is None and output is not None and output.suffix:
        name = _format_of(output)
    if name is None:
        rows = RESULTS_JSON if terminal and output is None else RESULTS_CSV
        return Form(rows.media_type, TURTLE.media_type, table=rows is RESULTS_JSON)
    if name == TABLE:
        return Form(RESULTS_JSON.media_type, None, table=True)
    results = next((f.media_type for f in RESULTS if f.name == name), None)
    return Form(results, next((f.media_type for f in GRAPHS if f.name == name), None))


def _format_of(output: Path) -> str:
    """The name of the format that a file's suffix stands for. Raises CannotRunError where there is none."""
    names = {f".{form.suffix}": form.name for form in (*RESULTS, *GRAPHS)} | REGISTERED_SUFFIXES
    if output.suffix.lower() not in names:
        known = ", ".join(names)
        raise CannotRunError(f"{output}: no format has the suffix {output.suffix}. Use --format, or one of {known}.")
    return names[output.suffix.lower()]


def find_source(url: str | None, settings: Settings, version: str = "") -> Source:
    """The endpoint at a URL, or the data of the settings' root. version: of a frozen release of it.

    Raises as `store.open_store`, `Archive.compile` or `Remote` does.
    """
    from publisher.release.archive import Archive
    from publisher.release.store import limits, open_store
    from publisher.sparql.http_client import Access
    from publisher.sparql.remote import Remote

    if url:
        prefixes = read_names(Path(settings.root)).prefixes
        return Source(Remote(Access(url, settings.proxy), prefixes, limits(settings)), prefixes)
    place = Archive(Path(settings.root), settings.store_folder()).compile(version) if version else None
    store = open_store(settings.having(query_workers=1, uncontained_queries=1), place)
    return Source(store.engine, store.index.names.prefixes, store.release)


def run_query(source: Source, asked: QueryText, wanted: Form, settings: Settings) -> Answer:
    """Return the complete answer. Raises a PublisherError with the reason if there is none; a syntax error shows the
    line."""
    from publisher.release.store import limits

    used = {prefix: space for prefix, space in source.prefixes.items() if _needs_prefix(asked.text, prefix)}
    declared = "".join(f"PREFIX {prefix}: <{space}>\n" for prefix, space in used.items())
    check_length(len(asked.text.encode()), limits(settings).length)
    try:
        return source.engine.ask(Query(declared + asked.text, wanted.results, wanted.graph))
    except QuerySyntaxError as problem:
        raise _locate(problem, asked.place, len(used)) from problem
    except NotAcceptableError as problem:
        raise NotAcceptableError(f"{problem.detail} Choose another --format.") from problem


def _needs_prefix(text: str, prefix: str) -> bool:
    """Whether a query may use a prefix that it does not declare; an unused declaration does no harm."""
    name = re.escape(prefix)
    used = re.search(rf"(?<![\w.-]){name}:", text)
    return bool(used) and not re.search(rf"\bPREFIX\s+{name}:", text, re.IGNORECASE)


def _locate(problem: QuerySyntaxError, place: str, added: int) -> QuerySyntaxError:
    """Return the problem with its location in the original text, the line and a caret. added: number of lines
    prepended."""
    line, column, text = (problem.members.get(name) for name in ("line", "column", "text"))
    if not isinstance(line, int) or not isinstance(column, int) or line <= added:
        return problem
    reason = _POSITION.sub("", problem.detail, count=1)
    detail = f"{place}:{line - added}:{column}: {reason}"
    if isinstance(text, str) and text:
        indent = "".join(c if c == "\t" else " " for c in text[: column - 1])
        detail += f"\n  {text}\n  {indent}^"
    return QuerySyntaxError(detail, **(problem.members | {"line": line - added}))


def deliver(answer: Answer, wanted: Form, prefixes: Mapping[str, str], output: Path | None, width: int | None) -> None:
    """Write an answer to a file, as a whole or not at all, or to standard output.

    width: columns of the terminal, None where there is no terminal.
    """
    with answer.body as body:
        pieces = _lay_out(body, prefixes, width) if wanted.table and answer.kind == "results" else answer.pieces()
        if output is None:
            _to_stdout(pieces, terminal=width is not None)
        else:
            with open_atomically(output) as file:
                file.writelines(pieces)


def _lay_out(body: BinaryIO, prefixes: Mapping[str, str], width: int | None) -> Iterator[bytes]:
    from publisher.cli.table import render_lines

    return (f"{line}\n".encode() for line in render_lines(body, prefixes, width))


def _to_stdout(pieces: Iterator[bytes], *, terminal: bool) -> None:
    """Write to standard output. A reader that closes it early, such as `head`, is not an error."""
    out, last = sys.stdout.buffer, b"\n"
    try:
        for last in pieces:
            out.write(last)
        if terminal and not last.endswith(b"\n"):
            out.write(b"\n")
        out.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Discards what is still buffered.
