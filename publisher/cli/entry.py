"""The entry point: runs the command line, and ends quietly when it is interrupted while modules are imported."""

import os
import signal
from types import FrameType
from typing import Any

from publisher.errors import INTERRUPTED


def main(*arguments: Any, **options: Any) -> None:
    """Run the command line; does not return. arguments, options: as for a command of click.

    Ctrl-C ends the process with exit code 130, before and after the command as well: importing its modules takes as
    long as a small validation, and Python then prints a traceback.
    """
    _interrupt_with(signal.default_int_handler, _end)
    from publisher.cli.main import main as command

    _interrupt_with(_end, signal.default_int_handler)
    try:
        command(*arguments, **options)
    finally:
        _interrupt_with(signal.default_int_handler, _end)


def _interrupt_with(present: Any, handler: Any) -> None:
    """Install a handler for Ctrl-C in place of the present one; a process that ignores Ctrl-C keeps doing so."""
    if signal.getsignal(signal.SIGINT) is present:
        signal.signal(signal.SIGINT, handler)


def _end(_: int, __: FrameType | None) -> None:
    os.write(2, b"publisher: interrupted.\n")
    os._exit(INTERRUPTED)
