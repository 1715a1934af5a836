"""The fixtures of the same names over the data of this repository, and its application and server.

Every fixture that leads to the root is stated again: pytest keeps one value of a fixture for a whole session.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.asgi_client import LOOP, Client, OpenApp, close, open_app
from support.server import serve

from publisher.dataset.repository import Repository, read_repository
from publisher.release.store import Store, open_store
from publisher.settings import Settings


@pytest.fixture(scope="session")
def root(checkout: Path) -> Path:
    return checkout


@pytest.fixture(scope="session")
def settings(root: Path, store_dir: Path) -> Settings:
    return Settings(root=str(root), store_dir=str(store_dir))


@pytest.fixture(scope="session")
def store(settings: Settings) -> Iterator[Store]:
    found = open_store(settings)
    found.engine.run_in(LOOP)
    yield found
    close(found)


@pytest.fixture(scope="session")
def repository(root: Path) -> Repository:
    return read_repository(root)


@pytest.fixture(scope="session")
def app(settings: Settings, store: Store) -> OpenApp:
    return open_app(settings, store)


@pytest.fixture
def client(app: OpenApp) -> Client:
    return app.test_client()


@pytest.fixture(scope="session")
def server(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve(root, tmp_path_factory.mktemp("server")) as running:
        yield running.url


@pytest.fixture(scope="session")
def update(request: pytest.FixtureRequest) -> bool:
    """Whether to write what is derived from the data rather than compare it."""
    return bool(request.config.getoption("--update-answers"))
