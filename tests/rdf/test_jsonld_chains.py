"""Chains of terms in JSON-LD contexts are bounded, so that no text crashes the parser."""

import json
from collections.abc import Callable
from typing import Any

import pyoxigraph as ox
import pytest
from support.each import each
from support.tiers import WITH_SLOW

from publisher.diagnostic import UnreadableFilesError
from publisher.rdf.jsonld_chains import MAX_CHAIN, find_long_chain
from publisher.rdf.parser import parse

KINDS: dict[str, Callable[[str], Any]] = {
    "prefix": lambda other: f"{other}:x",
    "alias": lambda other: other,
    "id": lambda other: {"@id": f"{other}:x"},
    "type": lambda other: {"@id": "x:y", "@type": f"{other}:x"},
    "reverse": lambda other: {"@reverse": f"{other}:x"},
    "index": lambda other: {"@id": "x:y", "@container": "@index", "@index": f"{other}:x"},
}


def chain(kind: str, length: int) -> dict[str, Any]:
    return {f"t{n}": KINDS[kind](f"t{n + 1}") for n in range(length)} | {f"t{length}": "urn:end:"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_chain_that_is_too_long_is_a_finding(kind: str) -> None:
    length = 20_000 if WITH_SLOW or kind == "prefix" else 2 * MAX_CHAIN
    text = json.dumps({"@context": chain(kind, length), "t0": "v"})
    with pytest.raises(UnreadableFilesError) as caught:
        parse(text, "a.jsonld", ox.RdfFormat.JSON_LD, "b")
    assert f"by a chain of more than {MAX_CHAIN} other terms" in caught.value.diagnostics[0].message


@each("kind", KINDS)
def test_an_allowed_chain_is_none(kind: str) -> None:
    assert find_long_chain(json.dumps({"@context": chain(kind, MAX_CHAIN - 1)})) == ""


def test_many_terms_without_a_chain_and_cycles_are_none() -> None:
    terms = {f"t{n}": "urn:x:" for n in range(5 * MAX_CHAIN)}
    assert find_long_chain(json.dumps({"@context": terms})) == ""
    assert find_long_chain(json.dumps({"@context": terms | {"a": "b:x", "b": "a:x", "c": "c:c"}})) == ""


@each(
    "place",
    [
        lambda context: {"@context": [{}, context]},
        lambda context: {"x": [{"@context": context}]},
        lambda context: {"@context": {"t": {"@id": "urn:x", "@context": context}}},
        lambda context: {"@context": "urn:x", "@graph": [{"@context": [None, context]}]},
    ],
)
@each("key", ['"@context"', '"\\u0040context"', '"@c\\u006fntext"', '"@context" '])
def test_a_chain_is_found_wherever_a_context_may_stand(place: Callable[[Any], Any], key: str) -> None:
    text = json.dumps(place(chain("prefix", 2 * MAX_CHAIN))).replace('"@context"', key)
    assert find_long_chain(text).startswith("t")


@each("text", ["", "{", '{"@context": {', '{"@context": {"a": }}', "[1, NaN]", '"@context"'])
def test_what_is_not_json_is_left_to_the_parser(text: str) -> None:
    assert find_long_chain(text) == ""
