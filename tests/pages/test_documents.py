"""The pages of the documentation: every guide, with links that lead somewhere."""

import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from support.asgi_client import Client

from publisher.errors import NotFoundError
from publisher.pages.assets import Assets
from publisher.pages.documents import DocumentPages
from publisher.pages.layout import Layout, Site

HTML = {"Accept": "text/html"}


@pytest.fixture
def layout() -> Layout:
    return Layout(Site("Ponds", "", [], []), Assets())


def test_guides_are_listed_with_first_sentence(layout: Layout, tmp_path: Path) -> None:
    (tmp_path / "mills.md").write_text("# Mills\n\nHow they turn.\n", encoding="utf-8")
    (tmp_path / "research.md").write_text(
        "# Research\n\nSee [mills](mills.md) and [more](../x.md).\n", encoding="utf-8"
    )
    pages = DocumentPages(layout, tmp_path)
    assert pages.names == ["research", "mills"]
    listing = pages.listing("docs")
    assert '<a href="docs/mills">Mills</a><span>How they turn.</span>' in listing
    assert '<p>See <a href="mills">mills</a> and more.</p>' in pages.page("research", "docs/research")


def test_unknown_guide_names_the_nearest(layout: Layout) -> None:
    with pytest.raises(NotFoundError, match="Did you mean 'querying'"):
        DocumentPages(layout).page("queryin", "docs/queryin")


def test_every_guide_is_served_and_its_links_resolve(client: Client, checkout: Path) -> None:
    names = {path.stem for path in (checkout / "docs").glob("*.md")}
    assert len(names) > 10
    served = {name: client.get(f"/docs/{name}", headers=HTML) for name in names}
    assert {response.status_code for response in served.values()} == {200}
    ids = {name: set(re.findall(r' id="([^"]+)"', response.text)) for name, response in served.items()}
    lost = []
    for name, response in served.items():
        main = response.text.partition("<main")[2].partition("</main>")[0]
        for target in re.findall(r'<a href="([^"]+)"', main):
            path, _, fragment = urljoin(f"/docs/{name}", target).partition("#")
            guide = path.removeprefix("/docs/")
            if path.startswith("/docs/") and (guide not in names or (fragment and fragment not in ids[guide])):
                lost.append((name, target))
    assert lost == []


def test_list_of_guides_has_one_address(client: Client) -> None:
    assert client.get("/docs", headers=HTML).status_code == 200
    response = client.get("/docs/")
    assert (response.status_code, response.headers["Location"]) == (301, "../docs")
