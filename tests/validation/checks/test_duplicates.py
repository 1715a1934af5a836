"""Duplicate statements: one triple in two files."""

from support import fork_root
from support.validation import found, line_of, read_lean

from publisher.diagnostic import Severity
from publisher.validation import validator
from publisher.validation.context import of_repository

# Repeated statements


def test_duplicate_statement_names_first_file(tmp_path):
    text = fork_root.FILES["data/organizations.ttl"].replace(
        "source:our-partners ;\n", 'source:our-partners ;\n    skos:altLabel "Rivers"@en ;\n'
    )
    again = fork_root.text("organization skos", 'organization:river-watch\n    skos:altLabel "Rivers"@en ;\n.\n')
    repository = read_lean(tmp_path, {"data/organizations.ttl": text, "data/zz.ttl": again})
    [finding] = found(repository, "repeated-statement")
    assert (finding.file, finding.severity) == ("data/zz.ttl", Severity.VIOLATION)
    assert "data/organizations.ttl" in finding.message
    assert line_of(repository, finding) == '    skos:altLabel "Rivers"@en ;'


def test_duplicate_statement_in_one_file_is_formatting(tmp_path):
    text = fork_root.MAPLE + 'coalition:maple-coalition skos:prefLabel "Maple Coalition"@en .\n'
    repository = read_lean(tmp_path, {fork_root.MAPLE_FILE: text})
    assert found(repository, "repeated-statement") == []
    assert [finding.file for finding in validator.validate(of_repository(repository)) if finding.rule == "tidy"].count(
        fork_root.MAPLE_FILE
    ) == 1
