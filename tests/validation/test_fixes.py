"""Fixes: which tokens they replace, and that they change nothing else."""

import pyoxigraph as ox
import pytest
from support.each import each

from publisher.dataset.files import File, parse_text
from publisher.rdf.namespaces import XSD
from publisher.validation.checks import literals, terms
from publisher.validation.context import of_shapes
from publisher.validation.fixes import FixedFile, fix_file

START = (
    "@prefix ex: <urn:ex:> .\n@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n"
    f"@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n@prefix xsd: <{XSD}> .\n"
)
FOAF, DC = "http://xmlns.com/foaf/0.1/", "http://purl.org/dc/terms/"


def fix(text: str, format_: ox.RdfFormat = ox.RdfFormat.TURTLE) -> FixedFile | None:
    file: File = parse_text(text, "x.ttl", format_)
    context = of_shapes([], [file])
    return fix_file(file, [*terms.check(context), *literals.check(context)])


def fixed(text: str, start: str = START, format_: ox.RdfFormat = ox.RdfFormat.TURTLE) -> str | None:
    """The new text after its start, which is not changed; None if there are no fixes."""
    found = fix(start + text, format_)
    assert found is None or found.new.startswith(start)
    return found and found.new.removeprefix(start)


@each(
    ("text", "wanted"),
    [
        ('ex:a foaf:nmae "A".', 'ex:a foaf:name "A".'),
        ('ex:a  foaf:nmae\t"A" ;\r\n foaf:nmae "B" .', 'ex:a  foaf:name\t"A" ;\r\n foaf:name "B" .'),
        ('ex:a foaf:nmae "A" . ex:a foaf:nmae "A" .', 'ex:a foaf:name "A" . ex:a foaf:name "A" .'),
        (f'ex:a <{FOAF}nmae> "foaf:nmae" . # foaf:nmae', f'ex:a <{FOAF}name> "foaf:nmae" . # foaf:nmae'),
        ("ex:a a foaf:Persom, ex:b .", "ex:a a foaf:Person, ex:b ."),
        ("ex:a skos:prefLable [ foaf:nmae ( 1 2 ) ] .", "ex:a skos:prefLabel [ foaf:name ( 1 2 ) ] ."),
        ("ex:a ex:p true, 'TRUE'^^xsd:boolean .", "ex:a ex:p true, 'true'^^xsd:boolean ."),
        ('ex:a ex:p """False"""^^xsd:boolean .', 'ex:a ex:p "false"^^xsd:boolean .'),
        ('ex:a ex:p "2020-1-5" ^^ xsd:date .', 'ex:a ex:p "2020-01-05" ^^ xsd:date .'),
        (f'ex:a ex:p "2020-01-05 10:00:00"^^<{XSD}dateTime> .', f'ex:a ex:p "2020-01-05T10:00:00"^^<{XSD}dateTime> .'),
        ('ex:a ex:p "x"^^xsd:strimg .', 'ex:a ex:p "x"^^xsd:string .'),
        (f'ex:a ex:p "x^^xsd:strimg"^^<{XSD}strimg> .', f'ex:a ex:p "x^^xsd:strimg"^^<{XSD}string> .'),
        ('ex:a ex:p "2020-1-5"^^xsd:datee .', 'ex:a ex:p "2020-1-5"^^xsd:date .'),
    ],
)
def test_a_token_is_replaced_and_nothing_else(text: str, wanted: str) -> None:
    assert fixed(text) == wanted


@each(
    ("format_", "text", "wanted"),
    [
        (ox.RdfFormat.N_TRIPLES, f"<urn:a> <{FOAF}nmae> <urn:b> .\n", f"<urn:a> <{FOAF}name> <urn:b> .\n"),
        (ox.RdfFormat.N_QUADS, f'<urn:a> <{FOAF}nmae> "b" <urn:g> .\n', f'<urn:a> <{FOAF}name> "b" <urn:g> .\n'),
        (ox.RdfFormat.TRIG, f"<urn:g> {{ <urn:a> <{FOAF}nmae> 1 }}", f"<urn:g> {{ <urn:a> <{FOAF}name> 1 }}"),
        (ox.RdfFormat.N_TRIPLES, f'_:x <urn:p> "TRUE"^^<{XSD}boolean> .', f'_:x <urn:p> "true"^^<{XSD}boolean> .'),
    ],
)
def test_the_formats_of_the_family(format_: ox.RdfFormat, text: str, wanted: str) -> None:
    assert fixed(text, "", format_) == wanted


@pytest.mark.parametrize("keyword", ["@prefix dct: <{}> .", "PREFIX dct: <{}>", "@prefix dct: <{}>. # <{}>"])
def test_a_wrong_namespace_is_corrected_where_the_prefix_is_declared(keyword: str) -> None:
    wrong = DC.replace("http:", "https:")
    text = keyword.replace("{}", wrong, 1) + '\n<urn:a> dct:title "A", "https://purl.org/dc/terms/" ; dct:creator 1 .'
    found = fix(text.replace("{}", wrong))
    assert found
    assert found.new == text.replace(wrong, DC, 1).replace("{}", wrong)


def test_a_namespace_that_other_terms_need_stays() -> None:
    text = '@prefix dct: <https://purl.org/dc/terms/> . <urn:a> dct:title "A" . dct:x <urn:p> 1 .'
    found = fix(text)
    assert found
    assert found.new == text.replace("> dct:title", f"> <{DC}title>")


@each(
    "text",
    [
        "ex:a foaf:title 1 .",  # right
        "ex:a foaf:xyz 1 .",  # nothing is similar
        "ex:a skos:tite 1 .",  # a term of another vocabulary
        "ex:a foaf:nam 1 .",  # too short to be sure
        "ex:a foaf:person ex:b .",  # a class is no property
        "ex:a a skos:member .",
        "ex:a <https://schema.org/citys> 1 .",  # may be newer than the list
        'ex:a ex:p "29/08/2017"^^xsd:date .',
        'ex:a ex:p "yes"^^xsd:boolean .',
        "ex:a foaf:nmae 1 . # publisher: ignore unknown-term",
    ],
)
def test_what_is_not_certain_stays(text: str) -> None:
    assert fixed(text) is None


def test_a_suppressed_use_stays() -> None:
    text = "ex:a foaf:nmae 1 . # publisher: ignore unknown-term\nex:b foaf:nmae 2 .\n"
    assert fixed(text) == text.replace("b foaf:nmae", "b foaf:name")


def test_a_byte_order_mark_stays() -> None:
    assert fixed("ex:a foaf:nmae 1 .", "\ufeff" + START) == "ex:a foaf:name 1 ."
