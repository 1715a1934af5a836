"""The lsp command: runs the language server, with the settings that validate has for a file."""

import contextlib
import os
from dataclasses import fields, replace
from pathlib import Path
from typing import Final

import click

from publisher.cli.validate import validate
from publisher.cli.validate_settings import read_settings
from publisher.dataset.files import COMPRESSED, is_rdf
from publisher.errors import CannotRunError
from publisher.validation.configuration import find_configuration
from publisher.validation.inputs import Request, choose_format, find_files, is_excluded

_MISSING: Final = "The language server needs the extra `lsp`: pip install 'ma-coalitions[lsp]'."
_OPTIONS: Final = {"timeout", "max_per_rule", *(field.name for field in fields(Request))}
"""The options of validate that make its settings."""


@click.command()
@click.option("--stdio", is_flag=True, help="Use standard input and output, as without this option.")
def lsp(stdio: bool) -> None:
    """Run the language server for editors, on standard input and output.

    It shows what validate reports for an open file, under the nearest configuration file, and offers quick fixes.
    """
    try:
        from publisher.lsp.server import Session
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise CannotRunError(_MISSING) from error
    Session(prepare_request).run()


def prepare_request(path: Path) -> tuple[Path, Request] | None:
    """The working folder and the request with which a file is validated: with all configured data if it is among them,
    else alone. None if it is not validated: excluded, not stored, or of no RDF format. Raises CannotRunError."""
    configuration = find_configuration(path.parent)
    folder = configuration.folder if configuration.path else path.parent
    context = validate.make_context("validate", [str(path)])
    options = {name: value for name, value in context.params.items() if name in _OPTIONS}
    with contextlib.chdir(folder):
        try:
            request = read_settings(context, options, configuration).request(b"", quiet=True)
        except click.UsageError as error:
            raise CannotRunError(error.format_message()) from error
        here = Path(os.path.relpath(path))
        if not here.is_file() or here.suffix.lower() == COMPRESSED or is_excluded(here, request.exclude):
            return None
        data = configuration.values.get("data", ())
        given = [*data, *request.shapes, *request.ontologies] if data else []
        together = {os.path.realpath(each) for each in find_files(given, request.format_of, request.exclude)}
        if os.path.realpath(path) in together:
            return folder, replace(request, paths=data)
        readable = is_rdf(here.name) or choose_format(here, request.format_of)
        return (folder, replace(request, paths=[str(here)])) if readable else None
