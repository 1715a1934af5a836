"""The commands `tidy` and `validate`: what they print, what they change, how they end."""

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import vermont
from click.testing import CliRunner, Result

from publisher.cli import main

COALITION = "data/coalitions/green-mountain-water-coalition.ttl"
AIMS = "data/aims.ttl"
MASS_CARE = "data/coalitions/mass-care.ttl"
LOOSE = vermont.FILES[AIMS].replace("    coal:concerns issue:water ;\n.", "  coal:concerns issue:water .")
LEAN_VIOLATION = re.sub(r".* issue:.*\n", "", vermont.COALITION_TEXT)
INVALID_OUTSIDE = vermont.text("coal coalition", "coalition:maple a coal:Coalition .\n")
VALID_OUTSIDE = vermont.text(
    "organization org skos dcterms source",
    'organization:maple a org:Organization ; dcterms:source source:our-partners ; skos:prefLabel "Maple"@en .\n',
)

Run = Callable[..., Result]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of this checkout's ontology, data, shapes and checks."""
    for folder in ("ontology", "data", "shapes"):
        shutil.copytree(
            vermont.CHECKOUT / folder, tmp_path / "root" / folder, ignore=shutil.ignore_patterns("examples")
        )
    return (tmp_path / "root").resolve()


@pytest.fixture
def lean(tmp_path: Path) -> Path:
    """A small root for which validation is quick."""
    return vermont.build(tmp_path / "root", lean=True)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `publisher` with words, in a folder."""

    def invoke(folder: Path, *words: str | Path) -> Result:
        monkeypatch.chdir(folder)
        result = CliRunner().invoke(main, [str(word) for word in words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke


def snapshot(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def _write(root: Path, path: str, text: str) -> Path:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(text.encode())
    return root / path


# tidy


def test_tidy_check_shows_the_difference_and_changes_nothing(lean, run):
    _write(lean, AIMS, LOOSE)
    before = snapshot(lean)
    result = run(lean, "tidy", "--check")
    assert result.exit_code == 1
    assert f"--- {AIMS}\n+++ {AIMS} (canonical)\n@@ " in result.stdout
    assert "\n-  coal:concerns issue:water .\n+    coal:concerns issue:water ;\n+.\n" in result.stdout
    assert snapshot(lean) == before


def test_tidy_check_of_tidy_files_is_silent_and_ends_well(run):
    result = run(vermont.CHECKOUT, "tidy", "--check")
    assert (result.exit_code, result.stdout) == (0, "")


def test_tidy_rewrites_and_then_has_nothing_to_do(lean, run):
    _write(lean, AIMS, LOOSE)
    before = snapshot(lean)
    assert run(lean, "tidy", AIMS).exit_code == 0
    after = snapshot(lean)
    assert after == before | {AIMS: vermont.FILES[AIMS].encode()}
    assert run(lean, "tidy", AIMS).exit_code == 0
    assert run(lean, "tidy", AIMS, "--check").exit_code == 0
    assert snapshot(lean) == after


def test_tidy_rewrites_every_turtle_file_of_the_root_the_examples_too(lean, run):
    paths = ["data/x.ttl", "data/coalitions/x.ttl", "ontology/x.ttl", "shapes/x.ttl", "shapes/examples/Aim/valid/x.ttl"]
    wanted = vermont.text("skos", '<urn:{}>\n    skos:note "x" ;\n.\n')
    for path in paths:
        _write(lean, path, wanted.format(path).replace(" ;\n.", " ."))
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
def test_tidy_refuses_to_lose_what_canonical_form_has_no_place_for(lean, run, options, text, rule):
    """In a file beside the root, so that it is not read with the rest."""
    path = _write(lean, "elsewhere/x.ttl", text)
    result = run(lean, "tidy", *options, path)
    assert result.exit_code == 1
    assert f"[{rule}]" in result.stdout
    assert path.read_text() == text


def test_tidy_rewrites_the_others_where_one_file_would_lose_a_comment(lean, run):
    _write(lean, AIMS, LOOSE)
    kept = _write(lean, "data/issues.ttl", vermont.FILES["data/issues.ttl"] + "# Do not lose me.\n").read_text()
    assert run(lean, "tidy").exit_code == 1
    assert (lean / AIMS).read_text() == vermont.FILES[AIMS]
    assert (lean / "data/issues.ttl").read_text() == kept


def test_tidy_keeps_header_comments(lean, run):
    _write(lean, COALITION, vermont.COALITION_TEXT.replace("    ", " "))
    run(lean, "tidy")
    assert (lean / COALITION).read_text() == vermont.COALITION_TEXT


def test_tidy_keeps_the_permissions_of_a_file(lean, run):
    path = _write(lean, AIMS, LOOSE)
    path.chmod(0o640)
    run(lean, "tidy", path)
    assert path.read_text() != LOOSE
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_tidy_leaves_no_file_behind(lean, run):
    _write(lean, AIMS, LOOSE)
    before = set(os.listdir(lean / "data"))
    run(lean, "tidy")
    assert set(os.listdir(lean / "data")) == before


def test_tidy_mends_carriage_returns_and_a_missing_newline(lean, run):
    _write(lean, AIMS, vermont.FILES[AIMS].replace("\n", "\r\n").removesuffix("\r\n"))
    assert run(lean, "tidy", "--check", AIMS).exit_code == 1
    assert run(lean, "tidy", AIMS).exit_code == 0
    assert (lean / AIMS).read_bytes() == vermont.FILES[AIMS].encode()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ontology/context.jsonld", None),
        ("x.jsonld", '{"@id": "urn:a", "urn:p": {"@id": "urn:b"}}'),
        ("x.nt", "<urn:a> <urn:p> <urn:b> .\n"),
        ("x.nq", "<urn:a> <urn:p> <urn:b> <urn:g> .\n"),
        ("x.trig", "<urn:g> { <urn:a> <urn:p> <urn:b> }\n"),
    ],
)
def test_tidy_refuses_files_that_are_no_turtle(lean, run, name, text):
    """Turtle in a file of another format would be no such file any more, and named graphs would be lost."""
    path = lean / name if text is None else _write(lean, name, text)
    before = path.read_bytes()
    assert run(lean, "tidy", path).exit_code == 2
    assert path.read_bytes() == before


def test_tidy_does_not_start_where_a_file_cannot_be_read(lean, run):
    _write(lean, AIMS, LOOSE)
    _write(lean, "data/issues.ttl", "no Turtle")
    result = run(lean, "tidy")
    assert result.exit_code == 2
    assert result.stdout.startswith("data/issues.ttl:1:1: violation: ")
    assert (lean / AIMS).read_text() == LOOSE


# validate


def test_validate_ends_well_where_nothing_is_violated(root, run):
    result = run(root, "validate")
    assert result.exit_code == 0
    assert re.search(r"\n0 violations, 0 warnings, \d+ infos: nothing has to be mended\.\n\Z", result.stdout)


def test_validate_ends_with_1_on_a_violation_and_prints_where(root, run):
    lines = (root / MASS_CARE).read_text().splitlines(keepends=True)
    _write(root, MASS_CARE, "".join(line for line in lines if "coal:worksOn" not in line))
    result = run(root, "validate")
    assert result.exit_code == 1
    line = lines.index("coalition:mass-care\n") + 1
    assert re.search(rf"^{MASS_CARE}:{line}:1: violation: .* \[Coalition-worksOn-count\]$", result.stdout, re.MULTILINE)
    assert result.stdout.endswith(": mend the violations.\n")


def test_validate_ends_well_on_warnings(lean, run):
    _write(lean, "data/sources.ttl", vermont.FILES["data/sources.ttl"] + _unused_source())
    result = run(lean, "validate", "data/sources.ttl")
    assert "data/sources.ttl:16:1: warning: " in result.stdout
    assert result.exit_code == 0


def _unused_source() -> str:
    first = vermont.FILES["data/sources.ttl"].partition("\n\n")[2]
    return "\n" + first.replace("source:our-partners", "source:unused").replace("/partners/", "/unused/")


def test_validate_finds_untidy_files_and_untidy_examples(lean, run):
    _write(lean, AIMS, LOOSE)
    _write(lean, "shapes/examples/Aim/valid/aim.ttl", LOOSE)
    result = run(lean, "validate")
    assert result.exit_code == 1
    untidy = {line.partition(":")[0] for line in result.stdout.splitlines() if line.endswith("[tidy]")}
    assert {AIMS, "shapes/examples/Aim/valid/aim.ttl"} <= untidy
    assert not untidy & set(vermont.FILES) - {AIMS}


@pytest.mark.parametrize("path", [AIMS, "ontology/context.jsonld", "ontology/prefixes.ttl"])
def test_validate_ends_with_1_on_a_syntax_error_and_says_that_shapes_were_not_checked(lean, run, path):
    _write(lean, path, "{ no")
    result = run(lean, "validate")
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{path}:1:")
    assert "shapes were not checked" in result.stderr


@pytest.mark.parametrize(
    "path", ["shapes/lean.ttl", "shapes/checks/unused-aim.rq", "shapes/examples/Aim/valid/aim.ttl"]
)
def test_validate_ends_with_2_where_shapes_cannot_be_read(lean, run, path):
    _write(lean, path, "").write_bytes(b"\xff")
    result = run(lean, "validate")
    assert result.exit_code == 2
    assert result.stdout.startswith(f"{path}:1:1: violation: ")


def test_validate_ends_with_2_on_a_broken_check(lean, run):
    _write(lean, "shapes/checks/made-up.rq", "# title: A\n# severity: info\n# message: A.\n# why: A.\nSELEKT")
    result = run(lean, "validate")
    assert result.exit_code == 2
    assert "made-up" in result.stderr


def test_validate_reports_only_on_the_files_given(lean, run, tmp_path):
    _write(lean, COALITION, LEAN_VIOLATION)
    assert run(lean, "validate", AIMS).exit_code == 0
    result = run(lean / "data", "validate", "coalitions")
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{COALITION}:13:1: violation: Green Mountain Water Coalition: ")
    outside = _write(tmp_path, "outside/maple.ttl", INVALID_OUTSIDE)
    result = run(tmp_path, "validate", "--root", lean, outside)
    assert result.exit_code == 1
    assert {line.partition(":")[0] for line in result.stdout.splitlines()[:-1]} == {str(outside)}


def test_validate_takes_a_folder_for_the_rdf_files_in_it(lean, run, tmp_path):
    """Not for notes, licences and package lists, whose endings some RDF formats use too."""
    texts = {"a.ttl": VALID_OUTSIDE, "deep/b.ttl": INVALID_OUTSIDE}
    others = {"README.md": "# No RDF", "notes.txt": "no RDF", "package.json": "{}}", "x.xml": "no RDF", ".hidden": ""}
    for name, text in (texts | others).items():
        _write(tmp_path / "outside", name, text)
    result = run(tmp_path / "outside", "validate", "--root", lean, ".")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()[:-1]
    assert {line.partition(":")[0] for line in lines if ": violation: " in line} == {"deep/b.ttl"}
    assert {line.partition(":")[0] for line in lines} <= {"a.ttl", "deep/b.ttl"}


def test_validate_ends_with_1_on_a_syntax_error_of_an_outside_file(lean, run, tmp_path):
    outside = _write(tmp_path, "outside/shapes/maple.ttl", "no Turtle")
    result = run(outside.parent.parent, "validate", "--root", lean, "shapes/maple.ttl")
    assert result.exit_code == 1
    assert result.stdout.startswith("shapes/maple.ttl:1:1: violation: ")


@pytest.mark.parametrize("given", [["empty"], ["missing.ttl"], ["notes.docx"], ["missing"]])
def test_validate_ends_with_2_where_there_is_nothing_to_validate(lean, run, given):
    (lean / "empty").mkdir()
    _write(lean, "notes.docx", "no RDF")
    result = run(lean, "validate", *given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1].startswith("publisher: ")


# Both


@pytest.mark.parametrize("command", ["tidy", "validate"])
def test_every_run_names_its_root(lean, run, command):
    assert f"Root: {lean}\n" in run(lean / "data", command).stderr


@pytest.mark.parametrize("command", ["tidy", "validate"])
def test_the_root_may_come_from_the_environment_and_the_option_goes_first(lean, run, tmp_path, monkeypatch, command):
    other = vermont.build(tmp_path / "other", lean=True)
    monkeypatch.setenv("PUBLISHER_ROOT", str(other))
    assert f"Root: {other}\n" in run(tmp_path, command).stderr
    assert f"Root: {lean}\n" in run(tmp_path, command, "--root", lean).stderr


@pytest.mark.parametrize("command", ["tidy", "validate"])
def test_a_folder_that_is_no_root_ends_with_2(run, tmp_path, command):
    result = run(tmp_path, command, "--root", "nowhere")
    assert result.exit_code == 2
    assert "nowhere has no data/dataset.ttl" in result.stderr


@pytest.mark.parametrize(
    ("words", "suggested"),
    [(["tidy", "--chek"], "--check"), (["validate", "--rot", "x"], "--root"), (["validat"], "validate")],
)
def test_an_unknown_word_ends_with_2_and_the_nearest_known_one_is_suggested(lean, run, words, suggested):
    result = run(lean, *words)
    assert result.exit_code == 2
    assert "Did you mean" in result.stderr
    assert suggested in result.stderr


def publisher(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command as people run it."""
    program = Path(sys.executable).with_name("publisher")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PUBLISHER_")}
    return subprocess.run(
        [program, *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_installed_command_ends_with_the_exit_code_of_its_findings(lean):
    assert publisher("validate", AIMS, cwd=lean).returncode == 0
    _write(lean, COALITION, LEAN_VIOLATION)
    result = publisher("validate", cwd=lean)
    assert (result.returncode, result.stderr) == (1, f"Root: {lean}\n")
    assert "[Lean-worksOn]" in result.stdout
    _write(lean, "shapes/lean.ttl", "no Turtle")
    assert publisher("validate", cwd=lean).returncode == 2


def test_ill_typed_literals_are_told_without_a_traceback(lean):
    text = vermont.FILES["data/sources.ttl"].replace('"2026-11-22"^^xsd:date', '"22 November 2026"^^xsd:date')
    _write(lean, "data/sources.ttl", text)
    result = publisher("validate", cwd=lean)
    assert result.returncode == 1
    assert "[ill-typed]" in result.stdout
    assert result.stderr == f"Root: {lean}\n"


def test_output_cut_short_by_its_reader_is_no_traceback(root):
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
