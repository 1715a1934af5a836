"""The fixtures of the same names over the data of this repository, and its application and server.

Every fixture that leads to the root is stated again: pytest keeps one value of a fixture for a whole session.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.flask_client import with_client
from support.server import serve

from publisher.release.store import Store, open_store
from publisher.settings import Settings
from publisher.web.server import create_app


@pytest.fixture(scope="session")
def root(checkout: Path) -> Path:
    return checkout


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
    return with_client(create_app(settings, store))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def server(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve(root, tmp_path_factory.mktemp("server")) as running:
        yield running.url


@pytest.fixture(scope="session")
def update(request: pytest.FixtureRequest) -> bool:
    """Whether to write what is derived from the data rather than compare it."""
    return bool(request.config.getoption("--update-answers"))
