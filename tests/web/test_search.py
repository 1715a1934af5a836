"""Search: the form of every page, the results as a page and as JSON, and what is malformed."""

import re
from xml.etree import ElementTree

from support.asgi_client import Client
from support.each import each

from publisher.web.views.search import choose_short_name

PAGE = {"Accept": "text/html"}
DATA = {"Accept": "application/json"}
BASE = "https://w3id.org/ma-coalitions/id/"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


def test_every_page_has_the_search_form(client: Client) -> None:
    """One each: in the header, or below the first sentence of the home page."""
    for address, action in (("/", "search"), ("/doc/coalition/clear-water", "../../search"), ("/nothing", "search")):
        forms = re.findall(r"<form [^>]*role=\"search\"[^>]*>", client.get(address, headers=PAGE).text)
        assert len(forms) == 1
        assert f'action="{action}" method="get"' in forms[0]


def test_search_finds_a_name(client: Client) -> None:
    found = client.get("/search?q=Clear+Water", headers=DATA).json
    assert found["results"][0]["id"] == BASE + "coalition/clear-water"
    assert found["kinds"]["coalition"] == 1
    page = client.get("/search?q=Clear+Water", headers=PAGE).text
    assert '<a href="doc/coalition/clear-water">Clear Water</a>' in page
    assert 'value="Clear Water"' in page


@each(
    ("query", "thing", "line"),
    [
        ("FWC", "coalition/fair-wages-coalition", "Acronym FWC"),
        ("Fair Wage Campaign", "coalition/fair-wages-coalition", "Formerly “Fair Wage Campaign”"),
        ("wage floor", "issue/minimum-wage", "Also called “Wage floor”"),
        ("h 101", "bill/11-h101", "Session: 11th session"),
        ("HB101", "bill/11-h101", "Session: 11th session"),
        ("@fairwages", "coalition/fair-wages-coalition", "Account "),
        ("fairwages.example", "coalition/fair-wages-coalition", "Website https://www.fairwages.example/"),
        ("http://eurovoc.europa.eu/1705", "issue/rent-control", "Nearly the same as http://eurovoc.europa.eu/1705"),
        ("fair wagse coalition", "coalition/fair-wages-coalition", ""),
        ("living wage campaign", "coalition/living-wage-campaign", "Merged into"),
    ],
)
def test_result_says_why_it_was_found(client: Client, query: str, thing: str, line: str) -> None:
    found = client.get("/search", query_string={"q": query}, headers=DATA).json["results"]
    assert BASE + thing in [result["id"] for result in found[:2]]
    assert line in client.get("/search", query_string={"q": query}, headers=PAGE).text


def test_format_is_negotiated(client: Client) -> None:
    assert client.get("/search?q=x").mimetype == "text/html"
    assert client.get("/search?q=x&format=json").mimetype == "application/json"
    assert client.get("/search?q=x", headers={"Accept": "image/png"}).status_code == 406


def test_results_of_one_kind_have_pages(client: Client) -> None:
    page = client.get("/search?q=fair&kind=coalition", headers=PAGE).text
    assert 'href="search?q=fair"' in page
    assert client.get("/search?q=fair&kind=coalition&page=2", headers=PAGE).status_code == 404


def test_searched_text_is_escaped(client: Client) -> None:
    page = client.get("/search?q=%22%3E%3Cscript%3E", headers=PAGE).text
    assert 'value="&#34;&gt;&lt;script&gt;"' in page
    assert "<script>" not in page


@each(
    ("query", "status", "detail"),
    [
        ("q=%C3", 400, "The parameter 'q' is not valid UTF-8: invalid byte at 0"),
        ("q=ab%FFc", 400, "invalid byte at 2"),
        ("q=" + "a" * 201, 400, "exceeds the limit of 200 characters"),
        ("q=" + "a" * 5000, 414, "exceeds the limit of 4096 bytes"),
        ("q=a&kind=person", 400, "`kind` must be one of agenda, "),
        ("q=a&page=0", 400, "`page` must be a whole number"),
        ("q=a&page=-1", 400, "`page` must be a whole number"),
        ("q=a&page=99", 404, "Page 99 does not exist"),
    ],
)
def test_invalid_request_is_malformed(client: Client, query: str, status: int, detail: str) -> None:
    response = client.get(f"/search?{query}", headers=DATA)
    assert response.status_code == status
    assert detail in response.json["detail"]


@each("query", ["", "?q=", "?q=+", "?q=%3F%21", "?q=qqqq+xxxx", "?q=%F0%9F%99%82", "?q=%00", "?x=%C3"])
def test_text_without_results_gets_a_page(client: Client, query: str) -> None:
    response = client.get(f"/search{query}", headers=PAGE)
    assert response.status_code == 200
    assert re.search("Nothing was found|Enter a name", response.text)


def test_search_is_described_for_browsers(client: Client) -> None:
    page = client.get("/doc/coalition/clear-water", headers=PAGE).text
    assert 'type="application/opensearchdescription+xml"' in page
    assert 'href="../../opensearch.xml"' in page
    response = client.get("/opensearch.xml", base_url="https://host.example/mount")
    assert response.mimetype == "application/opensearchdescription+xml"
    tree = ElementTree.fromstring(response.text)
    addresses = {url.get("type"): url.get("template") for url in tree.iter(f"{OPENSEARCH}Url")}
    assert addresses["text/html"] == "https://host.example/mount/search?q={searchTerms}"
    assert tree.findtext(f"{OPENSEARCH}ShortName") == "ma-coalitions"


@each(
    ("title", "base", "name"),
    [
        ("Mill Ponds", "https://x.example/ponds/", "Mill Ponds"),
        ("Ponds of Upper Vermont", "https://x.example/upper-ponds/", "upper-ponds"),
        ("Ponds of Upper Vermont", "https://x.example/the-ponds-of-upper-vermont/", "Ponds of Upper"),
        ("Ponds of Upper Vermont", "https://ponds-of-vermont.example/", "Ponds of Upper"),
        ("Pondsofuppervermont", "https://ponds-of-vermont.example/", "Search"),
    ],
)
def test_short_name_of_search_is_whole(title: str, base: str, name: str) -> None:
    assert choose_short_name(title, base) == name


def test_results_name_the_text_and_say_where_words_lack(client: Client) -> None:
    page = client.get("/search?q=fair+river", headers=PAGE).text
    assert "<h1>Search results for “fair river”</h1>" in page
    assert "No name and no text has all of these words" in page
    assert "No name and no text" not in client.get("/search?q=fair+wages", headers=PAGE).text


def test_names_are_suggested(client: Client) -> None:
    response = client.get("/search/suggestions?q=fair")
    assert response.mimetype == "application/x-suggestions+json"
    text, names = response.json
    assert text == "fair"
    assert {"Fair Wages Coalition", "Fair Work Agenda"} <= set(names)
    assert client.get("/search/suggestions").json == ["", []]
