"""Parts of JSON-LD texts that make no statement: each is found at its position."""

import json

import pyoxigraph as ox
import pytest
from support.each import each

from publisher.rdf import jsonld_drops
from publisher.rdf.jsonld_contexts import find_none
from publisher.rdf.jsonld_drops import find_drops

CONTEXT = '"@context": {"ex": "https://pond.example/", "name": "ex:name", "near": {"@id": "ex:near", "@type": "@id"}}'
IGNORED = ", so that it makes no statement."


def drops(text: str, base: str = "") -> list[tuple[str, str, bool]]:
    """The text at each drop, its message, and whether it is a mistake."""
    return [(text[d.start : d.end], d.message, d.mistake) for d in find_drops(text, find_none, base)]


@each(
    ("members", "dropped", "message", "mistake"),
    [
        ('"nmae": "x"', '"nmae"', f'No context maps the key "nmae"{IGNORED}', False),
        ('"ex:na me": "x"', '"ex:na me"', f'The key "ex:na me" is not a valid IRI{IGNORED}', True),
        ('"near": "west"', '"west"', f'The @id "west" is a relative IRI without a base{IGNORED}', True),
        ('"near": "ex:we st"', '"ex:we st"', f'The @id "ex:we st" is not a valid IRI{IGNORED}', True),
        ('"@type": "Frog"', '"Frog"', f'No context maps the type "Frog"{IGNORED}', False),
        ('"@type": "ex:a b"', '"ex:a b"', f'The @type "ex:a b" is not a valid IRI{IGNORED}', True),
        ('"_:near": "x"', '"_:near"', f'The key "_:near" stands for a blank node{IGNORED}', False),
        ('"@foo": "x"', '"@foo"', "@foo is not a keyword of JSON-LD.", True),
        (
            '"name": {"@value": "x", "@language": "en_US"}',
            '"en_US"',
            '"en_US" is not a well-formed language tag (BCP 47).',
            True,
        ),
    ],
)
def test_one_drop_is_reported(members: str, dropped: str, message: str, mistake: bool) -> None:
    text = f'{{{CONTEXT},\n "@id": "ex:pond",\n {members}, "ex:depth": 3}}'
    assert drops(text) == [(dropped, message, mistake)]
    assert [str(q.predicate) for q in ox.parse(text, format=ox.RdfFormat.JSON_LD)] == ["<https://pond.example/depth>"]


def test_repeated_key_is_a_drop_at_its_second_place() -> None:
    text = (
        f'{{{CONTEXT}, "@id": "ex:a", "name": "x", "ex:depth": {{"@id": "ex:b", "name": 1, "name": 2}}, "name": "y"}}'
    )
    message = 'The key "name" is repeated in this object: some programs read only its last value.'
    assert drops(text) == [('"name"', message, True)] * 2
    assert [drop.start for drop in find_drops(text, find_none)] == [text.index('"name": 2'), text.index('"name": "y"')]


def test_repeated_term_of_context_is_a_drop() -> None:
    assert [dropped for dropped, *_ in drops('{"@context": {"p": "urn:p", "p": "urn:q"}, "@id": "urn:a", "p": 1}')] == [
        '"p"'
    ]


@pytest.mark.parametrize("text", ['["ex", {"@id": "urn:a"}]', '{"@id": "urn:g", "@graph": [{"@id": "urn:a"}, "ex"]}'])
def test_value_of_no_node_is_a_drop(text: str) -> None:
    assert drops(text) == [('"ex"', f'The value "ex" belongs to no node{IGNORED}', True)]


@each("loose", ['{"@value": "ex"}', '{"@list": ["ex"]}'])
@each("text", ['[%s, {"@id": "urn:a"}]', '{"@id": "urn:g", "@graph": [%s]}', "%s"])
def test_literal_or_list_of_no_node_is_a_drop(text: str, loose: str) -> None:
    assert drops(text % loose) == [(loose, f"The value {loose} belongs to no node{IGNORED}", True)]


def test_dropped_key_is_not_placed_in_context() -> None:
    text = '{"@context": {"deep": "_:deep"}, "@id": "urn:a", "deep": 1}'
    [drop] = find_drops(text, find_none)
    assert drop.start == text.rindex('"deep"')


def test_nodes_in_nested_arrays_are_no_drops() -> None:
    assert drops('[[{"@id": "urn:a", "urn:p": 1}], [[{"@id": "urn:b", "urn:p": 2}]]]') == []


def test_relative_subject_without_base_is_a_drop() -> None:
    text = '{"@id": "data/x.csv", "https://pond.example/p": 1}'
    assert drops(text) == [('"data/x.csv"', f'The @id "data/x.csv" is a relative IRI without a base{IGNORED}', True)]
    assert drops(text, "https://pond.example/") == []


def test_relative_id_is_found_at_any_depth() -> None:
    text = (
        '{"@context": {"near": "https://pond.example/near"}, "@graph": ['
        '{"@id": "./", "near": {"@id": "a"}}, {"@id": "a", "near": "a"}]}'
    )
    assert [dropped for dropped, *_ in drops(text)] == ['"./"', '"a"', '"a"']
    assert [drop.start for drop in find_drops(text, find_none)] == [
        text.index('"./"'),
        text.index('"a"'),
        text.index('"a", "near"'),
    ]


@pytest.mark.parametrize("members", ['"ex:note": "bad"', '"@id": "bad"', '"near": "bad"'])
def test_text_with_same_end_is_no_drop(members: str) -> None:
    text = f'{{{CONTEXT}, "@graph": [{{{members}, "name": "x"}}, {{"@id": "ex:so bad", "name": "y"}}]}}'
    assert [dropped for dropped, *_ in drops(text, "https://pond.example/")] == ['"ex:so bad"']


@pytest.mark.parametrize("value", ['{"@value": "s", "@language": "en_us"}', '{"@language": "en_us", "@value": "us"}'])
def test_tag_is_found_exactly(value: str) -> None:
    assert [dropped for dropped, *_ in drops(f'{{{CONTEXT}, "ex:note": {value}}}')] == ['"en_us"']


def test_tag_is_found_as_key_of_language_map() -> None:
    context = '"@context": {"name": {"@id": "https://pond.example/name", "@container": "@language"}}'
    found = drops(f'{{{context}, "name": {{"en": "pond", "e_n": "mere"}}}}')
    assert found == [('"e_n"', '"e_n" is not a well-formed language tag (BCP 47).', True)]


def test_relative_type_is_a_drop() -> None:
    text = '{"@id": "x", "@type": "Frog", "https://pond.example/p": 1}'
    assert drops(text, "https://pond.example/") == [('"Frog"', f'No context maps the type "Frog"{IGNORED}', False)]


def test_every_use_of_key_is_found_in_order() -> None:
    text = f'{{{CONTEXT}, "@graph": [{{"@id": "ex:a", "one": 1}}, {{"@id": "ex:b", "two": {{"three": 1}}, "one": 2}}]}}'
    assert [dropped for dropped, *_ in drops(text)] == ['"one"', '"two"', '"one"']


@each(
    "text",
    [
        f'{{{CONTEXT}, "@id": "ex:a", "name": "x", "near": ["ex:b", "https://pond.example/c"]}}',
        '{"@context": {"@vocab": "https://pond.example/"}, "@id": "urn:a", "@type": "Frog", "anything": 1}',
        '{"@context": {"no": null, "@vocab": "https://pond.example/"}, "@id": "urn:a", "no": 1}',
        '{"@context": {"id": "@id", "type": "@type", "p": "urn:p"}, "id": "urn:a", "type": "urn:T", "p": {}}',
        '{"@context": {"p": {"@id": "urn:p", "@context": {"q": "urn:q"}}}, "@id": "urn:a", "p": {"q": 1}}',
        '{"@context": {"p": {"@id": "urn:p", "@container": "@language"}}, "@id": "urn:a", "p": {"en": "x"}}',
        '{"@context": {"p": {"@reverse": "urn:p", "@type": "@id"}}, "@id": "urn:a", "p": "urn:b"}',
        '[{"@id": "urn:a", "urn:p": {"@list": [1, {"@value": "x", "@language": "en-GB"}]}}]',
        '{"@context": [{"ex": "urn:ex:"}, {"p": "ex:p"}], "@id": "ex:a", "p": null}',
        "[]",
    ],
)
def test_mapped_or_ignored_keys_are_no_drops(text: str) -> None:
    assert drops(text) == []


def test_text_library_rejects_is_not_checked() -> None:
    [(_, message, mistake)] = drops('{"@context": {"p": {"@id": "rel"}}, "@id": "urn:a", "p": 1}')
    assert message.startswith("Not checked for members that make no statement: ")
    assert not mistake


def test_known_context_is_used() -> None:
    text = '{"@context": "https://pond.example/context.jsonld", "@id": "urn:a", "p": 1, "q": 1}'
    found = find_drops(text, lambda address: json.dumps({"p": "urn:p"}) if address.endswith("context.jsonld") else None)
    assert [text[drop.start : drop.end] for drop in found] == ['"q"']


def test_only_items_that_drop_something_are_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    expanded: list[str] = []
    usual = jsonld_drops.jsonld.expand

    def note(tree: object, *arguments: object, **named: object) -> object:
        expanded.append(json.dumps(tree))
        return usual(tree, *arguments, **named)

    monkeypatch.setattr(jsonld_drops.jsonld, "expand", note)
    nodes = [f'{{"@id": "ex:é{n}", "name": "n"}}' for n in range(9)]
    nodes[3] = '{"@id": "ex:é3", "nmae": "n"}'
    nodes[7] = '{"@id": "ex:é7", "near": "ex:a b"}'
    found = drops(f'{{{CONTEXT}, "@graph": [{", ".join(nodes)}]}}')
    assert [dropped for dropped, *_ in found] == ['"nmae"', '"ex:a b"']
    assert [n for n in range(9) if f"ex:\\u00e9{n}" in expanded[0]] == [3, 7]
