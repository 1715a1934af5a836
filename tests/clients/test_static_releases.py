"""Past releases in a static build, behind real web servers: what they send is what the server sends."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from support import frozen_root
from support.asgi_client import OpenApp, call_in_loop, close, open_app
from support.links import Links
from support.ports import free_port
from support.static_copies import Copy, differences, expect, send

from publisher.build.folder import find_damage
from publisher.build.static_site import build
from publisher.probe.cases import BROWSER
from publisher.release.store import open_store
from publisher.settings import Settings

ADDRESSES = [
    "",
    "dataset",
    "dataset.jsonld",
    "doc/coalition",
    "doc/coalition.csv",
    "doc/coalition/thing",
    "doc/coalition/thing.ttl",
    "doc/coalition/thing.linkset",
    "graph",
    "graph/things",
    "about",
    "rule/tidy",
    "problem/withdrawn",
    "docs",
    "changes",
    "context.jsonld",
    "static/style.css",
    "id/coalition/thing",
    "doc/coalition/gone",
    "manifest.json",
]
ACCEPTS = [None, "text/turtle", BROWSER, "application/ld+json;q=0.2, application/n-triples;q=0.1", "image/png"]
LINKED = ["/release/0.1.0/", "/release/0.1.0/doc/coalition/thing", "/release/0.2.0/changes", "/release/0.2.0"]


@pytest.fixture(scope="module")
def copy(store_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    root = frozen_root.build(tmp_path_factory.mktemp("frozen"), store_dir)
    port, place = free_port(), tmp_path_factory.mktemp("static") / "site"
    settings = Settings(root=str(root), store_dir=str(store_dir), public_url=f"http://127.0.0.1:{port}/")
    store = open_store(settings)
    build(settings, store, place, "", lambda *_: None, past_releases=True)
    app: OpenApp = open_app(settings.having(static_copy=2, query_workers=1), store)
    yield Copy(place, port, app.test_client())
    call_in_loop(app.application.past.close)
    close(store)


@pytest.mark.parametrize("path", ADDRESSES)
def test_njs_sends_what_the_server_sends(copy: Copy, njs: httpx.Client, path: str) -> None:
    for version in ("0.1.0", "0.2.0"):
        wrong = {accept: differences(copy, njs, f"/release/{version}/{path}", accept) for accept in ACCEPTS}
        assert {accept: found for accept, found in wrong.items() if found} == {}, version


def test_njs_redirects_to_the_last_release(copy: Copy, njs: httpx.Client) -> None:
    for path in ("doc/coalition/thing", "doc/coalition/thing?format=html", "manifest.json"):
        found = send(njs, f"/release/latest/{path}", None)
        wanted = expect(copy, f"/release/latest/{path}", None)
        base = str(njs.base_url)
        places = [urljoin(f"{base}release/latest/{path}", each.headers["Location"]) for each in (found, wanted)]
        assert found.status_code == wanted.status_code == 307
        assert places[0] == places[1].replace("http://localhost/", base)


def test_njs_says_what_is_not_copied(njs: httpx.Client) -> None:
    assert "static copy" in send(njs, "/release/0.1.0/sparql?query=ASK%7B%7D", None).json()["detail"]
    missing = send(njs, "/release/0.1.0/doc/coalition/nothing", None)
    assert missing.status_code == 404
    assert "static copy" not in missing.json()["detail"]
    assert send(njs, "/release/9.9.9/doc/coalition/thing", None).status_code == 404


@pytest.mark.parametrize("path", LINKED)
def test_no_link_that_the_server_answers_is_dead(copy: Copy, njs: httpx.Client, path: str) -> None:
    root = str(njs.base_url).rstrip("/")
    found = Links(send(njs, path, "text/html").text, ("href", "src")).found
    links = {urljoin(root + path, link).partition("#")[0] for link in found}
    own = sorted(link.removeprefix(root) for link in links if link.startswith(f"{root}/"))
    own = [link for link in own if not link.endswith("/coalition/b")]  # Only derived statements are about it.
    assert len(own) > 10
    statuses = {link: send(njs, link, "text/html").status_code for link in own}
    assert {link: expect(copy, link, "text/html").status_code for link in own} == statuses
    assert list(statuses.values()).count(200) > 10


def test_page_of_a_release_leads_to_its_records(njs: httpx.Client) -> None:
    page = send(njs, "/release/0.1.0", "text/html").text
    assert re.search(r'href="(\.\./release/)?0\.1\.0/"', page)
    assert "sparql" not in page


@pytest.mark.parametrize(
    ("path", "accept", "status", "media_type"),
    [
        ("", "text/html", 200, "text/html"),
        ("doc/coalition/thing", None, 200, "text/turtle"),
        ("doc/coalition/thing", BROWSER, 200, "text/html"),
        ("about", BROWSER, 200, "text/html"),
        ("id/coalition/thing", None, 303, ""),
    ],
)
def test_apache_serves_past_releases(
    copy: Copy, apache: httpx.Client, path: str, accept: str | None, status: int, media_type: str
) -> None:
    found, wanted = (send(apache, f"/release/0.1.0/{path}", accept), expect(copy, f"/release/0.1.0/{path}", accept))
    assert (found.status_code, wanted.status_code) == (status, status)
    assert not media_type or found.headers["Content-Type"].partition(";")[0] == media_type
    assert status != 200 or found.content == wanted.data
    assert found.headers["Dataset-Release"] == wanted.headers["Dataset-Release"]


def test_build_is_undamaged(copy: Copy) -> None:
    assert list(find_damage(copy.place)) == []
