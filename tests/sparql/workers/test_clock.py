"""The processor clock: it counts processor time and not wall time, and reports nothing for a process that has ended."""

import ctypes
import os
import subprocess
import sys
import time

import pytest

from publisher.sparql.workers.clock import processor_clock


def test_clock_counts_processor_time() -> None:
    clock = processor_clock(os.getpid())
    before, used = clock(), time.process_time()
    while time.process_time() < used + 0.05:
        pass
    assert clock() - before >= 0.05


def test_waiting_takes_no_processor_time() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as waiting:
        clock = processor_clock(waiting.pid)
        time.sleep(0.5)
        assert clock() < time.monotonic(), "not the wall clock"
        waiting.kill()
    assert clock() == 0.0


def test_missing_process_clock_falls_back_to_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    assert processor_clock(os.getpid()) is time.monotonic
