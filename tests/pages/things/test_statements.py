"""All statements about a thing: rows, parts and what points to it, limited where there are very many."""

import pytest

from publisher.pages.terms import TermFormatter
from publisher.pages.things import statements
from publisher.pages.things.statements import Statements, StatementsReader
from publisher.release.resources import Resources
from publisher.release.store import Store


def read(store: Store, name: str) -> Statements:
    resources = Resources(store, 100)
    description = resources.describe(store.index.names.iri(f"id/{name}"))
    return StatementsReader(TermFormatter(store.index.names, store.lookup)).read(description, f"doc/{name}")


def test_statements_have_rows_parts_and_references(store: Store) -> None:
    found = read(store, "coalition/fair-wages-coalition")
    assert [kind.text for kind in found.kinds] == ["coalition"]
    [acronym] = [row for row in found.rows if row.name.text == "acronym"]
    assert [value.text for value in acronym.values] == ["FWC"]
    groups = {heading: len(parts) for heading, parts in found.parts}
    assert groups["Memberships"] == groups["Accounts"] == 3
    assert groups["Backings"] == 4
    assert found.referring == sum(len(row.values) for row in found.incoming) > 0
    assert (found.left_out, found.following) == (0, "")


def test_very_many_values_and_parts_are_left_out_and_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read(store, "coalition/fair-wages-coalition")
    monkeypatch.setattr(statements, "MANY", 1)
    found = read(store, "coalition/fair-wages-coalition")
    parts = sum(len(parts) for _, parts in whole.parts)
    values = sum(len(row.values) - 1 for row in whole.rows)
    assert sum(len(parts) for _, parts in found.parts) == 1
    assert {len(row.values) for row in found.rows} == {1}
    assert found.left_out == parts - 1 + values > 10
