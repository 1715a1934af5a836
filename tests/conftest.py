"""Owns the fixtures that more than one test file uses: the release of this checkout, its application, a real server."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support import sample_root
from werkzeug.test import TestResponse

from publisher.release.store import Store, open_store
from publisher.settings import Settings
from publisher.sparql.engine import Answer, Query
from publisher.web.server import create_app

START_SECONDS = 30
"""A server that does not say that it serves by then never will."""


@dataclass(frozen=True)
class Running:
    """A server that runs. url: without a slash at its end. process: its main process. log: where its stderr goes."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path


class Client(FlaskClient):
    """A client that closes every answer, as a server does; one that was not read to its end would stay open."""

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        return super().open(*arguments, **{"buffered": True} | options)


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder of this repository."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root that the tests run on; see `support/sample_root.py`."""
    return sample_root.build(tmp_path_factory.mktemp("sample"), examples=True)


@pytest.fixture(scope="session")
def store_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where compiled releases go, so that no test writes to the user's cache."""
    return tmp_path_factory.mktemp("releases")


@pytest.fixture(scope="session")
def settings(root: Path, store_dir: Path) -> Settings:
    return Settings(root=str(root), store_dir=str(store_dir))


@pytest.fixture(scope="session")
def store(settings: Settings) -> Iterator[Store]:
    found = open_store(settings)
    yield found
    found.close()


@pytest.fixture(scope="session")
def app(settings: Settings, store: Store) -> Flask:
    return tested(create_app(settings, store))


def tested(app: Flask) -> Flask:
    app.test_client_class = Client
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def asked(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[Query]:
    """The queries that reached the engine."""
    found: list[Query] = []
    ask = store.engine.ask

    def count(query: Query, *more: Any) -> Answer:
        found.append(query)
        return ask(query, *more)

    monkeypatch.setattr(store.engine, "ask", count)
    return found


@pytest.fixture(scope="session")
def fork(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Mapping[str, str]], Path]:
    """Makes a root of its own: a copy of the sample with the files given (path -> text) added or replaced."""

    def make(files: Mapping[str, str]) -> Path:
        return sample_root.build(tmp_path_factory.mktemp("fork"), files)

    return make


@pytest.fixture(scope="session")
def opened(store_dir: Path) -> Iterator[Callable[..., Flask]]:
    """Opens an application over another root, with further settings; its store is closed at the end of the session."""
    with contextlib.ExitStack() as stack:

        def make(root: Path, **options: Any) -> Flask:
            settings = Settings(root=str(root), store_dir=str(store_dir), query_workers=1).having(**options)
            store = open_store(settings)
            stack.callback(store.close)
            return tested(create_app(settings, store))

        yield make


@pytest.fixture(scope="session")
def serving(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., AbstractContextManager[Running]]:
    """Runs `publisher serve` on a free port: `with serving("--option", PUBLISHER_NAME="value") as running`."""

    @contextlib.contextmanager
    def run(*options: str, **environment: str) -> Iterator[Running]:
        folder = tmp_path_factory.mktemp("server")
        log = folder / "stderr"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PUBLISHER_")}
        program = str(Path(sys.executable).with_name("publisher"))
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [program, "serve", "--port", "0", "--root", str(root), *options],
                env=inherited | {"PUBLISHER_STORE_DIR": str(folder)} | environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )
        try:
            yield Running(_address(process, log), process, log)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    return run


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """The address that the server says it serves at, as soon as it says so."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"^Serving at (http://\S+)/ ", log.read_text(errors="replace"), re.MULTILINE):
            return found[1]
        time.sleep(0.02)
    pytest.fail(f"`publisher serve` did not start serving: {log.read_text(errors='replace')}")


@pytest.fixture(scope="session")
def server(serving: Callable[..., AbstractContextManager[Running]]) -> Iterator[str]:
    """The address of a real server over this checkout, without a slash at its end."""
    with serving() as running:
        yield running.url
