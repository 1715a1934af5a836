"""Proposals: bills and dockets as families of filings: both chambers, and refilings in later sessions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from publisher.pages.things.dates import word_date, word_years
from publisher.pages.things.reader import COAL, FAMILY, Reader
from publisher.rdf import namespaces as n
from publisher.release.columns import OUTCOMES
from publisher.release.index import natural

_CHAMBERS: Final = {"H": "House", "S": "Senate"}


@dataclass(frozen=True)
class Session:
    """A legislative session. years: `2025–2026`. latest: whether it is the last one in the data."""

    iri: str
    name: str = ""
    number: str = ""
    years: str = ""
    latest: bool = False


NO_SESSION: Final = Session("")


@dataclass(frozen=True)
class Filing:
    """A bill, a docket or a ballot measure. number: with its session. lender: the filing whose title it bears, if none
    is stated of its own. outcome: what came of it, in words; empty if nothing is stated."""

    iri: str
    number: str
    session: Session = NO_SESSION
    chamber: str = ""
    docket: bool = False
    title: str = ""
    lender: str = ""
    outcome: str = ""
    status: str = ""

    @property
    def fate(self) -> str:
        """What came of it, in words."""
        return self.outcome or self.status


@dataclass(frozen=True)
class Family:
    """The filings of one matter. proposal: its IRI; empty if there is none. name: of the matter."""

    name: str
    filings: Sequence[Filing]
    proposal: str = ""

    def in_session(self, session: Session) -> list[Filing]:
        """The filings of a session, the House's first, bills before dockets."""
        return [filing for filing in self.filings if filing.session == session]

    @cached_property
    def sessions(self) -> list[Session]:
        """The sessions of the filings, the latest first."""
        found = dict.fromkeys(filing.session for filing in self.filings)
        return sorted(found, key=lambda session: natural(session.number), reverse=True)


def read_session(reader: Reader, iri: str) -> Session:
    """Return a session."""
    if not iri:
        return NO_SESSION
    near, number = reader.near, reader.near.text(iri, COAL + "ordinal")
    years = word_years(near.text(iri, n.SCHEMA + "startDate"), near.text(iri, n.SCHEMA + "endDate"))
    return Session(iri, near.label(iri) or iri, number, years, iri == reader.latest_session)


def read_filing(reader: Reader, iri: str) -> Filing:
    """Return a bill, a docket or a ballot measure."""
    near = reader.near
    outcome, status = (near.iri(iri, name) for name in OUTCOMES)
    chambers = list(dict.fromkeys(near.label(near.iri(e, COAL + "chamber")) for e in find_deciding(reader, iri)))
    number = near.text(iri, n.SCHEMA + "legislationIdentifier")
    day = near.text(iri, COAL + "outcomeDate")
    return Filing(
        iri,
        reader.number(iri) or near.label(iri) or iri,
        read_session(reader, near.iri(iri, COAL + "session")),
        _CHAMBERS.get(number[:1], ""),
        reader.is_a(iri, COAL + "Docket"),
        reader.title(iri),
        reader.find_lender(iri),
        outcome=_word_outcome(near.label(outcome), [name for name in chambers if name], day) if outcome else "",
        status=word_status(status.rpartition("/")[2], near.label(status)) if status else "",
    )


def find_deciding(reader: Reader, iri: str) -> list[str]:
    """Return the events that brought the outcome of a filing about."""
    near = reader.near
    outcome, day = near.iri(iri, OUTCOMES[0]), near.text(iri, COAL + "outcomeDate")
    return [
        event
        for event in (near.iris(iri, COAL + "hasEvent") if outcome else ())
        if near.text(event, COAL + "eventDate") == day
        and outcome in near.iris(near.iri(event, COAL + "eventKind"), COAL + "impliesOutcome")
    ]


def _word_outcome(label: str, chambers: Sequence[str], day: str) -> str:
    """An outcome in words, with the chamber in which it came about, and when."""
    where = f" ({', '.join(chambers)})" if chambers else ""
    return f"{label}{where}" + (f", {word_date(day)}" if day else "")


def word_status(slug: str, label: str) -> str:
    """What is known of the end of a bill without an outcome, in words."""
    return {"session-not-ended": "No outcome known yet", "no-enactment-known": "No enactment known"}.get(slug, label)


def find_family(reader: Reader, item: str) -> tuple[str, list[str]]:
    """Return the proposal of a filing, empty if it has none, and the IRIs of all filings of the matter."""
    proposal = item if reader.kind(item) == "proposal" else reader.near.iri(item, COAL + "filingOf")
    if proposal:
        filings = reader.near.subjects(COAL + "filingOf", proposal, FAMILY).iris
        return proposal, list(dict.fromkeys([*filings, *([] if item == proposal else [item])]))
    return "", reader.follow_filings(item)


def read_family(reader: Reader, item: str) -> Family:
    """Return the family of a filing or of a proposal."""
    proposal, iris = find_family(reader, item)
    filings = sorted((read_filing(reader, iri) for iri in iris), key=_place)
    titles = [filing.title for filing in filings if filing.title]
    name = reader.near.label(proposal) if proposal else ""
    return Family(name or (titles[0] if titles else reader.near.label(item) or item), filings, proposal)


def _place(filing: Filing) -> tuple[str, bool, bool, str]:
    """The place of a filing among those of its family; the House goes before the Senate."""
    return (natural(filing.session.number), filing.docket, filing.chamber == "Senate", natural(filing.number))


def group_by_family(reader: Reader, items: Iterable[str]) -> list[tuple[Family, list[str]]]:
    """Return the families of some filings, each with those of the filings that belong to it, by name."""
    found: dict[str, tuple[Family, list[str]]] = {}
    keys: dict[str, str] = {}
    for item in dict.fromkeys(items):
        if item not in keys:
            family = read_family(reader, item)
            keys |= {filing.iri: item for filing in family.filings}
            keys[item] = item
            found[item] = family, []
        found[keys[item]][1].append(item)
    return sorted(found.values(), key=lambda pair: natural(pair[0].name))
