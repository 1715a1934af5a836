"""The monitor of an endpoint: whether it has the release that is served, complete and unchanged."""

import logging
import threading
import time
from typing import Final

from publisher.errors import PublisherError, UnavailableError
from publisher.release.index import Index
from publisher.release.placement import Register, combine, digest_query
from publisher.sparql.translation import Placement
from publisher.sparql.trusted import TrustedEndpoint

SECONDS: Final = 5.0
"""Time between two looks at the register while all is well."""
AGAIN: Final = 1.0
"""Time until the next look while the endpoint cannot be used."""
COUNTING: Final = 120.0
"""Time in which the statements of one graph have to be counted."""

logger = logging.getLogger("publisher")


class Monitor:
    """Watches an endpoint in a thread of its own, from `start` to `close`.

    It looks at the register often, and counts all statements with their digests at first, after every failure, and
    every `seconds`. An endpoint that is lost after it was verified may be asked again at once; one that has other
    statements may not before it is verified again.
    """

    def __init__(self, endpoint: TrustedEndpoint, placement: Placement, index: Index, seconds: float) -> None:
        self._endpoint = endpoint
        self._placement = placement
        self._register = Register(placement.base)
        self._release = index.release
        self._graphs = dict(index.graphs)
        self._seconds = seconds
        self._due = 0.0
        self._refused: PublisherError | None = UnavailableError("The endpoint has not been verified yet.")
        self._failed: PublisherError | None = None
        self._wake = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._watch, name="endpoint monitor", daemon=True)

    def start(self) -> None:
        """Look at the endpoint, and begin to watch it."""
        self.look()
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._closed = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def check(self) -> None:
        """Return if the endpoint may be asked. Raises the reason why not: it was not verified, or found wanting."""
        problem = self._refused
        if problem:
            raise type(problem)(problem.detail, **problem.members)

    def suspect(self) -> None:
        """Look at the endpoint soon: a request to it failed."""
        self._wake.set()

    def look(self) -> None:
        """Look at the register, and count statements where that is due. Errors are kept for `check` and logged once."""
        began = time.monotonic()
        try:
            self._verify(complete=self._refused is not None or self._failed is not None or began >= self._due)
        except PublisherError as problem:
            if self._refused is not None or isinstance(problem, UnavailableError):
                self._refused = problem
            self._report(problem)
        else:
            if self._failed:
                logger.warning("The endpoint %s has the release again.", self._endpoint.address)
            self._refused = self._failed = None

    def _report(self, problem: PublisherError) -> None:
        if self._failed is None or self._failed.detail != problem.detail:
            logger.error("The endpoint cannot be used: %s", problem.detail)
        self._failed = problem

    def _watch(self) -> None:
        while not self._closed:
            self._wake.wait(AGAIN if self._failed else SECONDS)
            if self._wake.is_set() and not self._closed:
                time.sleep(AGAIN / 10)  # Many requests fail at the same time.
            self._wake.clear()
            if not self._closed:
                self.look()

    def _verify(self, *, complete: bool) -> None:
        """Raise UnavailableError if the endpoint does not have the release."""
        rows = self._endpoint.select(self._register.select_record(self._placement.place))
        record = self._register.read_record(rows)
        if record.release != self._release:
            raise UnavailableError(f"The endpoint does not have release {self._release}; {self._name_current()}.")
        if not record.complete:
            raise UnavailableError(f"Release {self._release} is not completely loaded at the endpoint.")
        if complete:
            self._count(record.statements, record.digest)
            self._due = time.monotonic() + self._seconds

    def _name_current(self) -> str:
        found = [row[0] for row in self._endpoint.select(self._register.select_current())]
        return f"its current one is {found[0]}" if found else "no release was pushed to it"

    def _count(self, statements: str, digest: str) -> None:
        """Raise UnavailableError if the statements are not those that were pushed."""
        counts = count_at(self._endpoint, self._placement)
        for iri, expected in self._graphs.items():
            found = sum(counts[self._placement.locate(iri)].values())
            if found != expected:
                raise UnavailableError(f"The endpoint has {found} statements in the graph {iri}, not {expected}.")
        if combine(counts) != (int(statements), digest):
            raise UnavailableError("The statements at the endpoint are not those that were pushed: digests differ.")


def count_at(endpoint: TrustedEndpoint, placement: Placement) -> dict[str, dict[str, int]]:
    """Count the statements of a release at an endpoint: graph -> start of a statement's digest -> statements."""
    graphs = [placement.default, *map(placement.locate, placement.graphs)]
    found = {graph: endpoint.select(digest_query(graph), COUNTING) for graph in graphs}
    return {graph: {start: int(number) for start, number in rows} for graph, rows in found.items()}
