"""Why a query has no result: unknown terms, language tags, prefixes, dates of mixed precision."""

from collections.abc import Iterator

import pyoxigraph as ox
import pytest
from support.each import each

from publisher.sparql import asked
from publisher.sparql import hints as module
from publisher.sparql.asked import LONGEST_NAME, TOKENS
from publisher.sparql.hints import (
    COMPARED,
    HINTS,
    LANGUAGES,
    LONGEST,
    TYPED,
    Hints,
    decode_hints,
    find_hidden_names,
)
from publisher.sparql.lexer import Token, tokenize

BASE = "https://base.example/"
PREFIXES = {"ex": "https://ex.example/", "schema": "https://schema.org/", "xsd": "http://www.w3.org/2001/XMLSchema#"}
DATA = """
@prefix ex: <https://ex.example/> . @prefix schema: <https://schema.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:one a ex:Coalition ; schema:name "One"@en ; ex:plain "Plain" ; schema:foundingDate "1999"^^xsd:gYear ; ex:size 3 ;
  ex:hasMember ex:bill .
"""
GRAPHS = """
<urn:graph:bills> { <https://ex.example/bill> a <https://ex.example/Bill> }
<urn:graph:members> { <https://ex.example/two> <https://ex.example/size> <https://ex.example/bill> }
"""


@pytest.fixture(scope="module")
def hints() -> Hints:
    store = ox.Store()
    store.load(DATA, format=ox.RdfFormat.TURTLE)
    store.load(GRAPHS, format=ox.RdfFormat.TRIG)
    return Hints(store, BASE, PREFIXES)


DECLARED = "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in PREFIXES.items())
MEANT = "Did you mean"
EXPLAINED = {
    "class": ("SELECT * { ?x a ex:Coaliton }", "The data set has no `ex:Coaliton`. Did you mean `ex:Coalition`?"),
    "property": ("SELECT * { ?x schema:nam ?y }", "The data set has no `schema:nam`. Did you mean `schema:name`?"),
    "iri": (
        "SELECT * { <https://ex.example/ones> ?p ?o }",
        "The data set has no `<https://ex.example/ones>`. Did you mean `ex:one`?",
    ),
    "namespace": (
        "SELECT * { ?x <http://schema.org/name> ?y }",
        "The data set has no `<http://schema.org/name>`. Did you mean `schema:name`?",
    ),
    "unlike": ("ASK { ?x ex:zzzzzz ?y }", "The data set has no `ex:zzzzzz`."),
    "relative": ("SELECT * { <id/x> ?p ?o }", "The data set has no `<id/x>`."),
    "relative-prefix": ("PREFIX o: <id/> SELECT * { o:x ?p ?o }", "The data set has no `o:x`."),
    "language": (
        'SELECT * { ?x schema:name "One" }',
        'The data set has no text `"One"`, but `"One"@en`: a language tag is part of it.',
    ),
    "no-language": (
        "SELECT * { ?x ex:plain 'Plain'@en }",
        'The data set has no text `"Plain"@en`, but `"Plain"`: a language tag is part of it.',
    ),
    "date": (
        'SELECT * { ?x schema:foundingDate ?d FILTER(?d > "1990-01-01"^^xsd:date) }',
        "`schema:foundingDate` has values of type `xsd:gYear`, which do not compare with `xsd:date`:"
        " compare `STR(...)`.",
    ),
    "graph": ("SELECT * FROM <urn:g> { ?s ?p ?o }", "The data set has no `<urn:g>`."),
    "near-graph": (
        "SELECT * { GRAPH <urn:graph:bill> { ?s ?p ?o } }",
        "The data set has no `<urn:graph:bill>`. Did you mean `<urn:graph:bills>`?",
    ),
    "term-of-other-graph": (
        "SELECT * FROM <urn:graph:members> { ?s a ex:Bill }",
        "The graph `<urn:graph:members>` has no `ex:Bill`; `<urn:graph:bills>` has it.",
    ),
    "term-of-no-graph-named": (
        "SELECT * FROM <urn:graph:members> FROM <urn:graph:bills> { ?s a ex:Coalition }",
        "The graphs that the query names have no `ex:Coalition`.",
    ),
    "term-in-graph": (
        "SELECT * { ?t ex:size ?n GRAPH <urn:graph:members> { ?s ex:size ?b { ?s a ex:Bill } } ?u a ex:Coalition }",
        "The graph `<urn:graph:members>` has no `ex:Bill`; `<urn:graph:bills>` has it.",
    ),
    "other-namespace": (
        "SELECT * { ?x schema:hasMembr ?y }",
        "The data set has no `schema:hasMembr`. Did you mean `ex:hasMember`?",
    ),
    "property-before-class": (
        "SELECT * { ?x ex:hasMembership ?y }",
        "The data set has no `ex:hasMembership`. Did you mean `ex:hasMember`?",
    ),
    "case": ("SELECT * { ?x a ex:coalition }", "The data set has no `ex:coalition`. Did you mean `ex:Coalition`?"),
    "slash-at-end": (
        "DESCRIBE <https://ex.example/one/>",
        "The data set has no `<https://ex.example/one/>`. Did you mean `ex:one`?",
    ),
    "scheme": (
        "ASK { <http://www.ex.example/one> ?p ?o }",
        "The data set has no `<http://www.ex.example/one>`. Did you mean `ex:one`?",
    ),
    "namespace-end": (
        "PREFIX e: <https://ex.example#> SELECT * { ?x a e:Coalition }",
        "The data set has no `e:Coalition`. Did you mean `ex:Coalition`?",
    ),
    "namespace-without-end": (
        "PREFIX e: <https://ex.example> SELECT * { ?x a e:Coalition }",
        "The data set has no `e:Coalition`. Did you mean `ex:Coalition`?",
    ),
    "own-base": (
        "BASE <https://ex.example/> ASK { <ones> ?p ?o }",
        "The data set has no `<ones>`. Did you mean `ex:one`?",
    ),
    "path": ("ASK { ?x (ex:plan|^ex:size)+ ?y }", "The data set has no `ex:plan`. Did you mean `ex:plain`?"),
    "subquery": (
        "SELECT * { { SELECT ?x { ?x ex:siz ?y } } }",
        "The data set has no `ex:siz`. Did you mean `ex:size`?",
    ),
    "values": ("SELECT * { VALUES ?x { ex:onne } ?x a ?t }", "The data set has no `ex:onne`. Did you mean `ex:one`?"),
    "in-list": ("ASK { ?x ?p ?o FILTER(?x IN (ex:onne)) }", "The data set has no `ex:onne`. Did you mean `ex:one`?"),
    "negation": ("ASK { ?x ex:size ?n FILTER(?n =! 3) }", "`=!` compares with a negation: write `!=`."),
}


@each(("text", "expected"), EXPLAINED.values())
def test_empty_query_result_has_hint(hints: Hints, text: str, expected: str) -> None:
    assert hints.find(DECLARED + text) == [expected]


def test_hint_names_redefined_prefix(hints: Hints) -> None:
    found = hints.find("PREFIX schema: <http://schema.org/> SELECT * { ?x schema:name ?y }")
    assert found == [
        "The prefix `schema:` is `<https://schema.org/>` in this data set; the query has `<http://schema.org/>`.",
    ]


@each(
    "text",
    [
        "SELECT * { ?x a ex:Coalition ; schema:name 'Two', 'One'@en FILTER(?x = ex:one) }",
        "SELECT * { ?x ex:plain 'Plain' FILTER(xsd:integer('4') > 5 && ex:function(?x)) }",
        "SELECT * { ?x schema:foundingDate ?d FILTER(?d > '2000'^^xsd:gYear) }",
        "SELECT * { ?x schema:name ?n FILTER(CONTAINS(?n, 'zzz')) } # ex:nothing",
    ],
)
def test_query_of_known_terms_has_no_hint(hints: Hints, text: str) -> None:
    assert hints.find(DECLARED + text) == []


def test_iri_that_the_data_has_as_text_is_named() -> None:
    store = ox.Store()
    store.load('<urn:a> <urn:b> "https://ex.example/site" .', format=ox.RdfFormat.TURTLE)
    found = Hints(store, BASE, PREFIXES).find("ASK { ?x ?p <https://ex.example/site> }")
    assert found == ['The data set has no `<https://ex.example/site>`, but the text `"https://ex.example/site"`.']


def test_graphs_of_the_request_are_looked_at(hints: Hints) -> None:
    text = f"{DECLARED}ASK {{ ?s a ex:Bill }}"
    assert hints.find(text, ["urn:graph:bills"]) == []
    assert hints.find(text, ["urn:graph:members"])[0].startswith("The graph `<urn:graph:members>` has no `ex:Bill`")
    assert hints.find(text, ["urn:graph:bill"]) == [
        "The data set has no `<urn:graph:bill>`. Did you mean `<urn:graph:bills>`?"
    ]


def test_redefined_prefix_and_misspelt_name_are_both_named(hints: Hints) -> None:
    found = hints.find("PREFIX ex: <http://ex.example/> SELECT * { ?x a ex:Coaliton }")
    assert found[1:] == ["The data set has no `ex:Coaliton`. Did you mean `ex:Coalition`?"]


def test_hints_are_few_short_and_printable(hints: Hints) -> None:
    names = " ".join(f"ex:a{number}{'x' * 500}" for number in range(100))
    found = hints.find(f"{DECLARED}SELECT * {{ VALUES ?x {{ {names} }} }}")
    assert len(found) == HINTS
    assert max(map(len, found)) <= LONGEST
    assert all(hint.isprintable() for hint in found)


def test_work_per_query_does_not_grow_with_store_or_query(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    things = "".join(
        f"ex:thing{number} a ex:Class{number} ; ex:text 'x'@de-x{number:04} .\n" for number in range(2 * TYPED)
    )
    store = ox.Store()
    store.load(f"@prefix ex: <https://ex.example/> . {things}", format=ox.RdfFormat.TURTLE)
    compared: list[int] = []
    read: list[str] = []

    def compare(_word: str, names: list[str], *_: object) -> list[str]:
        compared.append(len(names))
        return []

    def split(text: str) -> Iterator[Token]:
        for token in tokenize(text):
            read.append(token.kind)
            yield token

    monkeypatch.setattr(module, "get_close_matches", compare)
    monkeypatch.setattr(asked, "tokenize", split)
    hints = Hints(store, BASE, PREFIXES)
    names = "".join(f" ex:unknown{number} 'text {number}'@en" for number in range(TOKENS))
    found = hints.find(f"{DECLARED}SELECT * {{ VALUES ?x {{ {names} }} }}")
    assert found[0] == "The data set has no `ex:unknown0`."
    assert compared == [COMPARED] * 2 * len(found) == [COMPARED] * 2 * HINTS
    assert len(read) == TOKENS
    assert len(hints._with_name) <= 2 * TYPED + 2
    assert len(hints._languages) == LANGUAGES
    compared.clear()
    hints.find(f"{DECLARED}ASK {{ ex:{'x' * LONGEST_NAME}y ex:text '{'y' * LONGEST_NAME}' }}")
    assert compared == [0, 0]


@each(
    ("header", "expected"),
    [
        (None, []),
        ('["a", "b"]', ["a", "b"]),
        ("nonsense", []),
        ('{"a": 1}', []),
        ('["a", 1, "\\u001b[2J"]', ["a", " [2J"]),
        ("[" * 2000, []),
    ],
)
def test_foreign_hints_are_sanitized(header: str | None, expected: list[str]) -> None:
    assert decode_hints(header) == expected


def test_names_with_hidden_characters_are_named() -> None:
    text = "SELECT ?s { ?s\u200d a <urn:\ufeffx> ; ?p 'a\u200dtext' . ?s\u200d ?q\u034f ?o }"
    found = find_hidden_names(text)
    assert [sentence.partition(" has")[0] for sentence in found] == [
        "The name `?s`",
        "The name `<urn:x>`",
        "The name `?q`",
    ]
    assert "U+200D (zero width joiner): it is another name" in found[0]
    assert find_hidden_names(text.encode("ascii", "ignore").decode()) == []
