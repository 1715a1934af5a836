"""The cost curve: what a release of each size costs: python tests/benchmarks/cost_curve.py --help.

Writes a table and a plot: compiling beside `oxigraph load`, opening, memory, pages, queries, a stream, validation.
"""

import argparse
import contextlib
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final
from urllib.parse import quote

import copied_root
from contestants import free_port
from cost_plot import draw
from large_root import BASE, TRIPLES, write_root
from processes import tree

BIN: Final = Path(sys.executable).parent
CHECKOUT: Final = Path(__file__).parents[2]
SIZES: Final = (11_000, 100_000, 1_000_000)
PAGES: Final = (
    "",
    "doc/coalition",
    "doc/coalition?page=2",
    "doc/bill",
    "sparql",
    "sparql/completions.json",
    "search?q=fair+local+coalition",
    "sitemap.xml",
    "doc/source/report",
    "doc/role/member",
    "dataset",
    "graph/coalitions",
)
"""Pages that are the same at each size; pages of different things are added."""
QUERIES: Final = (
    "SELECT ?p ?o {{ <{base}id/coalition/c{n}> ?p ?o }}",
    "SELECT ?m {{ <{base}id/coalition/c{n}> <http://www.w3.org/ns/org#hasMembership> ?m }}",
    "SELECT ?c {{ ?c <https://w3id.org/ma-coalitions/ontology#acronym> 'C{n}' }}",
)
ASKED: Final = 100
"""Requests for pages of things, and queries; no two are alike."""

PART: Final = "part: "
"""Before the name of a part of compiling, among the figures."""

MEMORY: Final = """## Memory of compiling

Most of it is bounded: up to 192 MB of N-Quads, about a million statements, that queries ask while a release is
compiled, in a store in memory that takes twice as many bytes and is freed before the release is loaded, and of more in
the store of the release; 250,000 statements that the engine loads at once, 400,000 where that store is in memory, a
kilobyte each; 32 MB of lines to sort; the caches of SQLite, 64 MB each; what the engine keeps of files of its store.
Two things grow with the data: the engine holds the different objects of one property in one graph while it counts them
(`void:distinctObjects`), and the change log a number and a name for each thing.
"""

SERVING: Final = """## Memory of serving

The web process takes 85 MB when it is ready, of which 34 MB are pages of libraries. The engine keeps up to 128 MB of
terms and 32 MB of each index that it has read, and has no option for that; so the web process opens a large store anew
after 10,000 triples, and reads the stream of a graph that makes up a tenth of a release or more from its N-Quads. The
stream of another large graph, as that of the derived statements, takes up to 160 MB more while it lasts. Responses in
the cache come on top, up to `PUBLISHER_CACHE_MB`.
"""

KEPT: Final = """## What compiling keeps

What would make compiling cheaper and queries slower by more than a tenth is left as it is:

- **The default graph as a view of the named graphs** saves about two thirds of a load. Queries that list the named
  graphs as the default graph take 1.4 times as long for a description, 1.9 to 3.5 times for incoming statements or a
  small join, 6 to 28 times for a count over a join, in a release of 100,000 statements and in the shipped one. The
  union of all graphs that the engine offers has the statistics too, and counts a statement once for each graph.
- **Not to compact the store**: descriptions take 1.4 times as long, small joins twice.
- **To load statements with blank nodes after compacting**, which spares small releases nearly all of it: descriptions
  take 1.04 to 1.08 times as long, a count over a join 1.3 times.
"""

Figures = dict[str, float]


def measure(size: int, *, validate: bool, parts: bool) -> Figures:
    """Measure a release of about `size` statements."""
    with tempfile.TemporaryDirectory() as folder:
        root, store = Path(folder, "root"), Path(folder, "store")
        write_root(root, size)
        figures: Figures = {"load": load(list_files(root), Path(folder, "bare"))}
        command = [str(BIN / "publisher"), "compile", "--root", str(root)]
        environment = os.environ | {"PUBLISHER_STORE_DIR": str(store)}
        figures["compile"], figures["compile MB"], _ = run(command, environment)
        figures["again"], _, figures["again s"] = run(command, environment)
        (place,) = [path for path in store.iterdir() if path.name != "roots"]
        figures["disk MB"] = sum(path.stat().st_size for path in place.rglob("*") if path.is_file()) / 1e6
        figures |= serve(root, environment, size // TRIPLES)
        if validate:
            figures |= validate_copies(Path(folder, "copies"), size)
        if parts:
            command = [sys.executable, str(Path(__file__).with_name("compile_parts.py")), str(root), "--json"]
            found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            figures |= {PART + name: seconds for name, seconds in found.items()}
    figures["ratio"] = figures["compile"] / figures["load"]
    return figures


def validate_copies(root: Path, size: int) -> Figures:
    """Measure the validation of copied data, which have few mistakes, as published data do."""
    copied_root.write_root(root, size)
    words = ["validate", "--root", str(root), "--engine", "fast", "--no-cache", str(root / "data")]
    cpu, peak, _ = run([str(BIN / "publisher"), *words], dict(os.environ))
    return {"validate": cpu, "validate MB": peak}


def list_files(root: Path) -> list[Path]:
    """The Turtle files that are compiled for a large root: its own, and those of the software."""
    software = (path for folder in ("ontology", "shapes") for path in (CHECKOUT / folder).rglob("*.ttl"))
    return [*sorted(root.rglob("*.ttl")), *sorted(path for path in software if "examples" not in path.parts)]


def load(files: Sequence[Path], place: Path) -> float:
    """CPU seconds in which `oxigraph load` stores the files once, in a named graph."""
    whole = place.with_suffix(".ttl")
    with whole.open("wb") as output:
        for path in files:
            output.write(path.read_bytes())
    words = ["load", "--location", str(place), "--file", str(whole), "--graph", f"{BASE}graph"]
    cpu, _, _ = run([str(BIN / "oxigraph"), *words], dict(os.environ))
    shutil.rmtree(place)
    whole.unlink()
    return cpu


def run(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float, float]:
    """Run a command: its CPU seconds, its peak memory in MB, its seconds. Findings of a validation are no failure."""
    started = time.monotonic()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, time.monotonic() - started


@contextlib.contextmanager
def start(root: Path, environment: Mapping[str, str]) -> Iterator[tuple[str, int, float]]:
    """Start a server: its address, its process, and the seconds until it was ready."""
    port = free_port()
    command = [str(BIN / "publisher"), "serve", "--root", str(root), "--port", str(port)]
    url, started = f"http://127.0.0.1:{port}/", time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not is_ready(url):
            if process.poll() is not None:
                raise SystemExit(f"the server ended with {process.returncode}")
            time.sleep(0.02)
        yield url, process.pid, time.monotonic() - started
    finally:
        process.terminate()
        process.wait()


def is_ready(url: str) -> bool:
    """Whether a server answers pages and queries."""
    try:
        fetch(url + "health/ready")
    except OSError:
        return False
    return True


def fetch(url: str, accept: str = "text/html") -> tuple[float, float]:
    """Fetch an address: milliseconds until the first byte, and until the last."""
    started = time.monotonic()
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept})) as response:
        response.read(1)
        first = time.monotonic()
        while response.read(1 << 20):
            pass
    return (first - started) * 1000, (time.monotonic() - started) * 1000


def serve(root: Path, environment: Mapping[str, str], coalitions: int) -> Figures:
    """Measure a server over a compiled release. coalitions: how many it has."""
    with start(root, environment) as (url, pid, seconds):
        started = busy(pid)
        first_query_process = tree(pid)[1].pid
        opening = {"open web": used([pid]), "open query": used([first_query_process])}
        things = [f"doc/coalition/c{n * max(1, coalitions // ASKED)}" for n in range(min(ASKED, coalitions))]
        pages = [ask(url + path, pid) for path in (*PAGES, *things)]
        texts = [QUERIES[n % len(QUERIES)].format(base=BASE, n=n % coalitions) for n in range(ASKED)]
        results = "application/sparql-results+json"
        asked = [ask(f"{url}sparql?query={quote(text)}", pid, results) for text in texts]
        first, _ = fetch(url + "graph/coalitions.nt", "application/n-triples")
        return {
            "open": started,
            "open s": seconds,
            **opening,
            **summarize("page", pages),
            **summarize("query", asked),
            "stream first byte ms": first,
            "web MB": tree(pid)[0].peak / 1024,
            "web files MB": mapped_files(pid) / 1024,
            "query MB": max(process.peak for process in tree(pid)[1:]) / 1024,
        }


def ask(url: str, pid: int, accept: str = "text/html") -> tuple[float, float]:
    """Fetch an address: milliseconds until the last byte, and those in which the server was busy."""
    before = busy(pid)
    _, taken = fetch(url, accept)
    return taken, (busy(pid) - before) * 1000


def busy(pid: int) -> float:
    """CPU seconds of a process and of all below it."""
    return used([process.pid for process in tree(pid)])


def used(pids: Sequence[int]) -> float:
    """CPU seconds of processes, to the nanosecond (schedstats, proc(5))."""
    tasks = (task for pid in pids for task in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def mapped_files(pid: int) -> int:
    """KiB of a process's resident memory that are pages of files, which the kernel can drop (RssFile, proc(5))."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssFile:"))


def summarize(name: str, found: Sequence[tuple[float, float]]) -> Figures:
    """The median and the 99th percentile of the times until answers came, and of those in which the server was busy."""
    figures = {}
    for kind, values in zip(("", " CPU"), zip(*found, strict=True), strict=True):
        figures |= {f"{name}{kind} p50 ms": median(values), f"{name}{kind} p99 ms": quantiles(values, n=100)[98]}
    return figures


PANELS: Final[Mapping[str, Mapping[str, str]]] = {
    "CPU seconds": {"compile": "compile", "oxigraph load": "load", "validate": "validate"},
    "Peak memory, MB": {"compile": "compile MB", "web process": "web MB", "validate": "validate MB"},
    "Pages, milliseconds of CPU time": {"p50": "page CPU p50 ms", "p99": "page CPU p99 ms"},
    "Queries, milliseconds of CPU time": {"p50": "query CPU p50 ms", "p99": "query CPU p99 ms"},
}
ROWS: Final = {
    "load": "CPU seconds of `oxigraph load`, one copy",
    "compile": "CPU seconds of `publisher compile`",
    "ratio": "compile to load",
    "compile MB": "peak memory of compiling, MB",
    "disk MB": "compiled release on disk, MB",
    "again": "CPU seconds of `publisher compile` of an unchanged root",
    "again s": "the same until it ends, seconds",
    "open": "CPU seconds of `publisher serve` until ready, all processes",
    "open s": "the same until it is ready, seconds",
    "open web": "of the CPU seconds, the web process",
    "open query": "of the CPU seconds, the first query process",
    "web MB": "peak memory of the web process, MB",
    "web files MB": "of it pages of files, which the kernel can drop, MB",
    "query MB": "peak memory of a query process, MB",
    "page p50 ms": "page, median, ms",
    "page p99 ms": "page, 99th percentile, ms",
    "page CPU p50 ms": "the same in CPU time, median, ms",
    "page CPU p99 ms": "the same in CPU time, 99th percentile, ms",
    "query p50 ms": "query, median, ms",
    "query p99 ms": "query, 99th percentile, ms",
    "query CPU p50 ms": "the same in CPU time, median, ms",
    "query CPU p99 ms": "the same in CPU time, 99th percentile, ms",
    "stream first byte ms": "stream of a named graph, first byte, ms",
    "validate": "CPU seconds of `publisher validate --engine fast`, of the shipped data, copied up to that size",
    "validate MB": "peak memory of validating, MB",
}


def write_page(found: Mapping[int, Figures], command: str, note: str) -> str:
    """The page of the table, in Markdown. note: how its figures were measured, as far as it is not the usual way."""
    sizes = sorted(found)
    lines = [
        "# Cost curve\n",
        "What a release costs by its number of statements, with empty caches. Each size was measured once: compare the",
        "ratios and the shape with those of another machine, not the seconds.\n",
        "![Costs by size](cost-curve.svg)\n",
        f"| | {' | '.join(f'{size:,}' for size in sizes)} |",
        f"|---|{'---:|' * len(sizes)}",
    ]
    for key, text in ROWS.items():
        cells = [write_number(found[size][key]) if key in found[size] else "-" for size in sizes]
        lines.append(f"| {text} | {' | '.join(cells)} |")
    lines += [
        "",
        describe_machine(),
        *([note] if note else []),
        "",
        "```sh",
        command,
        "```",
        "",
        *write_parts(found),
        KEPT,
        MEMORY,
        SERVING,
    ]
    return "\n".join(lines)


def write_parts(found: Mapping[int, Figures]) -> list[str]:
    """The lines about the parts of compiling, for the sizes at which they were measured."""
    sizes = [size for size in sorted(found) if any(key.startswith(PART) for key in found[size])]
    if not sizes:
        return []
    names = sorted((key for key in found[sizes[-1]] if key.startswith(PART)), key=lambda key: -found[sizes[-1]][key])
    rows = {name.removeprefix(PART): [found[size][name] / found[size]["load"] for size in sizes] for name in names}
    rows["all"] = [sum(column) for column in zip(*rows.values(), strict=True)]
    return [
        "## Parts of compiling\n",
        "CPU time as a multiple of that of `oxigraph load`, which stores the same files once, in one named graph.\n",
        f"| | {' | '.join(f'{size:,}' for size in sizes)} |",
        f"|---|{'---:|' * len(sizes)}",
        *(f"| {name} | {' | '.join(f'{ratio:.2f}' for ratio in ratios)} |" for name, ratios in rows.items()),
        "",
        "```sh",
        "python tests/benchmarks/large_root.py /tmp/large 1000000",
        "python tests/benchmarks/compile_parts.py /tmp/large",
        "```",
        "",
    ]


def write_number(number: float) -> str:
    """A number with three digits or more."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def describe_machine() -> str:
    """The machine, and what else it did."""
    model = next((line.partition(":")[2].strip() for line in read_cpuinfo() if line.startswith("model name")), "")
    memory = os.sysconf("SC_PHYS_PAGES") * resource.getpagesize() >> 30
    load_ = f"{os.getloadavg()[2]:.0f}"
    return (
        f"Machine: {os.cpu_count()} cores ({model or platform.machine()}), {memory} GiB of memory, Python"
        f" {platform.python_version()}; load average {load_} over the last 15 minutes,\nso that whatever waits also"
        " waits for a processor. A dash: not measured."
    )


def read_cpuinfo() -> list[str]:
    """The lines of the kernel's description of the processors."""
    with contextlib.suppress(OSError):
        return Path("/proc/cpuinfo").read_text().splitlines()
    return []


def main() -> None:
    """Measure the sizes that are asked for, and write what was found after each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, action="append", help="statements, again for more sizes")
    parser.add_argument("--no-validate", action="store_true")
    parser.add_argument("--no-parts", action="store_true", help="compile once only")
    parser.add_argument("--keep", type=Path, help="JSON file of figures: earlier ones are kept beside new ones")
    parser.add_argument("--note", default="", help="sentence below the table, on how its figures were measured")
    parser.add_argument("--output", type=Path, default=CHECKOUT / "docs")
    options = parser.parse_args()
    found: dict[int, Figures] = {}
    if options.keep and options.keep.exists():
        found = {int(size): figures for size, figures in json.loads(options.keep.read_text()).items()}
    for size in options.size or SIZES:
        found[size] = measure(size, validate=not options.no_validate, parts=not options.no_parts)
        print(size, json.dumps(found[size]), flush=True)
        if options.keep:
            options.keep.write_text(json.dumps(found, indent=2))
        write(found, options.output, options.note)


def write(found: Mapping[int, Figures], folder: Path, note: str) -> None:
    """Write the page and the plot."""

    def pick(key: str) -> Any:
        return [(size, found[size][key]) for size in sorted(found) if key in found[size]]

    panels = {title: {name: pick(key) for name, key in lines.items()} for title, lines in PANELS.items()}
    (folder / "cost-curve.svg").write_text(draw(panels, "Costs of a release by its number of statements"))
    command = "python tests/benchmarks/cost_curve.py"
    (folder / "cost-curve.md").write_text(write_page(found, command, note))


if __name__ == "__main__":
    main()
