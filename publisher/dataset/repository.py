"""The repository: finds and reads all files under one root."""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from publisher.dataset.files import File, ParsedFiles, check_link, parse_text, read_file, read_text, report_blank_node
from publisher.dataset.iris import Names
from publisher.diagnostic import Diagnostic, Severity, UnreadableFilesError
from publisher.errors import BlankNodeError, CannotRunError
from publisher.rdf import parser, terms, turtle
from publisher.rdf.canonical_quads import CanonicalQuads
from publisher.rdf.namespaces import SH, VOID

FOLDERS: Final = ("ontology", "data", "shapes")
DATASET_FILE: Final = "data/dataset.ttl"
PREFIXES_FILE: Final = "ontology/prefixes.ttl"
ABOUT_FILE: Final = "data/about.md"
"""A text for the page about the data set, in Markdown; it may be absent."""
CONTEXT_FILE: Final = "ontology/context.jsonld"
CHECKS_FOLDERS: Final = ("shapes/checks", "data/checks")
QUESTIONS_FOLDERS: Final = ("ontology/questions", "data/questions")
SHORTCUTS_FOLDERS: Final = ("ontology/shortcuts", "data/shortcuts")
QUERY_FOLDERS: Final = (CHECKS_FOLDERS, QUESTIONS_FOLDERS, SHORTCUTS_FOLDERS)
"""The folders of queries: shared ones, then those of one data set, which replace files of the same name."""


PACKAGED: Final = Path(__file__).parents[1] / "graph"
CHECKOUT: Final = Path(__file__).parents[2]
"""The folder of ontology/ and shapes/ if the package runs from its source tree."""


BASE: Final = re.compile(r"https?://[^/\s<>\"{}|\\^`]+/([^\s<>\"{}|\\^`]*/)?\Z")
"""Matches the base of a data set, the value of its void:uriSpace."""


@dataclass(frozen=True)
class Repository:
    """The contents of one root folder.

    files: every Turtle file of ontology, data and shapes. checks, questions and shortcuts: the SPARQL checks, the
    competency questions and the queries that derive statements, as (path, text).
    """

    root: Path
    names: Names
    files: Sequence[File]
    context_text: str
    checks: Sequence[tuple[str, str]] = ()
    questions: Sequence[tuple[str, str]] = ()
    shortcuts: Sequence[tuple[str, str]] = ()

    @cached_property
    def context(self) -> Any:
        """The value of the published JSON-LD context."""
        return json.loads(self.context_text)["@context"]

    @cached_property
    def release(self) -> str:
        """The identifier of the release that the files make: the SHA-256, in hexadecimal, of its canonical N-Quads."""
        with CanonicalQuads() as quads:
            for file in self.files:
                quads.add(file.graph, file.triples)
            return quads.digest()

    @property
    def packaged(self) -> bool:
        """Whether this is the copy inside the installed package."""
        return self.root == PACKAGED

    def file_of(self, subject: str) -> File | None:
        """The file that states things about an IRI."""
        return next((file for file in self.files if subject in file.subjects), None)


def find_root(given: str = "", start: Path | None = None) -> Path:
    """The root folder: the one given, else the nearest upward that has data/dataset.ttl, else the packaged copy, or
    the source tree where the package runs from it.

    start: the folder to search upward from; by default the working folder.

    Raises CannotRunError if none of these, or not the one given, has data/dataset.ttl.
    """
    if given:
        folder = Path(given).resolve()
        if not (folder / DATASET_FILE).is_file():
            raise CannotRunError(f"{given} is not a root folder: it has no {DATASET_FILE}.")
        return folder
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, PACKAGED, CHECKOUT):
        if (folder / DATASET_FILE).is_file():
            return folder
    raise CannotRunError(f"No root folder: neither {here} nor a folder above it has {DATASET_FILE}. Use --root.")


def home_of(root: Path, folder: str) -> Path:
    """The root folder that `ontology`, `data` or `shapes` is read from.

    A root needs only data: ontology and shapes come from the software if it has none.
    """
    if folder == "data" or (root / folder).is_dir():
        return root
    return PACKAGED if (PACKAGED / folder).is_dir() else CHECKOUT


def _locate(root: Path, name: str) -> Path:
    """Return the path of a file of a root, by its name below the root."""
    return home_of(root, name.partition("/")[0]) / name


def read_repository(
    root: Path, unsaved: Mapping[str, str] | None = None, parsed: ParsedFiles | None = None
) -> Repository:
    """Read the whole repository under a root folder; ontology and shapes from the software where it has none.

    unsaved: real path of a file -> the text to read instead of the stored one. parsed: files that need not be parsed
    again.
    Raises UnreadableFilesError, with a diagnostic for each file that does not parse, and CannotRunError if a required
    file is missing or incomplete.
    """
    files, diagnostics = [], []
    for name, path in _turtle_paths(root).items():
        try:
            text = unsaved.get(os.path.realpath(path)) if unsaved else None
            files.append(read_file(path, name, unsaved=text, parsed=parsed))
        except UnreadableFilesError as problem:
            diagnostics += problem.diagnostics
    if diagnostics:
        raise UnreadableFilesError(diagnostics)
    names = _names(files)
    assigned = [_assign_graph_once(file, names, parsed) for file in files]
    queries = [_read_queries(root, folders) for folders in QUERY_FOLDERS]
    return Repository(root, names, assigned, read_context(root), *queries)


class Source(NamedTuple):
    """The text of one Turtle file of a root. path: below the root. graph: the named graph in which it is published.
    lines: its statements as N-Triples, in its order. triples: the same where there are blank nodes, else empty."""

    path: str
    graph: str
    text: str
    lines: bytes
    triples: Sequence[ox.Triple]


def stream_files(root: Path, names: Names) -> Iterator[Source]:
    """Read the Turtle files of a root one after the other.

    Raises UnreadableFilesError at the end, with a diagnostic for each file that does not parse, and CannotRunError if
    one cannot be read.
    """
    diagnostics: list[Diagnostic] = []
    for name, path in _turtle_paths(root).items():
        try:
            yield _read_source(path, name, names)
        except UnreadableFilesError as problem:
            diagnostics += problem.diagnostics
    if diagnostics:
        raise UnreadableFilesError(diagnostics)


def _read_source(path: Path, name: str, names: Names) -> Source:
    text = read_text(path, name)
    lines = parser.read_lines(text)
    if lines is not None:
        return Source(name, names.graph(name), text, lines, ())
    file = _assign_graph(parse_text(text, name), names)
    lines = ox.serialize(file.triples, format=ox.RdfFormat.N_TRIPLES) or b""
    return Source(name, file.graph, text, lines, file.triples)


def read_without_data(root: Path, names: Names) -> Repository:
    """Read what a repository has beside graphs: the context and the queries. Raises like `read_repository`."""
    queries = [_read_queries(root, folders) for folders in QUERY_FOLDERS]
    return Repository(root, names, (), read_context(root), *queries)


def source_paths(root: Path) -> dict[str, Path]:
    """Find the files that a release of a root is made of, without the examples of shapes: name below the root -> path.

    Raises CannotRunError where one is a link that leads out of the root.
    """
    queries = [path for folders in QUERY_FOLDERS for path in _query_paths(root, folders).items()]
    single = [name for name in (CONTEXT_FILE, ABOUT_FILE) if name == CONTEXT_FILE or _locate(root, name).is_file()]
    located = {name: check_link(_locate(root, name), root) for name in single}
    return _turtle_paths(root) | dict(queries) | located


def combine_digests(digests: Mapping[str, str]) -> str:
    """Return the digest of a set of files: SHA-256, in hexadecimal, over their sorted paths and digests."""
    lines = sorted(f"{path}\t{digest}\n" for path, digest in digests.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _turtle_paths(root: Path) -> dict[str, Path]:
    """The Turtle files that are read for a root, in order: name below the root -> path."""
    homes = [(folder, home_of(root, folder)) for folder in FOLDERS]
    paths = {
        path.relative_to(home).as_posix(): path for folder, home in homes for path in _find_turtle_files(home, folder)
    }
    return {name: paths[name] for name in sorted(paths, key=Path)}


def read_names(root: Path) -> Names:
    """Return the address scheme and prefixes of a root, from the two files that state them. Raises like
    `read_repository`."""
    return _names([read_file(_locate(root, name), name) for name in (DATASET_FILE, PREFIXES_FILE)])


def _read_queries(root: Path, folders: Sequence[str]) -> list[tuple[str, str]]:
    """The queries in folders of a root as (path, text), by file name."""
    return [(name, read_text(place, name)) for name, place in _query_paths(root, folders).items()]


def _query_paths(root: Path, folders: Sequence[str]) -> dict[str, Path]:
    """The queries in folders of a root, by file name: name below the root -> path."""
    names = {path.name: f"{folder}/{path.name}" for folder in folders for path in _locate(root, folder).glob("*.rq")}
    return {names[name]: check_link(_locate(root, names[name]), root) for name in sorted(names)}


def turtle_files(root: Path) -> list[Path]:
    """The Turtle files in a root folder that are published, in order; examples of shapes are not."""
    return sorted(path for folder in FOLDERS for path in _find_turtle_files(root, folder))


def _find_turtle_files(root: Path, folder: str) -> Iterator[Path]:
    """The Turtle files in a folder of a root and in its folders; of shapes, without the examples."""
    for here, folders, files in os.walk(root / folder):
        if here == str(root / "shapes"):
            folders[:] = [folder for folder in folders if folder != "examples"]
        yield from (check_link(Path(here, name), root) for name in files if name.endswith(".ttl"))


def example_files(root: Path) -> list[Path]:
    """The Turtle files in a root folder that show what shapes accept and refuse."""
    return sorted((root / "shapes" / "examples").rglob("*.ttl"))


def example_paths(root: Path) -> dict[str, Path]:
    """Find the examples of the shapes that a root uses: name below the root -> path."""
    home = home_of(root, "shapes")
    return {path.relative_to(home).as_posix(): path for path in example_files(home)}


def read_examples(root: Path) -> dict[str, str]:
    """Read the examples of the shapes that a root uses: name below the root -> text."""
    return {name: read_text(path, name) for name, path in example_paths(root).items()}


def _names(files: Iterable[File]) -> Names:
    """The addresses, from the two files that state them: the base and the prefixes."""
    by_path = {file.path: file.triples for file in files}
    for needed in (DATASET_FILE, PREFIXES_FILE):
        if needed not in by_path:
            raise CannotRunError(f"{needed} is missing.")
    spaces = terms.values(by_path[DATASET_FILE], VOID + "uriSpace")
    if len(spaces) != 1 or not BASE.match(spaces[0]):
        raise CannotRunError(
            f"{DATASET_FILE} needs exactly one void:uriSpace: an http(s) address that ends in a slash."
        )
    return Names(spaces[0], _read_prefixes(by_path[PREFIXES_FILE]))


def _read_prefixes(triples: Iterable[ox.Triple]) -> dict[str, str]:
    """Read the prefixes from sh:declare (SHACL, section 5.2.1)."""
    found: dict[str, dict[str, str]] = {}
    for triple in triples:
        key = triple.predicate.value.removeprefix(SH)
        if key in ("prefix", "namespace") and isinstance(triple.object, ox.Literal):
            found.setdefault(str(triple.subject), {})[key] = triple.object.value
    return {entry["prefix"]: entry["namespace"] for entry in found.values() if len(entry) == 2}


def _assign_graph_once(file: File, names: Names, parsed: ParsedFiles | None) -> File:
    """Assign the named graph of a file as `_assign_graph` does, unless it is among those that are kept."""
    if parsed is None:
        return _assign_graph(file, names)
    return parsed.find((file.path, file.text, names.graph(file.path)), lambda: _assign_graph(file, names))


def _assign_graph(file: File, names: Names) -> File:
    """Assign the named graph of a file, and remove repeated statements."""
    try:
        if terms.has_blank_nodes(file.triples):
            turtle.require_spelling(file.triples)
    except BlankNodeError as problem:
        raise UnreadableFilesError([report_blank_node(file.path, problem)]) from problem
    triples = list(dict.fromkeys(file.triples))
    parsed = file.triples if len(triples) < len(file.triples) else None
    return replace(file, triples=triples, parsed=parsed, graph=names.graph(file.path))


def read_about(root: Path) -> str:
    """Return the text for the page about the data set; empty if there is none. Raises CannotRunError if unreadable."""
    path = _locate(root, ABOUT_FILE)
    return read_text(check_link(path, root), ABOUT_FILE) if path.is_file() else ""


def read_context(root: Path) -> str:
    """Return the text of the published JSON-LD context after checking it. Raises like `read_repository`."""
    text = read_text(check_link(_locate(root, CONTEXT_FILE), root), CONTEXT_FILE)
    try:
        json.loads(text)["@context"]
    except json.JSONDecodeError as error:
        finding = Diagnostic("syntax", Severity.VIOLATION, error.msg, CONTEXT_FILE, error.lineno, error.colno)
        raise UnreadableFilesError([finding]) from error
    except (KeyError, TypeError) as error:
        raise CannotRunError(f"{CONTEXT_FILE} has no @context.") from error
    return text
