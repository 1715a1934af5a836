"""Checks of single files that need not run again."""

import pytest
from support.each import each

from publisher.diagnostic import Diagnostic, Severity
from publisher.validation.clean_files import CleanFiles, digest

FINDING = Diagnostic("rule", Severity.INFO, "Message")


def run(clean: CleanFiles, *parts: str, found: tuple[Diagnostic, ...] | None = ()) -> list[Diagnostic]:
    """The findings of a check; None for a check that must not run."""
    return list(clean.check("check", parts, lambda: pytest.fail("ran again") if found is None else found))


def test_a_check_that_found_nothing_does_not_run_again():
    first = CleanFiles(software="1")
    assert run(first, "text") == []
    second = CleanFiles(first.clean, "1")
    assert run(second, "text", found=None) == []
    assert second.clean == first.clean


def test_a_check_with_findings_runs_each_time():
    first = CleanFiles()
    assert run(first, "text", found=(FINDING,)) == [FINDING]
    assert run(CleanFiles(first.clean), "text", found=(FINDING,)) == [FINDING]
    assert first.clean == set()


@each(
    ("software", "parts"),
    [("2", ("a", "b")), ("1", ("a", "c")), ("1", ("ab",)), ("1", ("a", "b", "")), ("1", ("b", "a"))],
)
def test_a_check_runs_again_where_anything_differs(software, parts):
    first = CleanFiles(software="1")
    run(first, "a", "b")
    assert run(CleanFiles(first.clean, software), *parts, found=(FINDING,)) == [FINDING]


def test_what_was_not_looked_at_is_forgotten():
    first = CleanFiles()
    run(first, "a")
    run(first, "b")
    second = CleanFiles(first.clean)
    run(second, "a", found=None)
    assert len(second.clean) == 1


def test_texts_are_kept_apart():
    assert len({digest(parts) for parts in (["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["c", "ab"])}) == 5
