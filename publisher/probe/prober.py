"""The prober: sends the cases to a site, one at a time, and judges the responses.

A host that is not on this machine is asked once a second, and nothing malformed.
"""

import asyncio
import ipaddress
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit

import httpx
import pyoxigraph as ox

from publisher import __version__
from publisher.errors import CannotRunError
from publisher.probe import bodiless
from publisher.probe.cases import CASES, Case
from publisher.probe.exchange import ALTERNATE, ENDPOINT, MISSING, ROBOTS, SITEMAP, THING, VOID, Call, Exchange, Hop
from publisher.probe.expectations import MUST, REDIRECTS, find_json_ld, is_seen_elsewhere
from publisher.rdf.namespaces import VOID as VOID_TERMS
from publisher.sparql.http_client import trusted_certificates

PAUSE: Final = 1.0
"""Seconds between two requests to a host that is not on this machine."""
HOPS: Final = 5
"""Redirects that are followed."""
BODY: Final = 1 << 20
"""Bytes of a body that are read."""
OK: Final = "ok"
BROKEN: Final = "broken"
ADVICE: Final = "advice"
NOT_ASKED: Final = "not asked"

_UNKNOWN: Final = {
    ENDPOINT: "The site names no SPARQL endpoint on its host; name it with --endpoint.",
    ALTERNATE: "The page links to no JSON-LD on its host.",
    SITEMAP: "The sitemap is on another host.",
}
"""Why there is no address for a request, by its target."""


@dataclass(frozen=True)
class Site:
    """What is probed.

    thing: the address of a thing. endpoint: of the SPARQL endpoint. Either may be empty. contact: whom the header
    User-Agent names. seconds: for one response.
    """

    thing: str = ""
    endpoint: str = ""
    contact: str = ""
    seconds: float = 20

    @property
    def local(self) -> bool:
        """Whether all of it is on this machine."""
        return all(is_local(address) for address in (self.thing, self.endpoint) if address)


@dataclass(frozen=True)
class Finding:
    """A row of the report. verdict: `OK`, `BROKEN` for what must be, `ADVICE` for what should be, or `NOT_ASKED`."""

    case: str
    client: str
    level: str
    expected: str
    got: str
    verdict: str


@dataclass
class Prober:
    """Probes one site. pause: in seconds, on hosts that are not on this machine."""

    site: Site
    pause: float = PAUSE
    _kept: dict[str, Exchange] = field(default_factory=dict)
    _sent: int = 0

    async def probe(self, cases: Iterable[Case] = CASES) -> AsyncIterator[list[Finding]]:
        """Yield the findings of each case. Raises CannotRunError where the site does not answer at all."""
        trusted = trusted_certificates()
        async with httpx.AsyncClient(timeout=self.site.seconds, trust_env=False, verify=trusted) as client:
            for case in cases:
                if self.site.thing or case.call.target == ENDPOINT:
                    yield await self._try(case, client)

    async def _try(self, case: Case, client: httpx.AsyncClient) -> list[Finding]:
        address = self._locate(case.call)
        if reason := self._find_objection(case) if address else _UNKNOWN[case.call.target]:
            return [self._find(case, "", "", reason, NOT_ASKED)]
        exchange = self._kept[case.name] = await self._send(case, address, client)
        return [self._judge(case, number, exchange) for number in range(len(case.expected))]

    def _find_objection(self, case: Case) -> str:
        """Why a case is not asked; empty where it is."""
        if case.local and not self.site.local:
            return "It is malformed; only hosts on this machine are asked."
        former = self._kept.get(case.after)
        if case.after and (former is None or former.error):
            return f"It is compared with `{case.after}`, which has no response."
        if case.call.revalidate and former and "ETag" not in former.last.headers:
            return "The response that it repeats has no ETag."
        if case.expected[0].judge is is_seen_elsewhere and urlsplit(self.site.thing).fragment:
            return "The address has a fragment, as those of things may."
        return ""

    @staticmethod
    def _find(case: Case, level: str, expected: str, got: str, verdict: str) -> Finding:
        return Finding(case.name, case.client, level, expected, got, verdict)

    def _judge(self, case: Case, number: int, exchange: Exchange) -> Finding:
        expected = case.expected[number]
        wrong = exchange.error or expected.judge(exchange, self._kept.get(case.after, exchange))
        verdict = (BROKEN if expected.level == MUST else ADVICE) if wrong else OK
        return self._find(case, expected.level, expected.words, wrong or exchange.summary, verdict)

    def _locate(self, call: Call) -> str:
        """The address that a request goes to; empty where there is none."""
        site = self.site
        if call.target == ENDPOINT:
            return site.endpoint or self._find_endpoint()
        thing = urldefrag(site.thing).url
        if call.target == SITEMAP:
            return self._same_site(self._find_sitemap() or urljoin(thing, "/sitemap.xml"))
        if call.target == ALTERNATE:
            return self._same_site(self._find_alternate())
        return {
            THING: thing,
            MISSING: f"{thing.rstrip('/')}-there-is-no-such-thing",
            ROBOTS: urljoin(thing, "/robots.txt"),
            VOID: urljoin(thing, "/.well-known/void"),
        }[call.target]

    def _find_alternate(self) -> str:
        """The JSON-LD to which the page of the thing links."""
        page = self._kept.get("browser")
        target = find_json_ld(page.last) if page and page.hops else None
        return urljoin(page.last.url, target) if page and target is not None else ""

    def _same_site(self, address: str) -> str:
        """The address if it is on the host that answers for the thing; else an empty text."""
        first = self._kept.get("anything")
        known = {urlsplit(url).netloc for url in (self.site.thing, first.last.url if first and first.hops else "")}
        return address if urlsplit(address).netloc in known else ""

    def _find_sitemap(self) -> str:
        """The first sitemap that robots.txt names."""
        text = self._kept.get("robots", Exchange()).body.decode("utf-8", "replace")
        lines = (line.partition(":") for line in text.splitlines())
        return next((value.strip() for name, _, value in lines if name.strip().lower() == "sitemap"), "")

    def _find_endpoint(self) -> str:
        """The SPARQL endpoint that the description of the data set names, if it is on the same host."""
        found = self._kept.get("void", Exchange())
        form = ox.RdfFormat.from_media_type(found.last.media_type) if found.hops else None
        try:
            for quad in ox.parse(found.body, form, base_iri=found.last.url) if form else ():
                if quad.predicate.value == f"{VOID_TERMS}sparqlEndpoint" and isinstance(quad.object, ox.NamedNode):
                    return self._same_site(quad.object.value)
        except (SyntaxError, ValueError):
            pass
        return ""

    async def _send(self, case: Case, address: str, client: httpx.AsyncClient) -> Exchange:
        """Send a request, and follow redirects of GET and HEAD."""
        call, hops = case.call, list[Hop]()
        headers = [("User-Agent", _name(self.site)), ("Accept-Encoding", "identity"), *call.headers]
        if call.revalidate:
            headers.append(("If-None-Match", self._kept[case.after].last.headers["ETag"]))
        if call.parameters:
            address += f"{'&' if urlsplit(address).query else '?'}{urlencode(call.parameters)}"
        content = urlencode(call.form) if call.form else call.body
        try:
            while True:
                request = httpx.Request(call.method, address, headers=headers, content=content.encode() or None)
                hop, body = await self._fetch(request, client)
                hops.append(hop)
                if hop.status not in REDIRECTS or not hop.location or call.method not in ("GET", "HEAD"):
                    return Exchange(tuple(hops), body[:BODY], len(body) > BODY)
                address = urljoin(address, hop.location)
                if reason := self._refuse_redirect(address, len(hops)):
                    return Exchange(tuple(hops), error=reason)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, EOFError, ValueError) as error:
            reason = _describe(error)
            if not self._kept:
                raise CannotRunError(f"{address}: {reason}") from error
            return Exchange(tuple(hops), error=reason)

    def _refuse_redirect(self, address: str, count: int) -> str:
        """Why a redirect is not followed; empty where it is."""
        parts = urlsplit(address)
        if count > HOPS:
            return f"It redirects more than {HOPS} times."
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return "It redirects to no address on the web."
        return "It redirects to this machine." if is_local(address) and not self.site.local else ""

    async def _fetch(self, request: httpx.Request, client: httpx.AsyncClient) -> tuple[Hop, bytes]:
        """The head of a response, and its body, up to one byte more than `BODY`. The body is not decompressed."""
        if self._sent and not is_local(str(request.url)):
            await asyncio.sleep(self.pause)
        self._sent += 1
        body = b""
        async with asyncio.timeout(self.site.seconds):
            if request.method == "HEAD" or "If-None-Match" in request.headers:
                status, fields, body = await bodiless.fetch(request)
                return Hop(str(request.url), status, fields), body
            response = await client.send(request, stream=True)
            try:
                async for piece in response.aiter_raw():
                    body += piece
                    if len(body) > BODY:
                        break
            finally:
                await response.aclose()
        return Hop(str(request.url), response.status_code, response.headers), body[: BODY + 1]


def is_local(address: str) -> bool:
    """Return whether an address is on this machine: `localhost`, or a loopback IP address."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _name(site: Site) -> str:
    return f"publisher-probe/{__version__}" + (f" (+{site.contact})" if site.contact else "")


def _describe(error: Exception) -> str:
    """An error of the connection in words."""
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "It does not answer in time."
    if isinstance(error, httpx.ConnectError):
        return f"No connection can be made: {error}."
    return f"It does not answer in HTTP: {str(error) or type(error).__name__}."
