"""Budgets: limits on what clients make the server hold; a request beyond that of all is answered 503, of one 429."""

from collections import Counter
from types import TracebackType
from typing import Final

from publisher.errors import OverloadedError, TooManyRequestsError

RETRY_SECONDS: Final = 5
"""Seconds after which a client should retry (`Retry-After`)."""


class Budget:
    """A total that is never exceeded, and of which one client may have a part only. It is used in one event loop.

    Args:
        total: The most that may be taken at the same time.
        unit: What is counted, as a message names it.
        percent: Of the total that one client may have.
    """

    def __init__(self, total: int, unit: str, percent: int = 100) -> None:
        self.used = 0
        self._total = total
        self._each = max(total * percent // 100, 1)
        self._unit = unit
        self._clients: Counter[str] = Counter()

    def take(self, amount: int, client: str = "") -> None:
        """Take an amount. client: whose part it is of; empty for nobody's.

        Raises:
            OverloadedError: That exceeds the total.
            TooManyRequestsError: It exceeds the part of the client.
        """
        if self.used + amount > self._total:
            raise make_overload_error(f"The server is at its limit of {self._unit}.")
        self.assign(amount, client)
        self.used += amount

    def assign(self, amount: int, client: str) -> None:
        """Count an amount as a client's, without taking it. Raises TooManyRequestsError."""
        if not client:
            return
        if self._clients[client] + amount > self._each:
            raise _make_client_error(f"One client may have at most {self._each} {self._unit} at the same time.")
        self._clients[client] += amount

    def give_back(self, amount: int, client: str = "") -> None:
        """Release an amount."""
        self.used -= amount
        if client:
            self._clients[client] -= amount
            if not self._clients[client]:
                del self._clients[client]

    def share(self, client: str = "") -> "Share":
        """Return the share of one request. client: whose it is; empty where that is nobody's, or not known yet."""
        return Share(self, client)


class Share:
    """The share of one request in a budget, taken step by step and released when the `with` block ends."""

    def __init__(self, budget: Budget, client: str) -> None:
        self._budget = budget
        self._client = client
        self._taken = 0

    def take(self, amount: int) -> None:
        """Take more. Raises as `Budget.take` does."""
        self._budget.take(amount, self._client)
        self._taken += amount

    def assign(self, client: str) -> None:
        """Count what was taken for nobody as a client's. Raises TooManyRequestsError."""
        self._budget.assign(self._taken, client)
        self._client = client

    def __enter__(self) -> "Share":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._budget.give_back(self._taken, self._client)


def _make_client_error(detail: str) -> TooManyRequestsError:
    """The error of a client that holds too much."""
    problem = TooManyRequestsError(detail)
    problem.headers["Retry-After"] = str(RETRY_SECONDS)
    return problem


def make_overload_error(detail: str) -> OverloadedError:
    """The error of a request that cannot be answered now."""
    problem = OverloadedError(detail)
    problem.headers["Retry-After"] = str(RETRY_SECONDS)
    return problem
