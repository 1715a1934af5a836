"""The copy that is sent: in the coding that the client accepts, compressed once, with an ETag that fits it."""

import asyncio
import gzip
from http import HTTPStatus
from io import BytesIO
from typing import Any

import pytest
from support.asgi_client import Client, OpenApp
from support.each import each
from werkzeug.test import TestResponse

from publisher.sparql.engine import CHUNK, Query
from publisher.web import selection
from publisher.web.cache import Cache
from publisher.web.client import Client as Waiting
from publisher.web.client import Threads
from publisher.web.codings import zstd
from publisher.web.exchanges import Tally
from publisher.web.headers import CommonHeaders
from publisher.web.requests import Request
from publisher.web.responses import Complete, Reply
from publisher.web.selection import Selection, revalidate

PAGE = "/doc/coalition/clear-water"
COMMON = CommonHeaders("release")
ROWS = "SELECT * { ?s ?p ?o } LIMIT 60"
DECODERS = {None: bytes, "gzip": gzip.decompress, "zstd": zstd.decompress}
HEADERS = [("ETag", 'W/"tag"'), ("Cache-Control", "no-cache"), ("Content-Type", "text/csv"), ("Content-Length", "1")]


def request(method: str = "GET", **headers: str) -> Request:
    return Request(method, "", "/a", "b=c", headers, "http", "host", "")


def get(client: Client, path: str, coding: str = "", **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(path, headers={"Accept": "text/html", **({"Accept-Encoding": coding} if coding else {}), **named})


@pytest.fixture
def compressed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the bodies that were compressed."""
    sizes: list[int] = []
    compress = selection.compress

    def count(body: bytes, coding: str) -> bytes:
        sizes.append(len(body))
        return compress(body, coding)

    monkeypatch.setattr(selection, "compress", count)
    return sizes


@pytest.mark.parametrize("path", ["/doc/coalition/open-books-coalition", f"/sparql?query={ROWS}", "/static/style.css"])
@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_text_is_compressed_once(client: Client, compressed: list[int], path: str, coding: str) -> None:
    plain = get(client, path)
    first, second = get(client, path, coding), get(client, path, coding)
    assert (first.headers["Content-Encoding"], DECODERS[coding](first.data)) == (coding, plain.data)
    assert (second.data, list(second.headers)) == (first.data, list(first.headers))
    assert compressed.count(len(plain.data)) <= 1
    assert int(first.headers["Content-Length"]) == len(first.data) < len(plain.data) // 2
    assert first.headers["Vary"] == plain.headers["Vary"] == "Accept, Accept-Encoding"


def test_kept_plain_copy_is_compressed(client: Client, asked: list[Query]) -> None:
    path = f"/sparql?query={ROWS} # plain first"
    plain = get(client, path)
    assert [gzip.decompress(get(client, path, "gzip").data) for _ in range(2)] == [plain.data] * 2
    assert len(asked) == 1


@each("coding", ["gzip", "zstd"])
@each("path", [PAGE, f"/sparql?query={ROWS}"])
def test_etag_of_each_coding_matches_itself(client: Client, path: str, coding: str) -> None:
    plain, coded = get(client, path), get(client, path, coding)
    tag = coded.headers["ETag"]
    assert (tag == plain.headers["ETag"]) is tag.startswith("W/"), "a strong ETag is that of the bytes sent"
    again = get(client, path, coding, If_None_Match=tag)
    assert (again.status_code, again.data) == (HTTPStatus.NOT_MODIFIED, b"")
    left_out = ("Content-Type", "Content-Length", "Content-Encoding")
    assert dict(again.headers) == {name: value for name, value in coded.headers.items() if name not in left_out}
    several = get(client, path, coding, If_None_Match=f'"other", {plain.headers["ETag"]}, {tag}')
    assert (several.status_code, several.headers["ETag"]) == (HTTPStatus.NOT_MODIFIED, tag)


def test_strong_etag_of_other_coding_does_not_match(client: Client) -> None:
    plain = get(client, PAGE)
    other = get(client, PAGE, "gzip", If_None_Match=plain.headers["ETag"])
    assert (other.status_code, gzip.decompress(other.data)) == (HTTPStatus.OK, plain.data)


@each("path", [PAGE, f"/sparql?query={ROWS}", "/robots.txt"])
@each("coding", ["", "gzip", "identity;q=0, zstd", "identity;q=0"])
def test_head_has_headers_of_get(client: Client, path: str, coding: str) -> None:
    headers = {"Accept": "text/html", "Accept-Encoding": coding}
    whole, head = client.get(path, headers=headers), client.head(path, headers=headers)
    assert (head.status_code, head.data, list(head.headers)) == (200, b"", list(whole.headers))


def test_range_returns_whole_response(client: Client) -> None:
    whole = get(client, PAGE, "gzip")
    part = get(client, PAGE, "gzip", Range="bytes=0-9")
    assert (part.status_code, part.data) == (HTTPStatus.OK, whole.data)


def test_small_body_is_compressed_only_where_identity_is_excluded(client: Client) -> None:
    assert "Content-Encoding" not in get(client, "/robots.txt", "gzip").headers
    forced = get(client, "/robots.txt", "gzip, identity;q=0")
    assert gzip.decompress(forced.data) == get(client, "/robots.txt").data


@each("accept", ["br", "identity;q=0", "*;q=0", "nonsense;;;"])
def test_unavailable_coding_returns_plain_body(client: Client, accept: str) -> None:
    response = get(client, PAGE, accept)
    assert (response.status_code, "Content-Encoding" in response.headers) == (HTTPStatus.OK, False)


def test_error_page_is_compressed(client: Client) -> None:
    plain = get(client, "/doc/coalition/unknown")
    response = get(client, "/doc/coalition/unknown", "gzip")
    assert (response.status_code, gzip.decompress(response.data)) == (HTTPStatus.NOT_FOUND, plain.data)


def test_unrepeatable_result_is_compressed(client: Client) -> None:
    text = f"SELECT (SHA512(STR(RAND())) AS ?x) {{ VALUES ?y {{ {' '.join(map(str, range(40)))} }} }}"
    response = client.get("/sparql", query_string={"query": text}, headers={"Accept-Encoding": "gzip"})
    assert (response.headers["Content-Encoding"], response.headers["Cache-Control"]) == ("gzip", "no-store")
    assert b'"bindings"' in gzip.decompress(response.data)


def complete(size: int, cache: Cache, **headers: str) -> Complete:
    """A query result of a size that is a file, completed."""
    found = Selection(cache, COMMON, Tally())
    reply = Reply(200, [*HEADERS[:3], ("Content-Length", str(size))], BytesIO(b"a,b\n" * (size // 4)))
    threads = Threads(1)

    async def run() -> Complete:
        waiting = Waiting(threads, asyncio.Event().wait)  # type: ignore[arg-type]
        return await found.complete(("a",), reply, request(**headers), waiting)

    try:
        return asyncio.run(run())
    finally:
        threads.stop()


def test_large_result_stays_a_file_and_is_compressed_while_sent() -> None:
    response = complete(4 * CHUNK, Cache(0), **{"accept-encoding": "gzip"})
    named: dict[bytes, bytes] = dict(response.headers)
    assert (named[b"content-encoding"], b"content-length" in named) == (b"gzip", False)
    body: Any = response.body
    assert body.size == 4 * CHUNK
    pieces = []
    while piece := body.read():
        pieces.append(piece)
    assert gzip.decompress(b"".join(pieces)) == b"a,b\n" * CHUNK
    plain: Any = complete(4 * CHUNK, Cache(0)).body
    assert len(plain.read()) == 4 * CHUNK


def test_kept_copies_stay_within_cache() -> None:
    cache = Cache(20 * CHUNK)
    for coding in ("gzip", "zstd", "gzip"):
        complete(2 * CHUNK, cache, **{"accept-encoding": coding})
    assert len(cache._entries) == 3
    assert 2 * CHUNK < cache.used < 3 * CHUNK


@each("matching", ['W/"tag"', '"tag"', '"other", "tag"', "*"])
def test_etag_match_returns_304(matching: str) -> None:
    response = Complete(200, COMMON.complete("GET", HEADERS), b"x")
    asked = request(**{"if-none-match": matching})
    assert revalidate(response, asked) == Complete(304, list(COMMON.complete("GET", HEADERS[:2])), b"")
    assert revalidate(response, asked._replace(method="POST")) == response


def test_other_etag_or_status_returns_response() -> None:
    response = Complete(200, COMMON.complete("GET", HEADERS), b"x")
    assert revalidate(response, request(**{"if-none-match": '"other"'})) == response
    failed = response._replace(status=404)
    assert revalidate(failed, request(**{"if-none-match": '"tag"'})) == failed


def test_cached_document_is_compressed_in_every_format(app: OpenApp) -> None:
    client = app.test_client()
    for accept in ("text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml"):
        response = get(client, PAGE, "zstd", Accept=accept)
        assert (response.headers["Content-Encoding"], response.mimetype) == ("zstd", accept)
