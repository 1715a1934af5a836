"""Hints about values: other language tags and datatypes, and kinds of values that do not compare."""

import pyoxigraph as ox
import pytest
from support.each import each

from publisher.sparql.asked import read_asked
from publisher.sparql.value_hints import READ, ValueHints

PREFIXES = "PREFIX : <urn:x:> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
DATA = """
@prefix : <urn:x:> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:one :name "One"@en ; :printed "One", "Two" ; :founded "1999-05-01"^^xsd:date ; :year "1999"^^xsd:gYear ;
  :size 100 ; :share 0.5 ; :site <https://one.example/> ; :address "https://one.example/x"^^xsd:anyURI ; :live true .
"""
TAG = "a language tag is part of it."
TYPE = "the datatype is part of it."


@pytest.fixture(scope="module")
def hints() -> ValueHints:
    store = ox.Store()
    store.load(DATA, format=ox.RdfFormat.TURTLE)
    return ValueHints(store, ["en", "fr"])


EXPLAINED = {
    "elsewhere": (":name 'One'", f'The properties of the query have no text `"One"`, but `"One"@en`: {TAG}'),
    "variable": (
        ":name ?n FILTER(?n = 'One')",
        f'The properties of the query have no text `"One"`, but `"One"@en`: {TAG}',
    ),
    "region": (":name 'One'@en-US", f'The data set has no text `"One"@en-US`, but `"One"@en`: {TAG}'),
    "string": (
        ":name 'One'^^xsd:string",
        f'The properties of the query have no text `"One"^^xsd:string`, but `"One"@en`: {TAG}',
    ),
    "letters": (":name 'ONE'@en", 'The data set has no text `"ONE"@en`. Did you mean `"One"@en`?'),
    "number-as-text": (":size '100'", f'The data set has no text `"100"`, but `100`: {TYPE}'),
    "decimal": (":size 100.0", f"The data set has no value `100.0`, but `100`: {TYPE}"),
    "date-as-text": (
        ":founded '1999-05-01'",
        f'The data set has no text `"1999-05-01"`, but `"1999-05-01"^^xsd:date`: {TYPE}',
    ),
    "year-as-number": (":year 1999", f'The data set has no value `1999`, but `"1999"^^xsd:gYear`: {TYPE}'),
    "iri-as-text": (
        ":site 'https://one.example/'",
        'The data set has no text `"https://one.example/"`, but `<https://one.example/>`: it is an IRI.',
    ),
    "address-as-text": (
        ":address 'https://one.example/x'",
        f'The data set has no text `"https://one.example/x"`, but `"https://one.example/x"^^xsd:anyURI`: {TYPE}',
    ),
    "tag": (
        ":name ?n FILTER(LANG(?n) = 'de')",
        "The query asks for the language `de`; the texts that were looked at have `en`, `fr`.",
    ),
    "tag-in-capitals": (
        ":name ?n FILTER(LANG(?n) = 'EN')",
        "The query asks for the language `EN`; the texts that were looked at have `en`, `fr`.",
    ),
    "range": (
        ":name ?n FILTER(LANGMATCHES(LANG(?n), 'en-US'))",
        "The query asks for the language `en-US`; the texts that were looked at have `en`, `fr`.",
    ),
    "date-and-text": (
        ":founded ?d FILTER(?d > '1990-01-01')",
        '`:founded` has values of type `xsd:date`, which do not compare with text: write `"1990-01-01"^^xsd:date`.',
    ),
    "date-and-number": (
        ":founded ?d FILTER(?d > 1990)",
        "`:founded` has values of type `xsd:date`, which do not compare with numbers: compare `YEAR(...)`.",
    ),
    "date-and-year": (
        ":founded ?d FILTER(?d > '1990'^^xsd:gYear)",
        "`:founded` has values of type `xsd:date`, which do not compare with `xsd:gYear`: compare `STR(...)`.",
    ),
    "number-and-text": (
        ":size ?n FILTER('90' < ?n)",
        "`:size` has numbers, which do not compare with text: write `90`.",
    ),
    "text-and-number": (
        ":printed ?n FILTER(?n > 1)",
        '`:printed` has text, which do not compare with numbers: write `"1"`.',
    ),
    "tagged-order": (
        ":name ?n FILTER(?n > 'A')",
        "`:name` has text with a language tag, which do not compare with text: compare `STR(...)`.",
    ),
    "iri-and-text": (
        ":site ?s FILTER(?s != 'x')",
        "`:site` has IRIs, which do not compare with text: compare `STR(...)`.",
    ),
    "text-function-on-date": (
        ":founded ?d FILTER(STRSTARTS(?d, '1999'))",
        "STRSTARTS reads text, and `?d` has values of type `xsd:date`: write `STR(?d)`.",
    ),
    "text-function-on-iri": (
        ":name ?n FILTER(REGEX(?s, 'one'))",
        "REGEX reads text, and `?s` has IRIs: write `STR(?s)`.",
    ),
    "capitals": (
        ":name ?n FILTER(CONTAINS(?n, 'ONE'))",
        "CONTAINS tells capitals from small letters, and `ONE` occurs in others: compare `LCASE(...)` with small "
        "letters.",
    ),
    "capitals-at-start": (
        ":name ?n FILTER(STRSTARTS(?n, 'o'))",
        "STRSTARTS tells capitals from small letters, and `o` occurs in others: compare `LCASE(...)` with small "
        "letters.",
    ),
    "capitals-of-pattern": (
        ":name ?n FILTER(REGEX(?n, 'one'))",
        'REGEX tells capitals from small letters, and `one` occurs in others: add `"i"`.',
    ),
    "date-function-on-text": (":printed ?n FILTER(YEAR(?n) = 1)", "YEAR reads dates, and `?n` has text."),
}


@each(("pattern", "expected"), EXPLAINED.values())
def test_values_are_explained(hints: ValueHints, pattern: str, expected: str) -> None:
    found = list(hints.find(read_asked(f"{PREFIXES}ASK {{ ?s {pattern} }}", "urn:base:")))
    assert expected in found
    assert len(found) <= 2


@each(
    "pattern",
    [
        ":name 'One'@en ; :printed 'Two' ; :size 100 ; :live true",
        ":name ?n FILTER(LANGMATCHES(LANG(?n), 'EN') && LANG(?n) = 'fr' && LANGMATCHES(LANG(?n), '*'))",
        ":founded ?d FILTER(YEAR(?d) > 2000 && ?d > '2000-01-01'^^xsd:date && STRLEN(STR(?d)) = 1)",
        ":size ?n ; :share ?m FILTER(?n > 200 && ?m < 0.1 && ?n < 1e9)",
        ":name ?n FILTER(CONTAINS(?n, 'Onet') && ?n = 'Other' && STRSTARTS(LCASE(?n), 'ONE'))",
        ":year ?y FILTER(YEAR(?y) = 2000)",
        ":unknown 'Three' ; :unknown ?o FILTER(?o > 5)",
    ],
)
def test_values_that_fit_have_no_hint(hints: ValueHints, pattern: str) -> None:
    assert list(hints.find(read_asked(f"{PREFIXES}ASK {{ ?s {pattern} }}", "urn:base:"))) == []


def test_number_of_texts_that_are_read_is_bounded() -> None:
    store = ox.Store()
    store.extend(
        ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:x:p"), ox.Literal(f"text {number}"))
        for number in range(2 * READ)
    )
    hints = ValueHints(store, [])
    assert len(hints._values_of("urn:x:p", READ)) == READ
    [hint] = hints.find(read_asked(f"{PREFIXES}ASK {{ ?s :p 'text X001' }}", "urn:base:"))
    assert "Did you mean" in hint
