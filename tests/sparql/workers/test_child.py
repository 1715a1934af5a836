"""The inside of a query process: requests, and limits under those of the system."""

import os
import resource
import subprocess
import sys
from types import SimpleNamespace

import pytest

from publisher.sparql.workers import child


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_requests_are_read_from_any_chunks(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    requests = [b"one", b"", b"x" * 300, b"last"]
    sent = [len(request).to_bytes(4, "big") + request for request in requests]
    pieces = [one[start : start + size] for one in sent for start in range(0, len(one), size)]
    monkeypatch.setattr(os, "read", lambda _descriptor, _size: pieces.pop(0) if pieces else b"")
    assert list(child._requests()) == requests


def limited(code: str, *limits: tuple[int, int]) -> str:
    """What code prints in a process under hard limits of the system."""

    def take() -> None:
        for kind, value in limits:
            resource.setrlimit(kind, (value, value))

    words = [sys.executable, "-c", f"from publisher.sparql.workers import child\n{code}"]
    done = subprocess.run(words, preexec_fn=take, capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr.strip().rpartition("\n")[2]


def test_lower_hard_limit_is_kept() -> None:
    code = "child._limit(7, 100); import resource; print(resource.getrlimit(7))"
    assert limited(code, (resource.RLIMIT_NOFILE, 50)) == "(50, 50)"
    assert limited(code, (resource.RLIMIT_NOFILE, 500)) == "(100, 100)"


def test_allowance_adds_to_processor_time_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that each request has the time of the limit, however much the process used before."""
    used, now, taken = [3.5, 0.0], [100.0], []
    monkeypatch.setattr(resource, "getrusage", lambda _who: SimpleNamespace(ru_utime=used[0], ru_stime=used[1]))
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (-1, resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", lambda _kind, limits: taken.append(limits[0]))
    monkeypatch.setattr(child.time, "monotonic", lambda: now[0])
    allowance = child._Allowance(60)
    used[:], now[0] = [80.0, 9.0], 102.0
    assert allowance.renew()
    assert taken == [3 + 2 + 60, 89 + 2 + 60]


def test_hard_cpu_limit_below_query_limit_stops_start() -> None:
    code = "child._Allowance(60); print('started')"
    assert "ulimit -t" in limited(code, (resource.RLIMIT_CPU, 30))
    assert limited(code, (resource.RLIMIT_CPU, 300)) == "started"
