"""The HTTP server, one installation of `publisher` beside others: python tests/benchmarks/bench_server.py --help.

Each round asks every server in turn, so that all share the noise of the machine; another one begins each round.
"""

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import contestants
from contestants import Server

from publisher.dataset.repository import read_repository

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
CONNECTIONS: Final = 16
PROBE_SECONDS: Final = 0.05
"""Between two requests of the bystander."""
TICK: Final = os.sysconf("SC_CLK_TCK")
NUMBERS: Final = count(1, 10_000_000)
KINDS: Final = ("kept", "document", "distinct", "bystander")
"""kept: twenty small queries, again and again. document: one document in Turtle. distinct: small queries, no two alike.
bystander: milliseconds that one client in a hundred waits for a document at least, while 16 connections send distinct
queries and two run long ones."""

Figures = dict[str, float]


def cpu_seconds(pid: int) -> float:
    """Processor time of one process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def load(server: Server, kind: str, iris: Path, document: str, seconds: int) -> Figures:
    """Send requests for some seconds. Requests a second, and the processor time of the web process for each."""
    address = urlsplit(server.url)
    origin = f"{address.scheme}://{address.netloc}"
    words = [contestants.program("wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s"]
    if kind == "document":
        words += ["-H", "Accept: text/turtle", f"{origin}/{document}"]
    else:
        how = "repeated" if kind == "kept" else "distinct"
        words += ["-s", str(HERE / "queries.lua"), origin, "--", address.path, how, str(next(NUMBERS)), str(iris)]
    before = cpu_seconds(server.pid)
    done = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    used = cpu_seconds(server.pid) - before
    if kind == "document":
        requests = float(next(line.split()[0] for line in done.splitlines() if "requests in" in line))
        rate = float(next(line.split()[1] for line in done.splitlines() if line.startswith("Requests/sec")))
    else:
        found = json.loads(done.strip().splitlines()[-1])
        requests, rate = found["requests"], found["requests"] / found["seconds"]
    return {"rate": rate, "cpu us": used / requests * 1e6}


def bystander(server: Server, iris: Path, document: str, seconds: int) -> Figures:
    """How long a client waits for a document while others keep the server busy."""
    stop, waited = threading.Event(), []
    url = f"{server.url.rpartition('/')[0]}/{document}"
    endless = f"{server.url}?query=" + quote("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")

    def run_long() -> None:
        with contextlib.suppress(OSError), socket.create_connection(_address(server)) as connection:
            connection.sendall(f"GET /{endless.split('/', 3)[3]} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            stop.wait()

    def look() -> None:
        while not stop.wait(PROBE_SECONDS):
            start = time.perf_counter()
            with urllib.request.urlopen(url, timeout=30) as response:
                response.read()
            waited.append((time.perf_counter() - start) * 1e3)

    threads = [threading.Thread(target=run_long) for _ in range(2)] + [threading.Thread(target=look)]
    for thread in threads:
        thread.start()
    load(server, "distinct", iris, document, seconds)
    stop.set()
    for thread in threads:
        thread.join()
    return {"p99 ms": statistics.quantiles(waited, n=100)[98]}


def _address(server: Server) -> tuple[str, int]:
    address = urlsplit(server.url)
    return address.hostname or "", address.port or 80


@contextlib.contextmanager
def started(command: str, root: Path, folder: Path) -> Iterator[Server]:
    """One installation of `publisher` over a root."""
    folder.mkdir()
    port = contestants.free_port()
    words = [command, "serve", "--root", str(root), "--port", str(port)]
    url = f"http://127.0.0.1:{port}/sparql"
    with contestants.running(command, words, url, folder / "log", PUBLISHER_STORE_DIR=str(folder / "store")) as server:
        yield server


def compare(servers: Sequence[Server], iris: Path, document: str, rounds: int, seconds: int) -> dict[str, object]:
    """The medians of every server, and of its ratios to the first within rounds with their range."""
    runs: dict[tuple[int, str], list[Figures]] = {}
    for number in range(rounds):
        turn = number % len(servers)
        for place in [*range(turn, len(servers)), *range(turn)]:
            for kind in KINDS:
                measure = (
                    bystander(servers[place], iris, document, seconds)
                    if kind == "bystander"
                    else load(servers[place], kind, iris, document, seconds)
                )
                runs.setdefault((place, kind), []).append(measure)
    return {f"{place}: {server.name}": _summary(runs, place) for place, server in enumerate(servers)}


def _summary(runs: dict[tuple[int, str], list[Figures]], place: int) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for kind in KINDS:
        own, first = runs[place, kind], runs[0, kind]
        for figure in own[0]:
            ratios = sorted(a[figure] / max(b[figure], 1e-9) for a, b in zip(own, first, strict=True))
            found.setdefault(kind, {})[figure] = round(statistics.median(one[figure] for one in own), 1)
            found[kind][f"{figure}, ratio to 0"] = f"{statistics.median(ratios):.2f} [{ratios[0]:.2f}-{ratios[-1]:.2f}]"
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commands", nargs="*", help="paths of `publisher` commands [default: this environment's]")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    options = parser.parse_args()
    commands = options.commands or [contestants.program("publisher")]
    coalitions = [iri for file in read_repository(ROOT).files for iri in file.subjects if "/id/coalition/" in iri]
    things = sorted({iri for iri in coalitions if iri.count("/") == 6})
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        iris = folder / "iris"
        iris.write_text("\n".join(things) + "\n")
        document = "doc/coalition/" + things[0].rpartition("/")[2]
        servers = [
            stack.enter_context(started(command, ROOT, folder / str(place))) for place, command in enumerate(commands)
        ]
        found = compare(servers, iris, document, options.rounds, options.seconds)
    json.dump(found, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
