"""The cache of results: what it keeps of an outcome, and what it does not trust."""

import gzip
import os
from dataclasses import replace
from pathlib import Path

import pytest

from publisher.diagnostic import Diagnostic, Related, Rule, Severity
from publisher.validation import result_cache
from publisher.validation.inputs import Request
from publisher.validation.outcome import Outcome
from publisher.validation.result_cache import ResultCache

DETAIL = Diagnostic("leaf", Severity.INFO, "Detail", "a.ttl", 3, 4, terms=("<x:a>", "<x:p>", '"v"'))
FULL = Diagnostic(
    *("rule", Severity.VIOLATION, "Too short: “é”.", "a.ttl", 1, 2, "ex:a", "ex:p", '"v"', 1, 9, "A"),
    *("  source", "x:shape", "x:component", ("<x:a>", "<x:p>", '"v"'), (DETAIL,), 7, "x:b", True),
    *((Related("used here", "b.ttl", 5, 6, 5, 8),), "x:severity", (("x:shape", "x:other"), ("x:s", "x:c"))),
)
RULE = Rule("rule", "shape", Severity.WARNING, "Title", "Meaning", "Why", "Fix", "x:link", (("w", "t"),), (("r", "t"),))
OUTCOME = Outcome(
    [FULL, DETAIL], {"rule": RULE}, frozenset({"b.ttl", "a.ttl"}), True, ["failure"], ["note"], [replace(FULL, line=9)]
)


@pytest.fixture
def cache(tmp_path: Path) -> ResultCache:
    return ResultCache(tmp_path / "cache")


def test_an_outcome_comes_back_equal(cache):
    cache.keep("key", OUTCOME)
    assert cache.find("key") == OUTCOME
    assert cache.find("other") is None


def test_an_incomplete_outcome_comes_back_incomplete(cache):
    cache.keep("key", replace(OUTCOME, complete=False))
    assert cache.find("key") == replace(OUTCOME, complete=False)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-20],
        lambda data: data[:60] + b"x" + data[61:],
        lambda data: gzip.compress(b"{}"),
        lambda data: gzip.compress(b"[1]"),
        lambda data: gzip.compress(b"{" * 100_000),
        lambda data: gzip.compress(gzip.decompress(data).replace(b'"rule"', b'"role"')),
        lambda data: gzip.compress(gzip.decompress(data).replace(b'"severity":3', b'"severity":9')),
    ],
)
def test_a_damaged_entry_counts_as_absent_and_is_replaced(cache, tmp_path, damage):
    cache.keep("key", OUTCOME)
    (entry,) = (tmp_path / "cache").iterdir()
    entry.write_bytes(damage(entry.read_bytes()))
    assert cache.find("key") is None
    cache.keep("key", OUTCOME)
    assert cache.find("key") == OUTCOME


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        cache = ResultCache(place)
        cache.keep("key", OUTCOME)
        assert cache.find("key") is None


def test_the_entries_that_were_used_last_stay_within_the_limit(tmp_path):
    ResultCache(tmp_path).keep("a", OUTCOME)
    size = next(tmp_path.iterdir()).stat().st_size
    cache = ResultCache(tmp_path, limit=2 * size)
    cache.keep("b", OUTCOME)
    for name, age in (("a", 200), ("b", 100)):
        os.utime(tmp_path / f"{name}.json.gz", (age, age))
    assert cache.find("a")
    cache.keep("c", OUTCOME)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json.gz", "c.json.gz"]


def test_an_outcome_with_too_many_findings_is_not_kept(cache, monkeypatch):
    monkeypatch.setattr(result_cache, "MAX_FINDINGS", 2)
    cache.keep("key", OUTCOME)
    assert cache.find("key") is None
    cache.keep("key", replace(OUTCOME, suppressed=()))
    assert cache.find("key")


def test_entries_are_written_whole_and_for_the_user_alone(cache, tmp_path):
    cache.keep("key", OUTCOME)
    folder = tmp_path / "cache"
    assert [path.name for path in folder.iterdir()] == ["key.json.gz"]
    assert folder.stat().st_mode & 0o077 == 0


def test_the_clean_checks_of_a_root_come_back(cache, tmp_path):
    request = Request(root="/root")
    first = cache.find_clean(tmp_path, request)
    assert list(first.check("check", ["text"], list)) == []
    cache.keep_clean(tmp_path, request, first)
    again = cache.find_clean(tmp_path, request)
    assert list(again.check("check", ["text"], lambda: pytest.fail("ran again"))) == []
    for other in (cache.find_clean(tmp_path, Request(root="/other")), cache.find_clean(tmp_path / "x", request)):
        assert list(other.check("check", ["text"], lambda: [DETAIL])) == [DETAIL]


def test_damaged_clean_checks_count_as_absent(cache, tmp_path):
    request = Request()
    first = cache.find_clean(tmp_path, request)
    list(first.check("check", ["text"], list))
    cache.keep_clean(tmp_path, request, first)
    (entry,) = (tmp_path / "cache").iterdir()
    for damage in (b"", gzip.compress(b"1"), gzip.compress(b"[[1]]")):
        entry.write_bytes(damage)
        assert list(cache.find_clean(tmp_path, request).check("check", ["text"], lambda: [DETAIL])) == [DETAIL]
