"""The pages of sessions, roles and lists of terms."""

from publisher.pages.things.dates import word_date
from publisher.pages.things.model import Aside, Block, Fact, Item, Items, Model, Phrase, Piece, Section
from publisher.pages.things.parts import definition, entries_section, group_items, item_list, rest_of
from publisher.pages.things.proposals import read_session
from publisher.pages.things.reader import COAL, SHOWN, Reader
from publisher.pages.things.relations import read_membership
from publisher.rdf import namespaces as n
from publisher.release.index import natural


def describe_session(reader: Reader, iri: str) -> Model:
    """Return what the page of a legislative session says."""
    near, session = reader.near, read_session(reader, iri)
    found = near.subjects(COAL + "session", iri, SHOWN * 2)
    proposals = group_items(reader, [item for item in found.iris if reader.kind(item) == "bill"][:SHOWN])
    blocks: list[Block] = [*item_list(reader, proposals)] if proposals else []
    times = (("Began", n.SCHEMA + "startDate"), ("Ended" if not session.latest else "Ends", n.SCHEMA + "endDate"))
    facts: list[Fact] = []
    for name, property_ in times:
        day = near.text(iri, property_)
        facts += [Fact(name, [[word_date(day), *reader.cites(iri)]])] if day else []
    rest = rest_of(found.total, SHOWN * 2, reader.link_filtered("bill", "session", iri))
    heading = f"Proposals filed in it ({len(proposals):,})"
    return Model(
        near.label(iri) or iri,
        "session",
        [reader.list_link("session")],
        summary=f"Bills of the {session.name}, by proposal, with what came of them.",
        facts=facts,
        sections=[Section("proposals", heading, [*blocks, *rest])] if blocks else [],
    )


def describe_role(reader: Reader, iri: str) -> Model:
    """Return what the page of a role says: who holds it in which coalition."""
    near = reader.near
    found = near.subjects(n.ORG + "role", iri, SHOWN)
    held = [read_membership(reader, membership) for membership in found.iris]
    held.sort(key=lambda m: (natural(near.label(m.member)), natural(near.label(m.coalition)), m.iri))
    items = []
    for m in held:
        who: list[Piece] = [reader.link(m.member)] if m.member else []
        items.append(
            Item([*who, " in ", reader.link(m.coalition), f", {m.time}" if m.time else "", *reader.cites(m.iri)])
        )
    blocks: list[Block] = [Items(items, style="short"), *rest_of(found.total, SHOWN)]
    return Model(
        near.label(iri) or iri,
        "role",
        [reader.list_link("role")],
        summary=reader.summary(iri),
        lead=definition(reader, iri),
        sections=[Section("holders", f"Who holds it ({found.total:,})", blocks)] if items else [],
    )


def describe_scheme(reader: Reader, iri: str) -> Model:
    """Return what the page of a list of terms says: its terms, the broadest first."""
    near = reader.near
    found = near.subjects(n.SKOS + "inScheme", iri)
    parts = [term for term in found.iris if not reader.kind(term)]
    things = [term for term in found.iris if reader.kind(term)]
    top = [term for term in things if not near.iris(term, n.SKOS + "broader")]
    below = [term for term in things if term not in top]
    items = [Item([near.label(term) or term, *_explain(near.text(term, n.SKOS + "definition"))]) for term in parts]
    made: list[Phrase] = [[reader.link(who)] for who in near.iris(iri, n.PROV + "wasAttributedTo")]
    terms = [Section("terms", f"Terms ({len(items):,})", [Items(items, style="entries")])] if items else []
    return Model(
        near.label(iri) or iri,
        "list of terms",
        [reader.list_link("scheme")],
        summary=reader.summary(iri),
        lead=definition(reader, iri),
        facts=[Fact("Classified by", made)] if made else [],
        sections=[
            *terms,
            *entries_section(reader, "top", "Terms" if not below else "Broadest terms", top, sources=False),
            *entries_section(reader, "below", "Terms below them", below, sources=False),
        ],
    )


def _explain(text: str) -> list[Piece]:
    return [Aside((text,))] if text else []
