"""JSON with positions."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from support.tiers import examples

from publisher.rdf.json_positions import Array, Object, Text, read, walk

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda below: st.lists(below) | st.dictionaries(st.text(), below),
)


@settings(max_examples=examples(100), deadline=None)
@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_value_equals_json_library_and_spans_match(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    found = read(text)
    assert found == value
    for key, item in walk(found):
        for piece in (key, item):
            if isinstance(piece, Text | Object | Array):
                assert json.loads(text[piece.start : piece.end]) == piece


def test_last_of_repeated_keys_counts():
    text = '{"a": 1, "b": 2, "a": 3}'
    [first, last] = read(text)
    assert (first, last, last.start, read(text)["a"]) == ("b", "a", 17, 3)


def test_values_are_in_text_order():
    assert [value for _, value in walk(read('[1, {"a": [2, 3]}, 4]')) if isinstance(value, int)] == [1, 2, 3, 4]


def test_byte_order_mark_is_skipped():
    assert read('\ufeff{"a": "b"}') == {"a": "b"}
