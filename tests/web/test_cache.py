"""The response cache: the same bytes without another query, bounded in size, only what may be cached."""

import gc
from typing import Any

import pytest
from support.asgi_client import Client
from support.each import each

from publisher.sparql.engine import Query
from publisher.web.cache import BODY, OVERHEAD, SHARE, Cache, Key, _size, key_of_query
from publisher.web.headers import CommonHeaders
from publisher.web.requests import Request
from publisher.web.responses import Complete

SIZE = 1 << 20
COMMON = CommonHeaders("release")
HEADERS = [("ETag", 'W/"tag"'), ("Cache-Control", "no-cache"), ("Content-Type", "text/csv"), ("Content-Length", "1")]


def request(method: str = "GET", body: bytes = b"", host: str = "host", **headers: str) -> Request:
    return Request(method, "", "/a", "b=c", headers, "http", host, "", body)


def response(length: int = 1, status: int = 200, headers: Any = HEADERS) -> Complete:
    return Complete(status, COMMON.complete("GET", headers), b"x" * length)


def filled(number: int, length: int, size: int = SIZE) -> Cache:
    cache = Cache(size)
    for place in range(number):
        cache.keep((f"/{place}",), response(length))
        cache.find(("/0",))
    return cache


def test_stored_response_is_found_unchanged() -> None:
    cache = Cache(SIZE)
    cache.keep(("a",), response())
    assert cache.find(("a",)) == response()
    assert cache.find(("b",)) is None


@each(
    "other",
    [
        {"path": "/b"},
        {"query_string": "b=d"},
        {"headers": {"accept": "text/csv"}},
        {"headers": {"accept": ""}},
        {"host": "other"},
        {"root": "/x"},
        {"scheme": "https"},
        {"method": "POST"},
    ],
)
def test_query_key_has_all_inputs(other: dict[str, Any]) -> None:
    assert key_of_query(request()) != key_of_query(request()._replace(**other))


def test_post_key_has_body_and_type() -> None:
    keys = {
        key_of_query(request("POST", body, **{"content-type": kind})) for body in (b"1", b"2") for kind in ("a", "b")
    }
    assert len(keys) == 4


def test_long_body_or_other_method_has_no_key() -> None:
    assert key_of_query(request("POST", b"x" * (BODY + 1))) is None
    assert [key_of_query(request(method)) for method in ("PUT", "DELETE", "OPTIONS", "PATCH")] == [None] * 4
    assert key_of_query(request("HEAD")) == key_of_query(request())


@each(
    ("status", "headers"),
    [
        (404, HEADERS),
        (503, HEADERS),
        (304, HEADERS),
        (200, [("ETag", "x"), ("Content-Length", "1"), ("Cache-Control", "no-store")]),
        (200, [("Content-Length", "1")]),
        (200, [("ETag", "x")]),
        (200, [("ETag", "x"), ("Content-Length", str(SIZE // SHARE))]),
    ],
)
def test_uncacheable_response_is_not_stored(status: int, headers: list[tuple[str, str]]) -> None:
    assert Cache(SIZE).keeps(response())
    assert not Cache(SIZE).keeps(response(1, status, headers))


def test_cache_of_size_zero_stores_nothing() -> None:
    assert not Cache(0).keeps(response())


def test_full_cache_evicts_oldest() -> None:
    cache = filled(100, SIZE // SHARE // 2)
    assert sum(map(_size, cache._entries.keys(), cache._entries.values())) == cache.used <= SIZE
    assert cache.find(("/0",)), "what is requested all the time stays"
    assert cache.find(("/1",)) is None


def test_replaced_entry_is_counted_once() -> None:
    cache = Cache(SIZE)
    key: Key = ("a",)
    for _ in range(3):
        cache.keep(key, response())
    assert cache.used == OVERHEAD + 2


@pytest.mark.slow
def test_entries_are_untracked_by_garbage_collector() -> None:
    """With thirty thousand entries its look took 30 to 70 ms, every few seconds, in which no request was answered."""
    cache = filled(9, 1)
    for _ in range(3):  # one for each level of tuples
        gc.collect()
    kept = [*cache._entries.keys(), *cache._entries.values()]
    assert len(kept) == 18
    assert not any(map(gc.is_tracked, kept))


def test_repeatable_query_is_cached(client: Client, asked: list[Query]) -> None:
    query = {"query": "SELECT * { ?s a <https://w3id.org/ma-coalitions/ontology#Agenda> } # kept"}
    headers = {"Accept": "text/csv"}
    first = client.get("/sparql", query_string=query, headers=headers)
    assert client.get("/sparql", query_string=query, headers=headers).data == first.data
    assert client.post("/sparql", data=query, headers=headers).data == first.data
    assert client.post("/sparql", data=query, headers=headers).data == first.data
    assert client.head("/sparql", query_string=query, headers=headers).headers["Content-Length"] == str(len(first.data))
    assert len(asked) == 2, "once by GET and once by POST"


def test_unrepeatable_query_is_not_cached(client: Client, asked: list[Query]) -> None:
    for _ in range(2):
        client.get("/sparql", query_string={"query": "SELECT (RAND() AS ?x) {}"})
    assert len(asked) == 2
