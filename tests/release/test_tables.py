"""Tables: which there are, their columns and cells, their metadata, and the same in SQLite."""

import csv
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from publisher.dataset.iris import Names
from publisher.release.tables import SEPARATORS, Column, Tables

BASE = "https://example.org/"
TEXT = """
@prefix : <https://example.org/ns#> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix coal: <https://w3id.org/ma-coalitions/ontology#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix org: <http://www.w3.org/ns/org#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://example.org/id/coalition/a> a coal:Coalition, org:Organization ; skos:prefLabel "A, \\"the\\" first"@en ;
    coal:worksOn <https://example.org/id/issue/y>, <https://example.org/id/issue/x> ; coal:asOf "2025-01-02"^^xsd:date ;
    dcterms:description "one | two"@en, "three"@en ; :description "other" ;
    org:hasMember <https://example.org/id/coalition/a/m/1> .
<https://example.org/id/coalition/b> a coal:Coalition ; skos:prefLabel "B"@en ; coal:asOf "2025"^^xsd:gYear .
<https://example.org/id/issue/x> a coal:Issue ; skos:prefLabel "X"@en .
<https://example.org/id/issue/y> a coal:Issue ; skos:prefLabel "Y"@en .
<https://example.org/id/coalition/a/m/1> a org:Membership ; org:role <https://example.org/id/role/none> .
<https://example.org/other> a coal:Coalition .
"""
PREFIXES = {"dcterms": "http://purl.org/dc/terms/", "ex": BASE + "ns#"}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tables of some statements, and `all.sqlite`."""
    graph = list(ox.parse(TEXT, format=ox.RdfFormat.TURTLE))
    store = ox.Store()
    store.extend(graph)

    def find(s: ox.NamedNode | None, p: ox.NamedNode | None, o: ox.NamedNode | None) -> Iterator[ox.Triple]:
        return (quad.triple for quad in store.quads_for_pattern(s, p, o, None))

    folder = tmp_path_factory.mktemp("tables")
    Tables(find, find, Names(BASE, PREFIXES)).write(folder, folder / "all.sqlite", {"dc:title": "Title"})
    return folder


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_kinds_and_parts_are_tables(written: Path) -> None:
    assert sorted(path.name for path in written.glob("*.csv")) == ["coalition.csv", "issue.csv", "membership.csv"]
    assert [row["iri"] for row in rows(written, "coalition")] == [f"{BASE}id/coalition/a", f"{BASE}id/coalition/b"]


def test_cells_have_values_and_names(written: Path) -> None:
    first, second = rows(written, "coalition")
    assert first == {
        "iri": f"{BASE}id/coalition/a",
        "label": 'A, "the" first',
        "asOf": "2025-01-02",
        "dcterms_description": "one | two || three",
        "ex_description": "other",
        "worksOn": f"{BASE}id/issue/x | {BASE}id/issue/y",
        "worksOn_name": "X | Y",
    }
    assert (second["asOf"], second["worksOn"]) == ("2025", "")


def test_part_states_what_it_belongs_to(written: Path) -> None:
    [row] = rows(written, "membership")
    assert (row["part_of"], row["part_of_name"]) == (f"{BASE}id/coalition/a", 'A, "the" first')
    assert row["role"] == f"{BASE}id/role/none"
    assert "role_name" not in row


def test_lines_end_as_in_rfc_4180(written: Path) -> None:
    assert (written / "issue.csv").read_bytes().splitlines(keepends=True)[0].endswith(b"\r\n")


def test_metadata_describes_every_column(written: Path) -> None:
    metadata = json.loads((written / "csv-metadata.json").read_text())
    assert (metadata["@context"], metadata["dc:title"]) == ("http://www.w3.org/ns/csvw", "Title")
    for table in metadata["tables"]:
        names = [column["name"] for column in table["tableSchema"]["columns"]]
        assert names == (written / table["url"]).read_text(encoding="utf-8").splitlines()[0].split(",")
    columns = {column["name"]: column for column in metadata["tables"][0]["tableSchema"]["columns"]}
    assert columns["dcterms_description"] | {"titles": ""} == {
        "name": "dcterms_description",
        "titles": "",
        "propertyUrl": "http://purl.org/dc/terms/description",
        "lang": "en",
        "separator": " || ",
    }
    assert (columns["worksOn"]["datatype"], columns["worksOn"]["separator"]) == ("anyURI", " | ")
    assert columns["asOf"]["datatype"] == "string"


def test_sqlite_has_the_same_rows(written: Path) -> None:
    connection = sqlite3.connect(written / "all.sqlite")
    connection.row_factory = sqlite3.Row
    for name in ("coalition", "issue", "membership"):
        found = [dict(row) for row in connection.execute(f'SELECT * FROM "{name}" ORDER BY iri')]
        assert found == rows(written, name)
    values = [tuple(row) for row in connection.execute('SELECT * FROM "coalition_worksOn"')]
    assert values == [(f"{BASE}id/coalition/a", f"{BASE}id/issue/{name}", name.upper()) for name in "xy"]
    connection.close()


def test_separator_is_in_no_value() -> None:
    column = Column("p")
    for text in (" | ", " || "):
        column.note([ox.Literal(text), ox.Literal("b")], lambda _: "")
    assert column.join(["a", "b"]) == f"a{SEPARATORS[2]}b"
