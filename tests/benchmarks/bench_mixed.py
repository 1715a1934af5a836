"""Short queries beside long ones, without HTTP: python tests/benchmarks/bench_mixed.py --help.

Three loads: distinct small queries alone; one small query after another while another client keeps 40 endless queries
running; the same, sent by the same client. `--against` runs another checkout in turn, so that both share the noise.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
CONNECTIONS: Final = 16
ENDLESS: Final = 40
PAUSE: Final = 0.1
"""Seconds between two queries of the client that is measured under long ones."""
JSON: Final = "application/sparql-results+json"


def small(numbers: Iterator[int]) -> str:
    return f"ASK {{ ?s ?p ?o FILTER(?o != {next(numbers)}) }}"


def endless() -> str:
    """A query that is never done, spelled anew each time: nothing of it can be recognised."""
    names = ["?" + "".join(random.choices("abcdefghij", k=6)) for _ in range(9)]
    return "SELECT (COUNT(*) AS ?n) {{ {} {} {} . {} {} {} . {} {} {} }}".format(*names)


async def ask(engine: Any, text: str, client: str) -> str:
    """Ask a query; returns `answered`, or the name of the error."""
    from publisher.sparql.engine import Query

    query = Query(text, JSON, None)
    query = query._replace(client=client) if "client" in Query._fields else query
    try:
        (await engine.answer(query)).body.close()
    except Exception as error:
        return type(error).__name__
    return "answered"


async def alone(engine: Any, seconds: float) -> dict[str, float]:
    """Ask distinct small queries, 16 at a time; returns queries a second and this process's time for each."""
    numbers, done, until = count(), 0, time.monotonic() + seconds

    async def go() -> None:
        nonlocal done
        while time.monotonic() < until:
            await ask(engine, small(numbers), "one")
            done += 1

    used = time.process_time()
    await asyncio.gather(*(go() for _ in range(CONNECTIONS)))
    return {"rate": done / seconds, "web process us": (time.process_time() - used) / done * 1e6}


async def under_load(engine: Any, seconds: float, client: str) -> dict[str, float]:
    """Ask one small query after another under 40 endless ones of the client `greedy`."""
    numbers, until, waits = count(), time.monotonic() + seconds, []
    failed = 0

    async def greedy() -> None:
        while True:
            await ask(engine, endless(), "greedy")
            await asyncio.sleep(0.002)

    crowd = [asyncio.ensure_future(greedy()) for _ in range(ENDLESS)]
    await asyncio.sleep(1)
    while time.monotonic() < until:
        started = time.monotonic()
        failed += await ask(engine, small(numbers), client) != "answered"
        waits.append(time.monotonic() - started)
        await asyncio.sleep(PAUSE)
    for one in crowd:
        one.cancel()
    await asyncio.gather(*crowd, return_exceptions=True)
    waits.sort()
    return {"asked": len(waits), "failed": failed, "median ms": median(waits) * 1e3, "worst ms": waits[-1] * 1e3}


async def measure(root: str, folder: str, seconds: float) -> dict[str, dict[str, float]]:
    from publisher.release.store import open_store
    from publisher.settings import Settings

    settings = Settings(root=root, store_dir=folder, query_seconds=10)
    found = {}
    loads = {"alone": None, "under another client's": "other", "under its own client's": "greedy"}
    for name, client in loads.items():
        engine: Any = open_store(settings).engine
        engine.run_in(asyncio.get_running_loop())
        await ask(engine, "ASK {}", "one")
        found[name] = await (under_load(engine, seconds, client) if client else alone(engine, seconds))
        engine.close()
    return found


def run(checkout: Path, folder: Path, seconds: float) -> dict[str, dict[str, float]]:
    """Measure a checkout, over its own data, in a process of its own."""
    words = [sys.executable, __file__, "--seconds", str(seconds), "--root", str(checkout), "--folder", str(folder)]
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{checkout} cannot be measured:\n{done.stderr}")
    found: dict[str, dict[str, float]] = json.loads(done.stdout)
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3, help="rounds (3)")
    arguments.add_argument("--seconds", type=float, default=8, help="seconds of each load in a round (8)")
    arguments.add_argument("--against", type=Path, help="another checkout, measured in turn")
    arguments.add_argument("--root", help=argparse.SUPPRESS)
    arguments.add_argument("--folder", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.folder:
        print(json.dumps(asyncio.run(measure(chosen.root, chosen.folder, chosen.seconds))))
        return
    checkouts = {"this": ROOT} | ({"other": chosen.against.resolve()} if chosen.against else {})
    rounds: dict[str, list[dict[str, dict[str, float]]]] = {name: [] for name in checkouts}
    with TemporaryDirectory() as folder:
        for number in range(chosen.rounds):
            for name in list(checkouts)[:: 1 if number % 2 else -1]:
                rounds[name].append(run(checkouts[name], Path(folder, name), chosen.seconds))
    medians = {
        name: {
            load: {key: round(median(r[load][key] for r in found), 1) for key in found[0][load]} for load in found[0]
        }
        for name, found in rounds.items()
    }
    print(json.dumps(medians, indent=2))


if __name__ == "__main__":
    main()
