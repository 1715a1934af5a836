"""The page of an aim: who seeks it, what it would change, the bills on its issues that they back."""

from publisher.pages.things.dates import place_date
from publisher.pages.things.model import Aside, Block, Fact, Item, Items, Model, Paragraph, Phrase, Piece, Section
from publisher.pages.things.parts import ballot_section, definition, group_items, proposal_blocks, rest_of
from publisher.pages.things.reader import COAL, SHOWN, Reader, join
from publisher.rdf import namespaces as n


def describe_aim(reader: Reader, iri: str) -> Model:
    """Return what the page of an aim says."""
    near = reader.near
    issues = reader.sort(near.iris(iri, COAL + "concerns"))
    found = near.subjects(COAL + "seeks", iri)
    coalitions = reader.sort(found.iris)
    return Model(
        near.label(iri) or iri,
        "aim",
        [reader.list_link("aim"), *map(reader.link, issues[:1])],
        summary=reader.summary(iri),
        lead=definition(reader, iri),
        facts=_describe_facts(reader, iri, issues),
        sections=[
            *_describe_coalitions(reader, iri, coalitions, found.total),
            *_describe_bills(reader, iri, issues, coalitions),
            *ballot_section(reader, issues, _find_named(reader, iri, coalitions)),
        ],
        gaps=[] if coalitions else ["No coalition in this data set is recorded as seeking it."],
    )


def _describe_facts(reader: Reader, iri: str, issues: list[str]) -> list[Fact]:
    near = reader.near
    change = near.iri(iri, COAL + "changeSought")
    means = join([[reader.link(item)] for item in near.iris(iri, COAL + "achievedBy")])
    day = near.text(iri, COAL + "achievedOn")
    reached: list[Piece] = [place_date(day)[3:]] if day else []
    reached += [" by " if day else "By ", *means] if means else []
    links: list[Phrase] = [[reader.link(issue)] for issue in issues]
    kind: list[Phrase] = [[near.label(change), Aside((near.text(change, n.SKOS + "definition"),))]] if change else []
    judged: list[Phrase] = [[*reader.cites_iris(near.iris(iri, COAL + "classifiedFrom"))]]
    facts = (
        Fact("Issue", links),
        Fact("Kind of change", kind),
        Fact("Reached", [reached] if reached else []),
        Fact("Judged from", judged if judged[0] else []),
    )
    return [fact for fact in facts if fact.values]


def _describe_coalitions(reader: Reader, iri: str, coalitions: list[str], total: int) -> list[Section]:
    """The coalitions that seek an aim, each with the statement of its purpose that names it."""
    if not coalitions:
        return []
    items = [_seek_item(reader, iri, coalition) for coalition in coalitions[:SHOWN]]
    blocks: list[Block] = [Items(items, style="entries"), *rest_of(total, SHOWN)]
    verb = "sought" if _is_reached(reader, iri) else "seek"
    return [Section("coalitions", f"Coalitions that {verb} this ({total:,})", blocks)]


def _is_reached(reader: Reader, iri: str) -> bool:
    return bool(reader.near.text(iri, COAL + "achievedOn") or reader.near.iri(iri, COAL + "achievedBy"))


def _seek_item(reader: Reader, iri: str, coalition: str) -> Item:
    near = reader.near
    statements = near.iris(coalition, COAL + "hasPurposeStatement")
    naming = [s for s in statements if iri in near.iris(s, COAL + "statesAim")]
    text = near.text(naming[0], n.SCHEMA + "text") if naming else reader.summary(coalition)
    rest: list[Piece] = [Aside((text,))] if text else []
    return Item([reader.link(coalition), *reader.cites(*(naming or [coalition])), *rest])


def _find_named(reader: Reader, iri: str, coalitions: list[str]) -> set[str]:
    """What the page names otherwise: what brought an aim about, and what those back that seek it."""
    backed = (item for coalition in coalitions for item in reader.near.iris(coalition, COAL + "supports"))
    return {*reader.near.iris(iri, COAL + "achievedBy"), *backed}


def _describe_bills(reader: Reader, iri: str, issues: list[str], coalitions: list[str]) -> list[Section]:
    """The bills on the issues of an aim that coalitions back which seek it, without what brought it about."""
    means = set(reader.near.iris(iri, COAL + "achievedBy"))
    backed = {bill for coalition in coalitions for bill in reader.near.iris(coalition, COAL + "supports")}
    fitting = [bill for bill in sorted(backed) if set(issues) & set(reader.near.iris(bill, COAL + "concerns"))]
    proposals = group_items(reader, fitting[:SHOWN])
    others = [found for found in proposals if means.isdisjoint(filing.iri for filing in found.family.filings)]
    blocks = proposal_blocks(reader, others, "In the latest session")
    if not blocks:
        return []
    if _is_reached(reader, iri):
        heading, remark = "Other bills on the same issue", "They are backed by a coalition that sought the aim."
    else:
        heading = "Bills that may bring it about"
        remark = "These are on the same issue and backed by a coalition that seeks the aim; no page joins bill and aim."
    return [Section("bills", heading, [*blocks, Paragraph([remark], quiet=True)])]
