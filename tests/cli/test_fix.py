"""`validate --fix` and `--diff`: what they print and write, and how they end."""

import subprocess
from pathlib import Path

import pytest
from support import fork_root, ponds
from support.files import snapshot, write_file

from publisher.dataset import files
from publisher.rdf.namespaces import XSD
from publisher.validation import fixes

WRONG = '<http://xmlns.com/foaf/0.1/nmae> "A" .\n'
RIGHT = WRONG.replace("nmae", "name")
CONFIGURED = ponds.CONFIGURED + 'fail-on = "warning"\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return ponds.build(
        tmp_path, CONFIGURED, a=f"ex:a {WRONG}# A comment.\nex:b {WRONG}", b='ex:b a ex:Pond ; ex:name "B" .\n'
    )


def test_a_diff_changes_nothing_and_can_be_applied(run, repository):
    before = snapshot(repository)
    result = run(repository, "validate", "--diff")
    assert result.exit_code == 1
    assert result.stdout.startswith("--- data/a.ttl\n+++ data/a.ttl\n@@ -1,4 +1,4 @@\n")
    assert "2 findings can be fixed in 1 file." in result.stderr
    assert snapshot(repository) == before
    subprocess.run(["git", "apply", "-p0"], input=result.stdout, text=True, cwd=repository, check=True)
    assert (repository / "data/a.ttl").read_text() == ponds.HEAD + f"ex:a {RIGHT}# A comment.\nex:b {RIGHT}"
    assert run(repository, "validate", "--fix", "--diff").exit_code == 0


def test_fixing_reports_what_is_left(run, repository):
    write_file(repository, "data/c.ttl", ponds.HEAD + ponds.NAMELESS.format("c"))
    result = run(repository / "data", "validate", "--fix")
    assert result.exit_code == 1
    assert "2 findings were fixed in 1 file.\n1 violation." in result.stdout
    assert result.stdout.startswith("c.ttl:2:1: violation: ")
    assert (repository / "data/a.ttl").read_text() == ponds.HEAD + f"ex:a {RIGHT}# A comment.\nex:b {RIGHT}"
    again = run(repository, "validate", "--fix")
    assert (again.exit_code, "Nothing to fix." in again.stdout) == (1, True)


def test_what_is_not_reported_is_not_fixed(run, repository):
    before = snapshot(repository)
    assert run(repository, "validate", "--fix", "--ignore", "unknown-term").exit_code == 0
    assert run(repository, "validate", "--fix", "data/b.ttl").exit_code == 0
    assert snapshot(repository) == before


@pytest.mark.parametrize("name", ["x.html", "x.ttl.gz"])
def test_other_files_are_named(run, repository, name):
    page = '<script type="application/ld+json">{"@id": "urn:a", "http://xmlns.com/foaf/0.1/nmae": 1}</script>'
    data = page.encode() if name == "x.html" else files.gzip.compress(f"<urn:a> {WRONG}".encode())
    (repository / "data" / name).write_bytes(data)
    result = run(repository, "validate", "--fix")
    assert result.exit_code == 1
    assert f"1 proposal is left to you in data/{name}: " in result.stdout
    assert (repository / "data" / name).read_bytes() == data


def test_json_ld_with_a_given_context(run, repository):
    write_file(repository, "context.json", '{"@context": {"@vocab": "http://xmlns.com/foaf/0.1/"}}')
    text = '{"@context": "https://pond.example/context",\n  "@id": "urn:a", "nmae": "nmae"}\n'
    path = write_file(repository, "data/x.jsonld", text)
    result = run(repository, "validate", "--fix", "--context", "https://pond.example/context=context.json")
    assert (result.exit_code, "3 findings were fixed in 2 files." in result.stdout) == (0, True)
    assert path.read_text() == text.replace('"nmae":', '"name":')


def test_a_file_that_changed_meanwhile_is_not_written(run, repository, monkeypatch):
    find = fixes.fix_file

    def change(file, findings):
        write_file(repository, "data/a.ttl", "# Written by somebody else.\n")
        return find(file, findings)

    monkeypatch.setattr(fixes, "fix_file", change)
    result = run(repository, "validate", "--fix")
    assert result.exit_code == 2
    assert "data/a.ttl changed in the meantime. Nothing was written" in result.stderr
    assert (repository / "data/a.ttl").read_text() == "# Written by somebody else.\n"


def test_the_files_of_a_root(run, lean):
    loose = fork_root.COALITION_TEXT.replace("issue:water", "issue:watre")
    assert loose != fork_root.COALITION_TEXT
    path = write_file(lean, "data/coalitions/green-mountain-water-coalition.ttl", loose)
    result = run(lean, "validate", "--fix", path)
    assert "1 finding was fixed in 1 file." in result.stdout
    assert path.read_text() == fork_root.COALITION_TEXT


def test_literals_of_a_root_become_canonical(run, lean):
    text = fork_root.FILES["data/aims.ttl"]
    loose = text.rstrip("\n.") + f'\n    <urn:p> 007, "1.50"^^<{XSD}decimal> ;\n.\n'
    path = write_file(lean, "data/aims.ttl", loose)
    run(lean, "validate", "--fix", "data/aims.ttl")
    assert f'<urn:p> 7, "1.5"^^<{XSD}decimal> ;\n' in path.read_text()


def test_diff_of_files_that_cannot_be_read_is_the_report(run, repository):
    write_file(repository, "data/c.ttl", "no Turtle")
    result = run(repository, "validate", "--diff")
    assert result.exit_code == 1
    assert result.stdout.startswith("data/c.ttl:1:1: violation: ")


def test_what_a_fix_makes_visible_is_fixed_too(run, repository):
    write_file(repository, "data/a.ttl", f'{ponds.HEAD}ex:a ex:p "TRUE"^^<{XSD}boolena> .\n')
    result = run(repository, "validate", "--fix")
    assert (result.exit_code, "2 findings were fixed in 1 file." in result.stdout) == (0, True)
    assert (repository / "data/a.ttl").read_text() == f'{ponds.HEAD}ex:a ex:p "true"^^<{XSD}boolean> .\n'
