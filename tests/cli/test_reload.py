"""The reload command, with a real server: what it reports, and what a kill leaves."""

import os
import re
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support import tiny_root
from support.server import Running, serve
from support.sparql_server import SparqlServer
from support.tiers import EVERYTHING
from support.waiting import PATIENCE, eventually

from publisher.cli.main import main
from publisher.release.checksums import find_damage
from publisher.release.compiler import find_last
from publisher.web.control import Control

FILE = "data/things.ttl"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tiny_root.build(tmp_path / "root")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    monkeypatch.setenv("PUBLISHER_STORE_DIR", str(folder))
    return folder


@pytest.fixture
def running(root: Path, store: Path) -> Iterator[Running]:
    with serve(root, store, "--fallback", PUBLISHER_QUERY_WORKERS="1", PUBLISHER_RELEASES_KEPT="0") as found:
        yield found


def change(root: Path, name: str) -> None:
    (root / FILE).write_text(tiny_root.FILES[FILE].replace('"Thing"', f'"{name}"'))


def reload(*words: str) -> Result:
    return CliRunner().invoke(main, ["reload", *words])


def thing(running: Running) -> str:
    with urllib.request.urlopen(f"{running.url}/doc/coalition/thing.ttl", timeout=PATIENCE) as response:
        return str(response.read().decode())


def releases(store: Path) -> list[Path]:
    return [place for place in store.iterdir() if re.fullmatch("[0-9a-f]{64}-.*", place.name)]


def test_reload_switches_or_reports_why_not(running: Running, root: Path, store: Path) -> None:
    assert (reload().exit_code, reload("--pid", str(running.process.pid)).exit_code) == (0, 0), "unchanged"
    change(root, "Renamed")
    result = reload("--root", str(root))
    assert (result.exit_code, "Reload switched" in result.stderr) == (0, True), result.stderr
    assert "Renamed" in thing(running)
    assert eventually(lambda: len(releases(store)) == 1), "none of the former ones is kept, as is set"
    (root / FILE).write_text("a b")
    result = reload()
    assert (result.exit_code, f"{FILE}:1:1" in result.stderr) == (2, True), result.stderr
    assert "Renamed" in thing(running)
    assert "Reload failed" in running.log.read_text()
    assert reload("--pid", "1").exit_code == reload("--root", str(Path(__file__).parents[2])).exit_code == 2


def test_reload_in_front_of_an_endpoint_follows_a_push(root: Path, store: Path) -> None:
    endpoint = SparqlServer()

    def push() -> None:
        pushed = CliRunner().invoke(main, ["push", endpoint.url, "--root", str(root)])
        assert pushed.exit_code == 0, pushed.stderr

    def release() -> str:
        with urllib.request.urlopen(f"{running.url}/sparql?query=ASK%7B%7D", timeout=PATIENCE) as response:
            return str(response.headers["Dataset-Release"])

    push()
    try:
        with serve(root, store, "--endpoint", endpoint.url, PUBLISHER_QUERY_WORKERS="1") as running:
            first = release()
            change(root, "Renamed")
            result = reload()
            assert (result.exit_code, "does not have release" in result.stderr) == (2, True), result.stderr
            push()
            assert (release(), "Renamed" in thing(running)) == (first, False), "its own release is still there"
            running.process.send_signal(signal.SIGHUP)
            assert eventually(lambda: release() != first)
            assert "Renamed" in thing(running)
    finally:
        endpoint.stop()


def test_reload_without_server_exits_2(store: Path) -> None:
    result = reload()
    assert (result.exit_code, str(store) in result.stderr) == (2, True)


def test_servers_to_choose_from_are_listed(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    controls = []
    for number in (2, 1):
        monkeypatch.setattr(os, "getpid", lambda pid=number: pid)
        controls.append(Control(store, "/root", f"http://localhost:{number}/", "abc"))
    result = reload()
    for control in controls:
        control.close()
    assert result.exit_code == 2
    assert "name one:\n  --pid 1  http://localhost:1/  /root\n  --pid 2" in result.stderr


@pytest.mark.parametrize("seconds", [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1, 1.5] if EVERYTHING else [0.3])
def test_kill_during_reload_leaves_a_servable_release(
    running: Running, root: Path, store: Path, seconds: float
) -> None:
    change(root, f"Renamed after {seconds}")
    running.process.send_signal(signal.SIGHUP)
    time.sleep(seconds)
    running.process.kill()
    running.process.wait()
    last = find_last(store, root)
    assert last is not None
    assert [find_damage(place) for place in releases(store)] == [""] * len(releases(store))
    assert eventually(lambda: not processes_with(str(root))), "the compilation ends with the server"


def processes_with(word: str) -> list[str]:
    """The processes whose command line has a word."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            line = Path("/proc", name, "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        found += [name] if word in line.split("\0") else []
    return found
