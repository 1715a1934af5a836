"""The fixtures that more than one test file uses, over the sample root. Over the data: `shipped_data/conftest.py`.

Plain `pytest` leaves out `shipped_data/`, `engines_foreign/`, the slow files of `support/tiers.py` and the tests with
the mark `slow`. They run where their files are named, or a folder; the former also by `-m shipped_data`, the last two
also by PUBLISHER_TESTS_SLOW=1. PUBLISHER_TESTS_EVERYTHING=1 runs them too, and all cases of what is sampled otherwise.
"""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from support import late_engine, sample_root
from support.asgi_client import LOOP, Client, OpenApp, close, open_app
from support.server import Running, serve
from support.tiers import SLOW, WITH_SLOW

from publisher.dataset.repository import Repository, read_repository
from publisher.release.store import Store, open_store
from publisher.settings import Settings
from publisher.sparql.engine import Answer, Query

HERE = Path(__file__).parent
SHIPPED_DATA = "shipped_data"
FOREIGN = "engines_foreign"
"""Starts other engines: a stage of `.ci/run` of its own."""


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Shells start background jobs so, and all processes that tests start would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-answers",
        action="store_true",
        help="write what is derived from the data in data/: the answers of the competency questions and the excerpt"
        " of the README; review the difference",
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what looks at more than the code, and the slow files, unless they are named or all is wanted."""
    here = collection_path.relative_to(HERE).as_posix() if collection_path.is_relative_to(HERE) else ""
    named = any(here in argument for argument in config.args)
    if here == SHIPPED_DATA:
        return None if named or SHIPPED_DATA in config.option.markexpr else True
    if here == FOREIGN:
        return None if named else True
    return True if here in SLOW and not _is_wanted(collection_path, config) else None


def _below_tests(argument: str) -> str:
    """The path below `tests/` that an argument names; one that is never found if it names all tests."""
    return argument.partition("::")[0].rstrip("/").rpartition("tests/")[2] or "nothing"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of the data, and leave out the slow tests of files that are not named."""
    for item in items:
        if item.path.is_relative_to(HERE / SHIPPED_DATA):
            item.add_marker(SHIPPED_DATA)
    left_out = {item for item in items if item.get_closest_marker("slow") and not _is_wanted(item.path, config)}
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


def _is_wanted(path: Path, config: pytest.Config) -> bool:
    """Whether slow tests of a file run: it or its folder is named, or all is wanted."""
    here = path.relative_to(HERE).as_posix()
    named = any(here in argument for argument in config.args)
    folder = any(here.startswith(f"{_below_tests(argument)}/") for argument in config.args)
    return named or folder or WITH_SLOW


@pytest.fixture(scope="session", autouse=True)
def without_result_cache() -> Iterator[None]:
    """Validations do not use the cache of the user, also in processes that tests start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CI", "true")
        yield


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder of this repository."""
    return sample_root.CHECKOUT


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root that the tests run on; see `support/sample_root.py`."""
    return sample_root.build(tmp_path_factory.mktemp("sample"), examples=True)


@pytest.fixture(scope="session")
def root(sample: Path) -> Path:
    """The sample; a module may have another root of this name."""
    return sample


@pytest.fixture(scope="session")
def store_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where compiled releases go: one folder for all processes of a run, so that each release is compiled once."""
    run = tmp_path_factory.getbasetemp()
    folder = (run.parent if "PYTEST_XDIST_WORKER" in os.environ else run) / "releases"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def settings(root: Path, store_dir: Path) -> Settings:
    return Settings(root=str(root), store_dir=str(store_dir), query_workers=1)


@pytest.fixture(scope="session")
def store(settings: Settings) -> Iterator[Store]:
    found = open_store(settings)
    found.engine.run_in(LOOP)
    yield found
    close(found)


@pytest.fixture(scope="session")
def repository(root: Path) -> Repository:
    """The files of which the store is made."""
    return read_repository(root)


@pytest.fixture(scope="session")
def app(settings: Settings, store: Store) -> OpenApp:
    return open_app(settings, store)


@pytest.fixture
def client(app: OpenApp) -> Client:
    return app.test_client()


@pytest.fixture
def asked(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[Query]:
    """The queries that reached the engine."""
    found: list[Query] = []
    answer = store.engine.answer

    async def count(query: Query, *more: Any) -> Answer:
        found.append(query)
        return await answer(query, *more)

    monkeypatch.setattr(store.engine, "answer", count)
    return found


@pytest.fixture(scope="session")
def fork(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Mapping[str, str]], Path]:
    """Makes a root of its own: a copy of the sample with the files given (path -> text) added or replaced."""

    def make(files: Mapping[str, str]) -> Path:
        return sample_root.build(tmp_path_factory.mktemp("fork"), files)

    return make


@pytest.fixture(scope="session")
def opened(sample: Path, store_dir: Path) -> Iterator[Callable[..., OpenApp]]:
    """Opens an application over another root, with further settings; its store is closed at the end of the session.

    Only the sample has all downloads: they take half of the time in which a root is compiled.
    """
    with contextlib.ExitStack() as stack:

        def make(root: Path, **options: Any) -> OpenApp:
            few = {} if root == sample else {"download_statements": 1}
            settings = Settings(root=str(root), store_dir=str(store_dir), query_workers=1).having(**few | options)
            store = late_engine.open_store(settings)
            stack.callback(close, store)
            return open_app(settings, store)

        yield make


@pytest.fixture(scope="session")
def serving(
    root: Path, store_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., AbstractContextManager[Running]]:
    """Runs `publisher serve` over the sample: `with serving("--option", PUBLISHER_NAME="value") as running`."""

    def run(*options: str, **environment: str) -> AbstractContextManager[Running]:
        variables = {"PUBLISHER_STORE_DIR": str(store_dir)} | environment
        return serve(root, tmp_path_factory.mktemp("server"), *options, **variables)

    return run


@pytest.fixture(scope="session")
def running(serving: Callable[..., AbstractContextManager[Running]]) -> Iterator[Running]:
    """A server in a process of its own, over the sample."""
    with serving(PUBLISHER_QUERY_WORKERS="1") as found:
        yield found


@pytest.fixture(scope="session")
def server(running: Running) -> str:
    """The address of a server over the sample, without a slash at its end."""
    return running.url
