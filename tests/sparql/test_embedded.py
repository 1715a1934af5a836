"""The embedded engine: right answers, and hostile queries that cost a worker and nothing else."""

import concurrent.futures
import contextlib
import dataclasses
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pyoxigraph as ox
import pytest
from support.sparql_server import SparqlServer
from support.tiers import EVERYTHING

from publisher.errors import (
    CpuLimitError,
    EngineCrashError,
    LimitExceededError,
    MalformedError,
    MemoryLimitError,
    NestingLimitError,
    NotAcceptableError,
    PublisherError,
    QuerySyntaxError,
    RefusedError,
    ResultLimitError,
    ServiceFailedError,
    UnanswerableError,
)
from publisher.sparql.embedded import Embedded
from publisher.sparql.engine import Limits, Query

JSON, TURTLE = "application/sparql-results+json", "text/turtle"
LIMITS = Limits(
    wall=120, cpu=1, memory=128 << 20, result=4 << 20, length=1 << 20, nesting=10_000, repeats=1000, waiting=64
)
EXAMPLE = "http://example.org/"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """An engine over 3,000 triples in two named graphs and the default graph."""
    folder = tmp_path_factory.mktemp("store")
    store = ox.Store(str(folder))
    for number in range(3000):
        graph = ox.NamedNode(f"{EXAMPLE}graph/{number % 2}")
        triple = ox.NamedNode(f"{EXAMPLE}{number}"), ox.NamedNode(f"{EXAMPLE}p{number % 7}"), ox.Literal(str(number))
        store.extend([ox.Quad(*triple, graph), ox.Quad(*triple)])
    store.flush()
    del store
    found = Embedded(folder, EXAMPLE, {"ex": EXAMPLE}, LIMITS, 2)
    yield found
    found.close()


def ask(engine: Embedded, text: str, **more: Any) -> Any:
    answer = engine.ask(Query(text, JSON, TURTLE, **more))
    with answer.body as body:
        data = body.read()
    assert len(data) == answer.size
    return json.loads(data) if answer.format == JSON else data.decode()


def count(engine: Embedded, pattern: str, **more: Any) -> int:
    found = ask(engine, f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}", **more)
    return int(found["results"]["bindings"][0]["n"]["value"])


HOSTILE: dict[str, tuple[str, type[PublisherError]]] = {
    "cross join counted": ("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", CpuLimitError),
    "cross join sorted": ("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f", MemoryLimitError),
    "cross join returned": ("SELECT * { ?a ?b ?c . ?d ?e ?f }", ResultLimitError),
    "1,000 nested calls": ("SELECT (" + "ABS(" * 1000 + "1" + ")" * 1000 + " AS ?x) {}", EngineCrashError),
    "10,000 nested groups": ("ASK " + "{" * 10_000 + "}" * 10_000, EngineCrashError),
    "200 nested lists": ("ASK { ?x ?y " + "(" * 200 + ")" * 200 + " }", CpuLimitError),
    "strings that double": (
        "SELECT (STRLEN(?f) AS ?n) { BIND('aaaaaaaaaaaaaaaa' AS ?a) BIND(REPLACE(?a,'a',?a) AS ?b)"
        " BIND(REPLACE(?b,'a',?b) AS ?c) BIND(REPLACE(?c,'a',?c) AS ?f) }",
        MemoryLimitError,
    ),
    "group concatenation of a cross join": (
        "SELECT (GROUP_CONCAT(?c) AS ?x) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
        LimitExceededError,
    ),
    "description of a cross join": ("DESCRIBE ?a ?d { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", LimitExceededError),
    "regular expression": (
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER REGEX(CONCAT(STR(?a), STR(?f)), '(.*1.*){1,9}(2|3)+$') }",
        CpuLimitError,
    ),
    "huge values": (
        "SELECT (COUNT(*) AS ?n) {" + "".join(f" VALUES ?{x} {{ {'1 ' * 20_000} }}" for x in "abc") + " }",
        LimitExceededError,
    ),
    "property path": (
        "SELECT (COUNT(*) AS ?n) { ?a (!<x:y>|^!<x:y>)* ?b . ?c (!<x:y>|^!<x:y>)* ?d }",
        LimitExceededError,
    ),
}


EVERY_LIMIT = ["strings that double", "cross join returned", "1,000 nested calls"]
"""A query for each kind of limit, but for processor time (`workers/test_pool.py`); the others meet the same ones."""


@pytest.mark.parametrize("name", HOSTILE if EVERYTHING else EVERY_LIMIT)
def test_hostile_query_exceeds_its_limit_and_the_next_is_answered(engine: Embedded, name: str) -> None:
    text, expected = HOSTILE[name]
    with pytest.raises(expected) as caught:
        ask(engine, text)
    assert {"limit", "value"} <= caught.value.members.keys()
    assert count(engine, "?s ?p ?o") == 3000


def test_crashes_do_not_mix_up_concurrent_results(engine: Embedded) -> None:
    def one(number: int) -> bool:
        if number % 8 == 0:
            with pytest.raises(EngineCrashError):
                ask(engine, HOSTILE["10,000 nested groups"][0])
            return True
        found = ask(engine, f"SELECT ?o {{ <{EXAMPLE}{number}> ?p ?o }}")
        return [row["o"]["value"] for row in found["results"]["bindings"]] == [str(number)]

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        assert all(threads.map(one, range(64)))


@pytest.fixture
def listener() -> Iterator[tuple[int, Callable[[], int]]]:
    """A server on loopback that counts who connects: (port, count so far)."""
    connections: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, address = server.accept()
                    connections.append(address)
                    connection.close()

        threading.Thread(target=accept, daemon=True).start()
        port = server.getsockname()[1]
        yield port, lambda: len(connections)
        server.shutdown(socket.SHUT_RDWR)


def test_listener_counts_connections(listener: tuple[int, Callable[[], int]]) -> None:
    port, connected = listener
    with socket.create_connection(("127.0.0.1", port)) as connection:
        assert connection.recv(1) == b""
    assert connected() == 1


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}",
        "SELECT * {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}",
        "select*{{service<{url}>{{?s ?p ?o}}}}",
        "SELECT * {{ ?s ?p ?o . BIND(<{url}> AS ?url) SERVICE ?url {{ ?x ?y ?z }} }}",
        "ASK {{ ?s ?p <http://example.org/a#b>, 'x' . SERVICE <{url}> {{ }} }}",
        "ASK {{ ?x ?y <a:>.SERVICE <{url}> {{}} }}",
        "PREFIX a: <x:> ASK {{ ?x ?y a:.SERVICE <{url}> {{}} }}",
    ],
)
def test_service_clause_is_rejected_without_connecting(
    engine: Embedded, listener: tuple[int, Callable[[], int]], text: str
) -> None:
    port, connected = listener
    with pytest.raises(RefusedError, match="SERVICE"):
        ask(engine, text.format(url=f"http://127.0.0.1:{port}/sparql"))
    assert connected() == 0


@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}/data.ttl", "file:///etc/passwd", "file:pyproject.toml"])
@pytest.mark.parametrize("clause", ["FROM <{}>", "FROM NAMED <{}>"])
def test_from_clause_reads_nothing_outside_dataset(
    engine: Embedded, listener: tuple[int, Callable[[], int]], address: str, clause: str
) -> None:
    port, connected = listener
    source = clause.format(address.format(port=port)).replace("<file:pyproject", "<file:///pyproject")
    found = ask(engine, f"SELECT * {source} {{ {{ ?s ?p ?o }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} }} }}")
    assert found["results"]["bindings"] == []
    assert connected() == 0


def test_names_containing_service_are_allowed(engine: Embedded) -> None:
    text = (
        "PREFIX service: <http://example.org/service/> # SERVICE <http://x/>\n"
        "SELECT ?service { OPTIONAL { ?service service:SERVICE <http://x/SERVICE>, 'SERVICE', "
        '"""a\nSERVICE <b>""" } }'
    )
    assert ask(engine, text)["results"]["bindings"] == [{}]


@pytest.mark.parametrize(
    ("template", "declared"),
    [
        ("ex:s <urn:p> 1", True),
        ("<urn:s> <urn:p> 'x'^^ex:kind", True),
        ("<urn:s> <urn:p> <http://example.com/>, <http://example.org>, 'http://example.org/'", False),
        ("<urn:s> <urn:p> ?o", True),  # 3,000 triples, which are not all looked at
    ],
)
@pytest.mark.parametrize("form", [TURTLE, "application/rdf+xml"])
def test_graph_result_declares_used_prefixes(engine: Embedded, template: str, declared: bool, form: str) -> None:
    text = f"PREFIX ex: <{EXAMPLE}> CONSTRUCT {{ {template} }} WHERE {{ {'?s ?p ?o' * ('?o' in template)} }}"
    with engine.ask(Query(text, None, form)).body as body:
        found = body.read().decode()
    assert ("prefix ex:" in found or "xmlns:ex=" in found) is declared
    assert len(ox.Dataset(ox.parse(found, format=ox.RdfFormat.from_media_type(form)))) in (1, 3, 3000)


def test_syntax_error_has_line_and_column(engine: Embedded) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        ask(engine, "SELECT * {\n  ?s ?p \n}")
    assert (caught.value.members["line"], caught.value.members["text"]) in {(2, "  ?s ?p "), (3, "}")}
    assert isinstance(caught.value.members["column"], int)


def test_update_is_a_syntax_error(engine: Embedded) -> None:
    with pytest.raises(QuerySyntaxError):
        ask(engine, "INSERT DATA { <x:a> <x:b> <x:c> }")
    assert count(engine, "?s ?p ?o") == 3000


def test_format_of_other_result_kind_is_not_acceptable(engine: Embedded) -> None:
    with pytest.raises(NotAcceptableError):
        engine.ask(Query("CONSTRUCT WHERE { ?s ?p ?o }", JSON, None))
    with pytest.raises(NotAcceptableError):
        engine.ask(Query("ASK {}", None, TURTLE))


@pytest.mark.parametrize("form", ["application/ld+json", "application/rdf+xml"])
def test_triple_term_not_allowed_in_format_is_not_acceptable(engine: Embedded, form: str) -> None:
    text = "CONSTRUCT { <a:b> <a:c> <<( <a:b> <a:c> <a:d> )>> } {}"
    if form.endswith("json"):
        with pytest.raises(NotAcceptableError, match="triple terms"):
            engine.ask(Query(text, None, form))
    else:
        engine.ask(Query(text, None, form)).body.close()


@pytest.mark.parametrize("character", ["\x01", "\x0b", "\ufffe"])
def test_character_not_allowed_in_xml_is_rejected_in_xml_only(engine: Embedded, character: str) -> None:
    text = f"SELECT ('{character}' AS ?x) {{}}"
    with pytest.raises(NotAcceptableError, match=f"U\\+{ord(character):04X}"):
        engine.ask(Query(text, "application/sparql-results+xml", None))
    assert ask(engine, text)["results"]["bindings"][0]["x"]["value"] == character


def test_unsortable_values_are_unanswerable(engine: Embedded) -> None:
    values = " ".join(f"{n} '{n}' '{n}'@en true '{1700 + n}'^^xsd:gYear '{n / 7}'^^xsd:double" for n in range(300))
    text = f"PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT ?x {{ VALUES ?x {{ {values} }} }} ORDER BY ?x"
    try:
        assert len(ask(engine, text)["results"]["bindings"]) == 1800
    except UnanswerableError as error:
        assert "cannot sort" in error.detail  # noqa: PT017 - a later engine may sort them
    assert count(engine, "?s ?p ?o") == 3000


def test_relative_iri_resolves_against_base(engine: Embedded) -> None:
    assert ask(engine, "ASK { <12> ?p ?o }")["boolean"] is True
    assert ask(engine, "BASE <http://example.com/> ASK { <12> ?p ?o }")["boolean"] is False


GRAPH0, GRAPH1 = f"{EXAMPLE}graph/0", f"{EXAMPLE}graph/1"


@pytest.mark.parametrize(
    ("default", "named", "in_default", "in_named"),
    [
        (None, None, 3000, 3000),
        ((GRAPH0,), (), 1500, 0),
        ((), (GRAPH1,), 0, 1500),
        ((GRAPH0, GRAPH1), (GRAPH0,), 3000, 1500),
        (("http://unknown/",), (), 0, 0),
    ],
)
def test_protocol_dataset_limits_visible_graphs(
    engine: Embedded, default: Any, named: Any, in_default: int, in_named: int
) -> None:
    chosen = {"default_graphs": default, "named_graphs": named}
    assert count(engine, "?s ?p ?o", **chosen) == in_default
    assert count(engine, "GRAPH ?g { ?s ?p ?o }", **chosen) == in_named


def test_protocol_dataset_overrides_from_clause(engine: Embedded) -> None:
    text = f"SELECT (COUNT(*) AS ?n) FROM <{GRAPH1}> WHERE {{ ?s <{EXAMPLE}p0> ?o }}"
    own = int(ask(engine, text)["results"]["bindings"][0]["n"]["value"])
    given = ask(engine, text, default_graphs=(GRAPH0, GRAPH1), named_graphs=())
    assert int(given["results"]["bindings"][0]["n"]["value"]) > own > 0


@pytest.mark.parametrize(
    ("pattern", "clause"), [("?s ?p ?o", "FROM <{}>"), ("GRAPH ?g { ?s ?p ?o }", "FROM NAMED <{}>")]
)
def test_graph_named_twice_counts_once(engine: Embedded, pattern: str, clause: str) -> None:
    found = ask(engine, f"SELECT (COUNT(*) AS ?n) {clause.format(GRAPH0) * 2} {{ {pattern} }}")
    assert found["results"]["bindings"][0]["n"]["value"] == "1500"


def test_protocol_graph_not_an_iri_is_malformed(engine: Embedded) -> None:
    with pytest.raises(MalformedError, match="not an IRI"):
        ask(engine, "ASK {}", default_graphs=("not an iri",), named_graphs=())


def test_excerpt_has_first_rows_and_number_of_all(engine: Embedded) -> None:
    answer = engine.ask(Query("SELECT * { ?s ?p ?o }", JSON, TURTLE, excerpt=5))
    with answer.body as body:
        assert len(json.load(body)["results"]["bindings"]) == 5
    assert (answer.found, answer.more, answer.outline) == (3000, False, ["SELECT"])
    answer = engine.ask(Query("CONSTRUCT { ?s ?p ?o } { ?s a ?c ; ?p ?o }", JSON, TURTLE, excerpt=5))
    answer.body.close()
    assert (answer.found, answer.outline) == (0, ["CONSTRUCT"])


def test_lower_result_limit_of_query_applies(engine: Embedded) -> None:
    with pytest.raises(ResultLimitError):
        ask(engine, "SELECT * { ?s ?p ?o }", result_limit=1000)


SHALLOW = dataclasses.replace(LIMITS, nesting=8, wall=2)


@pytest.fixture(scope="module")
def shallow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Embedded]]:
    """Makes engines over an empty store that take eight levels of brackets, one for each list of endpoints."""
    folder = tmp_path_factory.mktemp("shallow")
    ox.Store(str(folder)).flush()
    made: dict[tuple[str, ...], Embedded] = {}

    def make(*services: str) -> Embedded:
        if services not in made:
            made[services] = Embedded(folder, EXAMPLE, {}, SHALLOW, 1, services)
        return made[services]

    yield make
    for engine in made.values():
        engine.close()


@pytest.mark.parametrize(("opening", "closing"), ["()", "{}", "[]"], ids=["parentheses", "braces", "brackets"])
def test_deep_nesting_is_rejected_before_parsing(shallow: Callable[..., Embedded], opening: str, closing: str) -> None:
    with pytest.raises(NestingLimitError) as caught:
        ask(shallow(), "ASK { ?x ?y " + opening * 8 + closing * 8 + " }")
    assert caught.value.members == {"limit": "nesting", "value": 8}


def test_brackets_in_strings_iris_and_comments_do_not_count(shallow: Callable[..., Embedded]) -> None:
    text = 'ASK { # ((((((((((\n ?x <http://x/((((((((((> \'((((((((((\', """{{{{{{{{{{""" }'
    assert ask(shallow(), text)["boolean"] is False


def test_configured_service_endpoint_is_called(
    shallow: Callable[..., Embedded], listener: tuple[int, Callable[[], int]]
) -> None:
    port, connected = listener
    url = f"http://127.0.0.1:{port}/sparql"
    with pytest.raises(ServiceFailedError):  # The listener hangs up without an answer.
        ask(shallow(url), f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}")
    assert connected() >= 1


SMUGGLED = {
    "another endpoint": "SELECT * {{ SERVICE <{evil}> {{ ?s ?p ?o }} }}",
    "a variable": "SELECT * {{ BIND(<{evil}> AS ?x) SERVICE ?x {{ ?s ?p ?o }} }}",
    "beside an allowed one": "SELECT * {{ SERVICE <{good}> {{ ?s ?p ?o }} SERVICE <{evil}> {{ }} }}",
    "inside an allowed one": "SELECT * {{ SERVICE <{good}> {{ SERVICE <{evil}> {{ }} }} }}",
    "a prefixed name": "PREFIX e: <{evil}> SELECT * {{ SERVICE e: {{ ?s ?p ?o }} }}",
    "no space after a number": "SELECT * {{ SERVICE <{good}> {{}} ?s ?p 1SERVICE<{evil}>{{}} }}",
    "no space after a truth value": "SELECT * {{ SERVICE <{good}> {{}} ?s ?p trueSERVICE<{evil}>{{}} }}",
    "as if it were a prefix": "PREFIX : <{evil}> SELECT * {{ SERVICE <{good}> {{}} SERVICE:{{}} }}",
    "glued and as a prefix": "PREFIX : <{evil}> SELECT * {{ SERVICE <{good}> {{}} ?s ?p trueSERVICE:{{}} }}",
    "silently": "SELECT * {{ SERVICE <{good}> {{}} SERVICE SILENT<{evil}>{{}} }}",
    "silently as a prefix": "PREFIX : <{evil}> SELECT * {{ SERVICE <{good}> {{}} SERVICE SILENT:{{}} }}",
    "after a comment that a carriage return ends": "SELECT * {{ SERVICE <{good}> {{}} #\r SERVICE <{evil}> {{}} \n}}",
    "after two such comments": "SELECT * {{ SERVICE <{good}> {{}} #a\r#b\r SERVICE <{evil}> {{}} \n}}",
    "behind a comparison that looks like an IRI": (
        "SELECT * {{ SERVICE <{good}> {{}} FILTER(?a<<x:'>) SERVICE <{evil}> {{}} FILTER(?a<<x:'>) }}"
    ),
    "escaped": "SELECT * {{ SERVICE <{good}> {{}} SERVICE <\\u0068ttp{evil_rest}> {{}} }}",
}


@pytest.mark.parametrize("name", SMUGGLED)
def test_other_service_endpoint_is_never_called(
    shallow: Callable[..., Embedded], listener: tuple[int, Callable[[], int]], name: str
) -> None:
    port, connected = listener
    evil = f"http://127.0.0.1:{port}/"
    text = SMUGGLED[name].format(good="http://127.0.0.1:1/sparql", evil=evil, evil_rest=evil.removeprefix("http"))
    with pytest.raises(RefusedError, match=r"SERVICE"):
        ask(shallow("http://127.0.0.1:1/sparql"), text)
    assert connected() == 0


def test_failed_service_endpoint_is_named(
    shallow: Callable[..., Embedded], listener: tuple[int, Callable[[], int]]
) -> None:
    first, second = "http://127.0.0.1:1/first", f"http://127.0.0.1:{listener[0]}/second"
    engine = shallow(first, second)
    for one, other in ((first, second), (second, first)):
        with pytest.raises(ServiceFailedError, match=re.escape(f"<{one}>: ")):
            ask(engine, f"SELECT * {{ SERVICE <{one}> {{ ?s ?p ?o }} SERVICE SILENT <{other}> {{ ?s ?p ?o }} }}")


def test_message_about_a_service_endpoint_is_bounded(shallow: Callable[..., Embedded]) -> None:
    endpoint = SparqlServer()
    endpoint.fault = lambda handler: handler.respond(500, "text/plain", b"words \n" * 200_000)
    try:
        with pytest.raises(ServiceFailedError) as caught:
            ask(shallow(endpoint.url), f"SELECT * {{ SERVICE <{endpoint.url}> {{ ?s ?p ?o }} }}")
    finally:
        endpoint.stop()
    assert "500 Internal Server Error" in caught.value.detail
    assert len(caught.value.detail) < 700
    assert "\n" not in caught.value.detail


def test_query_without_service_cannot_connect(
    shallow: Callable[..., Embedded], listener: tuple[int, Callable[[], int]]
) -> None:
    port, connected = listener
    engine = shallow("http://127.0.0.1:1/sparql")
    assert ask(engine, "SELECT (1 AS ?x) {}")["results"]["bindings"]
    with pytest.raises(RefusedError, match="SERVICE"):
        ask(engine, f"PREFIX : <http://127.0.0.1:{port}/> SELECT * {{ SERVICE:x{{ ?s ?p ?o }} }}")
    assert connected() == 0


def test_result_with_service_is_not_repeatable(shallow: Callable[..., Embedded]) -> None:
    text = "SELECT * { SERVICE SILENT <http://127.0.0.1:1/sparql> { ?s ?p ?o } }"
    answer = shallow("http://127.0.0.1:1/sparql").ask(Query(text, JSON, TURTLE))
    answer.body.close()
    assert not answer.repeatable
