"""Corrections: the form, the text that it makes, and what it becomes with an address set."""

import html
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from support.asgi_client import Client, OpenApp
from support.each import each
from werkzeug.test import TestResponse

from publisher.pages.correct import Correction, find_problems
from publisher.release.resources import Resources

THING = "id/coalition/clear-water"
PAGE = "https://www.clearwater.example/about"


def ask(client: Client, about: str = THING, **entered: str) -> TestResponse:
    return client.get("/correct", query_string={"about": about, **entered})


def options(client: Client, about: str = THING) -> dict[str, str]:
    """The statements that can be chosen: text -> value."""
    found = re.findall(r'<option value="([^"]+)">(.*?)</option>', ask(client, about).text)
    return {html.unescape(text): value for value, text in found}


def code(response: TestResponse) -> list[str]:
    return [html.unescape(text) for text in re.findall(r"<pre[^>]*><code>(.*?)</code>", response.text, re.DOTALL)]


@each(
    ("correction", "number"),
    [
        (Correction("", "Right.", PAGE), 0),
        (Correction("", "", PAGE), 1),
        (Correction("", "Right.", "a page"), 1),
        (Correction("", "", "javascript:alert(1)"), 2),
    ],
)
def test_incomplete_form_states_problems(correction: Correction, number: int) -> None:
    assert len(find_problems(correction)) == number


def test_page_without_record_helps_to_find_one(client: Client) -> None:
    page = client.get("/correct").text
    assert '<input id="record-search"' in page
    assert '<meta name="robots" content="noindex">' in page


def test_form_lists_statements_in_words(client: Client) -> None:
    found = options(client)
    assert "name: Clear Water" in found
    assert "website: https://www.clearwater.example/" in found
    assert "written as: @clearwater" in found
    assert not [text for text in found if text.startswith(("type:", "account:", "label:"))]
    assert len(set(found.values())) == len(found)


def test_form_names_parts_in_words(client: Client) -> None:
    text = ask(client, "id/coalition/fair-wages-coalition").text
    parts = [html.unescape(label) for label in re.findall('<optgroup label="([^"]+)">', text)]
    assert len(parts) == len(set(parts)) == text.count("</optgroup>") > 5
    assert "Founding of Fair Wages Coalition" in parts
    assert "Fair Wages Coalition supports H.101 (11th), An Act raising the minimum wage" in parts
    assert not [part for part in parts if re.search("[0-9]+ [hs][0-9]", part)]


def test_text_names_the_part(client: Client) -> None:
    text = ask(client, "id/coalition/fair-wages-coalition").text
    chosen = re.findall(
        '<optgroup label="Founding of Fair Wages Coalition">.*?value="([0-9]+)">([^<]+)<', text, re.DOTALL
    )
    body, _ = code(ask(client, "id/coalition/fair-wages-coalition", statement=chosen[0][0], right="x", source=PAGE))
    assert f"It says: Founding of Fair Wages Coalition: {html.unescape(chosen[0][1])}" in body


def test_form_lists_no_derived_statements(client: Client, root: Path) -> None:
    stated = (root / "data/coalitions/clear-water.ttl").read_text(encoding="utf-8")
    assert "supports" not in stated
    assert not [text for text in options(client) if text.startswith(("supports:", "has member:"))]


def test_text_says_what_is_wrong_right_and_where(client: Client) -> None:
    chosen = options(client)["name: Clear Water"]
    response = ask(client, statement=chosen, right='Clear "Water" <b>', source=PAGE)
    body, change = code(response)
    assert body.splitlines() == [
        "Record: Clear Water",
        f"URI: https://w3id.org/ma-coalitions/{THING}",
        "File: data/coalitions/clear-water.ttl",
        "It says: name: Clear Water",
        'It should say: Clear "Water" <b>',
        f"The page that says so: {PAGE}",
    ]
    assert '-    skos:prefLabel "Clear Water"@en ;' in change
    assert '+    skos:prefLabel "Clear \\"Water\\" <b>"@en ;' in change
    assert change.endswith(f"# Add the page as dcterms:source: {PAGE}")
    assert "No address for corrections is set on this server" in response.text


def test_value_that_must_be_an_iri_is_described(client: Client) -> None:
    chosen = options(client)["listed under: Clean Water Agenda"]
    _, change = code(ask(client, statement=chosen, right="Fair Work\nAgenda", source=PAGE))
    assert "-    coal:advances agenda:clean-water-agenda ;" in change
    assert "+    " not in change
    assert "the URI of: Fair Work Agenda" in change


def test_missing_statement_is_described(client: Client) -> None:
    body, change = code(ask(client, right="It has a phone.", source=PAGE))
    assert "It says: (nothing; this is missing)" in body
    assert change.startswith(f"# Add to https://w3id.org/ma-coalitions/{THING}: It has a phone.")


def test_statement_that_is_gone_is_to_be_chosen_again(client: Client) -> None:
    response = ask(client, statement="-1", right="x", source=PAGE)
    assert "The record no longer has the statement that was chosen" in response.text
    assert "Send it" not in response.text


def test_entered_text_is_not_stored(client: Client) -> None:
    response = ask(client, right="x", source=PAGE)
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
    assert "ETag" in ask(client).headers


def test_too_long_fields_are_rejected(client: Client) -> None:
    assert ask(client, right="x" * 2001, source=PAGE).status_code == 400
    assert ask(client, right="x", source="https://x.example/" + "x" * 500).status_code == 400


def test_form_says_before_use_that_no_address_is_set(opened: Callable[..., OpenApp], root: Path) -> None:
    alone = opened(root).test_client()
    form, _, fields = ask(alone).text.partition('<form class="correct"')
    assert "No address for corrections is set on this server, and it names nobody" in form
    assert fields
    for page in (ask(alone).text, ask(alone, right="x", source=PAGE).text):
        assert "#kept" not in page
    project = opened(root, project_url="https://code.example/project").test_client()
    assert 'the data are kept by <a href="https://code.example/project"' in ask(project).text
    mail = opened(root, contact="us@code.example").test_client()
    assert "No address for corrections" not in ask(mail).text


def test_every_kind_of_record_has_a_form(client: Client, resources: Resources) -> None:
    firsts = {thing.split("/id/")[1].split("/")[0]: thing for thing in resources.things()}
    for thing in firsts.values():
        response = ask(client, thing.removeprefix(resources.names.base))
        assert response.status_code == 200
        assert '<meta name="robots" content="noindex">' in response.text
        assert response.text.count("<option") > 1


def test_addresses_are_prefilled(opened: Callable[..., OpenApp], root: Path) -> None:
    settings = {"issue_url": "https://code.example/new?labels=data", "contact": "us@code.example"}
    client = opened(root, **settings).test_client()
    page = ask(client, right="It has a phone & a bell.", source=PAGE).text
    issue, mail = (html.unescape(target) for target in re.findall(r'<a class="button" href="([^"]+)"', page))
    fields = parse_qs(urlsplit(issue).query)
    assert fields["labels"] == ["data"]
    assert fields["title"] == ["Correct Clear Water: something is missing"]
    assert "It should say: It has a phone & a bell." in fields["body"][0]
    assert mail.startswith("mailto:us@code.example?subject=Correct%20Clear%20Water")
    assert "%0D%0AIt%20should%20say%3A%20It%20has%20a%20phone%20%26%20a%20bell." in mail


@pytest.fixture
def resources(app: OpenApp) -> Resources:
    return app.resources
