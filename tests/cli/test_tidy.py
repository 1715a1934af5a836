"""The tidy command: what it changes, what it rejects, its exit codes."""

import os
import stat
from pathlib import Path

import pytest
from support import fork_root, sample_root
from support.each import each
from support.files import snapshot, write_file

AIMS = "data/aims.ttl"
COALITION = "data/coalitions/green-mountain-water-coalition.ttl"
LOOSE = fork_root.FILES[AIMS].replace("    coal:concerns issue:water ;\n.", "  coal:concerns issue:water .")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the sample root, without the examples of its shapes."""
    return sample_root.build(tmp_path / "root")


def test_check_prints_diff_and_changes_nothing(lean, run):
    write_file(lean, AIMS, LOOSE)
    before = snapshot(lean)
    result = run(lean, "tidy", "--check")
    assert result.exit_code == 1
    assert f"--- {AIMS}\n+++ {AIMS} (canonical)\n@@ " in result.stdout
    assert "\n-  coal:concerns issue:water .\n+    coal:concerns issue:water ;\n+.\n" in result.stdout
    assert snapshot(lean) == before


def test_check_of_canonical_files_exits_0_silently(root, run):
    result = run(root, "tidy", "--check")
    assert (result.exit_code, result.stdout) == (0, "")


def test_tidy_is_idempotent(lean, run):
    write_file(lean, AIMS, LOOSE)
    before = snapshot(lean)
    assert run(lean, "tidy", AIMS).exit_code == 0
    after = snapshot(lean)
    assert after == before | {AIMS: fork_root.FILES[AIMS].encode()}
    assert run(lean, "tidy", AIMS).exit_code == 0
    assert run(lean, "tidy", AIMS, "--check").exit_code == 0
    assert snapshot(lean) == after


def test_tidy_rewrites_all_turtle_files_of_root(lean, run):
    paths = ["data/x.ttl", "data/coalitions/x.ttl", "ontology/x.ttl", "shapes/x.ttl", "shapes/examples/Aim/valid/x.ttl"]
    fork_root.copy_ontology(lean)
    wanted = fork_root.text("skos", '<urn:{}>\n    skos:note "x" ;\n.\n')
    for path in paths:
        write_file(lean, path, wanted.format(path).replace(" ;\n.", " ."))
    checked = run(lean, "tidy", "--check")
    assert checked.exit_code == 1
    assert [path for path in paths if f"+++ {path}" not in checked.stdout] == []
    assert run(lean, "tidy").exit_code == 0
    assert [(lean / path).read_text() for path in paths] == [wanted.format(path) for path in paths]


@pytest.mark.parametrize("options", [[], ["--check"]], ids=["tidy", "check"])
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (LOOSE + "# Do not lose me.\n", "stray-comment"),
        ("# Header.\n\n# Do not lose me either.\n" + LOOSE, "stray-comment"),
        (LOOSE + "_:a coal:concerns _:b . _:c coal:concerns _:b .\n", "shared-blank-node"),
    ],
)
def test_tidy_rejects_files_with_content_it_would_lose(lean, run, options, text, rule):
    """In a file beside the root, so that it is not read with the rest."""
    path = write_file(lean, "elsewhere/x.ttl", text)
    result = run(lean, "tidy", *options, path)
    assert result.exit_code == 1
    assert f"[{rule}]" in result.stdout
    assert path.read_text() == text


def test_tidy_skips_only_file_with_stray_comment(lean, run):
    write_file(lean, AIMS, LOOSE)
    kept = write_file(lean, "data/issues.ttl", fork_root.FILES["data/issues.ttl"] + "# Do not lose me.\n").read_text()
    assert run(lean, "tidy").exit_code == 1
    assert (lean / AIMS).read_text() == fork_root.FILES[AIMS]
    assert (lean / "data/issues.ttl").read_text() == kept


def test_tidy_keeps_header_comments(lean, run):
    write_file(lean, COALITION, fork_root.COALITION_TEXT.replace("    ", " "))
    run(lean, "tidy")
    assert (lean / COALITION).read_text() == fork_root.COALITION_TEXT


def test_tidy_keeps_the_permissions_of_a_file(lean, run):
    path = write_file(lean, AIMS, LOOSE)
    path.chmod(0o640)
    run(lean, "tidy", path)
    assert path.read_text() != LOOSE
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_tidy_leaves_no_file_behind(lean, run):
    write_file(lean, AIMS, LOOSE)
    before = set(os.listdir(lean / "data"))
    run(lean, "tidy")
    assert set(os.listdir(lean / "data")) == before


def test_tidy_fixes_line_endings(lean, run):
    write_file(lean, AIMS, fork_root.FILES[AIMS].replace("\n", "\r\n").removesuffix("\r\n"))
    assert run(lean, "tidy", "--check", AIMS).exit_code == 1
    assert run(lean, "tidy", AIMS).exit_code == 0
    assert (lean / AIMS).read_bytes() == fork_root.FILES[AIMS].encode()


@each(
    ("name", "text"),
    [
        ("ontology/context.jsonld", None),
        ("x.jsonld", '{"@id": "urn:a", "urn:p": {"@id": "urn:b"}}'),
        ("x.nt", "<urn:a> <urn:p> <urn:b> .\n"),
        ("x.nq", "<urn:a> <urn:p> <urn:b> <urn:g> .\n"),
        ("x.trig", "<urn:g> { <urn:a> <urn:p> <urn:b> }\n"),
    ],
)
def test_tidy_rejects_files_other_than_turtle(lean, run, name, text):
    """Turtle in a file of another format would be no such file any more, and named graphs would be lost."""
    fork_root.copy_ontology(lean)
    path = lean / name if text is None else write_file(lean, name, text)
    before = path.read_bytes()
    assert run(lean, "tidy", path).exit_code == 2
    assert path.read_bytes() == before


def test_unreadable_file_stops_tidy_before_writing(lean, run):
    write_file(lean, AIMS, LOOSE)
    write_file(lean, "data/issues.ttl", "no Turtle")
    result = run(lean, "tidy")
    assert result.exit_code == 2
    assert result.stdout.startswith("data/issues.ttl:1:1: violation: ")
    assert (lean / AIMS).read_text() == LOOSE


def test_file_outside_root_keeps_prefixes_comments_and_labels(lean, run):
    text = (
        "# On top.\n\n@prefix b: <https://pond.example/> .\n@prefix unused: <urn:u:> .\n\n"
        "# About c.\nb:c b:p _:x ; b:q _:x . # both\n"
    )
    path = lean.parent / "theirs.ttl"
    path.write_text(text)
    result = run(lean, "tidy", path)
    assert result.exit_code == 0
    assert path.read_text() == (
        "# On top.\n\n@prefix b: <https://pond.example/> .\n@prefix unused: <urn:u:> .\n\n"
        "# About c.\nb:c\n    b:p _:x ;\n    b:q _:x ;  # both\n.\n"
    )
    assert run(lean, "tidy", "--check", path).stdout == ""


def test_configured_data_and_exclusions(run, tmp_path):
    untidy, other = "<urn:a> <urn:b> 1 .", "<urn:c> <urn:d> 2 ."
    write_file(tmp_path, "publisher.toml", 'data = ["d", "x.nt"]\nexclude = ["d/old"]\n')
    write_file(tmp_path, "x.nt", "<urn:a> <urn:b> <urn:c> .\n")
    for name in ("d/a.ttl", "d/old/b.ttl", "elsewhere/c.ttl"):
        write_file(tmp_path, name, untidy)
    checked = run(tmp_path / "d", "tidy", "--diff")
    assert (checked.exit_code, checked.stdout.count("+++ d/a.ttl"), checked.stdout.count("+++")) == (1, 1, 1)
    assert run(tmp_path / "d", "tidy").exit_code == 0
    assert (tmp_path / "d/a.ttl").read_text() != untidy
    assert {(tmp_path / name).read_text() for name in ("d/old/b.ttl", "elsewhere/c.ttl")} == {untidy}
    write_file(tmp_path, "d/old/b.ttl", other)
    assert "0 file(s)" in run(tmp_path / "d", "tidy", "--force-exclude", "old/b.ttl").stderr
    assert (tmp_path / "d/old/b.ttl").read_text() == other
    run(tmp_path / "d", "tidy", "old/b.ttl")
    assert (tmp_path / "d/old/b.ttl").read_text() != other


def test_foreign_files_need_no_root(run, tmp_path):
    """A root that cannot be read does not matter to them."""
    write_file(tmp_path, "data/dataset.ttl", "no Turtle")
    path = write_file(tmp_path.parent / "others", "x.ttl", "<urn:a> <urn:b> 1 .")
    assert run(tmp_path, "tidy", path).exit_code == 0
    assert path.read_text() == "<urn:a>\n    <urn:b> 1 ;\n.\n"


def test_base_and_relative_iris_of_a_file_outside_of_the_root(run, tmp_path):
    text = "@base <https://pond.example/> .\n@prefix p: <terms#> .\n<a>  p:q <b> .\n"
    path = write_file(tmp_path, "x.ttl", text)
    assert run(tmp_path, "tidy", "x.ttl").exit_code == 0
    assert path.read_text() == "@base <https://pond.example/> .\n@prefix p: <terms#> .\n\n<a>\n    p:q <b> ;\n.\n"
    relative = write_file(tmp_path, "y.ttl", "<>  <p> <../b> .\n")
    assert run(tmp_path, "tidy", "y.ttl").exit_code == 0
    assert relative.read_text() == "<>\n    <p> <../b> ;\n.\n"
