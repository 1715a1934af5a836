"""JSON-LD positions: each statement is found at its member, or at the item of an array."""

import json
import random

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.each import each
from support.tiers import examples

from publisher.dataset.files import parse_text
from publisher.rdf.source_map import Positions

CONTEXT = {
    "@vocab": "v:",
    "id": "@id",
    "kind": "@type",
    "val": "@value",
    "label": {"@id": "v:label", "@container": "@language"},
    "by": {"@id": "v:by", "@container": "@index"},
    "all": {"@id": "v:all", "@container": "@list"},
    "of": {"@reverse": "v:part"},
    "ref": {"@id": "v:ref", "@type": "@id"},
    "data": {"@id": "v:data", "@type": "@json"},
    "group": "@nest",
}


def locate(text: str, known: dict[str, str] | None = None) -> list[tuple[str, str, str, str]]:
    """Return the predicate of each triple, with the texts at its subject, predicate and object."""
    file = parse_text(text, "f", ox.RdfFormat.JSON_LD, (known or {}).get, "file:///f")
    found = []
    for triple in file.triples:
        spans = file.positions.find(triple)
        assert spans is not None, str(triple)
        name = triple.predicate.value.rpartition("#")[2]
        found.append((name, *(text[start:end] for start, end in spans)))
    return found


CASES = {
    "a value": ('{"@id": "e:a", "p": 1}', ("v:p", "e:a", '"p"', '"p": 1')),
    "a text": ('{"@id": "e:a", "p": "x"}', ("v:p", "e:a", '"p"', '"p": "x"')),
    "a value on another line": ('{"@id": "e:a", "p":\n "x"}', ("v:p", "e:a", '"p"', '"p"')),
    "a node without a name": ('{"p": true}', ("v:p", "{", '"p"', '"p": true')),
    "a name after the member": ('{"p": 1, "id": "a"}', ("v:p", "a", '"p"', '"p": 1')),
    "a compact IRI": ('{"id": "e:a", "e:p": null, "e:q": 2}', ("e:q", "e:a", '"e:q"', '"e:q": 2')),
    "an escaped key": ('{"@id": "e:a", "\\u0070": 1}', ("v:p", "e:a", '"\\u0070"', '"\\u0070": 1')),
    "an item": ('{"@id": "e:a", "p": [ 1 , null, "x", 2.5]}', ("v:p", "e:a", '"p"', "2.5")),
    "an item of a set": ('{"@id": "e:a", "p": {"@set": ["x", [3]]}}', ("v:p", "e:a", '"p"', "3")),
    "a value object": ('{"@id": "e:a", "p": {"val": "x"}}', ("v:p", "e:a", '"p"', '"p": {"val": "x"}')),
    "a value object in an array": (
        '{"@id": "e:a", "p": ["y", {"@value": "x"}]}',
        ("v:p", "e:a", '"p"', '{"@value": "x"}'),
    ),
    "a type": ('{"@id": "e:a", "@type": "T"}', ("type", "e:a", '"@type"', '"@type": "T"')),
    "one of the types, by an alias": ('{"kind": ["T", "U"], "p": 1}', ("type", "{", '"kind"', '"U"')),
    "types after other members": ('{"p": 1, "kind": "T", "id": "e:a"}', ("type", "e:a", '"kind"', '"kind": "T"')),
    "a type of a nested node": ('{"p": [{"@id": "e:b", "@type": "T"}, 1]}', ("type", "e:b", '"@type"', '"@type": "T"')),
    "a reference": ('{"@id": "e:a", "p": {"@id": "e:b"}}', ("v:p", "e:a", '"p"', '"p": {"@id": "e:b"}')),
    "a term of IRIs": ('{"@id": "e:a", "ref": ["e:c", "e:b"]}', ("v:ref", "e:a", '"ref"', '"e:b"')),
    "a nested node": ('{"@id": "e:a", "p": {"q": 1}}', ("v:p", "e:a", '"p"', '"p"')),
    "a member of a nested node": ('{"@id": "e:a", "p": {"q": 1}}', ("v:q", "{", '"q"', '"q": 1')),
    "a nested node in an array": ('{"@id": "e:a", "p": [1, {"@id": "e:b", "q": 1}]}', ("v:p", "e:a", '"p"', "e:b")),
    "a value after a nested node": ('{"@id": "e:a", "p": [{"q": [1, 2]}, 7]}', ("v:p", "e:a", '"p"', "7")),
    "a node that refers to itself": (
        '{"@id": "e:a", "p": {"@id": "e:a", "p": {"@id": "e:a"}, "q": 1}, "r": 2}',
        ("v:r", "e:a", '"r"', '"r": 2'),
    ),
    "a reverse term": ('{"@id": "e:a", "of": {"@id": "e:b", "q": 1}}', ("v:part", '"of"', '"of"', '"of"')),
    "reverse terms in an array": ('{"@id": "e:a", "of": [{"@id": "e:c"}, {"p": 1}]}', ("v:part", "{", '"of"', '"of"')),
    "a reverse member": (
        '{"@id": "e:a", "@reverse": {"p": [{"@id": "e:b", "q": 1}]}}',
        ("v:p", "e:b", '"p"', '"p"'),
    ),
    "a member after a reverse one": (
        '{"@reverse": {"p": {"q": 1}}, "id": "e:a", "r": 1}',
        ("v:r", "e:a", '"r"', '"r": 1'),
    ),
    "an item of a list": ('{"@id": "e:a", "all": ["x", {"q": 1}, "y"]}', ("first", '"y"', '"y"', '"y"')),
    "a list": ('{"@id": "e:a", "p": {"@list": [1, 2]}}', ("v:p", "e:a", '"p"', '"p"')),
    "a language map": ('{"@id": "e:a", "label": {"en": "x", "de": ["y", "z"]}}', ("v:label", "e:a", '"label"', '"z"')),
    "an index map": ('{"@id": "e:a", "by": {"one": {"q": 1}, "two": "x"}}', ("v:by", "e:a", '"by"', '"x"')),
    "JSON": ('{"@id": "e:a", "data": {"p": [1, {"q": 2}]}, "r": 2}', ("v:r", "e:a", '"r"', '"r": 2')),
    "a nest": ('{"@id": "e:a", "group": {"p": 1}, "q": 2}', ("v:p", "e:a", '"p"', '"p": 1')),
    "a node of a graph": ('{"@graph": [{"@id": "e:b"}, {"p": 1}, {"p": 2}]}', ("v:p", "{", '"p"', '"p": 2')),
    "a member beside a graph": ('{"@id": "e:g", "@graph": {"p": 1}, "q": 2}', ("v:q", "e:g", '"q"', '"q": 2')),
    "an included node": ('{"@id": "e:a", "@included": [{"p": 1}], "q": 2}', ("v:q", "e:a", '"q"', '"q": 2')),
    "a key that no context maps": (
        '{"@context": {"@vocab": null}, "x": [{"y": 1}], "e:p": 1}',
        ("e:p", "{", '"e:p"', '"e:p": 1'),
    ),
    "characters of more than one byte": ('{"@id": "e:é", "p": "𝄞"}', ("v:p", "e:é", '"p"', '"p": "𝄞"')),
}


@each("case", CASES)
@each("start", ["", "\ufeff"])
def test_jsonld_statement_is_located_at_member(case, start):
    body, wanted = CASES[case]
    context = json.dumps(CONTEXT)
    if body.startswith('{"@context"'):
        text = body.replace("null", f"null, {context[1:-1].partition(',')[2]}", 1)
    else:
        text = f'{{"@context": {context}, {body[1:]}'
    assert wanted in locate(start + text)


@pytest.mark.parametrize("context", ['{"@vocab": "v:", "id": "@id"}', '[{"@vocab": "v:"}, {"id": "@id"}]'])
def test_positions_ignore_inlined_context(context):
    text = '{"@context": "https://v.example/", "id": "e:a", "p": [{"id": "e:b", "q": 1}]}'
    assert locate(text, {"https://v.example/": context}) == [
        ("v:p", "e:a", '"p"', "e:b"),
        ("v:q", "e:b", '"q"', '"q": 1'),
    ]


def test_jsonld_equal_blank_nodes_have_own_positions():
    text = '[{"v:p": 1,\n"v:q": [{"v:p": 1},\n{"v:p": 1}]}]'
    file = parse_text(text, "f", ox.RdfFormat.JSON_LD)
    assert [vars(file.positions.place(t, 0)) for t in file.triples] == [
        {
            "line": line,
            "column": column,
            "end_line": line,
            "end_column": column + 1,
            "source": text.split("\n")[line - 1],
        }
        for line, column in [(1, 2), (1, 2), (2, 9), (1, 2), (3, 1)]
    ]


def test_context_has_no_positions():
    text = '{"@context": {"same": "e:a", "@vocab": "e:p"},\n"@id": "e:a", "": 1}'
    file = parse_text(text, "f", ox.RdfFormat.JSON_LD)
    unknown = ox.Triple(ox.NamedNode("e:a"), ox.NamedNode("e:q"), ox.NamedNode("e:p"))
    assert file.positions.find(unknown) is None
    assert vars(file.positions.place(unknown, 2))["line"] == 2


def test_node_without_marker_is_located():
    text = (
        '{"@context": {"x": {"@id": "v:x", "@container": ["@graph", "@id"]}},\n"@id": "v:a", "x": {"v:b": {"v:p": 1}}}'
    )
    file = parse_text(text, "f", ox.RdfFormat.JSON_LD)
    places = [file.positions.place(triple, 0) for triple in file.triples]
    assert {place.line for place in places if place} == {2}


def _value(choose: random.Random, number: list[int], depth: int) -> object:
    number[0] += 1
    kinds = ["text", "number", "value", "reference", "null"]
    kind = choose.choice(kinds + ["node", "array", "list"] * (depth < 5))
    if kind == "node":
        return _node(choose, number, depth + 1)
    if kind in ("array", "list"):
        items = [_value(choose, number, depth + 1) for _ in range(choose.randrange(4))]
        return items if kind == "array" else {"@list": items}
    plain = {"text": "x", "number": 4, "value": {"val": "x", "@language": "en"}, "reference": {"id": "e:a"}}
    return plain.get(kind)


def _node(choose: random.Random, number: list[int], depth: int) -> dict[str, object]:
    found: dict[str, object] = {}
    for _ in range(choose.randrange(5)):
        number[0] += 1
        found[f"p{number[0]}"] = _value(choose, number, depth)
    if choose.random() < 0.3:
        found["kind"] = choose.choice(["T", ["T", "U"], []])
    if choose.random() < 0.5:
        found[choose.choice(["@id", "id"])] = choose.choice(["e:a", f"e:n{number[0]}", "_:b"])
    if choose.random() < 0.2:
        number[0] += 1
        found["@reverse"] = {f"p{number[0]}": _node(choose, number, depth + 1)}
    if choose.random() < 0.2:
        found["@included"] = [_node(choose, number, depth + 1)]
    entries = list(found.items())
    choose.shuffle(entries)
    return dict(entries)


@given(st.integers(0, 2**64))
@settings(max_examples=examples(150), deadline=None)
def test_random_jsonld_properties_are_located(seed):
    choose, number = random.Random(seed), [0]
    nodes = [_node(choose, number, 0) for _ in range(3)]
    text = json.dumps({"@context": CONTEXT, "@graph": nodes}, indent=choose.choice([None, 1]))
    triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.JSON_LD)]
    positions = Positions(text, ox.RdfFormat.JSON_LD, triples)
    for triple in triples:
        spans = positions.find(triple)
        assert spans is not None, str(triple)
        subject, key, value = (text[start:end] for start, end in spans)
        name = triple.predicate.value
        if name.startswith("v:p"):
            assert key == f'"{name[2:]}"'
            assert value in (key, "e:a", "{", "4") or value[0] in '{"_e'
        elif name.endswith("#type"):
            assert key == '"kind"'
        else:
            assert subject == key == value
