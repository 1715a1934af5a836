"""Metrics: few labels whatever is requested, on an address of their own."""

import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.asgi_client import Client, OpenApp

from publisher.errors import CannotRunError
from publisher.settings import Settings
from publisher.web.metrics import FAMILIES, Metrics


@pytest.fixture
def metrics(app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> Metrics:
    application = app.application
    found = Metrics(lambda: application.release, application.tally, lambda: application.in_progress)
    monkeypatch.setattr(application, "recorders", [found])
    return found


@pytest.fixture
def url(metrics: Metrics) -> Iterator[str]:
    port, end = metrics.serve("127.0.0.1", 0)
    yield f"http://127.0.0.1:{port}/metrics"
    end()


def read(url: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample by its name and labels."""
    with urllib.request.urlopen(url, timeout=10) as response:
        families = text_string_to_metric_families(response.read().decode())
        return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def test_requests_and_queries_are_counted(client: Client, app: OpenApp, url: str) -> None:
    client.get("/doc/coalition/clear-water")
    client.get("/doc/coalition/unknown")
    client.get("/sparql", query_string={"query": "ASK {} # metrics"})
    found = read(url)
    assert found["publisher_requests_total", (("route", "doc"), ("status", "200"))] == 1
    assert found["publisher_requests_total", (("route", "doc"), ("status", "404"))] == 1
    assert found["publisher_response_seconds_count", (("route", "doc"),)] == 2
    assert found["publisher_queries_total", (("limit", ""), ("outcome", "answered"))] >= 1
    load = app.application.release.engine.load()
    assert found["publisher_query_processes", ()] == load.processes > 0
    assert found["publisher_cache_bytes", ()] == app.application.release.cache.used > 0
    assert found["publisher_cache_entries", ()] == len(app.application.release.cache)
    assert "process_resident_memory_bytes" in {name for name, _ in found}
    release = next(labels for name, labels in found if name == "publisher_release_info")
    assert dict(release)["release"] == app.application.release.store.release


def test_documented_metrics_are_those_that_are_served(client: Client, metrics: Metrics) -> None:
    client.get("/")
    served = {family.name: (family.type, family.documentation) for family in metrics.registry.collect()}
    described = {name: (family.kind, family.sentence) for name, family in FAMILIES.items()}
    assert {name: found for name, found in served.items() if not name.startswith("process_")} == described


def test_unknown_addresses_share_a_label(client: Client, url: str) -> None:
    for number in range(50):
        client.get(f"/scan{number}/x.php")
    routes = {labels for name, labels in read(url) if name == "publisher_requests_total"}
    assert routes == {(("route", "other"), ("status", "404"))}


def test_metrics_are_not_on_public_address(client: Client) -> None:
    assert client.get("/metrics").status_code == 404


def test_taken_port_is_reported(metrics: Metrics, url: str) -> None:
    with pytest.raises(CannotRunError, match="Metrics cannot be served"):
        metrics.serve("127.0.0.1", int(url.rpartition(":")[2].partition("/")[0]))


@pytest.mark.parametrize(
    ("value", "address"), [("127.0.0.1:9464", ("127.0.0.1", 9464)), ("[::1]:0", ("::1", 0)), ("name:1", ("name", 1))]
)
def test_setting_gives_host_and_port(value: str, address: tuple[str, int]) -> None:
    assert Settings(metrics=value).check().metrics_address() == address


def test_setting_with_port_of_pages_is_rejected() -> None:
    with pytest.raises(CannotRunError, match="PUBLISHER_METRICS"):
        Settings(metrics="127.0.0.1:8000").metrics_address()
    for value in ("9464", "host", "http://host:1", "host:port"):
        with pytest.raises(CannotRunError, match="PUBLISHER_METRICS"):
            Settings(metrics=value).check()
