"""Excerpts: the first rows, the number of all, and what a query is about."""

import io
import json
from typing import Any

import pyoxigraph as ox
import pytest
from support.each import each

from publisher.sparql import excerpt
from publisher.sparql.excerpt import outline, write_rows, write_triples

STORE = ox.Store()
NUMBERS = "VALUES ?n { 0 1 2 3 4 5 6 7 8 9 }"


def excerpt_of(query: str, most: int) -> tuple[Any, tuple[int, bool]]:
    output = io.BytesIO()
    result: Any = STORE.query(query)
    counted = write_rows(result, most, output)
    return json.loads(output.getvalue()), counted


@pytest.mark.parametrize(("most", "shown"), [(3, 3), (10, 10), (20, 10)])
def test_first_rows_are_written_and_all_counted(most: int, shown: int) -> None:
    found, counted = excerpt_of(f"SELECT ?n {{ {NUMBERS} }} ORDER BY ?n", most)
    assert found["head"] == {"vars": ["n"]}
    assert [int(row["n"]["value"]) for row in found["results"]["bindings"]] == list(range(shown))
    assert counted == (10, False)


def test_counting_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excerpt, "COUNTED", 7)
    assert excerpt_of(f"SELECT * {{ {NUMBERS} }}", 3)[1] == (7, True)
    monkeypatch.setattr(excerpt, "COUNTED", 10)
    assert excerpt_of(f"SELECT * {{ {NUMBERS} }}", 3)[1] == (10, False)


def test_slow_counting_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excerpt, "SECONDS", -1)
    many = f"SELECT * {{ {NUMBERS} {NUMBERS.replace('?n', '?m')} {NUMBERS.replace('?n', '?o')} }}"
    assert excerpt_of(many, 3)[1] == (256, True)


def test_rows_end_at_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excerpt, "SIZE", 300)
    found, counted = excerpt_of(f"SELECT * {{ {NUMBERS} }}", 10)
    assert 0 < len(found["results"]["bindings"]) < 10
    assert counted == (10, False)
    monkeypatch.setattr(excerpt, "SIZE", 10)
    assert excerpt_of(f"SELECT * {{ {NUMBERS} }}", 10)[0]["results"] == {"bindings": []}


def test_rows_are_those_of_the_engine() -> None:
    terms = '"a" "a"@en "b\\"" 1 1.5 <urn:x> <<( <urn:a> <urn:p> <<( <urn:b> <urn:q> "c"@en )>> )>> UNDEF'
    query = f"SELECT ?t ?never {{ VALUES ?t {{ {terms} }} BIND(BNODE() AS ?b) }}"
    result: Any = STORE.query(query)
    assert excerpt_of(query, 99)[0] == json.loads(result.serialize(format=ox.QueryResultsFormat.JSON))


def test_first_triples_are_written_and_all_counted() -> None:
    result: Any = STORE.query(f"CONSTRUCT {{ <urn:a> <urn:p> ?n }} {{ {NUMBERS} }}")
    first, counted = write_triples(result, 4)
    assert (len(first), counted) == (4, (10, False))


PREFIX = "PREFIX ex: <https://ex.example/>\nPREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\n"


@each(
    ("query", "about"),
    [
        (
            "SELECT * { ?s a ex:A ; ex:p ?o . ?o rdf:type <urn:b> . ?t a ex:A }",
            ["SELECT", "https://ex.example/A", "urn:b"],
        ),
        ("select * { ?s a ?type } # a ex:A", ["SELECT"]),
        ("ASK { ?s a unknown:A }", ["ASK"]),
        ("CONSTRUCT { ?s a ex:B } { ?s a ex:A }", ["CONSTRUCT", "https://ex.example/B", "https://ex.example/A"]),
        ("DESCRIBE ex:one <urn:two>", ["DESCRIBE", "https://ex.example/one", "urn:two"]),
        ("DESCRIBE ?x { ?x a ex:A }", ["DESCRIBE"]),
        (
            "SELECT * { ?s a ex:A, ex:B ; a ex:C, ex:D . ?t a ex:E }",
            ["SELECT", *(f"https://ex.example/{x}" for x in "ACE")],
        ),
    ],
)
def test_outline_names_form_and_classes(query: str, about: list[str]) -> None:
    assert outline(PREFIX + query) == about
