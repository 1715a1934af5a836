"""Relations: memberships and positions, looked through to what they relate, with role, time and sources."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from publisher.pages.things.dates import word_time
from publisher.pages.things.reader import COAL, Reader
from publisher.rdf import namespaces as n

ROLES: Final = (
    "convener",
    "chair",
    "co-chair",
    "coordinator",
    "lead-organization",
    "founder",
    "helped-to-found",
    "sponsor",
    "member",
    "partner",
    "early-member",
)
"""The roles of members, by the last part of their IRIs, in the order of tables; others follow."""
MANY: Final = 300
"""Memberships or positions of one thing that its page reads, at most."""
SUPPORTS: Final = "supports"
OPPOSES: Final = "opposes"
_MEMBERSHIPS: Final = (COAL + "membership", n.ORG + "hasMembership")


@dataclass(frozen=True)
class Membership:
    """That an organization belongs to a coalition. role: its IRI. held: how the role is held, in words."""

    iri: str
    member: str
    coalition: str
    role: str
    role_name: str
    held: str = ""
    time: str = ""
    ended: bool = False
    note: str = ""

    @property
    def rank(self) -> int:
        """The place of the role in tables."""
        slug = self.role.rpartition("/")[2]
        return ROLES.index(slug) if slug in ROLES else len(ROLES)


@dataclass(frozen=True)
class Position:
    """That an organization supports or opposes a bill, a docket or a ballot measure.

    stance: the last part of its IRI. time: in words. day: as stated, to sort by.
    """

    iri: str
    holder: str
    item: str
    stance: str = SUPPORTS
    time: str = ""
    day: str = ""
    note: str = ""


def read_members(reader: Reader, coalition: str) -> list[Membership]:
    """Return the memberships in a coalition, at most MANY: conveners first, those that ended last."""
    found = [*reader.near.iris(coalition, *_MEMBERSHIPS), *reader.near.subjects(n.ORG + "organization", coalition).iris]
    return _sort(reader, _read_memberships(reader, found, coalition=coalition), "member")


def read_memberships(reader: Reader, member: str) -> list[Membership]:
    """Return the memberships of an organization, at most MANY, those that ended last."""
    found = list(reader.near.subjects(n.ORG + "member", member).iris)
    return _sort(reader, _read_memberships(reader, found, member=member), "coalition")


def find_coalitions(reader: Reader, member: str) -> list[str]:
    """Return the coalitions that an organization belongs to or belonged to, each once, at most MANY."""
    found = reader.near.subjects(n.ORG + "member", member, MANY).iris
    coalitions = (reader.near.iri(iri, n.ORG + "organization") or reader.owner(iri) for iri in found)
    return [coalition for coalition in dict.fromkeys(coalitions) if coalition]


def _read_memberships(
    reader: Reader, iris: Iterable[str], member: str = "", coalition: str = ""
) -> Iterable[Membership]:
    for iri in list(dict.fromkeys(iris))[:MANY]:
        who = reader.near.iri(iri, n.ORG + "member") or member
        where = reader.near.iri(iri, n.ORG + "organization") or coalition or reader.owner(iri)
        if who and where:
            yield read_membership(reader, iri, who, where)


def read_membership(reader: Reader, iri: str, member: str = "", coalition: str = "") -> Membership:
    """Return a membership. member, coalition: what it relates, where that is known."""
    near = reader.near
    role, held = near.iri(iri, n.ORG + "role"), near.iri(iri, COAL + "heldThrough")
    end = near.text(iri, n.SCHEMA + "endDate")
    return Membership(
        iri,
        member or near.iri(iri, n.ORG + "member"),
        coalition or near.iri(iri, n.ORG + "organization") or reader.owner(iri),
        role,
        near.label(role) if role else "",
        near.label(held).lower() if held else "",
        word_time(near.text(iri, COAL + "asOf"), near.text(iri, n.SCHEMA + "startDate"), end),
        reader.is_past(end),
        near.text(iri, n.SKOS + "note"),
    )


def _sort(reader: Reader, memberships: Iterable[Membership], other: str) -> list[Membership]:
    found = list(memberships)
    ordered = {iri: place for place, iri in enumerate(reader.sort(getattr(m, other) for m in found))}
    return sorted(found, key=lambda m: (m.ended, m.rank, m.role, ordered[getattr(m, other)], m.iri))


def read_positions_of(reader: Reader, holder: str) -> list[Position]:
    """Return the positions of an organization, in the order of their IRIs, at most MANY."""
    found = reader.near.iris(holder, COAL + "backing", COAL + "takesPosition")[:MANY]
    return [p for iri in found if (p := read_position(reader, iri, holder=holder)).item]


def read_positions_on(reader: Reader, item: str) -> list[Position]:
    """Return the positions on a bill, a docket or a ballot measure, in the order of their IRIs, at most MANY."""
    found = [*reader.near.subjects(COAL + "backs", item).iris, *reader.near.subjects(COAL + "positionOn", item).iris]
    return [p for iri in list(dict.fromkeys(found))[:MANY] if (p := read_position(reader, iri, item=item)).holder]


def read_position(reader: Reader, iri: str, holder: str = "", item: str = "") -> Position:
    """Return a position. holder, item: what it relates, where that is known; empty in the result if it is nowhere."""
    near = reader.near
    stance = near.iri(iri, COAL + "stance").rpartition("/")[2]
    day = near.text(iri, COAL + "asOf") or near.text(iri, n.SCHEMA + "startDate")
    return Position(
        iri,
        holder or reader.owner(iri) or _find_holder(reader, iri),
        item or near.iri(iri, COAL + "backs", COAL + "positionOn"),
        stance or SUPPORTS,
        word_time(
            near.text(iri, COAL + "asOf"), near.text(iri, n.SCHEMA + "startDate"), near.text(iri, n.SCHEMA + "endDate")
        ),
        day,
        near.text(iri, n.SKOS + "note"),
    )


def _find_holder(reader: Reader, position: str) -> str:
    found = (reader.near.subjects(COAL + name, position, 1).iris for name in ("backing", "takesPosition"))
    return next((iris[0] for iris in found if iris), "")


def split_by_stance(positions: Sequence[Position]) -> tuple[list[Position], list[Position], list[Position]]:
    """Return the positions that support, that oppose, and others."""
    for_, against = ([p for p in positions if p.stance == stance] for stance in (SUPPORTS, OPPOSES))
    return for_, against, [p for p in positions if p.stance not in (SUPPORTS, OPPOSES)]
