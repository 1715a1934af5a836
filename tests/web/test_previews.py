"""Who gets a page without asking for one: programs that preview links, and nobody else."""

import pytest
from support.asgi_client import Client

MASTODON = "http.rb/5.1.1 (Mastodon/4.2.0; +https://social.example/)"
FACEBOOK = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"
SLACK = "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"


@pytest.mark.parametrize("path", ["doc/coalition/clear-water", "doc/coalition", "ontology", "dataset", ""])
@pytest.mark.parametrize("agent", [MASTODON, FACEBOOK, SLACK])
@pytest.mark.parametrize("accept", ["*/*", ""])
def test_a_link_previewer_gets_the_page(client: Client, path: str, agent: str, accept: str) -> None:
    headers = {"User-Agent": agent} | ({"Accept": accept} if accept else {})
    response = client.get(f"/{path}", headers=headers)
    assert (response.status_code, response.mimetype) == (200, "text/html")


@pytest.mark.parametrize("agent", ["curl/8.5.0", "python-requests/2.31", "Wget/1.21", "Apache-Jena-ARQ/5.0", ""])
def test_other_programs_get_turtle(client: Client, agent: str) -> None:
    response = client.get("/doc/coalition/clear-water", headers={"User-Agent": agent, "Accept": "*/*"})
    assert response.mimetype == "text/turtle"


def test_a_link_previewer_that_states_a_format_gets_it(client: Client) -> None:
    headers = {"User-Agent": SLACK, "Accept": "application/ld+json"}
    assert client.get("/doc/coalition/clear-water", headers=headers).mimetype == "application/ld+json"
    assert (
        client.get("/doc/coalition/clear-water.nt", headers={"User-Agent": SLACK}).mimetype == "application/n-triples"
    )
    assert client.get("/doc/coalition?format=ttl", headers={"User-Agent": SLACK}).mimetype == "text/turtle"


@pytest.mark.parametrize(
    ("accept", "varies"),
    [("", ["Accept", "User-Agent"]), ("*/*", ["Accept", "User-Agent"]), ("text/html", ["Accept"])],
)
def test_only_a_response_that_depends_on_the_client_varies_by_it(
    client: Client, accept: str, varies: list[str]
) -> None:
    for _ in range(2):  # made, then kept
        response = client.get("/doc/issue/rent-control", headers={"Accept": accept} if accept else {})
        assert response.headers.getlist("Vary") == varies


def test_the_home_page_as_json_ld_is_what_its_content_location_names(client: Client) -> None:
    home = client.get("/", headers={"Accept": "application/ld+json"})
    named = client.get("/" + home.headers["Content-Location"])
    assert home.headers["Content-Location"] == "dataset.jsonld"
    assert (home.data, home.headers["ETag"]) == (named.data, named.headers["ETag"])


def test_the_iris_of_example_questions_are_described_and_have_a_place_on_the_page(client: Client) -> None:
    name = "https://w3id.org/ma-coalitions/sparql#question-"
    text = "SELECT ?q { ?q a <http://www.w3.org/ns/shacl#SPARQLExecutable> }"
    rows = client.get("/sparql", query_string={"query": text}).json["results"]["bindings"]
    iris = [row["q"]["value"] for row in rows]
    described = client.get("/sparql", headers={"Accept": "application/n-triples"}).text
    page = client.get("/sparql", headers={"Accept": "text/html"}).text
    assert iris
    assert all(iri.startswith(name) for iri in iris)
    assert [iri for iri in iris if f"<{iri}> <http://www.w3.org/ns/shacl#select>" not in described] == []
    assert [iri for iri in iris if f'id="{iri.partition("#")[2]}"' not in page] == []


def test_a_bill_is_legislation_for_search_engines(client: Client) -> None:
    listing = client.get("/doc/bill.nt").text
    slug = listing.partition("/id/bill/")[2].partition(">")[0]
    page = client.get(f"/doc/bill/{slug}.html")
    assert '"@type": "Legislation"' in page.text
