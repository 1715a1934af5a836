"""Pages: well-formed, navigable, escaped, and complete, all of them."""

import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from support.asgi_client import Client, OpenApp
from support.thing_pages import ReaderPart
from support.tiers import EVERYTHING, some

from publisher.diagnostic import Rule
from publisher.formats import GRAPHS
from publisher.pages.terms import REPEATED, words
from publisher.rdf.namespaces import SKOS, compact
from publisher.release.resources import Resources
from publisher.validation.context import of_repository
from publisher.validation.rules import read_rules as all_rules

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
HOST = "http://localhost"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
REFERENCES = {"href", "src", "action", "formaction"}
OTHER_FORMS = {"ttl", "jsonld", "nt", "rdf"}
SELECT = "/sparql?query=SELECT+%2A+%7B+%3Fs+a+%3Ftype+%7D+LIMIT+20"
WHOLE = ("/dataset", "/ontology", "/shapes", "/graph/")
"""Where the pages of whole graphs begin, which show the address of everything beside its name."""
SPECIAL = [
    SELECT,
    "/sparql?query=ASK+%7B%7D",
    "/ask/build",
    "/ask/embed?query=ASK+%7B%7D",
    "/ask/sparql",
    "/sparql?query=DESCRIBE+%3Chttps%3A%2F%2Fw3id.org%2Fma-coalitions%2Fdataset%3E",
    "/sparql?query=SELECT",
    "/nothing",
    "/doc/coalition/no-such",
    "/id/coalition/no-such",
    "/correct?about=nothing",
    "/doc/coalition/clear-water/incoming/99",
]
"""Pages that no link leads to."""
MANY_ALIKE = (
    "/ask/",
    "/ask?",
    "/correct?",
    "/problem/",
    "/rule/",
    "/sparql?query=",
    "/doc/bill?",
    "/doc/organization?",
)
"""Where the addresses of pages begin of which the fast tests look at one in twelve of those that are linked."""
EVIL_NAME = "Eve </title></script><script>alert(1)</script><img src=x onerror=alert(2)>\" ' & {{ 7*7 }}"
EVIL = """
@prefix coal: <https://w3id.org/ma-coalitions/ontology#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix coalition: <https://w3id.org/ma-coalitions/id/coalition/> .
@prefix agenda: <https://w3id.org/ma-coalitions/id/agenda/> .

coalition:eve
    a coal:Coalition ;
    skos:prefLabel %s@en ;
    coal:statedPurpose %s@en ;
    coal:advances agenda:fair-work-agenda ;
    foaf:account <https://w3id.org/ma-coalitions/id/coalition/eve/account/eve> ;
    foaf:homepage <javascript:alert(3)> ;
    foaf:page <JavaScript:alert(4)> ;
    foaf:page <data:text/html,alert(5)> ;
    foaf:page <vbscript:alert(6)> ;
    foaf:page <https://example.org/'onmouseover='alert(7)> ;
    foaf:page <https://w3id.org/ma-coalitions/javascript:alert(8)> ;
    foaf:page <https://w3id.org/ma-coalitions///other.example/x> ;
    foaf:page <https://w3id.org/ma-coalitions//other.example/x> ;
    a <javascript:alert(9)> ;
    a <https://example.org/\N{LATIN SMALL LETTER L WITH STROKE}> ;
    schema:url "javascript:alert(10)" ;
    schema:url "//other.example/x" ;
    schema:url <https://example.org/right> ;
    rdfs:seeAlso <file:///etc/passwd> ;
.

<https://w3id.org/ma-coalitions/id/coalition/eve/account/eve>
    a foaf:OnlineAccount ;
    skos:prefLabel %s@en ;
.
""" % ((json.dumps(EVIL_NAME),) * 3)


@dataclass
class Link:
    """A reference from a page. name: the attribute. text: the element's text."""

    tag: str
    name: str
    target: str
    text: str = ""


@dataclass
class Page(HTMLParser):
    """What a browser finds on a page, and what is wrong with the page's syntax."""

    source: str
    wrong: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    scripts: list[tuple[str, str]] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.feed(self.source)
        self.close()
        self.wrong += [f"<{tag}> is never closed" for tag in self.stack]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.stack.append(tag)
        tag = f"svg {tag}" if "svg" in self.stack else tag
        self.texts.setdefault(tag, []).append("")
        if len({name for name, _ in attrs}) < len(attrs):
            self.wrong.append(f"<{tag}> has an attribute twice")
        for name, value in attrs:
            self.attributes.append((tag, name, value or ""))
            if name == "id":
                self.ids.append(value or "")
            if name in REFERENCES:
                self.links.append(Link(tag, name, sent(value or "") if name == "formaction" else value or ""))
        if tag in HEADINGS:
            self.headings.append(int(tag[1]))
        if tag == "script":
            self.scripts.append((dict(attrs).get("type") or "", ""))

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()} closes what is not open")

    def handle_data(self, data: str) -> None:
        if "svg" in self.stack:
            return
        for tag in set(self.stack):
            self.texts[tag][-1] += data
        if "a" in self.stack and self.links:
            self.links[-1].text += data
        if "script" in self.stack:
            kind, text = self.scripts[-1]
            self.scripts[-1] = (kind, text + data)

    def unknown_decl(self, data: str) -> None:
        self.wrong.append(f"<![{data}")

    @property
    def anchors(self) -> list[Link]:
        return [link for link in self.links if link.tag == "a"]


def sent(address: str) -> str:
    """What the button of a form that is to have this address leads to, with a query that has an answer there."""
    graph = address.endswith(tuple(form.suffix for form in GRAPHS))
    return f"{address}?{urlencode({'query': 'DESCRIBE <urn:x>' if graph else 'ASK {}'})}"


def is_list(address: str) -> bool:
    """Whether an address is that of a list of things, whole or reduced."""
    return bool(re.fullmatch(r"/doc/[a-z]+(/page/\d+)?(\.html)?(\?.*)?", address))


def is_chosen(address: str) -> bool:
    """Whether the fast tests look at one of many alike: the same ones every time."""
    return EVERYTHING or zlib.crc32(address.encode()) % 12 == 0


class Site:
    """Every page of an application that links, or the addresses given, lead to."""

    def __init__(self, app: OpenApp, *starts: str) -> None:
        self.client = app.test_client()
        self.status: dict[str, int] = {}
        self.pages: dict[str, Page] = {}
        self.final: dict[str, str] = {}
        pending = ["/", *starts]
        while pending:
            address = pending.pop()
            stem, _, suffix = address.rpartition(".")
            if suffix in OTHER_FORMS and self.status.get(stem) == 200 and not stem.endswith(".html"):
                self.status.setdefault(address, 200)  # every document in these forms is read in test_jsonld.py
            elif address.startswith(MANY_ALIKE) and address not in starts and not is_chosen(address):
                self.status.setdefault(address, 200)
            elif address not in self.status:
                pending += self.visit(address)

    def visit(self, address: str) -> Iterator[str]:
        """Ask for an address; returns those that its page leads to, without fragments."""
        response = self.client.get(address, headers=BROWSER)
        self.status[address] = response.status_code
        if 300 <= response.status_code < 400:
            target = urljoin(address, response.headers["Location"]).removeprefix(HOST)  # absolute for merged things
            self.final[address] = target.partition("#")[0]
            return iter([self.final[address]])
        if response.mimetype != "text/html":
            return iter(())
        self.pages[address] = Page(response.text)
        targets = (urljoin(HOST + address, link.target) for link in self.pages[address].links)
        if address.startswith("/doc/") and "?" in address:  # A reduced list links the same list reduced in all ways.
            return iter(())
        return (
            target.removeprefix(HOST).partition("#")[0] for target in targets if urlsplit(target).netloc == "localhost"
        )

    def reached(self, start: str) -> set[str]:
        """The pages that links lead to from one of them."""
        found, pending = set(), [start]
        while pending:
            address = pending.pop()
            page = self.page(address)
            if page is not None and address not in found:
                found.add(address)
                targets = (urljoin(HOST + address, link.target).partition("#")[0] for link in page.anchors)
                pending += (target.removeprefix(HOST) for target in targets)
        return found

    def page(self, address: str) -> Page | None:
        """The page that an address leads to, if it is one."""
        return self.pages.get(self.final.get(address, address))


@pytest.fixture(scope="module")
def resources(app: OpenApp) -> Resources:
    return app.resources


@pytest.fixture(scope="module")
def documents(resources: Resources) -> list[str]:
    return [f"/{resources.names.address(iri)}" for iri in resources.things()]


@pytest.fixture(scope="module")
def fixed(documents: list[str]) -> list[str]:
    """The fixed addresses of pages, to which no page links; of things, one of each kind."""
    of_things = {address.split("/")[2]: f"{address}.html" for address in documents}.values()
    return [*of_things, "/ontology.html", "/shapes.html", "/dataset.html", "/doc/coalition.html"]


@pytest.fixture(scope="module")
def rules(resources: Resources) -> dict[str, Rule]:
    """Every rule, by the address of its page."""
    return {f"/rule/{name}": rule for name, rule in all_rules(of_repository(resources.store.index.definitions)).items()}


@pytest.fixture(scope="module")
def site(app: OpenApp, fixed: list[str]) -> Site:
    return Site(app, *SPECIAL, *fixed)


@pytest.fixture(scope="module")
def evil(fork: Callable[[Mapping[str, str]], Path], opened: Callable[..., OpenApp]) -> Client:
    """An application over data that is hostile to readers of pages."""
    return opened(fork({"data/coalitions/eve.ttl": EVIL})).test_client()


@pytest.fixture(scope="module")
def evil_pages(evil: Client) -> dict[str, Page]:
    query = "/sparql?query=SELECT+*+%7B+%3Fs+%3Fp+%3Fo+FILTER%28STRENDS%28STR%28%3Fs%29%2C+%22eve%22%29%29+%7D"
    construct = "/sparql?query=DESCRIBE+%3Chttps%3A%2F%2Fw3id.org%2Fma-coalitions%2Fid%2Fcoalition%2Feve%3E"
    addresses = ["/", "/doc/coalition/eve", "/doc/coalition", "/correct?about=id/coalition/eve", "/graph/coalitions"]
    addresses += [query, construct, "/doc/agenda/fair-work-agenda", "/doc/coalition/%3Cscript%3E"]
    return {address: Page(evil.get(address, headers=BROWSER).text) for address in addresses}


def wrong_pages(site: Site, test: Callable[[Page], Any]) -> dict[str, Any]:
    """The pages for which a test finds something, and what."""
    found = {address: test(page) for address, page in site.pages.items()}
    return {address: what for address, what in found.items() if what}


# All pages


def test_every_document_is_linked_from_home_page(site: Site, documents: list[str]) -> None:
    lists = {address.rpartition("/")[0] for address in documents}
    expected = {*documents, *lists, "/", "/ontology", "/shapes", "/dataset", "/ask"}
    assert expected - site.reached("/") == set()


def test_pages_are_well_formed(site: Site) -> None:
    assert wrong_pages(site, lambda page: page.wrong) == {}
    assert all(page.source.startswith("<!DOCTYPE html>\n<html lang=") for page in site.pages.values())


def test_page_text_is_escaped(site: Site) -> None:
    loose = re.compile(r"&(?!(?:#\d+|#x[0-9a-f]+|amp|lt|gt|quot|nbsp);)", re.IGNORECASE)
    outside_scripts = re.compile(r"<script.*?</script>", re.DOTALL)
    assert wrong_pages(site, lambda page: loose.findall(outside_scripts.sub("", page.source))) == {}


def test_heading_levels_are_valid(site: Site) -> None:
    def skipped(page: Page) -> object:
        levels = [0, *page.headings]
        jumps = [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1]
        return jumps or page.headings.count(1) != 1 or page.headings[0] != 1

    assert wrong_pages(site, skipped) == {}


def test_headings_have_text(site: Site) -> None:
    def empty(page: Page) -> list[str]:
        return [tag for tag in HEADINGS for text in page.texts.get(tag, []) if not text.strip()]

    assert wrong_pages(site, empty) == {}


def test_pages_have_language_title_and_charset(site: Site) -> None:
    def missing(page: Page) -> object:
        says = ("html", "lang", "en") in page.attributes and ("meta", "charset", "utf-8") in page.attributes
        return not says or len(page.texts.get("title", [])) != 1 or not page.texts["title"][0].strip()

    assert wrong_pages(site, missing) == {}


def test_titles_and_descriptions_fit_search_results(site: Site) -> None:
    def missing(page: Page) -> object:
        described = re.findall('<meta name="description" content="([^"]+)">', page.source)
        return len(described) != 1 or len(page.texts["title"][0]) >= 70

    assert wrong_pages(site, missing) == {}


def test_errors_and_corrections_are_not_indexed(site: Site) -> None:
    hidden = set(wrong_pages(site, lambda page: '<meta name="robots" content="noindex">' in page.source))
    assert hidden >= {"/nothing", "/doc/coalition/no-such", "/correct?about=nothing"}
    assert not hidden & {"/", "/dataset", "/doc/coalition", "/doc/coalition/clear-water", "/ontology"}


def test_menu_has_kinds_questions_and_data(site: Site) -> None:
    menu = re.findall(r'<nav aria-label="Main">.*?</nav>', site.pages["/"].source, re.DOTALL)
    names = re.findall(r"<a [^>]*>(.*?)</a>", menu[0])
    assert names == ["Coalitions", "Issues", "Bills", "Organizations", "Ask", "Data", "About"]


def test_page_titles_are_unique(site: Site, documents: list[str]) -> None:
    titles = Counter(page.texts["title"][0] for address, page in site.pages.items() if address in documents)
    expected = Counter(site.pages[address].texts["h1"][0] for address in documents)
    assert len(titles) == len(expected)


def test_ids_are_unique_per_page(site: Site) -> None:
    def repeated(page: Page) -> list[str]:
        return [name for name, times in Counter(page.ids).items() if times > 1 or not name or " " in name]

    assert wrong_pages(site, repeated) == {}


def test_references_to_ids_resolve(site: Site) -> None:
    names = {"for", "aria-describedby", "aria-labelledby", "aria-controls", "list", "headers"}

    def dangling(page: Page) -> list[str]:
        return [v for _, name, value in page.attributes if name in names for v in value.split() if v not in page.ids]

    assert wrong_pages(site, dangling) == {}


def test_internal_links_resolve(site: Site) -> None:
    broken = {address for address, status in site.status.items() if status not in (200, 303, 308, 410)} - set(SPECIAL)
    leading = set()
    for address, page in site.pages.items():
        targets = {urljoin(HOST + address, link.target).partition("#")[0].removeprefix(HOST) for link in page.links}
        leading |= {(address, target) for target in targets & broken if target != address}
    assert leading == set()


def test_fragment_links_resolve(site: Site) -> None:
    lost = set()
    for address, page in site.pages.items():
        for link in page.links:
            target, _, fragment = urljoin(HOST + address, link.target).partition("#")
            there = site.page(target.removeprefix(HOST))
            if fragment and target.startswith(HOST) and (there is None or fragment not in there.ids):
                lost.add((address, link.target))
    assert lost == set()


def test_links_have_text(site: Site) -> None:
    assert wrong_pages(site, lambda page: [link.target for link in page.anchors if not link.text.strip()]) == {}


def test_internal_links_are_relative(site: Site) -> None:
    """So that the pages work on any host and below any path."""

    def absolute(page: Page) -> list[str]:
        return [link.target for link in page.links if link.target.startswith(("/", HOST)) or not link.target]

    assert wrong_pages(site, absolute) == {}


def test_external_links_are_http(site: Site) -> None:
    def strange(page: Page) -> list[str]:
        return [link.target for link in page.links if urlsplit(link.target).scheme not in ("", "http", "https")]

    assert wrong_pages(site, strange) == {}


def test_pages_have_no_inline_script_or_style(site: Site) -> None:
    def inline(page: Page) -> list[object]:
        found: list[object] = [s for s in page.scripts if s[0] != "application/ld+json" and s[1]]
        found += [a for a in page.attributes if a[1] == "style" or a[1].startswith("on")]
        return found + page.texts.get("style", [])

    assert wrong_pages(site, inline) == {}


def test_pages_load_no_external_resources(site: Site) -> None:
    loading = {"script", "img", "iframe", "object", "embed", "audio", "video", "source"}

    def loaded(page: Page) -> list[Link]:
        found = [link for link in page.links if link.tag in loading]
        styles = re.findall(r'<link rel="stylesheet" href="([^"]*)"', page.source)
        return found + [Link("link", "href", target) for target in styles if urlsplit(target).netloc]

    found = wrong_pages(site, loaded)
    assert found, "the query page has scripts of ours"
    assert all(is_list(address) or address.startswith(("/sparql", "/ask/")) for address in found)
    assert all(link.target.lstrip("./").startswith("static/") for links in found.values() for link in links)


def test_form_fields_have_labels(site: Site) -> None:
    fields = {"input", "select", "textarea"}

    def unlabelled(page: Page) -> list[str]:
        labelled = {value for tag, name, value in page.attributes if (tag, name) == ("label", "for")}
        found = re.findall(rf"<(?:{'|'.join(fields)}) [^>]*>", page.source)
        shown = [field for field in found if 'type="hidden"' not in field and 'aria-label="' not in field]
        return [field for field in shown if re.sub(r'.* id="([^"]*)".*', r"\1", field) not in labelled]

    assert wrong_pages(site, unlabelled) == {}
    assert 'for="query"' in site.pages["/ask/sparql"].source


def test_tables_have_column_headers(site: Site) -> None:
    source = site.pages[SELECT].source
    assert re.findall(r'<th scope="col">(\w+)</th>', source) == ["s", "type"]
    assert source.count("<tr>") == 21


# Pages of rules


def test_rule_list_links_rule_pages(site: Site, rules: dict[str, Rule]) -> None:
    page = site.pages["/shapes"]
    linked = {urljoin("/shapes", link.target): link.text for link in page.anchors if link.target.startswith("rule/")}
    assert linked == {address: rule.name for address, rule in rules.items()}
    assert {rule.name for rule in rules.values()} <= set(page.ids)


def test_rule_page_has_meaning_reason_and_fix(client: Client, rules: dict[str, Rule]) -> None:
    for address in some(rules, 20):
        rule, page = rules[address], Page(client.get(address).text)
        said = [page.texts["code"][0], *page.texts["dd"][:3]]
        assert said == [rule.name, rule.meaning, rule.why, rule.fix]
        assert page.texts["mark"]


def test_rule_page_shows_examples(client: Client) -> None:
    page = Page(client.get("/rule/Account").text)
    [heading, *_] = page.texts["figcaption"]
    assert heading == "shapes/examples/Account/invalid/Account.ttl"
    assert len(page.texts["figcaption"]) == len(page.texts["figure"]) == 2


@pytest.mark.parametrize(
    ("rule", "marked"),
    [
        ("Agenda-notation-count", ['    skos:notation "2" ;', '    skos:notation "1" ;']),
        ("Agenda-closed", ['    dcterms:abstract "All about water."@en ;']),
        ("literal-form", ["    schema:numberOfEmployees 007 ;", "    schema:numberOfEmployees 7 ;"]),
        ("repeated-statement", ["coalition:harbor-light", '    skos:prefLabel "Harbor Light"@en ;']),
    ],
)
def test_rule_page_marks_differing_lines(client: Client, rule: str, marked: list[str]) -> None:
    assert Page(client.get(f"/rule/{rule}").text).texts["mark"] == marked


def test_shape_page_shows_turtle_and_class(client: Client) -> None:
    page = Page(client.get("/rule/Agenda-notation-count").text)
    assert page.texts["pre"][-1].startswith("coalsh:Agenda-notation-count\n    a sh:PropertyShape ;\n")
    assert ("../ontology#Agenda", "agenda") in {(link.target, link.text) for link in page.anchors}
    assert page.texts["dd"][-1] == "shapes/agenda.ttl"


def test_check_page_shows_and_links_query(client: Client, root: Path) -> None:
    page = Page(client.get("/rule/unsourced").text)
    query = page.texts["pre"][-1]
    assert query.startswith("PREFIX ")
    assert (root / "shapes/checks/unsourced.rq").read_text().rstrip().endswith(query.rstrip())
    [link] = [link.target for link in page.anchors if link.text == "Run this query"]
    assert client.get(urljoin("/rule/unsourced", link), headers=BROWSER).status_code == 200


def test_rule_pages_link_next_and_previous(client: Client, rules: dict[str, Rule]) -> None:
    address: str | None = "/rule/Account"
    seen = []
    while address and len(seen) < 4:
        seen.append(address)
        page = Page(client.get(address).text)
        near = {link.text.partition(":")[0]: urljoin(address, link.target) for link in page.anchors}
        assert near.get("Previous") == (seen[-2] if len(seen) > 1 else None)
        address = near.get("Next")
    assert seen == sorted(address for address, rule in rules.items() if rule.kind == "shape")[:4]


# Pages of things


def test_thing_page_has_name_and_permanent_uri(site: Site, resources: Resources, documents: list[str]) -> None:
    wrong = []
    for iri, address in zip(resources.things(), documents, strict=True):
        page = site.pages[address]
        name = resources.label(iri)
        says_address = iri in page.texts["code"]
        canonical = f'<link rel="canonical" href="{resources.names.iri(address[1:])}">' in page.source
        if not page.texts["h1"][0].startswith(name) or name == iri or not says_address or not canonical:
            wrong.append(address)
    assert wrong == []


def test_thing_links_have_labels(site: Site, resources: Resources, documents: list[str]) -> None:
    iris = dict(zip(documents, resources.things(), strict=True))
    names = {address: resources.label(iri) for address, iri in iris.items()}
    wrong = set()
    for address, page in site.pages.items():
        for link in page.anchors:
            target = urljoin(HOST + address, link.target).removeprefix(HOST)
            own = address.startswith(("/sparql?", "/ask/")) or address.removesuffix(".html") in names
            if own or target not in names:
                continue
            told = {names[target], iris[target]} if address.startswith(WHOLE) else {names[target]}
            if link.text not in told:
                wrong.add((address, link.target, link.text))
    assert wrong == set()


def test_readers_see_no_words_of_the_model(site: Site, documents: list[str]) -> None:
    parts = {address: ReaderPart(address, site.pages[address].source) for address in documents}
    assert {address: part.words for address, part in parts.items() if part.words} == {}
    assert [address for address, part in parts.items() if part.linked_names] == []


def test_statements_for_developers_are_closed(site: Site, documents: list[str]) -> None:
    source = site.pages["/doc/coalition/fair-wages-coalition"].source
    assert 'id="all-statements"' in source
    assert [address for address in documents if "<details open" in site.pages[address].source] == []
    assert [address for address in documents if 'class="all" open' in site.pages[address].source] == []


def test_links_of_thing_page_with_one_text_have_one_target(site: Site, documents: list[str]) -> None:
    wrong = []
    for address in documents:
        targets: dict[str, set[str]] = {}
        for link in site.pages[address].anchors:
            targets.setdefault(" ".join(link.text.split()).casefold(), set()).add(urljoin(address, link.target))
        wrong += [(address, text, found) for text, found in targets.items() if len(found) > 1]
    assert wrong == []


def test_footnote_marks_lead_to_sources_and_back(site: Site, documents: list[str]) -> None:
    marked = 0
    for address in documents:
        page = site.pages[address]
        marks = {link.target for link in page.anchors if link.target.startswith("#source-")}
        listed = [name for name in page.ids if name.startswith("source-")]
        assert marks == {f"#{name}" for name in listed}, address
        assert listed == [f"source-{number}" for number in range(1, len(listed) + 1)]
        marked += len(marks)
    assert marked > 40


@pytest.mark.parametrize(
    "kind", ["coalition", "agenda", "aim", "issue", "source", "organization", "bill", "measure", "scheme"]
)
def test_thing_page_shows_every_value(site: Site, resources: Resources, kind: str) -> None:
    prefix = resources.names.iri(f"id/{kind}/")
    for iri in [iri for iri in resources.things() if iri.startswith(prefix)]:
        page = site.pages[f"/{resources.names.address(iri)}"]
        text = " ".join(page.texts["main"])
        for triple in resources.describe(iri).own:
            value = triple.object.value
            if triple.predicate.value in REPEATED:
                continue
            if value.startswith(iri + "/"):
                assert value.removeprefix(iri + "/").replace("/", "-") in page.ids, (
                    "a part is shown whole, at its place"
                )
                continue
            short = compact(value, resources.names.vocabularies)
            worded = words(short.partition(":")[2]) if short != value else ""
            shown = any(form and form in text for form in (value, short, worded))
            shown = shown or resources.label(value) in text or triple.predicate.value.endswith("#type")
            assert shown, (iri, value)


def test_thing_page_has_sources_formats_and_correction(site: Site, resources: Resources, documents: list[str]) -> None:
    forms = [
        ("ttl", "text/turtle"),
        ("jsonld", "application/ld+json"),
        ("nt", "application/n-triples"),
        ("rdf", "application/rdf+xml"),
    ]
    wrong = []
    for iri, address in zip(resources.things(), documents, strict=True):
        page = site.pages[address]
        targets = {urljoin(address, link.target) for link in page.anchors}
        sources = [t.object.value for t in resources.describe(iri).own if t.predicate.value.endswith("dc/terms/source")]
        expected = {f"{address}.{suffix}" for suffix, _ in forms} | {
            f"/correct?about={iri.removeprefix(resources.names.base)}"
        }
        expected |= {f"/{resources.names.address(source)}" for source in sources}
        alternates = [
            f'<link rel="alternate" type="{media_type}" href="{address.rpartition("/")[2]}.{suffix}"'
            for suffix, media_type in forms
        ]
        if not expected <= targets or not all(link in page.source for link in alternates):
            wrong.append((address, expected - targets))
    assert wrong == []
    assert '<ol class="sources">' in site.pages["/doc/coalition/clear-water"].source


def test_fixed_html_equals_negotiated_html(site: Site, fixed: list[str]) -> None:
    assert [address for address in fixed if site.pages[address].source != site.pages[address[:-5]].source] == []


def test_thing_page_has_schema_org_data(site: Site, resources: Resources, documents: list[str]) -> None:
    for iri, address in zip(resources.things(), documents, strict=True):
        [(kind, text)] = site.pages[address].scripts
        said = json.loads(text)
        assert kind == "application/ld+json"
        assert (said["@context"], said["@id"], said["name"]) == ("https://schema.org", iri, resources.label(iri))
    said = json.loads(site.pages["/doc/coalition/fair-wages-coalition"].scripts[0][1])
    assert said["@type"] == "Organization"
    assert said["url"] == ["https://www.fairwages.example/"]


def test_list_page_links_all_things_of_kind(site: Site, documents: list[str]) -> None:
    lists = {address.rpartition("/")[0] for address in documents}
    assert {"/doc/coalition", "/doc/agenda", "/doc/issue", "/doc/aim", "/doc/source"} <= lists
    for address in lists:
        linked = {urljoin(address, link.target) for link in site.pages[address].anchors}
        assert {document for document in documents if document.startswith(address + "/")} <= linked


def test_vocabulary_page_has_fragment_for_every_term(site: Site, resources: Resources) -> None:
    ontology = resources.store.lookup.graph(resources.names.iri("ontology"))
    terms = {t.subject.value for t in ontology if "/ontology#" in str(t.subject)}
    page = site.pages["/ontology"]
    assert {term.partition("#")[2] for term in terms} <= set(page.ids)
    definitions = [t.object.value for t in ontology if t.predicate.value == SKOS + "definition"]
    assert definitions
    assert [text for text in definitions if text not in " ".join(page.texts["main"])] == []


# Hostile data


def test_hostile_text_is_escaped(evil_pages: dict[str, Page]) -> None:
    shown = 0
    for address, page in evil_pages.items():
        assert page.wrong == [], address
        assert [text for kind, text in page.scripts if kind != "application/ld+json" and text] == []
        assert "img" not in page.texts
        assert [a for a in page.attributes if a[1].startswith("on")] == []
        assert "49" not in page.texts["h1"][0]
        shown += EVIL_NAME in " ".join(page.texts["main"])
    assert shown >= 5
    assert evil_pages["/doc/coalition/eve"].texts["h1"] == [EVIL_NAME]
    assert evil_pages["/doc/coalition/eve"].texts["title"][0].startswith(EVIL_NAME[:50])


def test_hostile_text_cannot_end_script_element(evil_pages: dict[str, Page]) -> None:
    [(_, text)] = evil_pages["/doc/coalition/eve"].scripts
    assert json.loads(text)["name"] == EVIL_NAME
    assert json.loads(text)["description"] == [EVIL_NAME]


def test_script_urls_are_not_linked(evil_pages: dict[str, Page]) -> None:
    for page in evil_pages.values():
        schemes = {urlsplit(link.target).scheme.lower() for link in page.links}
        assert schemes <= {"", "http", "https"}
    assert "javascript:alert(3)" in " ".join(evil_pages["/doc/coalition/eve"].texts["main"])
    quoted = "https://example.org/'onmouseover='alert(7)"
    assert quoted in [link.target for link in evil_pages["/doc/coalition/eve"].links]


def test_own_iris_are_linked_on_this_host(evil_pages: dict[str, Page]) -> None:
    for address, page in evil_pages.items():
        for link in page.links:
            target = urlsplit(urljoin("https://ours.example/at" + address, link.target))
            assert target.netloc != "other.example", (address, link.target)
            assert not link.target.startswith(("//", "/")), (address, link.target)
    query = next(page for address, page in evil_pages.items() if "SELECT" in address)
    assert {"./javascript:alert(8)", ".///other.example/x", ".//other.example/x"} <= {x.target for x in query.links}


def test_schema_org_data_has_no_script_urls(evil_pages: dict[str, Page]) -> None:
    [(_, text)] = evil_pages["/doc/coalition/eve"].scripts
    assert "javascript:" not in text
    assert json.loads(text)["url"] == ["https://example.org/right"]


@pytest.mark.parametrize("suffix", ["", ".ttl", ".html"])
def test_link_headers_are_http_and_ascii(evil: Client, suffix: str) -> None:
    response = evil.get(f"/doc/coalition/eve{suffix}")
    assert response.status_code == 200
    linked = re.findall("<(.*?)>", response.headers["Link"])
    assert "https://example.org/%C5%82" in linked
    assert {urlsplit(target).scheme for target in linked} <= {"", "http", "https"}


@pytest.mark.parametrize("host", ["a\N{ACCOUNT OF}b", "\N{ACCOUNT OF}@b", "a\N{FULLWIDTH SOLIDUS}b"])
def test_unparsable_host_is_shown(client: Client, host: str) -> None:
    response = client.get(f"/sparql?{urlencode({'query': f'SELECT (<http://{host}/> AS ?x) {{}}'})}", headers=BROWSER)
    assert response.status_code == 200
    assert f"http://{host}/" in response.text


@pytest.mark.parametrize("iri", ["javascript:alert(1)", "data:text/html,x", "HTTP:alert(1)", "http:///other.example"])
def test_result_links_are_http(client: Client, iri: str) -> None:
    response = client.get(f"/sparql?{urlencode({'query': f'SELECT (<{iri}> AS ?x) {{}}'})}", headers=BROWSER)
    page = Page(response.text)
    assert page.texts["td"] == [iri]
    assert iri not in [link.target for link in page.links]


# The pages of further statements


def test_further_pages_are_well_formed_and_numbered(opened: Callable[..., OpenApp], root: Path) -> None:
    client = opened(root, incoming=5).test_client()
    first = Page(client.get("/doc/source/our-partners", headers=BROWSER).text)
    second = Page(client.get("/doc/source/our-partners/incoming/2", headers=BROWSER).text)
    assert first.wrong == second.wrong == []
    assert "page 2 of" in second.texts["h1"][0]
    assert first.texts["title"] != second.texts["title"]
    for address in ("/doc/source/our-partners/incoming/2", "/doc/source/our-partners/incoming/2.html"):
        page = Page(client.get(address, headers=BROWSER).text)
        targets = [urljoin(address, link.target) for link in page.links if urlsplit(link.target).netloc == ""]
        assert {client.get(t, headers=BROWSER).status_code for t in targets} <= {200, 303}


# The style


@cache
def style(checkout: Path) -> str:
    files = sorted((checkout / "publisher/pages/static/style").glob("*.css"))
    return "".join(file.read_text(encoding="utf-8") for file in files)


def test_stylesheet_loads_nothing_and_has_dark_mode(checkout: Path) -> None:
    assert "url(" not in style(checkout)
    assert "@import" not in style(checkout)
    assert "prefers-color-scheme: dark" in style(checkout) or "light-dark(" in style(checkout)
    assert ":focus" in style(checkout)


def test_notes_of_record_are_apart_from_what_is_not_known(client: Client) -> None:
    page = client.get("/doc/coalition/fair-wages-coalition", headers={"Accept": "text/html"}).text
    notes = page.partition('<h2 id="notes">Notes</h2>')[2].partition("</section>")[0]
    assert "<li>The Fair Wages Network is a body of its own.</li>" in notes
    assert 'id="not-known"' not in page
