"""Search: the form of every page, the results as a page and as JSON, and what is refused."""

import pytest
from support.asgi_client import Client

PAGE = {"Accept": "text/html"}
DATA = {"Accept": "application/json"}
COALITION = "https://w3id.org/ma-coalitions/id/coalition/"


def test_every_page_has_the_search_form(client: Client) -> None:
    for address, action in (("/", "search"), ("/doc/coalition/clear-water", "../../search"), ("/nothing", "search")):
        page = client.get(address, headers=PAGE).text
        assert f'<form class="search" role="search" action="{action}" method="get">' in page


def test_search_finds_a_name(client: Client) -> None:
    found = client.get("/search?q=Clear+Water", headers=DATA).json
    assert found["results"][0]["id"] == COALITION + "clear-water"
    assert 'href="doc/coalition/clear-water"' in client.get("/search?q=Clear+Water", headers=PAGE).text


def test_searched_text_is_escaped(client: Client) -> None:
    page = client.get("/search?q=%22%3E%3Cscript%3E", headers=PAGE).text
    assert 'value="&#34;&gt;&lt;script&gt;"' in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("query", "detail"),
    [("q=%C3", "not valid UTF-8"), ("q=" + "a" * 201, "exceeds the limit of 200 characters")],
)
def test_invalid_text_is_malformed(client: Client, query: str, detail: str) -> None:
    response = client.get(f"/search?{query}", headers=DATA)
    assert response.status_code == 400
    assert detail in response.json["detail"]
