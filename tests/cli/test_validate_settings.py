"""The settings of a run: what the configuration file gives, and what the command line replaces."""

import json
import re

import pytest
from click.testing import Result
from support import ponds, sample_root
from support.files import write_file

BAD, DEEP = ponds.NAMELESS.format("a"), ponds.DEEP.format("b")


def _found(result: Result) -> set[tuple[str, str]]:
    """The file and rule of each finding."""
    lines = re.findall(r"^([^\s:]+):[\d:]+ (?:violation|warning|info): .* \[(\S+)\]$", result.stdout, re.MULTILINE)
    return set(lines)


def test_no_arguments_validates_configured_data(run, tmp_path):
    ponds.build(tmp_path, ponds.CONFIGURED, bad=BAD)
    result = run(tmp_path, "validate")
    assert (result.exit_code, _found(result)) == (1, {("data/bad.ttl", "Pond-name")})
    assert result.stderr == "Configuration: publisher.toml\n"


def test_configuration_is_found_from_subfolder(run, tmp_path):
    """Paths of the file are relative to it, those of the command line and of the report to the working folder."""
    ponds.build(tmp_path, ponds.CONFIGURED, bad=BAD, deep=DEEP)
    result = run(tmp_path / "data", "validate", "--output", "json=out.json")
    assert _found(result) == {("bad.ttl", "Pond-name"), ("deep.ttl", "Pond-depth")}
    assert result.stderr == "Configuration: ../publisher.toml\n"
    files = {finding["file"] for finding in json.loads((tmp_path / "data/out.json").read_text())["findings"]}
    assert files == {"data/bad.ttl", "data/deep.ttl"}
    assert _found(run(tmp_path / "data", "validate", "deep.ttl")) == {("deep.ttl", "Pond-depth")}
    assert _found(run(tmp_path / "data", "validate", "d*.ttl")) == {("deep.ttl", "Pond-depth")}


def test_baseline_matches_from_any_folder(run, tmp_path):
    ponds.build(tmp_path, ponds.CONFIGURED + 'baseline = "known.json"\n', bad=BAD)
    assert run(tmp_path / "data", "validate", "--write-baseline", "../known.json").exit_code == 0
    for folder in (tmp_path, tmp_path / "data"):
        result = run(folder, "validate")
        assert (result.exit_code, "1 known finding is not listed." in result.stdout) == (0, True)


def test_options_override_configuration(run, tmp_path):
    text = 'select = ["Pond-name"]\nfail-on = "info"\nmax-per-rule = 1\nstrict = true\nbase = "urn:x:"\n'
    ponds.build(tmp_path, ponds.CONFIGURED + text, bad=BAD + ponds.NAMELESS.format("c"), deep=DEEP)
    assert "1 more finding like this is not listed" in run(tmp_path, "validate").stdout
    result = run(tmp_path, "validate", "--select", "Pond-depth", "--fail-on", "violation", "--no-strict")
    assert (result.exit_code, _found(result)) == (0, {("data/deep.ttl", "Pond-depth")})
    assert "not listed" not in run(tmp_path, "validate", "--max-per-rule", "0").stdout
    write_file(tmp_path, "other.ttl", ponds.SHAPES.replace("Pond-name", "Pond-title"))
    result = run(tmp_path, "validate", "--shapes", "other.ttl", "--select", "Pond-title", "data/bad.ttl")
    assert _found(result) == {("data/bad.ttl", "Pond-title")}


def test_select_overrides_configured_ignore(run, tmp_path):
    ponds.build(tmp_path, ponds.CONFIGURED + 'ignore = ["Pond-name"]\n', bad=BAD)
    assert _found(run(tmp_path, "validate")) == set()
    assert _found(run(tmp_path, "validate", "--select", "Pond-name")) == {("data/bad.ttl", "Pond-name")}


@pytest.mark.parametrize("pattern", ["data/old", "data/old/", "./data/old/*", "old", "**/old/**", "*/x.ttl"])
def test_rules_ignored_per_file(run, tmp_path, pattern):
    ponds.build(tmp_path, f'{ponds.CONFIGURED}[per-file-ignores]\n"{pattern}" = ["Pond-name"]\n', bad=BAD)
    write_file(tmp_path, "data/old/x.ttl", ponds.HEAD + ponds.NAMELESS.format("c") + DEEP)
    assert _found(run(tmp_path, "validate")) == {("data/bad.ttl", "Pond-name"), ("data/old/x.ttl", "Pond-depth")}


@pytest.mark.parametrize("pattern", ["data/old", "old", "x.ttl", "data/*/x.ttl", "data/**/x.ttl"])
def test_excluded_files(run, tmp_path, pattern):
    """Whoever names a file wants it."""
    ponds.build(tmp_path, f'{ponds.CONFIGURED}exclude = ["{pattern}"]\n', bad=BAD)
    write_file(tmp_path, "data/old/x.ttl", ponds.HEAD + ponds.NAMELESS.format("c"))
    assert _found(run(tmp_path, "validate")) == {("data/bad.ttl", "Pond-name")}
    assert _found(run(tmp_path, "validate", "data/**/*.ttl")) == {("data/bad.ttl", "Pond-name")}
    assert _found(run(tmp_path, "validate", "data/old/x.ttl")) == {("data/old/x.ttl", "Pond-name")}
    both = {("data/bad.ttl", "Pond-name"), ("data/old/x.ttl", "Pond-name")}
    assert _found(run(tmp_path, "validate", "--exclude", "nothing")) == both


def test_formats_of_files_are_added(run, tmp_path):
    ponds.build(tmp_path, f'{ponds.CONFIGURED}[format-of]\n"*.ponds" = "turtle"\n', good='ex:g ex:name "G" .')
    write_file(tmp_path, "data/x.ponds", ponds.HEAD + BAD)
    write_file(tmp_path, "data/y.more", ponds.HEAD + ponds.NAMELESS.format("c"))
    assert _found(run(tmp_path, "validate")) == {("data/x.ponds", "Pond-name")}
    result = run(tmp_path, "validate", "--format-of", "*.more=turtle")
    assert _found(result) == {("data/x.ponds", "Pond-name"), ("data/y.more", "Pond-name")}


def test_config_option_names_file_or_none(run, tmp_path):
    ponds.build(tmp_path, "data = 3\n", bad=BAD)
    write_file(tmp_path, "ci/strict.toml", 'shapes = ["../shapes"]\ndata = ["../data"]\n')
    result = run(tmp_path, "validate", "--config", "ci/strict.toml")
    assert (result.exit_code, _found(result)) == (1, {("data/bad.ttl", "Pond-name")})
    result = run(tmp_path, "validate", "--no-config", "--shapes", "shapes", "data")
    assert (_found(result), result.stderr) == ({("data/bad.ttl", "Pond-name")}, "")
    assert run(tmp_path, "validate", "--config", "ci/strict.toml", "--no-config").exit_code == 2


def test_invalid_configuration_exits_2(run, tmp_path):
    ponds.build(tmp_path, ponds.CONFIGURED + 'shapse = ["x"]\n', bad=BAD)
    result = run(tmp_path, "validate")
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        result.stderr
        == "publisher: publisher.toml:3:1: Unknown key 'shapse' in publisher.toml. Did you mean 'shapes'?\n"
    )


@pytest.mark.parametrize("key", ["ignore", "select"])
def test_unknown_rule_has_position(run, tmp_path, key):
    ponds.build(tmp_path, f'{ponds.CONFIGURED}{key} = ["Pond-nmae"]\n', bad=BAD)
    result = run(tmp_path, "validate")
    assert result.exit_code == 2
    assert f"publisher.toml:3:{len(key) + 6}: There is no rule 'Pond-nmae'. Did you mean Pond-name" in result.stderr


def test_unknown_per_file_rule_has_position(run, tmp_path):
    ponds.build(tmp_path, f'{ponds.CONFIGURED}[per-file-ignores]\n"data" = ["Pond-nmae"]\n', bad=BAD)
    assert "publisher.toml:4:12: There is no rule 'Pond-nmae'" in run(tmp_path, "validate").stderr


def test_write_baseline_ignores_configured_baseline(run, tmp_path):
    ponds.build(tmp_path, ponds.CONFIGURED + 'baseline = "known.json"\n', bad=BAD)
    for _ in range(2):
        assert run(tmp_path, "validate", "--write-baseline", "known.json").exit_code == 0
    assert len(json.loads((tmp_path / "known.json").read_text())["findings"]) == 1


@pytest.mark.slow
def test_configured_root_is_used(run, tmp_path):
    sample_root.build(tmp_path / "graph")
    write_file(tmp_path, "publisher.toml", 'root = "graph"\n')
    write_file(tmp_path, "sub/x", "")
    result = run(tmp_path / "sub", "validate")
    assert f"Root: {tmp_path / 'graph'}\n" in result.stderr
    assert result.exit_code == 0


def test_repository_without_root_does_not_use_packaged_copy(run, tmp_path):
    ponds.build(tmp_path, bad=BAD)
    (tmp_path / ".git").mkdir()
    result = run(tmp_path / "data", "validate")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no configuration file and no root" in result.stderr
