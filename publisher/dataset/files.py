"""RDF files: reads one file or stream, and locates its statements."""

import gzip
import hashlib
import os
import re
import stat
import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyoxigraph as ox

from publisher.diagnostic import Diagnostic, Severity, UnreadableFilesError
from publisher.errors import BlankNodeError, CannotRunError
from publisher.platform_support import NONBLOCK
from publisher.rdf import jsonld_contexts, parser
from publisher.rdf.html_blocks import extract_json_ld
from publisher.rdf.lines import LINE_END, Lines
from publisher.rdf.pieces import Pieces
from publisher.rdf.source_map import Positions
from publisher.rdf.subject_index import BySubject
from publisher.rdf.terms import group_by_predicate

STDIN_NAME: Final = "<stdin>"
MAX_BYTES: Final = 512 << 20
"""Size limit of one file: reading RDF takes about ten times as much memory."""
MAX_PARSED: Final = 16 << 20
"""Total length of the texts of parsed files that are kept; with their statements they take about ten times as much."""


@dataclass(frozen=True)
class File:
    """One RDF file that was read.

    path: relative to the root, with `/`, or as it was given. triples: of all graphs, in the order of the parser. graph:
    the named graph in which the file is published, empty if none. base: the IRI that relative ones were resolved
    against, empty if none. context: finds the JSON-LD contexts that were known. prefixes: prefix -> namespace, as the
    text declares them. pieces: where the triples are, for Turtle and TriG. parsed: the triples that the parser read,
    if `triples` lacks some that are stated again. page: the web page that the text is from,
    empty if none; both have the same lines.
    """

    path: str
    text: str
    triples: Sequence[ox.Triple]
    graph: str = ""
    format: ox.RdfFormat = ox.RdfFormat.TURTLE
    base: str = ""
    context: jsonld_contexts.Find = field(default=jsonld_contexts.find_none, repr=False, compare=False)
    prefixes: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    pieces: Pieces | None = field(default=None, repr=False, compare=False)
    parsed: Sequence[ox.Triple] | None = field(default=None, repr=False, compare=False)
    page: str = field(default="", repr=False, compare=False)

    @cached_property
    def header_end(self) -> int:
        """The offset at which the comment lines on top end."""
        found = re.match(r"(#[^\r\n]*(\r\n|\r|\n|\Z))*", self.text)
        return found.end() if found else 0

    @property
    def header(self) -> str:
        """The comment lines on top."""
        return "\n".join(line.rstrip() for line in LINE_END.split(self.text[: self.header_end])).rstrip("\n")

    def where(self, triple: ox.Triple, part: int) -> dict[str, Any]:
        """Locate a term of a triple (part: 0, 1 or 2): the fields of a Diagnostic, none if it is not found."""
        place = self.positions.place(triple, part)
        return vars(place) if place else {}

    @cached_property
    def positions(self) -> Positions:
        """The source map."""
        triples = self.triples if self.parsed is None else self.parsed
        return Positions(self.text, self.format, triples, self.base, self.context, self.pieces)

    @cached_property
    def by_predicate(self) -> Mapping[ox.NamedNode, Sequence[ox.Triple]]:
        """Predicate -> the triples with it, in order."""
        return group_by_predicate(self.triples)

    @cached_property
    def by_subject(self) -> BySubject:
        """Subject -> the triples about it, in order."""
        return BySubject(self.triples)

    @cached_property
    def subjects(self) -> frozenset[str]:
        """The IRIs that are subjects of the file."""
        return frozenset(t.subject.value for t in self.triples if isinstance(t.subject, ox.NamedNode))


class ParsedFiles:
    """Files by all that decides what is in them, for runs that follow each other in one process.

    limit: the total length of the texts that are kept; those used last are.
    """

    def __init__(self, limit: int = MAX_PARSED) -> None:
        self._limit = limit
        self._files: OrderedDict[Hashable, File] = OrderedDict()
        self._length = 0

    def find(self, key: Hashable, parse: Callable[[], File]) -> File:
        """Return the file of a key, parsed now if it is not kept. Raises what `parse` raises."""
        if key in self._files:
            self._files.move_to_end(key)
            return self._files[key]
        file = parse()
        self._files[key] = file
        self._length += len(file.text)
        while self._length > self._limit:
            _, oldest = self._files.popitem(last=False)
            self._length -= len(oldest.text)
        return file


FORMATS: Final[Mapping[str, ox.RdfFormat]] = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".turtle": ox.RdfFormat.TURTLE,
    ".shacl": ox.RdfFormat.TURTLE,
    ".n3": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
}
"""Suffix of a file -> its format. Notation3 is read as far as it is Turtle."""
OTHERS: Final[Mapping[str, ox.RdfFormat]] = {
    ".json": ox.RdfFormat.JSON_LD,
    ".xml": ox.RdfFormat.RDF_XML,
    ".txt": ox.RdfFormat.N_TRIPLES,
}
"""Suffixes of files that usually contain something else: such a file is read only if it is named, not when a folder
is."""
PAGES: Final = frozenset({".html", ".htm", ".xhtml"})
"""Suffixes of web pages, whose JSON-LD blocks are read."""
COMPRESSED: Final = ".gz"
"""Suffix that may follow any other."""


def suffix_of(name: str) -> str:
    """Return the suffix of a file that decides on its format, in lower case, without that of compression."""
    return Path(name.lower().removesuffix(COMPRESSED)).suffix


def is_rdf(name: str) -> bool:
    """Return whether the name of a file indicates RDF, or a web page, which may contain it."""
    suffix = suffix_of(name)
    return suffix in FORMATS or suffix in PAGES


def read_file(
    path: Path,
    name: str,
    context: jsonld_contexts.Find = jsonld_contexts.find_none,
    format_: ox.RdfFormat | None = None,
    base: str = "",
    unsaved: str | None = None,
    parsed: ParsedFiles | None = None,
) -> File:
    """Read one RDF file. Raises UnreadableFilesError with the position of the error.

    name: of the file in findings. context: finds the JSON-LD contexts that are known. format_: of the file, instead of
    that of its suffix. base: the IRI that relative ones resolve against; empty if they are errors. unsaved: the text to
    read instead of the stored one. parsed: files that need not be parsed again.
    """
    suffix = suffix_of(path.name)
    wanted = format_ or FORMATS.get(suffix) or OTHERS.get(suffix)
    if wanted is None and suffix not in PAGES:
        known = ", ".join(sorted([*FORMATS, *OTHERS, *PAGES]))
        raise CannotRunError(f"{name}: the suffix {suffix or '(none)'!r} belongs to no supported format ({known}).")
    text = read_text(path, name) if unsaved is None else unsaved
    if wanted is None:
        return _parse_page(text, name, context, base)
    if parsed is None or wanted == ox.RdfFormat.JSON_LD:  # What contexts say is not in the text.
        return parse_text(text, name, wanted, context, base)
    return parsed.find((name, text, wanted, base), lambda: parse_text(text, name, wanted, base=base))


def _parse_page(page: str, name: str, context: jsonld_contexts.Find, base: str) -> File:
    """Parse the JSON-LD blocks of a web page. Raises UnreadableFilesError with the lines of the page."""
    try:
        file = parse_text(extract_json_ld(page), name, ox.RdfFormat.JSON_LD, context, base)
    except UnreadableFilesError as problem:
        raise UnreadableFilesError(quote_lines(problem.diagnostics, page)) from problem
    return replace(file, page=page)


def quote_lines(findings: Iterable[Diagnostic], text: str) -> list[Diagnostic]:
    """Return findings with the lines of a text as their source, if they have one."""
    lines = Lines(text)
    return [
        replace(each, source=lines.source(each.line), details=tuple(quote_lines(each.details, text)))
        if each.line and each.source
        else each
        for each in findings
    ]


def read_stream(
    data: bytes,
    format_: ox.RdfFormat,
    context: jsonld_contexts.Find = jsonld_contexts.find_none,
    base: str = "",
) -> File:
    """Read standard input. Raises UnreadableFilesError with the position of the error."""
    return parse_text(_decode(data, STDIN_NAME), STDIN_NAME, format_, context, base)


def parse_text(
    text: str,
    name: str,
    format_: ox.RdfFormat = ox.RdfFormat.TURTLE,
    context: jsonld_contexts.Find = jsonld_contexts.find_none,
    base: str = "",
) -> File:
    """Parse one RDF text into a File. Raises UnreadableFilesError with the position of the error."""
    found = parser.parse(text, name, format_, _make_stem(name), context, base)
    return File(name, text, found.triples, "", format_, base, context, found.prefixes, found.pieces)


def _make_stem(path: str) -> str:
    """Return the beginning of the labels of blank nodes: stable for a path, and different for every path."""
    return f"b{hashlib.sha256(path.encode()).hexdigest()[:8]}n"


def read_text(path: Path, name: str = "") -> str:
    """Return the text of a file.

    Raises CannotRunError if it cannot be read, and UnreadableFilesError if it is not UTF-8.
    """
    try:
        with open(path, "rb", opener=_open_nonblocking) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise CannotRunError(f"{name or path}: Not a regular file.")
            compressed = path.suffix.lower() == COMPRESSED
            data = (_decompress if compressed else read_bounded)(file, name or str(path))
    except OSError as error:
        raise CannotRunError(f"{name or path}: {error.strerror}.") from error
    return _decode(data, name or str(path))


def read_bounded(stream: BinaryIO, name: str) -> bytes:
    """Return all bytes of a stream. Raises CannotRunError if there are more than `MAX_BYTES`."""
    data = bytearray()
    while piece := stream.read(1 << 20):
        data += piece
        if len(data) > MAX_BYTES:
            raise CannotRunError(f"{name}: The file exceeds the size limit of {MAX_BYTES >> 20} MiB.")
    return bytes(data)


def check_link(path: Path, *folders: Path) -> Path:
    """Return a path. Raises CannotRunError if it is a symbolic link that leads out of all the folders.

    Otherwise anyone who can add a link could make a report quote any file of this computer.
    """
    if path.is_symlink():
        target = os.path.realpath(path)
        if not any(Path(target).is_relative_to(os.path.realpath(folder)) for folder in folders):
            raise CannotRunError(f"{path}: The symbolic link leads out of {folders[0]}.")
    return path


def _decompress(file: BinaryIO, name: str) -> bytes:
    try:
        with gzip.open(file) as unpacked:
            return read_bounded(unpacked, name)  # type: ignore[arg-type]
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise CannotRunError(f"{name}: Not a complete gzip file.") from error


def _open_nonblocking(path: str, flags: int) -> int:
    """Open a file without waiting for the writer of a named pipe."""
    return os.open(path, flags | NONBLOCK)


def _decode(data: bytes, name: str) -> str:
    """Decode UTF-8; a byte order mark and carriage returns are kept."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode()) + 1
        message = f"Invalid UTF-8: byte {data[error.start]:#04x} at offset {error.start}. Save the file as UTF-8."
        raise UnreadableFilesError([Diagnostic("syntax", Severity.VIOLATION, message, name, line, column)]) from error


def report_blank_node(name: str, problem: BlankNodeError) -> Diagnostic:
    """Return the finding for a blank node without a canonical form."""
    message = f"A blank node {problem.detail}"
    return Diagnostic("shared-blank-node", Severity.VIOLATION, message, name, value=str(problem.members["node"]))
