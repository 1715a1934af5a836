"""Validation of a graph: findings, their locations, and what cannot be validated."""

import dataclasses
import re

from support import fork_root, sample_root
from support.validation import found, read, read_lean

from publisher.dataset.files import parse_text
from publisher.dataset.identifiers import Published
from publisher.dataset.repository import read_repository
from publisher.diagnostic import Severity
from publisher.rdf.namespaces import HOME
from publisher.validation import validator
from publisher.validation.context import of_repository, of_shapes

COALITION_FILE = "data/coalitions/green-mountain-water-coalition.ttl"


def test_sample_has_infos_only(root):
    findings = validator.validate(of_repository(read_repository(root)))
    assert {(finding.rule, finding.severity) for finding in findings} == {
        ("Coalition-homepage-known", Severity.INFO),
        ("Coalition-statedPurpose-known", Severity.INFO),
    }


def test_findings_order_is_stable(tmp_path):
    root = sample_root.build(tmp_path)
    for path in (root / "data" / "coalitions").glob("*.ttl"):
        path.write_text(re.sub("^    (skos:prefLabel|coal:worksOn) .*\n", "", path.read_text(), flags=re.MULTILINE))
    damaged = read_repository(root)
    turned = dataclasses.replace(damaged, files=damaged.files[::-1], checks=damaged.checks[::-1])
    findings = validator.validate(of_repository(damaged))
    assert len({finding.file for finding in findings}) > 5
    assert validator.validate(of_repository(turned)) == findings == sorted(findings, key=lambda finding: finding.order)


def test_fork_root_has_no_findings(tmp_path):
    assert found(read(tmp_path)) == []


# Files that are given


def test_file_outside_root_is_validated_with_root(tmp_path):
    """Ours has a fault of its own, which is not the outsider's business."""
    ours = fork_root.COALITION_TEXT.replace("    coal:worksOn issue:water ;\n", "")
    repository = read(tmp_path, {COALITION_FILE: ours})
    outside = parse_text(fork_root.MAPLE.replace("    coal:worksOn issue:water ;\n", ""), "/elsewhere/maple.ttl")
    findings = validator.validate(of_repository(repository, [outside]))
    assert {finding.file for finding in findings} == {"/elsewhere/maple.ttl"}
    assert [f.rule for f in findings if f.severity is Severity.VIOLATION] == ["Coalition-worksOn-count"]


def test_file_outside_root_may_refer_to_root(tmp_path):
    outside = parse_text(fork_root.MAPLE, "maple.ttl")
    assert {f.severity for f in validator.validate(of_repository(read(tmp_path), [outside]))} == {Severity.INFO}


def test_file_outside_root_need_not_be_canonical(tmp_path):
    outside = parse_text(fork_root.MAPLE.replace("    ", "\t") + "# a comment\n", "maple.ttl")
    rules = {finding.rule for finding in validator.validate(of_repository(read(tmp_path), [outside]))}
    assert not rules & {"tidy", "stray-comment"}


def test_finding_has_prefixes_of_file_outside_root(tmp_path):
    text = '@prefix pond: <https://pond.example/> .\npond:a pond:dug "x"^^<http://www.w3.org/2001/XMLSchema#date> .\n'
    [finding] = validator.validate(of_repository(read_lean(tmp_path), [parse_text(text, "/elsewhere/pond.ttl")]))
    assert (finding.rule, finding.focus, finding.path) == ("ill-typed", "pond:a", "pond:dug")


def test_file_outside_root_gets_literal_and_duplicate_checks(tmp_path):
    text = (
        fork_root.MAPLE
        + 'source:our-partners a coal:Source ; skos:note "x"^^<http://www.w3.org/2001/XMLSchema#date> .\n'
    )
    findings = validator.validate(of_repository(read(tmp_path), [parse_text(text, "maple.ttl")]))
    assert {finding.file for finding in findings} == {"maple.ttl"}
    assert {"ill-typed", "repeated-statement"} <= {finding.rule for finding in findings}


def test_given_root_files_are_reported_alone(tmp_path):
    broken = fork_root.COALITION_TEXT.replace("    coal:worksOn issue:water ;\n", "")
    repository = read(tmp_path, {COALITION_FILE: broken, fork_root.MAPLE_FILE: fork_root.MAPLE.replace("    ", "  ")})
    [given] = [file for file in repository.files if file.path == fork_root.MAPLE_FILE]
    findings = validator.validate(of_repository(repository, [given]))
    assert {finding.file for finding in findings} == {fork_root.MAPLE_FILE}
    assert "tidy" in {finding.rule for finding in findings}


# Imports of ours


def test_shapes_importing_root_shapes_apply_both(tmp_path):
    """Many of our shapes match nothing in the data, which is no mistake."""
    published = Published.of(read_lean(tmp_path))
    theirs = parse_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        f"<urn:shapes> owl:imports <{HOME}shapes> . <urn:S> a sh:NodeShape ; sh:targetNode <urn:c> ; sh:closed true .",
        "theirs.ttl",
    )
    data = parse_text(f"<urn:c> a <{HOME}ontology#Coalition> .", "d.ttl")
    found = validator.validate(of_shapes([theirs], [data], published=published))
    assert {(finding.rule, finding.file) for finding in found} == {("Lean-worksOn", "d.ttl"), ("urn:S", "d.ttl")}
    alone = validator.validate(of_shapes([theirs], [data]))
    assert "unresolved-import" in {finding.rule for finding in alone}
    assert "Lean-worksOn" not in {finding.rule for finding in alone}


def test_data_importing_ontology_uses_its_classes(tmp_path):
    """Without it, a coalition is not known to be an organization."""
    published = Published.of(read_lean(tmp_path))
    shapes = parse_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "<urn:S> a sh:NodeShape ; sh:targetClass <http://www.w3.org/ns/org#Organization> ; sh:nodeKind sh:BlankNode .",
        "s.ttl",
    )
    text = f"<urn:c> a <{HOME}ontology#Coalition> ."
    more = f"<urn:d> <http://www.w3.org/2002/07/owl#imports> <{HOME}ontology> ."
    alone, with_import = (
        validator.validate(of_shapes([shapes], [parse_text(data, "d.ttl")], published=published))
        for data in (text, text + more)
    )
    assert {finding.rule for finding in alone} == set()
    assert [(finding.rule, finding.focus, finding.file) for finding in with_import] == [("urn:S", "urn:c", "d.ttl")]
