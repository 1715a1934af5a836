"""Platform support: locks, and every command as on a platform without the POSIX modules."""

import ctypes
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from publisher import platform_support
from publisher.platform_support import (
    FolderLock,
    exclusive,
    has_lost_terminal,
    missing_containment,
    open_descriptors,
)

SUPPORT = Path(__file__).parent / "support" / "plain_platform.py"
COUNT = "SELECT (COUNT(?c) AS ?n) { ?c a coal:Coalition }"

COMMANDS = """
from publisher.cli.main import main
for words in {commands!r}:
    try:
        main(words)
    except SystemExit as end:
        print("exit code", end.code, flush=True)
"""
PAGES = """
import sys
import publisher.web.server
sys.path.insert(0, {tests!r})
from support.asgi_client import open_app
from publisher.release.store import open_store
from publisher.settings import Settings
settings = Settings.read().having(root={root!r})
client = open_app(settings, open_store(settings)).test_client()
for address in {addresses!r}:
    print(client.get(address).status_code)
answer = client.get("/sparql", query_string={{"query": "ASK {{}}"}})
print(answer.status_code, answer.get_data(as_text=True))
"""


def run_plainly(code: str, store_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code as on a platform without the POSIX modules."""
    env = {"PUBLISHER_STORE_DIR": str(store_dir), "PATH": "/usr/bin:/bin", **environment}
    return subprocess.run(
        [sys.executable, "-P", "-W", "error", SUPPORT, code], capture_output=True, text=True, env=env, check=False
    )


@pytest.fixture
def commands(root: Path, store_dir: Path):
    """Runs commands over the root as on a platform without the POSIX modules; returns each one's output, and stderr."""

    def run(*commands: list[str]) -> tuple[list[str], str]:
        words = [[name, "--root", str(root), *rest] for name, *rest in commands]
        done = run_plainly(COMMANDS.format(commands=words), store_dir)
        assert done.stdout.count("exit code ") == len(commands), done.stderr
        return re.split(r"(?<=exit code \d)\n", done.stdout)[:-1], done.stderr

    return run


# The functions


def test_this_platform_can_contain_queries() -> None:
    assert missing_containment() == ""


def test_missing_module_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_support, "resource", None)
    assert missing_containment() == "the module resource"


def test_exclusive_lock_is_rejected_beside_shared_lock(tmp_path: Path) -> None:
    lock = FolderLock(tmp_path)
    with pytest.raises(OSError), exclusive(tmp_path):  # noqa: PT011 - whichever the system raises
        pass
    lock.release()
    with exclusive(tmp_path):
        pass


def test_platform_without_locks_locks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_support, "fcntl", None)
    FolderLock(tmp_path).release()
    with pytest.raises(OSError, match="cannot be locked"), exclusive(tmp_path):
        pass


def test_open_files_are_listed_by_name(tmp_path: Path) -> None:
    with (tmp_path / "open.txt").open("w"):
        assert "open.txt" in (open_descriptors() or ())
    assert "open.txt" not in (open_descriptors() or ())


def test_stop_signal_works_without_loop_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    class Loop:
        called: tuple[object, ...] = ()

        def add_signal_handler(self, number: int, callback: object) -> None:
            raise NotImplementedError

        def call_soon_threadsafe(self, callback: object) -> None:
            self.called = (*self.called, callback)

    handlers = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    loop = Loop()
    platform_support.call_on_stop(loop, print)
    assert set(handlers) == {signal.SIGINT, signal.SIGTERM}
    handlers[signal.SIGTERM](signal.SIGTERM, None)
    assert loop.called == (print,)


# The commands


def test_validate_and_tidy_work_on_a_plain_platform(commands, tmp_path: Path) -> None:
    good, bad, loose = (str(tmp_path / name) for name in ("good.ttl", "bad.ttl", "loose.ttl"))
    Path(good).write_text("<urn:a> <urn:b> <urn:c> .\n")
    Path(bad).write_text("bad\n")
    Path(loose).write_text("<urn:a> <urn:b> <urn:c>.")
    outputs, stderr = commands(
        ["validate", "--engine", "pyshacl", good], ["validate", bad], ["tidy", "--check", loose], ["tidy", loose]
    )
    assert [output[-1] for output in outputs] == ["0", "1", "1", "0"], stderr
    assert "Traceback" not in stderr
    assert Path(loose).read_text() == "<urn:a>\n    <urn:b> <urn:c> ;\n.\n"


def test_query_works_on_a_plain_platform(commands) -> None:
    outputs, stderr = commands(["query", COUNT], ["query", "SELECT * { ?s skos:note }"])
    assert outputs == ["n\n6\nexit code 0", "exit code 2"], stderr
    assert "query:1:25:" in stderr


def test_closed_terminal_is_noticed() -> None:
    """SIGHUP then means the end; for a server without a terminal it means a reload."""
    terminal, inside = os.openpty()
    reading, writing = os.pipe()
    assert [has_lost_terminal(descriptor) for descriptor in (inside, reading)] == [False, False]
    os.close(terminal)
    os.close(writing)
    assert [has_lost_terminal(descriptor) for descriptor in (inside, reading)] == [True, False]
    os.close(inside)
    os.close(reading)


ADDRESSES = ["/", "/doc/coalition/clear-water.html", "/doc/coalition/clear-water.ttl", "/ontology.html", "/nothing"]


def test_plain_platform_serves_pages_and_rejects_queries(root: Path, store_dir: Path) -> None:
    done = run_plainly(PAGES.format(tests=str(Path(__file__).parent), root=str(root), addresses=ADDRESSES), store_dir)
    assert done.stdout.splitlines()[:5] == ["200", "200", "200", "200", "404"], done.stderr
    assert done.stdout.splitlines()[5].startswith("501 ")
    assert "This platform cannot contain queries" in done.stdout


def test_plain_platform_serves_queries_if_allowed(root: Path, store_dir: Path) -> None:
    code = PAGES.format(tests=str(Path(__file__).parent), root=str(root), addresses=[])
    done = run_plainly(code, store_dir, PUBLISHER_UNCONTAINED_QUERIES="1")
    assert done.stdout.startswith('200 {"head":{},"boolean":true}'), done.stderr


def test_the_processors_are_those_that_this_process_may_use(monkeypatch):
    found = platform_support.count_processors()
    assert 1 <= found <= (os.cpu_count() or 1)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert platform_support.count_processors() == 1


FREED = """
import ctypes, threading
from publisher.platform_support import release_freed_memory
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
def resident(): return int(open("/proc/self/statm").read().split()[1])
def work():
    blocks = [libc.malloc(10_000) for _ in range(5_000)]
    for block in blocks: ctypes.memset(ctypes.c_void_p(block), 1, 10_000)
    last = libc.malloc(10_000)  # Above what is freed, so that the heap cannot shrink by itself.
    for block in blocks: libc.free(block)
thread = threading.Thread(target=work)
thread.start()
thread.join()
before = resident()
release_freed_memory()
print(before - resident() > 5_000)
"""
"""A thread frees 12,000 pages; how many of them go back to the system."""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library has no malloc_trim(3)")
def test_memory_that_a_thread_freed_goes_back_to_the_system():
    done = subprocess.run([sys.executable, "-c", FREED], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_memory_is_not_released_where_the_c_library_cannot(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    platform_support.release_freed_memory()
