"""Lists and the sitemap: pages and parts where they are long."""

import csv
import io
import re
from collections.abc import Callable

import pytest
import rdflib
from support import sample_root
from support.asgi_client import Client, OpenApp
from support.each import each
from support.sample_root import CHECKOUT

from publisher.pages.site import Pages
from publisher.rdf.namespaces import XHV
from publisher.release import lists as release_lists
from publisher.release import resources
from publisher.web.views import files, lists

LOCATION = re.compile("<loc>http://localhost/(.*?)</loc>")


@pytest.fixture(scope="module")
def short_pages(opened: Callable[..., OpenApp], tmp_path_factory: pytest.TempPathFactory) -> OpenApp:
    """A site that no other tests look at, because what it keeps in its cache is cut."""
    return opened(sample_root.build(tmp_path_factory.mktemp("lists")))


@pytest.fixture
def client(short_pages: OpenApp, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client of a site on which two entries make a page, and twenty a part of the sitemap."""
    monkeypatch.setattr(resources, "LISTED", 2)
    monkeypatch.setattr(files, "ADDRESSES", 20)
    return short_pages.test_client()


def test_long_list_has_pages(client: Client) -> None:
    names, index = client.app.resources.names, client.app.resources.store.index
    path, found, pages = "/doc/coalition", [], 0
    while path:
        graph = rdflib.Graph().parse(data=client.get(f"{path}.nt").text, format="nt")
        page = client.get(path, headers={"Accept": "text/html"}).text
        following = [str(iri) for iri in graph.objects(None, rdflib.URIRef(XHV + "next"))]
        links = re.findall('<a href="([^"]*)" rel="next">', page)
        assert [link.replace("../", "").removeprefix("doc/") for link in links] == [
            iri.removeprefix(names.base + "doc/") for iri in following
        ]
        assert f"{index.kinds['coalition']} coalitions" in page
        found += sorted(str(topic) for topic in graph.objects(None, rdflib.FOAF.topic))
        path, pages = following[0].replace(names.base, "/") if following else "", pages + 1
    assert sorted(found) == sorted(thing.iri for thing in index.things("coalition"))
    assert pages == -(-index.kinds["coalition"] // 2)
    for number in (str(pages + 1), "1", "0", "01", "x", "9" * 12):
        assert client.get(f"/doc/coalition/page/{number}").status_code == 404
    assert client.get("/doc/none/page/2").status_code == 404


def test_large_sitemap_has_parts(client: Client) -> None:
    parts = LOCATION.findall(client.get("/sitemap.xml").text)
    found = [path for part in parts for path in LOCATION.findall(client.get(f"/{part}").text)]
    app = client.app.resources
    lists = [f"doc/{kind}" for kind in app.kinds()]
    guides = [path for path in found if path.startswith("docs")]
    assert sorted(guides) == ["docs", *sorted(f"docs/{path.stem}" for path in (CHECKOUT / "docs").glob("*.md"))]
    asked = [path for path in found if path.startswith("ask")]
    assert asked[0] == "ask"
    about = ["about", "dataset", "download", "ontology", "persistence", "release", "shapes"]
    overviews = ["", *asked, *about, *guides, *lists]
    assert found == [*overviews, *map(app.names.address, app.things())]
    assert len(parts) == 1 + -(-len(app.things()) // 20)


@pytest.mark.parametrize("name", ["9.xml", "x.xml", "1", "-1.xml", "1" * 30 + ".xml", "\N{ARABIC-INDIC DIGIT ONE}.xml"])
def test_unknown_part_of_sitemap_returns_404(client: Client, name: str) -> None:
    assert client.get(f"/sitemap/{name}").status_code == 404


def test_reduced_list_is_one_list_in_all_forms(app: OpenApp) -> None:
    client, address = app.test_client(), "?q=h&session=11"
    page = client.get(f"/doc/bill{address}", headers={"Accept": "text/html"})
    linked = re.findall(r'<th scope="row"><a href="\.\./doc/bill/([^"]*)"', page.text)
    assert linked == ["11-h101", "11-h140"]
    assert "2 of 7 bills" in page.text
    assert '<meta name="robots" content="noindex">' in page.text
    assert page.headers["Content-Location"] == f"bill.html{address}"
    assert f'<a href="../doc/bill.csv{address.replace("&", "&amp;")}"' in page.text
    table = list(csv.DictReader(io.StringIO(client.get(f"/doc/bill.csv{address}").text)))
    assert [row["number"] for row in table] == ["H.101", "H.140"]
    found = client.get(f"/doc/bill.json{address}").json
    assert [entry["iri"] for entry in found["entries"]] == [row["iri"] for row in table]
    assert found["total"] == 2
    graph = rdflib.Graph().parse(data=client.get(f"/doc/bill.nt{address}").text, format="nt")
    assert sorted(map(str, graph.objects(None, rdflib.FOAF.topic))) == sorted(row["iri"] for row in table)


def test_proposals_are_reduced_by_what_came_of_a_filing(app: OpenApp) -> None:
    client = app.test_client()
    facet = re.search(r'doc/proposal\?outcome=([^"&]+)"[^>]*>Enacted', client.get("/doc/proposal.html").text)
    assert facet
    table = client.get(f"/doc/proposal.csv?outcome={facet[1]}").text
    (row,) = csv.DictReader(io.StringIO(table))
    assert row["iri"].endswith("/ending-sewage-in-rivers")
    assert "Enacted" in row["outcome"]


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("bill?page=2", "bill/page/2"),
        ("bill.ttl?page=2&session=11", "bill/page/2.ttl?session=11"),
    ],
)
def test_page_as_a_parameter_leads_to_its_address(client: Client, asked: str, target: str) -> None:
    response = client.get(f"/doc/{asked}")
    assert (response.status_code, response.headers["Location"]) == (308, f"../doc/{target}")


@pytest.mark.parametrize("number", ["0", "x", "-1", "99", "9999999999", "2/../../x"])
def test_page_that_is_no_number_does_not_exist(client: Client, number: str) -> None:
    response = client.get("/doc/bill", query_string={"page": number}, follow_redirects=True)
    assert response.status_code == 404


def test_table_has_every_row_and_a_name(client: Client) -> None:
    response = client.get("/doc/coalition.csv")
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert len(rows) == client.app.resources.kinds()["coalition"] > 2
    assert response.headers["Content-Disposition"] == 'attachment; filename="coalitions.csv"'
    assert response.mimetype == "text/csv"
    reduced = client.get("/doc/bill.json?session=11&q=H.1%0a%22")
    assert reduced.headers["Content-Disposition"] == 'attachment; filename="bills-11-h1.json"'


def test_long_table_is_sent_as_a_stream_of_the_same_bytes(app: OpenApp, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    addresses = ["/doc/bill.csv", "/doc/bill.json", "/doc/bill.csv?session=11&sort=-number", "/doc/bill.json?q=none"]
    with monkeypatch.context() as changed:
        changed.setattr(lists, "LARGE", 0)
        changed.setattr(release_lists, "READ", 2)
        streamed = [client.get(address) for address in addresses]
    assert [response.data for response in streamed] == [client.get(address).data for address in addresses]
    tags = {response.headers["ETag"] for response in streamed}
    assert len(tags) == len(addresses)
    assert all(tag.startswith('W/"') for tag in tags)
    assert "Content-Length" not in streamed[0].headers
    assert streamed[0].headers["Content-Disposition"] == 'attachment; filename="bills.csv"'


def test_numbers_and_links_are_typed_in_json(app: OpenApp) -> None:
    entries = app.test_client().get("/doc/coalition.json?q=clear+water").json["entries"]
    assert [entry["name"] for entry in entries] == ["Clear Water"]
    assert entries[0]["members"] == 2
    assert entries[0]["agenda"] == [
        {"iri": "https://w3id.org/ma-coalitions/id/agenda/clean-water-agenda", "name": "Clean Water Agenda"}
    ]


@each(
    ("address", "status"),
    [
        ("/doc/bill?session=99", 404),
        ("/doc/bill.csv?session=99", 404),
        ("/doc/bill?sort=none", 400),
        ("/doc/bill?q=" + "x" * 201, 400),
        ("/doc/bill/page/2?session=11", 404),
        ("/doc/none.csv", 404),
        ("/doc/bill?agenda=none", 200),
        ("/doc/bill?q=%ff", 200),
    ],
)
@each("accept", ["text/html", "application/json"])
def test_unknown_values_are_problems_in_negotiated_form(app: OpenApp, address: str, status: int, accept: str) -> None:
    response = app.test_client().get(address, headers={"Accept": accept})
    assert response.status_code == status
    if status != 200:
        assert response.mimetype == ("text/html" if accept == "text/html" else "application/problem+json")


def test_parameters_in_any_order_share_a_response(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    render = Pages.listing
    monkeypatch.setattr(Pages, "listing", lambda self, found, path: made.append(path) or render(self, found, path))
    for address in ("?session=11&q=h", "?x=1&q=h&session=11&agenda=2", ""):
        assert client.get(f"/doc/bill{address}", headers={"Accept": "text/html"}).status_code == 200
    assert len(made) == 2


def test_headings_sort_the_other_way_round(app: OpenApp) -> None:
    page = app.test_client().get("/doc/bill?sort=session", headers={"Accept": "text/html"}).text
    assert re.findall(r'<th scope="col"[^>]*aria-sort="(\w+)"><a href="([^"]*)"', page) == [
        ("ascending", "../doc/bill?sort=-session")
    ]


def test_pages_of_reduced_list_keep_what_is_chosen(client: Client) -> None:
    page = client.get("/doc/bill?session=11", headers={"Accept": "text/html"}).text
    assert '<a href="../doc/bill/page/2?session=11" rel="next">' in page
    second = client.get("/doc/bill/page/2?session=11", headers={"Accept": "text/html"}).text
    assert '<a href="../../../doc/bill?session=11" rel="prev">' in second
    assert "<title>Bills: 11th session (2023-2024), page 2 of 2" in second


def test_only_list_pages_may_run_the_script(app: OpenApp) -> None:
    client, html = app.test_client(), {"Accept": "text/html"}
    assert "script-src 'self'" in client.get("/doc/bill", headers=html).headers["Content-Security-Policy"]
    assert "script-src" not in client.get("/doc/bill/12-h77", headers=html).headers["Content-Security-Policy"]
