"""Clients that get a page without requesting one: programs that preview links, and no others."""

import pytest
from support.asgi_client import Client
from support.each import each

MASTODON = "http.rb/5.1.1 (Mastodon/4.2.0; +https://social.example/)"
FACEBOOK = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"
SLACK = "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"


@each("path", ["doc/coalition/clear-water", "doc/coalition", "ontology", "dataset", ""])
@each("agent", [MASTODON, FACEBOOK, SLACK])
@each("accept", ["*/*", ""])
def test_link_previewer_gets_page(client: Client, path: str, agent: str, accept: str) -> None:
    headers = {"User-Agent": agent} | ({"Accept": accept} if accept else {})
    response = client.get(f"/{path}", headers=headers)
    assert (response.status_code, response.mimetype) == (200, "text/html")


@each(
    "agent",
    [
        "WhatsApp/2.23.20.0",
        "TelegramBot (like TwitterBot)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "Mattermost-Bot/1.1",
        "Mozilla/5.0 (compatible; ZulipURLPreview/8.0; +https://zulip.example)",
        "Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots",
    ],
)
def test_previewers_of_messages_get_page(client: Client, agent: str) -> None:
    response = client.head("/doc/coalition/clear-water", headers={"User-Agent": agent, "Accept": "*/*"})
    assert (response.status_code, response.mimetype) == (200, "text/html")


@each("agent", ["curl/8.5.0", "python-requests/2.31", "Wget/1.21", "Apache-Jena-ARQ/5.0", ""])
def test_other_programs_get_turtle(client: Client, agent: str) -> None:
    response = client.get("/doc/coalition/clear-water", headers={"User-Agent": agent, "Accept": "*/*"})
    assert response.mimetype == "text/turtle"


def test_link_previewer_with_accept_gets_format(client: Client) -> None:
    headers = {"User-Agent": SLACK, "Accept": "application/ld+json"}
    assert client.get("/doc/coalition/clear-water", headers=headers).mimetype == "application/ld+json"
    assert (
        client.get("/doc/coalition/clear-water.nt", headers={"User-Agent": SLACK}).mimetype == "application/n-triples"
    )
    assert client.get("/doc/coalition?format=ttl", headers={"User-Agent": SLACK}).mimetype == "text/turtle"


@pytest.mark.parametrize(
    ("accept", "more"),
    [("", ", User-Agent"), ("*/*", ", User-Agent"), ("text/html", "")],
)
def test_vary_user_agent_only_where_needed(client: Client, accept: str, more: str) -> None:
    for _ in range(2):  # made, then kept
        response = client.get("/doc/issue/rent-control", headers={"Accept": accept} if accept else {})
        assert response.headers.getlist("Vary") == [f"Accept, Accept-Encoding{more}"]


def test_home_page_jsonld_matches_content_location(client: Client) -> None:
    home = client.get("/", headers={"Accept": "application/ld+json"})
    named = client.get("/" + home.headers["Content-Location"])
    assert home.headers["Content-Location"] == "dataset.jsonld"
    assert (home.data, home.headers["ETag"]) == (named.data, named.headers["ETag"])


def test_example_question_iris_are_described(client: Client) -> None:
    name = "https://w3id.org/ma-coalitions/sparql#question-"
    text = "SELECT ?q { GRAPH ?g { ?q a <http://www.w3.org/ns/shacl#SPARQLExecutable> } }"
    rows = client.get("/sparql", query_string={"query": text}).json["results"]["bindings"]
    iris = [row["q"]["value"] for row in rows]
    described = client.get("/sparql", headers={"Accept": "application/n-triples"}).text
    page = client.get("/sparql", headers={"Accept": "text/html"}).text
    assert iris
    assert all(iri.startswith(name) for iri in iris)
    assert [iri for iri in iris if f"<{iri}> <http://www.w3.org/ns/shacl#select>" not in described] == []
    assert [iri for iri in iris if f'id="{iri.partition("#")[2]}"' not in page] == []


def test_bill_is_schema_org_legislation(client: Client) -> None:
    listing = client.get("/doc/bill.nt").text
    slug = listing.partition("/id/bill/")[2].partition(">")[0]
    page = client.get(f"/doc/bill/{slug}.html")
    assert '"@type": "Legislation"' in page.text
