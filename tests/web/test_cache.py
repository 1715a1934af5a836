"""The response cache: the same bytes without asking again, never more than its size, never what must not be kept."""

import concurrent.futures
import gc
import itertools
import threading
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from publisher.sparql.engine import Query
from publisher.web.cache import OVERHEAD, SHARE, Cache, _size

SIZE = 1 << 20


class Counting:
    """An application that answers with what it was asked and counts how often."""

    def __init__(self, **headers: str) -> None:
        self.asked = 0
        self.headers = headers
        self.status = 200
        self.size = 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.asked += 1
        body = f"{request.method} {request.full_path} {request.accept_mimetypes} {request.get_data(as_text=True)}"
        response = Response(body + "x" * self.size, self.status, self.headers)
        response.set_etag("tag", weak=True)
        return response(environ, start_response)


def client(app: Any, size: int = SIZE) -> Client:
    return Client(Cache(app, size))


def test_what_was_answered_once_is_sent_again_byte_for_byte() -> None:
    app = Counting(Link="<x>")
    cached = client(app)
    first, second = cached.get("/a?b=c"), cached.get("/a?b=c")
    assert (first.data, first.headers) == (second.data, second.headers)
    assert app.asked == 1


@pytest.mark.parametrize(
    "other",
    [
        {"path": "/b"},
        {"path": "/a", "query_string": "x=1"},
        {"path": "/a", "headers": {"Accept": "text/csv"}},
        {"path": "/a", "headers": {"Host": "other.example"}},
        {"path": "/a", "base_url": "https://localhost/"},
        {"path": "/a", "method": "POST"},
    ],
    ids=["path", "query", "accept", "host", "scheme", "method"],
)
def test_whatever_a_response_depends_on_is_part_of_the_key(other: dict[str, Any]) -> None:
    app = Counting()
    cached = client(app)
    cached.get("/a")
    cached.open(**other)
    assert app.asked == 2


def test_posts_are_told_apart_by_body_and_type_and_reach_the_application_whole() -> None:
    app = Counting()
    cached = client(app)
    texts = [
        cached.post("/q", data=body, content_type=kind).text
        for body, kind in itertools.product((b"one", b"two"), ("text/plain", "text/csv"))
        for _ in range(2)
    ]
    assert app.asked == 4
    assert [text.rpartition(" ")[2] for text in texts] == ["one"] * 4 + ["two"] * 4


def test_a_long_post_passes_by() -> None:
    app = Counting()
    cached = client(app)
    for _ in range(2):
        assert cached.post("/q", data=b"x" * (1 << 17)).text.endswith("x" * (1 << 17))
    assert app.asked == 2


def test_a_matching_etag_gets_304_from_the_cache() -> None:
    app = Counting(**{"Cache-Control": "no-cache"})
    cached = client(app)
    tag = cached.get("/a").headers["ETag"]
    for matching in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = cached.get("/a", headers={"If-None-Match": matching})
        assert (again.status_code, again.data) == (304, b"")
        assert (again.headers["ETag"], again.headers["Cache-Control"]) == (tag, "no-cache")
        assert "Content-Type" not in again.headers
    assert cached.get("/a", headers={"If-None-Match": '"other"'}).status_code == 200
    assert app.asked == 1


def test_head_is_answered_from_what_get_left_and_leaves_nothing_itself() -> None:
    app = Counting()
    cached = client(app)
    cached.head("/a")
    whole = cached.get("/a")
    head = cached.head("/a")
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(whole.data)))
    assert app.asked == 2


def test_errors_and_what_may_not_be_stored_are_never_kept() -> None:
    for status, headers in ((404, {}), (503, {}), (304, {}), (200, {"Cache-Control": "no-store"})):
        app = Counting(**headers)
        app.status = status
        cached = client(app)
        cached.get("/a")
        cached.get("/a")
        assert app.asked == 2


def test_a_response_without_etag_is_not_kept() -> None:
    asked: list[int] = []

    def app(environ: Any, start_response: Any) -> Any:
        asked.append(1)
        return Response("x")(environ, start_response)

    cached = client(app)
    cached.get("/a")
    cached.get("/a")
    assert len(asked) == 2


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_pass_by(method: str) -> None:
    app = Counting()
    cached = client(app)
    cached.get("/a")
    cached.open("/a", method=method)
    assert app.asked == 2


def test_the_cache_never_holds_more_than_its_size_and_lets_the_oldest_go() -> None:
    app = Counting()
    app.size = SIZE // SHARE // 2
    cache = Cache(app, SIZE)
    cached = Client(cache)
    for number in range(100):
        cached.get(f"/{number}")
        cached.get("/0")
    assert sum(map(_size, cache._entries.keys(), cache._entries.values())) == cache._used <= SIZE
    assert app.asked == 100, "what is asked for all the time stays"


def test_the_garbage_collector_does_not_look_at_what_is_kept() -> None:
    """With thirty thousand entries its look took 30 to 70 ms, every few seconds, in which nobody was answered."""
    cache = Cache(Counting(), SIZE)
    for number in range(9):
        Client(cache).get(f"/{number}")
    gc.collect()
    kept = [*cache._entries.keys(), *cache._entries.values()]
    assert len(kept) == 18
    assert not any(map(gc.is_tracked, kept))


def test_a_response_larger_than_its_share_is_sent_and_not_kept() -> None:
    app = Counting()
    app.size = SIZE // SHARE
    cached = client(app)
    assert len(cached.get("/a").data) == len(cached.get("/a").data) > app.size
    assert app.asked == 2


def test_a_cache_without_size_keeps_nothing() -> None:
    app = Counting()
    cached = client(app, 0)
    assert cached.get("/a").data == cached.get("/a").data
    assert app.asked == 2


def test_a_body_is_closed_once_it_is_kept() -> None:
    closed: list[int] = []

    def app(environ: Any, start_response: Any) -> Any:
        response = Response("x", headers={"ETag": '"x"'})
        response.call_on_close(lambda: closed.append(1))
        return response(environ, start_response)

    assert client(app).get("/a").data == b"x"
    assert closed == [1]


def test_answers_are_never_mixed_up_by_many_at_once() -> None:
    cached = Cache(Counting(), 64 * OVERHEAD)
    barrier = threading.Barrier(8)

    def one(start: int) -> bool:
        barrier.wait()
        mine = Client(cached)
        return all(f"/{(start + i) % 100}?" in mine.get(f"/{(start + i) % 100}").text for i in range(400))

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        assert all(threads.map(one, range(8)))
    assert sum(map(_size, cached._entries.keys(), cached._entries.values())) == cached._used <= 64 * OVERHEAD


def test_the_application_keeps_documents_and_repeatable_queries(client: Any, asked: list[Query]) -> None:
    query = {"query": "SELECT * { ?s a <https://w3id.org/ma-coalitions/ontology#Agenda> } # kept"}
    headers = {"Accept": "text/csv"}
    first = client.get("/sparql", query_string=query, headers=headers)
    assert client.get("/sparql", query_string=query, headers=headers).data == first.data
    assert client.post("/sparql", data=query, headers=headers).data == first.data
    assert client.post("/sparql", data=query, headers=headers).data == first.data
    assert len(asked) == 2, "once by GET and once by POST"


def test_the_application_asks_anew_where_a_query_is_not_repeatable(client: Any, asked: list[Query]) -> None:
    for _ in range(2):
        client.get("/sparql", query_string={"query": "SELECT (RAND() AS ?x) {}"})
    assert len(asked) == 2
