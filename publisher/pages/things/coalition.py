"""The page of a coalition: what it wants now, who is in it, which coalitions are near it, what is not known."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from publisher.pages.things.accounts import find_addresses
from publisher.pages.things.coalition_history import describe_history
from publisher.pages.things.dates import place_date, word_date
from publisher.pages.things.model import (
    Aside,
    Block,
    Fact,
    Fold,
    Group,
    Item,
    Items,
    Line,
    Model,
    Paragraph,
    Phrase,
    Piece,
    Section,
    Table,
)
from publisher.pages.things.parts import (
    OWN_WORDS,
    Backed,
    describe_bodies,
    describe_names,
    describe_near_names,
    earlier_blocks,
    group_positions,
    item_list,
    proposal_item,
    rest_of,
)
from publisher.pages.things.pictures import picture_shared_members
from publisher.pages.things.proposals import read_session
from publisher.pages.things.reader import COAL, SHOWN, Reader, count_of, join, sentence
from publisher.pages.things.relations import (
    MANY,
    SUPPORTS,
    Membership,
    find_coalitions,
    read_members,
    read_memberships,
    read_positions_of,
)
from publisher.rdf import namespaces as n

NEAR: Final = 2
"""Coalitions near another that its page shows at once."""
ALSO: Final = 8
"""Coalitions that a member belongs to as well, at most."""
COMMON: Final = 200
"""An issue, member or bill that more coalitions share says nothing of any two of them."""


def describe_coalition(reader: Reader, iri: str) -> Model:
    """Return what the page of a coalition says."""
    near = reader.near
    members, backed = read_members(reader, iri), group_positions(reader, read_positions_of(reader, iri))
    lead, earlier = _describe_purposes(reader, iri)
    agendas = reader.sort(near.iris(iri, COAL + "advances"))
    first: list[Piece] = [*lead[0]] if lead else []
    return Model(
        near.label(iri) or iri,
        "coalition",
        [reader.list_link("coalition"), *map(reader.link, agendas[:1])],
        ", ".join(near.texts(iri, COAL + "acronym")),
        "".join(piece for piece in first if isinstance(piece, str)),
        lead,
        OWN_WORDS if lead else "",
        find_addresses(reader, iri),
        [*earlier, *_describe_facts(reader, iri, agendas)],
        [
            *_describe_wishes(reader, iri, backed),
            *_describe_members(reader, iri, members),
            *_describe_own_memberships(reader, iri),
            *_describe_near(reader, iri, members, backed),
        ],
        _find_missing(reader, iri, members, backed),
    )


# What it is


def _describe_purposes(reader: Reader, iri: str) -> tuple[list[Phrase], list[Fact]]:
    """The purpose that holds, as the paragraph to begin with, and other statements of it, folded.

    Of several, the one without an end and then the latest comes first.
    """
    near = reader.near
    statements = near.iris(iri, COAL + "hasPurposeStatement")
    ended = _find_ended(reader, statements)
    ordered = sorted(statements, key=lambda s: near.text(s, COAL + "asOf"), reverse=True)
    ordered.sort(key=lambda s: (s in ended, bool(near.text(s, n.SCHEMA + "endDate"))))
    phrases = [_describe_purpose(reader, statement) for statement in ordered]
    if not ordered or ordered[0] in ended:
        texts = near.texts(iri, COAL + "statedPurpose") or near.texts(iri, n.DCTERMS + "description")
        plain: list[Phrase] = [[text, *reader.cites(iri)] for text in texts[:1]]
        phrases = [*plain, *phrases]
        if not texts:
            return [], _fold_purposes(phrases)
    return phrases[:1], _fold_purposes(phrases[1:])


def _fold_purposes(phrases: Sequence[Phrase]) -> list[Fact]:
    return [Fact("Other purposes", [], phrases, count_of(len(phrases), "statement"))] if phrases else []


def _find_ended(reader: Reader, statements: Iterable[str]) -> list[str]:
    return [s for s in statements if reader.is_past(reader.near.text(s, n.SCHEMA + "endDate"))]


def _describe_purpose(reader: Reader, statement: str) -> Phrase:
    near = reader.near
    day, end = near.text(statement, COAL + "asOf"), near.text(statement, n.SCHEMA + "endDate")
    said = [f"stated {place_date(day)}"] if day else []
    said += [f"until {word_date(end)}"] if end else []
    text = near.text(statement, n.SCHEMA + "text")
    return [text, f" ({', '.join(said)})" if said else "", *reader.cites(statement)]


def _describe_facts(reader: Reader, iri: str, agendas: Sequence[str]) -> list[Fact]:
    listed: list[Phrase] = [[reader.link(agenda), *reader.cites(iri)] for agenda in agendas]
    return [
        *_describe_founding(reader, iri),
        *_describe_size(reader, iri),
        *describe_names(reader, iri),
        *([Fact("Listed under", listed)] if listed else []),
        *describe_bodies(reader, iri),
        *describe_near_names(reader, iri),
    ]


def _describe_founding(reader: Reader, iri: str) -> list[Fact]:
    near, found = reader.near, []
    for founding in near.iris(iri, COAL + "founding"):
        kind = near.label(near.iri(founding, COAL + "foundingKind")) or "Founded"
        note = near.text(founding, n.SKOS + "note")
        day = near.text(founding, COAL + "foundedOn")
        when = f"{place_date(day)[3:] if day else 'date not stated'}"
        found.append(Fact(kind, [[when, *reader.cites(founding), *([Aside((note,))] if note else [])]]))
    return found


def _describe_size(reader: Reader, iri: str) -> list[Fact]:
    """The claims of size: the latest first, the larger of one time first; all but one are folded."""
    near = reader.near

    def key(claim: str) -> tuple[str, int]:
        count = near.text(claim, COAL + "count")
        return near.text(claim, COAL + "asOf"), int(count) if count.isdigit() else 0

    claims = sorted(near.iris(iri, COAL + "sizeClaim"), key=key, reverse=True)
    phrases = [_describe_claim(reader, claim) for claim in claims]
    if not phrases:
        return []
    return [Fact("Size", phrases[:1], phrases[1:], count_of(len(phrases) - 1, "other claim"))]


def _describe_claim(reader: Reader, claim: str) -> Phrase:
    near = reader.near
    count = near.text(claim, COAL + "count")
    shown = f"{int(count):,}" if count.isdigit() else count
    words = [near.text(claim, COAL + "countQualifier"), shown, near.text(claim, COAL + "countOf")]
    day, note = near.text(claim, COAL + "asOf"), near.text(claim, n.SKOS + "note")
    said = f"“{' '.join(word for word in words if word)}”" + (f" ({word_date(day)})" if day else "")
    return [said, *reader.cites(claim), *([Aside((note,))] if note else [])]


# What it wants


def _describe_wishes(reader: Reader, iri: str, backed: Sequence[Backed]) -> list[Section]:
    """Its aims with the proposals of the latest session on the same issue, then the other ones, then earlier ones."""
    now, then = _split_aims(reader, iri)
    current = [b for b in backed if b.is_current and _supports(b)]
    earlier = [b for b in backed if not b.is_current and _supports(b)]
    placed = _place_by_issue(reader, now, current)
    rest = [b for b in current if not any(b in of_aim for of_aim in placed.values())]
    blocks: list[Block] = []
    if now:
        blocks.append(Items([_describe_aim(reader, iri, aim, placed[aim]) for aim in now], style="aims"))
    if rest:
        heading = "Other proposals that it backs in this session" if now else "Proposals that it backs in this session"
        blocks.append(Group(heading, item_list(reader, rest)))
    against = [b for b in backed if not _supports(b)]
    if against:
        blocks.append(Group("What it opposes", item_list(reader, against)))
    blocks += earlier_blocks(reader, earlier)
    if then:
        items = Items([Item(_describe_past_aim(reader, aim)) for aim in then])
        blocks.append(Fold(count_of(len(then), "earlier aim"), [items]))
    happened = describe_history(reader, iri, backed)
    if not blocks:
        return [Section("happened", "What happened", happened)] if happened else []
    blocks += happened
    blocks += _explain_order(reader, placed) if current else _note_absence(reader) if earlier else []
    return [Section("wants", "What it wants now", blocks)]


def _explain_order(reader: Reader, placed: Mapping[str, Sequence[Backed]]) -> list[Block]:
    """Which session the proposals are of, and why they stand below aims."""
    if not any(placed.values()):
        return []
    session = read_session(reader, reader.latest_session)
    said = f"Bills of the {session.name}, below an aim on the same issue."
    return [Paragraph([said], quiet=True)]


def _note_absence(reader: Reader) -> list[Block]:
    """What is said of a coalition that backs no bill of the latest session, as far as is known."""
    if not reader.latest_session:
        return []
    session = read_session(reader, reader.latest_session)
    return [Paragraph([f"No page that we read names a bill of the {session.name} that it backs."], quiet=True)]


def _supports(backed: Backed) -> bool:
    return any(p.stance == SUPPORTS for p in backed.positions)


def _split_aims(reader: Reader, iri: str) -> tuple[list[str], list[str]]:
    """The aims that a coalition has, and those that were reached, or that only ended statements of purpose name."""
    near = reader.near
    statements = near.iris(iri, COAL + "hasPurposeStatement")
    ended = _find_ended(reader, statements)
    past = {aim for s in ended for aim in near.iris(s, COAL + "statesAim")}
    past -= {aim for s in statements if s not in ended for aim in near.iris(s, COAL + "statesAim")}
    aims = reader.sort(near.iris(iri, COAL + "seeks"))
    done = [aim for aim in aims if aim in past or near.text(aim, COAL + "achievedOn")]
    return [aim for aim in aims if aim not in done], done


def _place_by_issue(reader: Reader, aims: Sequence[str], proposals: Sequence[Backed]) -> dict[str, list[Backed]]:
    """The proposals that deal with an issue of an aim; each proposal stands below one aim."""
    placed: dict[str, list[Backed]] = {aim: [] for aim in aims}
    for backed in proposals:
        issues = {i for filing in backed.filings for i in reader.near.iris(filing.iri, COAL + "concerns")}
        fits = [aim for aim in aims if issues & set(reader.near.iris(aim, COAL + "concerns"))]
        if fits:
            placed[fits[0]].append(backed)
    return placed


def _describe_aim(reader: Reader, iri: str, aim: str, proposals: Sequence[Backed]) -> Item:
    near = reader.near
    statements = [s for s in near.iris(iri, COAL + "hasPurposeStatement") if aim in near.iris(s, COAL + "statesAim")]
    issues = join([[reader.link(issue)] for issue in reader.sort(near.iris(aim, COAL + "concerns"))])
    about: list[Piece] = [Aside(("Issue: ", *issues))] if issues else []
    below = [proposal_item(reader, backed) for backed in proposals]
    return Item([reader.link(aim), *reader.cites(*(statements or [iri])), *about], below)


def _describe_past_aim(reader: Reader, aim: str) -> Phrase:
    near = reader.near
    day = near.text(aim, COAL + "achievedOn")
    means = join([[reader.link(item)] for item in near.iris(aim, COAL + "achievedBy")])
    said: list[Piece] = [f" – reached {place_date(day)}"] if day else []
    return [reader.link(aim), *said, *([" by ", *means] if means and day else []), *reader.cites(aim)]


# Who is in it


def _describe_members(reader: Reader, iri: str, members: Sequence[Membership]) -> list[Section]:
    """The members as a table, with the other coalitions that each belongs to."""
    if not members:
        return []
    grouped: dict[str, list[Membership]] = defaultdict(list)
    for membership in members:
        grouped[membership.member].append(membership)
    notes = _find_common_notes(members)
    rows = [_describe_member(reader, iri, who, held, notes) for who, held in list(grouped.items())[:SHOWN]]
    remarks: list[Block] = [
        Paragraph([f"{sentence(note)} ({count_of(number, 'row')})"], quiet=True) for note, number in notes.items()
    ]
    table = Table("Members, those that convene it first", ("Organization", "Role, stated"), rows)
    whole = reader.link_filtered("organization", "coalitions", iri)
    read_all = len(members) < MANY
    total = len(grouped) if read_all else reader.near.subjects(n.ORG + "organization", iri).total
    picture = picture_shared_members(reader, iri, grouped)
    blocks: list[Block] = [*picture, table, *remarks, *rest_of(total, SHOWN, whole)]
    return [Section("members", f"Who is in it ({total:,} named)", blocks)]


def _find_common_notes(members: Iterable[Membership]) -> dict[str, int]:
    """The notes that several memberships have, and how many."""
    counts: dict[str, int] = defaultdict(int)
    for membership in members:
        counts[membership.note] += 1
    return {note: number for note, number in counts.items() if note and number > 1}


def _describe_member(
    reader: Reader, iri: str, who: str, held: Sequence[Membership], notes: Mapping[str, int]
) -> list[Phrase]:
    others = set(find_coalitions(reader, who)) - {iri}
    links = join([[reader.link(other)] for other in reader.sort(others)[:ALSO]])
    also: list[Piece] = [Aside(("Also in ", *links))] if links else []
    return [[reader.link(who), *also], [Line(tuple(_describe_role(reader, m, notes))) for m in held]]


def _describe_role(reader: Reader, membership: Membership, known: Mapping[str, int]) -> list[Piece]:
    """The role of a member, how and since when it is held. known: notes that are said elsewhere."""
    said = [membership.role_name or "Member", membership.held, membership.time.removeprefix("stated ")]
    note = membership.note if membership.note not in known else ""
    remark: list[Piece] = [Aside((sentence(note),))] if note else []
    return [", ".join(word for word in said if word), *reader.cites(membership.iri), *remark]


def _describe_own_memberships(reader: Reader, iri: str) -> list[Section]:
    found = read_memberships(reader, iri)
    if not found:
        return []
    return [Section("memberships", "Coalitions it belongs to", [membership_table(reader, found)])]


def membership_table(reader: Reader, memberships: Sequence[Membership]) -> Table:
    """The coalitions that an organization belongs to, as a table."""
    grouped: dict[str, list[Membership]] = defaultdict(list)
    for membership in memberships:
        grouped[membership.coalition].append(membership)
    rows: list[list[Phrase]] = [
        [[reader.link(coalition)], [Line(tuple(_describe_role(reader, m, {}))) for m in held]]
        for coalition, held in list(grouped.items())[:SHOWN]
    ]
    return Table("Coalitions, with the role in each", ("Coalition", "Role, stated"), rows)


# Coalitions near it


def _describe_near(
    reader: Reader, iri: str, members: Sequence[Membership], proposals: Sequence[Backed]
) -> list[Section]:
    """The coalitions that share issues, members or proposals with this one."""
    shared: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    near = reader.near
    for issue in near.iris(iri, COAL + "worksOn"):
        found = near.subjects(COAL + "worksOn", issue, COMMON + 1)
        _share(shared, "issue", near.label(issue), found.iris, iri)
    for member in dict.fromkeys(m.member for m in members):
        _share(shared, "member", near.label(member), find_coalitions(reader, member), iri)
    for backed in filter(_supports, proposals):
        holders = {h for f in backed.filings for h in near.subjects(COAL + "supports", f.iri, COMMON + 1).iris}
        _share(shared, "proposal", backed.family.name, [h for h in holders if reader.kind(h) == "coalition"], iri)
    if not shared:
        return []
    ranked = sorted(shared, key=lambda other: (-sum(map(len, shared[other].values())), near.label(other)))
    items = [Item([reader.link(other), Aside((_describe_shared(shared[other]),))]) for other in ranked[:SHOWN]]
    blocks: list[Block] = [Items(items[:NEAR], style="entries")]
    if items[NEAR:]:
        blocks.append(Fold(f"{len(items) - NEAR} more", [Items(items[NEAR:], style="entries")]))
    return [Section("near", "Coalitions near it", blocks)]


def _share(shared: dict[str, dict[str, list[str]]], what: str, name: str, coalitions: Iterable[str], iri: str) -> None:
    """Note what other coalitions share with one, unless very many do."""
    others = set(coalitions) - {iri}
    if len(others) <= COMMON:
        for other in others:
            if name not in shared[other][what]:
                shared[other][what].append(name)


def _describe_shared(shared: Mapping[str, Sequence[str]]) -> str:
    """What two coalitions share: `2 issues (A, B), 1 member (C)`."""
    said = [
        f"{count_of(len(names), what)} ({', '.join(sorted(names)[:2])}{', …' if names[2:] else ''})"
        for what, names in shared.items()
    ]
    return "Shares " + "; ".join(said)


def _find_missing(reader: Reader, iri: str, members: Sequence[Membership], backed: Sequence[Backed]) -> list[str]:
    """What no page that was read states."""
    near = reader.near
    absent = {
        "what it seeks": not near.iris(iri, COAL + "hasPurposeStatement")
        and not near.texts(iri, COAL + "statedPurpose"),
        "who belongs to it": not members,
        "when it was founded": not near.iris(iri, COAL + "founding"),
        "how large it is": not near.iris(iri, COAL + "sizeClaim"),
        "which bills it backs": not backed,
        "a website of its own": not near.iris(iri, n.FOAF + "homepage"),
    }
    names = [name for name, missing in absent.items() if missing]
    return (
        [f"No page that we read states {', '.join(names[:-1])}{' or ' if names[1:] else ''}{names[-1]}."]
        if names
        else []
    )
