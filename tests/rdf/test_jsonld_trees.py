"""Trees and lists of JSON-LD are, byte for byte, what PyLD frames and compacts."""

import random
from typing import Any, Final

import pyoxigraph as ox
import pytest

from publisher.formats import JSON_LD
from publisher.rdf import jsonld, jsonld_trees
from publisher.rdf.jsonld_terms import TYPE, UnusualError
from publisher.rdf.namespaces import RDF, XSD
from publisher.rdf.serializer import write_graph

EX: Final = "https://example.org/v#"
CONTEXT: Final[dict[str, Any]] = {
    "@version": 1.1,
    "id": "@id",
    "type": "@type",
    "ex": EX,
    "e": EX,
    "exx": "https://example.org/v#x/",
    "xsd": XSD,
    "thing": "https://example.org/id/",
    "Pond": "ex:Pond",
    "name": {"@id": "ex:name", "@language": "en"},
    "names": {"@id": "ex:names", "@language": "en", "@container": "@set"},
    "code": {"@id": "ex:code", "@container": "@set"},
    "note": "ex:note",
    "day": {"@id": "ex:day", "@type": "xsd:date"},
    "part": {"@id": "ex:part", "@type": "@id", "@container": "@set"},
    "partOf": {"@reverse": "ex:part", "@type": "@id", "@container": "@set"},
    "near": {"@id": "ex:near", "@type": "@id"},
}
PREDICATES: Final = [
    ox.NamedNode(EX + each) for each in ("name", "names", "code", "note", "day", "part", "near", "x/y")
]
NODES: Final = [ox.NamedNode(f"https://example.org/id/{each}") for each in ("a", "a1", "b", "c/d", "")]
OTHERS: Final = [ox.NamedNode(f"{EX}{each}") for each in ("Pond", "x/z", "name")] + [ox.NamedNode("urn:example:e")]
LITERALS: Final = [
    ox.Literal("Mill"),
    ox.Literal('a "quoted"\nline', language="en"),
    ox.Literal("Größe", language="de"),
    ox.Literal("2024-02-29", datatype=ox.NamedNode(XSD + "date")),
    ox.Literal("7", datatype=ox.NamedNode(XSD + "integer")),
]


def make_graph(chance: random.Random) -> list[ox.Triple]:
    """A random graph, with a statement about the first node."""
    found = [ox.Triple(NODES[0], PREDICATES[0], LITERALS[0])]
    for _ in range(chance.randint(1, 14)):
        node = chance.choice(NODES)
        if chance.random() < 0.2:
            found.append(ox.Triple(node, TYPE, chance.choice(OTHERS)))
        else:
            value = chance.choice([*NODES, *NODES, *OTHERS, *LITERALS])
            values = LITERALS if chance.random() < 0.4 else [value]
            found.append(ox.Triple(node, chance.choice(PREDICATES), chance.choice(values)))
    return list(dict.fromkeys(found))


def by_pyld(triples: list[ox.Triple], root: str | None, monkeypatch: pytest.MonkeyPatch) -> bytes:
    def refuse(*_arguments: object) -> None:
        raise UnusualError

    with monkeypatch.context() as patched:
        patched.setattr(jsonld, "write_tree", refuse)
        patched.setattr(jsonld, "write_list", refuse)
        return jsonld.write(triples, CONTEXT, root)


def is_mixed(triples: list[ox.Triple]) -> bool:
    """Whether a property that refers to a node has a literal too, which PyLD cannot frame."""
    referring = {triple.predicate for triple in triples if isinstance(triple.object, ox.NamedNode)}
    return any(isinstance(triple.object, ox.Literal) and triple.predicate in referring for triple in triples)


@pytest.mark.parametrize("root", [NODES[0].value, None], ids=["tree", "list"])
def test_bytes_are_those_of_pyld(root: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)
    graphs = [graph for graph in (make_graph(chance) for _ in range(90)) if root is None or not is_mixed(graph)]
    wrong = [graph for graph in graphs if jsonld.write(graph, CONTEXT, root) != by_pyld(graph, root, monkeypatch)]
    assert wrong == []
    assert len(graphs) > 20


@pytest.mark.parametrize(
    "triple",
    [
        ox.Triple(ox.BlankNode("b"), PREDICATES[0], LITERALS[0]),
        ox.Triple(NODES[0], PREDICATES[0], ox.BlankNode("b")),
        ox.Triple(NODES[0], PREDICATES[5], ox.NamedNode(RDF + "nil")),
        ox.Triple(NODES[0], PREDICATES[0], ox.Literal("{}", datatype=ox.NamedNode(RDF + "JSON"))),
        ox.Triple(NODES[0], PREDICATES[0], ox.Literal("@null")),
        ox.Triple(NODES[0], TYPE, ox.Literal("Pond")),
        ox.Triple(NODES[0], PREDICATES[5], ox.NamedNode("xsd:date")),
    ],
    ids=["subject", "object", "list", "json", "null", "type", "prefix"],
)
def test_what_is_not_plain_is_left_to_pyld(triple: ox.Triple) -> None:
    terms = jsonld._find_terms(CONTEXT)
    with pytest.raises(UnusualError):
        jsonld_trees.write_list([triple], terms, terms.prefixes)


def test_thing_without_statements_is_left_to_pyld(monkeypatch: pytest.MonkeyPatch) -> None:
    triples = [ox.Triple(NODES[1], PREDICATES[0], LITERALS[0])]
    assert jsonld.write(triples, CONTEXT, NODES[0].value) == by_pyld(triples, NODES[0].value, monkeypatch)


def test_graph_of_very_many_kinds_of_values_is_left_to_pyld(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonld_trees, "KINDS", 3)
    terms = jsonld._find_terms(CONTEXT)
    triples = [ox.Triple(NODES[0], PREDICATES[0], literal) for literal in LITERALS[:4]]
    with pytest.raises(UnusualError):
        jsonld_trees.write_list(triples, terms, terms.prefixes)
    assert len(jsonld_trees.write_list(triples[:3], terms, terms.prefixes)["@graph"]) == 1


def test_literal_beside_a_reference_is_framed() -> None:
    triples = [
        ox.Triple(NODES[1], PREDICATES[6], NODES[0]),
        ox.Triple(NODES[1], PREDICATES[6], LITERALS[0]),
    ]
    assert b'"e:near": "Mill"' in write_graph(triples, JSON_LD, {}, CONTEXT, NODES[0].value)
