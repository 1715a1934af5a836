"""Report targets: where each format of a report is printed or written, also when the run fails."""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import click

from publisher import atomic_write
from publisher.cli.options import describe_error, print_raw, print_text, say
from publisher.diagnostic import Diagnostic, FindingsError
from publisher.errors import CannotRunError, PublisherError
from publisher.reports.output_formats import CAPPED, RENDERERS
from publisher.reports.renderers import markdown, text
from publisher.reports.report import Report
from publisher.settings import Surroundings

_FOR_CI: Final = frozenset({"github", "gitlab", "junit", "sarif"})
"""The formats that CI systems read, which look for files from the top of the repository."""


@dataclass(frozen=True)
class Targets:
    """Where a report goes. printed: the formats on standard output. files: format and file of each report file. here:
    the folder that the command was called in, from which the text report names files."""

    printed: Sequence[str]
    files: Sequence[tuple[str, Path]]
    surroundings: Surroundings
    here: Path

    def write(self, report: Report, max_per_rule: int = 0) -> None:
        """Write a report to files, each in its format, and to the summary of a job's step."""
        for name, path in self.files:
            atomic_write.write(path, self._render(name, report, max_per_rule))
        if self.surroundings.step_summary:
            summary = markdown.render(self._name_from_project(report.cap(max_per_rule)))
            atomic_write.append(Path(self.surroundings.step_summary), summary)

    def show(self, report: Report, max_per_rule: int, *, quiet: bool = False, statistics: bool = False) -> None:
        """Print a report in each format, and its summary to standard error if all formats are for programs."""
        for name in self.printed:
            if name == "text":
                self._show_text(report.cap(0 if statistics else max_per_rule), quiet=quiet, statistics=statistics)
            else:
                print_raw(self._render(name, report, max_per_rule))
        if "text" not in self.printed and not quiet:
            for sentence in report.sentences:
                say(sentence)

    def _show_text(self, report: Report, *, quiet: bool, statistics: bool) -> None:
        render = text.render_statistics if statistics else text.render_findings if quiet else text.render
        named = _name_from(self.here, report)
        colored = sys.stdout.isatty() and not self.surroundings.no_color
        print_text(render(named, _paint) if colored else render(named))

    def _render(self, name: str, report: Report, max_per_rule: int) -> str:
        listed = report.cap(max_per_rule) if name in CAPPED else report
        return RENDERERS[name](self._name_from_project(listed) if name in _FOR_CI else listed)

    def _name_from_project(self, report: Report) -> Report:
        """The report with the names that a CI system knows, in its job: from the top of the repository."""
        project = Path(self.surroundings.project)
        is_inside = project.is_absolute() and Path.cwd().is_relative_to(project)
        return _name_from(project, report) if is_inside else report

    @contextlib.contextmanager
    def report_failures(self) -> Iterator[None]:
        """Report an error that ends the run in every format but text, and raise it again: the command prints it."""
        try:
            yield
        except (click.exceptions.Exit, BrokenPipeError):
            raise
        except (Exception, KeyboardInterrupt) as error:
            findings = error.diagnostics if isinstance(error, FindingsError) else ()
            report = Report(findings, failures=[describe_error(error)])
            with contextlib.suppress(PublisherError):
                self.write(report)
            for name in self.printed:
                if name != "text":
                    print_raw(self._render(name, report, 0))
            raise


def _name_from(folder: Path, report: Report) -> Report:
    """The report with files, of which the names are relative to the working folder, named from another folder."""
    here = Path.cwd()
    if folder == here:
        return report

    def name(file: str) -> str:
        return Path(os.path.relpath(here / file, folder)).as_posix() if file and (here / file).exists() else file

    def rename(finding: Diagnostic) -> Diagnostic:
        related = tuple(replace(place, file=name(place.file)) for place in finding.related)
        return replace(finding, file=name(finding.file), related=related)

    return replace(report, findings=list(map(rename, report.findings)), suppressed=list(map(rename, report.suppressed)))


def choose_targets(formats: Sequence[str], outputs: Sequence[str]) -> Targets:
    """Choose where a report goes. Raises click.UsageError, and CannotRunError."""
    surroundings = Surroundings.read()
    files = [_parse_target(output, formats) for output in outputs]
    written = [name for name, _ in files]
    chosen = formats or (["text", "github"] if surroundings.github_actions else ["text"])
    printed = [name for name in dict.fromkeys(chosen) if name not in written]
    if len(printed) > 1 and set(printed) != {"text", "github"}:
        raise click.UsageError("Only text and github can be printed together; use --output FORMAT=FILE for the others.")
    missing = [path for _, path in files if not path.parent.is_dir()]
    if missing:
        raise CannotRunError(f"Cannot write {missing[0]}: the folder {missing[0].parent} does not exist.")
    return Targets(printed, [(name, path.absolute()) for name, path in files], surroundings, Path.cwd())


def find_targets(arguments: Sequence[str]) -> Targets:
    """Find where a failure is reported, in arguments that may be wrong: as many of the targets as they name."""
    formats = [value for value in _values(arguments, "--format") if value in RENDERERS]
    found: list[tuple[str, Path]] = []
    for output in _values(arguments, "--output"):
        with contextlib.suppress(click.UsageError):
            name, path = _parse_target(output, formats)
            found += [(name, path.absolute())] if path.parent.is_dir() else []
    surroundings = Surroundings.read()
    printed = formats or (["github"] if surroundings.github_actions else [])
    unwritten = [name for name in dict.fromkeys(printed) if name not in dict(found)]
    several = len(unwritten) > 1 and set(unwritten) != {"text", "github"}
    return Targets([] if several else unwritten, found, surroundings, Path.cwd())


def _values(arguments: Sequence[str], option: str) -> Iterator[str]:
    """The values of an option among arguments."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    for number, word in enumerate(options):
        if word == option and number + 1 < len(options):
            yield options[number + 1]
        elif word.startswith(f"{option}="):
            yield word.partition("=")[2]


def _parse_target(output: str, formats: Sequence[str]) -> tuple[str, Path]:
    name, equals, path = output.partition("=")
    if equals and name in RENDERERS:
        return name, Path(path)
    if len(formats) > 1:
        raise click.UsageError(f"There are several formats; give that of {output}: --output FORMAT={output}.")
    return (formats[0] if formats else "text"), Path(output)


def _paint(words: str, color: str) -> str:
    return click.style(words, fg=color, bold=True)
