"""Layouts: statements of parts that are written alike are found where they are found by reading each part."""

import random
from dataclasses import replace
from unittest import mock

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdf.test_pieces import CONTEXT, RDF
from support.each import each
from support.random_turtle import random_layout
from support.tiers import examples

from publisher.dataset.files import File, parse_text
from publisher.rdf import jsonld_positions, layouts, rdfxml_positions
from publisher.rdf.layouts import Layouts

ITEMS = (
    '{"@id": %ID, "@type": %TYPE, "p": %TEXT, "q": [%TEXT, %NUMBER, ""],"r": %NUMBER}',
    '{"@id": %ID, "p": {"@id": %ID, "q": %TEXT}, "ref": [%ID, %ID]}',
    '{"@id": %ID, "@reverse": {"p": {"@id": %ID}}, "q":%SPACE{"@value": %TEXT}}',
    '{"@id": %ID, "@type": [%TYPE, %TYPE], "p": {"@id": %ID, "@type": %TYPE, "q": %TEXT}}',
    '{"list":%SPACE[%TEXT, {"@id": %ID}, {"p": %NUMBER}], "p": null, "q": {}, "": {}}',
    '{"@context": {"p": %TERM}, "@id": %ID, "p": %TEXT}',
    '{"@id": %ID, "p": {"@value": %TEXT, "@language": "en"}, "\\u0071": %TEXT}',
)
ELEMENTS = (
    "<e:C rdf:about=%ID>%SPACE<e:p>%TEXT</e:p><e:q/></e:C>",
    "<rdf:Description rdf:about=%ID e:a=%VALUE e:b=%VALUE><e:p></e:p></rdf:Description>",
    "<e:C rdf:nodeID='n'><f:p xmlns:f=%TERM>%TEXT</f:p></e:C>",
    "<e:C><e:l rdf:parseType=%PARSE><e:D/></e:l>%SPACE<e:p rdf:resource=%ID/></e:C>",
    "<rdf:Seq><rdf:li>%TEXT</rdf:li>%SPACE<rdf:li>%TEXT</rdf:li></rdf:Seq>",
    "<e:C><e:p>%TEXT<!-- <e:q>1</e:q> --></e:p><e:q>&x;</e:q></e:C>",
)
STATEMENTS = (
    "%ID a %ID ; e:p %TEXT , %NUMBER",
    "%ID e:p%SPACE[ e:q %TEXT ; e:r ( %TEXT %NUMBER %ID ) ]",
    "# %COMMENT\n%ID e:p %TEXT@en , true , %TEXT^^%TERM",
    "[] %TERM %ID%SPACE, ( ) , [ ]",
    "[ e:p (%SPACE%TEXT [ e:q %NUMBER ] ) ] e:q %ID",
)
WORDS = {
    "ID": ('"e:a"', '"e:b"', '"_:n"', '"relative"', '"e:a b"'),
    "TYPE": ('"T"', '"v:U"', '"e:a b"', '"@id"'),
    "TEXT": ('"x"', '""', '"{\\"p\\": [1]}"', '"é𝄞, ["', '"- 1"'),
    "NUMBER": ("1", "-2.5e3", "0"),
    "SPACE": ("", " ", "\n"),
    "TERM": ('"e:t"', '"@type"'),
}
TURTLE_WORDS = {
    "ID": ("e:a", ":b.c", "<e:x>", ":", "e:%41", "_:n", "e:a\\,b"),
    "TEXT": ('"x"', "''", '"""a"b\n"""', "'é # <x>'", "'" * 6, '"\\""'),
    "TERM": ("e:a", ":b.c", "<e:x>", ":", "a:"),
    "NUMBER": ("1", "-.5", "1.5e3", "true"),
    "SPACE": ("", " ", "\n# x\n"),
    "COMMENT": ("", "x", "\"' <"),
}
XML_WORDS = WORDS | {
    "ID": ('"e:a"', '"e:b"', "'e:c'"),
    "TEXT": ("x", "", " 1 > \"2' ", "é𝄞", "&lt;e:p&gt;"),
    "VALUE": ('"x"', '""', '"a > b"', "'\"'"),
    "TERM": ('"e:"', "'g:'"),
    "PARSE": ('"Literal"', '"Resource"', '"Collection"'),
}


def fill(items: tuple[str, ...], words: dict[str, tuple[str, ...]], seed: int) -> list[str]:
    """Items of few layouts, each time with other words."""
    choose = random.Random(seed)
    found = []
    for _ in range(choose.randrange(12)):
        item = choose.choice(items)
        for name, options in words.items():
            while f"%{name}" in item:
                item = item.replace(f"%{name}", choose.choice(options), 1)
        found.append(item)
    return found


def assert_found_as_read(file: File) -> None:
    """Each triple is found where it is found if no layout is known."""
    other = replace(file)
    with mock.patch.object(Layouts, "split", return_value=None):
        expected = [other.positions.find(triple) for triple in file.triples]
    assert [file.positions.find(triple) for triple in file.triples] == expected


@given(st.integers(0, 2**64), st.sampled_from([",", ",\n", " ,\r\n\t"]))
@settings(max_examples=examples(30), deadline=None)
def test_jsonld_written_alike_is_found_as_by_reading_it(seed: int, separator: str) -> None:
    text = f'{{"@context": {CONTEXT}, "@graph": [{separator.join(fill(ITEMS, WORDS, seed))}]}}'
    assert_found_as_read(parse_text(text, "f", ox.RdfFormat.JSON_LD, base="file:///f"))


@given(st.integers(0, 2**64), st.sampled_from(["", "\n", " \r\n"]))
@settings(max_examples=examples(30), deadline=None)
def test_rdfxml_written_alike_is_found_as_by_reading_it(seed: int, separator: str) -> None:
    body = separator.join(fill(ELEMENTS, XML_WORDS, seed))
    text = f'<!DOCTYPE rdf:RDF [<!ENTITY x "y">]><rdf:RDF xmlns:rdf="{RDF}" xmlns:e="e:">{body}</rdf:RDF>'
    assert_found_as_read(parse_text(text, "f", ox.RdfFormat.RDF_XML, base="file:///f"))


@given(st.integers(0, 2**64), st.sampled_from([" . ", ".\n", "\r\n. # x\n"]))
@settings(max_examples=examples(30), deadline=None)
def test_turtle_written_alike_is_found_as_by_reading_it(seed: int, separator: str) -> None:
    statements = "".join(f"{each}{separator}" for each in fill(STATEMENTS, TURTLE_WORDS, seed))
    assert_found_as_read(parse_text(f"@prefix e: <e:> . @prefix : <e:> . @prefix a: <a:> .\n{statements}", "f"))


@given(st.integers(0, 2**64), st.sampled_from([ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG]))
@settings(max_examples=examples(30), deadline=None)
def test_turtle_is_split_into_tokens(seed: int, format_: ox.RdfFormat) -> None:
    text = random_layout(random.Random(seed), format_).text
    known = Layouts(text, layouts.TURTLE)
    file = parse_text(text, "f", format_)
    for triple in file.triples:
        for start, end in file.positions.find(triple) or ():
            part = known.split(0, len(text))
            assert part is not None
            assert not any(begin < offset < stop for offset in (start, end) for begin, stop in values(part))


def values(part: layouts.Part) -> list[tuple[int, int]]:
    """Where the values of a part begin and end."""
    return list(zip(part.bounds[1:-1:2], part.bounds[2:-1:2], strict=True))


@pytest.mark.parametrize(
    ("text", "module", "reader"),
    [
        (
            "[" + ",\n".join(f'{{"@id": "e:{n}", "v:p": [{n}, "{n}"]}}' for n in range(500)) + "]",
            jsonld_positions,
            "Statements",
        ),
        (
            f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:e="e:">'
            + "\n".join(f'<e:C rdf:about="e:{n}"><e:p>{n}</e:p></e:C>' for n in range(500))
            + "</rdf:RDF>",
            rdfxml_positions,
            "_Reader",
        ),
    ],
    ids=["JSON-LD", "RDF/XML"],
)
def test_one_of_the_parts_that_are_written_alike_is_read(text, module, reader, monkeypatch) -> None:
    read: list[None] = []
    usual = getattr(module, reader)
    monkeypatch.setattr(module, reader, lambda *words: [read.append(None), usual(*words)][1])
    format_ = ox.RdfFormat.JSON_LD if text.startswith("[") else ox.RdfFormat.RDF_XML
    file = parse_text(text, "f", format_)
    places = [file.positions.place(triple, 2) for triple in file.triples]
    assert [place.line for place in places if place] == [line for line in range(1, 501) for _ in range(2)]
    assert len(read) == 1


def test_keys_and_structure_are_part_of_a_layout() -> None:
    texts = [
        '{"p": "x"}',
        '{"p": "longer"}',
        '{"p": ""}',
        '{"p":"x"}',
        '{"q": "x"}',
        '{"p": ["x"]}',
        '{"p": 1}',
        '{"p": true}',
        '{"p": null}',
    ]
    keys = []
    for text in texts:
        part = Layouts(text, layouts.JSON, layouts.JSON_FOREIGN).split(0, len(text))
        assert part is not None
        keys.append(part.key)
    assert keys[0] == keys[1]
    assert len(set(keys)) == len(texts) - 1


def test_very_long_part_has_no_layout() -> None:
    text = f'["{"x" * layouts.MAX_PART}"]'
    known = Layouts(text, layouts.JSON, layouts.JSON_FOREIGN)
    assert known.split(0, len(text)) is None
    assert known.split(0, layouts.MAX_PART) is None  # A string without its end.
    assert known.split(2, layouts.MAX_PART) is not None


@pytest.mark.parametrize("text", ['{"@context": {}, "p": 1}', '{"\\u0040context": {}}'])
def test_context_has_no_layout(text: str) -> None:
    assert Layouts(text, layouts.JSON, layouts.JSON_FOREIGN).split(0, len(text)) is None


@each("text", ["<a><!-- <b/> --></a>", "<a><![CDATA[<b/>]]></a>", "<a><?b?></a>", "<a>&b;</a>"])
def test_xml_in_which_anything_may_stand_has_no_layout(text: str) -> None:
    assert Layouts(text, layouts.XML, layouts.XML_FOREIGN).split(0, len(text)) is None
    plain = '<a b="&b;">1 &amp; &#160;</a>'
    assert Layouts(plain, layouts.XML, layouts.XML_FOREIGN).split(0, len(plain)) is not None
