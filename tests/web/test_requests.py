"""Requests: heads are checked before anything is parsed, bodies are read under limits of size and time."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from support.each import each

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
from publisher.web.requests import DISCARD, FIELD, FIELDS, HEAD, Request, read_body, read_head

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


def test_head_is_parsed() -> None:
    request = head(HOST, (b"accept", b"a/b"), (b"accept", b"c/d"), target=b"/caf%C3%A9?x=%20")
    assert (request.path, request.query_string, request.host) == ("/caf\xc3\xa9", "x=%20", "example.org")
    assert request.accept == "a/b, c/d"


@each(
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
def test_valid_host_is_accepted(host: str) -> None:
    assert head((b"host", host.encode())).host == host
    assert head((b"host", b"example.org:")).host == "example.org"


@each(
    "host",
    [
        b"",
        b"a b",
        b"<script>",
        b"x/y",
        b"host:port",
        b"host:65536",
        b"[",
        b"a..b",
        b"a,b",
        b"\xe9.example",
        b"a@b",
        b"h:123456",
        b"a." * 200,
    ],
)
def test_malformed_host_returns_400(host: bytes) -> None:
    with pytest.raises(MalformedError, match="Host"):
        head((b"host", host))


@each(
    ("target", "path"),
    [(b"/a%2Fb", "/a%2Fb"), (b"/a%2fb/%63", "/a%2Fb/c"), (b"/%2F%2f", "/%2F%2F"), (b"/a%20b", "/a b")],
)
def test_encoded_slash_separates_no_segments(target: bytes, path: str) -> None:
    assert head(HOST, target=target).path == path


@each(
    "codings",
    [[b"gzip, chunked"], [b"gzip"], [b"chunked;a=b"], [b"chunked, gzip"], [b"chunked, chunked"], [b"chunked"] * 2],
)
def test_other_transfer_coding_returns_400_and_closes(codings: list[bytes]) -> None:
    with pytest.raises(MalformedError, match="Transfer-Encoding") as caught:
        head(HOST, *((b"transfer-encoding", coding) for coding in codings))
    assert caught.value.headers == {"Connection": "close"}


@pytest.mark.parametrize("coding", [b"chunked", b" Chunked ", b""])
def test_chunked_body_is_accepted(coding: bytes) -> None:
    assert head(HOST, (b"transfer-encoding", coding)).method == "GET"


def test_missing_or_repeated_host_returns_400() -> None:
    with pytest.raises(MalformedError, match="more than one"):
        head(HOST, HOST)
    with pytest.raises(MalformedError, match="no header `Host`"):
        head()


def test_http_1_0_needs_no_host() -> None:
    assert head(http_version="1.0").host == "127.0.0.1:8000"


@pytest.mark.parametrize("name", [b"accept", b"content-type", b"if-none-match"])
def test_parsed_header_length_is_limited(name: bytes) -> None:
    assert head(HOST, (name, b"x" * FIELD)).headers[name.decode()] == "x" * FIELD
    with pytest.raises(TooLargeHeadError, match=name.decode()):
        head(HOST, (name, b"x" * (FIELD + 1)))


def test_repeated_header_lines_count_together() -> None:
    with pytest.raises(TooLargeHeadError, match="accept"):
        head(HOST, *[(b"accept", b"x" * (FIELD // 2))] * 3)


def test_header_count_and_total_are_limited() -> None:
    assert head(HOST, *[(b"x-%d" % number, b"") for number in range(FIELDS - 1)])
    with pytest.raises(TooLargeHeadError, match=str(FIELDS)):
        head(HOST, *[(b"x-%d" % number, b"") for number in range(FIELDS)])
    assert head(HOST, (b"cookie", b"x" * (HEAD - 100)))
    with pytest.raises(TooLargeHeadError, match="32 KiB"):
        head(HOST, (b"cookie", b"x" * HEAD))


def test_long_address_returns_414() -> None:
    assert head(HOST, target=b"/?" + b"x" * (ADDRESS - 2))
    with pytest.raises(TooLongAddressError):
        head(HOST, target=b"/?" + b"x" * (ADDRESS - 1))


# Bodies


def test_body_is_read_completely() -> None:
    assert read([piece(400), piece(600, more=False)]) == b"x" * LIMIT


def test_large_body_is_drained_before_413() -> None:
    """Most client libraries send all of it before they read the response."""
    with pytest.raises(TooLargeRequestError) as caught:
        read([piece(LIMIT), piece(LIMIT), piece(LIMIT, more=False)], {"content-length": str(3 * LIMIT)})
    assert caught.value.headers == {}


def test_endless_body_is_cut_off() -> None:
    with pytest.raises(TooLargeRequestError) as caught:
        read([piece(LIMIT)] * (DISCARD + 1))
    assert caught.value.headers == {"Connection": "close"}


@pytest.mark.parametrize(
    "headers",
    [{"content-length": str(DISCARD * LIMIT + 1)}, {"content-length": str(LIMIT + 1), "expect": "100-continue"}],
)
def test_expect_continue_over_limit_is_rejected_at_once(headers: dict[str, str]) -> None:
    with pytest.raises(TooLargeRequestError):
        read([], headers)


def test_stalled_body_returns_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.05)
    with pytest.raises(RequestTimeoutError):
        read([piece(10)])


def test_incomplete_body_returns_400() -> None:
    with pytest.raises(MalformedError, match="incomplete"):
        read([piece(10), {"type": "http.disconnect"}])


def test_total_of_bodies_is_limited() -> None:
    with pytest.raises(OverloadedError):
        read([piece(400), piece(400)], total=700)
