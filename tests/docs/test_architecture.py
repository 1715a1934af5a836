"""The architecture page: the functions that it names exist, and its three walks are what happens, in that order."""

import asyncio
import pkgutil
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner

import publisher
from publisher.cli.main import main
from publisher.release.store import open_store
from publisher.settings import Settings
from publisher.web.app import create_app

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
NAME = r"`([a-z_.]+:[A-Za-z_.]+)`"
ELSEWHERE = ("sparql.workers.child:", "sparql.evaluation:", "sparql.syntax_errors:")
"""What runs in a worker process, out of reach of a trace."""


def walk(heading: str) -> list[str]:
    """The functions that the numbered steps below a heading name, in order."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section
    steps = re.findall(r"^\d+\. .*\n(?:   .*\n)*", section[1], re.MULTILINE)
    return [name for step in steps for name in re.findall(NAME, step) if not name.startswith(ELSEWHERE)]


@contextmanager
def traced() -> Iterator[list[str]]:
    """The functions of the package that are called, by module and qualified name."""
    package = f"{Path(publisher.__file__).parent}/"
    calls: list[str] = []

    def note(frame: Any, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(package):
            module = code.co_filename.removeprefix(package).removesuffix(".py").replace("/", ".")
            calls.append(f"{module}:{code.co_qualname}")

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def first_missing(steps: list[str], calls: list[str]) -> str:
    """The first step that is not called after those before it; empty if all are."""
    remaining = iter(calls)
    for step in steps:
        if not any(call == step or call.startswith(f"{step}.") for call in remaining):
            return step
    return ""


def send(settings: Settings, path: str, query: bytes, accept: bytes) -> tuple[int, list[str]]:
    """Send a GET to a new application. Return the status and the calls."""
    scope = {
        "type": "http",
        "method": "GET",
        "http_version": "1.1",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": [(b"host", b"localhost"), (b"accept", accept)],
        "server": ("localhost", 80),
        "client": ("127.0.0.1", 1),
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def keep(message: dict[str, Any]) -> None:
        sent.append(message)

    store = open_store(settings)  # Its own, since it takes the event loop.
    application = create_app(settings, store)
    with traced() as calls:
        asyncio.run(application(scope, receive, keep))
    store.close()
    return sent[0]["status"], calls


def test_every_named_function_exists() -> None:
    assert all(pkgutil.resolve_name(f"publisher.{name}") for name in re.findall(NAME, PAGE))


def test_request_follows_documented_steps(settings: Settings) -> None:
    steps = walk("A request")
    html = ["pages.site:Pages.thing"]
    status, calls = send(settings, "/doc/coalition/open-books-coalition", b"", b"text/turtle")
    assert (status, first_missing([step for step in steps if step not in html], calls)) == (200, "")
    status, calls = send(settings, "/doc/coalition/open-books-coalition", b"", b"text/html")
    rdf = ["rdf.serializer:write_graph"]
    assert (status, first_missing([step for step in steps if step not in rdf], calls)) == (200, "")


def test_query_follows_documented_steps(settings: Settings) -> None:
    status, calls = send(settings, "/sparql", b"query=ASK%20%7B%7D", b"application/json")
    assert (status, first_missing(walk("A query"), calls)) == (200, "")


def test_validation_follows_documented_steps(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "coalition.ttl"
    file.write_text("<urn:example:a> a <https://w3id.org/ma-coalitions/ontology#Coalition> .\n")
    with traced() as calls:
        done = CliRunner().invoke(main, ["validate", "--root", settings.root, str(file)])
    assert (done.exit_code, first_missing(walk("A validation run"), calls)) == (1, "")
