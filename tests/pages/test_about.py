"""The page about the data set: what it says of itself, and what is counted as missing."""

import csv
import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from support.asgi_client import Client, OpenApp

HTML = {"Accept": "text/html"}


def test_missing_values_are_counted(client: Client) -> None:
    page = client.get("/about", headers=HTML).text
    found = re.findall(r'<a href="doc/(\w+)">\w+</a> ([^<]+)</th><td>([\d,]+)</td><td>([\d,]+)</td>', page)
    rows = list(csv.DictReader(io.StringIO(client.get("/doc/organization.csv").text)))
    without = sum(not row["website"] for row in rows)
    assert ("organization", "without a known website", str(without), str(len(rows))) in found
    assert all(0 < int(number) <= int(total) for _, _, number, total in found)


def test_page_names_keepers_and_says_that_no_contact_is_stated(client: Client) -> None:
    page = client.get("/about", headers=HTML).text
    kept = page.partition('<h2 id="kept">')[2].partition("</section>")[0]
    assert '<a href="doc/organization/' in kept
    assert "Contact: no address is stated" in kept
    assert 'id="persistence"' in page


def test_text_of_data_set_is_shown_without_html(
    fork: Callable[[Mapping[str, str]], Path], opened: Callable[..., OpenApp]
) -> None:
    text = "# Our method\n\nWe *read* <b>pages</b>, [here](https://x.example) and [there](secret.md).\n\n## Twice\n"
    page = opened(fork({"data/about.md": text})).test_client().get("/about", headers=HTML).text
    assert "<h2>Our method</h2>" in page
    assert "&lt;b&gt;pages&lt;/b&gt;" in page
    assert '<a href="https://x.example">here</a> and there.' in page
    assert '<h3 id="twice">Twice</h3>' in page


def test_changed_text_makes_another_compilation(
    fork: Callable[[Mapping[str, str]], Path], opened: Callable[..., OpenApp]
) -> None:
    pages = [opened(fork({"data/about.md": text})).test_client().get("/about").text for text in ("One.", "Two.")]
    assert ["One." in page for page in pages] == [True, False]
