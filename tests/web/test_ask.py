"""The addresses below `ask`: methods, redirects, errors, revalidation, and the names of downloads."""

import re

from support.asgi_client import Client
from support.each import each

from publisher.dataset.query_files import query_of
from publisher.release.store import Store
from publisher.sparql.engine import Query
from publisher.web.headers import POLICY, QUERY_POLICY

BROWSER = {"Accept": "text/html"}


@each("path", ["/ask", "/ask/build", "/ask/sparql", "/ask/coalitions-by-agenda"])
def test_pages_are_html_with_their_policy(client: Client, path: str) -> None:
    for accept in ("text/html", "*/*"):
        response = client.get(path, headers={"Accept": accept})
        assert (response.status_code, response.mimetype) == (200, "text/html")
        assert response.headers["Content-Security-Policy"] == QUERY_POLICY
        assert "frame-ancestors 'none'" in POLICY
    assert client.get(path, headers={"Accept": "text/turtle"}).status_code == 406
    assert client.post(path, data={"q": "x"}).status_code == 405
    assert client.options(path).headers["Allow"] == "GET, HEAD, OPTIONS"
    assert client.head(path).status_code == 200


def test_other_spellings_are_redirected(client: Client) -> None:
    for path, target in (("/ask/01-coalitions-by-agenda", "coalitions-by-agenda"), ("/ask/", "../ask")):
        response = client.get(path, headers=BROWSER)
        assert (response.status_code, response.headers["Location"].endswith(target)) == (308, True)


@each(
    ("path", "status", "words"),
    [
        ("/ask/coalitions-by-agend", 404, "Did you mean coalitions-by-agenda?"),
        ("/ask/a/b", 404, "There is no question"),
        ("/ask/coalitions-by-agenda?agenda=fair-wark-agenda", 400, "Did you mean Fair Work Agenda?"),
        ("/ask/coalitions-by-agenda?agenda=%3E%20%7D", 400, "There is no agenda named"),
        ("/ask/build?class=coal:Nothing", 400, "no class"),
        ("/ask/build?class=coal:Coalition&show=coal:nothing", 400, "no property"),
        ("/ask/build?class=coal:Coalition&is.coal:advances=agenda:none", 400, "is not a value"),
        ("/ask?q=%FF", 400, "UTF-8"),
        ("/ask?" + "&".join(f"a{number}" for number in range(101)), 400, "fields"),
        ("/ask/embed", 404, "State a"),
        ("/ask/embed?query=SELECT", 400, "SELECT"),
    ],
)
def test_wrong_addresses_are_reported(client: Client, path: str, status: int, words: str) -> None:
    response = client.get(path, headers=BROWSER)
    assert response.status_code == status
    assert words in response.text


def test_page_is_revalidated_without_asking_again(client: Client, asked: list[Query]) -> None:
    path = "/ask/coalitions-by-agenda?view=table"
    first = client.get(path, headers=BROWSER)
    again = client.get(path, headers=BROWSER | {"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, len(asked)) == (200, 304, 1)
    assert client.get("/ask/coalitions-by-agenda", headers=BROWSER).headers["ETag"] != first.headers["ETag"]


def test_download_has_a_telling_name(client: Client) -> None:
    for name, stated in (
        ("Coalitions by agenda", 'attachment; filename="coalitions-by-agenda.csv"'),
        ("Año", "attachment; filename=\"ano.csv\"; filename*=UTF-8''a%C3%B1o.csv"),
        ('"; filename=x', 'attachment; filename="filename-x.csv"'),
        ("", None),
    ):
        response = client.get("/sparql.csv", query_string={"query": "SELECT (1 AS ?x) {}", "name": name})
        assert response.headers.get("Content-Disposition") == stated
    assert "Content-Disposition" not in client.get("/sparql?query=ASK+%7B%7D&name=x").headers


def test_download_of_a_question_is_named_after_it_and_its_choice(client: Client, store: Store) -> None:
    query = next(text for path, text in store.index.questions if "01-coalitions-by-agenda" in path)
    query = query_of(query)
    for text in (query, query.replace("\n", "\r\n") + "\r\n"):
        response = client.get("/sparql.csv", query_string={"query": text, "name": "result"})
        assert response.headers["Content-Disposition"] == 'attachment; filename="coalitions-by-agenda.csv"'
    page = client.get("/ask/coalitions-by-agenda?agenda=fair-work-agenda", headers=BROWSER).text
    assert "&amp;name=coalitions-by-agenda-fair-work-agenda" in page


def test_heading_of_a_result_is_what_was_asked(client: Client) -> None:
    for path, heading in (
        ("/ask", "Ask the data"),
        ("/ask/coalitions-by-agenda", "Coalitions by agenda"),
        ("/ask/coalitions-by-agenda?agenda=fair-work-agenda", "Coalitions by agenda: Fair Work Agenda"),
        ("/sparql?query=ASK+%7B%7D", "Yes or no"),
    ):
        assert re.findall("<h1>(.*)</h1>", client.get(path, headers=BROWSER).text) == [heading]
