"""The options of the validate command."""

from collections.abc import Callable
from datetime import date, datetime
from functools import reduce
from typing import Any, Final

import click
import pyoxigraph as ox

from publisher.cli.options import config_option, no_config_option, root_option
from publisher.diagnostic import Severity
from publisher.reports.output_formats import RENDERERS
from publisher.reports.report import MAX_PER_RULE
from publisher.validation.engines.selection import AUTO, CHOICES
from publisher.validation.inputs import RDF_FORMATS


def _severity(context: click.Context, option: click.Parameter, name: str) -> Severity:
    return Severity[name.upper()]


def _rdf_format(context: click.Context, option: click.Parameter, name: str) -> ox.RdfFormat:
    return RDF_FORMATS[name]


def _read_formats(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, ox.RdfFormat], ...]:
    found = []
    for value in values:
        pattern, equals, name = value.rpartition("=")
        if not equals or name not in RDF_FORMATS:
            raise click.BadParameter(f"{value!r} is not PATTERN=FORMAT with one of {', '.join(RDF_FORMATS)}.")
        found.append((pattern, RDF_FORMATS[name]))
    return tuple(found)


def _read_contexts(
    context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    found = []
    for value in values:
        address, equals, file = value.rpartition("=")
        if not (address and equals and file):
            raise click.BadParameter(f"{value!r} is not URL=FILE.")
        found.append((address, file))
    return tuple(found)


def _date(context: click.Context, option: click.Parameter, text: str | None) -> date | None:
    """The day that an option names. Raises click.BadParameter where it is not in the calendar, or of another form."""
    if text == "today":
        return date.today()
    try:
        return datetime.strptime(text, "%Y-%m-%d").date() if text else None
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a valid date; write YYYY-MM-DD, such as 2026-01-31.") from None


_LEVELS: Final = [level.name.lower() for level in sorted(Severity, reverse=True)]
_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    root_option,
    config_option,
    no_config_option,
    click.option(
        "--shapes",
        multiple=True,
        metavar="FILE",
        help="Validate against these shapes (file, folder or glob) instead of those of the root; `coalitions` means"
        " those of the root, also for files that use neither its vocabulary nor its base.",
    ),
    click.option(
        "--ontology",
        "ontologies",
        multiple=True,
        metavar="FILE",
        help="Ontology or code list (file, folder or glob) that the shapes may rely on; it is not validated itself.",
    ),
    click.option(
        "--context",
        "contexts",
        multiple=True,
        metavar="URL=FILE",
        callback=_read_contexts,
        help="File with the JSON-LD context at this URL.",
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
        "--strict/--no-strict",
        help="Treat shapes whose targets match no node as violations, and a root without git history as an error.",
    ),
    click.option(
        "--as-of",
        metavar="DATE",
        callback=_date,
        help="Reference date (YYYY-MM-DD, or today): dates of reading or issue after it are violations, and what was"
        " announced for an earlier day is a warning [default: the date of the last commit; today if the root has"
        " uncommitted changes; then nothing that was announced is checked].",
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
    click.option(
        "--allow-broken-shapes/--no-allow-broken-shapes",
        help="Treat broken shapes as warnings and use the others.",
    ),
    click.option("--baseline", metavar="FILE", default="", help="Leave out the known findings that this file lists."),
    click.option("--write-baseline", metavar="FILE", default="", help="Write all findings to this file as known."),
    click.option(
        "--fail-on-stale/--no-fail-on-stale",
        help="Report each finding of the baseline that no longer occurs as a violation.",
    ),
    click.option("--since", metavar="REV", default="", help="Report only findings that are new since this revision."),
    click.option("--select", multiple=True, metavar="RULE", help="Report only this rule."),
    click.option("--ignore", multiple=True, metavar="RULE", help="Do not report this rule."),
    click.option(
        "--exclude",
        multiple=True,
        metavar="PATTERN",
        help="Leave out these files and folders (path, name or glob) of the folders and globs given.",
    ),
    click.option(
        "--statistics", is_flag=True, help="Print the number of findings of each rule instead of the findings."
    ),
    click.option(
        "--fix",
        is_flag=True,
        help="Replace misspelled terms, IRIs and literals where it is certain what is meant; report what is left.",
    ),
    click.option(
        "--diff",
        is_flag=True,
        help="Print what --fix would change instead of the findings; exit with 1 if there is anything.",
    ),
    click.option("--exit-zero", is_flag=True, help="End with exit code 0 even if there are findings."),
    click.option(
        "--max-per-rule",
        type=click.IntRange(0),
        default=MAX_PER_RULE,
        show_default=True,
        help="Maximum number of findings of one rule in one file in the formats text and github; 0 lists all.",
    ),
    click.option("--explain", metavar="RULE", help="Explain a rule and exit."),
    click.option(
        "--jobs",
        type=click.IntRange(0, 256),
        default=0,
        metavar="N",
        help="Number of threads that work at a time; 0 for that of the processors.",
        show_default=True,
    ),
    click.option(
        "--cache/--no-cache",
        "cached",
        default=None,
        help="Take the result from the cache if files, options and software are those of an earlier run [default: yes;"
        " no if the environment variable CI is set].",
    ),
    click.option(
        "--cache-dir",
        metavar="DIR",
        default="",
        help="Folder of the cache [default: ma-coalitions/validation in the user's cache folder].",
    ),
    click.option(
        "--stdin-format",
        type=click.Choice(list(RDF_FORMATS)),
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


def validate_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    return reduce(lambda wrapped, option: option(wrapped), reversed(_OPTIONS), command)
