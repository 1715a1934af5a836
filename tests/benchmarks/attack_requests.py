"""The fuzz: random HTTP requests, valid and broken ones, from a seed; the same seed sends the same requests."""

import gzip
import random
import re
import socket
import threading
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import contestants
import processes
from attack_report import Section, leak

from publisher.web.codings import zstd

CLIENTS: Final = 6
TIMEOUT: Final = 30
SHORT: Final = 0.3
"""Seconds to wait for a response to a request that the server waits to be completed."""
MOST_GROWTH_KIB: Final = 150 << 10
"""Memory that the web process may gain: its response cache alone may take 64 MiB."""
WARM: Final = 500
"""Requests before the first look at the memory."""
METHODS: Final = (
    ("GET",) * 12 + ("POST",) * 5 + ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "FOO", "get", "")
)
PATHS: Final = (
    "/",
    "/sparql",
    "/sparql.csv",
    "/sparql/completions.json",
    "/dataset",
    "/dataset.ttl",
    "/ontology",
    "/ontology/1.0",
    "/shapes.jsonld",
    "/graph/coalitions.nt",
    "/graph/",
    "/id/coalition/clear-water",
    "/id/Coalition/Clear-Water/",
    "/doc/coalition/clear-water",
    "/doc/coalition/clear-water.rdf",
    "/doc/coalition/clear-water/incoming/2",
    "/doc/issue",
    "/context.jsonld",
    "/rule/tidy",
    "/rule",
    "/problem/refused",
    "/correct",
    "/sitemap.xml",
    "/robots.txt",
    "/static/style.css",
    "/.well-known/void",
    "/favicon.ico",
    "/health/live",
    "/health/ready",
    "/privacy",
    "/metrics",
    "/nothing",
)
PIECES: Final = (
    "..",
    "%2e%2e",
    "%2F",
    "%00",
    "%0d%0aX: y",
    "%ff%fe",
    "%",
    "%zz",
    "//",
    "\\",
    ";",
    "?",
    "#",
    "é",
    "\u2100",
    "<script>",
    "'",
    '"',
    "{{7*7}}",
    "javascript:alert(1)",
    "a" * 300,
    "a/" * 300,
    "+",
    " ",
    "\x00",
    "\x7f",
    "id/",
    ".ttl",
    ".jsonld",
)
NAMES: Final = ("query", "update", "default-graph-uri", "named-graph-uri", "format", "about", "v", "callback", "x", "")
QUERIES: Final = (
    "ASK {}",
    "SELECT * { ?s ?p ?o } LIMIT 3",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "DESCRIBE <id/coalition/clear-water>",
    "CONSTRUCT WHERE { ?s a ?t } LIMIT 5",
    "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
    "DELETE WHERE { ?s ?p ?o }",
    "SELECT ?x { BIND(<javascript:alert(1)> AS ?x) }",
    "SELECT (<<( <a:b> <a:c> <a:d> )>> AS ?t) {}",
    'SELECT ("\\uD800" AS ?x) {}',
    "SELECT * { ?s ?p ?o FILTER(REGEX(STR(?o), '(a+)+$')) } LIMIT 2",
    "SELECT ?o { ?s ?p ?o } ORDER BY ?o LIMIT 5",
    "\ufeffASK {}",
    "SELECT",
    "",
)
TYPES: Final = (
    "*/*",
    "text/html",
    "text/turtle",
    "application/json",
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "application/ld+json;profile=x",
    "application/rdf+xml;q=0",
    "text/csv, */*;q=0.1",
    "image/png",
    "",
    ",,,",
    "a/b;q=9",
    "text/html;q=abc",
    "/",
    "*",
    "\xe9/\xff",
)
CODINGS: Final = (
    "gzip",
    "gzip, deflate, br, zstd",
    "zstd;q=0.5, gzip;q=0.4",
    "identity;q=0",
    "identity;q=0, gzip",
    "*",
    "*;q=0",
    "br",
    "gzip;q=abc",
    ",;q=,",
    "\xff",
    "gzip," * 300,
)
FIELDS: Final = (
    "Accept",
    "Accept-Language",
    "Connection",
    "Content-Encoding",
    "Content-Type",
    "Cookie",
    "Expect",
    "Forwarded",
    "Host",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "Origin",
    "Range",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "User-Agent",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Prefix",
    "X-HTTP-Method-Override",
)
VALUES: Final = (
    "close",
    "chunked",
    "gzip",
    "100-continue",
    "bytes=0-1",
    '"x"',
    "*",
    'W/"x", "y"',
    "evil.example",
    "a b",
    "h2c",
    "websocket",
    "application/x-www-form-urlencoded",
    "application/sparql-query",
    "multipart/form-data; boundary=x",
    "Slackbot",
    "\xff\xfe",
    "a" * 5000,
    ";" * 200,
    "",
)


def make_request(chance: random.Random, host: str) -> bytes:
    """One request, as bytes."""
    target = _target(chance)
    body = _body(chance)
    lines = [f"{chance.choice(METHODS) if not body else 'POST'} {target} HTTP/1.{chance.choice('1110')}"]
    lines += [f"Host: {host}"] * chance.choice((1,) * 12 + (0, 2))
    lines.append(f"Accept: {chance.choice(TYPES)}")
    if chance.random() < 0.5:
        lines.append(f"Accept-Encoding: {chance.choice(CODINGS)}")
    if body:
        lines.append(f"Content-Type: {chance.choice(VALUES[12:15])}")
        lines.append(f"Content-Length: {len(body) + chance.choice((0,) * 20 + (1, -1))}")
    lines += [f"{chance.choice(FIELDS)}: {chance.choice(VALUES)}" for _ in range(chance.choice((0, 0, 1, 2)))]
    raw = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body
    return _damage(chance, raw) if chance.random() < 0.05 else raw


def _target(chance: random.Random) -> str:
    path = chance.choice(PATHS)
    for _ in range(chance.choice((0, 0, 0, 1, 2))):
        place = chance.randint(0, len(path))
        path = path[:place] + chance.choice(PIECES) + path[place:]
    pairs = [f"{chance.choice(NAMES)}={_value(chance)}" for _ in range(chance.choice((0, 0, 1, 1, 2)))]
    target = path + ("?" + "&".join(pairs) if pairs else "")
    return re.sub(r"[^\x21-\x7e]", lambda found: quote(found[0]), target) if chance.random() < 0.9 else target


def _value(chance: random.Random) -> str:
    text = chance.choice(QUERIES) if chance.random() < 0.6 else chance.choice((*PIECES, *TYPES))
    return quote(text, safe="", errors="replace") if chance.random() < 0.9 else text.replace("\n", " ")


def _body(chance: random.Random) -> bytes:
    if chance.random() < 0.75:
        return b""
    text = chance.choice(QUERIES)
    sent = text if chance.random() < 0.4 else f"{chance.choice(NAMES)}={quote(text)}"
    return _damage(chance, sent.encode()) if chance.random() < 0.2 else sent.encode()


def _damage(chance: random.Random, raw: bytes) -> bytes:
    found = bytearray(raw or b"x")
    for _ in range(chance.randint(1, 4)):
        found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found[: chance.randint(1, len(found))] if chance.random() < 0.3 else found)


@dataclass
class Fuzz:
    """One run. statuses: how many responses had which status; 0 stands for a closed connection without one."""

    host: str
    port: int
    seed: int
    section: Section
    statuses: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, number: int) -> None:
        """Send the request of a number, on a connection of its own, and check the response."""
        raw = make_request(random.Random(f"{self.seed} {number}"), f"{self.host}:{self.port}")
        answer = self._exchange(raw)
        found = re.match(rb"HTTP/1\.[01] (\d{3}) ", answer)
        status = int(found[1]) if found else 0
        fault = _find_fault(status, answer)
        with self.lock:
            self.statuses[status] += 1
            self.section.check(f"request {number} {raw[:120]!r}", fault or _cut_short(raw, answer))

    def _exchange(self, raw: bytes) -> bytes:
        answer = b""
        try:
            with socket.create_connection((self.host, self.port), timeout=TIMEOUT) as connection:
                connection.sendall(raw)
                connection.settimeout(TIMEOUT if _is_whole(raw) else SHORT)
                while not _is_complete(answer, bodiless=raw.startswith(b"HEAD ")):
                    piece = connection.recv(1 << 16)
                    if not piece:
                        break
                    answer += piece
        except OSError:
            pass
        return answer

    def run(self, numbers: range) -> None:
        """Send the requests of all numbers."""
        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(self.send, numbers))


def _is_whole(raw: bytes) -> bool:
    """Whether a server can answer a request without reading on."""
    head, mark, body = raw.lower().partition(b"\r\n\r\n")
    lengths = re.findall(rb"\r\ncontent-length: *(\d+)", head)
    return bool(mark) and b"transfer-encoding" not in head and all(len(body) >= int(length) for length in lengths)


def _find_fault(status: int, answer: bytes) -> str:
    """What is wrong with a response, as far as it tells itself; empty for nothing."""
    if status in (500, 501, 502, 504):
        return f"status {status}"
    if status == 503 and b"retry-after" not in answer.lower():
        return "503 without Retry-After"
    try:
        return leak(answer + _decode(answer))
    except (EOFError, OSError, zlib.error, zstd.ZstdError) as error:
        return f"the coding of the body cannot be read: {error}"


def _is_complete(answer: bytes, *, bodiless: bool) -> bool:
    head, mark, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    whole = len(body) >= int(length[1]) if length else b"chunked" in head and body.endswith(b"0\r\n\r\n")
    return bool(mark) and (bodiless or head[9:12] in (b"304", b"204") or whole)


def _decode(answer: bytes) -> bytes:
    """The text of a compressed body that has a length; empty for others, and for a part of one. The response to a
    second request that a broken one turned into may follow."""
    head, _, body = answer.partition(b"\r\n\r\n")
    coding = re.search(rb"(?i)\r\ncontent-encoding: (\w+)", head)
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    body = body[: int(length[1])] if length else b""
    if not coding or not length or len(body) < int(length[1]) or head[9:12] == b"206" or not body:
        return b""
    return gzip.decompress(body) if coding[1] == b"gzip" else zstd.decompress(body)


def _cut_short(raw: bytes, answer: bytes) -> str:
    """Whether a body of a request that is not HEAD is shorter than its length says."""
    head, mark, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    if not mark or not length or raw[:4] == b"HEAD" or head[9:12] in (b"304", b"100"):
        return ""
    return f"body of {len(body)} bytes, length {length[1].decode()}" if 0 < len(body) < int(length[1]) else ""


def run(server: contestants.Server, host: str, port: int, requests: int, seed: int) -> Section:
    """Send so many requests to a server, then look at what it holds."""
    section = Section(f"fuzzed requests (seed {seed})")
    fuzz = Fuzz(host, port, seed, section)
    fuzz.run(range(min(WARM, requests)))
    before = processes.tree(server.pid)[0]
    fuzz.run(range(WARM, requests))
    after = processes.tree(server.pid)[0]
    if after.rss > before.rss + MOST_GROWTH_KIB:
        section.faults.append(f"the web process grew from {before.rss >> 10} to {after.rss >> 10} MiB")
    section.notes.append(f"responses by status {dict(sorted(fuzz.statuses.items()))}")
    section.notes.append(f"web process {before.rss >> 10} MiB before, {after.rss >> 10} MiB after")
    return section
