"""What people and programs read of findings: every format as it was last read and approved, and what each promises.

The golden files are in `tests/golden/`. After a change that is meant to change them,
`PUBLISHER_TESTS_WRITE_GOLDEN=1 pytest tests/test_reports.py` writes them anew, to be read as a diff.
"""

import itertools
import json
import os
import re
from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import jsonschema
import pyoxigraph as ox
import pytest
from jsonschema.protocols import Validator
from support.findings import COUNT, FINDINGS, INFO, NESTED, REPORT, RULES, V, W

from publisher.diagnostic import Diagnostic, Rule
from publisher.rdf.namespaces import SH
from publisher.reports.output_formats import RENDERERS
from publisher.reports.renderers import github, gitlab, json_report, junit, markdown, sarif, text
from publisher.reports.report import Report, message_of

TESTS = Path(__file__).parent
GOLDEN = TESTS / "golden"
WRITE = bool(os.environ.get("PUBLISHER_TESTS_WRITE_GOLDEN"))
EMPTY = Report((), RULES)
APPROVED: dict[str, Callable[[], str]] = {name: partial(printer, REPORT) for name, printer in RENDERERS.items()} | {
    "markdown": lambda: markdown.render(REPORT),
    "explain": lambda: text.explain_rule(RULES["Aim-definition-count"]),
}
"""Name of an approved text -> what prints it now."""


@pytest.fixture(autouse=True)
def _a_fixed_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "__version__", "1.2.3")


# Every format


@pytest.mark.parametrize("name", APPROVED)
def test_report_equals_golden_file(name: str) -> None:
    path, printed = GOLDEN / f"report.{name}", APPROVED[name]()
    if WRITE:
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(printed, encoding="utf-8")
    assert printed == path.read_text(encoding="utf-8")


def test_every_golden_file_has_a_format() -> None:
    assert {path.suffix[1:] for path in GOLDEN.iterdir()} == set(APPROVED)


@pytest.mark.parametrize("name", RENDERERS)
@pytest.mark.parametrize("report", [EMPTY, Report(FINDINGS), Report([Diagnostic("x", V, "No.")])], ids=[*"abc"])
def test_empty_report_is_written_in_every_format(name: str, report: Report) -> None:
    printed = RENDERERS[name](report)
    assert printed == RENDERERS[name](report)
    assert printed.endswith("\n") or name == "github"


@pytest.mark.parametrize("name", RENDERERS)
def test_formats_contain_every_finding(name: str) -> None:
    alike = [Diagnostic("r", V, f"Message{n}.", "a.ttl", n) for n in range(1, 8)]
    assert sorted(set(re.findall(r"Message\d", RENDERERS[name](Report(alike))))) == [f"Message{n}" for n in range(1, 8)]


# Text


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (Diagnostic("syntax", V, "No.", "a.ttl", 3, 7), "a.ttl:3:7: violation: No. [syntax]"),
        (Diagnostic("unused-aim", W, "No.", "a.ttl", 3), "a.ttl:3: warning: No. [unused-aim]"),
        (Diagnostic("known", INFO, "No.", "a.ttl"), "a.ttl: info: No. [known]"),
        (Diagnostic("known", INFO, "No."), "info: No. [known]"),
        (Diagnostic("r", V, "No.", "a.ttl", focus="aim:x", label="X"), "a.ttl: violation: X: No. [r]"),
        (Diagnostic("r", V, "No.", "a.ttl", focus="aim:x"), "a.ttl: violation: aim:x: No. [r]"),
        (Diagnostic("r", V, "No.", "a.ttl", focus="_:b0"), "a.ttl: violation: No. [r]"),
        (Diagnostic("r", V, "X has no name.", "a.ttl", label="X"), "a.ttl: violation: X has no name. [r]"),
        (Diagnostic("r", V, "One\ntwo\r\n\tthree.", "a.ttl"), "a.ttl: violation: One two three. [r]"),
        (Diagnostic("r", V, "\x1b[31mRed\u202e", "a\n.ttl"), "a .ttl: violation: \ufffd[31mRed\ufffd [r]"),
    ],
)
def test_text_finding_is_one_linkable_line(finding: Diagnostic, line: str) -> None:
    assert text.render_line(finding) == line


@pytest.mark.parametrize(
    ("levels", "fail_on", "failed", "counts"),
    [
        ([V], V, True, "1 violation"),
        ([W, W, INFO], V, False, "2 warnings, 1 info"),
        ([W, W, INFO], W, True, "2 warnings, 1 info"),
        ([V, V, W], W, True, "2 violations, 1 warning"),
        ([V, W, INFO], INFO, True, "1 violation, 1 warning, 1 info"),
    ],
)
def test_text_summary_counts_severities(levels, fail_on, failed, counts) -> None:
    report = Report([Diagnostic("rule", level, "No.", "a.ttl", n) for n, level in enumerate(levels)], fail_on=fail_on)
    assert report.sentences == [f"{counts}. Run `publisher validate --explain RULE` for details of a rule."]
    assert text.render(report).endswith(f"\n{report.sentences[-1]}\n")
    assert report.failed is failed


def test_text_without_findings() -> None:
    assert text.render(Report()) == "No findings.\n"


def test_text_counts_omitted_findings() -> None:
    assert Report([NESTED]).sentences[-1].startswith("3 warnings. ")
    assert "\n      2 more findings like this are not listed.\n" in text.render(Report([NESTED]))


def _shown(finding: Diagnostic) -> list[str]:
    return text.render(Report([finding])).splitlines()[1:3]


@pytest.mark.parametrize(
    ("source", "column", "end", "caret"),
    [
        ("aim:a a coal:Aim .", 9, (2, 17), "        ^~~~~~~~"),
        ("aim:a a coal:Aim .", 9, (2, 10), "        ^"),
        ("aim:a a coal:Aim .", 9, (3, 1), "        ^~~~~~~~~~"),
        ("aim:a a coal:Aim .", 9, (None, None), "        ^"),
        ("aim:a a coal:Aim", 17, (None, None), "                ^"),
        ("\ta b .", 2, (2, 3), " ^"),
        ("\u6c34 \u6c34\u6c34 .", 3, (2, 5), "   ^~~~"),
        ("e\u0301 a .", 4, (2, 5), "  ^"),
    ],
)
def test_caret_is_under_the_range(source, column, end, caret) -> None:
    finding = Diagnostic("r", V, "No.", "a.ttl", 2, column, end_line=end[0], end_column=end[1], source=source)
    line, marked = _shown(finding)
    assert line == "    2 | " + source.replace("\t", " ")
    assert marked == "      | " + caret


@pytest.mark.parametrize("column", [1, 60, 5_000, 9_990])
def test_long_line_shows_part_around_range(column: int) -> None:
    source = "".join("abcdefghij" for _ in range(1_000))
    line, marked = _shown(Diagnostic("r", V, "No.", "a.ttl", 2, column, source=source))
    assert len(line) <= text.WIDTH + len("    2 | ") + 2
    assert line[marked.index("^")] == source[column - 1]


def test_column_beyond_cut_source_has_no_caret() -> None:
    finding = Diagnostic("r", V, "No.", "a.ttl", 2, 900, source="short")
    assert "^" not in text.render(Report([finding]))


def test_colors_come_from_painter_only() -> None:
    painted = text.render(Report([COUNT]), lambda words, colour: f"<{colour}>{words}</>")
    assert "<red>violation:</>" in painted
    assert re.sub(r"<red>|</>", "", painted) == text.render(Report([COUNT]))


def test_fix_is_printed_once_per_rule() -> None:
    found = [COUNT, replace(COUNT, line=13)]
    assert text.render(Report(found, RULES)).count("help: Keep one definition") == 1


def test_blank_line_separates_files() -> None:
    found = [Diagnostic("r", V, "No.", file, n) for file, n in itertools.product(("a.ttl", "b.ttl"), (1, 2))]
    assert text.render(Report(found)).startswith(
        "a.ttl:1: violation: No. [r]\na.ttl:2: violation: No. [r]\n\nb.ttl:1: violation: No. [r]\n"
    )


def test_findings_are_sorted_by_location_and_rule() -> None:
    ordered = [
        Diagnostic("z", V, "No.", "a.ttl"),
        Diagnostic("z", INFO, "No.", "a.ttl", 2),
        Diagnostic("a", V, "No.", "a.ttl", 10, 2),
        Diagnostic("b", V, "No.", "a.ttl", 10, 2),
        Diagnostic("a", V, "No.", "a.ttl", 10, 11),
        Diagnostic("a", V, "No.", "b.ttl", 1),
    ]
    assert sorted([*ordered[3:], *ordered[:3]], key=lambda finding: finding.order) == ordered


# Markdown


def test_markdown_escapes_messages() -> None:
    said = "| <img src=x> `a` [b](c) @you #1 *x* \\ &amp;"
    row = markdown.render(Report([Diagnostic("r", V, said, "a_b.ttl", 1)])).splitlines()[4]
    assert re.sub(r"\\([^\w\s])", "", row).count("|") == 5
    assert not re.search(r"(?<!\\)[`\[\]#@*_]|<|&(?!amp;|lt;)", row)


def test_markdown_table_is_sorted_and_bounded() -> None:
    found = [Diagnostic("r", INFO, "No.", "a.ttl", n) for n in range(markdown.MARKDOWN_ROWS)]
    table = markdown.render(Report([*found, Diagnostic("r", V, "Bad.", "z.ttl")]))
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == markdown.MARKDOWN_ROWS
    assert rows[0].startswith("| violation |")
    assert "1 more finding is in the log." in table


# JSON


def test_json_has_every_finding_field() -> None:
    value = json.loads(json_report.render(REPORT))
    assert set(value) == {
        "version",
        "summary",
        "known",
        "suppressed",
        "stale",
        "notes",
        "failures",
        "findings",
        "rules",
    }
    assert value["version"] == json_report.JSON_VERSION
    for finding in value["findings"]:
        assert set(finding) == {field.name for field in fields(Diagnostic)} - {"merged"} | {"fingerprint"}
    assert value["findings"][0]["details"][0]["severity"] == "warning"
    assert set(value["rules"]) == {"Aim-definition-count", "tidy"}


# JUnit


def test_junit_has_case_per_rule_and_file() -> None:
    root = ET.fromstring(junit.render(REPORT))
    cases = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(cases)) == len(cases)
    assert set(cases) == {
        ("data/a, b: c.ttl", "Backing-node"),
        ("data/aims.ttl", "Aim-definition-count"),
        ("data/aims.ttl", "tidy"),
        ("validation", "unmatched-shape"),
        ("syntax", "syntax"),
    }
    suite = root.find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("5", "2")


@pytest.mark.parametrize(("fail_on", "failing"), [(V, 2), (W, 3), (INFO, 4)])
def test_junit_case_fails_on_failing_severity(fail_on, failing) -> None:
    root = ET.fromstring(junit.render(replace(REPORT, fail_on=fail_on)))
    assert len(root.findall(".//failure")) == failing
    assert len(root.findall(".//system-out")) == 4 - failing


def test_junit_is_well_formed_for_any_character() -> None:
    odd = Diagnostic("r", V, 'Bad: \x00 \x0b \ufffe \ud800 ]]> & < "', "a&b.ttl", 1, value="\x01")
    failure = ET.fromstring(junit.render(Report([odd]))).find(".//failure")
    assert failure is not None
    assert ']]> & < "' in (failure.text or "")


# SARIF


@pytest.fixture(scope="module")
def sarif_schema() -> Validator:
    """The schema of OASIS, as schemastore.org gives it (Apache License 2.0)."""
    schema = json.loads((TESTS / "schemas" / "sarif-2.1.0.json").read_text())
    return jsonschema.Draft7Validator(schema)


@pytest.mark.parametrize(
    "report", [REPORT, EMPTY, Report(FINDINGS), Report(failures=["Nothing was checked."])], ids=[*"abcd"]
)
def test_sarif_is_valid(sarif_schema: Validator, report: Report) -> None:
    assert list(sarif_schema.iter_errors(json.loads(sarif.render(report)))) == []


def test_sarif_schema_rejects_mistake(sarif_schema: Validator) -> None:
    value = json.loads(sarif.render(REPORT))
    value["runs"][0]["results"][0]["level"] = "fatal"
    assert list(sarif_schema.iter_errors(value))


def test_sarif_has_rule_help_and_locations() -> None:
    run = json.loads(sarif.render(REPORT))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    aim = next(rule for rule in rules if rule["id"] == "Aim-definition-count")
    assert aim["helpUri"] == "https://example.org/rule/Aim-definition-count"
    assert "Keep one definition & delete the others." in aim["help"]["text"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["region"] | {"snippet": 0} == {
        "startLine": 12,
        "startColumn": 5,
        "endLine": 12,
        "endColumn": 20,
        "snippet": 0,
    }
    uris = {
        r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"] if "locations" in r
    }
    assert {unquote(uri) for uri in uris} == {"data/aims.ttl", "data/a, b: c.ttl"}
    assert not any(re.search(r"[ ,:]", uri) for uri in uris)


def test_sarif_keeps_worst_results_within_github_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "SARIF_RESULTS", 2)
    results = json.loads(sarif.render(REPORT))["runs"][0]["results"]
    assert [result["level"] for result in results] == ["error", "error"]


# GitHub


def test_github_command_is_escaped() -> None:
    lines = github.render(Report([NESTED, COUNT], RULES)).splitlines()
    assert [_command(line) for line in lines] == [
        ("warning", {"file": NESTED.file, "line": "3", "endLine": "4", "title": "Backing-node"}, message_of(NESTED)),
        (
            "error",
            {
                "file": COUNT.file,
                "line": "12",
                "endLine": "12",
                "col": "5",
                "endColumn": "20",
                "title": "aim: one definition [Aim-definition-count]",
            },
            message_of(COUNT),
        ),
    ]


def _command(line: str) -> tuple[str, dict[str, str], str]:
    """A command as the runner of GitHub Actions takes it apart."""
    found = re.fullmatch(r"::(\w+) (.*?)::(.*)", line)
    assert found
    pairs = (pair.partition("=") for pair in found[2].split(","))
    return found[1], {name: unquote(value) for name, _, value in pairs}, unquote(found[3])


def test_github_message_starts_no_command() -> None:
    odd = Diagnostic("r", V, "\n::set-output name=x::y\r\n::error::z", "a\n::debug::b.ttl", 1)
    assert len(github.render(Report([odd])).splitlines()) == 1
    assert not any(line.lstrip().startswith("::") for line in text.render(Report([odd])).splitlines())


# GitLab


def test_gitlab_findings_have_required_fields() -> None:
    issues = json.loads(gitlab.render(REPORT))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == len(FINDINGS)
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["location"]["path"]
        assert issue["location"]["lines"]["begin"] >= 1


# Turtle


def _graph(report: Report) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(RENDERERS["turtle"](report), format=ox.RdfFormat.TURTLE)]


def test_turtle_report_is_a_shacl_validation_report() -> None:
    """Each result has exactly one focus node, severity and component (SHACL, sections 3.6.2.1 to 3.6.2.8)."""
    triples = _graph(REPORT)
    results = {t.subject for t in triples if t.object == ox.NamedNode(SH + "ValidationResult")}
    assert len(results) == len(FINDINGS) + 1
    for name in ("focusNode", "resultSeverity", "sourceConstraintComponent", "resultMessage"):
        assert sorted(str(t.subject) for t in triples if t.predicate.value == SH + name) == sorted(map(str, results))
    assert sum(t.predicate.value == SH + "detail" for t in triples) == 1
    assert any(t.object == ox.Literal(False) for t in triples)


def test_turtle_report_without_findings_conforms() -> None:
    assert any(t.predicate.value == SH + "conforms" and t.object == ox.Literal(True) for t in _graph(EMPTY))


def test_turtle_report_rule_names_become_iris() -> None:
    printed = RENDERERS["turtle"](Report([Diagnostic("a check <of> mine", V, "No.", "a.ttl")]))
    assert "rule/a%20check%20%3Cof%3E%20mine>" in printed


def test_turtle_report_with_shared_blank_nodes() -> None:
    shared = [replace(NESTED, line=n) for n in (3, 5)]
    assert RENDERERS["turtle"](Report(shared)).count("sh:focusNode [") == 4


# Explanations


def test_rule_with_meaning_only_is_explained() -> None:
    rule = Rule("tidy", "tidiness", V, "canonical form", "Every file is its own canonical text.")
    assert (
        text.explain_rule(rule)
        == "tidy: canonical form (violation, tidiness)\n\nEvery file is its own canonical text.\n"
    )


def test_turtle_report_states_path_severity_and_shape_of_any_kind() -> None:
    finding = Diagnostic(
        "S/p/MinCount",
        V,
        "Words.",
        "d.ttl",
        terms=("<urn:a>", f"( <d.ttl#p> [ <{SH}alternativePath> ( <urn:q> [ <{SH}inversePath> <urn:r> ] ) ] )", ""),
        shape="_:s",
        component=SH + "MinCountConstraintComponent",
        custom_severity="urn:serious",
        merged=(("urn:T", SH + "ClassConstraintComponent"),),
    )
    text = RENDERERS["turtle"](Report([finding]))
    graph = list(ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri="file:///x/"))
    stated = {name: [quad.object for quad in graph if quad.predicate.value == SH + name] for name in NAMES}
    assert stated["resultSeverity"] == [ox.NamedNode("urn:serious")] * 2
    assert {term.value.removeprefix(SH) for term in stated["sourceConstraintComponent"]} == {
        "MinCountConstraintComponent",
        "ClassConstraintComponent",
    }
    blank, named = sorted(stated["sourceShape"], key=lambda term: isinstance(term, ox.NamedNode))
    assert named == ox.NamedNode("urn:T")
    assert [quad.object.value for quad in graph if quad.subject == blank] == ["S/p/MinCount"]
    assert text.count("<d.ttl#p>") == 2
    assert len(stated["resultPath"]) == len(stated["alternativePath"]) == len(stated["inversePath"]) == 2


NAMES = ("resultSeverity", "sourceConstraintComponent", "sourceShape", "resultPath", "alternativePath", "inversePath")
