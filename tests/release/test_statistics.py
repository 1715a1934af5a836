"""What is computed of a release: true by counting again, and found by the editors that ask for it."""

from typing import Any

import pytest
from support.asgi_client import Client, OpenApp

from publisher.release.resources import Resources
from publisher.release.store import Store


@pytest.fixture(scope="module")
def resources(app: OpenApp) -> Resources:
    return app.resources


VOID = "PREFIX void: <http://rdfs.org/ns/void#> PREFIX coal: <https://w3id.org/ma-coalitions/ontology#> "
EXT = "PREFIX ext: <http://ldf.fi/void-ext#> "
COMPUTED = "(<https://w3id.org/ma-coalitions/graph/catalogue>, <https://w3id.org/ma-coalitions/graph/examples>)"
APART = f"FILTER (?g NOT IN {COMPUTED} && ?h NOT IN {COMPUTED})"
DATASET = "https://w3id.org/ma-coalitions/dataset"


def rows(client: Client, query: str) -> list[dict[str, str]]:
    answer: Any = client.get("/sparql", query_string={"query": query}).json
    return [{name: cell["value"] for name, cell in row.items()} for row in answer["results"]["bindings"]]


def test_class_partitions_count_instances(client: Client) -> None:
    stated = rows(client, VOID + "SELECT ?c ?n { ?p void:class ?c ; void:entities ?n } ORDER BY ?c")
    graphs = f"GRAPH ?g {{ ?s a ?c }} FILTER (?g NOT IN {COMPUTED})"
    counted = rows(client, f"SELECT ?c (COUNT(DISTINCT ?s) AS ?n) {{ {graphs} }} GROUP BY ?c ORDER BY ?c")
    assert stated == counted
    assert {"c": "https://w3id.org/ma-coalitions/ontology#Coalition", "n": "6"} in stated


def test_property_partitions_count_statements(client: Client) -> None:
    partition = f"<{DATASET}> void:propertyPartition [ void:property ?q ; void:triples ?n ]"
    stated = rows(client, VOID + f"SELECT ?q ?n {{ {partition} }} ORDER BY ?q")
    graphs = f"GRAPH ?g {{ ?s ?q ?o }} FILTER (?g NOT IN {COMPUTED})"
    assert stated == rows(client, f"SELECT ?q (COUNT(*) AS ?n) {{ {graphs} }} GROUP BY ?q ORDER BY ?q")


def test_class_property_partitions_count_statements(client: Client) -> None:
    stated = rows(
        client,
        VOID + "SELECT ?c ?q ?n { ?p void:class ?c ; void:propertyPartition [ void:property ?q ; void:triples ?n ] }"
        " ORDER BY ?c ?q",
    )
    counted = rows(
        client,
        f"SELECT ?c ?q (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?s a ?c }} GRAPH ?h {{ ?s ?q ?o }} {APART} }}"
        " GROUP BY ?c ?q ORDER BY ?c ?q",
    )
    assert stated == counted


def test_property_partitions_have_target_classes(client: Client) -> None:
    """The query by which the SIB's editor completes properties."""
    found = rows(
        client,
        VOID
        + EXT
        + "SELECT DISTINCT ?class ?property ?target ?datatype { ?cp void:class ?class ; void:propertyPartition ?pp ."
        " ?pp void:property ?property . OPTIONAL { { ?pp void:classPartition [ void:class ?target ] }"
        " UNION { ?pp ext:datatypePartition [ ext:datatype ?datatype ] } } FILTER (?class = coal:Coalition) }",
    )
    coal = "https://w3id.org/ma-coalitions/ontology#"
    leads = {(row["property"], row.get("target") or row.get("datatype")) for row in found}
    assert (coal + "seeks", coal + "Aim") in leads
    assert (coal + "acronym", "http://www.w3.org/2001/XMLSchema#string") in leads


def test_prefixes_are_declared(client: Client, store: Store) -> None:
    found = rows(
        client,
        "PREFIX sh: <http://www.w3.org/ns/shacl#> SELECT DISTINCT ?prefix ?namespace"
        " { [] sh:namespace ?namespace ; sh:prefix ?prefix }",
    )
    assert {row["prefix"]: row["namespace"] for row in found} == store.index.names.prefixes


def test_examples_have_title_and_query(client: Client, store: Store) -> None:
    found = rows(
        client,
        "PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>"
        " SELECT ?q ?comment ?text { ?q a sh:SPARQLExecutable ; rdfs:comment ?comment ;"
        " sh:select|sh:ask|sh:construct|sh:describe ?text } ORDER BY ?q",
    )
    assert len(found) == len({row["q"] for row in found}) == len(store.index.questions)
    assert all(row["comment"].endswith("?") for row in found)
    assert rows(client, found[0]["text"])


@pytest.mark.parametrize(
    "name", ["triples", "entities", "distinctSubjects", "distinctObjects", "properties", "classes"]
)
def test_dataset_has_counts(client: Client, store: Store, resources: Resources, name: str) -> None:
    graphs = [iri for iri, _ in store.index.graphs if iri not in COMPUTED]
    triples = {triple for graph in graphs for triple in store.lookup.graph(graph)}
    counted = {
        "triples": len(triples),
        "entities": len(resources.things()),
        "distinctSubjects": len({triple.subject for triple in triples}),
        "distinctObjects": len({triple.object for triple in triples}),
        "properties": len({triple.predicate for triple in triples}),
        "classes": len({t.object for t in triples if t.predicate.value.endswith("#type")}),
    }
    (row,) = rows(client, VOID + f"SELECT ?n {{ <{DATASET}> void:{name} ?n }}")
    assert int(row["n"]) == counted[name]
    assert f"void:{name} {counted[name]} ;" in client.get("/dataset", headers={"Accept": "text/turtle"}).text
