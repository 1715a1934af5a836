"""Shape syntax: broken shapes are reported."""

import pytest
from support.validation import found, read_lean

# Shapes

PREFIXES = """
@prefix ex: <http://example.org/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""


@pytest.mark.parametrize(
    ("kind", "rest"),
    [
        ("Property", 'rdfs:label "no path" ; sh:minCount 1'),
        ("Property", 'sh:path "text" ; sh:minCount 1'),
        ("Property", 'sh:path org:x ; sh:minCount "one"'),
        ("Property", "sh:path org:x ; sh:minCount 1, 2"),
        ("Property", "sh:path rdfs:label, org:x ; sh:minCount 1"),
        ("Node", 'sh:pattern "("'),
        ("Node", "sh:property ex:Nowhere"),
        ("Node", "sh:or ex:NoList"),
        ("Node", 'sh:sparql [ sh:select "SELEKT $this {}" ]'),
    ],
)
def test_broken_shapes_are_reported(tmp_path, kind, rest):
    broken = f"{PREFIXES} ex:S a sh:{kind}Shape ; sh:targetClass org:Organization ; {rest} ."
    findings = found(read_lean(tmp_path, {"shapes/broken.ttl": broken}), "broken-shape")
    assert {(d.file, d.line) for d in findings} == {("shapes/broken.ttl", 6)}
