"""The engines: the embedded one, and foreign ones that hold the same release, pushed by the command."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import pytest
from engines_foreign.deviations import OXIGRAPH, VIRTUOSO
from support.asgi_client import OpenApp, close, open_app
from support.optional_packages import tool
from support.ports import free_port

from publisher.release.store import open_store
from publisher.settings import Settings

EMBEDDED: Final = "embedded"
PASSWORD: Final = "dba"
START_SECONDS: Final = 120
VIRTUOSO_INI: Final = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
FileExtend = 200
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql_port}
DisableUnixSocket = 1
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
DirsAllowed = {folder}
ServerThreads = 10
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = {folder}
ServerThreads = 10
MaxClientConnections = 10
[SPARQL]
ResultSetMaxRows = 1000000
"""


class Engine(NamedTuple):
    """A foreign engine that runs. query, update and graph_store: its addresses. process: it."""

    query: str
    update: str
    graph_store: str
    process: subprocess.Popen[bytes]


@contextlib.contextmanager
def run(command: list[str], url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run an engine until the block ends; it answers queries when the block begins."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(url, params={"query": "ASK {}"}, trust_env=False).is_success:
                    break
            assert process.poll() is None, f"{command[0]} ended"
            assert time.monotonic() < deadline, f"{command[0]} does not answer"
            time.sleep(0.1)
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def oxigraph(folder: Path) -> Iterator[Engine]:
    program = tool(str(Path(sys.executable).with_name("oxigraph")))
    url = f"http://127.0.0.1:{free_port()}"
    command = [program, "serve", "--location", str(folder), "--bind", url.removeprefix("http://")]
    with run(command, f"{url}/query") as process:
        yield Engine(f"{url}/query", f"{url}/update", f"{url}/store", process)


@contextlib.contextmanager
def virtuoso(folder: Path) -> Iterator[Engine]:
    program, port = tool("virtuoso-t"), free_port()
    ini = folder / "virtuoso.ini"
    ini.write_text(VIRTUOSO_INI.format(folder=folder, port=port, sql_port=free_port()))
    url = f"http://127.0.0.1:{port}"
    with run([program, "-f", "-c", str(ini)], f"{url}/sparql") as process:
        yield Engine(f"{url}/sparql", f"{url}/sparql-auth", f"{url}/sparql-graph-crud-auth", process)


def push(engine: Engine, root: Path, store_dir: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Push a root by the command."""
    program = str(Path(sys.executable).with_name("publisher"))
    written = [] if "--graph-store" in options else ["--update", engine.update]
    command = [program, "push", engine.query, *written, "--root", str(root), *options]
    secrets = {"PUBLISHER_ENDPOINT_USER": "dba", "PUBLISHER_ENDPOINT_PASSWORD": PASSWORD}
    environment = os.environ | secrets | {"PUBLISHER_STORE_DIR": str(store_dir)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session", params=[(OXIGRAPH, oxigraph), (VIRTUOSO, virtuoso)], ids=["oxigraph", "virtuoso"])
def engine(request: pytest.FixtureRequest, root: Path, store_dir: Path, tmp_path_factory: Any) -> Iterator[Any]:
    """A foreign engine with the sample, as (name, engine, output of the push)."""
    name, start = request.param
    with start(tmp_path_factory.mktemp("engine")) as found:
        done = push(found, root, store_dir)
        assert done.returncode == 0, done.stderr
        yield name, found, done.stderr


@pytest.fixture(scope="session")
def foreign(engine: Any, settings: Settings) -> Iterator[OpenApp]:
    """The site in front of the foreign engine."""
    own = settings.having(endpoint=engine[1].query, endpoint_seconds=60, query_seconds=60, query_workers=1, cache_mb=0)
    store = open_store(own)
    yield open_app(own, store)
    close(store)
