"""The endpoint beside its peers, on the same quads, in one run: python tests/benchmarks/bench_sparql.py --help."""

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit

import contestants
import processes
import pyoxigraph as ox
from contestants import Server

from publisher.rdf.namespaces import RDF
from publisher.release.compiler import compile_release
from publisher.release.store import open_store
from publisher.settings import Settings
from publisher.sparql.engine import Query, QueryEngine

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
CONNECTIONS: Final = 16
ROWS: Final = 1_000_000
WARM_SECONDS: Final = 3
SETTLE_SECONDS: Final = 0.5
"""Between two runs: wrk leaves with questions under way, and those keep their places until they are answered."""
NUMBERS: Final = count(1, 10_000_000)
"""Where each run begins to count, so that no distinct query is ever asked twice."""

Figures = dict[str, float]


def load(server: Server, kind: str, iris: Path, seconds: int) -> Figures:
    """Ask for so many seconds over 16 kept connections; what wrk says of it, with requests a second as `rate`."""
    address = urlsplit(server.url)
    words = [contestants.program("wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s"]
    words += ["-s", str(HERE / "queries.lua"), f"{address.scheme}://{address.netloc}"]
    words += ["--", address.path, kind, str(next(NUMBERS)), str(iris)]
    time.sleep(SETTLE_SECONDS)
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    found: Figures = json.loads(done.stdout.strip().splitlines()[-1])
    if found["errors"] or not found["requests"]:
        sys.exit(f"{server.name} failed under {kind} queries:\n{done.stdout}")
    return found | {"rate": found["requests"] / found["seconds"]}


def compare(servers: Sequence[Server], kind: str, iris: Path, rounds: int, seconds: int) -> dict[str, Any]:
    """Rounds in which each server is asked in turn, so that all share the noise; another one begins each round."""
    found: dict[str, list[Figures]] = {server.name: [] for server in servers}
    for server in servers:
        load(server, kind, iris, WARM_SECONDS)
    for number in range(rounds):
        turn = number % len(servers)
        for server in [*servers[turn:], *servers[:turn]]:
            found[server.name].append(load(server, kind, iris, seconds))
    ours = found["publisher"]
    return {
        name: {
            "rate": median(one["rate"] for one in runs),
            "p50 ms": median(one["p50"] for one in runs),
            "p99 ms": median(one["p99"] for one in runs),
            "ours to it": median(a["rate"] / b["rate"] for a, b in zip(ours, runs, strict=True)),
        }
        for name, runs in found.items()
    }


def large(servers: Sequence[Server], rounds: int, folder: Path) -> dict[str, Any]:
    """A result of a million rows in CSV: seconds until it is here whole, and the web process's memory at its peak."""
    side = " ".join(map(str, range(1000)))
    query = folder / "large.rq"
    query.write_text(f"SELECT ?a ?b WHERE {{ VALUES ?a {{ {side} }} VALUES ?b {{ {side} }} }}")
    times: dict[str, list[float]] = {server.name: [] for server in servers}
    for number in range(rounds):
        for server in servers if number % 2 else servers[::-1]:
            times[server.name].append(_download(server, query))
    pairs = zip(times["publisher"], times["oxigraph"], strict=True)
    own = next(server for server in servers if server.name == "publisher")
    return {
        "seconds": {name: median(taken) for name, taken in times.items()},
        "ours to oxigraph": median(theirs / ours for ours, theirs in pairs),
        "peak MB of the web process": processes.tree(own.pid)[0].peak / 1024,
    }


def _download(server: Server, query: Path) -> float:
    words = ["curl", "-sS", "-f", "-H", "Accept: text/csv", "-H", "Content-Type: application/sparql-query"]
    start = time.perf_counter()
    with subprocess.Popen([*words, "--data-binary", f"@{query}", server.url], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = sum(piece.count(b"\n") for piece in iter(lambda: process.stdout.read(1 << 20), b""))
    taken = time.perf_counter() - start
    if process.returncode or lines != ROWS + 1:
        sys.exit(f"{server.name} sent {lines} lines of {ROWS + 1}.")
    return taken


def hop(folder: Path, times: int = 2000, starts: int = 5) -> Figures:
    """What it costs to answer in another process (microseconds), and to start one (milliseconds), without HTTP."""
    settings = Settings(root=str(ROOT), store_dir=str(folder / "releases"), query_workers=1)
    store = ox.Store.read_only(str(compile_release(ROOT, settings.store_folder())))
    asked = Query("ASK {}", "application/sparql-results+json", None)

    async def opened() -> QueryEngine:
        engine = open_store(settings).engine
        engine.run_in(asyncio.get_running_loop())
        (await engine.answer(asked)).body.close()
        return engine

    async def begin() -> float:
        start = time.perf_counter()
        engine = await opened()
        taken = time.perf_counter() - start
        engine.close()
        return taken

    async def through() -> float:
        engine = await opened()
        start = time.perf_counter()
        for _ in range(times):
            (await engine.answer(asked)).body.close()
        taken = time.perf_counter() - start
        engine.close()
        return taken / times

    def direct() -> float:
        start = time.perf_counter()
        for _ in range(times):
            store.query(asked.text).serialize(format=ox.QueryResultsFormat.JSON)
        return (time.perf_counter() - start) / times

    begun = [asyncio.run(begin()) for _ in range(starts)]
    alone = direct()
    return {"start ms": median(begun) * 1e3, "hop us": (asyncio.run(through()) - alone) * 1e6, "direct us": alone * 1e6}


@contextlib.contextmanager
def all_servers(folder: Path) -> Iterator[list[Server]]:
    """The three servers over the same quads, idle until asked."""
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(contestants.publisher(ROOT, folder))
        quads = contestants.dump(folder)
        peers = [contestants.oxigraph(quads, folder), contestants.rdflib_endpoint(quads, folder)]
        yield [ours, *(stack.enter_context(peer) for peer in peers)]


def coalitions(quads: Path, folder: Path) -> Path:
    """A file with the IRIs that the small queries ask about, one a line."""
    stated = (ox.NamedNode(RDF + "type"), ox.NamedNode("https://w3id.org/ma-coalitions/ontology#Coalition"))
    found = {
        quad.subject.value
        for quad in ox.parse(path=str(quads), format=ox.RdfFormat.N_QUADS)
        if (quad.predicate, quad.object) == stated
    }
    path = folder / "iris.txt"
    path.write_text("\n".join(sorted(found)) + "\n")
    return path


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=7, help="rounds of each comparison (7)")
    arguments.add_argument("--seconds", type=int, default=3, help="seconds that a server is asked in a round (3)")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with all_servers(folder) as servers:
            iris = coalitions(folder / "release.nq", folder)
            found: dict[str, Any] = {
                kind: compare(servers, kind, iris, chosen.rounds, chosen.seconds) for kind in ("distinct", "repeated")
            }
            found["large"] = large(servers[:2], chosen.rounds, folder)
        found["process"] = hop(folder)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
