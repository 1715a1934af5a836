"""JSON-LD by expansion: what pyoxigraph's parser lacks is read, what is wrong stays the parser's error."""

import json
from typing import Any

import pyoxigraph as ox
import pytest

from publisher.diagnostic import UnreadableFilesError
from publisher.rdf.jsonld_expansion import read_quads
from publisher.rdf.parser import parse

E = "http://example.org/"


def text(container: Any, value: Any, **context: Any) -> str:
    terms = {"@vocab": E, "of": {"@id": "of", "@container": container}, **context}
    return json.dumps({"@context": terms, "@id": f"{E}a", "of": value})


def read(source: str) -> set[str]:
    return {str(triple) for triple in parse(source, "a.jsonld", ox.RdfFormat.JSON_LD, "b").triples}


@pytest.mark.parametrize("container", ["@type", ["@type", "@set"]], ids=str)
def test_maps_of_types_are_read(container: Any) -> None:
    found = read(text(container, {"Dog": {"@id": f"{E}d", "name": "Rex"}, "Cat": [{"@id": f"{E}c"}, {"size": 5.5}]}))
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    assert found == {
        f"<{E}a> <{E}of> <{E}c>",
        f"<{E}a> <{E}of> <{E}d>",
        f"<{E}a> <{E}of> _:b0",
        f"<{E}c> {kind} <{E}Cat>",
        f"<{E}d> {kind} <{E}Dog>",
        f'<{E}d> <{E}name> "Rex"',
        f"_:b0 {kind} <{E}Cat>",
        f'_:b0 <{E}size> "5.5E0"^^<http://www.w3.org/2001/XMLSchema#double>',
    }


def test_maps_of_graphs_are_read_with_their_statements() -> None:
    found = read(text(["@graph", "@id"], {f"{E}g": {"@id": f"{E}n", "name": {"@value": "Nom", "@language": "fr"}}}))
    assert found == {f"<{E}a> <{E}of> <{E}g>", f'<{E}n> <{E}name> "Nom"@fr'}


def test_graphs_keep_their_names() -> None:
    quads = read_quads(text(["@graph", "@id"], {f"{E}g": {"@id": f"{E}n", "name": "x"}}), "")
    assert quads is not None
    assert {str(quad.graph_name) for quad in quads} == {"DEFAULT", f"<{E}g>"}


def test_relative_iris_resolve_against_the_base() -> None:
    source = text("@type", {"Dog": {"@id": "d"}})
    found = parse(source, "a.jsonld", ox.RdfFormat.JSON_LD, "b", base="http://host.example/x/a.jsonld").triples
    assert "http://host.example/x/d" in {triple.subject.value for triple in found}


@pytest.mark.parametrize(
    "source",
    [
        text(["@list", "@set"], ["x"]),
        text("@type", {"Dog": {"@id": 5}}),
        text("@type", {"Dog": {"name": {"@value": {}}}}),
    ],
)
def test_errors_stay_errors(source: str) -> None:
    with pytest.raises(UnreadableFilesError):
        read(source)


def test_no_context_is_fetched() -> None:
    assert read_quads('{"@context": "https://host.example/context"}', "") is None
