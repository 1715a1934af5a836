"""Metrics for Prometheus: requests, queries, the cache and the release, served on an address of their own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from publisher import __version__
from publisher.errors import CannotRunError
from publisher.web.exchanges import Exchange, Tally
from publisher.web.served_release import ServedRelease

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds: a cached response takes a fraction of the first, a query ends at its limit (10 by default)."""
REQUESTS: Final = "publisher_requests"
SECONDS: Final = "publisher_response_seconds"


class Family(NamedTuple):
    """A metric. kind: its type in Prometheus; the samples of a counter end in `_total`."""

    kind: str
    sentence: str
    labels: tuple[str, ...] = ()


FAMILIES: Final = {
    REQUESTS: Family("counter", "Requests, by class of address and status.", ("route", "status")),
    SECONDS: Family("histogram", "Time until a response was ready to be sent, by class of address.", ("route",)),
    "publisher_requests_in_progress": Family("gauge", "Requests that are read, answered or sent."),
    "publisher_queries": Family(
        "counter", "Queries that the engine was asked, by outcome and limit.", ("outcome", "limit")
    ),
    "publisher_query_processes": Family("gauge", "Query processes that run."),
    "publisher_query_processes_idle": Family("gauge", "Query processes without a query."),
    "publisher_queries_long": Family("gauge", "Queries that hold a slot for long ones."),
    "publisher_queries_waiting": Family("gauge", "Queries that wait for a process or a slot."),
    "publisher_cache_hits": Family("counter", "Responses sent from the cache, status 304 included."),
    "publisher_cache_misses": Family("counter", "Responses that were made, and are in the cache since."),
    "publisher_cache_bytes": Family("gauge", "Bytes of kept responses."),
    "publisher_cache_entries": Family("gauge", "Kept responses; each content coding is one."),
    "publisher_reloads": Family("counter", "Reloads, by outcome.", ("outcome",)),
    "publisher_release": Family("info", "The release that is served.", ("release", "version")),
}
"""Every metric of our own; those of the process (`process_*`) come from the library."""


class Metrics:
    """Counts exchanges, and reads the rest when it is asked.

    Args:
        release: Returns the release that is served now.
        tally: What the application counts.
        in_progress: Returns how many requests are read, answered or sent.
    """

    def __init__(self, release: Callable[[], ServedRelease], tally: Tally, in_progress: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(REQUESTS, FAMILIES[REQUESTS].sentence, FAMILIES[REQUESTS].labels, registry=None)
        self._seconds = Histogram(
            SECONDS, FAMILIES[SECONDS].sentence, FAMILIES[SECONDS].labels, buckets=BUCKETS, registry=None
        )
        for collector in (self._requests, self._seconds, _State(release, tally, in_progress)):
            self.registry.register(collector)
        ProcessCollector(registry=self.registry)
        self._children: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def record(self, exchange: Exchange) -> None:
        """Count one exchange; about 2 microseconds."""
        key = (exchange.route, exchange.status)
        found = self._children.get(key)
        if found is None:
            found = (self._requests.labels(key[0], str(key[1])), self._seconds.labels(key[0]))
            self._children[key] = found
        found[0].inc()
        found[1].observe(exchange.ready_seconds)

    def serve(self, host: str, port: int) -> tuple[int, Callable[[], None]]:
        """Serve the metrics in a thread. Return the port, and what ends it. Raises CannotRunError where it is taken."""
        try:
            server, thread = start_http_server(port, host, self.registry)
        except OSError as error:
            raise CannotRunError(f"Metrics cannot be served on port {port} of {host}: {error.strerror}.") from error

        def end() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return server.server_port, end


class _State(Collector):
    """What is read when metrics are asked for, from a thread: single numbers, each consistent by itself."""

    def __init__(self, release: Callable[[], ServedRelease], tally: Tally, in_progress: Callable[[], int]) -> None:
        self._release = release
        self._tally = tally
        self._in_progress = in_progress

    def collect(self) -> Iterator[Metric]:
        """Yield each metric."""
        release, tally = self._release(), self._tally
        load, cache = release.engine.load(), release.cache
        numbers = {
            "publisher_requests_in_progress": self._in_progress(),
            "publisher_query_processes": load.processes,
            "publisher_query_processes_idle": load.idle,
            "publisher_queries_long": load.long,
            "publisher_queries_waiting": load.waiting,
            "publisher_cache_hits": tally.hits,
            "publisher_cache_misses": tally.misses,
            "publisher_cache_bytes": cache.used,
            "publisher_cache_entries": len(cache),
        }
        for name, number in numbers.items():
            counts = FAMILIES[name].kind == "counter"
            yield (CounterMetricFamily if counts else GaugeMetricFamily)(name, FAMILIES[name].sentence, value=number)
        yield _count("publisher_queries", tally.queries.copy().items())
        yield _count("publisher_reloads", [((outcome,), number) for outcome, number in tally.reloads.copy().items()])
        described = {"release": release.store.release, "version": __version__}
        yield InfoMetricFamily("publisher_release", FAMILIES["publisher_release"].sentence, value=described)


def _count(name: str, numbers: Iterable[tuple[Sequence[str], int]]) -> Metric:
    """A counter with labels."""
    found = CounterMetricFamily(name, FAMILIES[name].sentence, labels=FAMILIES[name].labels)
    for labels, number in numbers:
        found.add_metric(labels, number)
    return found
