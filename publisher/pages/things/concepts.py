"""The pages of issues and agendas: coalitions, aims and bills, rolled up through sub-issues."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from publisher.pages.layout import shorten
from publisher.pages.things.model import Aside, Fact, Item, Items, Link, Model, Phrase, Piece, Section
from publisher.pages.things.parts import (
    LINE,
    definition,
    entries_section,
    group_items,
    proposal_blocks,
    rest_of,
    thing_item,
)
from publisher.pages.things.reader import COAL, SHOWN, Reader, count_of, join
from publisher.rdf import namespaces as n

SUB_ISSUES: Final = 300
"""Issues below another that are looked at, at most."""
BREADCRUMB: Final = 6
"""Broader issues of a breadcrumb, at most."""
MATCHES: Final = {
    n.SKOS + "exactMatch": "the same",
    n.SKOS + "closeMatch": "nearly the same",
    n.SKOS + "broadMatch": "broader",
    n.SKOS + "narrowMatch": "narrower",
    n.SKOS + "relatedMatch": "related",
}
"""What a concept elsewhere is to an issue."""
VOCABULARIES: Final = (
    ("http://eurovoc.europa.eu/", "EuroVoc concept"),
    ("http://metadata.un.org/sdg/", "UN Sustainable Development Goal target"),
    ("http://www.wikidata.org/entity/", "Wikidata item"),
    ("https://www.wikidata.org/entity/", "Wikidata item"),
)
"""Where the concepts of other vocabularies begin, and what they are called."""


@dataclass
class RollUp:
    """What stands under an issue and the issues below it: thing -> the issues that tie it, in order."""

    coalitions: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    aims: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    bills: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    totals: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def describe_issue(reader: Reader, iri: str) -> Model:
    """Return what the page of an issue says."""
    near = reader.near
    below = find_below(reader, iri)
    found = roll_up(reader, [iri, *below])
    return Model(
        near.label(iri) or iri,
        "issue",
        _find_broader(reader, iri),
        summary=reader.summary(iri),
        lead=definition(reader, iri),
        facts=_describe_issue_facts(reader, iri),
        sections=[
            *_describe_coalitions(reader, iri, found, through=bool(below)),
            *_describe_aims(reader, iri, found),
            *_describe_bills(reader, found),
            *_describe_sub_issues(reader, iri),
            *_describe_matches(reader, iri),
        ],
        gaps=_find_missing(found),
    )


def find_below(reader: Reader, issue: str) -> list[str]:
    """Return the issues below another at any depth, those next to it first."""
    found: list[str] = []
    pending = [issue]
    while pending and len(found) < SUB_ISSUES:
        narrower = reader.near.subjects(n.SKOS + "broader", pending.pop(0), SUB_ISSUES).iris
        new = [iri for iri in reader.sort(narrower) if iri not in found and iri != issue]
        found, pending = found + new, pending + new
    return found[:SUB_ISSUES]


def roll_up(reader: Reader, issues: Iterable[str]) -> RollUp:
    """Return the coalitions, aims and bills of some issues."""
    found = RollUp()
    for issue in issues:
        for name, property_ in (("coalitions", "worksOn"), ("aims", "concerns")):
            pointing = reader.near.subjects(COAL + property_, issue)
            found.totals[name] += pointing.total - len(pointing.iris)
            for iri in pointing.iris:
                kind = reader.kind(iri)
                target = {"coalition": found.coalitions, "aim": found.aims}.get(kind, found.bills)
                target[iri].append(issue)
    return found


def _find_broader(reader: Reader, iri: str) -> list[Link]:
    chain: list[str] = []
    broader = reader.near.iri(iri, n.SKOS + "broader")
    while broader and broader not in chain and len(chain) < BREADCRUMB:
        chain.insert(0, broader)
        broader = reader.near.iri(broader, n.SKOS + "broader")
    return [reader.list_link("issue"), *map(reader.link, chain)]


def _describe_issue_facts(reader: Reader, iri: str) -> list[Fact]:
    near = reader.near
    names = [name for name in near.texts(iri, n.SKOS + "altLabel") if name != near.label(iri)]
    scope: list[Phrase] = [[note] for note in near.texts(iri, n.SKOS + "scopeNote")]
    related: list[Phrase] = [[reader.link(other)] for other in reader.sort(near.iris(iri, n.SKOS + "related"))]
    made: list[Phrase] = [[reader.link(who)] for who in near.iris(iri, n.PROV + "wasAttributedTo")]
    facts = (
        Fact("Also called", [[", ".join(names)]] if names else []),
        Fact("Scope", scope),
        Fact("See also", related),
        Fact("Classified by", made),
    )
    return [fact for fact in facts if fact.values]


def _describe_coalitions(reader: Reader, iri: str, found: RollUp, *, through: bool) -> list[Section]:
    """The coalitions on an issue, each with its purpose and the sub-issue that ties it."""
    if not found.coalitions:
        return []
    ordered = reader.sort(found.coalitions)
    items = [_tie_item(reader, iri, coalition, found.coalitions[coalition]) for coalition in ordered[:SHOWN]]
    total = len(ordered) + found.totals["coalitions"]
    own = any(iri in ties for ties in found.coalitions.values())
    remark = ", through its sub-issues" if through and not own else ""
    heading = f"Coalitions working on this{remark} ({total:,})"
    top = reader.near.iris(iri, n.SKOS + "topConceptOf")
    rest = rest_of(total, SHOWN, reader.link_filtered("coalition", "theme", iri) if top else None)
    return [Section("coalitions", heading, [Items(items, style="entries"), *rest])]


def _tie_item(reader: Reader, iri: str, thing: str, ties: Sequence[str]) -> Item:
    """A thing with what it is and the sub-issues that tie it to the issue of the page."""
    below = join([[reader.link(tie)] for tie in ties if tie != iri])
    summary = shorten(reader.summary(thing), LINE)
    rest: list[Piece] = [Aside((summary,))] if summary else []
    through: list[Piece] = [Aside(("On ", *below))] if below else []
    return Item([reader.link(thing), *reader.cites(thing), *rest, *through])


def _describe_aims(reader: Reader, iri: str, found: RollUp) -> list[Section]:
    if not found.aims:
        return []
    ordered = reader.sort(found.aims)
    items = [_aim_item(reader, aim) for aim in ordered[:SHOWN]]
    blocks = [Items(items, style="entries"), *rest_of(len(ordered), SHOWN)]
    return [Section("aims", f"What they want ({len(ordered):,})", blocks)]


def _aim_item(reader: Reader, aim: str) -> Item:
    """An aim with the coalitions that have it."""
    seeking = reader.near.subjects(COAL + "seeks", aim, 20)
    links = join([[reader.link(coalition)] for coalition in reader.sort(seeking.iris)])
    who: list[Piece] = [Aside(("Sought by ", *links))] if links else []
    return Item([reader.link(aim), *reader.cites(aim), *who])


def _describe_bills(reader: Reader, found: RollUp) -> list[Section]:
    proposals = group_items(reader, list(found.bills)[:SHOWN])
    blocks = proposal_blocks(reader, proposals, "In the latest session")
    return (
        [Section("bills", "Bills and ballot measures", [*blocks, *rest_of(len(found.bills), SHOWN)])] if blocks else []
    )


def _describe_sub_issues(reader: Reader, iri: str) -> list[Section]:
    found = reader.near.subjects(n.SKOS + "broader", iri)
    return entries_section(reader, "sub-issues", "Sub-issues", found.iris, found.total, sources=False)


def _describe_matches(reader: Reader, iri: str) -> list[Section]:
    """The concepts of other vocabularies, each in words."""
    items = []
    for property_, word in MATCHES.items():
        for concept in reader.near.iris(iri, property_):
            items.append(Item([reader.outside(concept, name_concept(concept)), f" ({word})"]))
    for property_, word in (("primaryCapCode", "main topic"), ("secondaryCapCode", "further topic")):
        for code in reader.near.texts(iri, COAL + property_):
            items.append(Item([f"Comparative Agendas Project topic {code} ({word})"]))
    return [Section("elsewhere", "In other vocabularies", [Items(items)])] if items else []


def name_concept(iri: str) -> str:
    """A concept of another vocabulary in words: `EuroVoc concept 269`; its address if the vocabulary is not known."""
    for start, name in VOCABULARIES:
        if iri.startswith(start):
            return f"{name} {iri.removeprefix(start)}"
    return iri


def _find_missing(found: RollUp) -> list[str]:
    return [] if found.coalitions else ["No coalition in this data set is recorded as working on it."]


def describe_agenda(reader: Reader, iri: str) -> Model:
    """Return what the page of an agenda says."""
    near = reader.near
    listed = near.subjects(COAL + "advances", iri)
    coalitions = [coalition for coalition in listed.iris if reader.kind(coalition) == "coalition"]
    scope: list[Phrase] = [[note] for note in near.texts(iri, n.SKOS + "scopeNote")]
    total = max(listed.total, len(coalitions))
    items = [thing_item(reader, coalition) for coalition in reader.sort(coalitions)[:SHOWN]]
    blocks = [Items(items, style="entries"), *rest_of(total, SHOWN, reader.link_filtered("coalition", "agenda", iri))]
    return Model(
        near.label(iri) or iri,
        "agenda",
        [reader.list_link("agenda")],
        summary=reader.summary(iri),
        lead=definition(reader, iri),
        facts=[Fact("Note", scope)] if scope else [],
        sections=[
            *([Section("coalitions", f"Coalitions under this agenda ({total:,})", blocks)] if items else []),
            *_describe_agenda_issues(reader, coalitions[:SHOWN]),
            *_describe_agenda_bills(reader, coalitions[:SHOWN]),
        ],
    )


def _describe_agenda_issues(reader: Reader, coalitions: Sequence[str]) -> list[Section]:
    """The issues of the coalitions of an agenda, those of most coalitions first."""
    who: dict[str, list[str]] = defaultdict(list)
    for coalition in coalitions:
        for issue in reader.near.iris(coalition, COAL + "worksOn"):
            who[issue].append(coalition)
    if not who:
        return []
    ordered = sorted(reader.sort(who), key=lambda issue: -len(who[issue]))
    items = [Item([reader.link(issue), f" ({count_of(len(who[issue]), 'coalition')})"]) for issue in ordered[:SHOWN]]
    return [Section("issues", f"Issues they work on ({len(who):,})", [Items(items, style="short")])]


def _describe_agenda_bills(reader: Reader, coalitions: Sequence[str]) -> list[Section]:
    bills = [bill for coalition in coalitions for bill in reader.near.iris(coalition, COAL + "supports")]
    proposals = [b for b in group_items(reader, list(dict.fromkeys(bills))[:SHOWN]) if b.is_current]
    if not proposals:
        return []
    blocks = proposal_blocks(reader, proposals, "")
    return [Section("bills", f"Proposals they back in the latest session ({len(proposals):,})", blocks)]
