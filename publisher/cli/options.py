"""Options and output that the commands share: --root, standard output and standard error."""

import gc
import secrets
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import click

from publisher.dataset.repository import PACKAGED, find_root
from publisher.errors import CannotRunError, PublisherError
from publisher.reports.report import visible
from publisher.settings import Settings, Surroundings

_NOTHING_HERE: Final = (
    "This repository has no configuration file and no root (data/dataset.ttl). Name a PATH, or --root DIR."
)

_COLLECT_AFTER: Final = 50_000
"""New objects after which Python searches for reference cycles, by default 700."""


def collect_rarely() -> None:
    """Search for reference cycles less often: for commands that make millions of objects and next to no cycles.

    The searches took a third of the CPU time of validating 100,000 triples of JSON-LD, which keeps almost all objects
    until it ends, and a twentieth of that of compiling.
    """
    gc.set_threshold(_COLLECT_AFTER)


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


def release_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option --release to a command."""
    sentence = "A frozen release of the root, or `latest`, in place of the current state."
    return click.option("--release", "version", metavar="VERSION", default="", help=sentence)(command)


def config_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option --config to a command."""
    sentence = "Configuration file [default: the nearest publisher.toml or pyproject.toml upward]."
    return click.option("--config", metavar="FILE", default="", help=sentence)(command)


def no_config_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option --no-config to a command."""
    return click.option("--no-config", is_flag=True, help="Use no configuration file.")(command)


def describe_error(error: BaseException) -> str:
    """Return an error that ends a command as a sentence."""
    if isinstance(error, PublisherError):
        return error.detail
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return "interrupted."
    if isinstance(error, MemoryError):
        return "out of memory."
    return f"internal error, please report it: {error!r} ({_innermost_place(error.__traceback__)})."


def _innermost_place(traceback: TracebackType | None) -> str:
    """The file and line that raised an exception."""
    while traceback and traceback.tb_next:
        traceback = traceback.tb_next
    return f"{Path(traceback.tb_frame.f_code.co_filename).name}, line {traceback.tb_lineno}" if traceback else "?"


def is_versioned(folder: Path) -> bool:
    """Whether a folder is in a git repository."""
    return any((each / ".git").exists() for each in (folder, *folder.parents))


def choose_root(given: str | None, *, quiet: bool = False, whole: bool = False) -> Path:
    """Return the root folder; unless quiet, print it to standard error, so that users see which copy is used. Raises
    CannotRunError.

    whole: whether the command is about all of the root. In a git repository, that is never the packaged copy unless
    it is asked for: it would pass for the repository.
    """
    asked = Settings.read().having(root=given).root
    root = find_root(asked)
    here = Path.cwd()
    if whole and not asked and root not in (here, *here.parents) and is_versioned(here):
        raise CannotRunError(_NOTHING_HERE)
    if not quiet:
        say(f"Root: {root}{' (the packaged copy)' if root == PACKAGED else ''}")
    return root
