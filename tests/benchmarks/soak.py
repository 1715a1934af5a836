"""Ten thousand mixed queries against a running server, and what they leave behind: nothing.

python tests/benchmarks/soak.py --help
"""

import argparse
import json
import os
import random
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import contestants
import processes
from contestants import Server

ROOT: Final = Path(__file__).resolve().parents[2]
CLIENTS: Final = 8
SEED: Final = 5
SETTINGS: Final = {
    "PUBLISHER_QUERY_SECONDS": "20",
    "PUBLISHER_QUERY_CPU_SECONDS": "1",
    "PUBLISHER_QUERY_MEMORY_MB": "256",
    "PUBLISHER_QUERY_RESULT_MB": "16",
    "PUBLISHER_QUERY_REPEATS": "500",
}
"""Low limits, so that hostile queries end soon; on a busy machine, a good one takes long, but little processor time."""
WARM: Final = 600
"""Queries before the first look, after which caches are full and every query process has been replaced once."""
SETTLE_SECONDS: Final = 3
MOST_GROWTH_KIB: Final = 30 << 10
"""Memory that may stay in a process over the whole run: allocators keep some; a leak of 3 KiB a query is beyond it."""
PROMPT_SECONDS: Final = 1.0
"""Within which a page and an `ASK {}` answer, whatever else is asked (99 of 100)."""

EVERYTHING: Final = "?s ?p ?o . ?t ?q ?u . ?v ?r ?w"
KINDS: Final[Mapping[str, tuple[int, Callable[[int], str], set[int]]]] = {
    "good": (800, lambda n: f"SELECT * {{ ?s a ?type }} ORDER BY ?s LIMIT {n % 50 + 1}", {200}),
    "repeated": (700, lambda n: f"SELECT (COUNT(*) AS ?n) {{ ?s ?p {n % 10} }}", {200}),
    "graph": (100, lambda n: f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }} LIMIT {n % 500}", {200}),
    "big": (10, lambda n: f"SELECT * {{ ?s ?p ?o }} LIMIT {13_000 + n % 7}", {200}),
    "mistaken": (200, lambda n: f"SELECT * {{ ?s ?p {n} ", {400}),
    "refused": (50, lambda n: f"SELECT * {{ SERVICE <http://127.0.0.1:{n % 9 + 1}/> {{ ?s ?p ?o }} }}", {403}),
    "slow": (2, lambda n: f"SELECT (COUNT(*) AS ?n) {{ {EVERYTHING} FILTER(?o < {n}) }}", {422, 503}),
    "huge": (3, lambda n: f"SELECT * {{ {EVERYTHING} FILTER(?p != <urn:{n}>) }}", {422, 503}),
    "greedy": (2, lambda n: f"SELECT * {{ {EVERYTHING} }} ORDER BY ?o ?u ?w OFFSET {n}", {422, 503}),
    "nested": (1, lambda n: "SELECT * { FILTER(" + "(" * 9_000 + str(n) + ")" * 9_000 + ") }", {200, 400, 422, 503}),
    "left": (100, lambda n: f"SELECT * {{ ?s ?p ?o FILTER(?o != {n}) }}", set()),
}
"""What is asked: kind -> how many of all, the text of the n-th, and the statuses that are right; a client that has left
sees none. 503 is right for all while the queue is full."""


class Soak:
    """One run against one server: what was answered, and how long pages and trivial queries took meanwhile."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.netloc = urlsplit(server.url).netloc
        self.answers: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.waits: dict[str, list[float]] = {"/doc/coalition": [], "/sparql?query=ASK%7B%7D": []}
        self.over = threading.Event()
        self._local = threading.local()

    def ask(self, number: int, kind: str) -> None:
        """Ask one query over this thread's connection and note what came."""
        _, text, right = KINDS[kind]
        if kind == "left":
            self._leave(text(number))
            self.answers["left"] += 1
            return
        connection = self._connection()
        connection.request("POST", "/sparql", text(number), {"Content-Type": "application/sparql-query"})
        response = connection.getresponse()
        body = response.read()
        whole = len(body) == int(response.headers.get("Content-Length", -1))
        self.answers[f"{kind} {response.status}"] += 1
        if not whole or response.status not in right | {503}:
            self.wrong.append(f"{kind} {response.status} {'whole' if whole else 'cut short'} {body[:200]!r}")

    def _connection(self) -> HTTPConnection:
        if not hasattr(self._local, "connection"):
            self._local.connection = HTTPConnection(self.netloc, timeout=30)
        connection: HTTPConnection = self._local.connection
        return connection

    def _leave(self, text: str) -> None:
        """Ask, and hang up in the middle of the answer."""
        host, _, port = self.netloc.partition(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(f"GET /sparql?query={quote(text)} HTTP/1.1\r\nHost: {self.netloc}\r\n\r\n".encode())
            if random.random() < 0.5:
                connection.recv(1000)

    def watch(self) -> None:
        """Ask for a page and a trivial query again and again, over connections of their own, until the run is over."""
        while not self.over.wait(0.1):
            for path, waits in self.waits.items():
                start = time.monotonic()
                connection = HTTPConnection(self.netloc, timeout=30)
                connection.request("GET", path)
                connection.getresponse().read()
                connection.close()
                waits.append(time.monotonic() - start)

    def run(self, numbers: range) -> None:
        """Ask as many queries as there are numbers, mixed by chance, the same in every run."""
        chance = random.Random(SEED)
        kinds = chance.choices(list(KINDS), [share for share, _, _ in KINDS.values()], k=len(numbers))
        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(self.ask, numbers, kinds))


def look(server: Server, folder: Path) -> dict[str, Any]:
    """What the server holds: its processes by kind, their descriptors and memory, and temporary files."""
    time.sleep(SETTLE_SECONDS)
    web, *others = processes.tree(server.pid)
    return {
        "processes": 1 + len(others),
        "descriptors": sum(process.descriptors for process in [web, *others]),
        "web KiB": web.rss,
        "largest other KiB": max(process.rss for process in others),
        "temporary files": len(os.listdir(folder)),
    }


def judge(before: Mapping[str, int], after: Mapping[str, int], soak: Soak) -> list[str]:
    """What the run left behind or got wrong, as sentences."""
    said = [f"wrong answer: {words}" for words in soak.wrong[:10]]
    for name in ("processes", "descriptors", "temporary files"):
        if after[name] > before[name]:
            said.append(f"{name}: {before[name]} before, {after[name]} after")
    for name in ("web KiB", "largest other KiB"):
        if after[name] > before[name] + MOST_GROWTH_KIB:
            said.append(f"{name}: {before[name]} before, {after[name]} after")
    for path, waits in soak.waits.items():
        if _percentile(waits, 99) > PROMPT_SECONDS:
            said.append(f"{path} took {_percentile(waits, 99):.2f} s (99 of 100)")
    return said


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) * percent // 100, len(values) - 1)]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--queries", type=int, default=10_000, help="how many to ask (10000)")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tmp").mkdir()
        settings = SETTINGS | {"TMPDIR": str(folder / "tmp")}
        with contestants.publisher(ROOT, folder, settings) as server:
            Soak(server).run(range(WARM))
            before = look(server, folder / "tmp")
            soak = Soak(server)
            watcher = threading.Thread(target=soak.watch)
            watcher.start()
            start = time.monotonic()
            soak.run(range(WARM, WARM + chosen.queries))
            taken = time.monotonic() - start
            soak.over.set()
            watcher.join()
            after = look(server, folder / "tmp")
    faults = judge(before, after, soak)
    waits = {p: {"p50": _percentile(w, 50), "p99": _percentile(w, 99), "max": max(w)} for p, w in soak.waits.items()}
    figures = {"seconds": taken, "before": before, "after": after, "waits s": waits, "answers": dict(soak.answers)}
    print(json.dumps(figures | {"faults": faults}, indent=2))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
