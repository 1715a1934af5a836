"""The command line: the command group, error handling, exit codes (0 done, 1 findings, 2 failed, 130 interrupted)."""

import os
import sys
from collections import UserDict
from importlib import import_module
from typing import Any, Final

import click

from publisher import __version__
from publisher.cli.options import describe_error, print_text, say
from publisher.diagnostic import FindingsError
from publisher.errors import INTERRUPTED, PublisherError
from publisher.reports.fingerprints import relabel_blank_nodes
from publisher.reports.renderers import text
from publisher.reports.report import Report
from publisher.validation.ahead import is_any_at_work

COMMANDS: Final = (
    "serve",
    "compile",
    "build",
    "reload",
    "release",
    "validate",
    "rules",
    "lsp",
    "tidy",
    "query",
    "reconcile",
    "linkcheck",
    "probe",
    "push",
    "new",
)
"""The commands; the module of each has its name."""


class _Commands(UserDict[str, click.Command | None]):
    """Commands by name; each is imported when it is used, because most import much that the others do without."""

    def __getitem__(self, name: str) -> click.Command:
        if name not in self.data:
            raise KeyError(name)
        module = vars(import_module(f"publisher.cli.{name}"))
        return next(found for found in module.values() if isinstance(found, click.Command) and found.name == name)


class _Group(click.Group):
    """A command group that turns exceptions into a message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FindingsError as problem:
            found = relabel_blank_nodes(sorted(problem.diagnostics, key=lambda finding: finding.order))
            print_text(text.render(Report(found)))
            sys.exit(problem.exit_code)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(PublisherError.exit_code)
        except KeyboardInterrupt as error:
            say(f"publisher: {describe_error(error)}")
            if is_any_at_work():
                sys.stdout.flush()
                os._exit(INTERRUPTED)
            sys.exit(INTERRUPTED)
        except Exception as error:  # Exit code 1 would mean findings.
            say(f"publisher: {describe_error(error)}")
            sys.exit(error.exit_code if isinstance(error, PublisherError) else PublisherError.exit_code)


@click.group(
    cls=_Group, commands=_Commands(dict.fromkeys(COMMANDS)), context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="publisher")
def main() -> None:
    """Publish a graph of coalitions as linked data, and validate it."""
