"""Changes between releases, through the application: the page, RDF, feeds, differences, the history of a thing."""

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from support import frozen_root, tiny_root
from support.asgi_client import Client, OpenApp
from support.frozen_root import SIZES, THING

from publisher.dataset.releases import read_releases, replay
from publisher.rdf.namespaces import PROV

ATOM = "{http://www.w3.org/2005/Atom}"
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, store_dir: Path) -> Path:
    return frozen_root.build(tmp_path_factory.mktemp("frozen"), store_dir)


@pytest.fixture(scope="module")
def client(opened: Callable[..., OpenApp], root: Path) -> Client:
    return opened(root).test_client()


def test_page_says_what_each_release_changed(client: Client) -> None:
    page = client.get("/changes", headers=HTML).text
    assert page.index("Not released yet") < page.index("Release 0.2.0") < page.index("Release 0.1.0")
    for link in ("changes.atom", "changes.json", "changes/0.1.0/0.2.0/added.nq", "release/0.1.0/added.nq"):
        assert f'href="{link}"' in page
        assert client.get(f"/{link}").status_code == 200


def test_feeds_have_an_entry_for_each_release(client: Client, root: Path) -> None:
    releases = read_releases(root)[::-1]
    ids = [f"{tiny_root.BASE}changes#{release.version}" for release in releases]
    response = client.get("/changes.atom")
    assert response.headers["Content-Type"] == "application/atom+xml"
    feed = ElementTree.fromstring(response.data)
    assert [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")] == ids
    assert feed.findtext(f"{ATOM}updated") == f"{releases[0].date}T00:00:00Z"
    found = json.loads(client.get("/changes.json").data)
    assert [item["id"] for item in found["items"]] == ids
    assert found["version"] == "https://jsonfeed.org/version/1.1"


def test_feeds_link_to_this_server_and_name_permanent_addresses(opened: Callable[..., OpenApp], root: Path) -> None:
    client = opened(root, public_url="https://data.example.net").test_client()
    feed = ElementTree.fromstring(client.get("/changes.atom").data)
    assert feed.findtext(f"{ATOM}id") == f"{tiny_root.BASE}changes"
    assert {link.attrib["href"] for link in feed.iter(f"{ATOM}link")} == {
        f"https://data.example.net/{path}" for path in ("changes", "changes.atom", "release/0.1.0", "release/0.2.0")
    }
    found = json.loads(client.get("/changes.json").data)
    assert found["feed_url"] == "https://data.example.net/changes.json"


def test_statements_are_those_of_the_release(client: Client, root: Path) -> None:
    page = client.get("/changes", headers=HTML).text
    for release in read_releases(root):
        assert f"Statements: {release.counts['added']:,} added, {release.counts['removed']:,} removed." in page


def test_list_that_is_cut_links_to_the_whole(
    opened: Callable[..., OpenApp], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.pages.changes.SHOWN", 0)
    client = opened(root).test_client()
    assert 'and 1 more: <a href="changes.ttl">all 1 in RDF</a>' in client.get("/changes", headers=HTML).text
    assert "https://example.org/changes.ttl" in client.get("/changes.atom").text


def test_changes_are_stated_in_rdf(client: Client) -> None:
    stated = {quad.triple for quad in ox.parse(client.get("/changes.nt").data, format=ox.RdfFormat.N_TRIPLES)}
    entry = ox.NamedNode(f"{tiny_root.BASE}changes#0.2.0")
    assert ox.Triple(entry, ox.NamedNode(PROV + "influenced"), ox.NamedNode(tiny_root.BASE + THING)) in stated
    assert ox.Triple(entry, ox.NamedNode(PROV + "used"), ox.NamedNode(f"{tiny_root.BASE}release/0.1.0")) in stated


@pytest.mark.parametrize(("before", "after"), [("0.1.0", "0.2.0"), ("0.2.0", "0.1.0"), ("0.1.0", "0.1.0")])
def test_follower_ends_with_the_same_graph(client: Client, root: Path, before: str, after: str) -> None:
    releases = read_releases(root)
    have = set(replay(releases, before))
    removed = client.get(f"/changes/{before}/{after}/removed.nq").data.splitlines(keepends=True)
    added = client.get(f"/changes/{before}/{after}/added.nq").data.splitlines(keepends=True)
    assert set(removed) <= have
    assert not set(added) & have
    assert sorted(have - set(removed) | set(added)) == list(replay(releases, after))


def test_difference_has_one_form_for_every_client(client: Client) -> None:
    """As `VARIATIONS` says, so that all share one copy in the cache."""
    found = {client.get("/changes/0.1.0/0.2.0/added.nq", headers={"Accept": a}).data for a in ("text/html", "a/b", "")}
    assert (len(found), b"" in found) == (1, False)


@pytest.mark.parametrize("path", ["0.1.0/9.9.9/added.nq", "x/0.1.0/added.nq", "0.1.0/0.2.0/other.nq"])
def test_unknown_difference_is_not_found(client: Client, path: str) -> None:
    assert client.get(f"/changes/{path}").status_code == 404


def test_page_of_a_thing_has_its_history(client: Client) -> None:
    page = client.get(f"/doc/{THING[3:]}", headers=HTML).text
    assert "History of this record" in page
    assert 'href="../../changes#0.2.0"' in page


def test_last_modified_is_the_date_of_a_release(
    client: Client, opened: Callable[..., OpenApp], tmp_path: Path, store_dir: Path
) -> None:
    path = f"/doc/{THING[3:]}.ttl"
    assert "Last-Modified" not in client.get(path).headers, "it changed since the last release"
    root = frozen_root.build(tmp_path, store_dir)
    things = root / "data" / "things.ttl"
    things.write_text(things.read_text().replace(SIZES[2], SIZES[1]))
    assert opened(root).test_client().get(path).headers["Last-Modified"] == "Sun, 29 Nov 2026 00:00:00 GMT"
