"""RDF files: reading one file or stream, and where its statements are."""

import hashlib
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from publisher.diagnostic import Diagnostic, Severity, UnreadableFilesError
from publisher.errors import BlankNodeError, CannotRunError
from publisher.platform_support import NONBLOCK
from publisher.rdf import jsonld_contexts, parser
from publisher.rdf.source_map import Positions

STDIN_NAME: Final = "<stdin>"


@dataclass(frozen=True)
class File:
    """One RDF file that was read.

    path: relative to the root, with `/`, or as it was given. triples: in the order of the parser, of whatever graphs.
    graph: the named graph that the file is published in, empty where none.
    """

    path: str
    text: str
    triples: Sequence[ox.Triple]
    graph: str = ""
    format: ox.RdfFormat = ox.RdfFormat.TURTLE

    @cached_property
    def header_end(self) -> int:
        """Where the block of comment lines on top ends, in characters."""
        found = re.match(r"(#[^\r\n]*(\r\n|\r|\n|\Z))*", self.text)
        return found.end() if found else 0

    @property
    def header(self) -> str:
        """The block of comment lines on top."""
        return "\n".join(line.rstrip() for line in re.split(r"\r\n|\r|\n", self.text[: self.header_end])).rstrip("\n")

    def where(self, triple: ox.Triple, part: int) -> dict[str, Any]:
        """The fields of a Diagnostic that say where a term of a triple stands (part: 0, 1 or 2); none if nowhere."""
        place = self.positions.place(triple, part)
        return vars(place) if place else {}

    @cached_property
    def positions(self) -> Positions:
        """Where the statements stand."""
        return Positions(self.text, self.format, self.triples)

    @cached_property
    def subjects(self) -> frozenset[str]:
        """The IRIs that the file makes statements about."""
        return frozenset(t.subject.value for t in self.triples if isinstance(t.subject, ox.NamedNode))


def read_file(path: Path, name: str, context: jsonld_contexts.Find = jsonld_contexts.none) -> File:
    """Read one RDF file. Raises UnreadableFilesError with the position of the mistake.

    name: what findings call it. context: finds the JSON-LD contexts that are at hand.
    """
    extension = path.suffix.lower().lstrip(".").replace("owl", "rdf")
    format_ = ox.RdfFormat.from_extension(extension)
    if format_ is None or format_ == ox.RdfFormat.N3:
        raise CannotRunError(f"{name}: no RDF format that is read here has the extension {path.suffix or '(none)'!r}.")
    return parse_text(read_text(path, name), name, format_, context)


def read_stream(data: bytes, format_: ox.RdfFormat, context: jsonld_contexts.Find = jsonld_contexts.none) -> File:
    """Read what came through standard input. Raises UnreadableFilesError with the position of the mistake."""
    return parse_text(_decoded(data, STDIN_NAME), STDIN_NAME, format_, context)


def parse_text(
    text: str,
    name: str,
    format_: ox.RdfFormat = ox.RdfFormat.TURTLE,
    context: jsonld_contexts.Find = jsonld_contexts.none,
) -> File:
    """Parse one RDF text into a File. Raises UnreadableFilesError with the position of the mistake."""
    return File(name, text, parser.triples(text, name, format_, _stem(name), context), format=format_)


def _stem(path: str) -> str:
    """How the names of a file's blank nodes begin: the same in every process, and never the same in two files."""
    return f"b{hashlib.sha256(path.encode()).hexdigest()[:8]}n"


def read_text(path: Path, name: str = "") -> str:
    """Return the text of a file.

    Raises CannotRunError if it cannot be read, and UnreadableFilesError if it is not UTF-8.
    """
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise CannotRunError(f"{name or path}: It is no file that can be read from start to end.")
            data = file.read()
    except OSError as error:
        raise CannotRunError(f"{name or path}: {error.strerror}.") from error
    return _decoded(data, name or str(path))


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting for a process that writes into a named pipe."""
    return os.open(path, flags | NONBLOCK)


def _decoded(data: bytes, name: str) -> str:
    """UTF-8 only; a byte order mark and carriage returns stay and are for others to find."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode()) + 1
        message = f"is not UTF-8: byte {data[error.start]:#04x} has no meaning here"
        raise UnreadableFilesError([Diagnostic("syntax", Severity.VIOLATION, message, name, line, column)]) from error


def blank_finding(name: str, problem: BlankNodeError) -> Diagnostic:
    """The finding about a blank node that has no one spelling."""
    message = f"A blank node {problem.detail}"
    return Diagnostic("shared-blank-node", Severity.VIOLATION, message, name, value=str(problem.members["node"]))
