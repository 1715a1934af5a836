"""Pictures of things: a proposal over the sessions, the members of a coalition; the text beside them says the same."""

from collections.abc import Iterable, Sequence
from typing import Final

from publisher.pages.pictures.bipartite import Pair, draw_bipartite
from publisher.pages.pictures.strip import Box, Column, Row, draw_strip
from publisher.pages.pictures.svg import Label
from publisher.pages.pictures.timeline import Event, draw_timeline
from publisher.pages.things.dates import first_day, ordinal, word_date
from publisher.pages.things.model import Link, Picture
from publisher.pages.things.parts import describe_fate, link_filing
from publisher.pages.things.proposals import Family, Filing, Session, read_session
from publisher.pages.things.reader import SHOWN, Reader
from publisher.pages.things.relations import find_coalitions
from publisher.release.index import natural

COLUMNS: Final = 5
"""Sessions that fit beside each other on a phone."""
FEWEST: Final = 2
"""Lines of a picture of shared members, days of a time line; a single one says no more than a glance at the text."""
EVENTS: Final = 15
"""Events of a time line at most; more make it longer than a screen."""


def picture_sessions(reader: Reader, family: Family) -> list[Picture]:
    """The filings of a proposal over the sessions; none where they are all of one session."""
    sessions = choose_sessions(family.sessions, [read_session(reader, iri) for iri in reader.near.sessions()])
    if len(sessions) < 2:
        return []
    columns = [Column(ordinal(session.number), _shorten_years(session.years)) for session in sessions]
    chambers = [chamber for chamber in ("House", "Senate", "") if any(f.chamber == chamber for f in family.filings)]
    rows = [
        Row(
            chamber or "Other",
            [
                [_make_box(reader, filing) for filing in family.in_session(session) if filing.chamber == chamber]
                for session in sessions
            ],
        )
        for chamber in chambers
    ]
    drawn = draw_strip(f"{family.name}: filings over the sessions", columns, rows, "outcome recorded", "docket")
    return [Picture("strip-of-sessions", drawn.inline)]


def choose_sessions(filed: Sequence[Session], known: Sequence[Session]) -> list[Session]:
    """Return the sessions of a strip, the earliest first: from the first filing to the latest session.

    Where these are more than COLUMNS, those without a filing are left out, then the earliest.
    """
    own = {session.number for session in filed if session.number}
    since = sorted({s for s in [*known, *filed] if s.number}, key=lambda session: natural(session.number))
    while since and since[0].number not in own:
        del since[0]
    if len(since) > COLUMNS:
        since = [session for session in since if session.number in own]
    return since[-COLUMNS:]


def picture_shared_members(reader: Reader, coalition: str, members: Iterable[str]) -> list[Picture]:
    """The members of a coalition that are in other coalitions, and these; none where it shares few.

    Former memberships count, as in the table of members.
    """
    found = {who: set(find_coalitions(reader, who)) - {coalition} for who in list(dict.fromkeys(members))[:SHOWN]}
    first = reader.sort(who for who, others in found.items() if others)
    second = reader.sort(other for others in found.values() for other in others)
    places = {other: place for place, other in enumerate(second)}
    pairs = [Pair(place, places[other]) for place, who in enumerate(first) for other in found[who]]
    if len(pairs) < FEWEST:
        return []
    title = f"Members that {reader.near.label(coalition) or 'it'} shares with other coalitions"
    names = [[Label(link.text, link.href) for link in map(reader.link, iris)] for iris in (first, second)]
    drawn = draw_bipartite(title, ("Members", "Also in"), names[0], names[1], pairs)
    return [Picture("shared-members", drawn.inline)]


def picture_events(title: str, events: Iterable[tuple[str, Link]]) -> list[Picture]:
    """Events on an axis of years, the first one first; none where all are of one day, or very many.

    events: as (date as it is stated, what happened); those without a date are left out.
    """
    days = ((first_day(text), text, link) for text, link in events)
    dated = [Event(Label(link.text, link.href), day, word_date(text)) for day, text, link in days if day]
    if len({event.start for event in dated}) < FEWEST or len(dated) > EVENTS:
        return []
    return [Picture("events", draw_timeline(title, sorted(dated, key=lambda event: event.start)).inline)]


def _make_box(reader: Reader, filing: Filing) -> Box:
    link = link_filing(reader, filing)
    said = ". ".join(text for text in (filing.number, filing.title, describe_fate([filing])) if text)
    return Box(Label(filing.number.partition(" (")[0], link.href), said, bool(filing.outcome), filing.docket)


def _shorten_years(years: str) -> str:
    """Years of four digits with those of the last one cut: `2025–26`."""
    first, dash, last = years.partition("–")
    return f"{first}{dash}{last[-2:]}"
