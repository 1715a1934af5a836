"""Metrics for Prometheus: requests, queries, the cache and the release, served on an address of their own."""

from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from publisher import __version__
from publisher.errors import CannotRunError
from publisher.web.exchanges import Exchange, Tally
from publisher.web.served_release import ServedRelease

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds: a cached response takes a fraction of the first, a query ends at its limit (10 by default)."""


class Metrics:
    """Counts exchanges, and reads the rest when it is asked.

    Args:
        release: Returns the release that is served now.
        tally: What the application counts.
        in_progress: Returns how many requests are read, answered or sent.
    """

    def __init__(self, release: Callable[[], ServedRelease], tally: Tally, in_progress: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_State(release, tally, in_progress))
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "publisher_requests",
            "Requests, by class of address and status.",
            ["route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "publisher_response_seconds",
            "Time until a response was ready to be sent, by class of address.",
            ["route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._children: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def record(self, exchange: Exchange) -> None:
        """Count one exchange; about 3 microseconds."""
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
        yield _gauge("publisher_requests_in_progress", "Requests that are read, answered or sent.", self._in_progress())
        queries = CounterMetricFamily(
            "publisher_queries", "Queries that the engine was asked, by outcome and limit.", labels=["outcome", "limit"]
        )
        for labels, number in list(tally.queries.items()):
            queries.add_metric(labels, number)
        yield queries
        yield from _describe_engine(release)
        yield _counter("publisher_cache_hits", "Responses sent from the cache.", tally.hits)
        yield _counter("publisher_cache_misses", "Cacheable responses that were not in the cache.", tally.misses)
        yield _gauge("publisher_cache_bytes", "Bytes of kept responses.", release.cache.used)
        yield _gauge("publisher_cache_entries", "Kept responses; each coding is one.", len(release.cache))
        reloads = CounterMetricFamily("publisher_reloads", "Reloads, by outcome.", labels=["outcome"])
        for outcome, number in list(tally.reloads.items()):
            reloads.add_metric([outcome], number)
        yield reloads
        described = {"release": release.store.release, "version": __version__}
        yield InfoMetricFamily("publisher_release", "The release that is served.", value=described)


def _describe_engine(release: ServedRelease) -> Iterator[Metric]:
    load = release.engine.load()
    yield _gauge("publisher_query_processes", "Query processes that run.", load.processes)
    yield _gauge("publisher_query_processes_idle", "Query processes that wait for a query.", load.idle)
    yield _gauge("publisher_queries_long", "Queries that hold a slot for long ones.", load.long)
    yield _gauge("publisher_queries_waiting", "Queries that wait for a process or a slot.", load.waiting)


def _gauge(name: str, sentence: str, value: float) -> Metric:
    return GaugeMetricFamily(name, sentence, value=value)


def _counter(name: str, sentence: str, value: float) -> Metric:
    return CounterMetricFamily(name, sentence, value=value)
