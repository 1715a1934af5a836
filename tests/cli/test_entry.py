"""The entry point: Ctrl-C at any time ends the process quietly."""

import subprocess
import sys

import pytest

INTERRUPTED = """
import os, signal, sys
if {ignored}:
    signal.signal(signal.SIGINT, signal.SIG_IGN)

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
from publisher.cli.entry import main
main(["validate", "--help"], "publisher")
"""
"""A run that is interrupted as it imports a module."""


def interrupt(module: str, *, ignored: bool = False) -> subprocess.CompletedProcess[str]:
    code = INTERRUPTED.format(module=module, ignored=ignored)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_interrupt_during_imports_exits_130_quietly() -> None:
    ended = interrupt("publisher.validation.runner")
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "publisher: interrupted.\n")


@pytest.mark.slow
def test_process_that_ignores_interrupts_keeps_ignoring_them() -> None:
    ended = interrupt("publisher.validation.runner", ignored=True)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.slow
def test_interrupt_after_the_command_exits_130_quietly() -> None:
    code = "import atexit, os, signal\natexit.register(os.kill, os.getpid(), signal.SIGINT)\n"
    code += "from publisher.cli.entry import main\nmain(['--version'], 'publisher')"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (130, "publisher: interrupted.\n")
