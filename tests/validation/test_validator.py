"""Validation of a graph: findings, their locations, and what cannot be validated."""

import dataclasses
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from support import fork_root, sample_root

from publisher.dataset.files import parse_text
from publisher.dataset.identifiers import Published
from publisher.dataset.repository import DATASET_FILE, PREFIXES_FILE, Repository, read_repository
from publisher.diagnostic import Diagnostic, Severity
from publisher.errors import CannotRunError
from publisher.rdf.namespaces import HOME, XSD
from publisher.validation import validator
from publisher.validation.context import of_repository, of_shapes

COALITION_FILE = "data/coalitions/green-mountain-water-coalition.ttl"
NEW_FILE = "data/coalitions/maple-coalition.ttl"
MAPLE = fork_root.text(
    "agenda coal coalition dcterms issue org skos source",
    """coalition:maple-coalition
    a org:Organization ;
    a coal:Coalition ;
    dcterms:source source:our-partners ;
    skos:prefLabel "Maple Coalition"@en ;
    coal:advances agenda:clean-water-agenda ;
    coal:classifiedFrom source:our-partners ;
    coal:worksOn issue:water ;
.
""",
)


def read(folder: Path, files: dict[str, str] | None = None) -> Repository:
    """With the shapes of this checkout."""
    return read_repository(fork_root.build(folder, files))


def read_lean(folder: Path, files: dict[str, str] | None = None) -> Repository:
    """With one shape only, where shapes do not matter."""
    return read_repository(fork_root.build(folder, files, lean=True))


def found(repository: Repository, rule: str = "") -> list[Diagnostic]:
    """Findings other than formatting, which most files of these tests do not follow."""
    findings = validator.validate(of_repository(repository, tidy=False))
    return [finding for finding in findings if rule in ("", finding.rule)]


def said(repository: Repository, finding: Diagnostic) -> str:
    """The line that a finding points at."""
    [file] = [file for file in repository.files if file.path == finding.file]
    assert finding.line is not None
    return file.text.splitlines()[finding.line - 1]


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
    assert line in said(repository, findings[0])


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


def test_missing_shapes_fail(tmp_path):
    root = fork_root.build(tmp_path, whole=True)
    for path in (root / "shapes").glob("*.ttl"):
        path.unlink()
    with pytest.raises(CannotRunError, match="no targets"):
        found(read_repository(root))


# Checks

CHECK = """# title: A title
# severity: warning
# message: {focus} has {value}.
# why: Because.
"""
SELECT = 'SELECT ?focus ?path ?value { ?focus ?path ?value FILTER(STR(?value) = "GMWC") }'
CHECK_FILE = "shapes/checks/made-up.rq"


def test_check_rows_are_findings_of_check(tmp_path):
    repository = read_lean(tmp_path, {CHECK_FILE: CHECK + SELECT})
    [finding] = found(repository)
    assert (finding.rule, finding.severity) == ("made-up", Severity.WARNING)
    assert finding.message == "Green Mountain Water Coalition has GMWC."
    assert said(repository, finding) == '    coal:acronym "GMWC" ;'


def test_check_may_bind_focus_only(tmp_path):
    query = 'SELECT ?focus { ?focus ?path "GMWC" }'
    [finding] = found(read_lean(tmp_path, {CHECK_FILE: CHECK + query}))
    assert (finding.path, finding.value) == ("", "")


def test_check_finding_about_blank_node_has_file(tmp_path):
    query = 'SELECT ?focus { ?focus <http://www.w3.org/ns/shacl#prefix> "org" }'
    [finding] = found(read_lean(tmp_path, {CHECK_FILE: CHECK + query}))
    assert (finding.rule, finding.file) == ("made-up", PREFIXES_FILE)


@pytest.mark.parametrize(
    "query",
    [
        "SELEKT ?focus {}",
        "",
        "ASK {}",
        "CONSTRUCT { ?focus ?p ?o } WHERE { ?focus ?p ?o }",
        "SELECT ?other { ?other ?p ?o }",
        "SELECT ?focus { ?focus nowhere:p ?o }",
        "DELETE WHERE { ?focus ?p ?o }",
        "SELECT ?focus { SERVICE <urn:nowhere> { ?focus ?p ?o } }",
    ],
)
def test_broken_check_is_reported(tmp_path, query):
    with pytest.raises(CannotRunError, match="made-up"):
        found(read_lean(tmp_path, {CHECK_FILE: CHECK + query}))


@pytest.mark.parametrize("line", ["title", "severity", "message", "why"])
def test_check_with_incomplete_header_is_rejected(tmp_path, line):
    text = re.sub(f"# {line}: .*\n", "", CHECK) + SELECT
    with pytest.raises(CannotRunError, match=rf"made-up\.rq.*{line}"):
        found(read_lean(tmp_path, {CHECK_FILE: text}))


def test_check_of_unknown_severity_is_rejected(tmp_path):
    with pytest.raises(CannotRunError, match=r"made-up\.rq"):
        found(read_lean(tmp_path, {CHECK_FILE: CHECK.replace("warning", "fatal") + SELECT}))


# Literals

ILL_TYPED = [
    *(("date", value) for value in ("29/08/2017", "2026-02-30", "2026-13-01", "2026-1-1", "20261122", "2026", "")),
    *(("date", value) for value in ("2026-11-22T00:00:00", "2026-W47-1")),
    *(("gYear", value) for value in ("26", "02026", "2026-11", "x")),
    *(("gYearMonth", value) for value in ("2026-13", "202611", "2026", "2026-11-22")),
    *(
        ("dateTime", value)
        for value in ("2026-11-22", "2026-01-01 00:00:00", "20260101T000000Z", "2026-01-01T25:00:00")
    ),
    *(("time", value) for value in ("10:00", "10h")),
    *(("integer", value) for value in ("five", "5.0", "", " 5", "1_000", "٣")),
    *(("decimal", value) for value in ("1e5", "NaN", "1,5")),
    *(("double", value) for value in ("infinity", "nan", "1_0", "x")),
    *(("boolean", value) for value in ("yes", "TRUE", "")),
    ("nonNegativeInteger", "-1"),
]
WELL_TYPED = [
    *(("date", value) for value in ("2026-11-22", "2026-11-22Z", "2024-02-29", "2026-11-22-05:00", "-0044-03-15")),
    *(("gYear", value) for value in ("2026", "0044", "2026Z")),
    ("gYearMonth", "2026-11"),
    *(("dateTime", value) for value in ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5-05:00", "2026-01-01T00:00:00")),
    ("time", "10:00:00"),
    ("duration", "P1Y2M3DT4H"),
    *(("integer", value) for value in ("5", "-5", "+5", "007")),
    *(("decimal", value) for value in ("1.5", "5", "-.5")),
    *(("double", value) for value in ("1e0", "INF", "NaN", "1.5")),
    *(("boolean", value) for value in ("true", "false", "1")),
    ("anyURI", "https://example.org/é"),
    ("string", "anything"),
]


def text_with_literals() -> str:
    """A file at which no shape looks."""
    rows = [ox.Literal(value, datatype=ox.NamedNode(XSD + datatype)) for datatype, value in [*ILL_TYPED, *WELL_TYPED]]
    return fork_root.text("skos", "<urn:x>\n" + "".join(f"    skos:note {literal} ;\n" for literal in rows) + ".\n")


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The messages about the literals."""
    repository = read_lean(tmp_path_factory.mktemp("literals"), {"ontology/literals.ttl": text_with_literals()})
    findings = found(repository, "ill-typed")
    assert {(finding.file, finding.severity) for finding in findings} == {("ontology/literals.ttl", Severity.VIOLATION)}
    return [finding.message.partition(" Did you mean ")[0] for finding in findings]


@pytest.mark.parametrize(("datatype", "value"), ILL_TYPED)
def test_ill_typed_literal_is_found_without_shape(messages, datatype, value):
    assert f"{value!r} is not a valid xsd:{datatype}." in messages


@pytest.mark.parametrize(("datatype", "value"), WELL_TYPED)
def test_well_typed_literal_passes(messages, datatype, value):
    assert f"{value!r} is not a valid xsd:{datatype}." not in messages


def test_ill_typed_date_has_line(tmp_path):
    text = fork_root.FILES["data/sources.ttl"].replace('"2026-11-22"^^xsd:date', '"22 November 2026"^^xsd:date')
    repository = read_lean(tmp_path, {"data/sources.ttl": text})
    [finding] = found(repository, "ill-typed")
    assert said(repository, finding) == '    coal:readOn "22 November 2026"^^xsd:date ;'
    assert finding.value == '"22 November 2026"^^xsd:date'


# Repeated statements


def test_duplicate_statement_names_first_file(tmp_path):
    text = fork_root.FILES["data/organizations.ttl"].replace(
        "source:our-partners ;\n", 'source:our-partners ;\n    skos:altLabel "Rivers"@en ;\n'
    )
    again = fork_root.text("organization skos", 'organization:river-watch\n    skos:altLabel "Rivers"@en ;\n.\n')
    repository = read_lean(tmp_path, {"data/organizations.ttl": text, "data/zz.ttl": again})
    [finding] = found(repository, "repeated-statement")
    assert (finding.file, finding.severity) == ("data/zz.ttl", Severity.VIOLATION)
    assert "data/organizations.ttl" in finding.message
    assert said(repository, finding) == '    skos:altLabel "Rivers"@en ;'


def test_duplicate_statement_in_one_file_is_formatting(tmp_path):
    text = MAPLE + 'coalition:maple-coalition skos:prefLabel "Maple Coalition"@en .\n'
    repository = read_lean(tmp_path, {NEW_FILE: text})
    assert found(repository, "repeated-statement") == []
    assert [finding.file for finding in validator.validate(of_repository(repository)) if finding.rule == "tidy"].count(
        NEW_FILE
    ) == 1


# Files that are given


def test_file_outside_root_is_validated_with_root(tmp_path):
    """Ours has a fault of its own, which is not the outsider's business."""
    ours = fork_root.COALITION_TEXT.replace("    coal:worksOn issue:water ;\n", "")
    repository = read(tmp_path, {COALITION_FILE: ours})
    outside = parse_text(MAPLE.replace("    coal:worksOn issue:water ;\n", ""), "/elsewhere/maple.ttl")
    findings = validator.validate(of_repository(repository, [outside]))
    assert {finding.file for finding in findings} == {"/elsewhere/maple.ttl"}
    assert [f.rule for f in findings if f.severity is Severity.VIOLATION] == ["Coalition-worksOn-count"]


def test_file_outside_root_may_refer_to_root(tmp_path):
    outside = parse_text(MAPLE, "maple.ttl")
    assert {f.severity for f in validator.validate(of_repository(read(tmp_path), [outside]))} == {Severity.INFO}


def test_file_outside_root_need_not_be_canonical(tmp_path):
    outside = parse_text(MAPLE.replace("    ", "\t") + "# a comment\n", "maple.ttl")
    rules = {finding.rule for finding in validator.validate(of_repository(read(tmp_path), [outside]))}
    assert not rules & {"tidy", "stray-comment"}


def test_file_outside_root_gets_literal_and_duplicate_checks(tmp_path):
    text = MAPLE + 'source:our-partners a coal:Source ; skos:note "x"^^<http://www.w3.org/2001/XMLSchema#date> .\n'
    findings = validator.validate(of_repository(read(tmp_path), [parse_text(text, "maple.ttl")]))
    assert {finding.file for finding in findings} == {"maple.ttl"}
    assert {"ill-typed", "repeated-statement"} <= {finding.rule for finding in findings}


def test_given_root_files_are_reported_alone(tmp_path):
    broken = fork_root.COALITION_TEXT.replace("    coal:worksOn issue:water ;\n", "")
    repository = read(tmp_path, {COALITION_FILE: broken, NEW_FILE: MAPLE.replace("    ", "  ")})
    [given] = [file for file in repository.files if file.path == NEW_FILE]
    findings = validator.validate(of_repository(repository, [given]))
    assert {finding.file for finding in findings} == {NEW_FILE}
    assert "tidy" in {finding.rule for finding in findings}


def test_finding_has_file_of_statement(tmp_path):
    """Two files speak of one coalition; the fault is in the second."""
    more = fork_root.text(
        "coalition coal source", f"<{fork_root.COALITION}>\n    coal:worksOn source:our-partners ;\n.\n"
    )
    repository = read(tmp_path, {"data/aaa.ttl": more, "data/zzz.ttl": more.replace("worksOn", "classifiedFrom")})
    [finding] = found(repository, "Coalition-worksOn-class")
    assert finding.file == "data/aaa.ttl"


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
    assert unmatched == [(Severity.VIOLATION, 4, "http://x/Misspelt"), (Severity.VIOLATION, 8, "http://x/q")]
    assert validator.validate(of_shapes([shapes], [data])) == []


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
