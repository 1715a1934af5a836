"""Shapes: the location and severity of what an engine finds."""

import pytest
from support import fork_root, sample_root
from support.optional_packages import extra
from support.validation import found, line_of, read, read_lean

from publisher.dataset.files import parse_text
from publisher.dataset.repository import DATASET_FILE, PREFIXES_FILE, read_repository
from publisher.diagnostic import Severity
from publisher.errors import CannotRunError
from publisher.validation import validator
from publisher.validation.checks import shapes as check_shapes
from publisher.validation.context import of_repository, of_shapes

COALITION_FILE = "data/coalitions/green-mountain-water-coalition.ttl"


# Shapes

PREFIXES = """
@prefix ex: <http://example.org/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""


@pytest.mark.parametrize(
    ("old", "new", "rule", "line"),
    [
        (
            'skos:prefLabel "Green Mountain Water Coalition"@en',
            'skos:prefLabel "Green"',
            "Text-prefLabel-language",
            "prefLabel",
        ),
        (
            "coal:worksOn issue:water ;",
            "coal:worksOn agenda:clean-water-agenda ;",
            "Coalition-worksOn-class",
            "worksOn",
        ),
        ("    coal:worksOn issue:water ;\n", "", "Coalition-worksOn-count", "coalition:green-mountain-water-coalition"),
        ('coal:printedAs "@gmwater"', 'coal:printedAs "@gmwater"@en', "Account-printedAs-datatype", "printedAs"),
        ('    coal:printedAs "@gmwater" ;\n', "", "Account-printedAs-count", "/account/twitter>"),
        ("skos:prefLabel", "skos:prefLable", "Coalition-closed", "prefLable"),
    ],
)
def test_shape_finding_has_line_of_statement_or_subject(tmp_path, old, new, rule, line):
    repository = read(tmp_path, {COALITION_FILE: fork_root.COALITION_TEXT.replace(old, new, 1)})
    findings = found(repository, rule)
    assert {finding.file for finding in findings} == {COALITION_FILE}
    assert line in line_of(repository, findings[0])


def test_finding_has_label(tmp_path):
    text = fork_root.COALITION_TEXT.replace("coal:worksOn issue:water", "coal:worksOn agenda:clean-water-agenda")
    [finding] = found(read(tmp_path, {COALITION_FILE: text}), "Coalition-worksOn-class")
    assert finding.label == "Green Mountain Water Coalition"
    assert finding.focus == "coalition:green-mountain-water-coalition"
    assert finding.path == "coal:worksOn"
    assert finding.value == "agenda:clean-water-agenda"


def test_shape_severity_is_kept(tmp_path):
    text = fork_root.COALITION_TEXT.replace("    foaf:homepage <https://www.green-mountain-water.example/> ;\n", "")
    data = fork_root.DATASET.replace("    void:exampleResource aim:clean-rivers ;\n", "")
    data = data.replace("    void:exampleResource coalition:green-mountain-water-coalition ;\n", "")
    data = data.replace('    dcterms:title "Vermont Coalitions"@en ;\n', "")
    findings = found(read(tmp_path, {COALITION_FILE: text, DATASET_FILE: data}))
    assert {(finding.rule, finding.severity) for finding in findings} == {
        ("Coalition-homepage-known", Severity.INFO),
        ("Dataset-exampleResource-count", Severity.WARNING),
        ("Dataset-title-count", Severity.VIOLATION),
    }


def test_blank_node_finding_has_file(tmp_path):
    """Prefixes are declared by blank nodes, so rules about prefixes look at nothing else."""
    text = (sample_root.CHECKOUT / PREFIXES_FILE).read_text()
    broken = text.replace('"http://www.w3.org/ns/org#"', '"http://www.w3.org/ns/org"')
    assert broken != text
    [finding] = found(read(tmp_path, {PREFIXES_FILE: broken}), "Prefix-namespace-end")
    assert (finding.file, finding.severity) == (PREFIXES_FILE, Severity.VIOLATION)


def test_blank_node_finding_in_file_outside_root(tmp_path):
    text = fork_root.text("coal issue", "[] a coal:Coalition ; coal:worksOn issue:water .\n")
    outside = parse_text(text, "outside.ttl")
    findings = validator.validate(of_repository(read(tmp_path), [outside]))
    assert {finding.file for finding in findings} == {"outside.ttl"}
    assert "Coalition" in {finding.rule for finding in findings}


def test_undescribed_node_is_reported_at_mention(tmp_path):
    text = fork_root.COALITION_TEXT.partition(f"<{fork_root.COALITION}/account/twitter>\n")[0]
    assert "foaf:account" in text
    shape = "ex:S a sh:NodeShape ; sh:targetObjectsOf foaf:account ; sh:class foaf:OnlineAccount ."
    shapes = f"{PREFIXES}@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n{shape}"
    [finding] = found(read_lean(tmp_path, {COALITION_FILE: text, "shapes/one.ttl": shapes}), "S")
    assert finding.file == COALITION_FILE


def test_missing_shapes_fail(tmp_path):
    root = fork_root.build(tmp_path, whole=True)
    for path in (root / "shapes").glob("*.ttl"):
        path.unlink()
    with pytest.raises(CannotRunError, match="no targets"):
        found(read_repository(root))


def test_finding_has_file_of_statement(tmp_path):
    """Two files speak of one coalition; the fault is in the second."""
    more = fork_root.text(
        "coalition coal source", f"<{fork_root.COALITION}>\n    coal:worksOn source:our-partners ;\n.\n"
    )
    repository = read(tmp_path, {"data/aaa.ttl": more, "data/zzz.ttl": more.replace("worksOn", "classifiedFrom")})
    [finding] = found(repository, "Coalition-worksOn-class")
    assert finding.file == "data/aaa.ttl"


def test_shapes_are_validated_in_parts_where_large_data_has_many_mistakes(monkeypatch):
    """The parts find what one run finds, also of shapes that are classes, refer to others, or have several targets."""
    extra("shacl", "fast")
    text = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://x/> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    ex:A a sh:NodeShape, rdfs:Class ; sh:closed true ; sh:node ex:S . ex:B a sh:NodeShape, rdfs:Class ; sh:class ex:A .
    ex:S sh:targetSubjectsOf ex:p ; sh:targetNode ex:b, 5 ; sh:property [ sh:path ex:q ; sh:minCount 1 ] .
    ex:T sh:targetObjectsOf ex:p ; sh:nodeKind sh:Literal ; sh:sparql [ sh:select "SELECT $this { ?x ?y $this }" ] .
    """
    shapes = parse_text(text, "s.ttl")
    data = parse_text("@prefix ex: <http://x/> . ex:a a ex:A ; ex:p [ ex:p ex:b ] . ex:b a ex:B ; ex:r _:c .", "d.ttl")
    runs = []
    engine = check_shapes.load_engine("fast")
    monkeypatch.setattr(check_shapes, "load_engine", lambda _: lambda *given: runs.append(given) or engine(*given))
    whole = validator.validate(of_shapes([shapes], [data], engine="fast"))
    assert len(whole) > 5
    monkeypatch.setattr(check_shapes, "LARGE", 0)
    once = len(runs)
    for most, count in ((1000, once), (3, once + 4)):  # Four shapes have targets.
        runs.clear()
        monkeypatch.setattr(check_shapes, "MOST", most)
        assert validator.validate(of_shapes([shapes], [data], engine="fast")) == whole
        assert len(runs) == count
