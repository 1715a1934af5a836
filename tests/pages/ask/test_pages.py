"""The pages that answer questions, without JavaScript: results with views, downloads and citation; the editor."""

import base64
import hashlib
import html
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from support import fork_root, frozen_root
from support.asgi_client import Client, OpenApp, open_app
from werkzeug.test import TestResponse

from publisher.dataset.query_files import query_of
from publisher.pages.ask import pages, results
from publisher.pages.assets import EDITOR, Assets
from publisher.rdf.namespaces import VOCABULARY
from publisher.release.store import Store
from publisher.settings import Settings
from publisher.web import app
from publisher.web.headers import FRAME_POLICY, POLICY, QUERY_POLICY

BROWSER = {"Accept": "text/html"}
RELATED = "aims-and-the-kind-of-change-sought"
"""A question whose answer relates things."""
COUNT = """PREFIX coal: <https://w3id.org/ma-coalitions/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?agenda (COUNT(?coalition) AS ?coalitions) WHERE {
  ?coalition coal:advances/skos:prefLabel ?agenda .
} GROUP BY ?agenda ORDER BY DESC(?coalitions)"""
DESCRIBE = "DESCRIBE <https://w3id.org/ma-coalitions/id/agenda/fair-work-agenda>"


def ask(client: Client, query: str, **parameters: str) -> TestResponse:
    return client.get("/sparql", query_string={"query": query, **parameters}, headers=BROWSER)


def block(page: str, heading: str) -> str:
    """The preformatted text below a heading."""
    found = re.search(rf"<h3>{heading}</h3>\n<pre><code>(.*?)</code></pre>", page, re.DOTALL)
    assert found
    return html.unescape(found[1])


def downloads(page: str) -> dict[str, str]:
    return {label: html.unescape(href) for href, label in re.findall(r'<a href="([^"]+)" download>([^<]+)</a>', page)}


# The answer


def test_counts_by_name_are_shown_as_bars(client: Client) -> None:
    page = ask(client, COUNT).text
    assert views(page) == {"Table": "", "Bars": "true"}
    figures = re.findall(r'class="quiet"[^>]*>(\d+)</text>', page)
    widths = [float(width) for width in re.findall(r'<rect class="mark s0"[^>]* width="([\d.]+)%"', page)]
    assert figures == ["3", "2", "1"]
    assert widths == [round(82 * int(figure) / 3, 2) for figure in figures]
    assert "<svg" not in ask(client, COUNT, view="table").text
    other = ask(client, COUNT, view="no&such=view").text
    assert ("<svg" in other, "no&amp;such" in other) == (True, False)


def views(page: str) -> dict[str, str]:
    """The views that a page offers, and which one is current."""
    part = page.partition('aria-label="Views of the result"')[2].partition("</nav>")[0]
    return {
        label: current for current, label in re.findall(r'<a href="[^"]*"(?: aria-current="(\w+)")?>(.*?)</a>', part)
    }


def test_graph_result_is_a_table_of_links_and_canonical_turtle(client: Client) -> None:
    page = html.unescape(ask(client, DESCRIBE).text)
    assert "<h1>Description of Fair Work Agenda</h1>" in page
    assert '<td data-label="thing"><a href="doc/agenda/fair-work-agenda">Fair Work Agenda</a></td>' in page
    shown = page.partition("<summary>As Turtle</summary>")[2].partition("<code>")[2].partition("</code>")[0]
    prefixes = re.findall("^@prefix ([a-z]+):", shown, re.MULTILINE)
    assert prefixes == sorted(prefixes)
    assert all(f"{prefix}:" in shown.partition("\n\n")[2] for prefix in prefixes)
    shared = "CONSTRUCT { <urn:a> <urn:p> _:x . <urn:b> <urn:p> _:x . _:x <urn:q> 1 } WHERE {}"
    assert "&lt;urn:q&gt; 1" in ask(client, shared).text


def test_triple_term_is_turtle(client: Client) -> None:
    term = '<<( <urn:a> <urn:p> <<( <urn:b> <urn:q> "c\\"d"@en )>> )>>'
    page = html.unescape(ask(client, f"SELECT ({term} AS ?t) {{}}").text)
    assert re.findall(r"<td[^>]*><pre><code>(.*)</code></pre></td>", page) == [term]


def test_table_without_numbers_has_no_picture(client: Client) -> None:
    page = ask(client, "SELECT * { ?s a ?class } LIMIT 3").text
    assert ("<svg" in page, views(page)) == (False, {})


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        (COUNT, ["CSV", "JSON", "TSV", "XML"]),
        ("ASK {}", ["JSON", "XML"]),
        (DESCRIBE, ["Turtle", "JSON-LD", "N-Triples", "RDF/XML"]),
    ],
)
def test_every_result_format_is_linked(client: Client, query: str, labels: list[str]) -> None:
    found = downloads(ask(client, query).text)
    assert list(found) == labels
    for href in found.values():
        response = client.get("/" + href)
        assert (response.status_code, response.content_length) == (200, len(response.data))
        assert response.mimetype != "text/html"


def test_links_samples_and_form_keep_dataset(client: Client) -> None:
    graph = "https://w3id.org/ma-coalitions/graph/agendas"
    page = ask(client, "SELECT * { ?s ?p ?o } LIMIT 1", **{"default-graph-uri": graph}).text
    assert all(("default-graph-uri", graph) in parse_qsl(urlsplit(href).query) for href in downloads(page).values())
    assert f'<input type="hidden" name="default-graph-uri" value="{graph}">' in page
    assert graph in block(page, "curl")


def test_browser_line_endings_do_not_change_address(client: Client) -> None:
    assert downloads(ask(client, COUNT).text) == downloads(ask(client, COUNT.replace("\n", "\r\n")).text)


def test_problem_has_line_for_editor(client: Client) -> None:
    response = ask(client, "SELECT * {\n  ?s ?p\n}")
    assert response.status_code == 400
    assert '<section class="problem" role="alert" data-line="3" data-column="1">' in response.text
    assert "<pre><code>}\n^</code></pre>" in response.text


def test_query_words_in_problem_are_code(client: Client) -> None:
    page = ask(client, "SELECT * { ?s coal:x <a`b><script> }").text
    assert "<script>" not in page.partition("<body>")[2]
    page = ask(client, "ASK { ?s coal:x ?o }").text
    assert "The prefix <code>coal:</code> is not declared. Add <code>PREFIX coal: &lt;https://" in page
    page = ask(client, "ASK { FILTER(<b>) ` }").text
    assert "<b>" not in page.partition('role="alert"')[2].partition("</section>")[0]


def test_problem_links_advice(client: Client) -> None:
    page = ask(client, "SELECT * { SERVICE <urn:x> {} }").text
    href = re.search(r'<a href="(problem/[a-z-]+)">Help on this error</a>', page)
    assert href
    assert client.get(f"/{href[1]}").status_code == 200


def test_large_result_has_preview_and_whole_download(client: Client) -> None:
    query = "SELECT ?s ?p ?o ?x { ?s ?p ?o VALUES ?x { 1 2 3 } }"
    response = ask(client, query)
    assert response.status_code == 200
    preview = re.search(
        r'class="preview">Preview: the first 500 of ([\d,]+) rows\.\n<a href="([^"]+)" download>', response.text
    )
    assert preview
    assert response.text.count("<tr>") == 501
    whole = client.get("/" + html.unescape(preview[2]), headers=BROWSER)
    assert (whole.status_code, whole.mimetype) == (200, "text/csv")
    assert whole.text.count("\n") == int(preview[1].replace(",", "")) + 1


def test_large_graph_has_preview_without_turtle(client: Client) -> None:
    page = ask(client, "CONSTRUCT WHERE { ?s ?p ?o }").text
    assert "Preview: the first 500 of " in page
    assert "As Turtle" not in page
    assert downloads(page)["Turtle"]


def test_wide_rows_are_fewer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "CELLS", 20)
    page = ask(client, "SELECT ?a ?b ?c ?d ?e { VALUES ?a { 0 1 2 3 4 5 6 7 8 9 } }").text
    assert page.count("<tr>") == 1 + 4
    assert "Preview: the first 4 of 10 rows." in page


def test_result_can_be_downloaded_directly(client: Client) -> None:
    page = client.get("/ask/sparql", headers=BROWSER).text
    found = dict(re.findall(r'formaction="([^"]+)">([^<]+)<', page))
    assert list(found.values()) == ["JSON", "XML", "CSV", "TSV", "Turtle", "JSON-LD", "N-Triples", "RDF/XML"]
    for number, href in enumerate(found):
        query = "ASK {}" if number < 4 else DESCRIBE
        response = client.get("/" + href.removeprefix("../"), query_string={"query": query}, headers=BROWSER)
        assert (response.status_code, response.mimetype == "text/html") == (200, False)


def test_long_table_is_not_shown_as_bars_at_first(client: Client) -> None:
    many = "SELECT ?name ?n { VALUES ?n { 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 } BIND(STR(?n) AS ?name) }"
    assert views(ask(client, many).text) == {"Table": "true", "Bars": ""}


def test_samples_use_public_url(settings: Settings, store: Store) -> None:
    app = open_app(settings.having(public_url="https://data.example.org/ma/"), store)
    page = ask(app.test_client(), "ASK {}").text
    assert "-G https://data.example.org/ma/sparql \\\n" in block(page, "curl")


@pytest.mark.parametrize("query", [{}, {"query": COUNT}])
def test_unchanged_page_may_load_script(client: Client, query: dict[str, str]) -> None:
    first = client.get("/sparql", query_string=query, headers=BROWSER)
    again = client.get("/sparql", query_string=query, headers=BROWSER | {"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    policies = {response.headers["Content-Security-Policy"] for response in (first, again)}
    assert policies == {QUERY_POLICY}


def test_policy_allows_editor_underline_style_only() -> None:
    digest = base64.b64encode(hashlib.sha256(b"text-decoration:underline").digest()).decode()
    assert QUERY_POLICY.removeprefix(POLICY).count("sha256") == 1
    assert f"style-src-attr 'unsafe-hashes' 'sha256-{digest}'" in QUERY_POLICY


# Citing


def test_citation_has_release_date_and_query(client: Client, store: Store) -> None:
    page = ask(client, COUNT).text
    text, entry = block(page, "Text"), block(page, "BibTeX")
    address = re.search(r"https://\S+", text)
    assert address
    assert dict(parse_qsl(urlsplit(address[0]).query)) == {"query": COUNT}
    assert text.startswith("Arcadia Coalitions contributors (2026). Arcadia Coalitions, state ")
    assert f"Arcadia Coalitions, state {store.release[:12]} (2026-11-22). " in text
    assert f"version = {{state {store.release[:12]}}}," in entry
    assert f"url = {{{address[0]}}}," in entry
    assert "date = {2026-11-22}," in entry


@pytest.mark.slow
def test_citation_names_release_or_unreleased_changes(
    tmp_path: Path, store_dir: Path, opened: Callable[..., OpenApp]
) -> None:
    root = frozen_root.build(tmp_path, store_dir)
    page = ask(opened(root).test_client(), "ASK {}").text
    assert "with unreleased changes since release 0.2.0" in block(page, "Text")
    things = root / "data" / "things.ttl"
    things.write_text(things.read_text().replace(*frozen_root.SIZES[:0:-1]))
    page = ask(opened(root).test_client(), "ASK {}").text
    text = block(page, "Text")
    assert ", release 0.2.0 of 2026-11-29. " in text
    assert " https://example.org/release/0.2.0/sparql?query=ASK" in text
    assert "version = {0.2.0}," in block(page, "BibTeX")
    assert "date = {2026-11-29}," in block(page, "BibTeX")


@pytest.mark.slow
def test_citation_date_is_last_change(
    fork: Callable[[Mapping[str, str]], Path], opened: Callable[..., OpenApp], root: Path
) -> None:
    stated = (root / "data/dataset.ttl").read_text(encoding="utf-8")
    created = 'dcterms:created "2026-11-22"^^xsd:date ;'
    changed = stated.replace(created, created + '\n    dcterms:modified "2027-02-03"^^xsd:date ;')
    changed = changed.replace('"Arcadia Coalitions"', '"50 % of {A} & B_C\\\\"')
    entry = block(ask(opened(fork({"data/dataset.ttl": changed})).test_client(), "ASK {}").text, "BibTeX")
    assert "year = {2027}," in entry
    assert "title = {{50 \\% of \\{A\\} \\& B\\_C\\textbackslash{}}: result of a SPARQL query}," in entry
    assert entry.count("{") == entry.count("}")


# Examples


def test_questions_are_listed_by_subject(client: Client, store: Store) -> None:
    pages = [client.get(path, headers=BROWSER).text for path in ("/ask", "/sparql")]
    entry = r'<li id="question-[^"]+"><a href="([^"]+)">([^<]+)</a> <span class="note">([^<]+)</span>'
    for page in pages:
        found = re.findall(entry, page)
        assert len(found) == len(store.index.questions)
        assert all(question.endswith("?") for _, _, question in found)
    groups = re.findall(r"<h2>([^<]+)</h2>", pages[0].partition('id="questions"')[2])
    assert groups[-1] == "Other"
    assert groups[:-1] == sorted(groups[:-1], key=str.casefold)
    assert "SDG" in groups
    assert len(pages[0]) < 40_000


# The editor


def completions(client: Client) -> Any:
    response = client.get("/sparql/completions.json")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    again = client.get("/sparql/completions.json", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    return response.json


def test_completions_have_prefixes(client: Client, store: Store) -> None:
    assert completions(client)["prefixes"] == store.index.names.prefixes


def test_completions_have_terms_with_label_and_count(client: Client) -> None:
    found = completions(client)
    classes = {term["name"]: (term["label"], term["count"]) for term in found["classes"]}
    properties = {term["name"]: (term["label"], term["count"]) for term in found["properties"]}
    assert classes["coal:Coalition"] == ("coalition", 6)
    assert properties["coal:advances"] == ("advances", 6)
    used = client.get("/sparql", query_string={"query": "SELECT DISTINCT ?p { ?s ?p ?o }"}).json
    assert {term["iri"] for term in found["properties"]} <= {row["p"]["value"] for row in used["results"]["bindings"]}
    assert list(properties) == sorted(properties)


@pytest.mark.slow
def test_term_without_prefix_is_completed_as_iri(tmp_path: Path, opened: Callable[..., OpenApp]) -> None:
    more = f"<https://example.org/vt-coalitions/id/aim/x> <urn:example:p> 1 ; a <{VOCABULARY}A/b> ."
    found = completions(opened(fork_root.build(tmp_path, {"data/more.ttl": more}, lean=True)).test_client())
    assert "<urn:example:p>" in {term["name"] for term in found["properties"]}
    assert f"<{VOCABULARY}A/b>" in {term["name"] for term in found["classes"]}


@pytest.mark.parametrize("fetched", [True, False])
def test_page_loads_editor_if_built(
    settings: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fetched: bool
) -> None:
    for name in ["style.css", "icon.svg", "query.css", "query.js", *(EDITOR if fetched else ())]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(app, "Assets", lambda: Assets(tmp_path))
    page = open_app(settings, store).test_client().get("/ask/sparql", headers=BROWSER).text
    assert ("data-editor=" in page) == fetched
    assert '<textarea id="query" name="query"' in page
    assert page.count("<script ") == 1, "the editor is loaded when the field is used"


# Questions


def test_question_page_has_title_and_links_names(client: Client, store: Store) -> None:
    page = client.get("/ask/coalitions-by-agenda", headers=BROWSER).text
    assert "<title>Coalitions by agenda – Arcadia Coalitions</title>" in page
    assert "<h1>Coalitions by agenda</h1>" in page
    assert re.search(rf"6 rows · [\d,]+ ms · state {store.release[:12]}<", page)
    assert '<td data-label="coalition"><a href="../doc/coalition/clear-water">Clear Water</a></td>' in page
    assert '<td data-label="agenda"><a href="../doc/agenda/fair-work-agenda">Fair Work Agenda</a></td>' in page
    assert "coalition iri" not in page
    assert "coalitionIri" in page.partition("The links have the place of the column")[2]
    assert f'<link rel="canonical" href="{store.index.names.iri("ask/coalitions-by-agenda")}">' in page


def test_question_is_asked_about_a_chosen_thing(client: Client) -> None:
    page = client.get("/ask/coalitions-by-agenda?agenda=fair-work-agenda", headers=BROWSER).text
    assert "<title>Coalitions by agenda: Fair Work Agenda – Arcadia Coalitions</title>" in page
    assert '<option value="fair-work-agenda" selected>Fair Work Agenda</option>' in page
    assert "VALUES ?agendaIri { &lt;https://w3id.org/ma-coalitions/id/agenda/fair-work-agenda&gt; }" in page
    assert set(re.findall(r'<td data-label="agenda"><a[^>]*>([^<]+)<', page)) == {"Fair Work Agenda"}
    assert client.get("/ask/coalitions-by-agenda?agenda=Fair+Work+Agenda", headers=BROWSER).text.count(
        "<tr>"
    ) == page.count("<tr>")
    assert 'content="noindex"' in page


def test_known_query_leads_to_its_question(client: Client, store: Store) -> None:
    text = next(text for path, text in store.index.questions if "01-coalitions-by-agenda" in path)
    page = ask(client, query_of(text)).text
    assert "<title>Coalitions by agenda" in page
    assert '<a href="ask/coalitions-by-agenda">its own page</a>' in page


def test_citation_names_the_question(client: Client) -> None:
    text = block(client.get("/ask/coalitions-by-agenda", headers=BROWSER).text, "Text")
    assert (
        "Result of the question “Coalitions by agenda”. https://w3id.org/ma-coalitions/ask/coalitions-by-agenda "
        in text
    )


# Nothing found


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (
            "SELECT ?x { ?x a coal:Coalitions }",
            "has no <code>coal:Coalitions</code>. Did you mean <code>coal:Coalition</code>?",
        ),
        ("SELECT ?x { ?x a coal:Coalition, coal:Agenda }", "they do not occur together"),
    ],
)
def test_empty_result_has_a_reason(client: Client, query: str, reason: str) -> None:
    page = ask(client, f"PREFIX coal: <{VOCABULARY}>\n{query}").text
    assert "0 rows · " in page
    assert reason in page.partition("<h3>Nothing found</h3>")[2].partition("</div>")[0]


# Building


def test_builder_offers_classes_then_properties(client: Client) -> None:
    page = client.get("/ask/build", headers=BROWSER).text
    found = re.search(r'<a href="([^"]+)">Coalition</a> <span class="note">6 · ', page)
    assert found
    own, _, others = page.partition("<summary>Other kinds, for developers</summary>")
    assert ">Organization</a>" in own
    assert ">Concept</a>" not in own
    assert ">Concept</a>" in others
    page = client.get("/" + html.unescape(found[1]).removeprefix("../"), headers=BROWSER).text
    assert "<h2>Coalition: 6 records</h2>" in page
    assert 'name="show" value="coal:advances"' in page
    assert '<option value="agenda:fair-work-agenda">Fair Work Agenda</option>' in page
    assert "<h1>Coalitions: coalition</h1>" in page


def test_built_query_is_answered_and_shown(client: Client) -> None:
    sent = {"class": "coal:Coalition", "show": "coal:advances", "is.coal:advances": "agenda:fair-work-agenda"}
    page = client.get("/ask/build", query_string=sent, headers=BROWSER).text
    assert page.count("<tr>") == 1 + 3
    assert "VALUES ?advances { agenda:fair-work-agenda }" in page
    sent = {"class": "coal:Coalition", "count": "coal:advances"}
    counted = client.get("/ask/build", query_string=sent, headers=BROWSER).text
    assert views(counted) == {"Table": "", "Bars": "true"}
    assert "<title>Coalitions: advances, records – " in counted


def test_builder_says_where_it_stops(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = {"class": "coal:Coalition"}
    assert "there may be more" not in client.get("/ask/build", query_string=sent, headers=BROWSER).text
    monkeypatch.setattr(pages, "LIMIT", 6)
    sent["view"] = "table"
    assert "6 rows at most, so there may be more" in client.get("/ask/build", query_string=sent, headers=BROWSER).text


# For pages of others


def test_result_can_be_shown_in_a_frame(client: Client) -> None:
    page = client.get(f"/ask/{RELATED}?view=matrix", headers=BROWSER).text
    frame = re.search(r'iframe src="(http://localhost[^"]+)"', html.unescape(html.unescape(page)))
    assert frame
    shown = client.get(frame[1].partition("localhost")[2], headers=BROWSER)
    assert shown.status_code == 200
    assert shown.headers["Content-Security-Policy"] == FRAME_POLICY
    assert ("<svg" in shown.text, "<script" in shown.text, "<form" in shown.text) == (True, False, False)
    assert 'href="../doc/coalition/clear-water"' in shown.text


def test_picture_is_a_file_with_absolute_links(client: Client) -> None:
    picture = client.get("/ask/picture.svg?question=" + RELATED + "&view=matrix", headers={"Accept": "image/*"})
    assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    links = re.findall(r'href="([^"]+)"', picture.text)
    assert links
    assert all(link.startswith("http://localhost/doc/") for link in links)
    assert client.get("/ask/picture.svg?question=" + RELATED + "&view=timeline").status_code == 404
    assert client.get("/ask/picture.svg?query=SELECT").status_code == 400
