"""The browser of these tests, and pages opened in it."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import page_kinds
from support.optional_packages import skip_file
from support.server import serve

FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
]
"""No talk with other hosts; no sandbox, since tests may run as root."""


def _missing() -> str:
    """What is not installed, empty if everything is."""
    if not shutil.which("chromium"):
        return "chromium is not installed"
    try:
        import axe_playwright_python  # noqa: F401
        import playwright  # noqa: F401
    except ImportError as error:
        return f"{error.name} is not installed (pip install '.[browser]')"
    return ""


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    return skip_file(module_path, parent, _missing())


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, store_dir: Path) -> Iterator[str]:
    """The address of a server that has all kinds of pages."""
    root = page_kinds.build(tmp_path_factory.mktemp("kinds"), store_dir)
    with serve(root, tmp_path_factory.mktemp("server"), PUBLISHER_STORE_DIR=str(store_dir)) as running:
        yield running.url


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS, timeout=30_000)
        yield running
        running.close()


@pytest.fixture
def show(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens a page in a context of its own: `show(url, width, **options of the context)`."""
    with contextlib.ExitStack() as stack:

        def open_page(url: str, width: int = 1280, **options: Any) -> Any:
            context = browser.new_context(viewport={"width": width, "height": 800}, **options)
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(15_000)
            page.goto(url)
            return page

        yield open_page
