"""The serve command: compiles the release and runs the server."""

from collections.abc import Sequence
from pathlib import Path

import click

from publisher.cli.compile import compile_with_progress
from publisher.cli.options import choose_root, release_option, root_option, say
from publisher.dataset.repository import read_repository
from publisher.diagnostic import Diagnostic, Severity, UnreadableFilesError
from publisher.pages.assets import has_editor
from publisher.platform_support import missing_containment
from publisher.settings import Settings, find_unknown


@click.command()
@click.option("--host", help="Address to listen on [default: 127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 picks a free one [default: 8000].")
@root_option
@release_option
@click.option("--public-url", metavar="URL", help="Address under which visitors reach the server.")
@click.option("--validate", is_flag=True, help="Refuse to start on a graph that violates a shape.")
def serve(
    host: str | None, port: int | None, root: str | None, version: str, public_url: str | None, validate: bool
) -> None:
    """Serve pages, data and the SPARQL endpoint."""
    from publisher.web import server

    for sentence in find_unknown():
        say(sentence)
    settings = Settings.read().having(host=host, port=port, public_url=public_url).check()
    settings = settings.having(root=str(choose_root(root)))
    if validate:
        from publisher.validation import context, validator

        repository = read_repository(Path(settings.root))
        _refuse_violations(validator.validate(context.of_repository(repository, tidy=False)))
    _report_containment(settings)
    if not has_editor():
        say("The query editor is not installed, because the build could not fetch it; the query page has a plain form.")
    server.run(settings, compile_with_progress(Path(settings.root), settings, version))


def _report_containment(settings: Settings) -> None:
    """Print whether queries run if the platform cannot limit them."""
    missing = missing_containment()
    if missing and settings.uncontained_queries:
        say(f"Queries run without limits: this platform lacks {missing}.")
    elif missing:
        say(f"Queries are refused: this platform lacks {missing}. PUBLISHER_UNCONTAINED_QUERIES=1 allows them.")


def _refuse_violations(findings: Sequence[Diagnostic]) -> None:
    violations = [finding for finding in findings if finding.severity is Severity.VIOLATION]
    if violations:
        raise UnreadableFilesError(violations)
