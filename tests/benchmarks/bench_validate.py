"""`publisher validate` beside the bare `pyshacl` command: python tests/benchmarks/bench_validate.py --help."""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from statistics import median
from typing import Any, Final

import contestants

from publisher.dataset.repository import read_repository

ROOT: Final = Path(__file__).resolve().parents[2]
IRIS: Final = re.compile(
    "<https://w3id.org/ma-coalitions/(id/(?:aim|bill|coalition|docket|measure|organization|source)/)"
)
"""What each copy of the data has of its own, elsewhere; vocabularies such as issues and roles they share."""
SIZES: Final = (1_000, 10_000, 100_000)


@dataclass(frozen=True)
class Run:
    """What the kernel says of a finished process (wait4(2)). wall, cpu: seconds. peak: resident MB."""

    wall: float
    cpu: float
    peak: float


RUNNER: Final = """
import json, os, sys, time
start = time.perf_counter()
nothing = os.open(os.devnull, os.O_RDWR)
files = [(os.POSIX_SPAWN_DUP2, nothing, stream) for stream in range(3)]
_, status, used = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=files), 0)
wall, cpu = time.perf_counter() - start, used.ru_utime + used.ru_stime
print(json.dumps({"wall": wall, "cpu": cpu, "peak": used.ru_maxrss / 1024, "code": os.waitstatus_to_exitcode(status)}))
"""
"""Runs a command from a process of 10 MB: the kernel counts what the starting process holds as the command's own."""


def timed(words: Sequence[str]) -> Run:
    """Run a command to its end, its output thrown away; it may find something."""
    runner = [sys.executable, "-S", "-E", "-c", RUNNER, *words]
    told = json.loads(subprocess.run(runner, stdout=subprocess.PIPE, check=True).stdout)
    if told.pop("code") not in (0, 1):
        sys.exit(f"{' '.join(words)} failed.")
    return Run(**told)


def statements() -> Iterator[str]:
    """The vocabulary, then the data of this repository over and over, each time about other things, in N-Triples."""
    files = read_repository(ROOT).files
    yield from (f"{t} .\n" for file in files if file.path.startswith("ontology/") for t in file.triples)
    # Sources and organisations first, so that the last copy refers to little that is cut off.
    data = [f"{t} .\n" for file in reversed(files) if file.path.startswith("data/") for t in file.triples]
    for number in count():
        yield from (IRIS.sub(rf"<https://example.org/{number}/\1", line) for line in data)


def commands(shapes: Path, data: Path) -> dict[str, list[str]]:
    ours = [contestants.program("publisher"), "validate", "--shapes", str(shapes), "--format", "json", str(data)]
    bare = [contestants.program("pyshacl"), "--shacl", str(shapes), "--format", "json-ld", str(data)]
    engines = {f"publisher {engine}": [*ours, "--engine", engine] for engine in ("pyshacl", "fast")}
    return engines | {"pyshacl": bare}


def compare(size: int, rounds: int, folder: Path) -> dict[str, Any]:
    """Rounds in which each command is run in turn, so that all share the noise; another one begins each round."""
    shapes, data = folder / "shapes.ttl", folder / f"{size}.nt"
    shapes.write_text("\n".join(path.read_text() for path in sorted((ROOT / "shapes").glob("*.ttl"))))
    data.write_text("".join(islice(statements(), size)))
    contesting = commands(shapes, data)
    found: dict[str, list[Run]] = {name: [] for name in contesting}
    for number in range(rounds):
        names = list(contesting)
        turn = number % len(names)
        for name in (*names[turn:], *names[:turn]):
            found[name].append(timed(contesting[name]))
    bare = found["pyshacl"]
    return {
        name: {
            "wall s": round(median(run.wall for run in runs), 3),
            "cpu s": round(median(run.cpu for run in runs), 3),
            "peak MB": round(median(run.peak for run in runs)),
            "pyshacl to it": round(median(b.cpu / run.cpu for b, run in zip(bare, runs, strict=True)), 2),
        }
        for name, runs in found.items()
    }


def shipped(rounds: int) -> dict[str, Any]:
    """The whole graph of this repository, tidiness and checks included, as a contributor runs it."""
    words = [contestants.program("publisher"), "validate", "--root", str(ROOT), "--engine"]
    runs = {engine: [timed([*words, engine]) for _ in range(rounds)] for engine in ("pyshacl", "fast")}
    return {engine: round(median(run.wall for run in found), 3) for engine, found in runs.items()}


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
    arguments.add_argument("--rounds", type=int, default=5, help="rounds of each comparison (5)")
    arguments.add_argument("--million", action="store_true", help="a round of a million triples too: ten minutes")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found: dict[str, Any] = {f"{size:,} triples": compare(size, chosen.rounds, Path(name)) for size in SIZES}
        if chosen.million:
            found["1,000,000 triples"] = compare(1_000_000, 1, Path(name))
    found["the shipped graph, wall s"] = shipped(chosen.rounds)
    found["its parts, ms"] = {engine: phases(engine, chosen.rounds) for engine in ("pyshacl", "fast")}
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
