"""Run `publisher serve` in a process of its own, and find out where it listens."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

START_SECONDS: Final = 120
"""How long to wait for the line that reports that it serves; many times what it takes on a busy machine."""


@dataclass(frozen=True)
class Running:
    """A server that runs. url: without a slash at its end. process: its main process. log: where its stderr goes."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path


@contextlib.contextmanager
def serve(root: Path, folder: Path, *options: str, **environment: str) -> Iterator[Running]:
    """Serve a root on a free port until the block ends. folder: for its log and its compiled releases."""
    log = folder / "stderr"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PUBLISHER_")}
    program = str(Path(sys.executable).with_name("publisher"))
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [program, "serve", "--port", "0", "--root", str(root), *options],
            env=inherited | {"PUBLISHER_STORE_DIR": str(folder)} | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
    try:
        yield Running(_address(process, log), process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """The address that the server prints, as soon as it does."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"^Serving at (http://\S+)/ ", log.read_text(errors="replace"), re.MULTILINE):
            return found[1]
        time.sleep(0.02)
    pytest.fail(f"`publisher serve` did not start serving: {log.read_text(errors='replace')}")
