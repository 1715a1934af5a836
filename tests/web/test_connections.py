"""What the server makes of HTTP itself, seen from the bytes that go over a connection."""

import asyncio
import contextlib
import functools
import gc
import json
import re
import socket
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from uvicorn.server import ServerState

from publisher.release.store import open_store
from publisher.settings import Settings
from publisher.sparql.engine import ADDRESS
from publisher.web import connections
from publisher.web.asgi import AT_ONCE
from publisher.web.cache import Reply
from publisher.web.connections import HEAD, Connection
from publisher.web.server import _assemble

ASK = "/sparql?query=ASK%7B%7D"
HOST = "Host: example.org\r\n"
END = 30
"""Seconds after which a connection that says nothing is given up: three times as long as a query may take."""


class Talk:
    """One connection to a server, on which bytes are sent and responses read."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self.socket = socket.create_connection((address.hostname, address.port), timeout=END)
        self.file = self.socket.makefile("rb")

    def say(self, text: str) -> None:
        self.socket.sendall(text.encode("latin-1"))

    def hear(self, *, head: bool = False) -> tuple[int, dict[str, list[str]], bytes]:
        """The next response. head: whether it is one to HEAD, without a body."""
        status = int(self.file.readline().split()[1])
        headers: dict[str, list[str]] = {}
        while (line := self.file.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(": ")
            headers.setdefault(name.lower(), []).append(value)
        size = 0 if head or status in (100, 304) else int(headers["content-length"][0])
        return status, headers, self.file.read(size)

    def is_over(self) -> bool:
        """Whether the server has closed the connection."""
        try:
            return self.file.read(1) == b""
        except ConnectionResetError:
            return True


@pytest.fixture
def talk(server: str) -> Iterator[Callable[[], Talk]]:
    talks: list[Talk] = []

    def begin() -> Talk:
        talks.append(Talk(server))
        return talks[-1]

    yield begin
    for one in talks:
        one.file.close()
        one.socket.close()


def get(target: str, *lines: str, method: str = "GET", version: str = "1.1") -> str:
    return f"{method} {target} HTTP/{version}\r\n{HOST}{''.join(line + chr(13) + chr(10) for line in lines)}\r\n"


def test_one_connection_carries_many_requests_of_all_kinds(talk: Callable[[], Talk]) -> None:
    """Answers that are made in the loop, in a thread, from the cache, and to HEAD follow each other."""
    one = talk()
    for round_ in range(2):
        one.say(get(f"{ASK}%23one", "Accept: text/csv"))
        status, headers, body = one.hear()
        assert (status, body, headers["content-length"]) == (200, b"true", ["4"]), round_
        one.say(get("/doc/coalition", "Accept: text/turtle"))
        status, headers, body = one.hear()
        assert (status, headers["content-type"]) == (200, ["text/turtle; charset=utf-8"])
        one.say(get("/doc/coalition", "Accept: text/turtle", method="HEAD"))
        assert one.hear(head=True)[1]["content-length"] == [str(len(body))]
        one.say(get("/doc/coalition", "Accept: text/turtle", f"If-None-Match: {headers['etag'][0]}"))
        assert one.hear()[0] == 304
        one.say(get("/nothing"))
        assert one.hear()[0] == 404


def test_requests_sent_ahead_are_answered_in_their_order(talk: Callable[[], Talk]) -> None:
    one = talk()
    targets = [f"{ASK}%23{number}" if number % 2 else f"/doc/coalition?{number}" for number in range(8)]
    one.say("".join(get(target, "Accept: text/csv, text/turtle") for target in targets * 2))
    kinds = [one.hear()[1]["content-type"][0].partition(";")[0] for _ in targets * 2]
    assert kinds == ["text/turtle", "text/csv"] * 8
    count = 3000  # all in a few packets, and all but the first from the cache
    one.say(get(f"{ASK}%23not%20yet%20asked") + get(ASK) * count)
    assert [one.hear()[0] for _ in range(1 + count)] == [200] * (1 + count)
    long = f"{ASK}%23{'x' * ADDRESS}"
    one.say("".join(get(target) for target in (f"{ASK}%23first", long, f"{ASK}%23last", long, "/")))
    assert [one.hear()[0] for _ in range(5)] == [200, 414, 200, 414, 200]


@pytest.mark.parametrize("target", [ASK, "/", "/nothing", "/sparql"])
def test_every_response_has_one_date_and_one_length(talk: Callable[[], Talk], target: str) -> None:
    for _ in range(2):
        one = talk()
        one.say(get(target))
        _, headers, body = one.hear()
        assert (len(headers["date"]), headers["content-length"]) == (1, [str(len(body))])


def test_a_connection_ends_when_the_client_wants_it(talk: Callable[[], Talk]) -> None:
    for target in (ASK, ASK, "/", "/"):  # made, and from the cache
        one, old = talk(), talk()
        one.say(get(target, "Connection: close"))
        status, headers, _ = one.hear()
        assert (status, headers["connection"], one.is_over()) == (200, ["close"], True)
        old.say(get(target, version="1.0"))
        assert (old.hear()[0], old.is_over()) == (200, True)


def test_a_body_is_asked_for_and_read(talk: Callable[[], Talk]) -> None:
    one = talk()
    kind = "Content-Type: application/sparql-query"
    one.say(get("/sparql", kind, "Expect: 100-continue", "Content-Length: 6", method="POST"))
    assert one.file.readline() + one.file.readline() == b"HTTP/1.1 100 Continue\r\n\r\n"
    one.say("ASK {}")
    assert json.loads(one.hear()[2])["boolean"] is True
    one.say(get("/sparql", kind, "Transfer-Encoding: chunked", method="POST") + "3\r\nASK\r\n3\r\n {}\r\n0\r\n\r\n")
    assert json.loads(one.hear()[2])["boolean"] is True
    one.say(get("/sparql", "Content-Length: 6", method="PUT") + "ASK {}" + get(ASK))
    assert [one.hear()[0], one.hear()[0]] == [405, 200]


def test_a_body_that_is_too_long_is_refused_in_words(talk: Callable[[], Talk]) -> None:
    most = Settings().query_length_kb << 10
    kind = "Content-Type: application/sparql-query"
    for lines, body in (
        ([f"Content-Length: {most + 1}"], "x" * (most + 1)),
        (["Transfer-Encoding: chunked"], f"{most + 1:x}\r\n{'x' * (most + 1)}\r\n0\r\n\r\n"),
    ):
        one = talk()
        one.say(get("/sparql", kind, *lines, method="POST") + body)
        status, _, said = one.hear()
        assert (status, json.loads(said)["value"]) == (413, most)
        one.say(get(ASK))
        assert one.hear()[0] == 200, "the connection goes on"


def test_a_client_that_still_sends_when_it_is_refused_sees_why(server: str) -> None:
    """Most libraries send all of a body before they read; a connection that is closed before is "broken" to them."""
    most = Settings().query_length_kb << 10
    for size in (most + 1, 20 * most):
        body = b"query=" + b"x" * size
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{server}/sparql", data=body, timeout=END)
        with caught.value as answer:
            assert (answer.status, json.load(answer)["value"]) == (413, most)
            assert answer.headers["Connection"] == "close"


@pytest.mark.parametrize("target", ["/sparql?query=ASK%7B%7D%23{}", "/doc/{}", "/?{}"])
def test_an_address_that_is_too_long_is_refused_in_the_form_asked_for(talk: Callable[[], Talk], target: str) -> None:
    long = target.format("x" * ADDRESS)
    one = talk()
    one.say(get(long, "Accept: application/json"))
    status, headers, said = one.hear()
    assert (status, json.loads(said)["limit"], json.loads(said)["value"]) == (414, "address", ADDRESS)
    assert headers["access-control-allow-origin"] == ["*"]
    one.say(get(long, "Accept: text/html"))
    status, headers, said = one.hear()
    assert (status, headers["content-type"], str(ADDRESS).encode() in said) == (414, ["text/html; charset=utf-8"], True)
    one.say(get(ASK))
    assert one.hear()[0] == 200, "the connection goes on"
    one.say(get(target.format("x" * (ADDRESS - len(target) - len("{}")))))
    assert one.hear()[0] in (200, 404)


@pytest.mark.parametrize(
    "lines", [[f"X-{number}: {'x' * 1000}" for number in range(1000)], ["X: " + "x" * 1_000_000]], ids=["many", "long"]
)
def test_a_head_without_end_is_not_kept(talk: Callable[[], Talk], lines: list[str]) -> None:
    one = talk()
    with contextlib.suppress(OSError):  # It may be over before all is said.
        one.say(get(ASK, *lines))
        assert one.hear()[0] == 431
    assert one.is_over()
    two = talk()
    two.say(get(ASK))
    assert two.hear()[0] == 200


@pytest.mark.parametrize(
    "text",
    [
        "NONSENSE\r\n\r\n",
        get(ASK).replace("HTTP/1.1", "HTTP/x"),
        get("/\xff"),
        get("/sparql", "Content-Length: 3", "Transfer-Encoding: chunked", method="POST") + "0\r\n\r\n",
        get(ASK, "X: a\0b"),
        get(ASK, "No colon"),
    ],
)
def test_what_is_no_http_is_answered_400_and_ends_the_connection(talk: Callable[[], Talk], text: str) -> None:
    one = talk()
    one.say(text)
    assert one.hear()[0] == 400
    assert one.is_over()


def test_a_request_for_another_protocol_is_answered_in_this_one(talk: Callable[[], Talk]) -> None:
    for upgrade in ("h2c", "websocket"):
        one = talk()
        one.say(get(ASK, f"Upgrade: {upgrade}", "Connection: Upgrade", "Sec-WebSocket-Version: 13"))
        assert one.hear()[0] == 200


def test_a_client_that_takes_its_answer_slowly_holds_nobody_up_and_gets_all_of_it(
    talk: Callable[[], Talk],
) -> None:
    rows = "VALUES ?a { " + " ".join(map(str, range(1000))) + " }"
    query = f"SELECT * {{ {rows} {rows.replace('?a', '?b')} }}"
    slow, other = talk(), talk()
    kind = ["Content-Type: application/sparql-query", "Accept: text/csv", f"Content-Length: {len(query)}"]
    slow.say(get("/sparql", *kind, method="POST") + query)
    first = slow.file.read(1000)
    assert b" 200 " in first
    for number in range(20):
        start = time.monotonic()
        other.say(get(f"{ASK}%23{number}%20slow"))
        assert other.hear()[0] == 200
        assert time.monotonic() - start < 1
    head, _, begun = first.partition(b"\r\n\r\n")
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]
    whole = begun + slow.file.read(length - len(begun))
    assert (len(whole), whole.count(b"\n")) == (length, 1_000_001)


def test_a_client_that_leaves_costs_nothing(talk: Callable[[], Talk], server: str) -> None:
    for target in (ASK, "/", "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D"):
        gone = Talk(server)
        gone.say(get(f"{target}"))
        gone.file.close()
        gone.socket.close()
    one = talk()
    one.say(get(ASK))
    assert one.hear()[0] == 200


@pytest.mark.parametrize("accept", ["text/csv", "text/html"])
def test_the_long_query_of_a_client_that_left_takes_nobodys_turn(
    serving: Callable[..., AbstractContextManager[Any]], accept: str
) -> None:
    limits = {"PUBLISHER_QUERY_WORKERS": "1", "PUBLISHER_QUERY_SECONDS": "60", "PUBLISHER_QUERY_CPU_SECONDS": "60"}
    with serving(**limits) as running:
        gone = Talk(running.url)
        gone.say(get("/sparql?query=SELECT(COUNT(*)AS?n)%7B?a?b?c.?d?e?f.?g?h?i%7D", f"Accept: {accept}"))
        time.sleep(1)
        gone.file.close()
        gone.socket.close()
        start = time.monotonic()
        one = Talk(running.url)
        one.say(get("/sparql?query=SELECT(COUNT(*)AS?n)%7B?a?b?c%20VALUES?d%7B1%202%203%204%205%206%207%208%209%7D%7D"))
        assert one.hear()[0] == 200
        assert time.monotonic() - start < 30
        one.file.close()
        one.socket.close()


def test_the_end_of_the_server_is_no_failure_and_waits_for_no_idle_client(
    serving: Callable[..., AbstractContextManager[Any]],
) -> None:
    with serving() as running:
        one = Talk(running.url)
        one.say(get(ASK))
        assert one.hear()[0] == 200
        start = time.monotonic()
        running.process.terminate()
        assert running.process.wait(10) == 0
        assert time.monotonic() - start < 2
        one.file.close()
        one.socket.close()


def test_a_refusal_is_never_taken_for_the_answer_to_another_request(talk: Callable[[], Talk]) -> None:
    one = talk()
    slow = "/sparql?query=SELECT(COUNT(*)AS?n)%7B?a?b?c.?d?e?f.?g?h?i%7D"
    one.say(get(slow) + "GET / HTTP/1.1\r\nX: ")
    with contextlib.suppress(OSError):
        one.say("x" * 1_000_000)
    assert one.is_over()


@contextlib.asynccontextmanager
async def connected(app: Any) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to an application, over the class of connections and nothing else of the server."""
    config = uvicorn.Config(app, log_config=None, lifespan="off", proxy_headers=False)
    make = functools.partial(Connection, config=config, server_state=ServerState(), app_state={})
    async with await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0) as listening:
        reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()


async def well(scope: Any, receive: Any, send: Any) -> None:
    """An application that reads its request and says ok."""
    while scope["method"] == "POST" and (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


BEGUN = ["", "GET / HT", get("/").removesuffix("\r\n"), get("/", "Content-Length: 9", method="POST") + "12345678"]


@pytest.mark.parametrize("begun", BEGUN, ids=["nothing", "a line", "a head", "a body"])
def test_a_request_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, begun: str) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.2)

    async def ask() -> None:
        async with connected(well) as (reader, writer):
            writer.write(begun.encode())
            said = await asyncio.wait_for(reader.read(), END)
            assert said.startswith(b"HTTP/1.1 408 ")
            assert said.count(b"HTTP/1.1") == 1
        async with connected(well) as (reader, writer):
            for method in ("GET", "POST") * 2:
                writer.write(get("/", "Content-Length: 3", method=method).encode() + b"12")
                await asyncio.sleep(0.15)
                writer.write(b"3")
                await reader.readuntil(b"ok")

    asyncio.run(ask())


def test_the_rest_of_a_request_that_is_answered_already_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.2)

    async def ask() -> None:
        async with connected(well) as (reader, writer):
            writer.write(get("/", "Content-Length: 3").encode())
            said = await asyncio.wait_for(reader.read(), END)
            assert said.startswith(b"HTTP/1.1 200 ")
            assert said.endswith(b"ok"), "nothing more is said"

    asyncio.run(ask())


def test_a_body_is_waited_for_while_another_request_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """For its client it has left: nothing is read before the answer to the first is there."""
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.1)

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.5 if scope["method"] == "GET" else 0)
        await well(scope, receive, send)

    async def ask() -> None:
        async with connected(slow) as (reader, writer):
            size = 1 << 20
            writer.write((get("/") + get("/", f"Content-Length: {size}", method="POST")).encode() + b"x" * size)
            for _ in range(2):
                await asyncio.wait_for(reader.readuntil(b"ok"), END)

    asyncio.run(ask())


def test_a_request_leaves_nothing_for_the_garbage_collector() -> None:
    """What refers to itself stays until the collector finds it, which holds everybody up meanwhile."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["extensions"][AT_ONCE](Reply(200, [("Content-Length", "2")], b"ok"))

    asyncio.run(leaves_nothing(app, "/"))


@pytest.mark.parametrize(
    ("target", "accept"),
    [
        ("/doc/coalition?{}", "text/html"),
        ("/doc/coalition?{}", "text/turtle"),
        (ASK + "%23{}", "text/csv"),
        (ASK + "%23{}", "text/html"),
        ("/sparql?query=ASK%23{}", "application/json"),
        ("/sparql?{}", "text/turtle"),
    ],
)
def test_no_request_to_the_application_leaves_anything(settings: Settings, target: str, accept: str) -> None:
    store = open_store(settings)
    try:
        asyncio.run(leaves_nothing(_assemble(settings, store)[1], target, f"Accept: {accept}"))
    finally:
        store.close()


async def leaves_nothing(app: Any, target: str, *lines: str) -> None:
    """Ask for twenty targets, numbered where they have a place for that, and look what is there of the requests."""
    async with connected(app) as (reader, writer):
        gc.collect()
        gc.disable()
        try:
            for number in range(20):
                writer.write(get(target.format(number), *lines).encode())
                head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), END)
                await reader.readexactly(int(re.search(rb"(?i)content-length: (\d+)", head)[1]))  # type: ignore[index]
            cycles = [found for found in gc.get_objects() if isinstance(found, RequestResponseCycle)]
            assert len(cycles) <= 2, "the last one, and at most one whose task is just ending"
        finally:
            gc.enable()


def test_a_head_may_have_as_much_as_the_longest_query_and_some_more() -> None:
    assert HEAD > 8 << 10, "proxies and browsers send up to 8 KiB of headers"
