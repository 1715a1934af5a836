"""Usage: counts of classes and properties, from the statistics of a release."""

from publisher.rdf.namespaces import RDF, SKOS, VOCABULARY, XSD
from publisher.release.resources import Resources
from publisher.release.statistics import CATALOGUE
from publisher.release.store import Store
from publisher.release.usage import Usage, read_usage
from publisher.settings import Settings


def usage(store: Store, settings: Settings) -> Usage:
    names = Resources(store, settings.incoming).names
    return read_usage(names.dataset, store.lookup.graph(names.iri(CATALOGUE)))


def test_classes_and_properties_are_counted(store: Store, settings: Settings) -> None:
    found = usage(store, settings)
    counts = [use.number for use in found.classes]
    assert counts == sorted(counts, reverse=True)
    assert dict(found.classes)[VOCABULARY + "Coalition"] == 6
    assert dict(found.properties)[VOCABULARY + "advances"] == 6


def test_properties_of_a_class_have_what_they_lead_to(store: Store, settings: Settings) -> None:
    found = {use.iri: use for use in usage(store, settings).properties_of[VOCABULARY + "Coalition"]}
    assert VOCABULARY + "Agenda" in [use.iri for use in found[VOCABULARY + "advances"].classes]
    assert [use.iri for use in found[SKOS + "prefLabel"].datatypes] == [RDF + "langString"]
    assert found[VOCABULARY + "advances"].datatypes == []
    assert all(use.number for use in found.values())
    assert XSD not in {use.iri for use in found.values()}


def test_no_statistics_are_no_usage() -> None:
    assert read_usage("https://example.org/dataset", []) == Usage([], [], {})
