"""What a context makes of terms: learned from PyLD once for each, and given up where only PyLD can tell."""

from collections.abc import Mapping
from typing import Any

import pyoxigraph as ox
import pytest
from pyld import jsonld as pyld

from publisher.formats import JSON_LD
from publisher.rdf import jsonld_terms
from publisher.rdf.jsonld_terms import UnusualError
from publisher.rdf.serializer import write_graph

EX = "https://example.org/v#"
THING = ox.NamedNode("https://example.org/id/a")
NAME = ox.Triple(THING, ox.NamedNode(EX + "name"), ox.Literal("Mill", language="en"))
TYPED = ox.Triple(THING, jsonld_terms.TYPE, ox.NamedNode(EX + "Pond"))


def make_context(**more: Any) -> dict[str, Any]:
    return {"@version": 1.1, "id": "@id", "ex": EX, "name": {"@id": "ex:name", "@language": "en"}, **more}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The documents that PyLD has framed."""
    documents: list[object] = []
    frame = pyld.frame

    def record(document: object, *arguments: Any) -> object:
        documents.append(document)
        return frame(document, *arguments)

    monkeypatch.setattr(pyld, "frame", record)
    return documents


def write(triples: list[ox.Triple], context: Mapping[str, Any]) -> str:
    return write_graph(triples, JSON_LD, {}, context, THING.value).decode()


def test_pyld_is_asked_once_for_each_term(asked: list[object]) -> None:
    context = make_context()
    first = write([NAME, TYPED], context)
    questions = len(asked)
    assert questions > 2
    assert write([NAME, TYPED], context) == first
    assert len(asked) == questions
    write([NAME, TYPED], dict(context))
    assert len(asked) == 2 * questions


@pytest.mark.parametrize(
    "more",
    [
        {"@vocab": EX},
        {"@language": "en"},
        {"ex:name": {"@id": "ex:name"}},
        {"names": {"@id": "ex:name", "@container": "@language"}},
        {"Pond": {"@id": "ex:Pond", "@context": {"name": "ex:other"}}},
        {"word": "@value"},
        {"other": "ex:path/"},
    ],
    ids=["vocab", "language", "colon", "map", "scoped", "alias", "prefix"],
)
def test_context_of_other_rules_is_left_to_pyld(asked: list[object], more: dict[str, Any]) -> None:
    write([NAME, TYPED], make_context(**more))
    assert len(asked) == 1


def test_answers_that_are_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonld_terms, "MOST", 3)
    terms = jsonld_terms.Terms(make_context(), lambda triple, *_: {triple.predicate.value: "word"})
    for number in range(9):
        terms.literal(ox.NamedNode(f"{EX}p{number}"), ox.Literal("a"))
        assert len(terms._forms) <= 3


def test_answer_of_an_unknown_kind_is_not_used() -> None:
    terms = jsonld_terms.Terms(make_context(), lambda *_: {"a": "1", "b": "2"})
    with pytest.raises(UnusualError):
        terms.reference(ox.NamedNode(EX + "p"))
    with pytest.raises(UnusualError):
        terms.name(ox.NamedNode(EX + "Pond"))
