"""Time lines of lists: things of one page by their dates, each stated in the table too."""

import re

import pytest
from support.asgi_client import Client

from publisher.pages.list_timeline import DATES
from publisher.release.columns import COLUMNS

HTML = {"Accept": "text/html"}


def read_picture(client: Client, path: str) -> list[tuple[str, str]]:
    """The links of the time line of a list, as (target, text)."""
    page = client.get(path, headers=HTML).text
    drawn = page.partition('<h2 id="time-line">')[2].partition("</section>")[0]
    return re.findall(r'<a href="([^"]+)"><text[^>]*>(?:<title>[^<]+</title>)?([^<]+)<', drawn)


def test_columns_of_dates_exist() -> None:
    for kind, dates in DATES.items():
        assert {dates.start, dates.end} - {""} <= {column.name for column in COLUMNS[kind] if column.shown}


def test_things_are_in_order_of_their_dates(client: Client) -> None:
    assert read_picture(client, "/doc/measure") == [
        ("../doc/measure/2024-question-1", "5 November 2024: Question 1 of 2024 (paid sick…"),
        ("../doc/measure/2026-limit-on-rents", "November 2026: Petition of 2026 on rents"),
    ]
    page = client.get("/doc/measure", headers=HTML).text
    assert '<a href="#time-line">When they were voted on</a>' in page
    assert "2024-11-05" in page.partition('<table class="listing"')[2].partition("</table>")[0]


def test_periods_have_both_ends(client: Client) -> None:
    assert all(re.match(r"\d{4}–\d{4}: ", text) for _, text in read_picture(client, "/doc/session"))
    assert len(read_picture(client, "/doc/session")) > 1


@pytest.mark.parametrize("path", ["/doc/coalition", "/doc/measure?q=sick", "/doc/source"])
def test_few_dates_are_not_drawn(client: Client, path: str) -> None:
    page = client.get(path, headers=HTML).text
    assert "time-line" not in page
    assert '<table class="listing"' in page


def test_founding_is_a_column_of_coalitions(client: Client) -> None:
    page = client.get("/doc/coalition", headers=HTML).text
    cells = re.findall('<td data-label="Founded"[^>]*>(.*?)</td>', page)
    assert [re.sub("<[^>]+>", "", cell) for cell in cells if cell] == ["2013"]
