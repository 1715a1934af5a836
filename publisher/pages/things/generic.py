"""The page of a thing of a kind without a model of its own: what is stated, and what points to it, in plain words."""

from typing import Final

from publisher.pages.things.model import Fact, Model, Phrase
from publisher.pages.things.parts import definition, entries_section
from publisher.pages.things.reader import Reader
from publisher.rdf import namespaces as n

POINTING: Final = (
    ("terms", "Terms in it", n.SKOS + "inScheme"),
    ("legislation", "Bills, dockets and ballot measures there", n.SCHEMA + "legislationJurisdiction"),
    ("there", "Organizations there", n.DCTERMS + "spatial"),
    ("parts", "Parts of it", n.DCTERMS + "isPartOf"),
)
"""The properties by which things are shown that point to one: anchor, heading, property."""
SHOWN: Final = 40
"""Things of one section, at most."""


def describe_any(reader: Reader, iri: str) -> Model:
    """Return what the page of any thing says."""
    near, kind = reader.near, reader.kind(iri)
    lead = definition(reader, iri)
    also: list[Phrase] = [[name] for name in near.texts(iri, n.SKOS + "altLabel")]
    sections = []
    for anchor, heading, property_ in POINTING:
        found = near.subjects(property_, iri)
        things = [other for other in found.iris if reader.kind(other)]
        sections += entries_section(reader, anchor, heading, things, found.total, sources=False, most=SHOWN)
    return Model(
        near.label(iri) or iri,
        kind,
        [reader.list_link(kind)],
        summary=reader.summary(iri),
        lead=lead,
        facts=[Fact("Also called", also)] if also else [],
        sections=sections,
    )
