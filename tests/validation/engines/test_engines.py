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
import pytest
import rdflib
from rdflib.namespace import SH
from support import shapes_corpus
from support.amount import EVERYTHING
from support.extras import extra

from publisher.cli.validate import validate
from publisher.dataset.files import parse_text, read_file
from publisher.dataset.repository import example_files, read_repository
from publisher.diagnostic import Diagnostic
from publisher.errors import CannotRunError
from publisher.rdf.namespaces import SH as SHACL
from publisher.rdf.namespaces import XSD
from publisher.validation import validator
from publisher.validation.context import of_shapes
from publisher.validation.engines import pyshacl_engine
from publisher.validation.engines.results import Result, read_results
from publisher.validation.engines.selection import AUTO, CHOICES, ENGINES
from publisher.validation.inputs import Request
from publisher.validation.shapes import syntax

ROOT = Path(__file__).resolve().parents[3]
SEEDS = range(150 if EVERYTHING else 6)
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
    files = read_repository(ROOT).files
    ours = [t for file in files if file.path.startswith("shapes/") for t in file.triples]
    return ours, [t for file in files if not file.path.startswith("shapes/") for t in file.triples]


def found(report: Sequence[ox.Triple]) -> set[Found]:
    """What results say, whatever their order and number; paths that are blank nodes go by their shape."""
    return {said(result) for result in read_results(report)}


def said(result: Result) -> Found:
    path = str(result.path) if isinstance(result.path, ox.NamedNode) else ""
    named = (result.component, result.severity)
    component, severity = (iri.removeprefix(SHACL).removesuffix("ConstraintComponent") for iri in named)
    message = "" if component == "SPARQL" else result.message  # It may name a blank node.
    return str(result.shape), component, str(result.focus), path, str(result.value), severity, message


def plain(shapes: Sequence[ox.Triple], data: Sequence[ox.Triple]) -> set[Found]:
    """What pySHACL finds when it is left as it is, without the messages that it makes up."""
    graphs = []
    for triples in (data, shapes):
        graphs.append(rdflib.Graph())
        pyshacl_engine._fill(graphs[-1], triples)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, report, _ = pyshacl.validate(graphs[0], shacl_graph=graphs[1], inference="none", max_validation_depth=100)
    authored = set(graphs[1].objects(None, SH.message))
    kept = (t for t in report if t[1] != SH.resultMessage or t[2] in authored)
    return found([ox.Triple(*map(pyshacl_engine._ours, triple)) for triple in kept])


def random_data(seed: int) -> list[ox.Triple]:
    return list(parse_text(shapes_corpus.data(seed), "data.ttl").triples)


def report_of(text: str, data: str, engine: ModuleType = pyshacl_engine) -> list[Result]:
    """The results about data, by shapes; both in Turtle."""
    parsed = [parse_text(shapes_corpus.PREFIXES + part, name).triples for part, name in ((text, "s"), (data, "d"))]
    return read_results(engine.report(*parsed))


# The reference engine


def test_the_corpus_uses_every_constraint_component_and_is_well_formed() -> None:
    syntax.require(of_shapes([SHAPES], []))
    used = {f[1] for seed in range(30) for f in found(pyshacl_engine.report(SHAPES.triples, random_data(seed)))}
    every = {each.__name__.removesuffix("ConstraintComponent") for each in pyshacl_engine._OWN.values()}
    named = {"SPARQLBasedConstraint": "SPARQL", "QualifiedValueShape": "QualifiedMaxCount"}
    assert {named.get(name, name) for name in every} - {"Property"} <= used


COMPARING = {"MinInclusive", "MinExclusive", "MaxInclusive", "MaxExclusive", "LessThan", "LessThanOrEquals"}


@pytest.mark.parametrize("seed", SEEDS)
def test_pyshacl_finds_what_it_finds_alone_but_for_values_that_do_not_compare(seed: int) -> None:
    """It refuses to compare blank nodes, and fails over NaN, so that these are left out here."""
    given = random_data(seed)
    data = [t for t in given if not isinstance(t.object, ox.BlankNode) and getattr(t.object, "value", "") != "NaN"]
    ours = found(pyshacl_engine.report(SHAPES.triples, data))
    try:
        alone = plain(SHAPES.triples, data)
    except TypeError:  # It stops at some values that do not compare, such as times with and without a zone.
        assert {f[1] for f in ours} & COMPARING
        return
    assert alone <= ours
    assert {f[1] for f in ours - alone} <= COMPARING


@pytest.mark.parametrize("path", EXAMPLES[:: 10 if EVERYTHING else 200])
def test_pyshacl_finds_in_an_example_what_it_finds_alone(path: str) -> None:
    shapes, _ = shipped()
    data = read_file(ROOT / path, path).triples
    assert found(pyshacl_engine.report(shapes, data)) == plain(shapes, data)


BOUNDS = [
    ("sh:minInclusive 2", ["1", '"x"', "true", '"2026-01-01"^^xsd:date', "ex:iri", '"x"^^xsd:integer'], ["2", "2.0"]),
    ("sh:maxExclusive 2", ["2", "3", '"NaN"^^xsd:double', "[]"], ["1", "1.9e0"]),
    ('sh:maxInclusive "2026-06-01"^^xsd:date', ['"2026-06-02"^^xsd:date', "3", '"2026"'], ['"2026-06-01"^^xsd:date']),
    ('sh:minExclusive "b"', ['"b"', '"a"', "1"], ['"c"']),
]


@pytest.mark.parametrize("name", ["pyshacl", "fast"])
@pytest.mark.parametrize(("bound", "outside", "inside"), BOUNDS, ids=[bound for bound, *_ in BOUNDS])
def test_a_value_that_does_not_compare_with_a_bound_is_a_result(
    bound: str, outside: list[str], inside: list[str], name: str
) -> None:
    """SHACL, section 4.3: where the comparison does not return true; pySHACL alone lets a date pass for a number."""
    engine = fast() if name == "fast" else pyshacl_engine
    values = ", ".join([*outside, *inside])
    found = report_of(f"ex:S sh:targetNode ex:n ; sh:path ex:p ; {bound} .", f"ex:n ex:p {values} .", engine)
    assert len(found) == len(outside)


def test_values_that_do_not_compare_with_each_other_are_results_and_stop_nothing() -> None:
    found = report_of(
        "ex:S sh:targetNode ex:n ; sh:path ex:p ; sh:lessThan ex:q .",
        "ex:n ex:p 1, [], 'x' ; ex:q 2 .",
    )
    assert sorted(type(result.value).__name__ for result in found) == ["BlankNode", "Literal"]


def test_the_query_of_a_constraint_is_prepared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(pyshacl_engine, "_prepared", functools.cache(lambda q: asked.append(q) or prepare(q)))
    prepare = pyshacl_engine.prepareQuery
    found = report_of(
        "ex:S sh:targetClass ex:A ; sh:sparql ex:S-query ."
        " ex:S-query sh:select 'SELECT $this ?value { $this <http://example.org/p> ?value }' .",
        " ".join(f"ex:n{number} a ex:A ; ex:p {number} ." for number in range(20)),
    )
    assert len(found) == 20
    assert len(asked) == 1


def test_a_property_shape_is_set_up_once_for_all_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the shipped graph takes three times as long."""
    set_up: list[str] = []
    own = pyshacl_engine._OWN[SH.minCount]
    monkeypatch.setattr(own, "__init__", lambda self, shape: set_up.append("") or super(own, self).__init__(shape))
    found = report_of(
        "ex:S sh:targetClass ex:A ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .",
        " ".join(f"ex:n{number} a ex:A ." for number in range(20)),
    )
    assert (len(found), len(set_up)) == (20, 1)


def test_shapes_within_shapes_are_followed_far() -> None:
    deep = "sh:node [ " * 30 + "sh:class ex:B" + " ]" * 30
    [result] = report_of(f"ex:S sh:targetNode ex:n ; {deep} .", "ex:n a ex:A .")
    [leaf] = result.leaves
    assert leaf.component == SHACL + "ClassConstraintComponent"


def test_pyshacl_is_left_as_it_was() -> None:
    before = getattr(pyshacl.shape, "CONSTRAINT_PARAMS", None)
    report_of("ex:S sh:targetNode ex:n ; sh:class ex:A .", "ex:n ex:p 1 .")
    assert getattr(pyshacl.shape, "CONSTRAINT_PARAMS", None) == before


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (r"sh:pattern '\\p{L}'", r"bad escape \\p at position 0"),
        ("sh:not [ " * 200 + "]" * 200, "Validation path too deep!"),
    ],
    ids=["pattern", "depth"],
)
def test_what_an_engine_cannot_judge_by_is_told_in_a_line(asked: str, words: str) -> None:
    with pytest.raises(CannotRunError, match=rf"pySHACL cannot judge by these shapes: {words}\Z"):
        report_of(f"ex:S sh:targetNode ex:n ; {asked} .", "ex:n ex:p 1 .")


def test_the_command_line_offers_every_engine_and_takes_the_reference_by_default() -> None:
    """It names them itself, so that its help is there without what they import."""
    [option] = [parameter for parameter in validate.params if parameter.name == "engine"]
    assert list(option.type.choices) == list(CHOICES)
    assert option.default == Request().engine == AUTO


# The fast engine

NOT_CANONICAL = {f'"{value}"^^<{XSD}{name}>' for value, name in (("2.50", "decimal"), ("007", "integer"))}
"""Texts of these in a query are those of 2.5 and 7 to the fast engine: a difference that is known."""


def known(difference: Found) -> bool:
    """Whether a difference between the engines is one that docs/validation.md tells of."""
    _, component, _, _, value, *_ = difference
    if component == "SPARQL":
        return value in NOT_CANONICAL
    return component in ("LessThan", "LessThanOrEquals") and not value.endswith(f"{XSD}date>")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_fast_engine_finds_what_pyshacl_finds_in_random_data(seed: int) -> None:
    data = random_data(seed)
    ours, theirs = found(pyshacl_engine.report(SHAPES.triples, data)), found(fast().report(SHAPES.triples, data))
    differences = ours ^ theirs
    assert {difference for difference in differences if not known(difference)} == set()
    assert len(differences) < 5


@pytest.mark.parametrize("seed", SEEDS[::5])
def test_the_fast_engine_finds_what_pyshacl_finds_in_the_shipped_graph_with_gaps(seed: int) -> None:
    shapes, data = shipped()
    dice = random.Random(seed)
    damaged = [triple for triple in data if dice.random() > 0.02]
    ours = found(pyshacl_engine.report(shapes, damaged))
    assert ours
    assert found(fast().report(shapes, damaged)) == ours


@pytest.mark.parametrize("path", EXAMPLES[:: 1 if EVERYTHING else 60])
def test_the_fast_engine_finds_in_every_example_what_pyshacl_finds(path: str) -> None:
    shapes, _ = shipped()
    data = read_file(ROOT / path, path).triples
    ours = found(pyshacl_engine.report(shapes, data))
    assert ours or "/invalid/" not in path
    assert found(fast().report(shapes, data)) == ours


@pytest.mark.parametrize("name", ["pyshacl", "fast"])
def test_blank_nodes_keep_the_names_that_they_are_given(name: str) -> None:
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


def findings(engine: str, tmp_path: Path) -> list[Diagnostic]:
    data = parse_text(shapes_corpus.data(7), "data.ttl")
    return validator.validate(of_shapes([SHAPES], [data], prefixes={"ex": EX}, engine=engine))


def test_both_engines_make_the_same_findings_but_for_details(tmp_path: Path) -> None:
    fast()
    ours, theirs = (
        {(d.rule, d.severity, d.file, d.line, d.column, d.focus, d.path, d.message) for d in findings(name, tmp_path)}
        for name in ENGINES
    )
    nested = {"NodeConstraintComponent"}
    assert {d for d in ours ^ theirs if d[0] not in nested} == set()
    assert len(ours) > 30


def test_where_the_fast_engine_is_not_installed_a_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shacl", None)
    monkeypatch.delitem(sys.modules, "publisher.validation.engines.shacl_engine", raising=False)
    with pytest.raises(CannotRunError, match=r"needs shacl. Install it with: pip install '\.\[fast\]'"):
        validator.validate(of_shapes([SHAPES], [SHAPES], engine="fast"))


@pytest.mark.parametrize(("engine", "unwanted"), [("fast", {"rdflib", "pyshacl"}), ("pyshacl", {"shacl"})])
def test_a_run_imports_no_engine_but_its_own(engine: str, unwanted: set[str], tmp_path: Path) -> None:
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
    assert imported & ({"flask", "jinja2", "rich", "subprocess", "tarfile"} | unwanted) == set()
