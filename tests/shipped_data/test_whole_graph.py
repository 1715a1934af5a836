"""The data as a whole: it is valid, and every document about it answers in every form."""

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
