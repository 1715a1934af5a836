"""The servers that are compared: each is started on the same quads and ended with what it started."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

START_SECONDS: Final = 240
END_SECONDS: Final = 10


@dataclass(frozen=True)
class Server:
    """A server that runs. url: of its SPARQL endpoint. pid: its main process."""

    name: str
    url: str
    pid: int


def program(name: str) -> str:
    """A command of the environment that this Python belongs to."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if not found:
        sys.exit(f"{name} is not installed; tests/benchmarks/README.md says how to get it.")
    return found


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@contextlib.contextmanager
def running(name: str, words: list[str], url: str, log: Path, **environment: str) -> Iterator[Server]:
    """Run a server until the block ends; it is ready when its endpoint answers `ASK {}`."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PUBLISHER_")}
    with log.open("wb") as out:
        process = subprocess.Popen(
            words, env=inherited | environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{name} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)
        yield Server(name, url, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}?query=ASK%7B%7D", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@contextlib.contextmanager
def publisher(root: Path, folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """`publisher serve`, as a visitor starts it. settings: further environment, PUBLISHER_<NAME> -> value."""
    port = free_port()
    words = [program("publisher"), "serve", "--root", str(root), "--port", str(port)]
    environment = {"PUBLISHER_STORE_DIR": str(folder / "releases")} | dict(settings or {})
    url = f"http://127.0.0.1:{port}/sparql"
    with running("publisher", words, url, folder / "publisher.log", **environment) as server:
        yield server


@contextlib.contextmanager
def oxigraph(quads: Path, folder: Path) -> Iterator[Server]:
    """`oxigraph serve-read-only` of the PyPI package `oxigraph`."""
    place = str(folder / "oxigraph")
    loading = [program("oxigraph"), "load", "--location", place, "--file", str(quads)]
    subprocess.run(loading, check=True, capture_output=True)
    address = f"127.0.0.1:{free_port()}"
    words = [program("oxigraph"), "serve-read-only", "--location", place, "--bind", address]
    with running("oxigraph", words, f"http://{address}/query", folder / "oxigraph.log") as server:
        yield server


@contextlib.contextmanager
def rdflib_endpoint(quads: Path, folder: Path) -> Iterator[Server]:
    """`rdflib-endpoint serve`, with its default store."""
    port = free_port()
    words = [program("rdflib-endpoint"), "serve", "--host", "127.0.0.1", "--port", str(port), str(quads)]
    with running("rdflib-endpoint", words, f"http://127.0.0.1:{port}/", folder / "rdflib.log") as server:
        yield server


def compiled(folder: Path) -> Path:
    """The folder of the one release that `publisher` compiled below a folder."""
    (marker,) = (folder / "releases").glob("*/CURRENT")
    return marker.parent


def dump(folder: Path) -> Path:
    """The quads of the one release that `publisher` compiled below a folder, as a file of N-Quads."""
    release = compiled(folder)
    path = folder / "release.nq"
    with path.open("wb") as out:
        ox.Store.read_only(str(release)).dump(out, format=ox.RdfFormat.N_QUADS)
    return path
