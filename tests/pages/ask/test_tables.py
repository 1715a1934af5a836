"""Tables: columns of IRIs are folded into the names that they belong to."""

from typing import Any

from support.each import each

from publisher.pages.ask.tables import Cell, Table, make_table, title_of
from publisher.pages.terms import DisplayedTerm
from publisher.rdf.namespaces import XSD


def iri(value: str) -> Cell:
    return {"type": "uri", "value": value}


def text(value: str, kind: str = "") -> Cell:
    return {"type": "literal", "value": value} | ({"datatype": XSD + kind} if kind else {})


def table(names: str, *rows: Any) -> Table:
    bindings = [{n: cell for n, cell in zip(names.split(), row, strict=True) if cell} for row in rows]
    show = lambda cell, name, target: DisplayedTerm(cell["value"] if cell else "", target, iri=target)  # noqa: E731
    return make_table(names.split(), bindings, show)


def test_iri_column_is_folded_into_its_names() -> None:
    found = table("coalition n coalitionIri", [text("A"), text("1", "integer"), iri("urn:a")], [text("B"), None, None])
    assert [column.title for column in found.columns] == ["coalition", "n"]
    assert found.folded == ["coalitionIri"]
    assert found.shown == [
        (DisplayedTerm("A", "urn:a", iri="urn:a"), DisplayedTerm("1")),
        (DisplayedTerm("B"), DisplayedTerm("")),
    ]


def test_label_column_takes_the_place_of_its_iris() -> None:
    found = table("aim aimLabel", [iri("urn:a"), text("A")], [iri("urn:b"), text("B")])
    assert [(column.name, column.title) for column in found.columns] == [("aimLabel", "aim")]
    assert found.folded == ["aim"]


@each(
    ("names", "row"),
    [
        ("aIri", [iri("urn:a")]),  # nothing to fold into
        ("a aIri", [iri("urn:a"), iri("urn:b")]),  # not a text
        ("a aIri", [text("A"), text("B")]),  # not an IRI
        ("a aIri", [text("A"), None]),  # never bound
    ],
)
def test_other_columns_stay(names: str, row: list[Cell]) -> None:
    assert table(names, row).folded == []


def test_columns_know_numbers_dates_and_names() -> None:
    rows = [text("1.5", "decimal"), text("1999", "gYear"), text("Name"), text("x" * 91), text("INF", "double")]
    found = table("a b c d e", rows, [None] * 5).columns
    assert [column.numbers for column in found] == [[1.5, None], [], [], [], []]
    assert [column.dates for column in found] == [[], ["1999-01-01", None], [], [], []]
    assert [column.names for column in found] == [False, False, True, False, True]


def test_dates_of_any_precision_are_days() -> None:
    values = {"date": "2023-06-14", "gYearMonth": "2023-06", "dateTime": "2023-06-14T10:00:00Z"}
    for kind, value in values.items():
        assert table("d", [text(value, kind)]).columns[0].dates == [(value + "-01")[:10]]
    assert table("d", [text("-0044", "gYear")]).columns[0].dates == []


def test_variables_become_words() -> None:
    found = [title_of(name) for name in ("agendaNumber", "asOf", "coalition_name", "issueIri", "n", "iri")]
    assert found == ["agenda number", "as of", "coalition name", "issue", "n", "iri"]
