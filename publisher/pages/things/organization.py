"""The page of an organization: the coalitions it belongs to, what it backs, the pages of it that were read."""

from publisher.pages.things.accounts import find_addresses
from publisher.pages.things.coalition import membership_table
from publisher.pages.things.model import Fact, Model, Phrase, Section
from publisher.pages.things.parts import (
    definition,
    describe_bodies,
    describe_names,
    describe_near_names,
    entries_section,
    position_blocks,
    rest_of,
)
from publisher.pages.things.reader import COAL, SHOWN, Reader
from publisher.pages.things.relations import Membership, Position, read_memberships, read_positions_of
from publisher.rdf import namespaces as n


def describe_organization(reader: Reader, iri: str) -> Model:
    """Return what the page of an organization says."""
    near = reader.near
    memberships, positions = read_memberships(reader, iri), read_positions_of(reader, iri)
    return Model(
        near.label(iri) or iri,
        "organization",
        [reader.list_link("organization")],
        ", ".join(near.texts(iri, COAL + "acronym")),
        reader.summary(iri) or _summarize(reader, iri, memberships),
        definition(reader, iri),
        actions=find_addresses(reader, iri),
        facts=_describe_facts(reader, iri),
        sections=[
            *_describe_memberships(reader, memberships),
            *_describe_positions(reader, positions),
            *_describe_pages(reader, iri),
        ],
        gaps=_find_missing(reader, iri, memberships),
    )


def _summarize(reader: Reader, iri: str, memberships: list[Membership]) -> str:
    """A sentence on an organization that has no definition; empty if it belongs to no coalition."""
    names = [reader.near.label(m.coalition) for m in memberships if not m.ended]
    return f"{reader.near.label(iri)}: in {', '.join(dict.fromkeys(names))}." if names else ""


def _describe_facts(reader: Reader, iri: str) -> list[Fact]:
    spatial: list[Phrase] = [[reader.link(place)] for place in reader.near.iris(iri, n.DCTERMS + "spatial")]
    return [
        *describe_names(reader, iri),
        *([Fact("Place", spatial)] if spatial else []),
        *describe_bodies(reader, iri),
        *describe_near_names(reader, iri),
    ]


def _describe_memberships(reader: Reader, memberships: list[Membership]) -> list[Section]:
    if not memberships:
        return []
    number = len({m.coalition for m in memberships})
    blocks = [membership_table(reader, memberships), *rest_of(len(memberships), SHOWN)]
    return [Section("coalitions", f"Coalitions it belongs to ({number:,})", blocks)]


def _describe_positions(reader: Reader, positions: list[Position]) -> list[Section]:
    blocks = position_blocks(reader, positions)
    return [Section("positions", "Bills and ballot measures it takes a side on", blocks)] if blocks else []


def _describe_pages(reader: Reader, iri: str) -> list[Section]:
    found = reader.near.subjects(n.DCTERMS + "publisher", iri)
    sources = [source for source in found.iris if reader.kind(source) == "source"]
    return entries_section(reader, "pages", "Its pages that were read", sources, found.total, sources=False)


def _find_missing(reader: Reader, iri: str, memberships: list[Membership]) -> list[str]:
    missing = [] if reader.near.iris(iri, n.FOAF + "homepage") else ["No website of it is recorded."]
    return missing if memberships else ["No page that we read names a coalition that it belongs to.", *missing]
