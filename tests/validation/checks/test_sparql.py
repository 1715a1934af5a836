"""SPARQL checks: their rows are findings, and broken ones are reported."""

import re

import pytest
from support.validation import found, line_of, read_lean

from publisher.dataset.repository import PREFIXES_FILE
from publisher.diagnostic import Severity
from publisher.errors import CannotRunError

# Checks

CHECK = """# title: A title
# severity: warning
# message: {focus} has {value}.
# why: Because.
"""
SELECT = 'SELECT ?focus ?path ?value { ?focus ?path ?value FILTER(STR(?value) = "GMWC") }'
CHECK_FILE = "shapes/checks/made-up.rq"


def test_check_rows_are_findings_of_check(tmp_path):
    repository = read_lean(tmp_path, {CHECK_FILE: CHECK + SELECT})
    [finding] = found(repository)
    assert (finding.rule, finding.severity) == ("made-up", Severity.WARNING)
    assert finding.message == "Green Mountain Water Coalition has GMWC."
    assert line_of(repository, finding) == '    coal:acronym "GMWC" ;'


def test_check_may_bind_focus_only(tmp_path):
    query = 'SELECT ?focus { ?focus ?path "GMWC" }'
    [finding] = found(read_lean(tmp_path, {CHECK_FILE: CHECK + query}))
    assert (finding.path, finding.value) == ("", "")


def test_check_finding_about_blank_node_has_file(tmp_path):
    query = 'SELECT ?focus { ?focus <http://www.w3.org/ns/shacl#prefix> "org" }'
    [finding] = found(read_lean(tmp_path, {CHECK_FILE: CHECK + query}))
    assert (finding.rule, finding.file) == ("made-up", PREFIXES_FILE)


@pytest.mark.parametrize(
    "query",
    [
        "SELEKT ?focus {}",
        "",
        "ASK {}",
        "CONSTRUCT { ?focus ?p ?o } WHERE { ?focus ?p ?o }",
        "SELECT ?other { ?other ?p ?o }",
        "SELECT ?focus { ?focus nowhere:p ?o }",
        "DELETE WHERE { ?focus ?p ?o }",
        "SELECT ?focus { SERVICE <urn:nowhere> { ?focus ?p ?o } }",
    ],
)
def test_broken_check_is_reported(tmp_path, query):
    with pytest.raises(CannotRunError, match="made-up"):
        found(read_lean(tmp_path, {CHECK_FILE: CHECK + query}))


@pytest.mark.parametrize("line", ["title", "severity", "message", "why"])
def test_check_with_incomplete_header_is_rejected(tmp_path, line):
    text = re.sub(f"# {line}: .*\n", "", CHECK) + SELECT
    with pytest.raises(CannotRunError, match=rf"made-up\.rq.*{line}"):
        found(read_lean(tmp_path, {CHECK_FILE: text}))


def test_check_of_unknown_severity_is_rejected(tmp_path):
    with pytest.raises(CannotRunError, match=r"made-up\.rq"):
        found(read_lean(tmp_path, {CHECK_FILE: CHECK.replace("warning", "fatal") + SELECT}))
