"""HTTP over real connections: requests of clients and attackers, and the server's responses."""

import contextlib
import json
import re
import resource
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from support.server import Running
from support.talk import SECONDS, Talk, get

from publisher.errors import CannotRunError
from publisher.platform_support import close_unread
from publisher.settings import Settings
from publisher.sparql.engine import ADDRESS
from publisher.web.server import CONNECTIONS, connections, reserve

ASK = "/sparql?query=ASK%7B%7D"
QUERY_TYPE = "Content-Type: application/sparql-query"
MILLION = "VALUES ?a { %s } VALUES ?b { %s }" % ((" ".join(map(str, range(1000))),) * 2)
ENDLESS = "/sparql?query=SELECT(COUNT(*)AS?n)%7B?a?b?c.?d?e?f.?g?h?i%7D"
LONG = "/sparql?query=SELECT(COUNT(*)AS?n)%7B?a?b?c%20VALUES?d%7B1%202%203%204%205%206%207%208%209%7D%7D"
UNLIMITED = {"PUBLISHER_QUERY_WORKERS": "1", "PUBLISHER_QUERY_SECONDS": "300", "PUBLISHER_QUERY_CPU_SECONDS": "300"}
"""Settings by which an endless query goes on for longer than any test waits."""

Serving = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def talk(server: str) -> Iterator[Callable[..., Talk]]:
    talks: list[Talk] = []

    def begin(**options: int) -> Talk:
        talks.append(Talk(server, **options))
        return talks[-1]

    yield begin
    for one in talks:
        one.close()


def post(body: str, *lines: str) -> str:
    return get("/sparql", QUERY_TYPE, f"Content-Length: {len(body)}", *lines, method="POST") + body


# Connections


def test_one_connection_carries_many_requests(talk: Callable[..., Talk]) -> None:
    one = talk()
    for round_ in range(2):
        one.send(get(f"{ASK}%23one", "Accept: text/csv"))
        status, headers, body = one.receive()
        assert (status, body, headers["content-length"]) == (200, b"true", ["4"]), round_
        one.send(get("/doc/coalition", "Accept: text/turtle"))
        status, headers, body = one.receive()
        assert (status, headers["content-type"]) == (200, ["text/turtle; charset=utf-8"])
        one.send(get("/doc/coalition", "Accept: text/turtle", method="HEAD"))
        assert one.receive(head=True)[1]["content-length"] == [str(len(body))]
        one.send(get("/doc/coalition", "Accept: text/turtle", f"If-None-Match: {headers['etag'][0]}"))
        assert one.receive()[0] == 304
        one.send(get("/nothing"))
        assert one.receive()[0] == 404


def test_pipelined_requests_are_answered_in_order(talk: Callable[..., Talk]) -> None:
    one = talk()
    targets = [f"{ASK}%23{number}" if number % 2 else f"/doc/coalition?{number}" for number in range(8)]
    one.send("".join(get(target, "Accept: text/csv, text/turtle") for target in targets * 2))
    kinds = [one.receive()[1]["content-type"][0].partition(";")[0] for _ in targets * 2]
    assert kinds == ["text/turtle", "text/csv"] * 8


@pytest.mark.parametrize("target", [ASK, "/", "/nothing", "/sparql"])
def test_responses_have_one_date_length_and_server_name(talk: Callable[..., Talk], target: str) -> None:
    for _ in range(2):
        one = talk()
        one.send(get(target))
        _, headers, body = one.receive()
        assert (len(headers["date"]), headers["content-length"]) == (1, [str(len(body))])
        assert headers["server"] == ["publisher"]


def test_connection_close_is_honored(talk: Callable[..., Talk]) -> None:
    for target in (ASK, ASK, "/", "/"):  # made, and from the cache
        one, old = talk(), talk()
        one.send(get(target, "Connection: close"))
        assert (one.receive()[0], one.is_over()) == (200, True)
        old.send(get(target, version="1.0"))
        assert (old.receive()[0], old.is_over()) == (200, True)


def test_expect_continue_and_chunked_bodies_are_read(talk: Callable[..., Talk]) -> None:
    one = talk()
    one.send(get("/sparql", QUERY_TYPE, "Expect: 100-continue", "Content-Length: 6", method="POST"))
    assert one.file.readline() + one.file.readline() == b"HTTP/1.1 100 Continue\r\n\r\n"
    one.send("ASK {}")
    assert json.loads(one.receive()[2])["boolean"] is True
    chunks = "3\r\nASK\r\n3\r\n {}\r\n0\r\n\r\n"
    one.send(get("/sparql", QUERY_TYPE, "Transfer-Encoding: chunked", method="POST") + chunks)
    assert json.loads(one.receive()[2])["boolean"] is True
    one.send(get("/sparql", "Content-Length: 6", method="PUT") + "ASK {}" + get(ASK))
    assert [one.receive()[0], one.receive()[0]] == [405, 200]


# Limits


def test_body_over_limit_returns_413_and_keeps_connection(talk: Callable[..., Talk]) -> None:
    most = Settings().query_length_kb << 10
    for lines, body in (
        ([f"Content-Length: {most + 1}"], "x" * (most + 1)),
        (["Transfer-Encoding: chunked"], f"{most + 1:x}\r\n{'x' * (most + 1)}\r\n0\r\n\r\n"),
    ):
        one = talk()
        one.send(get("/sparql", QUERY_TYPE, *lines, method="POST") + body)
        status, _, text = one.receive()
        assert (status, json.loads(text)["value"]) == (413, most)
        one.send(get(ASK))
        assert one.receive()[0] == 200


def test_client_that_sends_whole_body_first_gets_413(server: str) -> None:
    """Most libraries send all of a body before they read; to them a connection that is closed before is broken."""
    most = Settings().query_length_kb << 10
    for size in (most + 1, 20 * most):
        body = b"query=" + b"x" * size
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{server}/sparql", data=body, timeout=SECONDS)
        with caught.value as answer:
            assert (answer.status, json.load(answer)["value"]) == (413, most)


def test_address_over_length_limit_returns_414(talk: Callable[..., Talk]) -> None:
    one = talk()
    one.send(get("/?" + "x" * (ADDRESS - 2)))
    assert one.receive()[0] == 200
    one.send(get("/?" + "x" * (ADDRESS - 1)))
    assert one.receive()[0] == 414
    two = talk()
    two.send(get(ASK))
    assert two.receive()[0] == 200


@pytest.mark.parametrize(
    "lines",
    [
        [f"X-{number}: x" for number in range(1000)],
        ["X: " + "x" * 200_000],
        ["X: " + "x" * 40_000],
        [f"X-{number}: {'x' * 1000}" for number in range(50)],
        ["Accept: " + "a/b, " * 2000],
    ],
    ids=["many", "very long", "long", "long together", "Accept"],
)
def test_headers_over_limit_return_431(talk: Callable[..., Talk], lines: list[str]) -> None:
    one = talk()
    with contextlib.suppress(OSError):  # The connection may be closed before all is sent.
        one.send(get(ASK, *lines))
    assert one.receive()[0] == 431
    two = talk()
    two.send(get(ASK))
    assert two.receive()[0] == 200


@pytest.mark.parametrize("hosts", [[], ["a", "b"], ["a b"], ["a." * 1000]], ids=["none", "two", "invalid", "long"])
@pytest.mark.parametrize("target", ["/robots.txt", "/sitemap.xml", ASK])
def test_invalid_host_returns_400(talk: Callable[..., Talk], target: str, hosts: list[str]) -> None:
    one = talk()
    one.send(f"GET {target} HTTP/1.1\r\n" + "".join(f"Host: {host}\r\n" for host in hosts) + "\r\n")
    status, _, body = one.receive()
    assert (status, b"Host" in body) == (400, True)


def test_trailers_are_bounded(talk: Callable[..., Talk], running: Running) -> None:
    """Of unbounded ones, 16 MiB took half a GiB."""
    one = talk()
    one.send(get("/sparql", QUERY_TYPE, "Transfer-Encoding: chunked", method="POST") + "6\r\nASK {}\r\n0\r\n")
    before = resident(running.process.pid)
    with contextlib.suppress(OSError):  # The server closes the connection.
        for _ in range(16):
            one.send("a:\r\n" * (1 << 18))
        assert one.is_over()
    assert resident(running.process.pid) - before < 64


def resident(pid: int) -> int:
    """MiB of memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) >> 10  # type: ignore[index]


# What is not HTTP, or more than HTTP


@pytest.mark.parametrize(
    "text",
    [
        "NONSENSE\r\n\r\n",
        get(ASK).replace("HTTP/1.1", "HTTP/x"),
        get("/sparql", "Content-Length: 3", "Content-Length: 4", method="POST") + "abcd",
        get(ASK, "X: a\0b"),
        get(ASK, "No colon"),
    ],
    ids=["nonsense", "version", "two lengths", "NUL", "no colon"],
)
def test_malformed_http_returns_400_and_closes(talk: Callable[..., Talk], text: str) -> None:
    one = talk()
    one.send(text)
    assert (one.file.readline().split()[1], one.file.read()[-4:]) == (b"400", b"\r\n\r\n")


def test_content_length_beside_chunks_smuggles_no_request(talk: Callable[..., Talk]) -> None:
    """Request smuggling (RFC 9112, section 11.2)."""
    one = talk()
    inner = get("/smuggled")
    lines = ("Content-Length: 5", "Transfer-Encoding: chunked")
    one.send(get("/sparql", QUERY_TYPE, *lines, method="POST") + "0\r\n\r\n" + inner)
    first = one.file.read().decode("latin-1")
    assert re.findall(r"HTTP/1.1 (\d+)", first)[0] in ("400", "200")
    assert first.count("HTTP/1.1") <= 2


@pytest.mark.parametrize("body", ["query=ASK", "5\r\nqueryXX", "fffffffffffffffff\r\nx"])
@pytest.mark.parametrize("path", ["/sparql", "/dataset"])
def test_malformed_chunks_are_400_and_end_the_connection(talk: Callable[..., Talk], path: str, body: str) -> None:
    one = talk()
    one.send(get(path, QUERY_TYPE, "Transfer-Encoding: chunked", method="POST") + body)
    status, headers, text = one.receive()
    assert (status, headers["connection"], headers["server"]) == (400, ["close"], ["publisher"])
    assert json.loads(text)["detail"] == "The body is incomplete, or its chunks are malformed."
    assert one.is_over()


def test_malformed_chunks_beside_query_return_400(talk: Callable[..., Talk]) -> None:
    one = talk()
    query = urllib.parse.quote("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
    one.send(get(f"/sparql?query={query}", "Transfer-Encoding: chunked") + "not a length\r\n")
    status, headers, _ = one.receive()
    assert (status, headers["server"]) == (400, ["publisher"])


@pytest.mark.parametrize("upgrade", ["h2c", "websocket"])
def test_upgrade_request_is_answered_as_plain_http(talk: Callable[..., Talk], upgrade: str) -> None:
    one = talk()
    lines = ["Connection: Upgrade", f"Upgrade: {upgrade}", "Sec-WebSocket-Version: 13"]
    one.send(get(ASK, *lines))
    assert one.receive()[0] == 200
    one.send(post("ASK {} # in one segment", *lines))
    assert one.receive()[0] == 200
    inner = get("/smuggled")
    head, _, body = post(inner, *lines).partition("\r\n\r\n")
    one.send(head + "\r\n\r\n")
    time.sleep(0.2)  # so that the body comes in a segment of its own
    one.send(body)
    assert one.receive()[0] == 400, "the body is no query"
    one.send(get(ASK))
    assert one.receive()[0] == 200, "nothing was answered between"


# Slow clients and clients that leave


def test_slow_reader_gets_everything_without_delaying_others(talk: Callable[..., Talk]) -> None:
    slow, other = talk(), talk()
    slow.send(post(f"SELECT * {{ {MILLION} }}", "Accept: text/csv"))
    first = slow.file.read(1000)
    assert b" 200 " in first
    for number in range(20):
        other.send(get(f"{ASK}%23{number}%20slow"))
        assert other.receive()[0] == 200
    head, _, begun = first.partition(b"\r\n\r\n")
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]
    whole = begun + slow.file.read(length - len(begun))
    assert (len(whole), whole.count(b"\n")) == (length, 1_000_001)


def test_clients_that_do_not_read_use_little_memory(talk: Callable[..., Talk], running: Running) -> None:
    rows = " ".join(map(str, range(700)))
    query = f"SELECT * {{ VALUES ?a {{ {rows} }} VALUES ?b {{ {rows} }} }}"
    one = talk()
    one.send(post(query, "Accept: text/csv"))
    size = len(one.receive()[2])
    before = resident(running.process.pid)
    stuck = [talk(buffer=4096) for _ in range(40)]
    for client in stuck:
        client.send(post(query, "Accept: text/csv"))
    assert all(b" 200 " in client.file.readline() for client in stuck)
    assert (resident(running.process.pid) - before) << 20 < 40 * size // 2


def test_disconnected_client_does_not_affect_server(talk: Callable[..., Talk], server: str) -> None:
    for target in (ASK, "/", "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D"):
        gone = Talk(server)
        gone.send(get(f"{target}"))
        gone.close()
    one = talk()
    one.send(get(ASK))
    assert one.receive()[0] == 200


def test_abandoned_long_query_frees_its_slot(serving: Serving) -> None:
    with serving(**UNLIMITED) as running:
        for accept in ("text/csv", "text/html"):
            gone = Talk(running.url)
            gone.send(get(ENDLESS, f"Accept: {accept}"))
            time.sleep(0.5)
            gone.close()
            one = Talk(running.url)
            one.send(get(f"{LONG}%23{accept}"))
            assert one.receive()[0] == 200, "before the other query would have ended"
            one.close()


# The end


def test_sigterm_stops_server_and_waiting_queries_get_503(serving: Serving) -> None:
    """Neither an idle client nor one that does not read delays the end."""
    with serving(**UNLIMITED) as running, contextlib.ExitStack() as stack:
        idle, unread, *waiting = [
            stack.enter_context(contextlib.closing(Talk(running.url, buffer=size))) for size in (0, 4096, 0, 0, 0)
        ]
        idle.send(get(ASK))
        assert idle.receive()[0] == 200
        unread.send(post(f"SELECT * {{ {MILLION} }}", "Accept: text/csv"))
        assert b" 200 " in unread.file.readline()
        for one in waiting:
            one.send(get(ENDLESS, "Accept: text/csv"))
        time.sleep(0.5)
        running.process.terminate()
        for one in waiting:
            status, headers, _ = one.receive()
            assert (status, headers["retry-after"]) == (503, ["5"])
        assert running.process.wait(10) == 0
        assert "Traceback" not in running.log.read_text()


def test_unread_connections_have_a_tcp_timeout(server: str) -> None:
    """tcp(7): connections inherit the option of the listening socket; a byte count cannot see what the kernel holds."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        close_unread(listening.getsockname()[1], 60)
        with socket.create_connection(listening.getsockname()), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000


def test_second_server_on_port_is_rejected(server: str) -> None:
    with pytest.raises(CannotRunError, match="in use"):
        reserve("127.0.0.1", int(server.rpartition(":")[2]))


def test_too_few_descriptors_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (100, 100))
    monkeypatch.setattr(resource, "setrlimit", lambda _kind, _limits: None)
    with pytest.raises(CannotRunError, match=r"this process may have 100 \(`ulimit -n`\)"):
        connections()


def test_connections_over_limit_wait(serving: Serving) -> None:
    """The total holds, and the server answers again when some are closed. No client has a part of its own: the idle
    connections beyond it would be ended."""
    with serving(PUBLISHER_CLIENT_PERCENT="100") as running, contextlib.ExitStack() as stack:
        idle = [Talk(running.url) for _ in range(CONNECTIONS)]
        for one in idle:
            stack.callback(one.close)
        for one in (idle[0], idle[-1]):
            one.send(get(ASK))
            assert one.receive()[0] == 200
        late = Talk(running.url)
        stack.callback(late.close)
        late.send(get(ASK))
        late.socket.settimeout(0.5)
        with pytest.raises(TimeoutError):
            late.socket.recv(1)
        for one in idle:
            one.close()
        late.socket.settimeout(SECONDS)
        assert late.socket.recv(12) == b"HTTP/1.1 200"
