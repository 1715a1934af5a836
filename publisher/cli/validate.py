"""The validate command: runs a validation, reports it, and sets the exit code."""

import contextlib
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from publisher.cli.fix import fix_files, show_fixes
from publisher.cli.options import collect_rarely, print_text, say
from publisher.cli.progress import Bar
from publisher.cli.report_targets import Targets, choose_targets, find_targets
from publisher.cli.validate_options import validate_options
from publisher.cli.validate_settings import RunSettings, announce, choose_configuration, read_settings
from publisher.dataset.files import STDIN_NAME, read_bounded
from publisher.diagnostic import FindingsError, UnreadableFilesError
from publisher.errors import INTERRUPTED, CannotRunError
from publisher.reports.renderers import text
from publisher.reports.report import Report
from publisher.validation import inputs, runner
from publisher.validation.fixes import find_fixes
from publisher.validation.result_cache import ResultCache

_GRACE: Final = 2
"""Seconds in which a child process that is interrupted ends."""
SYNTAX: Final = "syntax"
"""The rule about files that cannot be read."""
UNTIMED: Final = "untimed"
"""The object of a context in which --timeout is ignored: the parent process enforces it."""
_ARGUMENTS: Final = "publisher.arguments"


class _Command(click.Command):
    """A command that keeps its original arguments, so that a child process can run it, and that reports errors in the
    formats that they ask for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_ARGUMENTS] = list(args)
        with find_targets(ctx.meta[_ARGUMENTS]).report_failures():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with find_targets(ctx.meta[_ARGUMENTS]).report_failures():
            return super().invoke(ctx)


@click.command(cls=_Command)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@validate_options
@click.pass_context
def validate(
    context: click.Context,
    /,
    formats: tuple[str, ...],
    outputs: tuple[str, ...],
    config: str,
    no_config: bool,
    explain: str | None,
    quiet: bool,
    exit_zero: bool,
    statistics: bool,
    fix: bool,
    diff: bool,
    **options: Any,
) -> None:
    """Validate the configured data, the whole root, or files.

    Checks syntax, formatting, SHACL shapes and SPARQL checks.

    PATH is a file, a folder, a glob, or - for standard input.

    Exit code 0: no finding at or above --fail-on; 1: findings; 2: could not run, or with --strict could not compare
    the root with its history.
    """
    targets = choose_targets(formats, outputs)
    settings = read_settings(context, options, choose_configuration(config, without=no_config))
    if settings.timeout and context.obj != UNTIMED:
        sys.exit(_run_timed(context.meta[_ARGUMENTS], settings.timeout))
    if not quiet:
        announce(settings.configuration)
    with contextlib.chdir(settings.folder), _locating_names(settings):
        request = settings.request(_read_stdin(settings), quiet=quiet)
        if explain is not None:
            print_text(text.explain_rule(runner.explain(explain, request)))
            return
        collect_rarely()
        if diff:
            sys.exit(_show_fixes(request, targets, settings.cache))
        run = partial(_run, cache=settings.cache)
        report = fix_files(request, run) if fix else run(request)
        targets.write(report, settings.max_per_rule)
        targets.show(report, settings.max_per_rule, quiet=quiet, statistics=statistics)
    _end(report, quiet=quiet, exit_zero=exit_zero)


def _run(request: inputs.Request, cache: Path | None) -> Report:
    with Bar(sys.stderr) as bar:
        return runner.run(request, bar, ResultCache(cache) if cache else None)


def _show_fixes(request: inputs.Request, targets: Targets, cache: Path | None) -> int:
    """Print what can be fixed. Returns the exit code."""
    report = _run(request, cache)
    targets.write(report)
    if any(finding.rule == SYNTAX for finding in report.findings):  # Nothing else was checked.
        targets.show(report, 0)
        return CannotRunError.exit_code if report.failures else FindingsError.exit_code
    fixes = find_fixes(request, report.findings)
    show_fixes(fixes, targets.here)
    if report.failures:
        return CannotRunError.exit_code
    return FindingsError.exit_code if fixes.files else 0


def _read_stdin(settings: RunSettings) -> bytes:
    return read_bounded(sys.stdin.buffer, STDIN_NAME) if inputs.STDIN in settings.options["paths"] else b""


@contextlib.contextmanager
def _locating_names(settings: RunSettings) -> Iterator[None]:
    """Say where the configuration names a rule that does not exist."""
    try:
        yield
    except CannotRunError as error:
        rule = error.members.get("rule")
        if rule and (place := settings.configuration.place_of(str(rule))):
            raise CannotRunError(f"{place}{error.detail}") from error
        raise


def _end(report: Report, *, quiet: bool, exit_zero: bool) -> None:
    """End with the exit code of a report, unless it is 0."""
    if report.failures:
        for failure in report.failures if quiet else ():
            say(failure)
        sys.exit(UnreadableFilesError.exit_code)
    if report.failed and not exit_zero:
        sys.exit(FindingsError.exit_code)


def _run_timed(arguments: Sequence[str], timeout: int) -> int:
    """Run this command in a child process, which is killed after `timeout` seconds. Returns the exit code. Raises
    CannotRunError on timeout, and if the process did not end by itself.
    """
    import subprocess

    code = "import sys; from publisher.cli.entry import main; main(sys.argv[2:], 'publisher', obj=sys.argv[1])"
    command = [sys.executable, "-P", "-c", code, UNTIMED, "validate", *arguments]
    with subprocess.Popen(command) as child:
        try:
            ended = child.wait(timeout)
        except subprocess.TimeoutExpired as error:
            child.kill()
            raise CannotRunError(f"Validation exceeded the time limit of {timeout} s (--timeout).") from error
        except KeyboardInterrupt:
            with contextlib.suppress(subprocess.TimeoutExpired):  # A terminal interrupts the child too: it says so.
                return child.wait(_GRACE)
            child.kill()
            raise
    if ended not in (0, FindingsError.exit_code, CannotRunError.exit_code, INTERRUPTED):
        raise CannotRunError(f"The process of the validation ended unexpectedly, with code {ended}.")
    return ended
