"""Canonical Turtle: layout, round trips, and what it rejects."""

import itertools
import json
import random
import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
import rdflib.compare
from hypothesis import given, settings
from hypothesis import strategies as st
from support import fork_root
from support.each import each
from support.tiers import examples

from publisher import formats
from publisher.dataset import formatting
from publisher.dataset.files import parse_text
from publisher.dataset.repository import Repository, read_repository
from publisher.errors import BlankNodeError, PublisherError
from publisher.rdf import turtle
from publisher.rdf.namespaces import OWL, RDF, XSD
from publisher.rdf.serializer import write_graph
from publisher.release.store import Store, open_store
from publisher.settings import Settings as Options
from publisher.sparql.engine import Query

PREFIXES = {
    "ex": "http://example.org/",
    "deep": "http://example.org/deep/",
    "hash": "http://example.org/deep/x#",
    "rdf": RDF,
    "unused": "http://unused.example/",
    "xsd": XSD,
}
A, B, C = (ox.NamedNode(f"http://example.org/{name}") for name in "abc")
P, Q = ox.NamedNode("http://example.org/p"), ox.NamedNode("http://example.org/q")
TYPE, FIRST, REST, NIL = (ox.NamedNode(RDF + name) for name in ("type", "first", "rest", "nil"))


def typed(value: str, datatype: str) -> ox.Literal:
    return ox.Literal(value, datatype=ox.NamedNode(XSD + datatype))


# Random graphs whose blank nodes are trees

LOCALS = [
    "",
    "a",
    "a.b",
    "a.",
    ".a",
    "-a",
    "1a",
    "a:b",
    "a%20b",
    "a%C3%A9",
    "é",
    "a/b",
    "a#b",
    "a~b!$&'()*+,;=",
    "日本",
]
NAMESPACES = [*PREFIXES.values(), "http://other.example/x?q=", "urn:x:", "http://é.example/"]
IRIS = st.sampled_from(
    [ox.NamedNode(ns + local) for ns in NAMESPACES for local in LOCALS if (ns + local).count("#") < 2]
)
PREDICATES = st.one_of(IRIS, st.sampled_from([TYPE, FIRST, REST, P]))
ODD_LITERALS = [
    *(typed(value, "integer") for value in ("007", "+5", "-0", "5", "5.", "", "five")),
    *(typed(value, "decimal") for value in ("1.50", ".5", "1.", "-1.0", "1")),
    *(typed(value, "double") for value in ("1e0", "1.E3", ".5e-7", "1E+07", "1.0", "INF", "NaN")),
    *(typed(value, "boolean") for value in ("TRUE", "true", "1", "false")),
    *(typed(value, "date") for value in ("2026-11-22", "29/08/2017")),
    typed("01", "byte"),
    typed("a\n", "integer"),
    ox.Literal("1\n", datatype=ox.NamedNode("http://example.org/deep/datatype")),
    ox.Literal("x", datatype=ox.NamedNode("urn:x:é")),
]
AWKWARD = "\"'\\\n\r\t\b\f\x00\x01\x1f\x7f\x85\u2028\u2029\ufeff\ufffe\U0001f600\U0010ffff#<>@^é日"
TEXTS = st.one_of(st.text(alphabet=AWKWARD, max_size=8), st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
LANGUAGES = st.sampled_from(["en", "en-gb", "zh-hant-tw", "de-1996"])
LITERALS = st.one_of(
    st.builds(ox.Literal, TEXTS),
    st.builds(lambda text, language: ox.Literal(text, language=language), TEXTS, LANGUAGES),
    st.builds(lambda text, datatype: ox.Literal(text, datatype=datatype), TEXTS, IRIS),
    st.sampled_from(ODD_LITERALS),
)
LEAVES = st.one_of(IRIS, LITERALS, st.just(NIL))
TREES = st.recursive(
    LEAVES,
    lambda below: st.one_of(
        st.lists(below, max_size=4).map(lambda items: ("list", items)),
        st.lists(st.tuples(PREDICATES, below), max_size=4).map(lambda properties: ("node", properties)),
    ),
    max_leaves=8,
)
SUBJECTS = st.one_of(IRIS, st.none())
BLOCKS = st.lists(st.tuples(SUBJECTS, st.lists(st.tuples(PREDICATES, TREES), min_size=1, max_size=4)), max_size=4)


def _flat(blocks: Sequence) -> list[ox.Triple]:
    """The triples of trees; each blank node gets a name of its own."""
    triples: list[ox.Triple] = []
    names = (ox.BlankNode(f"n{number}") for number in itertools.count())

    def node(tree: object) -> object:
        if not isinstance(tree, tuple):
            return tree
        kind, members = tree
        if kind == "node":
            return properties(next(names), members)
        cells = [next(names) for _ in members]
        for cell, item, rest in zip(cells, members, [*cells[1:], NIL], strict=False):
            triples.extend([ox.Triple(cell, FIRST, node(item)), ox.Triple(cell, REST, rest)])
        return cells[0] if cells else NIL

    def properties(subject: object, members: Sequence) -> object:
        triples.extend([ox.Triple(subject, predicate, node(tree)) for predicate, tree in members])
        return subject

    for subject, members in blocks:
        properties(subject or next(names), members)
    return triples


GRAPHS = BLOCKS.map(_flat)


def parse(text: str) -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]


def canonical(triples: Sequence[ox.Triple]) -> set[ox.Quad]:
    """Equal for isomorphic graphs, whatever their blank nodes are called (RDF Dataset Canonicalization)."""
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def renamed(triples: Sequence[ox.Triple], names: dict[str, str]) -> list[ox.Triple]:
    def other(term: object) -> object:
        return ox.BlankNode(names[term.value]) if isinstance(term, ox.BlankNode) else term

    return [ox.Triple(other(t.subject), t.predicate, other(t.object)) for t in triples]


def blanks(triples: Sequence[ox.Triple]) -> list[str]:
    found = {node.value for t in triples for node in (t.subject, t.object) if isinstance(node, ox.BlankNode)}
    return sorted(found)


def literals(triples: Sequence[ox.Triple]) -> set[str]:
    return {str(t.object) for t in triples if isinstance(t.object, ox.Literal)}


@given(GRAPHS)
@settings(deadline=None, max_examples=examples(20))
def test_written_turtle_parses_to_same_graph(triples):
    text = turtle.write(triples, PREFIXES)
    read = parse(text)
    assert canonical(read) == canonical(triples)
    assert literals(read) == literals(triples)


@given(GRAPHS)
@settings(deadline=None, max_examples=examples(20))
def test_parsed_canonical_turtle_is_written_unchanged(triples):
    text = turtle.write(triples, PREFIXES)
    assert turtle.write(parse(text), PREFIXES) == text


@given(GRAPHS, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=examples(20))
def test_output_ignores_order_and_blank_node_labels(triples, random_):
    names = blanks(triples)
    others = [f"z{number}" for number in range(len(names))]
    random_.shuffle(others)
    shuffled = renamed(triples, dict(zip(names, others, strict=True)))
    random_.shuffle(shuffled)
    assert turtle.write(shuffled, PREFIXES) == turtle.write(triples, PREFIXES)


@given(GRAPHS)
@settings(deadline=None, max_examples=examples(20))
def test_only_used_prefixes_are_declared(triples):
    head, body = _split(turtle.write(triples, PREFIXES))
    bare = re.sub(r'"(?:[^"\\\n]|\\.)*"|<[^>]*>', "", body)
    assert set(re.findall(r"([a-z]+):", bare)) == set(head)
    assert head == sorted(head)


def _split(text: str) -> tuple[list[str], str]:
    declared = re.findall(r"^@prefix ([a-z]+): <[^>]*> \.\n", text, re.MULTILINE)
    return declared, re.sub(r"^@prefix .*\n", "", text, flags=re.MULTILINE)


@given(GRAPHS)
@settings(deadline=None, max_examples=examples(10))
def test_rdflib_parses_same_graph(triples):
    """By value: rdflib itself reads a bare 007 as 7, so it is left to normalize what it reads from either form."""
    ours = rdflib.Graph().parse(data=turtle.write(triples, PREFIXES), format="turtle")
    lines = "".join(f"{triple} .\n" for triple in set(triples))
    theirs = rdflib.Graph().parse(data=lines, format="nt")
    assert rdflib.compare.isomorphic(ours, theirs)


# The layout


def test_layout_has_one_statement_per_line():
    text = """
        @prefix ex: <http://example.org/> .
        ex:b ex:q "2"@en , 1, ex:c , "1" ; a ex:T .
        ex:a ex:p ( 1 2.50 ex:b ) , [ ex:q [ ex:p true ] ; a ex:T ] , [] , () .
        [] ex:p "no name" .
        <http://other.example/x> ex:p ( [ ex:q 1e0 ] 2 ) .
    """
    assert turtle.write(parse(text), PREFIXES, "# A header.\n# Of two lines.\n") == (
        "# A header.\n# Of two lines.\n\n"
        "@prefix ex: <http://example.org/> .\n@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n\n"
        "ex:a\n    ex:p rdf:nil ;\n    ex:p ( 1 2.50 ex:b ) ;\n"
        "    ex:p [\n        a ex:T ;\n        ex:q [\n            ex:p true ;\n        ] ;\n    ] ;\n"
        "    ex:p [] ;\n.\n\n"
        'ex:b\n    a ex:T ;\n    ex:q ex:c ;\n    ex:q "1" ;\n    ex:q 1 ;\n    ex:q "2"@en ;\n.\n\n'
        "<http://other.example/x>\n    ex:p (\n        [\n            ex:q 1e0 ;\n        ]\n        2\n    ) ;\n.\n\n"
        '[]\n    ex:p "no name" ;\n.\n'
    )


def test_empty_graph_is_empty_text():
    assert turtle.write([], PREFIXES) == ""


def test_duplicate_statement_is_written_once():
    triple = ox.Triple(A, P, B)
    assert turtle.write([triple, triple], PREFIXES) == turtle.write([triple], PREFIXES)


@each(
    ("iri", "spelled"),
    [
        ("http://example.org/a", "ex:a"),
        ("http://example.org/", "ex:"),
        ("http://example.org/deep/a", "deep:a"),
        ("http://example.org/deep/x#a", "hash:a"),
        ("http://example.org/a.b", "ex:a.b"),
        ("http://example.org/a.", "<http://example.org/a.>"),
        ("http://example.org/-a", "<http://example.org/-a>"),
        ("http://example.org/a/b", "<http://example.org/a/b>"),
        ("http://example.org/a%20b", "<http://example.org/a%20b>"),
        ("http://example.org/é", "<http://example.org/é>"),
        ("http://elsewhere.example/a", "<http://elsewhere.example/a>"),
    ],
)
def test_iri_uses_longest_matching_prefix(iri, spelled):
    assert turtle.spell(ox.NamedNode(iri), PREFIXES) == spelled


@each(
    ("literal", "spelled"),
    [
        (typed("7", "integer"), "7"),
        (typed("007", "integer"), "007"),
        (typed("five", "integer"), '"five"^^xsd:integer'),
        (typed("1\n", "integer"), '"1\\n"^^xsd:integer'),
        (typed("1.50", "decimal"), "1.50"),
        (typed("1", "decimal"), '"1"^^xsd:decimal'),
        (typed("1.", "decimal"), '"1."^^xsd:decimal'),
        (typed("1e0", "double"), "1e0"),
        (typed("1.0", "double"), '"1.0"^^xsd:double'),
        (typed("TRUE", "boolean"), '"TRUE"^^xsd:boolean'),
        (typed("true", "boolean"), "true"),
        (ox.Literal("true"), '"true"'),
        (ox.Literal("a", language="en"), '"a"@en'),
        (ox.Literal('say "\\"\n\t'), '"say \\"\\\\\\"\\n\\t"'),
        (ox.Literal("\x00\x7f"), '"\\u0000\\u007F"'),
        (ox.Literal("é😀"), '"é😀"'),
    ],
)
def test_literal_is_bare_only_if_it_round_trips(literal, spelled):
    assert turtle.spell(literal, PREFIXES) == spelled
    [back] = parse(f"@prefix xsd: <{XSD}> . <urn:s> <urn:p> {spelled} .")
    assert back.object == literal


# What has no one spelling


def nested(depth: int) -> list[ox.Triple]:
    chain = [ox.BlankNode(f"n{number}") for number in range(depth)]
    return [ox.Triple(s, P, o) for s, o in zip([A, *chain], [*chain, B], strict=True)]


def cells(
    number: int, extra: Sequence[tuple[ox.NamedNode, ox.Literal]] = (), end: ox.NamedNode = NIL
) -> list[ox.Triple]:
    chain = [ox.BlankNode(f"n{index}") for index in range(number)]
    triples = [ox.Triple(A, P, chain[0])]
    for index, (cell, rest) in enumerate(zip(chain, [*chain[1:], end], strict=True)):
        triples += [ox.Triple(cell, FIRST, typed(str(index), "integer")), ox.Triple(cell, REST, rest)]
        triples += [ox.Triple(cell, predicate, value) for predicate, value in extra]
    return triples


N, M = ox.BlankNode("n"), ox.BlankNode("m")
REFUSED = {
    "shared by two subjects": [ox.Triple(A, P, N), ox.Triple(B, P, N), ox.Triple(N, P, C)],
    "shared by two predicates": [ox.Triple(A, P, N), ox.Triple(A, Q, N)],
    "refers to itself": [ox.Triple(N, P, N)],
    "goes round in a circle": [ox.Triple(N, P, M), ox.Triple(M, P, N)],
    "a circle beside a tree": [ox.Triple(A, P, B), ox.Triple(N, P, M), ox.Triple(M, P, N)],
    "a list without end": [ox.Triple(A, P, N), ox.Triple(N, FIRST, A), ox.Triple(N, REST, N)],
    "two heads of one list": [ox.Triple(A, P, N), ox.Triple(B, P, N), ox.Triple(N, FIRST, A), ox.Triple(N, REST, NIL)],
    "nested too deep": nested(turtle.MAX_NESTING + 1),
    "nested far too deep": nested(2000),
    "long, and no list for what else its cells say": cells(1500, [(Q, ox.Literal("more"))]),
    "long, and no list for want of an end": cells(1500, end=B),
    "a triple term": [ox.Triple(A, P, ox.Triple(A, P, B))],
    "a base direction": [ox.Triple(A, P, ox.Literal("a", language="ar", direction=ox.BaseDirection.RTL))],
}


@pytest.mark.parametrize("triples", REFUSED.values(), ids=REFUSED.keys())
def test_ambiguous_blank_nodes_are_rejected(triples):
    with pytest.raises(BlankNodeError):
        turtle.write(triples, PREFIXES)
    with pytest.raises(BlankNodeError):
        turtle.require_spelling(triples)


def test_deepest_allowed_nesting_is_written():
    triples = nested(turtle.MAX_NESTING)
    assert canonical(parse(turtle.write(triples, PREFIXES))) == canonical(triples)


def test_rejected_blank_node_is_named():
    with pytest.raises(BlankNodeError) as caught:
        turtle.write(REFUSED["shared by two subjects"], PREFIXES)
    assert caught.value.members["node"] == "_:n"
    assert "more than once" in caught.value.detail


def test_long_list_keeps_order():
    """Recursion would end at a thousand."""
    triples = cells(5_000)
    random.Random(1).shuffle(triples)
    assert f"ex:p ( {' '.join(map(str, range(5_000)))} ) ;" in turtle.write(triples, PREFIXES)


def test_each_blank_node_is_visited_once(monkeypatch):
    """Comparing each with each would take hours."""
    triples = []
    for number in range(1_000):
        node = ox.BlankNode(f"n{number}")
        triples += [ox.Triple(A, P, node), ox.Triple(node, P, typed(str(number), "integer"))]
    written = []
    spell = turtle.spell
    monkeypatch.setattr(turtle, "spell", lambda *given: written.append(given) or spell(*given))
    assert turtle.write(triples, PREFIXES).count("[") == 1_000
    assert len(written) < 10 * len(triples)


# From file to canonical text to document to endpoint

KEPT = [
    ox.Literal("plain"),
    ox.Literal(""),
    ox.Literal('two\nlines, a tab\t, "quotes" and a back\\slash'),
    ox.Literal("a carriage\r\nreturn"),
    ox.Literal("  spaces around  "),
    ox.Literal("<b>&amp;</b> ]]>"),
    ox.Literal("e\u0301 is not é, 日本, 😀"),
    ox.Literal("other ends of lines: \u2028, \u2029, \x85"),
    ox.Literal('C:\\new\\table\\readme \\u0041 \\\\n \\"'),
    ox.Literal("delete: \x7f"),
    ox.Literal("colour", language="en"),
    ox.Literal("colour", language="en-gb"),
    *(typed(value, "integer") for value in ("7", "-12", "12345678901234567890123")),
    *(typed(value, "decimal") for value in ("1.5", "1", "-0.25")),
    *(typed(value, "double") for value in ("1", "INF", "1.5")),
    *(typed(value, "boolean") for value in ("true", "false", "TRUE")),
    *(typed(value, "date") for value in ("2026-11-22", "2026-11-22Z")),
    typed("2026-11-22T10:00:00-05:00", "dateTime"),
    typed("2026", "gYear"),
    typed("2026-11", "gYearMonth"),
    typed("https://example.org/", "anyURI"),
    typed("0aFF", "hexBinary"),
    ox.Literal("x", datatype=ox.NamedNode("http://example.org/datatype")),
]
SUBJECT = ox.NamedNode(fork_root.BASE + "id/coalition/literals")
NOTE = ox.NamedNode("http://www.w3.org/2004/02/skos/core#note")


@pytest.fixture(scope="module")
def fork(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A root with one more file, which has the literals."""
    text = turtle.write([ox.Triple(SUBJECT, NOTE, literal) for literal in KEPT], {})
    return read_repository(fork_root.build(tmp_path_factory.mktemp("literals"), {"data/coalitions/literals.ttl": text}))


def _objects(quads: object) -> set[str]:
    return {str(q.object) for q in quads if q.subject == SUBJECT and q.predicate == NOTE}  # type: ignore[attr-defined]


def test_file_literals_are_unchanged(fork):
    [file] = [file for file in fork.files if file.path == "data/coalitions/literals.ttl"]
    assert _objects(file.triples) == set(map(str, KEPT))
    assert {formatting.describe_loose_form(t.object) for t in file.triples if isinstance(t.object, ox.Literal)} == {""}


@each("chosen", formats.GRAPHS)
def test_documents_keep_lexical_forms(fork, chosen):
    triples = [t for file in fork.files for t in file.triples if t.subject == SUBJECT]
    body = write_graph(triples, chosen, fork.names.prefixes, fork.context, SUBJECT.value)
    assert _objects(ox.parse(BytesIO(body), format=ox.RdfFormat.from_media_type(chosen.media_type))) == set(
        map(str, KEPT)
    )


CONTROL = ox.Triple(SUBJECT, NOTE, ox.Literal("start of heading: \x01, vertical tab: \x0b, no character: \ufffe"))


@pytest.mark.parametrize("chosen", [formats.TURTLE, formats.JSON_LD, formats.N_TRIPLES], ids=lambda chosen: chosen.name)
def test_control_characters_are_kept_where_possible(fork, chosen):
    body = write_graph([CONTROL], chosen, fork.names.prefixes, fork.context, SUBJECT.value)
    [quad] = ox.parse(BytesIO(body), format=ox.RdfFormat.from_media_type(chosen.media_type))
    assert quad.triple == CONTROL


def test_control_characters_not_allowed_in_xml_are_rejected(fork):
    """RDF/XML with one of them would be no XML."""
    file = parse_text(turtle.write([CONTROL], fork.names.prefixes), "data/x.ttl")
    if not formatting.describe_loose_form(next(iter(file.triples)).object):
        with pytest.raises(PublisherError):
            write_graph([CONTROL], formats.RDF_XML, fork.names.prefixes, fork.context, SUBJECT.value)


@pytest.fixture(scope="module")
def store(fork: Repository, store_dir: Path) -> Iterator[Store]:
    store = open_store(Options(root=str(fork.root), store_dir=str(store_dir), query_workers=1))
    yield store
    store.close()


@pytest.mark.slow
def test_query_results_keep_lexical_forms(store):
    query = f"SELECT ?o {{ <{SUBJECT.value}> <{NOTE.value}> ?o }}"
    with store.engine.ask(Query(query, formats.RESULTS_JSON.media_type, None)).body as body:
        rows = json.load(body)["results"]["bindings"]
    assert {str(_literal(row["o"])) for row in rows} == set(map(str, KEPT))
    assert len(rows) == len(KEPT)


@pytest.mark.slow
def test_store_keeps_lexical_forms(store):
    assert _objects(store.lookup.find(SUBJECT, NOTE, None)) == set(map(str, KEPT))


def _literal(binding: dict[str, str]) -> ox.Literal:
    assert binding["type"] == "literal"
    if language := binding.get("xml:lang"):
        return ox.Literal(binding["value"], language=language)
    return ox.Literal(binding["value"], datatype=ox.NamedNode(binding.get("datatype", XSD + "string")))


@pytest.fixture(scope="module")
def repository(root: Path) -> Repository:
    return read_repository(root)


def test_root_files_are_canonical(repository):
    prefixes = repository.names.prefixes
    files = [(file, turtle.write(file.triples, prefixes, file.header)) for file in repository.files]
    assert [file.path for file, canonical in files if canonical != file.text] == []


def test_list_is_nested_below_subject():
    text = f"@prefix owl: <{OWL}> . <urn:a> owl:unionOf ( <urn:b> <urn:c> ) ."
    assert "owl:unionOf ( <urn:b> <urn:c> ) ;" in turtle.write(parse(text), {"owl": OWL})
