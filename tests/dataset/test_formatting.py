"""Findings about files that are not canonical, and their locations."""

import difflib

import pyoxigraph as ox
import pytest
from support.each import each

from publisher.dataset import formatting
from publisher.dataset.files import File, parse_text
from publisher.dataset.iris import Names
from publisher.diagnostic import Diagnostic, Severity
from publisher.errors import BlankNodeError
from publisher.rdf.namespaces import XSD

NAMES = Names("https://example.org/", {"ex": "http://example.org/ns#", "skos": "http://www.w3.org/2004/02/skos/core#"})
DECLARED = "@prefix ex: <http://example.org/ns#> .\n\n"
TIDY = DECLARED + 'ex:a\n    ex:p "1" ;\n.\n'


def file(text: str) -> File:
    return parse_text(text, "data/x.ttl")


def findings(text: str) -> list[Diagnostic]:
    return formatting.check(file(text), NAMES)


def rules(text: str) -> list[str]:
    return [finding.rule for finding in findings(text)]


@each("text", ["", TIDY, "# A header.\n\n" + TIDY, "# Only a header.\n"])
def test_canonical_file_has_no_findings(text):
    assert findings(text) == []
    assert formatting.diff(file(text), NAMES) == ""


@each(
    ("text", "line"),
    [
        (TIDY.replace('"1"', "'1'"), 4),
        (TIDY.replace("    ex:p", "  ex:p"), 4),
        (TIDY.replace("\n.\n", " .\n"), 4),
        (TIDY.replace(";\n.", ";\n\n."), 5),
        (TIDY.removesuffix("\n"), 5),
        (TIDY + "\n", 6),
        (TIDY.replace("\n", "\r\n"), 1),
        (TIDY.replace("ex:", "x:"), 1),
        ("@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n" + TIDY, 1),
        (TIDY.replace("@prefix ex: <http://example.org/ns#> .", "PREFIX ex: <http://example.org/ns#>"), 1),
        (DECLARED + 'ex:b\n    ex:p "1" ;\n.\n\nex:a\n    ex:p "1" ;\n.\n', 3),
        ("#A\n# B  \n\n" + TIDY, 2),
        ("# A\n" + TIDY, 2),
    ],
)
def test_other_layout_is_found_at_first_difference(text, line):
    [finding] = findings(text)
    assert (finding.rule, finding.severity, finding.file) == ("tidy", Severity.VIOLATION, "data/x.ttl")
    assert finding.line == line


@pytest.mark.parametrize("end", ["\r\n", "\r"], ids=["CRLF", "CR"])
def test_carriage_return_is_not_canonical(end):
    text = ("# A header.\n\n" + TIDY).replace("\n", end)
    assert rules(text) != []
    assert "\r" not in formatting.canonicalize(file(text), NAMES)


def test_byte_order_mark_is_not_canonical():
    marked = file("\ufeff" + TIDY)
    assert rules("\ufeff" + TIDY) == ["tidy"]
    assert formatting.canonicalize(marked, NAMES) == TIDY


def test_diff_applies_to_canonical_text():
    loose = TIDY.replace('"1"', "'1'")
    assert formatting.diff(file(loose), NAMES) == (
        "--- data/x.ttl\n+++ data/x.ttl (canonical)\n@@ -1,5 +1,5 @@\n"
        " @prefix ex: <http://example.org/ns#> .\n \n ex:a\n-    ex:p '1' ;\n+    ex:p \"1\" ;\n .\n"
    )


def test_diff_shows_missing_final_newline():
    lines = formatting.diff(file(TIDY.removesuffix("\n")), NAMES).splitlines()
    assert lines[-3:] == ["-.", "\\ No newline at end of file", "+."]


def test_diff_is_reversible():
    loose = TIDY.replace('"1"', "'1'").replace("\n.\n", " .\n")
    written = formatting.canonicalize(file(loose), NAMES).splitlines()
    assert "\n".join(difflib.restore(difflib.ndiff(loose.splitlines(), written), 1)) + "\n" == loose


# Comments


@each(
    "header",
    ["# One line.", "# Two\n# lines.", "#!no space", "# odd: \" ' <x> @prefix .", "#", "# é 日本"],
)
def test_header_comments_are_kept(header):
    assert formatting.canonicalize(file(f"{header}\n{TIDY}"), NAMES) == f"{header}\n\n{TIDY}"
    assert findings(f"{header}\n\n{TIDY}") == []


def test_trailing_spaces_in_header_are_removed():
    assert formatting.canonicalize(file("# A  \n# B\t\n\n" + TIDY), NAMES) == "# A\n# B\n\n" + TIDY


@each(
    ("text", "line", "column"),
    [
        ("# Header.\n\n# Not the header.\n" + TIDY, 3, 1),
        (DECLARED + "# Between.\nex:a\n    ex:p 1 ;\n.\n", 3, 1),
        (DECLARED + "ex:a\n    ex:p 1 ; # Behind.\n.\n", 4, 14),
        (DECLARED + "ex:a\n    # Inside.\n    ex:p 1 ;\n.\n", 4, 5),
        (DECLARED + "ex:a\n    ex:p 1 ;\n. # At the end, without a newline.", 5, 3),
        (DECLARED + "ex:a ex:p ex:b#not a fragment\n.\n", 3, 15),
        (DECLARED + 'ex:a ex:p "a" # "quoted" \n.\n', 3, 15),
        (DECLARED + 'ex:a ex:p """long\n"# no""" # yes\n.\n', 4, 10),
        (DECLARED + "ex:a ex:p '''it's\n# no''', 'é'@en # yes\n.\n", 4, 17),
        ("@prefix s: <http://example.org/> .\ns:a s:p s:\\#b # yes\n.\n", 2, 15),
        ("@prefix ex: <http://example.org/ns#> . # yes\n", 1, 40),
    ],
)
def test_stray_comment_has_line_and_column(text, line, column):
    [found] = [finding for finding in findings(text) if finding.rule == "stray-comment"]
    assert (found.line, found.column) == (line, column)
    assert found.severity is Severity.VIOLATION


@each(
    "term",
    [
        '"# no comment"',
        "'# no comment'",
        '"quote \\" # no comment"',
        "'quote \\' # no comment'",
        '"backslash \\\\", "# no comment"',
        '"""# no\n# comment"""',
        '"""" # no\n""# comment"""',
        "'''# no\n'# comment'''",
        '"""ends with a quote\\""""',
        "<http://example.org/x#fragment>",
        "<http://example.org/x#caf\\u00E9>",
        "<#relative>",
        "s:\\#escaped",
        "ex:a\\'b",
        "ex:a\\%23",
    ],
)
def test_hash_in_strings_and_iris_is_no_comment(term):
    text = f"@base <http://example.org/> .\n@prefix s: <http://example.org/> .\n{DECLARED}ex:a ex:p {term} ."
    assert "stray-comment" not in rules(text)
    assert [f.column for f in findings(text + " # yes") if f.rule == "stray-comment"] != []


def test_all_stray_comments_are_found():
    text = DECLARED + "# one\nex:a ex:p 1 . # two\n# three\n"
    assert [f.line for f in findings(text) if f.rule == "stray-comment"] == [3, 4, 5]


# Literals


def test_stored_form_equals_store_on_disk(tmp_path):
    store = ox.Store(str(tmp_path / "store"))
    node = ox.NamedNode("urn:x")
    for value, datatype in [
        ("007", "integer"),
        ("1.50", "decimal"),
        ("2026", "gYear"),
        ("1", "boolean"),
        ("x", "date"),
    ]:
        literal = ox.Literal(value, datatype=ox.NamedNode(XSD + datatype))
        store.clear()
        store.add(ox.Quad(node, node, literal))
        assert [quad.object for quad in store] == [formatting.stored_form(literal)]


# Blank nodes


def test_shared_blank_node_is_only_finding():
    text = DECLARED + "ex:a ex:p _:n . ex:b ex:p _:n . # and a comment"
    assert rules(text) == ["shared-blank-node"]
    with pytest.raises(BlankNodeError):
        formatting.canonicalize(file(text), NAMES)
