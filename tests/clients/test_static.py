"""A static build behind real web servers: what nginx and Apache send is what the server sends."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from support.asgi_client import close, open_app
from support.links import Links
from support.optional_packages import missing
from support.ports import free_port
from support.sample_root import SAMPLE
from support.static_copies import Copy, differences, expect, open_client, read, send
from support.static_servers import serve_with_nginx

from publisher.build.folder import find_damage
from publisher.build.static_site import build
from publisher.probe.cases import BROWSER, CASES, COMUNICA, JENA, OWL_API, RDF4J, RDFLIB
from publisher.probe.exchange import ENDPOINT
from publisher.probe.prober import BROKEN, Finding, Prober, Site
from publisher.release.store import open_store
from publisher.settings import Settings

ACCEPTS = [
    None,
    "*/*",
    "text/turtle",
    "application/ld+json",
    "application/n-triples",
    "application/rdf+xml",
    "text/html",
    BROWSER,
    RDFLIB,
    JENA,
    ", ".join(RDF4J),
    OWL_API,
    COMUNICA,
    "text/html;q=0.3, application/n-triples;q=0.9",
    "text/turtle;q=0, */*;q=0.5",
    'text/*;q=0.4, application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"',
    "image/png",
    "text/turtle;q=nonsense, text/html",
]
ADDRESSES = [
    "/",
    "/dataset",
    "/dataset.jsonld",
    "/doc/coalition",
    "/doc/coalition.csv",
    "/doc/coalition/clear-water",
    "/doc/coalition/clear-water.ttl",
    "/doc/coalition/clear-water.html",
    "/doc/coalition/clear-water.linkset",
    "/ontology",
    "/shapes.nt",
    "/graph",
    "/about",
    "/problem/withdrawn",
    "/rule/tidy",
    "/changes",
    "/changes.json",
    "/context.jsonld",
    "/robots.txt",
    "/dataset/",
    "/favicon.ico",
    "/static/style.css",
    "/id/coalition/clear-water",
    "/id/coalition/fair-wages",
    "/doc/coalition/fair-wages.ttl",
    "/.well-known/void",
    "/rule",
    "/docs/",
]


@pytest.fixture(scope="module")
def copy(store_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """The copy of a root that has data only, as a fork has: vocabulary and shapes are those of the software."""
    port, place = free_port(), tmp_path_factory.mktemp("static") / "site"
    settings = Settings(root=str(SAMPLE), store_dir=str(store_dir), public_url=f"http://127.0.0.1:{port}/")
    store = open_store(settings)
    build(settings, store, place, "", lambda *_: None)
    yield Copy(place, port, open_app(settings.having(static_copy=1), store).test_client())
    close(store)


@pytest.fixture(scope="module")
def plain(copy: Copy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serve_with_nginx(copy.place, tmp_path_factory.mktemp("plain"), free_port(), njs=False) as url:
        yield from open_client(url)


@pytest.mark.parametrize("path", ADDRESSES)
def test_njs_sends_what_the_server_sends(copy: Copy, njs: httpx.Client, path: str) -> None:
    wrong = {accept: differences(copy, njs, path, accept) for accept in ACCEPTS}
    assert {accept: found for accept, found in wrong.items() if found} == {}


@pytest.mark.parametrize("coding", ["gzip", "zstd", "gzip;q=0.5, zstd;q=0.2", "br", "*", "gzip;q=0"])
@pytest.mark.parametrize("path", ["/doc/coalition/clear-water", "/dataset.ttl", "/robots.txt", "/static/style.css"])
def test_njs_sends_the_coding_that_the_server_sends(copy: Copy, njs: httpx.Client, path: str, coding: str) -> None:
    assert differences(copy, njs, path, "text/turtle", Accept_Encoding=coding) == []


@pytest.mark.parametrize("wanted", ["html", "turtle", "json-ld", "nt", "application/rdf%2Bxml", "nonsense"])
@pytest.mark.parametrize("accept", [None, "*/*", "text/turtle"])
def test_njs_reads_the_parameter_format(copy: Copy, njs: httpx.Client, accept: str | None, wanted: str) -> None:
    assert differences(copy, njs, f"/doc/coalition/clear-water?format={wanted}", accept) == []


def test_njs_sends_pages_to_previews(copy: Copy, njs: httpx.Client) -> None:
    for accept in (None, "*/*", "text/turtle"):
        assert differences(copy, njs, "/doc/coalition/clear-water", accept, User_Agent="Slackbot 1.0") == []


def test_njs_keeps_the_query_string_of_redirects(copy: Copy, njs: httpx.Client) -> None:
    for path in ("/id/coalition/clear-water?format=html", "/id/coalition/fair-wages?a=b"):
        assert differences(copy, njs, path, None) == []


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_njs_revalidates(njs: httpx.Client, coding: str) -> None:
    path, headers = "/doc/coalition/clear-water", {"Accept": "text/turtle", "Accept-Encoding": coding}
    first, _ = read(njs, path, headers)
    tag = first.headers["ETag"]
    for matched in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again, body = read(njs, path, headers | {"If-None-Match": matched})
        assert (again.status_code, body, again.headers["ETag"]) == (304, b"", tag)
        assert "Content-Type" not in again.headers
        assert again.headers["Content-Location"] == "clear-water.ttl"
    for other in ('"other"', tag[:-3] + '"', tag.replace('"', "") + "0"):
        assert read(njs, path, headers | {"If-None-Match": other})[0].status_code == 200
    page = read(njs, path, {"Accept": "text/html", "If-None-Match": tag, "Accept-Encoding": coding})[0]
    assert page.status_code == 200


def test_njs_answers_head_as_get(njs: httpx.Client) -> None:
    headers = {"Accept": "text/html;q=0.1, application/ld+json"}
    whole, body = read(njs, "/doc/coalition/clear-water", headers)
    head, nothing = read(njs, "/doc/coalition/clear-water", headers, "HEAD")
    assert nothing == b""
    assert len(body) == int(head.headers["Content-Length"])
    ignored = ("date", "connection")
    assert [pair for pair in whole.headers.items() if pair[0] not in ignored] == [
        pair for pair in head.headers.items() if pair[0] not in ignored
    ]


@pytest.mark.parametrize("path", ["/id/coalition/old-alliance", "/doc/coalition/old-alliance"])
@pytest.mark.parametrize("suffix", ["", ".ttl", ".html", ".linkset"])
def test_njs_sends_tombstones(copy: Copy, njs: httpx.Client, path: str, suffix: str) -> None:
    path = withdrawn(copy) if path.startswith("/id/") else withdrawn(copy).replace("/id/", "/doc/") + suffix
    for accept in ACCEPTS:
        if not suffix or accept in (None, "text/turtle", BROWSER):
            assert expect(copy, path, accept).status_code == 410
            assert differences(copy, njs, path, accept) == []


def withdrawn(copy: Copy) -> str:
    """The path of a withdrawn thing of the sample."""
    store = copy.client.app.resources.store
    base = store.index.names.base
    [iri, *_] = [iri for (iri,) in store.index.select("SELECT iri FROM retired WHERE successor = '' ORDER BY iri")]
    return f"/{iri.removeprefix(base)}"


@pytest.mark.parametrize(
    "path", ["/nothing", "/doc/coalition/nothing", "/a/b/c/d/e", "/nothing.html", "/.build/manifest.sha256"]
)
def test_njs_reports_what_is_missing_as_the_client_reads_it(copy: Copy, njs: httpx.Client, path: str) -> None:
    for accept in ACCEPTS:
        found, wanted = send(njs, path, accept), expect(copy, path, accept)
        assert (found.status_code, found.headers["Content-Type"]) == (404, wanted.headers["Content-Type"]), accept
    page = send(njs, path, "text/html")
    assert f'href="{"../" * (path.count("/") - 1)}static/style.css' in page.text


def test_njs_finds_addresses_in_lower_case_only(njs: httpx.Client) -> None:
    for path in ("/ID/coalition/clear-water", "/doc/Coalition/clear-water", "/doc/coalition/clear-water.TTL"):
        assert send(njs, path, "text/turtle").status_code == 404


def test_njs_rejects_other_methods(copy: Copy, njs: httpx.Client) -> None:
    refused = njs.post("/dataset", content=b"x")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert refused.json()["status"] == 405
    assert "static copy" in njs.post("/sparql", content=b"x").json()["detail"]
    asked = njs.options("/dataset")
    assert (asked.status_code, asked.headers["Access-Control-Allow-Methods"]) == (200, "GET, HEAD, OPTIONS")


def test_njs_says_what_it_cannot_answer(njs: httpx.Client) -> None:
    for path in ("/sparql?query=ASK%7B%7D", "/ask", "/lookup?uri=x", "/doc/coalition?q=water", "/ontology?q=x"):
        found = send(njs, path, "application/json")
        assert found.status_code == 404
        assert "static copy" in found.json()["detail"]
        assert "static copy" in send(njs, path, "text/html").text
    assert send(njs, "/doc/coalition?unknown=1", "text/html").status_code == 200


def test_njs_sends_parts_of_downloads(copy: Copy, njs: httpx.Client) -> None:
    name = sorted(path.name for path in (copy.place / "download").iterdir())[0]
    whole = send(njs, f"/download/{name}", None)
    part = send(njs, f"/download/{name}", None, Range="bytes=2-5")
    assert (part.status_code, part.content) == (206, whole.content[2:6])
    assert differences(copy, njs, f"/download/{name}", None) == []


def test_cards_are_copied(copy: Copy, njs: httpx.Client) -> None:
    path = "/card/coalition/clear-water.png"
    if expect(copy, path, None).status_code == 404:
        missing("the font of cards, which an installation fetches, is not there")
    assert differences(copy, njs, path, "image/*") == []
    assert differences(copy, njs, "/card/coalition/fair-wages.png", None) == []


def test_versioned_assets_are_immutable(copy: Copy, njs: httpx.Client) -> None:
    page = send(njs, "/", "text/html").text
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    for path in (f"/{address}", f"/{address}x"):
        assert differences(copy, njs, path, "text/css", Accept_Encoding="gzip") == []


def probe(url: str) -> list[Finding]:
    """The findings of the probe; no query is asked, which a static copy does not answer."""

    async def ask() -> list[Finding]:
        cases = [case for case in CASES if case.call.target != ENDPOINT]
        prober = Prober(Site(thing=f"{url}/id/coalition/clear-water"))
        return [finding async for found in prober.probe(cases) for finding in found]

    return asyncio.run(ask())


def test_njs_satisfies_the_probe(copy: Copy, njs: httpx.Client) -> None:
    found = probe(f"http://127.0.0.1:{copy.port}")
    assert {finding.verdict for finding in found} == {"ok"}, [each for each in found if each.verdict != "ok"]


SIMPLE = [
    None,
    "*/*",
    "text/turtle",
    "application/ld+json",
    "application/n-triples",
    "application/rdf+xml",
    "text/html",
    BROWSER,
]


@pytest.mark.parametrize("path", [path for path in ADDRESSES if path != "/static/style.css"])
def test_plain_nginx_passes_single_types_and_browsers(copy: Copy, plain: httpx.Client, path: str) -> None:
    wrong = {accept: differences(copy, plain, path, accept) for accept in SIMPLE}
    assert {accept: found for accept, found in wrong.items() if found} == {}


def test_plain_nginx_satisfies_what_the_probe_requires(copy: Copy, plain: httpx.Client) -> None:
    found = probe(str(plain.base_url).rstrip("/"))
    assert [
        finding for finding in found if finding.verdict == BROKEN and finding.case not in ("refusal", "two-lines")
    ] == []


def test_plain_nginx_takes_the_first_type_of_unusual_headers(plain: httpx.Client) -> None:
    found = send(plain, "/doc/coalition/clear-water", "application/x-unknown, application/n-triples;q=0.2, */*;q=0.3")
    assert found.headers["Content-Type"] == "application/n-triples"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "text/turtle"),
        ("*/*", "text/turtle"),
        ("text/turtle", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("application/n-triples", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("text/html", "text/html"),
        (BROWSER, "text/html"),
    ],
)
def test_apache_passes_single_types_and_browsers(
    copy: Copy, apache: httpx.Client, accept: str | None, media_type: str
) -> None:
    found, wanted = (
        send(apache, "/doc/coalition/clear-water", accept),
        expect(copy, "/doc/coalition/clear-water", accept),
    )
    assert (found.status_code, found.content) == (200, wanted.data)
    assert found.headers["Content-Type"].partition(";")[0] == media_type
    assert "Accept" in found.headers["Vary"]
    thing = send(apache, "/id/coalition/clear-water", accept)
    assert (thing.status_code, thing.headers["Location"]) == (
        303,
        f"{apache.base_url}/doc/coalition/clear-water".replace("//doc", "/doc"),
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/doc/coalition", 200),
        ("/doc/coalition/clear-water.jsonld", 200),
        ("/doc/coalition.csv", 200),
        ("/robots.txt", 200),
        ("/.well-known/void", 303),
        ("/id/coalition/fair-wages", 308),
        ("/nothing", 404),
        ("/.build/manifest.sha256", 404),
    ],
)
def test_apache_answers_addresses(apache: httpx.Client, path: str, status: int) -> None:
    assert send(apache, path, "text/html").status_code == status


def test_apache_reports_what_is_withdrawn(copy: Copy, apache: httpx.Client) -> None:
    assert send(apache, withdrawn(copy), "text/html").status_code == 410


@pytest.mark.parametrize("path", ["/", "/dataset", "/doc/coalition", "/doc/coalition/clear-water", "/search", "/docs"])
def test_no_link_of_a_page_is_dead(njs: httpx.Client, path: str) -> None:
    """Those to services lead to a page that says what a static copy is."""
    root = str(njs.base_url).rstrip("/")
    links = {
        urljoin(root + path, link).partition("#")[0]
        for link in Links(send(njs, path, "text/html").text, ("href", "src")).found
    }
    own = sorted(link.removeprefix(root) for link in links if link.startswith(f"{root}/"))
    assert len(own) > 10
    for link in own:
        found = send(njs, link, "text/html")
        assert found.status_code in (200, 303) or "static copy" in found.text, link


@pytest.mark.parametrize("name", ["ask", "sparql", "lookup", "correct", "reconcile"])
def test_hosts_without_rules_have_a_page_for_each_service(copy: Copy, name: str) -> None:
    assert "static copy" in (copy.place / f"{name}.html").read_text()


def test_build_is_undamaged(copy: Copy) -> None:
    assert list(find_damage(copy.place)) == []
