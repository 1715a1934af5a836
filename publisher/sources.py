"""Owns the repository's files: finding them, reading them, their syntax, and the retired list."""

import glob
import hashlib
import json
import os
import re
import stat
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from publisher import contexts, syntax, turtle
from publisher.names import DCTERMS, PROV, SH, VOID, Names
from publisher.positions import Positions
from publisher.problems import BlankNodeProblem, CannotRun, Diagnostic, Severity, UnreadableFiles

DATASET: Final = "data/dataset.ttl"
PREFIXES: Final = "ontology/prefixes.ttl"
CONTEXT: Final = "ontology/context.jsonld"
CHECKS: Final = "shapes/checks"
QUESTIONS: Final = "ontology/questions"
RETIRED: Final = "data/retired.ttl"
RDF_SUFFIXES: Final = frozenset({".ttl", ".trig", ".nt", ".nq", ".jsonld", ".rdf", ".owl"})
STDIN: Final = "<stdin>"
PACKAGED: Final = Path(__file__).parent / "graph"


_IMPORTS: Final = ox.NamedNode("http://www.w3.org/2002/07/owl#imports")
_BASE: Final = re.compile(r"https?://[^/\s<>\"{}|\\^`]+/([^\s<>\"{}|\\^`]*/)?\Z")


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


@dataclass(frozen=True)
class Repository:
    """All that was read from one root folder.

    files: every Turtle file of ontology, data and shapes. checks and questions: the SPARQL checks of the shapes and the
    competency questions of the ontology, as (path, text).
    """

    root: Path
    names: Names
    files: Sequence[File]
    context_text: str
    checks: Sequence[tuple[str, str]] = ()
    questions: Sequence[tuple[str, str]] = ()

    @cached_property
    def context(self) -> Any:
        """The value of the published JSON-LD context."""
        return json.loads(self.context_text)["@context"]

    @cached_property
    def release(self) -> str:
        """The identifier of this state of the files: SHA-256, in hexadecimal, over their sorted paths and digests."""
        contents = [
            *((file.path, file.text) for file in self.files),
            *self.checks,
            *self.questions,
            (CONTEXT, self.context_text),
        ]
        lines = sorted(f"{path}\t{hashlib.sha256(text.encode()).hexdigest()}\n" for path, text in contents)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @property
    def packaged(self) -> bool:
        """Whether this is the copy inside the installed package."""
        return self.root == PACKAGED

    def file_of(self, subject: str) -> File | None:
        """The file that states things about an IRI."""
        return next((file for file in self.files if subject in file.subjects), None)


def find_root(given: str = "", start: Path | None = None) -> Path:
    """The root folder: the one given, else the nearest upward that has data/dataset.ttl, else the packaged copy.

    start: where to look upward from; the working folder unless given.

    Raises CannotRun if the folder given, or the packaged copy, has no data/dataset.ttl.
    """
    if given:
        folder = Path(given).resolve()
        if not (folder / DATASET).is_file():
            raise CannotRun(f"{given} has no {DATASET}, so it is no root folder.")
        return folder
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / DATASET).is_file():
            return folder
    if not (PACKAGED / DATASET).is_file():
        raise CannotRun(f"No folder upward from {here} has {DATASET}; name one with --root.")
    return PACKAGED


def read(root: Path) -> Repository:
    """Read the whole repository under a root folder.

    Raises UnreadableFiles, with a diagnostic for each file that does not parse, and CannotRun where a file that
    everything depends on is missing or says nothing.
    """
    paths = turtle_files(root)
    files, diagnostics = [], []
    for path in paths:
        name = path.relative_to(root).as_posix()
        try:
            files.append(read_file(path, name))
        except UnreadableFiles as problem:
            diagnostics += problem.diagnostics
    if diagnostics:
        raise UnreadableFiles(diagnostics)
    names = _names(files)
    placed = [_placed(file, names) for file in files]
    return Repository(root, names, placed, read_context(root), _queries(root, CHECKS), _queries(root, QUESTIONS))


def read_names(root: Path) -> Names:
    """The addresses and prefixes of a root, from the two files that state them. Raises as `read` does."""
    return _names([read_file(root / name, name) for name in (DATASET, PREFIXES)])


def _queries(root: Path, folder: str) -> list[tuple[str, str]]:
    names = [(path.relative_to(root).as_posix(), path) for path in sorted((root / folder).glob("*.rq"))]
    return [(name, _text(path, name)) for name, path in names]


def header_of(path: str, text: str, keys: Sequence[str]) -> dict[str, str]:
    """What the header of a SPARQL file states: its lines `# key: value`. Raises CannotRun where a key is missing."""
    found = dict(re.findall(r"^# (\w+): (.+)$", text, re.MULTILINE))
    missing = [key for key in keys if key not in found]
    if missing:
        raise CannotRun(f"{path}: its header must state a {missing[0]}.")
    return found


def turtle_files(root: Path) -> list[Path]:
    """The Turtle files of a root that are published, in order; examples of shapes are not."""
    found: list[Path] = []
    for top in ("ontology", "data", "shapes"):
        for here, folders, files in os.walk(root / top):
            if here == str(root / "shapes"):
                folders[:] = [folder for folder in folders if folder != "examples"]
            found += (Path(here, name) for name in files if name.endswith(".ttl"))
    return sorted(found)


def example_files(root: Path) -> list[Path]:
    """The Turtle files of a root that show what shapes accept and refuse."""
    return sorted((root / "shapes" / "examples").rglob("*.ttl"))


def is_rdf(path: Path) -> bool:
    """Whether a file's name says that it holds RDF; what ends in .json, .xml or .txt mostly holds something else."""
    return path.suffix.lower() in RDF_SUFFIXES


def find_given(patterns: Sequence[str]) -> list[Path]:
    """The files that were asked for, in the order of the patterns, each once whatever its names.

    patterns: files, folders and globs (`**` for any depth). A file given by its own name is taken whatever it is; in
    folders and globs only what is_rdf() is, hidden files and folders left out. Links are followed, each folder once.
    Raises CannotRun where a pattern leads to no file or a folder cannot be listed.
    """
    found: dict[str, Path] = {}
    for pattern in patterns:
        files = list(_matches(pattern))
        if not files:
            raise CannotRun(f"{pattern}: there is no RDF file ({', '.join(sorted(RDF_SUFFIXES))}).")
        for path in files:
            found.setdefault(os.path.realpath(path), path)
    return list(found.values())


def _matches(pattern: str) -> Iterator[Path]:
    """The files that one pattern leads to."""
    if os.path.isdir(pattern):
        yield from _below(pattern)
    elif os.path.lexists(pattern):
        yield Path(pattern)
    elif glob.has_magic(pattern):
        for name in sorted(glob.glob(pattern, recursive=True)):
            if os.path.isdir(name):
                yield from _below(name)
            elif is_rdf(Path(name)):
                yield Path(name)
    else:
        raise CannotRun(f"{pattern}: No such file or directory.")


def _below(folder: str) -> Iterator[Path]:
    """The RDF files below a folder, hidden ones left out, in order; a folder reached twice by links is read once."""
    entered: set[str] = set()
    for here, folders, files in os.walk(folder, onerror=_unlistable, followlinks=True):
        real = os.path.realpath(here)
        if real in entered:
            folders.clear()
            continue
        entered.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(here, name) for name in sorted(files) if not name.startswith(".") and is_rdf(Path(name)))


def _unlistable(error: OSError) -> None:
    raise CannotRun(f"{error.filename}: {error.strerror}.") from error


def read_file(path: Path, name: str, context: contexts.Find = contexts.none) -> File:
    """Read one RDF file. Raises UnreadableFiles with the position of the mistake.

    name: what findings call it. context: finds the JSON-LD contexts that are at hand.
    """
    extension = path.suffix.lower().lstrip(".").replace("owl", "rdf")
    format_ = ox.RdfFormat.from_extension(extension)
    if format_ is None or format_ == ox.RdfFormat.N3:
        raise CannotRun(f"{name}: no RDF format that is read here has the extension {path.suffix or '(none)'!r}.")
    return parse(_text(path, name), name, format_, context)


def read_stream(data: bytes, format_: ox.RdfFormat, context: contexts.Find = contexts.none) -> File:
    """Read what came through standard input. Raises UnreadableFiles with the position of the mistake."""
    return parse(_decoded(data, STDIN), STDIN, format_, context)


def parse(
    text: str, name: str, format_: ox.RdfFormat = ox.RdfFormat.TURTLE, context: contexts.Find = contexts.none
) -> File:
    """Parse one RDF text into a File. Raises UnreadableFiles with the position of the mistake."""
    return File(name, text, syntax.triples(text, name, format_, _stem(name), context), format=format_)


def findings(
    given: Sequence[File], known: Iterable[File] = (), resolved: Collection[str] = frozenset()
) -> list[Diagnostic]:
    """What is odd about files that could be read: they state nothing, or import what is not there.

    known: further files, in which what is imported may be described. resolved: further IRIs that stand for files at
    hand. Nothing is fetched (OWL 2, section 3.4).
    """
    found = [
        Diagnostic("empty", Severity.WARNING, "The file states nothing, so nothing in it was checked.", file.path, 1, 1)
        for file in given
        if not file.triples
    ]
    naming = (file for file in given if "imports" in file.text)
    imports: list[tuple[File, ox.Triple, Any]]
    imports = [(file, triple, triple.object) for file in naming for triple in file.triples if _is_import(triple)]
    if imports:
        described = {iri.rstrip("#/") for file in (*given, *known) for iri in file.subjects} | set(resolved)
        found += [_unresolved(*each) for each in imports if each[2].value.rstrip("#/") not in described]
    return found


def _is_import(triple: ox.Triple) -> bool:
    return triple.predicate == _IMPORTS and isinstance(triple.object, ox.NamedNode)


def _unresolved(file: File, triple: ox.Triple, imported: Any) -> Diagnostic:
    message = f"{imported} is imported, is in none of the files given, and nothing is fetched: it was left out."
    terms = (str(triple.subject), str(triple.predicate), str(imported))
    return Diagnostic(
        "unresolved-import",
        Severity.WARNING,
        message,
        file.path,
        value=str(imported),
        terms=terms,
        **file.where(triple, 2),
    )


def _stem(path: str) -> str:
    """How the names of a file's blank nodes begin: the same in every process, and never the same in two files."""
    return f"b{hashlib.sha256(path.encode()).hexdigest()[:8]}n"


def _text(path: Path, name: str = "") -> str:
    """The file's text. Raises CannotRun where the file cannot be read, and UnreadableFiles where it is not UTF-8."""
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise CannotRun(f"{name or path}: It is no file that can be read from start to end.")
            data = file.read()
    except OSError as error:
        raise CannotRun(f"{name or path}: {error.strerror}.") from error
    return _decoded(data, name or str(path))


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting for a process that writes into a named pipe."""
    return os.open(path, flags | os.O_NONBLOCK)


def _decoded(data: bytes, name: str) -> str:
    """UTF-8 only; a byte order mark and carriage returns stay and are for others to find."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode()) + 1
        message = f"is not UTF-8: byte {data[error.start]:#04x} has no meaning here"
        raise UnreadableFiles([Diagnostic("syntax", Severity.VIOLATION, message, name, line, column)]) from error


def _names(files: Iterable[File]) -> Names:
    """The addresses, from the two files that state them: the base and the prefixes."""
    by_path = {file.path: file.triples for file in files}
    for needed in (DATASET, PREFIXES):
        if needed not in by_path:
            raise CannotRun(f"{needed} is missing.")
    spaces = turtle.values(by_path[DATASET], VOID + "uriSpace")
    if len(spaces) != 1 or not _BASE.match(spaces[0]):
        raise CannotRun(f"{DATASET} must state one void:uriSpace, an http(s) address that ends in a slash.")
    return Names(spaces[0], _declared(by_path[PREFIXES]))


def _declared(triples: Iterable[ox.Triple]) -> dict[str, str]:
    """prefix -> namespace, from sh:declare (SHACL, section 5.2.1)."""
    found: dict[str, dict[str, str]] = {}
    for triple in triples:
        key = triple.predicate.value.removeprefix(SH)
        if key in ("prefix", "namespace") and isinstance(triple.object, ox.Literal):
            found.setdefault(str(triple.subject), {})[key] = triple.object.value
    return {entry["prefix"]: entry["namespace"] for entry in found.values() if len(entry) == 2}


def _placed(file: File, names: Names) -> File:
    """The file with its named graph, each statement once."""
    try:
        if turtle.has_blank_nodes(file.triples):
            turtle.require_spelling(file.triples)
    except BlankNodeProblem as problem:
        raise UnreadableFiles([blank_finding(file.path, problem)]) from problem
    return replace(file, triples=list(dict.fromkeys(file.triples)), graph=names.graph(file.path))


def blank_finding(name: str, problem: BlankNodeProblem) -> Diagnostic:
    """The finding about a blank node that has no one spelling."""
    message = f"A blank node {problem.detail}"
    return Diagnostic("shared-blank-node", Severity.VIOLATION, message, name, value=str(problem.members["node"]))


def read_context(root: Path) -> str:
    """The text of the published JSON-LD context, once it is known to be one. Raises as `read` does."""
    text = _text(root / CONTEXT, CONTEXT)
    try:
        json.loads(text)["@context"]
    except json.JSONDecodeError as error:
        finding = Diagnostic("syntax", Severity.VIOLATION, error.msg, CONTEXT, error.lineno, error.colno)
        raise UnreadableFiles([finding]) from error
    except (KeyError, TypeError) as error:
        raise CannotRun(f"{CONTEXT} has no @context.") from error
    return text


def retired(repository: Repository) -> tuple[dict[str, str], dict[str, list[ox.Triple]]]:
    """What the retired list says: merged IRI -> its successor, and withdrawn IRI -> the statements of its tombstone."""
    merged: dict[str, str] = {}
    withdrawn: dict[str, list[ox.Triple]] = {}
    triples = [t for file in repository.files if file.path == RETIRED for t in file.triples]
    for node in {triple.subject for triple in triples if isinstance(triple.subject, ox.NamedNode)}:
        stated = [triple for triple in triples if triple.subject == node]
        for successor in turtle.values(stated, DCTERMS + "isReplacedBy"):
            merged[node.value] = successor
        if turtle.values(stated, PROV + "invalidatedAtTime"):
            withdrawn[node.value] = stated
    return merged, withdrawn
