"""The validate command: its options, the targets of its reports, and the exit code."""

import gc
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import reduce
from pathlib import Path
from typing import Any, Final

import click
import pyoxigraph as ox

from publisher import atomic_write
from publisher.cli.options import choose_root, print_raw, print_text, root_option, say
from publisher.cli.progress import Bar
from publisher.dataset.files import STDIN_NAME, read_bounded
from publisher.diagnostic import FindingsError, Severity, UnreadableFilesError
from publisher.errors import CannotRunError
from publisher.reports.output_formats import CAPPED, RENDERERS
from publisher.reports.renderers import markdown, text
from publisher.reports.report import MAX_PER_RULE, Report
from publisher.settings import Surroundings
from publisher.validation import inputs, runner
from publisher.validation.engines.selection import AUTO, CHOICES

_COLLECT_AFTER: Final = 50_000
"""New objects after which Python searches for reference cycles, by default 700. A run keeps almost all objects until it
ends, and the searches took a third of the CPU time of a run over 100,000 triples of JSON-LD."""


def _severity(context: click.Context, option: click.Parameter, name: str) -> Severity:
    return Severity[name.upper()]


def _rdf_format(context: click.Context, option: click.Parameter, name: str) -> ox.RdfFormat:
    return _STREAMS[name]


def _read_formats(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, ox.RdfFormat], ...]:
    found = []
    for value in values:
        pattern, equals, name = value.rpartition("=")
        if not equals or name not in _STREAMS:
            raise click.BadParameter(f"{value!r} is not PATTERN=FORMAT with one of {', '.join(_STREAMS)}.")
        found.append((pattern, _STREAMS[name]))
    return tuple(found)


def _date(context: click.Context, option: click.Parameter, text: str | None) -> date | None:
    """The day that an option names. Raises click.BadParameter where it is not in the calendar, or of another form."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date() if text else None
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a valid date; write YYYY-MM-DD, such as 2026-01-31.") from None


_STREAMS: Final = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
UNTIMED: Final = "untimed"
"""The object of a context in which --timeout is ignored: the parent process enforces it."""
_OUR_SHAPES: Final = "coalitions"
"""The value of --shapes that means the shapes of the root."""
_ARGUMENTS: Final = "publisher.arguments"
_LEVELS: Final = [level.name.lower() for level in sorted(Severity, reverse=True)]
_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    click.option(
        "--shapes",
        multiple=True,
        metavar="FILE",
        help="Validate against these shapes (file, folder or glob) instead of those of the root; `coalitions` means"
        " those of the root, also for files that use neither its vocabulary nor its base.",
    ),
    click.option(
        "--format",
        "formats",
        multiple=True,
        type=click.Choice(list(RENDERERS)),
        help="Format of the report [default: text; under GitHub Actions also github].",
    ),
    click.option(
        "--output",
        "outputs",
        multiple=True,
        metavar="[FORMAT=]FILE",
        help="Write the report to a file; give the format if there are several.",
    ),
    click.option(
        "--fail-on",
        type=click.Choice(_LEVELS),
        default=_LEVELS[0],
        show_default=True,
        callback=_severity,
        help="Lowest severity that makes the exit code 1.",
    ),
    click.option(
        "--engine",
        type=click.Choice(CHOICES),
        default=AUTO,
        show_default=True,
        help="SHACL engine: `pyshacl`, `fast` (package shacl), or `auto`: fast where it is installed, else pyshacl.",
    ),
    click.option(
        "--strict",
        is_flag=True,
        help="Treat shapes whose targets match no node as violations, and a root without git history as an error.",
    ),
    click.option(
        "--as-of",
        metavar="DATE",
        callback=_date,
        help="Reference date (YYYY-MM-DD): dates of reading or issue after it are violations [default: the date of the"
        " last commit; today if the root has uncommitted changes].",
    ),
    click.option(
        "--timeout",
        metavar="SECONDS",
        type=click.IntRange(0, 86_400),
        default=0,
        help="End the run with exit code 2 after this time; 0 for no limit [default: 0].",
    ),
    click.option(
        "--quiet",
        "-q",
        is_flag=True,
        help="Print findings only: no root, notes, infos or summary. Notes go to standard error if the exit code is 2.",
    ),
    click.option(
        "--base",
        metavar="IRI",
        default="",
        help="Resolve relative IRIs against this IRI [default: the file: IRI of each file].",
    ),
    click.option("--allow-broken-shapes", is_flag=True, help="Treat broken shapes as warnings and use the others."),
    click.option("--baseline", metavar="FILE", default="", help="Leave out the known findings that this file lists."),
    click.option("--write-baseline", metavar="FILE", default="", help="Write all findings to this file as known."),
    click.option("--since", metavar="REV", default="", help="Report only findings that are new since this revision."),
    click.option("--select", multiple=True, metavar="RULE", help="Report only this rule."),
    click.option("--ignore", multiple=True, metavar="RULE", help="Do not report this rule."),
    click.option(
        "--max-per-rule",
        type=click.IntRange(0),
        default=MAX_PER_RULE,
        show_default=True,
        help="Maximum number of findings of one rule in one file in the formats text and github; 0 lists all.",
    ),
    click.option("--explain", metavar="RULE", help="Explain a rule and exit."),
    click.option(
        "--stdin-format",
        type=click.Choice(list(_STREAMS)),
        default="turtle",
        show_default=True,
        callback=_rdf_format,
        help="Format of standard input (PATH `-`).",
    ),
    click.option(
        "--format-of",
        "format_of",
        metavar="PATTERN=FORMAT",
        multiple=True,
        callback=_read_formats,
        help="Format of files with other suffixes, for example '*.json=jsonld'.",
    ),
)


def _validate_options(command: Callable[..., Any]) -> Callable[..., Any]:
    return reduce(lambda wrapped, option: option(wrapped), reversed(_OPTIONS), command)


class _Command(click.Command):
    """A command that keeps its original arguments, so that a child process can run it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_ARGUMENTS] = list(args)
        return super().parse_args(ctx, args)


@click.command(cls=_Command)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@root_option
@_validate_options
@click.pass_context
def validate(
    context: click.Context,
    /,
    formats: tuple[str, ...],
    outputs: tuple[str, ...],
    explain: str | None,
    quiet: bool,
    root: str | None,
    max_per_rule: int,
    timeout: int,
    **asked: Any,
) -> None:
    """Validate the whole root, or files.

    Checks syntax, formatting, SHACL shapes and SPARQL checks.

    PATH is a file, a folder, a glob, or - for standard input.

    Exit code 0: no finding at or above --fail-on; 1: findings; 2: could not run, or with --strict could not compare
    the root with its history.
    """
    if asked["baseline"] and asked["write_baseline"]:
        raise click.UsageError("--baseline and --write-baseline exclude each other.")
    if timeout and context.obj != UNTIMED:
        sys.exit(_run_timed(context.meta[_ARGUMENTS], timeout))
    surroundings = Surroundings.read()
    shown, files = _choose_targets(formats, outputs, surroundings.github_actions)
    stdin = read_bounded(sys.stdin.buffer, STDIN_NAME) if inputs.STDIN in asked["paths"] else b""
    asked |= _choose_shapes(asked["shapes"])
    request = inputs.Request(root="" if asked["shapes"] else str(choose_root(root, quiet=quiet)), stdin=stdin, **asked)
    if explain is not None:
        print_text(text.explain_rule(runner.explain(explain, request)))
        return
    gc.set_threshold(_COLLECT_AFTER)
    with Bar(sys.stderr) as bar:
        report = runner.run(request, bar)
    _write(report, files, surroundings, max_per_rule)
    colored = sys.stdout.isatty() and not surroundings.no_color
    _print(report, shown, max_per_rule, quiet=quiet, colored=colored)
    if report.broken or (request.strict and not report.compared):
        for note in report.notes if quiet else ():
            say(note)
        sys.exit(UnreadableFilesError.exit_code)
    if report.failed:
        sys.exit(FindingsError.exit_code)


def _choose_shapes(given: Sequence[str]) -> dict[str, Any]:
    """The fields of the request that --shapes states. Raises click.UsageError."""
    if _OUR_SHAPES not in given:
        return {"shapes": given}
    if set(given) != {_OUR_SHAPES}:
        raise click.UsageError(
            f"--shapes {_OUR_SHAPES} cannot be combined with other shapes; let these import ours with owl:imports."
        )
    return {"shapes": (), "our_shapes": True}


def _run_timed(arguments: Sequence[str], timeout: int) -> int:
    """Run this command in a child process, which is killed after `timeout` seconds. Returns the exit code. Raises
    CannotRunError on timeout.
    """
    import subprocess

    code = "import sys; from publisher.cli.main import main; main(sys.argv[2:], 'publisher', obj=sys.argv[1])"
    command = [sys.executable, "-P", "-c", code, UNTIMED, "validate", *arguments]
    try:
        return subprocess.run(command, timeout=timeout, check=False).returncode
    except subprocess.TimeoutExpired as error:
        raise CannotRunError(f"Validation exceeded the time limit of {timeout} s (--timeout).") from error


def _choose_targets(
    formats: Sequence[str], outputs: Sequence[str], on_github: bool
) -> tuple[list[str], list[tuple[str, Path]]]:
    """The formats to print, and those to write with their files. Raises click.UsageError, and CannotRunError."""
    files = [_parse_target(output, formats) for output in outputs]
    written = [name for name, _ in files]
    chosen = formats or (["text", "github"] if on_github else ["text"])
    shown = [name for name in dict.fromkeys(chosen) if name not in written]
    if len(shown) > 1 and set(shown) != {"text", "github"}:
        raise click.UsageError("Only text and github can be printed together; use --output FORMAT=FILE for the others.")
    missing = [path for _, path in files if not path.parent.is_dir()]
    if missing:
        raise CannotRunError(f"Cannot write {missing[0]}: the folder {missing[0].parent} does not exist.")
    return shown, files


def _parse_target(output: str, formats: Sequence[str]) -> tuple[str, Path]:
    name, equals, path = output.partition("=")
    if equals and name in RENDERERS:
        return name, Path(path)
    if len(formats) > 1:
        raise click.UsageError(f"There are several formats; give that of {output}: --output FORMAT={output}.")
    return (formats[0] if formats else "text"), Path(output)


def _write(report: Report, files: Sequence[tuple[str, Path]], where: Surroundings, max_per_rule: int) -> None:
    """Write a report to files, each in its format, and to the summary of a job's step."""
    capped = report.cap(max_per_rule)
    for name, path in files:
        atomic_write.write(path, RENDERERS[name](capped if name in CAPPED else report))
    if where.step_summary:
        atomic_write.append(Path(where.step_summary), markdown.render(capped))


def _print(report: Report, formats: Sequence[str], max_per_rule: int, *, quiet: bool, colored: bool) -> None:
    """Print a report in each format, and its summary to standard error if all formats are for programs."""
    capped = report.cap(max_per_rule)
    render = text.render_findings if quiet else text.render
    for name in formats:
        if name == "text":
            print_text(render(capped, _paint) if colored else render(capped))
        else:
            print_raw(RENDERERS[name](capped if name in CAPPED else report))
    if "text" not in formats and not quiet:
        for sentence in report.sentences:
            say(sentence)


def _paint(words: str, color: str) -> str:
    return click.style(words, fg=color, bold=True)
