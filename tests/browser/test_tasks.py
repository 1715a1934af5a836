"""What visitors come for, each from the home page: by links without JavaScript, and by keyboard alone, in few steps.

The steps are the names of links in the order in which they are followed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

Show = Callable[..., Any]
TABS = 120
"""Stops of the keyboard on one page before what is looked for, at most."""


class Task(NamedTuple):
    """What a visitor wants to know. answers: texts below a heading of the page that the steps lead to."""

    steps: list[str]
    heading: str
    answers: list[str]


TASKS = {
    "coalitions on housing": Task(["Issues", "Housing"], "Coalitions working on this", ["Homes for All Coalition"]),
    "members of a coalition": Task(
        ["Coalitions", "Fair Wages Coalition"], "Who is in it", ["Forum for Arcadia", "Bakers' Union", "River Watch"]
    ),
    "its bills of the sitting session": Task(
        ["Coalitions", "Fair Wages Coalition"], "What it wants now", ["H.120", "S.60", "Bills of the 12th session"]
    ),
    "all that is known, as a file": Task(
        ["Data", "Download everything"], "For spreadsheets and databases", ["tables.zip", "sqlite"]
    ),
    "where to report an error": Task(
        ["Coalitions", "Clear Water", "Correct this"], "Correct Clear Water", ["Which public page says so?"]
    ),
}
AREA = """heading => {
  let found = heading.closest('section') || heading.parentElement;
  return found.innerText;
}"""


def follow(page: Any, name: str) -> None:
    """Click the first visible link of a name."""
    page.get_by_role("link", name=name, exact=True).first.click()


def press(page: Any, name: str) -> None:
    """Go to a link by Tab, and follow it by Enter."""
    before = page.url
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('a') && document.activeElement.textContent.trim()") == name:
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: url != before)
            return
    raise AssertionError(f"{name} is not reached by Tab")


def read(page: Any, heading: str) -> str:
    """The text below a heading, in its section or else the page."""
    return str(page.get_by_role("heading", name=heading).first.evaluate(AREA))


@pytest.mark.parametrize(("way", "options"), [(follow, {"java_script_enabled": False}), (press, {})])
@pytest.mark.parametrize("wanted", TASKS)
def test_task_is_done_from_home_in_three_steps(
    show: Show, server: str, wanted: str, way: Callable[[Any, str], None], options: dict[str, Any]
) -> None:
    task = TASKS[wanted]
    page = show(f"{server}/", 390, **options)
    assert len(task.steps) <= 3
    for step in task.steps:
        way(page, step)
    text = read(page, task.heading)
    assert [answer for answer in task.answers if answer not in text] == []


def test_whole_download_arrives(show: Show, server: str) -> None:
    page = show(f"{server}/download", java_script_enabled=False)
    with page.expect_download() as download:
        page.get_by_role("link", name="ma-coalitions.ttl", exact=True).click()
    assert "Fair Wages Coalition" in Path(download.value.path()).read_text(encoding="utf-8")


def test_error_is_reported_without_javascript(show: Show, server: str) -> None:
    page = show(f"{server}/correct?about=id/coalition/clear-water", 390, java_script_enabled=False)
    page.get_by_label("Which statement?").select_option(label="website: https://www.clearwater.example/")
    page.get_by_label("What is right?").fill("https://new.example/")
    page.get_by_label("Which public page says so?").fill("https://www.clearwater.example/moved")
    page.get_by_role("button", name="Write the text").click()
    assert "It should say: https://new.example/" in page.get_by_label("Text of the correction").inner_text()
