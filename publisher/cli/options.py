"""Options and output that the commands share: --root, standard output and standard error."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from publisher.dataset.repository import PACKAGED, find_root
from publisher.reports.report import visible
from publisher.settings import Settings, Surroundings


def say(message: str) -> None:
    """Print a message to standard error. Control characters in it are replaced, line ends and tabs excepted."""
    click.echo(visible(message), err=True)


def print_text(text: str) -> None:
    """Print text for people to standard output, in UTF-8 whatever the locale, as reports are in files.

    In a job of GitHub Actions no line of it can act as a workflow command: it may quote any file's name or text.
    """
    if text and Surroundings.read().github_actions:
        token = secrets.token_hex(16)
        text = f"::stop-commands::{token}\n{text}{'' if text.endswith(chr(10)) else chr(10)}::{token}::\n"
    print_raw(text)


def print_raw(text: str) -> None:
    """Print to standard output in UTF-8, as it is: a format that programs read."""
    click.echo(text.encode(), nl=False)


def root_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option --root to a command."""
    sentence = "Folder with ontology/, data/ and shapes/ [default: the nearest one upward, else the packaged copy]."
    return click.option("--root", metavar="DIR", help=sentence)(command)


def choose_root(given: str | None, *, quiet: bool = False) -> Path:
    """Return the root folder; unless quiet, print it to standard error, so that users see which copy is used. Raises
    CannotRunError.
    """
    root = find_root(Settings.read().having(root=given).root)
    if not quiet:
        say(f"Root: {root}{' (the packaged copy)' if root == PACKAGED else ''}")
    return root
