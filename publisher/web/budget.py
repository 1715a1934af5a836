"""Budgets: limits on what all clients together make the server hold; a request beyond one is answered 503."""

from types import TracebackType
from typing import Final

from publisher.errors import OverloadedError

RETRY_SECONDS: Final = 5
"""Seconds after which a client should retry (`Retry-After`)."""


class Budget:
    """A total that is never exceeded. It is used in one event loop.

    Args:
        total: The most that may be taken at the same time.
        unit: What is counted, as a message names it.
    """

    def __init__(self, total: int, unit: str) -> None:
        self.used = 0
        self._total = total
        self._unit = unit

    def take(self, amount: int) -> None:
        """Take an amount. Raises OverloadedError where that exceeds the total."""
        if self.used + amount > self._total:
            raise make_overload_error(f"The server is at its limit of {self._unit}.")
        self.used += amount

    def give_back(self, amount: int) -> None:
        """Release an amount."""
        self.used -= amount

    def share(self) -> "Share":
        """Return the share of one request."""
        return Share(self)


class Share:
    """The share of one request in a budget, taken step by step and released when the `with` block ends."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._taken = 0

    def take(self, amount: int) -> None:
        """Take more. Raises OverloadedError."""
        self._budget.take(amount)
        self._taken += amount

    def __enter__(self) -> "Share":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._budget.give_back(self._taken)


def make_overload_error(detail: str) -> OverloadedError:
    """The error of a request that cannot be answered now."""
    problem = OverloadedError(detail)
    problem.headers["Retry-After"] = str(RETRY_SECONDS)
    return problem
