"""The validate command: what it prints, how it ends."""

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support import fork_root, sample_root
from support.files import snapshot, write_file
from support.git_repository import GitRepository
from support.optional_packages import extra
from support.tiers import EVERYTHING

from publisher.cli.main import main
from publisher.dataset import formatting
from publisher.rdf.namespaces import SH
from publisher.reports.output_formats import RENDERERS
from publisher.validation import validator
from publisher.validation.engines.selection import ENGINES

COALITION = "data/coalitions/green-mountain-water-coalition.ttl"
AIMS = "data/aims.ttl"
CLEAR_WATER = "data/coalitions/clear-water.ttl"
LOOSE = fork_root.FILES[AIMS].replace("    coal:concerns issue:water ;\n.", "  coal:concerns issue:water .")
LEAN_VIOLATION = re.sub(r".* issue:.*\n", "", fork_root.COALITION_TEXT)
INVALID_OUTSIDE = fork_root.text("coal coalition", "coalition:maple a coal:Coalition .\n")
VALID_OUTSIDE = fork_root.text(
    "organization org skos dcterms source",
    'organization:maple a org:Organization ; dcterms:source source:our-partners ; skos:prefLabel "Maple"@en .\n',
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the sample root, without the examples of its shapes."""
    return sample_root.build(tmp_path / "root")


# validate


def test_no_violation_exits_0(root, run):
    result = run(root, "validate")
    assert result.exit_code == 0
    assert ": info: " not in result.stdout
    folded, engine, reference, uncompared, summary = result.stdout.splitlines()
    assert re.match(r"\d+ infos are not listed: \d+ Coalition-homepage-known, \d+ ", folded)
    assert engine.startswith("SHACL engine: ")
    assert re.fullmatch(r"Reference date: \d{4}-\d\d-\d\d \(today\)\.", reference)
    assert uncompared.startswith("Not checked whether published URIs are gone or changed: ")
    assert re.fullmatch(r"\d+ infos\. Run `publisher validate --explain RULE` for details of a rule\.", summary)


def test_violation_exits_1_with_location(root, run):
    lines = (root / CLEAR_WATER).read_text().splitlines(keepends=True)
    write_file(root, CLEAR_WATER, "".join(line for line in lines if "coal:worksOn" not in line))
    result = run(root, "validate")
    assert result.exit_code == 1
    line = lines.index("coalition:clear-water\n") + 1
    found = rf"^{CLEAR_WATER}:{line}(:\d+)?: violation: .* \[Coalition-worksOn-count\]$"
    assert re.search(found, result.stdout, re.MULTILINE)
    assert re.match(r"\d+ violations?[,.]", result.stdout.splitlines()[-1])


def test_warnings_exit_0(lean, run):
    write_file(lean, "data/sources.ttl", fork_root.FILES["data/sources.ttl"] + _unused_source())
    result = run(lean, "validate", "data/sources.ttl")
    assert re.search(r"^data/sources\.ttl:16(:\d+)?: warning: ", result.stdout, re.MULTILINE)
    assert result.exit_code == 0


def _unused_source() -> str:
    first = fork_root.FILES["data/sources.ttl"].partition("\n\n")[2]
    return "\n" + first.replace("source:our-partners", "source:unused").replace("/partners/", "/unused/")


def test_files_not_canonical_are_findings(lean, run):
    """Examples of shapes are no part of it; `tidy --check` looks at them too."""
    write_file(lean, AIMS, LOOSE)
    write_file(lean, "shapes/examples/Aim/valid/aim.ttl", LOOSE)
    result = run(lean, "validate")
    assert result.exit_code == 1
    untidy = {line.partition(":")[0] for line in result.stdout.splitlines() if line.endswith("[tidy]")}
    assert untidy & {*fork_root.FILES, "shapes/examples/Aim/valid/aim.ttl"} == {AIMS}


@pytest.mark.parametrize("path", [AIMS, "ontology/context.jsonld", "ontology/prefixes.ttl"])
def test_syntax_error_exits_1_and_skips_shapes(lean, run, path):
    fork_root.copy_ontology(lean)
    write_file(lean, path, "{ no")
    result = run(lean, "validate")
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{path}:1:")
    assert "shapes were not checked" in result.stdout


@pytest.mark.parametrize("path", ["shapes/lean.ttl", "shapes/checks/unused-aim.rq"])
def test_unreadable_shapes_exit_2(lean, run, path):
    write_file(lean, path, "").write_bytes(b"\xff")
    result = run(lean, "validate")
    assert result.exit_code == 2
    assert result.stdout.startswith(f"{path}:1:1: violation: ")


def test_broken_check_exits_2(lean, run):
    write_file(lean, "shapes/checks/made-up.rq", "# title: A\n# severity: info\n# message: A.\n# why: A.\nSELEKT")
    result = run(lean, "validate")
    assert result.exit_code == 2
    assert "made-up" in result.stderr


def test_only_given_files_are_reported(lean, run, tmp_path):
    write_file(lean, COALITION, LEAN_VIOLATION)
    assert run(lean, "validate", AIMS).exit_code == 0
    result = run(lean / "data", "validate", "coalitions")
    assert result.exit_code == 1
    assert re.match(rf"{COALITION}:13(:\d+)?: violation: Green Mountain Water Coalition: ", result.stdout)
    outside = write_file(tmp_path, "outside/maple.ttl", INVALID_OUTSIDE)
    result = run(tmp_path, "validate", "--root", lean, outside)
    assert result.exit_code == 1
    assert _files(result) == {"outside/maple.ttl"}


def _files(result: Result, levels: str = "violation") -> set[str]:
    """The files with findings of these levels."""
    return set(re.findall(rf"^([^:\n]+)(?::\d+)*: (?:{levels}): ", result.stdout, re.MULTILINE))


def test_folder_means_its_rdf_files(lean, run, tmp_path):
    """Not for notes, licences and package lists, whose endings some RDF formats use too."""
    texts = {"a.ttl": VALID_OUTSIDE, "deep/b.ttl": INVALID_OUTSIDE}
    others = {"README.md": "# No RDF", "notes.txt": "no RDF", "package.json": "{}}", "x.xml": "no RDF", ".hidden": ""}
    for name, text in (texts | others).items():
        write_file(tmp_path / "outside", name, text)
    result = run(tmp_path / "outside", "validate", "--root", lean, ".")
    assert result.exit_code == 1
    assert _files(result, "violation") == {"deep/b.ttl"}
    assert _files(result, "violation|warning|info") <= {"a.ttl", "deep/b.ttl"}


def test_syntax_error_in_file_outside_root_exits_1(lean, run, tmp_path):
    outside = write_file(tmp_path, "outside/shapes/maple.ttl", "no Turtle")
    result = run(outside.parent.parent, "validate", "--root", lean, "shapes/maple.ttl")
    assert result.exit_code == 1
    assert result.stdout.startswith("shapes/maple.ttl:1:1: violation: ")


@pytest.mark.parametrize("given", [["empty"], ["missing.ttl"], ["notes.docx"], ["missing"]])
def test_nothing_to_validate_exits_2(lean, run, given):
    (lean / "empty").mkdir()
    write_file(lean, "notes.docx", "no RDF")
    result = run(lean, "validate", *given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1].startswith("publisher: ")


# validate: reports


def test_output_file_gets_report_and_stderr_gets_summary(lean, run):
    result = run(lean, "validate", AIMS, "--format", "json", "--output", "out.json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith("\nNo findings.\n")
    assert json.loads((lean / "out.json").read_text())["findings"] == []
    assert not [path for path in lean.iterdir() if path.name.startswith(".")]


def test_one_run_writes_several_formats(lean, run):
    write_file(lean, COALITION, LEAN_VIOLATION)
    words = ("--format", "text", "--output", "sarif=a.sarif", "--output", "junit=b.xml", "--output", "gitlab=c=d.json")
    result = run(lean, "validate", *words)
    assert result.exit_code == 1
    assert "[Lean-worksOn]" in result.stdout
    for name in ("a.sarif", "b.xml", "c=d.json"):
        assert "Lean-worksOn" in (lean / name).read_text()


def test_output_without_format_defaults_to_text(lean, run):
    assert run(lean, "validate", AIMS, "--output", "out.txt").stdout == ""
    assert (lean / "out.txt").read_text().endswith("\nNo findings.\n")


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "sarif", "--format", "json"),
        ("--format", "sarif", "--format", "text", "--output", "x"),
        ("--format", "yaml"),
        ("--output", "nowhere/x.txt"),
        ("--output", "data"),
        ("--fail-on", "error"),
        ("--stdin-format", "csv"),
        ("--shapes", "shapes"),
        ("--baseline", "missing.json"),
        ("--write-baseline", "nowhere/x.json"),
        ("--write-baseline", "x.json", "--baseline", "x.json"),
        ("--select", "no-such-rule"),
        ("--explain", "no-such-rule"),
    ],
)
def test_invalid_options_exit_2_without_report(lean, run, words):
    before = snapshot(lean)
    result = run(lean, "validate", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") <= 5
    assert snapshot(lean) == before


@pytest.mark.parametrize("name", RENDERERS)
def test_reports_are_reproducible_without_local_paths(lean, run, name):
    data = "@prefix coal: <https://w3id.org/ma-coalitions/ontology#> . [] a coal:Coalition . "
    write_file(lean, "d.ttl", data + "_:x a coal:Coalition ; <urn:q> [ a coal:Coalition ] .")
    words = ("validate", lean / "d.ttl", "--shapes", lean / "shapes/lean.ttl", "--format", name)
    runs = [run(lean, *words) for _ in range(2)]
    assert runs[0].exit_code == 1
    assert runs[0].stdout == runs[1].stdout
    assert str(lean.parent) not in runs[0].stdout
    assert "d.ttl" in runs[0].stdout


def test_paths_are_relative_to_working_folder(lean, run):
    """As GitHub and GitLab want them, whose working folder is the top of the repository."""
    only = ("--select", "Lean-worksOn")
    write_file(lean, COALITION, LEAN_VIOLATION)
    assert _files(run(lean.parent, "validate", "--root", lean, *only)) == {f"root/{COALITION}"}
    assert _files(run(lean / "data", "validate", "--root", lean, *only)) == {COALITION}


def test_file_outside_root_with_same_name_is_distinct(lean, run, tmp_path):
    write_file(tmp_path, "elsewhere/data/aims.ttl", INVALID_OUTSIDE)
    result = run(tmp_path / "elsewhere", "validate", "--root", lean, AIMS)
    assert result.exit_code == 1
    assert _files(result) == {AIMS}


def test_report_is_utf8_in_any_locale(tmp_path, monkeypatch):
    write_file(tmp_path, "s.ttl", fork_root.LEAN_SHAPES)
    (tmp_path / os.fsdecode(b"\xff.ttl")).write_text("no Turtle, \N{MOUNTAIN}")
    monkeypatch.chdir(tmp_path)
    for name in RENDERERS:
        words = ["validate", ".", "--shapes", "s.ttl", "--format", name, "--output", f"json={tmp_path / 'out.json'}"]
        result = CliRunner(charset="ascii").invoke(main, words)
        assert result.exit_code == 1, result.stderr
        assert "\N{REPLACEMENT CHARACTER}.ttl" in (tmp_path / "out.json").read_text(encoding="utf-8")


# validate: what counts


@pytest.mark.parametrize(("level", "code"), [("violation", 0), ("warning", 1), ("info", 1)])
def test_fail_on_sets_failing_severity(lean, run, level, code):
    write_file(lean, "data/sources.ttl", fork_root.FILES["data/sources.ttl"] + _unused_source())
    assert run(lean, "validate", "data/sources.ttl", "--fail-on", level).exit_code == code


def test_select_and_ignore_filter_rules(lean, run):
    write_file(lean, COALITION, LEAN_VIOLATION + "# Stray.\n")
    assert set(_rules(run(lean, "validate"))) >= {"Lean-worksOn", "stray-comment", "tidy"}
    assert _rules(run(lean, "validate", "--select", "stray-comment")) == ["stray-comment"]
    left = run(lean, "validate", "--ignore", "Lean-worksOn", "--ignore", "tidy")
    assert not {"Lean-worksOn", "tidy"} & set(_rules(left))
    both = run(lean, "validate", "--select", "tidy", "--select", "stray-comment", "--ignore", "tidy")
    assert _rules(both) == ["stray-comment"]


def _rules(result: Result) -> list[str]:
    return re.findall(r": (?:violation|warning|info): .* \[([\w-]+)\]$", result.stdout, re.MULTILINE)


@pytest.mark.parametrize("option", ["--select", "--ignore", "--explain"])
def test_unknown_rule_has_suggestion(lean, run, option):
    result = run(lean, "validate", AIMS, option, "stray-coment")
    assert result.exit_code == 2
    assert "Did you mean stray-comment" in result.stderr


@pytest.mark.parametrize("words", [("--ignore", "syntax"), ("--select", "tidy"), ("--baseline", "known.json")])
def test_unreadable_file_never_passes(lean, run, words):
    """Whatever is left out of the report, since nothing else was checked."""
    write_file(lean, "known.json", '{"version": 1, "findings": []}')
    write_file(lean, AIMS, "no Turtle")
    result = run(lean, "validate", *words)
    assert result.exit_code == 1
    assert _rules(result) == ["syntax"]


def test_max_per_rule_shortens_text_report_only(lean, run):
    write_file(lean, AIMS, LOOSE + "".join(f"# {n}\n" for n in range(8)))
    result = run(
        lean, "validate", AIMS, "--select", "stray-comment", "--max-per-rule", "3", "--output", "json=all.json"
    )
    assert len(json.loads((lean / "all.json").read_text())["findings"]) == 8
    assert len(_rules(result)) == 3
    assert "      5 more findings like this are not listed.\n" in result.stdout
    assert "8 violations" in result.stdout.splitlines()[-1]
    everything = run(lean, "validate", AIMS, "--select", "stray-comment", "--max-per-rule", "0")
    assert len(_rules(everything)) == 8
    run(lean, "validate", AIMS, "--select", "stray-comment", "--write-baseline", "known.json")
    write_file(lean, AIMS, LOOSE + "".join(f"# {n}\n" for n in range(7)))
    assert _rules(run(lean, "validate", AIMS, "--select", "stray-comment", "--baseline", "known.json")) == []


def test_strict_option_reaches_validation(lean, run, monkeypatch):
    asked = []
    monkeypatch.setattr(validator, "validate", lambda context, progress: asked.append(context) or [])
    run(lean, "validate", "--strict")
    assert [context.strict for context in asked] == [True]


# validate: what is new


def test_baseline_hides_known_findings(lean, run):
    write_file(lean, COALITION, LEAN_VIOLATION)
    written = run(lean, "validate", "--write-baseline", "known.json")
    assert written.exit_code == 0
    known = json.loads((lean / "known.json").read_text())["findings"]
    assert "Lean-worksOn" in {entry["rule"] for entry in known}
    write_file(lean, COALITION, "# A line more on top.\n" + LEAN_VIOLATION)
    result = run(lean, "validate", "--baseline", "known.json")
    assert (result.exit_code, _rules(result)) == (0, [])
    assert f"{len(known)} known finding" in result.stdout
    write_file(lean, AIMS, LOOSE)
    result = run(lean, "validate", "--baseline", "known.json")
    assert (result.exit_code, _rules(result)) == (1, ["tidy"])


def test_fixed_baseline_findings_are_reported(lean, run):
    write_file(lean, COALITION, LEAN_VIOLATION)
    run(lean, "validate", "--write-baseline", "known.json")
    write_file(lean, COALITION, fork_root.COALITION_TEXT)
    stale = "The baseline lists"
    assert stale in run(lean, "validate", "--baseline", "known.json").stdout
    assert stale in run(lean, "validate", COALITION, "--baseline", "known.json").stdout
    assert stale not in run(lean, "validate", AIMS, "--baseline", "known.json").stdout
    assert stale not in run(lean, "validate", "--baseline", "known.json", "--select", "tidy").stdout


def test_incomplete_run_writes_no_baseline(lean, run):
    write_file(lean, AIMS, "no Turtle")
    assert run(lean, "validate", "--write-baseline", "known.json").exit_code == 2
    assert not (lean / "known.json").exists()


@pytest.fixture
def versioned(lean: Path) -> Path:
    """A repository with a violation in its only commit, which the lean root is a folder of."""
    write_file(lean, COALITION, LEAN_VIOLATION)
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "One"]):
        subprocess.run(["git", *who, *words], cwd=lean.parent, check=True)
    return lean


@pytest.mark.parametrize("folder", [".", "root", "root/data"])
def test_since_revision_reports_new_findings_only(versioned, run, folder):
    write_file(versioned, COALITION, "# A line more on top.\n" + LEAN_VIOLATION)
    write_file(versioned, AIMS, LOOSE)
    result = run(versioned.parent / folder, "validate", "--root", versioned, "--since", "HEAD")
    assert (result.exit_code, _rules(result)) == (1, ["tidy"])
    assert "known findings are not listed." in result.stdout


def test_since_revision_with_paths_and_shapes(versioned, run):
    shapes, data = fork_root.LEAN_SHAPES, fork_root.text("coal", "<urn:{}> a coal:Coalition .\n")
    top = versioned.parent
    write_file(top, "s.ttl", shapes)
    write_file(top, "d/a.ttl", data.format("a"))
    subprocess.run(["git", "add", "."], cwd=top, check=True)
    subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false", "commit", "-qm", "Two"],
        cwd=top,
        check=True,
    )
    write_file(top, "d/b.ttl", data.format("b"))
    words = ("validate", "d", "--shapes", "s.ttl", "--since")
    assert _files(run(top, *words, "HEAD")) == {"d/b.ttl"}
    before = run(top, *words, "HEAD~1")
    assert _files(before) == {"d/a.ttl", "d/b.ttl"}
    assert "All findings count as new, because nothing could be checked at HEAD~1" in before.stdout


def test_since_unknown_revision_exits_2(versioned, run):
    result = run(versioned, "validate", "--since", "nowhere")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'nowhere' is not a revision of this repository" in result.stderr


# validate: files that do not concern the root


FOREIGN = """@prefix : <http://example.org/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix coal: <https://w3id.org/ma-coalitions/ontology#> .
:club a org:Organization .
"""
"""It violates the shape of organizations in `ORGANIZATION_SHAPE`."""
ORGANIZATION_SHAPE = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://w3id.org/ma-coalitions/shapes#Club> a sh:NodeShape ; sh:targetClass org:Organization ;
    sh:property <https://w3id.org/ma-coalitions/shapes#Club-label> .
<https://w3id.org/ma-coalitions/shapes#Club-label> sh:path rdfs:label ; sh:minCount 1 .
"""
CLUB_RULE = "Club-label"


@pytest.fixture
def club_root(lean: Path) -> Path:
    """A root whose shapes, and one of whose checks, find something in `FOREIGN`."""
    write_file(lean, "shapes/club.ttl", ORGANIZATION_SHAPE)
    header = "# title: A\n# severity: violation\n# message: A.\n# why: A.\n"
    query = "SELECT ?focus { ?focus a <http://www.w3.org/ns/org#Organization> }"
    write_file(lean, "shapes/checks/no-club.rq", header + query)
    return lean


def test_root_shapes_skip_unrelated_files(club_root, run, tmp_path):
    write_file(tmp_path, "d.ttl", FOREIGN)
    result = run(tmp_path, "validate", "--root", club_root, "d.ttl")
    assert (result.exit_code, _rules(result)) == (0, [])
    assert "Files not checked by shapes" in result.stdout
    assert "of the root: 1. --shapes coalitions checks them." in result.stdout
    assert "SHACL engine" not in result.stdout


def test_root_shapes_apply_where_requested(club_root, run, tmp_path):
    write_file(tmp_path, "d.ttl", FOREIGN)
    result = run(tmp_path, "validate", "--root", club_root, "--shapes", "coalitions", "d.ttl")
    assert (result.exit_code, set(_rules(result))) == (1, {CLUB_RULE, "no-club"})
    assert "Files not checked by shapes" not in result.stdout


@pytest.mark.parametrize(
    "stated",
    [
        ":club coal:worksOn :water .",
        ":a a coal:Coalition .",
        f"<{fork_root.BASE}id/organization/club> a org:Organization .",
        f"<> <http://www.w3.org/2002/07/owl#imports> <{fork_root.BASE}shapes> .",
    ],
    ids=["property", "class", "subject", "import"],
)
def test_root_shapes_apply_to_files_with_its_vocabulary_or_base(club_root, run, tmp_path, stated):
    write_file(tmp_path, "d.ttl", FOREIGN + stated)
    result = run(tmp_path, "validate", "--root", club_root, "d.ttl")
    assert CLUB_RULE in _rules(result)
    assert "Files not checked by shapes" not in result.stdout


@pytest.mark.parametrize(
    ("stated", "rule"),
    [
        (":club org:memberOff :union .", "unknown-term"),
        (':club rdfs:comment "9026-99-99"^^xsd:date .', "ill-typed"),
        (f":club org:linkedTo <{fork_root.BASE}id/issue/watre> .", "dangling-reference"),
        (":club org:linkedTo :union", "syntax"),
    ],
)
def test_unrelated_files_get_all_other_checks(club_root, run, tmp_path, stated, rule):
    write_file(tmp_path, "d.ttl", FOREIGN + stated)
    result = run(tmp_path, "validate", "--root", club_root, "d.ttl")
    assert _rules(result) == [rule]


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "2026-13-01", "01/02/2026", "2026"])
def test_invalid_reference_date_exits_2(run, tmp_path, text):
    result = run(tmp_path, "validate", "--as-of", text)
    assert result.exit_code == 2
    assert f"Invalid value for '--as-of': '{text}' is not a valid date; write YYYY-MM-DD" in result.stderr


def test_foreign_files_skip_date_and_duplicate_checks(club_root, run, tmp_path):
    text = FOREIGN + ':club <http://purl.org/dc/terms/issued> "2999-01-01"^^xsd:date .\n'
    for name in ("d.ttl", "e.ttl"):
        write_file(tmp_path, name, text)
    result = run(tmp_path, "validate", "--root", club_root, "--as-of", "2026-01-01", "d.ttl", "e.ttl")
    assert (result.exit_code, _rules(result)) == (0, [])


def test_foreign_files_beside_root_are_checked_separately(club_root, run, tmp_path):
    write_file(tmp_path, "d.ttl", FOREIGN)
    result = run(tmp_path, "validate", "--root", club_root, "d.ttl", club_root / AIMS)
    assert (result.exit_code, _rules(result)) == (0, [])
    assert "SHACL engine" in result.stdout
    assert "of the root: 1. " in result.stdout


@pytest.mark.parametrize("shapes", [(), ("--shapes", "coalitions")], ids=["foreign", "coalitions"])
def test_foreign_files_validate_without_root(run, tmp_path, shapes):
    write_file(tmp_path, "d.ttl", FOREIGN + ':club rdfs:comment "x"^^xsd:date .')
    result = run(tmp_path, "validate", *shapes, "d.ttl")
    assert result.exit_code == 1
    assert "ill-typed" in _rules(result)
    assert ("SHACL engine" in result.stdout) == bool(shapes)


def test_named_shapes_option_needs_files(club_root, run, tmp_path):
    result = run(club_root, "validate", "--shapes", "coalitions")
    assert (result.exit_code, result.stderr.count("needs at least one PATH")) == (2, 1)
    result = run(club_root, "validate", "--shapes", "coalitions", "--shapes", "shapes/club.ttl", "data")
    assert (result.exit_code, result.stderr.count("cannot be combined")) == (2, 1)


# validate: others' shapes, standard input


def test_foreign_data_validates_with_foreign_shapes(run, tmp_path):
    write_file(tmp_path, "shapes/deep/s.ttl", fork_root.LEAN_SHAPES)
    write_file(tmp_path, "good.ttl", fork_root.text("coal", "<urn:a> a coal:Coalition ; coal:worksOn <urn:b> .\n"))
    bad = "@prefix : <https://w3id.org/ma-coalitions/ontology#> . @prefix my: <urn:my:> . my:a a :Coalition ."
    write_file(tmp_path, "bad.ttl", bad)
    for shapes in ("shapes", "shapes/**/*.ttl", "shapes/deep/s.ttl"):
        assert run(tmp_path, "validate", "--shapes", shapes, "good.ttl").exit_code == 0
        result = run(tmp_path, "validate", "--shapes", shapes, "good.ttl", "bad.ttl")
        assert (result.exit_code, _files(result)) == (1, {"bad.ttl"})
        assert "focus node: my:a\n" in result.stdout
        assert "Root: " not in result.stderr


def _mentioning(root: Path, tmp_path: Path) -> tuple[str, str]:
    """Files of others beside a root: shapes, and data in JSON-LD that refer to the root by its context."""
    write_file(
        tmp_path,
        "s.ttl",
        "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:S> a sh:NodeShape ; sh:targetNode <urn:r> .",
    )
    context = f'"@context": "{fork_root.BASE}context.jsonld"'
    data = f'{{{context}, "id": "urn:r", "type": "Colaition", "worksOn": "{fork_root.BASE}id/issue/watre"}}'
    write_file(tmp_path, "d.jsonld", data.replace('"Colaition"', '"coal:Colaition"'))
    return "s.ttl", "d.jsonld"


@pytest.mark.parametrize("ours", [False, True], ids=["theirs", "ours"])
def test_file_that_refers_to_root_is_checked_against_it(lean, run, tmp_path, ours):
    shapes, data = _mentioning(lean, tmp_path)
    where, words = (tmp_path, ("--root", lean)) if ours else (lean, ("--shapes", tmp_path / shapes))
    result = run(where, "validate", tmp_path / data, *words)
    assert {"dangling-reference", "undefined-term"} <= set(_rules(result))
    assert (
        f"Did you mean {fork_root.BASE}id/issue/water?" in result.stdout or "Did you mean issue:water?" in result.stdout
    )
    assert "Did you mean coal:Coalition?" in result.stdout
    assert result.exit_code == int(ours)


def test_unreadable_root_does_not_stop_foreign_validation(lean, run, tmp_path):
    shapes, data = _mentioning(lean, tmp_path)
    write_file(lean, "data/issues.ttl", "no Turtle")
    result = run(lean, "validate", "--shapes", tmp_path / shapes, tmp_path / data)
    assert (result.exit_code, _rules(result)) == (0, [])
    assert (
        f"References to {fork_root.BASE} were not compared with what is published there: data/issues.ttl"
        in result.stdout
    )


def test_stdin_can_use_packaged_context(lean, monkeypatch):
    monkeypatch.chdir(lean)
    text = f'{{"@context": "{fork_root.BASE}context.jsonld", "id": "urn:a", "type": "Coalition"}}'
    words = ["validate", "-", "--stdin-format", "jsonld", "--shapes", "shapes/lean.ttl"]
    result = CliRunner().invoke(main, words, input=text)
    assert (result.exit_code, _rules(result)) == (1, ["Lean-worksOn"])


@pytest.mark.parametrize("name", ["dangling-reference", "document-reference", "retired-reference", "unknown-term"])
def test_reference_rules_are_explained(lean, run, name):
    result = run(lean, "validate", "--explain", name)
    assert (result.exit_code, result.stdout.partition(":")[0]) == (0, name)
    assert "Wrong (" in result.stdout


@pytest.mark.parametrize("name", RENDERERS)
def test_reports_show_suggestion(lean, run, name):
    write_file(lean, "d.ttl", f"<urn:r> <urn:p> <{fork_root.COALITION}s> .")
    result = run(lean, "validate", "d.ttl", "--format", name)
    assert "green-mountain-water-coalition?" in result.stdout


@pytest.mark.parametrize(
    ("shapes", "code", "stdout", "stderr"),
    [
        ("no Turtle", 2, "s.ttl:1:1: violation: ", ""),
        ("", 2, "", "publisher: "),
        ("<urn:a> <urn:b> <urn:c> .", 2, "", "publisher: The shapes have no targets"),
    ],
)
def test_broken_or_missing_foreign_shapes_exit_2(run, tmp_path, shapes, code, stdout, stderr):
    write_file(tmp_path, "s.ttl", shapes)
    write_file(tmp_path, "d.ttl", "<urn:a> <urn:b> <urn:c> .")
    result = run(tmp_path, "validate", "--shapes", "s.ttl", "d.ttl")
    assert result.exit_code == code
    assert result.stdout.startswith(stdout)
    assert stderr in result.stderr


def test_unreadable_foreign_data_is_a_finding(run, tmp_path):
    write_file(tmp_path, "s.ttl", fork_root.LEAN_SHAPES)
    for name in ("a.ttl", "b.ttl"):
        write_file(tmp_path, name, "no Turtle")
    result = run(tmp_path, "validate", "--shapes", "s.ttl", ".", "--ignore", "syntax")
    assert (result.exit_code, _files(result)) == (1, {"a.ttl", "b.ttl"})
    assert "shapes were not checked" in result.stdout


@pytest.mark.parametrize("shapes", [("--shapes", "s.ttl"), ()], ids=["theirs", "ours"])
def test_empty_data_never_passes(lean, run, tmp_path, shapes):
    write_file(tmp_path, "s.ttl", fork_root.LEAN_SHAPES)
    write_file(tmp_path, "d.ttl", "# Nothing.\n")
    root = () if shapes else ("--root", lean)
    result = run(tmp_path, "validate", "d.ttl", *shapes, *root)
    assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("turtle", "<urn:a> a <https://w3id.org/ma-coalitions/ontology#Coalition> ."),
        ("trig", "<urn:g> { <urn:a> a <https://w3id.org/ma-coalitions/ontology#Coalition> }"),
        ("jsonld", '{"@id": "urn:a", "@type": "https://w3id.org/ma-coalitions/ontology#Coalition"}'),
    ],
)
def test_stdin_format_option(lean, monkeypatch, name, text):
    monkeypatch.chdir(lean)
    words = ["validate", "-", "--shapes", "shapes/lean.ttl", "--stdin-format", name]
    result = CliRunner().invoke(main, words, input=text)
    assert (result.exit_code, _files(result)) == (1, {"<stdin>"})
    broken = CliRunner().invoke(main, words, input="{ no")
    assert (broken.exit_code, _rules(broken)) == (1, ["syntax"])


# validate: where people use it


def test_github_actions_gets_annotations_and_summary(lean, run, monkeypatch):
    write_file(lean, COALITION, LEAN_VIOLATION)
    write_file(lean, "summary.md", "Before.\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(lean / "summary.md"))
    result = run(lean, "validate", "--select", "Lean-worksOn")
    assert _rules(result) == ["Lean-worksOn"]
    assert re.search(rf"^::error file={COALITION},line=13,", result.stdout, re.MULTILINE)
    summary = (lean / "summary.md").read_text()
    assert summary.startswith("Before.\n### Validation\n")
    assert "| violation |" in summary
    chosen = run(lean, "validate", "--format", "json")
    assert json.loads(chosen.stdout)["summary"]["failed"] is True


def test_unwritable_summary_exits_2(lean, run, monkeypatch):
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(lean / "nowhere" / "summary.md"))
    result = run(lean, "validate", AIMS)
    assert result.exit_code == 2
    assert "summary.md: No such file" in result.stderr


def test_outside_github_no_annotations(lean, run, monkeypatch):
    write_file(lean, COALITION, LEAN_VIOLATION)
    assert "::error" not in run(lean, "validate").stdout


def test_explain_prints_rule_without_validation(lean, run, tmp_path):
    result = run(lean, "validate", "--explain", "unused-aim")
    assert (result.exit_code, result.stdout.partition(":")[0]) == (0, "unused-aim")
    assert "Why: " in result.stdout
    result = run(tmp_path, "validate", "--shapes", "root/shapes/lean.ttl", "--explain", "Lean-worksOn")
    assert (result.exit_code, result.stdout.partition(":")[0]) == (0, "Lean-worksOn")


@pytest.mark.parametrize("words", [["--help"], ["--explain", "tidy"]])
def test_help_and_explain_import_no_validator(lean, words):
    code = (
        "import sys; from click.testing import CliRunner; from publisher.cli.main import main\n"
        f"result = CliRunner().invoke(main, ['validate', *{words!r}])\n"
        "print(result.exit_code, {'rdflib', 'pyshacl', 'rich', 'flask'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=lean, capture_output=True, text=True, check=True)
    assert done.stdout == "0 set()\n"


# A person at a terminal


@pytest.mark.parametrize(
    ("environment", "colored"),
    [({}, True), ({"NO_COLOR": "1"}, False), *([({"TERM": "dumb"}, False)] if EVERYTHING else [])],
)
def test_terminal_output_is_colored_unless_disabled(lean, environment, colored):
    write_file(lean, COALITION, LEAN_VIOLATION)
    program = Path(sys.executable).with_name("publisher")
    inherited = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "GITHUB_ACTIONS")}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [program, "validate", "--select", "Lean-worksOn"],
        cwd=lean,
        env=inherited | {"TERM": "xterm"} | environment,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):
            while chunk := os.read(ours, 4096):
                said += chunk
        assert process.wait() == 1
    os.close(ours)
    assert (b"\x1b[" in said) is colored


# The installed command


def publisher(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command as people run it."""
    program = Path(sys.executable).with_name("publisher")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PUBLISHER_", "GITHUB_"))}
    return subprocess.run(
        [program, *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_installed_command_exit_code(lean):
    """An ill-typed literal is one of them: neither engine logs a traceback of it."""
    text = fork_root.FILES["data/sources.ttl"].replace('"2026-11-22"^^xsd:date', '"22 November 2026"^^xsd:date')
    write_file(lean, "data/sources.ttl", text)
    write_file(lean, COALITION, LEAN_VIOLATION)
    result = publisher("validate", cwd=lean)
    assert (result.returncode, result.stderr) == (1, f"Root: {lean}\n")
    assert "[Lean-worksOn]" in result.stdout
    assert "[ill-typed]" in result.stdout


def test_closed_output_pipe_prints_no_traceback(root):
    """As in `publisher tidy --check | head -1`."""
    program = Path(sys.executable).with_name("publisher")
    for path in sorted((root / "shapes").glob("*.ttl")):
        path.write_text(path.read_text().replace("    ", " "))
    with subprocess.Popen(
        [program, "tidy", "--check"], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
    assert "Traceback" not in said


def test_missing_engine_exits_2_with_hint(lean, run, monkeypatch):
    monkeypatch.setitem(sys.modules, "shacl", None)
    monkeypatch.delitem(sys.modules, "publisher.validation.engines.shacl_engine", raising=False)
    result = run(lean, "validate", "--engine", "fast")
    assert result.exit_code == 2
    assert "The engine fast needs shacl. Install it with: pip install '.[fast]'." in result.stderr


def test_broken_shapes_exit_2_with_location(lean, run):
    path = write_file(lean, "shapes/lean.ttl", fork_root.LEAN_SHAPES.replace("sh:minCount 1", 'sh:minCount "one"'))
    result = run(lean, "validate", "--format", "github")
    assert result.exit_code == 2
    assert "\n::error file=shapes/lean.ttl,line=13," in result.stdout
    assert "What is broken in the shapes was left out; the rest was checked." in result.stderr
    assert run(lean, "validate", "--ignore", "broken-shape").exit_code == 2
    outside = run(lean, "validate", "--shapes", path, "data")
    assert outside.exit_code == 2
    assert "[broken-shape]" in outside.stdout
    allowed = run(lean, "validate", "--allow-broken-shapes", "--shapes", path, "data")
    assert allowed.exit_code == 0
    assert "warning: " in allowed.stdout


def test_constraints_that_rely_on_broken_ones_are_named(run, tmp_path):
    shape = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n<urn:S> sh:targetNode <urn:a> ;\n  sh:not [ sh:in <urn:x> ] ."
    write_file(tmp_path, "shapes.ttl", shape)
    write_file(tmp_path, "data.ttl", "<urn:a> a <urn:C> .")
    result = run(tmp_path, "validate", "--shapes", "shapes.ttl", "data.ttl")
    assert "on what is broken or not supported in the shapes: sh:not (shapes.ttl:3:3).\n" in result.stdout


def test_unmatched_shapes_are_counted(run, tmp_path):
    shape = "<urn:S{0}> a <{1}NodeShape> ; <{1}targetClass> <urn:C{0}> .\n"
    write_file(tmp_path, "one.ttl", shape.format(1, SH))
    write_file(tmp_path, "two.ttl", shape.format(1, SH) + shape.format(2, SH))
    write_file(tmp_path, "data.ttl", "<urn:a> a <urn:C2> .")
    some = run(tmp_path, "validate", "--fail-on", "info", "--shapes", "two.ttl", "data.ttl")
    assert some.exit_code == 0
    assert "The targets of 1 of 2 shapes match no node in the data; --strict lists them." in some.stdout
    none = run(tmp_path, "validate", "--shapes", "one.ttl", "data.ttl")
    assert none.exit_code == 2
    assert "so nothing was validated" in none.stdout
    for shapes in ("one.ttl", "two.ttl"):
        strict = run(tmp_path, "validate", "--strict", "--shapes", shapes, "data.ttl")
        assert strict.exit_code == 1
        assert _rules(strict) == ["unmatched-shape"]


RELATIVE_SHAPES = (
    f"@prefix sh: <{SH}> .\n<#S> a sh:NodeShape ; sh:targetClass <c.ttl#C> ;"
    " sh:property [ sh:path <c.ttl#p> ; sh:minCount 1 ] .\n"
)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("d.ttl", "<#a> a <c.ttl#C> .\n"),
        ("d.jsonld", '{"@id": "#a", "@type": "c.ttl#C"}'),
        (
            "d.rdf",
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<r:Description r:ID="a"><r:type r:resource="c.ttl#C"/></r:Description></r:RDF>',
        ),
    ],
)
def test_relative_iris_are_reported_relative(run, tmp_path, name, text, engine):
    """RFC 3986, section 5.1.3. A run in another checkout prints the same."""
    if engine == "fast":
        extra("shacl", "fast")
    outputs = set()
    for folder in ("one", "two"):
        write_file(tmp_path / folder, "s.ttl", RELATIVE_SHAPES)
        write_file(tmp_path / folder, name, text)
        result = run(tmp_path / folder, "validate", "--engine", engine, "--shapes", "s.ttl", name, "--format", "json")
        assert result.exit_code == 1
        outputs.add(result.stdout)
    [output] = outputs
    [finding] = json.loads(output)["findings"]
    assert (finding["focus"], finding["terms"]["focus"], finding["shape"]) == (f"{name}#a", f"<{name}#a>", "_:b0")
    assert str(tmp_path) not in output


def test_base_option_replaces_file_base(run, tmp_path):
    write_file(tmp_path, "s.ttl", RELATIVE_SHAPES.replace("c.ttl", "http://example.org/c"))
    write_file(tmp_path, "d.ttl", "<#a> a <c#C> .\n")
    words = ("validate", "--base", "http://example.org/d", "--shapes", "s.ttl", "--format", "json")
    findings = json.loads(run(tmp_path, *words, "d.ttl").stdout)["findings"]
    assert [finding["focus"] for finding in findings] == ["http://example.org/d#a"]


def test_shacl_report_has_relative_iris(run, tmp_path):
    write_file(tmp_path, "s.ttl", RELATIVE_SHAPES.replace("sh:property", "sh:closed true ; sh:property"))
    write_file(tmp_path, "d.ttl", "<#a> a <c.ttl#C> .\n")
    report = run(tmp_path, "validate", "--shapes", "s.ttl", "d.ttl", "--format", "turtle").stdout
    assert "sh:focusNode <d.ttl#a> ;" in report
    assert "sh:sourceShape <s.ttl#S> ;" in report


def test_findings_without_location_stay_distinct(run, tmp_path):
    """Nor in a baseline, which counts them."""
    write_file(
        tmp_path,
        "s.ttl",
        "<urn:S> <http://www.w3.org/ns/shacl#targetClass> <urn:C> ; <http://www.w3.org/ns/shacl#property>"
        " [ <http://www.w3.org/ns/shacl#path> <urn:p> ; <http://www.w3.org/ns/shacl#minCount> 1 ] .",
    )
    things = ['{"@type": "urn:C"}', '{"@type": "urn:C", "urn:q": 1}', '{"@type": "urn:C", "urn:q": 2}']
    write_file(tmp_path, "d.jsonld", f"[{things[0]}]")
    assert run(tmp_path, "validate", "--shapes", "s.ttl", "d.jsonld", "--write-baseline", "k.json").exit_code == 0
    write_file(tmp_path, "d.jsonld", f"[{', '.join(things)}]")
    words = ("validate", "--shapes", "s.ttl", "d.jsonld", "--format", "json")
    found = json.loads(run(tmp_path, *words).stdout)["findings"]
    assert [finding["rule"] for finding in found] == ["urn:S/<urn:p>/MinCount"] * 3
    known = run(tmp_path, *words, "--baseline", "k.json")
    assert (known.exit_code, len(json.loads(known.stdout)["findings"])) == (1, 2)


# validate: what the report prints


def test_infos_are_listed_if_selected_or_failing(root, run):
    listed = run(root, "validate", "--select", "Coalition-homepage-known")
    assert ": info: " in listed.stdout
    assert "not listed" not in listed.stdout
    failing = run(root, "validate", "--fail-on", "info")
    assert failing.exit_code == 1
    assert ": info: " in failing.stdout


def test_quiet_prints_findings_only(lean, run):
    write_file(lean, COALITION, LEAN_VIOLATION)
    result = run(lean, "validate", "--quiet")
    assert (result.exit_code, result.stderr) == (1, "")
    assert re.match(rf"{COALITION}:\d+:\d+: violation: ", result.stdout)
    assert not re.search("Reference date|Not checked|--explain", result.stdout)


def test_quiet_without_findings_prints_nothing(lean, run):
    result = run(lean, "validate", "--quiet", AIMS)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_quiet_strict_without_history_states_reason(lean, run):
    result = run(lean, "validate", "--quiet", "--strict", "--ignore", "tidy")
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        "Not checked whether published URIs are gone or changed: The root is not in a git repository." in result.stderr
    )


COMMAND_NAMES = ("::stop-commands::x.ttl", "##[error]x.ttl", "esc\x1b[31m.ttl")


def test_file_name_is_no_workflow_command(run, tmp_path):
    write_file(tmp_path, "shapes.ttl", fork_root.LEAN_SHAPES)
    for name in COMMAND_NAMES:
        write_file(tmp_path, name, "bad\n")
    text = run(tmp_path, "validate", "--shapes", "shapes.ttl", ".", "--format", "text").stdout
    assert not re.search(r"^\s*(::|##\[)", text, re.MULTILINE)
    assert "./::stop-commands::x.ttl:1:1: violation: " in text
    assert "./##[error]x.ttl:1:1: violation: " in text
    github = run(tmp_path, "validate", "--shapes", "shapes.ttl", ".", "--format", "github").stdout
    assert len(github.splitlines()) == 3
    assert all(line.startswith("::error file=") for line in github.splitlines())
    assert "\x1b" not in text + github


def test_quoted_line_is_no_workflow_command(run, tmp_path, monkeypatch):
    """The runner obeys `##[command]` anywhere in a line, and `::command::` after spaces."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    write_file(tmp_path, "shapes.ttl", fork_root.LEAN_SHAPES)
    write_file(tmp_path, "x.ttl", '<urn:a> <urn:b> "##[error]"^^<http://www.w3.org/2001/XMLSchema#integer> .\n')
    lines = run(tmp_path, "validate", "--shapes", "shapes.ttl", "x.ttl").stdout.splitlines()
    stop = re.fullmatch(r"::stop-commands::([0-9a-f]{32})", lines[0])
    assert stop
    end = lines.index(f"::{stop[1]}::")
    assert any("##[error]" in line for line in lines[:end])
    commands = [line.partition("::")[2].partition("::")[0] for line in lines[end + 1 :]]
    assert [command.partition(",")[0] for command in commands] == [
        "error title=Validation could not run completely",
        "error file=x.ttl",
    ]


def test_diff_has_no_terminal_escapes(root, run):
    write_file(root, AIMS, (root / AIMS).read_text().replace("@prefix coal:", "# \x1b[31mred\n@prefix  coal:", 1))
    result = run(root, "tidy", "--check")
    assert "\x1b" not in result.stdout + result.stderr


def test_message_has_no_terminal_escapes(run, tmp_path):
    result = run(tmp_path, "validate", "--shapes", "esc\x1b[31m.ttl", "x.ttl")
    assert result.exit_code == 2
    assert "\x1b" not in result.stderr


# validate: the time limit


def test_timeout_exits_2(run, tmp_path):
    """Every blank node refers to every other, which takes pySHACL's report minutes."""
    shapes = "[] a sh:NodeShape ; sh:targetSubjectsOf <urn:p> ; sh:property [ sh:path <urn:p> ; sh:pattern 'a' ] ."
    write_file(tmp_path, "shapes.ttl", f"@prefix sh: <http://www.w3.org/ns/shacl#> . {shapes}")
    write_file(tmp_path, "data.ttl", "".join(f"_:b{i} <urn:p> _:b{j} .\n" for i in range(20) for j in range(20)))
    words = ("--engine", "pyshacl", "--shapes", "shapes.ttl", "data.ttl")
    result = run(tmp_path, "validate", "--timeout", "1", *words)
    assert result.exit_code == 2
    assert result.stderr.endswith("publisher: Validation exceeded the time limit of 1 s (--timeout).\n")


def test_run_within_timeout_is_unchanged(lean, run):
    write_file(lean, COALITION, LEAN_VIOLATION)
    words = ("validate", "--ignore", "tidy", "--fail-on", "violation")
    plain = run(lean, *words)
    command = [sys.executable, "-m", "publisher", *words, "--timeout", "300"]
    timed = subprocess.run(command, cwd=lean, capture_output=True, text=True)
    assert plain.exit_code == 1
    assert (timed.returncode, timed.stdout, timed.stderr) == (plain.exit_code, plain.stdout, plain.stderr)


def test_stdin_works_with_timeout(lean):
    command = [sys.executable, "-m", "publisher", "validate", "--timeout", "300", "-"]
    done = subprocess.run(command, cwd=lean, input="bad", capture_output=True, text=True)
    assert (done.returncode, done.stdout.partition(" ")[0]) == (1, "<stdin>:1:1:")


def test_format_of_option_sets_file_format(lean, run):
    (lean / "x.owl").write_text("<urn:a> <urn:p> <urn:c> .")
    assert run(lean, "validate", "x.owl").exit_code == 1
    assert run(lean, "validate", "x.owl", "--format-of", "*.owl=turtle").exit_code == 0
    refused = run(lean, "validate", "x.owl", "--format-of", "*.owl=excel")
    assert (refused.exit_code, "PATTERN=FORMAT" in refused.stderr) == (2, True)


def test_max_per_rule_counts_each_shape(run, tmp_path):
    """Unnamed shapes are different rules."""
    shape = "<urn:{0}> <{1}targetClass> <urn:C{0}> ; <{1}property> [ <{1}path> <urn:p> ; <{1}minCount> 1 ] .\n"
    write_file(tmp_path, "s.ttl", shape.format(1, SH) + shape.format(2, SH))
    things = "".join(f"<urn:a{number:02}> a <urn:C1> .\n" for number in range(60))
    write_file(tmp_path, "d.ttl", things + "<urn:z> a <urn:C2> .\n")
    text = run(tmp_path, "validate", "--shapes", "s.ttl", "d.ttl").stdout
    assert len(re.findall(r"^d\.ttl:\d+:\d+: violation: ", text, re.MULTILINE)) == 50 + 1
    assert "10 more findings like this are not listed" in text
    assert re.search(r"^d\.ttl:61:1: violation: ", text, re.MULTILINE)
    found = json.loads(run(tmp_path, "validate", "--shapes", "s.ttl", "d.ttl", "--format", "json").stdout)["findings"]
    assert len(found) == 60 + 1


# validate: ontologies and contexts


BELOW = '{"@context": "https://a.example/c", "@id": "ex:Dog", "below": {"@id": "ABOVE"}}'
CONTEXT = ("--context", "https://a.example/c=c.json")


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Shapes and data; by the ontology, which needs a context, the data conforms."""
    prefixes = (
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    )
    shape = "ex:S a sh:NodeShape ; sh:targetClass ex:Person ; sh:property [ sh:path ex:pet ; sh:class ex:Animal ] ."
    write_file(tmp_path, "s.ttl", prefixes + shape)
    write_file(tmp_path, "d.ttl", prefixes + "ex:jo a ex:Person ; ex:pet ex:rex . ex:rex a ex:Dog .")
    write_file(
        tmp_path,
        "onto/zoo.jsonld",
        '{"@context": "https://a.example/c", "@id": "ex:Dog", "below": {"@id": "ex:Animal"}}',
    )
    terms = {"ex": "http://example.org/", "below": "http://www.w3.org/2000/01/rdf-schema#subClassOf"}
    write_file(tmp_path, "c.json", json.dumps({"@context": terms}))
    return tmp_path


@pytest.mark.parametrize("engine", ENGINES)
def test_ontology_is_read_and_not_validated(pets, run, engine):
    if engine == "fast":
        extra("shacl", "fast")
    words = ("validate", "--engine", engine, "--shapes", "s.ttl", "d.ttl")
    assert run(pets, *words).exit_code == 1
    result = run(pets, *words, "--ontology", "onto", *CONTEXT)
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "No findings.")


def test_unreadable_ontology_exits_2_with_position(pets, run):
    result = run(pets, "validate", "--shapes", "s.ttl", "d.ttl", "--ontology", "onto/*.jsonld")
    assert result.exit_code == 2
    assert result.stdout.startswith("onto/zoo.jsonld:1:15: violation: The remote context https://a.example/c is not ")
    assert "Nothing was checked, because shapes or ontologies cannot be read." in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--ontology", "missing.ttl"), "missing.ttl: No such file"),
        (("--context", "https://a.example/c=missing.json"), "missing.json: No such file"),
        (("--context", "https://a.example/c=d.ttl"), "d.ttl: Not a JSON-LD context"),
        (("--context", "https://a.example/c"), "is not URL=FILE"),
        (("--context", "=c.json"), "is not URL=FILE"),
    ],
)
def test_invalid_ontology_or_context_exits_2(pets, run, words, message):
    result = run(pets, "validate", "--shapes", "s.ttl", "d.ttl", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_context_applies_to_data_shapes_pages_and_stdin(pets, run):
    node = '{"@context": "https://a.example/c", "@id": "ex:cat", "@type": "ex:Person", "ex:pet": {"@id": "ex:x"}}'
    write_file(pets, "page.html", f'<html>\n<script type="application/ld+json">{node}</script></html>')
    write_file(pets, "node.jsonld", node.replace("cat", "dog"))
    given = ("validate", "--shapes", "s.ttl", *CONTEXT, "--ontology", "onto", "--format", "json")
    found = [
        json.loads(run(pets, *given, "page.html", "node.jsonld").stdout),
        json.loads(CliRunner().invoke(main, [*given, "--stdin-format", "jsonld", "-"], input=node).stdout),
    ]
    places = [(each["file"], each["line"], each["column"]) for report in found for each in report["findings"]]
    column = node.index('"ex:pet"') + 1
    assert places == [("node.jsonld", 1, column), ("page.html", 2, column + 35), ("<stdin>", 1, column)]
    assert found[0]["findings"][1]["source"].startswith('<script type="application/ld+json">{"@context"')


def test_since_revision_uses_its_own_ontology(pets, run):
    """What the ontology no longer says makes a new finding."""
    repository = GitRepository.init(pets)
    repository.commit()
    write_file(pets, "onto/zoo.jsonld", BELOW.replace("ABOVE", "ex:Stone"))
    words = ("validate", "--shapes", "s.ttl", "d.ttl", "--ontology", "onto", *CONTEXT, "--since", "HEAD")
    assert "[S/ex:pet/Class]" in run(pets, *words).stdout
    repository.commit()
    assert run(pets, *words).exit_code == 0


@pytest.mark.parametrize("folder", [".", "onto"])
def test_ontologies_and_contexts_may_be_configured(pets, run, folder):
    words = {"shapes": ["s.ttl"], "data": ["d.ttl"], "ontologies": ["onto"]}
    lines = [f"{key} = {json.dumps(value)}" for key, value in words.items()]
    write_file(pets, "publisher.toml", "\n".join([*lines, "[contexts]", '"https://a.example/c" = "c.json"']))
    assert run(pets / folder, "validate").exit_code == 0
    write_file(pets, "onto/c.json", '{"@context": {}}')
    assert (
        run(
            pets / folder,
            "validate",
            "--context",
            f"https://a.example/c={os.path.relpath(pets / 'onto/c.json', pets / folder)}",
        ).exit_code
        == 1
    )
    write_file(pets, "onto/none.ttl", "<urn:a> <urn:p> <urn:b> .")
    assert (
        run(pets / folder, "validate", "--ontology", os.path.relpath(pets / "onto/none.ttl", pets / folder)).exit_code
        == 1
    )


def test_subclasses_in_shapes_only_are_noted(pets, run):
    """SHACL looks for them in the data."""
    text = (pets / "s.ttl").read_text()
    write_file(pets, "s.ttl", text + "\nex:Dog rdfs:subClassOf ex:Animal .")
    words = ("validate", "--shapes", "s.ttl", "d.ttl")
    result = run(pets, *words)
    assert (result.exit_code, "--ontology s.ttl adds it." in result.stdout) == (1, True)
    result = run(pets, *words, "--ontology", "s.ttl")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "No findings.")
    write_file(pets, "s.ttl", text)
    assert "--ontology" not in run(pets, *words).stdout


def test_subclasses_in_shapes_only_are_noted_where_no_target_matches(pets, run):
    text = "\nex:Cat rdfs:subClassOf ex:{} .\nex:Other sh:targetClass ex:Kitten ; sh:property [ sh:path ex:p ] ."
    shapes = (pets / "s.ttl").read_text()
    words = ("validate", "--shapes", "s.ttl", "d.ttl")
    for name, noted in (("Kitten", True), ("Unknown", False)):
        write_file(pets, "s.ttl", shapes.replace("ex:Animal", "ex:Dog") + text.format(name))
        found = run(pets, *words, "--format", "json")
        assert any("--ontology s.ttl adds it." in note for note in json.loads(found.stdout)["notes"]) is noted


# The cache and threads


@pytest.fixture
def faulty(lean: Path, tmp_path: Path) -> Path:
    """A root with findings of every kind of check, in several files."""
    write_file(lean, COALITION, LEAN_VIOLATION)
    write_file(lean, AIMS, LOOSE)
    write_file(lean, "data/other.ttl", INVALID_OUTSIDE)
    return lean


def write_reports(run, folder: Path, target: Path, *words: str) -> dict[str, str]:
    """Every report of a run in a folder: format -> text; and what it prints."""
    outputs = [word for name in RENDERERS for word in ("--output", f"{name}={target / name}")]
    result = run(folder, "validate", *words, *outputs)
    assert result.exit_code == 1
    return {name: (target / name).read_text() for name in RENDERERS} | {"printed": result.stdout}


def test_reports_are_the_same_with_threads_and_from_the_cache(faulty, run, tmp_path, monkeypatch):
    cached = ["--cache", "--cache-dir", str(tmp_path / "cache")]
    one = write_reports(run, faulty, tmp_path, "--jobs", "1")
    assert len(json.loads(one["json"])["findings"]) > 3
    assert write_reports(run, faulty, tmp_path, "--jobs", "3") == one
    assert write_reports(run, faulty, tmp_path, *cached) == one
    monkeypatch.setattr(validator, "validate", lambda *_: pytest.fail("validated again"))
    assert write_reports(run, faulty, tmp_path, *cached) == one
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_a_file_that_changed_is_checked_and_the_others_are_not_written_anew(lean, run, tmp_path, monkeypatch):
    cached = ["--cache", "--cache-dir", str(tmp_path / "cache")]
    run(lean, "validate", *cached)
    written = []
    check = formatting.check
    monkeypatch.setattr(formatting, "check", lambda file, names: written.append(file.path) or check(file, names))
    write_file(lean, AIMS, LOOSE)
    assert " [tidy]" in run(lean, "validate", *cached).stdout
    write_file(lean, AIMS, fork_root.FILES[AIMS])
    write_file(lean, "data/other.ttl", VALID_OUTSIDE)
    assert "data/other.ttl:1: violation: Not in canonical form." in run(lean, "validate", *cached).stdout
    assert set(written) == {AIMS, "data/other.ttl", "shapes/lean.ttl"}  # The last one is not canonical.
    assert (written.count(AIMS), written.count("data/other.ttl")) == (2, 1)


def test_known_findings_are_subtracted_from_a_cached_result(faulty, run, tmp_path):
    cached = ["--cache", "--cache-dir", str(tmp_path / "cache")]
    write_reports(run, faulty, tmp_path, *cached)
    assert run(faulty, "validate", *cached, "--write-baseline", "known.json").exit_code == 0
    result = run(faulty, "validate", *cached, "--baseline", "known.json")
    assert (result.exit_code, "known" in result.stdout) == (0, True)
    assert run(faulty, "validate", *cached, "--exit-zero").exit_code == 0


@pytest.mark.parametrize(
    ("ci", "words", "expected"),
    [
        ("", [], True),
        ("true", [], False),
        ("true", ["--cache"], True),
        ("", ["--no-cache"], False),
        ("false", [], True),
    ],
)
def test_the_cache_is_off_in_ci_unless_asked(lean, run, tmp_path, monkeypatch, ci, words, expected):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    run(lean, "validate", *words)
    assert any((tmp_path / "home").rglob("validation/*.json.gz")) is expected


def test_fixes_are_of_the_present_files(lean, run, tmp_path):
    """A result that was kept before a file was fixed does not come back."""
    cached = ["--cache", "--cache-dir", str(tmp_path / "cache")]
    write_file(lean, "typo.ttl", '<https://a.example/> <http://xmlns.com/foaf/0.1/nmae> "A" .')
    assert "nmae" in run(lean, "validate", *cached, "typo.ttl").stdout
    assert "1 finding was fixed" in run(lean, "validate", *cached, "--fix", "typo.ttl").stdout
    assert "nmae" not in run(lean, "validate", *cached, "typo.ttl").stdout
