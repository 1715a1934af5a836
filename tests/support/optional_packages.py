"""What tests of real clients and of pages need beyond the `test` extra; without it they are skipped with the reason."""

import importlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

REQUIRED: Final = bool(os.environ.get("PUBLISHER_TESTS_REQUIRE_EXTRAS"))
"""Set where a missing extra is a failure rather than a reason to skip."""


class Absent(pytest.Module):
    """A file of tests that is skipped as a whole, before it is imported and before any server is started."""

    reason = ""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        missing(self.reason)


def skip_file(path: Path, parent: pytest.Collector, reason: str) -> pytest.Module | None:
    """What `pytest_pycollect_makemodule` returns: the skipped file, None where there is no reason to skip it."""
    if not reason:
        return None
    found: Absent = Absent.from_parent(parent, path=path)
    found.reason = reason
    return found


def extra(module: str, name: str = "clients") -> Any:
    """A module of one of the extras."""
    try:
        return importlib.import_module(module)
    except ImportError:
        missing(f"{module} is not installed (pip install '.[{name}]')")


def tool(name: str) -> str:
    """The path of a program that `.ci/run` installs."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return found or missing(f"{name} is not installed")


def missing(reason: str) -> NoReturn:
    """Skip the test, or fail it where nothing may be skipped."""
    if REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)
