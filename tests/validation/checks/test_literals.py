"""Literals that the store would rewrite."""

import dataclasses

import pytest
from support import fork_root

from publisher.dataset.files import File, parse_text
from publisher.dataset.repository import Repository, read_repository
from publisher.diagnostic import Diagnostic, Severity
from publisher.rdf.namespaces import XSD
from publisher.validation.checks import literals
from publisher.validation.context import of_repository

DECLARED = "@prefix ex: <http://example.org/ns#> .\n\n"


def read(text: str) -> File:
    return parse_text(DECLARED + text, "data/x.ttl")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return read_repository(fork_root.build(tmp_path_factory.mktemp("small"), lean=True))


@pytest.fixture
def loose(small):
    def check(file: File) -> list[Diagnostic]:
        return list(literals.check_form(of_repository(dataclasses.replace(small, files=[file]))))

    return check


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("007", '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("+5", '"5"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("1.50", '"1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("1e0", '"1"^^<http://www.w3.org/2001/XMLSchema#double>'),
        (f'"1"^^<{XSD}boolean>', '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        (f'"5"^^<{XSD}int>', '"5"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    ],
)
def test_rewritten_literal_is_found_with_stored_form(written, stored, loose):
    file = read(f"ex:a\n    ex:p {written} ;\n.\n")
    [found] = loose(file)
    assert (found.rule, found.line, found.severity) == ("literal-form", 4, Severity.VIOLATION)
    assert stored in found.message
    assert found.value == str(next(iter(file.triples)).object).replace(f"<{XSD}", "xsd:").replace(">", "")


@pytest.mark.parametrize(
    "written",
    ["7", "-7", "1.5", "true", '"x"', '"x"@en-gb', f'"2026"^^<{XSD}gYear>', f'"five"^^<{XSD}integer>', '"x"^^ex:y'],
)
def test_literal_in_stored_form_passes(written, loose):
    assert loose(read(f"ex:a\n    ex:p {written} ;\n.\n")) == []


def test_foreign_literals_are_not_checked(small):
    context = of_repository(small, [parse_text("<urn:a> <urn:p> 007 .", "outside.ttl")])
    assert list(literals.check_form(context)) == []
