"""Expectations, judged without a server."""

import httpx
import pytest
from support.each import each

from publisher.probe.exchange import Exchange, Hop
from publisher.probe.expectations import (
    find_json_ld,
    has_rows,
    is_graph,
    is_true,
    links_to,
    locates_absolutely,
    read_links,
    varies,
)


def respond(body: str = "", status: int = 200, url: str = "http://127.0.0.1/a", **headers: str) -> Exchange:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange((Hop(url, status, httpx.Headers(fields)),), body.encode())


@each(
    ("media_type", "body", "wrong"),
    [
        ("text/turtle; charset=utf-8", "<a> <b> <c> .", ""),
        ("TEXT/TURTLE", "<a> <b> <c> .", ""),
        ("text/turtle", "", "an empty graph"),
        ("application/ld+json", '{"@id": "urn:a"}', ""),
        ("application/ld+json", "{", "application/ld+json that cannot be parsed"),
        ("application/trix", "", ""),
        ("text/html", "<p>", "200 text/html"),
    ],
)
def test_graph_is_parsed(media_type: str, body: str, wrong: str) -> None:
    found = respond(body, Content_Type=media_type)
    assert is_graph(found, found)[: len(wrong) or None] == wrong


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (
            "application/sparql-results+json",
            '{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","value":"urn:é"}}]}}',
        ),
        ("text/csv; charset=utf-8", "x\r\nurn:é\r\n"),
        ("text/tab-separated-values", "?x\n<urn:é>\n"),
    ],
)
def test_rows_are_read_in_any_format(media_type: str, body: str) -> None:
    found = respond(body, Content_Type=media_type)
    assert has_rows("urn:é")(found, found) == ""
    assert has_rows("urn:e")(found, found) == "the values ['urn:é']"


def test_boolean_is_read() -> None:
    found = [
        respond(f'{{"head": {{}}, "boolean": {value}}}', Content_Type="application/sparql-results+json")
        for value in ("true", "false", "1")
    ]
    assert [is_true(each, each) for each in found] == [
        "",
        "200 application/sparql-results+json",
        "application/sparql-results+json that cannot be parsed",
    ]


def test_only_answers_that_differ_need_vary() -> None:
    page, graph = respond(Content_Type="text/html"), respond(Content_Type="text/turtle", Vary="Accept-Encoding")
    assert varies(graph, page) == "/a without Vary: Accept"
    assert varies(page, page) == ""
    both = [respond(Content_Type=kind, Vary="Origin, ACCEPT") for kind in ("text/html", "text/turtle")]
    assert varies(*both) == ""


def test_only_308_needs_an_absolute_location() -> None:
    found = [
        respond(status=status, Location=location)
        for status, location in ((303, "/b"), (308, "http://h/b"), (308, "/b"))
    ]
    assert [locates_absolutely(each, each) for each in found] == ["", "", "308 with Location: /b"]


def test_links_are_read() -> None:
    field = '<a,b>; rel="cite-as license"; title="x, y", <c>;rel=alternate;type="application/ld+json"'
    found = respond(Link=field)
    assert [(target, said["rel"]) for target, said in read_links(found.last)] == [
        ("a,b", "cite-as license"),
        ("c", "alternate"),
    ]
    assert links_to("license")(found, found) == ""
    assert links_to("describedby")(found, found) == "links: alternate, cite-as, license"
    assert find_json_ld(found.last) is None
    assert find_json_ld(respond(Link='<c>; rel="alternate"; type="application/ld+json"').last) == "c"
