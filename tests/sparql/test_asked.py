"""What a query names, as it is read from its tokens."""

from support.each import each

from publisher.sparql.asked import TOKENS, Asked, Value, read_asked, resolve

BASE = "https://base.example/data/"
PREFIX = "PREFIX : <urn:x:> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
XSD = "http://www.w3.org/2001/XMLSchema#"


def asked(text: str) -> Asked:
    return read_asked(PREFIX + text, BASE)


@each(
    ("iri", "expected"),
    [
        ("urn:a", "urn:a"),
        ("http://a.example/b#", "http://a.example/b#"),
        ("id/x", "https://base.example/data/id/x"),
        ("/id/x", "https://base.example/id/x"),
        ("ns#", "https://base.example/data/ns#"),
        ("../x", "https://base.example/x"),
        ("//[x", "//[x"),
    ],
)
def test_iris_are_resolved(iri: str, expected: str) -> None:
    assert resolve(BASE, iri) == expected


def test_terms_of_patterns_are_read() -> None:
    found = asked(
        "BASE <http://b.example/> PREFIX o: <n#> SELECT * FROM <g> { ?s a :C ; o:p/^<q> :f\\,g FILTER(:call(?s)) }"
    )
    assert found.terms == {
        "http://b.example/g": "<g>",
        "urn:x:C": ":C",
        "http://b.example/n#p": "o:p",
        "http://b.example/q": "<q>",
        "urn:x:f,g": ":f\\,g",
    }
    assert found.graphs == ["http://b.example/g"]
    assert found.declared["o"] == "http://b.example/n#"


def test_undeclared_names_services_and_datatypes_are_no_terms() -> None:
    found = asked("ASK { SERVICE <urn:s> { ?s other:p 'x'^^:d } FILTER(?d > '2020'^^xsd:gYear) }")
    assert (found.terms, found.datatypes) == ({}, {"gYear"})


@each(
    ("text", "expected"),
    [
        ("ASK { ?s :p 'x' }", Value("x", "", "", "", '"x"')),
        ("ASK { ?s :p '''x'''@en }", Value("x", "en", "", "", '"x"@en')),
        ("ASK { ?s :p 'x'^^xsd:string }", Value("x", "", "", "", '"x"^^xsd:string')),
        ("ASK { ?s :p '1'^^xsd:int }", Value("1", "", XSD + "int", "", '"1"^^xsd:int')),
        ("ASK { ?s :p 1.0 }", Value("1.0", "", XSD + "decimal", "", "1.0")),
        ("ASK { ?s ?p 1e3 }", Value("1e3", "", XSD + "double", "", "1e3")),
        ("ASK { ?s ?p ?o FILTER(?o IN ('x')) }", Value("x", "", "", "IN", '"x"')),
        ("ASK { ?s ?p ?o FILTER(sameTerm(?o, 'x')) }", Value("x", "", "", "SAMETERM", '"x"')),
    ],
)
def test_literals_that_have_to_be_equal_are_read(text: str, expected: Value) -> None:
    assert asked(text).values == [expected]


@each(
    "text",
    [
        "ASK { ?s :p ?o FILTER(CONTAINS(?o, 'x') && REGEX(STR(?o), 'y')) }",
        "ASK { ?s :p ?o BIND('x' AS ?k) FILTER(STR(?o) < '2020' || '2021' >= LCASE(?o)) }",
        "ASK { ?s :p ?o FILTER(?o > xsd:date('2020') || ?o < <urn:f>('x')) }",
        "SELECT (COUNT(*) AS ?n) { ?s :p ?o } HAVING (COUNT(?o) > 5) LIMIT 10 OFFSET 20",
        "ASK { ?s :p 'a\\\\nb' , 'x'^^other:type }",
        f"ASK {{ ?s :p '{'x' * 300}' }}",
    ],
)
def test_other_literals_are_not_looked_up(text: str) -> None:
    assert asked(text).values == []


@each(("condition", "operator"), [("?d > 5", ">"), ("5 < ?d", "<"), ("?d IN (5, 6)", "="), ("(?x) && ?d != 5", "!=")])
def test_comparisons_are_read(condition: str, operator: str) -> None:
    [(variable, found, value)] = asked(f"ASK {{ ?s :p ?d FILTER({condition}) }}").comparisons
    assert (variable, found, value.value) == ("?d", operator, "5")


def test_variables_are_read() -> None:
    found = asked("ASK { ?s :p ?d . ?t :q ?d FILTER(YEAR(?d) > 1 && regex(?s, 'x') && bound(?t)) }")
    assert found.properties == {"?d": {"urn:x:p", "urn:x:q"}}
    assert found.subjects == {"?s", "?t"}
    assert found.calls == [("YEAR", "?d", ""), ("REGEX", "?s", "x")]


@each("condition", ["LANG(?l) = 'de'", "'de' = LANG(?l)", "LANGMATCHES(LANG(?l), 'de')", "lang(?l) != 'de'"])
def test_language_tags_are_read(condition: str) -> None:
    found = asked(f"ASK {{ ?s :p ?l FILTER({condition}) }}")
    assert [tag.value for tag in found.tags] == ["de"]
    assert found.comparisons == []


def test_number_of_tokens_is_bounded() -> None:
    assert len(asked("ASK { ?s :p " + " , ".join(f":n{number}" for number in range(TOKENS)) + " }").terms) < TOKENS
