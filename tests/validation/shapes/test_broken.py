"""What is left out of broken shapes: only what has a mistake, and what would mean something else without it."""

import pytest
from support import shapes_corpus
from support.optional_packages import extra

from publisher.dataset.files import parse_text
from publisher.diagnostic import Diagnostic, Severity
from publisher.validation import validator
from publisher.validation.context import of_shapes
from publisher.validation.engines.selection import ENGINES

EX = {"ex": "http://example.org/"}
KEPT = "S/ex:q/MinCount"
BROKEN = [
    ("ex:S sh:property ex:gone", [KEPT]),
    ("ex:S sh:minLength 'x' ; sh:maxLength 3", ["S", KEPT]),
    ("ex:S sh:in ex:B ; sh:class ex:B", ["S", KEPT]),
    ("ex:S sh:in ( ex:b ), ( ex:c )", [KEPT]),
    ("ex:S sh:message 5 ; sh:class ex:B", ["S", KEPT]),
    ("ex:S sh:deactivated 'no'", []),
    ("ex:S sh:targetNode [ ] ; sh:class ex:B", ["S", KEPT]),
    ("ex:S sh:pattern '(' ; sh:flags 'i' ; sh:class ex:B", ["S", KEPT]),
    ("ex:S sh:closed true ; sh:ignoredProperties ( rdf:type 'p' )", [KEPT]),
    ("ex:S sh:property [ sh:path ex:r ; sh:minCount 'one' ]", [KEPT]),
    ("ex:S sh:property [ sh:path ex:p ; sh:minCount 'one' ; sh:maxCount 0 ]", ["S/ex:p/MaxCount", KEPT]),
    ("ex:S sh:closed true ; sh:property [ sh:path ex:p ; sh:minCount 'one' ]", ["S", KEPT]),
    ("ex:S sh:closed true ; sh:ignoredProperties ( rdf:type ) ; sh:property [ a sh:NodeShape ; sh:path ex:p ]", [KEPT]),
    ("ex:S sh:not [ sh:property [ sh:path ex:p ; sh:minCount 'one' ] ]", [KEPT]),
    ("ex:S sh:not [ sh:minLength 'one' ] ; sh:class ex:B", ["S", KEPT]),
    ("ex:S sh:not [ sh:or ( [ sh:and ( [ sh:minLength 'one' ] ) ] ) ]", [KEPT]),
    ("ex:S sh:xone ( [ sh:minLength 'one' ] [ ] )", [KEPT]),
    ("ex:S sh:or ( [ sh:minLength 'one' ] [ sh:class ex:B ] )", [KEPT]),
    ("ex:S sh:or ( [ sh:minLength 'one' ; sh:class ex:B ] [ sh:class ex:B ] )", ["S", KEPT]),
    ("ex:S sh:or ( ex:gone [ sh:class ex:B ] )", [KEPT]),
    ("ex:S sh:not [ sh:sparql [ sh:select 'SELECT {' ] ]", [KEPT]),
    (
        "ex:S sh:not [ ex:odd 1 ] . ex:C sh:parameter [ sh:path ex:odd ] ; sh:validator [ sh:ask 'ASK {' ] ;"
        " sh:nodeValidator [ sh:select 'SELECT $this { }' ]",
        [KEPT],
    ),
    (
        "ex:S sh:property [ sh:path ex:p ; sh:qualifiedValueShape [ sh:minLength 'x' ] ; sh:qualifiedMaxCount 0 ] ,"
        " [ sh:path ex:p ; sh:qualifiedValueShape [ ] ; sh:qualifiedMaxCount 0 ;"
        " sh:qualifiedValueShapesDisjoint true ]",
        [KEPT],
    ),
    ("ex:S sh:sparql [ sh:select 'SELECT $this { $this x:y 1 }' ]", [KEPT]),
    ("ex:S sh:sparql [ sh:select 'SELECT $this { FILTER(<http://example.org/f>($this)) }' ]", [KEPT]),
    ("ex:S sh:property [ a sh:NodeShape ; sh:path ex:p ]", [KEPT]),
]


def validate(broken: str, engine: str = "auto", *, allow_broken: bool = False) -> list[Diagnostic]:
    if engine == "fast":
        extra("shacl", "fast")
    text = f"ex:S sh:targetClass ex:A ; sh:property [ sh:path ex:q ; sh:minCount 1 ] . {broken} ."
    shapes = parse_text(shapes_corpus.PREFIXES + text, "shapes.ttl")
    data = parse_text(shapes_corpus.PREFIXES + "ex:a a ex:A ; ex:p ex:b .", "data.ttl")
    return validator.validate(of_shapes([shapes], [data], prefixes=EX, engine=engine, allow_broken=allow_broken))


@pytest.mark.parametrize(("broken", "rules"), BROKEN, ids=[broken for broken, _ in BROKEN])
def test_broken_part_of_a_shape_is_left_out(broken: str, rules: list[str]) -> None:
    found = validate(broken)
    assert [(d.rule, d.severity) for d in found if d.file == "shapes.ttl"] == [("broken-shape", Severity.VIOLATION)]
    assert sorted(finding.rule for finding in found if finding.file != "shapes.ttl") == rules


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_are_given_what_is_not_broken(engine: str) -> None:
    broken = f"{BROKEN[1][0]} ; sh:message 5 ; sh:order 'x' ; sh:severity 'Info' ; sh:in 1 ; sh:not [ sh:languageIn 2 ]"
    level = Severity.WARNING
    found = validate(broken, engine, allow_broken=True)
    assert [(d.rule, d.severity) for d in found if d.file == "shapes.ttl"] == [("broken-shape", level)] * 6
    assert sorted(finding.rule for finding in found if finding.file != "shapes.ttl") == ["S", KEPT]


@pytest.mark.parametrize(
    ("broken", "relying"),
    [
        ("ex:S sh:minLength 'x' ; sh:property [ sh:path 1 ]", []),
        ("ex:S sh:not [ sh:minLength 'x' ] ; sh:or ( [ ] )", ["not"]),
        ("ex:S sh:closed true ; sh:property [ sh:path 1 ]", ["closed"]),
        ("ex:S sh:closed true ; sh:property [ sh:path ex:p ; sh:minLength 'x' ]", []),
        ("ex:S sh:xone ( ex:T ) . ex:T sh:node ex:U . ex:U sh:in 1", ["xone"]),
        ("ex:S sh:not [ sh:js [ ] ]", ["not"]),
    ],
)
def test_what_relies_on_broken_shapes_is_left_out_and_named(broken: str, relying: list[str]) -> None:
    file = parse_text(f"{shapes_corpus.PREFIXES}{broken} .", "shapes.ttl")
    found = of_shapes([file], []).broken
    assert [triple.predicate.value.rpartition("#")[2] for triple in found.relying] == relying
    assert found.statements >= set(found.relying)
