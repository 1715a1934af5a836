"""The lexer: tokens, the properties of queries, and a comparison with the engine's parser on random queries."""

import random

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.each import each
from support.tiers import EVERYTHING, examples

from publisher.sparql.lexer import is_plain, read_words, tokenize


def texts(query: str) -> list[str]:
    return [token.text for token in tokenize(query)]


def kinds(query: str) -> list[str]:
    return [token.kind for token in tokenize(query)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ASK{?s<x:p>'a'@en}", ["ASK", "{", "?s", "<x:p>", "'a'", "@en", "}"]),
        ("a:b.c/a:d.", ["a:b.c", "/", "a:d", "."]),
        ("a:%41\\,b a:-1 :x: _:n.o.", ["a:%41\\,b", "a:", "-1", ":x:", "_:n.o", "."]),
        ("1.5e3 -2 +.5 1. ?x", ["1.5e3", "-2", "+.5", "1", ".", "?x"]),
        ("'''it's''' \"\" 'a\\'b'", ["'''it's'''", '""', "'a\\'b'"]),
        ("'open\n 'a'", ["'", "open", "'a'"]),
        ("'open\r 'a'", ["'", "open", "'a'"]),
        ("# one\r?a # two\n?b #", ["# one", "?a", "# two", "?b", "#"]),
        ("<< ?s >> <<( ?s ?p )>> {| |}", ["<<", "?s", ">>", "<<(", "?s", "?p", ")>>", "{|", "|}"]),
        ("(?a<<x:y>)", ["(", "?a", "<", "<x:y>", ")"]),
        ("FILTER(1<2&&RAND()>2)", ["FILTER", "(", "1", "<", "2", "&&", "RAND", "(", ")", ">", "2", ")"]),
        ("FILTER(?x<=?y&&?z>1)", ["FILTER", "(", "?x", "<=", "?y", "&&", "?z", ">", "1", ")"]),
        ("?x IN (<a>, <b>)", ["?x", "IN", "(", "<a>", ",", "<b>", ")"]),
        ("VALUES ?a { (<a> <b>) (1 <c>) }", ["VALUES", "?a", "{", "(", "<a>", "<b>", ")", "(", "1", "<c>", ")", "}"]),
        ("?x\u00a0?y \u200b \x0b", ["?x", "\u00a0", "?y", "\u200b", "\x0b"]),
        ("?größe ?x😀 ö:ä ?a·b", ["?größe", "?x😀", "ö:ä", "?a·b"]),
    ],
)  # fmt: skip
def test_query_is_tokenized_by_grammar(query: str, expected: list[str]) -> None:
    assert texts(query) == expected


def test_tokens_have_kind_and_position() -> None:
    query = "SELECT ?a { ?a a:b 'x'@en, 1, <x:y>, _:b } # end"
    assert all(query[token.start :].startswith(token.text) for token in tokenize(query))
    wanted = "word variable symbol variable name string language symbol number symbol iri symbol blank symbol comment"
    assert kinds(query) == wanted.split()


@settings(max_examples=examples(100), deadline=None)
@given(st.text(alphabet=" \t\r\n'\"\\<>#:.()[]{}?$@^_-%&|ab1é\u00a0\u200b", max_size=60))
def test_tokens_cover_all_characters_but_blanks(text: str) -> None:
    blanks = str.maketrans("", "", " \t\r\n")
    assert "".join(token.text for token in tokenize(text)).translate(blanks) == text.translate(blanks)


@pytest.mark.slow
def test_long_text_is_tokenized_in_linear_time() -> None:
    for text in ("a-" * 20_000, "'" * 20_000, "<a" * 20_000, "(1<" * 20_000, "a." * 20_000):
        assert sum(1 for _ in tokenize(text)) > 1000


# What the tokens say


@each(
    ("query", "services"),
    [
        ("ASK { SERVICE <x:a> {} }", ("x:a",)),
        ("ASK { service silent<x:a>{} SERVICE ?v {} }", ("x:a", "")),
        ("ASK { ?s ?p 1SERVICE<x:a>{} }", ("x:a",)),
        ("ASK { ?s ?p trueSERVICE<x:a>{} }", ("x:a",)),
        ("ASK { SERVICESILENT<x:a>{} }", ("x:a",)),
        ("ASK { #\rSERVICE <x:a> {}\n }", ("x:a",)),
        ("ASK { # a\r# b\rSERVICE # c\r<x:a> {} }", ("x:a",)),
        ("ASK { SERVICE\n# SERVICE <x:b>\n<x:a> {} }", ("x:a",)),
        ("ASK { ?s ?p 'a\\'SERVICE <x:a>' }", ()),
        ("ASK { ?s ?p <x:SERVICE>, a:SERVICE, ?SERVICE, _:SERVICE, 'x'@SERVICE, '''\n'SERVICE <x:a>''' }", ()),
        ("ASK { # SERVICE <x:a>\n }", ()),
        ("ASK { SERVICE", ("",)),
    ],
)
def test_every_service_clause_is_recognized(query: str, services: tuple[str, ...]) -> None:
    assert read_words(query).services == services


@each(
    "query",
    [
        "PREFIX service: <x:> ASK {}",
        "PREFIX : <x:> ASK { ?s ?p trueSERVICE:{} }",
        "ASK { FILTER(?a<x:#>1) SERVICE <x:a> {} \n}",
        "ASK { FILTER(?a<<x:'>) SERVICE <x:a> {} FILTER(?a<<x:'>) }",
    ],
)
def test_query_with_hidden_service_is_doubtful(query: str) -> None:
    assert read_words(query).doubtful or read_words(query).services


@each(
    "query",
    [
        "ASK { FILTER(RAND() > 0.5) }",
        "ASK { FILTER(1<2&&RAND()>2) }",
        "ASK { FILTER(1<a:b&&RAND()>2) }",
        "SELECT (COUNT(DISTINCTRAND()) AS ?x) {}",
        "SELECT (now() AS ?x) {}",
        "SELECT (STRUUID() AS ?x) (BNODE() AS ?y) {}",
        "CONSTRUCT { [] ?p ?o } WHERE { ?s ?p ?o }",
        "CONSTRUCT { _:x ?p ?o } WHERE { ?s ?p ?o }",
        "ASK { SERVICE <x:a> {} }",
        "ASK { BIND(a:-RAND() AS ?x) }",
    ],
)
def test_nondeterministic_query_is_not_repeatable(query: str) -> None:
    assert not read_words(query).repeatable


@each(
    "query",
    [
        "SELECT ?rand ?now { ?rand ex:now 'uuid' } # BNODE()",
        "ASK { [] ?p ?o . _:b ?p ?o }",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "ASK { VALUES (?a ?b) { (<x:rand> <x:now>) } }",
    ],
)
def test_other_queries_are_repeatable(query: str) -> None:
    assert read_words(query).repeatable


@each(
    ("query", "depth"),
    [
        ("ASK {}", 1),
        ("ASK { FILTER((1 + (2))) }", 4),
        ("ASK { ?s ?p [ ?q ( 1 [] ) ] }", 4),
        ("ASK { ?s ?p <http://x/((((>, '((((', '''((((''' } # ((((", 1),
        ("ASK { ?s ?p <<( ?a ?b <<( ?a ?b ?c )>> )>> {| ?p ?o |} }", 3),
        ("ASK }}}} {{", 2),
    ],
)
def test_depth_counts_nested_brackets(query: str, depth: int) -> None:
    assert read_words(query).depth == depth


PARTS = [
    *("SELECT", "ask", "{", "}", "(", "[", "]", "?s", "<http://x/SERVICE>", "'now'", "service", "Construct", "_:b"),
    *("rand()", "NOW", "#", "foaf:knows", "bnode", "StrUUID", "ſervice", "\\u0053ERVICE", "Service:", '"""', " "),
    *("\n", "\r", "\u212a", "1<", "2>", "(1"),
]


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.sampled_from(PARTS)).map("".join))
def test_plain_query_has_no_decisive_keywords(text: str) -> None:
    words = read_words(text)
    assert not is_plain(text, 3) or (words.services, words.doubtful, words.repeatable) == ((), False, True)
    assert not is_plain(text, 3) or words.depth <= 3


def test_most_small_queries_are_plain() -> None:
    assert is_plain(
        "SELECT * { ?s a <http://example.org/Kind> . OPTIONAL { ?s ?p ?o } FILTER(STRLEN(STR(?o)) > 1) }", 64
    )


# Against the engine

NOWHERE = "<http://127.0.0.1:1/>"
"""An endpoint on a port to which the engine does not even try to connect."""
ELEMENTS = [
    f"SERVICE {NOWHERE} {{}}",
    f"SERVICE{NOWHERE}{{}}",
    f"service silent{NOWHERE}{{?x ?y ?z}}",
    f"OPTIONAL {{ SERVICE {NOWHERE} {{}} }}",
    "BIND(RAND() AS ?r)",
    "FILTER(1<2&&RAND()>2)",
    "FILTER(?o<<x:'>||true)",
    "FILTER(?o<<x:#>||true)",
    "BIND(IF(1<2&&RAND()>0.5,1,2)AS?i)",
    "BIND(IF(1<a:b&&RAND()>0.5,1,2)AS?k)",
    "BIND(COALESCE(?o<<x:'>,STRUUID())AS?u)",
    "VALUES ?v{'''a'}",
    "VALUES (?v ?w){(<x:a><x:b>)(1 <x:c>)}",
    "?s ?p 1",
    "?s ?p true",
    "?s ?p ?o",
    "?s ?p 'x'@en",
    "?s <x:'> ?o",
    "?s a:b.c ?o",
    "?s a:b ( ?o <x:#> 1 )",
    "OPTIONAL{?s a:\\' 'it''s'}",
    "?s ?p '''a''\\''''",
    '?s ?p "\\"#"',
    "BIND(1+1 AS ?b)",
    "BIND(a:-RAND()AS?m)",
    "{}UNION{SELECT(COUNT(DISTINCTRAND())AS?c){}}",
]
BETWEEN = ["", " ", "\n", "\r", ".", " . ", "#\n", "#\r", "#'\r", '#"\n', "# <x:\r", "#{\r\n", "\t"]
NOISE = ["'", '"', "'''", "#", "<", ">", "<x:", "\\", "{", "}", "(", ")", "\u00a0", "\x0b", "1", "?", "a:", "@", "true"]


def random_query(chance: random.Random) -> str:
    pieces = ["PREFIX a: <x:> SELECT * {", chance.choice(BETWEEN)]
    for _ in range(chance.randint(1, 4)):
        pieces += [chance.choice(ELEMENTS), chance.choice(BETWEEN)]
        if chance.random() < 0.15:
            pieces.append(chance.choice(NOISE))
    return "".join([*pieces, "}"])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40 if EVERYTHING else 1))
def test_lexer_recognizes_all_services_and_random_functions(seed: int) -> None:
    chance, store = random.Random(seed), ox.Store()
    store.add(ox.Quad(ox.NamedNode("x:s"), ox.NamedNode("x:p"), ox.Literal("x")))
    met = {"service": 0, "random": 0, "parsed": 0, "plain": 0}
    for _ in range(2000):
        query = random_query(chance)
        words = read_words(query)
        try:
            answers = [store.query(query).serialize(format=ox.QueryResultsFormat.TSV) for _ in range(2)]
        except SyntaxError:
            continue
        except OSError:
            met["service"] += 1
            assert words.services or words.doubtful, query
            assert not words.repeatable, query
            continue
        met["parsed"] += 1
        met["plain"] += words == read_words("")._replace(depth=words.depth)
        if answers[0] != answers[1]:
            met["random"] += 1
            assert not words.repeatable, query
    assert min(met.values()) > 20, f"the comparison met too little: {met}"
