"""Asking in a real browser: without JavaScript, by keyboard alone, in frames of other pages, and light pages."""

import functools
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

Show = Callable[..., Any]


def columns(page: Any, title: str) -> list[str]:
    return page.locator(f"#answer td[data-label='{title}']").all_inner_texts()


def test_question_is_found_chosen_and_viewed_without_javascript(show: Show, server: str) -> None:
    page = show(server, 390, java_script_enabled=False)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Ask").click()
    assert page.locator("h1").inner_text() == "Ask the data"
    page.get_by_label("Find a question").fill("agendas of coalitions")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Coalitions by agenda").click()
    assert len(set(columns(page, "agenda"))) > 1
    page.get_by_label("Agenda", exact=True).select_option(label="Fair Work Agenda")
    page.get_by_role("button", name="Ask").click()
    assert set(columns(page, "agenda")) == {"Fair Work Agenda"}
    assert page.title().startswith("Coalitions by agenda: Fair Work Agenda")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("coalitions-by-agenda-")
    page.locator("#answer tbody a").first.click()
    assert "/doc/" in page.url


def test_view_is_kept_in_the_address_without_javascript(show: Show, server: str) -> None:
    page = show(f"{server}/ask/aims-and-the-kind-of-change-sought", java_script_enabled=False)
    views = page.get_by_role("navigation", name="Views of the result")
    assert views.locator("[aria-current]").inner_text() == "Table"
    views.get_by_role("link", name="Network").click()
    assert page.url.endswith("?view=network")
    assert page.locator("figure svg circle").count() > 3
    page.reload()
    assert page.locator("figure svg").count() == 1


def test_query_is_built_without_javascript(show: Show, server: str) -> None:
    page = show(f"{server}/ask", java_script_enabled=False)
    page.get_by_role("navigation", name="Ways to ask").get_by_role("link", name="Build").click()
    page.get_by_role("link", name="Coalition", exact=True).click()
    page.get_by_label("advances", exact=False).first.check()
    page.get_by_role("button", name="Ask").click()
    assert "coal:advances ?advances" in page.locator(".asked-query pre").inner_text()
    assert len(columns(page, "advances")) > 3
    page.get_by_label("Answer with").select_option(label="the number by advances")
    page.get_by_role("button", name="Ask").click()
    assert page.locator("figure svg rect").count() == 3
    page.get_by_role("link", name="Change it in the editor").click()
    assert page.get_by_label("Query", exact=True).input_value().startswith("PREFIX coal:")


def press_until(page: Any, name: str, most: int = 120) -> None:
    """Press Tab until an element with this text, label or value has the focus."""
    script = "(e => `${e.textContent.trim()}|${e.labels?.[0]?.textContent.trim()}`.split('|'))(document.activeElement)"
    for _ in range(most):
        page.keyboard.press("Tab")
        if name in page.evaluate(script):
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_question_is_asked_by_keyboard_alone(show: Show, server: str) -> None:
    page = show(server)
    press_until(page, "Ask")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ask")
    press_until(page, "Find a question")
    page.keyboard.type("agenda coalitions listed")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ask?q=*")
    press_until(page, "Coalitions by agenda")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ask/coalitions-by-agenda")
    press_until(page, "Agenda")
    page.keyboard.type("Fair")
    press_until(page, "Ask")
    page.keyboard.press("Enter")
    page.wait_for_url("**/coalitions-by-agenda?agenda=fair-work-agenda")
    assert set(columns(page, "agenda")) == {"Fair Work Agenda"}


@pytest.fixture
def other_site(tmp_path: Path, server: str) -> Iterator[str]:
    """The address of a page of another origin, which shows results of the server."""
    (tmp_path / "index.html").write_text(
        f"<iframe src='{server}/ask/embed?question=coalitions-by-agenda'></iframe>"
        f"<iframe src='{server}/ask/coalitions-by-agenda'></iframe>"
        f"<img src='{server}/ask/picture.svg?question=how-often-each-kind-of-change-is-sought' alt=''>"
    )
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{other.server_port}/"
        other.shutdown()


def test_pages_of_others_show_a_result_in_a_frame(show: Show, other_site: str) -> None:
    page = show(other_site)
    assert page.frames[1].locator("h1").inner_text() == "Coalitions by agenda"
    assert page.frames[2].locator("h1").inner_text() != "Ask the data", "other pages may not be framed"
    assert page.locator("img").evaluate("image => image.decode().then(() => image.naturalHeight)") > 50


def test_questions_are_light_and_the_editor_loads_when_used(browser: Any, server: str) -> None:
    page = browser.new_context().new_page()
    sizes: dict[str, int] = {}
    page.on("response", lambda response: sizes.update({response.url: len(response.body())}))
    page.goto(f"{server}/ask")
    page.wait_for_load_state("networkidle")
    assert sum(sizes.values()) < 90_000, "without compression"
    assert not [url for url in sizes if url.partition("?")[0].endswith(".js")]
    page.goto(f"{server}/ask/sparql")
    page.wait_for_load_state("networkidle")
    assert not [url for url in sizes if "yasqe" in url]
    page.context.close()
