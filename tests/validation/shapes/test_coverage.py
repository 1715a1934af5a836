"""Shape coverage: targets that match no node."""

from publisher.dataset.files import parse_text
from publisher.diagnostic import Severity
from publisher.validation import validator
from publisher.validation.context import of_shapes


def test_unmatched_target_is_located(tmp_path):
    shapes = parse_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix : <http://x/> .\n"
        ":S a sh:NodeShape ;\n  sh:targetClass :Misspelt .\n"
        ":T a sh:NodeShape ; sh:targetClass :Upper .\n:U a sh:NodeShape ; sh:targetSubjectsOf :p .\n"
        ":V a sh:NodeShape ; sh:targetNode :anything .\n:W a sh:NodeShape ; sh:targetObjectsOf :q .\n",
        "shapes.ttl",
    )
    data = parse_text(
        "@prefix : <http://x/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        ":Lower rdfs:subClassOf :Upper . :a a :Lower ; :p 1 .",
        "data.ttl",
    )
    findings = validator.validate(of_shapes([shapes], [data], strict=True))
    unmatched = [(d.severity, d.line, d.value) for d in findings if d.rule == "unmatched-shape"]
    assert unmatched == [(Severity.VIOLATION, 4, ":Misspelt"), (Severity.VIOLATION, 8, ":q")]
    first = next(d.message for d in findings if d.rule == "unmatched-shape")
    assert first == "The target :Misspelt matches no node in the data, so the shape checks nothing."
    assert validator.validate(of_shapes([shapes], [data])) == []


def test_several_unmatched_targets_are_one_finding():
    shapes = parse_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n<urn:S> a sh:NodeShape ; sh:targetClass <urn:A>, <urn:B> .",
        "s.ttl",
    )
    findings = validator.validate(of_shapes([shapes], [parse_text("<urn:a> <urn:p> 1 .", "d.ttl")], strict=True))
    message = "None of urn:A, urn:B matches a node in the data, so the shape checks nothing."
    assert [d.message for d in findings] == [message]


def test_parameter_of_the_draft_of_shacl_1_2_is_reported_as_ignored():
    shapes = parse_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n<urn:S> a sh:NodeShape ; sh:targetSubjectsOf <urn:p> ;\n"
        " sh:property [ sh:path <urn:p> ; sh:uniqueMembers true ] .",
        "s.ttl",
    )
    [finding] = validator.validate(of_shapes([shapes], [parse_text("<urn:a> <urn:p> 1 .", "d.ttl")]))
    assert (finding.rule, finding.severity, finding.line) == ("unsupported-shape", Severity.WARNING, 3)
    assert finding.message.startswith("sh:uniqueMembers belongs to an extension of SHACL that is not supported")
