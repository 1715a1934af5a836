"""Validation input: the request for a run, and the files that it reads."""

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatch
from itertools import takewhile
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from publisher.dataset.contexts import Contexts, read_documents
from publisher.dataset.files import (
    COMPRESSED,
    FORMATS,
    STDIN_NAME,
    File,
    ParsedFiles,
    check_link,
    is_rdf,
    read_file,
    read_stream,
)
from publisher.dataset.identifiers import Published
from publisher.dataset.releases import FOLDER
from publisher.dataset.repository import DATASET_FILE
from publisher.diagnostic import Diagnostic, Severity, UnreadableFilesError
from publisher.errors import CannotRunError
from publisher.rdf.jsonld_contexts import Find
from publisher.validation.clean_files import CleanFiles
from publisher.validation.engines.selection import AUTO

RDF_FORMATS: Final = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
"""Name of a format, as users state it -> the format."""

Formats = Sequence[tuple[str, ox.RdfFormat]]
"""Pairs of a glob, for the path or the name of a file, and the format of such files; the first that matches counts."""


def choose_format(path: Path, formats: Formats) -> ox.RdfFormat | None:
    """Return the format that is stated for a file; None where its suffix decides."""
    plain = path.with_suffix("") if path.suffix.lower() == COMPRESSED else path
    names = (path.as_posix(), path.name, plain.as_posix(), plain.name)
    return next((found for pattern, found in formats if any(fnmatch(name, pattern) for name in names)), None)


def matches(path: Path, patterns: Sequence[str]) -> bool:
    """Whether one of the patterns matches a path, or a folder that it is in.

    patterns: paths, names or globs. A pattern without a slash, or that begins with `**/`, matches in any folder; `*`
    stands for any characters, slashes included.
    """
    places = [each.parts for each in (path, *path.parents) if each.name]
    anywhere = {"/".join(parts[start:]) for parts in places for start in range(len(parts))}
    fixed = {"/".join(parts) for parts in places}
    for pattern in patterns:
        core = pattern.removeprefix("./").removeprefix("**/").removesuffix("/**").rstrip("/")
        names = anywhere if pattern.startswith("**/") or "/" not in core else fixed
        if any(fnmatch(name, form) for form in {core, core.replace("/**/", "/")} for name in names):
            return True
    return False


def find_files(patterns: Sequence[str], formats: Formats = (), exclude: Sequence[str] = ()) -> list[Path]:
    """Return the files that match the patterns, in their order, each file once even under several names.

    patterns: files, folders and globs (`**` for any depth). A file given by its own name is taken whatever it is; in
    folders and globs only what is_rdf() is or has a format in `formats`, hidden files and folders left out, and what
    matches `exclude`. Links are followed, each folder once.
    Raises CannotRunError where a pattern leads to no file, a folder cannot be listed, or a link leads out of the folder
    and of the working folder.
    """
    found: dict[str, Path] = {}
    for pattern in patterns:
        files = list(_matches(pattern, formats, exclude))
        if not files:
            raise CannotRunError(f"{pattern}: no RDF file found ({', '.join(sorted(FORMATS))}).")
        for path in files:
            found.setdefault(os.path.realpath(path), path)
    return list(found.values())


def _matches(pattern: str, formats: Formats, exclude: Sequence[str]) -> Iterator[Path]:
    """The files that one pattern leads to."""
    if os.path.isdir(pattern):
        yield from _walk(pattern, formats, exclude)
    elif os.path.lexists(pattern):
        yield Path(pattern)
    elif glob.has_magic(pattern):
        start = Path(*takewhile(lambda part: not glob.has_magic(part), Path(pattern).parts))
        for name in sorted(glob.glob(pattern, recursive=True)):
            if is_frozen(Path(name)):
                continue
            if os.path.isdir(name):
                yield from _walk(name, formats, exclude)
            elif (is_rdf(name) or choose_format(Path(name), formats)) and not is_excluded(Path(name), exclude):
                yield check_link(Path(name), start, Path.cwd())
    else:
        raise CannotRunError(f"{pattern}: No such file or directory.")


def is_frozen(path: Path) -> bool:
    """Whether a path is in the folder of the releases of a root, whose files never change."""
    return any(
        place.parts[-2:] == tuple(FOLDER.split("/")) and (place.parents[1] / DATASET_FILE).exists()
        for place in (path, *path.parents)
    )


def is_excluded(path: Path, exclude: Sequence[str]) -> bool:
    """Whether a path below the working folder is excluded, by its path from there."""
    return bool(exclude) and matches(Path(os.path.relpath(path)), exclude)


def _walk(folder: str, formats: Formats, exclude: Sequence[str]) -> Iterator[Path]:
    """The RDF files below a folder, hidden ones left out, in order; a folder reached twice by links is read once."""
    entered: set[str] = set()
    for here, folders, files in os.walk(folder, onerror=_raise_unlistable, followlinks=True):
        real = os.path.realpath(check_link(Path(here), Path(folder), Path.cwd()))
        if real in entered:
            folders.clear()
            continue
        entered.add(real)
        folders[:] = sorted(name for name in folders if _is_entered(Path(here, name), exclude))
        for path in (Path(here, name) for name in sorted(files) if not name.startswith(".")):
            if (is_rdf(path.name) or choose_format(path, formats)) and not is_excluded(path, exclude):
                yield check_link(path, Path(folder), Path.cwd())


def _is_entered(folder: Path, exclude: Sequence[str]) -> bool:
    """Whether the files of a subfolder are read: not of a hidden one, nor of the releases of a root."""
    return not folder.name.startswith(".") and not is_frozen(folder) and not is_excluded(folder, exclude)


def _raise_unlistable(error: OSError) -> None:
    raise CannotRunError(f"{error.filename}: {error.strerror}.") from error


STDIN: Final = "-"
"""The path that means standard input."""


OUTSIDE: Final = "./"
"""Prefix of the name of a file that is not below the root, so that it never equals that of one of the root's own."""

Progress = Callable[[str, int, int], None]
"""Called with the phase of a run, how many of its steps are done, and how many there are."""


@dataclass(frozen=True)
class Request:
    """The request for a run. paths: files, folders, globs and `-`; none for the whole root. shapes: the same, for
    shapes to check the paths against instead of a root's own. ontologies: the same, for statements that the shapes may
    rely on and that are not validated. contexts: pairs of the address of a JSON-LD context and its file. our_shapes:
    whether the root's shapes also apply to files that do not concern it. root: the folder, empty for the nearest.
    stdin, stdin_format: what `-` stands for. format_of: formats of files whose suffix does not tell. strict,
    allow_broken_shapes, engine: as in `Context`. base: the IRI that relative ones resolve against; empty for that of
    each file. exclude: patterns of what is left out of folders and globs. select, ignore: names of the only rules
    reported, and of rules not reported. per_file_ignores: patterns, each with the rules not reported in the files that
    match. fail_on: the lowest severity that counts. baseline, write_baseline: files of known findings. fail_on_stale:
    whether each that no longer occurs is a violation. since: a revision whose findings are known. as_of: the reference
    date, None for that of the last commit. with_history: whether a root is compared with its earlier states. unsaved:
    real path of a file -> the text to read instead of the stored one. parsed: files that earlier runs of this process
    parsed. clean: checks of files that found nothing in an earlier run. jobs: how many threads may work at a time.
    Empty strings stand for none.
    """

    paths: Sequence[str] = ()
    shapes: Sequence[str] = ()
    ontologies: Sequence[str] = ()
    contexts: Sequence[tuple[str, str]] = ()
    our_shapes: bool = False
    root: str = ""
    stdin: bytes = b""
    stdin_format: ox.RdfFormat = ox.RdfFormat.TURTLE
    format_of: Formats = ()
    strict: bool = False
    allow_broken_shapes: bool = False
    engine: str = AUTO
    base: str = ""
    exclude: Sequence[str] = ()
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    per_file_ignores: Sequence[tuple[str, Sequence[str]]] = ()
    fail_on: Severity = Severity.VIOLATION
    baseline: str = ""
    write_baseline: str = ""
    fail_on_stale: bool = False
    since: str = ""
    as_of: date | None = None
    with_history: bool = True
    unsaved: Mapping[str, str] = field(default_factory=dict, repr=False)
    parsed: ParsedFiles | None = field(default=None, repr=False, compare=False)
    clean: CleanFiles | None = field(default=None, repr=False, compare=False)
    jobs: int = 1

    def reports_on(self, rule: str, file: str) -> bool:
        """Whether the findings of a rule in a file are reported."""
        if (self.select and rule not in self.select) or rule in self.ignore:
            return False
        return not any(rule in rules and matches(Path(file), [pattern]) for pattern, rules in self.per_file_ignores)

    @property
    def named_rules(self) -> list[str]:
        """The names of rules that the request mentions."""
        return [*self.select, *self.ignore, *(rule for _, rules in self.per_file_ignores for rule in rules)]


def declared_prefixes(files: Iterable[File]) -> dict[str, str]:
    """prefix -> namespace, as the files declare them, for spelling terms; the first file counts."""
    found: dict[str, str] = {}
    for file in files:
        found = {**file.prefixes, **found}
    return found


# What is given


def find_contexts(request: Request, published: Published) -> Find:
    """The function that finds JSON-LD contexts. Raises CannotRunError where a file that is given is not one."""
    files = {address: Path(file) for address, file in request.contexts}
    return Contexts(read_documents(files), published.context).find


def read_given(
    request: Request, root: Path | None, here: Path, progress: Progress, context: Find
) -> tuple[list[File], list[Diagnostic]]:
    """The files of the paths and of standard input, and the findings about those that cannot be read."""
    paths = find_files([path for path in request.paths if path != STDIN], request.format_of, request.exclude)
    files, wrong = _read_files(paths, root, here, progress, context, request)
    if STDIN in request.paths:
        try:
            files.append(read_stream(request.stdin, request.stdin_format, context, request.base or folder_iri(here)))
        except UnreadableFilesError as problem:
            wrong += problem.diagnostics
    return files, wrong


def read_shapes(request: Request, here: Path, context: Find) -> list[File]:
    """The files of shapes. Raises UnreadableFilesError where one cannot be read."""
    return _read_all(request.shapes, request, here, context)


def read_ontologies(request: Request, here: Path, context: Find) -> list[File]:
    """The files of ontologies. Raises UnreadableFilesError where one cannot be read."""
    return _read_all(request.ontologies, request, here, context)


def _read_all(patterns: Sequence[str], request: Request, here: Path, context: Find) -> list[File]:
    paths = find_files(patterns, request.format_of, request.exclude)
    files, wrong = _read_files(paths, None, here, lambda *_: None, context, request)
    if wrong:
        raise UnreadableFilesError(wrong)
    return files


def _read_files(
    paths: Sequence[Path], root: Path | None, here: Path, progress: Progress, context: Find, request: Request
) -> tuple[list[File], list[Diagnostic]]:
    files, wrong = [], []
    for number, path in enumerate(paths):
        progress("reading", number, len(paths))
        try:
            files.append(read_reported(path, root, here, request, context))
        except UnreadableFilesError as problem:
            wrong += problem.diagnostics
    return files, wrong


def find_reported(name: str, root: Path | None, here: Path) -> Path | None:
    """The file that a name in a report stands for; None if there is none, or if it could be one of two."""
    paths = [folder / name for folder in (here, root) if folder]
    files = {Path(os.path.realpath(path)): path for path in paths if path.is_file()}
    return next(iter(files.values())) if len(files) == 1 else None


def read_reported(path: Path, root: Path | None, here: Path, request: Request, context: Find) -> File:
    """Read a file as the run of a report does. Raises UnreadableFilesError."""
    base, unsaved = request.base or _file_iri(path, root), request.unsaved.get(os.path.realpath(path))
    name, format_ = _name(path, root, here), choose_format(path, request.format_of)
    return read_file(path, name, context, format_, base, unsaved, request.parsed)


def name_reported(path: Path, root: Path | None, here: Path) -> str:
    """The name of a file in reports."""
    return display_name(_name(path, root, here), root, here)


def _file_iri(path: Path, root: Path | None) -> str:
    """The IRI that relative ones in a file resolve against (RFC 3986, section 5.1.3); none for files of a root, whose
    IRIs are all under its base."""
    resolved = Path(os.path.realpath(path))
    return "" if root and resolved.is_relative_to(root) else path.absolute().as_uri()


def folder_iri(folder: Path) -> str:
    """The IRI of a folder, with a slash at its end."""
    return folder.absolute().as_uri().rstrip("/") + "/"


def _name(path: Path, root: Path | None, here: Path) -> str:
    """Return the name of a file in a run: its path below the root, else relative to the working folder."""
    resolved = Path(os.path.realpath(path))  # Unlike Path.resolve, it accepts links that lead in a circle.
    if root and resolved.is_relative_to(root):
        return resolved.relative_to(root).as_posix()
    path_from_here = _decode_name(Path(os.path.relpath(path.absolute(), here)).as_posix())
    return path_from_here if path_from_here.startswith("../") else OUTSIDE + path_from_here


def _decode_name(name: str) -> str:
    """A name with the bytes that are not UTF-8 replaced, since reports are UTF-8."""
    return os.fsencode(name).decode(errors="replace")


def display_name(name: str, root: Path | None, here: Path) -> str:
    """The name of a file in reports: from the working folder, or, where the root is not below it, from the root."""
    name = _decode_name(name)
    if not name or name.startswith(("../", OUTSIDE, STDIN_NAME)):
        return name.removeprefix(OUTSIDE)
    below = root is not None and root != here.resolve() and root.is_relative_to(here.resolve())
    return f"{root.relative_to(here.resolve()).as_posix()}/{name}" if root and below else name


def matches_any(pattern: str) -> bool:
    """Whether a pattern leads to a file."""
    try:
        return bool(find_files([pattern]))
    except CannotRunError:
        return False
