"""A SPARQL endpoint in this process, over a store in memory, that can be told to misbehave."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox

STORE = "/store"
JSON, NT = "application/sparql-results+json", "application/n-triples"

Fault = Callable[["Handler"], None]
"""Answers a request in place of the endpoint."""


class Handler(BaseHTTPRequestHandler):
    """One request to the endpoint."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the client to acknowledge its head
    server: "SparqlServer"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if urlsplit(self.path).path == STORE:
            self._change_graph(body)
            return
        form = parse_qs(body)
        self.server.received.append(form)
        if self.server.fault:
            self.server.fault(self)
        elif "update" in form:
            self.server.update(form["update"][0])
            self.respond(204, "", b"")
        else:
            self.respond(200, *self.server.answer(form))

    def do_PUT(self) -> None:
        self.do_POST()

    def do_DELETE(self) -> None:
        self.do_POST()

    def _change_graph(self, body: str) -> None:
        """The Graph Store Protocol (SPARQL 1.1 Graph Store HTTP Protocol, section 5)."""
        (graph,) = parse_qs(urlsplit(self.path).query)["graph"]
        self.server.received.append({"graph": [self.command, graph]})
        if self.server.fault:
            self.server.fault(self)
        else:
            self.respond(self.server.change_graph(self.command, ox.NamedNode(graph), body), "text/plain", b"")

    def respond(self, status: int, media_type: str, body: bytes, **headers: str) -> None:
        fields = {"Content-Type": media_type, "Content-Length": str(len(body))} if media_type else {}
        self.send_response_only(status)
        for name, value in (fields | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


class SparqlServer(ThreadingHTTPServer):
    """The endpoint. fault: what answers in its place, if anything. received: the forms of all requests."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int = 0, store: ox.Store | None = None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.store = store or ox.Store()
        self.fault: Fault | None = None
        self.received: list[dict[str, list[str]]] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/sparql"

    def stop(self) -> None:
        """Stop: connections are then refused."""
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore that a client left."""

    def update(self, text: str) -> None:
        self.store.update(text)

    @property
    def graph_store(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{STORE}"

    def change_graph(self, method: str, graph: ox.NamedNode, turtle: str) -> int:
        """Change a graph; returns the status."""
        if method == "DELETE" and not self.store.contains_named_graph(graph):
            return 404
        if method != "POST":
            self.store.remove_graph(graph)
        self.store.load(turtle.encode(), format=ox.RdfFormat.TURTLE, to_graph=graph)
        return 204

    def answer(self, form: dict[str, list[str]]) -> tuple[str, bytes]:
        data_set = {}
        if "default-graph-uri" in form or "named-graph-uri" in form:
            data_set = {
                "default_graph": [ox.NamedNode(iri) for iri in form.get("default-graph-uri", [])],
                "named_graphs": [ox.NamedNode(iri) for iri in form.get("named-graph-uri", [])],
            }
        result: Any = self.store.query(form["query"][0], **data_set)
        if isinstance(result, ox.QueryTriples):
            return NT, result.serialize(format=ox.RdfFormat.N_TRIPLES)
        return JSON, result.serialize(format=ox.QueryResultsFormat.JSON)


# Faults


def answer_html(handler: Handler) -> None:
    handler.respond(200, "text/html", b"<h1>Welcome</h1>")


def answer_truncated(handler: Handler) -> None:
    media_type, body = handler.server.answer(handler.server.received[-1])
    handler.respond(200, media_type, body[:-5])


def answer_other_type(handler: Handler) -> None:
    handler.respond(200, "application/pdf", b"%PDF")


def answer_endlessly(handler: Handler) -> None:
    handler.send_response_only(200)
    handler.send_header("Content-Type", JSON)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for _ in range(10_000):
        handler.wfile.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


def answer_never(handler: Handler) -> None:
    while handler.server.fault:
        time.sleep(0.02)


def answer_in_drops(handler: Handler) -> None:
    handler.send_response_only(200)
    handler.send_header("Content-Type", JSON)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while handler.server.fault:
        handler.wfile.write(b"1\r\n \r\n")
        time.sleep(0.02)


def answer_other_query(handler: Handler) -> None:
    handler.respond(200, *handler.server.answer({"query": ["SELECT ?other { ?other ?p 7 }"]}))


def answer_other_form(handler: Handler) -> None:
    handler.respond(200, *handler.server.answer({"query": ["ASK {}"]}))


def answer_other_kind(handler: Handler) -> None:
    handler.respond(200, *handler.server.answer({"query": ["CONSTRUCT WHERE { ?s ?p 7 }"]}))


def break_connection(handler: Handler) -> None:
    handler.close_connection = True


def answer_busy(handler: Handler) -> None:
    handler.respond(503, "text/plain", b"restarting")
