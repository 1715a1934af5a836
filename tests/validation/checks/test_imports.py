"""Imports of files that are not given, and empty files."""

import pytest

from publisher.dataset.files import parse_text, read_file
from publisher.diagnostic import Severity
from publisher.validation.checks import imports
from publisher.validation.context import of_shapes
from publisher.validation.inputs import find_files

# Bad input

XML = '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="urn:">{}</r:RDF>'


# What is odd


@pytest.mark.parametrize(
    ("name", "text"),
    [("x.ttl", ""), ("x.ttl", "# Nothing.\n"), ("x.jsonld", '{"@id": "urn:a", "name": 1}'), ("x.rdf", XML.format(""))],
)
def test_empty_file_is_a_warning(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    [finding] = imports.check(of_shapes([], [read_file(tmp_path / name, name)]))
    assert (finding.rule, finding.severity, finding.file, finding.line) == ("empty", Severity.WARNING, name, 1)


def test_unresolved_import_is_a_warning():
    importing = "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n<urn:o>\n  owl:imports <urn:x#> , <urn:y> ."
    given = parse_text(importing, "x.ttl")
    known = parse_text("<urn:x> a <http://www.w3.org/2002/07/owl#Ontology> .", "y.ttl")
    [finding] = imports.check(of_shapes([known], [given]))
    assert (finding.rule, finding.severity, finding.file) == ("unresolved-import", Severity.WARNING, "x.ttl")
    assert (finding.line, finding.column, finding.value) == (3, 26, "urn:y")
    assert {finding.value for finding in imports.check(of_shapes([], [given]))} == {"urn:x#", "urn:y"}


def given(*patterns: str) -> list[str]:
    return [path.as_posix() for path in find_files(patterns)]
