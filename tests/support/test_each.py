"""All cases of a test are tried, and all that fail are named."""

import pytest
from support.each import each


def test_every_case_that_fails_is_named() -> None:
    tried = []

    @each(("one", "other"), [(1, 1), (2, 1), (3, 3), (4, 5)])
    def check(one: int, other: int) -> None:
        tried.append(one)
        assert one == other

    with pytest.raises(ExceptionGroup, match="2 of 4 cases") as raised:
        check()
    assert [error.__notes__ for error in raised.value.exceptions] == [
        ["case: {'one': 2, 'other': 1}"],
        ["case: {'one': 4, 'other': 5}"],
    ]
    assert tried == [1, 2, 3, 4]


def test_single_failure_is_raised_as_it_is() -> None:
    @each("text", ["a", ""])
    def check(text: str) -> None:
        if not text:
            pytest.fail("no text")

    with pytest.raises(AssertionError, match="no text"):
        check()


@each("number", [1, 2])
@each("letter", "ab")
def test_combinations_use_fixtures(pytestconfig: pytest.Config, letter: str, number: int) -> None:
    assert (pytestconfig.rootpath.name != "", letter in "ab", number < 3) == (True, True, True)


def test_fixtures_that_cases_change_are_rejected() -> None:
    with pytest.raises(AssertionError, match=r"use pytest\.mark\.parametrize"):
        each("number", [1])(lambda tmp_path, number: None)


def test_no_case_is_rejected() -> None:
    with pytest.raises(AssertionError, match="no case"):
        each("number", [])(lambda number: None)


def test_cases_after_one_that_is_skipped_are_tried() -> None:
    @each("number", [1, 2, 3])
    def check(number: int) -> None:
        if number == 1:
            pytest.skip("not here")
        assert number != 3

    with pytest.raises(AssertionError) as raised:
        check()
    assert raised.value.__notes__ == ["case: {'number': 3}"]


@pytest.mark.parametrize(("numbers", "skipped"), [([1, 1], True), ([1, 2], False)])
def test_test_is_skipped_if_all_its_cases_are(numbers: list[int], *, skipped: bool) -> None:
    @each("number", numbers)
    def check(number: int) -> None:
        if number == 1:
            pytest.skip("not here")

    try:
        check()
        found = False
    except pytest.skip.Exception:
        found = True
    assert found is skipped
