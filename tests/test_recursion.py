"""Shapes that refer back to themselves: told at the reference that closes the circle, once, however deep."""

import pytest
import vermont

from publisher import recursion, sources, validation
from publisher.names import RDF
from publisher.problems import Diagnostic, Severity

HEAD = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <urn:> .\n"


def found(text: str, *more: str) -> list[Diagnostic]:
    files = [sources.parse(HEAD + part, f"{number}.ttl") for number, part in enumerate((text, *more))]
    return recursion.findings(files, {"": "urn:"})


RECURSIVE = {
    "by way of nothing": ":S sh:node :S .",
    "by way of a property": ":S sh:property [ sh:path :p ; sh:node :S ] .",
    "by way of another shape": ":S sh:node :T .\n:T sh:node :S .",
    "in a negation": ":S sh:not [ sh:node :S ] .",
    "in a list": ":S sh:or ( [ sh:nodeKind sh:IRI ] [ sh:not :S ] ) .",
    "in a count": ":S sh:property [ sh:path :p ; sh:qualifiedValueShape :S ] .",
}


@pytest.mark.parametrize("text", RECURSIVE.values(), ids=RECURSIVE.keys())
def test_a_circle_is_one_warning_at_the_reference_that_closes_it(text):
    [finding] = found(text)
    assert (finding.rule, finding.severity) == ("recursive-shape", Severity.WARNING)
    lines = (HEAD + text).split("\n")
    assert (finding.line, finding.column) == (len(lines), lines[-1].rindex(":S") + 1)
    assert finding.message.startswith(":S refers back to itself")


def test_a_circle_through_two_files_is_found():
    assert [finding.file for finding in found(":S sh:node :T .", ":T sh:node :S .")] == ["1.ttl"]


@pytest.mark.parametrize(
    "text",
    [
        ":S sh:node :T ; sh:property [ sh:path :p ; sh:node :T ] . :T sh:nodeKind sh:IRI .",
        ":S sh:targetClass :S ; sh:class :S ; sh:hasValue :S ; sh:in ( :S ) .",
        ":S sh:and ( :T :U ) . :T sh:node :U . :U sh:nodeKind sh:IRI .",
        f"_:l <{RDF}first> 1 ; <{RDF}rest> _:l .",
    ],
)
def test_what_is_referred_to_twice_or_otherwise_is_no_circle(text):
    assert found(text) == []


def test_shapes_nested_deeper_than_python_recurses_are_walked():
    deep = ":S " + "sh:not [ " * 5_000 + "sh:node :S" + " ]" * 5_000 + " ."
    assert len(found(deep)) == 1


def test_our_own_shapes_are_not_recursive():
    files = [file for file in sources.read(vermont.CHECKOUT).files if file.path.startswith("shapes/")]
    assert recursion.findings(files, {}) == []


@pytest.mark.filterwarnings("error")
def test_a_run_tells_of_recursion_in_a_finding_and_not_beside_it():
    shapes = sources.parse(HEAD + ":S a sh:NodeShape ; sh:targetNode :a ; sh:not :S .", "s.ttl")
    data = sources.parse("<urn:a> <urn:p> <urn:b> .", "d.ttl")
    rules = {finding.rule for finding in validation.validate_against([shapes], [data], prefixes={})}
    assert "recursive-shape" in rules
