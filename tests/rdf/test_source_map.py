"""Positions of statements in a text: the characters of each of their terms, in any layout."""

import random
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.each import each
from support.fork_root import CHECKOUT
from support.random_turtle import Layout, random_layout
from support.tiers import examples, some

from publisher.rdf.source_map import FORMATS, MAX_SOURCE, Place, Positions

TURTLE, TRIG, N_TRIPLES, N_QUADS = FORMATS


def read(text: str, format_: ox.RdfFormat = TURTLE) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(text, format=format_, rename_blank_nodes=True)]


def assert_same(positions: Positions, layout: Layout) -> None:
    """Each triple that was read is found where the writer put it; the blank nodes of the two agree one to one."""
    written = {spans: triple for triple, spans in layout.stated.items()}
    names: dict[Any, Any] = {}
    for triple in dict.fromkeys(positions.triples):
        there = positions.find(triple)
        assert there is not None, str(triple)
        terms = written.pop(there)
        for term, meant in zip((triple.subject, triple.predicate, triple.object), terms, strict=True):
            if isinstance(term, ox.BlankNode):
                assert names.setdefault(term, meant) == meant
            else:
                assert term == meant
    assert len(set(names.values())) == len(names)
    assert not written


@given(st.integers(0, 2**64), st.sampled_from(FORMATS))
@settings(max_examples=examples(100), deadline=None)
def test_random_turtle_statements_are_located(seed, format_):
    layout = random_layout(random.Random(seed), format_)
    assert_same(Positions(layout.text, format_, read(layout.text, format_)), layout)


@pytest.mark.slow
def test_vocabulary_and_shape_statements_are_located():
    missing = []
    files = [str(path) for folder in ("ontology", "shapes") for path in sorted((CHECKOUT / folder).rglob("*.ttl"))]
    for path in some(files, every=4):
        text = Path(path).read_text()
        positions = Positions(text, TURTLE, read(text))
        missing += [(path, str(triple)) for triple in positions.triples if positions.find(triple) is None]
    assert missing == []


# Named cases: what stands at the places of the last statement that the parser gives


CASES = {
    "one line": (":a :p :b .", ":a :p :b"),
    "no space at all": ("<x:a><x:p><x:b>.", "<x:a> <x:p> <x:b>"),
    "a name with dots": (":a.b.c :p :d.e.", ":a.b.c :p :d.e"),
    "a name that ends before the full stop": (":a :p :b;:q :d.\n:c :q :d.", ":c :q :d"),
    "a number before the full stop": (":a :p 1.", ":a :p 1"),
    "a number before a full stop and a name": (":a :p 1 .:c :q 2.", ":c :q 2"),
    "numbers beside commas": (":a :p 1,2.5,-3e1,.5 .", ":a :p .5"),
    "a double that begins with a full stop": (":a :p .5e1 .", ":a :p .5e1"),
    "a boolean before the full stop": (":a :p true.", ":a :p true"),
    "a for the type": (":a a :b .", ":a a :b"),
    "a prefix called a": ("@prefix a: <x:> .\na:a a a:a .", "a:a a a:a"),
    "an empty local name": ("@prefix e: <x:e> .\ne: e: e: .", "e: e: e:"),
    "a label with a dot and a dash": ("_:a.b-c :p _:1 .", "_:a.b-c :p _:1"),
    "an escaped local name": (r":a\,b\.c\#d :p :\; .", r":a\,b\.c\#d :p :\;"),
    "a percent in a local name": (":a%2Cb :p :%23 .", ":a%2Cb :p :%23"),
    "an escape in an IRI": (r"<x:\u0061> :p <x:\U0001D11E> .", r"<x:\u0061> :p <x:\U0001D11E>"),
    "quotes in long strings": (':a :p """"a""b"c\\"""" , \'\'\'it\'s\'\'\' .', ":a :p '''it's'''"),
    "a long string that looks like Turtle": (':a :p """ . # <x> [ ( \n @prefix : <y:> . """ .', None),
    "an empty string": (":a :p \"\" ; :q '' .", ":a :q ''"),
    "backslashes at the end of a string": (r':a :p "\\", "\"" .', r':a :p "\""'),
    "a language with parts": (':a :p "x"@en-Latn-GB .', ':a :p "x"@en-Latn-GB'),
    "a datatype": (':a :p "x"^^:d.', ':a :p "x"^^:d'),
    "a datatype after a comment": (':a :p "x" # why\n ^^ <x:d> .', ':a :p "x" # why\n ^^ <x:d>'),
    "a comment with everything": (":a # . ; , [ ( ' \" <\n :p :b .", ":a :p :b"),
    "a comment behind a name": (":a :p :b#c\n.", ":a :p :b"),
    "a hash in an IRI": ("<x:#a> :p <x:b#> .", "<x:#a> :p <x:b#>"),
    "semicolons too many": (":a :p :b ;; ; :q :c ; .", ":a :q :c"),
    "a bracket alone": ("[ :p :b ] .", "[ :p :b"),
    "a bracket with space and a comment": ("[ # none\n ] :p :b .", "[ # none\n ] :p :b"),
    "a bracket as subject and as object": ("[ :p [ :q 1 ] ] :r 2 .", "[ :r 2"),
    "an empty list": ("( ) :p () .", "( ) :p ()"),
    "a list as subject": ("( 1 2 ) :p 3 .", "( :p 3"),
    "another base": ("@base <http://x/> .\n<a> <p> <#b> .\nBASE <http://x/y/>\n<../a> <p> <> .", "<../a> <p> <>"),
    "another prefix": ("prefix : <y:>\n:a :p :b .\n@prefix : <z:> . :a :p :b .", ":a :p :b"),
    "prefixes repeated and changed": (
        "@base <http://x/> .\n@prefix a: <p#> .\na:s a:p 1 .\n@prefix a: <p#> .\na:s a:p 2 .\n@base <http://y/> .\n"
        "@prefix a: <p#> .\na:s a:p 3 .\n@prefix a: <q#> .\n@prefix a: <p#> .\na:s a:p [ a:q 4 ] .",
        "[ a:q 4",
    ),
    "prefixes called prefix and base": ("@prefix prefix: <x:>.@prefix base: <y:>.prefix:a base:b base:c.", None),
    "characters beyond the plane": ('<x:𝄞> :p "𝄞é" .', '<x:𝄞> :p "𝄞é"'),
    "a null in a string": (':a :p "\0" .', ':a :p "\0"'),
    "a form feed in a string": (':a :p "\f\v\x85\u2028" .', ':a :p "\f\v\x85\u2028"'),
    "a name with a space of another script": (":a\u1680b :p :c .", ":a\u1680b :p :c"),
}


@each(("text", "spelled"), CASES.values())
@each("end", ["\n", "\r\n", "\r"])
def test_statement_is_located_in_any_spelling(text, spelled, end):
    whole = ("@prefix : <x:> .\n" + text).replace("\n", end)
    positions = Positions(whole, TURTLE, read(whole))
    found = [positions.find(triple) for triple in positions.triples]
    assert None not in found
    words = [" ".join(whole[start:stop] for start, stop in spans) for spans in found if spans]
    assert spelled is None or spelled.replace("\n", end) in words


@each(
    ("text", "format_", "line", "column"),
    [
        ("<x:a> <x:p> <x:b> <x:g> .\n_:s\t<x:p>\t'x' _:g .".replace("'", '"'), N_QUADS, 2, 11),
        ("<x:a> <x:p> <x:b> .\n# x\n_:s <x:p> _:o .", N_TRIPLES, 3, 11),
        ("GRAPH <x:g> { <x:a> <x:p> 1 . <x:b> <x:p> 2 }", TRIG, 1, 43),
        ("{ }\n_:g{<x:a> <x:p> 2.}", TRIG, 2, 17),
        ("graph[]{<x:a> <x:p> 2}", TRIG, 1, 21),
        ("[]{<x:a> <x:p> 2 . }\n", TRIG, 1, 16),
        ("<x:g> { [ <x:p> 2 ] }", TRIG, 1, 17),
    ],
)
def test_statements_in_graphs_are_located(text, format_, line, column):
    positions = Positions(text, format_, read(text, format_))
    place = positions.place(positions.triples[-1], 2)
    assert (place.line, place.column) == (line, column)


def test_columns_count_characters_and_end_is_exclusive():
    text = '@prefix : <x:> .\r\n:a :p "𝄞é", """one\r\ntwo""" .\r'
    positions = Positions(text, TURTLE, read(text))
    assert [positions.place(triple, 2) for triple in positions.triples] == [
        Place(2, 7, 2, 11, ':a :p "𝄞é", """one'),
        Place(2, 13, 3, 7, ':a :p "𝄞é", """one'),
    ]


def test_repeated_statement_is_located_at_first():
    text = "<x:a> <x:p> 1 .\n<x:a> <x:p> 1 ."
    positions = Positions(text, TURTLE, read(text))
    assert [positions.place(triple, 0).line for triple in positions.triples] == [1, 1]


def test_lexical_forms_are_distinguished():
    text = '<x:a> <x:p> 7,\n007,\n+7,\n"7" .'
    positions = Positions(text, TURTLE, read(text))
    assert [positions.place(triple, 2).line for triple in positions.triples] == [1, 2, 3, 4]


def test_long_line_quote_is_cut():
    text = f'<x:a> <x:p> "{"x" * 1000}", "{"y" * 1000}" .'
    positions = Positions(text, TURTLE, read(text))
    first, second = (positions.place(triple, 2) for triple in positions.triples)
    assert (first.source, second.source) == (text[:MAX_SOURCE], "")


def test_absent_triple_has_no_position():
    positions = Positions("<x:a> <x:p> [] .", TURTLE, read("<x:a> <x:p> [] ."))
    a, p = ox.NamedNode("x:a"), ox.NamedNode("x:p")
    for triple in (ox.Triple(a, p, a), ox.Triple(p, p, a), ox.Triple(a, p, ox.BlankNode("other"))):
        assert positions.find(triple) is None


# Blank nodes


def test_similar_blank_nodes_are_distinguished_by_content():
    text = "\n".join(f"[ :p [ :q {n % 3} ], [ :q {n % 2} ] ] ." for n in range(12))
    text = f"@prefix : <x:> .\n_:a :p _:b .\n_:b :p [ :p _:a ] .\n{text}"
    positions = Positions(text, TURTLE, read(text))
    lines: dict[Any, set[int]] = {}
    for triple in positions.triples:
        place = positions.place(triple, 0)
        lines.setdefault(triple.subject, set()).add(place.line)
    assert all(len(found) == 1 for found in lines.values())
    assert len({found.pop() for found in lines.values()}) == 14


def test_label_like_generated_one_is_allowed():
    text = "_:n <x:p> [ <x:p> _:nn12 ] . _:n12 <x:p> _:nnn ."
    positions = Positions(text, TURTLE, read(text))
    assert None not in [positions.find(triple) for triple in positions.triples]


@pytest.mark.parametrize("nested", ["[ <x:p> {} ]", "( {} )"])
def test_deep_nesting_is_read(nested):
    depth = 3_000
    before, after = nested.split("{}")
    text = f"<x:a> <x:p> {before * depth}1{after * depth} ."
    positions = Positions(text, TURTLE, read(text))
    innermost = next(t for t in positions.triples if isinstance(t.object, ox.Literal))
    assert positions.place(innermost, 2).column == len(f"<x:a> <x:p> {before * depth}") + 1


# Speed


def test_statement_among_many_is_located():
    """In quadratic time this would take minutes."""
    text = "@prefix : <x:> .\n" + "".join(
        f':s{n}\n    a :T ;\n    :name "{n}"@en ;\n    :next :s{n + 1} ;\n    :v {n} ;\n.\n\n' for n in range(5_000)
    )
    positions = Positions(text, TURTLE, read(text))
    place = positions.place(positions.triples[-1], 2)
    assert place.source == "    :v 4999 ;"
