"""The cases: one table of what real clients send, and what they need back.

The header fields are those of the clients: of rdflib, Jena, RDF4J, OWL API, Comunica, SPARQLWrapper, YASGUI, browsers.
"""

from dataclasses import dataclass
from typing import Final

from publisher.probe.exchange import ALTERNATE, ENDPOINT, MISSING, ORIGIN, ROBOTS, SITEMAP, THING, VOID, Call
from publisher.probe.expectations import (
    Expectation,
    agrees_on,
    allows_origins,
    has,
    has_no_status,
    has_no_type,
    has_rows,
    has_status,
    has_tag_of_its_own,
    has_type,
    is_client_error,
    is_empty,
    is_graph,
    is_seen_elsewhere,
    is_true,
    links_to,
    links_to_json_ld,
    locates_absolutely,
    must,
    should,
    varies,
)

HTML: Final = ("text/html", "application/xhtml+xml")
TURTLE: Final = "text/turtle"
JSON_LD: Final = "application/ld+json"
RDF_XML: Final = "application/rdf+xml"
N_TRIPLES: Final = "application/n-triples"
QUADS: Final = ("application/n-quads", "application/trig")
RDF: Final = (TURTLE, JSON_LD, RDF_XML, N_TRIPLES, *QUADS)
RDFLIB_READS: Final = (*RDF, "text/n3", "application/trix")
JSON: Final = "application/sparql-results+json"
XML: Final = "application/sparql-results+xml"
CSV: Final = "text/csv"
TSV: Final = "text/tab-separated-values"

RDFLIB: Final = (
    "application/rdf+xml, text/n3, text/turtle, application/n-triples, application/ld+json, application/n-quads, "
    "application/trix, application/trig"
)
JENA: Final = (
    "text/turtle,application/n-triples;q=0.9,application/rdf+xml;q=0.7,application/trig,application/n-quads;q=0.9,"
    "application/ld+json;q=0.8,*/*;q=0.5"
)
"""What Jena 4 and 5 send for a graph or data set (`WebContent.defaultRDFAcceptHeader`)."""
RDF4J: Final = (
    "application/rdf+xml;q=0.1",
    "application/xml;q=0.1",
    "text/xml;q=0.1",
    "application/n-triples;q=0.4",
    "text/plain;q=0.4",
    "text/turtle;q=0.5",
    "application/x-turtle;q=0.5",
    "text/n3;q=0.5",
    "text/rdf+n3;q=0.5",
    "application/trix",
    "application/trig",
    "application/x-trig",
    "application/x-binary-rdf",
    "application/n-quads;q=0.9",
    "text/x-nquads;q=0.9",
    "text/nquads;q=0.9",
    "application/ld+json",
    "application/rdf+json;q=0.9",
)
"""What RDF4J sends to load a document (`RDFFormat.getAcceptParams`, contexts required): one field for each type."""
RDF4J_GRAPHS: Final = (
    "application/rdf+xml;q=0.4, application/xml;q=0.4, text/xml;q=0.4, application/n-triples;q=0.7, text/plain;q=0.7, "
    "text/turtle, application/x-turtle, text/n3;q=0.8, text/rdf+n3;q=0.8, application/trix;q=0.8, "
    "application/trig;q=0.8, application/x-trig;q=0.8, application/x-binary-rdf;q=0.8, application/n-quads;q=0.7, "
    "text/x-nquads;q=0.7, text/nquads;q=0.7, application/ld+json;q=0.8, application/rdf+json;q=0.7"
)
"""What RDF4J sends with CONSTRUCT and DESCRIBE: Turtle is preferred."""
OWL_API: Final = "application/rdf+xml, application/xml;q=0.7, text/xml;q=0.6, text/plain;q=0.1, */*;q=0.09"
COMUNICA: Final = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
    "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,application/xml;q=0.3,text/html;q=0.2"
)
COMUNICA_IN_A_BROWSER: Final = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,*/*;q=0.1"
)
BROWSER: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
BROWSERS: Final = (
    BROWSER,
    "text/html",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/png,image/svg+xml,*/*;q=0.8",
)
"""What Firefox, Chrome and Safari send, and programs that ask for pages only."""
OTHER_PROGRAMS: Final = (
    "text/n3, */*;q=0.1",
    "text/turtle, application/x-turtle, */*;q=0.1",
    "application/trig, */*;q=0.1",
    "application/trix, */*;q=0.1",
    "application/ld+json, application/json;q=0.9, */*;q=0.1",
    "application/ld+json, application/json;q=0.8, text/html;q=0.5, application/xhtml+xml;q=0.5",
    "application/ld+json, application/json",
    "text/html, image/gif, image/jpeg, */*; q=0.2",
    "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
    "text/html,application/xhtml+xml,application/signed-exchange;v=b3,application/xml;q=0.9,*/*;q=0.8",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.9",
)
"""What these send: rdflib where it is told the format, PyLD, jsonld.js, Java now and before 19, Googlebot, Chrome."""
SPARQLWRAPPER: Final = (
    "application/x-sparqlstar-results+json,application/sparql-results+json,application/json,text/javascript,"
    "application/javascript"
)
JENA_RESULTS: Final = (
    "application/sparql-results+json,application/sparql-results+xml;q=0.9,text/tab-separated-values;q=0.7,"
    "text/csv;q=0.5,application/json;q=0.2,application/xml;q=0.2,*/*;q=0.1"
)
RDF4J_RESULTS: Final = (
    "application/sparql-results+xml;q=0.8, application/xml;q=0.8, application/x-binary-rdf-results-table, "
    "application/sparql-results+json;q=0.8, application/json;q=0.8, text/csv;q=0.8, text/tab-separated-values;q=0.8"
)

VALUE: Final = "a+b c%20d&é"
"""A value that gets lost where a query is decoded once too often, or not as UTF-8."""
SELECT: Final = f'SELECT ?x WHERE {{ VALUES ?x {{ "{VALUE}" }} }}'
ASK: Final = "ASK { }"
CONSTRUCT: Final = "CONSTRUCT { <urn:a> <urn:b> 1 } WHERE { }"
MALFORMED: Final = "SELECT WHERE {"
EMPTY_UPDATE: Final = "INSERT DATA { }"
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Case:
    """after: the name of the case whose exchange this one's is compared with. local: whether it is malformed, so that
    only hosts on this machine are asked."""

    name: str
    client: str
    call: Call
    expected: tuple[Expectation, ...]
    after: str = ""
    local: bool = False


def _get(accept: str | None, target: str = THING, *, method: str = "GET", origin: bool = False) -> Call:
    headers = (("Accept", accept),) if accept is not None else ()
    return Call(target, headers + ((("Origin", ORIGIN),) if origin else ()), method)


def _ask(query: str, accept: str, *more: tuple[str, str], method: str = "GET") -> Call:
    headers = (("Accept", accept), ("Origin", ORIGIN))
    return Call(ENDPOINT, headers, method, parameters=(("query", query), *more))


def _post(content_type: str, accept: str, *, form: tuple[tuple[str, str], ...] = (), body: str = "") -> Call:
    headers = (("Accept", accept), ("Origin", ORIGIN), ("Content-Type", content_type))
    return Call(ENDPOINT, headers, "POST", form=form, body=body)


_OK: Final = must("200", has_status(200))
_GRAPH: Final = must("RDF that can be parsed", is_graph)
_GRAPH_TOO: Final = should("RDF that can be parsed", is_graph)
_ORIGINS: Final = should("CORS: any origin", allows_origins)
_ROW: Final = must("the value that was asked for, unchanged", has_rows(VALUE))
_RDF: Final = must("an RDF format", has_type(*RDF))

THINGS: Final = (
    Case("anything", "curl", _get("*/*"), (_OK, should("an absolute Location of 308", locates_absolutely))),
    Case(
        "browser",
        "Firefox",
        _get(BROWSER),
        (
            _OK,
            should("HTML", has_type(*HTML)),
            should("a link to JSON-LD, as rdflib reads it", links_to_json_ld),
            should(
                "links for crawlers: cite-as, describedby or canonical", links_to("cite-as", "describedby", "canonical")
            ),
        ),
    ),
    Case(
        "turtle",
        "rdflib, Jena",
        _get("text/turtle"),
        (
            must("Turtle", has_type(TURTLE)),
            _GRAPH,
            must("Vary: Accept where forms share an address", varies),
            must("another ETag than HTML", has_tag_of_its_own),
            should("ETag", has("ETag")),
            should("Cache-Control", has("Cache-Control")),
        ),
        after="browser",
    ),
    Case("identity", "Semantic Web clients", _get("text/turtle"), (should("303", is_seen_elsewhere),)),
    Case(
        "json-ld", "JSON-LD processors", _get("application/ld+json"), (should("JSON-LD", has_type(JSON_LD)), _GRAPH_TOO)
    ),
    Case(
        "rdf-xml", "rdflib", _get("application/rdf+xml, */*;q=0.1"), (should("RDF/XML", has_type(RDF_XML)), _GRAPH_TOO)
    ),
    Case("n-triples", "rdflib", _get("application/n-triples"), (should("N-Triples", has_type(N_TRIPLES)), _GRAPH_TOO)),
    Case("rdflib", "rdflib", _get(RDFLIB), (must("a format that rdflib reads", has_type(*RDFLIB_READS)), _GRAPH)),
    Case("rdflib-text", "rdflib", _get("text/plain, */*;q=0.1"), (_OK, should("no HTML", has_no_type(*HTML)))),
    Case("jena", "Jena", _get(JENA), (_RDF, _GRAPH)),
    Case("rdf4j", "RDF4J", Call(THING, tuple(("Accept", type_) for type_ in RDF4J)), (_RDF, _GRAPH)),
    Case("owl-api", "OWL API, Protégé", _get(OWL_API), (_OK, should("RDF/XML", has_type(RDF_XML)))),
    Case("comunica", "Comunica", _get(COMUNICA), (_RDF, _GRAPH)),
    Case("script", "Comunica in a browser", _get(COMUNICA_IN_A_BROWSER, origin=True), (_RDF, _ORIGINS)),
    Case(
        "no-accept",
        "urllib, scripts",
        _get(None),
        (_OK, should("as for */*", agrees_on("Content-Type"))),
        after="anything",
    ),
    Case(
        "quality", "clients that prefer RDF", _get("text/html;q=0.9, text/turtle"), (must("Turtle", has_type(TURTLE)),)
    ),
    Case(
        "refusal",
        "clients that refuse a format",
        _get("text/turtle;q=0, */*;q=0.5"),
        (must("no Turtle", has_no_type(TURTLE)),),
    ),
    Case(
        "two-lines",
        "proxies",
        Call(THING, (("Accept", "text/html;q=0.1"), ("Accept", "text/turtle"))),
        (must("Turtle", has_type(TURTLE)),),
    ),
    Case(
        "unknown-format",
        "image loaders",
        _get("image/png"),
        (must("406, or the default with 200", has_status(200, 406)), should("406", has_status(406))),
    ),
    Case(
        "head",
        "crawlers",
        _get("text/turtle", method="HEAD"),
        (
            must("no body", is_empty),
            must("status and Content-Type as of GET", agrees_on("Content-Type")),
            should("ETag, Vary and Link as of GET", agrees_on("ETag", "Vary", "Link")),
        ),
        after="turtle",
    ),
    Case(
        "revalidation",
        "caches",
        Call(THING, (("Accept", "text/turtle"),), revalidate=True),
        (must("304", has_status(304)), must("no body", is_empty)),
        after="turtle",
    ),
    Case(
        "json-ld-link",
        "rdflib",
        Call(ALTERNATE),
        (must("JSON-LD without Accept", has_type(JSON_LD)),),
        after="browser",
    ),
    Case(
        "missing",
        "everybody",
        _get("text/turtle", MISSING, origin=True),
        (must("404 or 410", has_status(404, 410)), _ORIGINS),
    ),
)
"""What is asked of the address of a thing. The first is asked to find out whether the site answers at all."""

SITE: Final = (
    Case(
        "robots",
        "search engines",
        _get("*/*", ROBOTS),
        (must("200 or 404", has_status(200, 404, 410)), should("robots.txt", has_type("text/plain"))),
    ),
    Case("sitemap", "search engines", _get("*/*", SITEMAP), (should("XML", has_type("application/xml", "text/xml")),)),
    Case("void", "discovery of data sets", _get("text/turtle", VOID), (should("RDF", has_type(*RDF)), _GRAPH_TOO)),
)
"""What is asked of its host."""

QUERIES: Final = (
    Case("get", "all", _ask(SELECT, JSON), (must("JSON results", has_type(JSON)), _ROW, _ORIGINS)),
    Case(
        "form",
        "YASGUI",
        _post(f"{_FORM}; charset=UTF-8", "application/sparql-results+json,*/*;q=0.9", form=(("query", SELECT),)),
        (must("JSON results", has_type(JSON)), _ROW, _ORIGINS),
    ),
    Case(
        "direct",
        "rdflib",
        _post("application/sparql-query", JSON, body=SELECT),
        (must("JSON results", has_type(JSON)), _ROW),
    ),
    Case(
        "xml",
        "SPARQLWrapper",
        _ask(SELECT, "application/sparql-results+xml,application/rdf+xml,*/*"),
        (_ROW, should("XML results", has_type(XML))),
    ),
    Case(
        "csv",
        "spreadsheets",
        _ask(SELECT, "text/csv"),
        (should("CSV", has_type(CSV)), should("the value", has_rows(VALUE))),
    ),
    Case(
        "tsv",
        "scripts",
        _ask(SELECT, "text/tab-separated-values"),
        (should("TSV", has_type(TSV)), should("the value", has_rows(VALUE))),
    ),
    Case(
        "sparqlwrapper",
        "SPARQLWrapper",
        _ask(SELECT, SPARQLWRAPPER, ("format", "json"), ("output", "json"), ("results", "json")),
        (_OK, must("JSON results", has_type(JSON, "application/json"))),
    ),
    Case("jena-results", "Jena", _ask(SELECT, JENA_RESULTS), (must("JSON results", has_type(JSON)), _ROW)),
    Case(
        "rdf4j-results",
        "RDF4J",
        _ask(SELECT, RDF4J_RESULTS),
        (must("a results format", has_type(JSON, XML, CSV, TSV)), _ROW),
    ),
    Case("any-results", "curl", _ask(SELECT, "*/*"), (_OK, should("a results format", has_type(JSON, XML, CSV, TSV)))),
    Case("ask", "all", _ask(ASK, JSON), (must("true", is_true),)),
    Case("construct", "rdflib", _ask(CONSTRUCT, "text/turtle, application/rdf+xml;q=0.9"), (_RDF, _GRAPH)),
    Case("rdf4j-construct", "RDF4J", _ask(CONSTRUCT, RDF4J_GRAPHS), (_RDF, should("Turtle", has_type(TURTLE)), _GRAPH)),
    Case("construct-any", "YASGUI", _ask(CONSTRUCT, "application/n-triples,*/*;q=0.9"), (_RDF, _GRAPH)),
    Case(
        "unknown-results",
        "image loaders",
        _ask(SELECT, "image/png"),
        (must("406, or the default with 200", has_status(200, 406)), should("406", has_status(406))),
    ),
    Case(
        "query-head",
        "crawlers",
        _ask(SELECT, JSON, method="HEAD"),
        (should("status and Content-Type as of GET", agrees_on("Content-Type")), must("no body", is_empty)),
        after="get",
    ),
    Case(
        "description",
        "Comunica",
        _get(COMUNICA, ENDPOINT),
        (must("no server error", has_no_status(500, 502, 503, 504)), should("a service description", is_graph)),
    ),
    Case(
        "query-page",
        "Firefox",
        _get(BROWSER, ENDPOINT),
        (must("no server error", has_no_status(500, 502, 503, 504)), should("HTML", has_type(*HTML))),
    ),
    Case(
        "preflight",
        "scripts of other sites",
        Call(
            ENDPOINT,
            (
                ("Origin", ORIGIN),
                ("Access-Control-Request-Method", "POST"),
                ("Access-Control-Request-Headers", "content-type"),
            ),
            "OPTIONS",
        ),
        (should("200 or 204", has_status(200, 204)), _ORIGINS),
    ),
    Case("malformed", "all", _ask(MALFORMED, JSON), (must("400", has_status(400)), _ORIGINS), local=True),
    Case("two-queries", "all", _ask(ASK, JSON, ("query", ASK)), (should("400", has_status(400)),), local=True),
    Case(
        "update",
        "all",
        _post(_FORM, JSON, form=(("update", EMPTY_UPDATE),)),
        (must("a client error, as the endpoint is for queries", is_client_error),),
        local=True,
    ),
)
"""What is asked of the SPARQL endpoint (SPARQL 1.1 Protocol, section 2.1)."""

CASES: Final = (*THINGS, *SITE, *QUERIES)
