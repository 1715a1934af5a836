"""The SPARQL protocol: three ways to send a query, errors, results, and the service description."""

import csv
import http.client
import io
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
import rdflib
from support.asgi_client import Client, OpenApp
from support.each import each
from support.tiers import EVERYTHING, few
from werkzeug.test import TestResponse

from publisher.dataset.repository import Repository
from publisher.errors import MalformedError, NotAcceptableError, PublisherError, RefusedError, UnsupportedMediaTypeError
from publisher.formats import FORM, SPARQL_QUERY
from publisher.rdf.namespaces import GEOF, RDF, RDFS, SCHEMA, SD, SH, VOID
from publisher.release.store import Store
from publisher.settings import Settings
from publisher.sparql import protocol
from publisher.sparql.engine import ADDRESS, Query

pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated, use Dataset:DeprecationWarning")  # rdflib's own use

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
BASE = "https://w3id.org/ma-coalitions/"
AGENDAS = """PREFIX coal: <https://w3id.org/ma-coalitions/ontology#>
SELECT (COUNT(?coalition) AS ?coalitions) ?agenda WHERE { ?coalition coal:advances ?agenda }
GROUP BY ?agenda ORDER BY DESC(?coalitions)"""
NAMES = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?thing ?name ?missing WHERE { ?thing skos:prefLabel ?name } ORDER BY ?thing"""
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
GRAPHS = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"
AGENDA_GRAPH = f"{BASE}graph/agendas"
AIM_GRAPH = f"{BASE}graph/aims"
UNKNOWN = f"{BASE}graph/unknown"


def test_too_many_parameters_return_400() -> None:
    with pytest.raises(MalformedError, match="fields"):
        protocol.read("GET", b"&".join([b"x=y"] * 1001), "", b"", None)


def read(**request: Any) -> Query:
    """The query that protocol.read makes of a request."""
    given = {"method": "GET", "query_string": b"", "content_type": "", "body": b"", "accept": None, "suffix": ""}
    query = protocol.read(**given | request).query
    assert query is not None
    return query


def sent(way: str, text: str, **parameters: Any) -> dict[str, Any]:
    """The arguments of protocol.read for a query sent in one of the three legal ways."""
    form = urlencode({"query": text} | parameters, doseq=True).encode()
    if way == "get":
        return {"query_string": form}
    if way == "form":
        return {"method": "POST", "content_type": FORM, "body": form}
    rest = urlencode(parameters, doseq=True).encode()
    return {"method": "POST", "content_type": SPARQL_QUERY, "body": text.encode(), "query_string": rest}


def ask(client: Client, text: str, accept: str = "application/sparql-results+json", **parameters: Any) -> TestResponse:
    query_string = urlencode({"query": text} | parameters, doseq=True)
    return client.get("/sparql", query_string=query_string, headers={"Accept": accept})


def rows(client: Client, text: str, **parameters: Any) -> list[dict[str, str]]:
    """The solutions as plain values."""
    response = ask(client, text, **parameters)
    assert response.status_code == 200, response.text
    bindings = response.json["results"]["bindings"]
    return [{name: term["value"] for name, term in binding.items()} for binding in bindings]


def number(client: Client, text: str = COUNT, **parameters: Any) -> int:
    [row] = rows(client, text, **parameters)
    return int(row["n"])


# The three ways

WAYS = ["get", "form", "direct"]
TEXTS = {
    "space": "ASK { }",
    "percent-20": "ASK { <http://example.org/a%20b> ?p ?o }",
    "percent-25": "ASK { <http://example.org/100%25> ?p ?o }",
    "percent-2B": "ASK { <http://example.org/a%2Bb> ?p ?o }",
    "plus": "SELECT (1 + 1 AS ?two) { <http://example.org/a+b> ?p ?o }",
    "ampersand": 'ASK { ?s ?p "a&b=c;d" }',
    "non-ascii": 'ASK { <http://example.org/é> ?p "東京 😀" }',
    "lines": "ASK {\r\n\t?s ?p ?o # comment\n}",
    "long": "ASK { ?s ?p '" + "x" * 20_000 + "' }",
}


@each("way", WAYS)
@each("text", TEXTS.values())
def test_query_text_is_unchanged(way: str, text: str) -> None:
    assert read(**sent(way, text)).text == text


@pytest.mark.parametrize("text", ["ASK+%7B%20%7d", "ASK%20{%20}", "ASK+{+}"])
def test_plus_and_percent_escapes_are_decoded(text: str) -> None:
    assert read(query_string=f"query={text}".encode()).text == "ASK { }"


@pytest.mark.parametrize("way", WAYS)
def test_protocol_dataset_is_parsed(way: str) -> None:
    both = read(**sent(way, "ASK {}", **{"default-graph-uri": ["urn:a", "urn:b"], "named-graph-uri": ["urn:c"]}))
    assert (both.default_graphs, both.named_graphs) == (("urn:a", "urn:b"), ("urn:c",))


@pytest.mark.parametrize("way", WAYS)
def test_protocol_dataset_of_one_kind_empties_the_other(way: str) -> None:
    default = read(**sent(way, "ASK {}", **{"default-graph-uri": "urn:a"}))
    assert (default.default_graphs, default.named_graphs) == (("urn:a",), ())
    named = read(**sent(way, "ASK {}", **{"named-graph-uri": "urn:a"}))
    assert (named.default_graphs, named.named_graphs) == ((), ("urn:a",))
    none = read(**sent(way, "ASK {}"))
    assert (none.default_graphs, none.named_graphs) == (None, None)


@each("accept", [None, "*/*", "text/csv", "text/turtle"])
@each("way", WAYS)
def test_unknown_parameters_are_ignored(way: str, accept: str | None) -> None:
    plain = read(**sent(way, "ASK {}"), accept=accept)
    assert read(**sent(way, "ASK {}", timeout="1", debug="on", should="sponge"), accept=accept) == plain


REFUSED: Mapping[str, tuple[dict[str, Any], type[PublisherError]]] = {
    "duplicated-in-address": ({"query_string": b"query=ASK%7B%7D&query=ASK%7B%7D"}, MalformedError),
    "duplicated-in-form": ({"method": "POST", "content_type": FORM, "body": b"query=a&query=b"}, MalformedError),
    "missing-in-form": ({"method": "POST", "content_type": FORM, "body": b"format=json"}, MalformedError),
    "in-address-of-a-form": (
        {"method": "POST", "content_type": FORM, "query_string": b"query=ASK%7B%7D"},
        MalformedError,
    ),
    "beside-a-form": (
        {"method": "POST", "content_type": FORM, "query_string": b"query=ASK%7B%7D", "body": b"query=ASK%7B%7D"},
        MalformedError,
    ),
    "beside-a-body": (
        {"method": "POST", "content_type": SPARQL_QUERY, "query_string": b"query=ASK%7B%7D", "body": b"ASK {}"},
        MalformedError,
    ),
    "data-set-in-address-of-a-form": (
        {
            "method": "POST",
            "content_type": FORM,
            "query_string": b"default-graph-uri=urn%3Aa",
            "body": b"query=ASK%7B%7D",
        },
        MalformedError,
    ),
    "data-set-without-query": ({"query_string": b"named-graph-uri=urn%3Aa"}, MalformedError),
    "body-in-latin-1": (
        {"method": "POST", "content_type": f"{SPARQL_QUERY}; charset=latin-1", "body": b"ASK {}"},
        UnsupportedMediaTypeError,
    ),
    "body-in-utf-16": (
        {"method": "POST", "content_type": f"{SPARQL_QUERY}; charset=UTF-16", "body": "ASK {}".encode("utf-16")},
        UnsupportedMediaTypeError,
    ),
    "form-in-latin-1": (
        {"method": "POST", "content_type": f"{FORM}; charset=latin-1", "body": b"query=ASK%7B?s+?p+'%E9'%7D"},
        MalformedError,
    ),
    "empty-form": ({"method": "POST", "content_type": FORM}, MalformedError),
    "broken-utf-8-in-address": ({"query_string": b"query=%FF%FE"}, MalformedError),
    "raw-bytes-in-address": ({"query_string": b"query=\xff"}, MalformedError),
    "broken-utf-8-in-form": ({"method": "POST", "content_type": FORM, "body": b"query=%C3%28"}, MalformedError),
    "raw-bytes-in-form": ({"method": "POST", "content_type": FORM, "body": b"query=\xc3\xa9"}, MalformedError),
    "broken-utf-8-in-body": ({"method": "POST", "content_type": SPARQL_QUERY, "body": b"ASK \xff{}"}, MalformedError),
    "too-many-parameters": ({"query_string": b"&".join([b"a=b"] * 5_000)}, MalformedError),
    "update-in-address": ({"query_string": b"update=CLEAR+ALL"}, RefusedError),
    "update-beside-query": ({"query_string": b"query=ASK%7B%7D&update=CLEAR+ALL"}, RefusedError),
    "update-in-form": ({"method": "POST", "content_type": FORM, "body": b"update=CLEAR+ALL"}, RefusedError),
    "update-beside-a-form": (
        {"method": "POST", "content_type": FORM, "body": b"query=ASK%7B%7D", "query_string": b"update=CLEAR+ALL"},
        RefusedError,
    ),
    "update-beside-a-body": (
        {"method": "POST", "content_type": SPARQL_QUERY, "body": b"ASK{}", "query_string": b"update=CLEAR+ALL"},
        RefusedError,
    ),
    "update-body": ({"method": "POST", "content_type": "application/sparql-update"}, UnsupportedMediaTypeError),
    "json-body": ({"method": "POST", "content_type": "application/json"}, UnsupportedMediaTypeError),
    "multipart-body": ({"method": "POST", "content_type": "multipart/form-data"}, UnsupportedMediaTypeError),
    "no-media-type": ({"method": "POST", "body": b"query=ASK%7B%7D"}, UnsupportedMediaTypeError),
    "nothing-acceptable": ({"query_string": b"query=ASK%7B%7D", "accept": "image/png"}, NotAcceptableError),
}


@each(("request_", "problem"), REFUSED.values())
def test_invalid_protocol_request_is_rejected(request_: dict[str, Any], problem: type[PublisherError]) -> None:
    with pytest.raises(problem):
        read(**request_)


@each(("request_", "problem"), REFUSED.values())
def test_rejected_request_returns_problem_document(
    client: Client, request_: dict[str, Any], problem: type[PublisherError]
) -> None:
    response = client.open(
        "/sparql",
        method=request_.get("method", "GET"),
        query_string=request_.get("query_string", b"").decode("latin-1"),
        data=request_.get("body", b""),
        content_type=request_.get("content_type") or None,
        headers={"Accept": request_["accept"]} if "accept" in request_ else {},
    )
    assert (response.status_code, response.mimetype) == (problem.status, "application/problem+json")
    assert response.json["status"] == problem.status
    wanted = f"{FORM}, {SPARQL_QUERY}" if problem is UnsupportedMediaTypeError else None
    assert response.headers.get("Accept-Post") == wanted
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_protocol_status_codes() -> None:
    assert (
        MalformedError.status,
        RefusedError.status,
        NotAcceptableError.status,
        UnsupportedMediaTypeError.status,
    ) == (400, 403, 406, 415)


@pytest.mark.parametrize("way", WAYS)
def test_update_as_query_is_syntax_error(client: Client, way: str) -> None:
    before = number(client)
    request = sent(way, "INSERT DATA { <urn:a> <urn:b> <urn:c> }")
    response = client.open(
        "/sparql",
        method=request.get("method", "GET"),
        query_string=request.get("query_string", b"").decode(),
        data=request.get("body", b""),
        content_type=request.get("content_type"),
    )
    assert response.status_code == 400
    assert number(client) == before


@each(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=UTF-8",
        "application/x-www-form-urlencoded;charset=utf-8",
        "Application/X-WWW-Form-URLencoded",
        'APPLICATION/X-WWW-FORM-URLENCODED; charset="utf-8"',
        "application/x-www-form-urlencoded; charset=ISO-8859-1",
    ],
)
def test_form_media_type_case_and_charset_are_ignored(client: Client, content_type: str) -> None:
    response = client.post("/sparql", data=b"query=ASK+%7B%7D", content_type=content_type)
    assert (response.status_code, response.json["boolean"]) == (200, True)


@each(
    "content_type",
    [
        "application/sparql-query",
        "application/sparql-query; charset=UTF-8",
        'application/sparql-query;charset="utf-8"; version=1',
        "Application/SPARQL-Query",
    ],
)
def test_query_media_type_case_and_charset_are_ignored(client: Client, content_type: str) -> None:
    response = client.post("/sparql", data=b"ASK {}", content_type=content_type)
    assert (response.status_code, response.json["boolean"]) == (200, True)


@pytest.mark.parametrize("way", WAYS)
def test_byte_order_mark_is_stripped(way: str) -> None:
    assert read(**sent(way, "\ufeffASK {}")).text == "ASK {}"


@pytest.mark.parametrize("suffix", ["csv", "json", "ttl"])
def test_fixed_format_without_query_returns_400(client: Client, suffix: str) -> None:
    response = client.get(f"/sparql.{suffix}")
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")


@each("method", ["PUT", "DELETE", "PATCH", "TRACE", "QUERY"])
def test_other_method_returns_405_with_allow(client: Client, method: str) -> None:
    response = client.open("/sparql?query=ASK%7B%7D", method=method, content_type=SPARQL_QUERY, data=b"ASK {}")
    assert (response.status_code, response.mimetype) == (405, "application/problem+json")
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_cors_preflight_allows_any_header(client: Client) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    response = client.options("/sparql", headers=asked | {"Access-Control-Request-Headers": "x-any, content-type"})
    assert response.status_code == 200
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "*" in response.headers["Access-Control-Allow-Headers"].split(", ")


@pytest.mark.parametrize(
    ("method", "address", "headers", "status"),
    [
        ("GET", "/sparql?query=ASK", {}, 400),
        ("GET", "/sparql?update=x", {}, 403),
        ("GET", "/sparql.png?query=ASK%7B%7D", {}, 404),
        ("PUT", "/sparql", {}, 405),
        ("GET", "/sparql?query=ASK%7B%7D", {"Accept": "image/png"}, 406),
        ("GET", "/sparql?query=ASK%7B%7D%23" + "x" * (600 << 10), {}, 414),
        ("POST", "/sparql", {"Content-Type": "text/plain"}, 415),
        ("GET", f"/sparql?query=ASK{'%7B' * 65}{'%7D' * 65}", {}, 422),
    ],
    ids=lambda value: str(value)[:40],
)
def test_cors_headers_on_errors(
    client: Client, method: str, address: str, headers: dict[str, str], status: int
) -> None:
    response = client.open(address, method=method, headers=headers)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Vary"] == "Accept, Accept-Encoding"


@each("address", ["?query=ASK%7B%7D", "?query=ASK", "?update=x", "", ".csv?query=ASK%7B%7D", ".x"])
def test_head_equals_get_without_body(client: Client, address: str) -> None:
    get, head = client.get(f"/sparql{address}"), client.head(f"/sparql{address}")
    assert (head.status_code, head.data) == (get.status_code, b"")
    assert int(head.headers["Content-Length"]) == len(get.data)
    assert dict(head.headers) == dict(get.headers)


def test_head_runs_the_query(client: Client) -> None:
    """`If-None-Match: *` (RFC 9110, section 13.1.2) of a query that has none is no 304."""
    for text, status in (("ASK { ?s ?p", 400), ("SELECT (RAND() AS ?x) {}", 200)):
        response = client.get("/sparql", query_string={"query": text}, headers={"If-None-Match": "*"})
        assert response.status_code == status


@pytest.mark.parametrize("way", [way for way in WAYS if way != "get"])
def test_query_over_length_limit_returns_413(client: Client, way: str) -> None:
    request = sent(way, "ASK {} #" + "x" * (600 << 10))
    response = client.open(
        "/sparql",
        method=request.get("method", "GET"),
        query_string=request.get("query_string", b"").decode(),
        data=request.get("body", b""),
        content_type=request.get("content_type"),
    )
    assert (response.status_code, response.json["limit"], response.json["value"]) == (413, "length", 512 << 10)


# Answers


@each("escaped", ["a%20b", "a%25b", "a+b", "é", "%C3%A9"])
@each("way", WAYS)
def test_iris_round_trip_through_query(client: Client, way: str, escaped: str) -> None:
    iri = f"http://example.org/{escaped}"
    request = sent(way, f"SELECT (<{iri}> AS ?iri) {{}}")
    response = client.open(
        "/sparql",
        method=request.get("method", "GET"),
        query_string=request.get("query_string", b"").decode(),
        data=request.get("body", b""),
        content_type=request.get("content_type"),
    )
    assert response.json["results"]["bindings"] == [{"iri": {"type": "uri", "value": iri}}]


def by_json(body: bytes) -> list[tuple[str, ...]]:
    found = json.loads(body)
    return [
        tuple(row[v]["value"] if v in row else "" for v in found["head"]["vars"])
        for row in found["results"]["bindings"]
    ]


def by_xml(body: bytes) -> list[tuple[str, ...]]:
    space = "{http://www.w3.org/2005/sparql-results#}"
    tree = ElementTree.fromstring(body)
    names = [variable.attrib["name"] for variable in tree.iter(f"{space}variable")]
    found = []
    for result in tree.iter(f"{space}result"):
        values = {binding.attrib["name"]: "".join(binding.itertext()) for binding in result.iter(f"{space}binding")}
        found.append(tuple(values.get(name, "") for name in names))
    return found


def by_csv(body: bytes) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader(io.StringIO(body.decode(), newline=""))][1:]


def by_tsv(body: bytes) -> list[tuple[str, ...]]:
    values = [[ox_value(cell) for cell in line.split("\t")] for line in body.decode().split("\n")[1:] if line]
    return [tuple(row) for row in values]


def ox_value(cell: str) -> str:
    """The value of a term in TSV, which is spelled as in Turtle."""
    if not cell:
        return ""
    [quad] = ox.parse(f"<urn:s> <urn:p> {cell} .", format=ox.RdfFormat.TURTLE)
    return quad.object.value


RESULT_READERS: Mapping[str, tuple[str, Callable[[bytes], list[tuple[str, ...]]]]] = {
    "json": ("application/sparql-results+json", by_json),
    "xml": ("application/sparql-results+xml", by_xml),
    "csv": ("text/csv", by_csv),
    "tsv": ("text/tab-separated-values", by_tsv),
}


@each("fixed", [False, True])
@each("suffix", RESULT_READERS)
def test_rows_are_equal_in_every_format(client: Client, repository: Repository, suffix: str, fixed: bool) -> None:
    media_type, reader = RESULT_READERS[suffix]
    address, accept = (f"/sparql.{suffix}", "image/png") if fixed else ("/sparql", media_type)
    response = client.get(address, query_string={"query": NAMES}, headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, media_type)
    found = reader(response.data)
    labels = [
        (t.subject.value, t.object.value, "")
        for file in repository.files
        for t in file.triples
        if t.predicate.value.endswith("core#prefLabel")
    ]
    assert sorted(found) == sorted(labels)
    assert int(response.headers["Content-Length"]) == len(response.data)


@each("suffix", RESULT_READERS)
@each(("text", "expected"), [("ASK { ?s ?p ?o }", "true"), ("ASK { ?s ?p <urn:no> }", "false")])
def test_ask_in_every_format(client: Client, suffix: str, text: str, expected: str) -> None:
    response = ask(client, text, RESULT_READERS[suffix][0])
    assert (response.status_code, response.mimetype) == (200, RESULT_READERS[suffix][0])
    assert [word for word in ("true", "false") if word in response.text] == [expected]
    assert int(response.headers["Content-Length"]) == len(response.data)


GRAPH_FORMATS = {
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
}


@each("fixed", [False, True])
@each("suffix", GRAPH_FORMATS)
@each(
    "text",
    [
        f"DESCRIBE <{BASE}id/coalition/clear-water>",
        f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ BIND (<{BASE}id/coalition/clear-water> AS ?s) ?s ?p ?o }}",
    ],
)
def test_graphs_are_equal_in_every_format(client: Client, store: Store, text: str, suffix: str, fixed: bool) -> None:
    media_type = GRAPH_FORMATS[suffix]
    address, accept = (f"/sparql.{suffix}", "image/png") if fixed else ("/sparql", media_type)
    response = client.get(address, query_string={"query": text}, headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (200, media_type)
    assert int(response.headers["Content-Length"]) == len(response.data)
    found = rdflib.Graph().parse(data=response.text, format=media_type)
    thing = ox.NamedNode(f"{BASE}id/coalition/clear-water")
    expected = "".join(f"{t} .\n" for t in store.lookup.find(thing, None, None))
    assert set(found) == set(rdflib.Graph().parse(data=expected, format="nt"))


@each(
    ("address", "text"),
    [
        ("/sparql.csv", "CONSTRUCT WHERE { ?s ?p ?o }"),
        ("/sparql.json", f"DESCRIBE <{BASE}dataset>"),
        ("/sparql.ttl", "ASK {}"),
        ("/sparql.nt", "SELECT * { ?s ?p ?o }"),
    ],
)
def test_fixed_format_of_wrong_kind_returns_406(client: Client, address: str, text: str) -> None:
    response = client.get(address, query_string={"query": text})
    assert (response.status_code, response.mimetype) == (406, "application/problem+json")


def test_post_to_fixed_format(client: Client) -> None:
    response = client.post("/sparql.csv", data={"query": "SELECT (1 AS ?one) {}"})
    assert (response.mimetype, response.text.split()) == ("text/csv", ["one", "1"])


DERIVED = "https://w3id.org/ma-coalitions/graph/derived"
APART = [f"https://w3id.org/ma-coalitions/graph/{name}" for name in ("catalogue", "examples")]


@pytest.mark.parametrize("suffix", RESULT_READERS if EVERYTHING else ["csv"])
def test_large_result_is_complete(client: Client, store: Store, suffix: str) -> None:
    media_type, reader = RESULT_READERS[suffix]
    text = "SELECT ?s ?o ?x WHERE { ?s ?p ?o VALUES ?x { 1 2 3 } FILTER (!isBlank(?s) && !isBlank(?o)) }"
    response = ask(client, text, media_type)
    assert int(response.headers["Content-Length"]) == len(response.data)
    assert len(response.data) > 1 << 19
    triples = list(store.lookup.find(None, None, None))
    expected = [
        t for t in triples if not isinstance(t.subject, ox.BlankNode) and not isinstance(t.object, ox.BlankNode)
    ]
    assert len(reader(response.data)) == 3 * len(expected)


# The data set


def test_each_triple_is_in_default_and_one_named_graph(client: Client, store: Store, repository: Repository) -> None:
    about = sum(len(file.triples) for file in repository.files) + len(store.lookup.graph(DERIVED))
    named = f"GRAPH ?g {{ ?s ?p ?o }} FILTER (?g NOT IN ({', '.join(f'<{iri}>' for iri in APART)}))"
    assert number(client) == about
    assert number(client, f"SELECT (COUNT(*) AS ?n) WHERE {{ {named} }}") == about
    twice = "ASK { GRAPH ?g { ?s ?p ?o } GRAPH ?h { ?s ?p ?o } FILTER (?g != ?h) }"
    assert ask(client, twice).json["boolean"] is False
    apart = f"ASK {{ {named} FILTER NOT EXISTS {{ ?s ?p ?o }} }}"
    assert ask(client, apart).json["boolean"] is False
    assert ask(client, "ASK { ?s ?p ?o FILTER NOT EXISTS { GRAPH ?g { ?s ?p ?o } } }").json["boolean"] is False


def test_named_graphs_are_files_and_computed_graphs(client: Client, repository: Repository) -> None:
    found = [row["g"] for row in rows(client, GRAPHS)]
    assert found == sorted({DERIVED, *APART, *(file.graph for file in repository.files)})
    assert AGENDA_GRAPH in found


def test_default_graph_parameter_replaces_default_graph(client: Client, store: Store) -> None:
    one, other = len(store.lookup.graph(AGENDA_GRAPH)), len(store.lookup.graph(AIM_GRAPH))
    assert 0 < one != other > 0
    assert number(client, **{"default-graph-uri": AGENDA_GRAPH}) == one
    assert number(client, **{"default-graph-uri": [AGENDA_GRAPH, AIM_GRAPH]}) == one + other
    assert number(client, **{"default-graph-uri": [AGENDA_GRAPH, AGENDA_GRAPH]}) == one


def test_default_graph_parameters_hide_named_graphs(client: Client) -> None:
    assert rows(client, GRAPHS, **{"default-graph-uri": AGENDA_GRAPH}) == []
    explicit = f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{AGENDA_GRAPH}> {{ ?s ?p ?o }} }}"
    assert number(client, explicit, **{"default-graph-uri": AGENDA_GRAPH}) == 0
    assert number(client, explicit) > 0


def test_named_graph_parameters_empty_default_graph(client: Client) -> None:
    assert number(client, **{"named-graph-uri": AGENDA_GRAPH}) == 0
    assert rows(client, GRAPHS, **{"named-graph-uri": AGENDA_GRAPH}) == [{"g": AGENDA_GRAPH}]


def test_default_and_named_graph_parameters(client: Client, store: Store) -> None:
    data_set = {"default-graph-uri": AIM_GRAPH, "named-graph-uri": AGENDA_GRAPH}
    assert number(client, **data_set) == len(store.lookup.graph(AIM_GRAPH))
    assert rows(client, GRAPHS, **data_set) == [{"g": AGENDA_GRAPH}]


@pytest.mark.parametrize("kind", ["default-graph-uri", "named-graph-uri"])
def test_unknown_graph_is_empty(client: Client, kind: str) -> None:
    assert number(client, **{kind: UNKNOWN}) == 0
    assert rows(client, GRAPHS, **{kind: UNKNOWN}) == []


def test_protocol_dataset_overrides_query_dataset(client: Client, store: Store) -> None:
    text = f"SELECT (COUNT(*) AS ?n) FROM <{AIM_GRAPH}> WHERE {{ ?s ?p ?o }}"
    named = f"SELECT DISTINCT ?g FROM NAMED <{AIM_GRAPH}> WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    assert number(client, text) == len(store.lookup.graph(AIM_GRAPH))
    assert number(client, text, **{"default-graph-uri": AGENDA_GRAPH}) == len(store.lookup.graph(AGENDA_GRAPH))
    assert rows(client, named) == [{"g": AIM_GRAPH}]
    assert rows(client, named, **{"named-graph-uri": AGENDA_GRAPH}) == [{"g": AGENDA_GRAPH}]
    assert rows(client, named, **{"default-graph-uri": AGENDA_GRAPH}) == []


@each("iri", ["not an iri", "", "relative", "http://[", "\x00"])
@each("kind", ["default-graph-uri", "named-graph-uri"])
def test_graph_parameter_not_an_iri_returns_400(client: Client, kind: str, iri: str) -> None:
    response = ask(client, "ASK {}", **{kind: iri})
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")


# Mistakes

MISTAKES = {
    "one-line": ("SELECT * WHERE { ?s ?p }", 1),
    "third-line": ("PREFIX a: <urn:a>\nSELECT *\nWHERE { ?s a:b }\n", 3),
    "carriage-returns": ("PREFIX a: <urn:a>\r\nSELECT *\r\nWHERE { ?s a:b }", 3),
    "unknown-prefix": ("SELECT *\nWHERE { ?s nobody:knows ?o }", 2),
    "end": ("SELECT *\nWHERE {", 2),
    "non-ascii": ("# Größe 😀\nSELECT * WHERE { 'ü' }", 2),
}


@each(("text", "line"), MISTAKES.values())
def test_syntax_error_returns_400_with_position(client: Client, text: str, line: int) -> None:
    response = ask(client, text)
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    found = response.json
    assert found["line"] == line
    assert isinstance(found["column"], int)
    assert 1 <= found["column"] <= len(text.splitlines()[line - 1]) + 1
    assert found["text"].strip() == text.splitlines()[line - 1].strip()
    assert found["detail"]
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@each("text", ["", " ", "nonsense", "SELECT", "\x00", "ASK {} ASK {}", "DROP ALL"])
def test_nonsense_query_returns_400(client: Client, text: str) -> None:
    response = ask(client, text)
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")


def test_browser_gets_syntax_error_in_form(client: Client) -> None:
    text = "SELECT * WHERE {\n  ?s <script> ?p &\n}"
    response = client.get("/sparql", query_string={"query": text}, headers=BROWSER)
    assert (response.status_code, response.mimetype) == (400, "text/html")
    assert "?s &lt;script&gt; ?p &amp;" in response.text
    assert "<textarea" in response.text
    assert "<script>" not in response.text
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@each(
    ("text", "shown"),
    [
        ("SELECT (1 + 1 AS ?two) {}", ">2<"),
        ("SELECT ('<b>' AS ?x) {}", "&lt;b&gt;"),
        ("SELECT * { ?s ?p <urn:none> }", "0 rows"),
        ("SELECT ?unbound {}", "1 row"),
        ("ASK {}", ">yes<"),
        ("ASK { ?s ?p <urn:none> }", ">no<"),
        ("CONSTRUCT { <urn:a> <urn:b> '<i>' } WHERE {}", "&lt;urn:a&gt;\n    &lt;urn:b&gt;"),
        (f"DESCRIBE <{BASE}id/coalition/clear-water>", "Clear Water"),
    ],
)
def test_browser_gets_result_page(client: Client, text: str, shown: str) -> None:
    response = client.get("/sparql", query_string={"query": text}, headers=BROWSER)
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert shown in response.text.partition("<h1>")[2]


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", 403, "SERVICE"),
    ],
    ids=["service"],
)
def test_browser_gets_failure_reason(client: Client, text: str, status: int, words: str) -> None:
    response = client.get("/sparql", query_string={"query": text}, headers=BROWSER)
    assert (response.status_code, response.mimetype) == (status, "text/html")
    assert words in response.text.partition('role="alert"')[2].partition("</section>")[0]
    assert "<table" not in response.text


# What the endpoint says of itself


@pytest.fixture(scope="module")
def description(app: OpenApp) -> rdflib.Graph:
    response = app.test_client().get("/sparql", headers={"Accept": "text/turtle"}, base_url="https://host.example")
    assert response.status_code == 200
    return rdflib.Graph().parse(data=response.text, format="turtle")


def term(namespace: str, local: str) -> rdflib.URIRef:
    return rdflib.URIRef(namespace + local)


@pytest.mark.parametrize("media_type", few(list(GRAPH_FORMATS.values())))
def test_service_description_is_equal_in_every_format(
    client: Client, description: rdflib.Graph, media_type: str
) -> None:
    response = client.get("/sparql", headers={"Accept": media_type}, base_url="https://host.example")
    assert (response.status_code, response.mimetype) == (200, media_type)
    assert set(rdflib.Graph().parse(data=response.text, format=media_type)) == set(description)


def test_service_endpoint_is_requested_address(description: rdflib.Graph) -> None:
    service = rdflib.URIRef("https://host.example/sparql")
    assert list(description.subjects(term(RDF, "type"), term(SD, "Service"))) == [service]
    assert list(description.objects(service, term(SD, "endpoint"))) == [service]
    assert term(SD, "SPARQL11Query") in set(description.objects(service, term(SD, "supportedLanguage")))


def test_service_describes_dataset(client: Client, description: rdflib.Graph) -> None:
    service = rdflib.URIRef("https://host.example/sparql")
    [data_set] = description.objects(service, term(SD, "defaultDataset"))
    assert (data_set, term(RDF, "type"), term(SD, "Dataset")) in description
    [default] = description.objects(data_set, term(SD, "defaultGraph"))
    assert int(str(description.value(default, term(VOID, "triples")))) == number(client)
    counts = {}
    for entry in description.objects(data_set, term(SD, "namedGraph")):
        assert (entry, term(RDF, "type"), term(SD, "NamedGraph")) in description
        graph = description.value(entry, term(SD, "graph"))
        counts[str(description.value(entry, term(SD, "name")))] = str(description.value(graph, term(VOID, "triples")))
    real = rows(client, "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    assert counts == {row["g"]: row["n"] for row in real}


def test_named_graph_descriptions_count_properties_and_classes(client: Client, description: rdflib.Graph) -> None:
    properties, classes = {}, {}
    for entry in description.subjects(term(RDF, "type"), term(SD, "NamedGraph")):
        name, graph = description.value(entry, term(SD, "name")), description.value(entry, term(SD, "graph"))
        for part in description.objects(graph, term(VOID, "propertyPartition")):
            counts = ("triples", "distinctSubjects", "distinctObjects")
            key = str(name), str(description.value(part, term(VOID, "property")))
            properties[key] = tuple(str(description.value(part, term(VOID, count))) for count in counts)
        for part in description.objects(graph, term(VOID, "classPartition")):
            key = str(name), str(description.value(part, term(VOID, "class")))
            classes[key] = str(description.value(part, term(VOID, "entities")))
    counted = "(COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?ss) (COUNT(DISTINCT ?o) AS ?os)"
    real = rows(client, f"SELECT ?g ?p {counted} {{ GRAPH ?g {{ ?s ?p ?o }} }} GROUP BY ?g ?p")
    assert properties == {(row["g"], row["p"]): (row["n"], row["ss"], row["os"]) for row in real}
    real = rows(client, "SELECT ?g ?c (COUNT(?s) AS ?n) { GRAPH ?g { ?s a ?c } FILTER isIRI(?c) } GROUP BY ?g ?c")
    assert classes == {(row["g"], row["c"]): row["n"] for row in real}


GEOSPARQL = (
    "aggUnion area asDGGS asGML asGeoJSON asKML asWKT boundary buffer centroid concaveHull convexHull "
    "coordinateDimension difference dimension distance ehContains ehCoveredBy ehCovers ehDisjoint ehEquals "
    "ehInside ehMeet ehOverlap envelope geometryN geometryType getSRID intersection is3D isEmpty isMeasured "
    "isSimple length maxX maxY maxZ metricArea metricBuffer metricDistance metricLength metricPerimeter minX minY "
    "minZ numGeometries perimeter rcc8dc rcc8ec rcc8eq rcc8ntpp rcc8ntppi rcc8po rcc8tpp rcc8tppi relate "
    "sfContains sfCrosses sfDisjoint sfEquals sfIntersects sfOverlaps sfTouches sfWithin spatialDimension "
    "symDifference transform union "
)


def test_service_lists_extension_functions(client: Client, description: rdflib.Graph) -> None:
    named = {str(function).removeprefix(GEOF) for function in description.objects(None, term(SD, "extensionFunction"))}
    told = {name: ask(client, f"SELECT (<{GEOF}{name}>(1) AS ?x) {{}}").status_code for name in GEOSPARQL.split()}
    assert told == {name: 200 if name in named else 422 for name in told}
    assert named <= told.keys()


def test_service_links_examples(client: Client, description: rdflib.Graph) -> None:
    linked = description.objects(rdflib.URIRef("https://host.example/sparql"), term(RDFS, "seeAlso"))
    [graph] = [str(iri) for iri in linked if "/graph/" in str(iri)]
    asked = "SELECT ?e { ?e a <http://www.w3.org/ns/shacl#SPARQLExecutable> }"
    assert len(rows(client, asked, **{"default-graph-uri": graph})) > 50


def test_service_lists_exactly_served_formats(
    description: rdflib.Graph,
) -> None:
    names = {
        str(o).removeprefix("http://www.w3.org/ns/formats/")
        for o in description.objects(None, term(SD, "resultFormat"))
    }
    assert names == {
        "SPARQL_Results_JSON",
        "SPARQL_Results_XML",
        "SPARQL_Results_CSV",
        "SPARQL_Results_TSV",
        "Turtle",
        "JSON-LD",
        "N-Triples",
        "RDF_XML",
    }


def test_service_declares_prefixes(description: rdflib.Graph, store: Store) -> None:
    found = {
        str(description.value(declared, term(SH, "prefix"))): str(description.value(declared, term(SH, "namespace")))
        for declared in description.objects(None, term(SH, "declare"))
    }
    assert found == store.index.names.prefixes
    assert found["coalition"] == f"{BASE}id/coalition/"


def published(description: rdflib.Graph) -> dict[str, float]:
    """The limits that the service description states."""
    found = description.objects(None, term(SCHEMA, "additionalProperty"))
    return {
        str(description.value(entry, term(SCHEMA, "name"))): float(description.value(entry, term(SCHEMA, "value")))
        for entry in found
    }


def test_service_states_limits(description: rdflib.Graph, settings: Settings) -> None:
    assert published(description) == {
        "wall-clock": settings.query_seconds,
        "cpu": settings.query_cpu_seconds,
        "memory": settings.query_memory_mb << 20,
        "result": settings.query_result_mb << 20,
        "length": settings.query_length_kb << 10,
        "address": ADDRESS,
        "nesting": settings.query_nesting,
        "queue": settings.query_waiting,
    }


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("ASK " + "{" * 65 + "}" * 65, "nesting"),
        ("ASK {} #" + "x" * (600 << 10), "length"),
    ],
)
def test_limit_error_agrees_with_service_description(
    client: Client, description: rdflib.Graph, text: str, limit: str
) -> None:
    problem = client.post("/sparql", data={"query": text}).json
    assert (problem["limit"], problem["value"]) == (limit, published(description)[limit])


def test_query_page_shows_limits(client: Client, description: rdflib.Graph) -> None:
    page = client.get("/sparql", headers=BROWSER).text
    for name, value in published(description).items():
        assert re.search(rf"<dd>{value:,.0f} \w+ \(<code>{name}</code>\)</dd>", page)


def test_responses_name_release(client: Client, store: Store) -> None:
    for path in ("/", "/dataset", "/id/coalition/clear-water", "/nothing", "/sparql", "/sparql?query=broken"):
        assert client.get(path).headers["Dataset-Release"] == store.release


def test_browser_gets_query_page(client: Client) -> None:
    response = client.get("/sparql", headers=BROWSER)
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert "Ask the data" in response.text


def test_initial_query_has_results(client: Client) -> None:
    page = client.get("/ask/sparql", headers=BROWSER).text
    start = page.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]
    found = rows(client, start.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    assert [row["coalitions"] for row in found] == ["3", "2", "1"]


def test_coalitions_per_agenda(client: Client) -> None:
    assert [row["coalitions"] for row in rows(client, AGENDAS)] == ["3", "2", "1"]


# The real server


@pytest.mark.slow
def test_server_answers_posted_form_completely(server: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=20)
    headers = {"Content-Type": f"{FORM}; charset=UTF-8", "Accept": "text/csv"}
    try:
        for way in ("GET", "POST"):
            encoded = urlencode({"query": NAMES})
            address = "/sparql" if way == "POST" else f"/sparql?{encoded}"
            connection.request(way, address, encoded if way == "POST" else None, headers)
            response = connection.getresponse()
            body = response.read()
            assert response.status == 200
            assert response.headers["Content-Length"] == str(len(body))
            assert len(by_csv(body)) > 50
    finally:
        connection.close()


@pytest.mark.slow
def test_server_reads_chunked_body(server: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=20)
    try:
        pieces = iter([b"query=", quote("ASK { ?s ?p ?o }").encode()])
        connection.request("POST", "/sparql", pieces, {"Content-Type": FORM}, encode_chunked=True)
        response = connection.getresponse()
        assert (response.status, json.loads(response.read())["boolean"]) == (200, True)
    finally:
        connection.close()


def test_relative_iris_do_not_depend_on_root(client: Client, root: Path) -> None:
    """A relative IRI without BASE has no meaning, and certainly not that of a file."""
    response = ask(client, "SELECT * FROM <data/dataset.ttl> WHERE { ?s ?p ?o }")
    assert response.status_code in (200, 400)
    assert str(root) not in response.text
    if response.status_code == 200:
        assert response.json["results"]["bindings"] == []
