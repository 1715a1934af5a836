"""Requests: heads are checked before anything is parsed, bodies are read under limits of size and time."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from publisher.errors import (
    MalformedError,
    OverloadedError,
    RequestTimeoutError,
    TooLargeHeadError,
    TooLargeRequestError,
    TooLongAddressError,
)
from publisher.sparql.engine import ADDRESS
from publisher.web import requests
from publisher.web.budget import Budget
from publisher.web.requests import DISCARD, FIELD, FIELDS, HEAD, ClientLeftError, Request, read_body, read_head

LIMIT = 1000
HOST = (b"host", b"example.org")


def head(*headers: tuple[bytes, bytes], target: bytes = b"/", **more: Any) -> Request:
    path, _, query = target.partition(b"?")
    scope = {"method": "GET", "raw_path": path, "query_string": query, "scheme": "http", "http_version": "1.1"}
    return read_head(scope | {"headers": list(headers), "server": ("127.0.0.1", 8000)} | more)


def read(messages: Sequence[dict[str, Any]], headers: dict[str, str] | None = None, total: int = 10**6) -> bytes:
    """Read a body that comes in the messages given; after them nothing comes."""
    coming, budget = list(messages), Budget(total, "bytes")

    async def receive() -> dict[str, Any]:
        if coming:
            return coming.pop(0)
        return await asyncio.Event().wait()  # type: ignore[return-value]

    async def run() -> bytes:
        with budget.share() as share:
            request = head(HOST)._replace(headers=headers or {})
            return await read_body(request, receive, LIMIT, share)

    try:
        return asyncio.run(run())
    finally:
        assert budget.used == 0


def piece(size: int, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


# Heads


def test_a_head_becomes_a_value() -> None:
    request = head(HOST, (b"accept", b"a/b"), (b"accept", b"c/d"), target=b"/caf%C3%A9?x=%20")
    assert (request.path, request.query_string, request.host) == ("/caf\xc3\xa9", "x=%20", "example.org")
    assert request.accept == "a/b, c/d"


@pytest.mark.parametrize(
    "host",
    [
        "example.org",
        "example.org:8000",
        "EXAMPLE.org.",
        "127.0.0.1:80",
        "[::1]:8000",
        "my_service:8000",
        "xn--9ca.example",
    ],
)
def test_a_valid_host_is_accepted(host: str) -> None:
    assert head((b"host", host.encode())).host == host


@pytest.mark.parametrize(
    "host",
    [
        b"",
        b"a b",
        b"<script>",
        b"x/y",
        b"host:port",
        b"[",
        b"a..b",
        b"a,b",
        b"\xe9.example",
        b"a@b",
        b"h:123456",
        b"a." * 200,
    ],
)
def test_a_host_that_is_not_valid_is_400(host: bytes) -> None:
    with pytest.raises(MalformedError, match="Host"):
        head((b"host", host))


def test_two_hosts_or_none_are_400() -> None:
    with pytest.raises(MalformedError, match="more than one"):
        head(HOST, HOST)
    with pytest.raises(MalformedError, match="no header `Host`"):
        head()


def test_only_http_1_0_can_do_without_a_host() -> None:
    assert head(http_version="1.0").host == "127.0.0.1:8000"


@pytest.mark.parametrize("name", [b"accept", b"content-type", b"if-none-match"])
def test_a_header_that_is_parsed_is_short(name: bytes) -> None:
    assert head(HOST, (name, b"x" * FIELD)).headers[name.decode()] == "x" * FIELD
    with pytest.raises(TooLargeHeadError, match=name.decode()):
        head(HOST, (name, b"x" * (FIELD + 1)))


def test_the_lines_of_a_header_that_is_parsed_count_together() -> None:
    with pytest.raises(TooLargeHeadError, match="accept"):
        head(HOST, *[(b"accept", b"x" * (FIELD // 2))] * 3)


def test_header_fields_are_few_and_short_together() -> None:
    assert head(HOST, *[(b"x-%d" % number, b"") for number in range(FIELDS - 1)])
    with pytest.raises(TooLargeHeadError, match=str(FIELDS)):
        head(HOST, *[(b"x-%d" % number, b"") for number in range(FIELDS)])
    assert head(HOST, (b"cookie", b"x" * (HEAD - 100)))
    with pytest.raises(TooLargeHeadError, match="32 KiB"):
        head(HOST, (b"cookie", b"x" * HEAD))


def test_a_long_address_is_414() -> None:
    assert head(HOST, target=b"/?" + b"x" * (ADDRESS - 2))
    with pytest.raises(TooLongAddressError):
        head(HOST, target=b"/?" + b"x" * (ADDRESS - 1))


# Bodies


def test_a_body_is_read_whole() -> None:
    assert read([piece(400), piece(600, more=False)]) == b"x" * LIMIT


def test_a_body_that_is_too_large_is_read_to_its_end_before_it_is_refused() -> None:
    """Most client libraries send all of it before they read the response."""
    with pytest.raises(TooLargeRequestError) as caught:
        read([piece(LIMIT), piece(LIMIT), piece(LIMIT, more=False)], {"content-length": str(3 * LIMIT)})
    assert caught.value.headers == {}


def test_a_body_without_end_is_not_read_for_ever() -> None:
    with pytest.raises(TooLargeRequestError) as caught:
        read([piece(LIMIT)] * (DISCARD + 1))
    assert caught.value.headers == {"Connection": "close"}


@pytest.mark.parametrize(
    "headers",
    [{"content-length": str(DISCARD * LIMIT + 1)}, {"content-length": str(LIMIT + 1), "expect": "100-continue"}],
)
def test_a_body_that_need_not_be_sent_is_refused_at_once(headers: dict[str, str]) -> None:
    with pytest.raises(TooLargeRequestError):
        read([], headers)


def test_a_body_that_stops_is_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.05)
    with pytest.raises(RequestTimeoutError):
        read([piece(10)])


def test_a_client_that_leaves_in_the_middle_gets_nothing() -> None:
    with pytest.raises(ClientLeftError):
        read([piece(10), {"type": "http.disconnect"}])


def test_bodies_are_counted_together() -> None:
    with pytest.raises(OverloadedError):
        read([piece(400), piece(400)], total=700)
