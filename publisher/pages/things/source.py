"""The page of a source: what page was read, when, and what it supports, grouped."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from publisher.pages.things.dates import word_date
from publisher.pages.things.model import Aside, Block, Fact, Group, Item, Items, Model, Phrase, Piece, Section
from publisher.pages.things.parts import rest_of
from publisher.pages.things.reader import COAL, SHOWN, Reader, join, plural_of
from publisher.pages.things.relations import Position, read_membership, read_position
from publisher.rdf import namespaces as n

POSITIONS: Final = "Positions on bills and ballot measures"
GROUPS: Final = {
    n.ORG + "Membership": "Members",
    COAL + "Position": POSITIONS,
    COAL + "Backing": POSITIONS,
    COAL + "PurposeStatement": "Purposes",
    COAL + "SizeClaim": "Sizes",
    COAL + "Founding": "Foundings",
    COAL + "Naming": "Names",
    COAL + "LegislativeEvent": "Events of bills and ballot measures",
    n.FOAF + "OnlineAccount": "Accounts",
}
"""Class of a relation -> the heading under which a source lists it."""


def describe_source(reader: Reader, iri: str) -> Model:
    """Return what the page of a source says."""
    near = reader.near
    found = near.subjects(n.DCTERMS + "source", iri, SHOWN)
    publisher = near.iri(iri, n.DCTERMS + "publisher")
    return Model(
        near.label(iri) or iri,
        "source",
        [reader.list_link("source"), *([reader.link(publisher)] if publisher else [])],
        summary=_summarize(reader, iri, publisher),
        actions=[reader.outside(page) for page in near.iris(iri, n.SCHEMA + "url")],
        facts=_describe_facts(reader, iri, publisher),
        sections=_describe_support(reader, found.iris, found.total),
        gaps=[] if found.total else ["Nothing in this data set cites it yet."],
    )


def _summarize(reader: Reader, iri: str, publisher: str) -> str:
    by = f" of {reader.near.label(publisher)}" if publisher else ""
    return f"A page{by}, read for this data set: {reader.near.label(iri)}."


def _describe_facts(reader: Reader, iri: str, publisher: str) -> list[Fact]:
    near, kind = reader.near, reader.near.iri(iri, COAL + "quality")
    dates = [word_date(near.text(iri, p)) for p in (n.DCTERMS + "issued", COAL + "copiedOn", COAL + "readOn")]
    judged: list[Phrase] = [[reader.link(t)] for t in reader.sort(near.subjects(COAL + "classifiedFrom", iri).iris)]
    about = near.text(kind, n.SKOS + "definition") if kind else ""
    facts = (
        Fact("Publisher", [[reader.link(publisher)]] if publisher else []),
        Fact("Kind", [[near.label(kind), *([Aside((about,))] if about else [])]] if kind else []),
        Fact("Published", [[dates[0]]] if dates[0] else []),
        Fact("Copy of", [[dates[1]]] if dates[1] else []),
        Fact("Read on", [[dates[2]]] if dates[2] else []),
        Fact("Issues judged from it", judged),
    )
    return [fact for fact in facts if fact.values]


def _describe_support(reader: Reader, iris: Sequence[str], total: int) -> list[Section]:
    """What a source supports: relations by their class, then whole records by kind."""
    groups: dict[str, list[Phrase]] = defaultdict(list)
    positions = []
    for iri in iris:
        if _find_heading(reader, iri) == POSITIONS:
            positions.append(read_position(reader, iri))
        else:
            groups[_find_heading(reader, iri)].append(_describe_cited(reader, iri))
    groups[POSITIONS] += _describe_positions(reader, positions)
    blocks: list[Block] = []
    for heading, phrases in sorted(groups.items(), key=lambda group: _rank(group[0])):
        if phrases:
            blocks.append(Group(heading, [Items([Item(phrase) for phrase in phrases], style="short")]))
    return [Section("supports", f"What it supports ({total:,})", [*blocks, *rest_of(total, SHOWN)])] if blocks else []


def _find_heading(reader: Reader, iri: str) -> str:
    """The heading under which a record or relation stands."""
    if not reader.owner(iri):
        return f"Records: {plural_of(reader.kind(iri)).lower()}" if reader.kind(iri) else "Other records"
    return next((GROUPS[c] for c in reader.near.iris(iri, n.RDF + "type") if c in GROUPS), "Other statements")


def _describe_positions(reader: Reader, positions: Sequence[Position]) -> Iterator[Phrase]:
    """Positions, those of one holder, stance and time in one phrase."""
    together: dict[tuple[str, str, str], list[Position]] = defaultdict(list)
    for position in positions:
        together[position.holder, position.stance, position.time].append(position)
    for (holder, stance, time), found in together.items():
        items = join([[reader.link(position.item)] for position in found if position.item])
        yield [reader.link(holder), f" {stance} ", *items, f" ({time})" if time else ""]


def _rank(heading: str) -> int:
    order = list(dict.fromkeys(GROUPS.values()))
    return order.index(heading) if heading in order else len(order)


def _describe_cited(reader: Reader, iri: str) -> Phrase:
    """A record or relation that cites a source, in words."""
    owner, near = reader.owner(iri), reader.near
    if not owner:
        title = reader.title(iri) if reader.kind(iri) in ("bill", "docket") else ""
        return [reader.link(iri), f", {title}" if title else ""]
    if n.ORG + "Membership" in near.iris(iri, n.RDF + "type"):
        held = read_membership(reader, iri)
        said = ", ".join(word for word in (held.role_name.lower() or "member", held.time) if word)
        who: list[Piece] = [reader.link(held.member), " in "] if held.member else []
        return [*who, reader.link(held.coalition), f": {said}"]
    return [reader.link(owner), *_describe_detail(reader, iri)]


def _describe_detail(reader: Reader, iri: str) -> Phrase:
    """What a relation says beside whom it is about: a name, a number, a date, a text."""
    near = reader.near
    kind = near.label(near.iri(iri, COAL + "eventKind") or near.iri(iri, COAL + "foundingKind"))
    day = near.text(iri, COAL + "eventDate", COAL + "foundedOn")
    words = [near.text(iri, COAL + name) for name in ("countQualifier", "count", "countOf")]
    text = near.text(iri, COAL + "name", n.SCHEMA + "text", COAL + "printedAs") or " ".join(w for w in words if w)
    said = [kind.lower(), word_date(day) if day else "", text]
    return [": ", ", ".join(word for word in said if word)] if any(said) else []
