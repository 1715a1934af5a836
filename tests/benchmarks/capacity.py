"""What each kind of request costs: processor time and bytes, for the arithmetic of `docs/operations.md`.

python tests/benchmarks/capacity.py > capacity.md; needs wrk and curl. Other load on the machine makes each cost more.
"""

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import contestants
import processes
from bench_server import cpu_seconds
from contestants import Server

from publisher.dataset.repository import read_repository
from publisher.pages.assets import Assets
from publisher.web.access_log import WAITING, AccessLog
from publisher.web.exchanges import Exchange, Tally
from publisher.web.metrics import Metrics
from publisher.web.served_release import ServedRelease

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
CONNECTIONS: Final = 8
DAY: Final = 86_400
RECORDS: Final = WAITING
PEAK: Final = 4
"""How many times the mean rate of a day its busiest minute has."""
SCALES: Final = (1_000_000, 10_000_000, 100_000_000)
ZSTD: Final = ("Accept-Encoding: gzip, deflate, br, zstd",)
HTML: Final = ("Accept: text/html", *ZSTD)
MIX: Final = {
    "page, kept": 0.35,
    "page, not modified": 0.15,
    "document in Turtle, kept": 0.15,
    "style sheet, kept": 0.15,
    "query, kept": 0.15,
    "query, new": 0.05,
}
"""A made-up mix of requests, for the arithmetic: a fifth are queries, a quarter of them new."""


@dataclass(frozen=True)
class Cost:
    """Of one kind of request. web, queries: microseconds of the processor in the web and in the query processes."""

    web: float
    queries: float
    bytes: float

    @property
    def total(self) -> float:
        """Microseconds of the processor for one request."""
        return self.web + self.queries


def measure(server: Server, words: list[str], seconds: int) -> Cost:
    """Send requests with wrk for some seconds."""
    program = [contestants.program("wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(HERE / "report.lua")]
    if "-s" in words:
        program = program[:-2]
    others = [process.pid for process in processes.tree(server.pid)[1:]]
    before = cpu_seconds(server.pid), sum(map(cpu_seconds, others))
    done = subprocess.run([*program, *words], capture_output=True, text=True, check=True).stdout
    web, queries = cpu_seconds(server.pid) - before[0], sum(map(cpu_seconds, others)) - before[1]
    found = json.loads(done.strip().splitlines()[-1])
    number = found["requests"]
    assert number, done
    assert not found["errors"], done
    return Cost(web / number * 1e6, queries / number * 1e6, found["bytes"] / number)


def kinds(origin: str, document: str, tag: str, iris: Path) -> Mapping[str, list[str]]:
    """What wrk is called with for each kind of request."""
    query = ["-s", str(HERE / "queries.lua"), origin, "--", "/sparql"]
    page = f"{origin}/{document}"
    return {
        "page, kept": [*_headers(*HTML), page],
        "page, not modified": [*_headers(*HTML, f"If-None-Match: {tag}"), page],
        "document in Turtle, kept": [*_headers("Accept: text/turtle", *ZSTD), page],
        "style sheet, kept": [*_headers(*ZSTD), f"{origin}/{Assets().address('style.css')}"],
        "query, kept": [*query, "repeated", "1", str(iris)],
        "query, new": [*query, "distinct", "1", str(iris)],
    }


def _headers(*lines: str) -> list[str]:
    return [word for line in lines for word in ("-H", line)]


def read_tag(url: str) -> str:
    """The ETag of a page in the coding that is measured."""
    words = ["curl", "-sI", *_headers(*HTML), url]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.lower().splitlines()
    return next(line.partition(": ")[2] for line in lines if line.startswith("etag"))


@contextmanager
def served() -> Iterator[tuple[Server, str]]:
    """A server over this checkout, and the address of its home page without the slash."""
    with tempfile.TemporaryDirectory() as name, contestants.publisher(ROOT, Path(name)) as server:
        yield server, server.url.rpartition("/")[0]


def print_costs(costs: Mapping[str, Cost]) -> None:
    """Print what each kind costs, as a table."""
    print(
        "| request | CPU of the web process, us | CPU of query processes, us | bytes sent |\n| --- | --- | --- | --- |"
    )
    for kind, cost in costs.items():
        print(f"| {kind} | {cost.web:.0f} | {cost.queries:.0f} | {cost.bytes:.0f} |")


def print_memory(server: Server) -> None:
    """Print the resident memory of a server that has just started."""
    web, *others = processes.tree(server.pid)
    print(f"Web process: {web.rss >> 10} MiB; {len(others)} query processes: {others[0].rss >> 10} MiB each.\n")


def print_recorders() -> None:
    """Print what metrics and the access log add to a request, from the processor time of this process."""
    exchange = Exchange("GET", "/doc/x", "", "192.0.2.7", "", 200, 9, "gzip", "0" * 64, 0.001, 0.002, complete=True)
    metrics = Metrics(_no_release, Tally(), int)
    print("\n| recorded by | CPU for each request, us |\n| --- | --- |")
    for name, recorder in (("metrics", metrics), ("access log", AccessLog("/dev/null", full=False))):
        start = time.process_time()
        for _ in range(RECORDS):
            recorder.record(exchange)
        if isinstance(recorder, AccessLog):
            recorder.close()
        print(f"| {name} | {(time.process_time() - start) / RECORDS * 1e6:.1f} |")


def _no_release() -> ServedRelease:
    raise NotImplementedError


def print_arithmetic(costs: Mapping[str, Cost]) -> None:
    """Print what a day of requests needs, as a table."""
    web, total = (sum(MIX[kind] * getattr(cost, name) for kind, cost in costs.items()) for name in ("web", "total"))
    size = sum(MIX[kind] * cost.bytes for kind, cost in costs.items())
    print(f"\nOne request of the mix: {web:.0f} us in the web process, {total:.0f} us in all, {size:.0f} bytes.\n")
    print("| requests a day | a second | at the peak | busy web processes at the peak | busy cores | Mbit/s |")
    print("| --- | --- | --- | --- | --- | --- |")
    for scale in SCALES:
        mean, peak = scale / DAY, PEAK * scale / DAY
        cells = (f"{mean:.0f}", f"{peak:.0f}", f"{peak * web / 1e6:.2f}", f"{peak * total / 1e6:.2f}")
        print(f"| {scale:,} | {' | '.join(cells)} | {peak * size * 8 / 1e6:.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    things = sorted({iri for file in read_repository(ROOT).files for iri in file.subjects if iri.count("/") == 6})
    coalitions = [iri for iri in things if "/id/coalition/" in iri]
    document = "doc/coalition/" + coalitions[0].rpartition("/")[2]
    with tempfile.NamedTemporaryFile("w") as iris:
        iris.write("\n".join(coalitions) + "\n")
        iris.flush()
        with served() as (server, origin):
            found = kinds(origin, document, read_tag(f"{origin}/{document}"), Path(iris.name))
            print_memory(server)
            costs = {kind: measure(server, words, options.seconds) for kind, words in found.items()}
        print_costs(costs)
        print_arithmetic(costs)
    print_recorders()


if __name__ == "__main__":
    main()
