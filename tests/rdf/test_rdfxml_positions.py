"""RDF/XML positions: each statement is found at its element or attribute."""

import random

import pyoxigraph as ox
from hypothesis import given, settings
from hypothesis import strategies as st
from support.each import each
from support.tiers import examples

from publisher.rdf.rdfxml_positions import find_error
from publisher.rdf.source_map import Positions

NAMESPACES = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="e:"'
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def read(text: str) -> list[ox.Triple]:
    plain = text.removeprefix("\ufeff")
    return [quad.triple for quad in ox.parse(plain, format=ox.RdfFormat.RDF_XML, base_iri="file:///f")]


def locate(text: str) -> list[tuple[str, str, str, str]]:
    """Return the predicate of each triple, with the texts at its subject, predicate and object."""
    triples = read(text)
    positions = Positions(text, ox.RdfFormat.RDF_XML, triples, "file:///f")
    found = []
    for triple in triples:
        spans = positions.find(triple)
        assert spans is not None, str(triple)
        name = triple.predicate.value.replace(RDF, "rdf:")
        found.append((name, *(text[start:end] for start, end in spans)))
    return found


CASES = {
    "a typed node": ('<e:C rdf:about="e:a"/>', ("rdf:type", "e:a", "<e:C", "<e:C")),
    "a node without a name": ("<e:C/>", ("rdf:type", "<e:C", "<e:C", "<e:C")),
    "an rdf:ID": ('<e:C rdf:ID="one"/>', ("rdf:type", "one", "<e:C", "<e:C")),
    "an rdf:nodeID": ('<e:C rdf:nodeID="n"/>', ("rdf:type", "n", "<e:C", "<e:C")),
    "a literal": (
        '<rdf:Description rdf:about="e:a"><e:p>x</e:p></rdf:Description>',
        ("e:p", "e:a", "<e:p", "<e:p>x</e:p>"),
    ),
    "an empty literal": (
        '<rdf:Description rdf:about="e:a"><e:p/></rdf:Description>',
        ("e:p", "e:a", "<e:p", "<e:p/>"),
    ),
    "a reference": (
        "<rdf:Description rdf:about='e:a'>\n<e:p\n rdf:resource = 'e:b' /></rdf:Description>",
        ("e:p", "e:a", "<e:p", "<e:p\n rdf:resource = 'e:b' />"),
    ),
    "a property attribute": (
        '<rdf:Description rdf:about="e:a" e:p="x"/>',
        ("e:p", "e:a", "e:p", 'e:p="x"'),
    ),
    "a type attribute": (
        '<rdf:Description rdf:about="e:a" rdf:type="e:T"/>',
        ("rdf:type", "e:a", "rdf:type", "e:T"),
    ),
    "a property attribute of a property": (
        '<rdf:Description rdf:about="e:a"><e:q e:p="x"/></rdf:Description>',
        ("e:p", "<e:q", "e:p", 'e:p="x"'),
    ),
    "a nested node": (
        '<rdf:Description rdf:about="e:a"><e:p> <e:C/> </e:p></rdf:Description>',
        ("e:p", "e:a", "<e:p", "<e:p"),
    ),
    "an element of parseType Resource": (
        '<rdf:Description rdf:about="e:a"><e:q rdf:parseType="Resource"><e:p>1</e:p></e:q></rdf:Description>',
        ("e:p", "<e:q", "<e:p", "<e:p>1</e:p>"),
    ),
    "an element of parseType Literal": (
        '<rdf:Description rdf:about="e:a"><e:p rdf:parseType="Literal"><b/>x</e:p></rdf:Description>',
        ("e:p", "e:a", "<e:p", '<e:p rdf:parseType="Literal"><b/>x</e:p>'),
    ),
    "an item of a collection": (
        '<rdf:Description rdf:about="e:a"><e:p rdf:parseType="Collection">'
        '<e:C rdf:about="e:i"/></e:p></rdf:Description>',
        ("rdf:first", "e:i", "e:i", "e:i"),
    ),
    "a member of a container": (
        '<rdf:Bag rdf:about="e:a"><rdf:li>1</rdf:li></rdf:Bag>',
        ("rdf:_1", "e:a", "<rdf:li", "<rdf:li>1</rdf:li>"),
    ),
    "a statement about a statement": (
        '<rdf:Description rdf:about="e:a"><e:p rdf:ID="s">1</e:p></rdf:Description>',
        ("rdf:subject", "s", "<e:p", "<e:p"),
    ),
    "other characters before": (
        '<rdf:Description rdf:about="e:é𝄞" e:q="ü"><e:p>x</e:p></rdf:Description>',
        ("e:p", "e:é𝄞", "<e:p", "<e:p>x</e:p>"),
    ),
    "a comment and a prefix that is declared on the element": (
        '<!-- <e:p>x</e:p> --><rdf:Description rdf:about="e:a"><f:p xmlns:f="e:">x</f:p></rdf:Description>',
        ("e:p", "e:a", "<f:p", '<f:p xmlns:f="e:">x</f:p>'),
    ),
}


@each("case", CASES)
@each("start", ["", "\ufeff", "\ufeff<?xml version='1.0'?>\r\n"])
def test_statement_is_located_at_element(case, start):
    body, wanted = CASES[case]
    assert wanted in locate(f"{start}<rdf:RDF {NAMESPACES}>{body}</rdf:RDF>")


def test_single_node_needs_no_rdf_element():
    assert locate(f"<e:C {NAMESPACES}><e:p>x</e:p></e:C>")[1] == ("e:p", "<e:C", "<e:p", "<e:p>x</e:p>")


def test_entity_declaration_has_no_position():
    text = f"""<!DOCTYPE rdf:RDF [<!ENTITY a "e:a"><!ENTITY x "x">]>
<rdf:RDF {NAMESPACES}><e:C rdf:about="&a;"><e:p>&x;</e:p></e:C></rdf:RDF>"""
    assert locate(text) == [("rdf:type", "&a;", "<e:C", "<e:C"), ("e:p", "&a;", "<e:p", "<e:p>&x;</e:p>")]


def test_rdfxml_equal_blank_nodes_have_own_positions():
    text = f"<rdf:RDF {NAMESPACES}><e:C>\n<e:p>1</e:p></e:C><e:C>\n<e:p>1</e:p></e:C></rdf:RDF>"
    triples = read(text)
    positions = Positions(text, ox.RdfFormat.RDF_XML, triples)
    places = [positions.place(triple, 1) for triple in triples]
    assert [place and (place.line, place.column) for place in places] == [(1, 79), (2, 1), (2, 19), (3, 1)]


def _property(choose: random.Random, number: list[int], depth: int) -> str:
    number[0] += 1
    name = f"e:p{number[0]}"
    kinds = ["text", "empty", "resource", "attributes", "literal"]
    kind = choose.choice(kinds + ["node", "Resource", "Collection"] * (depth < 4))
    about = f' rdf:ID="s{number[0]}"' if choose.random() < 0.1 else ""
    if kind in ("empty", "resource", "attributes"):
        reference = ' rdf:resource="e:r"' if kind == "resource" else ""
        more = f' e:a{number[0]}="1" xml:lang="en" rdf:type="e:T" e:b{number[0]}="2"' if kind == "attributes" else ""
        return f"<{name}{about}{reference}{more}/>" if choose.random() < 0.5 else f"<{name}{reference}{more}></{name}>"
    if kind == "text":
        return f"<{name}{about}>v</{name}>"
    if kind == "literal":
        return f'<{name} rdf:parseType="Literal"{about}><b><i/></b></{name}>'
    if kind == "Resource":
        below = [_property(choose, number, depth + 1) for _ in range(choose.randrange(3))]
        return f'<{name} rdf:parseType="Resource"{about}>{" ".join(below)}</{name}>'
    nodes = 1 if kind == "node" else choose.randrange(4)
    parse = "" if kind == "node" else ' rdf:parseType="Collection"'
    return f"<{name}{parse}{about}> {' '.join(_node(choose, number, depth + 1) for _ in range(nodes))}</{name}>"


def _node(choose: random.Random, number: list[int], depth: int) -> str:
    number[0] += 1
    name = choose.choice(["e:C", "rdf:Description"])
    about = choose.choice(["", f' rdf:about="e:n{number[0]}"', ' rdf:nodeID="n"'])
    more = f' e:a{number[0]}="1" e:b{number[0]}="2" rdf:type="e:T"' if choose.random() < 0.3 else ""
    below = [_property(choose, number, depth) for _ in range(choose.randrange(4))]
    return f"<{name}{more}{about}>{''.join(below)}</{name}>" if below else f"<{name}{more}{about}/>"


@given(st.integers(0, 2**64))
@settings(max_examples=examples(100), deadline=None)
def test_random_rdfxml_properties_are_located(seed):
    choose, number = random.Random(seed), [0]
    nodes = "\n".join(_node(choose, number, 0) for _ in range(3))
    for predicate, _, name, value in locate(f"<rdf:RDF {NAMESPACES}>{nodes}</rdf:RDF>"):
        if predicate.startswith("e:"):
            assert name.lstrip("<") == predicate
            assert value.lstrip("<").startswith(predicate)


@each(
    ("before", "wrong"),
    [
        ('<e:C rdf:ID="ä"/><!-- It\'s > -->\n', '<e:C rdf:ID="ä"/>'),
        ("", "<q:C/>"),
        ('<e:C e:v="\'>"/>', '<e:C q:v="a>b"/>'),
        ("<e:C/>\n", '<e:C rdf:about="x" rdf:ID="y"/>'),
        ("<e:C>", "pond</e:C>"),
    ],
)
def test_error_is_found_at_its_element(before: str, wrong: str) -> None:
    text = f"<rdf:RDF {NAMESPACES}>\n{before}{wrong}\n<e:D/></rdf:RDF>"
    start, end = find_error(text)
    assert start is not None
    assert (start, text[start:end]) == (text.rindex(wrong), wrong)


def test_text_without_error_has_none() -> None:
    assert find_error(f"<rdf:RDF {NAMESPACES}><e:C/></rdf:RDF>") == (None, None)
