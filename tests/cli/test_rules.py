"""The rules command: which rules it lists."""

import json

from support import ponds
from support.files import write_file


def test_the_rules_of_a_root(run, lean):
    lines = run(lean, "rules").stdout.splitlines()
    names = [line.split()[0] for line in lines]
    assert names == sorted(names)
    assert {"Lean-worksOn", "unknown-term", "unused-aim"} <= set(names)
    assert next(line.split(maxsplit=2)[1:] for line in lines if line.startswith("unknown-term ")) == [
        "warning",
        "Terms are defined by their vocabularies",
    ]


def test_the_rules_of_configured_shapes(run, tmp_path):
    ponds.build(tmp_path, 'shapes = ["shapes"]\nexclude = ["broken.ttl"]\n')
    write_file(tmp_path, "shapes/broken.ttl", "no Turtle")
    result = run(tmp_path / "shapes", "rules")
    assert result.stderr == "Configuration: ../publisher.toml\n"
    severity = {line.split()[0]: line.split()[1] for line in result.stdout.splitlines()}
    assert (severity["Pond-depth"], severity["ill-typed"]) == ("warning", "violation")
    assert "unused-aim" not in severity
    assert run(tmp_path, "rules", "--no-config", "--shapes", "shapes/ponds.ttl").stdout == result.stdout


def test_rules_as_json(run, tmp_path):
    ponds.build(tmp_path)
    rules = json.loads(run(tmp_path, "rules", "--shapes", "shapes", "--format", "json").stdout)["rules"]
    assert rules["Pond-depth"]["severity"] == "warning"
    assert {"kind", "title", "meaning", "why", "fix", "link"} < set(rules["Pond-depth"])


def test_shapes_that_cannot_be_read(run, tmp_path):
    write_file(tmp_path, "s.ttl", "no Turtle")
    result = run(tmp_path, "rules", "--shapes", "s.ttl")
    assert (result.exit_code, result.stdout.startswith("s.ttl:1:1: violation: ")) == (2, True)
