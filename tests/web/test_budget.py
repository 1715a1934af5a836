"""Budgets: a total is never exceeded, and what a request took comes back."""

import pytest

from publisher.errors import OverloadedError, TooManyRequestsError
from publisher.web.budget import Budget


def test_budget_is_never_exceeded() -> None:
    budget = Budget(10, "bytes")
    budget.take(7)
    with pytest.raises(OverloadedError, match="bytes") as caught:
        budget.take(4)
    assert (caught.value.status, caught.value.headers["Retry-After"], budget.used) == (503, "5", 7)
    budget.take(3)
    assert budget.used == 10


def test_share_is_returned_after_rejection() -> None:
    budget = Budget(10, "bytes")
    with budget.share() as share:
        share.take(6)
        share.take(4)
        assert budget.used == 10
        with pytest.raises(OverloadedError):
            share.take(1)
    assert budget.used == 0


def test_one_client_has_a_part_only() -> None:
    budget = Budget(10, "bytes", 40)
    with budget.share("a") as first, budget.share("a") as second, budget.share() as nobody:
        first.take(3)
        with pytest.raises(TooManyRequestsError, match="at most 4 bytes") as caught:
            second.take(2)
        assert (caught.value.status, caught.value.headers["Retry-After"], budget.used) == (429, "5", 3)
        second.take(1)
        budget.take(4, "b")
        nobody.take(2)
        with pytest.raises(OverloadedError):
            nobody.take(1)
    assert budget.used == 4
    budget.take(4, "a")


def test_share_is_assigned_when_the_client_is_known() -> None:
    budget = Budget(10, "requests", 20)
    with budget.share() as first, budget.share() as second, budget.share() as third:
        for share in (first, second, third):
            share.take(1)
        first.assign("a")
        second.assign("a")
        with pytest.raises(TooManyRequestsError):
            third.assign("a")
        third.assign("b")
    assert budget.used == 0
    budget.take(2, "a")


def test_part_of_a_small_total_is_at_least_one() -> None:
    Budget(2, "streams", 1).take(1, "a")
