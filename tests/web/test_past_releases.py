"""Past releases, through the application: what answers below `/release/<version>/`, and the pages about releases."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pyoxigraph as ox
import pytest
from support import frozen_root, tiny_root
from support.asgi_client import Client, OpenApp, call_in_loop
from support.frozen_root import GONE, SIZES, THING

from publisher.dataset.releases import FOLDER, read_releases

IMMUTABLE = "public, max-age=31536000, immutable"
SIZE = f"SELECT ?size {{ <{tiny_root.BASE}{THING}> <{tiny_root.BASE}ns#size> ?size }}"
TURTLE = {"Accept": "text/turtle"}
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, store_dir: Path) -> Path:
    return frozen_root.build(tmp_path_factory.mktemp("frozen"), store_dir)


@pytest.fixture(scope="module")
def app(opened: Callable[..., OpenApp], root: Path) -> Iterator[OpenApp]:
    """With room for one past release: requests for two of them open and close."""
    found = opened(root, open_releases=1)
    yield found
    call_in_loop(found.application.past.close)


@pytest.fixture
def client(app: OpenApp) -> Client:
    return app.test_client()


def sizes(client: Client, place: str, method: str = "get") -> list[str]:
    call: Any = getattr(client, method)
    values = {"data": {"query": SIZE}} if method == "post" else {"query_string": {"query": SIZE}}
    return call(f"{place}/sparql", headers={"Accept": "text/csv"}, **values).text.split()[1:]


def test_queries_on_a_release_have_its_answers(client: Client) -> None:
    for _ in range(2):
        assert sizes(client, "") == [SIZES[2]]
        assert sizes(client, "/release/0.2.0") == [SIZES[1]]
        assert sizes(client, "/release/0.1.0", "post") == [SIZES[0]]


def test_answers_of_a_release_are_immutable_and_name_it(client: Client, root: Path) -> None:
    first = read_releases(root)[0]
    for path in ("sparql?query=ASK%7B%7D", f"doc/{THING[3:]}.ttl", "graph/things.nt", "context.jsonld"):
        response = client.get(f"/release/0.1.0/{path}", headers={"Accept": "*/*"})
        assert response.status_code == 200, path
        assert response.headers["Cache-Control"] == IMMUTABLE, path
        assert response.headers["Dataset-Release"] == first.id
    assert client.get("/doc/coalition/thing.ttl").headers["Cache-Control"] == "no-cache"
    described = client.get("/release/0.1.0/sparql", headers=TURTLE)
    assert described.headers["Cache-Control"] == "no-cache", "its limits may change"


def test_document_of_a_release_links_to_the_latest_version(client: Client) -> None:
    response = client.get("/release/0.1.0/doc/coalition/thing", headers=TURTLE)
    assert f"ns#size> {SIZES[0]}" in response.text or f"ex:size {SIZES[0]}" in response.text
    assert response.headers.getlist("Link")[-1] == '<../../../../doc/coalition/thing>; rel="latest-version"'


def test_page_of_a_release_says_so_and_stays_in_it(client: Client) -> None:
    response = client.get("/release/0.1.0/doc/coalition/thing", headers=HTML)
    assert "You are reading release 0.1.0 of" in response.text
    assert 'href="../../../../doc/coalition/thing"' in response.text
    assert '<meta name="robots" content="noindex">' in response.text
    assert response.headers["Cache-Control"] == "no-cache"
    redirected = client.get(f"/release/0.1.0/{THING}")
    assert (redirected.status_code, redirected.headers["Location"]) == (303, "../../doc/coalition/thing")
    assert "You are reading" not in client.get("/doc/coalition/thing", headers=HTML).text


def test_citation_of_a_record_names_the_release(client: Client) -> None:
    page = client.get("/release/0.1.0/doc/coalition/thing", headers=HTML).text
    assert ", release 0.1.0 of 2026-11-28 (2026). https://example.org/id/coalition/thing" in page
    assert "with unreleased changes since release 0.2.0" in client.get("/doc/coalition/thing", headers=HTML).text


def test_history_in_a_release_ends_with_it(client: Client) -> None:
    page = client.get("/release/0.1.0/doc/coalition/thing", headers=HTML).text
    assert "Release 0.1.0</a>" in page
    assert "first listed" in page
    changes = client.get("/release/0.1.0/changes", headers=HTML).text
    assert "Release 0.1.0</a>" in changes
    second = client.get("/release/0.2.0/changes", headers=HTML).text
    assert second.index("Release 0.2.0</a>") < second.index("Release 0.1.0</a>")
    for text in (page, changes, second):
        assert "Not released yet" not in text
        assert "changes.atom" not in text
    assert "Release 0.2.0</a>" not in page + changes


@pytest.mark.parametrize("path", ["changes.atom", "changes.json", "correct?about=id/coalition/thing", "release"])
def test_what_follows_the_data_set_is_answered_by_the_current_state(client: Client, path: str) -> None:
    response = client.get(f"/release/0.1.0/{path}", headers=HTML)
    assert (response.status_code, response.headers["Location"]) == (308, f"../../{path}")
    assert client.get(f"/{path}", headers=HTML).status_code == 200


def test_name_of_a_downloaded_result_has_the_release(client: Client) -> None:
    for place, ending in (("/release/0.1.0", "0.1.0"), ("", "after-0.2.0")):
        response = client.get(f"{place}/sparql.csv", query_string={"query": SIZE, "name": "size"})
        assert response.headers["Content-Disposition"] == f'attachment; filename="size-{ending}.csv"'


def test_downloads_name_version_and_date(client: Client) -> None:
    assert "Release 0.1.0 of 2026-11-28. Identifier:" in client.get("/release/0.1.0/download", headers=HTML).text
    assert "with unreleased changes since release 0.2.0" in client.get("/download", headers=HTML).text


def test_withdrawn_thing_is_live_in_an_earlier_release(client: Client) -> None:
    assert client.get(f"/{GONE}").status_code == 410
    tombstone = client.get(f"/release/0.2.0/{GONE}", headers=TURTLE)
    assert (tombstone.status_code, "invalidatedAtTime" in tombstone.text) == (410, True)
    assert client.get(f"/release/0.1.0/{GONE}").status_code == 303


def test_queries_find_tombstones_in_their_graph(client: Client) -> None:
    text = "SELECT ?g { GRAPH ?g { ?s <http://www.w3.org/ns/prov#invalidatedAtTime> ?t } }"
    found = client.get("/sparql", query_string={"query": text}, headers={"Accept": "text/csv"})
    assert found.text.split()[1:] == [f"{tiny_root.BASE}graph/retired"]


@pytest.mark.parametrize("rest", ["", ".ttl", "/sparql?query=ASK%7B%7D", "/doc/coalition/thing", "/added.nq"])
def test_latest_redirects_to_the_last_release(client: Client, rest: str) -> None:
    response = client.get(f"/release/latest{rest}")
    assert response.status_code == 307
    assert response.headers["Location"].endswith(f"0.2.0{rest}")
    target = urljoin(f"http://localhost/release/latest{rest}", response.headers["Location"])
    assert target == f"http://localhost/release/0.2.0{rest}"
    assert client.get(target.removeprefix("http://localhost")).status_code == 200


@pytest.mark.parametrize("path", ["9.9.9", "9.9.9/sparql", "9.9.9/added.nq", "9.9.9.ttl", "x/", "0.1/doc/x"])
def test_release_that_is_not_there_names_those_that_are(client: Client, path: str) -> None:
    response = client.get(f"/release/{path}", headers={"Accept": "application/json"})
    assert response.status_code == 404
    assert "There are 0.1.0, 0.2.0." in response.json["detail"]
    assert response.json["suggestions"] == [f"{tiny_root.BASE}release/0.2.0", f"{tiny_root.BASE}release/0.1.0"]


def test_releases_of_a_release_are_those_of_the_site(client: Client) -> None:
    response = client.get("/release/0.1.0/release/0.2.0")
    assert (response.status_code, response.headers["Location"]) == (308, "../../../release/0.2.0")


def test_errors_within_a_release_are_its_own(client: Client) -> None:
    response = client.get("/release/0.1.0/doc/coalition/nothing", headers=HTML)
    assert response.status_code == 404
    assert "You are reading release 0.1.0" in response.text
    assert client.get("/release/0.1.0/sparql?query=SELEC", headers={"Accept": "text/csv"}).status_code == 400


def test_list_names_releases_and_state(client: Client) -> None:
    page = client.get("/release", headers=HTML).text
    assert page.index('href="release/0.2.0"') < page.index('href="release/0.1.0"')
    assert "there are changes since release 0.2.0 that no release has yet" in page
    triples = list(ox.parse(client.get("/release.ttl").data, format=ox.RdfFormat.TURTLE))
    versions = sorted(t.object.value for t in triples if t.predicate.value.endswith("#hasVersion"))
    assert versions == [f"{tiny_root.BASE}release/0.1.0", f"{tiny_root.BASE}release/0.2.0"]


def test_release_is_described(client: Client, root: Path) -> None:
    second = read_releases(root)[1]
    page = client.get("/release/0.2.0", headers=HTML).text
    assert second.id in page
    assert "release 0.2.0 of 2026-11-29. https://example.org/release/0.2.0" in page
    stated = {
        t.predicate.value.rpartition("/")[2].rpartition("#")[2]: t.object.value
        for t in ox.parse(client.get("/release/0.2.0", headers=TURTLE).data, format=ox.RdfFormat.TURTLE)
    }
    assert (stated["version"], stated["issued"]) == ("0.2.0", "2026-11-29")
    assert stated["identifier"] == f"urn:sha256:{second.id}"
    assert stated["previousVersion"] == f"{tiny_root.BASE}release/0.1.0"
    assert stated["triples"] == str(second.counts["total"])
    assert json.loads(client.get("/release/0.2.0.jsonld").data)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("manifest.json", "application/json"),
        ("added.nq", "application/n-quads"),
        ("removed.nq", "application/n-quads"),
        ("iris.tsv", "text/tab-separated-values; charset=utf-8"),
    ],
)
def test_files_of_a_release_are_sent_as_they_are(client: Client, root: Path, name: str, kind: str) -> None:
    response = client.get(f"/release/0.2.0/{name}", headers={"Accept": "text/html"})
    assert response.data == (root / FOLDER / "0.2.0" / name).read_bytes()
    assert response.headers["Content-Type"] == kind
    assert response.headers["Cache-Control"] == IMMUTABLE
    again = client.get(f"/release/0.2.0/{name}", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_downloaded_statements_have_the_identifier(client: Client, root: Path) -> None:
    (name,) = re.findall(r'href="download/([^"]+[.]nq)"', client.get("/release/0.2.0/download", headers=HTML).text)
    response = client.get(f"/release/0.2.0/download/{name}")
    assert hashlib.sha256(response.data).hexdigest() == read_releases(root)[1].id
    assert response.headers["Cache-Control"] == f"{IMMUTABLE}, no-transform"


def test_persistence_page_states_who_decides_and_what_resolves(opened: Callable[..., OpenApp], root: Path) -> None:
    page = opened(root).test_client().get("/persistence", headers=HTML).text
    assert "This site does not state who decides." in page
    assert "This site does not state an address for such requests." in page
    assert "must be registered" in page
    stated = opened(root, contact="help@example.org", public_url=tiny_root.BASE).test_client()
    page = stated.get("/persistence", headers=HTML).text
    assert 'href="mailto:help@example.org"' in page
    assert "Permanent addresses lead to this server directly." in page
    elsewhere = opened(root, public_url="https://data.example.net").test_client()
    page = elsewhere.get("/persistence", headers=HTML).text
    assert "This server answers at <code>https://data.example.net/</code>" in page
    assert "which this server does not check" in page
