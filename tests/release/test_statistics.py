"""What is computed of a release: true by counting again, and found by the editors that ask for it."""

from typing import Any

import pytest
from support.asgi_client import Client, OpenApp
from support.each import each

from publisher.release.catalogue import Catalogue
from publisher.release.resources import Resources
from publisher.release.store import Store


@pytest.fixture(scope="module")
def resources(app: OpenApp) -> Resources:
    return app.resources


VOID = "PREFIX void: <http://rdfs.org/ns/void#> PREFIX coal: <https://w3id.org/ma-coalitions/ontology#> "
EXT = "PREFIX ext: <http://ldf.fi/void-ext#> "
GRAPH = "https://w3id.org/ma-coalitions/graph"
FROM = f"FROM <{GRAPH}/catalogue>"
DATASET = "https://w3id.org/ma-coalitions/dataset"


def rows(client: Client, query: str) -> list[dict[str, str]]:
    answer: Any = client.get("/sparql", query_string={"query": query}).json
    return [{name: cell["value"] for name, cell in row.items()} for row in answer["results"]["bindings"]]


def test_class_partitions_count_instances(client: Client) -> None:
    stated = rows(client, VOID + f"SELECT ?c ?n {FROM} {{ ?p void:class ?c ; void:entities ?n }} ORDER BY ?c")
    counted = rows(client, "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c FILTER isIRI(?c) } GROUP BY ?c ORDER BY ?c")
    assert stated == counted
    assert {"c": "https://w3id.org/ma-coalitions/ontology#Coalition", "n": "6"} in stated


def test_property_partitions_count_statements(client: Client) -> None:
    partition = f"<{DATASET}> void:propertyPartition [ void:property ?q ; void:triples ?n ]"
    stated = rows(client, VOID + f"SELECT ?q ?n {FROM} {{ {partition} }} ORDER BY ?q")
    assert stated == rows(client, "SELECT ?q (COUNT(*) AS ?n) { ?s ?q ?o } GROUP BY ?q ORDER BY ?q")


def test_class_property_partitions_count_statements(client: Client) -> None:
    stated = rows(
        client,
        VOID + f"SELECT ?c ?q ?n {FROM} {{ ?p void:class ?c ;"
        " void:propertyPartition [ void:property ?q ; void:triples ?n ] }"
        " ORDER BY ?c ?q",
    )
    counted = rows(
        client,
        "SELECT ?c ?q (COUNT(*) AS ?n) { ?s a ?c ; ?q ?o FILTER isIRI(?c) } GROUP BY ?c ?q ORDER BY ?c ?q",
    )
    assert stated == counted


def test_property_partitions_have_target_classes(client: Client) -> None:
    """The query by which the SIB's editor completes properties."""
    wanted = f"SELECT DISTINCT ?class ?property ?target ?datatype {FROM}"
    found = rows(
        client,
        f"{VOID} {EXT} {wanted} {{ ?cp void:class ?class ; void:propertyPartition ?pp . ?pp void:property ?property ."
        " OPTIONAL { { ?pp void:classPartition [ void:class ?target ] }"
        " UNION { ?pp ext:datatypePartition [ ext:datatype ?datatype ] } } FILTER (?class = coal:Coalition) }",
    )
    coal = "https://w3id.org/ma-coalitions/ontology#"
    leads = {(row["property"], row.get("target") or row.get("datatype")) for row in found}
    assert (coal + "seeks", coal + "Aim") in leads
    assert (coal + "acronym", "http://www.w3.org/2001/XMLSchema#string") in leads


def test_prefixes_are_declared(client: Client, store: Store) -> None:
    found = rows(
        client,
        f"PREFIX sh: <http://www.w3.org/ns/shacl#> SELECT DISTINCT ?prefix ?namespace {FROM}"
        " { [] sh:namespace ?namespace ; sh:prefix ?prefix }",
    )
    assert {row["prefix"]: row["namespace"] for row in found} == store.index.names.prefixes


def test_examples_have_title_and_query(client: Client, store: Store) -> None:
    found = rows(
        client,
        "PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>"
        f" SELECT ?q ?comment ?text FROM <{GRAPH}/examples> {{ ?q a sh:SPARQLExecutable ; rdfs:comment ?comment ;"
        " sh:select|sh:ask|sh:construct|sh:describe ?text } ORDER BY ?q",
    )
    assert len(found) == len({row["q"] for row in found}) == len(store.index.questions)
    assert all(row["comment"].endswith("?") for row in found)
    assert rows(client, found[0]["text"])


ALL = "{ ?s ?p ?o }"
DERIVED = f"{{ GRAPH <{GRAPH}/derived> {ALL} }}"
COUNTED = {
    "void:triples": f"SELECT (COUNT(*) AS ?n) {ALL}",
    "void:distinctSubjects": f"SELECT (COUNT(DISTINCT ?s) AS ?n) {ALL}",
    "void:distinctObjects": f"SELECT (COUNT(DISTINCT ?o) AS ?n) {ALL}",
    "void:properties": f"SELECT (COUNT(DISTINCT ?p) AS ?n) {ALL}",
    "void:classes": "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }",
}


@each("name", COUNTED)
def test_dataset_states_what_the_endpoint_counts(client: Client, name: str) -> None:
    ((counted,),) = (row.values() for row in rows(client, COUNTED[name]))
    (row,) = rows(client, VOID + f"SELECT ?n {FROM} {{ <{DATASET}> {name} ?n }}")
    assert row["n"] == counted
    assert f"{name} {counted} ;" in client.get("/dataset", headers={"Accept": "text/turtle"}).text


def test_dataset_states_number_of_things(client: Client, resources: Resources) -> None:
    (row,) = rows(client, VOID + f"SELECT ?n {FROM} {{ <{DATASET}> void:entities ?n }}")
    assert int(row["n"]) == len(resources.things())


PARTS = {
    "asserted": f"SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o FILTER NOT EXISTS {DERIVED} }}",
    "derived": f"SELECT (COUNT(*) AS ?n) {DERIVED}",
}


def test_asserted_and_derived_statements_are_counted_apart(client: Client, resources: Resources) -> None:
    subset = f"<{DATASET}> void:subset ?part . ?part void:triples ?n"
    stated = {row["part"]: int(row["n"]) for row in rows(client, VOID + f"SELECT ?part ?n {FROM} {{ {subset} }}")}
    counted = {f"{DATASET}#{name}": int(rows(client, query)[0]["n"]) for name, query in PARTS.items()}
    assert stated == counted
    assert tuple(Catalogue(resources).counts) == (sum(counted.values()), *counted.values())
    for address in ("/dataset", "/sparql"):
        text = client.get(address, headers={"Accept": "application/n-triples"}).text
        for part, number in counted.items():
            assert f'<{part}> <http://rdfs.org/ns/void#triples> "{number}"' in text


@pytest.mark.parametrize("graph", ["catalogue", "examples"])
def test_computed_statements_are_in_no_default_graph(client: Client, graph: str) -> None:
    both = f"GRAPH <{GRAPH}/{graph}> {ALL} {ALL}"
    assert rows(client, f"SELECT * {{ {both} }}") == []
    assert rows(client, f"SELECT * {{ GRAPH <{GRAPH}/{graph}> {ALL} }} LIMIT 1")
