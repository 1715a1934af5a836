"""A static copy behind nginx, beside the same files without rules: python tests/benchmarks/bench_static.py FOLDER.

FOLDER is a build (`publisher build FOLDER`). One nginx serves both, so that all share the noise of the machine; they
get load in turn, and another one begins each round.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import contestants

from publisher.probe.cases import BROWSER, JENA

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support.ports import free_port
from support.static_servers import serve_with_nginx

CONNECTIONS: Final = 16
TICK: Final = os.sysconf("SC_CLK_TCK")
CODINGS: Final = "gzip, deflate, br, zstd"
BARE: Final = """tcp_nopush on;
    keepalive_requests 1000000;
    server {
        listen 127.0.0.1:BARE;
        root SITE;
        open_file_cache off;
        location /same/ {
            alias SITE/;
            open_file_cache max=20000;
        }
        types { "text/html" html; "text/turtle" ttl; "application/ld+json" jsonld; "application/rdf+xml" rdf; }
        default_type application/octet-stream;
    }"""
"""The same files without rules; below `/same/` with the settings of the rules, elsewhere without `open_file_cache`."""


@dataclass(frozen=True)
class Case:
    """A kind of request. file: what is sent, from the folder of the build on, without coding. coded: with zstd."""

    name: str
    path: str
    file: str
    accept: str
    coded: bool = False


def list_cases(document: str) -> list[Case]:
    """document: the path of one, without suffix."""
    page, turtle = f"{document}.html", f"{document}.ttl"
    return [
        Case("page, browser", document, page, BROWSER),
        Case("page, browser, compressed", document, page, BROWSER, coded=True),
        Case("document, curl", document, turtle, "*/*"),
        Case("document, Turtle", document, turtle, "text/turtle"),
        Case("document, JSON-LD", document, f"{document}.jsonld", "application/ld+json"),
        Case("document, Jena", document, turtle, JENA),
        Case("document with a suffix", turtle, turtle, "*/*"),
        Case("unusual: best named", document, turtle, "application/x-unknown, text/turtle, text/html;q=0.4"),
        Case("unusual: one type", document, turtle, "text/turtle; q=0.87"),
        Case("unusual: qualities", document, turtle, "text/html;q=0.31, text/turtle;q=0.72, */*;q=0.11"),
    ]


@contextlib.contextmanager
def serve(site: Path, *, njs: bool) -> Iterator[tuple[int, int, int]]:
    """Serve the build. The ports with rules and without, and the process that answers."""
    port, bare = free_port(), free_port()
    contestants.program("nginx")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serve_with_nginx(site, folder, port, njs=njs, more=BARE.replace("BARE", str(bare))):
            pid = int((folder / "nginx.pid").read_text())
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            yield port, bare, int(children[0])


def cpu_seconds(pid: int) -> float:
    """Processor time of one process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def load(pid: int, url: str, headers: dict[str, str], seconds: int) -> dict[str, float]:
    """Send requests for some seconds: requests a second, and microseconds of the server's processor for each."""
    words = [contestants.program("wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s"]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    before = cpu_seconds(pid)
    lines = subprocess.run([*words, url], capture_output=True, text=True, check=True).stdout.splitlines()
    used = cpu_seconds(pid) - before
    if any("Non-2xx" in line or "Socket errors" in line for line in lines):
        raise SystemExit(f"{url}: an error instead of the file")
    requests = int(next(line.split()[0] for line in lines if "requests in" in line))
    rate = float(next(line.split()[1] for line in lines if line.startswith("Requests/sec")))
    return {"rate": rate, "cpu us": used / requests * 1e6}


def fetch(url: str, headers: dict[str, str]) -> bytes:
    """A body as it is sent."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as response:
        return bytes(response.read())


def measure(case: Case, place: tuple[int, int, int], rounds: int, seconds: int) -> dict[str, float]:
    """One case: medians over the rounds; a ratio is the median of the ratios within rounds."""
    port, bare, pid = place
    headers = {"Accept": case.accept, **({"Accept-Encoding": CODINGS} if case.coded else {})}
    plain = f"http://127.0.0.1:{bare}/{'.build/zstd/' if case.coded else ''}{case.file}"
    urls = {
        "rules": f"http://127.0.0.1:{port}/{case.path}",
        "bare": plain,
        "tuned": plain.replace(f"{bare}/", f"{bare}/same/"),
    }
    bodies = {name: fetch(url, headers) for name, url in urls.items()}
    if len(set(bodies.values())) != 1:
        raise SystemExit(f"{case.name}: not the bytes of {case.file}")
    found: dict[str, list[dict[str, float]]] = {name: [] for name in urls}
    for number in range(rounds):
        for name in list(urls)[:: 1 if number % 2 else -1]:
            found[name].append(load(pid, urls[name], headers, seconds))

    def compare(figure: str, other: str) -> float:
        pairs = zip(found["rules"], found[other], strict=True)
        return round(statistics.median(ours[figure] / its[figure] for ours, its in pairs), 2)

    return {
        "bytes": len(bodies["bare"]),
        "rate to bare": compare("rate", "bare"),
        "rate to tuned": compare("rate", "tuned"),
        "cpu to bare": compare("cpu us", "bare"),
        "cpu to tuned": compare("cpu us", "tuned"),
        **{f"{name} cpu us": round(min(each["cpu us"] for each in figures), 1) for name, figures in found.items()},
    }


def main() -> None:
    """Measure all cases and print them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a build")
    parser.add_argument("--document", default="doc/coalition/clean-slate-ma", help="path of a document of the build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of load in each round, for each of the two")
    parser.add_argument("--without-njs", action="store_true")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    arguments = parser.parse_args()
    with serve(arguments.folder.resolve(), njs=not arguments.without_njs) as place:
        for case in list_cases(arguments.document):
            if arguments.only in case.name:
                print(json.dumps({case.name: measure(case, place, arguments.rounds, arguments.seconds)}), flush=True)


if __name__ == "__main__":
    main()
