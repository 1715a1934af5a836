"""The pages in a real browser: accessible, readable on a phone and in dark mode, working without JavaScript."""

from collections.abc import Callable
from typing import Any

import pytest

PAGES = [
    "",
    "doc/coalition",
    "doc/coalition/fair-wages-coalition",
    "doc/issue/housing",
    "doc/agenda/fair-work-agenda",
    "doc/source/our-partners",
    "doc/bill/12-h120",
    "doc/proposal/raising-the-minimum-wage",
    "doc/organization/river-watch",
    "doc/role/member",
    "ontology",
    "ontology?q=coal:coalition",
    "shapes",
    "shapes?q=coalition account",
    "rule/Agenda-notation-count",
    "rule/dates-in-order",
    "rule/tidy",
    "dataset",
    "problem",
    "problem/result-limit",
    "ask",
    "ask?q=coalitions on an agenda",
    "ask/build",
    "ask/build?class=coal:Coalition&show=coal:advances",
    "ask/sparql",
    "ask/coalitions-by-agenda",
    "ask/how-often-each-kind-of-change-is-sought",
    "ask/when-coalitions-were-founded?view=timeline",
    "ask/aims-and-the-kind-of-change-sought?view=network",
    "ask/aims-and-the-kind-of-change-sought?view=matrix",
    "ask/embed?question=coalitions-by-agenda",
    "sparql?query=SELECT * { ?s a <https://w3id.org/ma-coalitions/ontology%23Coalition> ; ?p ?o } LIMIT 30",
    "sparql?query=SELECT * { ?s ?p",
    "sparql?query=DESCRIBE <https://w3id.org/ma-coalitions/id/coalition/clear-water>",
    "about",
    "correct",
    "correct?about=id/coalition/clear-water",
    "correct?about=id/coalition/clear-water&right=It has a phone.&source=https://www.clearwater.example/",
    "doc/bill",
    "doc/bill?q=h&session=12&sort=-backers",
    "doc/source",
    "docs",
    "docs/querying",
    "graph",
    "privacy",
    "no/such/page",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_meet_wcag_2_2_aa(show: Callable[..., Any], server: str, path: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    page = show(f"{server}/{path}", color_scheme=scheme, bypass_csp=True)
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}}).response
    assert [(v["id"], v["nodes"][0]["html"]) for v in found["violations"]] == []
    assert len(found["passes"]) > 10


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("path", PAGES)
def test_pages_do_not_overflow(show: Callable[..., Any], server: str, path: str, width: int) -> None:
    page = show(f"{server}/{path}", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", [path for path in PAGES if path.count("?p ") or "?query" not in path][:-1])
def test_pages_log_nothing_and_load_no_external_resources(browser: Any, server: str, path: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    reported: list[str] = []
    requested: list[str] = []
    page.on("console", lambda message: reported.append(message.text))
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{server}/{path}")
    context.close()
    assert reported == []
    assert all(url.startswith(server) for url in requested)


def test_query_works_without_javascript(show: Callable[..., Any], server: str) -> None:
    page = show(f"{server}/ask/sparql", 390, java_script_enabled=False)
    page.get_by_role("button", name="Run").click()
    assert "3" in page.locator("tbody td").all_inner_texts()
    page.get_by_role("link", name="Coalitions", exact=True).click()
    page.get_by_role("link", name="Open Books Coalition").click()
    assert page.locator("h1").inner_text() == "Open Books Coalition"


def test_download_button_downloads_result(show: Callable[..., Any], server: str) -> None:
    page = show(f"{server}/ask/sparql", java_script_enabled=False)
    page.get_by_text("Download the result without displaying it").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert download.value.path().read_text().startswith("agenda,coalitions")


def test_skip_link_is_first(show: Callable[..., Any], server: str) -> None:
    page = show(f"{server}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
