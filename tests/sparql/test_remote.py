"""The remote engine: what it sends to an endpoint, and that nothing but a whole answer passes for one."""

import asyncio
import contextlib
import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from support.each import each

from publisher.errors import (
    BusyError,
    CannotRunError,
    EndpointFailedError,
    MalformedError,
    NotAcceptableError,
    PublisherError,
    QuerySyntaxError,
    ResultLimitError,
    TooSlowError,
)
from publisher.formats import N_TRIPLES, RDF_XML, RESULTS_CSV, RESULTS_JSON, TURTLE
from publisher.sparql.engine import Limits, Query, QueryEngine
from publisher.sparql.http_client import Access
from publisher.sparql.remote import LONGEST_ADDRESS, Remote

LIMITS = Limits(wall=5, cpu=1, memory=1, result=100_000, length=1 << 20, nesting=64, repeats=1, waiting=1)
ROWS = b'{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"type":"uri","value":"urn:x"}}]}}'
JSON_TYPE = RESULTS_JSON.media_type

Endpoint = Callable[..., Remote]


def message(body: bytes, content_type: str = JSON_TYPE, status: str = "200 OK", **headers: str) -> bytes:
    """A response; a header given empty is left out."""
    fields = {"Content-Type": content_type, "Content-Length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items() if value), "", ""]
    return "\r\n".join(lines).encode() + body


def chunked(*pieces: bytes, end: bool = True) -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    head = message(b"", Content_Length="", Transfer_Encoding="chunked")
    return head + body + (b"0\r\n\r\n" if end else b"")


@pytest.mark.parametrize(
    ("text", "answer", "media_type"),
    [
        ("ASK {}", b"<urn:a> <urn:b> <urn:c> .", TURTLE.media_type),
        ("PREFIX a: <urn:a#>\n# describe\nSELECT * {}", b"<urn:a> <urn:b> <urn:c> .", TURTLE.media_type),
        ("construct {} {}", ROWS, JSON_TYPE),
        ("BASE <urn:a> DESCRIBE <b>", ROWS, JSON_TYPE),
    ],
)
def test_response_of_other_kind_is_rejected(endpoint: Endpoint, text: str, answer: bytes, media_type: str) -> None:
    remote = endpoint(message(answer, media_type))
    with pytest.raises(EndpointFailedError, match="it may not be a SPARQL endpoint"):
        remote.ask(Query(text, RESULTS_JSON.media_type, TURTLE.media_type))


def test_accept_header_matches_query_kind(endpoint: Endpoint, requests: list[tuple[str, bytes]]) -> None:
    assert ask(endpoint(message(ROWS)), "SELECT * {}", graph=TURTLE.media_type) == ROWS
    assert "Accept: application/sparql-results+json;q=1, application/sparql-results+xml;q=0.9\r\n" in requests[0][0]


@pytest.fixture
def requests() -> list[tuple[str, bytes]]:
    """What the endpoint received: the head and the body of each request."""
    return []


@pytest.fixture
def endpoint(requests: list[tuple[str, bytes]]) -> Iterator[Endpoint]:
    """Runs endpoints that answer with the bytes given, one response a request, and returns engines over them."""
    with contextlib.ExitStack() as stack:

        def start(*answers: bytes, path: str = "/sparql", limits: Limits = LIMITS, pause: float = 0) -> Remote:
            left = list(answers)

            class Handler(socketserver.StreamRequestHandler):
                def handle(self) -> None:
                    head = b"".join(iter(self.rfile.readline, b"\r\n")).decode()
                    sizes = [int(line[15:]) for line in head.splitlines() if line.lower().startswith("content-length:")]
                    requests.append((head, self.rfile.read(sum(sizes))))
                    with contextlib.suppress(OSError):
                        for part in left.pop(0).split(b"<pause>"):
                            self.wfile.write(part)
                            time.sleep(pause)

            server = stack.enter_context(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))
            server.daemon_threads = True
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            engine = Remote(Access(f"http://127.0.0.1:{server.server_address[1]}{path}"), {"ex": "urn:"}, limits)
            stack.callback(engine.close)
            return engine

        yield start


def ask(engine: Remote, text: str = "", results: str | None = JSON_TYPE, graph: str | None = None) -> bytes:
    answer = engine.ask(Query(text or ("SELECT" if results else "CONSTRUCT"), results, graph))
    with answer.body as body:
        data = body.read()
    assert len(data) == answer.size
    return data


# What is sent


def test_short_query_is_sent_by_get_with_dataset(endpoint: Endpoint, requests: list[tuple[str, bytes]]) -> None:
    text = "SELECT * { ?s ?p 'ä+%26&' }"
    endpoint(message(ROWS), path="/sparql?x=1#y").ask(
        Query(text, JSON_TYPE, TURTLE.media_type, ("urn:d",), ("urn:n", "urn:m"))
    ).body.close()
    method, address, _ = requests[0][0].partition("\r\n")[0].split()
    assert (method, urlsplit(address).path) == ("GET", "/sparql")
    assert parse_qs(urlsplit(address).query) == {
        "x": ["1"],
        "query": [text],
        "default-graph-uri": ["urn:d"],
        "named-graph-uri": ["urn:n", "urn:m"],
    }


def test_long_query_is_posted_as_form(endpoint: Endpoint, requests: list[tuple[str, bytes]]) -> None:
    text = f"SELECT * {{ ?s ?p '{'x' * LONGEST_ADDRESS}' }}"
    assert ask(endpoint(message(ROWS)), text) == ROWS
    head, body = requests[0]
    assert head.startswith("POST /sparql HTTP/1.1")
    assert "content-type: application/x-www-form-urlencoded" in head.lower()
    assert parse_qs(body.decode()) == {"query": [text]}


@pytest.mark.parametrize(
    ("results", "graph", "wanted", "unwanted"),
    [(JSON_TYPE, None, JSON_TYPE, TURTLE.media_type), (None, TURTLE.media_type, TURTLE.media_type, JSON_TYPE)],
)
def test_accept_header_has_wanted_kinds_only(endpoint, requests, results, graph, wanted, unwanted) -> None:
    body = message(ROWS) if results else message(b"", N_TRIPLES.media_type)
    ask(endpoint(body), results=results, graph=graph)
    accept = next(line for line in requests[0][0].splitlines() if line.startswith("Accept:"))
    assert wanted in accept
    assert unwanted not in accept


def test_get_redirect_is_followed(endpoint: Endpoint, requests: list[tuple[str, bytes]]) -> None:
    engine = endpoint(message(b"", status="308 Permanent Redirect", Location="/new?query=SELECT"), message(ROWS))
    assert ask(engine) == ROWS
    assert requests[1][0].startswith("GET /new?query=SELECT ")


@pytest.mark.parametrize("status", ["301 Moved", "303 See Other", "307 Temporary Redirect"])
def test_post_redirect_is_not_followed(endpoint: Endpoint, status: str) -> None:
    """A client that follows would ask for the service description instead, and get one."""
    engine = endpoint(message(b"", status=status, Location="/new"), message(ROWS))
    with pytest.raises(EndpointFailedError, match=status[:3]):
        ask(engine, "SELECT" + " " * LONGEST_ADDRESS)


@pytest.mark.parametrize("target", ["ftp://127.0.0.1:9/x", "file:///etc/hostname"])
def test_redirect_to_other_scheme_is_rejected(endpoint: Endpoint, target: str) -> None:
    with pytest.raises(EndpointFailedError, match="302"):
        ask(endpoint(message(b"", status="302 Found", Location=target)))


@each("url", ["", "example.org/sparql", "file:///etc/passwd", "ftp://example.org/", "http:///x"])
def test_invalid_endpoint_address_is_rejected(url: str) -> None:
    with pytest.raises(CannotRunError, match="not the address of an endpoint"):
        Remote(Access(url), {}, LIMITS)


# Whole answers


@pytest.mark.parametrize("raw", [message(ROWS), chunked(ROWS[:20], ROWS[20:])], ids=["length", "chunks"])
def test_complete_response_is_accepted(endpoint: Endpoint, raw: bytes) -> None:
    assert ask(endpoint(raw)) == ROWS


def test_remote_engine_supports_coroutines(endpoint: Endpoint) -> None:
    engine: QueryEngine = endpoint(message(ROWS))
    answer = asyncio.run(engine.answer(Query("ASK {}", JSON_TYPE, None)))
    with answer.body as body:
        assert body.read() == ROWS


def test_abandoned_response_is_not_read(endpoint: Endpoint) -> None:
    with pytest.raises(PublisherError, match="Client disconnected"):
        endpoint(message(ROWS)).ask(Query("", JSON_TYPE, None), lambda: False)


XML_ROWS = (
    b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="a"/></head>'
    b'<results><result><binding name="a"><uri>urn:x</uri></binding></result></results></sparql>'
)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (JSON_TYPE + "; charset=utf-8", ROWS),
        ("application/json", ROWS),
        ("application/sparql-results+xml", XML_ROWS),
        ("text/xml", XML_ROWS),
    ],
)
def test_rows_are_converted_to_requested_format(endpoint, content_type, body) -> None:
    assert ask(endpoint(message(body, content_type)), results=RESULTS_CSV.media_type) == b"a\r\nurn:x\r\n"


@pytest.mark.parametrize("content_type", [N_TRIPLES.media_type, TURTLE.media_type, "text/plain"])
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [(N_TRIPLES, b"<urn:a> <urn:b> <urn:c> ."), (TURTLE, b"ex:a ex:b ex:c"), (RDF_XML, b"<ex:b ")],
)
def test_graphs_are_converted_to_requested_format(endpoint, content_type, wanted, expected) -> None:
    body = message(b"<urn:a> <urn:b> <urn:c> .\n", content_type)
    assert expected in ask(endpoint(body), results=None, graph=wanted.media_type)


def test_boolean_result_is_converted(endpoint: Endpoint) -> None:
    body = message(b'{"head":{},"boolean":false}')
    assert ask(endpoint(body), results=RESULTS_CSV.media_type) == b"false"


# Answers that are not whole


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (message(ROWS, Content_Length=str(len(ROWS) + 9)), "sent 9 bytes less than announced"),
        (chunked(ROWS, end=False), "connection broke"),
        (chunked(ROWS[:40])[:-12], "connection broke"),
        (message(ROWS, Content_Length=""), "sent no Content-Length"),
        (message(ROWS[:-4]), "sent invalid"),
        (message(ROWS + b"java.lang.Exception"), "sent invalid"),
        (message(b""), "sent invalid"),
        (message(b"<h1>Sorry</h1>", "text/html"), "returned text/html"),
        (message(ROWS, status="206 Partial Content"), "status 206"),
        (message(ROWS, status="202 Accepted"), "status 202"),
        (message(ROWS, X_SQL_State="S1TAT"), "X-SQL-State: S1TAT"),
        (message(ROWS, X_SPARQL_MaxRows="10000"), "X-SPARQL-MaxRows: 10000"),
        (message(ROWS, Content_Encoding="gzip"), "compressed"),
        (b"", "connection broke"),
        (b"no HTTP\r\n\r\n", "connection broke"),
        (message(b"", status="500 Oh"), "answers 500 Oh"),
        (message(b"", status="404 Not Found"), "answers 404"),
        (message(b"no \x1b[31mred", "text/plain", "500 Oh"), "500 Oh: no \\[31mred"),
    ],
)
def test_incomplete_response_is_an_error(endpoint: Endpoint, raw: bytes, words: str) -> None:
    with pytest.raises(EndpointFailedError, match=words) as raised:
        ask(endpoint(raw))
    assert raised.value.detail.startswith("http://127.0.0.1:")
    assert "\x1b" not in raised.value.detail


def test_unreachable_endpoint_is_an_error() -> None:
    with pytest.raises(EndpointFailedError, match="Connection refused"):
        ask(Remote(Access("http://127.0.0.1:9/sparql"), {}, LIMITS))


@pytest.mark.parametrize(
    ("raw", "results", "graph"),
    [(message(ROWS), None, TURTLE.media_type), (message(b"", N_TRIPLES.media_type), JSON_TYPE, None)],
)
def test_response_of_unwanted_kind_is_rejected(endpoint, raw, results, graph) -> None:
    with pytest.raises(NotAcceptableError, match="cannot hold"):
        ask(endpoint(raw), "a query of another language", results=results, graph=graph)


@pytest.mark.parametrize(
    ("text", "results", "graph"), [("ASK {}", None, TURTLE.media_type), ("DESCRIBE <urn:a>", JSON_TYPE, None)]
)
def test_unsuitable_format_is_not_requested(endpoint, requests, text, results, graph) -> None:
    with pytest.raises(NotAcceptableError, match="cannot hold"):
        ask(endpoint(), text, results=results, graph=graph)
    assert requests == []


# Limits


@pytest.mark.parametrize("raw", [message(b" " * 200), chunked(*[b" " * 30] * 9)], ids=["length", "chunks"])
def test_response_over_limit_is_rejected(endpoint: Endpoint, raw: bytes) -> None:
    small = Limits(wall=5, cpu=1, memory=1, result=150, length=1 << 20, nesting=64, repeats=1, waiting=1)
    with pytest.raises(ResultLimitError, match="150 bytes") as raised:
        ask(endpoint(raw, limits=small))
    assert raised.value.members == {"limit": "result", "value": 150}


def test_converted_response_over_limit_is_rejected(endpoint: Endpoint) -> None:
    turtle = "@prefix p: <urn:{}> .\n".format("long" * 100) + "".join(f"p:a p:b {n} .\n" for n in range(50))
    small = Limits(wall=5, cpu=1, memory=1, result=5000, length=1 << 20, nesting=64, repeats=1, waiting=1)
    engine = endpoint(message(turtle.encode(), TURTLE.media_type), limits=small)
    with pytest.raises(ResultLimitError, match="5000 bytes"):
        ask(engine, results=None, graph=N_TRIPLES.media_type)


@pytest.mark.parametrize("raw", [b"<pause>", message(ROWS)[:-9] + b"<pause>" + ROWS[-9:]], ids=["silent", "halfway"])
def test_silent_endpoint_times_out(endpoint: Endpoint, raw: bytes) -> None:
    quick = Limits(wall=0.1, cpu=1, memory=1, result=1000, length=1 << 20, nesting=64, repeats=1, waiting=1)
    with pytest.raises(TooSlowError, match=r"exceeded the wall-clock limit of 0\.1 s"):
        ask(endpoint(raw, limits=quick, pause=0.4))


def test_slow_endpoint_times_out(endpoint: Endpoint) -> None:
    quick = Limits(wall=0.2, cpu=1, memory=1, result=100_000, length=1 << 20, nesting=64, repeats=1, waiting=1)
    drips = ROWS + b"<pause> " * 2_000  # for minutes, if nothing ended them
    with pytest.raises(TooSlowError):
        ask(endpoint(message(b"", Content_Length=str(len(ROWS) + 2_000)) + drips, limits=quick, pause=0.05))


# What an endpoint says is wrong


def problem(status: str, **members: object) -> bytes:
    return message(json.dumps(members).encode(), "application/problem+json", status)


@pytest.mark.parametrize(
    ("raw", "kind", "detail", "members"),
    [
        (
            problem("400 Bad Request", detail="Line 1, column 2: expected", line=1, column=2, text="x"),
            QuerySyntaxError,
            "Line 1, column 2: expected",
            {"line": 1, "column": 2, "text": "x"},
        ),
        (problem("400 Bad Request", detail="No query."), MalformedError, "No query.", {}),
        (
            message(b"Parse error:\n  line 3", "text/plain", "400 Bad"),
            MalformedError,
            "400 Bad: Parse error: line 3",
            {},
        ),
        (problem("422 No", detail="Too big.", limit="result", value=9), EndpointFailedError, "Too big.", {"value": 9}),
        (message(b"<p>Oh</p>", "text/html", "502 Bad Gateway"), EndpointFailedError, "answers 502 Bad Gateway.", {}),
        (message(b"[not json", "application/json", "500 Oh"), EndpointFailedError, "[not json", {}),
    ],
)
def test_endpoint_error_message_is_passed_on(endpoint, raw: bytes, kind: type[PublisherError], detail, members) -> None:
    with pytest.raises(kind) as raised:
        ask(endpoint(raw))
    assert type(raised.value) is kind
    assert detail in raised.value.detail
    assert members.items() <= raised.value.members.items()


@pytest.mark.parametrize("status", ["503 Service Unavailable", "429 Too Many Requests"])
def test_retry_after_of_endpoint_is_passed_on(endpoint: Endpoint, status: str) -> None:
    with pytest.raises(BusyError) as raised:
        ask(endpoint(message(b"", status=status, Retry_After="7")))
    assert raised.value.headers == {"Retry-After": "7"}
