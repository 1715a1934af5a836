"""The data as a whole: it is valid, and every document about it answers in every form."""

import pyoxigraph as ox
from support.asgi_client import Client, OpenApp

from publisher.dataset.repository import Repository
from publisher.diagnostic import Severity
from publisher.release.resources import Resources
from publisher.validation import validator
from publisher.validation.context import of_repository


def test_the_data_has_neither_violations_nor_warnings(repository: Repository) -> None:
    findings = validator.validate(of_repository(repository))
    assert [finding for finding in findings if finding.severity > Severity.INFO] == []


def test_documents_exist_in_every_format(app: OpenApp, client: Client) -> None:
    resources: Resources = app.resources
    things = resources.things()
    assert things
    forms = (".html", ".ttl", ".jsonld")
    documents = [f"/{resources.names.address(iri)}{form}" for iri in things for form in forms]
    assert [address for address in documents if client.head(address).status_code != 200] == []


def test_dataset_document_describes_what_the_data_set_names(app: OpenApp, client: Client) -> None:
    dataset = app.resources.names.dataset
    triples = list(ox.parse(client.get("/dataset.ttl").data, format=ox.RdfFormat.TURTLE))
    types = {t.subject.value: t.object.value for t in triples if t.predicate.value.endswith("#type")}
    named = {t.predicate.value.rpartition("/")[2]: t.object.value for t in triples if t.subject.value == dataset}
    assert types[named["temporal"]] == "http://purl.org/dc/terms/PeriodOfTime"
    assert types[named["provenance"]] == "http://purl.org/dc/terms/ProvenanceStatement"
    assert types[named["dcat#contactPoint"]] == "https://schema.org/ContactPoint"
    page = client.get("/about", headers={"Accept": "text/html"}).text
    assert "no page was read live" in page
    assert f"{dataset}#rdf-first" not in page
