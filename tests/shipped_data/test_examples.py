"""Examples of shapes and checks: each invalid one violates the rule that it is named after.

`shapes/examples/<Class>/invalid/<shape>[.<case>].ttl`, where the case is the constraint if the shape has several;
`shapes/examples/checks/invalid/<check>[.<case>].ttl`; the valid ones are in `valid/`.
"""

import functools
import warnings
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS, SH
from support.tiers import WITH_SLOW, some

from publisher.dataset.files import File, read_file
from publisher.dataset.repository import Repository, example_files, read_repository, turtle_files
from publisher.validation.checks import sparql
from publisher.validation.engines import pyshacl_engine
from publisher.validation.engines.results import read_results

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "shapes" / "examples"
NAMESPACE = "https://w3id.org/ma-coalitions/shapes#"
PATHS = [path.relative_to(EXAMPLES).as_posix() for path in example_files(ROOT)]
OF_CHECKS = [path for path in PATHS if path.startswith("checks/")]
OF_SHAPES = [path for path in PATHS if path not in OF_CHECKS]
DESCRIBING = {SH.severity, SH.message, SH.name, SH.description, SH.order, SH.group, RDFS.label, RDFS.isDefinedBy}
STRUCTURE = {RDF.type, SH.path, SH.property, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf}
TODAY = date(2026, 11, 22)
"""The reference date for checks of what is past."""
FURTHER_PARAMETERS = {SH.ignoredProperties, SH.flags}


def invalid(paths: Sequence[str]) -> list[str]:
    return [path for path in paths if path.split("/")[1] == "invalid"]


def valid(paths: Sequence[str]) -> list[str]:
    return [path for path in paths if path.split("/")[1] == "valid"]


def names(path: str) -> tuple[str, str]:
    """The rule and the case that the name of an example gives."""
    rule, _, case = path.rpartition("/")[2].removesuffix(".ttl").partition(".")
    return rule, case


@functools.cache
def repository() -> Repository:
    return read_repository(ROOT)


@functools.cache
def names_of_shapes() -> list[str]:
    kinds = {str(SH.NodeShape), str(SH.PropertyShape)}
    stated = (t for file in repository().files if file.path.startswith("shapes/") for t in file.triples)
    return sorted({t.subject.value.removeprefix(NAMESPACE) for t in stated if t.object.value in kinds})


@functools.cache
def checks() -> list[sparql.Check]:
    return [sparql.read_check(path, text) for path, text in repository().checks]


@functools.cache
def shapes() -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in turtle_files(ROOT):
        if path.is_relative_to(ROOT / "shapes"):
            graph.parse(path)
    return graph


@functools.cache
def shape_triples() -> list[ox.Triple]:
    return [t for file in repository().files if file.path.startswith("shapes/") for t in file.triples]


def named_shapes() -> dict[str, rdflib.term.Node]:
    found = {*shapes().subjects(RDF.type, SH.NodeShape), *shapes().subjects(RDF.type, SH.PropertyShape)}
    return {str(shape).removeprefix(NAMESPACE): shape for shape in found}


def constraints(shape: rdflib.term.Node) -> set[str]:
    """The constraints of a shape by the names of their components: `MinCount`, `Closed`."""
    parameters = set(shapes().predicates(shape)) - DESCRIBING - STRUCTURE - FURTHER_PARAMETERS
    return {_capital(str(parameter).removeprefix(str(SH))) for parameter in parameters}


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


@functools.cache
def vocabulary() -> list[ox.Triple]:
    """What examples lean on of the vocabulary: its header and its tree of classes. The rest of it violates nothing."""
    header = {t.subject for file in repository().files for t in file.triples if t.object.value == str(OWL.Ontology)}
    return [
        triple
        for file in repository().files
        for triple in file.triples
        if file.path.startswith("ontology/")
        and (triple.predicate.value == str(RDFS.subClassOf) or triple.subject in header)
        and not isinstance(triple.object, ox.BlankNode)
    ]


def example(path: str) -> File:
    return read_file(EXAMPLES / path, path)


@functools.cache
def tripped(path: str) -> frozenset[tuple[str, str]]:
    """The constraints that an example violates, as (shape, component)."""
    report = pyshacl_engine.report(shape_triples(), [*example(path).triples, *vocabulary()])
    return frozenset(
        (
            result.shape.value.removeprefix(NAMESPACE),
            result.component.removeprefix(str(SH)).removesuffix("ConstraintComponent"),
        )
        for result in read_results(report)
    )


def tripped_checks(path: str) -> set[str]:
    files = [file for file in repository().files if file.path.startswith("ontology/")]
    store = ox.Store()
    for file in [*files, example(path)]:
        store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in file.triples)
    return {check.rule for check in checks() if sparql.check_rows(check, store, TODAY)}


# Shapes


CHOSEN = some(names_of_shapes(), 5)
"""The shapes whose invalid examples are looked at; each look takes a run of pySHACL."""


@pytest.mark.parametrize("path", some(valid(OF_SHAPES)))
def test_valid_shape_example_has_no_findings(path):
    assert tripped(path) == frozenset()


@pytest.mark.parametrize("path", [path for path in invalid(OF_SHAPES) if names(path)[0] in CHOSEN])
def test_invalid_shape_example_violates_its_shape_only(path):
    rule, case = names(path)
    assert {shape for shape, _ in tripped(path)} == {rule}
    if _capital(case) in constraints(named_shapes()[rule]):
        assert {component for _, component in tripped(path)} == {_capital(case)}


def test_example_is_in_folder_of_its_class():
    assert {path.split("/")[1] for path in PATHS} == {"valid", "invalid"}
    assert [path for path in invalid(OF_SHAPES) if names(path)[0].partition("-")[0] != path.split("/")[0]] == []


@pytest.mark.parametrize("folder", sorted({path.split("/")[0] for path in OF_SHAPES}))
def test_every_folder_has_valid_example(folder):
    assert [path for path in valid(OF_SHAPES) if path.startswith(folder + "/")]


def test_shape_names_are_unique():
    assert sorted(named_shapes()) == names_of_shapes()
    assert all(
        isinstance(shape, rdflib.URIRef) and str(shape).startswith(NAMESPACE) for shape in named_shapes().values()
    )


@pytest.mark.parametrize("name", CHOSEN)
def test_every_constraint_has_invalid_example(name):
    seen = {component for path in invalid(OF_SHAPES) if names(path)[0] == name for _, component in tripped(path)}
    assert constraints(named_shapes()[name])
    assert seen == constraints(named_shapes()[name])


@pytest.mark.parametrize("name", names_of_shapes())
def test_shapes_have_message_and_severity(name):
    shape = named_shapes()[name]
    [message] = shapes().objects(shape, SH.message)
    [severity] = shapes().objects(shape, SH.severity)
    assert severity in (SH.Violation, SH.Warning, SH.Info)
    assert message.language == "en"
    assert message.endswith((".", "?"))


@pytest.mark.parametrize("name", names_of_shapes())
def test_every_shape_is_applied(name):
    shape = named_shapes()[name]
    targets = [o for p in (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf) for o in shapes().objects(shape, p)]
    assert targets or list(shapes().subjects(SH.property, shape))


@pytest.mark.skipif(not WITH_SLOW, reason="takes ten seconds; .ci/run runs it (PUBLISHER_TESTS_SLOW=1)")
def test_shapes_conform_to_shacl_shapes():
    """A parameter of the wrong kind, such as sh:languageIn without a list, is else ignored without a word."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        conforms, _, text = pyshacl.validate(rdflib.Graph(), shacl_graph=shapes(), meta_shacl=True, inference="none")
    assert conforms, text


# Checks


@pytest.mark.parametrize("path", valid(OF_CHECKS))
def test_valid_check_example_has_no_findings(path):
    assert tripped_checks(path) == set()


@pytest.mark.parametrize("path", invalid(OF_CHECKS))
def test_invalid_check_example_violates_its_check_only(path):
    assert tripped_checks(path) == {names(path)[0]}


def test_checks_have_valid_and_invalid_example():
    found = defaultdict(set)
    for path in OF_CHECKS:
        found[path.split("/")[1]].add(names(path)[0])
    rules = {check.rule for check in checks()}
    assert found == {"valid": rules, "invalid": rules}


@pytest.mark.parametrize("check", checks(), ids=lambda check: check.rule)
def test_check_message_names_focus(check):
    assert "{focus}" in check.message
    assert check.message.endswith(".")
    assert check.why.endswith(".")


# All


def test_examples_have_header_comment():
    assert [path for path in PATHS if not example(path).header.startswith("# ")] == []
