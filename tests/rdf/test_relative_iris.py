"""Relative IRIs: which reference a rewritten text has, and that it resolves to the same IRI."""

import pyoxigraph as ox
import pytest
from support.each import each

from publisher.dataset.files import parse_text
from publisher.dataset.formatting import canonicalize
from publisher.errors import CannotRunError
from publisher.rdf.relative_iris import UNKNOWN, Base, read_base, resolve

REFERENCES = [
    *("", "#f", "?q=1", "?q=1#f", "x", "x/y", "x/", "./", "../", "../x", "../../x/y#f", "/x", "/", "//h.example/x"),
    *("./a:b", "x//y", ".//y", "%20", "a%2Fb", "document", "document#f", "\N{LATIN SMALL LETTER E WITH ACUTE}"),
]


@each("reference", REFERENCES)
def test_reference_is_kept_without_base(reference: str) -> None:
    assert Base(UNKNOWN).refer(resolve(UNKNOWN, reference)) == reference


@each("base", ["https://pond.example/a/b", "https://pond.example/a/", "https://pond.example/a/b#c", "urn:a:b"])
@each("iri", ["x", "a/x", "a/x#y", "a/b", "a/b#c", "a/", "", "b/x", "a/b/c", "a//x", "a/x?y/z"])
def test_reference_resolves_to_the_iri(base: str, iri: str) -> None:
    iri = f"https://pond.example/{iri}"
    reference = Base(base).refer(iri)
    assert resolve(base, reference) == iri
    assert (reference != iri) == (iri.startswith("https://pond.example/a/") and base.startswith("https:"))


@each(
    ("text", "base"),
    [
        ("<a> <b> <c> .", Base(UNKNOWN)),
        (
            "# @base <urn:x> .\n@base <https://x.example/> . <a> <b> 'base' .",
            Base("https://x.example/", "https://x.example/"),
        ),
        (
            "BASE <https://x.example/> @prefix : <#> . <a> <b> '@base <urn:y> .' .",
            Base("https://x.example/", "https://x.example/"),
        ),
        ("@base <y/> . <a> <b> <c> .", Base(resolve(UNKNOWN, "y/"), "y/")),
        ("@base <https://x.example/> . @base <y/> . <a> <b> <c> .", Base("")),
        ("<urn:a> <urn:b> <urn:c> . @base <https://x.example/> . <a> <b> <c> .", Base("")),
    ],
)
def test_base_of_a_text(text: str, base: Base) -> None:
    assert read_base(text) == base


TEXTS = {
    "base": "@base <https://pond.example/x/> .\n@prefix : <#> .\n\n<a>\n    <b/p> <> ;\n    :p :q, </root> ;\n.\n",
    "none": "@prefix : <#> .\n@prefix v: <../v/> .\n\n<>\n    v:p <../x#y> ;\n    v:p <?q> ;\n    v:p </root> ;\n.\n",
    "several": "@base <https://a.example/> .\n<a> <p> <b> .\n@base <https://b.example/> .\n<a> <p> <b> .\n",
    "relative base": "@base <x/> .\n<a> <p> <../b> .\n",
}


@each("name", TEXTS)
def test_rewritten_text_states_the_same_wherever_it_is(name: str) -> None:
    new = canonicalize(parse_text(TEXTS[name], "x.ttl", base=UNKNOWN), None)
    assert "x-relative" not in new
    assert canonicalize(parse_text(new, "x.ttl", base=UNKNOWN), None) == new
    for base in ("https://one.example/deep/er/x.ttl", "file:///home/x.ttl"):
        old_quads, new_quads = (
            set(ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=base)) for text in (TEXTS[name], new)
        )
        assert new_quads == old_quads


def test_relative_iris_of_several_bases_are_rejected() -> None:
    file = parse_text("<a> <p> <b> .\n@base <https://b.example/> .\n<a> <p> <b> .\n", "x.ttl", base=UNKNOWN)
    with pytest.raises(CannotRunError, match=r"^x.ttl: Relative IRIs .* declare one base"):
        canonicalize(file, None)
