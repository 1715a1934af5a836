"""The HTTP client: what it sends, whom it tells secrets, and what counts as an answer."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from support.each import each

from publisher.errors import BusyError, CannotRunError, EndpointFailedError, EndpointTimeoutError, ResultLimitError
from publisher.sparql.http_client import (
    NAME,
    Access,
    Body,
    check_address,
    client_options,
    connection_error,
    display_address,
    receive,
    status_error,
)

ROWS = (
    b'{"b": { "type": "bnode", "value": "nodeID://b%d" }, "t": { "type": "typed-literal", '
    b'"datatype": "http://www.w3.org/2001/XMLSchema#boolean", "value": "1" }}'
)
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def server() -> Iterator[Callable[..., tuple[str, list[httpx.Headers]]]]:
    """Starts a server with the answers given, one for each request: its URL, and the heads that it received."""
    with contextlib.ExitStack() as stack:

        def start(*answers: Answer) -> tuple[str, list[httpx.Headers]]:
            left, heads = list(answers), list[httpx.Headers]()

            class Handler(BaseHTTPRequestHandler):
                protocol_version = "HTTP/1.1"

                def do_GET(self) -> None:
                    heads.append(httpx.Headers(list(self.headers.items())))
                    status, headers, body = left.pop(0)
                    self.send_response_only(status)
                    for name, value in ({"Content-Length": str(len(body))} | headers).items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(body)

            found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            found.daemon_threads = True
            stack.enter_context(found)
            thread = threading.Thread(target=found.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(found.shutdown)
            return f"http://127.0.0.1:{found.server_address[1]}/sparql", heads

        yield start


def get(url: str, *, limit: int = 1000, seconds: float = 9, **access: str) -> bytes:
    with (
        httpx.Client(**client_options(Access(url, **access), 5, 1)) as client,
        receive(client, client.build_request("GET", url), url) as response,
    ):
        return Body(url, response, limit, time.monotonic() + seconds).read()


@pytest.mark.parametrize(
    ("challenge", "scheme"), [('Basic realm="x"', "Basic "), ('Digest realm="x", nonce="1", qop="auth"', "Digest ")]
)
def test_password_is_sent_only_as_the_endpoint_asks(server, challenge: str, scheme: str) -> None:
    challenges = 1 if scheme == "Basic " else 2  # httpx's Digest asks for a nonce of its own
    url, heads = server(*[(401, {"WWW-Authenticate": challenge}, b"")] * challenges, (200, {}, b"in"))
    assert get(url, user="editor", password="pass-word") == b"in"
    assert "Authorization" not in heads[0]
    assert heads[-1]["Authorization"].startswith(scheme)
    assert "pass-word" not in heads[-1]["Authorization"]


def test_wrong_password_is_reported_without_it(server) -> None:
    url, _ = server(*[(401, {"WWW-Authenticate": 'Basic realm="x"'}, b"")] * 2)
    with pytest.raises(EndpointFailedError, match="answers 401") as raised:
        get(url, user="editor", password="pass-word")
    assert "pass-word" not in raised.value.detail


def test_token_is_sent_with_every_request(server) -> None:
    url, heads = server((200, {}, b""))
    get(url, token="t0ken")
    assert heads[0]["Authorization"] == "Bearer t0ken"


def test_requests_ask_for_no_compression_and_name_the_program(server) -> None:
    url, heads = server((200, {}, b""))
    get(url)
    assert heads[0]["Accept-Encoding"] == "identity"
    assert heads[0]["User-Agent"].startswith("ma-coalitions-publisher/")


def test_proxy_is_the_one_given_and_not_that_of_the_environment(server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    url, _ = server((200, {}, b"direct"), (200, {}, b"by proxy"))
    assert get(url) == b"direct"
    assert get("http://endpoint.invalid/sparql", proxy=url.removesuffix("/sparql")) == b"by proxy"


def test_redirect_is_not_followed_and_its_target_named(server) -> None:
    url, heads = server((308, {"Location": "/other"}, b""))
    with pytest.raises(EndpointFailedError, match=r"308 Permanent Redirect: the endpoint is at /other\."):
        get(url)
    assert len(heads) == 1


def test_blank_nodes_and_booleans_of_virtuoso_are_fixed(server) -> None:
    body = b"".join(ROWS % number for number in range(2000))
    url, _ = server((200, {"Server": "Virtuoso/07"}, body), (200, {}, ROWS % 1))
    assert get(url, limit=1 << 20) == body.replace(b"nodeID://", b"").replace(b': "1"', b': "true"')
    assert get(url) == ROWS % 1


def test_body_over_its_limit_or_time_is_not_read(server) -> None:
    url, _ = server((200, {}, b"x" * 11), (200, {}, b"x"))
    with pytest.raises(ResultLimitError, match="10 bytes"):
        get(url, limit=10)
    with pytest.raises(EndpointTimeoutError, match="whole answer in time"):
        get(url, seconds=-1)


@each(
    ("error", "kind"),
    [
        (httpx.ConnectTimeout(""), EndpointTimeoutError),
        (httpx.ReadTimeout(""), EndpointTimeoutError),
        (httpx.PoolTimeout(""), BusyError),
        (httpx.ReadError("reset"), EndpointFailedError),
    ],
)
def test_each_failure_of_a_connection_has_its_error(error: httpx.HTTPError, kind: type) -> None:
    assert type(connection_error("http://endpoint.invalid/", error)) is kind


def test_address_has_no_fragment_and_a_host() -> None:
    assert check_address("https://endpoint.invalid/sparql?x=1#y") == "https://endpoint.invalid/sparql?x=1"
    with pytest.raises(CannotRunError, match="not the address of an endpoint"):
        check_address("https:///sparql")


@each(
    ("status", "text", "words"),
    [
        (500, "Virtuoso 37000 Error TN...: `?s p:a/p:b ?o` in <http://example.org/a/b>", "Virtuoso 37000 Error TN"),
        (503, "restarting", "restarting"),
        (500, "cannot read /var/lib/engine/data.ttl", ""),
        (500, "java.lang.Error\n\tat org.engine.Query.run(Query.java:7)", ""),
        (400, 'File "C:\\engine\\data", line 3', ""),
        (502, "no answer from http://admin:secret@10.0.0.1/sparql", ""),
    ],
)
def test_messages_for_visitors_omit_paths_and_traces(status: int, text: str, words: str) -> None:
    response = httpx.Response(status, headers={"Content-Type": "text/plain"})
    detail = status_error(NAME, response, text.encode()).detail
    assert words in detail
    assert detail.endswith(".") is not bool(words)
    assert " ".join(text.split()) in status_error("http://operator.example/", response, text.encode()).detail


def test_messages_for_visitors_omit_addresses_and_places() -> None:
    problem = b'{"detail": "there", "line": 3, "column": 7}'
    error = status_error(NAME, httpx.Response(400, headers={"Content-Type": "application/problem+json"}), problem)
    assert error.members == {}
    moved = httpx.Response(302, headers={"Location": "http://10.0.0.1/sparql"})
    assert status_error(NAME, moved, b"").detail.endswith("302 Found: the endpoint is at another address.")


@each(
    ("text", "seconds"),
    [
        ("17", "17"),
        ("", "10"),
        ("x\x01y", "10"),
        ("-1", "10"),
        ("999999999", "86400"),
        ("Wed, 21 Oct 2015 07:28:00 GMT", "1"),
        ("Fri, 01 Jan 9999 00:00:00 GMT", "86400"),
    ],
)
def test_pause_that_a_busy_endpoint_asks_for_is_passed_on(text: str, seconds: str) -> None:
    response = httpx.Response(429, headers={"Retry-After": text} if text else {})
    assert status_error(NAME, response, b"").headers == {"Retry-After": seconds}


def test_received_bytes_are_not_part_of_a_message() -> None:
    error = httpx.RemoteProtocolError("illegal status line: bytearray(b'secret')")
    assert connection_error(NAME, error).detail.endswith("the connection broke: illegal status line.")


def test_address_is_displayed_without_what_may_be_secret() -> None:
    assert display_address("https://me:pw@example.org:7/sparql?key=1#x") == "https://example.org:7/sparql"
