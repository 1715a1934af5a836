"""What SHACL asks of shapes themselves: each mistake is found at its place, and nothing is found where all is well."""

import pytest
from support import sample_root, shapes_corpus
from support.each import each

from publisher.dataset.files import parse_text
from publisher.dataset.repository import read_repository
from publisher.diagnostic import Diagnostic, Severity
from publisher.errors import CannotRunError
from publisher.validation import validator
from publisher.validation.checks import shape_syntax
from publisher.validation.context import of_shapes
from publisher.validation.shapes import coverage

TARGET = "ex:S sh:targetClass ex:A"


def mistakes(text: str) -> list[tuple[str, str]]:
    """The message of each mistake, and the text at its location."""
    file = parse_text(shapes_corpus.PREFIXES + text, "shapes.ttl")
    found = sorted(shape_syntax.check(of_shapes([file], [])), key=lambda finding: finding.order)
    assert {(d.rule, d.severity, d.file) for d in found} <= {("broken-shape", Severity.VIOLATION, "shapes.ttl")}
    return [(d.message, spot(d)) for d in found]


def spot(finding: Diagnostic) -> str:
    assert finding.column
    assert finding.end_column
    return finding.source[finding.column - 1 : finding.end_column - 1]


@each(
    ("stated", "message", "place"),
    [
        ('sh:minLength "one"', "The value of sh:minLength must be a non-negative xsd:integer.", '"one"'),
        ("sh:maxLength -1", "The value of sh:maxLength must be a non-negative xsd:integer.", "-1"),
        ("sh:path ex:p ; sh:maxCount 1.0", "The value of sh:maxCount must be a non-negative xsd:integer.", "1.0"),
        ('sh:closed "yes"', "The value of sh:closed must be true or false.", '"yes"'),
        ('sh:class "ex:B"', "The value of sh:class must be an IRI.", '"ex:B"'),
        ("sh:datatype [ ]", "The value of sh:datatype must be an IRI.", "["),
        ("sh:pattern ex:p", "The value of sh:pattern must be a string.", "ex:p"),
        ("sh:pattern 'a'@en", "The value of sh:pattern must be a string.", "'a'@en"),
        ("sh:pattern 'a{99999999999}'", "The pattern is not a valid regular expression: ", "'a{"),
        ("sh:pattern 'a' ; sh:flags 1", "The value of sh:flags must be a string.", "1"),
        ("sh:message 5", "The value of sh:message must be a string or a text with a language tag.", "5"),
        ('sh:severity "Warning"', "The value of sh:severity must be an IRI.", '"Warning"'),
        ('sh:path ex:p ; sh:minCount "x"', "The value of sh:minCount must be a non-negative xsd:integer.", '"x"'),
        ('sh:deactivated "yes"', "The value of sh:deactivated must be true or false.", '"yes"'),
        ("sh:deactivated 'yes'^^xsd:boolean", "The value of sh:deactivated must be true or false.", "'yes'"),
        ("sh:closed 1", "The value of sh:closed must be true or false.", "1"),
        ("sh:closed true, false", "A shape may have only one sh:closed.", "false"),
        ("sh:targetNode [ ]", "The value of sh:targetNode must be an IRI or a literal.", "["),
        ("sh:targetObjectsOf 'p'", "The value of sh:targetObjectsOf must be an IRI.", "'p'"),
        ("sh:languageIn 'en'", "The value of sh:languageIn must be a list.", "'en'"),
        ("sh:languageIn ( 'en' ex:en )", "The items of sh:languageIn must be language tags, as strings.", "("),
        ("sh:languageIn ( 'en'@en )", "The items of sh:languageIn must be language tags, as strings.", "("),
        ("sh:closed true ; sh:ignoredProperties ( 'p' )", "The items of sh:ignoredProperties must be IRIs.", "("),
        ("sh:in _:l . _:l rdf:first 1", "The value of sh:in must be a list.", "_:l"),
        ("sh:in _:l . _:l rdf:first 1 ; rdf:rest _:l", "The value of sh:in must be a list.", "_:l"),
        ("sh:in _:l . _:l rdf:first 1, 2 ; rdf:rest ( )", "The value of sh:in must be a list.", "_:l"),
        ("sh:sparql 'SELECT'", "The value of sh:sparql must be an IRI or a blank node.", "'SELECT'"),
        (
            "sh:property ex:P . ex:P a sh:PropertyShape",
            "<http://example.org/P> is not a property shape: it has no",
            "ex:P",
        ),
        ("sh:class ex:B . ex:P a sh:PropertyShape", "A shape of type sh:PropertyShape needs an sh:path.", "sh:Prop"),
        (
            "sh:class ex:B . ex:P a sh:PropertyShape ; sh:minCount 1",
            "A shape of type sh:PropertyShape needs an sh:path.",
            "sh:Prop",
        ),
        (
            "sh:class ex:B . [] a sh:NodeShape, <http://www.w3.org/2002/07/owl#Class>",
            "A shape that is a class must have an IRI.",
            "<http",
        ),
        (
            "sh:path ex:p ; sh:qualifiedValueShape [ ], [ ] ; sh:qualifiedMinCount 1",
            "A shape may have only one sh:qualifiedValueShape.",
            "[",
        ),
        (
            "sh:sparql [ sh:select 'SELECT'@en ]",
            "The query of sh:select cannot be used: it is not a string.",
            "'SELECT'",
        ),
        ('sh:property "text"', "The value of sh:property must be an IRI or a blank node.", '"text"'),
        ("sh:nodeKind sh:Iri", "<http://www.w3.org/ns/shacl#Iri> is not a node kind of SHACL.", "sh:Iri"),
        ('sh:pattern "("', "The pattern is not a valid regular expression: ", '"("'),
        ('sh:pattern "a" ; sh:flags "ig"', "The value of sh:flags may have the letters s, m, i, x and q only.", '"ig"'),
        ("sh:datatype ex:a, ex:b", "A shape may have only one sh:datatype.", "ex:b"),
        ("sh:path ex:p ; sh:minCount 1, 2", "A shape may have only one sh:minCount.", "2"),
        ("sh:path ex:p, ex:q ; sh:minCount 1", "A shape may have only one sh:path.", "ex:q"),
        ("sh:in ex:B", "The value of sh:in must be a list.", "ex:B"),
        ("sh:or [ sh:class ex:B ]", "The value of sh:or must be a list.", "["),
        ('sh:or ( "text" )', "The items of sh:or must be shapes.", "("),
        ("sh:property [ sh:minCount 1 ]", "The value of sh:property is not a property shape: it has no sh:path.", "["),
        ("sh:property [ sh:class ex:B ]", "The value of sh:property is not a property shape: it has no sh:path.", "["),
        ("sh:property ex:P . ex:P sh:class ex:B", "<http://example.org/P> is not a property shape: it has no", "ex:P"),
        ('sh:path "text"', "The value of sh:path is not a valid property path.", '"text"'),
        (
            "sh:path [ sh:inversePath ex:a ; sh:oneOrMorePath ex:b ]",
            "The value of sh:path is not a valid property path.",
            "[",
        ),
        ("sh:path ( ex:a )", "The value of sh:path is not a valid property path.", "("),
        ("sh:path _:p . _:p sh:inversePath _:p", "The value of sh:path is not a valid property path.", "_:p"),
        ("sh:minCount 1", "sh:minCount needs an sh:path, and this shape has none.", "sh:minCount"),
        (
            "sh:path ex:p ; sh:qualifiedValueShape [ ]",
            "sh:qualifiedValueShape needs an sh:qualifiedMinCount or sh:qualifiedMaxCount.",
            "sh:qualifiedValueShape",
        ),
        ("sh:node ex:P . ex:P sh:path ex:p", "<http://example.org/P> is not a node shape: it has an sh:path.", "ex:P"),
        ("sh:node ex:Misspelt", "The shape <http://example.org/Misspelt> is not defined.", "ex:Misspelt"),
        ("sh:xone ( ex:Gone [ ] )", "The shape <http://example.org/Gone> is not defined.", "("),
        ("sh:property ex:Gone", "The shape <http://example.org/Gone> is not defined.", "ex:Gone"),
        ("sh:sparql [ ]", "A SPARQL constraint must state one sh:select.", "["),
        ("sh:sparql [ sh:select ex:query ]", "The query of sh:select cannot be used: it is not a string.", "ex:query"),
    ],
)
def test_broken_shape_has_location(stated: str, message: str, place: str) -> None:
    [(said, at)] = mistakes(f"{TARGET} ; {stated} .")
    assert said.startswith(message)
    assert at.startswith(place)


@each(
    ("query", "reason"),
    [
        ("SELEKT $this {}", "there is a syntax error at line 1, column 10"),
        ("SELECT $this { $this nowhere:p ?o }", ""),
        ("SELECT ?x { ?x a ?type }", "it does not select $this"),
        ("SELECT * { ?x a ?type }", "it does not select $this"),
        ("ASK { $this a ?type }", "it does not select $this"),
        ("SELECT $this { $this q:p ?x ; p:p ?y }", "the prefixes p:, q: are not declared for this query"),
        ("SELECT $this { $this q:p ?x }", "the prefix q: is not declared for this query"),
        ("SELECT $this { $this https://x.org/p ?x }", "the IRI that begins with https: is not in angle brackets"),
        ("SELECT $this { { SELECT ?x { ?x a ?y } } }", "a subquery does not name $this after SELECT, which SHACL"),
        ("SELECT $this { { SELECT * { $this a ?y } } }", "a subquery does not name $this after SELECT"),
        ("SELECT $this { { SELECT (COUNT($this) AS ?n) { $this a ?y } } }", "a subquery does not name $this after"),
        ("SELECT $this { FILTER EXISTS { select ?y where { $this a ?y } } }", "a subquery does not name $this after"),
        ("SELECT $this { SERVICE <http://127.0.0.1:9/> { $this ?p ?o } }", "it calls a SERVICE"),
        ("SELECT $this { $this ?p ?o MINUS { $this a ?o } }", "it has the keyword MINUS, which SHACL forbids"),
        ("SELECT $this { $this ?p ?o } values ?o { 1 }", "it has the keyword VALUES, which SHACL forbids"),
        ("SELECT $this { GRAPH $shapesGraph { $this ?p ?o } }", "it uses $shapesGraph, which is not supported"),
        (f"SELECT $this {{ FILTER({'(' * 9000}1{')' * 9000}) }}", "its brackets are nested more than 64 levels deep"),
    ],
)
def test_invalid_query_is_found_and_not_run(query: str, reason: str) -> None:
    [(said, at)] = mistakes(f"{TARGET} ; sh:sparql [ sh:select '{query}' ] .")
    assert said.startswith(f"The query of sh:select cannot be used: {reason}")
    assert at.startswith(f"'{query[:20]}")


@pytest.mark.parametrize(
    ("stated", "message", "place"),
    [
        ('sh:order "first"', "The value of sh:order must be a number.", '"first"'),
        ("sh:name ex:p", "The value of sh:name must be a literal.", "ex:p"),
        ("sh:description ex:p", "The value of sh:description must be a literal.", "ex:p"),
        ("sh:group 'a'", "The value of sh:group must be an IRI or a blank node.", "'a'"),
        ("sh:flags 'i'", "sh:flags has no effect without sh:pattern.", "sh:flags"),
        ("sh:qualifiedMinCount 1", "sh:qualifiedMinCount has no effect without sh:qualifiedValueShape.", "sh:qual"),
        ("sh:class ex:A . ex: sh:declare 'ex'", "The value of sh:declare must be an IRI or a blank node.", "'ex'"),
        (
            "sh:class ex:A . ex: sh:declare [ sh:prefix 'ex' ; sh:namespace ex: ]",
            "The value of sh:namespace must be a literal of the datatype xsd:anyURI.",
            "ex:",
        ),
    ],
)
def test_mistake_that_changes_no_result_is_a_warning(stated: str, message: str, place: str) -> None:
    file = parse_text(shapes_corpus.PREFIXES + f"{TARGET} ; {stated} .", "shapes.ttl")
    context = of_shapes([file], [])
    [found] = shape_syntax.check(context)
    assert (found.rule, found.severity, found.message) == ("broken-shape", Severity.WARNING, message)
    assert spot(found).startswith(place)
    assert context.graph is context.written


def test_namespace_that_is_an_iri_is_used() -> None:
    query = 'ex:S sh:sparql [ sh:prefixes ex: ; sh:select "SELECT $this { $this e:p 1 }" ]'
    [(message, _)] = mistakes(f"ex: sh:declare [ sh:prefix 'e' ; sh:namespace 'x:', 'y:' ] . {query} .")
    assert message.endswith("the prefix e: is declared with several namespaces.")


def test_all_broken_shapes_are_reported_in_order() -> None:
    found = mistakes(f"{TARGET} ;\n  sh:class 1 ;\n  sh:closed 2 ;\n  sh:node 3 .")
    assert [place for _, place in found] == ["1", "2", "3"]


@each(
    "text",
    [
        "",
        "ex:S a sh:NodeShape ; sh:class ex:A .",
        f"{TARGET} ; sh:deactivated true .",
        f"{TARGET} ; sh:deactivated '1'^^xsd:boolean .",
    ],
)
def test_shapes_without_target_are_reported(text: str) -> None:
    file = parse_text(shapes_corpus.PREFIXES + text, "shapes.ttl")
    with pytest.raises(CannotRunError, match="The shapes have no targets"):
        validator.validate(of_shapes([file], [file]))


@each(
    "text",
    [
        shapes_corpus.SHAPES.removeprefix(shapes_corpus.PREFIXES),
        "ex:A a sh:NodeShape, <http://www.w3.org/2000/01/rdf-schema#Class> ; sh:closed true .",
        r"ex:S sh:targetClass ex:A ; sh:pattern '^\\p{Lu}[\\p{L}\\i-]+$' .",
        "ex:S sh:targetClass ex:A ; sh:not [ ] ; sh:or ( [ ] [ ] ) .",
        "ex:S sh:targetClass ex:A ; sh:path ( ex:a [ sh:alternativePath ( ex:b [ sh:inversePath ex:c ] ) ] ) .",
        'ex:S sh:targetClass ex:A ; sh:sparql [ sh:select "SELECT $this { $this a rdf:List ; rdfs:label ?PATH }" ] .',
        "ex:S sh:targetClass ex:A ; sh:sparql [ sh:select 'SELECT * { $this a ?x }' ] .",
        "ex:S sh:targetClass ex:A ; sh:pattern 'a' ; sh:flags 'smix' .",
        "ex:S sh:targetClass ex:A ; sh:message 'a', 'b'@en ; sh:severity ex:Serious ; sh:deactivated false .",
        "ex:S sh:targetNode ex:a, 1 ; sh:closed false ; sh:ignoredProperties ( ) ; sh:languageIn ( 'en' ) .",
        "ex:S sh:targetClass ex:A ; sh:property [ sh:path ex:p ; sh:order 1.5 ; sh:name 'P' ; sh:group [ ] ] .",
        "ex:S sh:targetClass ex:A ; sh:target [ sh:select 'SELECT ?this { VALUES ?this { 1 } }' ] .",
        'ex:S sh:targetClass ex:A ; sh:sparql [ sh:select "SELECT $this (COUNT(?x) AS ?n) WHERE { $this a ?x'
        ' { SELECT $this (MAX(?x) AS ?y) WHERE { $this ?p ?x } GROUP BY $this } } GROUP BY $this" ] .',
        "ex:F a sh:SPARQLFunction ; sh:parameter [ sh:path ex:value ] . ex:S sh:targetClass ex:A .",
        "ex:S sh:targetClass ex:A ; sh:name 'a', 'b'@de ; sh:description '<p>'^^rdf:HTML .",
        "ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:length ; sh:datatype xsd:integer ] ;"
        " sh:validator [ sh:ask 'ASK { FILTER(STRLEN(STR($value)) = $length) }' ] . ex:S sh:targetClass ex:A .",
    ],
)
def test_valid_shapes_pass(text: str) -> None:
    assert mistakes(text) == []


def test_own_shapes_are_well_formed() -> None:
    shapes = [file for file in read_repository(sample_root.CHECKOUT).files if file.path.startswith("shapes/")]
    context = of_shapes(shapes, shapes)
    assert list(shape_syntax.check(context)) == []
    assert [finding for finding in coverage.check(context) if finding.rule == "unsupported-shape"] == []


# What is passed over


def passed_over(text: str) -> list[tuple[str, str]]:
    file = parse_text(shapes_corpus.PREFIXES + text, "shapes.ttl")
    found = [finding for finding in coverage.check(of_shapes([file], [])) if finding.rule == "unsupported-shape"]
    assert {(d.rule, d.severity) for d in found} <= {("unsupported-shape", Severity.WARNING)}
    return [(d.message, spot(d)) for d in found]


@each("name", ["js", "rule", "expression", "target"])
def test_ignored_extension_is_reported(name: str) -> None:
    [(said, at)] = passed_over(f"{TARGET} ; sh:{name} [ ] .")
    assert said == f"sh:{name} belongs to an extension of SHACL that is not supported; it is ignored."
    assert at == f"sh:{name}"


def test_entailment_is_reported_as_ignored() -> None:
    [(said, at)] = passed_over("<urn:shapes> sh:entailment <http://www.w3.org/ns/entailment/RDFS> .")
    assert (said.partition(";")[0], at) == ("sh:entailment is not supported", "sh:entailment")


@each(
    ("text", "places"),
    [
        ("ex:S sh:node ex:S .", ["ex:S"]),
        ("ex:S sh:property [ sh:path ex:p ; sh:node ex:S ] .", ["["]),
        ("ex:S sh:or ( [ sh:not ex:T ] ex:U ) . ex:T sh:and ( ex:S ) . ex:U sh:class ex:A .", ["("]),
        ("ex:S sh:node ex:T, ex:U . ex:T sh:node ex:U . ex:U sh:class ex:A .", []),
    ],
)
def test_recursive_shape_is_reported_at_last_reference(text: str, places: list[str]) -> None:
    assert [at[:4].strip() if len(at) > 4 else at for _, at in passed_over(text)] == places


def test_long_shape_chain_needs_no_recursion() -> None:
    chain = " ".join(f"ex:S{number} sh:node ex:S{number + 1} ." for number in range(3000))
    assert passed_over(chain) == []


# Nothing to look at


@each(
    ("target", "unmatched"),
    [
        ("sh:targetClass ex:A", False),
        ("sh:targetClass ex:B", True),
        ("sh:targetClass ex:Upper", False),
        ("a sh:NodeShape, <http://www.w3.org/2002/07/owl#Class>", True),
        ("sh:targetSubjectsOf ex:p ; sh:targetClass ex:B", False),
        ("sh:targetObjectsOf ex:q", True),
        ("sh:targetNode ex:nowhere", False),
        ("sh:targetClass ex:B ; sh:deactivated true", False),
    ],
)
def test_unmatched_shape_is_reported(target: str, unmatched: bool) -> None:
    shapes = parse_text(shapes_corpus.PREFIXES + f"ex:S {target} .", "shapes.ttl")
    data = "ex:a a ex:A ; ex:p 1 . ex:A <http://www.w3.org/2000/01/rdf-schema#subClassOf> ex:Upper ."
    file = parse_text(shapes_corpus.PREFIXES + data, "data.ttl")
    assert list(coverage.check(of_shapes([shapes], [file]))) == []
    found = list(coverage.check(of_shapes([shapes], [file], strict=True)))
    assert [(d.rule, d.severity) for d in found] == [("unmatched-shape", Severity.VIOLATION)] * unmatched
    assert coverage.count_targets(of_shapes([shapes], [file]))[1] == unmatched


REBOUND = {
    "constraint": ("ex:S sh:sparql [ sh:select 'SELECT $this { BIND(1 AS $this) }' ] .", "$this"),
    "constraint, own variable": ("ex:S sh:sparql [ sh:select 'SELECT $this { BIND(1 as ?value) }' ] .", ""),
    "constraint, in a string": (
        "ex:S sh:sparql [ sh:select 'SELECT $this { ?x ?y \"AS ?this\" # AS ?this\\n }' ] .",
        "",
    ),
    "validator, value": ("ex:C sh:nodeValidator [ sh:select 'SELECT $this { BIND(1 AS # x\\n ?value) }' ] .", "?value"),
    "validator, parameter": (
        "ex:C sh:parameter [ sh:path ex:most ] ; sh:validator [ sh:ask 'ASK { BIND(1 AS ?most) }' ] .",
        "?most",
    ),
    "validator, own variable": ("ex:C sh:validator [ sh:ask 'ASK { BIND(1 AS ?most) }' ] .", ""),
}


@each(("text", "variable"), REBOUND.values())
def test_query_may_not_assign_what_has_a_value(text: str, variable: str) -> None:
    file = parse_text("@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://x/> .\n" + text, "s.ttl")
    found = [message for message, *_ in of_shapes([file], []).mistakes]
    words = f"it assigns {variable}, which has a value before the query runs"
    assert found == (
        [f"The query of sh:{'ask' if 'ask' in text else 'select'} cannot be used: {words}."] if variable else []
    )


@pytest.mark.parametrize("name", ["value", "this", "PATH", "max-length"])
def test_parameter_must_be_a_possible_variable(name: str) -> None:
    [(said, at)] = mistakes(f"ex:C sh:parameter [ sh:path ex:{name} ] ; sh:validator [ sh:ask 'ASK {{}}' ] .")
    assert (said, at) == (f"The parameter {name!r} cannot be a variable of a query.", f"ex:{name}")
