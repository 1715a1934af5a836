"""Faults: processes that are killed or stopped, full disks, damaged stores, too few descriptors, too little memory."""

import contextlib
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import contestants
import processes
from attack_report import Section, leak

START_SECONDS: Final = 90
COUNT: Final = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ENDLESS: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
LARGE: Final = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 120000"
DAMAGES: Final = 24
"""Damaged copies of a compiled release that are tried."""
Limit = Callable[[], None]


@dataclass
class Attempt:
    """A start of the server. url: empty where it did not start."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def said(self) -> str:
        """What it printed."""
        return self.log.read_text(errors="replace")


class Faults:
    """All faults, against one root."""

    def __init__(self, root: Path, folder: Path, seed: int) -> None:
        self.root = root
        self.folder = folder
        self.chance = random.Random(seed)
        self.section = Section(f"faults (seed {seed})")
        self.number = 0
        with self.start() as attempt:
            self.right = ask(attempt.url, COUNT)[1]
        self.store = contestants.compiled(folder)

    @contextlib.contextmanager
    def start(self, limit: Limit | None = None, **environment: str) -> Iterator[Attempt]:
        """Start the server, and end it. limit: called in its process before it begins."""
        self.number += 1
        log = self.folder / f"log{self.number}"
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("PUBLISHER_")}
        words = [contestants.program("publisher"), "serve", "--root", str(self.root), "--port", "0"]
        with log.open("wb") as out:
            process = subprocess.Popen(
                words,
                env=inherited | {"PUBLISHER_STORE_DIR": str(self.folder / "releases")} | environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                preexec_fn=limit,  # noqa: PLW1509
            )
        attempt = Attempt(process, "", log)
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and not attempt.url and time.monotonic() < deadline:
            found = re.search(r"^Serving at (http://\S+?)/ ", attempt.said(), re.MULTILINE)
            attempt.url = found[1] if found else ""
            time.sleep(0.05)
        try:
            yield attempt
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def check(self, what: str, attempt: Attempt, fault: str = "") -> None:
        """Count a fault of the surroundings: right answers, or a refusal in one sentence and exit code 2."""
        if fault:
            pass
        elif attempt.url:
            status, body = ask(attempt.url, COUNT)
            wrong = status != 503 and (status, body) != (200, self.right)
            fault = leak(body) or (f"answers {status} {body[:80]!r}" if wrong else "")
        elif attempt.process.poll() != 2:
            fault = f"ends with {attempt.process.poll()}: {attempt.said()[-150:]}"
        elif not attempt.said().strip().splitlines()[-1].startswith("publisher: "):
            fault = f"does not say why it ends: {attempt.said()[-150:]}"
        if not fault and ("Traceback" in attempt.said() or "internal error" in attempt.said()):
            fault = f"log: {attempt.said()[-150:]}"
        self.section.check(what, fault)

    # Processes

    def kill_idle(self) -> None:
        """Kill query processes that do nothing, then ask."""
        with self.start() as attempt:
            children = processes.tree(attempt.process.pid)[1:]
            for process in children:
                _signal(process.pid, signal.SIGKILL)
            statuses = [ask(attempt.url, f"ASK {{ ?s ?p {n} }}")[0] for n in range(8)]
            self.check("kill -9 of idle query processes", attempt, _unless(set(statuses) <= {200, 503}, statuses))

    def kill_busy(self) -> None:
        """Kill a query process in the middle of a query."""
        with self.start(PUBLISHER_QUERY_WORKERS="1") as attempt:
            asking = _in_thread(lambda: ask(attempt.url, ENDLESS))
            for _ in range(6):
                time.sleep(0.4)
                for process in processes.tree(attempt.process.pid)[1:]:
                    _signal(process.pid, signal.SIGKILL)
            status = asking()[0]
            self.check("kill -9 of busy query processes", attempt, _unless(status in (422, 503), status))

    def stop(self) -> None:
        """Stop query processes: their queries exceed the wall-clock limit."""
        with self.start(PUBLISHER_QUERY_SECONDS="2", PUBLISHER_QUERY_WORKERS="1") as attempt:
            for process in processes.tree(attempt.process.pid)[1:]:
                _signal(process.pid, signal.SIGSTOP)
            statuses = [ask(attempt.url, f"ASK {{ ?s ?p {n} }}")[0] for n in range(4)]
            fine = set(statuses) <= {200, 422, 503} and statuses[-1] == 200
            self.check("kill -STOP of query processes", attempt, _unless(fine, statuses))

    def end(self, number: signal.Signals) -> None:
        """End the server under load: it leaves no process, and whoever waits is told so."""
        with self.start(PUBLISHER_QUERY_SECONDS="60", PUBLISHER_QUERY_CPU_SECONDS="60") as attempt:
            asking = [_in_thread(lambda n=n: ask(attempt.url, f"{ENDLESS} LIMIT {n}")) for n in range(1, 5)]
            time.sleep(1)
            family = [process.pid for process in processes.tree(attempt.process.pid)]
            attempt.process.send_signal(number)
            attempt.process.wait(20)
            statuses = [answer()[0] for answer in asking]
            time.sleep(1)
            left = [pid for pid in family if Path(f"/proc/{pid}/status").exists() and not _is_zombie(pid)]
            right = {503} if number == signal.SIGTERM else {0}
            fault = f"processes {left} are left" if left else _unless(set(statuses) <= right | {0}, statuses)
            self.section.check(f"{number.name} under load", fault)

    # Surroundings

    def limits(self) -> None:
        """Start with less of everything."""
        for what, kind, amount in (
            ("64 descriptors", resource.RLIMIT_NOFILE, 64),
            ("200 descriptors", resource.RLIMIT_NOFILE, 200),
            ("200 MiB of addresses", resource.RLIMIT_AS, 200 << 20),
            ("700 MiB of addresses", resource.RLIMIT_AS, 700 << 20),
            ("files of 1 MiB", resource.RLIMIT_FSIZE, 1 << 20),
            ("no stack", resource.RLIMIT_STACK, 256 << 10),
        ):
            with self.start(lambda kind=kind, amount=amount: resource.setrlimit(kind, (amount, amount))) as attempt:
                self.check(what, attempt)

    def full_disk(self) -> None:
        """Have no space for large results, and none for the compiled release."""
        small = self.folder / "small"
        small.mkdir(exist_ok=True)
        limited = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, 4 << 20))  # noqa: E731
        with self.start(limited, TMPDIR=str(small)) as attempt:
            status, body = ask(attempt.url, LARGE) if attempt.url else (503, b"")
            self.check(
                "a large result on a full disk", attempt, leak(body) or _unless(status == 503, (status, body[:80]))
            )
        few = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20 << 10, 20 << 10))  # noqa: E731
        with self.start(few, PUBLISHER_STORE_DIR=str(self.folder / "full")) as attempt:
            self.check("compiling on a full disk", attempt)
        with self.start(PUBLISHER_STORE_DIR="/proc/nothing") as attempt:
            self.check("a folder that cannot be made", attempt)
        with self.start(TMPDIR="/nothing") as attempt:
            status, body = ask(attempt.url, LARGE) if attempt.url else (503, b"")
            self.check("no temporary folder", attempt, leak(body) or _unless(status in (200, 503), (status, body[:80])))

    def damage(self) -> None:
        """Damage the compiled release in many ways; it is compiled anew, or refused."""
        whole = self.folder / "whole"
        shutil.copytree(self.store, whole)
        files = [path for path in sorted(self.store.rglob("*")) if path.is_file()]
        for number in range(DAMAGES):
            file = self.chance.choice(files)
            how = ("cut", "flip", "remove", "empty", "append")[number % 5]
            if file.exists():
                _damage(file, how, self.chance)
            with self.start() as attempt:
                self.check(f"{how} {file.relative_to(self.store)}", attempt)
            shutil.rmtree(self.store, ignore_errors=True)
            shutil.copytree(whole, self.store)
        shutil.rmtree(self.store)
        with contextlib.ExitStack() as stack:
            attempts = [stack.enter_context(self.start()) for _ in range(2)]
            self.check(
                "two servers", attempts[0], _unless(all(attempt.url for attempt in attempts), "one did not start")
            )

    def removed(self) -> None:
        """Remove the compiled release under a running server."""
        with self.start() as attempt:
            shutil.rmtree(self.store)
            for process in processes.tree(attempt.process.pid)[1:]:
                _signal(process.pid, signal.SIGKILL)
            answers = [ask(attempt.url, f"ASK {{ ?s ?p {n} }}") for n in range(6)]
            fault = next(filter(None, (leak(body) for _, body in answers)), "")
            statuses = [status for status, _ in answers]
            self.section.check("release removed while serving", fault or _unless(set(statuses) <= {200, 503}, statuses))

    def run(self) -> Section:
        """Try all of it."""
        steps: Mapping[str, Callable[[], None]] = {
            "kill idle": self.kill_idle,
            "kill busy": self.kill_busy,
            "stop": self.stop,
            "TERM": lambda: self.end(signal.SIGTERM),
            "KILL": lambda: self.end(signal.SIGKILL),
            "limits": self.limits,
            "full disk": self.full_disk,
            "damage": self.damage,
            "removed": self.removed,
        }
        for step in steps.values():
            step()
        return self.section


def ask(url: str, query: str) -> tuple[int, bytes]:
    """Ask a query. Returns the status, 0 where there is no response, and the body."""
    address = f"{url}/sparql?{urllib.parse.urlencode({'query': query})}"
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": "text/csv"}), timeout=60) as got:
            return got.status, got.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except OSError as error:
        return 0, str(error).encode()


def _in_thread(function: Callable[[], tuple[int, bytes]]) -> Callable[[], tuple[int, bytes]]:
    """Call a function in a thread. Returns a function that waits for its result."""
    found: list[tuple[int, bytes]] = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()

    def wait() -> tuple[int, bytes]:
        thread.join()
        return found[0]

    return wait


def _unless(fine: bool, got: object) -> str:
    return "" if fine else f"got {got}"


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _is_zombie(pid: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True


def _damage(file: Path, how: str, chance: random.Random) -> None:
    content = bytearray(file.read_bytes())
    if how == "remove":
        file.unlink()
        return
    if how == "flip" and content:
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    changed = {"cut": content[: len(content) // 2], "empty": b"", "append": content + b"\0" * 100}.get(how, content)
    file.write_bytes(changed)
