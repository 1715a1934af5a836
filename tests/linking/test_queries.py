"""Reconciliation queries: what clients send is read, and what is wrong is placed."""

import json

import pytest
from support.each import each

from publisher.errors import MalformedError, TooLargeRequestError
from publisher.linking.queries import (
    BATCH,
    CANDIDATES,
    Condition,
    Query,
    Value,
    read_batch,
    read_extension,
    read_single,
)


def test_batch_is_read() -> None:
    found = read_batch('{"q0": {"query": "Clear Water"}, "q1": {"query": "x", "type": "A", "limit": 3}}')
    assert found == {"q0": Query("Clear Water", [], CANDIDATES, []), "q1": Query("x", ["A"], 3, [])}


def test_forms_of_types_are_read() -> None:
    for types in ('"A"', '["A"]', '[{"id": "A", "name": "a"}]', '{"id": "A"}'):
        assert read_batch(f'{{"q": {{"query": "x", "type": {types}, "type_strict": "should"}}}}')["q"].types == ["A"]


def test_conditions_are_read() -> None:
    text = '{"q": {"properties": [{"pid": "p", "v": ["a", {"id": "b"}, 7, true]}, {"p": "old", "v": "c"}]}}'
    first, second = read_batch(text)["q"].conditions
    assert first == Condition("p", [Value("a"), Value("b", entity=True), Value("7"), Value("true")])
    assert second == Condition("old", [Value("c")])


def test_single_query_of_version_01_is_read() -> None:
    assert read_single("Clear Water").text == read_single('{"query": "Clear Water"}').text == "Clear Water"


@each(
    ("text", "words"),
    [
        ('{"q": ', "not valid JSON: Expecting value at line 1, column 7"),
        ('{"q":\n{]}', "at line 2, column 2"),
        ("", "not valid JSON"),
        ("[]", "`queries` must be a JSON object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"q": {"query": "x", "limit": ' + "9" * 5000 + "}}", "a number is too long"),
        ('{"q": 7}', "`queries.q` must be an object"),
        ('{"q": {}}', "needs a `query` that is not empty, or `properties`"),
        ('{"q": {"query": " "}}', "needs a `query`"),
        ('{"q": {"query": 7}}', "`queries.q.query` must be a string"),
        ('{"q": {"query": "x", "limit": 0}}', "`queries.q.limit` must be a whole number from 1 to 100"),
        ('{"q": {"query": "x", "limit": -1}}', "limit"),
        ('{"q": {"query": "x", "limit": 1e308}}', "limit"),
        ('{"q": {"query": "x", "limit": NaN}}', "limit"),
        ('{"q": {"query": "x", "limit": 1.5}}', "limit"),
        ('{"q": {"query": "x", "limit": "3"}}', "limit"),
        ('{"q": {"query": "x", "limit": true}}', "limit"),
        ('{"q": {"query": "x", "type": 7}}', "`queries.q.type` must be the identifier of a type"),
        ('{"q": {"query": "x", "type_strict": "maybe"}}', "must be one of any, all, should"),
        ('{"q": {"query": "x", "properties": {}}}', None),
        ('{"q": {"query": "x", "properties": [{"v": 1}]}}', "`queries.q.properties[0]` must have `pid`"),
        ('{"q": {"query": "x", "properties": [{"pid": "p", "v": null}]}}', "properties[0].v` must be a string"),
        ('{"q": {"query": "\\ud800"}}', "half a character"),
        ('{"q": {"query": "x"}, "q": {"query": "y"}}', "has the key 'q' twice"),
        ('{"q": {"query": "x", "query": "y"}}', "has the key 'query' twice"),
    ],
)
def test_malformed_batch_is_placed(text: str, words: str | None) -> None:
    if words is None:  # An empty object where an array is expected states no condition.
        assert read_batch(text)["q"].conditions == []
        return
    with pytest.raises(MalformedError) as caught:
        read_batch(text)
    assert words in caught.value.detail


def test_batch_over_the_limit_is_too_large() -> None:
    batch = {f"q{number}": {"query": "x"} for number in range(10_000)}
    with pytest.raises(TooLargeRequestError, match=f"has 10000 queries; the limit .* is {BATCH}"):
        read_batch(json.dumps(batch))


def test_extension_is_read() -> None:
    found = read_extension('{"ids": ["a"], "properties": [{"id": "p", "settings": {"limit": "5"}}, {"id": "q"}]}')
    assert (found.ids, found.properties) == (["a"], {"p": 5, "q": 0})


@each(
    "text",
    [
        "{}",
        '{"ids": "a", "properties": []}',
        '{"ids": [1], "properties": []}',
        '{"ids": [], "properties": {}}',
        '{"ids": [], "properties": ["p"]}',
        '{"ids": [], "properties": [{"id": "p", "settings": {"limit": -1}}]}',
        '{"ids": [], "properties": [{"id": "p", "settings": {"limit": 9999999999}}]}',
    ],
)
def test_malformed_extension_is_reported(text: str) -> None:
    with pytest.raises(MalformedError):
        read_extension(text)


def test_extension_over_the_limit_is_too_large() -> None:
    with pytest.raises(TooLargeRequestError, match="500 identifiers; the limit is 200"):
        read_extension(json.dumps({"ids": ["a"] * 500, "properties": []}))
