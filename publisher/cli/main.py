"""The command line: one call per command, and exit codes (0 done, 1 findings, 2 could not run)."""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from functools import reduce
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import click
import pyoxigraph as ox

from publisher import __version__, atomic_write
from publisher.cli.progress import Bar
from publisher.dataset import formatting
from publisher.dataset.files import File, read_file
from publisher.dataset.repository import PACKAGED, Repository, example_files, find_root, read_repository, turtle_files
from publisher.diagnostic import Diagnostic, Findings, Severity, UnreadableFiles
from publisher.errors import CannotRun, Problem
from publisher.reports.fingerprints import steady
from publisher.reports.output_formats import PRINTERS
from publisher.reports.renderers import markdown
from publisher.reports.renderers.text import explain_rule, render_text
from publisher.reports.report import Report
from publisher.settings import Settings, Surroundings
from publisher.validation import inputs, runner

QUERY_FORMATS = ("table", "json", "xml", "csv", "tsv", "turtle", "json-ld", "n-triples", "rdf-xml")


def _say(words: str) -> None:
    click.echo(words, err=True)


def _print(text: str) -> None:
    """Print in UTF-8, whatever the locale, as reports are in files."""
    click.echo(text.encode(), nl=False)


def _deepest(traceback: TracebackType | None) -> str:
    """Where an exception was raised."""
    while traceback and traceback.tb_next:
        traceback = traceback.tb_next
    return f"{Path(traceback.tb_frame.f_code.co_filename).name}, line {traceback.tb_lineno}" if traceback else "?"


class _Group(click.Group):
    """Ends with the exit code of the problem met."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Findings as problem:
            found = steady(sorted(problem.diagnostics, key=lambda finding: finding.order))
            _print(render_text(Report(found)))
            sys.exit(problem.exit_code)
        except Problem as problem:
            _say(f"publisher: {problem.detail}")
            sys.exit(problem.exit_code)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(Problem.exit_code)
        except (KeyboardInterrupt, click.Abort):
            _say("publisher: interrupted.")
            sys.exit(Problem.exit_code)
        except Exception as error:  # A fault of ours must not end with 1, which means findings.
            place = _deepest(error.__traceback__)
            _say(f"publisher: this is a fault of the program, please report it: {error!r} ({place}).")
            sys.exit(Problem.exit_code)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="publisher")
def main() -> None:
    """Publish a graph of coalitions as linked data, and check it."""


def _root_option(command: Callable[..., Any]) -> Callable[..., Any]:
    words = "Folder with ontology/, data/ and shapes/ [default: the nearest upward, else the packaged copy]."
    return click.option("--root", metavar="DIR", help=words)(command)


def _root(given: str | None) -> Path:
    """The root folder, said aloud so that a run never passes by reading another copy unnoticed."""
    root = find_root(Settings.read().having(root=given).root)
    _say(f"Root: {root}{' (the packaged copy)' if root == PACKAGED else ''}")
    return root


@main.command()
@click.option("--host", help="Address to listen on [default: 127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 picks a free one [default: 8000].")
@_root_option
@click.option("--public-url", metavar="URL", help="Address under which visitors reach the server.")
@click.option("--validate", is_flag=True, help="Refuse to start on a graph that violates a shape.")
def serve(host: str | None, port: int | None, root: str | None, public_url: str | None, validate: bool) -> None:
    """Serve pages, data and the SPARQL endpoint."""
    from publisher.release import store
    from publisher.web import server

    settings = Settings.read().having(host=host, port=port, public_url=public_url)
    settings = settings.having(root=str(_root(root)))
    repository = read_repository(Path(settings.root))
    if validate:
        from publisher.validation import validator

        _refuse(validator.validate(repository, tidy=False))
    store.compile_release(repository, settings.store_folder())
    _say(f"Release: {repository.release}")
    server.run(settings, repository)


def _refuse(findings: Sequence[Diagnostic]) -> None:
    violations = [finding for finding in findings if finding.severity is Severity.VIOLATION]
    if violations:
        raise UnreadableFiles(violations)


def _severity(context: click.Context, option: click.Parameter, name: str) -> Severity:
    return Severity[name.upper()]


def _rdf_format(context: click.Context, option: click.Parameter, name: str) -> ox.RdfFormat:
    return _STREAMS[name]


_STREAMS: Final = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
_LEVELS: Final = [level.name.lower() for level in sorted(Severity, reverse=True)]
_VALIDATE_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    click.option("--shapes", multiple=True, metavar="FILE", help="Judge by these shapes (file, folder or glob) alone."),
    click.option(
        "--format",
        "formats",
        multiple=True,
        type=click.Choice(list(PRINTERS)),
        help="Format of the report [default: text; with github under GitHub Actions].",
    ),
    click.option(
        "--output",
        "outputs",
        multiple=True,
        metavar="[FORMAT=]FILE",
        help="Write the report to a file; with several formats, say which.",
    ),
    click.option(
        "--fail-on",
        type=click.Choice(_LEVELS),
        default=_LEVELS[0],
        show_default=True,
        callback=_severity,
        help="Lowest level at which findings make the exit code 1.",
    ),
    click.option(
        "--engine",
        type=click.Choice(["pyshacl", "fast"]),
        default="pyshacl",
        show_default=True,
        help="What judges by shapes: pySHACL, or the package shacl, which finds the same in less time.",
    ),
    click.option("--strict", is_flag=True, help="A shape that looks at nothing is a violation."),
    click.option("--baseline", metavar="FILE", default="", help="Leave out the findings that this file knows."),
    click.option("--write-baseline", metavar="FILE", default="", help="Write all findings to this file as known."),
    click.option("--since", metavar="REV", default="", help="Leave out the findings there were at this git revision."),
    click.option("--select", multiple=True, metavar="RULE", help="Report on this rule only."),
    click.option("--ignore", multiple=True, metavar="RULE", help="Do not report on this rule."),
    click.option("--explain", metavar="RULE", help="Say what a rule means, and check nothing."),
    click.option(
        "--stdin-format",
        type=click.Choice(list(_STREAMS)),
        default="turtle",
        show_default=True,
        callback=_rdf_format,
        help="Format of standard input, which `-` stands for among the files.",
    ),
)


def _validate_options(command: Callable[..., Any]) -> Callable[..., Any]:
    return reduce(lambda wrapped, option: option(wrapped), reversed(_VALIDATE_OPTIONS), command)


@main.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@_root_option
@_validate_options
def validate(
    formats: tuple[str, ...], outputs: tuple[str, ...], explain: str | None, root: str | None, **asked: Any
) -> None:
    """Check syntax, tidiness, shapes and checks of the whole root, or of what is given.

    PATH is a file, a folder, a glob, or - for standard input.

    Exit code 0: nothing that counts was found; 1: findings; 2: could not run.
    """
    if asked["baseline"] and asked["write_baseline"]:
        raise click.UsageError("A baseline is read or written, not both.")
    surroundings = Surroundings.read()
    shown, files = _targets(formats, outputs, surroundings.github_actions)
    stdin = sys.stdin.buffer.read() if inputs.STDIN in asked["paths"] else b""
    request = inputs.Request(root="" if asked["shapes"] else str(_root(root)), stdin=stdin, **asked)
    if explain is not None:
        _print(explain_rule(runner.explained(explain, request)))
        return
    with Bar(sys.stderr) as bar:
        report = runner.run(request, bar)
    _deliver(report, shown, files, surroundings)
    if report.broken or report.failed:
        sys.exit(UnreadableFiles.exit_code if report.broken else Findings.exit_code)


def _targets(
    formats: Sequence[str], outputs: Sequence[str], on_github: bool
) -> tuple[list[str], list[tuple[str, Path]]]:
    """The formats that are printed, and those that are written, with their files. Raises click.UsageError."""
    files = [_target(output, formats) for output in outputs]
    written = [name for name, _ in files]
    chosen = formats or (["text", "github"] if on_github else ["text"])
    shown = [name for name in dict.fromkeys(chosen) if name not in written]
    if len(shown) > 1 and set(shown) != {"text", "github"}:
        raise click.UsageError("Only text and github are printed together; write the others with --output FORMAT=FILE.")
    missing = [path for _, path in files if not path.parent.is_dir()]
    if missing:
        raise CannotRun(f"{missing[0]} cannot be written: there is no folder {missing[0].parent}.")
    return shown, files


def _target(output: str, formats: Sequence[str]) -> tuple[str, Path]:
    name, equals, path = output.partition("=")
    if equals and name in PRINTERS:
        return name, Path(path)
    if len(formats) > 1:
        raise click.UsageError(f"Several formats are asked for; say which is for {output}: --output FORMAT={output}.")
    return (formats[0] if formats else "text"), Path(output)


def _deliver(report: Report, shown: Sequence[str], files: Sequence[tuple[str, Path]], where: Surroundings) -> None:
    """Write and print a report in each format wanted."""
    for name, path in files:
        atomic_write.write(path, PRINTERS[name](report))
    if where.step_summary:
        atomic_write.append(Path(where.step_summary), markdown.render_markdown(report))
    for name in shown:
        coloured = name == "text" and sys.stdout.isatty() and not where.no_color
        _print(render_text(report, _paint) if coloured else PRINTERS[name](report))
    if "text" not in shown:
        for sentence in report.sentences:
            _say(sentence)


def _paint(words: str, colour: str) -> str:
    return click.style(words, fg=colour, bold=True)


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
    repository = read_repository(folder)
    given = [file for path in map(Path, paths) for file in (sorted(path.rglob("*.ttl")) if path.is_dir() else [path])]
    chosen = given if paths else [*turtle_files(folder), *example_files(folder)]
    findings: list[Diagnostic] = []
    changed = 0
    for path in chosen:
        if path.suffix != ".ttl":
            raise CannotRun(f"{path} is no Turtle file (.ttl), and only those have a canonical spelling.")
        file = read_file(path, _name(path, folder))
        difference, lost = _difference(file, repository, findings)
        if not difference or lost:
            continue
        changed += 1
        click.echo(difference, nl=False) if check else atomic_write.write(
            path, formatting.tidied(file, repository.names)
        )
    if findings:
        raise Findings(findings)
    _say(f"{len(chosen)} file(s), {changed} {'to rewrite' if check else 'rewritten'}.")
    if check and changed:
        sys.exit(Findings.exit_code)


def _difference(file: File, repository: Repository, findings: list[Diagnostic]) -> tuple[str, bool]:
    """The diff, and whether rewriting would lose something, in which case a finding says what."""
    lost = [d for d in formatting.findings(file, repository.names) if d.rule in ("stray-comment", "shared-blank-node")]
    findings += lost
    return ("" if lost else formatting.difference(file, repository.names)), bool(lost)


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
    from publisher.cli.query import ask_question, deliver, find_source, question, read_form

    settings = Settings.read().having(root=str(_root(root)))
    if query == "-" and sys.stdin.isatty():
        _say("Reading the query from the terminal; Ctrl-D ends it.")
    asked = question(query, sys.stdin.buffer)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    wanted = read_form(format_, output, terminal=width is not None)
    source = find_source(endpoint, settings)
    if source.release:
        _say(f"Release: {source.release}")
    try:
        answer = ask_question(source, asked, wanted, settings)
        deliver(answer, wanted, source.prefixes, output, width)
    finally:
        source.engine.close()
