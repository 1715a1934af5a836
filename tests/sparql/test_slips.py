"""Slips in queries: sentences about what is valid and mostly means something else."""

import pyoxigraph as ox
from support.each import each

from publisher.sparql.lexer import tokenize
from publisher.sparql.slips import find_slips

PREFIXES = "PREFIX : <urn:x:> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
SLIPS = {
    "negation": ("ASK { ?s :p ?n FILTER(?n =! 1) }", "`=!` compares with a negation: write `!=`."),
    "subtraction": (
        "ASK { ?s :p ?d FILTER(?d > 2024-01-31) }",
        '`2024-01-31` without quotes is a subtraction: write `"2024-01-31"^^xsd:date`.',
    ),
    "no-rows": ("SELECT * { ?s :p ?o } LIMIT 0", "`LIMIT 0` asks for no rows."),
    "offset": ("SELECT * { ?s :p ?o } LIMIT 5 OFFSET 50", "`OFFSET 50` skips the first 50 rows: there may be no more."),
    "subject": ("ASK { 'a'@en :p ?o }", "The text `'a'` stands as subject: in statements, texts are values only."),
    "selected": ("SELECT ?nme { ?s :name ?name }", "No pattern gives `?nme` a value. Did you mean `?name`?"),
    "filtered": ("ASK { ?s :p ?value FILTER(?x > 1) }", "No pattern gives `?x` a value."),
    "ordered": ("SELECT ?s { ?s :p ?name } ORDER BY ?nam", "No pattern gives `?nam` a value. Did you mean `?name`?"),
    "date": (
        "ASK { ?s :p ?d FILTER(?d > '2024-1-31'^^xsd:date) }",
        '`"2024-1-31"` is no `xsd:date`: write it as in `"2024-01-31"`.',
    ),
    "date-time": (
        "ASK { ?s :p '2024-01-31'^^xsd:dateTime }",
        '`"2024-01-31"` is no `xsd:dateTime`: write it as in `"2024-01-31T12:00:00"`.',
    ),
    "whole-number": (
        "ASK { ?s :p '1.5'^^<http://www.w3.org/2001/XMLSchema#integer> }",
        '`"1.5"` is no `xsd:integer`: write it as in `"10"`.',
    ),
    "datatype": ("ASK { ?s :p '2024-01-31'^^xsd:Date }", "There is no datatype `xsd:Date`. Did you mean `xsd:date`?"),
    "no-datatype": ("ASK { ?s :p 'x'^^xsd:text }", "There is no datatype `xsd:text`."),
    "wildcard": ("ASK { ?s :p ?o FILTER(CONTAINS(?o, '%x%')) }", "`%` is no wildcard in CONTAINS: leave it out."),
    "expression": ("ASK { ?s :p ?o FILTER(REGEX(STR(?o), '(a')) }", "`(a` is not a valid regular expression."),
    "lookaround": ("ASK { ?s :p ?o FILTER(regex(?o, '(?=a)b')) }", "REGEX has no lookaround such as `(?=…)`."),
    "reference": (r"ASK { ?s :p ?o FILTER(regex(?o, '(a)\\1')) }", "REGEX has no references such as `\\1`."),
    "flag": ("ASK { ?s :p ?o FILTER(REGEX(?o, 'a', 'gi')) }", "REGEX has no flag `g`: there are s, m, i, x and q."),
}


def read(text: str) -> list[str]:
    ox.Store().query(PREFIXES + text)  # It is valid.
    return find_slips([token for token in tokenize(PREFIXES + text) if token.kind != "comment"])


@each(("text", "sentence"), SLIPS.values())
def test_slip_is_named(text: str, sentence: str) -> None:
    assert read(text) == [sentence]


@each(
    "text",
    [
        "ASK { ?s :p ?d FILTER(?d != 1 && !BOUND(?s) && ?d > 2024 -01 -31) }",
        "SELECT (COUNT(?s) AS ?n) { ?s :p ?o } GROUP BY ?o HAVING (COUNT(?s) > 1) ORDER BY ?n LIMIT 10 OFFSET 0",
        "SELECT $x ?y { ?x :p ( ?y ) . VALUES (?a ?b) { (1 2) } VALUES ?c { 3 } FILTER(?a + ?b > ?c) }",
        "SELECT * { { SELECT ?s (MAX(?o) AS ?m) { ?s :p ?o } GROUP BY ?s } BIND(?m + 1 AS ?k) FILTER(?k > 1) }",
        "ASK { ?s :p '2024-01-31'^^xsd:date , '2024'^^xsd:gYear , '+5'^^xsd:integer , 'x'^^:other , '1'^^xsd:int }",
        r"ASK { ?s :p ?o FILTER(REGEX(?o, '^a\\.b{2}[%x]$', 'i') && CONTAINS(?o, '50 % of') && REGEX(?o, ?s)) }",
        "ASK { VALUES ?x { 'a' } ?x :p ?o FILTER EXISTS { ?o :q ?z FILTER(?z > 1) } }",
        "SELECT ?x ?y { ?x :p ?o } VALUES (?x ?y) { (:a 1) }",
        "SELECT ?g ?z { GRAPH ?g { ?x :p ?o } SERVICE ?e { ?x :q ?z } } VALUES ?e { <urn:e> }",
        "CONSTRUCT { ?s :p ?o } WHERE { ?s :p ?o } ORDER BY DESC(?o)",
        "DESCRIBE ?s { ?s :p 'a' . ?s :q [ :r ?t ] FILTER(?t > 1) }",
    ],
)
def test_query_that_means_what_it_says_has_no_slip(text: str) -> None:
    assert read(text) == []
