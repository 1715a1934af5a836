"""Fixes in JSON-LD and RDF/XML: what is replaced, and what stays because no result is exact."""

import pyoxigraph as ox
import pytest
from support.each import each

from publisher.dataset.files import parse_text
from publisher.rdf.namespaces import XSD
from publisher.validation.checks import literals, terms
from publisher.validation.context import of_shapes
from publisher.validation.fixes import FixedFile, fix_file

FOAF = "http://xmlns.com/foaf/0.1/"


def fix(text: str, format_: ox.RdfFormat) -> FixedFile | None:
    file = parse_text(text, "x", format_)
    context = of_shapes([], [file])
    return fix_file(file, [*terms.check(context), *literals.check(context)])


CONTEXT = (
    '{"@context": {"foaf": "http://xmlns.com/foaf/0.1/", "@vocab": "http://xmlns.com/foaf/0.1/"},\n "@id": "urn:a", '
)
XML = (
    '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:foaf="http://xmlns.com/foaf/0.1/">\n'
    '<r:Description r:about="urn:a">{}</r:Description></r:RDF>'
)


@each(
    ("wrong", "right"),
    [
        ('"foaf:nmae":  ["foaf:nmae", "nmae"]', '"foaf:name":  ["foaf:nmae", "nmae"]'),
        ('"nmae" : "nmae"', '"name" : "nmae"'),
        (f'"{FOAF}nmae": 1, "@type": "Persom"', f'"{FOAF}name": 1, "@type": "Person"'),
        (
            f'"urn:p": {{"@value": "TRUE", "@type": "{XSD}boolean"}}',
            f'"urn:p": {{"@value": "true", "@type": "{XSD}boolean"}}',
        ),
    ],
)
def test_json_ld_is_fixed_if_the_result_is_exact(wrong: str, right: str) -> None:
    found = fix(f"{CONTEXT}{wrong}}}", ox.RdfFormat.JSON_LD)
    assert found
    assert found.new == f"{CONTEXT}{right}}}"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("<foaf:nmae >nmae</foaf:nmae><!-- <foaf:nmae> -->", "<foaf:name >nmae</foaf:name><!-- <foaf:nmae> -->"),
        (f'<r:type r:resource="{FOAF}Persom"/>', f'<r:type r:resource="{FOAF}Person"/>'),
        (
            "<d:title xmlns:d='https://purl.org/dc/terms/'>https://purl.org/dc/terms/</d:title>",
            "<d:title xmlns:d='http://purl.org/dc/terms/'>https://purl.org/dc/terms/</d:title>",
        ),
    ],
)
def test_rdf_xml_is_fixed_if_the_result_is_exact(wrong: str, right: str) -> None:
    found = fix(XML.format(wrong), ox.RdfFormat.RDF_XML)
    assert found
    assert found.new == XML.format(right)


def test_json_ld_stays_if_no_result_is_exact() -> None:
    """A value is spelled like the term, and so is the term in the context."""
    context = CONTEXT.replace('"@vocab"', '"x": "foaf:nmae", "@vocab"')
    assert fix(f'{context}"x": "foaf:nmae"}}', ox.RdfFormat.JSON_LD) is None
