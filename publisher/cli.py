"""Owns the command line: words to one call each, and exit codes (0 done, 1 findings, 2 could not run)."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from publisher import __version__, reports, sources, tidiness
from publisher.problems import CannotRun, Diagnostic, Findings, Problem, Severity, UnreadableFiles
from publisher.settings import Settings
from publisher.sources import File, Repository

QUERY_FORMATS = ("table", "json", "xml", "csv", "tsv", "turtle", "json-ld", "n-triples", "rdf-xml")


def _say(words: str) -> None:
    click.echo(words, err=True)


class _Group(click.Group):
    """Ends with the exit code of the problem met."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Findings as problem:
            click.echo(reports.text(sorted(problem.diagnostics, key=lambda d: d.order)), nl=False)
            sys.exit(problem.exit_code)
        except Problem as problem:
            _say(f"publisher: {problem.detail}")
            sys.exit(problem.exit_code)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="publisher")
def main() -> None:
    """Publish a graph of coalitions as linked data, and check it."""


def _root_option(command: Callable[..., Any]) -> Callable[..., Any]:
    words = "Folder with ontology/, data/ and shapes/ [default: the nearest upward, else the packaged copy]."
    return click.option("--root", metavar="DIR", help=words)(command)


def _root(given: str | None) -> Path:
    """The root folder, said aloud so that a run never passes by reading another copy unnoticed."""
    root = sources.find_root(Settings.read().having(root=given).root)
    _say(f"Root: {root}{' (the packaged copy)' if root == sources.PACKAGED else ''}")
    return root


@main.command()
@click.option("--host", help="Address to listen on [default: 127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 picks a free one [default: 8000].")
@_root_option
@click.option("--public-url", metavar="URL", help="Address under which visitors reach the server.")
@click.option("--validate", is_flag=True, help="Refuse to start on a graph that violates a shape.")
def serve(host: str | None, port: int | None, root: str | None, public_url: str | None, validate: bool) -> None:
    """Serve pages, data and the SPARQL endpoint."""
    from publisher import server, store

    settings = Settings.read().having(host=host, port=port, public_url=public_url)
    settings = settings.having(root=str(_root(root)))
    repository = sources.read(Path(settings.root))
    if validate:
        from publisher import validation

        _refuse(validation.validate(repository, tidy=False))
    store.compile_release(repository, settings.store_folder())
    _say(f"Release: {repository.release}")
    server.run(settings, repository)


def _refuse(findings: Sequence[Diagnostic]) -> None:
    violations = [finding for finding in findings if finding.severity is Severity.VIOLATION]
    if violations:
        raise UnreadableFiles(violations)


@main.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@_root_option
def validate(paths: tuple[str, ...], root: str | None) -> None:
    """Check syntax, tidiness and shapes of the whole root, or of the files given.

    Exit code 0: no violations; 1: violations; 2: could not run.
    """
    folder = _root(root)
    try:
        repository = sources.read(folder)
    except UnreadableFiles as problem:
        raise (
            problem if any(d.file.startswith("shapes/") for d in problem.diagnostics) else _unchecked(problem)
        ) from None
    try:
        given = [file for path in paths for file in _read_given(Path(path), repository)]
    except UnreadableFiles as problem:
        raise _unchecked(problem) from None
    if paths and not given:
        raise CannotRun("No RDF file was found in what was given.")
    findings = _validated(repository, given)
    click.echo(reports.text(findings), nl=False)
    if any(finding.severity is Severity.VIOLATION for finding in findings):
        sys.exit(Findings.exit_code)


def _unchecked(problem: UnreadableFiles) -> Findings:
    """Files of data that do not parse are findings like others, but nothing could be said beyond."""
    _say("The shapes were not checked, since not all files could be read.")
    return Findings(problem.diagnostics)


def _validated(repository: Repository, given: Sequence[File]) -> list[Diagnostic]:
    from publisher import validation

    examples = (
        []
        if given
        else [sources.read_file(path, _name(path, repository.root)) for path in sources.example_files(repository.root)]
    )
    untidy = [finding for file in examples for finding in tidiness.findings(file, repository.names)]
    return validation.validate(repository, given) + untidy


def _read_given(path: Path, repository: Repository) -> list[File]:
    """The RDF files at a path; the repository's own under the name they have there."""
    found = sorted(p for p in path.rglob("*") if p.is_file() and sources.is_rdf(p)) if path.is_dir() else [path]
    return [sources.read_file(p, _name(p, repository.root)) for p in found]


def _name(path: Path, root: Path) -> str:
    """What findings call a file: its place below the root, or what was given."""
    resolved = path.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else path.as_posix()


@main.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@_root_option
@click.option("--check", is_flag=True, help="Change nothing; show the difference and exit 1 if there is any.")
def tidy(paths: tuple[str, ...], root: str | None, check: bool) -> None:
    """Rewrite Turtle files in their one canonical spelling."""
    folder = _root(root)
    repository = sources.read(folder)
    given = [file for path in map(Path, paths) for file in (sorted(path.rglob("*.ttl")) if path.is_dir() else [path])]
    chosen = given if paths else [*sources.turtle_files(folder), *sources.example_files(folder)]
    findings: list[Diagnostic] = []
    changed = 0
    for path in chosen:
        if path.suffix != ".ttl":
            raise CannotRun(f"{path} is no Turtle file (.ttl), and only those have a canonical spelling.")
        file = sources.read_file(path, _name(path, folder))
        difference, lost = _difference(file, repository, findings)
        if not difference or lost:
            continue
        changed += 1
        click.echo(difference, nl=False) if check else _rewrite(path, tidiness.tidied(file, repository.names))
    if findings:
        raise Findings(findings)
    _say(f"{len(chosen)} file(s), {changed} {'to rewrite' if check else 'rewritten'}.")
    if check and changed:
        sys.exit(Findings.exit_code)


def _difference(file: File, repository: Repository, findings: list[Diagnostic]) -> tuple[str, bool]:
    """The diff, and whether rewriting would lose something, in which case a finding says what."""
    lost = [d for d in tidiness.findings(file, repository.names) if d.rule in ("stray-comment", "shared-blank-node")]
    findings += lost
    return ("" if lost else tidiness.difference(file, repository.names)), bool(lost)


def _rewrite(path: Path, text: str) -> None:
    """Replace a file in one step, so that it is never half-written."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as out:
        out.write(text)
    os.chmod(name, path.stat().st_mode)
    os.replace(name, path)


@main.command()
@click.argument("query", default="-", metavar="[FILE|-|QUERY]")
@click.option(
    "--format",
    "format_",
    type=click.Choice(QUERY_FORMATS),
    help="What to answer with [default: table on a terminal, else csv, for rows; turtle for graphs].",
)
@click.option("--endpoint", metavar="URL", help="Ask this SPARQL endpoint rather than the data here.")
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Write the answer there, whole or not.")
@_root_option
def query(query: str, format_: str | None, endpoint: str | None, output: Path | None, root: str | None) -> None:
    """Ask the data a SPARQL query: a file, standard input (-), or the query itself.

    Known prefixes need no declaration. The limits of the server's settings hold here too.

    Exit code 0: answered, whatever the answer; 2: refused, beyond a limit, or could not run.
    """
    from publisher import asking

    settings = Settings.read().having(root=str(_root(root)))
    if query == "-" and sys.stdin.isatty():
        _say("Reading the query from the terminal; Ctrl-D ends it.")
    asked = asking.question(query, sys.stdin.buffer)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    wanted = asking.form(format_, output, terminal=width is not None)
    source = asking.source(endpoint, settings)
    if source.release:
        _say(f"Release: {source.release}")
    try:
        answer = asking.ask(source, asked, wanted, settings)
        asking.deliver(answer, wanted, source.prefixes, output, width)
    finally:
        source.engine.close()
