"""The running server: start, failed start, hostile queries, and shutdown."""

import concurrent.futures
import contextlib
import http.client
import json
import os
import platform
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from support.waiting import PATIENCE, eventually

from publisher.cli.main import main
from publisher.web import server as server_module

Serving = Callable[..., AbstractContextManager[Any]]
ENDLESS = {"PUBLISHER_QUERY_SECONDS": "600", "PUBLISHER_QUERY_CPU_SECONDS": "600", "PUBLISHER_QUERY_WORKERS": "1"}
"""Settings by which a query goes on for longer than any test waits."""


def get(url: str, accept: str = "*/*", timeout: float = 4 * PATIENCE) -> tuple[int, bytes]:
    request = urllib.request.Request(url, headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def ask(url: str, query: str) -> tuple[int, bytes]:
    return get(f"{url}/sparql?{urllib.parse.urlencode({'query': query})}", "application/sparql-results+json")


def descendants(pid: int) -> set[int]:
    """The processes below one, found in /proc."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
    found: set[int] = set()
    while new := {child for child, parent in parents.items() if parent in found | {pid}} - found:
        found |= new
    return found


def alive(pids: set[int]) -> set[int]:
    """Those of the processes that still run; zombies have ended."""
    running = set()
    for pid in pids:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                running.add(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return running


@pytest.mark.parametrize(
    ("stop", "busy"),
    [(signal.SIGINT, False), (signal.SIGKILL, True)],
    ids=["interrupted", "killed during a query"],
)
def test_stop_signal_ends_all_processes(serving: Serving, tmp_path: Path, stop: signal.Signals, busy: bool) -> None:
    """Long before a query would end by itself."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    with serving(TMPDIR=str(temporary), PUBLISHER_QUERY_MEMORY_MB="64", **ENDLESS) as running:
        assert ask(running.url, "ASK {}")[0] == 200
        below = descendants(running.process.pid)
        assert len(below) >= 2, "query processes"
        with concurrent.futures.ThreadPoolExecutor(1) as threads:
            if busy:
                threads.submit(ask_until_the_end, running.url)
                assert eventually(used_more(running.process.pid))
            running.process.send_signal(stop)
            assert eventually(lambda: not alive(below | {running.process.pid}))
        assert list(temporary.iterdir()) == []


def ask_until_the_end(url: str, number: int = 0) -> None:
    """Send a query that never ends; the server may stop meanwhile."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        ask(url, f"SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }} #{number}")


def used_more(parent: int) -> Callable[[], bool]:
    """Tells whether the processes below one use processor time, so that a query is running; they may be replaced."""

    def used() -> int:
        total = 0
        for pid in alive(descendants(parent)):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12])
        return total

    before = used()
    return lambda: used() >= before + 10


def test_endless_queries_do_not_delay_pages_or_short_queries(serving: Serving) -> None:
    with serving(**ENDLESS) as running:
        assert get(f"{running.url}/doc/coalition/open-books-coalition", "text/html")[0] == 200
        with concurrent.futures.ThreadPoolExecutor(20) as threads:
            endless = [threads.submit(ask_until_the_end, running.url, number) for number in range(20)]
            assert eventually(used_more(running.process.pid))
            for number in range(8):  # Each asks for something else, so that no cache helps.
                assert get(f"{running.url}/doc/coalition/open-books-coalition?{number}", "text/html")[0] == 200
                assert ask(running.url, f"ASK {{}} #{number}")[0] == 200
            count = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/ma-coalitions/ontology#Coalition> }"
            status, body = ask(running.url, count)
            assert (status, json.loads(body)["results"]["bindings"][0]["n"]["value"]) == (200, "6")
            assert not any(future.done() for future in endless), "all of them ran or waited all the time"
            running.process.terminate()


def test_deeply_nested_query_returns_422(server: str) -> None:
    status, body = ask(server, "SELECT (" + "!" * 20_000 + "1 AS ?x) {}")
    assert status == 422
    assert json.loads(body)["limit"] == "nesting"
    assert ask(server, "ASK {}") == (200, b'{"head":{},"boolean":true}')


def test_service_clause_calls_configured_endpoints_only(serving: Serving, server: str) -> None:
    with serving(PUBLISHER_QUERY_SERVICES=f"http://127.0.0.1:1/sparql {server}/sparql") as running:
        status, body = ask(
            running.url,
            "PREFIX coal: <https://w3id.org/ma-coalitions/ontology#> SELECT (COUNT(DISTINCT ?coalition) AS ?n)"
            f" {{ ?coalition a coal:Coalition SERVICE <{server}/sparql> {{ ?coalition coal:advances ?agenda }} }}",
        )
        assert (status, json.loads(body)["results"]["bindings"][0]["n"]["value"]) == (200, "6")
        status, body = ask(running.url, "SELECT * { SERVICE <http://127.0.0.1:1/sparql> { ?s ?p ?o } }")
        assert (status, json.loads(body)["type"]) == (502, "https://w3id.org/ma-coalitions/problem/service-failed")
        status, body = ask(running.url, "SELECT * { SERVICE <http://127.0.0.1:2/sparql> { ?s ?p ?o } }")
        assert (status, json.loads(body)["type"]) == (403, "https://w3id.org/ma-coalitions/problem/refused")
        description = get(f"{running.url}/sparql", "text/turtle")[1].decode()
        assert "sd:BasicFederatedQuery" in description
    assert "sd:BasicFederatedQuery" not in get(f"{server}/sparql", "text/turtle")[1].decode()


HEAPS = """
import ctypes, sys, threading
from publisher import platform_support
platform_support.return_freed_memory()
del platform_support
block = bytes(1 << 20)
del block  # Freeing a large block would have glibc take the next ones from the heaps.
kept, barrier = [], threading.Barrier(8)
def keep():
    barrier.wait()
    kept.append(bytes(1 << 20))
    barrier.wait()
threads = [threading.Thread(target=keep) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what was freed, and tells it")
def test_large_blocks_are_returned_to_the_system(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", HEAPS, str(tmp_path / "heaps.xml")], timeout=60, check=True)
    told = ElementTree.parse(tmp_path / "heaps.xml").getroot()
    assert len(told.findall("heap")) <= 2
    mapped = next(total for total in told.findall("total") if total.get("type") == "mmap")
    assert int(mapped.get("size", 0)) >= 8 << 20


def test_port_in_use_exits_2(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = CliRunner().invoke(main, ["serve", "--root", str(root), "--port", port])
    assert done.exit_code == 2
    line = done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert port in line
    assert "in use" in line


def test_unwritable_store_folder_exits_2(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    environment = {"PUBLISHER_STORE_DIR": str(tmp_path / "file" / "x")}
    done = CliRunner().invoke(main, ["serve", "--root", str(root), "--port", "0"], env=environment)
    assert done.exit_code == 2
    assert "cannot be compiled" in done.stderr


def test_metrics_and_access_log_are_complete_at_the_end(serving: Serving, tmp_path: Path) -> None:
    log = tmp_path / "access"
    options = {"PUBLISHER_METRICS": "127.0.0.1:0", "PUBLISHER_ACCESS_LOG": str(log)}
    with serving(**options) as running:
        metrics = re.search(r"^Metrics at (http://\S+)$", running.log.read_text(), re.MULTILINE)
        assert metrics is not None
        assert ask(running.url, "ASK {}")[0] == 200
        assert get(f"{running.url}/health/ready")[0] == 200
        assert b'publisher_requests_total{route="sparql",status="200"} 1.0' in get(metrics[1])[1]
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(timeout=PATIENCE) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["route"], line["status"], line["client"]) for line in lines] == [
        ("sparql", 200, "127.0.0.0"),
        ("health", 200, ""),
    ]


def test_message_without_reader_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as broken:
        monkeypatch.setattr(sys, "stderr", broken)
        server_module._say("Reload switched.")
        with contextlib.suppress(OSError):
            broken.close()
