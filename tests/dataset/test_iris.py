"""How addresses are spelled."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.each import each
from support.tiers import examples

from publisher.dataset.iris import KINDS, SERVED, SLUG, Names, relative
from publisher.rdf.namespaces import VOCABULARY, compact

BASE = "https://example.org/sub/"
NAMES = Names(BASE, {"skos": "http://www.w3.org/2004/02/skos/core#", "coal": VOCABULARY})


def test_kinds_have_prefixes_below_base():
    assert {kind: NAMES.prefixes[kind] for kind in KINDS} == {kind: f"{BASE}id/{kind}/" for kind in KINDS}
    assert NAMES.prefixes["skos"] == "http://www.w3.org/2004/02/skos/core#"


def test_vocabulary_does_not_depend_on_base():
    assert NAMES.prefixes["coal"] == VOCABULARY == "https://w3id.org/ma-coalitions/ontology#"


def test_dataset_iri_is_below_base():
    assert NAMES.dataset == "https://example.org/sub/dataset"


@settings(max_examples=examples(100), deadline=None)
@given(st.text(alphabet="abc/#-.", max_size=10))
def test_path_and_iri_round_trip(path):
    assert NAMES.path(NAMES.iri(path)) == path


@each("iri", ["https://example.org/", "https://example.org/su/x", "http://example.org/sub/x", ""])
def test_iri_outside_base_has_no_path(iri):
    assert NAMES.path(iri) is None


@each(
    ("path", "thing"),
    [
        ("id/coalition/mass-care", "id/coalition/mass-care"),
        ("id/coalition/mass-care/account/twitter", "id/coalition/mass-care"),
        ("id/issue/limits-on-287-g", "id/issue/limits-on-287-g"),
        ("id/coalition", None),
        ("id/coalition/", None),
        ("id/coalition/mass-care/", None),
        ("id/coalition//twitter", None),
        ("id/coalition/Mass-Care", None),
        ("id/coalition/mass--care", None),
        ("id/coalition/-mass", None),
        ("id/coalition/mass_care", None),
        ("id/coalition/mass-care\n", None),
        ("id/coalition/mass%20care", None),
        ("id/coalition/../agenda/x", None),
        ("id/coalition/é", None),
        ("id/nothing/x", None),
        ("doc/coalition/mass-care", None),
        ("dataset", None),
        ("", None),
    ],
)
def test_part_belongs_to_thing_by_prefix(path, thing):
    assert NAMES.thing(BASE + path) == (thing and BASE + thing)


def test_foreign_iri_belongs_to_no_thing():
    assert NAMES.thing("https://w3id.org/ma-coalitions/id/coalition/mass-care") is None


@each(
    ("path", "address"),
    [
        ("id/coalition/mass-care", "doc/coalition/mass-care"),
        ("id/coalition/mass-care/account/twitter", "doc/coalition/mass-care#account-twitter"),
        ("dataset", "dataset"),
        ("id/nothing/x", "id/nothing/x"),
    ],
)
def test_things_and_parts_have_document_addresses(path, address):
    assert NAMES.address(BASE + path) == address


def test_foreign_iris_have_no_document():
    assert NAMES.address("https://www.progressivemass.com/") is None


def test_document_iri_of_thing():
    assert NAMES.document(BASE + "id/aim/clean-rivers") == BASE + "doc/aim/clean-rivers"


@each(
    ("file", "graph"),
    [
        ("data/dataset.ttl", "graph/dataset"),
        ("data/coalitions/mass-care.ttl", "graph/coalitions"),
        ("data/coalitions/by/year/2026.ttl", "graph/coalitions"),
        ("data/links/wikidata.ttl", "graph/links"),
        ("ontology/coalitions.ttl", "ontology"),
        ("ontology/alignments/wikidata.ttl", "ontology"),
        ("shapes/aim.ttl", "shapes"),
    ],
)
def test_file_graph_is_named_by_family(file, graph):
    assert NAMES.graph(file) == BASE + graph


@each("slug", ["a", "mass-care", "287-g", "a1-b2"])
def test_valid_slugs(slug):
    assert SLUG.match(slug)


@each("slug", ["", "A", "a-", "-a", "a--b", "a.b", "a b", "é", "a\n"])
def test_invalid_slugs(slug):
    assert not SLUG.match(slug)


@each(
    ("path", "depart", "reference"),
    [
        ("doc/aim/a", "id/aim/a", "../../doc/aim/a"),
        ("doc/aim/a", "doc/aim/b", "../../doc/aim/a"),
        ("sparql", "dataset", "sparql"),
        ("", "dataset", "./"),
        ("", "doc/aim/a", "../../"),
        ("doc/aim/a", "", "doc/aim/a"),
        ("javascript:alert(1)", "sparql", "./javascript:alert(1)"),
        ("correct?about=a:b", "dataset", "correct?about=a:b"),
        ("ontology#a:b", "dataset", "ontology#a:b"),
        ("javascript:alert(1)", "doc/aim", "../javascript:alert(1)"),
    ],
)
def test_relative_reference_resolves_to_target(path, depart, reference):
    assert relative(path, depart) == reference
    assert _resolved(depart, reference) == path


@pytest.mark.parametrize("path", ["/x", "//other.example/x", "\\\\other.example/x"])
def test_relative_reference_never_leaves_host(path):
    assert relative(path, "sparql") == f"./{path}"


def _resolved(depart: str, reference: str) -> str:
    from urllib.parse import urljoin

    return re.sub(r"^http://h/any/prefix/", "", urljoin(f"http://h/any/prefix/{depart}", reference))


@each(
    ("iri", "spelled"),
    [
        ("http://example.org/a", "ex:a"),
        ("http://example.org/deep/a", "deep:a"),
        ("http://example.org/deep/", "deep:"),
        ("http://example.org/other/a", "ex:other/a"),
        ("http://elsewhere.example/", "http://elsewhere.example/"),
    ],
)
def test_compact_iri_uses_longest_prefix(iri, spelled):
    prefixes = {"ex": "http://example.org/", "deep": "http://example.org/deep/", "none": ""}
    assert compact(iri, prefixes) == spelled


def test_compact_iri_uses_first_of_equal_prefixes():
    assert compact("urn:x:a", {"b": "urn:x:", "a": "urn:x:"}) == "a:a"


@each(
    "path",
    [
        "",
        "ontology",
        "ontology.ttl",
        "ontology/0.2.0",
        "shapes.rdf",
        "dataset.html",
        "doc/coalition",
        "doc/coalition.jsonld",
        ".well-known/void",
        "context.jsonld",
        "sparql",
        "sparql?query=ASK%7B%7D",
        "sparql/completions.json",
        "graph/coalitions",
        "rule/tidy",
        "problem",
        "problem/not-found",
        "static/style.css",
        "sitemap.xml",
        "correct?thing=x",
        "changes",
        "release/x",
    ],
)
def test_served_paths(path):
    assert SERVED.match(path)


@each("path", ["ontology.pdf", "doc/coalition/x", "id/coalition/x", "graph/", "nothing", "rules"])
def test_other_paths_are_not_served(path):
    assert not SERVED.match(path)
