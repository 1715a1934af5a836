"""The search page of a static copy, in a browser: its script finds what the server finds first."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from support.asgi_client import Client, close, open_app
from support.sample_root import SAMPLE

from publisher.build.search_index import write_index
from publisher.pages.assets import Assets
from publisher.release.store import Store, open_store
from publisher.settings import Settings
from publisher.web.headers import SCRIPTED_POLICY
from publisher.web.in_process import InProcess

SITE = "http://copy.test/"
QUERIES = [
    "clear water",
    "Fair  Wages",
    "fwc",
    "rent STABILIZATION",
    "minimum wage",
    "sewage rivers act",
    "arcadia gaz",
    "h.70",
    "legíslature",
]


@pytest.fixture(scope="module")
def store(store_dir: Path) -> Iterator[Store]:
    opened = open_store(Settings(root=str(SAMPLE), store_dir=str(store_dir), public_url=SITE, static_copy=1))
    yield opened
    close(opened)


@pytest.fixture(scope="module")
def live(store: Store, store_dir: Path) -> Client:
    return open_app(Settings(root=str(SAMPLE), store_dir=str(store_dir), public_url=SITE), store).test_client()


@pytest.fixture(scope="module")
def files(store: Store, store_dir: Path) -> dict[str, tuple[bytes, str]]:
    """The files that the page needs: path -> body, Content-Type."""
    served = InProcess(Settings(root=str(SAMPLE), store_dir=str(store_dir), public_url=SITE, static_copy=1), store)
    page = served.pages.static_copy.search("search", searchable=True)
    served.close()
    assets = Assets()
    loaded = {f"/static/{name}": assets.find(name) for name in assets.names}
    found = {path: (asset.body, asset.form.content_type) for path, asset in loaded.items() if asset}
    names = (write_index(store.index), "application/json")
    return {**found, "/search": (page.encode(), "text/html; charset=utf-8"), "/search/names.json": names}


@pytest.fixture
def search(show: Callable[..., Any], files: dict[str, tuple[bytes, str]]) -> Callable[[str], Any]:
    """Opens the search page with a text."""

    def answer(route: Any) -> None:
        body, type_ = files.get(urlsplit(route.request.url).path, (b"", ""))
        headers = {"Content-Type": type_, "Content-Security-Policy": SCRIPTED_POLICY}
        route.fulfill(status=200 if body else 404, body=body, headers=headers)

    def open_page(text: str) -> Any:
        page = show("about:blank")
        page.route(f"{SITE}**", answer)
        page.goto(f"{SITE}search?q={quote(text)}")
        page.wait_for_function("document.getElementById('search-note').textContent !== ''")
        return page

    return open_page


@pytest.mark.parametrize("text", QUERIES)
def test_first_result_is_that_of_the_server(search: Callable[[str], Any], live: Client, text: str) -> None:
    sent = live.get(f"/search?q={quote(text)}", headers={"Accept": "application/json"}, base_url=SITE)
    first = sent.json["results"][0]
    found = search(text).locator("#search-results li").first
    assert found.locator("a").text_content() == first["name"]
    assert found.locator("a").get_attribute("href") == f"doc/{first['id'].rpartition('/id/')[2]}"


def test_text_that_is_in_no_name_is_reported(search: Callable[[str], Any]) -> None:
    page = search("zebra")
    assert page.locator("#search-results li").count() == 0
    assert "Nothing was found for “zebra”" in page.locator("#search-note").text_content()


def test_text_is_shown_as_text(search: Callable[[str], Any]) -> None:
    page = search("<b>water</b>")
    assert page.locator("#search-note b").count() == 0
    assert page.locator("#search-text").input_value() == "<b>water</b>"
