"""The query command: reads the query, asks the engine, and writes the answer in the chosen format."""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from publisher.atomic_write import whole
from publisher.cli.table import render_lines
from publisher.dataset.repository import read_names
from publisher.errors import CannotRun, LimitExceeded, Malformed, NotAcceptable, QuerySyntax, TooSlow
from publisher.formats import GRAPHS, RESULTS, RESULTS_CSV, RESULTS_JSON, TURTLE
from publisher.release.store import limits, open_store
from publisher.settings import Settings
from publisher.sparql.engine import Answer, Query
from publisher.sparql.protocol import check_length
from publisher.sparql.remote import Remote

TABLE: Final = "table"

_POSITION: Final = re.compile(r"Line \d+, column \d+: ")


class Answering(Protocol):
    """What answers: the data here, or an endpoint."""

    def ask(self, query: Query) -> Answer:
        """Answer a query. Raises the Problem that says why not."""

    def close(self) -> None:
        """Let go of processes and files."""


@dataclass(frozen=True)
class Question:
    """What was asked. place: what mistakes in it are called by: its file, or `query`. text: as it was written."""

    place: str
    text: str


@dataclass(frozen=True)
class Source:
    """What is asked. prefixes: prefix -> namespace, in which IRIs are shown. known: those that a query may use without
    declaring them; none at an endpoint, which gets the query as it was written. release: of the data here, else empty.
    """

    engine: Answering
    prefixes: Mapping[str, str]
    known: Mapping[str, str] = field(default_factory=dict)
    release: str = ""


@dataclass(frozen=True)
class Form:
    """What an answer is to look like. results and graph: media types for either kind, None where that kind has no place
    in the format. table: whether rows are laid out for people."""

    results: str | None
    graph: str | None
    table: bool = False


def question(given: str, stdin: BinaryIO) -> Question:
    """The query meant by a word of the command line: the name of a file, `-` for standard input, or the query itself.

    Raises CannotRun where it is none of these, Malformed where the text is not UTF-8.
    """
    if given == "-":
        return Question("stdin", _decoded("stdin", stdin.read()))
    if os.path.isfile(given):  # unlike Path.is_file it takes any text, however long
        return Question(given, _decoded(given, _bytes(given)))
    if re.search(r"[\s{]", given):
        return Question("query", _decoded("query", os.fsencode(given)))  # as bytes came in, whatever they are
    raise CannotRun(f"{given!r} is neither a file here nor a query: a query has a space or a brace.")


def _bytes(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CannotRun(f"{path}: {error.strerror}.") from error


def _decoded(place: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(f"{place} is not UTF-8: byte {error.start} has no meaning there.") from error


def read_form(name: str | None, output: Path | None, *, terminal: bool) -> Form:
    """The form of the answer: the one named, else what the output file's suffix says, else what suits people on a
    terminal (a table, or Turtle) or programs (CSV, or Turtle)."""
    if name is None and output is not None:
        name = next((f.name for f in (*RESULTS, *GRAPHS) if f".{f.suffix}" == output.suffix), None)
    if name is None:
        rows = RESULTS_JSON if terminal and output is None else RESULTS_CSV
        return Form(rows.media_type, TURTLE.media_type, table=rows is RESULTS_JSON)
    if name == TABLE:
        return Form(RESULTS_JSON.media_type, None, table=True)
    results = next((f.media_type for f in RESULTS if f.name == name), None)
    return Form(results, next((f.media_type for f in GRAPHS if f.name == name), None))


def find_source(url: str | None, settings: Settings) -> Source:
    """The endpoint at an address, or the data of the settings' root. Raises as `store.open_store` or `Remote` does."""
    if url:
        prefixes = read_names(Path(settings.root)).prefixes
        return Source(Remote(url, prefixes, limits(settings)), prefixes)
    store = open_store(settings.having(query_workers=1))
    prefixes = store.repository.names.prefixes
    return Source(store.engine, prefixes, prefixes, store.release)


def ask_question(source: Source, asked: Question, wanted: Form, settings: Settings) -> Answer:
    """The whole answer. Raises the Problem that says why there is none; that of a syntax error shows the line."""
    missing = {prefix: namespace for prefix, namespace in source.known.items() if _uses(asked.text, prefix)}
    declared = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in missing.items())
    check_length(len(asked.text.encode()), limits(settings).length)
    try:
        return source.engine.ask(Query(declared + asked.text, wanted.results, wanted.graph))
    except QuerySyntax as problem:
        raise _shown(problem, asked.place, len(missing)) from problem
    except (LimitExceeded, TooSlow) as problem:
        raise type(problem)(f"{problem.title}. {problem.detail}", **problem.members) from problem
    except NotAcceptable as problem:
        raise NotAcceptable(f"{problem.detail} Choose another --format.") from problem


def _uses(text: str, prefix: str) -> bool:
    """Whether a prefix may be used in a query that does not declare it; declaring one too many is no harm."""
    name = re.escape(prefix)
    used = re.search(rf"(?<![\w.-]){name}:", text)
    return bool(used) and not re.search(rf"\bPREFIX\s+{name}:", text, re.IGNORECASE)


def _shown(problem: QuerySyntax, place: str, before: int) -> QuerySyntax:
    """The same problem with its place in the text as it was written, the line and a caret. before: lines put above."""
    line, column, text = (problem.members.get(name) for name in ("line", "column", "text"))
    if not isinstance(line, int) or not isinstance(column, int) or line <= before:
        return problem
    reason = _POSITION.sub("", problem.detail, count=1)
    detail = f"{place}:{line - before}:{column}: {reason}"
    if isinstance(text, str) and text:
        indent = "".join(c if c == "\t" else " " for c in text[: column - 1])
        detail += f"\n  {text}\n  {indent}^"
    return QuerySyntax(detail, **(problem.members | {"line": line - before}))


def deliver(answer: Answer, wanted: Form, prefixes: Mapping[str, str], output: Path | None, width: int | None) -> None:
    """Send an answer to a file, written whole or not at all, or to standard output.

    width: cells of a line on the terminal, None where there is no terminal.
    """
    with answer.body as body:
        pieces = _laid_out(body, prefixes, width) if wanted.table and answer.kind == "results" else answer.pieces()
        if output is None:
            _to_stdout(pieces, terminal=width is not None)
        else:
            with whole(output) as file:
                file.writelines(pieces)


def _laid_out(body: BinaryIO, prefixes: Mapping[str, str], width: int | None) -> Iterator[bytes]:
    return (f"{line}\n".encode() for line in render_lines(body, prefixes, width))


def _to_stdout(pieces: Iterator[bytes], *, terminal: bool) -> None:
    """A reader that has enough, such as `head`, ends the writing; that is no failure."""
    out, last = sys.stdout.buffer, b"\n"
    try:
        for last in pieces:
            out.write(last)
        if terminal and not last.endswith(b"\n"):
            out.write(b"\n")
        out.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered goes nowhere
