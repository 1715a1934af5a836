"""Comments that ignore a rule on one line."""

import json
import re

import pytest
from support import ponds
from support.files import write_file

from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.namespaces import XSD
from publisher.validation.suppressions import apply_suppressions

RULES = dict.fromkeys(["Pond-name", "Pond-depth", "unknown-term"])
NAMELESS, DEEP = ponds.NAMELESS.format("a").rstrip(), ponds.DEEP.format("b").rstrip()


@pytest.fixture
def found(run, tmp_path):
    """Validates a text, and returns the line and rule of each finding, and the last line of the report."""

    def validate(text: str, name: str = "x.ttl", *words: str) -> tuple[list[tuple[int, str]], str]:
        ponds.build(tmp_path)
        write_file(tmp_path, name, text)
        result = run(tmp_path, "validate", "--no-config", "--shapes", "shapes", name, *words)
        assert result.exit_code in (0, 1), result.stderr
        lines = re.findall(r"^[^\s:]+:(\d+):\d+: \w+: .* \[(\S+)\]$", result.stdout, re.MULTILINE)
        return [(int(line), rule) for line, rule in lines], result.stdout.splitlines()[-1]

    return validate


@pytest.mark.parametrize(
    "text",
    [
        f"{NAMELESS} # publisher: ignore Pond-name\n",
        f"{NAMELESS} # publisher: ignore[Pond-name]\n",
        f"{NAMELESS} # publisher: ignore [Pond-name] -- as printed\n",
        f"{NAMELESS}#publisher:ignore Pond-name -- it has none\n",
        f"# publisher: ignore Pond-name\n{NAMELESS}\n",
        f"   # publisher: ignore Pond-name\r\n{NAMELESS}\r\n",
        f"# publisher: ignore Pond-name\n# Another comment.\n{NAMELESS}\n",
        f'ex:n a ex:Pond ; ex:name """a\n"""^^<{XSD}date> .  # publisher: ignore ill-typed\n',
    ],
)
def test_a_finding_is_suppressed(found, text):
    findings, last = found(ponds.HEAD + text)
    assert findings == []
    assert last == "No findings, 1 suppressed."


def test_several_rules_and_lines(found):
    text = (
        f"{ponds.HEAD}# publisher: ignore Pond-depth, unknown-term\n"
        'ex:b a ex:Pond ; ex:name "B" ; ex:depth 1, 2 ; <http://xmlns.com/foaf/0.1/nmae> 1 .\n'
        "# publisher: ignore Pond-name\n"
        "# publisher: ignore Pond-name\n"
        f"{NAMELESS}\n{ponds.NAMELESS.format('c')}"
    )
    assert found(text) == (
        [(7, "Pond-name")],
        "1 violation, 3 suppressed. Run `publisher validate --explain RULE` for details of a rule.",
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.ttl", f'ex:x ex:y "# publisher: ignore Pond-name" . {NAMELESS}\n'),
        ("x.ttl", f'ex:x ex:y """\n# publisher: ignore Pond-name\n""" . {NAMELESS}\n'),
        ("x.ttl", f"ex:x ex:y <urn:x#publisher:ignore%20Pond-name> . {NAMELESS}\n"),
        ("x.ttl", f"ex:x\\#publisher:ignore ex:y 1 . {NAMELESS}\n".replace("publisher:ignore", "publisher")),
        ("x.ttl", f"# publisher: ignore Pond-name\n\n{NAMELESS}\n# publisher: ignore unused-suppression\n"),
        ("x.ttl", f"{NAMELESS}\n# publisher: W3C\n"),
        ("x.trig", f"ex:g {{ {NAMELESS} }}\n"),
    ],
)
def test_strings_iris_and_other_comments_suppress_nothing(found, name, text):
    findings, _ = found(ponds.HEAD + text, name)
    assert "Pond-name" in [rule for _, rule in findings]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.trig", f"{ponds.HEAD}ex:g {{\n  {NAMELESS}  # publisher: ignore Pond-name\n}}\n"),
        ("x.nt", "<urn:a> <{}type> <https://pond.example/Pond> . # publisher: ignore Pond-name\n"),
        ("x.nq", "# publisher: ignore Pond-name\n<urn:a> <{}type> <https://pond.example/Pond> <urn:g> .\n"),
    ],
)
def test_in_the_other_formats_of_the_family(found, name, text):
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    assert found(text.replace("{}type", f"{rdf}type"), name) == ([], "No findings, 1 suppressed.")


@pytest.mark.parametrize(
    ("comment", "column", "message"),
    [
        ("ignore Pond-depth", 22, "Line 2 has no finding of Pond-depth."),
        ("ignore Pond-name, Pond-nmae", 33, "There is no rule 'Pond-nmae'. Did you mean Pond-name"),
        ("ignore", 15, "The comment names no rule."),
        ("ignroe Pond-name", 15, "Unknown comment 'publisher: ignroe'. Did you mean 'publisher: ignore'?"),
    ],
)
def test_a_comment_that_suppresses_nothing_is_reported(run, tmp_path, comment, column, message):
    ponds.build(tmp_path)
    write_file(tmp_path, "x.ttl", f"{ponds.HEAD}{NAMELESS} # publisher: {comment}\n")
    words = ("--shapes", "shapes", "x.ttl", "--format", "json")
    findings = json.loads(run(tmp_path, "validate", *words).stdout)["findings"]
    [finding] = [each for each in findings if each["rule"] == "unused-suppression"]
    assert finding["message"].startswith(message)
    assert (finding["line"], finding["column"]) == (2, len(NAMELESS) + column)
    assert finding["severity"] == "warning"


def test_a_comment_about_a_rule_that_is_not_reported_is_not_unused(found):
    text = f"{ponds.HEAD}{DEEP} # publisher: ignore Pond-name\n"
    assert found(text, "x.ttl")[0] == [(2, "Pond-depth"), (2, "unused-suppression")]
    assert found(text, "x.ttl", "--ignore", "Pond-name")[0] == [(2, "Pond-depth")]
    assert found(text, "x.ttl", "--select", "Pond-depth")[0] == [(2, "Pond-depth")]


@pytest.mark.parametrize("stated", ["foaf:nmae 1", 'ex:p "x"^^xsd:date'])
def test_only_the_use_on_the_line_is_suppressed(found, stated):
    """Of findings that are reported once in a file."""
    prefixes = "@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    rule = "ill-typed" if "date" in stated else "unknown-term"
    text = f"{ponds.HEAD}{prefixes}ex:n a ex:Pond ; ex:name 1 .\n" + "".join(
        f"ex:{name} {stated} .{comment}\n"
        for name, comment in [("a", f" # publisher: ignore {rule}"), ("b", ""), ("c", "")]
    )
    findings, last = found(text)
    assert findings == [(5, rule)]
    assert "1 suppressed" in last


def test_tidy_keeps_what_comments_suppress(found, run, tmp_path):
    """Each statement of a line gets a line of its own, and findings stand at subjects, predicates and objects."""
    prefix = "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    text = (
        f"{ponds.HEAD}{prefix}{NAMELESS} # publisher: ignore Pond-name\n"
        "# publisher: ignore Pond-depth\n"
        f"{DEEP}\n"
        'ex:c a ex:Pond ; ex:p "x"^^xsd:date ; ex:name 1 . # publisher: ignore ill-typed\n'
        'ex:d ex:p [ ex:q "y"^^xsd:date ] . # publisher: ignore ill-typed\n'
    )
    findings, before = found(text, "x.ttl")
    assert findings == []
    assert run(tmp_path, "tidy", "x.ttl").exit_code == 0
    findings, after = found((tmp_path / "x.ttl").read_text(), "x.ttl")
    assert (findings, after) == ([], before)


def test_comments_in_shapes(found, run, tmp_path):
    write_file(tmp_path, "d.ttl", f"{ponds.HEAD}ex:a a ex:Pond ; ex:name 1 .\n")
    wrong = "ex:Pond-name <http://www.w3.org/ns/shacl#nmae> 1 .{}\n"
    write_file(tmp_path, "s.ttl", ponds.SHAPES + wrong.format(" # publisher: ignore unknown-term"))
    result = run(tmp_path, "validate", "--shapes", "s.ttl", "d.ttl")
    assert result.stdout.splitlines()[-1] == "No findings, 1 suppressed."


def test_suppressed_findings_in_reports(run, tmp_path):
    ponds.build(tmp_path)
    write_file(tmp_path, "x.ttl", f"{ponds.HEAD}{NAMELESS} # publisher: ignore Pond-name\n{DEEP}\n")
    words = ("validate", "--shapes", "shapes", "x.ttl", "--output", "sarif=o.sarif", "--output", "json=o.json")
    assert run(tmp_path, *words, "--write-baseline", "known.json").exit_code == 0
    results = json.loads((tmp_path / "o.sarif").read_text())["runs"][0]["results"]
    assert [(result["ruleId"], result.get("suppressions")) for result in results] == [
        ("Pond-name", [{"kind": "inSource"}])
    ]
    value = json.loads((tmp_path / "o.json").read_text())
    assert (value["suppressed"], value["findings"]) == (1, [])
    assert [entry["rule"] for entry in json.loads((tmp_path / "known.json").read_text())["findings"]] == ["Pond-depth"]


def test_a_syntax_error_cannot_be_suppressed(run, tmp_path):
    ponds.build(tmp_path)
    write_file(tmp_path, "x.ttl", "no Turtle # publisher: ignore syntax\n")
    assert run(tmp_path, "validate", "--shapes", "shapes", "x.ttl").exit_code == 1


def test_without_comments_findings_stay_as_they_are():
    findings = [Diagnostic("Pond-name", Severity.INFO, "No.", "x.ttl", 3)]
    assert apply_suppressions(findings, {}, RULES, lambda rule, file: True) == (findings, [])
