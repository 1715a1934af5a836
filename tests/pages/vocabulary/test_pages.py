"""The page of the vocabulary: classes with their properties, counts and rules, foreign terms, examples, the filter."""

import html
import json
import re
from collections.abc import Callable
from urllib.parse import urljoin

import pytest
from support.asgi_client import Client, OpenApp
from support.each import each

HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def page(app: OpenApp) -> str:
    return app.test_client().get("/ontology", headers=HTML).text


@pytest.fixture(scope="module")
def coalition(app: OpenApp) -> str:
    """The page of one class alone."""
    return app.test_client().get("/ontology?q=coal:Coalition", headers=HTML).text


@pytest.fixture(scope="module")
def section(page: str) -> Callable[[str], str]:
    def find(anchor: str) -> str:
        return page.partition(f'<section class="term" id="{anchor}">')[2].partition("</section>")[0]

    return find


def rows(text: str) -> dict[str, list[str]]:
    """The cells of the rows of a table, without tags, by the first."""
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in re.findall("<tr>.*?</tr>", text)]
    cells = [[html.unescape(re.sub("<[^>]+>", "", cell)).strip() for cell in row] for row in found]
    return {row[0]: row[1:] for row in cells}


def test_class_states_how_often_it_is_used(section: Callable[[str], str]) -> None:
    coalition = section("Coalition")
    assert "<h3>Coalition <code>coal:Coalition</code></h3>" in coalition
    [facts] = re.findall('<p class="facts">(.*?)</p>', coalition)
    shown = re.sub("<[^>]+>", "", facts).split(" · ")
    assert shown[0] == "6 records"
    assert shown[-1] == "status stable"


@each(
    ("property_", "values", "count", "rule"),
    [
        ("works on", "Policy issue", "1 or more", "Coalition-worksOn-count"),
        ("founding", "Founding", "0 or 1", "Coalition-founding-count"),
        ("foaf:homepage", "", "0 or 1, expected", "Coalition-homepage-known"),
        ("skos:prefLabel", "rdf:langString", "1 or more", "Organization-prefLabel-count"),
    ],
)
def test_table_of_class_says_what_rules_ask(
    section: Callable[[str], str], coalition: str, property_: str, values: str, count: str, rule: str
) -> None:
    found = rows(coalition)[property_]
    assert found[:2] == [values, count]
    assert rule in found[3].split()
    assert rows(section("Coalition"))[property_] == found[:3]


def test_class_has_a_page_of_its_own(section: Callable[[str], str], coalition: str, client: Client) -> None:
    [target] = re.findall(r'<a href="([^"]+)">Rules and an example of coal:Coalition</a>', section("Coalition"))
    assert client.get(urljoin("/ontology", target), headers=HTML).text == coalition
    assert re.findall('<section class="term" id="([^"]+)"', coalition) == ["Coalition"]
    assert "Example of" not in section("Coalition")


def test_links_of_a_reduced_page_lead_to_sections(page: str, coalition: str) -> None:
    ids = set(re.findall(r' id="([^"]+)"', page))
    own = set(re.findall(r' id="([^"]+)"', coalition))
    assert set(re.findall(r'href="#([^"]+)"', coalition)) <= own
    others = set(re.findall(r'href="ontology#([^"]+)"', coalition))
    assert "Founding" in others
    assert others <= ids


def test_numbers_in_tables_are_those_of_the_statistics(section: Callable[[str], str], client: Client) -> None:
    query = (
        "PREFIX coal: <https://w3id.org/ma-coalitions/ontology#> SELECT (COUNT(*) AS ?n) { ?s a coal:Coalition ;"
        " coal:worksOn ?o }"
    )
    counted = client.get("/sparql", query_string={"query": query}).json["results"]["bindings"][0]["n"]["value"]
    assert int(counted) > 0
    assert rows(section("Coalition"))["works on"][2] == counted


def test_links_of_terms_lead_to_sections_and_pages(page: str, coalition: str, client: Client) -> None:
    main = page.partition("<main")[2].partition("</main>")[0]
    targets = re.findall(r'href="([^"]+)"', main)
    anchors = {target[1:] for target in targets if target.startswith("#")}
    ids = re.findall(r' id="([^"]+)"', page)
    assert anchors <= set(ids)
    assert len(ids) == len(set(ids))
    rules = sorted(set(re.findall('href="(rule/[^"]+)"', coalition)))
    questions = sorted({target for target in targets if target.startswith("ask/")})
    assert len(rules) > 20
    for target in (*rules[:2], *questions[:2]):
        assert client.get(urljoin("/ontology", target), headers=HTML).status_code == 200


def test_foreign_terms_in_use_are_linked_to_specifications(page: str) -> None:
    assert re.search(
        r'<tr id="org-member">.*?<td>[\d,]+ statements?</td>'
        r'<td><a href="http://www.w3.org/ns/org#member" rel="external">Specification of org:member</a></td></tr>',
        page,
    )
    assert 'id="sh-NodeShape"' not in page


def test_links_of_one_text_have_one_target(page: str) -> None:
    found: dict[str, set[str]] = {}
    for target, text in re.findall(
        r'<a href="([^"]+)"[^>]*>([^<]+)</a>', page.partition("<main")[2].partition("</main")[0]
    ):
        found.setdefault(text, set()).add(target)
    assert found["Coalition"] == {"#Coalition"}
    assert {text: targets for text, targets in found.items() if len(targets) > 1} == {}


def test_example_is_a_real_record_in_both_forms(coalition: str, client: Client) -> None:
    turtle, json_ld = map(html.unescape, re.findall("<pre><code>(.*?)</code></pre>", coalition, re.DOTALL))
    address = re.findall(r'<a href="(doc/coalition/[\w-]+)">', coalition)[-1]
    slug = address.rpartition("/")[2]
    assert turtle.startswith(f"coalition:{slug}\n")
    stated = json.loads(json_ld)
    assert stated["@context"] == "https://w3id.org/ma-coalitions/context.jsonld"
    assert f"coalition/{slug}" in json.dumps(stated)
    assert client.get(f"/{address}", headers=HTML).status_code == 200


def test_filter_keeps_terms_with_all_words(client: Client) -> None:
    page = client.get("/ontology", query_string={"q": "Size Claim"}, headers=HTML).text
    assert 'id="SizeClaim"' in page
    assert 'id="Coalition"' not in page
    assert '<meta name="robots" content="noindex">' in page
    assert 'value="Size Claim"' in page


def test_filter_that_finds_nothing_says_so(client: Client) -> None:
    page = client.get("/ontology", query_string={"q": '"><b>'}, headers=HTML).text
    assert "No term has these words." in page
    assert "<b>" not in page
    assert client.get("/ontology", query_string={"q": "x" * 201}, headers=HTML).status_code == 400


@pytest.mark.parametrize("path", ["/ontology", "/shapes"])
def test_filter_changes_no_rdf_form(path: str, client: Client) -> None:
    turtle = {"Accept": "text/turtle"}
    assert client.get(f"{path}?q=size", headers=turtle).text == client.get(path, headers=turtle).text
    page = client.get(f"{path}?q=size", headers=HTML)
    assert page.headers["Content-Location"] == f"{path[1:]}.html?q=size"
    assert "<h1>" in page.text


def test_rules_are_grouped_by_class_and_filtered(client: Client) -> None:
    whole = client.get("/shapes", headers=HTML).text
    titles = re.findall(r"<summary>(.*?): \d+ rules?</summary>", whole)
    assert titles.index("Agenda") < titles.index("Coalition") < titles.index("Several kinds of records")
    assert "<details open>" not in whole
    page = client.get("/shapes", query_string={"q": "Coalition Account"}, headers=HTML).text
    found = re.findall(r'<tr id="([^"]+)">', page)
    assert "Coalition-account-class" in found
    assert len(found) < 30
    assert f'role="status">{len(found)} of ' in page
    assert "<details open>" in page


def test_class_diagram_leads_to_sections(page: str, app: OpenApp) -> None:
    diagram = page.partition('aria-label="Class diagram">')[2].partition("</figure>")[0]
    linked = re.findall('<a href="#([^"]+)">', diagram)
    assert {"Coalition", "Aim", "seeks", "org-Organization"} <= set(linked)
    assert set(linked) <= set(re.findall(' id="([^"]+)"', page))
    assert "<svg" not in app.test_client().get("/ontology?q=aim", headers=HTML).text.partition("<main")[2]


def test_tables_do_not_repeat_classes_that_our_own_cover(page: str) -> None:
    titles = set(re.findall(r"<summary>Properties of (.*?) \(\d+\)</summary>", page))
    assert {"Coalition", "Bill"} <= titles
    foreign = set(re.findall(r">Properties of ([\w:]+)</a>", page))
    assert {"org:Membership", "org:Organization"} <= foreign
    assert "schema:Legislation" not in foreign
    assert 'id="schema-Legislation"' in page
