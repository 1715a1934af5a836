"""The serve command: compiles the release and runs the server."""

from pathlib import Path

import click

from publisher.cli.compile import compile_with_progress, reject_violations
from publisher.cli.options import choose_root, describe_error, print_text, release_option, root_option, say
from publisher.diagnostic import FindingsError
from publisher.errors import CannotRunError
from publisher.pages.assets import has_editor
from publisher.platform_support import missing_containment
from publisher.reports.renderers import text
from publisher.reports.report import Report
from publisher.settings import Settings, find_unknown


@click.command()
@click.option("--host", help="Address to listen on [default: 127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 picks a free one [default: 8000].")
@root_option
@release_option
@click.option("--public-url", metavar="URL", help="Address under which visitors reach the server.")
@click.option("--endpoint", metavar="URL", help="SPARQL endpoint that has the release; see `publisher push`.")
@click.option("--validate", is_flag=True, help="Refuse to start on a graph that violates a shape.")
@click.option("--fallback", is_flag=True, help="Serve the last release if the files cannot be compiled.")
def serve(
    host: str | None,
    port: int | None,
    root: str | None,
    version: str,
    public_url: str | None,
    endpoint: str | None,
    validate: bool,
    fallback: bool,
) -> None:
    """Serve pages, data and the SPARQL endpoint."""
    from publisher.web import starting

    for sentence in find_unknown():
        say(sentence)
    settings = Settings.read().having(host=host, port=port, public_url=public_url, endpoint=endpoint).check()
    settings = settings.having(root=str(choose_root(root)))
    _report_containment(settings)
    if not has_editor():
        say("The query editor is not installed, because the build could not fetch it; the query page has a plain form.")
    place = _compile(settings, version, validate=validate, fallback=fallback)
    starting.start(settings, place, ["--release", version, *["--validate"] * validate])


def _compile(settings: Settings, version: str, *, validate: bool, fallback: bool) -> Path:
    """The folder of the compiled release. fallback: of the last one, where the files cannot be compiled."""
    from publisher.release import compiler

    root = Path(settings.root)
    try:
        if validate:
            reject_violations(root)
        return compile_with_progress(root, settings, version)
    except (FindingsError, CannotRunError) as error:
        place = compiler.find_last(settings.store_folder(), root) if fallback else None
        if place is None:
            raise
        reason = f" {describe_error(error)}"
        if isinstance(error, FindingsError):
            print_text(text.render(Report(sorted(error.diagnostics, key=lambda finding: finding.order))))
            reason = ""
        say(f"The files cannot be compiled; the last release is served.{reason}")
        return place


def _report_containment(settings: Settings) -> None:
    """Print whether queries run if the platform cannot limit them."""
    missing = missing_containment()
    if missing and settings.uncontained_queries:
        say(f"Queries run without limits: this platform lacks {missing}.")
    elif missing:
        say(f"Queries are refused: this platform lacks {missing}. PUBLISHER_UNCONTAINED_QUERIES=1 allows them.")
