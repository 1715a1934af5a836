"""The page of the data set: downloads first, figures, lists, named graphs, and how to cite it."""

import json
import re

import pyoxigraph as ox
from support.asgi_client import Client

from publisher.pages.downloads import write_size

HTML = {"Accept": "text/html"}


def read(client: Client, path: str = "/dataset") -> str:
    return client.get(path, headers=HTML).text


def test_title_differs_from_home_page(client: Client) -> None:
    titles = [re.findall("<title>(.*?)</title>", read(client, path))[0] for path in ("/", "/dataset")]
    assert len(set(titles)) == 2


def test_download_is_the_first_link(client: Client) -> None:
    main = read(client).partition("<main")[2]
    assert re.findall(r'<a [^>]*href="([^"]+)"', main)[0] == "download"
    assert client.get("/download", headers=HTML).status_code == 200


def test_files_with_everything_are_one_click_away(client: Client) -> None:
    page = read(client)
    files = re.findall(r'<a href="(download/[^"]+)" download>', page.partition("<main")[2].partition("</ul>")[0])
    assert [file.rpartition(".")[2] for file in files] == ["zip", "sqlite", "jsonld", "rdf", "ttl"]
    sizes = dict(re.findall(r'<a href="(download/[^"]+)" download>[^<]*\((\S+ \w+)\)</a>', page))
    sent = {file: client.get(f"/{file}").data for file in files}
    assert sizes == {file: write_size(len(data)) for file, data in sent.items()}
    turtle = next(data for file, data in sent.items() if file.endswith(".ttl"))
    stated = re.search(r'<th scope="row">Statements</th><td>([\d,]+)</td>', page)
    assert stated is not None
    assert len(list(ox.parse(turtle, format=ox.RdfFormat.TURTLE))) == int(stated[1].replace(",", ""))


def test_figures_and_lists_are_those_of_the_release(client: Client) -> None:
    page, kinds = read(client), client.app.resources.kinds()
    lists = re.findall(r'<a href="doc/(\w+)">\w+</a></th><td>([\d,]+)</td><td><a href="doc/\1\.csv" download>', page)
    assert {kind: int(number.replace(",", "")) for kind, number in lists} == kinds
    figures = dict(re.findall(r'<th scope="row">([\w ]+)</th><td>([\d,]+)</td>', page))
    assert int(figures["Records"].replace(",", "")) == sum(kinds.values())
    assert len(figures) == 6


def test_named_graphs_are_linked_with_their_size(client: Client) -> None:
    for page in (read(client), read(client, "/graph")):
        found = dict(re.findall(r'<a href="(graph/[\w-]+|ontology|shapes)">[^<]+</a></th><td>([\d,]+)</td>', page))
        stated = client.app.resources.store.index.graphs
        assert {path: int(number.replace(",", "")) for path, number in found.items()} == {
            client.app.resources.names.path(iri): number for iri, number in stated
        }
    assert client.get("/graph/").headers["Location"] == "../graph"


def test_problem_of_large_results_links_all_data(client: Client) -> None:
    page = read(client, "/problem/result-limit")
    assert '<a href="../download">' in page
    assert '<a href="../graph">' in page
    assert '<a href="../graph">' not in read(client, "/problem/cpu-limit")


def test_metadata_leaves_out_partitions(client: Client) -> None:
    page = read(client)
    rows = page.partition('<h2 id="metadata">')[2]
    assert "CC0 1.0" in rows
    assert "artition" not in rows
    assert 5 < rows.count("<dt>") < 40


def test_citation_and_description_name_the_data_set(client: Client) -> None:
    page, iri = read(client), client.app.resources.names.dataset
    assert page.count(iri) >= 3
    assert "@misc{" in page
    stated = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)[0])
    assert (stated["@type"], stated["@id"]) == ("Dataset", iri)
