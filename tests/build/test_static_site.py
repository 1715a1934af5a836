"""A whole build of a tiny root: its files are what the application sends, and a rebuild changes nothing."""

import errno
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import pytest
from support import tiny_root
from support.asgi_client import Client, close, open_app
from support.files import snapshot

from publisher.build.folder import MANIFEST, PRIVATE, find_damage
from publisher.build.static_site import Built, build
from publisher.errors import CannotRunError
from publisher.formats import DOCUMENTS
from publisher.rdf.namespaces import DCTERMS, PROV, VOID
from publisher.release.store import Store, open_store
from publisher.settings import Settings
from publisher.web.codings import CODINGS
from publisher.web.in_process import InProcess, Received
from publisher.web.views import graphs

BASE = tiny_root.BASE
RETIRED = f"""
    <{BASE}id/coalition/old> <{DCTERMS}isReplacedBy> <{BASE}id/coalition/thing> .
    <{BASE}id/coalition/lost> <{PROV}invalidatedAtTime>
        "2024-01-02T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> ."""
MANY = "".join(f"<{BASE}ns#part> <{BASE}ns#number> {number} .\n" for number in range(1500))
LARGE = 1000
"""Statements from which a graph is a stream: the graph `many` only."""
LIVE = "https://live.example"


@dataclass(frozen=True)
class Site:
    """A build, the application that it was made of, and what it did."""

    place: Path
    client: Client
    built: Built
    settings: Settings
    store: Store

    def read(self, path: str) -> bytes:
        return (self.place / path).read_bytes()

    def rules(self, name: str) -> str:
        return self.read(f"{PRIVATE}/nginx/{name}").decode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("build")
    root = tiny_root.build(folder / "root", {"data/retired.ttl": RETIRED, "data/many.ttl": MANY})
    settings = Settings(root=str(root), store_dir=str(folder / "stores"), public_url=BASE, query_workers=1)
    store = open_store(settings)
    built = build(settings, store, folder / "site", LIVE, lambda *_: None)
    yield Site(folder / "site", open_app(settings, store).test_client(), built, settings, store)
    close(store)


@dataclass(frozen=True)
class Alone:
    """A build without a server, with a large graph. asked: the addresses, with what was accepted."""

    place: Path
    asked: list[tuple[object, ...]]

    def read(self, path: str) -> bytes:
        return (self.place / path).read_bytes()


@pytest.fixture(scope="module")
def alone(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Alone:
    asked: list[tuple[object, ...]] = []
    get = InProcess.get

    async def record(self: InProcess, *arguments: str, **named: str) -> Received:
        asked.append((*arguments, *named.items()))
        return await get(self, *arguments, **named)

    place = tmp_path_factory.mktemp("alone")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(InProcess, "get", record)
        patched.setattr(graphs, "LARGE", LARGE)
        build(site.settings, site.store, place, "", lambda *_: None)
    return Alone(place, asked)


def list_files(site: Site) -> list[str]:
    """The public files, in order."""
    paths = [path.relative_to(site.place).as_posix() for path in site.place.rglob("*") if path.is_file()]
    return sorted(path for path in paths if not path.startswith(f"{PRIVATE}/"))


OWN = {".htaccess", ".nojekyll", "404.html", "search.html", "search/names.json", "opensearch.xml"}
SERVICES = {f"{name}.html" for name in ("ask", "correct", "lookup", "reconcile", "sparql")}


def test_every_file_is_what_the_application_sends(site: Site) -> None:
    files = [file for file in list_files(site) if file not in OWN | SERVICES]
    assert len(files) > 150
    many = [file for file in files if file.startswith(("rule/", "docs/", "problem/"))]
    for file in [*(file for file in files if file not in many), *many[::10]]:
        path = re.sub(r"^index\.", ".", file)
        accept = next((form.media_type for form in DOCUMENTS if path.endswith(f".{form.suffix}")), "")
        address = path if site.client.get(f"/{path}", base_url=BASE).status_code == 200 else path.rpartition(".")[0]
        for coding in ("identity", *CODINGS):
            sent = site.client.get(f"/{address}", base_url=BASE, headers={"Accept": accept, "Accept-Encoding": coding})
            stored = site.place / (f"{PRIVATE}/{coding}/{file}" if coding != "identity" else file)
            assert stored.is_file() == (sent.headers.get("Content-Encoding", "identity") == coding), (file, coding)
            assert not stored.is_file() or stored.read_bytes() == sent.data, (file, coding)


def test_rebuild_writes_nothing(site: Site) -> None:
    before = snapshot(site.place)
    again = build(site.settings, site.store, site.place, LIVE, lambda *_: None)
    assert again == site.built._replace(written=0)
    assert snapshot(site.place) == before


def test_build_that_is_current_is_only_checked(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build_again(live: str) -> Built:
        return build(site.settings, site.store, tmp_path / "site", live, lambda *_: None, stamps=tmp_path / "stamps")

    built = build_again("")
    with monkeypatch.context() as patched:
        patched.setattr("publisher.build.static_site.InProcess", None)
        assert build_again("") == built._replace(written=0)
    assert build_again(LIVE).written > 0
    (tmp_path / "site" / "robots.txt").write_text("changed")
    assert build_again(LIVE).written == 1


def test_manifest_lists_every_file(site: Site) -> None:
    listed = [line.split("  ")[1] for line in site.read(MANIFEST).decode().splitlines()]
    present = sorted(path.relative_to(site.place).as_posix() for path in site.place.rglob("*") if path.is_file())
    assert listed == [path for path in present if path != MANIFEST]
    assert site.built.files == site.built.written == len(listed)
    assert list(find_damage(site.place)) == []


def test_redirects_are_recorded(site: Site) -> None:
    http = site.rules("http.conf")
    for path, target in (
        ("/id/coalition/thing", "303 ../../doc/coalition/thing"),
        ("/id/coalition/old", f"308 {BASE}id/coalition/thing"),
        ("/doc/coalition/old.ttl", f"308 {BASE}doc/coalition/thing.ttl"),
        ("/.well-known/void", "303 ../dataset"),
        ("/docs/", "301 ../docs"),
        ("/dataset/", "301 ../dataset"),
    ):
        assert f'    "{path}" "{target}";\n' in http


def test_tombstones_have_all_forms(site: Site) -> None:
    for path in ("id/coalition/lost", "doc/coalition/lost"):
        for suffix in ("ttl", "jsonld", "nt", "rdf", "html", "json"):
            assert site.read(f"{PRIVATE}/errors/410/{path}.{suffix}")
    accept = {"Accept": "text/turtle"}
    sent = site.client.get("/doc/coalition/lost", base_url=BASE, headers=accept)
    assert site.read(f"{PRIVATE}/errors/410/doc/coalition/lost.ttl") == sent.data
    for suffix in ("ttl", "html"):
        fixed = site.client.get(f"/doc/coalition/lost.{suffix}", base_url=BASE)
        assert site.read(f"{PRIVATE}/errors/410/doc/coalition/lost.{suffix}") == fixed.data


def test_pages_of_services_lead_to_the_live_server(site: Site) -> None:
    for name in ("ask", "sparql"):
        assert f'href="{LIVE}/{name}"'.encode() in site.read(f"{name}.html")
    assert f'return 307 "{LIVE}$request_uri";' in site.rules("server.conf")
    assert (
        f"RewriteRule ^(ask|correct|lookup|reconcile|sparql)(/.*|\\..*)?$ {LIVE}/$0 [R=307,L]"
        in site.read(".htaccess").decode()
    )


def test_nothing_is_made_twice(alone: Alone) -> None:
    once = [call for call in alone.asked if call != ("robots.txt",)]  # Its headers are those of other files.
    assert [call for call in once if once.count(call) > 1] == []
    assert len(once) > 150


def test_large_graph_is_coded_as_the_server_does(site: Site, alone: Alone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphs, "LARGE", LARGE)
    client = open_app(site.settings, site.store).test_client()
    for suffix in ("nt", "jsonld"):
        for coding in CODINGS:
            sent = client.get(f"/graph/many.{suffix}", base_url=BASE, headers={"Accept-Encoding": coding})
            assert (sent.headers["Content-Encoding"], sent.headers["ETag"][:2]) == (coding, "W/")
            assert alone.read(f"{PRIVATE}/{coding}/graph/many.{suffix}") == sent.data


def test_sitemap_of_a_copy_without_a_server_lists_no_questions(site: Site, alone: Alone) -> None:
    whole, own = (place.joinpath("sitemap.xml").read_text() for place in (site.place, alone.place))
    left_out = set(whole.splitlines()) - set(own.splitlines())
    assert f"<url><loc>{BASE}ask</loc></url>" in left_out
    assert all(line.startswith(f"<url><loc>{BASE}ask") for line in left_out)
    assert [line for line in whole.splitlines() if line not in left_out] == own.splitlines()


def test_links_of_a_copy_without_a_server_lead_to_its_files(alone: Alone) -> None:
    place = alone.place
    moved = set(re.findall(r'^    "/([^"]*)" "30', (place / PRIVATE / "nginx/http.conf").read_text(), re.MULTILINE))
    services = {"ask", "correct", "lookup", "reconcile", "sparql"}
    pages = [page for page in place.rglob("*.html") if PRIVATE not in page.parts and page.stem not in services]
    dead = set()
    for page in pages:
        address = BASE + str(page.relative_to(place)).removesuffix("index.html").removesuffix(".html")
        for link in re.findall(r'<(?:a|link)\b[^>]*\bhref="([^"]*)"', page.read_text()):
            target = urljoin(address, html.unescape(link)).partition("#")[0]
            path = re.sub(r"^(static/.*)\?v=\w+$", r"\1", target.removeprefix(BASE))
            if target.startswith(BASE) and (path in services or not _answers(place, path, moved)):
                dead.add((address.removeprefix(BASE), path))
    assert len(pages) > 50
    unknown = {"ex", "ns"}  # The data name these, and no record describes them.
    # The graph of the catalogue declares the prefixes on the IRI of the endpoint.
    assert {link for link in dead if link[1] not in unknown} == {("graph/catalogue", "sparql")}


def _answers(place: Path, path: str, moved: set[str]) -> bool:
    files = (place / path, place / f"{path or 'index'}.html")
    return path in moved or any(file.is_file() for file in files)


def test_catalogue_of_a_copy_without_a_server_names_no_endpoint(site: Site, alone: Alone) -> None:
    for name in ("dataset.nt", "graph/catalogue.nt"):
        assert b"sparqlEndpoint" in site.read(name)
        assert b"sparqlEndpoint" not in alone.read(name)


def test_large_catalogue_of_a_copy_without_a_server_names_no_endpoint(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphs, "LARGE", 10)
    build(site.settings, site.store, tmp_path, "", lambda *_: None)
    streamed, whole = ((place / "graph/catalogue.nt").read_bytes().splitlines() for place in (tmp_path, site.place))
    assert streamed != sorted(streamed)  # In the order of the store: it was a stream.
    assert [line for line in sorted(whole) if line not in streamed] == [
        f"<{BASE}dataset> <{VOID}sparqlEndpoint> <{BASE}sparql> .".encode()
    ]
    assert b"sparqlEndpoint" not in (tmp_path / "graph/catalogue.html").read_bytes()


def test_thing_that_only_derived_statements_describe_is_copied(site: Site) -> None:
    """What is stated points at `b`; that it is near of `thing` is derived."""
    assert f"<{BASE}ns#nearOf>".encode() in site.read("doc/coalition/b.nt")
    assert b"<h1" in site.read("doc/coalition/b.html")
    assert '"/id/coalition/b" "303 ../../doc/coalition/b"' in site.rules("http.conf")
    assert b"coalition/b" not in site.read("doc/coalition.nt")
    assert site.read("card/coalition/b.png").startswith(b"\x89PNG")


def test_search_has_the_names_of_things(site: Site) -> None:
    names = json.loads(site.read("search/names.json"))
    assert [(path, name, kind) for path, name, kind, _ in names] == [("doc/coalition/thing", "Thing", "coalition")]
    assert b"static-search.js" in site.read("search.html")
    assert site.read("opensearch.xml").count(b"<Url ") == 1


def test_page_of_errors_works_at_any_depth(site: Site) -> None:
    assert b'<base href="/">' in site.read("404.html")
    for depth in range(8):
        page = site.read(f"{PRIVATE}/errors/404/{depth}.html").decode()
        assert f'href="{"../" * depth}static/style.css' in page


def test_disk_that_is_full_is_one_sentence(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("publisher.build.folder.Folder.finish", fail)
    with pytest.raises(CannotRunError, match=r"or a temporary file, cannot be written: No space left on device\."):
        build(site.settings, site.store, tmp_path / "full", "", lambda *_: None)
    assert not (tmp_path / "full" / MANIFEST).exists()


def test_build_into_a_folder_of_others_is_rejected(site: Site, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(CannotRunError, match="is not a build"):
        build(site.settings, site.store, tmp_path, "", lambda *_: None)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
