"""Descriptions of frozen releases: statements about each as a version of the data set (DCAT 3, section 11)."""

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from publisher.dataset.iris import RELEASE_PATH, SPARQL_PATH, Names
from publisher.dataset.releases import Release
from publisher.rdf.namespaces import DCAT, DCTERMS, PROV, RDF, VOID, XSD
from publisher.release.statistics import integer

_SHA_256 = "urn:sha256:"


def describe_releases(names: Names, releases: Sequence[Release]) -> list[ox.Triple]:
    """The statements about all releases, and about the data set that they are versions of."""
    dataset = ox.NamedNode(names.dataset)
    found = [triple for release in releases for triple in describe_release(names, release)]
    found += [_state(dataset, f"{DCAT}hasVersion", iri_of(names, release.version)) for release in releases]
    found += [_state(dataset, f"{DCAT}hasCurrentVersion", iri_of(names, each.version)) for each in releases[-1:]]
    return found


def describe_release(names: Names, release: Release) -> list[ox.Triple]:
    """The statements about one release."""
    return list(_describe(names, release))


def _describe(names: Names, release: Release) -> Iterator[ox.Triple]:
    node = iri_of(names, release.version)
    base = f"{node.value}/"
    yield _state(node, f"{RDF}type", ox.NamedNode(f"{DCAT}Dataset"))
    yield _state(node, f"{RDF}type", ox.NamedNode(f"{VOID}Dataset"))
    yield _state(node, f"{DCTERMS}title", ox.Literal(f"Release {release.version}", language="en"))
    yield _state(node, f"{DCAT}version", ox.Literal(release.version))
    yield _state(node, f"{DCTERMS}issued", ox.Literal(release.date, datatype=ox.NamedNode(f"{XSD}date")))
    yield _state(node, f"{DCTERMS}identifier", ox.Literal(f"{_SHA_256}{release.id}"))
    yield _state(node, f"{DCAT}isVersionOf", ox.NamedNode(names.dataset))
    yield _state(node, f"{VOID}triples", integer(release.counts.get("total", 0)))
    yield _state(node, f"{VOID}entities", integer(release.counts.get("things", 0)))
    yield _state(node, f"{VOID}sparqlEndpoint", ox.NamedNode(base + SPARQL_PATH))
    yield _state(node, f"{VOID}uriSpace", ox.Literal(release.base))
    if release.previous:
        previous = iri_of(names, release.previous)
        yield _state(node, f"{DCAT}previousVersion", previous)
        yield _state(node, f"{PROV}wasRevisionOf", previous)


def iri_of(names: Names, version: str) -> ox.NamedNode:
    """The IRI of a release."""
    return ox.NamedNode(names.iri(f"{RELEASE_PATH}/{version}"))


def _state(subject: ox.NamedNode, predicate: str, object_: ox.NamedNode | ox.Literal) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), object_)
