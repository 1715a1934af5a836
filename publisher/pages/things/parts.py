"""Parts of pages that several kinds share: proposals with their filings, members, names, links, gaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from publisher.pages.layout import shorten
from publisher.pages.things.dates import word_date, word_time
from publisher.pages.things.model import (
    Aside,
    Block,
    Fact,
    Fold,
    Group,
    Item,
    Items,
    Link,
    Paragraph,
    Phrase,
    Piece,
    Section,
)
from publisher.pages.things.proposals import Family, Filing, group_by_family, read_filing
from publisher.pages.things.reader import COAL, SHOWN, Reader, count_of, join, sentence
from publisher.pages.things.relations import OPPOSES, SUPPORTS, Position, split_by_stance
from publisher.rdf import namespaces as n

OWN_WORDS: Final = "Our summary of the cited page."
"""What stands beside texts that restate a page."""
LINE: Final = 160
"""Characters of what a list says of one thing, at most."""
SEPARATOR: Final = " · "


@dataclass(frozen=True)
class Backed:
    """A proposal with those of its filings that something is said of, and the positions that say so."""

    family: Family
    filings: Sequence[Filing]
    positions: Sequence[Position] = ()

    @property
    def is_current(self) -> bool:
        """Whether one of the filings is of the latest session."""
        return any(filing.session.latest for filing in self.filings)


def group_positions(reader: Reader, positions: Sequence[Position]) -> list[Backed]:
    """Return the proposals that some positions are about, by name."""
    return group_items(reader, [position.item for position in positions], positions)


def group_items(reader: Reader, items: Sequence[str], positions: Sequence[Position] = ()) -> list[Backed]:
    """Return the proposals that some filings belong to, by name, once for each session of these filings.

    With positions, each has the filings given; without, all bills of its session.
    """
    found = []
    for family, iris in group_by_family(reader, items):
        filings = [filing for filing in family.filings if filing.iri in iris]
        for session in family.sessions:
            chosen = [filing for filing in filings if filing.session == session]
            if chosen and not positions:
                chosen = [f for f in family.in_session(session) if f in filings or not f.docket]
            about = {filing.iri for filing in chosen}
            if chosen:
                found.append(Backed(family, chosen, [p for p in positions if p.item in about]))
    return found


def filing_links(reader: Reader, filings: Sequence[Filing]) -> list[Piece]:
    """The numbers of filings, as links with their titles."""
    return join([[link_filing(reader, filing)] for filing in filings])


def link_filing(reader: Reader, filing: Filing) -> Link:
    """A link to a filing by its number, with its title beside it; without its session where that is the latest."""
    number = filing.number.partition(" (")[0] if filing.session.latest else filing.number
    return reader.link(filing.iri, number, filing.title)


def describe_fate(filings: Sequence[Filing]) -> str:
    """What came of filings, each thing said once; with their numbers where it is not the same of all."""
    told: dict[str, list[str]] = {}
    for filing in sorted(filings, key=lambda filing: not filing.outcome):
        if filing.fate:
            told.setdefault(filing.fate, []).append(filing.number.partition(" (")[0])
    if len(told) == 1:
        return next(iter(told))
    return "; ".join(f"{', '.join(numbers)}: {fate[:1].lower()}{fate[1:]}" for fate, numbers in told.items())


def proposal_item(reader: Reader, backed: Backed) -> Item:
    """A proposal as an item of a list: its name, its filings, what came of them, since when it is backed."""
    family, filings = backed.family, backed.filings
    bills = [filing for filing in filings if not filing.docket] or filings
    name: list[Piece] = [reader.link(family.proposal, family.name)] if family.proposal else [family.name]
    same = len(bills) == 1 and bills[0].number == family.name
    first: list[Piece] = [link_filing(reader, bills[0])] if same else [*name, ": ", *filing_links(reader, filings)]
    said = [describe_fate(bills), *dict.fromkeys(_word_support(p) for p in backed.positions if p.time)]
    rest = [part for text in said if text for part in (SEPARATOR, text)][1:]
    notes = [Aside((sentence(note),)) for note in dict.fromkeys(p.note for p in backed.positions) if note]
    cites = reader.cites(*(p.iri for p in backed.positions))
    remark: list[Piece] = [Aside((*rest, *cites))] if rest else [*cites]
    return Item([*first, *remark, *notes])


def _word_support(position: Position) -> str:
    """When a position is stated, in words."""
    side = {SUPPORTS: "backing", OPPOSES: "opposition"}.get(position.stance, "position")
    return f"{side} {position.time}"


def proposal_blocks(reader: Reader, proposals: Sequence[Backed], current: str) -> list[Block]:
    """Proposals: those of the latest session at once, others folded. current: the heading of the former, or empty."""
    now = [backed for backed in proposals if backed.is_current]
    blocks: list[Block] = []
    if now:
        shown = item_list(reader, now)
        blocks += [Group(current, shown)] if current else shown
    return [*blocks, *earlier_blocks(reader, [backed for backed in proposals if not backed.is_current])]


def earlier_blocks(reader: Reader, proposals: Sequence[Backed]) -> list[Block]:
    """Proposals of earlier sessions, folded, the latest session first; ballot measures last."""
    if not proposals:
        return []
    number = len({backed.family.proposal or backed.family.name for backed in proposals})
    ordered = sorted(proposals, key=lambda backed: backed.filings[0].session.number.zfill(6), reverse=True)
    measures = any(not backed.filings[0].session.iri for backed in proposals)
    summary = f"Earlier sessions{' and ballots' if measures else ''}: {count_of(number, 'proposal')}"
    return [Fold(summary, item_list(reader, ordered))]


def position_blocks(reader: Reader, positions: Sequence[Position]) -> list[Block]:
    """The proposals on which positions are taken: what is backed, then what is opposed, then the rest."""
    for_, against, other = split_by_stance(positions)
    blocks = proposal_blocks(reader, group_positions(reader, for_), "Backs in the latest session")
    for heading, chosen in (("Opposes", against), ("Other positions", other)):
        found = proposal_blocks(reader, group_positions(reader, chosen), "")
        blocks += [Group(heading, found)] if found else []
    return blocks


def item_list(reader: Reader, proposals: Sequence[Backed]) -> list[Block]:
    """A list of proposals, at most SHOWN."""
    items = Items([proposal_item(reader, backed) for backed in proposals[:SHOWN]], style="proposals")
    return [items, *rest_of(len(proposals), SHOWN)]


def ballot_section(reader: Reader, issues: Iterable[str], said: Iterable[str] = ()) -> list[Section]:
    """The ballot measures on some issues, with what came of them. said: what the page names already."""
    near = reader.near
    found = {item for issue in issues for item in near.subjects(COAL + "concerns", issue).iris}
    measures = reader.sort(item for item in found - set(said) if reader.kind(item) == "measure")
    if not measures:
        return []
    items = []
    for measure in measures[:SHOWN]:
        fate = read_filing(reader, measure).fate
        items.append(Item([reader.link(measure), *reader.cites(measure), *([Aside((fate,))] if fate else [])]))
    remark = Paragraph(["They are about the same issue; no page that we read joins them."], quiet=True)
    blocks: list[Block] = [Items(items, style="entries"), *rest_of(len(measures), SHOWN), remark]
    return [Section("measures", f"Ballot measures on the same issue ({len(measures):,})", blocks)]


def rest_of(total: int, shown: int, whole: Link | None = None) -> list[Block]:
    """A remark on what a section leaves out. whole: the list that has everything; without, the statements have it."""
    if total <= shown:
        return []
    where: list[Piece] = [". ", whole, "."] if whole else ["; the others are among all statements below."]
    return [Paragraph([f"The first {shown:,} of {total:,}", *where], quiet=True)]


def describe_names(reader: Reader, thing: str) -> list[Fact]:
    """The other names of an organization: by page (with time and source), and plain ones."""
    near = reader.near
    found: list[Phrase] = [[name] for name in near.texts(thing, n.SKOS + "altLabel")]
    for iri in near.iris(thing, COAL + "naming"):
        kind = near.label(near.iri(iri, COAL + "namingKind")).lower() or near.text(iri, n.SKOS + "note").lower()
        time = word_time(
            near.text(iri, COAL + "asOf"), near.text(iri, n.SCHEMA + "startDate"), near.text(iri, n.SCHEMA + "endDate")
        )
        said = ", ".join(word for word in (kind if kind != "other name" else "", time) if word)
        name = near.text(iri, COAL + "name") or near.label(iri)
        found.append([name, f" ({said})" if said else "", *reader.cites(iri)])
    return [Fact("Also called", found)] if found else []


def describe_near_names(reader: Reader, thing: str) -> list[Fact]:
    """What is not to be confused with a thing, whichever of the two says so; what it is linked to says so there."""
    others = set(_find_both_ways(reader, thing, n.OWL + "differentFrom"))
    others -= set(_find_both_ways(reader, thing, n.ORG + "linkedTo"))
    links: list[Phrase] = [[reader.link(other)] for other in reader.sort(others)]
    return [Fact("Not to be confused with", links)] if links else []


def describe_bodies(reader: Reader, thing: str) -> list[Fact]:
    """The bodies that an organization is a part of, has as parts, or is linked to."""
    near = reader.near
    groups = (
        ("Part of", near.iris(thing, n.ORG + "subOrganizationOf")),
        ("Parts of it", near.subjects(n.ORG + "subOrganizationOf", thing).iris),
    )
    facts = [Fact(name, [[reader.link(iri)] for iri in reader.sort(found)]) for name, found in groups if found]
    different = set(_find_both_ways(reader, thing, n.OWL + "differentFrom"))
    linked = reader.sort(_find_both_ways(reader, thing, n.ORG + "linkedTo"))
    phrases: list[Phrase] = [
        [reader.link(iri), *([", a body of its own"] if iri in different else [])] for iri in linked
    ]
    return [*facts, *([Fact("Linked to", phrases)] if phrases else [])]


def _find_both_ways(reader: Reader, thing: str, property_: str) -> list[str]:
    """What a property relates a thing to, whichever of the two states it."""
    return [*reader.near.iris(thing, property_), *reader.near.subjects(property_, thing).iris]


def definition(reader: Reader, thing: str) -> list[Phrase]:
    """The definition of a thing with its sources, as the paragraph that says what it is."""
    text = reader.near.text(thing, n.SKOS + "definition", n.DCTERMS + "description")
    return [[text, *reader.cites(thing)]] if text else []


def entries_section(
    reader: Reader,
    anchor: str,
    heading: str,
    iris: Sequence[str],
    total: int = 0,
    *,
    sources: bool = True,
    most: int = SHOWN,
) -> list[Section]:
    """A section that lists things with what they are in one line; none if there are none."""
    found = reader.sort(iris)
    if not found:
        return []
    items = [thing_item(reader, iri, sources=sources) for iri in found[:most]]
    total = max(total, len(found))
    return [Section(anchor, f"{heading} ({total:,})", [Items(items, style="entries"), *rest_of(total, most)])]


def thing_item(reader: Reader, iri: str, *, sources: bool = False) -> Item:
    """A thing as an item of a list: its name and what it is in one line."""
    summary = shorten(reader.summary(iri) or _describe_briefly(reader, iri), LINE)
    rest: list[Piece] = [Aside((summary,))] if summary else []
    return Item([reader.link(iri), *rest, *(reader.cites(iri) if sources else ())])


def _describe_briefly(reader: Reader, iri: str) -> str:
    """What tells a bill or a source apart, where it has no definition: its title, or its kind and date."""
    if reader.kind(iri) in ("bill", "docket"):
        return reader.title(iri)
    kind, issued = reader.near.iri(iri, COAL + "quality"), reader.near.text(iri, n.DCTERMS + "issued")
    return SEPARATOR.join(text for text in (reader.near.label(kind), word_date(issued) if issued else "") if text)
