"""The privacy page: it says what the settings in force make the server record."""

import pytest
from support.asgi_client import Client, open_app

from publisher.release.store import Store
from publisher.settings import Settings

NONE, NETWORK, FULL = "keeps no record of who visits", "the rest is replaced by zeros", "the full internet address"


def page(settings: Settings, store: Store) -> str:
    response = open_app(settings, store).test_client().get("/privacy", headers={"Accept": "text/html"})
    assert response.status_code == 200
    return response.text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, NONE),
        ({"access_log": "-"}, NETWORK),
        ({"access_log": "/var/log/x", "access_log_full": 1}, FULL),
        ({"access_log_full": 1}, NONE),
    ],
)
def test_page_states_what_is_logged(settings: Settings, store: Store, options: dict[str, str | int], said: str) -> None:
    text = page(settings.having(**options), store)
    assert [words for words in (NONE, NETWORK, FULL) if words in text] == [said]
    assert "/var/log" not in text


@pytest.mark.parametrize(("metrics", "counted"), [("", False), ("127.0.0.1:1", True)])
def test_page_states_whether_requests_are_counted(
    settings: Settings, store: Store, metrics: str, counted: bool
) -> None:
    text = page(settings.having(metrics=metrics), store)
    assert ("counts how many requests" in text, "counts nothing" in text) == (counted, not counted)
    assert "127.0.0.1" not in text


def test_page_states_where_queries_are_passed_on(settings: Settings, store: Store) -> None:
    engine, other = "server program that keeps the data", "names another endpoint with SERVICE"
    for options, said in (
        ({}, []),
        ({"endpoint": "http://127.0.0.1:1/q"}, [engine]),
        ({"query_services": "https://example.org/sparql"}, [other]),
    ):
        text = page(settings.having(**options), store)
        assert [words for words in (engine, other) if words in text] == said
        assert "127.0.0.1" not in text


def test_static_copy_claims_nothing_about_its_web_server(settings: Settings, store: Store) -> None:
    text = page(settings.having(static_copy=1), store)
    assert "files that a web server sends" in text
    assert not any(words in text for words in (NONE, NETWORK, FULL, "counts nothing", "What happens to your queries"))


def test_contact_is_named(settings: Settings, store: Store) -> None:
    assert "mailto:ask@example.org" in page(settings.having(contact="ask@example.org"), store)


def test_site_sets_no_cookies(client: Client) -> None:
    for path in ("/", "/privacy", "/sparql", "/sparql?query=ASK%7B%7D", "/nothing"):
        assert "Set-Cookie" not in client.get(path, headers={"Accept": "text/html", "Cookie": "a=b"}).headers
