"""The columns of lists: for each kind of thing, what its list shows beside the name, as SPARQL patterns."""

from typing import Final, NamedTuple

from publisher.rdf.namespaces import DCTERMS, FOAF, ORG, SCHEMA, SKOS, VOCABULARY

PREFIXES: Final = "".join(
    f"PREFIX {prefix}: <{iri}>\n"
    for prefix, iri in {
        "coal": VOCABULARY,
        "dcterms": DCTERMS,
        "foaf": FOAF,
        "org": ORG,
        "schema": SCHEMA,
        "skos": SKOS,
    }.items()
)
"""The prefixes of the patterns."""
MOST: Final = 9
"""Columns of one kind, at most: so many keys by which a row can be sorted are stored."""


class Column(NamedTuple):
    """A column of a list.

    name: in addresses and in the first row of CSV. title: on pages. pattern: SPARQL that relates `?thing` to each
    `?value`. links: whether values are things rather than texts. counts: whether the cell is the number of values.
    facet: whether the list can be reduced to one value. ranks: whether the list is sorted by how many values there are,
    rather than by the first of them. shown: whether pages show it; CSV and JSON have all columns.
    """

    name: str
    title: str
    pattern: str
    links: bool = False
    counts: bool = False
    facet: bool = False
    ranks: bool = False
    shown: bool = True


def _themes(path: str) -> Column:
    """The top concepts above what a path leads to."""
    pattern = f"?thing {path}/skos:broader* ?value . ?value skos:topConceptOf ?scheme"
    return Column("theme", "Theme", pattern, links=True, facet=True)


OUTCOMES: Final = (VOCABULARY + "outcome", VOCABULARY + "status")
"""The properties that say what came of a bill, a docket or a ballot measure: the first that has a value decides, in
lists and on pages. A status, which is derived, knows of enactments only."""


def _find_outcome(thing: str) -> str:
    """A pattern that relates a variable to what came of it."""
    stated, derived = OUTCOMES
    return (
        f"{{ {thing} <{stated}> ?value }} UNION"
        f" {{ {thing} <{derived}> ?value FILTER NOT EXISTS {{ {thing} <{stated}> ?other }} }}"
    )


_OUTCOME: Final = Column("outcome", "What came of it", _find_outcome("?thing"), links=True, facet=True)
_BACKERS: Final = Column("backers", "Backed by", "?value coal:supports ?thing", links=True, ranks=True)
_SESSION: Final = Column("session", "Session", "?thing coal:session ?value", links=True, facet=True)
_WEBSITE: Final = Column("website", "Website", "?thing foaf:homepage ?value", shown=False)
_ADDRESS: Final = Column("url", "Address", "?thing schema:url ?value", shown=False)
_NUMBER: Final = Column("number", "Number", "?thing schema:legislationIdentifier ?value", shown=False)
_TITLE: Final = Column("title", "Title", "?thing dcterms:title ?value", shown=False)
_IDENTIFIER: Final = Column("identifier", "Identifier", "?thing schema:identifier ?value", shown=False)
_DEFINITION: Final = Column("definition", "What it is", "?thing skos:definition ?value")
_BACKED: Final = Column("bills", "Bills backed", "?thing coal:supports ?value . ?value a coal:Bill", counts=True)

COLUMNS: Final = {
    "agenda": (
        Column("number", "Number", "?thing skos:notation ?value", shown=False),
        Column("coalitions", "Coalitions", "?value coal:advances ?thing", counts=True),
        _DEFINITION,
    ),
    "aim": (
        Column("change", "Change sought", "?thing coal:changeSought ?value", links=True, facet=True),
        Column("issues", "Issues", "?thing coal:concerns ?value", links=True),
        _themes("coal:concerns")._replace(shown=False),
        Column("coalitions", "Sought by", "?value coal:seeks ?thing", links=True, ranks=True),
    ),
    "bill": (
        _NUMBER,
        _TITLE,
        _SESSION,
        _BACKERS,
        _OUTCOME,
        _themes("coal:concerns"),
        _IDENTIFIER,
        _ADDRESS,
    ),
    "coalition": (
        Column("agenda", "Listed under", "?thing coal:advances ?value", links=True, facet=True),
        Column("theme", "Themes", "?thing coal:worksOnTheme ?value", links=True, facet=True),
        Column("members", "Members", "?thing org:hasMember ?value", counts=True),
        _BACKED,
        Column("founded", "Founded", "?thing coal:founding/coal:foundedOn ?value"),
        Column("purpose", "What it seeks", "?thing coal:statedPurpose ?value"),
        Column("acronym", "Acronym", "?thing coal:acronym ?value", shown=False),
        _WEBSITE,
    ),
    "docket": (
        _NUMBER,
        _TITLE,
        _SESSION,
        Column("bill", "Became", "?thing coal:becameBill ?value", links=True),
        _BACKERS,
        _IDENTIFIER,
        _ADDRESS,
    ),
    "issue": (
        Column(
            "theme", "Theme", "?thing skos:broader+ ?value . ?value skos:topConceptOf ?scheme", links=True, facet=True
        ),
        Column("coalitions", "Coalitions", "?value coal:worksOn/skos:broader* ?thing", counts=True),
        Column("bills", "Bills", "?value coal:concerns/skos:broader* ?thing . ?value a coal:Bill", counts=True),
        _DEFINITION,
    ),
    "measure": (
        Column("election", "Election", "?thing coal:electionDate ?value"),
        _OUTCOME,
        _BACKERS,
        Column("opponents", "Opposed by", "?value coal:opposes ?thing", links=True, ranks=True),
        _themes("coal:concerns"),
    ),
    "organization": (
        Column("coalitions", "Member of", "?thing org:memberOf ?value", links=True, facet=True, ranks=True),
        _BACKED,
        _WEBSITE,
    ),
    "place": (_DEFINITION,),
    "proposal": (
        Column("filings", "Filings", "?value coal:filingOf ?thing", counts=True),
        Column("session", "Sessions", "?filing coal:filingOf ?thing ; coal:session ?value", links=True, facet=True),
        Column(
            "backers",
            "Backed by",
            "?filing coal:filingOf ?thing . ?value coal:supports ?filing",
            links=True,
            ranks=True,
        ),
        _OUTCOME._replace(
            title="What came of filings", pattern=f"?filing coal:filingOf ?thing . {_find_outcome('?filing')}"
        ),
        _themes("^coal:filingOf/coal:concerns"),
    ),
    "role": (
        Column("memberships", "Memberships", "?value org:role ?thing", counts=True),
        _DEFINITION,
    ),
    "scheme": (Column("concepts", "Concepts", "?value skos:inScheme ?thing", counts=True),),
    "session": (
        Column("start", "Begins", "?thing schema:startDate ?value"),
        Column("end", "Ends", "?thing schema:endDate ?value"),
        Column("bills", "Bills", "?value coal:session ?thing . ?value a coal:Bill", counts=True),
    ),
    "source": (
        Column("publisher", "Publisher", "?thing dcterms:publisher ?value"),
        Column("kind", "Kind", "?thing coal:quality ?value", links=True, facet=True),
        Column("date", "Date", "?thing dcterms:issued ?value"),
        Column("read", "Read on", "?thing coal:readOn ?value", shown=False),
        _ADDRESS,
    ),
}
"""By kind, in the order of pages and of CSV. A kind that is not here has names only."""
ORDER: Final = {
    "agenda": ("number",),
    "bill": ("-session", "number"),
    "docket": ("-session", "number"),
    "measure": ("-election",),
    "session": ("-start",),
}
"""The order of a list by columns, with `-` for the greatest first; of other kinds, and otherwise, by name."""
