"""What validation costs beside its bare engine, by layout: python tests/benchmarks/bench_validate.py --help."""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import contestants
import layouts

ROOT: Final = Path(__file__).resolve().parents[2]
SIZES: Final = (11_000, 100_000)
FINDINGS: Final = (0, 1, 1_000, 10_000)
SMALL: Final = SIZES[0]
"""The size that plain pySHACL is measured at: at 100,000 triples it takes minutes."""
BARE_TIMES: Final = 3
PER_FINDING: Final = 0.0002
GRAPH_TIMES: Final = 2
"""The target: CPU time of the bare engine, seconds for each finding, and memory of the parsed graph."""


@dataclass(frozen=True)
class Run:
    """What the kernel says of a finished process (wait4(2)). cpu: seconds. peak: resident MB."""

    cpu: float
    peak: float


RUNNER: Final = """
import json, os, sys
nothing = os.open(os.devnull, os.O_RDWR)
files = [(os.POSIX_SPAWN_DUP2, nothing, stream) for stream in range(3)]
_, status, used = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=files), 0)
code = os.waitstatus_to_exitcode(status)
print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1000, "code": code}))
"""
"""Runs a command from a process of 10 MB: the kernel counts what the starting process holds as the command's own."""

BARE: Final = """
import json, os, resource, sys, time
import pyoxigraph as ox, shacl
path, shapes, lines, format_ = sys.argv[1:]
def resident(): return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
before, start = resident(), time.process_time()
triples = [quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.from_extension(format_))]
parsed, graph = time.process_time() - start, resident() - before
data = open(lines).read()
start = time.process_time()
shacl.Shapes.from_file(shapes).validate_text(data, format="ntriples")
cpu, peak = parsed + time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000 - before
print(json.dumps({"cpu": cpu, "graph": graph, "peak": peak, "triples": len(triples)}))
"""
"""Parses a file with pyoxigraph, then validates the same triples, from N-Triples, with the fast engine."""


def run(words: Sequence[str]) -> Run:
    """Run a command to its end, its output thrown away; it may have findings."""
    runner = [sys.executable, "-S", "-E", "-c", RUNNER, *words]
    used = json.loads(subprocess.run(runner, stdout=subprocess.PIPE, check=True).stdout)
    if used.pop("code") not in (0, 1):
        sys.exit(f"{' '.join(words)} failed.")
    return Run(**used)


@dataclass(frozen=True)
class Case:
    """One file to validate. name: of its layout."""

    name: str
    size: int
    findings: int
    blank: bool

    def write(self, folder: Path) -> Path:
        """Write the file, and beside it its triples as N-Triples."""
        suffix, write = layouts.LAYOUTS[self.name]
        path = folder / f"data.{suffix}"
        with path.open("w") as file:
            file.writelines(write(layouts.records(self.size, self.findings, blank=self.blank)))
        script = "import sys, pyoxigraph as ox; p, q, f = sys.argv[1:]\n"
        script += "with open(q, 'w') as o: o.writelines(f'{t.triple} .\\n' for t in ox.parse(path=p, format=f_(f)))"
        script = script.replace("f_(f)", "ox.RdfFormat.from_extension(f)")
        subprocess.run([sys.executable, "-c", script, str(path), str(folder / "lines.nt"), suffix], check=True)
        return path


def cases(sizes: Sequence[int], names: Sequence[str], counts: Sequence[int]) -> Iterator[Case]:
    """The cases: findings about IRIs, and, where there are any, about blank nodes."""
    for size in sizes:
        for name in names:
            for findings in counts:
                if findings <= size // layouts.PER_RECORD:
                    yield from (Case(name, size, findings, blank) for blank in (False, True))


def validate(shapes: Path, data: Path) -> list[str]:
    """The command that is measured: every finding is listed."""
    publisher = contestants.program("publisher")
    options = ["--engine", "fast", "--no-cache", "--format", "json"]
    return [publisher, "validate", *options, "--shapes", str(shapes), str(data)]


def measure(case: Case, folder: Path, rounds: int) -> dict[str, Any]:
    """Rounds in which the commands run in turn, so that all share the noise. Start-up is measured on one triple."""
    path, shapes = case.write(folder), folder / "shapes.ttl"
    shapes.write_text(layouts.SHAPES)
    tiny = folder / f"tiny{path.suffix}"
    _, write = layouts.LAYOUTS[case.name]
    tiny.write_text("".join(write(layouts.records(layouts.PER_RECORD, 0, blank=case.blank))))
    bare_words = [sys.executable, "-c", BARE, str(path), str(shapes), str(folder / "lines.nt"), path.suffix[1:]]
    found = []
    for _ in range(rounds):
        bare = json.loads(subprocess.run(bare_words, stdout=subprocess.PIPE, check=True).stdout)
        idle, ours = run(validate(shapes, tiny)), run(validate(shapes, path))
        found.append((bare, ours.cpu - idle.cpu, ours.peak - idle.peak))
    figures = {
        "layout": case.name,
        "triples": found[0][0]["triples"],
        "findings": case.findings,
        "about": "blank nodes" if case.blank else "IRIs",
        "bare s": median(bare["cpu"] for bare, *_ in found),
        "ours s": median(cpu for _, cpu, _ in found),
        "times": median(max(0, cpu - PER_FINDING * case.findings) / bare["cpu"] for bare, cpu, _ in found),
        "memory": median(peak / bare["graph"] for bare, _, peak in found),
        "bare memory": median(bare["peak"] / bare["graph"] for bare, *_ in found),
    }
    if case.size == SMALL and case.findings in FINDINGS[:2]:
        pyshacl = [contestants.program("pyshacl"), "--shacl", str(shapes), str(folder / "lines.nt")]
        figures["pyshacl s"] = run(pyshacl).cpu
    return figures


COLUMNS: Final = (
    "layout",
    "triples",
    "findings",
    "about",
    "bare s",
    "ours s",
    "times",
    "ms each",
    "memory",
    "bare memory",
    "pyshacl s",
)


def row(found: dict[str, Any], quiet: dict[str, Any] | None) -> str:
    """One row of the table. quiet: the figures for the same layout without findings."""
    each = (found["ours s"] - quiet["ours s"]) / found["findings"] * 1000 if quiet and found["findings"] > 1 else None
    values = found | {"ms each": each}
    return f"| {' | '.join(_spell(values.get(column)) for column in COLUMNS)} |"


def _spell(value: float | str | None) -> str:
    return (
        ""
        if value is None
        else f"{value:.2f}"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else value
    )


def print_table(wanted: Sequence[Case], rounds: int) -> list[dict[str, Any]]:
    """Measure the cases, print a row for each, and return the figures that miss the target."""
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
    quiet: dict[tuple[str, int, bool], dict[str, Any]] = {}
    missed = []
    for case in wanted:
        with tempfile.TemporaryDirectory() as folder:
            found = measure(case, Path(folder), rounds)
        if case.findings == 0:
            quiet[case.name, case.size, case.blank] = found
        print(row(found, quiet.get((case.name, case.size, case.blank))), flush=True)
        missed += [found] if found["times"] > BARE_TIMES or found["memory"] > GRAPH_TIMES else []
    return missed


PHASES: Final = """
import json, sys, time
start = time.perf_counter()
from pathlib import Path
from publisher.dataset import repository
from publisher.dataset.files import File
from publisher.reports.renderers import text
from publisher.validation import inputs, runner, validator
from publisher.validation.engines import selection
selection.load_engine(sys.argv[2])
times = {"importing": time.perf_counter() - start}
def timing(name, owner, function):
    usual = getattr(owner, function)
    def timed(*words, **named):
        start = time.perf_counter()
        try:
            return usual(*words, **named)
        finally:
            times[name] = times.get(name, 0) + time.perf_counter() - start
    setattr(owner, function, timed)
timing("parsing", repository, "read_repository")
timing("locating", File, "where")
timing("validating", validator, "validate")
report = runner.run(inputs.Request(root=sys.argv[1], engine=sys.argv[2]), lambda *_: None)
start = time.perf_counter()
text.render(report)
times["printing"] = time.perf_counter() - start
times["validating"] -= times["locating"]
print(json.dumps(times))
"""
"""Run in a process of its own: a run of validate over a root, cold, with the time that each part takes."""


def phases(engine: str, rounds: int) -> dict[str, float]:
    """Milliseconds for each part of a cold run over the shipped graph."""
    words = [sys.executable, "-c", PHASES, str(ROOT), engine]
    runs = [json.loads(subprocess.run(words, capture_output=True, check=True).stdout) for _ in range(rounds)]
    return {name: round(median(run[name] for run in runs) * 1000) for name in runs[0]}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3, help="rounds of each comparison (3)")
    arguments.add_argument("--layout", action="append", choices=layouts.LAYOUTS, help="only this layout")
    arguments.add_argument("--size", action="append", type=int, help="only about so many triples")
    arguments.add_argument("--findings", action="append", type=int, help="only with so many findings")
    arguments.add_argument("--million", action="store_true", help="a million triples too: ten minutes more")
    arguments.add_argument("--shipped", action="store_true", help="only the parts of a run over the shipped graph")
    chosen = arguments.parse_args()
    if chosen.shipped:
        print(json.dumps({engine: phases(engine, chosen.rounds) for engine in ("pyshacl", "fast")}, indent=2))
        return
    sizes = [*(chosen.size or SIZES), *([1_000_000] if chosen.million else [])]
    wanted = cases(sizes, chosen.layout or list(layouts.LAYOUTS), chosen.findings or FINDINGS)
    missed = print_table(list(wanted), chosen.rounds)
    print(f"\n{len(missed)} rows miss the target: {BARE_TIMES} times the bare engine plus {PER_FINDING * 1000} ms a")
    print(f"finding (`times`, the time of the findings left out), {GRAPH_TIMES} times the parsed graph (`memory`).")


if __name__ == "__main__":
    main()
