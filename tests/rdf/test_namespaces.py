"""Namespaces: prefixed names."""

from support.each import each

from publisher.rdf.namespaces import compact

PREFIXES = {"b": "http://example.org/", "a": "http://example.org/", "deep": "http://example.org/deep/", "none": ""}


@each(
    ("iri", "expected"),
    [
        ("http://example.org/x", "a:x"),
        ("http://example.org/deep/x", "deep:x"),
        ("http://example.org/", "a:"),
        ("urn:x", "urn:x"),
    ],
)
def test_compact_uses_longest_namespace_and_first_prefix(iri: str, expected: str) -> None:
    assert compact(iri, PREFIXES) == expected
