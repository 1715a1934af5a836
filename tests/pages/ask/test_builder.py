"""The builder: readable SPARQL from terms in use and escaped literals."""

from collections.abc import Callable

import pyoxigraph as ox
import pytest
from support.each import each

from publisher.errors import MalformedError
from publisher.pages.ask.builder import Builder, Built
from publisher.pages.terms import TermFormatter
from publisher.release.resources import Resources
from publisher.release.statistics import CATALOGUE
from publisher.release.store import Store
from publisher.release.usage import read_usage
from publisher.settings import Settings

Build = Callable[..., Built]


@pytest.fixture(scope="module")
def builder(store: Store, settings: Settings) -> Builder:
    resources = Resources(store, settings.incoming)
    names = resources.names
    usage = read_usage(names.dataset, store.lookup.graph(names.iri(CATALOGUE)))
    return Builder(resources, usage, TermFormatter(names, store.lookup))


def test_query_is_readable(builder: Builder) -> None:
    built = builder.build(
        {
            "class": ["coal:Coalition"],
            "show": ["coal:advances", "coal:statedPurpose"],
            "is.coal:advances": ["agenda:fair-work-agenda"],
        }
    )
    assert built.query == (
        "PREFIX agenda: <https://w3id.org/ma-coalitions/id/agenda/>\n"
        "PREFIX coal: <https://w3id.org/ma-coalitions/ontology#>\n"
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
        "\n"
        "SELECT DISTINCT ?coalition ?coalitionLabel ?advances ?advancesLabel ?statedPurpose WHERE {\n"
        "  ?coalition a coal:Coalition .\n"
        "  OPTIONAL { ?coalition rdfs:label ?coalitionLabel }\n"
        "  VALUES ?advances { agenda:fair-work-agenda }\n"
        "  ?coalition coal:advances ?advances .\n"
        "  OPTIONAL { ?advances rdfs:label ?advancesLabel }\n"
        "  OPTIONAL { ?coalition coal:statedPurpose ?statedPurpose }\n"
        "}\n"
        "ORDER BY ?coalitionLabel ?coalition\n"
        "LIMIT 200"
    )


def test_values_are_counted(builder: Builder) -> None:
    query = builder.build({"class": ["coal:Coalition"], "count": ["coal:advances"]}).query
    assert "SELECT ?advances ?advancesLabel (COUNT(DISTINCT ?coalition) AS ?records) WHERE {" in query
    assert "GROUP BY ?advances ?advancesLabel\nORDER BY DESC(?records) ?advances ?advancesLabel\n" in query


@each("text", ['"', "\\", "'; } #", "a\nb", "} UNION { ?x ?y ?z", "\N{SNOWMAN}", "<x>"])
def test_text_is_one_literal(builder: Builder, text: str) -> None:
    query = builder.build({"class": ["coal:Coalition"], "is.coal:statedPurpose": [text]}).query
    store = ox.Store()
    store.query(query)  # parses
    plain = builder.build({"class": ["coal:Coalition"], "is.coal:statedPurpose": ["x"]}).query
    assert query.replace(str(ox.Literal(text.strip().casefold())), '"x"') == plain


def test_bounds_compare_dates_and_numbers(builder: Builder) -> None:
    dates = builder.build({"class": ["coal:PurposeStatement"], "from.coal:asOf": ["2020"], "to.coal:asOf": ["2023-06"]})
    assert 'FILTER (SUBSTR(STR(?asOf), 1, 4) >= "2020")' in dates.query
    assert 'FILTER (SUBSTR(STR(?asOf), 1, 7) <= "2023-06")' in dates.query
    numbers = builder.build({"class": ["coal:LegislativeSession"], "from.coal:ordinal": ["193"]})
    assert "FILTER (?ordinal >= 193)" in numbers.query


@each(
    "sent",
    [
        {"class": ["coal:Nobody"]},
        {"class": ["coal:Coalition"], "show": ["coal:nobody"]},
        {"class": ["coal:Coalition"], "count": ["coal:nobody"]},
        {"class": ["coal:Coalition"], "is.coal:advances": ["agenda:nobody"]},
        {"class": ["coal:Coalition"], "from.coal:statedPurpose": ["1"]},
        {"class": ["coal:LegislativeSession"], "from.coal:ordinal": ["1 } #"]},
        {"class": ["coal:PurposeStatement"], "to.coal:asOf": ["yesterday"]},
    ],
)
def test_unknown_terms_and_bounds_are_rejected(builder: Builder, sent: dict[str, list[str]]) -> None:
    with pytest.raises(MalformedError):
        builder.build(sent)


@pytest.mark.slow
def test_every_class_with_all_its_properties_parses(builder: Builder) -> None:
    for name, *_ in builder.classes:
        offers = builder.build({"class": [name]}).offers
        for start in range(0, len(offers), 12):
            shown = [offer.name for offer in offers[start : start + 12]]
            ox.Store().query(builder.build({"class": [name], "show": shown}).query)
