"""The pages in a real browser: accessible, readable on a phone and in dark mode, working without JavaScript."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from support import page_kinds
from support.tiers import EVERYTHING

from publisher.dataset.iris import KINDS
from publisher.formats import HTML
from publisher.web.routes import VARIATIONS

Show = Callable[..., Any]
REQUESTS = 6
"""Most requests of one page, the page and its icon included."""
BYTES = 40_000
"""Most bytes of one page with all that it loads, as they are sent."""

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLORED = ["color-contrast", "link-in-text-block"]
"""The rules whose result depends on the colour scheme."""
WIDTHS = [390, 1280]
MODES = [("light", 390), ("dark", 1280), *([("light", 1280), ("dark", 390)] if EVERYTHING else [])]
"""The colour schemes and widths in which pages are checked; all four in `.ci/run --all`."""


def test_header_is_one_line_on_a_wide_screen(show: Show, server: str) -> None:
    page = show(f"{server}/about", 1280)
    boxes = page.evaluate(
        "[...document.querySelectorAll('header > *')].map(e => [e.offsetTop, e.offsetTop + e.offsetHeight])"
    )
    assert len(boxes) == 3
    assert max(top for top, _ in boxes) < min(bottom for _, bottom in boxes)


def test_home_page_on_a_phone_shows_bars_and_short_answers(show: Show, server: str) -> None:
    seen = "selector => [...document.querySelectorAll(selector)].filter(e => e.offsetHeight > 0).length"
    phone, wide = show(f"{server}/", 390), show(f"{server}/", 1280)
    assert [phone.evaluate(seen, selector) for selector in (".matrix", "table.bars")] == [0, 1]
    assert [wide.evaluate(seen, selector) for selector in (".matrix", "table.bars")] == [1, 0]
    assert 0 < phone.evaluate(seen, ".answers section:first-child li") <= 3
    assert phone.evaluate(seen, ".purposes > li") == wide.evaluate(seen, ".purposes > li") > 3


@pytest.mark.parametrize("path", page_kinds.PAGES)
def test_pages_meet_wcag_2_2_aa(show: Show, server: str, path: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = show(page_kinds.url(server, path), bypass_csp=True)
    rules = {"light": {"type": "tag", "values": AXE_TAGS}, "dark": {"type": "rule", "values": COLORED}}
    for scheme, width in MODES:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        found = Axe().run(page, options={"runOnly": rules[scheme], "resultTypes": ["violations"]}).response
        assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == [], (scheme, width)
        assert found["passes"]


@pytest.mark.parametrize("path", page_kinds.PAGES)
def test_pages_do_not_overflow(show: Show, server: str, path: str) -> None:
    page = show(page_kinds.url(server, path))
    for width in [320, *WIDTHS]:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", page_kinds.GOOD)
def test_pages_log_nothing_and_load_no_external_resources(browser: Any, server: str, path: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    reported: list[str] = []
    sizes: dict[str, int] = {}
    page.on("console", lambda message: reported.append(message.text))
    page.on("requestfinished", lambda request: sizes.update({request.url: transferred(request)}))
    page.goto(page_kinds.url(server, path))
    page.wait_for_load_state("networkidle")
    context.close()
    assert reported == []
    assert all(url.startswith(server) for url in sizes)
    assert len(sizes) <= REQUESTS
    assert sum(sizes.values()) <= BYTES, sizes


def test_list_of_pages_leaves_out_no_kind_and_no_address() -> None:
    for pages in (page_kinds.LISTS, page_kinds.THINGS):
        assert {page.split("/")[1].partition("?")[0] for page in pages} == set(KINDS)
    offered = {first.rstrip("/") for first, variation in VARIATIONS.items() if HTML in variation.offers}
    assert offered <= {re.split("[/?]", page)[0] for page in page_kinds.PAGES}


def transferred(request: Any) -> int:
    """The bytes of a response as they were sent: head and compressed body."""
    sizes = request.sizes()
    return int(sizes["responseHeadersSize"] + sizes["responseBodySize"])


def test_query_works_without_javascript(show: Show, server: str) -> None:
    page = show(f"{server}/ask/sparql", 390, java_script_enabled=False)
    page.get_by_role("button", name="Run").click()
    assert "3" in page.locator("tbody td").all_inner_texts()
    page.get_by_role("link", name="Coalitions", exact=True).click()
    page.get_by_role("link", name="Open Books Coalition").click()
    assert page.locator("h1").inner_text() == "Open Books Coalition"


def test_long_list_is_filtered_by_the_server_while_typing(show: Show, server: str) -> None:
    page = show(f"{server}/doc/coalition?q=nothing-like-this")
    assert page.locator("table.listing").count() == 0
    field = page.get_by_label("Filter by words")
    field.fill("fair wages")
    page.locator("table.listing tbody tr").first.wait_for()
    assert page.locator("table.listing tbody th").all_inner_texts() == ["Fair Wages Coalition"]
    assert page.locator("#list-count").inner_text().startswith("1 of ")
    assert page.url.endswith("/doc/coalition?q=fair+wages")
    field.fill("")
    page.locator("table.listing tbody tr").nth(1).wait_for()


def test_download_button_downloads_result(show: Show, server: str) -> None:
    page = show(f"{server}/ask/sparql", java_script_enabled=False)
    page.get_by_text("Download the result without displaying it").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert download.value.path().read_text().startswith("agenda,coalitions")


def test_skip_link_is_first(show: Show, server: str) -> None:
    page = show(f"{server}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_print_has_folded_parts_and_addresses_of_sources(show: Show, server: str) -> None:
    page = show(f"{server}/doc/coalition/fair-wages-coalition")
    shown = "selector => [...document.querySelectorAll(selector)].map(e => e.checkVisibility())"
    folded = ":is(.reader, .facts) details > :not(summary)"
    assert set(page.evaluate(shown, folded)) == {False}
    page.emulate_media(media="print")
    assert set(page.evaluate(shown, folded)) == {True}
    assert set(page.evaluate(shown, "details.all, .data .actions, form")) == {False}
    printed = "e => getComputedStyle(e, '::after').content"
    source = page.locator('.sources > li > a[href^="http"]').first
    assert source.get_attribute("href") in source.evaluate(printed)
