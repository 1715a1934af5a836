"""Lists and the sitemap: pages and parts where they are long."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import rdflib
from support import sample_root
from support.asgi_client import Client, OpenApp

from publisher.rdf.namespaces import XHV
from publisher.release import resources
from publisher.web.views import files

LOCATION = re.compile("<loc>http://localhost/(.*?)</loc>")


@pytest.fixture
def client(opened: Callable[..., OpenApp], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client of a site on which two entries make a page, and twenty a part of the sitemap."""
    monkeypatch.setattr(resources, "LISTED", 2)
    monkeypatch.setattr(files, "ADDRESSES", 20)
    return opened(sample_root.build(tmp_path)).test_client()


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
        assert f"{index.kinds['coalition']} entries" in page
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
    assert found == ["", "dataset", "ontology", "shapes", *lists, *map(app.names.address, app.things())]
    assert len(parts) == 1 + -(-len(app.things()) // 20)


@pytest.mark.parametrize("name", ["9.xml", "x.xml", "1", "-1.xml", "1" * 30 + ".xml", "\N{ARABIC-INDIC DIGIT ONE}.xml"])
def test_unknown_part_of_sitemap_returns_404(client: Client, name: str) -> None:
    assert client.get(f"/sitemap/{name}").status_code == 404
