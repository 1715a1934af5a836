"""The text report: lines that editors link, the caret, colors, and the summary."""

import itertools
import re
from dataclasses import replace

from support.each import each
from support.findings import COUNT, INFO, NESTED, RULES, V, W

from publisher.diagnostic import Diagnostic, Rule
from publisher.reports.renderers import text
from publisher.reports.report import Report


@each(
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


@each(
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


@each(
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


@each("column", [1, 60, 5_000, 9_990])
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


def test_rule_with_meaning_only_is_explained() -> None:
    rule = Rule("tidy", "tidiness", V, "canonical form", "Every file is its own canonical text.")
    assert (
        text.explain_rule(rule)
        == "tidy: canonical form (violation, tidiness)\n\nEvery file is its own canonical text.\n"
    )
