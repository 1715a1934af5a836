"""The probe against our own server, and against a small server that misbehaves in many ways."""

import asyncio
import json
import threading
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from support.each import each
from support.tiers import few

from publisher.errors import CannotRunError
from publisher.probe import prober
from publisher.probe.cases import CASES, MALFORMED, Case
from publisher.probe.prober import ADVICE, BROKEN, NOT_ASKED, Finding, Prober, Site, is_local

NAMES = (  # of the cases that the small server can answer
    "anything browser turtle rdflib jena rdf4j comunica no-accept quality refusal two-lines head revalidation missing "
    "robots get form direct csv ask query-head malformed two-queries update"
)
CHOSEN = [case for case in CASES if case.name in set(NAMES.split())]

Response = tuple[int, dict[str, str], str]


def describe(fault: str, method: str, path: str, headers: Message) -> Response:
    """Answer for the thing at `/a`, and for nothing else."""
    if path != "/a" and fault != "everything is found":
        return (404, {}, "")
    if fault == "redirects for ever":
        return (302, {"Location": "/a"}, "")
    if fault == "redirects elsewhere":
        return (308, {"Location": "ftp://127.0.0.1/a"}, "")
    accept = ",".join(headers.get_all("Accept") or ["*/*"])
    if fault == "reads the first line only":
        accept = str(headers.get("Accept", "*/*"))
    turtle = "text/turtle" in accept and ("turtle;q=0," not in accept or fault == "ignores q=0")
    if fault == "only HTML" or (fault == "prefers HTML" and "text/html" in accept):
        turtle = False
    form = "turtle" if turtle else "html"
    sent = {"Content-Type": f"text/{form}", "ETag": '"1"' if fault == "one ETag" else f'"{form}"', "Vary": "Accept"}
    if fault == "no Vary":
        del sent["Vary"]
    if fault == "no ETag":
        del sent["ETag"]
    if headers.get("If-None-Match") == sent.get("ETag", "none") and fault != "ignores If-None-Match":
        return (304, sent, "<urn:x> ..." if fault == "304 with a body" else "")
    if method == "HEAD":
        if fault == "no HEAD":
            return (405, {}, "")
        return (200, sent, "body" if fault == "HEAD with a body" else "")
    return (200, sent, ("<urn:a> <urn:b>" if fault == "cut off" else "<urn:a> <urn:b> 1 .") if turtle else "<p>")


def answer(fault: str, query: str, content_type: str, body: str, accept: str) -> Response:
    """Answer at the SPARQL endpoint, without an engine."""
    given = parse_qs(query)
    if content_type.startswith("application/x-www-form-urlencoded"):
        given = parse_qs(unquote(body) if fault == "decodes a form twice" else body)
    elif body:
        given = {"query": [body]}
    if fault == "reads no body" and body:
        given = {}
    if "update" in given:
        return (204 if fault == "accepts updates" else 400, {}, "")
    queries = given.get("query", [])
    if len(queries) != 1 or (queries == [MALFORMED] and fault != "errors look like data"):
        return (500 if fault == "fails" else 400, {}, "")
    if fault == "fails":
        return (500, {}, "")
    if queries[0].startswith("ASK"):
        return (200, {"Content-Type": "application/sparql-results+json"}, '{"head": {}, "boolean": true}')
    value = queries[0].partition('"')[2].rpartition('"')[0]
    if "csv" in accept:
        return (200, {"Content-Type": "text/csv"}, f"x\r\n{value}\r\n")
    rows = {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "literal", "value": value}}]}}
    media_type = "application/json" if fault == "another type" else "application/sparql-results+json"
    return (200, {"Content-Type": media_type}, json.dumps(rows))


class Pages(BaseHTTPRequestHandler):
    fault = ""
    agents: set[str] = set()
    asked: list[str] = []

    def do_GET(self) -> None:
        self.agents.add(self.headers["User-Agent"])
        self.asked.append(self.path)
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.fault == "closes" or (self.fault == "closes HEAD" and self.command == "HEAD"):
            return
        if address.path == "/sparql":
            content_type, accept = self.headers.get("Content-Type", "").lower(), self.headers.get("Accept", "")
            status, headers, text = answer(self.fault, address.query, content_type, body, accept)
            if self.command == "HEAD":
                text = ""
        else:
            status, headers, text = describe(self.fault, self.command, address.path, self.headers)
        self.send_response(status)
        if self.fault != "no CORS":
            headers = headers | {"Access-Control-Allow-Origin": "*"}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    do_HEAD = do_POST = do_OPTIONS = do_GET  # noqa: N815 - the names that the library calls

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def probe(site: Site, fault: str = "", cases: list[Case] = CHOSEN) -> list[Finding]:
    async def collect() -> list[Finding]:
        return [finding async for found in Prober(site).probe(cases) for finding in found]

    Pages.fault = fault
    Pages.agents.clear()
    Pages.asked.clear()
    return asyncio.run(collect())


def find(findings: list[Finding], verdict: str) -> set[str]:
    return {f"{finding.case}: {finding.expected or finding.got}" for finding in findings if finding.verdict == verdict}


def test_our_own_server_has_all_that_must_be_and_all_that_should_be(server: str) -> None:
    site = Site(f"{server}/id/coalition/clear-water", f"{server}/sparql")
    findings = probe(site, cases=list(CASES))
    assert find(findings, BROKEN) | find(findings, ADVICE) | find(findings, NOT_ASKED) == set()
    assert {finding.case for finding in findings} == {case.name for case in CASES}


def test_a_site_that_behaves_breaks_nothing(address: str) -> None:
    findings = probe(Site(f"{address}/a", f"{address}/sparql", contact="mailto:data@example.org"))
    assert find(findings, BROKEN) == set()
    assert [agent.startswith("publisher-probe/") for agent in Pages.agents] == [True]
    assert all("(+mailto:data@example.org)" in agent for agent in Pages.agents)


TURTLE = {"turtle: Turtle", "quality: Turtle", "two-lines: Turtle"}
PARSED = {f"{name}: RDF that can be parsed" for name in ("turtle", "rdflib", "jena", "rdf4j", "comunica")}
READ = {"rdflib: a format that rdflib reads", *(f"{name}: an RDF format" for name in ("jena", "rdf4j", "comunica"))}


@pytest.mark.parametrize(
    ("fault", "broken"),
    few(
        [
            ("only HTML", TURTLE | PARSED | READ),
            ("cut off", PARSED),
            (
                "prefers HTML",
                {"quality: Turtle", "two-lines: Turtle", "comunica: an RDF format"}
                | {"comunica: RDF that can be parsed"},
            ),
            ("no Vary", {"turtle: Vary: Accept where forms share an address"}),
            ("one ETag", {"turtle: another ETag than HTML"}),
            ("ignores q=0", {"refusal: no Turtle"}),
            (
                "reads the first line only",
                {"two-lines: Turtle", "rdf4j: an RDF format", "rdf4j: RDF that can be parsed"},
            ),
            ("no HEAD", {"head: status and Content-Type as of GET"}),
            ("HEAD with a body", {"head: no body"}),
            ("ignores If-None-Match", {"revalidation: 304", "revalidation: no body"}),
            ("304 with a body", {"revalidation: no body"}),
            ("everything is found", {"missing: 404 or 410"}),
            ("closes HEAD", {"head: no body", "head: status and Content-Type as of GET", "query-head: no body"}),
            ("decodes a form twice", {"form: the value that was asked for, unchanged"}),
            (
                "reads no body",
                {
                    f"{name}: {words}"
                    for name in ("form", "direct")
                    for words in ("JSON results", "the value that was asked for, unchanged")
                },
            ),
            ("errors look like data", {"malformed: 400"}),
            ("accepts updates", {"update: a client error, as the endpoint is for queries"}),
            ("another type", {f"{name}: JSON results" for name in ("get", "form", "direct")}),
        ]
    ),
)
def test_what_a_site_does_wrong_is_broken(address: str, fault: str, broken: set[str]) -> None:
    findings = probe(Site(f"{address}/a", f"{address}/sparql"), fault)
    assert find(findings, BROKEN) == broken


def test_what_is_good_practice_is_advice(address: str) -> None:
    findings = find(probe(Site(f"{address}/a", f"{address}/sparql"), "no CORS"), ADVICE)
    assert {f"{name}: CORS: any origin" for name in ("missing", "get", "form", "malformed")} <= findings
    assert {"browser: a link to JSON-LD, as rdflib reads it", "turtle: Cache-Control"} <= findings


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("redirects for ever", "It redirects more than 5 times."),
        ("redirects elsewhere", "It redirects to no address on the web."),
    ],
)
def test_redirects_are_bounded(address: str, fault: str, reason: str) -> None:
    findings = probe(Site(f"{address}/a"), fault, CHOSEN[:1])
    assert [(finding.verdict, finding.got) for finding in findings] == [(BROKEN, reason), (ADVICE, reason)]


def test_without_an_etag_nothing_is_revalidated(address: str) -> None:
    assert "revalidation: The response that it repeats has no ETag." in find(
        probe(Site(f"{address}/a"), "no ETag"), NOT_ASKED
    )


def test_without_an_endpoint_nothing_is_queried(address: str) -> None:
    reasons = find(probe(Site(f"{address}/a")), NOT_ASKED)
    assert "get: The site names no SPARQL endpoint on its host; name it with --endpoint." in reasons
    assert not any(path.startswith("/sparql") for path in Pages.asked)


def test_without_a_thing_only_the_endpoint_is_asked(address: str) -> None:
    findings = probe(Site(endpoint=f"{address}/sparql"))
    assert find(findings, BROKEN) == set()
    assert {urlsplit(path).path for path in Pages.asked} == {"/sparql"}


def test_a_site_that_does_not_answer_cannot_be_probed(address: str) -> None:
    with pytest.raises(CannotRunError, match="It does not answer in HTTP"):
        probe(Site(f"{address}/a"), "closes")


def test_other_hosts_are_asked_slowly_and_nothing_malformed(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(prober, "is_local", lambda _: False)
    monkeypatch.setattr(asyncio, "sleep", pause)
    findings = probe(Site(f"{address}/a", f"{address}/sparql"))
    refused = {finding.case for finding in findings if finding.got.startswith("It is malformed")}
    assert refused == {"malformed", "two-queries", "update"}
    assert pauses == [1.0] * (len(Pages.asked) - 1)


@each(
    ("address", "local"),
    [
        ("http://localhost:8000/x", True),
        ("http://127.3.2.1/", True),
        ("http://[::1]/", True),
        ("https://example.org/", False),
        ("http://10.0.0.1/", False),
        ("http://localhost.example.org/", False),
    ],
)
def test_local_hosts_are_known_by_their_names(address: str, local: bool) -> None:
    assert is_local(address) is local
