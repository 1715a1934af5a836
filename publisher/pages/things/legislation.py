"""The pages of bills, dockets, proposals and ballot measures: the filings over the sessions, who backs them, events."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from publisher.pages.things.dates import word_date
from publisher.pages.things.model import (
    Aside,
    Block,
    Fact,
    Item,
    Items,
    Line,
    Link,
    Model,
    Paragraph,
    Phrase,
    Piece,
    Section,
    Table,
)
from publisher.pages.things.parts import ballot_section, definition, describe_fate, filing_links, rest_of
from publisher.pages.things.pictures import picture_events, picture_sessions
from publisher.pages.things.proposals import Family, Filing, find_deciding, read_family, read_filing
from publisher.pages.things.reader import COAL, SHOWN, Reader, sentence
from publisher.pages.things.relations import OPPOSES, SUPPORTS, Position, read_positions_on
from publisher.rdf import namespaces as n

LEGISLATURE = "malegislature.gov"
"""The site of the legislature, whose page of a bill comes first."""


def describe_filing(reader: Reader, iri: str) -> Model:
    """Return what the page of a bill or a docket says."""
    family = read_family(reader, iri)
    own = next(filing for filing in family.filings if filing.iri == iri)
    kind = "docket" if own.docket else "bill"
    session = [reader.link(own.session.iri)] if own.session.iri else []
    return Model(
        _name_filing(reader, own),
        kind,
        [reader.list_link(kind), *session],
        summary=_summarize(reader, own),
        lead=[_introduce(reader, own, family)],
        remark=_explain_title(reader, own),
        actions=_find_pages(reader, iri),
        facts=_describe_facts(reader, own, family),
        sections=[
            *_describe_backers(reader, family, own),
            *_describe_events(reader, [own]),
            *_describe_sessions(reader, family, own),
        ],
        gaps=_find_missing(own),
    )


def describe_proposal(reader: Reader, iri: str) -> Model:
    """Return what the page of a proposal says."""
    family = read_family(reader, iri)
    issues = _describe_issues(reader, [filing.iri for filing in family.filings])
    ballots: list[Phrase] = [[reader.link(measure)] for measure in _find_own_ballots(reader, family)]
    own = [Fact("Filed as ballot measure", ballots)] if ballots else []
    titles = list(dict.fromkeys(filing.title for filing in family.filings if filing.title))
    sessions = ", ".join(session.name for session in family.sessions if session.iri)
    lead: list[Phrase] = [[f"One matter, filed in the {sessions}."]] if sessions else []
    return Model(
        reader.near.label(iri) or iri,
        "proposal",
        [reader.list_link("proposal")],
        summary=f"{family.name}: {titles[0] if titles else sessions}.",
        lead=lead,
        remark="The name and the grouping are ours; the titles of the bills are the legislature's.",
        facts=[*issues, *own, *([Fact("Titles", [[title] for title in titles])] if titles else [])],
        sections=[
            *_describe_backers(reader, family, None),
            *_describe_sessions(reader, family, None),
            *_describe_ballots(reader, family),
            *_describe_events(reader, family.filings),
        ],
    )


def _describe_ballots(reader: Reader, family: Family) -> list[Section]:
    """The ballot measures on the issues of a proposal, its own aside, which its facts name."""
    issues = {issue for filing in family.filings for issue in reader.near.iris(filing.iri, COAL + "concerns")}
    return ballot_section(reader, sorted(issues), _find_own_ballots(reader, family))


def _find_own_ballots(reader: Reader, family: Family) -> list[str]:
    return [iri for filing in family.filings for iri in reader.near.subjects(COAL + "filedAs", filing.iri).iris]


def describe_measure(reader: Reader, iri: str) -> Model:
    """Return what the page of a ballot measure says."""
    near, own = reader.near, read_filing(reader, iri)
    family = Family(near.label(iri) or iri, [own])
    election = near.text(iri, COAL + "electionDate")
    facts = [Fact("Outcome", [[own.outcome, *_cite_outcome(reader, own)]])] if own.outcome else []
    if election and word_date(election) not in own.outcome:
        facts.append(Fact("Election", [[word_date(election), *reader.cites(iri)]]))
    filed: list[Phrase] = [[reader.link(other)] for other in near.iris(iri, COAL + "filedAs")]
    facts += [Fact("Filed as", filed)] if filed else []
    return Model(
        family.name,
        "ballot measure",
        [reader.list_link("measure")],
        summary=reader.summary(iri),
        lead=definition(reader, iri),
        actions=_find_pages(reader, iri),
        facts=[*facts, *_describe_issues(reader, [iri]), *_describe_aims(reader, [iri])],
        sections=[*_describe_backers(reader, family, own), *_describe_events(reader, [own])],
        gaps=[] if own.outcome else ["No page that we read states what came of it."],
    )


# What it is


def _name_filing(reader: Reader, own: Filing) -> str:
    """The name of a filing; with the title of a relative where it has none."""
    name = reader.near.label(own.iri) or own.number
    return f"{name}, {own.title}" if own.title and own.title not in name else name


def _explain_title(reader: Reader, own: Filing) -> str:
    return (
        f"The title is that of {reader.number(own.lender)}; no page that we read states its own." if own.lender else ""
    )


def _summarize(reader: Reader, own: Filing) -> str:
    session = f" in the {own.session.name}" if own.session.iri else ""
    fate = f" {sentence(own.fate)}" if own.fate else ""
    return f"{own.title or own.number}, filed{session}.{fate}"


def _introduce(reader: Reader, own: Filing, family: Family) -> Phrase:
    """A sentence: which chamber, which session, which proposal."""
    what = f"A {'docket' if own.docket else 'bill'}{f' of the {own.chamber}' if own.chamber else ''}"
    said: list[Piece] = [what]
    if own.session.iri:
        said += [", filed in the ", reader.link(own.session.iri)]
    if family.proposal:
        said += [". It is a filing of the proposal ", reader.link(family.proposal)]
    return [*said, ".", *reader.cites(own.iri)]


def _find_pages(reader: Reader, iri: str) -> list[Link]:
    """The pages of a filing on other sites, that of the legislature first."""
    near = reader.near
    pages = near.iris(iri, n.SCHEMA + "url") + near.iris(iri, n.SCHEMA + "sameAs")
    links = []
    for page in dict.fromkeys(pages):
        host = reader.outside(page).text.partition("/")[0]
        links.append(reader.outside(page, f"On {host}"))
    return sorted(links, key=lambda link: LEGISLATURE not in link.href)


def _describe_facts(reader: Reader, own: Filing, family: Family) -> list[Fact]:
    """The same bill in the other chamber, what it became, what it goes back to; each relation from this side, once."""
    near, iri = reader.near, own.iri
    relations = (
        (f"Same bill in the {_other_chamber(own)}", _both_ways(reader, iri, "companionOf")),
        ("Became", near.iris(iri, COAL + "becameBill")),
        ("Filed as docket", list(near.subjects(COAL + "becameBill", iri).iris)),
        ("Takes up", near.iris(iri, COAL + "refiledFrom")),
        ("Taken up again by", list(near.subjects(COAL + "refiledFrom", iri).iris)),
        ("New draft of", near.iris(iri, COAL + "redraftedFrom")),
        ("Replaced by", list(near.subjects(COAL + "redraftedFrom", iri).iris)),
        ("Filed as ballot measure", list(near.subjects(COAL + "filedAs", iri).iris)),
    )
    facts = [Fact("Outcome", [[own.fate, *_cite_outcome(reader, own)]])] if own.fate else []
    facts += _describe_issues(reader, [iri])
    titles = {filing.iri: filing.title for filing in family.filings}
    for name, others in relations:
        values: list[Phrase] = [[_link_relative(reader, other, titles)] for other in dict.fromkeys(others)]
        facts += [Fact(name, values)] if values else []
    notes: list[Phrase] = [[note] for note in near.texts(iri, n.SKOS + "note")]
    return [*facts, *([Fact("Note", notes)] if notes else []), *_describe_aims(reader, [iri])]


def _link_relative(reader: Reader, other: str, titles: dict[str, str]) -> Link:
    """A link to a relative; with a title beside its number, its own or a lent one."""
    link = reader.link(other)
    return Link(link.text, link.href, link.iri, link.title or titles.get(other, ""), link.foreign)


def _other_chamber(own: Filing) -> str:
    return {"House": "Senate", "Senate": "House"}.get(own.chamber, "other chamber")


def _both_ways(reader: Reader, iri: str, name: str) -> list[str]:
    return [*reader.near.iris(iri, COAL + name), *reader.near.subjects(COAL + name, iri).iris]


def _describe_issues(reader: Reader, iris: Iterable[str]) -> list[Fact]:
    found = reader.sort(issue for iri in iris for issue in reader.near.iris(iri, COAL + "concerns"))
    return [Fact("Issue" if len(found) == 1 else "Issues", [[reader.link(issue)] for issue in found])] if found else []


def _describe_aims(reader: Reader, iris: Iterable[str]) -> list[Fact]:
    found = reader.sort(aim for iri in iris for aim in reader.near.subjects(COAL + "achievedBy", iri).iris)
    return [Fact("Brought about", [[reader.link(aim)] for aim in found])] if found else []


def _cite_outcome(reader: Reader, own: Filing) -> Sequence[Piece]:
    """The sources of the event that brought the outcome about; else those of the record."""
    events = find_deciding(reader, own.iri)
    return reader.cites(*events) if events or not own.outcome else reader.cites(own.iri)


# Who backs it


def _describe_backers(reader: Reader, family: Family, own: Filing | None) -> list[Section]:
    """Who supports and who opposes a filing or other ones of its matter, coalitions first."""
    filings = sorted(family.filings, key=lambda filing: filing != own)
    positions = [(filing, p) for filing in filings for p in read_positions_on(reader, filing.iri)]
    groups = (
        ("backers", "Backed by", [pair for pair in positions if pair[1].stance == SUPPORTS]),
        ("opponents", "Opposed by", [pair for pair in positions if pair[1].stance == OPPOSES]),
        ("others", "Other positions", [pair for pair in positions if pair[1].stance not in (SUPPORTS, OPPOSES)]),
    )
    single = len(family.filings) == 1
    return [_backer_section(reader, anchor, heading, found, own, single) for anchor, heading, found in groups if found]


def _backer_section(
    reader: Reader,
    anchor: str,
    heading: str,
    found: Sequence[tuple[Filing, Position]],
    own: Filing | None,
    single: bool,
) -> Section:
    holders: dict[str, list[tuple[Filing, Position]]] = defaultdict(list)
    for filing, position in found:
        holders[position.holder].append((filing, position))
    ordered = sorted(reader.sort(holders), key=lambda holder: reader.kind(holder) != "coalition")
    ordered.sort(key=lambda holder: all(filing != own for filing, _ in holders[holder]))
    rows = [_backer_row(reader, holder, holders[holder], single=single) for holder in ordered[:SHOWN]]
    columns = ("Who", "Stated" if single else "Which filing, stated")
    blocks: list[Block] = [Table(heading, columns, rows), *rest_of(len(ordered), SHOWN)]
    if own and not single and any(all(filing != own for filing, _ in pairs) for pairs in holders.values()):
        blocks.append(Paragraph(["Filings of the same proposal are counted too."], quiet=True))
    return Section(anchor, f"{heading} ({len(ordered):,})", blocks)


def _backer_row(reader: Reader, holder: str, found: Sequence[tuple[Filing, Position]], *, single: bool) -> list[Phrase]:
    """Who takes a position, and on which filings, since when; filings of one page and time on one line."""
    together: dict[tuple[str, tuple[str, ...], str], list[Filing]] = defaultdict(list)
    for filing, position in found:
        together[position.time, reader.sources([position.iri]), position.note].append(filing)
    lines: list[Piece] = []
    for (time, sources, note), filings in together.items():
        when = time.removeprefix("stated ")
        said: list[Piece] = [] if single else [*filing_links(reader, filings), ", " if when else ""]
        remark: list[Piece] = [Aside((sentence(note),))] if note else []
        lines.append(Line((*said, when or ("no date" if single else ""), *reader.cites_iris(sources), *remark)))
    return [[reader.link(holder)], lines]


# What came of it


def _describe_events(reader: Reader, filings: Sequence[Filing]) -> list[Section]:
    """The history of filings, the first event first."""
    near = reader.near
    found = [(near.text(e, COAL + "eventDate"), e, f) for f in filings for e in near.iris(f.iri, COAL + "hasEvent")]
    items = [
        Item(_describe_event(reader, event, filing, named=len(filings) > 1))
        for _, event, filing in sorted(found, key=lambda entry: entry[:2])
    ]
    if not items:
        return []
    drawn = picture_events(
        "Events in their time", [_name_event(reader, e, f, named=len(filings) > 1) for _, e, f in found]
    )
    history = Items(items[:SHOWN], ordered=True, style="history")
    return [Section("history", "History", [*drawn, history, *rest_of(len(items), SHOWN)])]


def _name_event(reader: Reader, event: str, filing: Filing, *, named: bool) -> tuple[str, Link]:
    """The date of an event, and what happened; with the filing that it happened to where there are several."""
    name = reader.near.label(reader.near.iri(event, COAL + "eventKind"))
    when = reader.near.text(event, COAL + "eventDate")
    said = ", ".join(text for text in (filing.number, filing.title) if text)
    return when, reader.link(filing.iri, f"{name}: {said}") if named else Link(name)


def _describe_event(reader: Reader, event: str, filing: Filing, *, named: bool) -> Phrase:
    near = reader.near
    day, kind = near.text(event, COAL + "eventDate"), near.iri(event, COAL + "eventKind")
    chamber, result = near.iri(event, COAL + "chamber"), near.iri(event, COAL + "resultedIn")
    note = near.text(event, n.SKOS + "note")
    said: list[Piece] = [f"{word_date(day)}: {near.label(kind)}" if day else near.label(kind)]
    said += [f" ({near.label(chamber)})"] if chamber else []
    said += [": ", reader.link(filing.iri, filing.number, filing.title)] if named else []
    said += [" → ", reader.link(result)] if result else []
    return [*said, *reader.cites(event), *([Aside((note,))] if note else [])]


def _describe_sessions(reader: Reader, family: Family, own: Filing | None) -> list[Section]:
    """The strip of a proposal: its filings by session, the latest first, and what came of them."""
    if len(family.filings) < 2:
        return []
    items = []
    for session in family.sessions:
        filings = family.in_session(session)
        bills = [filing for filing in filings if not filing.docket] or filings
        dockets = [filing for filing in filings if filing.docket and filing not in bills]
        said: list[Piece] = [f"{session.name or 'No session stated'}: ", *filing_links(reader, bills)]
        said += [", from ", *filing_links(reader, dockets)] if dockets else []
        titles = list(dict.fromkeys(filing.title for filing in bills if filing.title))
        asides = [Aside((text,)) for text in (describe_fate(bills), "; ".join(titles)) if text]
        items.append(Item([*said, *asides]))
    strip = Items(items, ordered=True, style="strip")
    return [Section("sessions", "Over the sessions", [*picture_sessions(reader, family), strip])]


def _find_missing(own: Filing) -> list[str]:
    """What is not known of a filing."""
    missing = [] if own.title else ["No page that we read states its title."]
    return missing if own.outcome or own.docket else ["No page that we read states what came of it.", *missing]
