"""Runs code as on a platform without the POSIX modules: `python plain_platform.py 'code'`."""

import asyncio
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile

HIDDEN_MODULES = ("fcntl", "grp", "pwd", "resource", "termios", "uvloop")
HIDDEN_NAMES = (
    "O_ASYNC",
    "O_DIRECTORY",
    "O_NOFOLLOW",
    "O_NONBLOCK",
    "fork",
    "getuid",
    "mkfifo",
    "nice",
    "pread",
    "sched_getaffinity",
    "sched_setscheduler",
)
"""Attributes of `os` that Windows does not have."""

USED_BY_THE_STANDARD_LIBRARY = (asyncio, shutil, subprocess, tempfile)
"""Imported before the modules are hidden: on such a platform they have variants of their own."""


def hide() -> None:
    """Hide the modules from every later import, and the attributes."""
    for name in HIDDEN_MODULES:
        sys.modules[name] = None  # type: ignore[assignment] # as the import system says to block a module
    for name in HIDDEN_NAMES:
        if hasattr(os, name):
            delattr(os, name)


if __name__ == "__main__":
    hide()
    assert all(sys.modules[name] is None for name in HIDDEN_MODULES)
    assert importlib.util.find_spec("publisher")
    exec(sys.argv[1])
