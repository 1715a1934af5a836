"""Pieces: a statement that is looked for in its piece is found where it is found in the whole text."""

import random

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.each import each
from support.random_turtle import random_layout
from support.tiers import examples

from publisher.dataset.files import File, parse_text
from publisher.rdf import source_map
from publisher.rdf.parser import MAX_PIECE, parse
from publisher.rdf.source_map import Positions

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ELEMENTS = (
    '<e:C rdf:about="e:a"><e:p>é𝄞</e:p></e:C>',
    '<rdf:Description rdf:about="&x;b" e:q="1"/>',
    '<!-- <e:C> --><e:C rdf:nodeID="n"><e:r rdf:nodeID="m"/></e:C>',
    '<rdf:Description rdf:nodeID="m"><e:p>1</e:p><e:p>2</e:p></rdf:Description>',
    '<rdf:Seq rdf:ID="s"><rdf:li>1</rdf:li><rdf:li>2</rdf:li></rdf:Seq>',
    '<e:C><e:l rdf:parseType="Collection"><e:D/><e:D/></e:l></e:C>',
    '<e:C rdf:about="e:a"><e:p>again</e:p></e:C>',
)
ITEMS = (
    '{"@id": "e:a", "v:p": "é𝄞, ["}',
    '{"@id": "e:a", "@type": ["v:T", "v:U"], "p": [1, {"@id": "e:b"}]}',
    '{"p": {"q": {"p": 2}}}',
    '{"@id": "_:n", "ref": "_:m"}',
    '{"@id": "_:m", "ref": "_:n", "list": [1, "x", {"p": 3}]}',
    '{"@context": {"@vocab": "w:"}, "@id": "e:c", "p": null, "other": [true]}',
    '"text }"',
    '{"@graph": [{"@id": "e:d", "p": 1}, {"@id": "e:e", "p": 2}]}',
    '{"@id": "e:f", "@graph": {"@id": "e:g", "p": 1}}',
)
CONTEXT = '{"@vocab": "v:", "ref": {"@type": "@id"}, "list": {"@container": "@list"}}'


def assert_found_alike(file: File) -> None:
    """Each triple is found, and where it is found without pieces."""
    whole = Positions(file.text, file.format, file.triples, file.base)
    for triple in file.triples:
        found = file.positions.find(triple)
        assert found is not None, str(triple)
        assert found == whole.find(triple), str(triple)


@given(st.lists(st.sampled_from(ELEMENTS), max_size=6), st.sampled_from(["", "\ufeff", '<?xml version="1.0"?>\n']))
@settings(max_examples=examples(40), deadline=None)
def test_rdfxml_is_found_in_its_element(elements: list[str], top: str) -> None:
    unique = dict.fromkeys(elements) if any("rdf:ID" in element for element in elements) else elements
    text = (
        f'{top}<!DOCTYPE rdf:RDF [<!ENTITY x "e:">]>\n<rdf:RDF xmlns:rdf="{RDF}" xmlns:e="e:" xml:lang="de">\n'
        + "\n".join(unique)
        + "\n</rdf:RDF>\n"
    )
    assert_found_alike(parse_text(text, "f", ox.RdfFormat.RDF_XML, base="file:///f"))


@given(
    st.lists(st.sampled_from(ITEMS), max_size=6),
    st.sampled_from(["\n", " ", "\r\n\t"]),
    st.sampled_from(
        [
            '{{"@context": {context}, "@graph": {items}}}',
            '{{"@context": {context}, "@id": "e:top", "p": "before", "@graph": {items}, "q": ["after", 1]}}',
            '{{"@graph": {items}, "@context": {context}}}',
            "{items}",
            '{{"@context": {context}, "@id": "e:top", "p": {items}}}',
        ]
    ),
)
@settings(max_examples=examples(60), deadline=None)
def test_jsonld_is_found_in_its_item(items: list[str], space: str, layout: str) -> None:
    array = f"[{space}{f'{space},{space}'.join(items)}{space}]"
    text = layout.format(context=CONTEXT, items=array)
    file = parse_text(text, "f", ox.RdfFormat.JSON_LD, base="file:///f")
    plain = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.JSON_LD, base_iri="file:///f")]
    assert [t.predicate for t in file.triples] == [t.predicate for t in plain]
    whole = Positions(text, ox.RdfFormat.JSON_LD, file.triples, "file:///f")
    for triple in file.triples:
        assert file.positions.find(triple) == whole.find(triple), str(triple)


@given(st.integers(0, 2**64), st.sampled_from([ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG]))
@settings(max_examples=examples(40), deadline=None)
def test_turtle_is_found_as_it_was_parsed(seed: int, format_: ox.RdfFormat) -> None:
    assert_found_alike(parse_text(random_layout(random.Random(seed), format_).text, "f", format_))


@each(
    ("text", "line"),
    [
        ("@prefix : <x:> .\n@prefix : <y:> .\n:a :p [ :q 1 ] .\n", 3),
        ("PREFIX a: <x:> PREFIX : <y:>\nBASE <http://x/y/>\n<z> :p [ :q 1 ] .", 3),
        ("@base <http://x/> .\n@base <y/> .\n@prefix : <z#> .\n<a> :p [ :q 1 ] .\n@base <y/> .", 4),
        ("@prefix : <x:> .\n:a :p :b . # @prefix : <y:> .\n:a :p [ :q 1 ] .\n@prefix : <z:> .\n", 3),
    ],
)
def test_a_statement_is_read_with_the_prefixes_before_it(text: str, line: int) -> None:
    file = parse_text(text, "f", base="http://base/")
    places = [file.positions.place(triple, 2) for triple in file.triples[-2:]]
    assert [place.line for place in places if place] == [line, line]


def test_blank_nodes_in_a_graph_without_white_space_are_found() -> None:
    text = "<x:g>{[]<x:p>[<x:q>1]}\n<x:h> {\n_:a <x:p> [ <x:q> 1 ] . _:a <x:p> _:b }\n"
    assert_found_alike(parse_text(text, "f", ox.RdfFormat.TRIG))


def test_long_statements_are_given_to_the_parser_in_parts() -> None:
    items = "".join(f" 'é{number}'" for number in range(1000))
    file = parse_text(f"<x:a> <x:p> ({items} ) .\n<x:b> <x:p> 1 .\n", "f")
    assert file.pieces is not None
    assert list(file.pieces.of_triples) == [0] * 2001 + [1]


def test_only_the_piece_of_a_statement_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    usual = source_map._Reader

    def note(text: str, start: int, end: int, format_: ox.RdfFormat) -> source_map._Reader:
        read.append(text[start:end])
        return usual(text, start, end, format_)

    monkeypatch.setattr(source_map, "_Reader", note)
    file = parse_text("".join(f"<x:s{number}> <x:p> [ <x:q> {number} ] .\n" for number in range(100)), "f")
    place = file.positions.place(file.triples[80], 2)
    assert place
    assert place.line == 41
    assert read == ["<x:s40> <x:p> [ <x:q> 40 ] .\n"]


def test_text_with_a_very_long_piece_is_parsed_whole() -> None:
    """Read in blocks, it would take time in the square of its length."""
    short, long = (
        parse(f'<urn:a> <urn:b> "{"x" * size}" .', "x", ox.RdfFormat.TURTLE, "b") for size in (10, MAX_PIECE)
    )
    assert short.pieces is not None
    assert long.pieces is None
    assert len(long.triples) == 1
