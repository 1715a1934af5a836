"""Known findings from run to run: renamed files, and entries that no longer occur."""

import json
import subprocess

import pytest
from support import ponds

BASELINE = ponds.CONFIGURED + 'baseline = "known.json"\n'
BLANK = "[] a ex:Pond .\n"


@pytest.fixture
def known(run, tmp_path):
    """A repository whose findings are known."""
    relative = "<#self> a ex:Pond .\n"
    ponds.build(tmp_path, BASELINE, one=ponds.NAMELESS.format("a") + BLANK + relative, two=ponds.NAMELESS.format("b"))
    run(tmp_path, "validate", "--write-baseline", "known.json")
    return tmp_path


@pytest.mark.parametrize("name", ["data/one point two.ttl", "data/deep/one.ttl"])
def test_a_renamed_file_keeps_its_known_findings(run, known, name):
    (known / name).parent.mkdir(exist_ok=True)
    (known / "data/one.ttl").rename(known / name)
    result = run(known, "validate", "--fail-on-stale")
    assert result.exit_code == 0
    assert "4 known findings are not listed." in result.stdout
    assert "no longer" not in result.stdout


def test_a_copy_is_new(run, known):
    (known / "data/three.ttl").write_text(ponds.HEAD + BLANK)
    result = run(known, "validate")
    assert (result.exit_code, result.stdout.count("violation: ")) == (1, 1)
    assert result.stdout.startswith("data/three.ttl:2:1: violation: ")


def test_stale_entries_are_counted_and_fail_on_request(run, known):
    (known / "data/two.ttl").write_text(ponds.HEAD + 'ex:b a ex:Pond ; ex:name "B" .\n')
    counted = run(known, "validate")
    assert counted.exit_code == 0
    assert "The baseline lists 1 finding that no longer occurs" in counted.stdout
    failed = run(known, "validate", "--fail-on-stale", "--output", "json=out.json", "--format", "text")
    assert failed.exit_code == 1
    lines = (known / "known.json").read_text().splitlines()
    [finding] = json.loads((known / "out.json").read_text())["findings"]
    assert (finding["rule"], finding["file"]) == ("stale-baseline", "known.json")
    assert '"fingerprint"' in lines[finding["line"] - 1]
    assert '"<https://pond.example/b>"' in lines[finding["line"] - 4]
    assert "[stale-baseline]" in failed.stdout


def test_entries_of_a_file_that_is_gone_are_stale(run, known):
    (known / "data/two.ttl").unlink()
    assert run(known, "validate", "data/one.ttl", "--fail-on-stale").exit_code == 1


def test_entries_of_files_that_are_not_validated_are_not_stale(run, known):
    assert run(known, "validate", "data/one.ttl", "--fail-on-stale").exit_code == 0


def test_stale_entries_need_a_baseline(run, tmp_path):
    ponds.build(tmp_path, ponds.CONFIGURED, one=ponds.NAMELESS.format("a"))
    result = run(tmp_path, "validate", "--fail-on-stale")
    assert (result.exit_code, "needs --baseline" in result.stderr) == (2, True)


def test_renamed_file_has_nothing_new_since_a_revision(run, tmp_path):
    ponds.build(tmp_path, ponds.CONFIGURED, one=ponds.NAMELESS.format("a") + BLANK)
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "One"], ["mv", "data/one.ttl", "data/two.ttl"]):
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True)
    result = run(tmp_path, "validate", "--since", "HEAD")
    assert (result.exit_code, "2 known findings are not listed." in result.stdout) == (0, True)
