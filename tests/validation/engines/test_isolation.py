"""Shapes that an engine cannot use are reported, and the others are validated."""

import pyoxigraph as ox
import pytest
from support.each import each
from support.optional_packages import extra

from publisher.dataset.files import parse_text
from publisher.diagnostic import Diagnostic, Severity
from publisher.errors import CannotRunError
from publisher.validation import validator
from publisher.validation.context import Context, of_shapes
from publisher.validation.engines.isolation import validate_apart
from publisher.validation.engines.selection import ENGINES
from publisher.validation.shapes.graph import ShapesGraph
from publisher.validation.shapes.nodes import Nodes

PREFIXES = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .\n"
ENGINE = pytest.mark.parametrize("engine", ENGINES)
REFUSED = """ex:Component a sh:ConstraintComponent ; sh:parameter [ sh:path ex:refused ] ;
    sh:propertyValidator [ a sh:SPARQLSelectValidator ;
        sh:select "SELECT $this ?value { $this $PATH ?value FILTER(?value != $PATH) }" ] .
"""
"""A component that both engines refuse as they validate, if the path is not a property."""
BAD = """ex:Bad a sh:NodeShape ; sh:targetSubjectsOf ex:p ;
    sh:property [ sh:path [ sh:zeroOrMorePath ex:p ] ; ex:refused true ] .
"""
GOOD = "ex:S{0} a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:q{0} ; sh:minCount 1 ] .\n"


def context(shapes: str, engine: str, data: str = "ex:a ex:p 1 .", **options: bool) -> Context:
    if engine == "fast":
        extra("shacl", "fast")
    files = [parse_text(PREFIXES + text, name) for name, text in (("s.ttl", shapes), ("d.ttl", data))]
    return of_shapes(files[:1], files[1:], engine=engine, prefixes={"ex": "http://example.org/"}, **options)  # type: ignore[arg-type]


def summarize(findings: list[Diagnostic]) -> list[tuple[str, str, int | None]]:
    return [(finding.rule, finding.file, finding.line) for finding in findings]


@ENGINE
def test_other_shapes_are_validated(engine: str) -> None:
    shapes = GOOD.format(1) + GOOD.format(2) + BAD + GOOD.format(3) + REFUSED
    findings = validator.validate(context(shapes, engine))
    found = [*((f"S{n}/ex:q{n}/MinCount", "d.ttl", 2) for n in (1, 2, 3)), ("broken-shape", "s.ttl", 4)]
    assert summarize(findings) == found
    assert findings[-1].severity == Severity.VIOLATION
    assert " cannot use this shape: " in findings[-1].message
    allowed = validator.validate(context(shapes, engine, allow_broken=True))
    assert [finding.severity for finding in allowed] == [Severity.VIOLATION] * 3 + [Severity.WARNING]


def test_pattern_of_other_engines_is_located() -> None:
    shape = "ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ;\n sh:property [ sh:path ex:p ; sh:pattern '(?=1)1' ] ,\n"
    shape += " [ sh:path ex:p ; sh:pattern '1' ; sh:flags 'ii' ] ."
    findings = validator.validate(context(shape, "fast"))
    assert summarize(findings) == [("broken-shape", "s.ttl", 3)]
    assert "look-ahead" in findings[0].message
    assert findings[0].value == '"(?=1)1"'
    assert validator.validate(context(shape, "pyshacl")) == []


@ENGINE
def test_repeated_flag_counts_once(engine: str) -> None:
    shape = "ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:pattern 'B' ; sh:flags 'ii' ] ."
    assert validator.validate(context(shape, engine, data="ex:a ex:p 'b' .")) == []


@ENGINE
def test_no_usable_shape_hides_no_other_mistake(engine: str) -> None:
    mistaken = "ex:Other a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:class 'text' .\n"
    findings = validator.validate(context(BAD + mistaken + REFUSED, engine))
    assert summarize(findings) == [("broken-shape", "s.ttl", 2), ("broken-shape", "s.ttl", 4)]


@ENGINE
def test_no_usable_shape_ends_a_run_that_allows_broken_ones(engine: str) -> None:
    with pytest.raises(CannotRunError, match="cannot use these shapes: "):
        validator.validate(context(BAD + REFUSED, engine, allow_broken=True))


@ENGINE
@pytest.mark.parametrize("query", ["", "; sh:propertyValidator [ a sh:SPARQLSelectValidator ; sh:select 'SELECT {' ]"])
def test_validator_without_query_is_left_out(engine: str, query: str) -> None:
    """As in shapes with the JavaScript Extensions, or where the query is broken."""
    component = f"""ex:Component a sh:ConstraintComponent ; sh:parameter [ sh:path ex:odd ] ;
    sh:validator [ a sh:JSValidator ; sh:jsFunctionName "odd" ] {query} .
    ex:Both a sh:ConstraintComponent ; sh:parameter [ sh:path ex:even ] ;
    sh:validator [ a sh:JSValidator ; sh:jsFunctionName "even" ] ,
        [ a sh:SPARQLAskValidator ; sh:ask "ASK {{ FILTER ($value != 1) }}" ] .
    """
    used = "ex:S a sh:NodeShape ; sh:targetObjectsOf ex:p ; ex:odd true ; ex:even true .\n"
    findings = validator.validate(context(component + used, engine))
    assert sorted(summarize(findings)) == sorted(
        [("S", "d.ttl", 2), ("unsupported-shape", "s.ttl", 3), ("unsupported-shape", "s.ttl", 5)]
        + [("broken-shape", "s.ttl", 3)] * bool(query)
    )


@ENGINE
@each("query", ["SELECT {", "SELECT $this { $this $PATH ?value MINUS { $this ?p ?value } }"])
def test_component_with_a_broken_query_is_one_finding(engine: str, query: str) -> None:
    """Shapes that use the component are validated by their other constraints."""
    component = f"""ex:Component a sh:ConstraintComponent ; sh:parameter [ sh:path ex:odd ] ;
    sh:propertyValidator [ a sh:SPARQLSelectValidator ; sh:select "{query}" ] .
    """
    used = "ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:q ; ex:odd true ; sh:minCount 1 ] .\n"
    findings = validator.validate(context(component + used, engine))
    assert summarize(findings) == [("S/ex:q/MinCount", "d.ttl", 2), ("broken-shape", "s.ttl", 3)]


def test_engine_runs_few_times_for_one_bad_shape() -> None:
    """Halves of halves: twice for each level, and not once for each shape."""
    graph = ShapesGraph([parse_text(PREFIXES + "".join(GOOD.format(n) for n in range(64)), "s.ttl")])
    data = list(parse_text(PREFIXES + "ex:a ex:p 1 .", "d.ttl").triples)
    bad = ox.NamedNode("http://example.org/S37")
    runs: list[int] = []

    def run(shapes: object, _data: object) -> list[ox.Triple]:
        stated = {triple.subject for triple in shapes}  # type: ignore[attr-defined]
        runs.append(sum(1 for node in stated if isinstance(node, ox.NamedNode)))
        if bad in stated:
            raise CannotRunError("Bad.")
        return []

    nodes = Nodes(graph, {data[0].predicate: data})
    results, failures = validate_apart(run, graph, nodes, data, CannotRunError("All."))
    assert (results, failures) == ([], {bad: "Bad."})
    assert len(runs) == 1 + 2 * 6  # 64 is two to the power of six.


def test_part_of_shapes_has_what_it_uses() -> None:
    text = """ex:A sh:property [ sh:path ( ex:p ex:q ) ; sh:node ex:B ] ; ex:flag true .
    ex:B sh:not ex:C . ex:C sh:in ( 1 2 ) .
    ex:Flag sh:parameter [ sh:path ex:flag ] ; sh:validator ex:V . ex:V sh:ask "ASK {}" ; sh:prefixes ex:P .
    ex:P sh:declare [ sh:prefix "x" ] . ex:Other sh:parameter [ sh:path ex:other ] . ex:D sh:node ex:A .
    """
    graph = ShapesGraph([parse_text(PREFIXES + text, "s.ttl")])
    part = graph.select([ox.NamedNode("http://example.org/A")])
    named = {node.value.rpartition("/")[2] for node in part.stated if isinstance(node, ox.NamedNode)}
    assert named == {"A", "B", "C", "Flag", "V", "P"}
    assert len(graph.file_of) - len(part.file_of) == 3  # Those of ex:Other, its parameter, and ex:D.


@ENGINE
@each("stated", ["sh:values [ sh:path ex:other ]", "sh:defaultValue 1"])
def test_value_that_is_not_stated_does_not_count(engine: str, stated: str) -> None:
    shapes = (
        f"ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:q ; sh:minCount 1 ; {stated} ] ."
    )
    found = [finding.rule for finding in validator.validate(context(shapes, engine))]
    assert [rule for rule in found if rule != "unsupported-shape"] == ["S/ex:q/MinCount"]


@ENGINE
def test_closed_shape_may_be_stated_with_1(engine: str) -> None:
    shapes = (
        "ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:closed '1'^^<http://www.w3.org/2001/XMLSchema#boolean> ."
    )
    assert [finding.rule for finding in validator.validate(context(shapes, engine))] == ["S"]


@ENGINE
def test_deactivated_constraint_is_not_used(engine: str) -> None:
    shapes = """ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ;
        sh:sparql [ sh:deactivated true ; sh:select "SELECT $this { $this ?p ?o }" ] ] ;
        sh:sparql [ sh:deactivated false ; sh:message "on" ; sh:select "SELECT $this { $this ?p ?o }" ] .
    """
    assert [finding.message for finding in validator.validate(context(shapes, engine))] == ["on"]


@ENGINE
@each(
    ("stated", "message"),
    [
        ("sh:equals ex:q", "The node ex:a is the only value of ex:q."),
        ("sh:disjoint ex:r", "The node ex:a is not a value of ex:r."),
        ("sh:in ()", "The node ex:a is one of ()."),
    ],
)
def test_constraint_of_node_has_own_words(engine: str, stated: str, message: str) -> None:
    found = context(f"ex:S a sh:NodeShape ; sh:targetNode ex:a ; {stated} .", engine, data="ex:a ex:q 1 ; ex:r ex:a .")
    assert {finding.message for finding in validator.validate(found)} == {message}


@ENGINE
def test_core_component_defined_in_shapes_is_the_built_in_one(engine: str) -> None:
    """Some vocabularies define SHACL Core in SPARQL as well."""
    defined = """sh:MinCountConstraintComponent a sh:ConstraintComponent ; sh:parameter [ sh:path sh:minCount ] ;
    sh:propertyValidator [ a sh:SPARQLSelectValidator ; sh:select "SELECT $this { FILTER($shapesGraph) }" ] .
    """
    findings = validator.validate(context(GOOD.format(1) + defined, engine))
    assert summarize(findings) == [("S1/ex:q1/MinCount", "d.ttl", 2)]
    assert findings[0].message == "Every node that has ex:p has at least 1 value of ex:q1."


def test_part_of_shapes_lacks_what_was_left_out() -> None:
    file = parse_text(PREFIXES + "ex:A sh:node ex:B ; sh:minCount 1 . ex:B sh:in ( 1 ) .", "s.ttl")
    broken = frozenset(triple for triple in file.triples if triple.predicate.value.endswith(("node", "in")))
    part = ShapesGraph([file], broken).select([ox.NamedNode("http://example.org/A")])
    assert [triple.predicate.value.rpartition("#")[2] for triple in part.file_of] == ["minCount"]


@ENGINE
@pytest.mark.parametrize(
    "query",
    [
        "SELECT $this ?value { $this ex:minus ?value ; ex:linus ?values . # no MINUS , VALUES { or SERVICE <\n }",
        "SELECT $this ?value { $this ex:minus ?value ; ex:values ?x . FILTER('minus { values { ' != 'service <') }",
        "SELECT $this ?value { $this ^$PATH|$PATH ?value }",
    ],
)
def test_query_may_have_words_that_are_like_keywords(engine: str, query: str) -> None:
    shapes = f"""ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/" ] .
        ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:minus ; sh:sparql ex:Q ] .
        ex:Q sh:prefixes ex: ; sh:select "{query}" .
    """.replace("\n }", "\\n }")
    data = "ex:a ex:p 1 ; ex:minus 2 ; ex:linus 3 ; ex:values 4 ."
    found = validator.validate(context(shapes, engine, data=data))
    assert [(finding.rule, finding.value) for finding in found] == [("S/ex:minus/SPARQL", '"2"^^xsd:integer')]


@ENGINE
def test_ignored_properties_have_no_effect_in_open_shapes(engine: str) -> None:
    shapes = "ex:S sh:targetSubjectsOf ex:p ; sh:ignoredProperties ( ex:p ) ; sh:nodeKind sh:Literal ."
    assert [finding.rule for finding in validator.validate(context(shapes, engine))] == ["S"]
