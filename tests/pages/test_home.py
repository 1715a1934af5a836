"""The home page: numbers, the matrix of coalitions and themes, and questions that the data answers."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from support.asgi_client import Client, OpenApp

from publisher.pages import home
from publisher.release.resources import Resources

HTML = {"Accept": "text/html"}


def read(client: Client) -> str:
    return client.get("/", headers=HTML).text


def test_home_page_states_numbers_with_links(client: Client) -> None:
    page, kinds = read(client), client.app.resources.kinds()
    numbers = re.findall(r'<ul class="inline numbers">.*?</ul>', page, re.DOTALL)[0]
    assert re.findall(r'<li><a href="doc/(\w+)">([\d,]+) \w+</a>', numbers) == [
        (kind, str(kinds[kind])) for kind in home.NUMBERS if kind in kinds
    ]
    assert '<a href="doc/bill?session=12">4 in the 12th session (2025-2026)</a>' in numbers
    assert f">state {client.app.resources.store.release[:12]}</a>" in page


def test_matrix_has_a_dot_where_a_coalition_works_on_a_theme(client: Client) -> None:
    table = re.findall(r'<div class="matrix".*?</table>', read(client), re.DOTALL)[0]
    themes = re.findall(r'<th scope="col"><a href="doc/issue/([^"]+)"', table)
    dots = {
        (row.partition('href="doc/coalition/')[2].partition('"')[0], themes[place])
        for row in re.findall(r'<tr><th scope="row">.*?</tr>', table, re.DOTALL)
        for place, cell in enumerate(re.findall("<td>(.*?)</td>", row))
        if cell
    }
    pairs = client.app.resources.lists.pairs("coalition", "theme")
    assert dots == {(iri.rpartition("/")[2], theme) for iri, theme in pairs}
    assert len(dots) > 3


def test_bars_count_coalitions_by_theme(client: Client) -> None:
    table = re.findall(r'<table class="bars">.*?</table>', read(client), re.DOTALL)[0]
    found = re.findall(r'<a href="doc/coalition\?theme=([^"]+)">(\d+) coalitions?</a>.*?<rect width="(\d+)"', table)
    pairs = [theme for _, theme in client.app.resources.lists.pairs("coalition", "theme")]
    assert {theme: int(number) for theme, number, _ in found} == {theme: pairs.count(theme) for theme in pairs}
    assert max(int(share) for _, _, share in found) == 100


def test_coalitions_stand_under_agendas_with_purpose(client: Client) -> None:
    page = read(client)
    section = page.partition("<h2>The coalitions</h2>")[2].partition("<h2>")[0]
    numbers = [len(re.findall("<li>", part)) for part in section.split("<h3>")[1:]]
    assert numbers == [3, 2, 1]
    assert re.search(r'<a href="doc/coalition/clear-water">Clear Water</a><span>\w', section)


def test_questions_are_answered_with_rows(client: Client) -> None:
    page = read(client)
    answers = page.partition('<div class="answers">')[2].partition("</div>")[0].split("<section>")[1:]
    assert [re.findall("<h3>(.*?)</h3>", answer)[0] for answer in answers] == [each.text for each in home.QUESTIONS]
    rows = [re.findall(r"<li><a [^>]*>.*?</a><span>(\d+)", answer) for answer in answers]
    for numbers in rows[:2]:
        assert 0 < len(numbers) <= home.ANSWERED
        assert [int(number) for number in numbers] == sorted(map(int, numbers), reverse=True)
    assert sum(map(int, rows[2])) == client.app.resources.kinds()["bill"]


@pytest.mark.slow
def test_sentence_begins_with_number(
    fork: Callable[[Mapping[str, str]], Path], opened: Callable[..., OpenApp], root: Path
) -> None:
    text = (root / "data/dataset.ttl").read_text(encoding="utf-8")
    stated = text.replace("dcterms:title ", 'schema:headline "Bills and ponds."@en ;\n    dcterms:title ', 1)
    client = opened(fork({"data/dataset.ttl": f"@prefix schema: <https://schema.org/> .\n{stated}"})).test_client()
    assert '<p class="lead">7 bills and ponds.</p>' in read(client)


def test_very_many_coalitions_are_counted_only(client: Client, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    monkeypatch.setattr(home, "SHOWN", 3)
    resources: Resources = client.app.resources
    page = home_pages(client).home()
    assert 'class="matrix"' not in page
    assert '<table class="bars">' in page
    assert len(re.findall(r'<a href="doc/coalition\?agenda=[^"]+">\d coalitions under', page)) == 3
    assert resources.kinds()["coalition"] == 6


def home_pages(client: Client) -> home.HomePages:
    from publisher.pages.assets import Assets
    from publisher.pages.layout import Layout, Site
    from publisher.pages.terms import TermFormatter
    from publisher.release.catalogue import Catalogue

    resources = client.app.resources
    layout = Layout(Site("Ponds", "", [], []), Assets())
    formatter = TermFormatter(resources.names, resources.store.lookup)
    return home.HomePages(resources, Catalogue(resources), resources.store.release, formatter, layout)


def test_home_page_describes_data_set_for_search_engines(client: Client) -> None:
    stated = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', read(client))[0])
    assert stated["@type"] == "Dataset"
    assert stated["@id"] == client.app.resources.names.dataset
    assert stated["license"] == ["http://creativecommons.org/publicdomain/zero/1.0/"]
    files = {file["contentUrl"].rpartition(".")[2]: file for file in stated["distribution"]}
    assert files.keys() >= {"zip", "ttl", "nq"}
    assert all(file["@type"] == "DataDownload" and file["contentSize"].endswith(" B") for file in files.values())
    assert files["nq"]["encodingFormat"] == "application/n-quads"


def test_home_page_has_one_search(client: Client) -> None:
    for path, name in (("/", "home-search"), ("/about", "search-text")):
        page = client.get(path, headers={"Accept": "text/html"}).text
        assert re.findall('<input id="([^"]+)" type="search"', page) == [name]
