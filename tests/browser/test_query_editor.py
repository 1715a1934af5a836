"""The query page with JavaScript: an editor that completes, results in place, and no request to another host."""

import os
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pyoxigraph as ox
import pytest

from publisher.pages.assets import Assets
from publisher.rdf.namespaces import RDF, SKOS, VOCABULARY
from publisher.release.store import Store

COUNT = """PREFIX coal: <https://w3id.org/ma-coalitions/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?name (COUNT(?issue) AS ?issues) WHERE {
  ?coalition coal:worksOn ?issue ; skos:prefLabel ?name .
} GROUP BY ?name ORDER BY DESC(?issues) ?name"""
READ = "document.querySelector('.CodeMirror').CodeMirror.getValue()"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(autouse=True)
def _editor_is_built() -> None:
    if not Assets().editor:
        assert not os.environ.get("PUBLISHER_TESTS_REQUIRE_EXTRAS"), "the build fetched no editor"
        pytest.skip("the build fetched no editor")


@pytest.fixture
def edit(show: Callable[..., Any], server: str) -> Callable[..., Any]:
    """Opens the query page with a query in its editor: `edit(query, width, **options of the context)`."""

    def open_editor(query: str = "", width: int = 1280, **options: Any) -> Any:
        asked = f"?{urlencode({'query': query})}" if query else ""
        page = show(f"{server}/{'sparql' if asked else 'ask/sparql'}{asked}", width, **options)
        page.locator("textarea#query").focus()
        page.locator(".CodeMirror").wait_for()
        return page

    return open_editor


def enter(page: Any, text: str) -> None:
    """Type a query in place of the one that is there; closing brackets are typed too, as nothing adds them."""
    page.get_by_label("Query", exact=True).focus()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(text)


def complete(page: Any, text: str) -> list[str]:
    """Type on, and ask for completions: what is offered."""
    page.keyboard.type(text)
    page.keyboard.press("Control+Space")
    page.locator(".CodeMirror-hint").first.wait_for()
    return page.locator(".CodeMirror-hint").all_inner_texts()


def table(page: Any, column: int = 1) -> list[str]:
    return page.locator(f"#answer tbody tr:visible td:nth-child({column})").all_inner_texts()


# Typing


def test_editor_replaces_field_with_label_and_text(edit: Callable[..., Any]) -> None:
    page = edit(COUNT)
    assert page.evaluate(READ) == COUNT
    assert not page.locator("textarea#query").is_visible()
    page.get_by_text("Query", exact=True).click()
    assert page.evaluate("document.activeElement === document.querySelector('.CodeMirror textarea')")


def count(store: Store, predicate: str, value: str | None = None) -> int:
    """Count the statements of the default graph with a predicate and, if given, a value."""
    object_ = ox.NamedNode(value) if value else None
    return len(list(store.lookup.find(None, ox.NamedNode(predicate), object_)))


def test_class_completion_declares_prefix(edit: Callable[..., Any], store: Store) -> None:
    page = edit()
    enter(page, "SELECT * { ?s a ")
    measures = count(store, RDF + "type", VOCABULARY + "BallotMeasure")
    assert complete(page, "ballot") == [f"coal:BallotMeasure · ballot measure · {measures}×"]
    page.keyboard.press("Enter")
    text = "PREFIX coal: <https://w3id.org/ma-coalitions/ontology#>\nSELECT * { ?s a coal:BallotMeasure"
    assert page.evaluate(READ) == text


def test_property_completion_replaces_typed_text(edit: Callable[..., Any], store: Store) -> None:
    page = edit()
    enter(page, "SELECT * { ?s a ?c ; ")
    labels = count(store, SKOS + "prefLabel")
    assert f"skos:prefLabel · {labels}×" in [text.replace("pref label · ", "") for text in complete(page, "skos:pref")]
    page.keyboard.press("Enter")
    assert page.evaluate(READ).endswith("\nSELECT * { ?s a ?c ; skos:prefLabel")
    assert page.evaluate(READ).count("PREFIX") == 1


def test_completion_without_text_lists_properties(edit: Callable[..., Any]) -> None:
    page = edit()
    enter(page, "SELECT * { ?s ")
    assert len(complete(page, "")) > 50


def test_variables_are_completed(edit: Callable[..., Any]) -> None:
    page = edit()
    enter(page, "SELECT * { ?coalition a ?class . ")
    assert complete(page, "?coa") == ["?coalition"]


def test_tab_leaves_editor(edit: Callable[..., Any]) -> None:
    page = edit()
    page.get_by_label("Query", exact=True).focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Run"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.textContent") == "build one"


# Asking


def test_result_is_shown_in_place_with_address(edit: Callable[..., Any]) -> None:
    page = edit()
    page.evaluate("window.here = true")
    enter(page, COUNT)
    page.keyboard.press("Control+Enter")
    page.locator("#answer table").wait_for()
    assert parse_qs(urlsplit(page.url).query) == {"query": [COUNT]}
    assert page.evaluate("window.here"), "the page is not loaded anew"
    assert page.title().startswith("Rows: name, issues")
    assert " rows · " in page.locator("#status").inner_text()
    rows = table(page)
    page.reload()
    assert table(page) == rows


def test_back_button_restores_query(edit: Callable[..., Any], server: str) -> None:
    page = edit("ASK {}")
    enter(page, COUNT)
    page.get_by_role("button", name="Run").click()
    page.locator("#answer table").wait_for()
    page.go_back()
    page.get_by_text("yes", exact=True).wait_for()
    page.locator("textarea#query").focus()
    page.locator(".CodeMirror").wait_for()
    assert page.evaluate(READ) == "ASK {}"


def test_problem_marks_line_until_fixed(edit: Callable[..., Any]) -> None:
    page = edit()
    enter(page, "SELECT * {\n  ?s ?p\n}")
    page.get_by_role("button", name="Run").click()
    page.get_by_role("alert").wait_for()
    assert "Line 3, column 1" in page.get_by_role("alert").inner_text()
    marked = page.locator(".CodeMirror-code > div", has=page.locator(".wrong"))
    assert marked.locator(".CodeMirror-linenumber").all_inner_texts() == ["3"]
    enter(page, "ASK {}")
    page.get_by_role("button", name="Run").click()
    page.get_by_text("yes", exact=True).wait_for()
    assert marked.count() == 0


def test_missing_prefix_is_added_by_button(edit: Callable[..., Any]) -> None:
    page = edit()
    enter(page, "SELECT ?c { ?c a coal:Agenda } LIMIT 1")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Add the prefix and run").click()
    page.locator("#answer table").wait_for()
    assert page.evaluate(READ).startswith("PREFIX coal: <https://w3id.org/ma-coalitions/ontology#>\nSELECT")
    enter(page, "SELECT ?c { ?c a nobody:Agenda }")
    page.keyboard.press("Control+Enter")
    page.get_by_text("The prefix nobody: is not declared").wait_for()
    assert page.get_by_role("button", name="Add the prefix and run").count() == 0


def test_long_query_is_posted(edit: Callable[..., Any], server: str) -> None:
    page = edit()
    enter(page, "ASK {} #" + "x" * 10_000)
    with page.expect_request(f"{server}/sparql") as sent:
        page.get_by_role("button", name="Run").click()
    assert sent.value.method == "POST"
    page.get_by_text("yes", exact=True).wait_for()
    assert page.url == f"{server}/ask/sparql"


def test_running_query_can_be_stopped(edit: Callable[..., Any]) -> None:
    page = edit()
    page.route("**/sparql?*", lambda _route: None)  # never answered
    page.get_by_role("button", name="Run").click()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped.").wait_for()
    assert not page.get_by_role("button", name="Stop").is_visible()
    page.unroute("**/sparql?*")
    page.get_by_role("button", name="Run").click()
    page.locator("#answer table").wait_for()


def test_unreachable_server_is_reported(edit: Callable[..., Any]) -> None:
    page = edit()
    page.route("**/sparql?*", lambda route: route.abort())
    page.get_by_role("button", name="Run").click()
    page.get_by_text("The server did not answer.").wait_for()


def test_download_uses_editor_text(edit: Callable[..., Any]) -> None:
    page = edit()
    enter(page, "SELECT (1 AS ?one) {}")
    page.get_by_text("Download the result without displaying it").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert download.value.path().read_text() == "one\n1\n"


# Examples and answers


def test_term_of_panel_goes_to_the_cursor(edit: Callable[..., Any]) -> None:
    page = edit()
    enter(page, "SELECT * { ?s a ")
    page.get_by_text("Classes (").click()
    page.get_by_role("button", name="coal:Agenda", exact=True).click()
    assert page.evaluate(READ).endswith("SELECT * { ?s a coal:Agenda")


def test_last_queries_are_kept_in_the_browser_until_forgotten(edit: Callable[..., Any], server: str) -> None:
    page = edit()
    for query in ("ASK {}", COUNT):
        enter(page, query)
        page.keyboard.press("Control+Enter")
        page.locator("#answer h2").first.wait_for()
        page.wait_for_function("query => JSON.parse(localStorage.queries)[0].query === query", arg=query)
    titles = page.locator("#history li a").all_inner_texts()
    assert titles == ["Rows: name, issues", "Yes or no"]
    page.goto(f"{server}/ask/sparql")
    page.get_by_role("link", name="Yes or no").click()
    page.get_by_text("yes", exact=True).wait_for()
    page.get_by_role("button", name="Forget them").click()
    assert not page.locator("#history").is_visible()
    assert page.evaluate("JSON.parse(localStorage.queries)") == []


def test_rows_are_sorted_and_filtered(edit: Callable[..., Any]) -> None:
    rows = " ".join(f'("Name {letter}" {number * 7 % 120})' for number, letter in enumerate("kbxzaqmcwtdr", 1))
    page = edit(f"SELECT ?name ?issues {{ VALUES (?name ?issues) {{ {rows} }} }}")
    page.get_by_role("button", name="issues").click()
    figures = [int(figure) for figure in table(page, 2)]
    assert figures == sorted(figures)
    assert figures[0] < figures[-1]
    page.get_by_role("button", name="issues").click()
    assert [int(figure) for figure in table(page, 2)] == figures[::-1]
    page.get_by_role("button", name="name", exact=True).click()
    assert table(page) == sorted(table(page), key=str.casefold)
    assert page.locator("th[aria-sort=ascending]").all_inner_texts() == ["name"]
    page.get_by_label("Filter rows").fill("name q")
    assert table(page) == ["Name q"]


def test_beginning_of_long_table_is_sorted_and_filtered(edit: Callable[..., Any]) -> None:
    page = edit(
        "SELECT ?n { VALUES ?a {0 1 2 3 4 5 6 7 8 9} VALUES ?b {0 1 2 3 4 5 6 7 8 9} VALUES ?c {0 1 2 3 4 5 6 7 8 9}"
        " BIND(1000 + 100*?c + 10*?b + ?a AS ?n) } ORDER BY ?n"
    )
    assert page.get_by_text("Preview: the first 500 of 1,000 rows.").is_visible()
    assert table(page) == [str(number) for number in range(1000, 1500)]
    page.get_by_label("Filter rows").fill("19")
    assert set(table(page)) == {str(number) for number in range(1000, 1500) if "19" in str(number)}
    page.get_by_label("Filter rows").fill("")
    for _ in range(2):
        page.get_by_role("button", name="n", exact=True).click()
    assert table(page) == [str(number) for number in range(1499, 999, -1)]


def test_long_table_scrolls_and_wide_table_fills_window(
    edit: Callable[..., Any],
) -> None:
    page = edit("SELECT ?s ?p ?o ?s2 ?p2 { ?s ?p ?o BIND(?s AS ?s2) BIND(?p AS ?p2) } LIMIT 60", 1600)
    box, form = page.locator("#answer .scroll").bounding_box(), page.locator("#ask").bounding_box()
    assert box["height"] < 800
    assert box["width"] > form["width"] + 300
    page.evaluate("document.querySelector('#answer .scroll').scrollTop = 500")
    top = page.locator("#answer thead th").first.bounding_box()["y"]
    assert abs(top - page.locator("#answer .scroll").bounding_box()["y"]) < 3


def test_control_enter_runs_query_without_editor(show: Callable[..., Any], server: str) -> None:
    page = show("about:blank")
    page.route("**/yasqe.min.js*", lambda route: route.abort())
    page.goto(f"{server}/ask/sparql")
    page.locator("textarea#query").fill("ASK {}")
    page.locator("textarea#query").press("Control+Enter")
    page.get_by_text("yes", exact=True).wait_for()


def test_code_sample_is_copied(edit: Callable[..., Any], server: str) -> None:
    page = edit("ASK {}", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_text("Code samples").click()
    page.get_by_role("button", name="Copy").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    command = page.evaluate("navigator.clipboard.readText()")
    assert command.startswith(f"curl -sS --fail-with-body -G {server}/sparql \\\n")
    assert command.endswith("'query=ASK {}'")


# Good manners


def test_session_makes_no_external_requests_and_stores_queries_only(browser: Any, server: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    reported: list[str] = []
    requested: list[str] = []
    page.on("console", lambda message: reported.append(message.text))
    page.on("pageerror", lambda error: reported.append(str(error)))
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{server}/ask/sparql")
    page.locator("textarea#query").focus()
    page.locator(".CodeMirror").wait_for()
    enter(page, "SELECT wrong")
    page.locator(".parseErrorIcon").hover()
    assert "Expected: DISTINCT" in page.locator(".yasqe_tooltip").inner_text()
    enter(page, "SELECT * { ?s a ")
    complete(page, "coal:Coal")
    page.keyboard.press("Enter")
    page.keyboard.type(" ; ")
    complete(page, "rdfs:lab")
    page.keyboard.press("Enter")
    page.keyboard.type(" ?o }")
    page.keyboard.press("Control+Enter")
    page.locator("#answer table").wait_for()
    kept = page.evaluate("[Object.keys(localStorage), sessionStorage.length, document.cookie]")
    context.close()
    assert reported == []
    assert len(requested) >= 8
    assert all(url.startswith(server) for url in requested)
    assert kept == [["queries"], 0, ""]


def test_plain_field_works_without_editor(browser: Any, server: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.route("**/yasqe/*.js*", lambda route: route.abort())
    page.goto(f"{server}/ask/sparql")
    page.get_by_label("Query", exact=True).fill("ASK {}")
    page.get_by_role("button", name="Run").click()
    page.get_by_text("yes", exact=True).wait_for()
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_editor_completions_chart_and_answer_meet_wcag_2_2_aa(
    edit: Callable[..., Any], scheme: str, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = edit(COUNT, width, color_scheme=scheme, bypass_csp=True)
    for name in ("Code samples", "Cite this result", "Embed in a page"):
        page.get_by_text(name).click()
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
    enter(page, 'SELECT * { ?s a ?c . # comment "text"\n ?s ?p 1, "text"@en, 1.5, true ; ')
    complete(page, "coal:a")
    found += Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in found] == []


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_editor_page_does_not_overflow(edit: Callable[..., Any], width: int) -> None:
    page = edit(COUNT, width)
    page.get_by_text("Code samples").click()
    page.get_by_text("Cite this result").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
