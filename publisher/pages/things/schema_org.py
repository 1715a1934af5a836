"""Things in the schema.org vocabulary, as search engines read them from a script element of the page."""

import json
from collections.abc import Iterable
from typing import Any, Final

from publisher.dataset.iris import SCHEMA_TYPES, is_web
from publisher.pages.things.reader import COAL, Reader
from publisher.rdf import namespaces as n

TEXTS: Final = {
    "alternateName": (n.SKOS + "altLabel", COAL + "acronym"),
    "description": (COAL + "statedPurpose", n.SKOS + "definition", n.DCTERMS + "description"),
    "legislationIdentifier": (n.SCHEMA + "legislationIdentifier",),
    "foundingDate": (n.SCHEMA + "foundingDate",),
    "startDate": (n.SCHEMA + "startDate",),
    "endDate": (n.SCHEMA + "endDate",),
    "termCode": (n.SKOS + "notation",),
    "datePublished": (n.DCTERMS + "issued",),
}
ADDRESSES: Final = {
    "url": (n.FOAF + "homepage", n.SCHEMA + "url"),
    "sameAs": (n.OWL + "sameAs", n.SKOS + "exactMatch", n.SCHEMA + "sameAs"),
}
RELATED: Final = {
    "memberOf": (n.SCHEMA + "memberOf", n.ORG + "memberOf"),
    "inDefinedTermSet": (n.SKOS + "inScheme",),
    "legislationJurisdiction": (n.SCHEMA + "legislationJurisdiction",),
    "isPartOf": (COAL + "filingOf",),
    "about": (COAL + "concerns",),
    "publisher": (n.DCTERMS + "publisher",),
}
"""schema.org property -> the properties of ours that it is read from."""
MANY: Final = 100
"""Values of one property at most."""


def describe_for_search_engines(reader: Reader, iri: str, name: str) -> str:
    """Return the JSON-LD of a thing, safe within a script element."""
    kind = reader.kind(iri)
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@id": iri,
        "@type": SCHEMA_TYPES.get(kind, "Thing"),
        "name": name,
    }
    for key, properties in TEXTS.items():
        data[key] = [text for property_ in properties for text in reader.near.texts(iri, property_)]
    for key, properties in ADDRESSES.items():
        data[key] = [address for address in reader.near.iris(iri, *properties) if is_web(address)]
    data["sameAs"] += _accounts(reader, iri)
    for key, properties in RELATED.items():
        data[key] = list(_refer(reader, reader.near.iris(iri, *properties)[:MANY]))
    said = {key: value[:MANY] if isinstance(value, list) else value for key, value in data.items() if value}
    return json.dumps(said, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")


def _accounts(reader: Reader, iri: str) -> list[str]:
    accounts = reader.near.iris(iri, n.FOAF + "account")
    return [url for account in accounts for url in reader.near.iris(account, n.SCHEMA + "url") if is_web(url)]


def _refer(reader: Reader, iris: Iterable[str]) -> Iterable[dict[str, str]]:
    for iri in iris:
        if is_web(iri):
            found = {"@id": iri, "@type": SCHEMA_TYPES.get(reader.kind(iri), ""), "name": reader.near.label(iri)}
            yield {key: value for key, value in found.items() if value}
