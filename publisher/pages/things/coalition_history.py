"""What happened to a coalition: its foundings, the aims that were reached, and what came of what it backs."""

from collections.abc import Sequence

from publisher.pages.things.dates import first_day, word_date
from publisher.pages.things.model import Block, Fold, Item, Items, Link, Piece
from publisher.pages.things.parts import Backed
from publisher.pages.things.pictures import picture_events
from publisher.pages.things.reader import COAL, SHOWN, Reader, count_of

Event = tuple[str, str, Link, str]
"""When, what happened, to what, and what has the sources; empty where the page of another thing shows them."""


def describe_history(reader: Reader, iri: str, backed: Sequence[Backed]) -> list[Block]:
    """The dated events of a coalition in their order, folded: as a picture and as a list; none if fewer than two."""
    found = [*_find_foundings(reader, iri), *_find_aims(reader, iri), *_find_outcomes(reader, backed)]
    dated = sorted((event for event in dict.fromkeys(found) if first_day(event[0])), key=lambda event: event[0])
    if len({event[0] for event in dated}) < 2:
        return []
    items = [Item(_word_event(reader, event)) for event in dated[:SHOWN]]
    drawn = picture_events("Events in their time", [(when, _name(what, link)) for when, what, link, _ in dated])
    first, last = dated[0][0][:4], dated[-1][0][:4]
    summary = f"Time line: {count_of(len(dated), 'event')}, {first} to {last}"
    return [Fold(summary, [*drawn, Items(items, ordered=True, style="history")])]


def _find_foundings(reader: Reader, iri: str) -> list[Event]:
    near = reader.near
    found = near.iris(iri, COAL + "founding")
    kinds = [near.label(near.iri(founding, COAL + "foundingKind")) or "Founded" for founding in found]
    return [(near.text(f, COAL + "foundedOn"), kind, Link(""), f) for f, kind in zip(found, kinds, strict=True)]


def _find_aims(reader: Reader, iri: str) -> list[Event]:
    aims = reader.near.iris(iri, COAL + "seeks")
    return [(reader.near.text(aim, COAL + "achievedOn"), "Aim reached", reader.link(aim), aim) for aim in aims]


def _find_outcomes(reader: Reader, backed: Sequence[Backed]) -> list[Event]:
    near = reader.near
    filings = (filing for one in backed for filing in one.filings if filing.outcome)
    return [
        (
            near.text(filing.iri, COAL + "outcomeDate"),
            near.label(near.iri(filing.iri, COAL + "outcome")),
            reader.link(filing.iri),
            "",
        )
        for filing in filings
    ]


def _name(what: str, link: Link) -> Link:
    said = ", ".join(text for text in (link.text, link.title) if text)
    return Link(f"{what}: {said}", link.href, link.iri) if said else Link(what)


def _word_event(reader: Reader, event: Event) -> list[Piece]:
    when, what, link, cited = event
    named: list[Piece] = [": ", link] if link.text else []
    return [f"{word_date(when)}: {what}", *named, *reader.cites(cited)]
