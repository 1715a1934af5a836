"""Look-up by address: a redirect where one thing is meant, a list where several are, an explanation where none is."""

from support.asgi_client import Client
from support.each import each

PAGE = {"Accept": "text/html"}
DATA = {"Accept": "application/json"}
BASE = "https://w3id.org/ma-coalitions/id/"
FAIR = "coalition/fair-wages-coalition"


@each(
    ("address", "thing"),
    [
        ("https://www.fairwages.example/", FAIR),
        ("http://fairwages.example", FAIR),
        ("fairwages.example/index.html", FAIR),
        ("https://clearwater.example", "coalition/clear-water"),
        ("https://facebook.com/fairwages/", FAIR),
        ("@FairWages", FAIR),
        ("https://legislature.arcadia.example/bills/12/h120/", "bill/12-h120"),
        ("http://eurovoc.europa.eu/3784", "issue/minimum-wage"),
        ("eurovoc:3784", "issue/minimum-wage"),
        (BASE + FAIR, FAIR),
        ("https://other.example/doc/coalition/clear-water.jsonld", "coalition/clear-water"),
    ],
)
def test_address_of_one_thing_redirects(client: Client, address: str, thing: str) -> None:
    response = client.get("/lookup", query_string={"uri": address}, headers=PAGE)
    assert response.status_code == 303
    assert response.headers["Location"].removeprefix("id/").removeprefix("doc/") == thing
    found = client.get("/lookup", query_string={"uri": address}, headers=DATA)
    assert (found.status_code, found.json["id"]) == (200, BASE + thing)


def test_rdf_client_is_redirected_too(client: Client) -> None:
    response = client.get("/lookup?uri=fairwages.example", headers={"Accept": "text/turtle"})
    assert (response.status_code, response.headers["Location"]) == (303, f"doc/{FAIR}")


@each(
    ("address", "thing", "relation", "line"),
    [
        ("http://eurovoc.europa.eu/1705", "issue/rent-control", "close", "Nearly the same as"),
        ("http://metadata.un.org/sdg/8.5", "issue/minimum-wage", "broader", "Part of"),
        ("cap:701", "", "code", "secondary topic 701"),
        ("https://www.fairwages.example/contact", FAIR, "site", "Website"),
    ],
)
def test_related_things_are_listed(client: Client, address: str, thing: str, relation: str, line: str) -> None:
    response = client.get("/lookup", query_string={"uri": address}, headers=PAGE)
    assert (response.status_code, response.mimetype) == (300, "text/html")
    assert line in response.text
    found = client.get("/lookup", query_string={"uri": address}, headers=DATA).json
    assert found["id"] is None
    assert found["matches"][0]["relation"] == relation
    assert found["matches"][0]["id"].startswith(BASE + thing)


def test_retired_thing_is_redirected_to_its_address(client: Client) -> None:
    response = client.get("/lookup", query_string={"uri": BASE + "coalition/made-up"}, headers=PAGE)
    assert (response.status_code, response.headers["Location"]) == (303, "id/coalition/made-up")
    assert client.get("/id/coalition/made-up").status_code == 410


@each("address", ["https://unknown.example/", "https://www.facebook.com/", "@nobody", "Fair Wages Coalition", "Q1"])
def test_unknown_address_is_explained(client: Client, address: str) -> None:
    response = client.get("/lookup", query_string={"uri": address}, headers=DATA)
    assert response.status_code == 404
    assert address in response.json["detail"]
    assert "Known are the addresses of sites, accounts, bills" in response.json["detail"]


@each(
    ("query", "status"),
    [("", 400), ("uri=", 400), ("uri=%C3", 400), ("uri=" + "a" * 2001, 400), ("uri=" + "a" * 5000, 414)],
)
def test_invalid_look_up_is_malformed(client: Client, query: str, status: int) -> None:
    assert client.get(f"/lookup?{query}", headers=DATA).status_code == status
