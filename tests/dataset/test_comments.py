"""Files of others keep their prefixes, comments and the labels of shared blank nodes when they are rewritten."""

import re

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tiers import examples

from publisher.dataset import formatting
from publisher.dataset.files import parse_text

HEAD = "@prefix ex: <https://pond.example/> .\n@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n\n"


def rewritten(text: str) -> str:
    found = formatting.canonicalize(parse_text(HEAD + text, "pond.ttl"), None)
    assert formatting.canonicalize(parse_text(found, "pond.ttl"), None) == found, "rewriting once is enough"
    return found.removeprefix(HEAD)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "# About b.\nex:b ex:p 1 .\n# About a.\n# More.\nex:a ex:p 1 .\n",
            "# About a.\n# More.\nex:a\n    ex:p 1 ;\n.\n\n# About b.\nex:b\n    ex:p 1 ;\n.\n",
            id="before a subject",
        ),
        pytest.param(
            "ex:a ex:q 2 ;\n  # The depth.\n  ex:p 1 .\n",
            "ex:a\n    # The depth.\n    ex:p 1 ;\n    ex:q 2 ;\n.\n",
            id="before a statement",
        ),
        pytest.param(
            "ex:a ex:q 2 ; # in metres\n  ex:p 1 . # wet\n",
            "ex:a\n    ex:p 1 ;  # wet\n    ex:q 2 ;  # in metres\n.\n",
            id="behind a statement",
        ),
        pytest.param(
            'ex:a ex:p "# no comment", <https://pond.example/#b> ; ex:q 1 .\n',
            'ex:a\n    ex:p <https://pond.example/#b> ;\n    ex:p "# no comment" ;\n    ex:q 1 ;\n.\n',
            id="no comment",
        ),
        pytest.param(
            "ex:a ex:q [\n  # Inside.\n  ex:p 1 ] ; ex:p ( 1 # one\n 2 ) .\n",
            "ex:a\n    ex:p (\n        1  # one\n        2\n    ) ;\n"
            "    # Inside.\n    ex:q [\n        ex:p 1 ;\n    ] ;\n.\n",
            id="inside",
        ),
        pytest.param(
            "ex:a ex:p (\n # above\n 1 # one\n 2\n # below\n 3 # three\n # last\n ) . # behind\n",
            "ex:a\n    ex:p (\n        # above\n        1  # one\n        2\n        # below\n"
            "        3  # three\n        # last\n    ) ;  # behind\n.\n",
            id="at items of a list",
        ),
        pytest.param(
            "ex:a ex:p _:c . # list\n# first\n_:c rdf:first 1 ; # one\n rdf:rest _:d . # next\n"
            "# second\n_:d rdf:rest rdf:nil ; # end\n rdf:first ( 2 3 ) . # two\n",
            "ex:a\n    ex:p (\n        # first\n        1  # one\n        # next\n        # second\n"
            "        ( 2 3 )  # end\n        # two\n    ) ;  # list\n.\n",
            id="at cells of a list that is spelled out",
        ),
        pytest.param(
            "ex:a ex:p [ rdf:first [ ex:q [ rdf:first 1 ; rdf:rest ( ) ; ex:q 2 ] # inner\n ] ; rdf:rest ( ) ] .\n",
            "ex:a\n    ex:p (\n        [\n            ex:q [\n                rdf:first 1 ;\n"
            "                rdf:rest rdf:nil ;\n                ex:q 2 ;\n            ] ;  # inner\n"
            "        ]\n    ) ;\n.\n",
            id="behind a cell that is more than a cell",
        ),
        pytest.param(
            "ex:a ex:p ( 1 [ ] [ ex:q 2 ] ) , ( 3 4 ) . # publisher: ignore ill-typed\n"
            "ex:b ex:p ( 5\n 6 # publisher: ignore ill-typed\n ) .\n",
            "ex:a\n    ex:p (\n        1  # publisher: ignore ill-typed\n        []  # publisher: ignore ill-typed\n"
            "        [\n            ex:q 2 ;  # publisher: ignore ill-typed\n        ]\n"
            "    ) ;  # publisher: ignore ill-typed\n    ex:p ( 3 4 ) ;  # publisher: ignore ill-typed\n.\n\n"
            "ex:b\n    ex:p (\n        5\n        6  # publisher: ignore ill-typed\n    ) ;\n.\n",
            id="suppression in lists",
        ),
        pytest.param(
            "ex:a ex:q [ ex:r 2 ; # inner\n  ex:p 1 ] ; # outer\n  ex:p 1 .\n",
            "ex:a\n    ex:p 1 ;\n    ex:q [\n        ex:p 1 ;\n        ex:r 2 ;  # inner\n    ] ;  # outer\n.\n",
            id="behind a statement inside a blank node",
        ),
        pytest.param(
            "ex:a ex:q [ ex:p # p\n 1 ; # one\n ex:r 2 ] .\n",
            "ex:a\n    # one\n    ex:q [\n        ex:p 1 ;  # p\n        ex:r 2 ;\n    ] ;\n.\n",
            id="two behind a statement inside a blank node",
        ),
        pytest.param(
            "ex:a ex:p [ ] , # one\n [ ] , # two\n [ ] .\n",
            "ex:a\n    ex:p [] ;  # one\n    ex:p [] ;  # two\n    ex:p [] ;\n.\n",
            id="behind blank nodes that are written alike",
        ),
        pytest.param(
            "ex:a ex:p 1 , # one\n 2 , # two\n 3 . # three\n",
            "ex:a\n    ex:p 1 ;  # one\n    ex:p 2 ;  # two\n    ex:p 3 ;  # three\n.\n",
            id="behind each object",
        ),
        pytest.param(
            "ex:b ex:p 1 .\nex:a # about a\n  ex:q # the depth\n 2 ; ex:p 1 .\n",
            "# about a\nex:a\n    ex:p 1 ;\n    ex:q 2 ;  # the depth\n.\n\nex:b\n    ex:p 1 ;\n.\n",
            id="behind a subject and a predicate",
        ),
        pytest.param(
            "ex:a ex:p 1 ;\n  # ex:q 2 ;\n.\nex:b ex:p 1 .\n",
            "ex:a\n    ex:p 1 ;\n    # ex:q 2 ;\n.\n\nex:b\n    ex:p 1 ;\n.\n",
            id="at the end of a block",
        ),
        pytest.param(
            'ex:a ex:q "x" ; ex:p [ ex:r "y" ] . # publisher: ignore ill-typed\n',
            'ex:a\n    ex:p [\n        ex:r "y" ;  # publisher: ignore ill-typed\n    ] ;\n'
            '    ex:q "x" ;  # publisher: ignore ill-typed\n.\n',
            id="suppression of a line with several statements",
        ),
        pytest.param(
            "# publisher: ignore S/ex:p/MinCount -- known\nex:a ex:q 1 .\n",
            "# publisher: ignore S/ex:p/MinCount -- known\nex:a\n"
            "    # publisher: ignore S/ex:p/MinCount -- known\n    ex:q 1 ;\n.\n",
            id="suppression of the next line",
        ),
        pytest.param("ex:a ex:p 1 .\n\n# The end.\n", "ex:a\n    ex:p 1 ;\n.\n\n# The end.\n", id="at the end"),
        pytest.param(
            "ex:a ex:p 1 .\nex:b ex:p 1 .\n# Again.\nex:a ex:q 2 .\n",
            "ex:a\n    ex:p 1 ;\n    # Again.\n    ex:q 2 ;\n.\n\nex:b\n    ex:p 1 ;\n.\n",
            id="second block of a subject",
        ),
    ],
)
def test_comments_stay_with_their_statement(text: str, expected: str) -> None:
    assert rewritten(text) == expected


def test_prefixes_are_kept_used_or_not() -> None:
    text = "@prefix b: <urn:b:> .\n@prefix : <urn:c:> .\n:x b:p :y .\n"
    found = formatting.canonicalize(parse_text(text, "pond.ttl"), None)
    assert found.startswith("@prefix : <urn:c:> .\n@prefix b: <urn:b:> .\n\n:x\n    b:p :y ;\n")


def test_comment_that_comes_on_top_becomes_the_header() -> None:
    text = "<urn:b> <urn:p> 1 .\n# A.\n<urn:a> <urn:p> 1 .\n"
    found = formatting.canonicalize(parse_text(text, "pond.ttl"), None)
    assert found == "# A.\n\n<urn:a>\n    <urn:p> 1 ;\n.\n\n<urn:b>\n    <urn:p> 1 ;\n.\n"
    assert formatting.canonicalize(parse_text(found, "pond.ttl"), None) == found


def test_shared_and_cyclic_blank_nodes_keep_their_labels() -> None:
    text = "ex:a ex:p _:x , [ ex:q _:x ] .\n_:x ex:q 1 .\n_:y ex:p _:y .\n_:once ex:q 2 .\n"
    assert rewritten(text) == (
        "ex:a\n    ex:p [\n        ex:q _:x ;\n    ] ;\n    ex:p _:x ;\n.\n\n"
        "[]\n    ex:q 2 ;\n.\n\n_:x\n    ex:q 1 ;\n.\n\n_:y\n    ex:p _:y ;\n.\n"
    )


NODES = st.sampled_from(["<urn:a>", "<urn:b>", "_:x", "_:y", "_:z"])
GRAPHS = st.lists(st.tuples(NODES, st.sampled_from(["<urn:p>", "<urn:q>"]), NODES | st.just('"t"')), max_size=12)


@settings(max_examples=examples(100), deadline=None)
@given(GRAPHS)
def test_any_graph_is_the_same_after_rewriting(statements: list[tuple[str, str, str]]) -> None:
    text = "".join(f"# {number}\n{s} {p} {o} .\n" for number, (s, p, o) in enumerate(statements))
    found = formatting.canonicalize(parse_text("\n" + text, "pond.ttl"), None)
    before, after = (ox.Dataset(ox.parse(each, format=ox.RdfFormat.TURTLE)) for each in (text, found))
    for each in (before, after):
        each.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert before == after
    assert [f"# {number}" for number in range(len(statements)) if f"# {number}\n" not in found] == []
    assert formatting.canonicalize(parse_text(found, "pond.ttl"), None).count("#") == found.count("#")


ITEMS = st.recursive(
    st.sampled_from(["1", "[ ]", "( )", "_:x"]),
    lambda item: (
        st.lists(item, min_size=1, max_size=3).map(lambda items: "( " + "".join(f"{each} #\n" for each in items) + ")")
        | st.tuples(item, st.sampled_from(["", "; ex:q 1"])).map(
            lambda each: f"[ rdf:rest ( 2 #\n) ; #\n rdf:first {each[0]} {each[1]} #\n]"
        )
        | item.map(lambda each: f"[ ex:p {each} #\n]")
    ),
    max_leaves=6,
)


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(ITEMS, min_size=1, max_size=3))
def test_comments_in_lists_are_kept_and_settle(items: list[str]) -> None:
    """The comments are numbered, so that none takes the place of another."""
    numbers = iter(range(1000))
    written = "".join(f"ex:a ex:p{n} {item} #\n. #\n" for n, item in enumerate(items))
    body = re.sub("#", lambda _: f"# {next(numbers)}", written)
    found = rewritten(body)
    assert sorted(re.findall(r"# \d+", found)) == sorted(re.findall(r"# \d+", body))


@settings(max_examples=examples(100), deadline=None)
@given(GRAPHS)
def test_rewriting_a_graph_once_is_enough(statements: list[tuple[str, str, str]]) -> None:
    rewritten("".join(f"{s} {p} {o} .\n" for s, p, o in statements))


@settings(max_examples=examples(100), deadline=None)
@given(st.permutations([f"_:{name}" for name in "abcdef"]), st.integers(1, 6), st.booleans())
def test_one_label_of_each_cycle_is_kept(names: list[str], split: int, branch: bool) -> None:
    """Two cycles of blank nodes, and a node below each."""
    cycles = [cycle for cycle in (names[:split], names[split:]) if cycle]
    edges = [(one, other) for cycle in cycles for one, other in zip(cycle, [*cycle[1:], cycle[0]], strict=True)]
    below = "".join(f"{cycle[0]} ex:q _:0{cycle[0][2:]} . _:0{cycle[0][2:]} ex:r 1 .\n" for cycle in cycles)
    found = rewritten("".join(f"{one} ex:p {other} .\n" for one, other in edges) + below * branch)
    assert sorted(re.findall(r"^_:.*", found, re.MULTILINE)) == sorted(map(min, cycles))
    assert found.count("_:") == 2 * len(cycles)


def test_many_cycles_are_found_once_each() -> None:
    text = "".join(f"_:a{number} ex:p [ ex:p _:a{number} ] .\n" for number in range(300))
    assert rewritten(text).count("\n\n_:a") == 299
