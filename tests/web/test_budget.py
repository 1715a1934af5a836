"""Budgets: a total is never exceeded, and what a request took comes back."""

import pytest

from publisher.errors import OverloadedError
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
