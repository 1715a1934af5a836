"""The inside of a query process: requests, and limits under those of the system."""

import os
import resource
import subprocess
import sys

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


def test_hard_cpu_limit_below_query_limit_stops_start() -> None:
    code = "child._Allowance(60); print('started')"
    assert "ulimit -t" in limited(code, (resource.RLIMIT_CPU, 30))
    assert limited(code, (resource.RLIMIT_CPU, 300)) == "started"
