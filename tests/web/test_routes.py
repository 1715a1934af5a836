"""Addresses: redirects, negotiation, caching, links, errors, and what tries to get out of them."""

import http.client
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

import pytest
import rdflib
from support.asgi_client import Client, OpenApp, open_app
from support.each import each
from support.retired import RETIRED
from support.sample_root import CHECKOUT
from support.tiers import EVERYTHING, some
from werkzeug.test import TestResponse

from publisher.dataset.iris import KINDS
from publisher.dataset.repository import Repository
from publisher.errors import published
from publisher.rdf.namespaces import OWL, SD, XHV
from publisher.release.resources import Resources
from publisher.release.store import Store
from publisher.release.store import limits as store_limits
from publisher.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated, use Dataset:DeprecationWarning")  # rdflib's own use

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FORMS = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "html": "text/html",
}
DOCUMENTS = [
    "doc/coalition/clear-water",
    "doc/agenda/fair-work-agenda",
    "doc/coalition",
    "ontology",
    *(["shapes"] if EVERYTHING else []),  # large, and made as the ontology is
    "dataset",
    "graph/agendas",
]
PAGES = [
    *DOCUMENTS,
    "",
    "sparql",
    "context.jsonld",
    "sitemap.xml",
    "robots.txt",
    "correct?about=id/coalition/clear-water",
    "rule/unsourced",
]
COALITION = "https://w3id.org/ma-coalitions/id/coalition/"


@pytest.fixture(scope="module")
def resources(app: OpenApp) -> Resources:
    return app.resources


@pytest.fixture(scope="module")
def retired(fork: Callable[..., Path], opened: Callable[..., OpenApp]) -> OpenApp:
    return opened(fork({"data/retired.ttl": RETIRED}))


def links(response: TestResponse) -> list[tuple[str, dict[str, str]]]:
    """The Link header read as RFC 8288 has it: (target, parameters)."""
    found = re.findall(r"<([^>]*)>((?:\s*;\s*[\w-]+=\"[^\"]*\")*)", response.headers.get("Link", ""))
    return [(target, dict(re.findall(r'([\w-]+)="([^"]*)"', rest))) for target, rest in found]


def graph_of(response: TestResponse) -> rdflib.Graph:
    return rdflib.Graph().parse(data=response.text, format=response.mimetype)


# Things


def test_thing_redirects_303_to_document(client: Client, resources: Resources) -> None:
    base = resources.names.base
    wrong = []
    for thing in resources.things():
        path = thing.removeprefix(base)
        response = client.get(f"/{path}")
        location = response.headers.get("Location", "")
        target = urljoin(f"http://host/some/prefix/{path}", location)
        expected = "http://host/some/prefix/doc/" + path.removeprefix("id/")
        if (response.status_code, target, urlsplit(location).netloc) != (303, expected, "") or location[:1] == "/":
            wrong.append((thing, response.status_code, location))
    assert wrong == []


def test_every_thing_has_a_document(client: Client, resources: Resources) -> None:
    base = resources.names.base
    paths = [iri.removeprefix(base).replace("id/", "/doc/", 1) for iri in resources.things()]
    assert [path for path in paths if client.head(path).status_code != 200] == []


def test_part_redirects_303_to_fragment_of_document(client: Client, resources: Resources) -> None:
    path = "id/coalition/fair-wages-coalition/account/facebook"
    response = client.get(f"/{path}")
    assert response.status_code == 303
    target = urljoin(f"http://host/prefix/{path}", response.headers["Location"])
    assert target == "http://host/prefix/doc/coalition/fair-wages-coalition#account-facebook"
    assert 'id="account-facebook"' in client.get("/doc/coalition/fair-wages-coalition.html").text


@pytest.mark.slow
def test_every_part_has_a_fragment(client: Client, repository: Repository, resources: Resources) -> None:
    names = resources.names
    subjects = {iri for file in repository.files for iri in file.subjects}
    parts = some(sorted(iri for iri in subjects if (names.thing(iri) or iri) != iri), 30)
    assert parts
    for part in parts:
        response = client.get("/" + part.removeprefix(names.base))
        target = urljoin("/" + part.removeprefix(names.base), response.headers["Location"])
        page, _, fragment = target.partition("#")
        assert (response.status_code, f'id="{fragment}"' in client.get(f"{page}.html").text) == (303, True)


@each("accept", ["text/turtle", "text/html", "image/png", ""])
def test_thing_redirect_ignores_accept(client: Client, accept: str) -> None:
    assert client.get("/id/coalition/clear-water", headers={"Accept": accept}).status_code == 303


@each(
    "path",
    [
        "id/coalition/no-such",
        "id/coalition/clear-water/account/no-such",
        "id/coalition",
        "id/unknown-kind/x",
        "id/coalition/Clear Water",
        "doc/coalition/no-such",
        "doc/coalition/clear-water.docx",
        "doc/no-such-kind",
        "doc/coalition/clear-water/incoming/2",
        "doc/coalition/clear-water/incoming/0",
        "doc/coalition/clear-water/incoming/-1",
        "doc/coalition/clear-water/incoming/1.5",
        "doc/coalition/clear-water/incoming/x",
        "graph/no-such",
        "graph/a%20b",
        "ontology/0.0.0",
        "ontology.docx",
        "correct?about=id/coalition/no-such",
        "correct?about=https://example.org/",
        "sparql.docx",
        "nothing",
    ],
)
def test_unknown_address_returns_404(client: Client, path: str) -> None:
    response = client.get(f"/{path}", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    assert response.json["status"] == 404
    assert response.json["type"] == "https://w3id.org/ma-coalitions/problem/not-found"
    assert response.json["title"]
    assert response.json["detail"]
    page = client.get(f"/{path}", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "<h1>" in page.text


@each("name", published())
def test_problem_type_resolves_to_explanation(client: Client, name: str) -> None:
    kind = published()[name]
    response = client.get(f"/problem/{name}")
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert f"<h1>{kind.title}</h1>" in response.text
    assert f"<dd>{kind.status}</dd>" in response.text
    assert kind.advice.partition("`")[0].partition("'")[0] in response.text
    assert f"<code>https://w3id.org/ma-coalitions/problem/{name}</code>" in response.text
    assert all(f"<code>{field}</code>" in response.text for field in kind.fields)
    assert f'<a href="problem/{name}">{name}</a></td><td>{kind.status}</td>' in client.get("/problem").text


def test_limit_problem_page_states_value(client: Client, settings: Settings) -> None:
    limits = {limit.name for limit in store_limits(settings).published}
    assert {kind.limit for kind in published().values()} - {""} == limits
    page = client.get("/problem/result-limit").text
    assert f"<dd>{settings.query_result_mb << 20:,} bytes (<code>result</code>)</dd>" in page


def test_internal_problem_has_no_page(client: Client) -> None:
    for name in ("cannot-run", "findings", "limit-exceeded", "nothing", "Malformed"):
        assert client.get(f"/problem/{name}").status_code == 404


def test_error_page_links_explanation(client: Client) -> None:
    page = client.get("/doc/coalition/no-such", headers=BROWSER).text
    assert '<a href="../../problem/not-found">' in page


# Forms


@pytest.mark.parametrize("path", DOCUMENTS)
def test_fixed_address_ignores_accept(client: Client, path: str) -> None:
    for suffix, media_type in FORMS.items():
        fixed = client.get(f"/{path}.{suffix}", headers={"Accept": "image/png"})
        negotiated = client.get(f"/{path}", headers={"Accept": media_type})
        assert (fixed.status_code, fixed.mimetype) == (200, media_type)
        assert (negotiated.status_code, negotiated.mimetype) == (200, media_type)
        assert urljoin(f"/{path}", negotiated.headers["Content-Location"]) == f"/{path}.{suffix}"
        assert fixed.data == negotiated.data


@each("path", DOCUMENTS)
def test_negotiated_response_has_vary(client: Client, path: str) -> None:
    assert "accept" in client.get(f"/{path}").headers["Vary"].lower()


@pytest.mark.parametrize("asked", ["{}", "{}.ttl"])
@pytest.mark.parametrize("path", DOCUMENTS)
def test_document_links_alternate_formats(client: Client, path: str, asked: str) -> None:
    response = client.get("/" + asked.format(path))
    found = {
        rest["type"]: urljoin(f"/{path}", target) for target, rest in links(response) if rest["rel"] == "alternate"
    }
    expected = {media_type: f"/{path}.{suffix}" for suffix, media_type in FORMS.items()}
    del expected[response.mimetype]
    assert found == expected


@each("path", ["", "ontology", "doc/coalition", "doc/coalition/clear-water", "doc/coalition/clear-water.html"])
def test_rdflib_parses_page_with_jsonld(client: Client, path: str) -> None:
    """It splits the header at commas, compares parameters as literal strings, and asks again without Accept."""
    response = client.get(f"/{path}", headers=BROWSER)
    fields = [field.strip() for field in response.headers["Link"].split(",")]
    assert all(re.fullmatch(r"<[^<>,\s]+>(; [\w-]+=\"[^\",]+\")+", field) for field in fields)
    split = [[part.strip() for part in field.split(";")] for field in fields]
    targets = [
        parts[0].strip("<>") for parts in split if 'rel="alternate"' in parts and 'type="application/ld+json"' in parts
    ]
    assert len(targets) == 1
    assert client.get(urljoin(f"/{path}", targets[0])).mimetype == "application/ld+json"


def test_document_has_signposting_links(client: Client) -> None:
    path = "/doc/coalition/clear-water"
    for response in (client.get(path), client.head(path), client.get(f"{path}.html")):
        found = {(rest["rel"], urljoin(f"http://host{path}", target)) for target, rest in links(response)}
        assert ("cite-as", f"{COALITION}clear-water") in found
        assert ("license", "http://creativecommons.org/publicdomain/zero/1.0/") in found
        assert ("type", "https://w3id.org/ma-coalitions/ontology#Coalition") in found
        assert ("collection", "http://host/dataset") in found
    page = client.get(f"{path}.html")
    assert ("clear-water.ttl", {"rel": "describedby", "type": "text/turtle"}) in links(page)


# Caching


@each("path", [path for path in DOCUMENTS if path != "shapes"])
def test_document_etag_is_strong_and_differs_by_format(client: Client, path: str) -> None:
    accepted = [*FORMS.values()]
    first = [client.get(f"/{path}", headers={"Accept": accept}).headers["ETag"] for accept in accepted]
    again = [client.get(f"/{path}", headers={"Accept": accept}).headers["ETag"] for accept in accepted]
    assert first == again
    assert all(re.fullmatch(r'"[0-9a-zA-Z._-]+"', tag) for tag in first)
    assert len(set(first)) == len(first)


@each(
    ("path", "method", "condition"),
    [
        *((path, "GET", "{}") for path in PAGES),
        (DOCUMENTS[0], "GET", '"other", {}'),
        (DOCUMENTS[0], "GET", "W/{}"),
        (DOCUMENTS[0], "GET", '"other", W/{}, "more"'),
        (DOCUMENTS[0], "GET", "*"),
        (DOCUMENTS[0], "HEAD", "{}"),
    ],
)
def test_etag_match_returns_304(client: Client, path: str, method: str, condition: str) -> None:
    tag = client.get(f"/{path}").headers["ETag"]
    response = client.open(f"/{path}", method=method, headers={"If-None-Match": condition.format(tag)})
    assert (response.status_code, response.data) == (304, b"")
    assert response.headers["ETag"] == tag
    assert "accept" in response.headers["Vary"].lower()
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@each("path", [PAGES[0], "download/ma-coalitions.nq", "static/style.css"])
@each(("condition", "status"), [("*", 200), ("{}", 200), ('"other", {}', 200), ('"other"', 412), ("W/{}", 412)])
def test_if_match_requires_the_present_state(client: Client, path: str, condition: str, status: int) -> None:
    tag = client.get(f"/{path}").headers["ETag"]
    response = client.get(f"/{path}", headers={"If-Match": condition.format(tag)})
    assert (response.status_code, response.data != b"") == (status, status == 200)
    assert (response.headers["ETag"], response.headers["Access-Control-Allow-Origin"]) == (tag, "*")


def test_if_match_guards_the_rest_of_a_download(client: Client) -> None:
    path = "/download/ma-coalitions.nq"
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-Match": tag, "Range": "bytes=5-9"}).status_code == 206
    changed = client.get(path, headers={"If-Match": '"former"', "Range": "bytes=5-9"})
    assert (changed.status_code, changed.data, "Content-Range" in changed.headers) == (412, b"", False)


def test_etag_of_other_format_does_not_match(client: Client) -> None:
    tag = client.get("/doc/coalition/clear-water.ttl").headers["ETag"]
    for suffix in ("jsonld", "nt", "rdf", "html"):
        response = client.get(f"/doc/coalition/clear-water.{suffix}", headers={"If-None-Match": tag})
        assert response.status_code == 200


def test_documents_are_revalidated(client: Client) -> None:
    for path in (*PAGES, "id/coalition/clear-water", "sparql?query=ASK+%7B%7D"):
        assert client.get(f"/{path}").headers["Cache-Control"] == "no-cache"


@pytest.mark.slow
def test_etag_is_stable_across_releases_without_changes(
    client: Client, root: Path, fork: Callable[..., Path], opened: Callable[..., OpenApp]
) -> None:
    file = "data/coalitions/clear-water.ttl"
    text = (root / file).read_text(encoding="utf-8")
    name = 'skos:prefLabel "Clear Water"@en ;'
    changed = text.replace(name, f'skos:note "Changed."@en ;\n    {name}')
    assert changed != text
    other = opened(fork({file: changed})).test_client()
    assert other.app.resources.store.release != client.app.resources.store.release
    for suffix in FORMS:
        counting = [] if suffix == "html" else ["ontology"]  # Its page counts the statements of the release.
        for unchanged in ("doc/coalition/fair-wages-coalition", "doc/source/our-partners", *counting):
            path = f"/{unchanged}.{suffix}"
            assert client.get(path).headers["ETag"] == other.get(path).headers["ETag"]
        path = f"/doc/coalition/clear-water.{suffix}"
        assert client.get(path).headers["ETag"] != other.get(path).headers["ETag"]


# Methods and headers


def plain(response: TestResponse) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in response.headers if name != "Date")


@each(
    "path",
    [
        *PAGES,
        *(f"{DOCUMENTS[0]}.{suffix}" for suffix in FORMS),
        "id/coalition/clear-water",
        "id/coalition/no-such",
        "static/style.css",
        "static/none.css",
        "sparql?query=SELECT+*+%7B+%3Fs+a+%3Fc+%7D",
        "sparql?query=nonsense",
        "nothing",
    ],
)
def test_head_has_headers_of_get(client: Client, path: str) -> None:
    for headers in ({}, BROWSER):
        get, head = client.get(f"/{path}", headers=headers), client.head(f"/{path}", headers=headers)
        assert (head.status_code, head.data) == (get.status_code, b"")
        assert plain(head) == plain(get)


def failing(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> Client:
    """An application in which describing a thing fails for a reason of its own."""

    def fail(*_arguments: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Resources, "describe", fail)
    return open_app(settings, store).test_client()


@each(
    ("method", "path", "status"),
    [
        ("GET", "doc/coalition/clear-water", 200),
        ("GET", "sparql?query=ASK+%7B%7D", 200),
        ("GET", "static/style.css", 200),
        ("GET", "id/coalition/clear-water", 303),
        ("GET", ".well-known/void", 303),
        ("GET", "sparql?query=nonsense", 400),
        ("GET", "sparql?update=CLEAR+ALL", 403),
        ("GET", "nothing", 404),
        ("GET", "static/nothing", 404),
        ("POST", "doc/coalition/clear-water", 405),
        ("PUT", "sparql", 405),
        ("DELETE", "nothing", 404),
        ("POST", "sparql", 400),
        ("OPTIONS", "sparql", 200),
        ("OPTIONS", "doc/coalition/clear-water", 200),
        ("OPTIONS", "id/coalition/clear-water", 200),
        ("HEAD", "doc/coalition/clear-water", 200),
    ],
)
def test_cors_headers_on_every_response(client: Client, method: str, path: str, status: int) -> None:
    response = client.open(f"/{path}", method=method, headers={"Origin": "https://other.example"})
    assert response.status_code == status
    assert_readable(response)


def assert_readable(response: TestResponse) -> None:
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    exposed = {name.strip() for name in response.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"Link", "ETag", "Location", "Content-Location", "Retry-After"} <= exposed
    assert "accept" in response.headers["Vary"].lower()
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_cors_headers_on_406(client: Client) -> None:
    response = client.get("/doc/coalition/clear-water", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert_readable(response)


def test_internal_error_returns_500_without_details(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = failing(settings, store, monkeypatch)
    for headers, mimetype in (({}, "application/problem+json"), (BROWSER, "text/html")):
        response = client.get("/doc/coalition/clear-water", headers=headers)
        assert (response.status_code, response.mimetype) == (500, mimetype)
        assert "secret detail" not in response.text
        assert_readable(response)
    assert "secret detail" in caplog.text


@pytest.mark.parametrize("path", ["sparql", "doc/coalition/clear-water", "context.jsonld"])
def test_preflight_is_answered(client: Client, path: str) -> None:
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "GET"}
    response = client.options(f"/{path}", headers=asked | {"Access-Control-Request-Headers": "content-type"})
    allowed = set(response.headers["Access-Control-Allow-Methods"].replace(" ", "").split(","))
    assert {"GET", "HEAD", "OPTIONS"} <= allowed
    assert ("POST" in allowed) == (path == "sparql")
    assert "content-type" in response.headers["Access-Control-Allow-Headers"].lower()


def test_options_for_whole_server_lists_methods(connection: http.client.HTTPConnection) -> None:
    for method, status in (("OPTIONS", 200), ("GET", 400)):
        connection.request(method, "*")
        response = connection.getresponse()
        body = response.read()
        assert (response.status, response.headers["Access-Control-Allow-Origin"]) == (status, "*")
        assert (response.headers["Allow"], body) == ("GET, HEAD, OPTIONS, POST", b"") or status == 400


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_error_shows_control_characters(client: Client, accept: str) -> None:
    response = client.get("/doc/coalition/a%00b%1B", headers={"Accept": accept})
    assert response.status_code == 404
    assert "coalition/a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}" in response.text
    assert response.text.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("path", "meant"), [("graph/coalition", "graph/coalitions"), ("graph/Bills.ttl", "graph/bills"), ("graph/x", "")]
)
def test_unknown_graph_returns_404_with_suggestion(client: Client, path: str, meant: str) -> None:
    response = client.get(f"/{path}")
    expected = [client.app.resources.names.iri(meant)] if meant else []
    assert (response.status_code, response.json.get("suggestions", [])) == (404, expected)


@each(
    ("path", "allowed"),
    [("doc/coalition/clear-water", {"GET", "HEAD", "OPTIONS"}), ("sparql", {"GET", "HEAD", "OPTIONS", "POST"})],
)
@each("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW", "get", "Head"])
def test_unsupported_method_returns_405_with_allow(client: Client, path: str, method: str, allowed: set[str]) -> None:
    response = client.open(f"/{path}", method=method)
    assert (response.status_code, response.mimetype) == (405, "application/problem+json")
    assert set(response.headers["Allow"].replace(" ", "").split(",")) == allowed
    page = client.open(f"/{path}", method=method, headers=BROWSER)
    assert (page.status_code, page.mimetype) == (405, "text/html")


@each("path", [*PAGES, "nothing"])
def test_content_security_policy_allows_own_files_only(client: Client, path: str) -> None:
    response = client.get(f"/{path}", headers=BROWSER)
    if response.mimetype == "text/html":
        policy = dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["style-src"] == "'self'"
        scripted = path.startswith("sparql") or path == "doc/coalition"
        assert policy.get("script-src") == ("'self'" if scripted else None)
        assert policy["frame-ancestors"] == "'none'"
    else:
        assert path in ("context.jsonld", "sitemap.xml", "robots.txt")


# What tries to get out

LONG = "a" * 5_000
HOSTILE = [
    "/id/../data/dataset.ttl",
    "/id/../../pyproject.toml",
    "/id/coalition/../../../pyproject.toml",
    "/id/coalition/%2e%2e/%2e%2e/pyproject.toml",
    "/id/coalition/..%2f..%2fpyproject.toml",
    "/id/coalition/clear-water%00",
    "/id/coalition/clear-water%0a",
    "/id/coalition/%ff%fe",
    "/id/%c3%28",
    "/id/coalition/%F0%9F%98%80",
    f"/id/coalition/{LONG}",
    f"/id/coalition/clear-water/{LONG}",
    "/id/coalition/" + "a/" * 2_000 + "a",
    "/id//coalition/clear-water",
    "/id/coalition//clear-water",
    "/id/https://example.org/",
    "/id/coalition/<script>",
    "/id/coalition/a b",
    "/id/coalition/%25%32%65",
    "/id/coalition/clear-water%3Fx",
    "/id/coalition/%7B%7B7*7%7D%7D",
    "/doc/../pyproject.toml",
    "/doc/coalition/..",
    "/doc/coalition/%2e%2e%2f%2e%2e%2fpyproject.toml",
    "/doc/coalition/%00.ttl",
    "/doc/coalition/%ff.html",
    f"/doc/coalition/{LONG}.ttl",
    f"/doc/coalition/clear-water/incoming/{'1' * 5_000}",
    "/doc/coalition/clear-water/incoming/%D9%A2",
    "/doc/coalition/clear-water/incoming/%C2%B2",
    "/doc/%00",
    "/graph/..",
    "/graph/%2e%2e",
    "/graph/a%20b",
    "/graph/%3Cx%3E",
    "/graph/%00",
    "/graph/%ff",
    f"/graph/{LONG}",
    "/ontology/..",
    "/ontology/%00",
    "/correct?about=../../pyproject.toml",
    "/correct?about=%ff",
    "/correct?about=%00",
    f"/correct?about=id/coalition/{LONG}",
    "/correct?about=id/coalition/a%20b",
    "/static/../pyproject.toml",
    "/static/../server.py",
    "/static/%2e%2e/server.py",
    "/static/%2e%2e/%2e%2e/pyproject.toml",
    "/static/..%2fserver.py",
    "/static/..%5cserver.py",
    "/static//etc/passwd",
    "/static/%2fetc%2fpasswd",
    "/static/%00",
    "/static/",
    "//",
    "///",
    "//example.org/",
    "//id/coalition/clear-water",
    "/..",
    "/../../etc/passwd",
    "/%00",
    "/%ff",
    "/%",
    "/?%ff=%00",
    "/.git/config",
    "/data/dataset.ttl",
    "/pyproject.toml",
]


def is_harmless(status: int, body: bytes) -> bool:
    secrets = (b"[build-system]", b"create_app(", b"root:x:0", b"[core]", b"49</")
    expected = 300 <= status < 500 or (status == 200 and b"Arcadia Coalitions" in body)
    return expected and not any(secret in body for secret in secrets)


@pytest.mark.parametrize("accept", ["*/*", BROWSER["Accept"]], ids=["program", "browser"])
def test_path_traversal_returns_no_file(client: Client, accept: str) -> None:
    responses = {path: client.get(path, headers={"Accept": accept}) for path in HOSTILE}
    assert [path for path, found in responses.items() if not is_harmless(found.status_code, found.data)] == []


def test_server_path_traversal_returns_no_file(connection: http.client.HTTPConnection) -> None:
    harmful = []
    for path in [path for path in HOSTILE if path.isascii() and " " not in path]:
        connection.putrequest("GET", path, skip_accept_encoding=True)
        connection.endheaders()
        response = connection.getresponse()
        if not is_harmless(response.status, response.read()):
            harmful.append((path, response.status))
    assert harmful == []


@pytest.mark.parametrize(
    "path", ["//", "///", "//dataset", "//doc/coalition", "//id/coalition/clear-water", "//sparql"]
)
def test_leading_slashes_are_not_the_same_address(connection: http.client.HTTPConnection, path: str) -> None:
    connection.putrequest("GET", path)
    connection.endheaders()
    response = connection.getresponse()
    assert (response.status, response.headers["Location"]) == (404, None)
    assert json.loads(response.read())["status"] == 404


@pytest.mark.parametrize(("mount", "target"), [("", "./"), ("/prefix", "prefix/"), ("/a/b", "b/")])
def test_missing_path_redirects_to_home_page(client: Client, mount: str, target: str) -> None:
    response = client.get("/", environ_overrides={"SCRIPT_NAME": mount, "PATH_INFO": ""})
    assert (response.status_code, response.headers["Location"]) == (308, target)


def test_method_without_path_returns_405(client: Client) -> None:
    response = client.open("/", method="CONNECT", environ_overrides={"PATH_INFO": ""})
    assert response.status_code == 405


@each("query", ["?format=%ff", "?format=" + LONG, "?format=..%2f", "?%00", "?&&&=", "?a=%"])
def test_unknown_parameters_of_document_are_ignored(client: Client, query: str) -> None:
    expected = client.get("/doc/coalition/clear-water").data
    response = client.get(f"/doc/coalition/clear-water{query}")
    assert (response.status_code, response.data) == (200, expected)


# Retired things


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("id/coalition/older", "http://host/prefix/id/coalition/clear-water"),
        ("id/coalition/oldest", "http://host/prefix/id/coalition/clear-water"),
        ("id/coalition/became-an-issue", "http://host/prefix/id/issue/minimum-wage"),
        ("id/coalition/moved-away", "https://example.org/elsewhere"),
        ("id/coalition/heir-of-gone", "http://host/prefix/id/coalition/gone"),
        ("doc/coalition/older", "http://host/prefix/doc/coalition/clear-water"),
        ("doc/coalition/oldest", "http://host/prefix/doc/coalition/clear-water"),
        ("doc/coalition/became-an-issue", "http://host/prefix/doc/issue/minimum-wage"),
        ("doc/coalition/moved-away", "https://example.org/elsewhere"),
        ("doc/coalition/older.jsonld", "http://host/prefix/doc/coalition/clear-water.jsonld"),
        ("doc/coalition/oldest.html", "http://host/prefix/doc/coalition/clear-water.html"),
    ],
)
def test_merged_thing_redirects_308_to_successor(retired: OpenApp, path: str, target: str) -> None:
    response = retired.test_client().get(f"/{path}", base_url="http://host/prefix")
    assert (response.status_code, response.headers["Location"]) == (308, target)
    assert_readable(response)


@each("suffix", ["ttl", "jsonld", "nt", "rdf"])
@each("address", ["doc/coalition/gone.{}", "doc/coalition/gone", "id/coalition/gone"])
def test_withdrawn_thing_returns_410_tombstone(retired: OpenApp, address: str, suffix: str) -> None:
    accept = {} if "{}" in address else {"Accept": FORMS[suffix]}
    response = retired.test_client().get("/" + address.format(suffix), headers=accept)
    assert (response.status_code, response.mimetype) == (410, FORMS[suffix])
    gone = rdflib.URIRef(f"{COALITION}gone")
    statements = {(p, str(o)) for _, p, o in graph_of(response).triples((gone, None, None))}
    assert (rdflib.SKOS.changeNote, "It was listed twice.") in statements
    assert rdflib.PROV.invalidatedAtTime in {p for p, _ in statements}
    assert_readable(response)


@pytest.mark.parametrize("address", ["doc/coalition/gone", "doc/coalition/gone.html", "id/coalition/gone"])
def test_withdrawn_thing_returns_410_page(retired: OpenApp, address: str) -> None:
    response = retired.test_client().get(f"/{address}", headers=BROWSER)
    assert (response.status_code, response.mimetype) == (410, "text/html")
    assert f"{COALITION}gone" in response.text
    assert '<time datetime="2026-01-01">' in response.text
    assert "<dd>It was listed twice.</dd>" in response.text
    assert 'changes">What each release' in response.text


def test_problem_of_withdrawn_thing_has_date_and_reason(retired: OpenApp) -> None:
    problem = retired.test_client().get("/id/coalition/gone", headers={"Accept": "application/problem+json"}).json
    assert (problem["withdrawn"], problem["reason"]) == ("2026-01-01", "It was listed twice.")


@pytest.mark.parametrize("end", ["coalition/clear-water/size/gone", "coalition/gone/size/1", "coalition/gone"])
def test_address_and_document_of_withdrawn_part_agree(retired: OpenApp, end: str) -> None:
    client = retired.test_client()
    for address in (f"id/{end}", f"doc/{end}", f"doc/{end}.ttl"):
        assert client.get(f"/{address}", headers=BROWSER).status_code == 410


def test_document_of_merged_part_leads_to_its_successor(retired: OpenApp) -> None:
    response = retired.test_client().get("/doc/coalition/clear-water/account/old", base_url="http://host/prefix")
    target = "http://host/prefix/doc/coalition/clear-water#account-new"
    assert (response.status_code, response.headers["Location"]) == (308, target)


def test_withdrawn_thing_ignores_if_none_match(retired: OpenApp) -> None:
    client = retired.test_client()
    tag = client.get("/doc/coalition/gone.ttl").headers.get("ETag", '"none"')
    response = client.get("/doc/coalition/gone.ttl", headers={"If-None-Match": tag})
    assert response.status_code == 410
    assert b"listed twice" in response.data
    assert int(response.headers["Content-Length"]) == len(response.data)


def test_retired_things_are_not_listed(retired: OpenApp) -> None:
    client = retired.test_client()
    for text in (client.get("/sitemap.xml").text, client.get("/doc/coalition.html").text, client.get("/").text):
        assert "clear-water" in text
        assert not re.search(r"coalition/(older|oldest|gone|moved-away|became-an-issue|heir-of-gone)\b", text)


# Rules


def test_rule_page_is_html_only(client: Client) -> None:
    assert client.get("/rule/unsourced").mimetype == "text/html"
    assert client.get("/rule/unsourced", headers=BROWSER).mimetype == "text/html"
    response = client.get("/rule/unsourced", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.json and response.json["alternatives"]) == (406, ["text/html"])


def test_shape_page_links_shapes_graph(client: Client) -> None:
    assert links(client.get("/rule/Agenda-type")) == [("../shapes.ttl", {"rel": "describedby", "type": "text/turtle"})]
    assert links(client.get("/rule/unsourced")) == links(client.get("/rule/tidy")) == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("unsorced", "No rule is named 'unsorced'. Did you mean 'unsourced'?"),
        ("Agenda-typ", "No rule is named 'Agenda-typ'. Did you mean 'Agenda-type'?"),
        ("zzzz", "No rule is named 'zzzz'."),
    ],
)
def test_unknown_rule_returns_404_with_suggestion(client: Client, name: str, hint: str) -> None:
    response = client.get(f"/rule/{name}")
    assert (response.status_code, response.json and response.json["detail"]) == (404, hint)


# Other addresses


def test_well_known_void_redirects_to_dataset(client: Client) -> None:
    response = client.get("/.well-known/void")
    assert response.status_code == 303
    assert urljoin("http://host/prefix/.well-known/void", response.headers["Location"]) == "http://host/prefix/dataset"


def test_context_is_served_unchanged(client: Client, root: Path) -> None:
    response = client.get("/context.jsonld", headers={"Accept": "image/png"})
    assert (response.status_code, response.mimetype) == (200, "application/ld+json")
    assert json.loads(response.text) == json.loads((root / "ontology/context.jsonld").read_text(encoding="utf-8"))
    assert_readable(response)


def test_sitemap_lists_all_documents(client: Client, resources: Resources) -> None:
    response = client.get("/sitemap.xml", base_url="https://host.example")
    tree = ElementTree.fromstring(response.data)
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    assert tree.tag == f"{space}urlset"
    found = [loc.text for loc in tree.iter(f"{space}loc")]
    addresses = [resources.names.address(iri) for iri in resources.things()]
    lists = [f"doc/{kind}" for kind in resources.kinds()]
    guides = ["docs", *(f"docs/{path.stem}" for path in (CHECKOUT / "docs").glob("*.md"))]
    titles = re.findall(r'<li id="question-[^>]*><a href="(ask/[^"]+)"', client.get("/ask", headers=BROWSER).text)
    guides += ["ask", *titles]
    about = ["about", "dataset", "download", "ontology", "persistence", "release", "shapes"]
    expected = ["", *about, *guides, *lists, *addresses]
    assert sorted(map(str, found)) == sorted(f"https://host.example/{address}" for address in expected)
    assert response.mimetype == "application/xml"


def test_robots_txt_disallows_queries_only(client: Client) -> None:
    response = client.get("/robots.txt")
    assert response.mimetype == "text/plain"
    assert re.findall(r"^Disallow: (.*)$", response.text, re.MULTILINE) == [
        "/sparql",
        "/ask/build?",
        "/ask/embed",
        "/ask/picture.svg",
        "/correct",
        "/search",
        "/reconcile",
        "/release/*/",
    ]
    assert re.findall(r"^Sitemap: (.*)$", response.text, re.MULTILINE) == ["http://localhost/sitemap.xml"]


def test_correction_page_names_source_file(client: Client, root: Path, resources: Resources) -> None:
    for thing in resources.things()[::10]:
        text = client.get("/correct?about=" + thing.removeprefix(resources.names.base)).text
        found = re.findall(r"\bdata/[\w/.-]+\.ttl|\bontology/[\w/.-]+\.ttl", text)
        assert found
        assert all((root / path).is_file() for path in found)
        assert thing in text


def test_named_graphs_resolve_and_cover_the_data(client: Client, repository: Repository, resources: Resources) -> None:
    graphs = {file.graph for file in repository.files}
    assert resources.names.iri("graph/coalitions") in graphs
    found: list[str] = []
    for graph in sorted(graphs):
        path = graph.removeprefix(resources.names.base)
        found += client.get(f"/{path}.nt").text.splitlines()
    assert len(found) == sum(len(file.triples) for file in repository.files)
    assert len(set(found)) == len(found)


def test_ontology_version_iri_redirects(client: Client, resources: Resources) -> None:
    graph = rdflib.Graph().parse(data=client.get("/ontology.ttl").text, format="turtle")
    version = str(graph.value(rdflib.URIRef(resources.names.iri("ontology")), rdflib.URIRef(OWL + "versionIRI")))
    path = version.removeprefix(resources.names.base)
    assert path.startswith("ontology/")
    response = client.get(f"/{path}")
    assert response.status_code == 303
    assert urljoin(f"http://host/prefix/{path}", response.headers["Location"]) == "http://host/prefix/ontology"


@each("kind", KINDS)
def test_list_has_all_things_of_kind(client: Client, resources: Resources, kind: str) -> None:
    prefix = resources.names.iri(f"id/{kind}/")
    graph = graph_of(client.get(f"/doc/{kind}.ttl"))
    document = rdflib.URIRef(resources.names.iri(f"doc/{kind}"))
    found = {str(o) for o in graph.objects(document, rdflib.FOAF.topic)}
    assert found == {iri for iri in resources.things() if iri.startswith(prefix)}


# Pages of incoming statements


def test_incoming_statements_are_paged(opened: Callable[..., OpenApp], root: Path, resources: Resources) -> None:
    thing = rdflib.URIRef(resources.names.iri("id/source/our-partners"))
    whole = {(t.subject.value, t.predicate.value) for t in resources.describe(str(thing)).incoming}
    assert len(whole) > 15
    client = opened(root, incoming=5).test_client()
    for suffix in ("ttl", "jsonld", "nt", "rdf"):
        pages = list(walked(client, "/doc/source/our-partners", suffix))
        pointing = [
            [(str(s), str(p)) for s, p in page.subject_predicates(thing) if p != rdflib.FOAF.primaryTopic]
            for page in pages
        ]
        assert [len(found) for found in pointing[:-1]] == [5] * (len(pages) - 1), suffix
        assert sorted(pair for found in pointing for pair in found) == sorted(whole), suffix


def walked(client: Client, path: str, suffix: str) -> Iterator[rdflib.Graph]:
    """Each page's graph, following the Link header; the graph itself names the same next page."""
    seen = set()
    while path not in seen:
        seen.add(path)
        response = client.get(path, headers={"Accept": FORMS[suffix]})
        assert response.status_code == 200
        graph = graph_of(response)
        following = [urljoin(path, target) for target, rest in links(response) if rest.get("rel") == "next"]
        said = [
            urlsplit(str(o)).path.removeprefix("/ma-coalitions")
            for o in graph.objects(None, rdflib.URIRef(XHV + "next"))
        ]
        assert said == following
        yield graph
        if not following:
            return
        [path] = following


def test_html_pages_of_incoming_statements_are_linked(opened: Callable[..., OpenApp], root: Path) -> None:
    client = opened(root, incoming=5).test_client()
    path, turned = "/doc/source/our-partners", 0
    while found := re.search(r'<a href="([^"]+)" rel="next">', client.get(path, headers=BROWSER).text):
        path = urljoin(path, found[1])
        turned += 1
        assert turned < 100
    assert turned > 2


# The address of the endpoint


def endpoint(client: Client, **request: object) -> str:
    response = client.get("/sparql", headers={"Accept": "text/turtle"} | dict(request.pop("headers", {})), **request)
    [found] = graph_of(response).objects(None, rdflib.URIRef(SD + "endpoint"))
    return str(found)


def test_endpoint_address_follows_host_header(client: Client) -> None:
    assert endpoint(client, base_url="https://data.example:8443") == "https://data.example:8443/sparql"


def test_endpoint_address_follows_public_url(settings: Settings, store: Store) -> None:
    for public in ("https://public.example/data", "https://public.example/data/"):
        client = open_app(settings.having(public_url=public), store).test_client()
        assert endpoint(client) == "https://public.example/data/sparql"
        assert "<loc>https://public.example/data/doc/" in client.get("/sitemap.xml").text


def test_endpoint_address_ignores_forwarded_headers(client: Client) -> None:
    forwarded = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    assert endpoint(client, headers=forwarded) == "http://localhost/sparql"


@each("host", ["a b", "<script>", "x/y", '"', "host:port", "[", "", "é.example"])
def test_nonsense_host_header_is_no_internal_error(client: Client, host: str) -> None:
    for path in ("/sparql", "/sitemap.xml", "/doc/coalition/clear-water"):
        for headers in ({"Host": host}, {"Host": host} | BROWSER):
            response = client.get(path, headers=headers)
            assert response.status_code in (200, 400)
            assert b"<script>" not in response.data


def test_rdf_has_canonical_iris_on_any_host(client: Client) -> None:
    for path in (f"{DOCUMENTS[0]}.ttl", "dataset.ttl", "ontology.ttl"):
        assert "other.example" not in client.get(f"/{path}", base_url="https://other.example").text


# The real server


@pytest.fixture
def connection(server: str) -> Iterator[http.client.HTTPConnection]:
    found = http.client.HTTPConnection(urlsplit(server).netloc, timeout=20)
    yield found
    found.close()


def test_server_responses_equal_application_responses(connection: http.client.HTTPConnection, client: Client) -> None:
    for path in (
        "/",
        "/id/coalition/clear-water",
        "/doc/coalition/clear-water",
        "/ontology.rdf",
        "/nothing",
        "/static/style.css",
    ):
        connection.request("GET", path)
        response = connection.getresponse()
        expected = client.get(path)
        assert (response.status, response.read()) == (expected.status_code, expected.data)
        for name in ("Content-Type", "ETag", "Link", "Location", "Content-Location", "Vary", "Allow"):
            assert response.headers[name] == expected.headers.get(name)


def test_server_joins_accept_lines(connection: http.client.HTTPConnection) -> None:
    connection.putrequest("GET", "/doc/coalition/clear-water")
    connection.putheader("Accept", "image/png")
    connection.putheader("Accept", "application/rdf+xml")
    connection.endheaders()
    response = connection.getresponse()
    response.read()
    assert response.headers["Content-Type"] == "application/rdf+xml"


@pytest.mark.parametrize(
    "path", ["/", "/doc/coalition/clear-water", "/id/coalition/clear-water", "/nothing", "/sparql?query=ASK%7B%7D"]
)
def test_server_sends_no_body_for_head(connection: http.client.HTTPConnection, path: str) -> None:
    connection.request("GET", path)
    get = connection.getresponse()
    body = get.read()
    connection.request("HEAD", path)
    head = connection.getresponse()
    assert (head.status, head.read()) == (get.status, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(body))
    connection.request("GET", "/robots.txt")  # a body after HEAD would be taken for the next answer
    assert connection.getresponse().status == 200


def test_server_sends_no_body_for_304(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/ontology.ttl")
    first = connection.getresponse()
    first.read()
    connection.request("GET", "/ontology.ttl", headers={"If-None-Match": first.headers["ETag"]})
    second = connection.getresponse()
    assert (second.status, second.read()) == (304, b"")
    assert second.headers["Access-Control-Allow-Origin"] == "*"


def test_server_endpoint_address_follows_host_header(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/sparql", headers={"Accept": "application/n-triples", "Host": "data.example:99"})
    text = connection.getresponse().read().decode()
    assert f"<{SD}endpoint> <http://data.example:99/sparql>" in text
