"""The rules command: lists every rule that a validation may report."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from publisher.cli.options import choose_root, config_option, no_config_option, print_raw, print_text, root_option
from publisher.cli.validate_settings import announce, choose_configuration, choose_shapes, convert, relocate
from publisher.reports.renderers import json_report, text
from publisher.validation import runner
from publisher.validation.inputs import Request

_RENDERERS: Final[dict[str, Callable[[Any], str]]] = {"text": text.list_rules, "json": json_report.render_rules}


@click.command()
@root_option
@config_option
@no_config_option
@click.option("--shapes", multiple=True, metavar="FILE", help="List the rules of these shapes (file, folder or glob).")
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(_RENDERERS)),
    default="text",
    show_default=True,
    help="Format of the list.",
)
def rules(root: str | None, config: str, no_config: bool, shapes: tuple[str, ...], format_: str) -> None:
    """List every rule: the built-in ones, and those of the shapes.

    The shapes are those of --shapes, else of the configuration file, else of the root.
    """
    configuration = choose_configuration(config, without=no_config)
    announce(configuration)
    values, here = configuration.values, Path.cwd()
    with contextlib.chdir(configuration.folder):
        chosen = choose_shapes(relocate(shapes, here, Path.cwd()) or values.get("shapes", ()))
        folder = (root and relocate(root, here, Path.cwd())) or values.get("root")
        request = Request(
            root="" if chosen["shapes"] else str(choose_root(folder)),
            base=values.get("base", ""),
            format_of=convert("format_of", values.get("format-of", {})),
            contexts=convert("contexts", values.get("contexts", {})),
            exclude=values.get("exclude", ()),
            **chosen,
        )
        listed = runner.list_rules(request)
    (print_text if format_ == "text" else print_raw)(_RENDERERS[format_](listed))
