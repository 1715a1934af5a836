"""The two engines: what each finds, that they find the same, and what pySHACL alone gets wrong."""

import ast
import functools
import random
import subprocess
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pyoxigraph as ox
import pyshacl
import pyshacl.shape
import pytest
import rdflib
from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from rdflib.namespace import SH
from support import sample_root, shapes_corpus
from support.each import each
from support.optional_packages import extra
from support.tiers import EVERYTHING, WITH_SLOW

from publisher.cli.validate import validate
from publisher.dataset.files import File, parse_text, read_file
from publisher.dataset.repository import example_files, read_repository
from publisher.diagnostic import Diagnostic, Severity
from publisher.errors import CannotRunError
from publisher.rdf.namespaces import SH as SHACL
from publisher.rdf.namespaces import XSD
from publisher.reports.fingerprints import fingerprint
from publisher.validation import validator
from publisher.validation.checks import shapes
from publisher.validation.context import of_shapes
from publisher.validation.engines import pyshacl_engine
from publisher.validation.engines.results import Result, read_results
from publisher.validation.engines.selection import AUTO, CHOICES, ENGINES, choose_engine
from publisher.validation.inputs import Request
from publisher.validation.shapes.comparisons import PARAMETERS
from publisher.validation.shapes.preparation import select_data

ROOT = Path(__file__).resolve().parents[3]
SEEDS = range(150 if EVERYTHING else 3 if WITH_SLOW else 1)
EXAMPLES = [path.relative_to(ROOT).as_posix() for path in example_files(ROOT) if "checks" not in path.parts]
SHAPES = parse_text(shapes_corpus.SHAPES, "shapes.ttl")
EX = "http://example.org/"

Found = tuple[str, ...]


@functools.cache
def fast() -> ModuleType:
    extra("shacl", "fast")
    from publisher.validation.engines import shacl_engine

    return shacl_engine


@functools.cache
def shipped() -> tuple[list[ox.Triple], list[ox.Triple]]:
    """The shapes of this repository, and all else in it."""
    files = read_repository(sample_root.SAMPLE).files
    ours = [t for file in files if file.path.startswith("shapes/") for t in file.triples]
    return ours, [t for file in files if not file.path.startswith("shapes/") for t in file.triples]


def found(report: Sequence[ox.Triple]) -> set[Found]:
    """The content of results, whatever their order and number; paths that are blank nodes go by their shape."""
    return {said(result) for result in read_results(report)}


def said(result: Result) -> Found:
    path = str(result.path) if isinstance(result.path, ox.NamedNode) else ""
    named = (result.component, result.severity)
    component, severity = (iri.removeprefix(SHACL).removesuffix("ConstraintComponent") for iri in named)
    message = "" if component == "SPARQL" else result.message  # It may name a blank node.
    return str(result.shape), component, str(result.focus), path, str(result.value), severity, message


def plain(shapes: Sequence[ox.Triple], data: Sequence[ox.Triple]) -> set[Found]:
    """What unmodified pySHACL finds, without its generated messages."""
    graphs = []
    for triples in (data, shapes):
        graphs.append(rdflib.Graph())
        pyshacl_engine._fill(graphs[-1], triples)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, report, _ = pyshacl.validate(graphs[0], shacl_graph=graphs[1], inference="none", max_validation_depth=100)
    authored = set(graphs[1].objects(None, SH.message))
    kept = (t for t in report if t[1] != SH.resultMessage or t[2] in authored)
    return found([ox.Triple(*map(pyshacl_engine.to_oxigraph, triple)) for triple in kept])


def random_data(seed: int) -> list[ox.Triple]:
    return list(parse_text(shapes_corpus.data(seed), "data.ttl").triples)


def report_of(text: str, data: str, engine: ModuleType = pyshacl_engine) -> list[Result]:
    """The results about data, by shapes; both in Turtle."""
    parsed = [parse_text(shapes_corpus.PREFIXES + part, name).triples for part, name in ((text, "s"), (data, "d"))]
    return read_results(engine.report(*parsed))


# pySHACL


@pytest.mark.slow
def test_corpus_uses_every_constraint_component() -> None:
    assert of_shapes([SHAPES], []).mistakes == []
    every = {each.__name__.removesuffix("ConstraintComponent") for each in CONSTRAINT_PARAMETERS_MAP.values()}
    named = {"SPARQLBasedConstraint": "SPARQL", "QualifiedValueShape": "QualifiedMaxCount"}
    unused = {named.get(name, name) for name in every} - {"Property"}
    for seed in (12, 2, *range(30)):  # the first two have all
        data = parse_text(shapes_corpus.data(seed), "data.ttl")
        found = {finding.component for finding in shapes.check(of_shapes([SHAPES], [data], engine="pyshacl"))}
        unused -= {component.removeprefix(SHACL).removesuffix("ConstraintComponent") for component in found}
        if not unused:
            return
    raise AssertionError(unused)


@pytest.mark.parametrize("seed", SEEDS)
def test_pyshacl_engine_equals_pyshacl(seed: int) -> None:
    data = random_data(seed)
    try:
        alone = plain(SHAPES.triples, data)
    except Exception:  # It stops at some values that do not compare; then it runs without comparisons.
        without = [t for t in SHAPES.triples if t.predicate.value.removeprefix(SHACL) not in PARAMETERS]
        alone = plain(without, data)
    assert found(pyshacl_engine.report(SHAPES.triples, data)) == alone


def test_pyshacl_is_not_patched() -> None:
    """Nothing of it is replaced, neither while it runs nor before."""
    before = getattr(pyshacl.shape, "CONSTRAINT_PARAMS", None)
    report_of("ex:S sh:targetNode ex:n ; sh:class ex:A .", "ex:n ex:p 1 .")
    parameters, table = pyshacl.shape.CONSTRAINT_PARAMS
    assert before in (None, (None, None), (parameters, table))
    assert table == CONSTRAINT_PARAMETERS_MAP


def test_constraint_query_is_prepared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(pyshacl_engine, "_prepare", functools.cache(lambda q: asked.append(q) or prepare(q)))
    prepare = pyshacl_engine.prepareQuery
    found = report_of(
        "ex:S sh:targetClass ex:A ; sh:sparql ex:S-query ."
        " ex:S-query sh:select 'SELECT $this ?value { $this <http://example.org/p> ?value }' .",
        " ".join(f"ex:n{number} a ex:A ; ex:p {number} ." for number in range(20)),
    )
    assert len(found) == 20
    assert len(asked) == 1


def test_deeply_nested_shapes_are_evaluated() -> None:
    deep = "sh:node [ " * 30 + "sh:class ex:B" + " ]" * 30
    [result] = report_of(f"ex:S sh:targetNode ex:n ; {deep} .", "ex:n a ex:A .")
    [leaf] = result.leaves
    assert leaf.component == SHACL + "ClassConstraintComponent"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (r"sh:pattern '\\p{L}'", r"bad escape \\p at position 0"),
        ("sh:not [ " * 200 + "]" * 200, "Validation path too deep!"),
        ("sh:ignoredProperties ( ex:p )", "ClosedConstraintComponent: You can only use sh:ignoredProperties .*"),
    ],
    ids=["pattern", "depth", "ignored"],
)
def test_engine_failure_is_one_line(asked: str, words: str, capfd: pytest.CaptureFixture[str]) -> None:
    """And by the engine itself not at all."""
    with pytest.raises(CannotRunError, match=rf"pySHACL cannot use these shapes: {words}\Z"):
        report_of(f"ex:S sh:targetNode ex:n ; {asked} .", "ex:n ex:p 1 .")
    assert capfd.readouterr() == ("", "")


def test_command_line_offers_every_engine() -> None:
    """It names them itself, so that its help is there without what they import."""
    [option] = [parameter for parameter in validate.params if parameter.name == "engine"]
    assert list(option.type.choices) == list(CHOICES)
    assert option.default == Request().engine == AUTO


# The fast engine

NOT_CANONICAL = {f'"{value}"^^<{XSD}{name}>' for value, name in (("2.50", "decimal"), ("007", "integer"))}
"""Texts of these in a query are those of 2.5 and 7 to the fast engine: a difference that docs/validation.md lists."""


def finding_set(file: File, engine: str, shapes_file: File = SHAPES) -> set[tuple[object, ...]]:
    """Everything in a report about the findings of an engine."""
    found = shapes.check(of_shapes([shapes_file], [file], prefixes={"ex": EX}, engine=engine))
    return {
        (f.rule, f.severity, f.file, f.line, f.column, f.terms, f.message, f.component, fingerprint(f), details(f))
        for f in found
        if not (f.component == SHACL + "SPARQLConstraintComponent" and f.terms[2] in NOT_CANONICAL)
    }


def details(finding: Diagnostic) -> tuple[object, ...]:
    return tuple(sorted((d.rule, d.terms, d.line, d.message, details(d)) for d in finding.details))


@pytest.mark.parametrize("seed", SEEDS)
def test_engines_agree_on_random_data(seed: int) -> None:
    fast()
    file = parse_text(shapes_corpus.data(seed), "data.ttl")
    assert finding_set(file, "fast") == finding_set(file, "pyshacl")


USED = {
    "by the shape": ("sh:nodeKind sh:BlankNode ; sh:targetObjectsOf ex:p", "p of ex:n"),
    "by its node shape": ("sh:property [ sh:path ex:r ; sh:minCount 1 ] ; sh:targetObjectsOf ex:p", "p of ex:n"),
    "by the first that is stated": (
        "sh:nodeKind sh:BlankNode ; sh:targetObjectsOf ex:other , ex:q , ex:p",
        "q of []",
    ),
    "by a node that is only referred to": ("sh:nodeKind sh:BlankNode ; sh:targetObjectsOf ex:s", None),
    "by a class": ("sh:nodeKind sh:BlankNode ; sh:targetClass ex:C", None),
}


@each("engine", ENGINES)
@each(("shape", "used"), USED.values())
def test_finding_names_target_statement(shape: str, used: str | None, engine: str) -> None:
    data = "ex:m a ex:C .\nex:n ex:p ex:m . [ ex:q ex:m ; ex:s ex:k ] ."
    [finding] = findings_of(f"ex:S {shape} .", data, engine)
    places = {
        (each.message, each.file, each.line, each.column, (each.end_column or 0) - (each.column or 0))
        for each in finding.related
    }
    line = shapes_corpus.PREFIXES.count("\n") + 2
    column = {"p of ex:n": 11, "q of []": 25}
    assert places == ({(f"value of ex:{used}", "d", line, column[used], 4)} if used else set())


QUERY = "ex:S sh:targetNode ex:n ; {} sh:sparql [ sh:select 'SELECT $this ?value {{ $this ?p ?x {} }}' ] ."
ASSUMED = {
    "property shape": ("sh:path ex:p ;", "", ""),
    "property shape, value bound": ("sh:path ex:p ;", "BIND(?x AS ?value)", "ex:m"),
    "node shape": ("", "", "ex:n"),
}


@each("engine", ENGINES)
@each(("path", "pattern", "value"), ASSUMED.values())
def test_the_focus_node_is_the_value_of_a_query_of_node_shapes_only(
    path: str, pattern: str, value: str, engine: str
) -> None:
    [finding] = findings_of(QUERY.format(path, pattern), "ex:n ex:p ex:m .", engine)
    assert finding.value == value


@pytest.mark.parametrize("engine", ENGINES)
def test_a_relative_iri_in_a_query_resolves_against_the_file_of_the_shape(engine: str) -> None:
    """`<>|!<>` is used as a path for any property."""
    if engine == "fast":
        fast()
    query = "SELECT $this { $this (<>|!<>)+ <other> }"
    texts = {
        "s": f"ex:S sh:targetSubjectsOf ex:p ; sh:sparql [ sh:select '{query}' ] .",
        "d": "ex:n ex:p [ ex:q <other> ] .",
    }
    parsed = [
        parse_text(shapes_corpus.PREFIXES + text, name, base="http://a.example/s") for name, text in texts.items()
    ]
    context = of_shapes(parsed[:1], parsed[1:], prefixes={"ex": EX}, engine=engine)
    assert context.mistakes == []
    assert [finding.focus for finding in shapes.check(context)] == ["ex:n"]
    assert len(of_shapes([parse_text(parsed[0].text, "s")], []).mistakes) == 1  # There is no base.


@pytest.mark.parametrize("seed", SEEDS)
def test_engines_agree_on_random_shapes(seed: int) -> None:
    fast()
    shapes_file = parse_text(shapes_corpus.shapes(seed), "shapes.ttl")
    assert of_shapes([shapes_file], []).mistakes == []
    file = parse_text(shapes_corpus.data(seed), "data.ttl")
    assert finding_set(file, "fast", shapes_file) == finding_set(file, "pyshacl", shapes_file)


UNORDERED = ('"x"^^ex:own', '"x"^^xsd:integer', '"2026"^^xsd:gYear', '"NaN"^^xsd:double', "ex:iri", "[]")
ORDERED = ('"x"@en', '"x"', "2.50", "true", '"2026-01-01"^^xsd:date', '"10:00:00Z"^^xsd:time', '"1"^^xsd:byte')


@pytest.mark.parametrize("engine", ENGINES)
def test_term_without_order_is_not_equal_to_itself(engine: str) -> None:
    """SPARQL 1.1, section 17.3, defines no `<=` for its datatype."""
    found = findings_of(
        "ex:S sh:targetSubjectsOf ex:r ; sh:path ex:r ; sh:lessThanOrEquals ex:r .",
        "".join(f"ex:n{n} ex:r {value} .\n" for n, value in enumerate((*UNORDERED, *ORDERED))),
        engine,
    )
    assert sorted(finding.focus for finding in found) == [f"ex:n{n}" for n in range(len(UNORDERED))]


@pytest.mark.parametrize("engine", ENGINES)
def test_two_values_of_sh_node_are_one_finding(engine: str) -> None:
    shapes_text = """ex:S sh:targetNode ex:n ; sh:node [ sh:class ex:A ] , [
    sh:property [ sh:path ex:q ; sh:minCount 1 ] , [ sh:path ex:p ;
        sh:node [ sh:class ex:B ] , [ sh:class ex:C ] ] ] ."""
    [finding] = findings_of(shapes_text, "ex:n ex:p ex:m .", engine)
    components = [
        detail.component.removeprefix(SHACL).removesuffix("ConstraintComponent") for detail in finding.details
    ]
    assert sorted(components) == ["Class", "Class", "Class", "MinCount"]


BOUNDS = [
    ("sh:minInclusive 2", ["1", '"x"', "true", '"2026-01-01"^^xsd:date', "ex:iri", '"x"^^xsd:integer'], ["2", "2.0"]),
    ("sh:maxExclusive 2", ["2", "3", '"NaN"^^xsd:double', "[]"], ["1", "1.9e0"]),
    ('sh:maxInclusive "2026-06-01"^^xsd:date', ['"2026-06-02"^^xsd:date', "3", '"2026"'], ['"2026-06-01"^^xsd:date']),
    ('sh:minExclusive "b"', ['"b"', '"a"', "1"], ['"c"']),
]


def findings_of(text: str, data: str, engine: str) -> list[Diagnostic]:
    parsed = [parse_text(shapes_corpus.PREFIXES + part, name) for part, name in ((text, "s"), (data, "d"))]
    if engine == "fast":
        fast()
    return list(shapes.check(of_shapes(parsed[:1], parsed[1:], prefixes={"ex": EX}, engine=engine)))


@each("engine", ENGINES)
@each(("bound", "outside", "inside"), BOUNDS)
def test_value_not_comparable_with_bound_is_a_finding(
    bound: str, outside: list[str], inside: list[str], engine: str
) -> None:
    """SHACL, section 4.3: where the comparison does not return true; pySHACL alone lets a date pass for a number."""
    values = ", ".join([*outside, *inside])
    found = findings_of(f"ex:S sh:targetNode ex:n ; sh:path ex:p ; {bound} .", f"ex:n ex:p {values} .", engine)
    assert len(found) == len(outside)


@each("engine", ENGINES)
@each(
    ("shapes_text", "data"),
    [
        ("ex:S sh:targetNode ex:n ; sh:path ex:p ; sh:lessThan ex:q .", "ex:n ex:p 1, [], 'x' ; ex:q 2 ."),
        (
            "ex:S sh:targetNode ex:n ; sh:path ex:p ; sh:lessThanOrEquals ex:q .",
            'ex:n ex:p "2026-01-01T00:00:00Z"^^xsd:dateTime, "2026-01-01"^^xsd:date, 3 ; ex:q 3 .',
        ),
    ],
)
def test_values_not_comparable_with_each_other_are_findings(shapes_text: str, data: str, engine: str) -> None:
    assert len(findings_of(shapes_text, data, engine)) == 2


DECLARED = 'sh:declare [ sh:prefix "p" ; sh:namespace "http://example.org/"^^xsd:anyURI ]'
CONSTRAINTS = [
    (
        "prefixes through owl:imports",
        f"ex:One {DECLARED} . ex:Two <http://www.w3.org/2002/07/owl#imports> ex:One ."
        " ex:S sh:targetClass ex:A ; sh:message 'm' ;"
        " sh:sparql [ sh:prefixes ex:Two ; sh:select 'SELECT $this ?value { $this p:q ?value }' ] .",
        "ex:n a ex:A ; ex:q 1 .",
        [("S", Severity.VIOLATION, "m", "ex:n", '"1"')],
    ),
    (
        "prefix that SPARQL users know",
        "ex:S sh:targetClass ex:A ; sh:message 'm' ;"
        " sh:sparql [ sh:select 'SELECT $this ?value { $this rdfs:label ?value }' ] .",
        'ex:n a ex:A ; <http://www.w3.org/2000/01/rdf-schema#label> "x" .',
        [("S", Severity.VIOLATION, "m", "ex:n", '"x"')],
    ),
    (
        "severity of the shape, not of its constraint",
        "ex:S sh:targetClass ex:A ; sh:severity sh:Info ;"
        " sh:sparql [ sh:severity sh:Warning ; sh:message 'm' ; sh:select 'SELECT $this { $this a ?c }' ] .",
        "ex:n a ex:A .",
        [("S", Severity.INFO, "m", "ex:n", "ex:n")],
    ),
    (
        "message with variables",
        "ex:S sh:targetClass ex:A ; sh:sparql [ sh:message '{?value} over {?most} of {$this} {?none}' ;"
        " sh:select 'SELECT $this ?value ?most { BIND(2 AS ?most) $this ?p ?value FILTER(?value > ?most) }' ] .",
        "ex:n a ex:A ; ex:q 3, 1 .",
        [("S", Severity.VIOLATION, "3 over 2 of http://example.org/n {?none}", "ex:n", '"3"')],
    ),
    (
        "targets and rules of extensions",
        f"ex:One {DECLARED} . ex:S sh:target [ a sh:SPARQLTarget ; sh:prefixes ex:One ;"
        " sh:select 'SELECT ?this { ?this a p:A }' ] ; sh:property [ sh:path ex:r ; sh:minCount 1 ] ."
        " ex:T sh:targetClass ex:A ; sh:property [ sh:path ex:q ; sh:minCount 1 ; sh:message 'm' ] ;"
        " sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate ex:q ; sh:object 1 ] .",
        "ex:n a ex:A .",
        [("T/ex:q/MinCount", Severity.VIOLATION, "m", "ex:n", "")],
    ),
    (
        "class by a metaclass of the shapes",
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . ex:Kind rdfs:subClassOf rdfs:Class ."
        " ex:A a ex:Kind, sh:NodeShape ; sh:message 'm' ; sh:nodeKind sh:Literal .",
        "ex:n a ex:A .",
        [("A", Severity.VIOLATION, "m", "ex:n", "ex:n")],
    ),
    (
        "closed property shape",
        "ex:S sh:targetClass ex:A ; sh:property [ sh:path ex:q ; sh:closed true ; sh:message 'm' ;"
        " sh:property [ sh:path ex:r ] ] .",
        "ex:n a ex:A ; ex:q ex:v . ex:v ex:r 1 ; ex:s 2 .",
        [("S/ex:q/Closed", Severity.VIOLATION, "m", "ex:n", '"2"')],
    ),
    (
        "closed property shape in a shape that is referred to",
        "ex:S sh:targetClass ex:A ; sh:property [ sh:path ex:q ; sh:node ex:T ; sh:message 'm' ] ."
        " ex:T a sh:NodeShape ; sh:property [ sh:path ex:r ; sh:closed true ; sh:ignoredProperties ( ex:t ) ] .",
        "ex:n a ex:A ; ex:q ex:v, ex:w . ex:v ex:r ex:x . ex:x ex:s 2 ; ex:t 3 . ex:w ex:r ex:y . ex:y ex:t 3 .",
        [("S/ex:q/Node", Severity.VIOLATION, "m", "ex:n", "ex:v")],
    ),
    (
        "values of a list",
        "ex:S sh:targetClass ex:A ; sh:property ex:P . ex:P sh:path ex:q ; sh:maxCount 1 ; sh:in ( 1 2 ) ;"
        " sh:message 'm' .",
        "ex:n a ex:A ; ex:q 3 . ex:m a ex:A ; ex:q 1, 2 .",
        [("P", Severity.VIOLATION, "m", "ex:n", '"3"'), ("P", Severity.VIOLATION, "m", "ex:m", "")],
    ),
    (
        "language tags in other letter cases",
        "ex:S sh:targetClass ex:A ; sh:property [ sh:path ex:q ; sh:uniqueLang true ; sh:message 'm' ] .",
        'ex:n a ex:A ; ex:q "x"@en, "y"@EN . ex:m a ex:A ; ex:q "x"@en, "y"@en-GB, "z" .',
        [("S/ex:q/UniqueLang", Severity.VIOLATION, "m", "ex:n", "")],
    ),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("text", "data", "expected"), [c[1:] for c in CONSTRAINTS], ids=[c[0] for c in CONSTRAINTS])
def test_engines_agree_on_disputed_constraints(
    text: str, data: str, expected: list[tuple[str, Severity, str, str, str]], engine: str
) -> None:
    found = findings_of(text, data, engine)
    assert [(f.rule, f.severity, f.message, f.focus, f.value.partition("^^")[0]) for f in found] == expected


NESTED_BOUNDS = [
    "sh:property [ sh:path ex:p ; sh:node [ sh:property [ sh:path ex:q ; sh:minInclusive 2 ] ] ]",
    "sh:property [ sh:path ex:p ; sh:property [ sh:path ( ex:q ) ; sh:minInclusive 2 ] ]",
    "sh:property [ sh:path ex:p ; sh:property [ sh:path [ sh:inversePath ex:r ] ; sh:maxInclusive 2 ] ]",
    "sh:and ( [ sh:property [ sh:path ( ex:p [ sh:zeroOrOnePath ex:q ] ) ; sh:maxExclusive 2 ] ] )",
    "sh:node [ sh:node [ sh:property [ sh:path [ sh:oneOrMorePath ex:p ] ; sh:lessThan ex:q ] ] ]",
    "sh:property [ sh:path ex:p ; sh:closed true ; sh:property [ sh:path ex:q ; sh:minInclusive 1 ] ]",
    "sh:node [ sh:property [ sh:path ex:p ; sh:closed true ; sh:ignoredProperties ( ex:r ) ] ]",
    "sh:not [ sh:property [ sh:path ex:p ; sh:closed true ; sh:property [ sh:path ex:q ] , [ sh:path ex:r ] ] ]",
]


@pytest.mark.parametrize("asked", NESTED_BOUNDS)
def test_engines_agree_on_nested_comparisons_and_closed_shapes(asked: str) -> None:
    fast()
    text = shapes_corpus.PREFIXES + f"ex:S sh:targetClass ex:A ; {asked} ."
    data = 'ex:n a ex:A ; ex:p ex:m, ex:o ; ex:q 1 . ex:m ex:q "x", 1, 3 ; ex:r 2 . ex:o ex:q true .'
    files = parse_text(text.replace("( ex:q )", "ex:q"), "s.ttl"), parse_text(shapes_corpus.PREFIXES + data, "d.ttl")
    fast_findings, plain_findings = (finding_set(files[1], name, files[0]) for name in ("fast", "pyshacl"))
    assert fast_findings == plain_findings
    assert fast_findings or "inversePath" in asked


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS[::5])
def test_engines_agree_on_sample_with_gaps(seed: int) -> None:
    shapes, data = shipped()
    dice = random.Random(seed)
    damaged = [triple for triple in data if dice.random() > 0.02]
    ours = found(pyshacl_engine.report(shapes, damaged))
    assert ours
    assert found(fast().report(shapes, damaged)) == ours


@pytest.mark.slow
@pytest.mark.parametrize("path", EXAMPLES[:: 1 if EVERYTHING else 150])
def test_engines_agree_on_examples(path: str) -> None:
    shapes, _ = shipped()
    data = read_file(ROOT / path, path).triples
    ours = found(pyshacl_engine.report(shapes, data))
    assert ours or "/invalid/" not in path
    assert found(fast().report(shapes, data)) == ours


@pytest.mark.parametrize("name", ["pyshacl", "fast"])
def test_blank_node_labels_are_kept(name: str) -> None:
    engine = fast() if name == "fast" else pyshacl_engine
    triples = [
        "<x:S> <{SH}targetClass> <x:A>",
        "<x:S> <{SH}property> _:shape",
        "_:shape <{SH}path> _:path",
        "_:path <{SH}inversePath> <x:p>",
        "_:shape <{SH}class> <x:B>",
    ]
    shapes = [_triple(text.replace("{SH}", SHACL)) for text in triples]
    data = [_triple(f"_:one <{RDF_TYPE}> <x:A>"), _triple("_:two <x:p> _:one")]
    [result] = read_results(engine.report(shapes, data))
    assert (result.focus, result.value) == (ox.BlankNode("one"), ox.BlankNode("two"))
    assert result.shape == ox.BlankNode("shape")


RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def _triple(text: str) -> ox.Triple:
    [quad] = ox.parse(f"{text} .", format=ox.RdfFormat.N_TRIPLES)
    return quad.triple


def test_auto_selects_fast_engine_if_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for found, engine in ((object(), "fast"), (None, "pyshacl")):
        monkeypatch.setattr("importlib.util.find_spec", lambda name, found=found: found)
        assert choose_engine("auto") == engine
        assert choose_engine("pyshacl") == "pyshacl"


def test_missing_fast_engine_has_install_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shacl", None)
    monkeypatch.delitem(sys.modules, "publisher.validation.engines.shacl_engine", raising=False)
    with pytest.raises(CannotRunError, match=r"needs shacl. Install it with: pip install '\.\[fast\]'"):
        validator.validate(of_shapes([SHAPES], [SHAPES], engine="fast"))


@pytest.mark.slow
@pytest.mark.parametrize(("engine", "unwanted"), [("fast", {"rdflib", "pyshacl"}), ("pyshacl", {"shacl"})])
def test_run_imports_selected_engine_only(engine: str, unwanted: set[str], tmp_path: Path) -> None:
    """Nor what serves pages: half of the time of a run over a small graph goes into imports."""
    if engine == "fast":
        fast()
    (tmp_path / "shapes.ttl").write_text(shapes_corpus.SHAPES)
    (tmp_path / "data.ttl").write_text(shapes_corpus.data(1))
    words = ["validate", "--engine", engine, "--shapes", "shapes.ttl", "data.ttl"]
    code = f"import sys; from publisher.cli import main\ntry: main({words})\nfinally: print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    imported = set(ast.literal_eval(done.stdout.splitlines()[-1]))
    assert imported & ({"flask", "jinja2", "rich", "tarfile"} | unwanted) == set()


BY_NAME = parse_text(
    "\nex:".join(part for part in shapes_corpus.SHAPES.split("\nex:") if not part.startswith(("Closed", "Query"))),
    "shapes.ttl",
)
"""The shapes of the corpus that look only at statements with the properties that they name."""


@pytest.mark.parametrize("seed", SEEDS)
def test_statements_that_no_shape_names_are_kept_from_the_engine(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fast()
    noise = "".join(f"ex:n{number} ex:noise ex:n0, _:b1, {number} .\n" for number in range(6))
    file = parse_text(shapes_corpus.data(seed) + noise, "data.ttl")
    context = of_shapes([BY_NAME], [file])
    given = select_data(context.graph, context.triples, context.by_predicate)
    assert {t.predicate for t in given} == {t.predicate for t in file.triples} - {
        ox.NamedNode(f"{EX}{n}") for n in ("noise", "s")
    }
    fewer = finding_set(file, "fast", BY_NAME)
    monkeypatch.setattr(shapes, "select_data", lambda _graph, data, _by_predicate: data)
    assert fewer == finding_set(file, "fast", BY_NAME)
    assert fewer


def test_a_closed_shape_or_a_query_sees_all_statements() -> None:
    file = parse_text(shapes_corpus.data(1), "data.ttl")
    for name in ("Closed", "Query"):
        one = parse_text(
            "\nex:".join(p for p in shapes_corpus.SHAPES.split("\nex:") if not p.startswith(name)), "s.ttl"
        )
        context = of_shapes([one], [file])
        assert select_data(context.graph, context.triples, context.by_predicate) is context.triples


ONE_IN_MANY = "ex:S sh:targetObjectsOf ex:p ; sh:property [ sh:path ex:q ; sh:datatype xsd:integer ] ."


def one_in_many(wrong: int) -> str:
    values = [f"[ ex:q {number} ]" if number != wrong else '[ ex:q "x" ]' for number in range(100)]
    return f"ex:a ex:p {' , '.join(values)} ."


def note_runs(engine: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many blank nodes have tracers, in each run of the engine."""
    runs: list[int] = []
    usual = engine._validate

    def note(shapes: str, data: str, most: int | None = None) -> object:
        runs.append(data.count(str(engine._TRACER)))
        return usual(shapes, data, most)

    monkeypatch.setattr(engine, "_validate", note)
    return runs


@pytest.mark.parametrize("wrong", [0, 70, 99])
def test_a_few_tracers_name_all_blank_nodes_in_one_run(wrong: int, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = fast()
    runs = note_runs(engine, monkeypatch)
    data = parse_text(shapes_corpus.PREFIXES + one_in_many(wrong), "d")
    [result] = report_of(ONE_IN_MANY, one_in_many(wrong), engine)
    assert [triple.subject for triple in data.triples if triple.object == ox.Literal("x")] == [result.focus]
    assert len(runs) == 1
    assert 2 <= runs[0] <= engine._MARKS + 1


def test_queries_see_no_tracers_unless_results_name_blank_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = fast()
    query = "ex:T sh:targetNode ex:a ; sh:sparql [ sh:select 'SELECT $this { $this <http://example.org/p> ?v }' ] ."
    runs = note_runs(engine, monkeypatch)
    report_of(query, one_in_many(70), engine)
    assert runs == [0]
    runs.clear()
    data = parse_text(shapes_corpus.PREFIXES + one_in_many(70), "d")
    results = report_of(ONE_IN_MANY + query, one_in_many(70), engine)
    assert [t.subject for t in data.triples if t.object == ox.Literal("x")] == [
        result.focus for result in results if result.value == ox.Literal("x")
    ]
    assert runs[0] == 0
    assert len(runs) == 2


def test_all_blank_nodes_are_traced_where_the_engine_numbers_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = fast()
    usual = engine._list_blank_nodes
    monkeypatch.setattr(engine, "_list_blank_nodes", lambda triples: usual(triples)[::-1])
    runs = note_runs(engine, monkeypatch)
    data = parse_text(shapes_corpus.PREFIXES + one_in_many(70), "d")
    [result] = report_of(ONE_IN_MANY, one_in_many(70), engine)
    assert [triple.subject for triple in data.triples if triple.object == ox.Literal("x")] == [result.focus]
    assert runs[1:] == [100]


def test_one_more_run_explains_all_levels_of_nested_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = fast()
    runs: list[int] = []
    usual = engine.report

    def note(shapes: Sequence[ox.Triple], data: Sequence[ox.Triple], most: int | None = None) -> list[ox.Triple]:
        runs.append(len(data))
        return list(usual(shapes, data, most))

    monkeypatch.setattr(engine, "report", note)
    levels = "".join(f"ex:S{n} sh:property [ sh:path ex:p ; sh:node ex:S{n + 1} ] .\n" for n in range(5))
    nested = parse_text(
        shapes_corpus.PREFIXES
        + f"{levels}ex:S0 sh:targetNode ex:n0 .\nex:S5 sh:property [ sh:path ex:q ; sh:minCount 1 ] .",
        "s",
    )
    chain = "".join(f"ex:n{n} ex:p ex:n{n + 1} .\n" for n in range(5))
    data = parse_text(shapes_corpus.PREFIXES + chain, "d")
    [finding] = shapes.check(of_shapes([nested], [data], engine="fast"))
    assert [detail.terms[0] for detail in finding.details] == [f"<{EX}n5>"]
    assert len(runs) == 2
