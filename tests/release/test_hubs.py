"""Hubs: what is frequent is found in bounded memory. What the index says of hubs: tests/release/test_large.py."""

import random

import pytest

from publisher.release import hubs
from publisher.release.hubs import Frequent


def test_frequent_values_are_found_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "COUNTED", 100)
    values = [b"hub%d" % n for n in range(5)] * 200 + [b"%d" % n for n in range(2000)]
    random.Random(2).shuffle(values)
    found = Frequent()
    for start in range(0, len(values), 50):
        found.add(values[start : start + 50])
        assert len(found._counts) <= 150
    assert {b"hub%d" % n for n in range(5)} <= set(found.find(199)) < set(values)


def test_bound_itself_is_not_exceeded() -> None:
    found = Frequent()
    found.add([b"a", b"b", b"a"])
    assert found.find(1) == [b"a"]
    assert found.find(0) == [b"a", b"b"]
