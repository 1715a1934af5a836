"""The contract of permanent URIs, through the command on real git repositories."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support import fork_root
from support.git_repository import GitRepository

from publisher.cli.main import main
from publisher.dataset.history import Past
from publisher.dataset.releases import ADDED, FOLDER, LIST
from publisher.dataset.repository import read_repository
from publisher.release.freezing import freeze
from publisher.validation.checks import contract

COALITION = "data/coalitions/green-mountain-water-coalition.ttl"
RETIRED = "data/retired.ttl"
WITHDRAWN = """<https://example.org/vt-coalitions/{}>
    skos:changeNote "No page names it."@en ;
    prov:invalidatedAtTime "2026-11-22T00:00:00Z"^^xsd:dateTime ;
.
"""
MERGED = """<https://example.org/vt-coalitions/{}>
    dcterms:isReplacedBy <https://example.org/vt-coalitions/{}> ;
    skos:changeNote "Both are the same."@en ;
    prov:invalidatedAtTime "2026-11-22T00:00:00Z"^^xsd:dateTime ;
.
"""


def retire(*lines: str) -> str:
    used = {"dcterms": "dcterms:", "prov": "prov:", "skos": "skos:", "xsd": "xsd:"}
    return fork_root.text(
        " ".join(p for p, mark in used.items() if any(mark in line for line in lines)), "\n".join(lines)
    )


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepository:
    """A small root, committed."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    found = GitRepository.init(fork_root.build(tmp_path / "work", lean=True))
    found.commit("One", "2026-11-22")
    return found


Validate = Callable[..., Result]


@pytest.fixture
def validate(work: GitRepository, monkeypatch: pytest.MonkeyPatch) -> Validate:
    """Runs `publisher validate` in the root."""

    def run(*words: str, folder: Path = work.top) -> Result:
        monkeypatch.chdir(folder)
        result = CliRunner().invoke(main, ["validate", "--engine", "pyshacl", *words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


def found(result: Result) -> list[tuple[str, str, str]]:
    """The findings of the contract in a JSON report: rule, file, and the end of the IRI."""
    findings: list[dict[str, Any]] = json.loads(result.stdout)["findings"]
    contract = [each for each in findings if each["rule"] in ("missing-iri", "changed-iri", "missing-file")]
    return [
        (f["rule"], f["file"], f.get("focus", "").replace("#", "/").replace(":", "/").rpartition("/")[2].rstrip(">"))
        for f in contract
    ]


def edit(work: GitRepository, path: str, old: str, new: str) -> None:
    text = (work.top / path).read_text()
    assert old in text
    work.write(path, text.replace(old, new))


# What is gone


def test_unchanged_root_has_no_findings(validate: Validate) -> None:
    result = validate("--strict", "--select", "missing-iri")
    assert result.exit_code == 0
    assert "Not checked" not in result.stdout


def test_deleted_file_is_a_violation(work: GitRepository, validate: Validate) -> None:
    (work.top / COALITION).unlink()
    result = validate("--format", "json")
    assert result.exit_code == 1
    assert found(result) == [("missing-iri", COALITION, "green-mountain-water-coalition")]


def test_deleted_record_is_a_violation(work: GitRepository, validate: Validate) -> None:
    edit(work, "data/issues.ttl", "issue:water\n", "issue:air\n")
    edit(work, "data/issues.ttl", '"Water"', '"Air"')
    edit(work, "data/issues.ttl", "Drinking water, waste water and the waters", "The air")
    assert found(validate("--format", "json")) == [("missing-iri", "data/issues.ttl", "water")]


def test_deleted_part_is_a_violation(work: GitRepository, validate: Validate) -> None:
    text = (work.top / COALITION).read_text()
    part = text.index(f"\n<{fork_root.COALITION}/account/twitter>")
    work.write(COALITION, text[:part].replace(f"    foaf:account <{fork_root.COALITION}/account/twitter> ;\n", ""))
    assert found(validate("--format", "json")) == [("missing-iri", COALITION, "twitter")]


@pytest.mark.parametrize(
    "line",
    [
        WITHDRAWN.format("id/coalition/green-mountain-water-coalition"),
        MERGED.format("id/coalition/green-mountain-water-coalition", "id/organization/river-watch"),
    ],
    ids=["withdrawn", "merged"],
)
def test_retired_record_may_be_deleted(work, validate, line: str) -> None:
    (work.top / COALITION).unlink()
    work.write(RETIRED, retire(line))
    assert found(validate("--format", "json")) == []


def test_deleted_retirement_is_a_violation(work: GitRepository, validate: Validate) -> None:
    work.write(RETIRED, retire(WITHDRAWN.format("id/coalition/made-up")))
    work.commit("Two")
    assert found(validate("--format", "json")) == []
    (work.top / RETIRED).unlink()
    assert found(validate("--format", "json")) == [("missing-iri", RETIRED, "made-up")]


def test_renamed_iri_is_a_violation_at_new_iri(work: GitRepository, validate: Validate) -> None:
    for path in ("data/aims.ttl", COALITION, "data/dataset.ttl"):
        edit(work, path, "aim:clean-rivers", "aim:cleaner-rivers")
    result = validate()
    assert result.exit_code == 1
    line = (work.top / "data/aims.ttl").read_text().splitlines().index("aim:cleaner-rivers") + 1
    assert f"data/aims.ttl:{line}:1: violation: aim:clean-rivers was published (the last commit) and is gone." in (
        result.stdout
    )
    assert "aim:clean-rivers dcterms:isReplacedBy aim:cleaner-rivers" in result.stdout


def test_renamed_iri_with_redirect_passes(work: GitRepository, validate: Validate) -> None:
    for path in ("data/aims.ttl", COALITION, "data/dataset.ttl"):
        edit(work, path, "aim:clean-rivers", "aim:cleaner-rivers")
    work.write(RETIRED, retire(MERGED.format("id/aim/clean-rivers", "id/aim/cleaner-rivers")))
    assert found(validate("--format", "json")) == []


def test_changed_base_is_a_violation(work: GitRepository, validate: Validate) -> None:
    for path in work.top.rglob("data/**/*.ttl"):
        path.write_text(path.read_text().replace("/vt-coalitions/", "/vermont/"))
    rules = {rule for rule, _, _ in found(validate("--format", "json"))}
    assert rules == {"changed-iri"}


@pytest.fixture
def with_ontology(work: GitRepository) -> GitRepository:
    """The small root with an ontology of its own, committed."""
    shutil.copytree(fork_root.CHECKOUT / "ontology", work.top / "ontology")
    work.commit("Ontology")
    return work


def test_deleted_context_term_or_shape_is_a_violation(with_ontology: GitRepository, validate: Validate) -> None:
    work = with_ontology
    edit(work, "ontology/context.jsonld", '"acronym"', '"akronym"')
    edit(work, "shapes/lean.ttl", "shapes#Lean-worksOn", "shapes#Lean-works")
    result = validate("--format", "json")
    assert found(result) == [
        ("missing-iri", "ontology/context.jsonld", ""),
        ("changed-iri", "shapes/lean.ttl", "Lean-worksOn"),
    ]
    assert "The term acronym of the JSON-LD context was published" in result.stdout


def test_deleted_file_without_records_is_a_violation(work: GitRepository, validate: Validate) -> None:
    link = fork_root.text("issue skos", "issue:water\n    skos:closeMatch <https://example.org/thesaurus/1> ;\n.\n")
    work.write("data/links/thesaurus.ttl", link)
    work.commit("Two")
    (work.top / "data/links/thesaurus.ttl").rename(work.top / "data/links/words.ttl")
    assert found(validate("--format", "json")) == []
    (work.top / "data/links/words.ttl").unlink()
    assert found(validate("--format", "json")) == [("missing-file", "data/links/thesaurus.ttl", "")]
    work.write(RETIRED, retire(WITHDRAWN.format("data/links/thesaurus.ttl")))
    assert found(validate("--format", "json")) == []


def test_deleted_query_is_a_violation(with_ontology: GitRepository, validate: Validate) -> None:
    work = with_ontology
    path = sorted((work.top / "ontology" / "questions").glob("*.rq"))[0]
    name = path.relative_to(work.top).as_posix()
    moved = work.top / "data" / "questions" / path.name
    moved.parent.mkdir()
    path.rename(moved)
    assert found(validate("--format", "json")) == []
    moved.unlink()
    assert found(validate("--format", "json")) == [("missing-file", name, "")]


def test_moved_record_passes(work: GitRepository, validate: Validate) -> None:
    (work.top / COALITION).rename(work.top / "data/coalitions/gmwc.ttl")
    assert found(validate("--format", "json")) == []


# Which states are compared


def test_committed_deletion_is_a_violation(work: GitRepository, validate: Validate) -> None:
    (work.top / COALITION).unlink()
    work.commit("Two")
    assert found(validate("--format", "json")) == [("missing-iri", COALITION, "green-mountain-water-coalition")]


def test_deletion_since_tag_is_reported_once(work: GitRepository, validate: Validate) -> None:
    work.run("tag", "v1.0")
    (work.top / COALITION).unlink()
    work.commit("Two")
    work.write(
        "data/coalitions/new.ttl", fork_root.text("coalition skos", 'coalition:new\n    skos:note "x"@en ;\n.\n')
    )
    work.commit("Three")
    result = validate("--format", "json")
    assert found(result) == [("missing-iri", COALITION, "green-mountain-water-coalition")]
    assert "(tag v1.0)" in result.stdout


def test_given_files_are_not_compared(work: GitRepository, validate: Validate) -> None:
    (work.top / COALITION).unlink()
    assert found(validate("--format", "json", "data/issues.ttl")) == []


def test_since_revision_reports_deletions(work: GitRepository, validate: Validate) -> None:
    (work.top / COALITION).unlink()
    assert found(validate("--format", "json", "--since", "HEAD")) == [
        ("missing-iri", COALITION, "green-mountain-water-coalition")
    ]


# What releases published


@pytest.fixture
def released(with_ontology: GitRepository, store_dir: Path) -> GitRepository:
    """The small root with an ontology of its own and its first release."""
    freeze(with_ontology.top, "1.0.0", date(2026, 11, 22), store_dir)
    with_ontology.commit("Release 1.0.0")
    return with_ontology


def test_deletion_since_release_is_a_violation(released: GitRepository, validate: Validate) -> None:
    assert found(validate("--format", "json")) == []
    (released.top / COALITION).unlink()
    edit(released, "ontology/context.jsonld", '"acronym"', '"akronym"')
    edit(released, "ontology/coalitions.ttl", "coal:achievedOn", "coal:reachedOn")
    next(iter((released.top / "ontology/questions").glob("01-*.rq"))).unlink()
    for title in ("Two", "Three"):
        released.write("data/notes.ttl", f"# {title}.\n")
        released.commit(title)
    result = validate("--format", "json")
    path = f"{FOLDER}/1.0.0/{LIST}"
    assert found(result) == [
        ("missing-iri", path, "acronym"),
        ("missing-iri", path, "green-mountain-water-coalition"),
        ("missing-iri", path, "question-01-coalitions-by-agenda"),
        ("missing-iri", path, "achievedOn"),
    ]
    assert "Restore it, with owl:deprecated and dcterms:isReplacedBy." in result.stdout


def test_retired_thing_may_be_deleted_but_retired_term_may_not(released, validate) -> None:
    (released.top / COALITION).unlink()
    edit(released, "ontology/coalitions.ttl", "coal:achievedOn", "coal:reachedOn")
    term = "<https://w3id.org/ma-coalitions/ontology#achievedOn>\n    dcterms:isReplacedBy coal:reachedOn ;\n.\n"
    header, line = retire(WITHDRAWN.format("id/coalition/green-mountain-water-coalition")).split("\n\n")
    declared = (
        "@prefix coal: <https://w3id.org/ma-coalitions/ontology#> .\n@prefix dcterms: <http://purl.org/dc/terms/> ."
    )
    released.write(RETIRED, f"{declared}\n{header}\n\n{line}\n{term}")
    assert found(validate("--format", "json")) == [("missing-iri", f"{FOLDER}/1.0.0/{LIST}", "achievedOn")]


def test_changed_context_term_is_a_violation(released: GitRepository, validate: Validate) -> None:
    edit(released, "ontology/context.jsonld", '"Aim": "coal:Aim"', '"Aim": "coal:Agenda"')
    result = validate("--format", "json")
    assert found(result) == [("changed-iri", f"{FOLDER}/1.0.0/{LIST}", "Aim")]
    assert "The term Aim of the JSON-LD context stands for coal:Agenda, but for coal:Aim in release 1.0.0." in (
        result.stdout
    )


def test_malformed_list_exits_2(released: GitRepository, validate: Validate) -> None:
    (released.top / FOLDER / "1.0.0" / LIST).write_text("one column\n")
    result = validate()
    assert result.exit_code == 2
    assert f"{FOLDER}/1.0.0/{LIST}:1: A line has three columns, separated by one tab." in result.output


def test_damaged_release_exits_2(released: GitRepository, validate: Validate) -> None:
    (released.top / FOLDER / "1.0.0" / ADDED).unlink()
    result = validate()
    assert result.exit_code == 2
    assert f"{FOLDER}/1.0.0/{ADDED} cannot be read: No such file or directory." in result.output


def test_changed_class_is_a_violation(released: GitRepository, validate: Validate) -> None:
    edit(released, COALITION, "a coal:Coalition ;", "a schema:Project ;")
    edit(released, COALITION, "@prefix skos:", "@prefix schema: <https://schema.org/> .\n@prefix skos:")
    result = validate("--format", "json")
    assert found(result) == [("changed-iri", f"{FOLDER}/1.0.0/{LIST}", "green-mountain-water-coalition")]
    assert "had the class coal:Coalition in release 1.0.0 and has org:Organization schema:Project now." in result.stdout
    assert (
        "coalition:green-mountain-water-coalition dcterms:isReplacedBy <successor> ; skos:changeNote" in result.stdout
    )


def test_further_class_passes(released: GitRepository, validate: Validate) -> None:
    edit(released, COALITION, "a coal:Coalition ;", "a coal:Coalition ;\n    a foaf:Organization ;")
    edit(released, COALITION, "@prefix skos:", "@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n@prefix skos:")
    assert found(validate("--format", "json")) == []


NAME = 'skos:prefLabel "Green Mountain Water Coalition"@en'
OTHER_SOURCE = """
source:another-page
    a coal:Source ;
    dcterms:title "Another page"@en ;
.
"""


def cite_another_page(work: GitRepository) -> None:
    text = (work.top / COALITION).read_text()
    work.write(COALITION, re.sub(r"source:[\w-]+", "source:another-page", text))
    sources = work.top / "data/sources.ttl"
    sources.write_text(sources.read_text() + OTHER_SOURCE)


def test_iri_used_for_another_thing_is_a_violation(released: GitRepository, validate: Validate) -> None:
    edit(released, COALITION, NAME, 'skos:prefLabel "Blue Mountain Ski Club"@en')
    cite_another_page(released)
    result = validate("--format", "json")
    assert found(result) == [("changed-iri", f"{FOLDER}/1.0.0/{LIST}", "green-mountain-water-coalition")]
    assert "in release 1.0.0; its name and all its sources are others now." in result.stdout


@pytest.mark.parametrize("change", ["name", "sources"])
def test_new_name_or_new_sources_alone_pass(released: GitRepository, validate: Validate, change: str) -> None:
    if change == "name":
        edit(released, COALITION, NAME, 'skos:prefLabel "Green Mountains Water Coalition"@en')
    else:
        cite_another_page(released)
    assert found(validate("--format", "json")) == []


# Without history


def test_missing_history_is_reported_and_strict_exits_2(work, validate, tmp_path: Path) -> None:
    work.commit("Two")
    work.run("clone", "-q", "--depth", "1", f"file://{work.top}", str(tmp_path / "shallow"))
    shutil.copytree(work.top, tmp_path / "archive", ignore=shutil.ignore_patterns(".git"))
    for folder, reason in (("shallow", "The clone is shallow"), ("archive", "The root is not in a git repository.")):
        plain = validate("--ignore", "tidy", folder=tmp_path / folder)
        assert plain.exit_code == 0
        assert f"Not checked whether published URIs are gone or changed: {reason}" in plain.stdout
        assert validate("--strict", "--ignore", "tidy", folder=tmp_path / folder).exit_code == 2


def test_missing_git_is_reported_and_strict_exits_2(validate: Validate, monkeypatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "Not checked whether published URIs are gone or changed: git is not installed" in validate().stdout
    assert validate("--strict").exit_code == 2


# One check at a time


def test_unparsable_earlier_file_published_nothing(tmp_path: Path) -> None:
    repository = read_repository(fork_root.build(tmp_path, lean=True))
    past = Past("then", frozenset({"data/x.ttl"}), {"data/x.ttl": "bad", "ontology/context.jsonld": "{"})
    assert [key for key, _ in contract.find_missing(repository, past)] == [("missing-file", "data/x.ttl")]


# Retired IRIs


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ({"a": "a"}, ["a is its own successor"]),
        ({"a": "b", "b": "a"}, ["The successors of a lead back to it", "The successors of b lead back to it"]),
        ({"a": "b", "b": "c", "c": "b"}, ["The successors of b lead back", "The successors of c lead back"]),
        ({"a": "b", "b": "c"}, []),
        ({"a": "b> , <https://example.org/vt-coalitions/c"}, ["a has 2 successors"]),
    ],
)
def test_loops_and_choices_of_successors_are_violations(
    tmp_path: Path, statements: dict[str, str], said: list[str]
) -> None:
    text = retire(*(MERGED.format(iri, successor) for iri, successor in statements.items()))
    repository = read_repository(fork_root.build(tmp_path, {RETIRED: text}))
    (file,) = (file for file in repository.files if file.path == RETIRED)
    findings = list(contract.find_unclear_retirements(file, {}))
    messages = [finding.message.replace("https://example.org/vt-coalitions/", "") for finding in findings]
    assert [message[: len(start)] for message, start in zip(messages, said, strict=True)] == said
    assert all((finding.file, finding.severity.name) == (RETIRED, "VIOLATION") and finding.line for finding in findings)


def test_text_as_a_successor_is_a_violation(tmp_path: Path) -> None:
    text = retire(MERGED.format("a", "b").replace("<https://example.org/vt-coalitions/b>", '"b"'))
    repository = read_repository(fork_root.build(tmp_path, {RETIRED: text}))
    (file,) = (file for file in repository.files if file.path == RETIRED)
    (finding,) = contract.find_unclear_retirements(file, {})
    assert "The successor of https://example.org/vt-coalitions/a is no IRI" in finding.message


def test_retired_record_that_a_file_describes_is_a_violation(tmp_path: Path) -> None:
    live = fork_root.COALITION.removeprefix("https://example.org/vt-coalitions/")
    repository = read_repository(fork_root.build(tmp_path, {RETIRED: retire(MERGED.format(live, "b"))}))
    (file,) = (file for file in repository.files if file.path == RETIRED)
    (finding,) = contract.find_live_retirements(file, repository.files, {})
    assert finding.message.startswith(f"{fork_root.COALITION} is retired, and data/")
    assert (finding.rule, finding.file, finding.severity.name) == ("unclear-retirement", RETIRED, "VIOLATION")
    assert finding.line


def test_blank_node_in_a_retirement_is_no_retired_iri(tmp_path: Path) -> None:
    text = retire(MERGED.format("a", "b").replace('"Both are the same."@en', '[\n        skos:note "Same." ;\n    ]'))
    repository = read_repository(fork_root.build(tmp_path, {RETIRED: text}))
    (file,) = (file for file in repository.files if file.path == RETIRED)
    findings = contract.find_incomplete_retirements(file, {})
    assert [finding.focus for finding in findings] == ["https://example.org/vt-coalitions/a"]


def test_retired_iri_without_date_or_reason_is_a_warning(tmp_path: Path) -> None:
    lines = MERGED.format("a", "b").splitlines(keepends=True), MERGED.format("c", "d").splitlines(keepends=True)
    texts = ["".join(lines[0][:2] + lines[0][-1:]), "".join(lines[1][:3] + lines[1][-1:]), MERGED.format("e", "f")]
    repository = read_repository(fork_root.build(tmp_path, {RETIRED: retire(*texts)}))
    (file,) = (file for file in repository.files if file.path == RETIRED)
    findings = list(contract.find_incomplete_retirements(file, {}))
    said = [finding.message.split(" does not state ")[1] for finding in findings]
    assert said == ["when (prov:invalidatedAtTime) and why (skos:changeNote).", "when (prov:invalidatedAtTime)."]
    assert [file.text.splitlines()[finding.line - 1][-2:] for finding in findings] == ["a>", "c>"]
    assert {(finding.file, finding.severity.name) for finding in findings} == {(RETIRED, "WARNING")}


@pytest.mark.parametrize(
    ("value", "wrong", "said"),
    [
        ('"Both are the same."@en', '""', "why (skos:changeNote): the value is not a text with words."),
        ('"Both are the same."@en', '" - "@en', "why (skos:changeNote): the value is not a text with words."),
        ('"Both are the same."@en', "skos:note", "why (skos:changeNote): the value is not a text with words."),
        ('"2026-11-22T00:00:00Z"^^xsd:dateTime', '"soon"', "when (prov:invalidatedAtTime): the value is not a valid"),
        ("2026-11-22", "2026-02-30", "when (prov:invalidatedAtTime): the value is not a valid"),
        ('"Both are the same."@en', '"", "They are one."@en', ""),
        ('"2026-11-22T00:00:00Z"^^xsd:dateTime', '"2026-11-22"^^xsd:date', ""),
    ],
)
def test_date_and_reason_of_a_retirement_are_some(tmp_path: Path, value: str, wrong: str, said: str) -> None:
    text = retire(MERGED.format("a", "b").replace(value, wrong))
    (file,) = (
        file for file in read_repository(fork_root.build(tmp_path, {RETIRED: text})).files if file.path == RETIRED
    )
    findings = list(contract.find_incomplete_retirements(file, {}))
    assert [finding.message.split(" does not state ")[1][: len(said)] for finding in findings] == (
        [said] if said else []
    )
    lines = file.text.splitlines()
    assert all(wrong in lines[finding.line - 1] for finding in findings if finding.line)
