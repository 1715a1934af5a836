"""Formats: what each real client's Accept header gets, and that one graph has one spelling in each format."""

import random
from collections.abc import Sequence
from contextlib import suppress
from itertools import combinations

import pyoxigraph as ox
import pytest
from support.asgi_client import Client
from support.each import each

from publisher import formats
from publisher.errors import NotAcceptableError
from publisher.formats import DOCUMENTS, GRAPHS, HTML, JSON_LD, RDF_XML, RESULTS, TURTLE, Format
from publisher.negotiation import choose
from publisher.rdf.serializer import write_graph
from publisher.release.store import Store

DOCUMENT = "/doc/coalition/clear-water"
SELECT = "/sparql?query=SELECT+*+%7B+%3Fs+a+%3Fc+%7D+LIMIT+1"
ASK = "/sparql?query=ASK+%7B%7D"
CONSTRUCT = "/sparql?query=CONSTRUCT+WHERE+%7B+%3Fs+a+%3Fc+%7D+LIMIT+1"

REGISTERED = {
    "application/atom+xml",
    "application/csvm+json",
    "application/gzip",
    "application/json",
    "application/ld+json",
    "application/linkset+json",
    "application/n-quads",
    "application/n-triples",
    "application/problem+json",
    "application/rdf+xml",
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "application/trig",
    "application/vnd.sqlite3",
    "application/xml",
    "application/zip",
    "application/zstd",
    "image/png",
    "image/svg+xml",
    "image/vnd.microsoft.icon",
    "text/css",
    "text/csv",
    "text/html",
    "text/javascript",
    "text/plain",
    "text/tab-separated-values",
    "text/turtle",
}
"""The types among those in IANA's registry that a publisher of RDF has a use for."""
UNREGISTERED = {"application/feed+json", "application/opensearchdescription+xml", "application/x-suggestions+json"}
"""Types that JSON Feed 1.1 and OpenSearch 1.1 name and programs require; only the addresses of feeds and search have
them."""

RDFLIB = (
    "application/rdf+xml, text/n3, text/turtle, application/n-triples, application/ld+json, application/n-quads, "
    "application/trix, application/trig"
)
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
PROTEGE = "application/rdf+xml, application/xml;q=0.7, text/xml;q=0.6, text/plain;q=0.1, */*;q=0.09"
COMUNICA = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
    "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,application/xml;q=0.3,text/html;q=0.2"
)
COMUNICA_BROWSER = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,*/*;q=0.1"
)
PROFILE = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"'
CONTEXT_PROFILE = (
    'application/ld+json;profile="http://www.w3.org/ns/json-ld#context", application/ld+json, application/json;q=0.5'
)
SPARQLWRAPPER_JSON = (
    "application/x-sparqlstar-results+json,application/sparql-results+json,application/json,text/javascript,"
    "application/javascript"
)
SPARQLWRAPPER_N3 = "application/turtle,text/turtle,text/rdf+n3,application/n-triples,application/n3,text/n3"

GRAPH_CASES = {
    "missing": (None, "text/turtle"),
    "empty": ("", "text/turtle"),
    "blank": ("  ", "text/turtle"),
    "anything": ("*/*", "text/turtle"),
    "rdflib": (RDFLIB, "text/turtle"),
    "rdflib-nt": ("text/plain, */*;q=0.1", "application/n-triples"),
    "rdflib-xml": ("application/rdf+xml, */*;q=0.1", "application/rdf+xml"),
    "rdflib-turtle": ("text/turtle, application/x-turtle, */*;q=0.1", "text/turtle"),
    "rdflib-n3": ("text/n3, */*;q=0.1", "text/turtle"),
    "rdflib-json-ld": ("application/ld+json, application/json;q=0.9, */*;q=0.1", "application/ld+json"),
    "protege": (PROTEGE, "application/rdf+xml"),
    "comunica": (COMUNICA, "application/ld+json"),
    "comunica-in-a-browser": (COMUNICA_BROWSER, "application/ld+json"),
    "yasgui-construct": ("application/n-triples,*/*;q=0.9", "application/n-triples"),
    "sparqlwrapper-turtle": ("application/turtle,text/turtle", "text/turtle"),
    "sparqlwrapper-n3": (SPARQLWRAPPER_N3, "text/turtle"),
    "sparqlwrapper-json-ld": ("application/ld+json,application/x-json+ld", "application/ld+json"),
    "sparqlwrapper-rdf-xml": ("application/rdf+xml", "application/rdf+xml"),
    "json-ld-processor": ("application/ld+json, application/json", "application/ld+json"),
    "json-ld-profile": (PROFILE, "application/ld+json"),
    "json-ld-profile-below-turtle": (f"{PROFILE};q=0.5, text/turtle;q=0.9", "text/turtle"),
    "json-ld-context": (CONTEXT_PROFILE, "application/ld+json"),
    "plain-json": ("application/json", "application/ld+json"),
    "charset": ("text/turtle; charset=utf-8", "text/turtle"),
    "upper-case": ("APPLICATION/LD+JSON", "application/ld+json"),
    "refused-with-q-0": ("text/turtle;q=0, */*", "application/ld+json"),
    "refused-twice-with-q-0": ("text/turtle;q=0, application/ld+json;q=0.0, */*", "application/n-triples"),
    "refused-range-with-q-0": ("text/*;q=0, */*;q=0.5", "application/ld+json"),
    "range": ("application/*", "application/ld+json"),
    "text-range": ("text/*", "text/turtle"),
    "named-below-the-wildcard": ("text/turtle;q=0.1, */*", "application/ld+json"),
    "low-wildcard": ("image/png, */*;q=0.1", "text/turtle"),
    "low-wildcard-alone": ("*/*;q=0.1", "text/turtle"),
}
"""What RDF is answered as, wherever a graph is offered."""

HTML_CASES = {
    "firefox": (FIREFOX, "text/html"),
    "chrome": (CHROME, "text/html"),
    "html-with-level": ("text/html;level=1, text/turtle;q=0.5", "text/html"),
    "html-below-turtle": ("text/html;q=0.9, text/turtle", "text/turtle"),
    "html-above-the-wildcard": ("text/html;q=0.5, */*;q=0.1", "text/html"),
    "xhtml": ("application/xhtml+xml", "text/html"),
}
"""What is answered where a page is offered too."""

RESULT_CASES = {
    "missing": (None, "application/sparql-results+json"),
    "empty": ("", "application/sparql-results+json"),
    "anything": ("*/*", "application/sparql-results+json"),
    "rdflib-store": (
        "application/sparql-results+xml, application/rdf+xml, */*;q=0.1",
        "application/sparql-results+xml",
    ),
    "sparqlwrapper-default": (
        "application/sparql-results+xml,application/rdf+xml,*/*",
        "application/sparql-results+xml",
    ),
    "sparqlwrapper-xml": ("application/sparql-results+xml", "application/sparql-results+xml"),
    "sparqlwrapper-json": (SPARQLWRAPPER_JSON, "application/sparql-results+json"),
    "sparqlstar-json-alone": ("application/x-sparqlstar-results+json", "application/sparql-results+json"),
    "sparqlwrapper-csv": ("text/csv", "text/csv"),
    "sparqlwrapper-tsv": ("text/tab-separated-values", "text/tab-separated-values"),
    "yasgui-select": ("application/sparql-results+json,*/*;q=0.9", "application/sparql-results+json"),
    "comunica": (
        "application/sparql-results+json;q=1.0,application/sparql-results+xml;q=0.7,text/turtle;q=0.6",
        "application/sparql-results+json",
    ),
    "plain-json": ("application/json", "application/sparql-results+json"),
    "plain-xml": ("application/xml", "application/sparql-results+xml"),
    "csv-above-json": ("application/sparql-results+json;q=0.5, text/csv", "text/csv"),
    "refused-with-q-0": ("application/sparql-results+json;q=0, */*", "application/sparql-results+xml"),
    "text-range": ("text/*;q=0.5, text/html;q=0", "text/csv"),
    "low-wildcard": ("image/png, */*;q=0.1", "application/sparql-results+json"),
    "firefox": (FIREFOX, "text/html"),
    "chrome": (CHROME, "text/html"),
}


def answered(client: Client, address: str, accept: str | None) -> tuple[int, str]:
    response = client.get(address, headers={} if accept is None else {"Accept": accept})
    return response.status_code, response.mimetype


@each(("accept", "expected"), [*GRAPH_CASES.values(), *HTML_CASES.values()])
def test_document_format_follows_accept(client: Client, accept: str, expected: str) -> None:
    assert answered(client, DOCUMENT, accept) == (200, expected)


@each(("accept", "expected"), GRAPH_CASES.values())
def test_graph_format_follows_accept(client: Client, accept: str, expected: str) -> None:
    assert answered(client, CONSTRUCT, accept) == (200, expected)


@each(("accept", "expected"), RESULT_CASES.values())
@each("address", [SELECT, ASK])
def test_results_format_follows_accept(client: Client, address: str, accept: str, expected: str) -> None:
    assert answered(client, address, accept) == (200, expected)


@pytest.mark.parametrize("accept", ["image/png, */*;q=0.1", "text/plain, */*;q=0.1", "application/n-quads, */*;q=0.5"])
@pytest.mark.parametrize("address", ["/", "/dataset", "/ontology", "/sparql", DOCUMENT, "/nothing"])
def test_wildcard_without_html_never_gets_html(client: Client, address: str, accept: str) -> None:
    assert client.get(address, headers={"Accept": accept}).mimetype != "text/html"


def test_home_address_is_page_or_dataset_by_accept(client: Client) -> None:
    assert answered(client, "/", FIREFOX) == (200, "text/html")
    assert answered(client, "/", "*/*") == (200, "text/html")
    assert answered(client, "/", RDFLIB) == (200, "text/turtle")


@each("accept", ["image/png", "text/turtle;q=0", "*/*;q=0", "text/css, image/*"])
@each(("address", "offered"), [(DOCUMENT, DOCUMENTS), (SELECT, RESULTS), (CONSTRUCT, GRAPHS), ("/sparql", GRAPHS)])
def test_unavailable_format_returns_406_with_alternatives(
    client: Client, address: str, offered: Sequence[Format], accept: str
) -> None:
    response = client.get(address, headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (406, "application/problem+json")
    assert {offer.media_type for offer in offered} <= set(response.json["alternatives"])


def test_excluded_format_is_not_chosen_by_other_name(client: Client) -> None:
    refused = ", ".join(f"{form.media_type};q=0" for form in DOCUMENTS)
    assert answered(client, DOCUMENT, f"{refused}, */*") == (406, "application/problem+json")
    assert answered(client, DOCUMENT, f"{refused}, application/xml") == (406, "application/problem+json")


@each(
    ("lines", "expected"),
    [
        (["text/turtle;q=0.5", "application/ld+json"], "application/ld+json"),
        (["application/ld+json", "text/turtle;q=0.5"], "application/ld+json"),
        (["image/png", "application/rdf+xml"], "application/rdf+xml"),
        (["text/turtle;q=0", "*/*"], "application/ld+json"),
    ],
)
def test_accept_lines_are_joined(client: Client, lines: list[str], expected: str) -> None:
    response = client.get(DOCUMENT, headers=[("Accept", line) for line in lines])
    assert response.mimetype == expected


@each("accept", [None, "", "*/*"])
@each(
    ("address", "wanted", "expected"),
    [
        (DOCUMENT, "jsonld", "application/ld+json"),
        (DOCUMENT, "application/rdf%2Bxml", "application/rdf+xml"),
        (DOCUMENT, "html", "text/html"),
        (DOCUMENT, "nonsense", "text/turtle"),
        (f"{SELECT}&", "csv", "text/csv"),
        (f"{SELECT}&", "xml", "application/sparql-results+xml"),
        (f"{SELECT}&", "application/sparql-results%2Bxml", "application/sparql-results+xml"),
        (f"{CONSTRUCT}&", "Turtle", "text/turtle"),
        (f"{CONSTRUCT}&", "nt", "application/n-triples"),
        (f"{CONSTRUCT}&", "json-ld", "application/ld+json"),
    ],
)
def test_format_parameter_decides_without_accept(
    client: Client, address: str, wanted: str, expected: str, accept: str | None
) -> None:
    separator = "" if address.endswith("&") else "?"
    assert answered(client, f"{address}{separator}format={wanted}", accept) == (200, expected)


@each("name", ["format", "output", "results"])
@each(
    ("accept", "expected"),
    [
        ("text/csv", "text/csv"),
        ("application/sparql-results+xml,application/rdf+xml,*/*", "application/sparql-results+xml"),
    ],
)
def test_format_parameter_is_ignored_with_accept(client: Client, name: str, accept: str, expected: str) -> None:
    assert answered(client, f"{SELECT}&{name}=json", accept) == (200, expected)
    assert answered(client, f"{SELECT}&{name}=tsv", None) == (200, "text/tab-separated-values")


def every_format() -> list[Format]:
    return [value for value in vars(formats).values() if isinstance(value, Format)]


@pytest.mark.slow
def test_chosen_media_types_are_registered(client: Client) -> None:
    assert {form.media_type for form in every_format()} <= REGISTERED | UNREGISTERED
    for form in every_format():
        for asked in (form.media_type, *form.aliases):
            for address in (DOCUMENT, SELECT, CONSTRUCT, "/sparql", "/nothing", "/context.jsonld", "/sitemap.xml"):
                assert answered(client, address, asked)[1] in REGISTERED


def test_formats_have_unique_name_media_type_and_suffix() -> None:
    for offers in (DOCUMENTS, RESULTS):
        for one, other in combinations(offers, 2):
            assert not {one.name, one.media_type, one.suffix} & {other.name, other.media_type, other.suffix}


@each("accept", ["text/turtle;q=abc", "text", ",,,", ";", "a/b;q", '"', "*", "\x7f", "x" * 10_000])
def test_malformed_accept_is_answered_or_406(accept: str) -> None:
    with suppress(NotAcceptableError):
        assert choose(accept, DOCUMENTS) in DOCUMENTS


def test_empty_accept_list_is_ignored() -> None:
    assert choose(" , ,", DOCUMENTS) is TURTLE


@pytest.mark.parametrize("form", GRAPHS, ids=lambda form: form.name)
@pytest.mark.parametrize("graph", ["ontology", "graph/coalitions"])
def test_output_does_not_depend_on_triple_order(store: Store, form: Format, graph: str) -> None:
    names = store.index.names
    triples = list(store.lookup.graph(names.iri(graph)))
    assert len(triples) > 100
    assert graph != "ontology" or any(isinstance(t.subject, ox.BlankNode) for t in triples)
    shuffled = random.Random(1).sample(triples, len(triples))
    assert shuffled != triples
    written = write_graph(triples, form, names.prefixes, store.index.context)
    assert written == write_graph(shuffled, form, names.prefixes, store.index.context)
    assert written != write_graph(triples[1:], form, names.prefixes, store.index.context)


@each("form", GRAPHS)
def test_non_ascii_text_is_written_as_utf_8(form: Format) -> None:
    subject = ox.NamedNode("https://example.org/é")
    text = "Málaga – 東京 – 😀"
    written = write_graph([ox.Triple(subject, ox.NamedNode("https://example.org/p"), ox.Literal(text))], form, {}, {})
    assert text in written.decode("utf-8")
    assert subject.value in written.decode("utf-8")


def test_html_is_offered_only_for_pages() -> None:
    assert HTML in DOCUMENTS
    assert HTML not in GRAPHS
    assert choose("text/html, application/rdf+xml;q=0.1", GRAPHS) is RDF_XML
    assert choose("text/html, application/ld+json;q=0.1", GRAPHS) is JSON_LD


def test_html_is_not_a_format_of_graphs() -> None:
    with pytest.raises(ValueError, match="html is not a format of graphs"):
        write_graph([], HTML, {}, {})
