"""Replays attacks on the server and the commands: fuzzed requests, hostile queries and files, faults.

python tests/benchmarks/replay_attacks.py --help
"""

import argparse
import http.server
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import attack_faults
import attack_files
import attack_queries
import attack_requests
import contestants
from attack_report import Section, table

ROOT: Final = Path(__file__).resolve().parents[2]
SETTINGS: Final = {
    "PUBLISHER_QUERY_SECONDS": "2",
    "PUBLISHER_QUERY_CPU_SECONDS": "1",
    "PUBLISHER_QUERY_MEMORY_MB": "256",
    "PUBLISHER_QUERY_RESULT_MB": "16",
}
"""Low limits, so that hostile queries end soon."""


def fuzz(folder: Path, requests: int, seed: int) -> list[Section]:
    """Send fuzzed requests to a server."""
    with contestants.publisher(ROOT, folder, SETTINGS) as server:
        address = urlsplit(server.url)
        sections = [attack_requests.run(server, str(address.hostname), int(address.port or 0), requests, seed)]
    log = (folder / "publisher.log").read_text(errors="replace")
    if "Traceback" in log or "A request failed" in log:
        sections[0].faults.append(f"log: {log[log.find('Traceback') :][-600:]!r}")
    return sections


def queries(folder: Path, _requests: int, _seed: int) -> list[Section]:
    """Ask hostile queries of a server."""
    seen: list[str] = []

    class Watch(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.requestline)
            self.send_error(404)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Watch) as watching:
        threading.Thread(target=watching.serve_forever, daemon=True).start()
        with contestants.publisher(ROOT, folder, SETTINGS) as server:
            section = attack_queries.run(server, f"http://127.0.0.1:{watching.server_port}/", seen)
        watching.shutdown()
    return [section]


def files(folder: Path, _requests: int, seed: int) -> list[Section]:
    """Give hostile files to the commands."""
    return [attack_files.run(folder / "files", seed)]


def faults(folder: Path, _requests: int, seed: int) -> list[Section]:
    """Let the surroundings fail."""
    return [attack_faults.Faults(ROOT, folder, seed).run()]


ATTACKS: Final[Mapping[str, Callable[[Path, int, int], list[Section]]]] = {
    "fuzz": fuzz,
    "queries": queries,
    "files": files,
    "faults": faults,
}


def main() -> None:
    """Run the attacks that are chosen, print the table, and exit with 1 where a fault was found."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--requests", type=int, default=100_000, help="fuzzed requests to send (100000)")
    arguments.add_argument("--seed", type=int, default=1, help="of everything that is random (1)")
    arguments.add_argument("--only", choices=ATTACKS, action="append", help="an attack to run; may be repeated (all)")
    chosen = arguments.parse_args()
    sections: list[Section] = []
    for name in chosen.only or ATTACKS:
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                found = ATTACKS[name](Path(folder), chosen.requests, chosen.seed)
            except Exception as error:  # The table has what the other attacks found.
                found = [Section(name, faults=[f"the attack ended with {error!r}"])]
        found[0].notes.append(f"{time.monotonic() - start:.0f} s")
        sections += found
        print(f"{name}: done", file=sys.stderr, flush=True)
    print(table(sections))
    sys.exit(1 if any(section.faults for section in sections) else 0)


if __name__ == "__main__":
    main()
