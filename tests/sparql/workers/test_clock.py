"""The processor clock: it counts processor time and not wall time, and says nothing of a process that is gone."""

import ctypes
import os
import subprocess
import sys
import time

import pytest

from publisher.sparql.workers.clock import processor_clock


def test_it_counts_what_a_process_uses() -> None:
    clock = processor_clock(os.getpid())
    before, used = clock(), time.process_time()
    while time.process_time() < used + 0.05:
        pass
    assert clock() - before >= 0.05


def test_waiting_uses_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as waiting:
        clock = processor_clock(waiting.pid)
        time.sleep(0.5)
        assert clock() < time.monotonic(), "not the wall clock"
        waiting.kill()
    assert clock() == 0.0


def test_without_such_a_clock_it_is_the_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    assert processor_clock(os.getpid()) is time.monotonic
